"""The networks of the first GAN paper on MNIST: ReLU against maxout. Goodfellow et al. 2014, section 5.

The paper gives the kinds of layer; widths, ranges and dropout are those of the authors' code.
"""

from collections.abc import Sequence
from math import prod, sqrt

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.layers import Maxout
from course_lib.models import mlp
from course_lib.models.initialise import bias_from_marginals_, uniform_
from course_lib.models.inputs import check_shape
from course_lib.verdict import Verdict


class Generator(mlp.Generator):
    """Noise z, uniform with variance 1, through ReLU layers to images in [0, 1].

    noise_dim: numbers in z. hidden: widths of the hidden layers. shape: of one image.
    marginals: mean of each pixel over the training set, in [0, 1] and as many as an image has pixels; the bias of
        the output starts there, so that the first samples have the brightness of the data. Without them it is 0.
    Weights start in U(-0.05, 0.05), other biases at 0.
    """

    def __init__(
        self,
        noise_dim: int = 100,
        hidden: Sequence[int] = (1200, 1200),
        shape: Sequence[int] = (1, 28, 28),
        *,
        marginals: Float[Tensor, "..."] | None = None,
    ):
        super().__init__(noise_dim, hidden, shape, output=nn.Sigmoid())
        uniform_(self, 0.05)
        if marginals is not None:
            bias_from_marginals_(self.layers[-2], marginals)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from U(-sqrt(3), sqrt(3))^noise_dim, mean 0 and variance 1, on the device of the weights."""
        return self.layers[0].weight.new_empty(n, self.noise_dim).uniform_(-sqrt(3), sqrt(3))


class Discriminator(nn.Module):
    """Images through maxout layers to one logit; features are the last maxout layer, before its dropout.

    shape: of one image. hidden: units of each maxout layer. pieces: of each unit.
    input_dropout, dropout: chance of silencing a pixel or a unit. The code's scales, 1.25 on pixels and 2 on units,
        are 1 / (1 - p) in training and none in evaluation, which is what nn.Dropout does.
    Weights start in U(-0.005, 0.005), biases at 0.
    """

    def __init__(
        self,
        shape: Sequence[int] = (1, 28, 28),
        hidden: Sequence[int] = (240, 240),
        *,
        pieces: int = 5,
        input_dropout: float = 0.2,
        dropout: float = 0.5,
    ):
        super().__init__()
        if not hidden:
            raise ValueError("The discriminator needs at least one hidden layer, whose activations are its features.")
        self.shape = tuple(shape)
        first, *others = hidden
        layers = [nn.Flatten(), nn.Dropout(input_dropout), Maxout(prod(self.shape), first, pieces)]
        for units in others:
            layers += [nn.Dropout(dropout), Maxout(layers[-1].units, units, pieces)]
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.logit = nn.Linear(hidden[-1], 1)
        uniform_(self, 0.005)

    def forward(self, x: Float[Tensor, "batch ..."]) -> Verdict:
        """D's verdict on images of shape (batch, *shape)."""
        check_shape("x", x, *self.shape)
        features = self.features(x)
        return Verdict(self.logit(self.dropout(features)).squeeze(1), features)
