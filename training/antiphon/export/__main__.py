"""``python -m antiphon.export CHECKPOINT [BUNDLE]``: writes a bundle of a checkpoint, by default into its own folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from antiphon.export.bundle import Options, write_bundle
from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint
from antiphon.export.configuration import UnsupportedConfiguration
from antiphon.export.manifest import InvalidGenerationConfig
from antiphon.export.prompt import UnsupportedTemplate


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="folder in the released layout")
    parser.add_argument("bundle", type=Path, nargs="?", help="folder to write; the checkpoint's own if left out")
    parser.add_argument("--name", help="the bundle's name in its manifest; the checkpoint folder's if left out")
    parser.add_argument("--maximum-positions", type=int, help="longest context in shared-LLM positions")
    parser.add_argument(
        "--weights", choices=("fused", "source", "int4", "int8"),
        help="fused: prompts and steps in graphs of their own, for small models; source: each weight in one graph; int4, int8: packed; "
        "left out: fused or source by size",
    )
    parser.add_argument("--cases-only", action="store_true", help="without tokenizer and prompts: the bundle can only be compared with cases")
    parser.add_argument("--check-hashes", action="store_true", help="read every byte and compare with SHA256SUMS or the download's own notes")
    arguments = parser.parse_args()
    options = Options(arguments.name, arguments.maximum_positions, arguments.weights, not arguments.cases_only)
    try:
        if arguments.check_hashes:
            for file in Checkpoint(arguments.checkpoint).check_hashes():
                print(f"note: {file}: its hash is not known here", file=sys.stderr)
        path = write_bundle(arguments.checkpoint, arguments.bundle or arguments.checkpoint, options, lambda line: print(line, file=sys.stderr))
    except (InvalidCheckpoint, UnsupportedConfiguration, UnsupportedTemplate, InvalidGenerationConfig) as error:
        print(f"antiphon.export: {error}", file=sys.stderr)
        return 2
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
