"""The optional head that times the words of a known text, as ``python -m antiphon.train.word_times`` writes it beside a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antiphon.export.checkpoint import InvalidCheckpoint, StoredTensor, metadata_of, tensors_of

WORD_TIMES = "word_times"
FILE = f"{WORD_TIMES}.safetensors"
CHARACTERS, OFFSET = "characters", "beginOffsetMillis"
"""In the file's header: the characters of classes 1 and up in their order, class 0 being the blank, and by how many milliseconds the
head is late at a word's first character."""


@dataclass(frozen=True)
class WordTimesHead:
    """``norm.weight``, ``norm.bias`` [width], ``characters.weight`` [classes, width] and ``characters.bias`` [classes] of one file."""

    characters: str
    begin_offset_millis: int
    tensors: dict[str, StoredTensor]

    @property
    def section(self) -> dict[str, object]:
        """The manifest's object."""
        return {CHARACTERS: self.characters, OFFSET: self.begin_offset_millis}

    def tensor(self, name: str, shape: tuple[int, ...]) -> StoredTensor:
        """Raises InvalidCheckpoint if it is absent or does not fit the encoder."""
        stored = self.tensors.get(name)
        if stored is None or stored.shape != shape:
            found = "absent" if stored is None else f"shape {list(stored.shape)}"
            raise InvalidCheckpoint(f"{FILE}: tensor {name}: {found}; expected shape {list(shape)}")
        return stored


def read_word_times_head(folder: Path) -> WordTimesHead | None:
    """The head beside the checkpoint in ``folder``, None where there is none. Raises InvalidCheckpoint for one without its header."""
    path = folder / FILE
    if not path.exists():
        return None
    header = metadata_of(path)
    characters, offset = header.get(CHARACTERS, ""), header.get(OFFSET, "")
    if not characters or len(set(characters)) < len(characters) or not offset.isdigit():
        raise InvalidCheckpoint(
            f"{path}: its header has {CHARACTERS} {characters!r} and {OFFSET} {offset!r}; expected different characters and a whole number"
        )
    return WordTimesHead(characters, int(offset), dict(tensors_of(folder, FILE)))
