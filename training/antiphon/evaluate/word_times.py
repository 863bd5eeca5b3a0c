"""When the words of samples are spoken, by a checkpoint's head in Python: the cases that the product's times of words are tested with.

`python -m antiphon.evaluate.word_times ../models/nano --id add --out ../model-runtime/src/test/resources/goldens/nano/word_times.json`

CHECKPOINT holds `word_times.safetensors`, as `python -m antiphon.train.word_times` writes it. A line of the manifest of samples has `id`,
`audio` beside the manifest, 16 kHz mono, and `text`. OUT: `[{"recording", "words", "times": [[begin, end] in milliseconds, …]}, …]`.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import soundfile
import torch
from safetensors.torch import load_file

from antiphon import word_alignment
from antiphon.export.word_times import FILE, read_word_times_head
from antiphon.model import checkpoint
from antiphon.train.listening import Auxiliary
from antiphon.train.word_times import scores


def cases(directory: Path, samples: Path, chosen: list[str]) -> list[dict]:
    """The case of each chosen line of the manifest. Raises ValueError naming an id that it has not."""
    lines = {line["id"]: line for line in map(json.loads, samples.read_text().splitlines())}
    if missing := set(chosen) - set(lines):
        raise ValueError(f"{samples}: no line with the id {', '.join(sorted(missing))}; expected some of {', '.join(sorted(lines))}")
    described, tensors = read_word_times_head(directory), load_file(directory / FILE)
    head = Auxiliary(tensors["norm.weight"].numel())
    head.load_state_dict(tensors, strict=False)  # it has no phonemes any more
    model = checkpoint.load(directory).eval()
    made = []
    for one in chosen:
        wave, rate = soundfile.read(samples.parent / lines[one]["audio"], dtype="int16")
        if rate != 16_000 or wave.ndim != 1:
            raise ValueError(f"{samples.parent / lines[one]['audio']}: {rate} Hz, {wave.ndim} channels; expected 16000 Hz mono")
        words = lines[one]["text"].split()
        times = word_alignment.words(scores(model, head, wave), words, described.characters, described.begin_offset_millis)
        made.append({"recording": one, "words": words, "times": [list(time) for time in times]})
    return made


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--samples", type=Path, default=Path("../samples/manifest.jsonl"))
    arguments.add_argument("--id", action="append", required=True, help="a line of the manifest; may be given again")
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    made = cases(options.checkpoint, options.samples, options.id)
    options.out.write_text("[\n" + ",\n".join(json.dumps(case) for case in made) + "\n]\n")
    print(f"{options.out}: {sum(len(case['words']) for case in made)} words of {len(made)} recordings")


if __name__ == "__main__":
    main()
