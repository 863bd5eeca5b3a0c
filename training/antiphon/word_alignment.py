"""Where the words of a known text lie: the most probable path of its characters through scores of 20 ms each.

The product's `WordAligner` does the same; `tests/test_word_alignment.py` holds the cases that both are tested with.
"""
from __future__ import annotations

import numpy as np

BLANK = 0
FRAME_MILLIS = 20


def path(scores: np.ndarray, classes: list[int]) -> list[tuple[int, int]] | None:
    """scores [frames, classes], logarithms of probabilities; classes of the text's characters, none of them BLANK → the first and the
    last frame of each; None where they do not fit into the frames.

    Of paths that are equally probable the one that stays longest wins, then the one that passes a blank.
    """
    states = [BLANK]
    for each in classes:
        states += [each, BLANK]
    states = np.array(states)
    skips = np.zeros(len(states), bool)
    skips[2:] = (states[2:] != BLANK) & (states[2:] != states[:-2])
    best = np.full(len(states), -np.inf, np.float32)
    best[:2] = scores[0, states[:2]]
    steps = np.zeros((len(scores), len(states)), np.uint8)
    for frame in range(1, len(scores)):
        one = np.concatenate([[-np.inf], best[:-1]]).astype(np.float32)
        two = np.where(skips, np.concatenate([[-np.inf, -np.inf], best[:-2]]), -np.inf).astype(np.float32)
        came = best.copy()
        for step, other in ((1, one), (2, two)):
            better = other > came
            came[better], steps[frame][better] = other[better], step
        best = came + scores[frame, states]
    state = len(states) - 1 if best[-1] > best[-2] else len(states) - 2
    if best[state] == -np.inf:
        return None
    found = [[len(scores), -1] for _ in classes]
    for frame in range(len(scores) - 1, -1, -1):
        if state % 2:
            number = state // 2
            found[number] = [frame, max(found[number][1], frame)]
        state -= steps[frame, state]
    return [(first, last) for first, last in found]


def words(scores: np.ndarray, split: list[str], characters: str, begin_offset_millis: int) -> list[tuple[int, int]]:
    """The begin and the end of each word in milliseconds of the scores; none where the text does not fit into them.

    Characters without a score are passed over; a word without any lies between its neighbours.
    """
    spelled, places = [], []
    for word in split:
        classes = [characters.index(c) + 1 for c in word.lower() if c in characters]
        if classes and spelled and " " in characters:
            spelled.append(characters.index(" ") + 1)
        places.append((len(spelled), len(spelled) + len(classes) - 1) if classes else None)
        spelled += classes
    found = path(scores, spelled) if spelled else None
    if found is None:
        return []
    begins, ends, end = [], [], 0
    for place in places:
        if place is None:
            begins.append(end)
        else:
            begins.append(max(begins[-1] if begins else 0, found[place[0]][0] * FRAME_MILLIS - begin_offset_millis))
            end = (found[place[1]][1] + 1) * FRAME_MILLIS
        ends.append(end)
    following = [*begins[1:], ends[-1]]
    return [(begin, max(begin, until if place is None else min(end, until)))
            for place, begin, end, until in zip(places, begins, ends, following)]
