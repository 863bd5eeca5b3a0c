#!/usr/bin/env bash
# The callers. Hours of speech of a core-hour: espeak-ng 150, flite and festival 40, hibari 25, Kokoro 1. So Kokoro speaks little of it,
# in shards of seven minutes over all its voices, which a training that runs takes in as they come: KOKORO_SHARDS of them, by default ten.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
callers() { stage "callers-$1" module antiphon.data.callers "$@"; }
stage packages module antiphon.data.packages
callers test_held_out --split test --voices held-out --count 60 --seed 12
callers seen_test --split test --voices training --count 60 --seed 13
callers train_34 --dialogues strings_train --count 5000
callers train_35 --dialogues strings_train --voices hibari --start 5000 --hours 1.4
callers train_20 --voices hibari --start 2500 --hours 1
callers train_00 --start 0 --hours 1.2
callers train_03 --start 5405 --hours 3
callers train_21 --voices hibari --start 10000 --hours 1.2
callers train_02 --voices varied --start 5000 --hours 0.4
callers train_32 --dialogues utterances_train --hours 0.4
callers train_33 --dialogues utterances_train --voices hibari --start 1200 --hours 0.4
callers test_natural --split test --voices held-out-natural --count 60 --seed 11
callers train_30 --dialogues empathy_train --hours 0.7
callers train_31 --dialogues empathy_train --voices hibari --start 1250 --hours 0.4
callers empathy_test --dialogues empathy_test --voices held-out --seed 14
stage understanding module antiphon.data.understanding understanding_train --callers train_00 train_20 --count 4000
stage understanding-held-out module antiphon.data.understanding understanding_test --callers test_held_out test_natural --split test --count 1200
for ((shard = 0; shard < ${KOKORO_SHARDS:-10}; shard++)); do
  callers "train_1$shard" --voices natural --start $((shard * 1000)) --hours 0.12
done
