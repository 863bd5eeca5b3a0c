"""The detokenizer's checkpoint: `detokenizer.safetensors` (fp16) with the flush id in its header, and its manifest section."""
import argparse
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from antiphon.speech.features import SAMPLE_RATE, SAMPLES_PER_TOKEN
from antiphon.speech.streaming import DELAY_SAMPLES, DELAY_TOKENS, StreamingDetokenizer
from antiphon.speech.tokenizer import CODES, FeatureDecoder, SpeechTokenizer
from antiphon.speech.vocoder import Vocoder

WEIGHTS = "detokenizer.safetensors"
# The phone classifier is an auxiliary of training.
UNUSED_PREFIX = "decoder.phone."


def save_detokenizer(path: Path, detokenizer: StreamingDetokenizer, flush_id: int) -> None:
    """Writes the weights as fp16 and the flush id (0..6560) as header metadata `flushId`."""
    if not 0 <= flush_id < CODES:
        raise ValueError(f"flush id is {flush_id}, expected 0..{CODES - 1}")
    tensors = {name: tensor.half().contiguous() for name, tensor in detokenizer.state_dict().items() if not name.startswith(UNUSED_PREFIX)}
    save_file(tensors, str(path), metadata={"format": "pt", "flushId": str(flush_id)})


def load_detokenizer(path: Path) -> tuple[StreamingDetokenizer, int]:
    """Reads `detokenizer.safetensors`; the sizes follow from the tensors. Returns (fp32 detokenizer, flush id)."""
    with safe_open(str(path), "pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    if "flushId" not in metadata:
        raise ValueError(f"{path} has no flushId in its header metadata: it is not a detokenizer checkpoint")
    blocks = 1 + max(int(name.split(".")[3]) for name in tensors if name.startswith("vocoder.stack.blocks."))
    decoder = FeatureDecoder(tensors["decoder.input.bias"].shape[0], tensors["decoder.norm.bias"].shape[0])
    detokenizer = StreamingDetokenizer(decoder, Vocoder(tensors["vocoder.input.bias"].shape[0], blocks))
    missing, unexpected = detokenizer.load_state_dict(tensors, strict=False)
    missing = [name for name in missing if not name.startswith(UNUSED_PREFIX)]
    if missing or unexpected:
        raise ValueError(f"{path} does not fit the detokenizer: missing {missing}, unexpected {unexpected}")
    return detokenizer, int(metadata["flushId"])


def manifest_section(detokenizer: StreamingDetokenizer, flush_id: int) -> dict:
    """The `detokenizer` section of a bundle's manifest."""
    return {"sampleRate": SAMPLE_RATE, "samplesPerToken": SAMPLES_PER_TOKEN, "delaySamples": DELAY_SAMPLES, "flushTokens": DELAY_TOKENS,
            "flushId": flush_id,
            "states": [{"name": name, "type": "float32", "shape": list(shape), "fill": 0.0} for name, shape in detokenizer.state_shapes.items()]}


def main() -> None:
    parser = argparse.ArgumentParser(description="Packs a trained tokenizer's decoder and a vocoder into detokenizer.safetensors and detokenizer.json.")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--vocoder", type=Path, required=True)
    parser.add_argument("--silence", type=Path, required=True, help="silence.json written with the ids")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    options = parser.parse_args()
    tokenizer, vocoder = SpeechTokenizer(), Vocoder()
    tokenizer.load_state_dict(torch.load(options.tokenizer))
    vocoder.load_state_dict(torch.load(options.vocoder))
    flush_id = json.loads(options.silence.read_text())["silenceId"]
    options.out.mkdir(parents=True, exist_ok=True)
    partial = options.out / f"{WEIGHTS}.part"
    save_detokenizer(partial, StreamingDetokenizer(tokenizer.decoder, vocoder), flush_id)
    partial.rename(options.out / WEIGHTS)
    detokenizer, flush_id = load_detokenizer(options.out / WEIGHTS)
    (options.out / "detokenizer.json").write_text(json.dumps(manifest_section(detokenizer, flush_id), indent=1) + "\n")


if __name__ == "__main__":
    main()
