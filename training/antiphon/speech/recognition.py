"""A judge of intelligibility: pocketsphinx with a trigram of the domain, and word error rates."""
import math
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from antiphon.word_errors import word_errors

MODEL = Path("/usr/share/pocketsphinx/model/en-us")
# Words of the domain that the dictionary of pocketsphinx lacks.
PRONUNCIATIONS = {"kyiv": "K IY V", "meows": "M IY AW Z", "meow": "M IY AW", "reykjavik": "R EY K Y AH V IH K", "moos": "M UW Z", "neighs": "N EY Z",
                  "antiphon": "AE N T IH F AA N", "brasilia": "B R AH Z IH L Y AH", "kyiv's": "K IY V Z"}
DISCOUNT = 0.5


def normalise(text: str) -> list[str]:
    """Words in lower case without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def word_error_rate(references: list[str], hypotheses: list[str]) -> float:
    """Errors over all sentences divided by the number of reference words."""
    pairs = [(normalise(r), normalise(h)) for r, h in zip(references, hypotheses, strict=True)]
    return sum(word_errors(r, h) for r, h in pairs) / max(1, sum(len(r) for r, _ in pairs))


def write_trigram(sentences: list[str], path: Path) -> set[str]:
    """Writes an ARPA trigram with absolute discounting and back-off; returns its words."""
    counts = [Counter(), Counter(), Counter()]
    for sentence in sentences:
        words = ["<s>", *normalise(sentence), "</s>"]
        for order in range(3):
            counts[order].update(tuple(words[i:i + order + 1]) for i in range(len(words) - order))
    total = sum(counts[0].values()) - counts[0][("<s>",)]
    probability: list[dict] = [{gram: count / total for gram, count in counts[0].items()}, {}, {}]
    probability[0][("<s>",)] = 1e-9
    back_off: list[dict] = [{}, {}]
    for order in (1, 2):
        followers = defaultdict(list)
        for gram, count in counts[order].items():
            followers[gram[:-1]].append((gram, count))
        for context, grams in followers.items():
            mass = sum(count for _, count in grams)
            lower = [_probability(probability, back_off, gram[1:]) for gram, _ in grams]
            spare = DISCOUNT * len(grams) / mass
            back_off[order - 1][context] = spare / max(1e-6, 1.0 - min(sum(lower), 1.0 - 1e-6))
            for (gram, count), _ in zip(grams, lower):
                probability[order][gram] = (count - DISCOUNT) / mass
    with open(path, "w") as file:
        file.write("\\data\\\n" + "".join(f"ngram {order + 1}={len(probability[order])}\n" for order in range(3)))
        for order in range(3):
            file.write(f"\n\\{order + 1}-grams:\n")
            for gram in sorted(probability[order]):
                line = f"{math.log10(probability[order][gram]):.5f} {' '.join(gram)}"
                if order < 2:
                    line += f" {math.log10(back_off[order].get(gram, 1.0)):.5f}"
                file.write(line + "\n")
        file.write("\n\\end\\\n")
    return {gram[0] for gram in counts[0]} - {"<s>", "</s>"}


def _probability(probability: list[dict], back_off: list[dict], gram: tuple) -> float:
    order = len(gram) - 1
    if gram in probability[order]:
        return probability[order][gram]
    if order == 0:
        return 1e-7
    return back_off[order - 1].get(gram[:-1], 1.0) * _probability(probability, back_off, gram[1:])


class Recogniser:
    """Recognises sentences of a domain given by example texts.

    With `flat` every word is equally likely everywhere, which shows acoustic damage that a trigram hides.
    """

    def __init__(self, texts: list[str], folder: Path, flat: bool = False):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        words = sorted({word for text in texts for word in normalise(text)})
        write_trigram(words if flat else texts, folder / "domain.arpa")
        known = defaultdict(list)
        for line in (MODEL / "cmudict-en-us.dict").read_text().splitlines():
            entry, _, phones = line.partition(" ")
            known[re.sub(r"\(\d+\)$", "", entry)].append(phones)
        with open(folder / "domain.dict", "w") as file:
            for word in words:
                spoken = known.get(word, []) + ([PRONUNCIATIONS[word]] if word in PRONUNCIATIONS else [])
                if not spoken:
                    raise ValueError(f"no pronunciation for {word!r}: add it to PRONUNCIATIONS")
                for variant, phones in enumerate(spoken):
                    file.write(f"{word}{'' if variant == 0 else f'({variant + 1})'} {phones}\n")

    def recognise(self, waves: list[np.ndarray], rate: int) -> list[str]:
        """Texts of waves (float in [-1, 1], mono, `rate` 16000 or 24000 samples a second)."""
        with tempfile.TemporaryDirectory() as work:
            for i, wave in enumerate(waves):
                if rate != 16_000:
                    wave = resample_poly(wave, 16_000, rate)
                padded = np.pad(wave, (3200, 3200)) + np.random.default_rng(i).normal(0, 1e-4, len(wave) + 6400)
                soundfile.write(f"{work}/{i:05d}.wav", np.clip(padded, -1, 1), 16_000, subtype="PCM_16")
            Path(work, "list").write_text("".join(f"{i:05d}\n" for i in range(len(waves))))
            command = ["pocketsphinx_batch", "-hmm", str(MODEL / "en-us"), "-lm", str(self.folder / "domain.arpa"), "-dict", str(self.folder / "domain.dict"),
                       "-ctl", f"{work}/list", "-adcin", "yes", "-adchdr", "44", "-cepdir", work, "-cepext", ".wav", "-hyp", f"{work}/hyp",
                       "-logfn", f"{work}/log"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            texts = {}
            for line in Path(work, "hyp").read_text().splitlines():
                match = re.match(r"(.*?)\s*\((\d+) [-\d.]+\)$", line)
                if match:
                    texts[int(match.group(2))] = match.group(1)
            return [texts.get(i, "") for i in range(len(waves))]
