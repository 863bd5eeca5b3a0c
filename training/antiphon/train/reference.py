"""Loads a checkpoint in the reference's own class and compares greedy text and speech ids on recordings.

`python -m antiphon.train.reference CHECKOUT CHECKPOINT --manifest runs/evaluation/MANIFEST.jsonl --count 20`

CHECKOUT is a checkout of github.com/FunAudioLLM/Fun-Audio-Chat (transformers 4.52.3). Attention is `sdpa`, as the released
weights run. Exit code 0 only if names fit and all ids agree.
"""
from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import soundfile
import torch
from transformers import WhisperFeatureExtractor

from antiphon.data import prompt
from antiphon.evaluate import prompts_for, read_recording
from antiphon.model import checkpoint
from antiphon.model.generation import Generated, generate
from .audio import Features, encode_batch
from .run import RUNS
from .sequences import Vocabulary


def load_reference(checkout: Path, directory: Path):
    """The reference's model and the tensor names it missed or did not expect (ties aside)."""
    if not (checkout / "funaudiochat").is_dir():
        raise FileNotFoundError(f"{checkout / 'funaudiochat'}: no such folder; expected a checkout of Fun-Audio-Chat")
    sys.path.insert(0, str(checkout))
    from funaudiochat.modeling_funaudiochat import FunAudioChatForConditionalGeneration
    model, report = FunAudioChatForConditionalGeneration.from_pretrained(
        directory, attn_implementation="sdpa", torch_dtype=torch.float32, output_loading_info=True)
    return model.eval(), report["missing_keys"], report["unexpected_keys"]


@torch.no_grad()
def reference_answer(model, extractor, wave, ids: torch.Tensor, speech: bool, limit: int) -> Generated:
    """Greedy answer of the reference to one recording."""
    features = extractor(wave, sampling_rate=16000, return_attention_mask=True, padding="max_length", return_tensors="pt")
    frames, group = len(wave) * 25 // 16000, model.config.audio_config.group_size
    padded = -(-frames // group) * group
    model.sp_gen_kwargs.update(text_greedy=True, disable_speech=not speech, force_text_abos=False, only_crq_sampling=True)
    text, codes = model.generate(
        input_ids=ids[None], attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        input_features=features["input_features"], feature_attention_mask=features["attention_mask"],
        speech_ids=torch.full((1, padded), model.config.audio_config.pad_token_id),
        speech_attention_mask=(torch.arange(padded) < frames).long()[None],
        feature_exist_mask=torch.ones(1, dtype=torch.bool), max_new_tokens=limit, do_sample=False,
        eos_token_id=model.config.text_config.eos_token_id, pad_token_id=model.config.text_config.pad_token_id)
    return Generated(text[0, len(ids):].tolist(), codes[0].tolist())


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("checkout", type=Path)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--count", type=int, default=20)
    arguments.add_argument("--limit", type=int, default=72)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    reference, missing, unexpected = load_reference(options.checkout, options.checkpoint)
    print("missing", missing, "unexpected", unexpected)
    model, vocabulary = checkpoint.load(options.checkpoint), Vocabulary(options.checkpoint)
    # The reference clips log-mel at the whole utterance's maximum.
    features, extractor = Features(running=False), WhisperFeatureExtractor(feature_size=128)
    lines = [json.loads(line) for line in options.manifest.read_text().splitlines()][: options.count]
    same = {prompt.SPEECH: 0, prompt.TRANSCRIBE: 0}
    for line in lines:
        path = options.manifest.parent / line["audio"]
        recording = read_recording(path, features, line["reference"], line["voice"])
        with torch.no_grad():
            groups = encode_batch(model, [recording], torch.float32).groups
        wave, _ = soundfile.read(path, dtype="float32")
        for mode in same:
            ids = prompts_for(vocabulary, [recording], mode)[0]
            speech = mode == prompt.SPEECH
            ours = generate(model, [ids], [groups], speech=speech, limit=options.limit)[0]
            theirs = reference_answer(reference, extractor, wave, ids, speech, options.limit)
            same[mode] += ours == theirs
    print(f"identical ids on {len(lines)} recordings: {same}")
    sys.exit(0 if not missing and not unexpected and all(n == len(lines) for n in same.values()) else 1)


if __name__ == "__main__":
    main()
