"""The assistant's voice: its teacher in every style, 25 Hz speech tokenizer and the streaming detokenizer."""
