"""Reference checkpoints with their cases, and bundles of them."""

import json
from pathlib import Path

import pytest

from antiphon.export.bundle import Options, write_bundle
from antiphon.export.host import Bundle

GOLDENS = Path(__file__).parents[3] / "model-runtime/src/test/resources/goldens"


@pytest.fixture(scope="session", params=["a", "b", "c"])
def golden(request) -> Path:
    """Folder of a reference checkpoint with its cases and its committed bundle."""
    return GOLDENS / request.param


@pytest.fixture(scope="session")
def exported(golden, tmp_path_factory) -> Path:
    """A bundle that was just exported from the reference checkpoint."""
    folder = tmp_path_factory.mktemp(golden.name) / golden.name
    write_bundle(golden, folder, Options(conversational=False))
    return folder


@pytest.fixture(scope="session")
def bundle(exported) -> Bundle:
    return Bundle(exported)


@pytest.fixture(scope="session")
def prompt(golden, bundle):
    """Prompt ids and group embeddings of the reference's fourth case."""
    from safetensors.numpy import load_file

    values = load_file(golden / "cases.safetensors")
    return values["3.prompt_ids"].astype("int64"), values["3.groups"]


@pytest.fixture
def configuration(golden) -> dict:
    """The reference checkpoint's config.json, to be changed freely."""
    return json.loads((golden / "config.json").read_text())
