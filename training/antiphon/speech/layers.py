"""Building blocks that run the same in one shot and in chunks: every layer is causal and keeps the tail of its input."""
import torch
from torch import Tensor, nn


class Stream:
    """The named states of one run: gives each layer its tail from the previous chunk and collects the new ones.

    `states` maps names to tensors with the batch as first dimension; None means the start of a conversation (zeros).
    """

    def __init__(self, states: dict[str, Tensor] | None = None):
        self.before = states
        self.after: dict[str, Tensor] = {}

    def extend(self, name: str, x: Tensor, count: int) -> Tensor:
        """[B, T, C] -> [B, count + T, C]: puts the `count` rows before this chunk in front of it."""
        if self.before is None:
            past = x.new_zeros(x.shape[0], count, x.shape[2])
        else:
            past = self.before[name]
        joined = torch.cat([past, x], 1)
        self.after[name] = joined[:, -count:]
        return joined


class Delay(nn.Module):
    """Delays [B, T, C] by `count` rows."""

    def __init__(self, name: str, count: int):
        super().__init__()
        self.name, self.count = name, count

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return stream.extend(self.name, x, self.count)[:, :-self.count]


class DepthwiseConvolution(nn.Module):
    """Causal depthwise convolution over [B, T, C].

    Outside of training a sum of shifted products, bit-identical in every chunking. In the exported graph it is a convolution over
    a height of 1, for which ONNX Runtime has a kernel that works on blocks of channels: two to three times faster than the sum.
    """

    def __init__(self, name: str, channels: int, width: int):
        super().__init__()
        self.name, self.width = name, width
        self.weight = nn.Parameter(torch.randn(width, channels) / width ** 0.5)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        joined = stream.extend(self.name, x, self.width - 1)
        if self.training:
            result = nn.functional.conv1d(joined.transpose(1, 2), self.weight.t().unsqueeze(1), self.bias, groups=self.weight.shape[1])
            return result.transpose(1, 2)
        if torch.onnx.is_in_onnx_export():
            image, filters = joined.transpose(1, 2).unsqueeze(2), self.weight.t()[:, None, None]
            return nn.functional.conv2d(image, filters, self.bias, groups=self.weight.shape[1]).squeeze(2).transpose(1, 2)
        total = self.bias
        for k in range(self.width - 1):
            total = total + joined[:, k:k + 1 - self.width] * self.weight[k]
        return total + joined[:, self.width - 1:] * self.weight[self.width - 1]


class ConvNeXtBlock(nn.Module):
    """Residual block over [B, T, C]: causal depthwise convolution, normalisation, two-layer perceptron."""

    def __init__(self, name: str, channels: int, hidden: int, width: int = 7):
        super().__init__()
        self.convolution = DepthwiseConvolution(name, channels, width)
        self.norm = nn.LayerNorm(channels, eps=1e-5)
        self.up = nn.Linear(channels, hidden)
        self.down = nn.Linear(hidden, channels)
        nn.init.normal_(self.down.weight, std=0.3 / hidden ** 0.5)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        y = self.norm(self.convolution(x, stream))
        return x + self.down(nn.functional.gelu(self.up(y)))


class ConvNeXtStack(nn.Module):
    """Several blocks in a row; block i keeps its tail under `name.i`."""

    def __init__(self, name: str, count: int, channels: int, hidden: int):
        super().__init__()
        self.blocks = nn.ModuleList(ConvNeXtBlock(f"{name}.{i}", channels, hidden) for i in range(count))

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        for block in self.blocks:
            x = block(x, stream)
        return x


class Upsample(nn.Module):
    """[B, T, C] -> [B, 2 T, D]: each row becomes two."""

    def __init__(self, channels: int, result: int):
        super().__init__()
        self.result = result
        self.linear = nn.Linear(channels, 2 * result)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).reshape(x.shape[0], -1, self.result)


class Downsample(nn.Module):
    """[B, 2 T, C] -> [B, T, D]: each two rows become one."""

    def __init__(self, channels: int, result: int):
        super().__init__()
        self.channels = channels
        self.linear = nn.Linear(2 * channels, result)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.reshape(x.shape[0], -1, 2 * self.channels))
