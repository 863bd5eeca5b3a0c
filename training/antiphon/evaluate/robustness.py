"""What a checkpoint does with what people and tools really send, and what it hears besides words, by the released greedy loop.

    python -m antiphon.evaluate.robustness runs/nano/final --out runs/figures/robustness.json

* `written`: held-out conversations of `antiphon.data.robustness`, exact answers by kind; calls that were not offered;
* `quiet`: recordings without speech (the test split's sounds): answers with words, tool calls, transcripts with words;
* `understanding`: held-out four-choice questions by task, where their corpus is there.

Counts stand as [right, all] or [wrong, all], as the names say.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt, sounds
from antiphon.evaluate.conversing import prompts_for, tool_call
from antiphon.model import checkpoint
from antiphon.model.dialogue import DialogueModel
from antiphon.model.generation import generate
from antiphon.train.audio import Corpus, Features, Recording, encode_batch
from antiphon.train.figures import same, words
from antiphon.train.preferences import ANSWER_LIMIT, prompt_ids, sampled
from antiphon.train.run import RUNS
from antiphon.train.sequences import Sequences, Vocabulary
from antiphon.train.tasks import Understanding
from antiphon.train.text import read_dialogues


def written(model: DialogueModel, sequences: Sequences, conversations: list[dict], batch: int = 32) -> dict:
    """Exact answers by kind, the turns before each as they should have gone, and calls of tools that were not offered."""
    places = [(row, n) for row in conversations for n in range(len(row["turns"]))]
    places.sort(key=lambda place: len(str(place[0]["signatures"])) + len(str(place[0]["turns"][: place[1] + 1])))
    exact: dict[str, list[int]] = {}
    not_offered, offers = 0, 0
    for start in range(0, len(places), batch):
        part = places[start: start + batch]
        prompts = [prompt_ids(sequences, row["turns"][: n + 1], row["signatures"], prompt.TEXT) for row, n in part]
        for (row, n), (answer,) in zip(part, sampled(model, sequences, prompts, 0, 0.0, 0)):
            kind = row["kind"] + (" result" if row["turns"][n]["user"] is None else "")
            count = exact.setdefault(kind, [0, 0])
            count[0] += same(answer.text, row["turns"][n]["assistant"])
            count[1] += 1
            if row["signatures"] is not None:
                offers += 1
                call = tool_call(answer.text)
                names = {json.loads(signature)["name"] for signature in row["signatures"]}
                not_offered += call is not None and (not isinstance(call, dict) or call.get("name") not in names)
    return {"exact": dict(sorted(exact.items())), "calls_not_offered": [not_offered, offers]}


def _answers(model: DialogueModel, vocabulary: Vocabulary, recordings: list[Recording], prompts: list[torch.Tensor], speech: bool) -> list[str]:
    with torch.no_grad():
        encoded = encode_batch(model, recordings, torch.float32)
    groups = [encoded.groups[a: a + r.groups] for a, r in zip(encoded.group_starts, recordings)]
    return [vocabulary.decode(one.text).strip() for one in generate(model, prompts, groups, speech=speech, limit=ANSWER_LIMIT)]


def quiet(model: DialogueModel, vocabulary: Vocabulary, count: int, seed: int, speech, batch: int = 25) -> dict:
    """What is made of `count` sounds of the test split. speech: recordings that babble is made of, may be empty."""
    features, g = Features(), np.random.default_rng(seed)
    answered, called, transcribed, kinds = 0, 0, 0, {}
    for start in range(0, count, batch):
        drawn = [sounds.drawn("test", g, speech) for _ in range(min(batch, count - start))]
        recordings = [features.recording(features.log_mel.raw(torch.from_numpy(wave)), len(wave), "", None, kind) for kind, wave in drawn]
        answers = _answers(model, vocabulary, recordings, prompts_for(vocabulary, recordings, prompt.SPEECH), True)
        transcripts = _answers(model, vocabulary, recordings, prompts_for(vocabulary, recordings, prompt.TRANSCRIBE), False)
        for (kind, _), answer, transcript in zip(drawn, answers, transcripts):
            answered += bool(words(answer))
            called += prompt.TOOL_CALL in answer
            transcribed += bool(words(transcript))
            row = kinds.setdefault(kind, [0, 0])
            row[0] += bool(words(answer))
            row[1] += 1
    return {"answered": [answered, count], "called": [called, count], "transcribed": [transcribed, count], "answered_by_kind": dict(sorted(kinds.items()))}


def understanding(model: DialogueModel, sequences: Sequences, corpus: Corpus, batch: int = 25) -> dict:
    """Right options by task."""
    features, asking, result = Features(), Understanding(sequences, corpus, Features()), {}
    for start in range(0, len(corpus.entries), batch):
        part = corpus.entries[start: start + batch]
        recordings = [features(corpus, entry, entry["segments"][0]) for entry in part]
        prompts = []
        for entry, recording in zip(part, recordings):
            sample = asking.sample(entry, recording)
            prompts.append(torch.tensor([*sample.system, *sample.ids[: len(sample.ids) - len(sequences.v.encode(entry["answer"]))]]))
        for entry, answer in zip(part, _answers(model, sequences.v, recordings, prompts, False)):
            count = result.setdefault(entry["task"], [0, 0])
            count[0] += same(answer, entry["answer"])
            count[1] += 1
    return dict(sorted(result.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=RUNS / "data")
    parser.add_argument("--conversations", type=int, default=1_200)
    parser.add_argument("--sounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = checkpoint.load(options.checkpoint).eval()
    sequences = Sequences(Vocabulary(options.checkpoint))
    callers = Corpus(options.data / "callers", ["test_held_out"])
    speech = [callers.wave(entry, entry["segments"][0]) for entry in callers.entries[:40]]
    questions = Corpus(options.data / "callers", ["understanding_test"])
    figures = {"written": written(model, sequences, read_dialogues(options.data / "dialogues" / "robust_test.jsonl")[: options.conversations]),
               "quiet": quiet(model, sequences.v, options.sounds, options.seed, speech)}
    if questions.entries:
        figures["understanding"] = understanding(model, sequences, questions)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
