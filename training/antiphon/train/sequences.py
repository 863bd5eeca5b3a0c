"""Dialogues to token sequences with their targets, in every task's form."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from antiphon.data import prompt
from antiphon.model.configuration import SpecialTokens, SpeechCodes

IGNORE = -100
DELAY_GROUPS = 2


class Vocabulary:
    """The text tokenizer with its special ids; encodings are cached."""

    def __init__(self, directory: str | Path):
        self.directory = Path(directory)
        self.tokenizer = Tokenizer.from_file(str(self.directory / "tokenizer.json"))
        ids = {name: self.tokenizer.token_to_id(name) for name in prompt.SPECIAL_TOKENS}
        missing = [name for name, value in ids.items() if value is None]
        if missing:
            raise ValueError(f"{directory}/tokenizer.json: special tokens {missing} are missing")
        self.special = SpecialTokens(
            pad=ids[prompt.PAD], end=ids[prompt.IM_END], audio=ids[prompt.AUDIO], audio_bos=ids[prompt.AUDIO_BOS],
            audio_eos=ids[prompt.AUDIO_EOS], sil=ids[prompt.SILENCE],
        )
        self.size = self.tokenizer.get_vocab_size()
        self.encode = lru_cache(200_000)(lambda text: tuple(self.tokenizer.encode(text, add_special_tokens=False).ids))
        self.prefix = lru_cache(16)(lambda mode: list(self.encode(prompt.system(mode))))
        self.system = lru_cache(2_000)(lambda mode, signatures=None, text=None: tuple(self.encode(prompt.system(mode, signatures, text))))

    def conversation_system(self, mode: str, signatures=None, instructions: str | None = None) -> tuple[int, ...]:
        """The system message of a conversation: the tools it was offered (None: the domain's) and, after the mode's instructions, its own."""
        return self.system(mode, None if signatures is None else tuple(signatures), prompt.conversation_instructions(mode, instructions))

    def decode(self, ids) -> str:
        """Text of ids without special tokens other than the tool call's."""
        dropped = {self.special.pad, self.special.end, self.special.audio_bos, self.special.audio_eos, self.special.sil,
                   self.special.audio}
        return self.tokenizer.decode([int(i) for i in ids if int(i) not in dropped], skip_special_tokens=False)


@dataclass
class Sample:
    """One sequence after the system prompt. targets[i] is the text id to predict at position i (IGNORE: none).

    audio: recordings (anything with .groups) in the order of their placeholders. speech_start: position whose input
    is audio_bos; speech: groups [G, k] predicted at speech_start, speech_start + 1, … (delay and eos groups included).
    system: ids of a system message of its own; empty where the mode's message, which a batch shares, is before it.
    style: name of the style that `speech` is in (`antiphon.speech.styles`); empty where nothing is to be learnt of it.
    history: groups [G, k] that the model hears of itself instead of `speech`, where it is given.
    """

    mode: str
    ids: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    audio: list = field(default_factory=list)
    speech_start: int = -1
    speech: np.ndarray | None = None
    system: tuple[int, ...] = ()
    style: str = ""
    history: np.ndarray | None = None

    def given(self, ids):
        """Appends positions that predict nothing."""
        self.ids.extend(ids)
        self.targets.extend([IGNORE] * len(ids))

    def answered(self, ids):
        """Appends ids that the positions before them must predict."""
        for token in ids:
            self.targets[-1] = token
            self.ids.append(token)
            self.targets.append(IGNORE)

    def finish(self):
        """Drops the last position, whose input is the last id and which predicts nothing."""
        if self.targets[-1] == IGNORE and (self.speech is None or len(self.ids) - 1 > self.speech_start + len(self.speech)):
            self.ids.pop()
            self.targets.pop()
        return self


class Sequences:
    """Builds samples from dialogues; see the functions."""

    def __init__(self, vocabulary: Vocabulary, codes: SpeechCodes = SpeechCodes()):
        self.v, self.codes = vocabulary, codes

    def user(self, sample: Sample, turn: dict, recording=None):
        """Appends the user's turn (recording, text or tool result) up to where the assistant answers."""
        if turn.get("user") is None:
            sample.given(self.v.encode(prompt.tool_result_turn(turn["tool_result"])))
        elif recording is None:
            sample.given(self.v.encode(prompt.text_turn(turn["user"])))
        else:
            before, after = self._around_audio()
            sample.given(before + [self.v.special.audio] * recording.groups + after)
            sample.audio.append(recording)

    @lru_cache(1)
    def _around_audio(self):
        one = list(self.v.encode(prompt.audio_turn(1)))
        at = one.index(self.v.special.audio)
        return one[:at], one[at + 1:]

    def history(self, sample: Sample, turns, recordings):
        """Appends finished turns: user as recording where there is one, assistant as text only."""
        for turn, recording in zip(turns, recordings):
            self.user(sample, turn, recording)
            sample.given(self.v.encode(prompt.assistant_history(turn["assistant"])))

    def written_dialogue(self, turns, mode=prompt.TEXT) -> Sample:
        """All turns as text; every assistant turn is a target."""
        sample = Sample(mode)
        for number, turn in enumerate(turns):
            self.user(sample, turn)
            sample.answered(list(self.v.encode(turn["assistant"])) + [self.v.special.end])
            if number + 1 < len(turns):
                sample.given(self.v.encode("\n"))
        return sample.finish()

    def text_answer(self, turns, recordings, mode) -> Sample:
        """Turns up to the one answered; the last assistant turn, as text, is the target (also a tool call in speech mode)."""
        sample = Sample(mode)
        self.history(sample, turns[:-1], recordings[:-1])
        self.user(sample, turns[-1], recordings[-1])
        sample.answered(list(self.v.encode(turns[-1]["assistant"])) + [self.v.special.end])
        return sample.finish()

    def transcription(self, turn, recording) -> Sample:
        """A recording and its words as text."""
        sample = Sample(prompt.TRANSCRIBE)
        self.user(sample, turn, recording)
        sample.answered(list(self.v.encode(turn["user"])) + [self.v.special.end])
        return sample.finish()

    def joint_answer(self, turns, recordings, ids) -> Sample | None:
        """As `text_answer`, answered in text and speech at once; ids: speech ids of the answer, a multiple of the group.

        None where the text is longer than the speech (it would have to be cut).
        """
        sample = Sample(prompt.SPEECH)
        self.history(sample, turns[:-1], recordings[:-1])
        self.user(sample, turns[-1], recordings[-1])
        return self.speak(sample, list(self.v.encode(turns[-1]["assistant"])), ids)

    def groups(self, ids) -> np.ndarray:
        """Speech ids, a multiple of the group, between the delay and the end: [G, k]."""
        k, ids = self.codes.group_size, np.asarray(ids)
        if ids.size % k:
            raise ValueError(f"{ids.size} speech ids: expected a multiple of the group size {k}")
        return np.concatenate([np.full((DELAY_GROUPS, k), self.codes.bos), ids.reshape(-1, k), np.full((1, k), self.codes.eos)])

    def speak(self, sample: Sample, text: list[int], ids, text_loss: bool = True) -> Sample | None:
        """Appends the joint answer: audio_bos, text then sil beside the speech groups, audio_eos, im_end."""
        special = self.v.special
        groups = self.groups(ids)
        if len(text) > len(groups) - 1:
            return None
        stream = text + [special.sil] * (len(groups) - 1 - len(text)) + [special.audio_eos]
        sample.speech_start = len(sample.ids)
        sample.speech = groups
        # Positions: audio_bos predicts stream[0] and groups[0]; stream[i] predicts stream[i + 1] and groups[i + 1].
        wanted = [special.audio_bos] + stream + [special.end]
        for token in wanted:
            if text_loss or token in (special.audio_eos, special.end):
                sample.targets[-1] = token
            sample.ids.append(token)
            sample.targets.append(IGNORE)
        sample.ids.pop()
        sample.targets.pop()
        return sample
