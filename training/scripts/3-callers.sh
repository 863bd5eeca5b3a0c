#!/usr/bin/env bash
# The callers: synthesisers of three kinds, and Kokoro's voices, which cost about a second of one core for each second of speech.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
stage packages module antiphon.data.packages
stage callers-natural-held-out module antiphon.data.callers test_natural --split test --voices held-out-natural --count 200 --seed 11
stage callers-held-out module antiphon.data.callers test_held_out --split test --voices held-out --count 200 --seed 12
stage callers-seen module antiphon.data.callers seen_test --split test --voices training --count 200 --seed 13
for part in 0 1 2 3; do
  stage "callers-$part" module antiphon.data.callers "train_0$part" --split train --start $((part * 3000)) --hours 2.5
  stage "callers-natural-$part" module antiphon.data.callers "train_1$part" --split train --voices natural --start $((part * 3500)) --hours 1
done
stage callers-in-a-mood module antiphon.data.callers train_30 --dialogues empathy_train --hours 2.5
stage callers-in-a-mood-natural module antiphon.data.callers train_31 --dialogues empathy_train --voices natural --start 1250 --hours 1
stage callers-in-a-mood-held-out module antiphon.data.callers empathy_test --dialogues empathy_test --voices held-out --seed 14
stage callers-in-calls module antiphon.data.callers train_32 --dialogues utterances_train --hours 2
stage callers-in-calls-natural module antiphon.data.callers train_33 --dialogues utterances_train --voices natural --start 1500 --hours 1
stage understanding module antiphon.data.understanding understanding_train --callers train_0{0,1} train_1{0,1} --count 6000
stage understanding-held-out module antiphon.data.understanding understanding_test --callers test_held_out test_natural --split test --count 1200
