"""Figures of an evaluation, each with its count: what was heard, answered, called and refused; by voice and by task."""
from __future__ import annotations

from collections import defaultdict

from antiphon.data.dialogues import REFUSAL
from antiphon.data.voices import ESPEAK
from antiphon.evaluate.manifest import HESITANT, LONG, NATURAL, NATURAL_TELEPHONE, OUTSIDE, QUESTIONS, RANDOM, TELEPHONE, TURNS
from antiphon.evaluate.results import Outcome
from antiphon.train.figures import same, words
from antiphon.word_errors import word_errors

CONTEXT = {"follow_up": "follow-up", "confirmed": "confirmation", "declined": "confirmation", "repeat": "repeat"}


def share(tests) -> dict | None:
    """{right, of, share} of booleans; None of none."""
    tests = list(tests)
    return {"right": sum(tests), "of": len(tests), "share": round(sum(tests) / len(tests), 4)} if tests else None


def word_error_figure(pairs) -> dict | None:
    """{errors, words, rate} of (heard text, true text) pairs; None of none."""
    split = [(words(heard), words(truth)) for heard, truth in pairs]
    count = sum(len(truth) for _, truth in split)
    return error_figure(sum(word_errors(truth, heard) for heard, truth in split), count)


def error_figure(errors: int, words: int) -> dict | None:
    """{errors, words, rate}; None of no words."""
    return {"errors": errors, "words": words, "rate": round(errors / words, 4)} if words else None


def call_right(outcome: Outcome) -> bool:
    """Exactly the expected call: one tool, its name, every argument; none where none is expected."""
    if outcome.turn.call is None:
        return not (outcome.answers and outcome.answers[0].calls)
    return outcome.call == outcome.turn.call


def answer_right(outcome: Outcome) -> bool:
    """The last answer's words are the expected ones."""
    return same(outcome.text, outcome.turn.expected)


def turn_right(outcome: Outcome) -> bool:
    """Call (or that there is none) and answer."""
    return call_right(outcome) and answer_right(outcome)


def voice_name(voice: str, held_out: bool) -> str:
    """`espeak f4`, `flite rms`, `festival ked_diphone`; the many known variants of espeak are one."""
    engine, _, name = voice.partition(":")
    if engine == ESPEAK:
        return f"{engine} {name.rpartition('+')[2]}" if held_out else engine
    return f"{engine} {name.partition('*')[0]}"


def recognised(outcomes: list[Outcome]) -> dict | None:
    return word_error_figure((o.transcript, o.turn.reference) for o in outcomes)


def single_turns(outcomes: list[Outcome]) -> dict:
    """Figures of conversations of one turn; random words have their own."""
    domain = [o for o in outcomes if o.turn.in_domain]
    strings = [o for o in outcomes if o.turn.intent == RANDOM]
    tools = [o for o in domain if o.turn.call]
    return _present({
        "recordings": len(outcomes),
        "wer": recognised(domain),
        "answers_exact": share(answer_right(o) and call_right(o) for o in domain if not o.turn.call),
        "calls_exact": share(map(call_right, tools)),
        "answers_after_tool_exact": share(map(answer_right, tools)),
        "answers_after_right_call_exact": share(answer_right(o) for o in tools if call_right(o)),
        "wrongly_refused": share(same(o.text, REFUSAL) for o in domain),
        "wer_random": recognised(strings),
        "random_refused": share(same(o.text, REFUSAL) for o in strings)})


def later_turns(outcomes: list[Outcome]) -> dict:
    """Figures of the turns of conversations by their place, held as they go: a wrong answer stays in the history."""
    right = {(o.conversation.id, o.number): turn_right(o) for o in outcomes}
    later = [o for o in outcomes if o.number]
    kinds = defaultdict(list)
    for o in later:
        kinds[next((name for end, name in CONTEXT.items() if o.turn.intent.endswith(end)), "new question")].append(o)
    return _present({
        "conversations": len({o.conversation.id for o in outcomes}),
        "wer": recognised(outcomes),
        **{f"turn_{n + 1}_exact": share(turn_right(o) for o in outcomes if o.number == n) for n in range(3)},
        "fourth_and_later_exact": share(turn_right(o) for o in outcomes if o.number > 2),
        "later_exact": share(map(turn_right, later)),
        "later_exact_after_right_turns": share(turn_right(o) for o in later
                                               if all(right[o.conversation.id, n] for n in range(o.number))),
        "later_calls_exact": share(call_right(o) for o in later if o.turn.call),
        **{f"{kind}_exact": share(map(turn_right, rows)) for kind, rows in sorted(kinds.items())}})


def by_voice_and_task(outcomes: list[Outcome], figures, tasks: bool = True) -> dict:
    """`figures` of all, of known and held-out voices, of every voice and, with `tasks`, of every intent."""
    groups = defaultdict(list)
    for o in outcomes:
        c = o.conversation
        groups["all"].append(o)
        groups["held-out voices" if c.held_out_voice else "known voices"].append(o)
        groups[f"voice {voice_name(c.voice, c.held_out_voice)}"].append(o)
        if tasks:
            groups[f"intent {o.turn.intent}"].append(o)
    return {name: figures(rows) for name, rows in sorted(groups.items())}


def telephone(outcomes: list[Outcome], narrow_set: str = TELEPHONE, full_set: str = QUESTIONS) -> dict:
    """Figures through the telephone band, with the word error rate of the same questions in the full band beside."""
    narrow = [o for o in outcomes if o.conversation.set == narrow_set]
    twins = {f"telephone-{o.conversation.id}": o for o in outcomes if o.conversation.set == full_set}

    def figures(rows):
        full = [twins[o.conversation.id] for o in rows if o.conversation.id in twins]
        return single_turns(rows) | _present({"wer_full_band": recognised(full)})

    return by_voice_and_task(narrow, figures)


def summary(outcomes: list[Outcome]) -> dict:
    """All figures of the sets that are there."""
    of = defaultdict(list)
    for o in outcomes:
        of[o.conversation.set].append(o)
    result = {}
    if of[QUESTIONS]:
        result[QUESTIONS] = by_voice_and_task(of[QUESTIONS], single_turns)
    if of[TELEPHONE]:
        result[TELEPHONE] = telephone(outcomes)
    if of[TURNS]:
        # Not by intent: a turn is right or wrong with the turns before it.
        result[TURNS] = by_voice_and_task(of[TURNS], later_turns, tasks=False)
    if of[HESITANT]:
        result[HESITANT] = by_voice_and_task(of[HESITANT], single_turns, tasks=False)
    if of[LONG]:
        result[LONG] = by_voice_and_task(of[LONG], later_turns, tasks=False)
    if of[NATURAL]:
        result[NATURAL] = by_voice_and_task(of[NATURAL], single_turns, tasks=False)
    if of[NATURAL_TELEPHONE]:
        result[NATURAL_TELEPHONE] = telephone(outcomes, NATURAL_TELEPHONE, NATURAL)
    if of[OUTSIDE]:
        result[OUTSIDE] = {"all": {"refused": share(same(o.text, REFUSAL) for o in of[OUTSIDE])}}
    return result


def _present(figures: dict) -> dict:
    return {name: value for name, value in figures.items() if value is not None}
