"""Strided convolutions as products of matrices, for processors with bfloat16 units.

A convolution meets each patch of the image with each filter. With the patches as the rows of one matrix and the
filters as the columns of another it is their product. Its transpose is one too: cut the result into blocks of s x s
pixels; a kernel of m*s pixels lets each block see m x m pixels of the input.

PyTorch's own kernels are faster in float32 and on GPUs, and these layers use them there. In bfloat16 on processors
with AMX the products are faster: `benchmarks/dcgan_step.py` measures a whole training step.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.environment import amx_is_used

FEW = 32  # channels: with fewer, such as an image's, a product is no faster
AMX = amx_is_used()  # with AVX512-BF16 alone a step is slower by products, not faster


class StridedConv2d(nn.Conv2d):
    """`nn.Conv2d`, faster in bfloat16 by AMX where the kernel is a multiple of the stride, such as 4 and 2.

    Takes nn.Conv2d's arguments, has its weights and, to rounding, its results: (n, in, height, width) to
    (n, out, height // s, width // s) with stride s, a kernel of 2s and padding s/2.
    """

    def forward(self, x: Float[Tensor, "n channel height width"]) -> Float[Tensor, "n filter height2 width2"]:
        """The convolution of x."""
        if not _product_pays(self, x):
            return super().forward(x)
        return conv2d(*_in_one_type(x, self.weight, self.bias), self.stride[0], self.padding[0])


class StridedConvTranspose2d(nn.ConvTranspose2d):
    """`nn.ConvTranspose2d`, faster in bfloat16 by AMX where the kernel is a multiple of the stride, such as 4 and 2.

    Takes nn.ConvTranspose2d's arguments, has its weights and, to rounding, its results: (n, in, height, width) to
    (n, out, s x height, s x width) with stride s, a kernel of 2s and padding s/2.
    """

    def forward(self, x: Float[Tensor, "n channel height width"]) -> Float[Tensor, "n filter height2 width2"]:
        """The fractionally strided convolution of x."""
        if not _product_pays(self, x):
            return super().forward(x)
        return conv_transpose2d(*_in_one_type(x, self.weight, self.bias), self.stride[0], self.padding[0])


def conv2d(
    x: Float[Tensor, "n channel height width"],
    weight: Float[Tensor, "filter channel kernel kernel"],
    bias: Float[Tensor, " filter"] | None,
    stride: int,
    padding: int,
) -> Float[Tensor, "n filter height2 width2"]:
    """F.conv2d, where the kernel is a multiple of the stride."""
    maps = _Convolution.apply(x, weight, _Grid(weight.shape[-1], stride, padding))
    return maps if bias is None else maps + bias[:, None, None]


def conv_transpose2d(
    x: Float[Tensor, "n channel height width"],
    weight: Float[Tensor, "channel filter kernel kernel"],
    bias: Float[Tensor, " filter"] | None,
    stride: int,
    padding: int,
) -> Float[Tensor, "n filter height2 width2"]:
    """F.conv_transpose2d, where the kernel is a multiple of the stride."""
    grid = _Grid(weight.shape[-1], stride, padding)
    sides = [(side - 1) * stride - 2 * padding + grid.kernel for side in x.shape[2:]]
    maps = _Transpose.apply(x, weight, grid, sides)
    return maps if bias is None else maps + bias[:, None, None]


class _Grid(NamedTuple):
    """Where the kernel is laid: every `stride` pixels, on an image with `padding` zeros around it."""

    kernel: int
    stride: int
    padding: int


class _Convolution(torch.autograd.Function):
    """The convolution; its gradients are a transposed convolution and a product with the patches."""

    @staticmethod
    def forward(ctx, x, weight, grid):
        ctx.save_for_backward(x, weight)
        ctx.grid, ctx.patches = grid, _patches(x, grid)
        return _convolve(ctx.patches, weight, grid, x.shape)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        for_x = for_weight = None
        if ctx.needs_input_grad[0]:
            for_x = _transpose(gradient, weight, ctx.grid, x.shape[2:])
        if ctx.needs_input_grad[1]:
            # A gradient of this gradient has to know that the patches come from x.
            patches = _patches(x, ctx.grid) if torch.is_grad_enabled() else ctx.patches
            for_weight = _weight_gradient(gradient, patches, weight.shape)
        return for_x, for_weight, None


class _Transpose(torch.autograd.Function):
    """The transposed convolution; its gradients are a convolution and a product with the patches of its result."""

    @staticmethod
    def forward(ctx, x, weight, grid, sides):
        ctx.save_for_backward(x, weight)
        ctx.grid = grid
        return _transpose(x, weight, grid, sides)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        patches = _patches(gradient, ctx.grid)
        for_x = _convolve(patches, weight, ctx.grid, gradient.shape) if ctx.needs_input_grad[0] else None
        for_weight = _weight_gradient(x, patches, weight.shape) if ctx.needs_input_grad[1] else None
        return for_x, for_weight, None, None


def _patches(x: Tensor, grid: _Grid) -> Tensor:
    """What each filter sees, a row for each place: (n, c, h, w) to (n x h2 x w2, kernel x kernel x c)."""
    return _windows(_with_margin(x, grid.padding), grid.kernel, grid.stride)


def _convolve(patches: Tensor, weight: Tensor, grid: _Grid, shape: torch.Size) -> Tensor:
    """The convolution of images of that shape, from their patches."""
    sides = [(side + 2 * grid.padding - grid.kernel) // grid.stride + 1 for side in shape[2:]]
    filters = weight.permute(0, 2, 3, 1).flatten(1)
    return (patches @ filters.T).view(shape[0], *sides, -1).permute(0, 3, 1, 2)


def _weight_gradient(maps: Tensor, patches: Tensor, shape: torch.Size) -> Tensor:
    """The gradient of (maps x convolution).sum() by its weight of that shape."""
    filters, channels, kernel, _ = shape
    product = maps.permute(1, 0, 2, 3).flatten(1) @ patches
    return product.view(filters, kernel, kernel, channels).permute(0, 3, 1, 2)


def _transpose(x: Tensor, weight: Tensor, grid: _Grid, sides: Sequence[int]) -> Tensor:
    """The transposed convolution of x, an image of those sides."""
    s, m, padding = grid.stride, grid.kernel // grid.stride, grid.padding
    n, height, width, c = len(x), x.shape[2] + m - 1, x.shape[3] + m - 1, weight.shape[1]
    seen = _windows(_with_margin(x, m - 1), m, 1)
    turned = weight.unflatten(2, (m, s)).unflatten(4, (m, s)).flip(2, 4)
    blocks = seen @ turned.permute(2, 4, 0, 3, 5, 1).reshape(seen.shape[1], -1)
    image = blocks.view(n, height, width, s, s, c).transpose(2, 3).reshape(n, height * s, width * s, c)
    # Cut the padding off; on the far side pixels may be missing, which no kernel was laid upon.
    bottom, right = (side + padding - have for side, have in zip(sides, image.shape[1:3], strict=True))
    return F.pad(image, (0, 0, -padding, right, -padding, bottom)).permute(0, 3, 1, 2)


def _with_margin(x: Tensor, width: int) -> Tensor:
    """x with zeros around it, channels last: (n, c, h, w) to (n, h + 2 width, w + 2 width, c)."""
    return F.pad(x.permute(0, 2, 3, 1), (0, 0, *[width] * 4)).contiguous()


def _windows(x: Tensor, size: int, stride: int) -> Tensor:
    """The windows of size x size pixels, every `stride` pixels: (n, h, w, c) to (windows, size x size x c)."""
    (n, height, width, c), (image, line, pixel, channel) = x.shape, x.stride()
    rows, columns = ((side - size) // stride + 1 for side in (height, width))
    steps = (image, stride * line, stride * pixel, line, channel)
    return x.as_strided((n, rows, columns, size, size * c), steps).reshape(n * rows * columns, size * size * c)


def _in_one_type(x: Tensor, *weights: Tensor | None) -> list[Tensor | None]:
    """All in bfloat16 under autocast, as PyTorch's convolutions have them."""
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else x.dtype
    return [None if tensor is None else tensor.to(dtype) for tensor in (x, *weights)]


def _product_pays(layer: nn.Conv2d | nn.ConvTranspose2d, x: Tensor) -> bool:
    """Whether the product is meant for this layer, and faster: in bfloat16 by AMX, between many channels."""
    if not AMX or x.device.type != "cpu" or x.ndim != 4 or min(layer.in_channels, layer.out_channels) < FEW:
        return False
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else x.dtype
    square = all(size == (size[0], size[0]) for size in (layer.kernel_size, layer.stride, layer.padding))
    plain = layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
    plain = plain and layer.output_padding == (0, 0)
    return dtype == torch.bfloat16 and square and plain and layer.kernel_size[0] % layer.stride[0] == 0
