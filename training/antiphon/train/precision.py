"""The number type of training's products: bfloat16 where the processor multiplies it, else float32 (a step took 70 s instead of 6)."""
import torch

DTYPE = torch.bfloat16 if torch.backends.cpu.get_cpu_capability() not in ("DEFAULT", "AVX2") else torch.float32
