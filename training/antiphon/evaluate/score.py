"""Figures of results: `python -m antiphon.evaluate.score runs/figures/dataflow --out runs/figures/dataflow.json`.

RESULTS is the folder that `./antiphon evaluate` or `python -m antiphon.evaluate` wrote for the manifest. Prints the figures of
all sets and writes them, by voice and by task, to OUT. `--against OTHER` compares with other results of the same manifest
and writes how far they agree; exit code 1 where texts, calls or transcripts differ. `--voice N` has N spoken answers
recognised, beside the teacher's voice.
"""
from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from antiphon.evaluate import figures, manifest, results
from antiphon.evaluate.agreement import agreement, table
from antiphon.evaluate.spoken import recognised, soundness, spoken
from antiphon.train.run import RUNS


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", type=Path, help="folder with results.jsonl")
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--set", choices=manifest.SETS, action="append", help="only this set; may be given again")
    arguments.add_argument("--count", type=int, default=10**6, help="only the first conversations")
    arguments.add_argument("--against", type=Path, help="folder of other results of the same manifest")
    arguments.add_argument("--voice", type=int, default=0, metavar="N", help="recognise N spoken answers")
    arguments.add_argument("--answers", type=Path, default=RUNS / "data" / "answers.txt", help="for the recogniser's trigram")
    arguments.add_argument("--out", type=Path, help="file of the figures")
    options = arguments.parse_args()
    conversations = manifest.read(options.manifest)
    conversations = [c for c in conversations if not options.set or c.set in options.set][: options.count]
    outcomes, failed = results.read(options.results / "results.jsonl", conversations)
    summary = {"conversations": len(conversations), "failed": len(failed), **figures.summary(outcomes)}
    answers = spoken(outcomes)
    summary["speech"] = soundness(answers)
    if options.voice:
        texts = options.answers.read_text().splitlines() + [o.turn.expected for o in outcomes]
        summary["speech"]["recognised"] = recognised(answers, texts, options.voice)
    sets = lambda whole: {name: whole[name] for name in manifest.SETS if name in whole}
    print(f"{len(conversations)} conversations, {len(failed)} failed {failed[:5]}")
    agrees = True
    if options.against:
        other, _ = results.read(options.against / "results.jsonl", conversations)
        summary["agreement"] = agreement(outcomes, other)
        agrees = not any(summary["agreement"][n]["right"] < len(outcomes) for n in ("transcripts", "calls", "texts"))
        print(table([options.results.name, options.against.name], [sets(summary), sets(figures.summary(other))]))
        print("agreement", json.dumps(summary["agreement"]))
    else:
        print(table([options.results.name], [sets(summary)]))
    print("speech", json.dumps(summary["speech"]))
    if options.out:
        options.out.write_text(json.dumps(summary, indent=1) + "\n")
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
