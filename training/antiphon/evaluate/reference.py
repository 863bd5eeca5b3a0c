"""Runs recordings through a checkpoint in the reference's own class and writes what it computes as reference cases.

`python -m antiphon.evaluate.reference CHECKOUT runs/nano/final --count 100 --out runs/figures/reference`

CHECKOUT is a checkout of github.com/FunAudioLLM/Fun-Audio-Chat (transformers 4.52.3). Attention is `sdpa`, as the released
weights run. For every recording two cases in the form of the other reference cases: the answer as conversations ask for it
(`answer`: text, call or text and speech, greedy) and the transcript (`text`). `./antiphon parity BUNDLE OUT` compares every
stage and id of them with the product's; this command compares the ids with `antiphon.model`. `figures.json` tells how many
agree. Exit code 0 only if names fit and all ids agree.
"""
from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import torch
from safetensors.numpy import save_file
from transformers import WhisperFeatureExtractor

from antiphon.data import prompt
from antiphon.evaluate import manifest
from antiphon.evaluate.conversing import RATE, prompts_for, read_recording
from antiphon.evaluate.figures import share
from antiphon.model import checkpoint
from antiphon.model.generation import Generated, generate
from antiphon.train.audio import Features, encode_batch
from antiphon.train.run import RUNS
from antiphon.train.sequences import Vocabulary

MODES = {"answer": prompt.SPEECH, "text": prompt.TRANSCRIBE}
"""Mode of a case to mode of the prompt."""


def load_reference(checkout: Path, directory: Path):
    """The reference's model and the tensor names it missed or did not expect (ties aside)."""
    if not (checkout / "funaudiochat").is_dir():
        raise FileNotFoundError(f"{checkout / 'funaudiochat'}: no such folder; expected a checkout of Fun-Audio-Chat")
    sys.path.insert(0, str(checkout))
    from funaudiochat.modeling_funaudiochat import FunAudioChatForConditionalGeneration
    model, report = FunAudioChatForConditionalGeneration.from_pretrained(
        directory, attn_implementation="sdpa", torch_dtype=torch.float32, output_loading_info=True)
    return model.eval(), report["missing_keys"], report["unexpected_keys"]


def reference_inputs(model, extractor, wave: np.ndarray, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """What the reference takes for one recording and its prompt."""
    features = extractor(wave, sampling_rate=RATE, return_attention_mask=True, padding="max_length", return_tensors="pt")
    frames, group = len(wave) * 25 // RATE, model.config.audio_config.group_size
    padded = -(-frames // group) * group
    return {"input_ids": ids[None], "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
            "input_features": features["input_features"], "feature_attention_mask": features["attention_mask"],
            "speech_ids": torch.full((1, padded), model.config.audio_config.pad_token_id),
            "speech_attention_mask": (torch.arange(padded) < frames).long()[None],
            "feature_exist_mask": torch.ones(1, dtype=torch.bool)}


@torch.no_grad()
def reference_answer(model, inputs: dict[str, torch.Tensor], speech: bool, limit: int) -> Generated:
    """Greedy answer of the reference."""
    model.sp_gen_kwargs.update(text_greedy=True, disable_speech=not speech, force_text_abos=False, only_crq_sampling=True)
    text, codes = model.generate(**{name: value.clone() for name, value in inputs.items()}, max_new_tokens=limit, do_sample=False,
                                 eos_token_id=model.config.text_config.eos_token_id,
                                 pad_token_id=model.config.text_config.pad_token_id)
    return Generated(text[0, inputs["input_ids"].shape[1]:].tolist(), codes[0].tolist())


@torch.no_grad()
def stages(model, inputs: dict[str, torch.Tensor], wave: np.ndarray) -> dict[str, np.ndarray]:
    """The reference's results up to the first logits, under the names of a case."""
    group, length = model.config.audio_config.group_size, int(inputs["feature_attention_mask"].sum())
    encoded, _ = model.get_audio_features(inputs["input_features"], feature_attention_mask=inputs["feature_attention_mask"],
                                          speech_maxlen=inputs["speech_ids"].shape[1])
    mean = encoded.reshape(1, -1, group, encoded.shape[-1]).mean(2)
    model.sp_gen_kwargs["disable_speech"] = True
    output = model(**{name: value.clone() for name, value in inputs.items()})
    return {"wav": wave, "mel": inputs["input_features"][0, :, :length].numpy(), "encoder": encoded[0].numpy(),
            "groups": model.audio_tower.continual_output_matching(mean)[0].numpy(),
            "prompt_ids": inputs["input_ids"][0].numpy().astype(np.int32),
            "hidden": output.hidden_states[-1][0].numpy(), "text_logits": output.text_logits[0, -1].numpy()}


class Comparison:
    """The reference and `antiphon.model` with one checkpoint, recording by recording."""

    def __init__(self, checkout: Path, directory: Path, limit: int):
        self.reference, self.missing, self.unexpected = load_reference(checkout, directory)
        self.model, self.vocabulary, self.limit = checkpoint.load(directory), Vocabulary(directory), limit
        # The reference clips log-mel at the whole utterance's maximum.
        self.features, self.extractor = Features(running=False), WhisperFeatureExtractor(feature_size=128)

    def cases(self, path: Path) -> dict[str, tuple[bool, dict[str, np.ndarray]]]:
        """For each mode of MODES whether the ids are the same, and the tensors of the case."""
        recording = read_recording(path, self.features, "", "")
        with torch.no_grad():
            groups = encode_batch(self.model, [recording], torch.float32).groups
        wave, _ = soundfile.read(path, dtype="float32")
        result = {}
        for mode, prompted in MODES.items():
            ids, speech = prompts_for(self.vocabulary, [recording], prompted)[0], mode == "answer"
            inputs = reference_inputs(self.reference, self.extractor, wave, ids)
            theirs = reference_answer(self.reference, inputs, speech, self.limit)
            ours = generate(self.model, [ids], [groups], speech=speech, limit=self.limit)[0]
            values = stages(self.reference, inputs, wave)
            values |= {f"{mode}.text_ids": np.array(theirs.text, np.int32), f"{mode}.speech_ids": np.array(theirs.speech, np.int32)}
            result[mode] = ours == theirs, values
        return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkout", type=Path)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--count", type=int, default=100, help="only the first recordings")
    arguments.add_argument("--id", action="append", help="this recording; may be given again, instead of --count")
    arguments.add_argument("--out", type=Path, required=True, help="folder of the cases; made if missing")
    arguments.add_argument("--limit", type=int, default=72, help="positions an answer may have")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    comparison = Comparison(options.checkout, options.checkpoint, options.limit)
    chosen = [c for c in manifest.read(options.manifest) if len(c.turns) == 1]
    chosen = [c for c in chosen if c.id in options.id] if options.id else chosen[: options.count]
    tensors, listed, agreeing = {}, [], {mode: [] for mode in MODES}
    for done, conversation in enumerate(chosen, 1):
        for mode, (same, values) in comparison.cases(conversation.turns[0].audio).items():
            agreeing[mode].append(same)
            tensors |= {f"{len(listed)}.{name}": np.ascontiguousarray(value) for name, value in values.items()}
            listed.append({"case": len(listed), "recording": conversation.id, "mode": mode})
        if done % 10 == 0:
            print(f"{done} of {len(chosen)} recordings, identical so far: {({m: sum(r) for m, r in agreeing.items()})}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, options.out / "cases.safetensors")
    (options.out / "cases.json").write_text(json.dumps(listed, indent=1) + "\n")
    figures = {"recordings": len(chosen), "missing_names": comparison.missing, "unexpected_names": comparison.unexpected,
               **{f"identical_{mode}": share(rows) for mode, rows in agreeing.items()}}
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))
    sys.exit(0 if not comparison.missing and not comparison.unexpected and all(map(all, agreeing.values())) else 1)


if __name__ == "__main__":
    main()
