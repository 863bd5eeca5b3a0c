"""The causal vocoder (HiFT) as one stateful graph: new mel frames in, as many samples out, nothing computed twice.

Every convolution keeps the end of its input. A stream's first frames are told by ``position``: whatever stands for the time before them is
zero, as the reference pads. The harmonics' phases are whole numbers, 2^40 a turn, so that they neither drift nor depend on how the
frames were cut. A stream's first call takes as many frames as the graph looks ahead, ``VocoderSizes.look_right``: its samples are of no
use, and the next call begins with frame 0. Samples come ``VocoderSizes.delay_samples`` late: those before the first are to be dropped, frames of zeros bring the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from antiphon.export.cosyvoice.sizes import VocoderSizes
from antiphon.export.graph import DOUBLE, FLOAT, INT64, Graph

_TURN = 1 << 40
_CLIP = 100.0
"""Of the magnitudes, before they become samples."""
_NO_DIVISION_BY_ZERO = 1e-9


@dataclass(frozen=True)
class State:
    """One state of a stream: ``float32``, ``float64`` or ``int64``, its shape without the streams, zeros at the start."""

    name: str
    type: str
    shape: tuple[int, ...]


def vocoder_graph(checkpoint, sizes: VocoderSizes) -> tuple[Graph, list[State]]:
    """``mel`` float [streams, mel, n], ``noise`` float [streams, harmonics + 1, n * frame samples] in [0, 1), states ``state.NAME`` ->
    ``pcm`` float [streams, n * frame samples], ``next.NAME``."""
    vocoder = _Vocoder(Graph("vocoder", checkpoint), sizes)
    vocoder.build()
    return vocoder.graph, vocoder.states


class _Vocoder:
    def __init__(self, graph: Graph, sizes: VocoderSizes):
        self.graph, self.sizes = graph, sizes
        self.states: list[State] = []
        self._masks: dict[tuple[int, int], str] = {}

    def build(self) -> None:
        graph, sizes = self.graph, self.sizes
        mel = graph.input("mel", FLOAT, ["streams", sizes.mel, "frames"])
        noise = graph.input("noise", FLOAT, ["streams", sizes.harmonics + 1, "samples"])
        self._position = self._state("position", INT64, (1,))
        self._count = graph.op("Shape", mel, start=2, end=3)
        self._next("position", graph.op("Add", self._position, self._count))
        heard = self._kept("mel", mel, sizes.mel, sizes.look_right)
        source = self._source(self._pitch(heard), noise)
        spectrum = self._spectrum(source)
        pcm = self._samples(self._filtered(heard, spectrum))
        graph.op("Clip", pcm, graph.constant(np.float32(-sizes.limit)), graph.constant(np.float32(sizes.limit)), outputs="pcm")
        graph.output("pcm", FLOAT, ["streams", "samples"])

    # Time

    def _mask(self, delay: int, rate: int = 1) -> str:
        """Float [streams, 1, n * rate], 0 where a value stands for the time before the first frame: ``delay`` frames late, ``rate`` a frame."""
        graph = self.graph
        if (delay, rate) not in self._masks:
            one = lambda value: graph.constant(np.array([value], np.int64))
            count = graph.op("Reshape", graph.op("Mul", self._count, one(rate)), graph.constant(np.array([], np.int64)))
            numbers = graph.op("Range", graph.constant(np.int64(0)), count, graph.constant(np.int64(1)))
            first = graph.op("Mul", graph.op("Sub", self._position, one(delay)), one(rate))
            here = graph.op("GreaterOrEqual", graph.op("Add", numbers, first), one(0))
            self._masks[delay, rate] = graph.unsqueeze(graph.cast(here, FLOAT), 1)
        return self._masks[delay, rate]

    def _masked(self, x: str, delay: int, rate: int = 1) -> str:
        return self.graph.op("Mul", x, self._mask(delay, rate))

    def _first(self, delay: int) -> str:
        """Bool [streams, 1, 1]: frame 0 is the first of those that are ``delay`` frames late. Before it, what is computed is of no use."""
        graph = self.graph
        reached = graph.op("LessOrEqual", self._position, graph.constant(np.array([delay], np.int64)))
        return graph.unsqueeze(reached, 2)

    # States

    def _state(self, name: str, type: int, shape: tuple[int, ...]) -> str:
        self.states.append(State(name, {FLOAT: "float32", DOUBLE: "float64", INT64: "int64"}[type], shape))
        return self.graph.input(f"state.{name}", type, ["streams", *shape])

    def _next(self, name: str, value: str) -> None:
        state = next(state for state in self.states if state.name == name)
        self.graph.op("Identity", value, outputs=f"next.{name}")
        self.graph.output(f"next.{name}", {"float32": FLOAT, "float64": DOUBLE, "int64": INT64}[state.type], ["streams", *state.shape])

    def _kept(self, name: str, x: str, channels: int, length: int) -> str:
        """The last ``length`` values [streams, channels, length] of the calls before, and those of this one behind them."""
        if length == 0:
            return x
        graph = self.graph
        whole = graph.op("Concat", self._state(name, FLOAT, (channels, length)), x, axis=2)
        self._next(name, self._slice(whole, -length, 2**62))
        return whole

    def _slice(self, x: str, first: int, last: int) -> str:
        bound = lambda value: self.graph.constant(np.array([value], np.int64))
        return self.graph.op("Slice", x, bound(first), bound(last), bound(2))

    # Pitch and source

    def _pitch(self, heard: str) -> str:
        """Fundamental frequency in Hz, double [streams, n, 1], 3 frames late: in double as the reference has it."""
        graph, sizes = self.graph, self.sizes
        look = 3
        skipped = sizes.look_right - look
        x = graph.cast(graph.op("Transpose", self._slice(heard, skipped, 2**62), perm=[0, 2, 1]), DOUBLE)
        mask = graph.cast(graph.op("Transpose", self._mask(look), perm=[0, 2, 1]), DOUBLE)
        inputs = sizes.mel
        for number in range(5):
            kernel = look + 1 if number == 0 else 3
            if number:
                name = f"pitch.{number}"
                x = graph.op("Concat", self._state(name, DOUBLE, (kernel - 1, inputs)), x, axis=1)
                self._next(name, self._slice_rows(x, -(kernel - 1), 2**62))
            x = graph.op("Mul", self._unfolded(x, f"vocoder.f0_predictor.condnet.{2 * number}", sizes.pitch_channels, inputs, kernel), mask)
            inputs = sizes.pitch_channels
        weight = graph.once("Cast", graph.transposed(graph.weight("vocoder.f0_predictor.classifier.weight", 1, inputs)), to=DOUBLE)
        bias = graph.once("Cast", graph.weight("vocoder.f0_predictor.classifier.bias", 1), to=DOUBLE)
        return graph.op("Mul", graph.op("Abs", graph.op("Add", graph.op("MatMul", x, weight), bias)), mask)

    def _slice_rows(self, x: str, first: int, last: int) -> str:
        bound = lambda value: self.graph.constant(np.array([value], np.int64))
        return self.graph.op("Slice", x, bound(first), bound(last), bound(1))

    def _unfolded(self, x: str, name: str, outputs: int, inputs: int, kernel: int) -> str:
        """A convolution in double as a product, and ELU: ONNX Runtime has neither for doubles."""
        graph = self.graph
        shifted = [self._slice_rows(x, shift, 2**62 if shift == kernel - 1 else shift - kernel + 1) for shift in range(kernel)]
        weight = graph.once("Transpose", graph.weight(f"{name}.weight", outputs, inputs, kernel), perm=[2, 1, 0])
        flat = graph.once("Reshape", weight, graph.constant(np.array([kernel * inputs, outputs], np.int64)))
        product = graph.op("MatMul", graph.op("Concat", *shifted, axis=2), graph.once("Cast", flat, to=DOUBLE))
        x = graph.op("Add", product, graph.once("Cast", graph.weight(f"{name}.bias", outputs), to=DOUBLE))
        zero = graph.constant(np.float64(0))
        below = graph.op("Sub", graph.op("Exp", graph.op("Min", x, zero)), graph.constant(np.float64(1)))
        return graph.op("Add", graph.op("Max", x, zero), below)

    def _source(self, pitch: str, noise: str) -> str:
        """Source samples [streams, 1, n * frame samples] of the frames that are 3 late."""
        graph, sizes = self.graph, self.sizes
        harmonics, samples = sizes.harmonics + 1, sizes.frame_samples
        voiced = graph.op("Cast", graph.op("Greater", pitch, graph.constant(np.float64(sizes.voiced_threshold))), to=FLOAT)
        multiples = graph.constant(np.arange(1, harmonics + 1, dtype=np.float64))
        turns = graph.op("Div", graph.op("Mul", pitch, multiples), graph.constant(np.float64(sizes.sample_rate)))
        turns = graph.op("Sub", turns, graph.op("Floor", turns))
        turns = graph.op("Mul", turns, graph.constant(np.float64(samples)))
        turns = graph.op("Sub", turns, graph.op("Floor", turns))
        whole = lambda value: graph.constant(np.array(value, np.int64))
        steps = graph.cast(graph.op("Round", graph.op("Mul", turns, graph.constant(np.float64(_TURN)))), INT64)
        phases = graph.op("Add", graph.op("CumSum", steps, whole(1)), graph.unsqueeze(self._state("phases", INT64, (harmonics,)), 1))
        phases = graph.op("Mod", phases, whole(_TURN))
        last = graph.op("Slice", phases, whole([-1]), whole([2**62]), whole([1]))
        self._next("phases", graph.op("Squeeze", last, whole([1])))
        angles = graph.cast(graph.op("Mul", graph.cast(phases, DOUBLE), graph.constant(np.float64(2 * np.pi / _TURN))), FLOAT)
        sines = graph.op("Mul", graph.op("Sin", angles), graph.op("Mul", voiced, graph.constant(np.float32(sizes.sine_amplitude))))
        loudness = graph.op("Add", graph.op("Mul", voiced, graph.constant(np.float32(sizes.noise_deviation - sizes.sine_amplitude / 3))),
                            graph.constant(np.float32(sizes.sine_amplitude / 3)))
        # The phase of a frame holds for all of its samples, as in the reference.
        spread = lambda value: graph.unsqueeze(graph.op("Transpose", value, perm=[0, 2, 1]), 3)
        frames = graph.op("Reshape", noise, whole([0, 0, -1, samples]))
        mixed = graph.op("Add", spread(sines), graph.op("Mul", frames, spread(loudness)))
        mixed = graph.op("Reshape", mixed, whole([0, 0, -1]))
        weight = graph.op("Unsqueeze", graph.weight("vocoder.m_source.l_linear.weight", 1, harmonics), whole([2]))
        bias = graph.weight("vocoder.m_source.l_linear.bias", 1)
        return self._masked(graph.op("Tanh", graph.op("Conv", mixed, weight, bias, kernel_shape=[1])), 3, samples)

    def _spectrum(self, source: str) -> str:
        """Short-time spectrum of the source [streams, fft + 2, n * frame samples / hop], 4 frames late: the frames centred on
        hop * (i + 1), i counted from the first of these frames' samples."""
        graph, sizes = self.graph, self.sizes
        half, samples = sizes.fft // 2, sizes.frame_samples
        # What was kept begins half a window before the samples that are 4 frames late.
        whole = graph.op("Concat", self._state("source", FLOAT, (1, samples + half)), source, axis=2)
        self._next("source", self._slice(whole, -(samples + half), 2**62))
        reflected = graph.op("Gather", self._slice(whole, half, half + half + 1), graph.constant(np.arange(half, 0, -1)), axis=2)
        starts = graph.op("Where", self._first(sizes.look_right), reflected, self._slice(whole, 0, half))
        whole = graph.op("Concat", starts, self._slice(whole, half, 2**62), axis=2)
        kernels = self._fourier()[:, None, :]
        transform = lambda x: graph.op("Conv", x, graph.constant(kernels), kernel_shape=[sizes.fft], strides=[sizes.hop])
        rate = samples // sizes.hop
        spectrum = self._masked(transform(self._slice(whole, sizes.hop, -(samples - half))), sizes.look_right, rate)
        # Frame 0 is centred on the very first sample; it comes before those above.
        self._zeroth = transform(self._slice(whole, 0, sizes.fft))
        return spectrum

    def _fourier(self) -> np.ndarray:
        """Windowed cosines and negative sines [fft + 2, fft]."""
        size = self.sizes.fft
        angles = 2 * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(size)) / size
        return (np.concatenate([np.cos(angles), -np.sin(angles)]) * self._window()).astype(np.float32)

    def _window(self) -> np.ndarray:
        size = self.sizes.fft
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)

    # The filter

    def _filtered(self, heard: str, spectrum: str) -> str:
        """Magnitudes and phases [streams, fft + 2, n * frame samples / hop]; frame i is centred on hop * i of the frames that are 4 late."""
        graph, sizes = self.graph, self.sizes
        delay = sizes.look_right
        x = self._convolution(heard, "vocoder.conv_pre", sizes.channels, sizes.mel, sizes.look_right + 1)
        x = self._masked(x, delay)
        total, rate = int(np.prod(sizes.rates)), 1
        # Spectrum frames 0 .. and those that the calls before have left; frame 0 was made together with frame 1.
        whole = self._spectra(spectrum, total)
        for number, (factor, kernel) in enumerate(zip(sizes.rates, sizes.kernels)):
            inputs, channels = sizes.channels >> number, sizes.channels >> (number + 1)
            rate *= factor
            x = graph.op("LeakyRelu", x, alpha=sizes.slope)
            x = graph.op("Reshape", graph.op("Concat", *[graph.unsqueeze(x, 3)] * factor, axis=3), graph.constant(np.array([0, 0, -1], np.int64)))
            x = self._kept(f"up.{number}", x, inputs, kernel - 1)
            x = self._masked(self._convolution(x, f"vocoder.ups.{number}", channels, inputs, kernel), delay, rate)
            last = number == len(sizes.rates) - 1
            if last:
                # One frame later, since the reference begins with a reflection; which mirrors frame 1.
                previous = graph.op("Where", self._first(delay), self._slice(x, 1, 2), self._state("reflected", FLOAT, (channels, 1)))
                self._next("reflected", self._slice(x, -1, 2**62))
                x = self._masked(graph.op("Concat", previous, self._slice(x, 0, -1), axis=2), delay, rate)
            step = total // rate
            x = graph.op("Add", x, self._source_branch(number, whole, channels, step, rate, total))
            blocks = [
                self._block(x, f"vocoder.resblocks.{number * len(sizes.block_kernels) + i}", channels, size, delay, rate)
                for i, size in enumerate(sizes.block_kernels)
            ]
            total_blocks = blocks[0]
            for block in blocks[1:]:
                total_blocks = graph.op("Add", total_blocks, block)
            x = graph.op("Div", total_blocks, graph.constant(np.float32(len(blocks))))
        x = self._masked(graph.op("LeakyRelu", x, alpha=0.01), delay, rate)
        x = self._kept("post", x, channels, 6)
        return self._convolution(x, "vocoder.conv_post", sizes.fft + 2, channels, 7)

    def _spectra(self, spectrum: str, total: int) -> str:
        """Spectrum frames from 2 * total / first rate - 1 before frame 0 of this call's on."""
        graph, sizes = self.graph, self.sizes
        kept = total // sizes.rates[0]
        before = self._state("spectrum", FLOAT, (sizes.fft + 2, kept))
        older = self._slice(before, 0, -1)
        latest = graph.op("Where", self._first(sizes.look_right), self._zeroth, self._slice(before, -1, 2**62))
        older = graph.op("Where", self._first(sizes.look_right), graph.op("Mul", older, graph.constant(np.float32(0))), older)
        whole = graph.op("Concat", older, latest, spectrum, axis=2)
        self._next("spectrum", self._slice(whole, -kept, 2**62))
        return whole

    def _source_branch(self, number: int, spectra: str, channels: int, step: int, rate: int, total: int) -> str:
        graph, sizes = self.graph, self.sizes
        kept, name = total // sizes.rates[0], f"vocoder.source_downs.{number}"
        if step == 1:
            # Frames 0 .. n of this call; the last is the next call's frame 0.
            x = self._convolution(self._slice(spectra, kept - 1, -1), name, channels, sizes.fft + 2, 1)
        else:
            weight = graph.weight(f"{name}.weight", channels, sizes.fft + 2, 2 * step)
            bias = graph.weight(f"{name}.bias", channels)
            first = kept - step
            x = graph.op("Conv", self._slice(spectra, first, 2**62), weight, bias, kernel_shape=[2 * step], strides=[step])
        x = self._masked(x, sizes.look_right, rate)
        return self._block(x, f"vocoder.source_resblocks.{number}", channels, sizes.source_kernels[number], sizes.look_right, rate)

    def _block(self, x: str, name: str, channels: int, kernel: int, delay: int, rate: int) -> str:
        graph = self.graph
        for number, dilation in enumerate(self.sizes.dilations):
            inner = x
            for part, spread in (("1", dilation), ("2", 1)):
                inner = self._snake(inner, f"{name}.activations{part}.{number}.alpha", channels)
                inner = self._kept(f"{name.removeprefix('vocoder.')}.{part}.{number}", inner, channels, (kernel - 1) * spread)
                inner = self._convolution(inner, f"{name}.convs{part}.{number}", channels, channels, kernel, spread)
                inner = self._masked(inner, delay, rate)
            x = graph.op("Add", inner, x)
        return x

    def _snake(self, x: str, name: str, channels: int) -> str:
        graph = self.graph
        alpha = graph.once("Reshape", graph.weight(name, channels), graph.constant(np.array([channels, 1], np.int64)))
        inverse = graph.once("Reciprocal", graph.once("Add", alpha, graph.constant(np.float32(_NO_DIVISION_BY_ZERO))))
        sine = graph.op("Sin", graph.op("Mul", x, alpha))
        return graph.op("Add", x, graph.op("Mul", graph.op("Mul", sine, sine), inverse))

    def _convolution(self, x: str, name: str, outputs: int, inputs: int, kernel: int, dilation: int = 1) -> str:
        graph = self.graph
        weight, bias = graph.weight(f"{name}.weight", outputs, inputs, kernel), graph.weight(f"{name}.bias", outputs)
        return graph.op("Conv", x, weight, bias, kernel_shape=[kernel], dilations=[dilation])

    # Samples

    def _samples(self, frames: str) -> str:
        """Samples [streams, n * frame samples], half a window later than the frames."""
        graph, sizes = self.graph, self.sizes
        bins, rate = sizes.fft // 2 + 1, sizes.frame_samples // sizes.hop
        loudness, angle = graph.split(frames, [bins, bins], axis=1)
        magnitude = graph.op("Min", graph.op("Exp", loudness), graph.constant(np.float32(_CLIP)))
        phase = graph.op("Sin", angle)
        parts = graph.op("Concat", graph.op("Mul", magnitude, graph.op("Cos", phase)), graph.op("Mul", magnitude, graph.op("Sin", phase)), axis=1)
        mask = self._mask(sizes.look_right, rate)
        window = self._window()
        waves = self._overlapped("overlap", graph.op("Mul", parts, mask), self._inverse())
        weights = self._overlapped("weight", mask, (window**2).astype(np.float32)[None])
        # Before the first sample nothing overlaps.
        return graph.op("Squeeze", graph.op("Div", waves, graph.op("Max", weights, graph.constant(np.float32(1e-11)))), graph.constant(np.array([1], np.int64)))

    def _inverse(self) -> np.ndarray:
        """Windowed waves of the real and imaginary parts [fft + 2, fft]."""
        size = self.sizes.fft
        angles = 2 * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(size)) / size
        twice = np.full((size // 2 + 1, 1), 2 / size)
        twice[[0, -1]] = 1 / size
        return (np.concatenate([twice * np.cos(angles), -twice * np.sin(angles)]) * self._window()).astype(np.float32)

    def _overlapped(self, name: str, parts: str, waves: np.ndarray) -> str:
        """Frames [streams, parts, m] as waves [parts, fft] added up every hop samples; those that later frames still add to are kept."""
        graph, sizes = self.graph, self.sizes
        length = sizes.fft - sizes.hop
        added = graph.op("ConvTranspose", parts, graph.constant(waves[:, None, :]), kernel_shape=[sizes.fft], strides=[sizes.hop])
        missing = graph.op("Sub", graph.op("Shape", added, start=2, end=3), graph.constant(np.array([length], np.int64)))
        zero = graph.constant(np.array([0], np.int64))
        before = graph.op("Pad", self._state(name, FLOAT, (1, length)), graph.op("Concat", zero, zero, zero, zero, zero, missing, axis=0))
        whole = graph.op("Add", added, before)
        self._next(name, self._slice(whole, -length, 2**62))
        return self._slice(whole, 0, -length)
