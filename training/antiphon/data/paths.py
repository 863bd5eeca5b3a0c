"""Where the data builders put what they produce: everything below `training/runs/data`, which git ignores."""

import contextlib
import os
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[2]
DATA = TRAINING / "runs" / "data"
DIALOGUES = DATA / "dialogues"
TOKENIZER = DATA / "tokenizer"
CALLERS = DATA / "callers"


@contextlib.contextmanager
def atomic(path, mode="w"):
    """Opens a temporary file beside `path` and renames it to `path` once it is complete, so that no reader sees half a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with open(temporary, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
        yield file
    os.replace(temporary, path)
