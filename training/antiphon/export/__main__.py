"""``python -m antiphon.export CHECKPOINT [BUNDLE]``: writes a bundle of a checkpoint, by default into its own folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from antiphon.export.bundle import write_bundle
from antiphon.export.checkpoint import InvalidCheckpoint
from antiphon.export.configuration import UnsupportedConfiguration
from antiphon.export.manifest import InvalidGenerationConfig


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="folder in the released layout")
    parser.add_argument("bundle", type=Path, nargs="?", help="folder to write; the checkpoint's own if left out")
    parser.add_argument("--name", help="the bundle's name in its manifest; the checkpoint folder's if left out")
    parser.add_argument("--maximum-positions", type=int, help="longest context in shared-LLM positions")
    arguments = parser.parse_args()
    try:
        path = write_bundle(
            arguments.checkpoint, arguments.bundle or arguments.checkpoint, arguments.name, arguments.maximum_positions
        )
    except (InvalidCheckpoint, UnsupportedConfiguration, InvalidGenerationConfig) as error:
        print(f"antiphon.export: {error}", file=sys.stderr)
        return 2
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
