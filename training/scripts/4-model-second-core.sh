#!/usr/bin/env bash
# The second process of each stage that can have one, for a second core: STAGE is joint, answers, patient or reading.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
nano=runs/nano
case ${1:?give the stage: joint, answers, patient or reading} in
  joint) module antiphon.train.joint --worker 1 --minutes "$(minutes 100)" --listen 40 --seconds 0 --written 0 --batch 0 --auxiliary 1 ;;
  answers) module antiphon.train.joint --worker 1 --minutes "$(minutes 110)" --start $nano/joint --out $nano/longer \
      --heads $nano/joint/auxiliary.safetensors --listen 0 --written 8 --batch 8 ;;
  patient) module antiphon.train.joint --worker 1 --minutes "$(minutes 45)" --start $nano/longer --heads $nano/longer/auxiliary.safetensors \
      --out $nano/patient --listen 0 --seconds 0 --answers 16 --written 8 --batch 8 --hesitant 0.45 --earlier 0.35 --muon 1e-3 --adam 5e-4 \
      --decay 0.6 --whole-prompt 0 --still continuous_audio_tower audio_invert_tower audio_tower.embed_tokens ;;
  reading) module antiphon.train.reading --worker 1 --minutes "$(minutes 50)" --start $nano/settled --instructed 6 --muon 1.5e-3 --adam 7.5e-4 --decay 1 ;;
  *) echo "stage is '$1', expected joint, answers, patient or reading" >&2; exit 2 ;;
esac
