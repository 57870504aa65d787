"""The conditional networks of Mirza and Osindero 2014: digits from their label, tags from an image.

Both players hear what to condition on, through a hidden layer of its own beside the one for z, x or the word.
Dropout, 0.5 "in both nets", stands after every hidden layer; on the inputs it would hide the label itself.
The paper gives no starting weights: they are those of the first GAN, U(-0.05, 0.05) in G, U(-0.005, 0.005) in D.
"""

from collections.abc import Sequence
from math import prod

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.layers import DropoutNoise, Maxout
from course_lib.models.initialise import bias_from_marginals_, uniform_
from course_lib.models.inputs import check_shape, one_hot
from course_lib.verdict import Verdict


class Apart(nn.Module):
    """Two inputs, each through a layer of its own, the results side by side: (n, a), (n, b) to (n, c).

    The hidden representation of the paper, section 3.2, before its joint layer.
    """

    def __init__(self, first: nn.Module, second: nn.Module):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, a: Float[Tensor, "n a"], b: Float[Tensor, "n b"]) -> Float[Tensor, "n c"]:
        """[first(a), second(b)]."""
        return torch.cat([self.first(a), self.second(b)], 1)


class AtOnce(nn.Module):
    """Two inputs joined before any layer, then one layer for both: (n, a), (n, b) to (n, c)."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, a: Float[Tensor, "n a"], b: Float[Tensor, "n b"]) -> Float[Tensor, "n c"]:
        """layer([a, b])."""
        return self.layer(torch.cat([a, b], 1))


class Generator(nn.Module):
    """Noise z and a label y to an image in [0, 1]. Section 4.1.

    noise_dim: numbers in z. classes: how many labels. hidden: ReLU units for z and for y. joint: ReLU units above
    both. shape: of one image. dropout: in [0, 1). dropout_is_noise: it stays on in evaluation, see below.
    at_once: join z and the one-hot label before the first layer, of as many units, instead of giving each its own.
    marginals: mean of each pixel, as for `gan.Generator`.

    Dropout in G is a second source of noise, and a stronger one than z: a G that was trained with it and samples
    without it draws one digit a label, again and again. The paper does not say how it samples. The authors' code for
    the first GAN has a generator for this case, IntrinsicDropoutGenerator, that never switches its dropout off.
    """

    def __init__(
        self,
        noise_dim: int = 100,
        classes: int = 10,
        hidden: tuple[int, int] = (200, 1000),
        joint: int = 1200,
        shape: Sequence[int] = (1, 28, 28),
        *,
        dropout: float = 0.5,
        dropout_is_noise: bool = False,
        at_once: bool = False,
        marginals: Float[Tensor, "..."] | None = None,
    ):
        super().__init__()
        self.noise_dim, self.classes, self.shape = noise_dim, classes, tuple(shape)
        if at_once:
            self.hidden = AtOnce(_relu(noise_dim + classes, sum(hidden)))
        else:
            self.hidden = Apart(_relu(noise_dim, hidden[0]), _relu(classes, hidden[1]))
        kind = DropoutNoise if dropout_is_noise else nn.Dropout
        self.joint = nn.Sequential(kind(dropout), _relu(sum(hidden), joint), kind(dropout))
        self.output = nn.Sequential(nn.Linear(joint, prod(self.shape)), nn.Sigmoid(), nn.Unflatten(1, self.shape))
        uniform_(self, 0.05)
        if marginals is not None:
            bias_from_marginals_(self.output[0], marginals)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from the unit hypercube, U[0, 1)^noise_dim, on the device of the weights."""
        return self.output[0].weight.new_empty(n, self.noise_dim).uniform_(0, 1)

    def forward(self, z: Float[Tensor, "batch noise"], y: Int[Tensor, " batch"]) -> Float[Tensor, "batch ..."]:
        """G(z, y), images of shape (batch, *shape)."""
        check_shape("z", z, self.noise_dim)
        return self.output(self.joint(self.hidden(z, one_hot(y, self.classes).to(z.dtype))))


class Discriminator(nn.Module):
    """An image x and a label y to one logit; features are the joint maxout layer. Section 4.1.

    shape: of one image. classes: how many labels. hidden: maxout units for x and for y, of 5 pieces. joint: maxout
    units above both, of 4 pieces. dropout: in [0, 1). at_once: join the pixels and the one-hot label before
    the first layer, of as many units, instead of giving each its own.
    """

    def __init__(
        self,
        shape: Sequence[int] = (1, 28, 28),
        classes: int = 10,
        hidden: tuple[int, int] = (240, 50),
        joint: int = 240,
        *,
        dropout: float = 0.5,
        at_once: bool = False,
    ):
        super().__init__()
        self.shape, self.classes = tuple(shape), classes
        if at_once:
            self.hidden = AtOnce(Maxout(prod(self.shape) + classes, sum(hidden), 5))
        else:
            self.hidden = Apart(Maxout(prod(self.shape), hidden[0], 5), Maxout(classes, hidden[1], 5))
        self.joint = nn.Sequential(nn.Dropout(dropout), Maxout(sum(hidden), joint, 4))
        self.logit = nn.Sequential(nn.Dropout(dropout), nn.Linear(joint, 1))
        uniform_(self, 0.005)

    def forward(self, x: Float[Tensor, "batch ..."], y: Int[Tensor, " batch"]) -> Verdict:
        """D's verdict on images of shape (batch, *shape), each with the label it came with or was made for."""
        check_shape("x", x, *self.shape)
        features = self.joint(self.hidden(x.flatten(1), one_hot(y, self.classes).to(x.dtype)))
        return Verdict(self.logit(features).squeeze(1), features)


class TagGenerator(nn.Module):
    """Noise z and an image's feature vector v to a word vector. Section 4.2.

    noise_dim: numbers in z. image_dim: numbers in v. word_dim: numbers in a word vector. hidden: ReLU units for
    z and for v. dropout: in [0, 1). The joint layer is linear and is the word vector, which has no range.
    """

    def __init__(
        self,
        noise_dim: int = 100,
        image_dim: int = 4096,
        word_dim: int = 200,
        hidden: tuple[int, int] = (500, 2000),
        *,
        dropout: float = 0.5,
    ):
        super().__init__()
        self.noise_dim, self.image_dim = noise_dim, image_dim
        self.hidden = Apart(_relu(noise_dim, hidden[0]), _relu(image_dim, hidden[1]))
        self.dropout = nn.Dropout(dropout)
        self.joint = nn.Linear(sum(hidden), word_dim)
        uniform_(self, 0.05)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from a standard Gaussian, on the device of the weights."""
        return self.joint.weight.new_empty(n, self.noise_dim).normal_()

    def forward(self, z: Float[Tensor, "batch noise"], v: Float[Tensor, "batch image"]) -> Float[Tensor, "batch word"]:
        """G(z, v), word vectors."""
        check_shape("z", z, self.noise_dim)
        check_shape("v", v, self.image_dim)
        return self.joint(self.dropout(self.hidden(z, v)))


class TagDiscriminator(nn.Module):
    """A word vector and an image's feature vector v to one logit; features are the joint maxout layer. Section 4.2.

    word_dim, image_dim: numbers in each. hidden: ReLU units for the word and for the image. joint: maxout units
    above both, of 3 pieces. dropout: in [0, 1).
    """

    def __init__(
        self,
        word_dim: int = 200,
        image_dim: int = 4096,
        hidden: tuple[int, int] = (500, 1200),
        joint: int = 1000,
        *,
        dropout: float = 0.5,
    ):
        super().__init__()
        self.word_dim, self.image_dim = word_dim, image_dim
        self.hidden = Apart(_relu(word_dim, hidden[0]), _relu(image_dim, hidden[1]))
        self.joint = nn.Sequential(nn.Dropout(dropout), Maxout(sum(hidden), joint, 3))
        self.logit = nn.Sequential(nn.Dropout(dropout), nn.Linear(joint, 1))
        uniform_(self, 0.005)

    def forward(self, word: Float[Tensor, "batch word"], v: Float[Tensor, "batch image"]) -> Verdict:
        """D's verdict on word vectors, each with the image it came with or was made for."""
        check_shape("word", word, self.word_dim)
        check_shape("v", v, self.image_dim)
        features = self.joint(self.hidden(word, v))
        return Verdict(self.logit(features).squeeze(1), features)


def _relu(inputs: int, units: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, units), nn.ReLU())
