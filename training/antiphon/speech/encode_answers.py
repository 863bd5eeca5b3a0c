"""Encodes analysed corpora of answers into speech ids: `ids.json` {text: [ids]} (length a multiple of 5), the silence id, and where
words lie in the ids."""
import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from antiphon.speech.corpus import Utterance, load
from antiphon.speech.features import FRAMES_PER_TOKEN, PHONE_INDEX, SAMPLES_PER_TOKEN, log_mel
from antiphon.speech.teacher import PAUSE
from antiphon.speech.tokenizer import SpeechTokenizer, load_encoder
from antiphon.train.assistant import words_file


def silence_id(tokenizer: SpeechTokenizer) -> int:
    """The id that lasting digital silence settles on; fed to flush the detokenizer."""
    mel = log_mel(torch.zeros(1, 100 * SAMPLES_PER_TOKEN))
    features = torch.cat([mel, torch.zeros(1, mel.shape[1], 2)], 2)
    return Counter(tokenizer.encode(features)[0, -20:].tolist()).most_common(1)[0][0]


@torch.no_grad()
def encode(tokenizer: SpeechTokenizer, utterance: Utterance) -> list[int]:
    """Ids of one utterance, 25 per second."""
    return tokenizer.encode(torch.from_numpy(utterance.features.astype("float32"))[None])[0].tolist()


def word_spans(utterance: Utterance) -> list[tuple[str, int, int]] | None:
    """(word, first id, last + 1) of the text's words, a pause belonging to the word before it; None where the teacher spoke more or
    fewer words than are written, or one too short to have an id of its own."""
    sounding = ~np.isin(utterance.phones, [PHONE_INDEX[PAUSE], PHONE_INDEX[" "]])
    edges = np.flatnonzero(sounding & ~np.concatenate([[False], sounding[:-1]]))
    words = utterance.text.split()
    if len(edges) != len(words):
        return None
    ends = int(np.flatnonzero(sounding)[-1]) + 1
    places = [round(edge / FRAMES_PER_TOKEN) for edge in edges] + [min(len(utterance.phones) // FRAMES_PER_TOKEN, -(-ends // FRAMES_PER_TOKEN))]
    if any(b <= a for a, b in zip(places, places[1:])):
        return None
    return list(zip(words, places, places[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+", help="analysed corpora, without suffix")
    parser.add_argument("--tokenizer", type=Path, required=True, help="checkpoint of train_tokenizer, or an encoder alone (.safetensors)")
    parser.add_argument("--out", type=Path, required=True, help="ids.json to write; silence.json goes beside it")
    parser.add_argument("--style", default="neutral", help="only sentences in this style")
    parser.add_argument("--all-styles", action="store_true", help="every sentence: {style: {text: [ids]}}, without words and silence")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = SpeechTokenizer().eval()
    load_encoder(tokenizer, options.tokenizer)
    if options.all_styles:
        by_style: dict[str, dict[str, list[int]]] = {}
        for utterance in load(options.corpora):
            by_style.setdefault(utterance.style, {})[utterance.text] = encode(tokenizer, utterance)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(by_style))
        print(", ".join(f"{style} {len(texts)}" for style, texts in sorted(by_style.items())))
        return
    utterances = [utterance for utterance in load(options.corpora) if utterance.style == options.style]
    if not utterances:
        parser.error(f"{', '.join(map(str, options.corpora))}: no sentence is spoken in the style {options.style!r}")
    ids = {utterance.text: encode(tokenizer, utterance) for utterance in utterances}
    spans = {utterance.text: word_spans(utterance) for utterance in utterances}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((words_file(options.out), spans), (options.out, ids)):
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(content))
        partial.rename(path)
    with torch.no_grad():
        silence = silence_id(tokenizer)
    options.out.with_name("silence.json").write_text(json.dumps({"silenceId": silence}))
    used = Counter(i for row in ids.values() for i in row)
    print(f"{len(ids)} answers, {sum(map(len, ids.values()))} ids, {len(used)} different, silence {silence}")


if __name__ == "__main__":
    main()
