#!/usr/bin/env bash
# Preferences: pairs by machine from the model's own answers, then DPO and, beside it, SFT on the same preferred answers.
# Figures before and after, on held-out pairs and on the guards, stand in runs/nano/preferred*/figures.json.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
start=${CHECKPOINT:-runs/nano/final} dialogues=runs/data/dialogues
guards=("$dialogues"/robust_test.jsonl "$dialogues"/test.jsonl)
stage pairs module antiphon.train.preferences pairs "$start" --conversations "$dialogues"/robust_train.jsonl "$dialogues"/train.jsonl --out runs/preferences
for method in dpo sft; do
  stage "preferred-$method" module antiphon.train.preferences train --pairs runs/preferences/pairs.jsonl --start "$start" --method $method \
    --minutes "$(minutes 15)" --guards "${guards[@]}" --out "runs/nano/preferred-$method"
done
