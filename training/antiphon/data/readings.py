"""What the voice reads beyond the dialogues' answers, so that it learns to read instead of remembering sentences.

    python -m antiphon.data.readings [--answers 6000] [--strings 6000]

writes below `runs/data`: `readings.txt`, distinct answers to further questions of the training split and strings of the domain's
words and slot values, and `unseen_answers.txt`, answers of the test split that training never has, to measure by.
"""

import argparse
import collections
import itertools
import random

from antiphon.data import paths
from antiphon.data.dialogues import DialogueBuilder, WEIGHTS, read, spoken_answers, vocabulary
from antiphon.data.domain import load_domain, sentence

EXHAUSTED = 300
"""Draws without a new answer after which an intent is taken to have no more."""
STRING_LENGTHS = (3, 7)


def answers(known, count, seed):
    """Up to `count` distinct answers that are not in `known`, every intent that still has some in turn."""
    builder = DialogueBuilder(load_domain(), "train", seed)
    seen, found, intents = set(known), [], collections.deque(WEIGHTS)
    while intents and len(found) < count:
        name = intents.popleft()
        new = next((text for text in _drawn(builder, name) if text not in seen), None)
        if new is not None:
            seen.add(new)
            found.append(new)
            intents.append(name)
    return found


def _drawn(builder, name):
    for _ in range(EXHAUSTED):
        yield builder.question(name)[-1]["assistant"]


def strings(count, seed):
    """`count` strings of words and slot values, each of them about equally often: nothing but the text tells what comes next."""
    generator, domain = random.Random(seed), load_domain()
    pieces = sorted({*vocabulary(domain), *(value.printed for values in domain.slots.values() for value in values)})
    endless = (piece for _ in itertools.count() for piece in generator.sample(pieces, len(pieces)))
    return [sentence(" ".join(itertools.islice(endless, generator.randint(*STRING_LENGTHS)))) + "." for _ in range(count)]


def unseen(known):
    """Distinct spoken answers of the test dialogues that are not in `known`."""
    return [text for text, _ in spoken_answers(read("test")) if text not in known]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=6_000)
    parser.add_argument("--strings", type=int, default=6_000)
    parser.add_argument("--unseen", type=int, default=200)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    known = set((paths.DATA / "answers.txt").read_text(encoding="utf-8").splitlines())
    # An answer to a question of the training split may still be one that the test asks for in other words.
    tested = unseen(known)
    read_aloud = answers({*known, *tested}, arguments.answers, arguments.seed) + strings(arguments.strings, arguments.seed)
    to_measure = random.Random(arguments.seed).sample(tested, min(arguments.unseen, len(tested)))
    for name, texts in (("readings.txt", read_aloud), ("unseen_answers.txt", to_measure)):
        with paths.atomic(paths.DATA / name) as file:
            file.writelines(text + "\n" for text in texts)
        print(f"{len(texts)} sentences in {name}")


if __name__ == "__main__":
    main()
