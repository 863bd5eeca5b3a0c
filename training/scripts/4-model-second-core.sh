#!/usr/bin/env bash
# The second process of each stage that can have one, for a second core: STAGE is joint, answers, reading or patient.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
nano=runs/nano
case ${1:?give the stage: joint, answers, reading or patient} in
  joint) module antiphon.train.joint --worker 1 --minutes "$(minutes 100)" --listen 40 --seconds 0 --written 0 --batch 0 --auxiliary 1 ;;
  answers) module antiphon.train.joint --worker 1 --minutes "$(minutes 110)" --start $nano/joint --out $nano/longer \
      --heads $nano/joint/auxiliary.safetensors --listen 0 --written 8 --batch 8 ;;
  reading) module antiphon.train.reading --worker 1 --minutes "$(minutes 25)" --start $nano/longer ;;
  patient) module antiphon.train.joint --worker 1 --minutes "$(minutes 26)" --start $nano/reading --heads $nano/joint/auxiliary.safetensors \
      --out $nano/patient --listen 0 --seconds 0 --answers 16 --written 8 --batch 8 --hesitant 0.45 --earlier 0.35 --muon 1e-3 --adam 5e-4 \
      --decay 0.6 --whole-prompt 0 --still continuous_audio_tower audio_invert_tower audio_tower.embed_tokens ;;
  *) echo "stage is '$1', expected joint, answers, reading or patient" >&2; exit 2 ;;
esac
