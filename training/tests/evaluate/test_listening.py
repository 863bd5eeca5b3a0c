"""The spoken answers beside the teacher's voice: which are heard, and how errors and scores become figures."""
import numpy as np
import pytest
import soundfile

from antiphon.evaluate.listening import chosen, listen
from antiphon.evaluate.manifest import Conversation, Turn
from antiphon.evaluate.quality import Quality
from antiphon.evaluate.results import Answer, Outcome
from antiphon.evaluate.spoken import Spoken

CALL = {"name": "get_balance", "arguments": {}}
MISHEARD = {"It barks.": "It parks.", "Paris.": "", "Two plus two is four.": "2+2 is 5."}


def answer(text, samples=960, start=0, calls=()):
    return Answer(text, "STOP", calls, samples // 960, samples, start)


def outcome(name, *answers, speech=None):
    turns = tuple(Turn(None, "animal", "", a.text) for a in answers)
    return Outcome(Conversation(name, "questions", "flite:rms", True, turns), 0, "", answers, speech)


class Voices:
    """Fakes of the judges and of the teacher: a wave's value says which text it is, its sign whether the teacher speaks."""

    def __init__(self, texts):
        self.texts, self.spoken = texts, []

    def wave(self, text):
        return np.full(960, 0.01 * (1 + self.texts.index(text)), np.float32)

    def recognise(self, wave, rate):
        text = self.texts[round(abs(float(wave[0])) / 0.01) - 1]
        return text if wave[0] < 0 else MISHEARD.get(text, text)

    def quality(self, wave, rate):
        return Quality(0.0, 0.0, 3.5 if wave[0] < 0 else 3.0)

    def speak(self, text):
        self.spoken.append(text)
        return -self.wave(text)


def heard(*texts, report=lambda line: None):
    voices = Voices(list(dict.fromkeys(texts)))
    answers = [Spoken(outcome(f"c-{k}", answer(text)), answer(text), voices.wave(text)) for k, text in enumerate(texts)]
    return listen(answers, voices.recognise, voices.quality, voices.speak, report), voices


def test_the_difference_to_the_teacher_comes_first():
    result, _ = heard("It barks.", "It howls.")
    assert list(result)[0] == "difference" and result["difference"] == {"wer": 0.25, "ovrl": {"median": -0.5, "p10": -0.5}}
    assert result["answers"] == {"count": 2, "wer": {"errors": 1, "words": 4, "rate": 0.25}, "without_error": {"right": 1, "of": 2, "share": 0.5},
                                 "ovrl": {"median": 3.0, "p10": 3.0}}
    assert result["teacher"]["wer"] == {"errors": 0, "words": 4, "rate": 0.0} and result["teacher"]["ovrl"]["median"] == 3.5


def test_the_teacher_speaks_a_text_once_that_counts_as_often_as_it_stands():
    result, voices = heard("It barks.", "It howls.", "It barks.")
    assert voices.spoken == ["It barks.", "It howls."]
    assert result["teacher"]["count"] == 3 and result["teacher"]["wer"]["words"] == result["answers"]["wer"]["words"] == 6


def test_the_worst_answers_stand_with_what_was_heard_of_either_voice():
    worst = heard("Two plus two is four.", "It howls.", "It barks.", "Paris.")[0]["worst"]
    assert [row["text"] for row in worst] == ["Paris.", "It barks.", "Two plus two is four."]
    assert worst[1] == {"id": "c-2", "turn": 0, "text": "It barks.", "heard": "It parks.", "heard_of_the_teacher": "It barks.", "errors": 1}


def test_progress_is_told_to_the_end():
    lines = []
    heard(*["It barks."] * 21, report=lines.append)
    assert lines == ["20 of 21 answers, 20 of 40 words wrong", "21 of 21 answers, 21 of 42 words wrong"]


def test_answers_are_chosen_evenly_and_cut_out_of_their_conversations(tmp_path):
    outcomes = []
    for k in range(4):
        path = tmp_path / f"{k}.wav"
        soundfile.write(path, np.concatenate([np.full(960, 0.125), np.full(1920, 0.5)]), 24_000)
        outcomes.append(outcome(f"c-{k}", answer("It barks."), answer("It howls.", 1920, 960), speech=path))
    assert [(s.outcome.conversation.id, s.answer.text) for s in chosen(outcomes, 4)] == [(f"c-{k}", "It barks.") for k in range(4)]
    every = chosen(outcomes, 100)
    assert len(every) == 8 and [len(s.wave) for s in every[:2]] == [960, 1920]
    assert every[0].wave.max() == 0.125 and every[1].wave.min() == 0.5


def test_calls_and_answers_without_words_or_speech_are_not_heard():
    silent = outcome("c-1", answer("", 0), answer("It barks.", 0), answer("…"), answer("It barks.", calls=(CALL,)))
    with pytest.raises(ValueError, match="none of 1 turns has an answer with words and speech"):
        chosen([silent], 5)
    with pytest.raises(ValueError, match="count of answers is 0"):
        chosen([outcome("c-2", answer("It barks."))], 0)
