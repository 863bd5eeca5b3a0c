"""Twilio's side of calls, simulated by streamdouble: handshakes signed by the vendor's own validator, scripted calls, loss and jitter.

``ANTIPHON_GATEWAY`` names the gateway as for the other scripts, with ``phone`` (ws://host:port/phone): its trunk ``twilio`` has the auth
token ``key``; without ``phone`` nothing is run.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from common import Report, address, loudness, question
from twilio.request_validator import RequestValidator

RATE = 8_000
SCENARIOS = Path(__file__).parent / "twilio"


class SignedLine:
    """Passes connections on to the gateway with the signature that Twilio sends and streamdouble does not know."""

    def __init__(self, url: str, signature: str) -> None:
        host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
        self.target = (host, int(port))
        self.header = f"X-Twilio-Signature: {signature}\r\n".encode()

    async def open(self) -> int:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"host:")]
        host = f"Host: {self.target[0]}:{self.target[1]}".encode()
        far_writer.write(b"\r\n".join([*lines, host]) + b"\r\n" + self.header + b"\r\n")
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


def record(path: Path, name: str) -> None:
    """A recorded question as a telephone sends it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(question(name, RATE))


def heard(path: Path) -> float:
    """Loudness of what the caller heard."""
    if not path.exists():
        return 0.0
    with wave.open(str(path)) as file:
        return loudness(file.readframes(file.getnframes()))


async def call(scenario: Path, port: int, path: str, reply: Path, *options: str) -> tuple[int, dict]:
    """Exit code of streamdouble, and what it measured."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("streamdouble")), "scenario", str(scenario), f"ws://127.0.0.1:{port}{path}",
        "--json", "--param", "from=+4930123456", "--out", str(reply), *options,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, problems = await process.communicate()
    sys.stderr.write(problems.decode())
    try:
        return process.returncode, json.loads(out)
    except json.JSONDecodeError:
        return process.returncode, {"output": out.decode()[-500:]}


async def main() -> None:
    gateway = address()
    if "phone" not in gateway:
        print("skipped: the gateway names no phone")
        return
    report = Report("streamdouble")
    stream = "http" + gateway["phone"].removeprefix("ws").removeprefix("http") + "/twilio/media"
    validator = RequestValidator(gateway["key"])
    right = await SignedLine(stream, validator.compute_signature("ws" + stream.removeprefix("http"), {})).open()
    wrong = await SignedLine(stream, RequestValidator("another").compute_signature(stream, {})).open()
    path = "/" + stream.removeprefix("http://").partition("/")[2]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for scenario in SCENARIOS.glob("*.yaml"):
            shutil.copy(scenario, work)
        record(work / "question.wav", "capital")
        record(work / "second.wav", "opposite")
        runs = [
            ("question", "question", ()),
            ("keys", "keys", ()),
            ("loss and jitter", "question", ("--packet-loss", "0.01", "--jitter", "30", "--chaos-seed", "1")),
            ("hang-up", "hangup", ("--allow-no-audio",)),
        ]
        if os.environ.get("ANTIPHON_SPEECH_DETECTION"):
            runs.append(("interruption", "interrupt", ()))
        for name, scenario, options in runs:
            reply = work / f"reply-{name.replace(' ', '-')}.wav"
            code, figures = await call(work / f"{scenario}.yaml", right, path, reply, *options)
            report.check(f"{name}: scenario", code == 0, json.dumps(figures)[:300])
            if scenario in ("question", "keys"):
                report.check(f"{name}: answer heard", heard(reply) > 0.01, heard(reply))
        code, _ = await call(work / "question.yaml", wrong, path, work / "none.wav")
        report.check("wrong signature: refused", code != 0 and heard(work / "none.wav") == 0, code)
    report.end()


asyncio.run(main())
