#!/usr/bin/env bash
# Dialogues of the domain, the text tokenizer, what the voice reads. Two minutes. With FROM, a checkpoint to go on from, its tokenizer stays.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
stage dialogues module antiphon.data.dialogues
stage robustness module antiphon.data.robustness
stage instructions module antiphon.data.instructions
stage utterances module antiphon.data.utterances
stage readings module antiphon.data.readings
own_tokenizer() {
  mkdir -p runs/data/tokenizer
  cp "$FROM"/tokenizer.json "$FROM"/tokenizer_config.json runs/data/tokenizer/
}
if [[ -n ${FROM:-} ]]; then stage text-tokenizer own_tokenizer; else stage text-tokenizer module antiphon.data.text_tokenizer; fi
