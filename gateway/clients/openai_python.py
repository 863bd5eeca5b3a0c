"""openai (Python): the raw protocol, every event checked by two other clients' own parsers."""

from __future__ import annotations

import asyncio
import base64
import json

from agents.realtime.openai_realtime import get_server_event_type_adapter
from common import Report, address, loudness, pieces, question, silence
from openai import AsyncOpenAI
from pipecat.services.openai.realtime.events import parse_server_event

PATIENCE = 60
PARSED = get_server_event_type_adapter()
report = Report("openai")


async def until(connection, kind: str, seen: list) -> object:
    """Receives up to an event of a kind; every event must be valid and none an error."""
    while True:
        event = await asyncio.wait_for(connection.recv(), PATIENCE)
        text = event.to_json()
        seen.append(event)
        if event.type == "error":
            report.check("no error event", False, text)
        try:
            PARSED.validate_python(json.loads(text))
            if event.type not in ("conversation.item.retrieved",):
                parse_server_event(text)
        except Exception as problem:  # a check, whatever the parser throws
            report.check(f"{event.type} is valid", False, problem)
        if event.type == kind:
            return event


async def speak(connection, samples: bytes) -> None:
    for piece in pieces(samples):
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())


def speech(seen: list) -> bytes:
    return b"".join(base64.b64decode(e.delta) for e in seen if e.type == "response.output_audio.delta")


def transcript(done) -> str:
    return " ".join(c.transcript or c.text or "" for i in done.response.output if i.type == "message" for c in i.content)


async def manual(connection) -> None:
    seen: list = []
    await connection.session.update(
        session={
            "type": "realtime",
            "audio": {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}},
        }
    )
    await until(connection, "session.updated", seen)
    await speak(connection, question("capital"))
    await connection.input_audio_buffer.commit()
    await connection.response.create(response={"metadata": {"turn": "1"}})
    done = await until(connection, "response.done", seen)
    report.check("manual turn: answer", transcript(done) == "The capital of Cuba is Havana.", transcript(done))
    report.check("manual turn: speech", loudness(speech(seen)) > 0.01, loudness(speech(seen)))
    report.check("manual turn: metadata", done.response.metadata == {"turn": "1"}, done.response.metadata)
    heard = [e.transcript for e in seen if e.type == "conversation.item.input_audio_transcription.completed"]
    report.check("manual turn: transcript", len(heard) == 1 and "cuba" in heard[0].lower(), heard)


async def detected(connection) -> None:
    seen: list = []
    await speak(connection, question("opposite") + silence(2))
    done = await until(connection, "response.done", seen)
    report.check("server VAD: answer", transcript(done) == "The opposite of wet is dry.", transcript(done))
    kinds = [e.type for e in seen]
    report.check("server VAD: committed", "input_audio_buffer.committed" in kinds, kinds)


async def tool(connection) -> None:
    seen: list = []
    await connection.session.update(
        session={
            "type": "realtime",
            "audio": {"input": {"turn_detection": None}},
            "tools": [{"type": "function", "name": "get_balance", "parameters": {"account": "string"}}],
        }
    )
    await speak(connection, question("balance"))
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    done = await until(connection, "response.done", seen)
    calls = [i for i in done.response.output if i.type == "function_call"]
    report.check("tool: called", len(calls) == 1 and calls[0].name == "get_balance", done.response.output)
    if not calls:
        return
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": calls[0].call_id, "output": "eighty pounds"}
    )
    await connection.response.create()
    done = await until(connection, "response.done", seen)
    report.check("tool: result spoken", "eighty pounds" in transcript(done), transcript(done))


async def interruption(connection) -> None:
    seen: list = []
    await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    await speak(connection, question("hours"))
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    first = await until(connection, "response.output_audio.delta", seen)
    await connection.response.cancel()
    done = await until(connection, "response.done", seen)
    report.check("cancel: status", done.response.status == "cancelled", done.response.status)
    await connection.conversation.item.truncate(item_id=first.item_id, content_index=0, audio_end_ms=200)
    await until(connection, "conversation.item.truncated", seen)
    await connection.conversation.item.retrieve(item_id=first.item_id)
    await until(connection, "conversation.item.retrieved", seen)
    await speak(connection, question("capital"))
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    done = await until(connection, "response.done", seen)
    report.check("cancel: goes on", transcript(done) == "The capital of Cuba is Havana.", transcript(done))


async def written(connection) -> None:
    seen: list = []
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "what is the opposite of wet"}]}
    )
    await connection.response.create()
    done = await until(connection, "response.done", seen)
    report.check("text: answer", "dry" in transcript(done), transcript(done))


async def main() -> None:
    where = address()
    client = AsyncOpenAI(
        api_key=where["key"],
        base_url=where["realtime"] + "/v1",
        websocket_base_url=where["realtime"].replace("http", "ws", 1) + "/v1",
    )
    models = [model.id async for model in client.models.list()]
    report.check("models", len(models) > 0, models)
    secret = await client.realtime.client_secrets.create(session={"type": "realtime", "model": "nano"})
    report.check("client secret", secret.value.startswith("ek_"))
    for turn in (manual, detected, tool, interruption, written):
        async with client.realtime.connect(model="nano") as connection:
            await until(connection, "session.created", [])
            await turn(connection)


asyncio.run(main())
report.end()
