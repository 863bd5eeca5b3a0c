"""Antiphon's training code: data, speech, model, training, evaluation and export."""
