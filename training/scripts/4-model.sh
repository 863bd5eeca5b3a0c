#!/usr/bin/env bash
# The model, stage by stage: text, listening, speaking, merged, everything jointly, quiet and long conversations, the voice alone.
# Beside it a second core may run scripts/4-model-second-core.sh.
#
# FROM=../models/nano goes on from a finished checkpoint whose voice has changed: it learns to speak the new ids instead of learning text,
# listening and speaking, which saves two core-hours and what joint training made of them. Its text tokenizer has to be the one in use.
# With KEEP_VOICE=1 too its voice has not changed, and joint training begins with it at once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
nano=runs/nano
heads=()
copied() { mkdir -p "$2"; cp "$1"/{config,generation_config,tokenizer,tokenizer_config}.json "$1"/model.safetensors "$2"/; } # CHECKPOINT TO
if [[ -n ${FROM:-} ]]; then
  if [[ -n ${KEEP_VOICE:-} ]]; then
    stage kept-voice copied "$FROM" $nano/merged
  else
    stage voice module antiphon.train.speaking --new-ids --llm "$FROM" --minutes "$(minutes 24)" --out $nano/merged
  fi
  heads=(--heads state/auxiliary.safetensors)
else
  stage text module antiphon.train.text --minutes "$(minutes 8)"
  stage listening module antiphon.train.listening --minutes "$(minutes 55)" --encoder "${ENCODER:-whisper-tiny}" --rates 5e-4 2e-4
  stage speaking module antiphon.train.speaking --minutes "$(minutes 40)"
  stage merging module antiphon.train.merging
fi
stage joint module antiphon.train.joint "${heads[@]}" --minutes "$(minutes 100)" --listen 12 --seconds 32 --written 12 --batch 12 --auxiliary 0.4 \
  --robust 6 --sounds 1 --understanding 2 --instructed 6 --empathy --utterances --strings --offered 0.1 --muon 2.5e-3 --adam 1.2e-3 --decay 0.3
stage answers module antiphon.train.joint --minutes "$(minutes 110)" --start $nano/joint --out $nano/longer --heads $nano/joint/auxiliary.safetensors \
  --listen 12 --seconds 0 --answers 24 --written 12 --batch 12 --robust 8 --sounds 1 --understanding 2 --instructed 6 --empathy --utterances --strings --offered 0.15 \
  --auxiliary 0.4 --muon 1.8e-3 --adam 9e-4 --decay 0.45
stage patient module antiphon.train.joint --minutes "$(minutes 45)" --start $nano/longer --heads $nano/longer/auxiliary.safetensors --out $nano/patient \
  --listen 0 --seconds 0 --answers 12 --written 6 --batch 6 --robust 24 --sounds 3 --understanding 2 --instructed 4 --empathy --strings --offered 0.15 \
  --hesitant 0.35 --earlier 0.3 --muon 1e-3 --adam 5e-4 --decay 0.6 --whole-prompt 0 \
  --still continuous_audio_tower audio_invert_tower audio_tower.embed_tokens
stage part-of-the-way module antiphon.train.merging --everything --alpha 0.85 --listening $nano/patient --speaking $nano/longer --out $nano/settled
# Last, because the voice has to fit the shared LLM that it speaks with: nothing else moves any more.
stage reading module antiphon.train.reading --minutes "$(minutes 50)" --start $nano/settled --instructed 6 --muon 1.5e-3 --adam 7.5e-4 --decay 1
stage final copied $nano/reading $nano/final
stage turn-endings module antiphon.data.turn_endings $nano/final
stage word-times module antiphon.train.word_times $nano/final $nano/longer/auxiliary.safetensors
stage bundle module antiphon.export $nano/final runs/bundle
