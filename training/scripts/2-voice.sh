#!/usr/bin/env bash
# The assistant's voice in every style: recordings, speech tokenizer, decoder and vocoder, ids of all answers, figures.
# About three core-hours; begins with the shipped generation's weights. KEEP_VOICE=1 keeps its ids, decoder and vocoder: an hour.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
speech=runs/speech
shards=("$speech"/styled_{0,1,2,3})
shipped=../models/nano/detokenizer.safetensors

mixed_texts() {
  mkdir -p "$speech"
  { cat runs/data/answers.txt; shuf -n 3000 --random-source=runs/data/answers.txt runs/data/readings.txt; } > "$speech/texts.txt"
}
recorded() { # PREFIX TEXTS ARGUMENTS…
  local prefix=$1 texts=$2
  shift 2
  module antiphon.speech.teacher "$texts" "$prefix" "$@" && module antiphon.speech.corpus "$prefix"
}

stage voice-texts mixed_texts
for part in 0 1 2 3; do stage "styled-$part" recorded "$speech/styled_$part" "$speech/texts.txt" --count 1600 --part "$part/4"; done
stage styled-held-out recorded "$speech/held_out" runs/data/unseen_answers.txt --count 120 --seed 5
if [[ -n ${KEEP_VOICE:-} ]]; then
  stage kept-encoder cp state/speech_encoder.safetensors "$speech/tokenizer.safetensors"
else
  stage speech-tokenizer module antiphon.speech.train_tokenizer "${shards[@]}" --check "$speech/held_out" --out "$speech/tokenizer.pt" \
    --minutes "$(minutes 45)" --start state/speech_encoder.safetensors "$shipped"
fi
stage silence module antiphon.speech.encode_answers "$speech/held_out" --tokenizer "$speech/tokenizer.safetensors" --out runs/data/assistant/held_out.json
# A quiet core records 22 sentences a second, analyses 28 and encodes 60: 19 400 sentences take 32 minutes. FEWER=1 leaves two thirds out.
fewer_readings() { { sed -n 1,2500p runs/data/readings.txt; sed -n 6001,8500p runs/data/readings.txt; } > runs/data/readings_5000.txt; }
corpora=(answers robust_answers readings)
if [[ -n ${FEWER:-} ]]; then
  stage fewer-readings fewer_readings
  corpora=(answers readings_5000)
fi
for corpus in unseen_answers "${corpora[@]}"; do
  stage "neutral-$corpus" recorded "$speech/$corpus" "runs/data/$corpus.txt" --style neutral
done
if [[ -n ${KEEP_VOICE:-} ]]; then
  kept_detokenizer() { mkdir -p runs/detokenizer; cp "${shipped%.safetensors}".{json,safetensors} runs/detokenizer/; }
  stage kept-detokenizer kept_detokenizer
else
  # The styles teach what a level or a whisper sounds like, the neutral sentences what every word does: without them 3.9 % of the words of
  # resynthesised answers are misheard, with them 0.9 %.
  stage vocoder module antiphon.speech.train_vocoder "${shards[@]}" "${corpora[@]/#/$speech/}" --check "$speech/held_out" --start "$shipped" \
    --tokenizer "$speech/tokenizer.pt" --joint --out "$speech/voice.pt" --minutes "$(minutes 75)" --rate 3e-4
  stage detokenizer module antiphon.speech.checkpoint --tokenizer "$speech/voice.pt.tokenizer" --vocoder "$speech/voice.pt" \
    --silence runs/data/assistant/silence.json --out runs/detokenizer
fi
stage voice-figures module antiphon.speech.evaluate_styles "$speech/held_out" --tokenizer "$speech/tokenizer.safetensors" \
  --detokenizer runs/detokenizer/detokenizer.safetensors --out runs/figures/styles.json
stage ids module antiphon.speech.encode_answers "${corpora[@]/#/$speech/}" --tokenizer "$speech/tokenizer.safetensors" \
  --out runs/data/assistant/ids.json
stage unseen-ids module antiphon.speech.encode_answers "$speech/unseen_answers" --tokenizer "$speech/tokenizer.safetensors" \
  --out runs/data/assistant/unseen.json
for split in train test; do stage "answers-in-style-$split" recorded "$speech/in_style_$split" "runs/data/styled_answers_$split.jsonl" --pairs; done
stage styled-ids module antiphon.speech.encode_answers "$speech/in_style_train" --all-styles --tokenizer "$speech/tokenizer.safetensors" \
  --out runs/data/assistant/styled.json
