"""The model card: from figures alone, and silent about nothing that was not measured."""
import json
import shutil

import pytest

from antiphon.evaluate import card
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.configuration import SpecialTokens, toy

QUESTIONS = {"all": {"recordings": 2, "wer": {"errors": 1, "words": 10, "rate": 0.1}, "answers_exact": {"right": 1, "of": 2, "share": 0.5}},
             "voice flite rms": {"recordings": 2, "wer": {"errors": 1, "words": 10, "rate": 0.1}},
             "intent capital": {"recordings": 2, "answers_exact": {"right": 1, "of": 2, "share": 0.5}}}
DATAFLOW = {"conversations": 2, "failed": 0, "questions": QUESTIONS,
            "speech": {"answers": 2, "endless": 0, "short": 0, "stuck": None, "silent": 1, "faulty": []}}


@pytest.fixture
def checkpoint_folder(tmp_path):
    special = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)
    model = DialogueModel(toy(special, 60))
    checkpoint.save(model, tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "detokenizer.safetensors").write_bytes(bytes(2_000_000))
    (tmp_path / "checkpoint" / "README.md").write_bytes(bytes(5_000_000))
    return tmp_path / "checkpoint", sum(p.numel() for p in model.parameters())


@pytest.fixture
def runs(tmp_path):
    for stage in (*card.STAGES, "joint"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "configuration.json").write_text(json.dumps({"minutes": 10}))
        lines = [{"step": 0, "left_s": 600}, {"step": 50, "left_s": 300, "audio": 36.0}, {"step": 100, "left_s": 60, "audio": 36.0}]
        for folder in (tmp_path / stage, tmp_path / stage / "worker1"):
            if stage == "joint" or folder.name == stage:
                folder.mkdir(exist_ok=True)
                (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_sizes_and_costs_come_from_files_and_logs(checkpoint_folder, runs):
    folder, parameters = checkpoint_folder
    made = card.sizes(folder, folder)
    assert sum(made["parameters"].values()) == parameters
    assert 2_000_000 < made["bytes"]["everything"] < 5_000_000
    assert card.training(runs / "joint")["joint"] == {"minutes": 9.0, "processes": 2, "steps": 200, "hours_heard": 2.0}


def test_a_training_that_went_on_counts_only_what_came_after(runs):
    shutil.copytree(runs / "joint", runs / "longer")
    (runs / "longer" / "configuration.json").write_text(json.dumps({"minutes": 15}))
    with open(runs / "longer" / "log.jsonl", "a") as log:
        for line in ({"step": 100, "left_s": 360, "renderings": 8}, {"step": 130, "left_s": 0, "audio": 120.0}):
            log.write(json.dumps(line) + "\n")
    shutil.rmtree(runs / "longer" / "worker1")
    assert card.training(runs / "joint")["longer"] == {"minutes": 6.0, "processes": 1, "steps": 30, "hours_heard": 1.0}


def test_stages_without_a_log_are_left_out(runs):
    shutil.rmtree(runs / "speaking")
    assert list(card.training(runs / "joint")) == ["text", "listening", "joint"]


def test_the_card_tells_figures_with_counts_and_what_was_not_measured(checkpoint_folder, runs):
    figures = {"sizes": card.sizes(checkpoint_folder[0], checkpoint_folder[0]), "training": card.training(runs / "joint"), "examples": [],
               "dataflow": DATAFLOW}
    text = card.card(figures)
    assert "| plain answers exact | 50.0 % (1 of 2) |" in text and "| – flite `rms` alone |  |  | 10.0 % (1 of 10) |" in text
    assert "| flite rms | 10.0 % (1 of 10) |" in text and "| capital | 50.0 % (1 of 2) |" in text
    assert "of 2 spoken answers 0 endless or far too long, 0 far too short, 1 silent." in text
    assert text.lower().count("not measured") == 8 and "$" not in text
    assert all(len(line) <= 160 or line.startswith("|") for line in text.splitlines())


def test_the_card_tells_styles_listening_and_what_people_and_tools_send():
    voice = {"count": 2, "wer": {"errors": 1, "words": 8, "rate": 0.125}, "without_error": {"right": 1, "of": 2, "share": 0.5}, "ovrl": {"median": 3.1, "p10": 2.9}}
    assert "| the teacher's voice, the same texts | 12.5 % (1 of 8) | 50.0 % (1 of 2) | 3.10 | 2.90 |" in card.listening_text({"answers": voice, "teacher": voice})
    styles = card.styles_text({"text": [3, 4], "moved": {"pace": [1, 2], "all": [0, 4]}, "named": [0, 0]})
    assert "| words of the answer exact | 75.0 % (3 of 4) |" in styles and "every measure of the style | 0.0 % (0 of 4) |" in styles and "level | – |" in styles
    robust = card.robustness_text({"written": {"exact": {"value result": [9, 10]}, "calls_not_offered": [1, 20]},
                                   "quiet": {"answered": [2, 50], "called": [0, 50], "transcribed": [1, 50]}, "understanding": {"man_or_woman": [4, 5]}})
    assert "| – the value spoken rightly | 90.0 % (9 of 10) |" in robust and "| calls of a tool that was not offered | 5.0 % (1 of 20) |" in robust
    assert "tool calls | 0.0 % (0 of 50) |" in robust and "| four-choice questions about a recording: man or woman | 80.0 % (4 of 5) |" in robust


def test_parity_counts_cases_not_stages():
    text = "ok         0.mel   x\nok         0.encoder   x\nok         1.mel   x\nDIFFERENT  1.groups   x\n3 of 4 passed\n"
    assert card.parity_figures(text) == {"cases": 2, "agreeing": 1}
