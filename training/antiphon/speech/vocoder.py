"""Source-filter vocoder on one frame rate: acoustic features at 100 Hz -> 24 kHz audio, without adversarial training.

A band-limited pulse train from f0 and white noise from a fixed table are cut into 30 ms frames; a causal network predicts a
complex filter for the pulses and a magnitude for the noise; the inverse transform overlap-adds the frames. Everything is
matrix products and element-wise work. Total lateness: 3 frames of look-ahead + 1 frame of overlap-add = 1 token.
"""
import math

import torch
from torch import Tensor, nn

from antiphon.speech.features import F0_CENTRE, F0_SCALE, HOP, MEL_BINS, MEL_MEAN, MEL_SCALE, SAMPLE_RATE, mel_filters
from antiphon.speech.layers import ConvNeXtStack, Delay, Stream

WINDOW = 3 * HOP
BINS = WINDOW // 2 + 1
LOOK_AHEAD_FRAMES = 3
DELAY_FRAMES = LOOK_AHEAD_FRAMES + 1
NOISE_FRAMES = 128
# The phase is carried in whole steps of 2^-24 cycles, which float32 holds exactly, so that sums of it are exact in every chunking.
PHASE_STEPS = 1 << 24
PULSE_BAND = 11_500.0
PULSE_LEVEL = 0.1
MAXIMUM_LOG_MAGNITUDE = 6.0


def windowed_basis() -> Tensor:
    """Hann-windowed Fourier basis [720, 722]: cosines of 361 bins, then negative sines. A frame times it is its spectrum."""
    n = torch.arange(WINDOW, dtype=torch.float64)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * n / WINDOW)
    angle = 2 * math.pi * torch.remainder(torch.outer(n, torch.arange(BINS, dtype=torch.float64)), WINDOW) / WINDOW
    return (window[:, None] * torch.cat([torch.cos(angle), -torch.sin(angle)], 1)).float()


def analyse(frames: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """`frames` [.., 720] times the basis: real and imaginary part, each [.., 361].

    Cosines and the window are the same at n and 720 - n and sines the opposite, so half of the products are enough.
    """
    forward, backward = frames[..., 1:WINDOW // 2 + 1], frames[..., WINDOW // 2:].flip(-1)
    once = torch.ones(WINDOW // 2, 1)
    once[-1] = 0.5  # the middle of the frame is in both halves
    half = basis[1:WINDOW // 2 + 1]
    return (forward + backward) @ (half[:, :BINS] * once), (forward - backward) @ half[:, BINS:]


def synthesise(real: Tensor, imaginary: Tensor, basis: Tensor) -> Tensor:
    """Scaled spectra, each part [.., 361], times the transposed basis: frames [.., 720]; by the same symmetry."""
    half = basis[1:WINDOW // 2 + 1]
    even, odd = real @ half[:, :BINS].t(), imaginary @ half[:, BINS:].t()
    # The window begins with 0.
    return torch.cat([0.0 * even[..., :1], even + odd, (even - odd)[..., :-1].flip(-1)], -1)


def synthesis_scale() -> Tensor:
    """[722] weights of the bins in the inverse transform; divides by the sum of squared windows (9/8 at a hop of a third)."""
    scale = torch.full((BINS,), 2.0 / WINDOW)
    scale[0] = scale[-1] = 1.0 / WINDOW
    return torch.cat([scale, scale]) / 1.125


def noise_spectra(seed: int = 7) -> Tensor:
    """[128, 722] spectra of the frames of a periodic white noise; consecutive rows overlap as consecutive frames do."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(NOISE_FRAMES * HOP, generator=generator) * 0.1
    extended = torch.cat([noise, noise[:WINDOW - HOP]])
    return extended.unfold(0, WINDOW, HOP) @ windowed_basis()


def envelope_matrix() -> Tensor:
    """[100, 361] interpolation of the log mel over linear frequency, where training of the filters starts."""
    filters = mel_filters()
    centres = (filters * torch.linspace(0, SAMPLE_RATE / 2, filters.shape[0])[:, None]).sum(0) / filters.sum(0)
    frequencies = torch.linspace(0, SAMPLE_RATE / 2, BINS)
    above = torch.searchsorted(centres, frequencies).clamp(1, MEL_BINS - 1)
    share = ((frequencies - centres[above - 1]) / (centres[above] - centres[above - 1])).clamp(0, 1)
    matrix = torch.zeros(MEL_BINS, BINS)
    matrix[above - 1, torch.arange(BINS)] = 1 - share
    matrix[above, torch.arange(BINS)] += share
    return matrix


class PulseSource(nn.Module):
    """Normalised log f0 [B, F] -> band-limited pulse train [B, F, 240], late by 1 frame, with carried phase."""

    def forward(self, pitch: Tensor, stream: Stream) -> Tensor:
        f0 = F0_CENTRE * torch.exp(torch.clamp(pitch, -4.0, 4.0) * F0_SCALE)
        joined = stream.extend("source.f0", f0.unsqueeze(2), 2)[:, :, 0]
        edges = 0.5 * (joined[:, 1:] + joined[:, :-1])
        begin, end = edges[:, :-1], edges[:, 1:]
        steps = torch.round(0.5 * (begin + end) * (HOP / SAMPLE_RATE) * PHASE_STEPS).long()
        if stream.before is None:
            start = torch.zeros_like(steps[:, :1])
        else:
            start = torch.round(stream.before["source.phase"] * PHASE_STEPS).long()
        after = torch.remainder(start + torch.cumsum(steps, 1), PHASE_STEPS)
        before = torch.remainder(after - steps, PHASE_STEPS)
        stream.after["source.phase"] = after[:, -1:].float() / PHASE_STEPS
        i = torch.arange(HOP, dtype=torch.float32)
        linear, bend = i / SAMPLE_RATE, i * i / (2 * HOP * SAMPLE_RATE)
        phase = before.float().unsqueeze(2) / PHASE_STEPS + begin.unsqueeze(2) * linear + (end - begin).unsqueeze(2) * bend
        phase = phase - torch.round(phase)
        phase = torch.where(phase.abs() < 1e-5, torch.full_like(phase, 1e-5), phase)
        harmonics = torch.floor(PULSE_BAND / torch.maximum(begin, end)).unsqueeze(2)
        turn = math.pi * phase
        return PULSE_LEVEL * (torch.sin((2 * harmonics + 1) * turn) / (2 * torch.sin(turn)) - 0.5)


class Vocoder(nn.Module):
    """Features [B, F, 102] (log mel, log f0, voicing 0..1) -> audio [B, 240 F] in [-1, 1], late by 4 frames."""

    def __init__(self, width: int = 256, blocks: int = 6):
        super().__init__()
        self.input = nn.Linear(MEL_BINS + 2, width)
        self.stack = ConvNeXtStack("vocoder", blocks, width, 2 * width)
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, 3 * BINS)
        self.envelope = nn.Parameter(envelope_matrix() * MEL_SCALE)
        self.source = PulseSource()
        self.late_features = Delay("vocoder.features", LOOK_AHEAD_FRAMES)
        self.late_pitch = Delay("vocoder.pitch", 1)
        self.register_buffer("basis", windowed_basis())
        self.register_buffer("scale", synthesis_scale())
        self.register_buffer("noise", noise_spectra())
        nn.init.normal_(self.output.weight, std=0.02)
        with torch.no_grad():
            self.output.bias.zero_()
            self.output.bias[:BINS] = MEL_MEAN - 2.5
            self.output.bias[2 * BINS:] = MEL_MEAN - 2.5

    def forward(self, features: Tensor, stream: Stream, first_noise: Tensor | None = None) -> Tensor:
        """`first_noise` [B, 1] shifts the noise table at the start of training crops."""
        parameters = self.output(self.norm(self.stack(self.input(features), stream)))
        late = self.late_features(features, stream)
        envelope, voicing = late[..., :MEL_BINS] @ self.envelope, late[..., MEL_BINS + 1:]
        pulses = self.source(self.late_pitch(features[..., MEL_BINS:MEL_BINS + 1], stream)[..., 0], stream)
        blocks = stream.extend("vocoder.pulses", pulses, 2)
        frames = torch.cat([blocks[:, :-2], blocks[:, 1:-1], blocks[:, 2:]], 2)
        real, imaginary = analyse(frames, self.basis)
        # Without the gate, spectral losses prefer the regular pulses to noise even in fricatives, which then buzz.
        magnitude = voicing * torch.exp(torch.clamp(parameters[..., :BINS] + envelope, max=MAXIMUM_LOG_MAGNITUDE))
        angle = parameters[..., BINS:2 * BINS]
        filter_real, filter_imaginary = magnitude * torch.cos(angle), magnitude * torch.sin(angle)
        noise_magnitude = torch.exp(torch.clamp(parameters[..., 2 * BINS:] + envelope, max=MAXIMUM_LOG_MAGNITUDE))
        noise = self._noise(features, stream, first_noise)
        shaped_real = real * filter_real - imaginary * filter_imaginary + noise[..., :BINS] * noise_magnitude
        shaped_imaginary = real * filter_imaginary + imaginary * filter_real + noise[..., BINS:] * noise_magnitude
        waves = synthesise(shaped_real * self.scale[:BINS], shaped_imaginary * self.scale[BINS:], self.basis)
        middle = stream.extend("vocoder.overlap1", waves[..., HOP:2 * HOP], 1)[:, :-1]
        last = stream.extend("vocoder.overlap2", waves[..., 2 * HOP:], 2)[:, :-2]
        return torch.clamp((waves[..., :HOP] + middle + last).reshape(features.shape[0], -1), -1.0, 1.0)

    def _noise(self, features: Tensor, stream: Stream, first: Tensor | None) -> Tensor:
        """Noise spectra [B, F, 722] by position; the state holds the position of the next frame, 0..127."""
        if stream.before is not None:
            first = stream.before["vocoder.position"]
        elif first is None:
            first = features.new_zeros(features.shape[0], 1)
        position = torch.round(first).long() + torch.arange(features.shape[1])
        stream.after["vocoder.position"] = torch.remainder(position[:, -1:] + 1, NOISE_FRAMES).float()
        return self.noise[torch.remainder(position, NOISE_FRAMES)]
