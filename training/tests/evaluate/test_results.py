"""Manifests and results: one turn or several, the dataflow's lines and a checkpoint's."""
import json

import numpy as np
import pytest
import soundfile

from antiphon.evaluate import manifest, results

CALL = {"name": "get_balance", "arguments": {"account": "joint account"}}
SINGLE = {"id": "one", "audio": "one.wav", "intent": "balance", "voice": "flite:rms", "held_out_voice": True,
          "reference": "my balance", "expected": "Ten.", "call": CALL, "result": "ten pounds"}
SEVERAL = {"id": "two", "set": "turns", "audio": ["a.wav", "b.wav"], "voice": "espeak:gmw/en", "held_out_voice": False,
           "result": [None, "done"], "turns": [{"intent": "capital", "reference": "a b", "expected": "Paris."},
                                               {"intent": "balance", "reference": "c", "expected": "Ten.", "call": CALL}]}


def answer(turn, text, tokens=0, samples=0, calls=(), finish="STOP", transcript=None):
    return {"callerTurn": turn, "text": text, "finishReason": finish, "toolCalls": [{"callId": "1", **c} for c in calls],
            "transcript": transcript, "usage": {"speechTokens": tokens, "textTokens": 3}, "speechSamples": samples}


def written(folder, name, lines):
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_line_holds_one_turn_or_several(tmp_path):
    one, two = manifest.read(written(tmp_path, "m.jsonl", [SINGLE, SEVERAL]))
    assert one.set == "questions" and len(one.turns) == 1
    assert one.turns[0].call == CALL and one.turns[0].result == "ten pounds" and one.turns[0].audio == tmp_path / "one.wav"
    assert [t.result for t in two.turns] == [None, "done"] and [t.call for t in two.turns] == [None, CALL]


@pytest.mark.parametrize("changes, message", [({"audio": ["a.wav"]}, "2 turns, 1 recordings"), ({"voice": None}, None),
                                              ({"result": ["x"]}, "1 results")])
def test_a_line_that_does_not_fit_is_named(tmp_path, changes, message):
    line = {k: v for k, v in {**SEVERAL, **changes}.items() if v is not None}
    with pytest.raises(ValueError, match=f"line 2.*{message or 'voice'}"):
        manifest.read(written(tmp_path, "m.jsonl", [SINGLE, line]))


def test_answers_are_given_to_their_turns_and_speech_is_cut(tmp_path):
    conversations = manifest.read(written(tmp_path, "m.jsonl", [SEVERAL]))
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech" / "two.wav", np.concatenate([np.full(960, 0.5), np.full(1920, 0.25)]), 24_000)
    line = {"id": "two", "speech": "elsewhere/speech/two.wav", "answers": [
        answer(0, "Paris.", 1, 960, transcript="a b"), answer(1, "", calls=[CALL], finish="TOOL_CALL", transcript="c"),
        answer(1, "Ten.", 2, 1920)]}
    outcomes, failed = results.read(written(tmp_path, "results.jsonl", [line]), conversations)
    assert failed == [] and [o.transcript for o in outcomes] == ["a b", "c"] and [o.text for o in outcomes] == ["Paris.", "Ten."]
    assert outcomes[0].call is None and outcomes[1].call == CALL
    first, second = map(results.waves, outcomes)
    assert len(first[0]) == 960 and abs(first[0].mean() - 0.5) < 1e-3
    assert [len(w) for w in second] == [0, 1920] and abs(second[1].mean() - 0.25) < 1e-3


def test_failed_conversations_count_and_missing_ones_are_refused(tmp_path):
    conversations = manifest.read(written(tmp_path, "m.jsonl", [SINGLE, SEVERAL]))
    path = written(tmp_path, "results.jsonl", [{"id": "one", "speech": None, "error": {"code": "x", "message": "y"}}])
    with pytest.raises(ValueError, match="no result of 1 conversations.*two"):
        results.read(path, conversations)
    outcomes, failed = results.read(path, conversations[:1])
    assert failed == ["one"] and outcomes[0].text == "" and outcomes[0].call is None and results.waves(outcomes[0]) == []
