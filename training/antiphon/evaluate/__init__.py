"""Figures of a model on held-out conversations, from the dataflow's results and from the checkpoint alike."""
