"""What joint training draws its samples from: recordings that are answered or only written down, written dialogues, speech."""
from __future__ import annotations

import random

import numpy as np
import torch

from antiphon.data import forms, prompt, sounds
from antiphon.data.domain import load_domain
from . import assistant
from .audio import Corpus, Features, Recording
from .figures import user_turns
from .sequences import Sample, Sequences
from .speaking import answered, recited, spliced

NEEDS_CONTEXT = ("follow_up", "confirmed", "declined", "repeat")
JOINT_SHARE = 0.55
NEIGHBOURS = 400
REMEMBERED = 0.95
HESITANT_BEFORE = 0.5
"""How often a turn of the history is hesitant, where one to answer is once."""
GREATEST_LOSS, LEAST_LOSS = 3.0, 0.08


def history_start(turns: list[dict], last: int, g: np.random.Generator, whole: float = 0.3) -> int:
    """First turn to show when turn `last` is answered: all turns now and then, else what the answer depends on."""
    if g.random() < whole:
        return 0
    first = last
    while first > 0 and (turns[first]["user"] is None or turns[first]["intent"].endswith(NEEDS_CONTEXT)):
        first -= 1
    return first


class Written:
    """Written dialogues, drawn in batches of similar length, so that little of a batch is padding."""

    def __init__(self, sequences: Sequences, dialogues: list[dict]):
        self.sequences = sequences
        self.turns = sorted((d["turns"] for d in dialogues),
                            key=lambda turns: sum(len(t["user"] or t["tool_result"]) + len(t["assistant"]) for t in turns))

    def batch(self, count: int, g: np.random.Generator) -> list[Sample]:
        """`count` whole dialogues in text mode."""
        centre = int(g.integers(len(self.turns)))
        low, high = max(0, centre - NEIGHBOURS), min(len(self.turns), centre + NEIGHBOURS)
        return [self.sequences.written_dialogue(self.turns[g.integers(low, high)]) for _ in range(count)]


class Conversations:
    """Written conversations, each under a system message with its own instructions and the tools it was offered, where it has any."""

    def __init__(self, sequences: Sequences, conversations: list[dict]):
        self.sequences = sequences
        self.conversations = sorted(conversations, key=lambda c: sum(map(len, c.get("signatures") or ())) + sum(
            len(t["user"] or t["tool_result"]) + len(t["assistant"]) for t in c["turns"]))

    def batch(self, count: int, g: np.random.Generator) -> list[Sample]:
        """`count` whole conversations of similar length in text mode."""
        low = int(g.integers(max(1, len(self.conversations) - NEIGHBOURS)))
        chosen = [self.conversations[g.integers(low, min(len(self.conversations), low + NEIGHBOURS))] for _ in range(count)]
        return [self._sample(conversation) for conversation in chosen]

    def _sample(self, conversation: dict) -> Sample:
        sample = self.sequences.written_dialogue(conversation["turns"])
        own, signatures = conversation.get("instructions"), conversation.get("signatures")
        if own or signatures is not None:
            sample.system = self.sequences.v.conversation_system(prompt.TEXT, signatures, own)
        return sample


class Jointly:
    """Written conversations answered in text and speech: those of `antiphon.data.instructions` in the style that is in force, those of
    `antiphon.data.robustness` under the tools they were offered; calls stay text.

    contrary: share of the answers in a style that hear themselves in another one, where the sentence was recorded in one. Else what was
    said before tells the style, and the model learns to follow itself and not what was asked for.
    """

    def __init__(self, sequences: Sequences, conversations: list[dict], contrary: float = 0.0):
        self.sequences, self.conversations, self.contrary = sequences, conversations, contrary

    def batch(self, voice: assistant.Assistant, count: int, g: np.random.Generator) -> list[Sample]:
        """`count` turns; fewer where too few answers were recorded."""
        samples = []
        for _ in range(4 * count):
            conversation = self.conversations[g.integers(len(self.conversations))]
            sample = self._sample(conversation, int(g.integers(len(conversation["turns"]))), voice, g)
            if sample is not None:
                samples.append(sample)
            if len(samples) == count:
                break
        return samples

    def _sample(self, conversation: dict, number: int, voice: assistant.Assistant, g: np.random.Generator) -> Sample | None:
        turns = conversation["turns"][: number + 1]
        answer, recordings, signatures, text = turns[-1]["assistant"], [None] * len(turns), conversation.get("signatures"), conversation.get("instructions")
        if prompt.TOOL_CALL in answer:
            sample = self.sequences.text_answer(turns, recordings, prompt.SPEECH)
        else:
            style = turns[-1].get("style", "neutral")
            ids = voice.ids(answer, style)
            sample = None if ids is None else self.sequences.joint_answer(turns, recordings, ids)
            if sample is not None and "style" in turns[-1]:
                sample.style = style
                other = voice.in_another_style(answer, style, g) if g.random() < self.contrary else None
                sample.history = None if other is None else self.sequences.groups(other)
        if sample is not None and (text or signatures is not None):
            sample.system = self.sequences.v.conversation_system(prompt.SPEECH, signatures, text)
        return sample


class Quiet:
    """What a line carries when nobody speaks: nothing is written down, and nothing is answered."""

    def __init__(self, sequences: Sequences, features: Features):
        self.sequences, self.features = sequences, features

    def heard(self, g: np.random.Generator, recordings=()) -> tuple[Recording, list[Sample]]:
        """A recording without speech, its empty transcript and its empty answer in text or speech mode. recordings: see `sounds.drawn`."""
        kind, wave = sounds.drawn("train", g, recordings)
        raw = self.features.log_mel.raw(torch.from_numpy(wave))
        recording = self.features.recording(raw, len(wave), "", None, kind, g)
        turn = {"user": "", "assistant": ""}
        mode = prompt.SPEECH if g.random() < JOINT_SHARE else prompt.TEXT
        return recording, [self.sequences.transcription(turn, recording), self.sequences.text_answer([turn], [recording], mode)]


class Understanding:
    """Four-choice questions about recordings (`antiphon.data.understanding`); the question stands in the system message, after the mode's own."""

    def __init__(self, sequences: Sequences, corpus: Corpus, features: Features):
        self.sequences, self.corpus, self.features = sequences, corpus, features

    def asked(self, g: np.random.Generator) -> tuple[Recording, Sample]:
        """One recording, augmented without what its answer rests on, and the answer."""
        entry = self.corpus.entries[g.integers(len(self.corpus.entries))]
        recording = self.features(self.corpus, entry, entry["segments"][0], g, keep=entry["keep"])
        return recording, self.sample(entry, recording)

    def sample(self, entry: dict, recording: Recording) -> Sample:
        """The question, the recording and the option that is right, as text."""
        sample = self.sequences.text_answer([{"user": "", "assistant": entry["answer"]}], [recording], prompt.TEXT)
        sample.system = self.sequences.v.conversation_system(prompt.TEXT, (), entry["question"])
        return sample


class Practice:
    """Which intent to practise next: what is answered worst comes most often, what is known is still asked now and then.

    The share of an intent grows with the square root of its turns, times the loss of its answers (nats an answer, a moving
    mean, kept between LEAST_LOSS and GREATEST_LOSS).
    """

    def __init__(self):
        self.losses: dict[str, float] = {}

    def learned(self, intents: list[str], losses):
        """Losses of answers just given, one for each intent of `intents`."""
        for intent, loss in zip(intents, losses):
            before = self.losses.get(intent, GREATEST_LOSS)
            self.losses[intent] = REMEMBERED * before + (1 - REMEMBERED) * min(GREATEST_LOSS, float(loss))

    def draw(self, places: dict[str, list], g: np.random.Generator):
        """One of the places of an intent: (intent, place)."""
        intents = list(places)
        weights = np.array([len(places[i]) ** 0.5 * max(LEAST_LOSS, self.losses.get(i, GREATEST_LOSS)) for i in intents])
        intent = intents[g.choice(len(intents), p=weights / weights.sum())]
        return intent, places[intent][g.integers(len(places[intent]))]


class Heard:
    """Callers' recordings. `voice` may be None: then nothing is answered jointly."""

    def __init__(self, sequences: Sequences, corpus: Corpus, dialogues: dict[str, dict], features: Features,
                 hesitant: float = 0.0, earlier: float = 0.0, offered: float = 0.0, utterances: float = 0.0):
        """hesitant: share of the turns to answer with quiet before them; earlier: of the answers with another dialogue before theirs;
        offered: of the answers whose system message offers other tools than the domain's; utterances: of what is only written down that is
        an utterance nobody answers, where there are any."""
        self.hesitant, self.earlier, self.offered, self.utterance_share = hesitant, earlier, offered, utterances
        self.sequences, self.corpus, self.dialogues, self.features = sequences, corpus, dialogues, features
        self.voice: assistant.Assistant | None = None
        self.practice = Practice()
        self._sort()

    def refresh(self):
        """Takes in what was rendered since."""
        before = len(self.corpus.entries)
        if self.corpus.refresh() > before:
            self._sort()

    def _sort(self):
        known = [e for e in self.corpus.entries if e["dialogue"] in self.dialogues]
        self.entries = [e for e in known if self.dialogues[e["dialogue"]]["turns"][0]["assistant"] is not None]
        # Said by somebody, answered by nobody: only written down.
        self.utterances = [e for e in known if self.dialogues[e["dialogue"]]["turns"][0]["assistant"] is None]
        # Only listening, no guess from the context, can write these down.
        self.strings = [e for e in self.entries if self.dialogues[e["dialogue"]]["turns"][0]["intent"] == "random"]
        self.places: dict[str, list] = {}
        for entry in self.entries:
            for number, turn in enumerate(self.dialogues[entry["dialogue"]]["turns"]):
                kind = turn["intent"] if turn["user"] is not None else turn["intent"] + " result"
                self.places.setdefault(kind, []).append((entry, number))

    def written_down(self, g: np.random.Generator, random_words: float = 0.5):
        """One recording and its transcription; a share of `random_words` are random strings."""
        entries = self.strings if self.strings and g.random() < random_words else self.entries
        if self.utterances and g.random() < self.utterance_share:
            entries = self.utterances
        entry = entries[g.integers(len(entries))]
        dialogue = self.dialogues[entry["dialogue"]]
        spoken = user_turns(dialogue)
        place = int(g.integers(len(spoken)))
        recording = self.features(self.corpus, entry, entry["segments"][place], g)
        return [recording], [self.sequences.transcription(dialogue["turns"][spoken[place]], recording)]

    def answered(self, g: np.random.Generator):
        """A turn to practise, with what came before: (recordings, their transcriptions as samples, the answer's sample, intent)."""
        while True:
            intent, (entry, last) = self.practice.draw(self.places, g)
            dialogue = self.dialogues[entry["dialogue"]]
            turns = dialogue["turns"]
            first = history_start(turns, last, g)
            if turns[first]["user"] is None:
                continue
            recordings = self._recordings(entry, range(first, last + 1), g, last)
            part = turns[first: last + 1]
            while g.random() < self.earlier:
                part, recordings = self._with_another_before(part, recordings, g)
            transcriptions = [self.sequences.transcription(t, r) for t, r in zip(part, recordings) if r is not None]
            heard = [r for r in recordings if r is not None]
            signatures = None
            if g.random() < self.offered:
                signatures, part, recordings = self._offered(part, recordings, g)
            answer = self._answer(part, recordings, g)
            if signatures is not None:
                answer.system = self.sequences.v.system(answer.mode, signatures)
            return heard, transcriptions, answer, intent

    @staticmethod
    def _offered(part: list[dict], recordings: list, g: np.random.Generator):
        """The turns under an offer of tools: (signatures, turns, their recordings)."""
        offered = forms.offer(load_domain(), "train", random.Random(int(g.integers(2**32))))
        marked = [turn | {"place": place} for place, turn in enumerate(part)]
        kept = forms.offered_turns(marked, offered)
        return offered.signatures, kept, [recordings[turn["place"]] for turn in kept]

    def _recordings(self, entry: dict, numbers: range, g: np.random.Generator, answered: int | None = None) -> list:
        """Recordings of turns, None for what nobody says; all but the `answered` one are turns of the history."""
        spoken = user_turns(self.dialogues[entry["dialogue"]])
        return [self.features(self.corpus, entry, entry["segments"][spoken.index(n)], g,
                              self.hesitant if n == answered else self.hesitant * HESITANT_BEFORE) if n in spoken else None
                for n in numbers]

    def _with_another_before(self, part: list[dict], recordings: list, g: np.random.Generator):
        """A dialogue drawn at random, all of it, before these turns."""
        entry = self.entries[g.integers(len(self.entries))]
        turns = self.dialogues[entry["dialogue"]]["turns"]
        heard = self._recordings(entry, range(len(turns)), g)
        return turns + part, heard + recordings

    def _answer(self, turns, recordings, g) -> Sample:
        answer, sample = turns[-1]["assistant"], None
        jointly, tool = g.random() < JOINT_SHARE, "<tool_call>" in answer
        ids = self.voice.ids(answer, turns[-1].get("style", "neutral")) if jointly and not tool and self.voice is not None else None
        if ids is not None:
            sample = self.sequences.joint_answer(turns, recordings, ids)
        if sample is None:
            sample = self.sequences.text_answer(turns, recordings, prompt.SPEECH if jointly and tool else prompt.TEXT)
        return sample


def speech_batch(sequences: Sequences, voice: assistant.Assistant, dialogues: list[dict], step: int, count: int,
                 g: np.random.Generator) -> tuple[str, list[Sample]]:
    """The step's speech without audio: answers to written questions, splices of one number of spans, and, far more often than
    either, sentences recited after any question."""
    if step % 8 in (0, 4):
        return "read", [answered(sequences, voice, dialogues, g) for _ in range(count)]
    if step % 8 == 1:
        spans = int(g.integers(2, 7))
        return "splice", [spliced(sequences, voice, dialogues, g, spans) for _ in range(count)]
    return "recite", [recited(sequences, voice, dialogues, g) for _ in range(count)]
