"""Domain grammar, dialogues, text tokenizer, prompt template, caller voices, augmentation and corpora."""
