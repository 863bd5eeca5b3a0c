"""pipecat: the service in a pipeline, with turns found by the server and a tool."""

from __future__ import annotations

import asyncio

from common import RATE, Report, address, loudness, pieces, question, silence
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import ErrorFrame, InputAudioRawFrame, LLMRunFrame, TTSAudioRawFrame, TTSTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    InputAudioTranscription,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService

PATIENCE = 60
report = Report("pipecat")


class Sink(FrameProcessor):
    """Keeps what the service gives."""

    def __init__(self) -> None:
        super().__init__()
        self.speech = bytearray()
        self.words: list[str] = []
        self.changed = asyncio.Event()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.speech += frame.audio
        elif isinstance(frame, TTSTextFrame):
            self.words.append(frame.text)
        elif isinstance(frame, ErrorFrame):
            report.check("no error frame", False, frame.error)
        self.changed.set()
        await self.push_frame(frame, direction)

    async def until(self, condition) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
            return True
        except TimeoutError:
            return False


async def main() -> None:
    where = address()
    asked: list = []
    service = OpenAIRealtimeLLMService(
        api_key=where["key"],
        base_url=where["realtime"].replace("http", "ws", 1) + "/v1/realtime",
        settings=OpenAIRealtimeLLMService.Settings(
            model="nano",
            session_properties=SessionProperties(
                audio=AudioConfiguration(
                    input=AudioInput(
                        transcription=InputAudioTranscription(),
                        turn_detection=TurnDetection(type="server_vad", silence_duration_ms=500),
                    )
                )
            ),
        ),
    )

    async def get_balance(params):
        asked.append(dict(params.arguments))
        await params.result_callback("eighty pounds")

    service.register_function("get_balance", get_balance)
    tools = ToolsSchema(standard_tools=[FunctionSchema(name="get_balance", description="The balance of an account.", properties={"account": {"type": "string"}}, required=["account"])])
    # As in pipecat's own examples the context is given to the service before the caller speaks. Given after the first turn, pipecat
    # packs all of it as JSON into one message, which nano cannot read.
    context = LLMContext([{"role": "user", "content": "what is the opposite of wet"}], tools)
    pair = LLMContextAggregatorPair(context)
    sink = Sink()
    task = PipelineTask(
        Pipeline([pair.user(), service, sink, pair.assistant()]),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
    )
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))

    async def speak(name: str) -> None:
        for piece in pieces(question(name) + silence(2)):
            await task.queue_frame(InputAudioRawFrame(audio=piece, sample_rate=RATE, num_channels=1))

    await task.queue_frame(LLMRunFrame())
    report.check("answer to the context", await sink.until(lambda: "dry" in " ".join(sink.words)), sink.words)
    await speak("balance")
    report.check("tool", await sink.until(lambda: asked), asked)
    report.check("answer with the tool's result", await sink.until(lambda: "eighty" in " ".join(sink.words)), sink.words)
    report.check("speech", await sink.until(lambda: loudness(bytes(sink.speech)) > 0.01), len(sink.speech))
    said = [str(m.get("content", "")) for m in context.get_messages() if m.get("role") == "user"]
    report.check("transcript", any("balance" in text.lower() for text in said), said)
    await task.cancel()
    await asyncio.wait([running], timeout=10)


asyncio.run(main())
report.end()
