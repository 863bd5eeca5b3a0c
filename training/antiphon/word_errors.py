"""Word errors, counted by jiwer."""
from __future__ import annotations

import jiwer


def word_errors(reference: list[str], heard: list[str]) -> int:
    """Substitutions, insertions and deletions that lead from the words of `reference` to those of `heard`."""
    if not reference or not heard:
        return len(reference) + len(heard)
    result = jiwer.process_words([" ".join(reference)], [" ".join(heard)])
    return result.substitutions + result.deletions + result.insertions
