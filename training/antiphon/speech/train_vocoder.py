"""Trains the vocoder on multi-resolution spectra, first from true features, then together with the decoder from the ids.

Without `--tokenizer` the vocoder learns from true features. With it the features come from the frozen encoder's ids through
the decoder, and `--joint` tunes the decoder too (keeping its own losses).
"""
import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.corpus import Crops, load
from antiphon.speech.features import HOP, MEL_BINS, log_mel
from antiphon.speech.layers import Stream
from antiphon.speech.tokenizer import LOOK_AHEAD_TOKENS, SpeechTokenizer, quantise
from antiphon.speech.train_tokenizer import aligned, reconstruction_losses, total_loss
from antiphon.speech.vocoder import DELAY_FRAMES, NOISE_FRAMES, Vocoder

RESOLUTIONS = ((1024, 240), (512, 120), (256, 60), (128, 30))
WARM_UP_FRAMES = 8


def spectral_losses(made: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Distance of two batches of audio [B, N] in log and linear magnitude at four resolutions and in log mel."""
    logarithmic = linear = 0.0
    for size, hop in RESOLUTIONS:
        window = torch.hann_window(size)
        first, second = (torch.view_as_real(torch.stft(x, size, hop, window=window, return_complex=True)).square().sum(-1) for x in (made, true))
        floor = (2e-3) ** 2 * size / 1024
        first, second = torch.sqrt(first + floor), torch.sqrt(second + floor)
        logarithmic = logarithmic + (torch.log(first) - torch.log(second)).abs().mean() / len(RESOLUTIONS)
        linear = linear + ((first - second).square().sum() / second.square().sum()).sqrt() / len(RESOLUTIONS)
    return {"log": logarithmic, "linear": linear, "mel": (log_mel(made) - log_mel(true)).abs().mean()}


def feature_inputs(features: Tensor, tokenizer: SpeechTokenizer | None) -> tuple[Tensor, Tensor | None, int]:
    """What the vocoder hears: (features with voicing 0..1, raw decoder output or None, lateness in frames)."""
    if tokenizer is None:
        return features, None, 0
    with torch.no_grad():
        codes = quantise(tokenizer.encoder(features, Stream()))
    decoded, _ = tokenizer.decoder(codes, Stream())
    return torch.cat([decoded[..., :-1], torch.sigmoid(decoded[..., -1:])], -1), decoded, 4 * LOOK_AHEAD_TOKENS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+", help="analysed corpora, without suffix")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (with --joint also `<out>.tokenizer`)")
    parser.add_argument("--start", type=Path, help="vocoder checkpoint, or detokenizer.safetensors, to begin with")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer checkpoint: train on decoded features")
    parser.add_argument("--joint", action="store_true", help="tune the decoder too")
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", type=int, default=40, help="the last sentences of the first corpus, for validation")
    parser.add_argument("--check", type=Path, help="analysed corpus for validation instead of --held-out")
    parser.add_argument("--gain", type=float, default=0.5, help="share of crops made louder or softer, so that the level is learnt")
    parser.add_argument("--fresh", action="store_true", help="begin anew although `<out>.state` exists")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    utterances = load(options.corpora)
    if options.check:
        held_out = load([options.check])
    else:
        first = len(load(options.corpora[:1])) - options.held_out
        held_out, utterances = utterances[first:first + options.held_out], utterances[:first] + utterances[first + options.held_out:]
    crops, check = Crops(utterances, options.tokens, options.seed, options.gain), Crops(held_out, 50, options.seed).batch(16)
    vocoder, tokenizer = Vocoder(), None
    if options.start:
        from_bundle = options.start.suffix == ".safetensors"
        vocoder.load_state_dict(load_detokenizer(options.start)[0].vocoder.state_dict() if from_bundle else torch.load(options.start))
    parameters = list(vocoder.parameters())
    if options.tokenizer:
        tokenizer = SpeechTokenizer()
        tokenizer.load_state_dict(torch.load(options.tokenizer))
        tokenizer.requires_grad_(False)
        if options.joint:
            tokenizer.decoder.requires_grad_(True)
            parameters += list(tokenizer.decoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.8, 0.98), weight_decay=0.01)

    def run(features: Tensor, audio: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        inputs, decoded, late = feature_inputs(features, tokenizer)
        first = torch.randint(0, NOISE_FRAMES, (features.shape[0], 1)).float()
        made = vocoder(inputs, Stream(), first)
        late += DELAY_FRAMES
        return spectral_losses(made[:, (late + WARM_UP_FRAMES) * HOP:], audio[:, WARM_UP_FRAMES * HOP:audio.shape[1] - late * HOP]), decoded

    stopped, before, step = Path(f"{options.out}.state"), 0.0, 0
    if stopped.exists() and not options.fresh:
        state = torch.load(stopped)
        vocoder.load_state_dict(state["vocoder"])
        if tokenizer is not None:
            tokenizer.load_state_dict(state["tokenizer"])
        optimizer.load_state_dict(state["optimizer"])
        before, step = state["spent"], state["step"]
        crops.random = np.random.default_rng(options.seed + step)
        print(f"goes on after {step} steps, {before:.0f} s", flush=True)

    def save() -> None:
        partial = stopped.with_name(stopped.name + ".part")
        torch.save({"vocoder": vocoder.state_dict(), "tokenizer": tokenizer and tokenizer.state_dict(), "optimizer": optimizer.state_dict(),
                    "spent": spent, "step": step}, partial)
        partial.rename(stopped)
        torch.save(vocoder.state_dict(), options.out)
        if options.joint:
            torch.save(tokenizer.state_dict(), f"{options.out}.tokenizer")

    begin, limit, reported, saved = time.time() - before, options.minutes * 60, before, before
    spent = before
    while (spent := time.time() - begin) < limit:
        progress = spent / limit
        rate = options.rate * min(1.0, (step + 1) / 50) * min(1.0, (1.0 - progress) / 0.5 + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        features, _, audio = crops.batch(options.batch)
        vocoder.train()
        if tokenizer is not None:
            tokenizer.train()
        losses, decoded = run(features, audio)
        loss = losses["log"] + 0.5 * losses["linear"] + 0.5 * losses["mel"]
        if options.joint:
            loss = loss + 0.5 * total_loss(reconstruction_losses(*aligned(decoded, features)))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        if spent - reported > 30 or step == 20:
            reported = spent
            vocoder.eval()
            if tokenizer is not None:
                tokenizer.eval()
            with torch.no_grad():
                checked, decoded = run(check[0], check[2])
                if decoded is not None:
                    checked |= {f"decoder {k}": v for k, v in reconstruction_losses(*aligned(decoded, check[0])).items()}
            print(f"{spent:5.0f} s step {step} train " + " ".join(f"{k} {v.item():.3f}" for k, v in losses.items())
                  + " | held out " + " ".join(f"{k} {v.item():.3f}" for k, v in checked.items()), flush=True)
        if spent - saved > 240:
            saved = spent
            save()
    save()
    print(f"{step} steps, saved {options.out}")


if __name__ == "__main__":
    main()
