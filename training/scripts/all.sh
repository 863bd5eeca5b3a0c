#!/usr/bin/env bash
# The whole recipe on one core, going on where it was stopped.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in 1-texts 2-voice 3-callers 4-model 5-figures 6-preferences; do "$here/$part.sh"; done
