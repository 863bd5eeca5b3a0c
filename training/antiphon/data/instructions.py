"""Conversations in which somebody says how to speak, and conversations of people in a mood.

    python -m antiphon.data.instructions [--seed 1]

writes below `runs/data/dialogues`, in the form of `antiphon.data.dialogues` with a "style" for every spoken answer:

* `instructions_{train,test}.jsonl`: a style asked for in the system message ("instructions") or by the caller, alone or with the question, one
  or two at once, in force until it is changed or taken back; in training each conversation once in the words of WORDINGS and `--variants` times
  in words drawn by `worded`, so that no wording is learnt by heart;
* `empathy_{train,test}.jsonl`: a "tone" in which the caller's words are spoken (`antiphon.data.understanding.MOODS`), a mood in the words, or both
  against each other ("by": tone, words, conflict; then the words count). The answer opens accordingly, in a voice that suits;

and `styled_answers_{train,test}.jsonl`, every pair [text, style] that is spoken in them, for `antiphon.speech.teacher --pairs`.
"""
from __future__ import annotations

import argparse
import json
import random

from antiphon.data import dialogues, paths
from antiphon.data.dialogues import DialogueBuilder, is_tool_call
from antiphon.data.domain import load_domain
from antiphon.speech.styles import combined

ACKNOWLEDGED = "Of course."
WORDINGS = {
    "slower": {"train": ("please speak more slowly", "speak slower", "that is too fast for me", "slow down please"), "test": ("could you talk a bit slower",)},
    "faster": {"train": ("please speak faster", "talk more quickly", "that is too slow for me"), "test": ("could you talk a bit faster",)},
    "louder": {"train": ("please speak louder", "speak up please", "i can hardly hear you"), "test": ("could you talk a bit louder",)},
    "softer": {"train": ("please speak more softly", "speak quietly", "that is too loud"), "test": ("could you talk a bit more quietly",)},
    "higher": {"train": ("please speak in a higher voice", "use a high voice"), "test": ("could you raise your voice in pitch",)},
    "lower": {"train": ("please speak in a lower voice", "use a deep voice"), "test": ("could you talk in a deeper voice",)},
    "whisper": {"train": ("please whisper", "whisper from now on", "the baby is asleep so whisper"), "test": ("could you talk in a whisper",)},
    "cheerful": {"train": ("please sound cheerful", "speak in a happy voice"), "test": ("could you talk more cheerfully",)},
    "sad": {"train": ("please sound sad", "speak in a sad voice"), "test": ("could you talk more sadly",)},
    "calm": {"train": ("please sound calm", "speak in a calm voice"), "test": ("could you talk more calmly",)},
    "angry": {"train": ("please sound angry", "speak in an angry voice"), "test": ("could you talk as if you were angry",)}}
NORMAL = {"train": ("speak normally again", "use your normal voice", "you can stop that now"), "test": ("go back to how you spoke before",)}
VERBS = ("speak", "talk", "answer", "reply", "go on", "say that")
DEGREES = ("", "", "a bit", "a little", "much", "even", "a lot", "somewhat")
ASKING = ("", "", "please", "can you", "can you please", "could you", "could you please", "would you", "will you", "i want you to", "i would like you to",
          "you should", "try to", "now", "from now on", "i need you to", "it would help if you", "let us", "make sure to")
ENDING = ("", "", "", "please", "from now on", "for me", "now", "for the rest of the call", "if you can")
COMPARED = {
    "slower": ("slower", "more slowly", "less fast", "less quickly"),
    "faster": ("faster", "more quickly", "quicker", "less slowly"),
    "louder": ("louder", "more loudly", "less quietly"),
    "softer": ("softer", "more softly", "more quietly", "quieter", "less loudly"),
    "higher": ("higher", "in a higher voice", "in a higher pitch", "with a higher voice"),
    "lower": ("lower", "deeper", "in a lower voice", "in a deeper voice", "in a lower pitch", "with a deeper voice"),
    "whisper": (),
    "cheerful": ("more cheerfully", "more happily", "happier", "in a happier voice"),
    "sad": ("more sadly", "sadder", "in a sadder voice"),
    "calm": ("more calmly", "calmer", "in a calmer voice"),
    "angry": ("more angrily", "angrier", "in an angrier voice")}
"""Behind a verb and a degree."""
PHRASES = {
    "slower": ("slow down", "take your time", "speak slowly", "be slower", "use a slow pace", "lower your pace", "do not rush"),
    "faster": ("hurry up", "speed up", "speak quickly", "be quick", "use a fast pace", "raise your pace", "do not be so slow"),
    "louder": ("speak up", "raise your volume", "be louder", "use a loud voice", "talk loudly", "do not be so quiet"),
    "softer": ("lower your volume", "be quiet", "be softer", "use a soft voice", "talk quietly", "do not be so loud"),
    "higher": ("use a high pitch", "raise your pitch", "use a higher voice", "have a high voice"),
    "lower": ("use a low pitch", "lower your pitch", "use a deeper voice", "have a deep voice"),
    "whisper": ("whisper", "whisper your answers", "speak in a whisper", "answer in a whisper", "use a whisper", "go on in a whisper", "only whisper",
                "talk by whispering"),
    "cheerful": ("sound happy", "be cheerful", "speak cheerfully", "sound more cheerful", "use a cheerful voice", "be happy", "sound glad", "talk happily"),
    "sad": ("sound sad", "be sad", "speak sadly", "sound more sad", "use a sad voice", "talk as if you were sad", "sound unhappy"),
    "calm": ("sound calm", "be calm", "speak calmly", "calm down", "use a calm voice", "stay calm", "talk in a quiet mood", "sound relaxed"),
    "angry": ("sound angry", "be angry", "speak angrily", "get angry", "use an angry voice", "sound furious", "talk like an angry man")}
BACK = ("speak normally", "speak normally again", "use your normal voice", "use your own voice again", "stop that", "stop speaking like that", "talk as before",
        "go back to your normal voice", "speak as you always do", "be yourself again")
KEPT_OUT = "could you talk"
"""Tests ask so; no training does."""
PACE, OTHER = ("slower", "faster"), ("louder", "softer", "higher", "lower", "whisper", "cheerful", "sad", "calm")
"""Two at once are one of each."""
OPENINGS = {"happy": "That is wonderful to hear.", "angry": "I am sorry for the trouble.", "sad": "I am sorry to hear that.", "afraid": "Please do not worry."}
TONES = {"happy": "cheerful", "angry": "calm", "sad": "calm", "afraid": "calm", "neutral": "neutral"}
IN_WORDS = {
    "happy": {"train": ("i am so happy today", "what a lovely day", "i have wonderful news"), "test": ("i could not be happier",)},
    "angry": {"train": ("i am really angry about this", "this makes me furious", "i am fed up with you"), "test": ("i have had enough of this",)},
    "sad": {"train": ("i am so sad today", "i feel very lonely", "i have had bad news"), "test": ("everything makes me cry",)},
    "afraid": {"train": ("i am really worried", "i am afraid something is wrong", "this frightens me"), "test": ("i am scared",)}}
BY = ("tone", "words", "conflict")


def worded(phrases, compared, generator) -> str:
    """A wording: one of `phrases`, or a verb with a degree and one of `compared`, asked for in one of many ways."""
    kept_out = {words for by_split in (*WORDINGS.values(), NORMAL) for words in by_split["test"]}
    while True:
        if compared and generator.random() < 0.6:
            what = f"{generator.choice(VERBS)} {generator.choice(DEGREES)} {generator.choice(compared)}"
        else:
            what = generator.choice(phrases)
        words = " ".join(f"{generator.choice(ASKING)} {what} {generator.choice(ENDING)}".split())
        if KEPT_OUT not in words and words not in kept_out:
            return words


class InstructionBuilder:
    """Draws conversations of one split; everything follows from the seed, the words of instructions from seed and variant."""

    def __init__(self, domain, split: str, seed, variant: int = 0):
        self.split, self.variant = split, variant
        self.wordings = random.Random(f"wordings-{split}-{seed}-{variant}")
        self.dialogues = DialogueBuilder(domain, split, f"instructions-{seed}")
        self.generator = self.dialogues.generator
        self.names = list(self.dialogues.mix.weights)

    def _question(self) -> list[dict]:
        return self.dialogues.question(self.generator.choices(self.names, list(self.dialogues.mix.weights.values()))[0])

    def _style(self) -> tuple[str, str]:
        """(style, the words that ask for it)."""
        generator = self.generator
        names = [generator.choice(PACE), generator.choice(OTHER)] if generator.random() < 0.25 else [generator.choice(sorted(WORDINGS))]
        return combined(*names).name, " and ".join(self._words(WORDINGS[name], PHRASES[name], COMPARED[name]) for name in names)

    def _words(self, fixed: dict, phrases, compared) -> str:
        words = self.generator.choice(fixed[self.split])  # drawn in any case, so that all variants are the same conversations
        return worded(phrases, compared, self.wordings) if self.variant else words

    def instructed(self) -> dict:
        """`{"instructions", "turns"}` of two to four questions; a style is in force from when it is asked for."""
        generator, turns, instructions, style = self.generator, [], None, "neutral"
        if generator.random() < 0.35:
            style, words = self._style()
            instructions = words[:1].upper() + words[1:] + "."
        for number in range(generator.randint(2, 4)):
            chance, asked = generator.random(), None
            if style == "neutral" and (number == 0 or chance < 0.4) or chance < 0.12:
                style, asked = self._style()
            elif chance < 0.3:
                style, asked = "neutral", self._words(NORMAL, BACK, ())
            question = [turn | {"style": style} for turn in self._question()]
            if asked and generator.random() < 0.5:
                turns.append({"intent": "style", "user": asked, "tool_result": None, "assistant": ACKNOWLEDGED, "style": style})
            elif asked:
                question[0] = question[0] | {"user": f"{asked} {question[0]['user']}"}
            turns += question
        return {"instructions": instructions, "turns": turns}

    def in_a_mood(self) -> dict:
        """`{"tone", "by", "mood", "turns"}` of one question."""
        generator = self.generator
        by = generator.choices(BY, (5, 3, 1))[0]
        mood = generator.choice([*OPENINGS, "neutral"]) if by == "tone" else generator.choice(list(OPENINGS))
        tone = {"tone": mood, "words": "neutral", "conflict": generator.choice([other for other in OPENINGS if other != mood])}[by]
        while True:
            turns = self._question()
            if turns[0]["intent"] not in ("greet", "thanks", dialogues.RANDOM):
                break
        if by != "tone":
            turns[0] = turns[0] | {"user": f"{generator.choice(IN_WORDS[mood][self.split])} {turns[0]['user']}"}
        opening = OPENINGS.get(mood)
        turns = [turn if is_tool_call(turn["assistant"]) or opening is None else turn | {"assistant": f"{opening} {turn['assistant']}"} for turn in turns]
        return {"tone": tone, "by": by, "mood": mood, "turns": [turn | {"style": TONES[mood]} for turn in turns]}


def styled_answers(rows: list[dict]) -> list[tuple[str, str]]:
    """Every (text, style) that is spoken, sorted."""
    return sorted({(turn["assistant"], turn["style"]) for row in rows for turn in row["turns"] if not is_tool_call(turn["assistant"])})


def reworded(split: str, instructed: int, seed, variant: int) -> list[dict]:
    """The conversations with instructions of `build`, the instructions in other words."""
    builder = InstructionBuilder(load_domain(), split, seed, variant)
    return [{"id": f"instructions-{split}-{number:05d}-{variant}", "split": split, **builder.instructed()} for number in range(instructed)]


def build(split: str, instructed: int, moody: int, seed) -> tuple[list[dict], list[dict]]:
    """(conversations with instructions, conversations of people in a mood), with ids."""
    builder = InstructionBuilder(load_domain(), split, seed)
    made = [[make() for _ in range(count)] for make, count in ((builder.instructed, instructed), (builder.in_a_mood, moody))]
    return tuple([{"id": f"{name}-{split}-{number:05d}", "split": split, **row} for number, row in enumerate(rows)]
                 for name, rows in zip(("instructions", "empathy"), made))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=2_500)
    parser.add_argument("--test", type=int, default=300)
    parser.add_argument("--variants", type=int, default=8)
    options = parser.parse_args()
    for split, count in (("train", options.train), ("test", options.test)):
        instructed, moody = build(split, count, count, options.seed)
        others = [row for variant in range(1, options.variants + 1) for row in reworded(split, count, options.seed, variant)] if split == "train" else []
        dialogues.write(paths.DIALOGUES / f"instructions_{split}.jsonl", instructed + others)
        dialogues.write(paths.DIALOGUES / f"empathy_{split}.jsonl", moody)
        pairs = styled_answers(instructed + moody)
        with paths.atomic(paths.DATA / f"styled_answers_{split}.jsonl") as file:
            file.writelines(json.dumps(pair) + "\n" for pair in pairs)
        print(f"{split}: {count} conversations with instructions, {count} of people in a mood, {len(pairs)} answers to speak")


if __name__ == "__main__":
    main()
