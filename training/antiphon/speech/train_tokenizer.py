"""Trains the speech tokenizer: mel L1 + 0.5 delta L1 + 0.3 phone cross-entropy + 0.5 pitch and voicing.

Once its ids have trained a language model the encoder must not change; `antiphon.speech.train_vocoder --joint` tunes the decoder on.
With `--decoder` the decoder of a finished detokenizer stays as it is and only an encoder for its ids is trained: a bundle holds no encoder.
"""
import argparse
import time
from pathlib import Path

import torch
from torch import Tensor

from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.corpus import Crops, load
from antiphon.speech.features import MEL_BINS
from antiphon.speech.tokenizer import CODES, LOOK_AHEAD_TOKENS, SpeechTokenizer, codes_to_ids, save_encoder

LATE = 4 * LOOK_AHEAD_TOKENS


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
    return {"mel": (mel - true_mel).abs().mean(), "delta": delta.abs().mean(), "pitch": pitch_error, "voicing": voicing}


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    return losses["mel"] + 0.5 * losses["delta"] + 0.5 * (losses["pitch"] + losses["voicing"]) + 0.3 * losses.get("phone", 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+", help="analysed corpora, without suffix; those not there yet join when they appear")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=55)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", type=int, default=40, help="the last sentences of the first corpus, for validation")
    parser.add_argument("--decoder", type=Path, help="detokenizer.safetensors whose decoder is kept")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    utterances = load(options.corpora[:1])
    waiting = list(options.corpora[1:])
    held_out, utterances = utterances[-options.held_out:], utterances[:-options.held_out]
    crops = Crops(utterances, options.tokens, options.seed)
    check = Crops(held_out, options.tokens, options.seed).batch(32)
    model = SpeechTokenizer()
    if options.decoder:
        # Its classifier of phones is not shipped, so that part of the loss has nothing to say.
        model.decoder.load_state_dict(load_detokenizer(options.decoder)[0].decoder.state_dict())
        model.decoder.requires_grad_(False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    begin, step, limit, reported, saved = time.time(), 0, options.minutes * 60, 0.0, 0.0
    while (spent := time.time() - begin) < limit:
        progress = spent / limit
        rate = options.rate * min(1.0, (step + 1) / 100) * min(1.0, (1.0 - progress) / 0.5 + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        if step % 50 == 0 and (ready := [corpus for corpus in waiting if corpus.with_suffix(".npz").exists()]):
            utterances = utterances + load(ready)
            crops = Crops(utterances, options.tokens, options.seed + step)
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
            torch.save(model.state_dict(), options.out)
    torch.save(model.state_dict(), options.out)
    save_encoder(model, options.out.with_suffix(".safetensors"))
    print(f"{step} steps, saved {options.out}")


if __name__ == "__main__":
    main()
