"""How well the spoken answers are understood and how they sound, beside the teacher's voice speaking the same texts.

`python -m antiphon.evaluate.listening runs/figures/dataflow --out runs/figures/listening.json`

RESULTS is the folder that `./antiphon evaluate` or `python -m antiphon.evaluate` wrote for the manifest. Whisper base hears COUNT of its spoken
answers, evenly spread over all in the manifest's order, against their own text; DNSMOS scores the same recordings. Answers without a sample are
left out here: `antiphon.evaluate.score` counts them as silent. A text that stands several times counts as often for the teacher.

* `difference`: answers less teacher, of the word error rate and of DNSMOS overall; what is left when Whisper's own mistakes are taken away;
* `answers`, `teacher`: word errors, recordings without one, DNSMOS overall by median and lowest tenth;
* `worst`: the answers with most errors, with what was heard of either voice.
"""
from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.evaluate import manifest, results
from antiphon.evaluate.agreement import show
from antiphon.evaluate.figures import error_figure, share
from antiphon.evaluate.quality import Dnsmos
from antiphon.evaluate.results import SPEECH_RATE, Outcome, waves
from antiphon.evaluate.spoken import Spoken
from antiphon.evaluate.whisper import Whisper, heard_errors, normalised
from antiphon.speech.teacher import Teacher
from antiphon.train.run import RUNS

WORST = 25


@dataclass(frozen=True)
class Heard:
    """What the judges make of one recording: Whisper's text, errors of the text's words, DNSMOS overall."""

    text: str
    errors: int
    words: int
    ovrl: float


def chosen(outcomes: list[Outcome], count: int) -> list[Spoken]:
    """`count` answers with words and speech, evenly spread; all where there are no more. Raises ValueError where there is none."""
    places = [(o, n) for o in outcomes for n, a in enumerate(o.answers) if a.speech_samples and not a.calls and normalised(a.text)]
    if count < 1:
        raise ValueError(f"the count of answers is {count}; expected one at least")
    if not places:
        raise ValueError(f"none of {len(outcomes)} turns has an answer with words and speech; expected results that were written with their WAVs")
    count = min(count, len(places))
    return [Spoken(o, o.answers[n], waves(o)[n]) for o, n in (places[k * len(places) // count] for k in range(count))]


def listen(answers: list[Spoken], recognise, quality, speak, report=lambda line: None) -> dict:
    """The figures. recognise: (samples, rate) → text; quality: (samples, rate) → Quality; speak: text → the teacher's samples."""
    def hear(text: str, wave: np.ndarray) -> Heard:
        heard = recognise(wave, SPEECH_RATE)
        return Heard(heard, *heard_errors(text, heard), quality(wave, SPEECH_RATE).ovrl)

    made, teacher = [], {}
    for number, one in enumerate(answers, 1):
        text = one.answer.text
        made.append(hear(text, one.wave))
        if text not in teacher:
            teacher[text] = hear(text, speak(text))
        if number % 20 == 0 or number == len(answers):
            report(f"{number} of {len(answers)} answers, {sum(h.errors for h in made)} of {sum(h.words for h in made)} words wrong")
    taught = [teacher[one.answer.text] for one in answers]
    ours, theirs = figures(made), figures(taught)
    order = sorted(range(len(made)), key=lambda k: (-made[k].errors, made[k].words))
    return {"difference": {"wer": round(ours["wer"]["rate"] - theirs["wer"]["rate"], 4),
                           "ovrl": {name: round(ours["ovrl"][name] - theirs["ovrl"][name], 3) for name in ours["ovrl"]}},
            "answers": ours, "teacher": theirs,
            "worst": [{"id": answers[k].outcome.conversation.id, "turn": answers[k].outcome.number, "text": answers[k].answer.text,
                       "heard": made[k].text, "heard_of_the_teacher": taught[k].text, "errors": made[k].errors}
                      for k in order if made[k].errors][:WORST]}


def figures(heard: list[Heard]) -> dict:
    """Of one voice."""
    scores = [h.ovrl for h in heard]
    return {"count": len(heard), "wer": error_figure(sum(h.errors for h in heard), sum(h.words for h in heard)),
            "without_error": share(not h.errors for h in heard),
            "ovrl": {"median": round(float(np.median(scores)), 3), "p10": round(float(np.percentile(scores, 10)), 3)}}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", type=Path, help="folder with results.jsonl and the answers' WAVs")
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--count", type=int, default=200, help="answers to hear, evenly spread over all")
    arguments.add_argument("--out", type=Path, required=True, help="file of the figures")
    options = arguments.parse_args()
    outcomes, _ = results.read(options.results / "results.jsonl", manifest.read(options.manifest))
    teacher = Teacher()
    result = listen(chosen(outcomes, options.count), Whisper(), Dnsmos(), lambda text: teacher.speak(text).audio, lambda line: print(line, flush=True))
    print("difference", json.dumps(result["difference"]))
    for voice in ("answers", "teacher"):
        row = result[voice]
        print(f"{voice:10} WER {show(row['wer'])}, without error {show(row['without_error'])}, DNSMOS overall {json.dumps(row['ovrl'])}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
