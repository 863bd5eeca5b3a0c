#!/usr/bin/env bash
# Dialogues of the domain, the text tokenizer, what the voice reads. Two minutes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
stage dialogues module antiphon.data.dialogues
stage robustness module antiphon.data.robustness
stage instructions module antiphon.data.instructions
stage utterances module antiphon.data.utterances
stage readings module antiphon.data.readings
stage text-tokenizer module antiphon.data.text_tokenizer
