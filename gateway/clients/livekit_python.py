"""livekit-plugins-openai: the model's session as an agent uses it, with its socket killed in mid-session."""

from __future__ import annotations

import asyncio

from common import RATE, Line, Report, address, loudness, pieces, question, silence
from livekit import rtc
from livekit.agents import llm
from livekit.plugins import openai
from openai.types.beta.realtime.session import TurnDetection

PATIENCE = 60
report = Report("livekit")


async def collect(generation) -> tuple[str, bytes, list]:
    """Text, speech and calls of one answer."""
    text, speech, calls = "", b"", []

    async def messages() -> None:
        nonlocal text, speech
        async for message in generation.message_stream:
            async def words() -> None:
                nonlocal text
                async for piece in message.text_stream:
                    text += piece

            async def sound() -> None:
                nonlocal speech
                async for frame in message.audio_stream:
                    speech += bytes(frame.data)

            await asyncio.gather(words(), sound())

    async def functions() -> None:
        async for call in generation.function_stream:
            calls.append(call)

    await asyncio.wait_for(asyncio.gather(messages(), functions()), PATIENCE)
    return text, speech, calls


async def main() -> None:
    where = address()
    line = Line(where["realtime"])
    model = openai.realtime.RealtimeModel(
        base_url=await line.open() + "/v1",
        api_key=where["key"],
        model="nano",
        turn_detection=TurnDetection(type="server_vad", silence_duration_ms=500, create_response=True, interrupt_response=True),
    )
    session = model.session()
    generations: asyncio.Queue = asyncio.Queue()
    heard: asyncio.Queue = asyncio.Queue()
    session.on("generation_created", generations.put_nowait)
    session.on("input_audio_transcription_completed", lambda e: heard.put_nowait(e.transcript))
    cut = False

    def failed(error) -> None:
        # That a killed connection is told of is right; anything else is not.
        if not cut:
            report.check("no error event", False, error)

    session.on("error", failed)

    def speak(name: str) -> None:
        for piece in pieces(question(name) + silence(2)):
            session.push_audio(rtc.AudioFrame(data=piece, sample_rate=RATE, num_channels=1, samples_per_channel=len(piece) // 2))

    speak("opposite")
    generation = await asyncio.wait_for(generations.get(), PATIENCE)
    text, speech, _ = await collect(generation)
    report.check("server VAD: answer", "opposite" in text.lower(), text)
    report.check("server VAD: speech", loudness(speech) > 0.01, len(speech))
    transcript = await asyncio.wait_for(heard.get(), PATIENCE)
    report.check("server VAD: transcript", "opposite" in transcript.lower(), transcript)

    context = llm.ChatContext.empty()
    context.add_message(role="user", content="what is the opposite of wet", id="item_mine_1")
    await asyncio.wait_for(session.update_chat_ctx(context), PATIENCE)
    report.check("history: item confirmed", session.chat_ctx.get_by_id("item_mine_1") is not None)
    reply = await asyncio.wait_for(session.generate_reply(), PATIENCE)
    text, _, _ = await collect(reply)
    report.check("generate_reply", len(text) > 0, text)
    while not generations.empty():
        generations.get_nowait()

    # LiveKit opens a new connection after a loss and puts all history into it.
    reconnected = asyncio.Event()
    session.on("session_reconnected", lambda _: reconnected.set())
    cut = True
    line.cut()
    await asyncio.wait_for(reconnected.wait(), PATIENCE)
    speak("capital")
    generation = await asyncio.wait_for(generations.get(), PATIENCE)
    text, _, _ = await collect(generation)
    report.check("socket killed: goes on", len(text) > 0, text)
    report.check("socket killed: history kept", session.chat_ctx.get_by_id("item_mine_1") is not None)
    await session.aclose()


asyncio.run(main())
report.end()
