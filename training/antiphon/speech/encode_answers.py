"""Encodes analysed corpora of answers into speech ids: `ids.json` {text: [ids]} (length a multiple of 5) and the silence id."""
import argparse
import json
from collections import Counter
from pathlib import Path

import torch

from antiphon.speech.corpus import Utterance, load
from antiphon.speech.features import SAMPLES_PER_TOKEN, log_mel
from antiphon.speech.tokenizer import SpeechTokenizer, load_encoder


def silence_id(tokenizer: SpeechTokenizer) -> int:
    """The id that lasting digital silence settles on; fed to flush the detokenizer."""
    mel = log_mel(torch.zeros(1, 100 * SAMPLES_PER_TOKEN))
    features = torch.cat([mel, torch.zeros(1, mel.shape[1], 2)], 2)
    return Counter(tokenizer.encode(features)[0, -20:].tolist()).most_common(1)[0][0]


@torch.no_grad()
def encode(tokenizer: SpeechTokenizer, utterance: Utterance) -> list[int]:
    """Ids of one utterance, 25 per second."""
    return tokenizer.encode(torch.from_numpy(utterance.features.astype("float32"))[None])[0].tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+", help="analysed corpora, without suffix")
    parser.add_argument("--tokenizer", type=Path, required=True, help="checkpoint of train_tokenizer, or an encoder alone (.safetensors)")
    parser.add_argument("--out", type=Path, required=True, help="ids.json to write; silence.json goes beside it")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = SpeechTokenizer().eval()
    load_encoder(tokenizer, options.tokenizer)
    ids = {utterance.text: encode(tokenizer, utterance) for utterance in load(options.corpora)}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    partial = options.out.with_suffix(".part")
    partial.write_text(json.dumps(ids))
    partial.rename(options.out)
    with torch.no_grad():
        silence = silence_id(tokenizer)
    options.out.with_name("silence.json").write_text(json.dumps({"silenceId": silence}))
    used = Counter(i for row in ids.values() for i in row)
    print(f"{len(ids)} answers, {sum(map(len, ids.values()))} ids, {len(used)} different, silence {silence}")


if __name__ == "__main__":
    main()
