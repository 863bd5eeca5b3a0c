"""The teacher's corpus: the same bytes every time, gone on with where it stopped, words where they are spoken."""
import json

import numpy as np
import pytest
import torch

from antiphon.speech.corpus import Crops, load, trim, write_features
from antiphon.speech.encode_answers import word_spans
from antiphon.speech.features import log_mel
from antiphon.speech.styles import NEUTRAL, STYLES
from antiphon.speech.teacher import PAUSE, Teacher, plan, write_corpus

PAIRS = [("You are welcome.", NEUTRAL), ("Shall I send forty pounds to Anna?", STYLES["faster"]), ("It barks.", STYLES["whisper"])]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("corpus") / "whole"
    write_corpus(PAIRS, prefix, report=lambda line: None)
    return prefix


def test_an_interrupted_corpus_goes_on_to_the_same_bytes(whole, tmp_path):
    prefix = tmp_path / "part"
    write_corpus(PAIRS[:2], prefix, report=lambda line: None)
    with open(f"{prefix}.jsonl", "a") as lines, open(f"{prefix}.pcm", "ab") as samples:
        lines.write('{"text": "It ba')
        samples.write(b"\x01\x02\x03")
    write_corpus(PAIRS, prefix, report=lambda line: None)
    for suffix in (".pcm", ".jsonl"):
        assert prefix.with_suffix(suffix).read_bytes() == whole.with_suffix(suffix).read_bytes()


def test_another_plan_over_a_corpus_is_refused(whole):
    with pytest.raises(ValueError, match="You are welcome.*expected 'No.'"):
        write_corpus([("No.", NEUTRAL)], whole)


def test_phones_cover_the_recording_and_end_with_a_pause(whole):
    for line in whole.with_suffix(".jsonl").read_text().splitlines():
        entry = json.loads(line)
        ends = [end for end, _ in entry["phones"]]
        assert ends == sorted(ends) and abs(ends[-1] - entry["samples"] / 24_000) < 0.03
        assert entry["phones"][0][1] == entry["phones"][-1][1] == PAUSE


def test_every_written_word_has_its_place(whole):
    write_features(whole)
    utterances = load([whole])
    assert [u.style for u in utterances] == ["neutral", "faster", "whisper"]
    for utterance in utterances:
        spans = word_spans(utterance)
        assert [word for word, _, _ in spans] == utterance.text.split()
        assert all(b == c for (_, _, b), (_, c, _) in zip(spans, spans[1:])) and spans[-1][2] <= len(utterance.phones) // 4


def test_pace_level_and_seed(whole):
    teacher = Teacher()
    slow, fast = (teacher.speak("Your gas bill is due on Monday.", STYLES[name]) for name in ("slower", "faster"))
    assert 1.5 < len(slow.audio) / len(fast.audio) < 2.3
    assert np.array_equal(slow.audio, Teacher().speak("Your gas bill is due on Monday.", STYLES["slower"]).audio)
    with pytest.raises(ValueError, match="nothing to say"):
        teacher.speak("")


def test_trimming_keeps_the_sound_and_whole_groups():
    samples = np.zeros(24_000, np.int16)
    samples[9_600:12_000] = 8_000
    audio, cut = trim(samples)
    assert cut == pytest.approx(0.36) and len(audio) % 4_800 == 0
    assert np.count_nonzero(audio) == 2_400
    with pytest.raises(ValueError, match="silent"):
        trim(np.zeros(4_800, np.int16))


def test_a_gain_moves_features_as_it_moves_the_audio(whole):
    write_features(whole)
    plain, moved = (Crops(load([whole])[:1], 40, 7, share).batch(6) for share in (0.0, 1.0))
    for before, after, sound in zip(plain[0], moved[0], moved[2]):
        recomputed = log_mel(sound[None])[0]
        loud = recomputed > -1.0  # below that int16 and the edges of a crop make a difference
        assert (after[:, :100] - recomputed)[loud].abs().median() < 0.05
        assert torch.equal(before[:, 100:], after[:, 100:])
    assert not torch.equal(plain[0], moved[0])


def test_a_plan_has_every_style_and_is_drawn_by_its_seed():
    texts = [f"Sentence {number}." for number in range(50)]
    pairs = plan(texts, 400, 3)
    counts = {name: sum(style.name == name for _, style in pairs) for name in STYLES}
    assert 90 <= counts["neutral"] <= 150 and min(counts.values()) >= 18
    assert pairs == plan(texts, 400, 3) != plan(texts, 400, 4)
