"""The assistant's voice as its teacher speaks it: hibari (Apache-2.0, distilled from Kokoro's `af_heart`), 24 kHz, in every style.

    python -m antiphon.speech.teacher runs/data/answers.txt runs/speech/styled --count 1200 --part 0/8

writes a packed corpus ``<prefix>.pcm`` (int16, 24 kHz, mono) and ``<prefix>.jsonl`` with one line for each sentence in one style:
``{"text", "style", "offset", "samples", "phones": [[end in seconds, symbol], ...], "sha256"}``. Offsets count samples, symbols
are hibari's own (misaki's), a blank ends a word. The same arguments give the same bytes. An interrupted run goes on where it was.
"""
from __future__ import annotations

import argparse
import functools
import hashlib
import importlib.util
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.speech.styles import NEUTRAL, SAMPLE_RATE, STYLES, Style, apply, named

FRAME = 300 / SAMPLE_RATE
DURATIONS = "/Clip_output_0"
"""The graph's tensor with how many pairs of 12.5 ms frames each symbol takes."""
FRAMES_PER_STEP = 2
PAUSE, PUNCTUATION = "pau", ";:,.!?—…\"()“”"
NEUTRAL_GAIN = 10.0 ** (3.0 / 20.0)
NEUTRAL_SHARE = 0.3


@dataclass(frozen=True)
class Recording:
    """`audio` float [N] at 24 kHz; `phones` [[end in seconds, symbol], …] without gaps, one PAUSE where nothing is spoken."""

    audio: np.ndarray
    phones: list


class Teacher:
    """Speaks on one thread. Raises ModuleNotFoundError without hibari-tts, ValueError where its graph is another one."""

    def __init__(self):
        if importlib.util.find_spec("hibari") is None:
            raise ModuleNotFoundError("the assistant's voice needs the package hibari-tts, pinned in requirements.lock")
        import onnx
        import onnxruntime
        from hibari import Hibari
        self._hibari = Hibari()
        graph = onnx.load(self._hibari.model_path)
        if not any(DURATIONS in node.output for node in graph.graph.node):
            raise ValueError(f"{self._hibari.model_path} has no tensor {DURATIONS}: expected the graph of hibari-tts 0.2.1")
        graph.graph.output.append(onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def speak(self, text: str, style: Style = NEUTRAL, seed: int = 1) -> Recording:
        """One or more sentences in a style. `seed` fixes the noise of the voice."""
        return self._styled(self._spoken(text, style.rate, seed), style)

    def _styled(self, neutral: Recording, style: Style) -> Recording:
        return Recording(apply(neutral.audio, style), neutral.phones)

    @functools.lru_cache(maxsize=8)
    def _spoken(self, text: str, rate: float, seed: int) -> Recording:
        from hibari import dsp
        generator = np.random.default_rng(seed)
        parts, phones, begin = [], [], 0.0
        for sentence in self._hibari.phonemize(text):
            symbols = [PAUSE, *(PAUSE if s in PUNCTUATION else s for s in sentence if s in self._hibari.vocab), PAUSE]
            ids = np.asarray([self._hibari.ids(sentence)], np.int64)
            *spectra, durations = self._session.run(None, {"ids": ids, "speed": np.asarray([rate], np.float32)})
            parts.append(dsp.synth(*(s[0] for s in spectra), generator))
            ends = begin + np.cumsum(durations.ravel()) * FRAMES_PER_STEP * FRAME
            for end, symbol in zip(ends, symbols, strict=True):
                if symbol == PAUSE and phones and phones[-1][1] == PAUSE:
                    phones.pop()
                phones.append([round(float(end), 4), symbol])
            begin += len(parts[-1]) / SAMPLE_RATE
        if not parts:
            raise ValueError(f"hibari has nothing to say for {text!r}")
        return Recording(np.concatenate(parts) * np.float32(NEUTRAL_GAIN), phones)


def plan(texts: list[str], count: int, seed: int) -> list[tuple[str, Style]]:
    """`count` pairs of a text and a style: NEUTRAL_SHARE neutral, the other styles equally often, texts in turn in a drawn order."""
    generator = random.Random(seed)
    order = generator.sample(texts, len(texts))
    others = [style for style in STYLES.values() if style is not NEUTRAL]
    bag, pairs = [], []
    for index in range(count):
        if not bag:
            bag = generator.sample(others, len(others))
        pairs.append((order[index % len(order)], NEUTRAL if generator.random() < NEUTRAL_SHARE else bag.pop()))
    return pairs


def write_corpus(pairs: list[tuple[str, Style]], prefix: Path, report=print) -> float:
    """Speaks all pairs into a packed corpus, going on after the last whole line that is there; returns its length in seconds."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    index, audio = Path(f"{prefix}.jsonl"), Path(f"{prefix}.pcm")
    done = [json.loads(line) for line in index.read_text().splitlines() if line.endswith("}")] if index.exists() else []
    for entry, (text, style) in zip(done, pairs):
        if (entry["text"], entry["style"]) != (text, style.name):
            raise ValueError(f"{index} holds {entry['text']!r} {entry['style']}, expected {text!r} {style.name}: remove it or give another prefix")
    offset = done[-1]["offset"] + done[-1]["samples"] if done else 0
    index.write_text("".join(json.dumps(entry) + "\n" for entry in done))
    teacher, begin, reported = Teacher(), time.monotonic(), 0.0
    with open(audio, "r+b" if audio.exists() else "wb") as samples, open(index, "a") as lines:
        samples.truncate(2 * offset)
        samples.seek(2 * offset)
        for number, (text, style) in enumerate(pairs[len(done):], len(done) + 1):
            spoken = teacher.speak(text, style)
            pcm = np.round(spoken.audio * 32767).astype("<i2").tobytes()
            samples.write(pcm)
            samples.flush()
            lines.write(json.dumps({"text": text, "style": style.name, "offset": offset, "samples": len(pcm) // 2,
                                    "phones": spoken.phones, "sha256": hashlib.sha256(pcm).hexdigest()}) + "\n")
            lines.flush()
            offset += len(pcm) // 2
            if (spent := time.monotonic() - begin) - reported > 20 or number == len(pairs):
                reported = spent
                report(f"{number} of {len(pairs)} sentences, {offset / SAMPLE_RATE / 60:.1f} min, {spent:.0f} s")
    return offset / SAMPLE_RATE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, help="one sentence a line")
    parser.add_argument("prefix", type=Path, help="corpus to write, without suffix")
    parser.add_argument("--count", type=int, help="sentences of the whole plan; as many as there are texts if not given")
    parser.add_argument("--part", default="0/1", help="k/n: every n-th sentence of the plan, beginning with the k-th")
    parser.add_argument("--style", choices=STYLES, help="every sentence in this style instead of a mix")
    parser.add_argument("--pairs", action="store_true", help="a line of the texts is JSON, [text, style]; styles joined by + are spoken at once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = options.texts.read_text().splitlines()
    part, parts = map(int, options.part.split("/"))
    count = options.count or len(texts)
    if options.pairs:
        pairs = [(text, named(style)) for text, style in map(json.loads, texts[:count])]
    else:
        pairs = [(text, STYLES[options.style]) for text in texts[:count]] if options.style else plan(texts, count, options.seed)
    write_corpus(pairs[part::parts], options.prefix, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
