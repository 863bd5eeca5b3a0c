"""Whether two results of one manifest agree, turn by turn: the dataflow's and the checkpoint's, for example."""
from __future__ import annotations

from antiphon.evaluate.figures import share
from antiphon.evaluate.results import Outcome

EXAMPLES = 10


def agreement(ours: list[Outcome], theirs: list[Outcome]) -> dict:
    """Shares of turns with the same transcript, calls, texts and numbers of speech tokens, and the first that differ."""
    pairs = list(zip(ours, theirs, strict=True))
    tests = {
        "transcripts": lambda a, b: a.transcript.strip() == b.transcript.strip(),
        "calls": lambda a, b: [x.calls for x in a.answers] == [x.calls for x in b.answers],
        "texts": lambda a, b: a.text.strip() == b.text.strip(),
        "speech_tokens": lambda a, b: [x.speech_tokens for x in a.answers] == [x.speech_tokens for x in b.answers],
    }
    differing = [{"id": a.conversation.id, "turn": a.number, "what": [n for n, test in tests.items() if not test(a, b)],
                  "texts": [a.text, b.text]} for a, b in pairs if not all(test(a, b) for test in tests.values())]
    return {"turns": len(pairs), **{name: share(test(a, b) for a, b in pairs) for name, test in tests.items()},
            "differing": differing[:EXAMPLES]}


def table(names: list[str], summaries: list[dict]) -> str:
    """The main figures of several summaries side by side, as text."""
    lines = [f"{'figure':46}" + "".join(f"{name:>24}" for name in names)]
    for part in summaries[0]:
        for figure in summaries[0][part]["all"]:
            cells = [show(s.get(part, {}).get("all", {}).get(figure)) for s in summaries]
            lines.append(f"{part + ' ' + figure:46}" + "".join(f"{cell:>24}" for cell in cells))
    return "\n".join(lines)


def show(figure) -> str:
    """`65.3 % (62 of 95)`, `6.2 % (90 of 1462)`, a number, or a dash."""
    if figure is None:
        return "–"
    if not isinstance(figure, dict):
        return str(figure)
    value, part, whole = (figure[k] for k in (("share", "right", "of") if "of" in figure else ("rate", "errors", "words")))
    return f"{100 * value:.1f} % ({part} of {whole})"
