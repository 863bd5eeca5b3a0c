"""CosyVoice 3 as the detokenizer: speech ids to mel by flow matching, mel to samples by a causal vocoder, both as streaming graphs."""
