"""Turns a checkpoint in the released layout into a bundle: ONNX graphs that point into its weights, and a manifest."""
