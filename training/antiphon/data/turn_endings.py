"""How likely a caller is done after the words said so far, from the questions of the training dialogues.

    python -m antiphon.data.turn_endings CHECKPOINT [--split train]

writes `CHECKPOINT/turn_endings.json`, which the export takes into the bundle: a JSON object of runs of up to three words (the
utterance begins with the word `<s>`) and the share of questions that ended there, drawn towards the share of the run without its first
word. A run whose share is nearly that of the shorter one is left out. Random words are left out: nobody is done with them.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from antiphon.data import dialogues

MOST_WORDS = 3
BEGIN = "<s>"
WEIGHT = 2.0
"""So many utterances the shorter run counts as."""
NEARLY = 0.02
UNKNOWN = 0.5


def turn_endings(questions):
    """Runs of words to probabilities, from texts of questions."""
    seen, ended = Counter(), Counter()
    for question in questions:
        words = [BEGIN, *question.split()]
        for last in range(1, len(words)):
            for first in range(max(0, last - MOST_WORDS + 1), last + 1):
                run = " ".join(words[first: last + 1])
                seen[run] += 1
                ended[run] += last == len(words) - 1
    table = {"": UNKNOWN}
    for run in sorted(seen, key=lambda each: (each.count(" "), each)):
        shorter = table.get("")
        rest = run
        while " " in rest:
            rest = rest.split(" ", 1)[1]
            if rest in table:
                shorter = table[rest]
                break
        probability = round((ended[run] + WEIGHT * shorter) / (seen[run] + WEIGHT), 3)
        if " " not in run or abs(probability - shorter) > NEARLY:
            table[run] = probability
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--split", default="train")
    arguments = parser.parse_args()
    questions = [turn["user"] for row in dialogues.read(arguments.split) for turn in row["turns"]
                 if turn["user"] and turn["intent"] != "random"]
    table = turn_endings(questions)
    file = arguments.checkpoint / "turn_endings.json"
    file.write_text(json.dumps(table, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{file}: {len(table)} runs of words from {len(questions)} questions")


if __name__ == "__main__":
    main()
