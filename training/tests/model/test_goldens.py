"""The architecture against reference cases: the same log-mel, hidden states and ids as the released code's."""
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from antiphon.model import LogMel, load
from antiphon.model.generation import generate

REPOSITORY = Path(__file__).resolve().parents[3]


def golden_directories():
    """Folders of the repository that hold a checkpoint beside its cases."""
    return sorted(p.parent for p in REPOSITORY.glob("model-runtime/src/test/resources/**/cases.safetensors")
                  if (p.parent / "model.safetensors").exists())


@pytest.fixture(scope="module", params=golden_directories(), ids=lambda p: p.name)
def golden(request):
    tensors = load_file(request.param / "cases.safetensors")
    cases = json.loads((request.param / "cases.json").read_text())
    return load(request.param), tensors, [c["case"] for c in cases]


def test_cases_are_there():
    assert golden_directories()


def test_log_mel(golden):
    _, tensors, cases = golden
    for case in cases:
        assert torch.allclose(LogMel()(tensors[f"{case}.wav"]).T, tensors[f"{case}.mel"], atol=1e-4)


@torch.no_grad()
def test_hidden_and_text_logits(golden):
    model, tensors, cases = golden
    for case in cases:
        ids = tensors[f"{case}.prompt_ids"].long()
        x = model.embed(ids)[None]
        x[0, ids == model.c.special.audio] = tensors[f"{case}.groups"]
        hidden, _ = model.llm(x)
        assert torch.allclose(hidden[0], tensors[f"{case}.hidden"], atol=1e-4)
        logits = model.language_model.logits(hidden[0, -1])
        assert torch.allclose(logits, tensors[f"{case}.text_logits"], atol=1e-3)


@pytest.mark.parametrize("mode", ["speech", "text"])
def test_greedy_ids_of_all_cases_in_one_batch(golden, mode):
    model, tensors, cases = golden
    prompts = [tensors[f"{c}.prompt_ids"].long() for c in cases]
    groups = [tensors[f"{c}.groups"] for c in cases]
    spoken = mode == "speech"
    answers = generate(model, prompts, groups, speech=spoken, force_speech=spoken, limit=24)
    for case, answer in zip(cases, answers):
        assert answer.text == tensors[f"{case}.{mode}.text_ids"].tolist()
        if spoken:
            assert answer.speech == tensors[f"{case}.speech.speech_ids"].tolist()
