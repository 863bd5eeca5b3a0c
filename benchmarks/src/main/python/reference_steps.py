"""Decodes prompts in the reference implementation's own class and times its steps.

`python reference_steps.py CHECKOUT CHECKPOINT PROMPTS`

CHECKOUT is a checkout of github.com/FunAudioLLM/Fun-Audio-Chat (transformers 4.52.3), CHECKPOINT a directory in the
released layout, PROMPTS a JSON array of {mel: file of little-endian float32 [bins, frames], bins, frames, samples, ids,
limit}. Attention is `sdpa`, as the released weights run; everything is greedy, on one thread.

Prints `{"ready": true, ...}` when the model is loaded. Then every line read from standard input decodes all prompts
once, one after the other as the class does it, and prints {answers: [{text, speech, steps, seconds, cpuSeconds}]}. A
step is one call of the model after the one that takes the prompt: one position of the shared LLM with the refined
head's passes. Ends with the input.
"""
import functools
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import transformers

WINDOW_FRAMES = 3000


class Clock:
    """Wall and processor time at the beginning of every call of a model."""

    def __init__(self, model):
        self.calls = []
        forward = model.forward

        @functools.wraps(forward)  # the class reads its signature
        def timed(*positional, **named):
            self.calls.append((time.perf_counter(), time.process_time()))
            return forward(*positional, **named)

        model.forward = timed


def load(checkout: Path, checkpoint: Path):
    """The reference's model. Raises FileNotFoundError where `checkout` is none."""
    if not (checkout / "funaudiochat").is_dir():
        raise FileNotFoundError(f"{checkout / 'funaudiochat'}: no such folder; expected a checkout of Fun-Audio-Chat")
    sys.path.insert(0, str(checkout))
    from funaudiochat.modeling_funaudiochat import FunAudioChatForConditionalGeneration
    return FunAudioChatForConditionalGeneration.from_pretrained(
        checkpoint, attn_implementation="sdpa", torch_dtype=torch.float32).eval()


def inputs(prompt: dict, config) -> dict:
    """What the class's generate takes for a prompt."""
    bins, frames = prompt["bins"], prompt["frames"]
    mel = np.fromfile(prompt["mel"], dtype="<f4").reshape(bins, frames)
    padded = np.zeros((1, bins, max(WINDOW_FRAMES, frames)), np.float32)
    padded[0, :, :frames] = mel
    codes, group = prompt["samples"] * 25 // 16000, config.audio_config.group_size
    groups = -(-codes // group) * group
    ids = torch.tensor(prompt["ids"])[None]
    return {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "input_features": torch.from_numpy(padded),
        "feature_attention_mask": (torch.arange(padded.shape[2]) < frames).long()[None],
        "speech_ids": torch.full((1, groups), config.audio_config.pad_token_id),
        "speech_attention_mask": (torch.arange(groups) < codes).long()[None],
        "feature_exist_mask": torch.ones(1, dtype=torch.bool), "max_new_tokens": prompt["limit"], "do_sample": False,
        "eos_token_id": config.text_config.eos_token_id, "pad_token_id": config.text_config.pad_token_id,
    }


@torch.no_grad()
def decode(model, clock: Clock, prompt: dict) -> dict:
    """One answer with the time of its steps."""
    arguments = inputs(prompt, model.config)
    model.sp_gen_kwargs.update(text_greedy=True, disable_speech=False, force_text_abos=False, only_crq_sampling=True)
    clock.calls.clear()
    text, speech = model.generate(**arguments)
    wall, processor = time.perf_counter(), time.process_time()
    begin = clock.calls[1] if len(clock.calls) > 1 else (wall, processor)
    return {
        "text": text[0, len(prompt["ids"]):].tolist(), "speech": speech[0].tolist(), "steps": len(clock.calls) - 1,
        "seconds": wall - begin[0], "cpuSeconds": processor - begin[1],
    }


def main():
    checkout, checkpoint, prompts = (Path(argument) for argument in sys.argv[1:4])
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    transformers.logging.set_verbosity_error()
    # What libraries print must not come between the answers.
    out, sys.stdout = sys.stdout, sys.stderr
    model = load(checkout, checkpoint)
    clock = Clock(model)
    decoded = json.loads(prompts.read_text())
    print(json.dumps({"ready": True, "torch": torch.__version__, "transformers": transformers.__version__}), file=out,
          flush=True)
    for _ in sys.stdin:
        print(json.dumps({"answers": [decode(model, clock, prompt) for prompt in decoded]}), file=out, flush=True)


if __name__ == "__main__":
    main()
