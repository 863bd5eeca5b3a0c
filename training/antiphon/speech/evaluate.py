"""Figures of the detokenizer on held-out sentences: mel and pitch error, word error rate against the teacher, real-time factor."""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch

from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.corpus import load
from antiphon.speech.encode_answers import encode
from antiphon.speech.features import F0_CENTRE, F0_SCALE, MEL_BINS, MEL_SCALE, SAMPLE_RATE, log_mel, track_pitch
from antiphon.speech.recognition import Recogniser, word_error_rate
from antiphon.speech.tokenizer import SpeechTokenizer, load_encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="analysed corpus of held-out sentences, without suffix")
    parser.add_argument("--texts", type=Path, required=True, help="sentences of the domain, for the recogniser's trigram")
    parser.add_argument("--tokenizer", type=Path, required=True, help="checkpoint whose encoder made the frozen ids, or the encoder alone (.safetensors)")
    parser.add_argument("--detokenizer", type=Path, required=True, help="detokenizer.safetensors")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures.json and the recogniser's files")
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--flat", action="store_true", help="also recognise with all words equally likely")
    parser.add_argument("--teacher", action="store_true", help="also recognise the teacher")
    options = parser.parse_args()
    torch.set_num_threads(1)
    utterances = load([options.corpus])[:options.sentences]
    tokenizer = SpeechTokenizer().eval()
    load_encoder(tokenizer, options.tokenizer)
    detokenizer, flush_id = load_detokenizer(options.detokenizer)
    texts = options.texts.read_text().splitlines()
    teacher = [u.audio.astype(np.float32) / 32767 for u in utterances]
    ids = [encode(tokenizer, u) for u in utterances]
    begin = time.process_time()
    made = [detokenizer.speak(row, flush_id, 5).numpy() for row in ids]
    figures = {"realTimeFactorTorch": (time.process_time() - begin) * SAMPLE_RATE / sum(map(len, made))}
    mel, pitch, voicing = [], [], []
    for utterance, audio in zip(utterances, made):
        f0, voiced = track_pitch(audio)
        true = utterance.features.astype(np.float32)
        mel.append(np.abs(log_mel(torch.from_numpy(audio)[None])[0].numpy() - true[:, :MEL_BINS]).mean(1) * MEL_SCALE)
        both = (voiced > 0) & (true[:, -1] > 0)
        pitch.append(np.abs(np.log(f0 / F0_CENTRE) - true[:, MEL_BINS] * F0_SCALE)[both] * 12 / math.log(2))
        voicing.append(voiced != true[:, -1])
    figures |= {"melL1": float(np.concatenate(mel).mean()), "pitchErrorSemitones": float(np.concatenate(pitch).mean()),
                "pitchErrorSemitonesMedian": float(np.median(np.concatenate(pitch))), "voicingError": float(np.concatenate(voicing).mean())}
    systems = {"resynthesis": made} | ({"teacher": teacher} if options.teacher else {})
    for name, waves in systems.items():
        for flat in [False, True] if options.flat else [False]:
            recogniser = Recogniser(texts, options.out / ("flat" if flat else "trigram"), flat)
            heard = recogniser.recognise(waves, SAMPLE_RATE)
            figures[f"{name}Wer{'Flat' if flat else 'Trigram'}"] = word_error_rate([u.text for u in utterances], heard)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
