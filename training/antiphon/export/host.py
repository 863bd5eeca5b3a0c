"""Runs a bundle in ONNX Runtime from Python: the reference for every other host, used by parity and the tests.

Caches are kept in place: one buffer per layer is bound as the past input and as every present output.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
import onnxruntime
from safetensors.numpy import load_file


@dataclass(frozen=True)
class Sampling:
    """How one stream chooses its ids; temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    penalty: float = 1.0


class Bundle:
    """The manifest and the sessions of a bundle folder; each session is opened at its first use, on one thread."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "antiphon.json").read_text(encoding="utf-8"))
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}

    def session(self, role: str) -> onnxruntime.InferenceSession:
        """The session of the graph with this key in the manifest's ``graphs``."""
        if role not in self._sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            # Blocks that the arena keeps after loading would be as large as the weights.
            options.enable_cpu_mem_arena = not self.by_weights
            path = self.folder / self.manifest["graphs"][role]
            self._sessions[role] = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return self._sessions[role]

    @property
    def by_weights(self) -> bool:
        """Whether each weight is in one graph (see ``by_weights``), instead of a graph for each role."""
        return "llm" in self.manifest["graphs"]

    def log_mel(self, wave: np.ndarray) -> np.ndarray:
        """Samples -> log-mel float32 [bins, frames], clipped by the maximum of the whole recording."""
        audio = self.manifest["audio"]
        constants = load_file(self.folder / audio["constants"])
        size, hop = audio["fftSize"], audio["hopLength"]
        frames = -(-len(wave) // hop)
        # The recording is preceded by its reflection and followed by silence.
        padded = np.concatenate([wave[1 : size // 2 + 1][::-1], wave, np.zeros(size)]).astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, size)[: frames * hop : hop]
        power = np.abs(np.fft.rfft(windows * constants["window"])) ** 2
        logarithm = np.log10(np.maximum(constants["mel_filters"] @ power.T, audio["powerFloor"]))
        clipped = np.maximum(logarithm, logarithm.max() - audio["dynamicRange"])
        return ((clipped + audio["offset"]) / audio["scale"]).astype(np.float32)

    def encode(self, mel: np.ndarray) -> np.ndarray:
        """Log-mel [bins, n] -> frames [25 Hz frames, hidden], window by window."""
        step = self.manifest["audio"]["windowFrames"]
        windows = [mel[None, :, start : start + step] for start in range(0, mel.shape[1], step)]
        return np.concatenate([self.session("encoder").run(["frames"], {"mel": window})[0][0] for window in windows])

    def encode_eager(self, mel: np.ndarray) -> np.ndarray:
        """The same of the whole recording as the reference's eager attention has it."""
        return self.session("encoderEager").run(["frames"], {"mel": mel[None]})[0][0]

    def group(self, frames: np.ndarray) -> np.ndarray:
        """Frames [groups * k, hidden] -> group embeddings [groups, hidden]."""
        grouped = frames.reshape(-1, self.manifest["audio"]["groupSize"], frames.shape[-1])
        return self.session("grouping").run(["groups"], {"frames": grouped})[0]


class Slab:
    """Key and value caches of ``rows`` conversations with room for ``capacity`` shared-LLM positions."""

    def __init__(self, bundle: Bundle, rows: int, capacity: int):
        group = bundle.manifest["audio"]["groupSize"]
        self.rows = rows
        self._buffers: dict[str, np.ndarray] = {}
        for name, sizes, length in (
            ("llm", bundle.manifest["sharedLlm"], capacity), ("head", bundle.manifest["refinedHead"], capacity * group)
        ):
            for layer in range(sizes["layers"]):
                for kind in ("key", "value"):
                    shape = (rows, sizes["keyValueHeads"], length, sizes["headSize"])
                    self._buffers[f"{name}.{kind}.{layer}"] = np.zeros(shape, np.float32)
        self._bindings: dict[tuple[str, int, int], Any] = {}

    def buffers(self) -> Mapping[str, np.ndarray]:
        """The caches by name, ``llm.key.0`` and so on; changing them changes the conversations."""
        return self._buffers

    def run(self, bundle: Bundle, role: str, first: int, inputs: Mapping[str, np.ndarray], outputs: Sequence[str]) -> list[np.ndarray]:
        """Runs a prefill or step graph on the rows from ``first``, as many as ``past_length`` has; returns ``outputs``."""
        session, binding = bundle.session(role), self.bind(bundle, role, first, inputs)
        session.run_with_iobinding(binding)
        names = [declared.name for declared in session.get_outputs()]
        values = binding.get_outputs()
        return [values[names.index(name)].numpy() for name in outputs]

    def bind(self, bundle: Bundle, role: str, first: int, inputs: Mapping[str, np.ndarray]) -> onnxruntime.IOBinding:
        """``inputs`` and the caches of these rows, bound to a graph's inputs and outputs."""
        session, rows = bundle.session(role), len(next(iter(inputs.values())))
        binding = session.io_binding()
        for name, value in inputs.items():
            binding.bind_cpu_input(name, value)
        for declared in session.get_inputs():
            if ".past_" in declared.name:
                binding.bind_ortvalue_input(declared.name, self._value(declared.name.replace("past_", ""), first, rows))
        for declared in session.get_outputs():
            if ".present_" in declared.name:
                # llm.present_key.LAYER, head.present_key.LAYER in prefill, head.present_key.PASS.LAYER in a step
                parts = declared.name.replace("present_", "").split(".")
                binding.bind_ortvalue_output(declared.name, self._value(f"{parts[0]}.{parts[1]}.{parts[-1]}", first, rows))
            else:
                binding.bind_output(declared.name)
        return binding

    def _value(self, name: str, first: int, rows: int) -> Any:
        """The rows as a tensor over the buffer's own memory."""
        key = (name, first, rows)
        if key not in self._bindings:
            rows_of_buffer = self._buffers[name][first : first + rows]
            self._bindings[key] = onnxruntime.OrtValue.ortvalue_from_numpy(rows_of_buffer)
        return self._bindings[key]
