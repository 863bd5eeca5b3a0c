"""The whole recipe at toy size: texts, voices, speech tokenizer, every training stage, a checkpoint and its figures.

`python -m antiphon.train.toy` takes under ten minutes on one core and writes runs/toy; what it learns is nearly nothing,
that every stage's files fit the next one is what it shows.
"""
from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from antiphon.data import (callers, dialogues, evaluation_set, forms, instructions, paths, readings, robustness, text_tokenizer, understanding,
                           utterances, voices)
from antiphon.data.domain import load_domain
from .run import RUNS


def espeak_caller(generator: random.Random):
    """A training voice that synthesises fast."""
    return voices.training_caller(generator, natural_share=0.0, festival_share=0.0)


def make_data(data: Path, count: int):
    """Dialogues, tokenizer, caller audio and an evaluation set below `data`."""
    paths.DATA, paths.DIALOGUES, paths.TOKENIZER, paths.CALLERS = data, data / "dialogues", data / "tokenizer", data / "callers"
    train, test = dialogues.build("train", count, 1, 40), dialogues.build("test", count // 4, 1)
    for name, rows in (("train", train), ("text", train), ("test", test), ("robust_train", robustness.build("train", count, 1)),
                       ("robust_test", robustness.build("test", 20, 1))):
        dialogues.write(paths.DIALOGUES / f"{name}.jsonl", rows)
    instructed, moody = instructions.build("train", 3, 6, 1)
    dialogues.write(paths.DIALOGUES / "instructions_train.jsonl", instructed)
    dialogues.write(paths.DIALOGUES / "empathy_train.jsonl", moody)
    (data / "styled.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in instructions.styled_answers(instructed + moody)))
    texts = text_tokenizer.texts(train + test)
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), paths.TOKENIZER)
    answers = [text for text, _ in dialogues.spoken_answers(train)]
    for name, texts in (("answers", answers), ("robust_answers", [forms.CANNOT, forms.NOT_FOUND]), ("readings", readings.strings(30, 1)),
                        ("unseen_answers", readings.unseen(answers)[:10])):
        (data / f"{name}.txt").write_text("".join(text + "\n" for text in texts))
    callers.build("train_00", train, espeak_caller, 1)
    said = utterances.build("train", 6, 1)
    dialogues.write(paths.DIALOGUES / "utterances_train.jsonl", said)
    callers.build("train_30", moody, espeak_caller, 4)
    callers.build("train_32", said, espeak_caller, 5)
    callers.build("seen_test", test[:8], espeak_caller, 2)
    callers.build("test_held_out", test[:8], voices.held_out_caller, 3)
    understanding.build("understanding_train", understanding.read_recordings(["train_00"]), 24, 1)
    evaluation_set.write_recordings(data.parent / "evaluation", evaluation_set.recordings(6, 7))


def command(*arguments):
    """Runs `python -m arguments…` on one thread; raises CalledProcessError if it fails."""
    print("$", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", *map(str, arguments)], check=True, cwd=Path(__file__).resolve().parents[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RUNS / "toy")
    parser.add_argument("--minutes", type=float, default=0.5, help="of every stage")
    parser.add_argument("--dialogues", type=int, default=120)
    options = parser.parse_args()
    begin, out, data, speech = time.monotonic(), options.out, options.out / "data", options.out / "speech"
    shutil.rmtree(out, ignore_errors=True)
    make_data(data, options.dialogues)
    common = ["--data", data, "--minutes", options.minutes, "--fresh"]
    for name in ("answers", "robust_answers", "readings", "unseen_answers"):
        command("antiphon.speech.teacher", data / f"{name}.txt", speech / name, "--style", "neutral")
        command("antiphon.speech.corpus", speech / name)
    command("antiphon.speech.train_tokenizer", speech / "answers", "--out", speech / "tokenizer.pt", "--minutes",
            options.minutes, "--held-out", 4)
    for name, corpora in (("ids", ("answers", "robust_answers", "readings")), ("unseen", ("unseen_answers",))):
        command("antiphon.speech.encode_answers", *(speech / corpus for corpus in corpora), "--tokenizer", speech / "tokenizer.pt",
                "--out", data / "assistant" / f"{name}.json")
    command("antiphon.speech.teacher", data / "styled.jsonl", speech / "styled", "--pairs")
    command("antiphon.speech.corpus", speech / "styled")
    command("antiphon.speech.encode_answers", speech / "styled", "--all-styles", "--tokenizer", speech / "tokenizer.pt",
            "--out", data / "assistant" / "styled.json")
    stages = {name: out / "nano" / name for name in ("text", "listening", "speaking", "merged", "joint", "final")}
    command("antiphon.train.text", *common, "--size", "toy", "--out", stages["text"], "--batch", 16)
    command("antiphon.train.listening", *common, "--size", "toy", "--llm", stages["text"], "--out", stages["listening"],
            "--seconds", 20)
    command("antiphon.train.speaking", *common, "--llm", stages["text"], "--out", stages["speaking"], "--batch", 6)
    command("antiphon.train.merging", "--listening", stages["listening"], "--speaking", stages["speaking"], "--out",
            stages["merged"])
    command("antiphon.train.joint", *common, "--start", stages["merged"], "--listening", stages["listening"], "--out",
            stages["joint"], "--seconds", 15, "--batch", 6, "--robust", 4, "--sounds", 1, "--understanding", 1,
            "--instructed", 2, "--empathy", "--utterances", "--offered", 0.3)
    command("antiphon.train.reading", *common, "--start", stages["joint"], "--out", stages["final"], "--batch", 6, "--share", 0)
    preferred = ["--tokenizer", data / "tokenizer", "--out"]
    robust = data / "dialogues" / "robust_train.jsonl"
    command("antiphon.train.preferences", "pairs", stages["final"], "--conversations", robust, "--count", 12, "--samples", 1, *preferred,
            out / "preferences")
    command("antiphon.train.preferences", "train", "--pairs", out / "preferences" / "pairs.jsonl", "--start", stages["final"], "--minutes",
            options.minutes, "--guards", data / "dialogues" / "robust_test.jsonl", *preferred, out / "nano" / "preferred")
    manifest = ["--manifest", out / "evaluation" / "MANIFEST.jsonl"]
    command("antiphon.evaluate", stages["final"], *manifest, "--no-speech", "--out", out / "figures")
    command("antiphon.evaluate.score", out / "figures", *manifest, "--out", out / "figures.json")
    figures = json.loads((out / "figures.json").read_text())["questions"]["all"]
    print(f"toy recipe: {time.monotonic() - begin:.0f} s, checkpoint in {stages['final']}, figures {figures}")


if __name__ == "__main__":
    main()
