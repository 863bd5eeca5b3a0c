"""openai-agents: a session with a tool, turns found by the server, and an interruption."""

from __future__ import annotations

import asyncio

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner
from common import Report, address, loudness, pieces, question, silence

PATIENCE = 60
report = Report("openai-agents")
asked: list[str] = []


@function_tool
def get_balance(account: str) -> str:
    """The balance of an account."""
    asked.append(account)
    return "eighty pounds"


async def speak(session, name: str) -> None:
    for piece in pieces(question(name) + silence(2)):
        await session.send_audio(piece)


async def main() -> None:
    where = address()
    runner = RealtimeRunner(starting_agent=RealtimeAgent(name="bank", tools=[get_balance]))
    session = await runner.run(
        model_config={
            "url": where["realtime"].replace("http", "ws", 1) + "/v1/realtime?model=nano",
            "api_key": where["key"],
            "initial_model_settings": {
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500, "interrupt_response": True},
            },
        }
    )
    speech = bytearray()
    texts: list[str] = []
    users: list[str] = []
    ended = False
    async with session:
        await speak(session, "balance")
        async with asyncio.timeout(PATIENCE):
            async for event in session:
                if event.type == "error":
                    report.check("no error event", False, event.error)
                elif event.type == "audio":
                    speech += event.audio.data
                elif event.type == "history_updated":
                    messages = [i for i in event.history if i.type == "message"]
                    texts = [c.transcript for i in messages if i.role == "assistant" for c in i.content if getattr(c, "transcript", None)]
                    users = [c.transcript for i in messages if i.role == "user" for c in i.content if getattr(c, "transcript", None)]
                elif event.type == "audio_end":
                    ended = True
                elif event.type == "agent_end" and ended:
                    break
        report.check("tool", len(asked) == 1 and "business" in asked[0], asked)
        report.check("the tool's result spoken", any("eighty pounds" in text for text in texts), texts)
        report.check("speech", loudness(bytes(speech)) > 0.01, len(speech))
        report.check("what the caller said", any("balance" in text.lower() for text in users), users)
        await speak(session, "hours")
        async with asyncio.timeout(PATIENCE):
            async for event in session:
                if event.type == "error":
                    report.check("no error event", False, event.error)
                elif event.type == "audio":
                    await session.interrupt()
                elif event.type == "audio_interrupted":
                    break
        report.check("interruption", True)


asyncio.run(main())
report.end()
