"""``python -m antiphon.export.cosyvoice DIR [BUNDLE]``: a released CosyVoice 3 folder as a bundle's detokenizer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from antiphon.export.checkpoint import InvalidCheckpoint
from antiphon.export.cosyvoice.bundle import MANIFEST, join_manifest, write_detokenizer
from antiphon.export.cosyvoice.voices import VOICES, import_voices
from antiphon.export.licence import stated_licence, write_note


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export.cosyvoice", description=__doc__)
    parser.add_argument("folder", type=Path, help="with flow.pt and hift.pt")
    parser.add_argument("bundle", type=Path, nargs="?", help="folder to write; the released folder itself if left out")
    parser.add_argument("--blocks", action="store_true", help="also the graph that equals the reference's streaming mode over growing caches")
    parser.add_argument("--voices", type=Path, help="the voices of a released spk2info.pt")
    arguments = parser.parse_args()
    bundle = arguments.bundle or arguments.folder
    try:
        section = write_detokenizer(arguments.folder, bundle, blocks=arguments.blocks)
        if not join_manifest(bundle, section):
            print(f"{bundle} has no {MANIFEST}; export the checkpoint into it, then run this again")
        if arguments.voices:
            print(f"{bundle / VOICES}: {', '.join(import_voices(arguments.voices, bundle))}")
    except InvalidCheckpoint as error:
        print(f"antiphon.export.cosyvoice: {error}", file=sys.stderr)
        return 2
    write_note(bundle, {"detokenizer (CosyVoice 3)": stated_licence(arguments.folder)})
    print(bundle / section["graphs"]["flow"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
