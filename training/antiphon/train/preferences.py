"""Preferences: pairs of a better and a worse answer, made by machine from the model's own samples, and training on them by DPO or SFT.

    python -m antiphon.train.preferences pairs runs/nano/final --conversations runs/data/dialogues/robust_train.jsonl --out runs/preferences
    python -m antiphon.train.preferences train --pairs runs/preferences/pairs.jsonl --start runs/nano/final --method dpo --out runs/nano/preferred-dpo
    python -m antiphon.train.preferences train … --method sft --out runs/nano/preferred-sft

A pair is a line of JSON: `{"set", "signatures", "instructions", "turns", "chosen": {"text", "speechIds"}, "rejected": {"text", "speechIds"}}`; the
last of `turns` is the one answered, `instructions` what stood behind those of the mode in the system message (null: nothing). Records of the
topic `preference-pairs`, as JSON, are read as well, their `tools` in the form of the domain's signatures. Both log-probabilities are means over
ids, text and speech apart, since 25 speech ids stand beside 3.4 text ids; where both answers say the same words only the speech counts.

    loss = −log σ(β [(log π − log π_reference)(chosen) − (log π − log π_reference)(rejected)]) + λ · cross-entropy(chosen)

Pairs of people's feedback may all prefer one sentence, and a model that sees nothing else soon says it to everything: beside every batch of
pairs it rehearses written conversations (`--rehearse`), a weighted cross-entropy that is told apart in the log.

The reference is the checkpoint it starts from; its log-probabilities are computed once. `figures.json` tells margins before and after on
held-out pairs, and exact answers on the guards' conversations.
"""
from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from antiphon.data import prompt
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.generation import generate, speech_codes
from .figures import same
from .losses import batch_loss
from .optimisation import Optimisers
from .run import RUNS, Run
from .sequences import Sample, Sequences, Vocabulary
from .tasks import Conversations
from .text import read_dialogues

ANSWER_LIMIT = 56
"""Positions of a sampled answer in text mode; the longest tool call has 40."""
HELD_OUT_ONE_IN = 8
CUT = {"text", "question", "instructions", "tools"}
"""Fields of a record without whose end a pair teaches something else."""


@dataclass(frozen=True)
class Answer:
    """One of a pair's answers. speech: ids, a multiple of the group, None where it is text alone."""

    text: str
    speech: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Pair:
    """`turns`: the conversation up to the turn that is answered; signatures: the tools on offer, None for the domain's own;
    instructions: the conversation's own, behind those of the mode; None for none."""

    set: str
    turns: tuple[dict, ...]
    chosen: Answer
    rejected: Answer
    signatures: tuple[str, ...] | None = None
    instructions: str | None = None


# --- the file -------------------------------------------------------------------------------------------------------

def _answer(row: dict, group: int, first_special: int, vocabulary: Vocabulary | None) -> Answer:
    text = row["text"]
    if vocabulary is not None and row.get("textIds"):
        drawn = vocabulary.decode(row["textIds"]).strip()
        text = drawn if prompt.TOOL_CALL in drawn else text
    codes = [i for i in row.get("speechIds") or () if i < first_special]
    codes = codes[: len(codes) // group * group]
    return Answer(text, tuple(codes) or None)


def _asked(row: dict) -> list[dict]:
    """The turn that a record's answers belong to; none where nothing is known of its question."""
    question, tools = row.get("question"), row.get("questionType") == "TOOL_RESULTS"
    if not question and not tools:
        return []
    return [{"user": None if tools else question, "tool_result": question or "" if tools else None, "assistant": ""}]


def read_pairs(path: Path, group: int = 5, first_special: int = 6561, vocabulary: Vocabulary | None = None) -> list[Pair]:
    """Pairs of a JSON-lines file, or records of the topic `preference-pairs`; those without a question or a difference are left out, and
    those of which the dataflow had to cut question, instructions, tools or an answer's text. vocabulary: the model's that drew
    the answers; with it they have their tool calls, which a record holds as ids alone.

    Raises ValueError naming the line that is neither.
    """
    pairs = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        row = json.loads(line)
        missing = [key for key in ("chosen", "rejected") if not isinstance(row.get(key), dict) or "text" not in row[key]]
        if missing or not ("turns" in row or "conversationId" in row):
            raise ValueError(f"{path}, line {number}: expected 'turns' or 'conversationId', and 'chosen' and 'rejected' with 'text'; found {sorted(row)}")
        turns = row.get("turns") or _asked(row)
        chosen, rejected = (_answer(row[key], group, first_special, vocabulary) for key in ("chosen", "rejected"))
        cut = {note["field"] for note in row.get("truncations") or ()} & CUT
        if turns and chosen != rejected and not cut:
            tools = row.get("tools")  # of a record, as the caller gave them
            signatures = row.get("signatures") if tools is None else map(prompt.signature, tools)
            pairs.append(Pair(row.get("set") or row["source"].lower(), tuple(turns), chosen, rejected,
                              None if signatures is None else tuple(signatures), row.get("instructions") or None))
    return pairs


def write_pairs(path: Path, pairs: list[Pair]):
    """The file that `read_pairs` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    def answer(a: Answer) -> dict:
        return {"text": a.text, "speechIds": list(a.speech or ())}
    path.write_text("".join(json.dumps({"set": p.set, "signatures": p.signatures, "instructions": p.instructions, "turns": p.turns, "chosen": answer(p.chosen),
                                        "rejected": answer(p.rejected)}) + "\n" for p in pairs))


# --- making pairs ---------------------------------------------------------------------------------------------------

def prefer(candidates: list[Answer], scores: list[float], wanted: Answer | None, least: float = 0.5) -> tuple[Answer, Answer] | None:
    """(better, worse) of sampled answers, the first being the greedy one: the best score beside the most frequent one that is worse
    by `least` at least. Where none is good (score 1) `wanted`, what the teacher would say, takes the better one's place. None
    where there is nothing to choose between."""
    best = max(range(len(candidates)), key=lambda i: scores[i])
    better, top = candidates[best], scores[best]
    if wanted is not None and top < 1.0:
        better, top = wanted, 1.0
    counts = Counter(candidate for candidate, score in zip(candidates, scores) if top - score >= least)
    if not counts:
        return None
    most = max(counts.values())
    return better, next(candidate for candidate in candidates if counts[candidate] == most)


def prompt_ids(sequences: Sequences, turns, signatures, mode: str, instructions: str | None = None) -> list[int]:
    """System message and turns up to where the assistant answers. instructions: the conversation's own, after those of the mode."""
    sample = Sample(mode)
    sequences.history(sample, turns[:-1], [None] * (len(turns) - 1))
    sequences.user(sample, turns[-1])
    return [*sequences.v.conversation_system(mode, signatures, instructions), *sample.ids]


def sampled(model: DialogueModel, sequences: Sequences, prompts: list[list[int]], count: int, temperature: float, seed: int,
            mode: str = prompt.TEXT) -> list[list[Answer]]:
    """For every prompt the greedy answer and `count` drawn ones."""
    generator = torch.Generator().manual_seed(seed)
    rows = [[] for _ in prompts]
    for number in range(count + 1):
        made = generate(model, [torch.tensor(p) for p in prompts], speech=mode == prompt.SPEECH, limit=ANSWER_LIMIT,
                        temperature=temperature if number else 0.0, generator=generator)
        for row, one in zip(rows, made):
            row.append(Answer(sequences.v.decode(one.text).strip(), tuple(speech_codes(one, model)) or None))
    return rows


def make_pairs(model: DialogueModel, sequences: Sequences, conversations: list[dict], count: int, temperature: float, seed: int,
               batch: int = 24, report=lambda line: None) -> list[Pair]:
    """Pairs of text answers, an exact one (the model's, else the teacher's) and the wrong one it gives most often. `conversations`:
    dialogues with "signatures" and "kind" (the set's name), as `antiphon.data.robustness` writes them."""
    places = [(row, number) for row in conversations for number in range(len(row["turns"]))]
    places.sort(key=lambda place: sum(map(len, place[0].get("signatures") or ())) + len(str(place[0]["turns"][: place[1] + 1])))
    pairs = []
    for start in range(0, len(places), batch):
        part = places[start: start + batch]
        prompts = [prompt_ids(sequences, row["turns"][: n + 1], row.get("signatures"), prompt.TEXT, row.get("instructions")) for row, n in part]
        for (row, n), candidates in zip(part, sampled(model, sequences, prompts, count, temperature, seed + start)):
            truth = row["turns"][n]["assistant"]
            found = prefer(candidates, [float(same(c.text, truth)) for c in candidates], Answer(truth))
            if found:
                signatures = row.get("signatures")
                pairs.append(Pair(row.get("kind", "dialogue"), tuple(row["turns"][: n + 1]), *found, None if signatures is None else tuple(signatures),
                                  row.get("instructions") or None))
        report(f"{min(start + batch, len(places))} of {len(places)} turns, {len(pairs)} pairs")
    return pairs


# --- learning from them ---------------------------------------------------------------------------------------------

def pair_samples(sequences: Sequences, pair: Pair) -> list[Sample]:
    """The chosen and the rejected answer as samples; spoken ones in speech mode where both are, else text."""
    spoken = pair.chosen.speech is not None and pair.rejected.speech is not None
    result = []
    for answer in (pair.chosen, pair.rejected):
        turns = [*pair.turns[:-1], dict(pair.turns[-1]) | {"assistant": answer.text}]
        recordings = [None] * len(turns)
        sample = sequences.joint_answer(turns, recordings, answer.speech) if spoken else None
        if sample is None:
            sample = sequences.text_answer(turns, recordings, prompt.TEXT)
        if pair.signatures is not None or pair.instructions:
            sample.system = sequences.v.conversation_system(sample.mode, pair.signatures, pair.instructions)
        result.append(sample)
    if (result[0].speech is None) != (result[1].speech is None):  # one text was longer than its speech: both as text
        return pair_samples(sequences, replace(pair, chosen=Answer(pair.chosen.text), rejected=Answer(pair.rejected.text)))
    return result


def log_probabilities(model: DialogueModel, samples: list[Sample], prefix: list[int], text_weight: torch.Tensor, dtype=None) -> torch.Tensor:
    """[samples]: mean log-probability of the text ids times `text_weight`, plus that of the speech ids."""
    keywords = {} if dtype is None else {"dtype": dtype}
    loss = batch_loss(model, samples, prefix, dropped=0.0, by_row=True, whole_prompt=True, **keywords)
    counts = torch.tensor([float(sum(t >= 0 for t in s.targets)) for s in samples])
    result = -text_weight * loss.text_rows / counts
    if loss.speech_rows is not None:
        ids = torch.tensor([float(s.speech.size) if s.speech is not None else 1.0 for s in samples])
        result = result - loss.speech_rows / ids
    return result


def dpo_loss(chosen: torch.Tensor, rejected: torch.Tensor, reference_chosen: torch.Tensor, reference_rejected: torch.Tensor,
             beta: float) -> torch.Tensor:
    """Mean of −log σ(β · margin), [pairs] each."""
    return -F.logsigmoid(beta * ((chosen - reference_chosen) - (rejected - reference_rejected))).mean()


class Preferences:
    """Pairs as batches of samples with the reference's log-probabilities."""

    def __init__(self, model: DialogueModel, sequences: Sequences, pairs: list[Pair], batch: int = 8):
        self.sequences = sequences
        rows = [(pair, pair_samples(sequences, pair)) for pair in pairs]
        rows.sort(key=lambda row: (row[1][0].mode, len(row[1][0].system) + len(row[1][0].ids)))
        self.batches = []
        for mode in prompt.MODES:
            part = [row for row in rows if row[1][0].mode == mode]
            self.batches += [part[start: start + batch] for start in range(0, len(part), batch)]
        model.eval()
        with torch.no_grad():
            self.reference = [self.scores(model, number).detach() for number in range(len(self.batches))]

    def scores(self, model: DialogueModel, number: int) -> torch.Tensor:
        """[2, pairs of the batch]: of the chosen and of the rejected answers."""
        part = self.batches[number]
        samples = [samples[side] for side in (0, 1) for _, samples in part]
        # Where both say the same words the text has nothing to prefer.
        weight = torch.tensor([0.0 if p.chosen.text == p.rejected.text else 1.0 for p, _ in part] * 2)
        return log_probabilities(model, samples, self.sequences.v.prefix(samples[0].mode), weight).view(2, len(part))

    @torch.no_grad()
    def margins(self, model: DialogueModel) -> dict[str, dict[str, float]]:
        """By set: how often the chosen answer is the likelier one, the mean difference of both (nats an id), how many pairs."""
        model.eval()
        rows: dict[str, list[float]] = {}
        for number, part in enumerate(self.batches):
            scores = self.scores(model, number)
            for (pair, _), margin in zip(part, (scores[0] - scores[1]).tolist()):
                rows.setdefault(pair.set, []).append(margin)
        return {name: {"preferred": round(float(np.mean([m > 0 for m in margins])), 4), "margin": round(float(np.mean(margins)), 4), "pairs": len(margins)}
                for name, margins in sorted(rows.items())}


def exact_answers(model: DialogueModel, sequences: Sequences, conversations: list[dict], batch: int = 32) -> dict[str, list[int]]:
    """Greedy answers in text mode to every turn: by "kind" [exact, all]."""
    model.eval()
    places = [(row, n) for row in conversations for n in range(len(row["turns"]))]
    places.sort(key=lambda place: len(str(place[0]["turns"][: place[1] + 1])))
    counts: dict[str, list[int]] = {}
    for start in range(0, len(places), batch):
        part = places[start: start + batch]
        prompts = [prompt_ids(sequences, row["turns"][: n + 1], row.get("signatures"), prompt.TEXT, row.get("instructions")) for row, n in part]
        for (row, n), answers in zip(part, sampled(model, sequences, prompts, 0, 0.0, 0)):
            count = counts.setdefault(row.get("kind", "dialogue"), [0, 0])
            count[0] += same(answers[0].text, row["turns"][n]["assistant"])
            count[1] += 1
    return dict(sorted(counts.items()))


def train(options) -> dict:
    """DPO or SFT on a file of pairs; writes a checkpoint and `figures.json`, and returns the figures."""
    torch.set_num_threads(1)
    vocabulary = Vocabulary(options.tokenizer)
    sequences = Sequences(vocabulary)
    model = checkpoint.load(options.start)
    pairs = read_pairs(options.pairs, model.c.codes.group_size, model.c.codes.bos, vocabulary)
    if len(pairs) < 2:
        raise ValueError(f"{options.pairs} holds {len(pairs)} usable pairs, expected two at least")
    order = np.random.default_rng(options.seed).permutation(len(pairs))
    held = max(1, len(pairs) // HELD_OUT_ONE_IN)
    check = Preferences(model, sequences, [pairs[i] for i in order[:held]], options.batch)
    learnt = Preferences(model, sequences, [pairs[i] for i in order[held:]], options.batch)
    guards = [row for path in options.guards for row in read_dialogues(path)[: options.guard_count]]
    figures = {"method": options.method, "pairs": len(pairs), "before": {"margins": check.margins(model), "exact": exact_answers(model, sequences, guards)}}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(tuple(options.still)))
    optimisers = Optimisers(model.named_parameters(), options.muon, options.adam)
    rehearsed = [row for path in options.rehearse for row in read_dialogues(path)]
    rehearsal = Conversations(sequences, rehearsed) if rehearsed else None
    run = Run(options.out, vars(options), options.fresh, save_minutes=5.0)
    parts = {"model": model, "optimisers": optimisers}
    if run.resumed:
        for name, part in parts.items():
            part.load_state_dict(run.resumed[name])
        figures["before"] = run.resumed["before"]
    run.begin()
    g = np.random.default_rng(run.seed + run.step)
    going = options.minutes > 0
    while going:
        number = int(g.integers(len(learnt.batches)))
        model.train()
        chosen, rejected = learnt.scores(model, number)
        loss = -chosen.mean() * (options.cross_entropy if options.method == "dpo" else 1.0)
        if options.method == "dpo":
            preference = dpo_loss(chosen, rejected, *learnt.reference[number], options.beta)
            loss = loss + preference
            run.add(preference=preference.item(), preferred=float((chosen > rejected).float().mean()))
        run.add(chosen=chosen.mean().item(), rejected=rejected.mean().item())
        loss.backward()
        if rehearsal is not None:
            kept = batch_loss(model, rehearsal.batch(options.rehearsed, g), vocabulary.prefix(prompt.TEXT), whole_prompt=True)
            (options.rehearsal_weight * kept.text / kept.text_count).backward()
            run.add(rehearsed=(kept.text.item(), kept.text_count))
        optimisers.step(run.clock.factor())
        going = run.tick(lambda: {"before": figures["before"], **{name: part.state_dict() for name, part in parts.items()}})
        going = going and (options.steps is None or run.step < options.steps)
    figures["steps"], figures["after"] = run.step, {"margins": check.margins(model), "exact": exact_answers(model, sequences, guards)}
    checkpoint.save(model, options.out, vocabulary.directory)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    run.note(**{name: figures[name] for name in ("before", "after")})
    return figures


def pairs_command(options):
    """Makes pairs from a checkpoint's own answers."""
    torch.set_num_threads(1)
    model = checkpoint.load(options.checkpoint).eval()
    sequences = Sequences(Vocabulary(options.tokenizer))
    rows = [row for path in options.conversations for row in read_dialogues(path)[: options.count]]
    made = make_pairs(model, sequences, rows, options.samples, options.temperature, options.seed, report=lambda line: print(line, flush=True))
    write_pairs(options.out / "pairs.jsonl", made)
    print(json.dumps(Counter(pair.set for pair in made)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("pairs", help="makes pairs from a checkpoint's own answers")
    making.add_argument("checkpoint", type=Path)
    making.add_argument("--conversations", type=Path, nargs="+", required=True)
    making.add_argument("--count", type=int, default=1_500, help="conversations of each file")
    making.add_argument("--samples", type=int, default=4)
    making.add_argument("--temperature", type=float, default=0.9)
    making.add_argument("--out", type=Path, default=RUNS / "preferences")
    making.set_defaults(run=pairs_command)
    learning = commands.add_parser("train", help="trains on pairs")
    learning.add_argument("--pairs", type=Path, required=True)
    learning.add_argument("--start", type=Path, required=True)
    learning.add_argument("--method", choices=("dpo", "sft"), default="dpo")
    learning.add_argument("--beta", type=float, default=1.0, help="for means of log-probabilities; sums want a tenth")
    learning.add_argument("--cross-entropy", type=float, default=0.3, help="weight of the chosen answers' own loss beside DPO")
    learning.add_argument("--rehearse", type=Path, nargs="*", default=[], help="written conversations that it must not forget")
    learning.add_argument("--rehearsed", type=int, default=24, help="of them per step")
    learning.add_argument("--rehearsal-weight", type=float, default=1.0)
    learning.add_argument("--minutes", type=float, default=15)
    learning.add_argument("--steps", type=int, help="no more than so many steps")
    learning.add_argument("--batch", type=int, default=8, help="pairs")
    learning.add_argument("--muon", type=float, default=2e-4)
    learning.add_argument("--adam", type=float, default=1e-4)
    learning.add_argument("--still", nargs="*", default=["continuous_audio_tower"], help="prefixes of parameters that do not move")
    learning.add_argument("--guards", type=Path, nargs="*", default=[], help="dialogues whose exact answers are counted before and after")
    learning.add_argument("--guard-count", type=int, default=150)
    learning.add_argument("--fresh", action="store_true")
    learning.add_argument("--out", type=Path, required=True)
    learning.set_defaults(run=train)
    for command in (making, learning):
        command.add_argument("--tokenizer", type=Path, default=RUNS / "data" / "tokenizer")
        command.add_argument("--seed", type=int, default=8)
    options = parser.parse_args()
    run = options.run
    del options.run
    run(options)


if __name__ == "__main__":
    main()
