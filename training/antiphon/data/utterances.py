"""What is said in calls of two, to be written down and not answered: the agent's sentences, and two or three sentences in one breath.

    python -m antiphon.data.utterances [--seed 1]

writes `runs/data/dialogues/utterances_{train,test}.jsonl`, dialogues of one turn without an answer (`"assistant": null`), for
`antiphon.data.callers NAME --dialogues utterances_train`. The test split is made of the test split's questions and answers.
"""
from __future__ import annotations

import argparse
import re

from antiphon.data import dialogues, paths
from antiphon.data.dialogues import RANDOM, DialogueBuilder, is_tool_call
from antiphon.data.domain import load_domain

INTENT = "utterance"
SENTENCES = (1, 2, 3)
SENTENCE_WEIGHTS = (4, 4, 2)
AGENT_SHARE = 0.7
LONGEST = 24
"""Words; the model's transcripts of training end about there."""


def spoken(text: str) -> str:
    """An answer as a caller's transcript is written: lower case, no punctuation."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def build(split: str, count: int, seed) -> list[dict]:
    """`count` utterances with ids; single ones are an agent's, the others are drawn from both sides of one dialogue after another."""
    builder = DialogueBuilder(load_domain(), split, f"utterances-{seed}")
    generator, rows = builder.generator, []
    while len(rows) < count:
        wanted, sentences = generator.choices(SENTENCES, SENTENCE_WEIGHTS)[0], []
        while len(sentences) < wanted:
            turns = [turn for turn in builder.dialogue() if turn["intent"] != RANDOM]
            said = [spoken(turn["assistant"]) for turn in turns if not is_tool_call(turn["assistant"])]
            if wanted > 1 and generator.random() > AGENT_SHARE:
                said = [turn["user"] for turn in turns if turn["user"]]
            if said:
                sentences.append(generator.choice(said))
        text = " ".join(sentences)
        if len(text.split()) <= LONGEST:
            rows.append({"id": f"utterance-{split}-{len(rows):05d}", "split": split,
                         "turns": [{"intent": INTENT, "user": text, "tool_result": None, "assistant": None}]})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=2_500)
    parser.add_argument("--test", type=int, default=200)
    options = parser.parse_args()
    for split, count in (("train", options.train), ("test", options.test)):
        dialogues.write(paths.DIALOGUES / f"utterances_{split}.jsonl", build(split, count, options.seed))
        print(f"utterances_{split}: {count}")


if __name__ == "__main__":
    main()
