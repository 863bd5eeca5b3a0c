#!/usr/bin/env bash
# Every figure of the model card, into runs/figures, and the card. CHECKPOINT and BUNDLE say of what.
# REFERENCE, a checkout of Fun-Audio-Chat for transformers 4.52.3, adds the comparison with the reference implementation's own class.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
checkpoint=${CHECKPOINT:-runs/nano/final} bundle=${BUNDLE:-runs/bundle} figures=runs/figures
stage evaluation-set module antiphon.data.evaluation_set runs/evaluation --natural 120
stage figures-dataflow ../antiphon evaluate runs/evaluation/MANIFEST.jsonl --model "$bundle" --out $figures/dataflow
stage figures-checkpoint module antiphon.evaluate "$checkpoint" --out $figures/checkpoint
stage score-dataflow module antiphon.evaluate.score $figures/dataflow --voice 300 --out $figures/dataflow.json
stage score-checkpoint module antiphon.evaluate.score $figures/checkpoint --against $figures/dataflow --out $figures/checkpoint.json
stage listening-figures module antiphon.evaluate.listening $figures/dataflow --out $figures/listening.json
stage text-questions module antiphon.evaluate.text_questions runs/nano/text "$checkpoint" --out $figures/text_questions.json
stage detokenizer-figures module antiphon.speech.evaluate runs/speech/held_out --texts runs/data/answers.txt --tokenizer runs/speech/tokenizer.safetensors \
  --detokenizer runs/detokenizer/detokenizer.safetensors --teacher --out $figures/detokenizer
if [[ -n ${REFERENCE:-} ]]; then
  stage reference module antiphon.evaluate.reference "$REFERENCE" "$checkpoint" --out $figures/reference
  stage parity ../antiphon parity "$bundle" $figures/reference
fi
stage robustness-figures module antiphon.evaluate.robustness "$checkpoint" --out $figures/robustness.json
stage style-figures module antiphon.evaluate.styles "$checkpoint" --out $figures/instructed.json
stage card module antiphon.evaluate.card "$checkpoint" "$bundle" --figures $figures
