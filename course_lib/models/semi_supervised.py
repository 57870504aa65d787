"""Discriminators that are classifiers, and their generators: learning from few labels.

Salimans et al. 2016, section 5, with the networks of the authors' code. D has one logit l_k for each class; the
generated class has the logit 0, so D(x) = Z / (Z + 1) with Z = sum_k exp l_k, and D's own logit is log Z.
"""

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.layers import GaussianNoise, batch_norm_bias_only_1d, batch_norm_bias_only_2d, weight_norm
from course_lib.models import dcgan
from course_lib.models.class_logits import verdict_of_classes
from course_lib.models.initialise import dcgan_, normal_
from course_lib.models.inputs import check_shape, width_after
from course_lib.models.semi_dense import DenseDiscriminator, DenseGenerator
from course_lib.verdict import Verdict

__all__ = ["ConvDiscriminator", "ConvGenerator", "DenseDiscriminator", "DenseGenerator", "SganDiscriminator"]


class ConvGenerator(nn.Module):
    """Noise z, uniform in [0, 1), to images in [-1, 1], for CIFAR-10 and SVHN.

    size: 32, or 28 for digits. channels: of the image. width: feature maps before the output, twice as many in
    each of the two layers closer to z. noise_dim: numbers in z. Batch norm has a bias and no scale; the output is
    weight-normalised. Weights start in N(0, 0.05^2).
    """

    def __init__(self, size: int = 32, channels: int = 3, width: int = 128, *, noise_dim: int = 100):
        super().__init__()
        self.noise_dim = noise_dim
        flat = 4 * width * 4 * 4
        self.project = nn.Sequential(
            nn.Linear(noise_dim, flat, bias=False), batch_norm_bias_only_1d(flat, eps=1e-6), nn.ReLU()
        )
        self.reshape = nn.Unflatten(1, (4 * width, 4, 4))
        self.convolutions = nn.Sequential(
            nn.ConvTranspose2d(4 * width, 2 * width, 5, 2, 2, 1, bias=False),
            batch_norm_bias_only_2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 5, 2, 2, 1, bias=False),
            batch_norm_bias_only_2d(width),
            nn.ReLU(),
        )
        output = nn.ConvTranspose2d(width, channels, 5, 2, 2 + _margin(size), 1)
        normal_(self, 0.05)
        self.output = nn.Sequential(weight_norm(normal_(output, 0.05)), nn.Tanh())

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from U[0, 1)^noise_dim, on the device of the weights."""
        return self.project[0].weight.new_empty(n, self.noise_dim).uniform_(0, 1)

    def forward(self, z: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch channel height width"]:
        """G(z), of shape (batch, channels, size, size)."""
        check_shape("z", z, self.noise_dim)
        return self.output(self.convolutions(self.reshape(self.project(z))))


class ConvDiscriminator(nn.Module):
    """Images in [-1, 1] to class logits by nine convolutions; features are their average over positions.

    size: 32, or 28 for digits, which the first layer widens. channels: of the image. width: feature maps of the
    first three layers, twice as many in the other six; 96 for CIFAR-10, 64 for SVHN. classes: K.
    input_noise: standard deviation of Gaussian noise on the image, in place of the dropout of 0.2 there; the code
    has noise of 0.2 where it has a minibatch layer. minibatch: a layer from the 2 * width features to more.
    Dropout silences single activations, not whole maps. Weights start in N(0, 0.05^2) and are weight-normalised,
    with a scale that trains in the output layer only: call `initialise_from_data(D, x)` before training.
    """

    def __init__(
        self,
        size: int = 32,
        channels: int = 3,
        width: int = 96,
        classes: int = 10,
        *,
        input_noise: float | None = None,
        minibatch: nn.Module | None = None,
    ):
        super().__init__()
        self.shape = (channels, size, size)
        wide = 2 * width
        self.input_noise = nn.Dropout(0.2) if input_noise is None else GaussianNoise(input_noise)
        self.convolutions = nn.Sequential(
            *_conv(channels, width, 3, padding=1 + _margin(size)),
            *_conv(width, width, 3, padding=1),
            *_conv(width, width, 3, padding=1, stride=2),
            nn.Dropout(0.5),
            *_conv(width, wide, 3, padding=1),
            *_conv(wide, wide, 3, padding=1),
            *_conv(wide, wide, 3, padding=1, stride=2),
            nn.Dropout(0.5),
            *_conv(wide, wide, 3),
            *_conv(wide, wide, 1),
            *_conv(wide, wide, 1),
        )
        self.minibatch = minibatch or nn.Identity()
        self.output = weight_norm(normal_(nn.Linear(width_after(minibatch, wide), classes), 0.05))

    def forward(self, x: Float[Tensor, "batch channel height width"]) -> Verdict:
        """D's verdict on images of shape (batch, channels, size, size)."""
        check_shape("x", x, *self.shape)
        features = self.convolutions(self.input_noise(x)).mean((2, 3))
        return verdict_of_classes(self.output(self.minibatch(features)), features)


class SganDiscriminator(dcgan.Discriminator):
    """A DCGAN discriminator with N + 1 outputs, D and classifier in one: N classes and "generated". Odena 2016.

    size, channels, nf, start: as for `dcgan.Discriminator`, by default digits of 28x28 in [-1, 1]; the generator
    is `dcgan.Generator` of the same four. classes: N. A classifier alone is the same network without G's moves.

    A softmax does not change when all its logits move together. So the logit of "generated" is taken from the
    others: classes are o_k - o_{N+1}, and the generated class stands at 0, as in the other networks here. The
    N + 1 probabilities stay what they were, and every loss for K + 1 classes applies.
    """

    def __init__(self, size: int = 28, channels: int = 1, nf: int = 64, classes: int = 10, *, start: int = 7):
        super().__init__(size, channels, nf, start=start)
        self.logit = dcgan_(nn.Linear(self.logit.in_features, classes + 1))

    def forward(self, x: Float[Tensor, "batch channel height width"]) -> Verdict:
        """D's verdict on images of shape (batch, channels, size, size)."""
        features = self.read(x)
        outputs = self.logit(features)
        return verdict_of_classes(outputs[:, :-1] - outputs[:, -1:], features)


def _conv(inputs: int, outputs: int, kernel: int, *, padding: int = 0, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
    return [weight_norm(normal_(conv, 0.05), fixed_scale=True), nn.LeakyReLU(0.2)]


def _margin(size: int) -> int:
    """What is missing on each side to 32: these networks work on 4x4, 8x8, 16x16 and 32x32 inside."""
    if size not in (28, 32):
        raise ValueError(f"size is {size}; these networks are for images of 28x28 or 32x32.")
    return (32 - size) // 2
