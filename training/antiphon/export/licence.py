"""The licence note of a bundle, ``LICENSES.md``: what the parts of a foreign checkpoint say about their use."""

from __future__ import annotations

import re
from pathlib import Path

NOTE = "LICENSES.md"
_STATED = re.compile(r"\A---\n(?:.*\n)*?license:[ \t]*(\S+)")
"""In the header of the model card."""


def stated_licence(folder: Path) -> str:
    """The licence that a folder's model card or licence file states, or that it states none."""
    card = folder / "README.md"
    found = _STATED.search(card.read_text(encoding="utf-8")) if card.exists() else None
    if found:
        return f"{found[1]} (stated in its README.md)"
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md"):
        if (folder / name).exists():
            first = next((line.strip() for line in (folder / name).read_text(encoding="utf-8").splitlines() if line.strip()), "")
            return f"{first} (first line of its {name})"
    return "not stated beside the files: ask the publisher before passing them on"


def write_note(bundle: Path, parts: dict[str, str]) -> None:
    """Writes the note; ``parts`` are licences by the name of the part."""
    rows = [f"| {part} | {licence} |" for part, licence in sorted(parts.items())]
    text = "# Licences of this bundle\n\nThe graphs hold no weights; the weights stay what their publisher made them.\n\n"
    (bundle / NOTE).write_text(text + "\n".join(["| part | licence |", "|---|---|", *rows]) + "\n", encoding="utf-8")
