"""``python -m antiphon.export.cosyvoice.parity UPSTREAM``: the graphs against CosyVoice's own classes with random weights.

UPSTREAM is a checkout of github.com/FunAudioLLM/CosyVoice; its classes need torch, einops, omegaconf, scipy, torchaudio and x-transformers.
The vocoder is compared in double precision of the reference's phases, which in its float32 are lost after some seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from antiphon.export.cosyvoice.bundle import write_graphs
from antiphon.export.cosyvoice.convert import WEIGHTS, convert
from antiphon.export.cosyvoice.host import BlockFlow, Detokenizer, Vocoder, window_flow
from antiphon.export.cosyvoice.sizes import FlowSizes, Sizes

SMALL = replace(Sizes(), flow=replace(FlowSizes(), layers=3))


class Upstream:
    """The reference's flow and vocoder with random weights."""

    def __init__(self, checkout: Path, sizes: Sizes, seed: int = 0):
        if not (checkout / "cosyvoice").is_dir():
            raise FileNotFoundError(f"{checkout / 'cosyvoice'}: no such folder; expected a checkout of CosyVoice")
        sys.path.insert(0, str(checkout))
        _stand_in_for_matcha()
        from cosyvoice.flow.DiT.dit import DiT
        from cosyvoice.flow.flow import CausalMaskedDiffWithDiT
        from cosyvoice.flow.flow_matching import CausalConditionalCFM
        from cosyvoice.hifigan.f0_predictor import CausalConvRNNF0Predictor
        from cosyvoice.hifigan.generator import CausalHiFTGenerator
        from cosyvoice.transformer.upsample_encoder import PreLookaheadLayer

        flow, vocoder = sizes.flow, sizes.vocoder
        settings = types.SimpleNamespace(
            sigma_min=1e-6, solver="euler", t_scheduler="cosine", training_cfg_rate=0.2, inference_cfg_rate=flow.guidance, reg_loss_type="l1"
        )
        estimator = DiT(
            dim=flow.width, depth=flow.layers, heads=flow.heads, dim_head=flow.head_size, ff_mult=flow.feed_forward // flow.width, mel_dim=flow.mel,
            mu_dim=flow.mel, spk_dim=flow.mel, out_channels=flow.mel, static_chunk_size=flow.block_tokens * flow.frames_of_token,
            num_decoding_left_chunks=-1,
        )
        self.flow = CausalMaskedDiffWithDiT(
            input_size=flow.mel, output_size=flow.mel, spk_embed_dim=flow.speaker, vocab_size=flow.vocabulary, pre_lookahead_len=flow.look_ahead,
            token_mel_ratio=flow.frames_of_token,
            pre_lookahead_layer=PreLookaheadLayer(flow.mel, flow.look_ahead_channels, flow.look_ahead),
            decoder=CausalConditionalCFM(3 * flow.mel, settings, spk_emb_dim=flow.mel, estimator=estimator),
        ).eval()
        self.vocoder = CausalHiFTGenerator(
            in_channels=vocoder.mel, base_channels=vocoder.channels, nb_harmonics=vocoder.harmonics, sampling_rate=vocoder.sample_rate,
            nsf_alpha=vocoder.sine_amplitude, nsf_sigma=vocoder.noise_deviation, nsf_voiced_threshold=vocoder.voiced_threshold,
            upsample_rates=list(vocoder.rates), upsample_kernel_sizes=list(vocoder.kernels),
            istft_params={"n_fft": vocoder.fft, "hop_len": vocoder.hop}, resblock_kernel_sizes=list(vocoder.block_kernels),
            resblock_dilation_sizes=[list(vocoder.dilations)] * len(vocoder.block_kernels), source_resblock_kernel_sizes=list(vocoder.source_kernels),
            source_resblock_dilation_sizes=[list(vocoder.dilations)] * len(vocoder.source_kernels), lrelu_slope=vocoder.slope,
            audio_limit=vocoder.limit, conv_pre_look_right=vocoder.look_right,
            f0_predictor=CausalConvRNNF0Predictor(1, vocoder.mel, vocoder.pitch_channels),
        ).eval()
        self._sizes = sizes
        _randomise(self.flow, seed)
        _randomise(self.vocoder, seed + 1)
        # Pitches of a voice, with unvoiced frames between.
        self.vocoder.f0_predictor.classifier.weight.data *= 60
        self.vocoder.f0_predictor.classifier.bias.data.fill_(100)

    def mel(self, tokens: np.ndarray, prompt_tokens: np.ndarray, prompt: np.ndarray, speaker: np.ndarray, streaming: bool) -> np.ndarray:
        """All of the reference's mel at once, [frames, mel]."""
        ids, given = torch.from_numpy(tokens)[None], torch.from_numpy(prompt_tokens)[None]
        values, _ = self.flow.inference(
            ids, torch.tensor([ids.shape[1]]), given, torch.tensor([given.shape[1]]), torch.from_numpy(prompt)[None], torch.tensor([len(prompt)]),
            torch.from_numpy(speaker)[None], streaming, True,
        )
        return values[0].T.numpy()

    def noise(self, frames: int) -> np.ndarray:
        """The reference's own noise [frames, mel]."""
        return self.flow.decoder.rand_noise[0, :, :frames].T.numpy()

    def source_noise(self, samples: int) -> np.ndarray:
        """The reference's own noise of the source [harmonics + 1, samples]."""
        return self.vocoder.m_source.l_sin_gen.sine_waves[0, :samples].T.numpy()

    def pcm(self, mel: np.ndarray) -> np.ndarray:
        """All samples at once, in double precision."""
        vocoder = self.vocoder.double()
        vocoder.stft_window = vocoder.stft_window.double()
        values, _ = vocoder.inference(torch.from_numpy(mel.T.copy())[None].double())
        vocoder.float()
        vocoder.stft_window = vocoder.stft_window.float()
        return values[0].numpy()


def _stand_in_for_matcha() -> None:
    """The only thing that is needed of it is a base class that keeps a few settings."""
    class Base(torch.nn.Module):
        def __init__(self, n_feats: int, cfm_params: Any, n_spks: int, spk_emb_dim: int):
            super().__init__()
            self.n_feats, self.n_spks, self.spk_emb_dim, self.sigma_min, self.estimator = n_feats, n_spks, spk_emb_dim, cfm_params.sigma_min, None

    names = ("matcha", "matcha.models", "matcha.models.components", "matcha.models.components.flow_matching")
    for name in names:
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules[names[-1]].BASECFM = Base


def _randomise(model: torch.nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for name, value in model.named_parameters():
        noise = torch.randn(value.shape, generator=generator)
        if "original0" in name:
            value.data = 0.6 + 0.1 * noise.abs()
        elif value.dim() == 1:
            value.data = (1.0 if name.endswith("alpha") else 0.0) + 0.05 * noise
        else:
            value.data = noise * (1.0 if "embedding" in name else value[0].numel() ** -0.5)


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export.cosyvoice.parity", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("--full", action="store_true", help="22 layers as released; else 3 layers of the released widths")
    parser.add_argument("--tokens", type=int, default=70)
    arguments = parser.parse_args()
    sizes = Sizes() if arguments.full else SMALL
    upstream = Upstream(arguments.upstream, sizes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        convert(upstream.flow.state_dict(), upstream.vocoder.state_dict(), sizes.flow, folder / WEIGHTS)
        write_graphs(folder, sizes, blocks=True)
        worst = max(_flow_deviations(upstream, Detokenizer(folder), arguments.tokens) + _vocoder_deviations(upstream, Detokenizer(folder)))
    return 0 if worst < 1e-4 else 1


def _flow_deviations(upstream: Upstream, detokenizer: Detokenizer, count: int) -> list[float]:
    random, sizes = np.random.default_rng(0), detokenizer.sizes.flow
    tokens = random.integers(0, sizes.vocabulary, count)
    prompt_tokens = random.integers(0, sizes.vocabulary, sizes.block_tokens)
    prompt = random.standard_normal((2 * sizes.block_tokens, sizes.mel)).astype(np.float32)
    speaker = random.standard_normal(sizes.speaker).astype(np.float32)
    noise = upstream.noise(2 * (count + len(prompt_tokens)))
    found = []
    for name, ids, frames in (("with prompt", prompt_tokens, prompt), ("without", prompt_tokens[:0], prompt[:0])):
        wanted = upstream.mel(tokens, ids, frames, speaker, False)
        made = window_flow(detokenizer, np.concatenate([ids, tokens]), frames, speaker, noise[: 2 * (count + len(ids))], final=True)
        found.append(_report(f"flow, one window, {name}", made, wanted))
        wanted = upstream.mel(tokens, ids, frames, speaker, True)
        of_frames = lambda first, last, before=len(frames): noise[first + before : last + before]
        stream = BlockFlow(detokenizer, speaker, of_frames, ids, frames)
        made = np.concatenate([stream.push(tokens[:41]), stream.push(tokens[41:]), stream.finish()])
        found.append(_report(f"flow, blocks over caches, {name}", made, wanted))
    return found


def _vocoder_deviations(upstream: Upstream, detokenizer: Detokenizer) -> list[float]:
    sizes = detokenizer.sizes.vocoder
    frames = 150
    mel = np.random.default_rng(1).standard_normal((frames, sizes.mel)).astype(np.float32)
    wanted = upstream.pcm(mel)
    found = []
    for name, cuts in (("at once", [frames]), ("in pieces", [4, 1, 2, 30, 50, 63])):
        noise = upstream.source_noise((frames + 16) * sizes.frame_samples)
        vocoder = Vocoder(detokenizer, lambda first, last: noise[:, first:last])
        made = np.concatenate([vocoder.push(piece) for piece in np.split(mel, np.cumsum(cuts)[:-1])] + [vocoder.finish()])
        # The reference ends with a reflection, the graph with frames of zeros: the last frame differs.
        kept = len(wanted) - sizes.frame_samples
        assert len(made) == len(wanted)
        found.append(_report(f"vocoder {name}", made[:kept], wanted[:kept]))
    return found


def _report(name: str, made: np.ndarray, wanted: np.ndarray) -> float:
    deviation = float(np.abs(made - wanted).max() / np.abs(wanted).max()) if made.shape == wanted.shape else float("inf")
    print(f"{name:44} {deviation:.2e} of {np.abs(wanted).max():.3g}  {made.shape}")
    return deviation


if __name__ == "__main__":
    sys.exit(main())
