"""The conditional DCGAN on MNIST: the label, one-hot, is joined to the input of every layer.

Radford et al. 2016, appendix A.1, as in the authors' code: 5x5 kernels, batch norm without scale and bias,
no bias in any layer, images in [0, 1]. Their L2 penalty of 2.5e-5 belongs to the optimiser. Their samples are
normalised by their own batch; here that is so in training mode, and evaluation uses the running averages.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.layers import batch_norm_plain_1d, batch_norm_plain_2d
from course_lib.models.initialise import dcgan_
from course_lib.models.inputs import check_shape, one_hot
from course_lib.verdict import Verdict


class Generator(nn.Module):
    """Noise z, uniform in (-1, 1), and a label y to a digit of 28x28 in [0, 1].

    noise_dim: numbers in z. classes: how many labels. units: of the fully connected layer. nf: feature maps at
    14x14; twice as many at 7x7.
    """

    def __init__(self, noise_dim: int = 100, classes: int = 10, units: int = 1024, nf: int = 64):
        super().__init__()
        self.noise_dim, self.classes = noise_dim, classes
        flat, maps = 2 * nf * 7 * 7, (2 * nf, 7, 7)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(_dense(noise_dim + classes, units), batch_norm_plain_1d(units), nn.ReLU()),
                nn.Sequential(
                    _dense(units + classes, flat), batch_norm_plain_1d(flat), nn.ReLU(), nn.Unflatten(1, maps)
                ),
                nn.Sequential(_up(2 * nf + classes, nf), batch_norm_plain_2d(nf), nn.ReLU()),
                nn.Sequential(_up(nf + classes, 1), nn.Sigmoid()),
            ]
        )
        dcgan_(self)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from U(-1, 1)^noise_dim, on the device of the weights."""
        return self.blocks[0][0].weight.new_empty(n, self.noise_dim).uniform_(-1, 1)

    def forward(self, z: Float[Tensor, "batch noise"], y: Int[Tensor, " batch"]) -> Float[Tensor, "batch 1 28 28"]:
        """G(z, y), digits."""
        check_shape("z", z, self.noise_dim)
        label = one_hot(y, self.classes).to(z.dtype)
        x = z
        for block in self.blocks:
            x = block(_with_label(x, label))
        return x


class Discriminator(nn.Module):
    """A digit x of 28x28 and a label y to one logit; features are the fully connected layer.

    classes: how many labels. nf: feature maps at 14x14; twice as many at 7x7. units: of the fully connected layer.
    The first layer has no batch norm.
    """

    def __init__(self, classes: int = 10, nf: int = 64, units: int = 1024):
        super().__init__()
        self.classes = classes
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(_down(1 + classes, nf), nn.LeakyReLU(0.2)),
                nn.Sequential(_down(nf + classes, 2 * nf), batch_norm_plain_2d(2 * nf), nn.LeakyReLU(0.2)),
            ]
        )
        flat = 2 * nf * 7 * 7
        self.hidden = nn.Sequential(_dense(flat + classes, units), batch_norm_plain_1d(units), nn.LeakyReLU(0.2))
        self.logit = _dense(units + classes, 1)
        dcgan_(self)

    def forward(self, x: Float[Tensor, "batch channel height width"], y: Int[Tensor, " batch"]) -> Verdict:
        """D's verdict on digits, each with the label it came with or was made for."""
        check_shape("x", x, 1, 28, 28)
        label = one_hot(y, self.classes).to(x.dtype)
        for block in self.blocks:
            x = block(_with_label(x, label))
        features = self.hidden(_with_label(x.flatten(1), label))
        return Verdict(self.logit(_with_label(features, label)).squeeze(1), features)


def _with_label(x: Tensor, label: Tensor) -> Tensor:
    """x with the one-hot label as further features, or as further maps that are all 0 or all 1."""
    if x.ndim == 4:
        label = label[:, :, None, None].expand(-1, -1, *x.shape[2:])
    return torch.cat([x, label], 1)


def _dense(inputs: int, units: int) -> nn.Linear:
    return nn.Linear(inputs, units, bias=False)


def _down(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 5, 2, 2, bias=False)


def _up(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, 1, bias=False)
