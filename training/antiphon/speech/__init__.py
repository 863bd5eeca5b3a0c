"""The assistant's voice: festival teacher, 25 Hz speech tokenizer and the streaming detokenizer."""
