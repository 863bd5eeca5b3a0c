import json
import random

import numpy as np
import pytest

from antiphon.data import callers, concatenative, dialogues, evaluation_set, packages, paths, phones, voices


class ToneCaller:
    """Speaks every word as 0.1 s of one sine."""

    name = "tone"

    def speak(self, texts):
        return [(np.round(8000 * np.sin(np.arange(1600 * len(text.split())) / 5)).astype(np.int16), [[0, "aa"]]) for text in texts]


@pytest.fixture
def corpus_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CALLERS", tmp_path)
    return tmp_path


def test_a_corpus_holds_a_segment_for_every_spoken_turn(corpus_folder):
    rows = dialogues.build("train", 20, seed=6)
    count, seconds = callers.build("tones", rows, lambda generator: ToneCaller(), seed=1)
    audio = np.fromfile(corpus_folder / "tones.pcm", np.int16)
    index = [json.loads(line) for line in (corpus_folder / "tones.jsonl").read_text().splitlines()]
    segments = [segment for row in index for segment in row["segments"]]
    assert count == len(index) == 20
    assert [row["dialogue"] for row in index] == [row["id"] for row in rows]
    assert [segment["text"] for segment in segments] == [turn["user"] for row in rows for turn in row["turns"] if turn["user"]]
    assert sum(segment["samples"] for segment in segments) == len(audio) == round(seconds * 16_000)
    assert not list(corpus_folder.glob("*.part"))


def test_a_corpus_stops_after_its_hours(corpus_folder):
    rows = dialogues.build("train", 200, seed=6)
    count, seconds = callers.build("short", rows, lambda generator: ToneCaller(), seed=1, hours=10 / 3600)
    assert count < 200 and 10 <= seconds < 15


def test_an_interrupted_corpus_goes_on_to_the_same_bytes(corpus_folder):
    rows = dialogues.build("train", 12, seed=6)
    callers.build("tones", rows, lambda generator: ToneCaller(), seed=1)
    whole = [(corpus_folder / f"tones.{kind}").read_bytes() for kind in ("pcm", "jsonl")]
    lines = whole[1].decode().splitlines(keepends=True)
    (corpus_folder / "tones.jsonl.part").write_text("".join(lines[:5]) + lines[5][:20])
    (corpus_folder / "tones.pcm.part").write_bytes(whole[0][: 2 * json.loads(lines[5])["segments"][0]["offset"] + 100])
    callers.build("tones", rows, lambda generator: ToneCaller(), seed=1)
    assert [(corpus_folder / f"tones.{kind}").read_bytes() for kind in ("pcm", "jsonl")] == whole
    (corpus_folder / "tones.jsonl.part").write_text("".join(lines[:2]))
    with pytest.raises(ValueError, match=f"holds {rows[0]['id']}, expected {rows[1]['id']}"):
        callers.build("tones", rows[1:], lambda generator: ToneCaller(), seed=1)


def test_natural_callers_never_draw_a_held_out_voice(monkeypatch):
    names = {name: None for name in (*voices.HELD_OUT_KOKORO, "af_bella", "bm_george")}
    monkeypatch.setattr(packages, "kokoro_voices", lambda: names)
    generator = random.Random(2)
    drawn = {voices.natural_caller(generator).voice for _ in range(200)}
    assert drawn == {"af_bella", "bm_george"}
    assert {voices.hibari_caller(generator).engine for _ in range(20)} == {voices.HIBARI}
    assert {voices.held_out_natural_caller(generator).voice for _ in range(200)} == set(voices.HELD_OUT_KOKORO)


def test_a_neural_caller_has_labels_of_the_inventory_and_the_pace_asked_for():
    spoken = {size: voices.Caller(voices.HIBARI, "heart", 1.0, tract=size).speak(["what is the capital of france"])[0] for size in (0.9, 1.1)}
    for samples, labels in spoken.values():
        assert {label for _, label in labels} <= set(phones.INVENTORY) and labels[0] == [0, "sil"]
        assert labels == sorted(labels) and labels[-1][0] < len(samples) / 16
    assert 0.85 < len(spoken[0.9][0]) / len(spoken[1.1][0]) < 1.15


def test_phones_move_with_the_silence_around_an_utterance():
    samples = np.zeros(16_000, np.int16)
    samples[8000:12_000] = 5000
    for seed in range(40):
        moved, labels = callers.edge_silence(samples, [[0, "sil"], [500, "aa"], [750, "sil"]], random.Random(seed))
        start = 1000 * np.flatnonzero(moved)[0] / 16_000
        assert abs(dict((label, time) for time, label in labels)["aa"] - start) <= 1


def test_punctuation_never_changes_the_words():
    for seed in range(50):
        text = callers.written("what is the capital of france", random.Random(seed))
        assert text.replace(",", "").replace("?", "").replace(".", "") == "what is the capital of france"


def test_training_never_draws_a_held_out_voice():
    generator = random.Random(2)
    known = {voices.training_caller(generator).voice for _ in range(5000)}
    held_out = {voices.held_out_caller(generator).voice for _ in range(500)}
    assert {"rms", "ked_diphone"} <= held_out
    assert not known & held_out
    assert not {voice.partition("+")[2] for voice in known} & set(voices.HELD_OUT_VARIANTS)


def test_every_engine_gives_labels_of_one_inventory():
    assert phones.label([(0, phones.from_ipa("")), (10, phones.from_ipa("ˈaɪ")), (30, phones.from_ipa("ɾ"))]) == [
        [0, "sil"], [10, "ay"], [30, "d"]]
    assert concatenative.flite_phones("pau:0.269 w:0.356 ah:0.450 t:0.494 ") == [[0, "sil"], [269, "w"], [356, "ah"], [450, "t"]]
    assert concatenative.festival_phones("#\n 0.22 100 pau\n 0.3 100 hh\n 0.4 100 axr\n") == [[0, "sil"], [220, "hh"], [300, "er"]]
    assert {phones.from_ipa(name) for name in phones._IPA} <= set(phones.INVENTORY)


def test_unknown_phones_are_left_out():
    assert phones.label([(0, phones.from_ipa("q̃")), (5, "aa"), (9, "aa")]) == [[5, "aa"]]


def test_recordings_and_manifest_agree(tmp_path):
    turns = dialogues.DialogueBuilder(dialogues.load_domain(), "test", "t").question("balance")
    row = evaluation_set.entry("000", turns, "tone")
    evaluation_set.write_recordings(tmp_path, [(row, ToneCaller().speak([row["reference"]])[0][0])])
    line = json.loads((tmp_path / "MANIFEST.jsonl").read_text())
    assert (tmp_path / line["audio"]).exists()
    assert line["call"]["name"] == "get_balance" and line["result"].endswith("pounds")
    assert line["result"] in line["expected"]


def test_a_shorter_tract_lifts_the_voice_and_moves_the_phones(monkeypatch):
    monkeypatch.setattr(voices.Caller, "_synthesise", lambda caller, texts: ToneCaller().speak(texts))
    samples, labels = voices.Caller("flite", "slt", 1.0, tract=1.25).speak(["ten words " * 5])[0]
    assert len(samples) == 16_000 / 1.25
    rate = np.argmax(np.abs(np.fft.rfft(samples.astype(float)))) * 16_000 / len(samples)
    assert rate == pytest.approx(1.25 * 16_000 / (2 * np.pi * 5), rel=0.01)
    assert labels == [[0, "aa"]]
