"""Sizes of a CosyVoice 3 detokenizer. What the released ``cosyvoice3.yaml`` sets and no tensor shows stands here."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FlowSizes:
    """Speech ids at 25 Hz -> log-mel at 50 Hz; all widths, and the solver of the flow."""

    vocabulary: int = 6561
    mel: int = 80
    speaker: int = 192
    look_ahead: int = 3
    look_ahead_channels: int = 1024
    width: int = 1024
    layers: int = 22
    head_size: int = 64
    feed_forward: int = 2048
    position_kernel: int = 31
    position_groups: int = 16
    frames_of_token: int = 2
    steps: int = 10
    guidance: float = 0.7
    block_tokens: int = 25

    @property
    def heads(self) -> int:
        return self.width // self.head_size

    @property
    def most_frames(self) -> int:
        """Frames of the rotary table: five minutes, the reference's own limit (its noise is a table of so many)."""
        return 15_000

    @property
    def cached_values(self) -> int:
        """Numbers that a frame adds to the caches of ``flow_blocks``: keys and values, of both branches of the guidance."""
        return self.steps * self.layers * 2 * 2 * self.width


@dataclass(frozen=True)
class VocoderSizes:
    """Log-mel at 50 Hz -> samples at 24 kHz."""

    mel: int = 80
    channels: int = 512
    pitch_channels: int = 512
    harmonics: int = 8
    sample_rate: int = 24_000
    sine_amplitude: float = 0.1
    noise_deviation: float = 0.003
    voiced_threshold: float = 10.0
    rates: tuple[int, ...] = (8, 5, 3)
    kernels: tuple[int, ...] = (16, 11, 7)
    fft: int = 16
    hop: int = 4
    block_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)
    source_kernels: tuple[int, ...] = (7, 7, 11)
    slope: float = 0.1
    limit: float = 0.99
    look_right: int = 4

    @property
    def frame_samples(self) -> int:
        """Samples of one mel frame."""
        samples = self.hop
        for rate in self.rates:
            samples *= rate
        return samples

    @property
    def memory_frames(self) -> int:
        """Frames with the right phases after which nothing tells what came before; the kernels' reach, which the tests measure."""
        return 32

    @property
    def pitch_frames(self) -> int:
        """Frames after which the pitch, which drives the phases, does not depend on those before."""
        return 12

    @property
    def delay_samples(self) -> int:
        """Samples that the streaming graph is behind its newest frame: the frames it looks ahead, and half an FFT window."""
        return self.look_right * self.frame_samples + self.fft // 2


@dataclass(frozen=True)
class Sizes:
    flow: FlowSizes = field(default_factory=FlowSizes)
    vocoder: VocoderSizes = field(default_factory=VocoderSizes)
