"""Written conversations as people and tools really hold them: questions as typed, results in every form, empty or an error, tools
renamed, only some of them, none.

    python -m antiphon.data.robustness [--seed 1]

writes `runs/data/dialogues/robust_train.jsonl` and `robust_test.jsonl`: dialogues with `"signatures"` (the one-line JSON of the tools
that are offered, null: the domain's own), `"instructions"` (the conversation's own, null for none) and `"kind"` (one of KINDS), the rest as
`antiphon.data.dialogues` writes it. The test split has questions, values, names and forms of its own. Training has a kind that the test has not:
a written question, about which the instructions ask one of four options, as `antiphon.data.understanding` asks it about a recording. `robust_answers.txt` has answers of the training split that the voice has to speak besides
those of the dialogues.
"""
from __future__ import annotations

import argparse
import json

from antiphon.data import dialogues, drawn_forms, forms, paths, understanding
from antiphon.data.dialogues import DialogueBuilder
from antiphon.data.domain import Value, load_domain

KINDS = ("typed", "value", "nothing", "offered", "choice")
KIND_WEIGHTS = {"train": (2, 6, 3, 5, 3), "test": (3, 3, 2, 4, 0)}
MONEY, DAY = ("balance", "last_payment"), ("due_date",)


def money(generator) -> forms.Money:
    """An amount of up to four digits, every third with pence."""
    return forms.Money(generator.randint(0, 10 ** generator.randint(1, 4) - 1), generator.randint(1, 99) if generator.random() < 0.35 else 0)


class RobustnessBuilder:
    """Draws conversations of one split; everything follows from the seed."""

    def __init__(self, domain, split: str, seed):
        self.domain, self.split = domain, split
        self.dialogues = DialogueBuilder(domain, split, f"robustness-{seed}")
        self.generator = self.dialogues.generator
        self.proper = forms.proper_nouns(domain)

    def conversation(self, kind: str | None = None) -> dict:
        """`{"kind", "signatures", "instructions", "turns"}`."""
        kind = kind or self.generator.choices(KINDS, KIND_WEIGHTS[self.split])[0]
        if kind == "choice":
            return {"kind": kind, "signatures": [], **self._choice()}
        if kind in ("value", "nothing"):
            turns, signatures = self._with_result(kind), None
        else:
            turns, signatures = self.dialogues.dialogue(), None
        if kind == "offered":
            offered = forms.offer(self.domain, self.split, self.generator)
            turns, signatures = forms.offered_turns(turns, offered), list(offered.signatures)
        return {"kind": kind, "signatures": signatures, "instructions": None, "turns": [self._typed(turn) for turn in turns]}

    def _typed(self, turn: dict) -> dict:
        if turn["user"] is None or turn["intent"] == dialogues.RANDOM:
            return turn
        return turn | {"user": forms.typed(turn["user"], self.proper, self.generator)}

    def _with_result(self, kind: str) -> list[dict]:
        """A question whose tool sends a value in some form, or nothing."""
        generator, domain = self.generator, self.domain
        name = generator.choice(MONEY + DAY)
        intent = domain.intents[name]
        wording, values = self.dialogues.question_of(name)
        asked = {"intent": name, "user": domain.spoken(intent.ask[wording], values), "tool_result": None, "assistant": domain.tool_call(intent, values)}
        if kind == "nothing":
            result, answer = forms.nothing(self.split, generator), forms.NOT_FOUND
        elif name in DAY:
            result, answer = forms.day_result(values["d"].spoken, self.split, generator), domain.printed(intent.answer, values)
        else:
            amount = money(generator)
            if self.split == "train" and name == "last_payment" and generator.random() < 0.5:
                values = values | {"n": Value("name", drawn_forms.person(generator))}
            recipient = values["n"].printed if name == "last_payment" else None
            result = forms.money_result(amount, self.split, generator, recipient)
            answer = domain.printed(intent.answer.replace("{x} pounds", "{x}"), values | {"x": Value("money", amount.spoken)})
        return [asked, {"intent": name, "user": None, "tool_result": result, "assistant": answer}]

    def _choice(self) -> dict:
        """Instructions with four options, a written text, the one option that is true of it, its letter before it."""
        generator = self.generator
        name = generator.choice(sorted(self.domain.intents))
        while not self.domain.intents[name].ask or name in ("refuse", "repeat"):
            name = generator.choice(sorted(self.domain.intents))
        text = self.dialogues.question(name)[0]["user"]
        words = text.split()
        kind = generator.random()
        if kind < 0.35:
            asked, answer = generator.choice(("What is it about?", "Which subject is it?")), name.replace("_", " ")
            others = [other.replace("_", " ") for other in self.domain.intents if other not in (name, "refuse", "repeat")]
        elif kind < 0.7:
            asked, answer = generator.choice(("Which words are in it?", "Which of these is said?")), " ".join(words[-2:] if generator.random() < 0.5 else words[:2])
            others = [" ".join(generator.choice(self.dialogues.vocabulary) for _ in range(2)) for _ in range(6)]
        else:
            position = generator.choice(("first", "last"))
            asked, answer = f"Which is the {position} word?", words[0 if position == "first" else -1]
            others = [drawn_forms.made_up(generator) if generator.random() < 0.4 else generator.choice(self.dialogues.vocabulary) for _ in range(6)]
        options = [answer, *generator.sample(sorted({other for other in others if other not in text and other != answer}), 3)]
        question, right = understanding.posed(asked, answer, options, generator)
        turn = {"intent": "choice", "user": text, "tool_result": None, "assistant": right}
        return {"instructions": question, "turns": [turn]}


def build(split: str, count: int, seed) -> list[dict]:
    """`count` conversations with ids."""
    builder = RobustnessBuilder(load_domain(), split, seed)
    return [{"id": f"robust-{split}-{number:05d}", "split": split, **builder.conversation()} for number in range(count)]


def spoken_answers(rows: list[dict], most: int) -> list[str]:
    """Distinct answers that are spoken: those of a tool that found nothing or is not offered first, then as they come."""
    said = [turn["assistant"] for row in rows for turn in row["turns"] if not dialogues.is_tool_call(turn["assistant"])]
    return list(dict.fromkeys([forms.CANNOT, forms.NOT_FOUND, *said]))[:most]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=60_000)
    parser.add_argument("--test", type=int, default=1_200)
    parser.add_argument("--answers", type=int, default=2_500, help="answers for the voice, at most")
    options = parser.parse_args()
    for split, count in (("train", options.train), ("test", options.test)):
        rows = build(split, count, options.seed)
        dialogues.write(paths.DIALOGUES / f"robust_{split}.jsonl", rows)
        if split == "train":
            with paths.atomic(paths.DATA / "robust_answers.txt") as file:
                file.writelines(text + "\n" for text in spoken_answers(rows, options.answers))
        print(f"robust_{split}: " + json.dumps({kind: sum(row["kind"] == kind for row in rows) for kind in KINDS}))


if __name__ == "__main__":
    main()
