"""The dialogue model in PyTorch: configuration, log-mel, encoder, shared LLM, refined head, checkpoints, decoding."""
from .checkpoint import load, save
from .configuration import ModelConfiguration
from .dialogue import DialogueModel, audio_frames, audio_groups
from .logmel import LogMel

__all__ = ["DialogueModel", "LogMel", "ModelConfiguration", "audio_frames", "audio_groups", "load", "save"]
