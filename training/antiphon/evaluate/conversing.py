"""Holds conversations with a checkpoint by the released greedy loop, many at once, as the dataflow would hold each."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import torch

from antiphon.data import prompt
from antiphon.evaluate.manifest import Conversation
from antiphon.evaluate.results import LENGTH, SPEECH_RATE, STOP, TOOL_CALL
from antiphon.model.generation import Generated, generate, speech_codes
from antiphon.train.audio import Features, Recording, encode_batch
from antiphon.train.sequences import Sample, Sequences, Vocabulary

RATE = 16_000
TRANSCRIPT_LIMIT = 40
"""Positions; the longest question has under 20."""
ANSWER_LIMIT = 100
"""Positions, 20 s of speech; the longest spoken answer of the domain takes 7 s."""
MAXIMUM_CALLS = 4
"""As the dataflow's client: an assistant that calls tools over and over is stopped."""


def read_recording(path: Path, features: Features, text: str, voice: str) -> Recording:
    """A 16 kHz mono WAV. Raises ValueError naming the file for another rate."""
    wave, rate = soundfile.read(path, dtype="float32")
    if rate != RATE or wave.ndim != 1:
        raise ValueError(f"{path}: {rate} Hz, {wave.ndim} channels; expected {RATE} Hz mono")
    raw = features.log_mel.raw(torch.from_numpy(np.ascontiguousarray(wave)))
    return features.recording(raw, len(wave), text, None, voice)


def spoken_turn(vocabulary: Vocabulary, recording: Recording) -> list[int]:
    """Prompt ids of a recording, up to where the assistant answers."""
    sample = Sample(prompt.SPEECH)
    Sequences(vocabulary).user(sample, {"user": ""}, recording)
    return sample.ids


def prompts_for(vocabulary: Vocabulary, recordings: list[Recording], mode: str) -> list[torch.Tensor]:
    """Prompts of single turns in a mode, system message included."""
    return [torch.tensor(vocabulary.prefix(mode) + spoken_turn(vocabulary, r)) for r in recordings]


def tool_call(text: str) -> dict | None:
    """The call inside `<tool_call>` tags, None if there is none or it is not JSON."""
    if prompt.TOOL_CALL not in text or prompt.TOOL_CALL_END not in text:
        return None
    try:
        return json.loads(text.split(prompt.TOOL_CALL)[1].split(prompt.TOOL_CALL_END)[0])
    except ValueError:
        return None


@dataclass
class _Held:
    """A conversation under way: its prompt so far, its recordings' embeddings, its answers as result lines have them."""

    conversation: Conversation
    ids: list[int]
    groups: list[torch.Tensor] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)


class Conversing:
    """A model with what it needs to answer recordings. `running`: clip log-mel at the maximum so far, as the product does."""

    def __init__(self, model, vocabulary: Vocabulary, running: bool = True):
        self.model, self.vocabulary, self.features = model, vocabulary, Features(running=running)

    def hold(self, conversations: list[Conversation]) -> list[dict]:
        """Result lines of conversations held side by side (see antiphon.evaluate.results; without `speech`)."""
        held = [_Held(c, list(self.vocabulary.prefix(prompt.SPEECH))) for c in conversations]
        for number in range(max(len(c.turns) for c in conversations)):
            self._turn([h for h in held if number < len(h.conversation.turns)], number)
        return [{"id": h.conversation.id, "answers": h.answers} for h in held]

    def _turn(self, held: list[_Held], number: int):
        turns = [h.conversation.turns[number] for h in held]
        recordings = [read_recording(t.audio, self.features, t.reference, h.conversation.voice) for t, h in zip(turns, held)]
        with torch.no_grad():
            encoded = encode_batch(self.model, recordings, torch.float32)
        groups = [encoded.groups[a: a + r.groups] for a, r in zip(encoded.group_starts, recordings)]
        transcripts = generate(self.model, prompts_for(self.vocabulary, recordings, prompt.TRANSCRIBE), groups, speech=False,
                               limit=TRANSCRIPT_LIMIT)
        for h, recording, group in zip(held, recordings, groups):
            h.ids += spoken_turn(self.vocabulary, recording)
            h.groups.append(group)
        made = self._answer(held, number)
        for answer, transcript in zip(made, transcripts):
            answer["transcript"] = self.vocabulary.decode(transcript.text).strip()
        asking = list(zip(held, turns, made))
        for _ in range(MAXIMUM_CALLS):
            asking = [(h, t, a) for h, t, a in asking if a["finishReason"] == TOOL_CALL and t.result is not None]
            if not asking:
                break
            for h, turn, _ in asking:
                h.ids += self.vocabulary.encode(prompt.tool_result_turn(turn.result))
            waiting = [h for h, _, _ in asking]
            asking = [(h, t, a) for (h, t, _), a in zip(asking, self._answer(waiting, number))]

    def _answer(self, held: list[_Held], number: int) -> list[dict]:
        """Answers every prompt as it stands and appends the answer's history form to it."""
        generated = generate(self.model, [torch.tensor(h.ids) for h in held], [torch.cat(h.groups) for h in held],
                             limit=ANSWER_LIMIT)
        answers = []
        for h, one in zip(held, generated):
            text = self.vocabulary.decode(one.text).strip()
            answers.append(self._line(number, text, one))
            h.answers.append(answers[-1])
            h.ids += self.vocabulary.encode(prompt.assistant_history(text))
        return answers

    def _line(self, number: int, text: str, one: Generated) -> dict:
        call, codes = tool_call(text), speech_codes(one, self.model)
        ended = bool(one.text) and one.text[-1] == self.vocabulary.special.end
        reason = TOOL_CALL if call is not None and ended else STOP if ended else LENGTH
        calls = [{"name": call.get("name"), "arguments": call.get("arguments")}] if isinstance(call, dict) else []
        return {"callerTurn": number, "text": text, "finishReason": reason, "toolCalls": calls, "transcript": None,
                "usage": {"speechTokens": len(codes)}, "speechSamples": 0, "speechIds": codes}


def write_speech(lines: list[dict], folder: Path, speak):
    """Gives every line its WAV `folder/ID.wav`; `speak`: ids → float samples at 24 kHz."""
    folder.mkdir(parents=True, exist_ok=True)
    for line in lines:
        parts = []
        for answer in line["answers"]:
            wave = speak(answer["speechIds"]) if answer["speechIds"] else np.zeros(0, np.float32)
            answer["speechSamples"] = len(wave)
            parts.append(wave)
        joined = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        line["speech"] = str(folder / f"{line['id']}.wav") if len(joined) else None
        if len(joined):
            soundfile.write(line["speech"], np.clip(joined, -1, 1), SPEECH_RATE, subtype="PCM_16")
