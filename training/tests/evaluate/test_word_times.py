"""Cases of the times of words: a sample that is not there is named."""
import json

import pytest

from antiphon.evaluate.word_times import cases


def test_an_unknown_sample_is_named_with_those_that_are_there(tmp_path):
    samples = tmp_path / "manifest.jsonl"
    samples.write_text(json.dumps({"id": "add", "audio": "add.wav", "text": "one plus two"}) + "\n")
    with pytest.raises(ValueError, match="no line with the id shouted; expected some of add"):
        cases(tmp_path, samples, ["shouted"])
