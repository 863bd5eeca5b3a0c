"""Trains the speech tokenizer: mel L1 + 0.5 delta L1 + 0.3 phone cross-entropy + 0.5 pitch and voicing + level of frames.

Once its ids have trained a language model the encoder must not change; `antiphon.speech.train_vocoder --joint` tunes the decoder on.
With `--decoder` the decoder of a finished detokenizer stays as it is and only an encoder for its ids is trained: a bundle holds no encoder.
With `--encoder` an encoder stays as it is, and so do its ids; only a decoder for them is trained.
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.corpus import Crops, Utterance, load
from antiphon.speech.features import F0_SCALE, MEL_BINS, MEL_SCALE
from antiphon.speech.tokenizer import CODES, LOOK_AHEAD_TOKENS, SpeechTokenizer, codes_to_ids, load_encoder, save_encoder

LATE = 4 * LOOK_AHEAD_TOKENS
LEVEL_WEIGHT = 1.0
"""Like pitch, level hardly reaches the ids by the mel loss alone: loud styles came back 5.5 dB too soft, soft ones 3.7 dB too loud."""


def aligned(decoded: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
    """Cuts the decoder's lateness off both sides: (decoded, true) of the same frames."""
    return decoded[:, LATE:], features[:, :features.shape[1] - LATE]


def reconstruction_losses(decoded: Tensor, features: Tensor) -> dict[str, Tensor]:
    """Losses of decoded features [B, T, 102] against true ones of the same frames."""
    mel, true_mel = decoded[..., :MEL_BINS], features[..., :MEL_BINS]
    pitch, true_pitch, true_voicing = decoded[..., MEL_BINS], features[..., MEL_BINS], features[..., MEL_BINS + 1]
    delta = (mel[:, 1:] - mel[:, :-1]) - (true_mel[:, 1:] - true_mel[:, :-1])
    pitch_error = ((pitch - true_pitch).abs() * true_voicing).sum() / true_voicing.sum().clamp(min=1.0)
    voicing = torch.nn.functional.binary_cross_entropy_with_logits(decoded[..., MEL_BINS + 1], true_voicing)
    level = (loudness(mel) - loudness(true_mel)).abs().mean()
    return {"mel": (mel - true_mel).abs().mean(), "delta": delta.abs().mean(), "pitch": pitch_error, "voicing": voicing, "level": level}


def loudness(mel: Tensor) -> Tensor:
    """Normalised log mel [..., bins] → half the log of the summed power [...], in the same units."""
    return torch.logsumexp(2 * MEL_SCALE * mel, -1) / (2 * MEL_SCALE)


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    return (losses["mel"] + 0.5 * losses["delta"] + 0.5 * (losses["pitch"] + losses["voicing"]) + LEVEL_WEIGHT * losses["level"]
            + 0.3 * losses.get("phone", 0.0))


def load_decoder(model: SpeechTokenizer, path: Path) -> None:
    """The decoder of a finished detokenizer. Its classifier of phones is not shipped and stays as the model has it."""
    decoder = load_detokenizer(path)[0].decoder.state_dict()
    model.decoder.load_state_dict({**decoder, **{k: v for k, v in model.decoder.state_dict().items() if k.startswith("phone.")}})


def save_state(path: Path, model: SpeechTokenizer, optimizer: torch.optim.Optimizer, spent: float, step: int) -> None:
    """What a stopped run needs to go on, written as a whole or not at all."""
    partial = path.with_name(path.name + ".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "spent": spent, "step": step}, partial)
    partial.rename(path)


def style_figures(model: SpeechTokenizer, utterances: list[Utterance]) -> dict[str, dict[str, float]]:
    """Reconstruction of whole utterances by style: mel error in nats, pitch error in semitones, level error in decibels."""
    rows: dict[str, list] = {}
    for utterance in utterances:
        features = torch.from_numpy(utterance.features.astype("float32"))[None]
        with torch.no_grad():
            decoded = model(torch.nn.functional.pad(features, (0, 0, 0, LATE)))[0][:, LATE:]
        losses = reconstruction_losses(decoded, features)
        level = [torch.logsumexp(2 * MEL_SCALE * x[..., :MEL_BINS], (1, 2)).item() * 10 / math.log(10) for x in (decoded, features)]
        rows.setdefault(utterance.style, []).append((losses["mel"].item() * MEL_SCALE, losses["pitch"].item() * F0_SCALE * 12 / math.log(2),
                                                     level[0] - level[1], losses["voicing"].item()))
    return {style: dict(zip(("mel", "semitones", "decibels", "voicing"), map(float, np.mean(values, 0))), count=len(values))
            for style, values in sorted(rows.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+", help="analysed corpora, without suffix; those not there yet join when they appear")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write; a run that was stopped goes on from `<out>.state`")
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=55)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", type=int, default=40, help="the last sentences of the first corpus, for validation")
    parser.add_argument("--check", type=Path, help="analysed corpus for validation, by style, instead of --held-out")
    parser.add_argument("--decoder", type=Path, help="detokenizer.safetensors whose decoder is kept")
    parser.add_argument("--encoder", type=Path, help="encoder.safetensors that is kept")
    parser.add_argument("--start", type=Path, nargs=2, metavar=("ENCODER", "DETOKENIZER"),
                        help="encoder.safetensors and detokenizer.safetensors of a generation before, to begin with instead of nothing")
    parser.add_argument("--gain", type=float, default=0.5, help="share of crops made louder or softer, so that the level is learnt")
    parser.add_argument("--fresh", action="store_true", help="begin anew although `<out>.state` exists")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    utterances = load(options.corpora[:1])
    waiting = list(options.corpora[1:])
    if options.check:
        held_out = load([options.check])
    else:
        held_out, utterances = utterances[-options.held_out:], utterances[:-options.held_out]
    crops = Crops(utterances, options.tokens, options.seed, options.gain)
    check = Crops(held_out, options.tokens, options.seed).batch(32)
    model = SpeechTokenizer()
    if options.start:
        load_encoder(model, options.start[0])
        load_decoder(model, options.start[1])
    if options.decoder:
        # A kept decoder's classifier of phones was not trained, so that part of the loss has nothing to say.
        load_decoder(model, options.decoder)
        model.decoder.requires_grad_(False)
    if options.encoder:
        load_encoder(model, options.encoder)
        model.encoder.requires_grad_(False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    stopped, before, step = Path(f"{options.out}.state"), 0.0, 0
    if stopped.exists() and not options.fresh:
        state = torch.load(stopped)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        before, step = state["spent"], state["step"]
        crops.random = np.random.default_rng(options.seed + step)
        print(f"goes on after {step} steps, {before:.0f} s", flush=True)
    begin, limit, reported, saved = time.time() - before, options.minutes * 60, before, before
    while (spent := time.time() - begin) < limit:
        progress = spent / limit
        rate = options.rate * min(1.0, (step + 1) / 100) * min(1.0, (1.0 - progress) / 0.5 + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        if step % 50 == 0 and (ready := [corpus for corpus in waiting if corpus.with_suffix(".npz").exists()]):
            utterances = utterances + load(ready)
            crops = Crops(utterances, options.tokens, options.seed + step, options.gain)
            waiting = [corpus for corpus in waiting if corpus not in ready]
        features, phones, _ = crops.batch(options.batch)
        model.train()
        decoded, phone_logits, _ = model(features)
        losses = reconstruction_losses(*aligned(decoded, features))
        if not options.decoder:
            losses["phone"] = torch.nn.functional.cross_entropy(
                phone_logits[:, LOOK_AHEAD_TOKENS:].flatten(0, 1), phones[:, 1::4][:, :phone_logits.shape[1] - LOOK_AHEAD_TOKENS].flatten())
        loss = total_loss(losses)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        if spent - reported > 30 or step == 20:
            reported = spent
            model.eval()
            with torch.no_grad():
                decoded, _, codes = model(check[0])
                checked = reconstruction_losses(*aligned(decoded, check[0]))
                used = torch.bincount(codes_to_ids(codes).flatten(), minlength=CODES).float()
                shares = used / used.sum()
                perplexity = torch.exp(-(shares * torch.log(shares.clamp(min=1e-9))).sum())
            print(f"{spent:5.0f} s step {step} train " + " ".join(f"{k} {v.item():.3f}" for k, v in losses.items())
                  + " | held out " + " ".join(f"{k} {v.item():.3f}" for k, v in checked.items()) + f" perplexity {perplexity:.0f}", flush=True)
        if spent - saved > 240:
            saved = spent
            save_state(stopped, model, optimizer, spent, step)
    save_state(stopped, model, optimizer, spent, step)
    torch.save(model.state_dict(), options.out)
    save_encoder(model, options.out.with_suffix(".safetensors"))
    model.eval()
    figures = style_figures(model, held_out)
    options.out.with_suffix(".figures.json").write_text(json.dumps({"steps": step, "seconds": spent, "styles": figures}, indent=1) + "\n")
    for style, row in figures.items():
        print(style, " ".join(f"{k} {v:.3f}" for k, v in row.items()))
    print(f"{step} steps, saved {options.out}")


if __name__ == "__main__":
    main()
