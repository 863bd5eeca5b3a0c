"""What the clients' scripts share: the samples, where the gateway is, and how a check is told."""

from __future__ import annotations

import asyncio
import audioop
import json
import os
import sys
import wave
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
RATE = 24_000
PIECE_MILLIS = 20


def address() -> dict[str, str]:
    """The line that ``./antiphon gateway --json`` printed: realtime (http://host:port) and key."""
    return json.loads(os.environ["ANTIPHON_GATEWAY"])


def question(name: str, rate: int = RATE) -> bytes:
    """A recorded question as 16-bit samples."""
    with wave.open(str(SAMPLES / f"{name}.wav")) as recording:
        data = recording.readframes(recording.getnframes())
        return audioop.ratecv(data, 2, 1, recording.getframerate(), rate, None)[0]


def pieces(samples: bytes, rate: int = RATE) -> list[bytes]:
    """Pieces of 20 ms."""
    size = rate * PIECE_MILLIS // 1000 * 2
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def silence(seconds: float, rate: int = RATE) -> bytes:
    return bytes(2 * int(seconds * rate))


def loudness(samples: bytes) -> float:
    """Root mean square, 1 is full scale."""
    return audioop.rms(samples, 2) / 32768 if samples else 0.0


class Line:
    """Passes TCP connections on to the gateway until somebody cuts them."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self.target = (host, int(port))
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: set[asyncio.Task] = set()

    async def open(self) -> str:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        self.writers += [writer, far_writer]
        for pair in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._copy(*pair))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    def cut(self) -> None:
        """Breaks all connections off, without a good-bye."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


class Report:
    """Counts checks; exit code 0 only if all held."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.failed = 0

    def check(self, name: str, holds: bool, detail: object = "") -> None:
        self.failed += not holds
        print(json.dumps({"client": self.client, "check": name, "ok": bool(holds), "detail": str(detail)[:300]}))
        sys.stdout.flush()

    def end(self) -> None:
        sys.exit(1 if self.failed else 0)
