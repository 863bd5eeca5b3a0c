"""The manifest ``antiphon.json``: every size, id, rate, file and prompt string that a host needs; no host knows any itself."""

from __future__ import annotations

from typing import Any, Mapping

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration
from antiphon.export.prompt import PromptSection
from antiphon.export.sampling import CANDIDATES
from antiphon.export.word_times import WordTimesHead
from antiphon.model.logmel import HOP, N_FFT, SAMPLE_RATE

FORMAT, VERSION = "antiphon-bundle", 1
MAXIMUM_NEW_POSITIONS = 512
"""Of one answer, the released demonstration's limit, where generation_config.json has none."""

DEMONSTRATION = {"do_sample": True, "temperature": 0.8, "top_p": 0.9, "repetition_penalty": 1.2, "max_new_tokens": MAXIMUM_NEW_POSITIONS}
"""Sampling of the released demonstration (``utils/constant.py`` of FunAudioLLM/Fun-Audio-Chat)."""

_ENCODER_REDUCTION = 4
"""Mel frames for one encoder frame: stride 2, then pooling by 2."""


class InvalidGenerationConfig(ValueError):
    """A sampling default of generation_config.json is out of range; the message names it."""


def manifest(
    name: str, checkpoint: Checkpoint, configuration: Configuration, graphs: Mapping[str, str], constants: str,
    prompt: PromptSection | None, detokenizer: Mapping[str, Any] | None, weights: list[str], word_times: WordTimesHead | None = None,
) -> dict[str, Any]:
    """The manifest's JSON object; ``prompt``, ``detokenizer`` and ``wordTimes`` are left out where the checkpoint has none."""
    llm, head = configuration.shared_llm, configuration.refined_head
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "weights": weights,
        "audio": {
            "sampleRate": SAMPLE_RATE,
            "fftSize": N_FFT,
            "hopLength": HOP,
            "melBins": configuration.encoder.mel_bins,
            "constants": constants,
            "powerFloor": 1e-10,
            "dynamicRange": 8.0,
            "offset": 4.0,
            "scale": 4.0,
            "windowFrames": configuration.encoder.window_frames,
            "tokenRate": SAMPLE_RATE // (HOP * _ENCODER_REDUCTION),
            "groupSize": configuration.group,
        },
        "sharedLlm": {
            "hiddenSize": llm.hidden,
            "layers": llm.layers,
            "keyValueHeads": llm.key_value_heads,
            "headSize": llm.head_size,
            "vocabularySize": configuration.vocabulary,
            "maximumPositions": configuration.maximum_positions,
        },
        "refinedHead": {
            "layers": head.layers,
            "keyValueHeads": head.key_value_heads,
            "headSize": head.head_size,
            "codebookSize": configuration.codebook,
            **({"window": head.window} if head.window else {}),
        },
        "ids": {"text": dict(configuration.text_ids), "speech": dict(configuration.speech_ids)},
        "graphs": dict(graphs),
        "sampling": _sampling(checkpoint.generation_config, prompt is not None and prompt.foreign),
    }
    if prompt is not None:
        content["prompt"] = dict(prompt.section)
    if detokenizer is not None:
        content["detokenizer"] = dict(detokenizer)
    if word_times is not None:
        content["wordTimes"] = word_times.section
    return content


def _sampling(generation: Mapping[str, Any], demonstration: bool) -> dict[str, Any]:
    """Defaults of both streams; sections ``text`` and ``speech`` of generation_config.json override its common settings.

    ``demonstration``: the common settings are the released demonstration's, which passes its own over those of the file.
    """
    if demonstration:
        generation = {**generation, **DEMONSTRATION}
    limit = generation.get("max_new_tokens", MAXIMUM_NEW_POSITIONS)
    streams = {stream: _stream({**generation, **generation.get(stream, {})}, stream) for stream in ("text", "speech")}
    return {**streams, "candidates": CANDIDATES, "maximumNewPositions": limit}


def _stream(settings: Mapping[str, Any], stream: str) -> dict[str, float]:
    sampled = settings.get("do_sample", False)
    values = {
        "temperature": float(settings.get("temperature", 1.0)) if sampled else 0.0,
        "topP": float(settings.get("top_p", 1.0)) if sampled else 1.0,
        "repetitionPenalty": float(settings.get("repetition_penalty", 1.0)),
    }
    for name, valid, expected in (
        ("temperature", values["temperature"] >= 0, "at least 0"),
        ("topP", 0 < values["topP"] <= 1, "above 0 and at most 1"),
        ("repetitionPenalty", values["repetitionPenalty"] > 0, "above 0"),
    ):
        if not valid:
            raise InvalidGenerationConfig(f"generation_config.json {stream} {name}: {values[name]}; expected {expected}")
    return values
