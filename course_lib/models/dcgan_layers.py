"""What the DCGAN's two networks are built of, both ways of each rule."""

from collections.abc import Callable, Sequence

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.layers import StridedConv2d, StridedConvTranspose2d

Activation = Callable[[], nn.Module]
Norm = Callable[[int], nn.Module]  # from the number of channels to a layer


class Maps(nn.Module):
    """Rows of numbers to maps, (n, side x side x channels) to (n, channels, side, side); in memory channels come last,
    as the convolutions want them."""

    def __init__(self, channels: int, side: int):
        super().__init__()
        self.sizes = (side, side, channels)

    def forward(self, x: Float[Tensor, "n number"]) -> Float[Tensor, "n channel side side"]:
        """x as maps."""
        return x.unflatten(1, self.sizes).permute(0, 3, 1, 2)


class Flat(nn.Module):
    """Maps to rows of numbers: `Maps` backwards."""

    def forward(self, x: Float[Tensor, "n channel side side"]) -> Float[Tensor, "n number"]:
        """x as rows."""
        return x.permute(0, 2, 3, 1).flatten(1)


def widths_of(size: int, start: int, nf: int) -> list[int]:
    """Feature maps of each layer from the image inwards: one layer for each doubling of `start`."""
    layers = (size // start).bit_length() - 1
    if layers < 1 or size != start * 2**layers:
        raise ValueError(
            f"size is {size}, which is not {start} doubled once or more. Choose {2 * start}, {4 * start}, "
            f"{8 * start} or {16 * start}, or another start; digits of 28x28 have start=7."
        )
    return [nf * 2**i for i in range(layers)]


def up(inputs: int, outputs: int, kernel: int, strided: bool, bias: bool) -> list[nn.Module]:
    """Layers that double height and width: a fractionally strided convolution, or resizing and a plain one."""
    if strided:
        return [StridedConvTranspose2d(inputs, outputs, kernel, 2, (kernel - 1) // 2, kernel % 2, bias=bias)]
    return [nn.Upsample(scale_factor=2), _same(inputs, outputs, kernel, bias)]


def down(inputs: int, outputs: int, kernel: int, strided: bool, bias: bool) -> nn.Conv2d:
    """A convolution that halves height and width, or leaves that to the pooling after it."""
    if strided:
        return StridedConv2d(inputs, outputs, kernel, 2, (kernel - 1) // 2, bias=bias)
    return _same(inputs, outputs, kernel, bias)


def _same(inputs: int, outputs: int, kernel: int, bias: bool) -> nn.Conv2d:
    """A convolution that keeps height and width, which needs an odd kernel: 3 in place of 4."""
    odd = kernel - 1 + kernel % 2
    return nn.Conv2d(inputs, outputs, odd, padding=odd // 2, bias=bias)


def norm_of(batch_norm: Norm | None, channels: int) -> list[nn.Module]:
    """The normalising layer for so many channels, if there is one."""
    return [] if batch_norm is None else [batch_norm(channels)]


def hidden_layers(
    width: int, hidden: Sequence[int], batch_norm: Norm | None, activation: Activation
) -> list[nn.Module]:
    """Fully connected hidden layers; batch norm for images sees their units as maps of one pixel."""
    layers: list[nn.Module] = []
    for units in hidden:
        layers += [nn.Linear(width, units, batch_norm is None), nn.Unflatten(1, (units, 1, 1))]
        layers += [*norm_of(batch_norm, units), activation(), nn.Flatten()]
        width = units
    return layers
