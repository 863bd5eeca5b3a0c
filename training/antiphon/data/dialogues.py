"""Builds the dialogues: training and test split, the list of spoken answers, a larger text-only set.

    python -m antiphon.data.dialogues [--seed 1]

writes below `runs/data`: `dialogues/train.jsonl`, `dialogues/test.jsonl`, `dialogues/text.jsonl` (training questions
whose answers are too many to be synthesised: all sums and differences of the training split among them) and
`answers.txt` (the distinct spoken answers of train, the most frequent first).

A line is `{"id", "split", "turns": [{"intent", "user", "tool_result", "assistant"}]}`. After a tool call the next turn has
no user but the tool's result.
"""

import argparse
import collections
import json
import random
import re
from dataclasses import dataclass

from antiphon.data import paths, strangers
from antiphon.data.domain import load_domain

REFUSAL = "I am sorry, I did not understand that."
RANDOM, OUTSIDE = "random", "outside"
# Turns per intent in the test split: intents with many combinations of slot values get more.
WEIGHTS = {
    "capital": 7, "add": 12, "subtract": 6.5, "multiply": 6, "day_after": 2.2, "day_before": 2.2, "month_days": 3,
    "month_after": 2.5, "opposite": 4, "colour": 3, "sound": 2.5, "balance": 4, "last_payment": 3.5, "transfer": 7,
    "block_card": 2.5, "due_date": 2.5, "meter": 7, "outage": 2.5, "appointment": 6, "agent": 2.2, "switch_on": 3.5,
    "switch_off": 3.5, "heating": 4, "alarm": 2.2, "hours": 2.2, "greet": 1.2, "identity": 1.2, "thanks": 1.2}
TURN_COUNTS = (1, 2, 3)


@dataclass(frozen=True)
class Mix:
    """How often what is drawn: turns per intent, single random strings and sentences of other domains among all dialogues, one,
    two and three turns among the others, a request to repeat among further turns."""

    weights: dict
    random_share: float
    outside_share: float
    turn_weights: tuple
    repeat_share: float


# Training draws more of what is hard (copied names, arithmetic, days and months, what depends on the turn before) than the
# test does, and refusals of real sentences, which evaluation takes from a list of its own.
MIXES = {
    "test": Mix(WEIGHTS, 0.25, 0.0, (0.62, 0.25, 0.13), 0.15),
    "train": Mix(WEIGHTS | {"transfer": 20, "add": 14, "multiply": 11, "day_after": 5, "day_before": 5, "month_days": 5, "month_after": 5,
                            "sound": 5, "switch_on": 5, "switch_off": 6, "meter": 8}, 0.14, 0.08, (0.5, 0.3, 0.2), 0.22)}


class DialogueBuilder:
    """Draws dialogues of one split; everything follows from the seed."""

    def __init__(self, domain, split, seed):
        self.domain, self.split, self.mix = domain, split, MIXES[split]
        self.generator = random.Random(f"{split}-{seed}")
        self.vocabulary = vocabulary(domain)
        self.sentences = sorted({template for intent in domain.intents.values() for template in intent.ask})

    def dialogue(self):
        """The turns of one dialogue: random words, a sentence of another domain, or one to three user turns with follow-ups."""
        generator, mix = self.generator, self.mix
        chance = generator.random()
        if chance < mix.random_share:
            return [self._random_turn()]
        if chance < mix.random_share + mix.outside_share:
            return [_turn(OUTSIDE, strangers.sentence(generator), None, REFUSAL)]
        turns = []
        wanted = generator.choices(TURN_COUNTS, mix.turn_weights)[0]
        users = 0
        while users < wanted:
            users += 1
            previous = turns[-1] if turns else None
            chance = generator.random()
            if previous and previous["intent"] in ("capital", "capital_follow_up") and chance < 0.5:
                turns += self._turns("capital_follow_up")
            elif previous and chance < mix.repeat_share:
                asked = generator.choice(self.domain.intents["repeat"].ask)
                turns.append(_turn("repeat", asked, None, previous["assistant"]))
            elif previous and chance > 0.93:
                turns.append(self._random_turn())
            else:
                name = generator.choices(list(mix.weights), list(mix.weights.values()))[0]
                turns += self._turns(name)
        return turns

    def _turns(self, name):
        turns, following, values = self._opening(name)
        if following and self.generator.random() < 0.8:
            answer = following[0 if self.generator.random() < 0.7 else 1]
            turns += self._exchange(answer, self.generator.choice(answer.ask), values)
        return turns

    def question(self, name):
        """The turns of one question of the intent `name` (two if a tool is called), or of random words."""
        return [self._random_turn()] if name == RANDOM else self._opening(name)[0]

    def question_of(self, name):
        """(number of a wording, values) of one question of the intent `name` in this split."""
        return self._question(self.domain.intents[name])

    def _opening(self, name):
        intent = self.domain.intents[name]
        wording, values = self._question(intent)
        return self._exchange(intent, intent.ask[wording], values), intent.then, values

    def _question(self, intent):
        """A wording and values of this split; an intent without slots, or without held-out ones, is in both."""
        for _ in range(10_000):
            wording = self.generator.randrange(len(intent.ask))
            values = self.domain.sample(intent, self.generator)
            if not values or self.domain.held_out(intent, wording, values) == (self.split == "test"):
                return wording, values
        raise ValueError(f"intent {intent.id} has no question in the {self.split} split")

    def _exchange(self, intent, template, values):
        user = self.domain.spoken(template, values)
        answer = self.domain.printed(intent.answer, values)
        if intent.tool is None:
            return [_turn(intent.id, user, None, answer)]
        return [_turn(intent.id, user, None, self.domain.tool_call(intent, values)),
                _turn(intent.id, None, self.domain.spoken(intent.result, values), answer)]

    def _random_turn(self):
        """Two to eight words in an order that means nothing: single words, or short pieces of different sentences."""
        generator = self.generator
        count = generator.randint(2, 8)
        words = []
        if generator.random() < 0.7:
            words = [generator.choice(self.vocabulary) for _ in range(count)]
        while len(words) < count:
            intent = self.domain.intents[generator.choice(list(WEIGHTS))]
            spoken = self.domain.spoken(generator.choice(intent.ask), self.domain.sample(intent, generator)).split()
            start = generator.randrange(len(spoken))
            words += spoken[start:start + generator.randint(1, 2)] + [generator.choice(self.vocabulary)]
        return _turn(RANDOM, " ".join(words[:max(count, 2)]), None, REFUSAL)


def _turn(intent, user, tool_result, assistant):
    return {"intent": intent, "user": user, "tool_result": tool_result, "assistant": assistant}


def vocabulary(domain):
    """All words of the domain's questions, answers and slots in lower case without punctuation, sorted."""
    texts = [re.sub(r"\{[^}]*\}\S*", "", template) for intent in _all_intents(domain) for template in (*intent.ask, intent.answer)]
    words = {word.strip(".,?").lower() for text in texts for word in text.split()} - {""}
    for values in domain.slots.values():
        for value in values:
            words.update(value.spoken.split())
            words.update((value.attribute or "").split())
    return sorted(words)


def _all_intents(domain):
    for intent in domain.intents.values():
        if intent.id != "refuse":
            yield intent
            yield from intent.then


def is_tool_call(text):
    """Whether an assistant text is a tool call, which is never spoken."""
    return text.startswith("<tool_call>")


def spoken_answers(dialogues):
    """Distinct spoken answers with how often each occurs, the most frequent first, then alphabetically."""
    counts = collections.Counter(turn["assistant"] for dialogue in dialogues for turn in dialogue["turns"]
                                 if not is_tool_call(turn["assistant"]))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def build(split, count, seed, answer_limit=None, answers=(), first=0):
    """Draws `count` dialogues, numbered from `first`; dialogues that would bring more than `answer_limit` distinct answers,
    `answers` among them, are left out."""
    builder = DialogueBuilder(load_domain(), split, seed)
    dialogues, answers = [], set(answers)
    while len(dialogues) < count:
        turns = builder.dialogue()
        spoken = {turn["assistant"] for turn in turns if not is_tool_call(turn["assistant"])}
        if answer_limit and len(answers | spoken) > answer_limit:
            continue
        answers |= spoken
        dialogues.append({"id": f"{split}-{first + len(dialogues):05d}", "split": split, "turns": turns})
    return dialogues


def strings(split, count, seed, kept_out=()):
    """`count` dialogues of random words, no two alike and none in `kept_out`: only who listens, and does not guess, can write
    them down. A few hundred, heard again and again, are learnt by heart."""
    builder = DialogueBuilder(load_domain(), split, f"strings-{seed}")
    found = {}
    while len(found) < count:
        turn = builder._random_turn()
        if turn["user"] not in kept_out:
            found.setdefault(turn["user"], turn)
    return [{"id": f"strings-{split}-{number:05d}", "split": split, "turns": [turn]} for number, turn in enumerate(found.values())]


def exhaustive(seed):
    """Single-turn text dialogues with every combination of the training split of the arithmetic intents, in each wording."""
    domain = load_domain()
    rows = [(intent, wording, values) for intent in (domain.intents["add"], domain.intents["subtract"])
            for values in domain.enumerate(intent) for wording in range(len(intent.ask))
            if not domain.held_out(intent, wording, values)]
    random.Random(seed).shuffle(rows)
    return [[_turn(intent.id, domain.spoken(intent.ask[wording], values), None, domain.printed(intent.answer, values))]
            for intent, wording, values in rows]


def write(path, dialogues):
    with paths.atomic(path) as file:
        for dialogue in dialogues:
            file.write(json.dumps(dialogue) + "\n")


def write_text(count, seed):
    """Writes `text.jsonl`: `count` drawn dialogues and all sums and differences of training. Returns the number of lines."""
    text = [dialogue["turns"] for dialogue in build("train", count, seed + 1)] + exhaustive(seed)
    write(paths.DIALOGUES / "text.jsonl", [{"id": f"text-{index:05d}", "split": "train", "turns": turns}
                                           for index, turns in enumerate(text)])
    return len(text)


def read(split):
    """The dialogues of `runs/data/dialogues/{split}.jsonl` as a list."""
    with open(paths.DIALOGUES / f"{split}.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=14_000)
    parser.add_argument("--test", type=int, default=1_000)
    parser.add_argument("--text", type=int, default=20_000)
    parser.add_argument("--answers", type=int, default=6_000)
    parser.add_argument("--strings", type=int, default=8_000, help="dialogues of random words alone, in strings_train.jsonl")
    parser.add_argument("--more", type=int, metavar="N", help="add N training dialogues to those there, with answers that are "
                        "there, and make the text anew; give another seed")
    arguments = parser.parse_args()
    if arguments.more:
        train, answers = read("train"), (paths.DATA / "answers.txt").read_text(encoding="utf-8").splitlines()
        write(paths.DIALOGUES / "train.jsonl",
              train + build("train", arguments.more, arguments.seed, len(answers), answers, len(train)))
        write_text(arguments.text, arguments.seed)
        return
    train = build("train", arguments.train, arguments.seed, arguments.answers)
    test = build("test", arguments.test, arguments.seed)
    write(paths.DIALOGUES / "train.jsonl", train)
    write(paths.DIALOGUES / "test.jsonl", test)
    kept_out = {turn["user"] for dialogue in test for turn in dialogue["turns"]}
    write(paths.DIALOGUES / "strings_train.jsonl", strings("train", arguments.strings, arguments.seed, kept_out))
    answers = spoken_answers(train)
    with paths.atomic(paths.DATA / "answers.txt") as file:
        file.writelines(text + "\n" for text, _ in answers)
    text = write_text(arguments.text, arguments.seed)
    print(f"{len(train)} training, {len(test)} test, {text} text dialogues, {len(answers)} spoken answers")


if __name__ == "__main__":
    main()
