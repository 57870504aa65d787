"""The dense networks of Salimans et al. 2016 for semi-supervised digits, as in the authors' code."""

from collections.abc import Sequence
from math import prod

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from course_lib.layers import GaussianNoise, batch_norm_bias_only_1d, weight_norm
from course_lib.models.class_logits import verdict_of_classes
from course_lib.models.initialise import glorot_, normal_
from course_lib.models.inputs import check_shape, width_after
from course_lib.verdict import Verdict


class DenseGenerator(nn.Module):
    """Noise z, uniform in [0, 1), to digits in [0, 1], through softplus layers with batch norm.

    noise_dim: numbers in z. hidden: widths of the hidden layers. shape: of one image. Batch norm has a bias and no
    scale; the weights of each output unit start with norm 1 and are weight-normalised.
    """

    def __init__(self, noise_dim: int = 100, hidden: Sequence[int] = (500, 500), shape: Sequence[int] = (1, 28, 28)):
        super().__init__()
        self.noise_dim, self.shape = noise_dim, tuple(shape)
        layers: list[nn.Module] = []
        width = noise_dim
        for units in hidden:
            layers += [nn.Linear(width, units, bias=False), batch_norm_bias_only_1d(units, eps=1e-6), nn.Softplus()]
            width = units
        self.hidden = glorot_(nn.Sequential(*layers))
        output = glorot_(nn.Linear(width, prod(self.shape)))
        with torch.no_grad():
            output.weight.copy_(normalize(output.weight))
        self.output = nn.Sequential(weight_norm(output), nn.Sigmoid(), nn.Unflatten(1, self.shape))

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from U[0, 1)^noise_dim, on the device of the weights."""
        return self.output[0].bias.new_empty(n, self.noise_dim).uniform_(0, 1)

    def forward(self, z: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch ..."]:
        """G(z), of shape (batch, *shape)."""
        check_shape("z", z, self.noise_dim)
        return self.output(self.hidden(z))


class DenseDiscriminator(nn.Module):
    """Digits in [0, 1] to class logits; features are the last hidden layer before its noise.

    shape: of one image. hidden: widths of the ReLU layers. classes: K. input_noise, hidden_noise: standard
    deviations of the Gaussian noise on the image and on every hidden layer, in training only.
    minibatch: a layer from the features to more of them, such as MinibatchDiscrimination(250, 100, 5).
    All weights start in N(0, 0.1^2) and are weight-normalised, with a scale that trains in the output layer only:
    call `initialise_from_data(D, x)` on some 500 images before training.
    """

    def __init__(
        self,
        shape: Sequence[int] = (1, 28, 28),
        hidden: Sequence[int] = (1000, 500, 250, 250, 250),
        classes: int = 10,
        *,
        input_noise: float = 0.3,
        hidden_noise: float = 0.5,
        minibatch: nn.Module | None = None,
    ):
        super().__init__()
        self.shape = tuple(shape)
        layers: list[nn.Module] = [nn.Flatten()]
        width, noise = prod(self.shape), input_noise
        for units in hidden:
            linear = weight_norm(normal_(nn.Linear(width, units), 0.1), fixed_scale=True)
            layers += [GaussianNoise(noise), linear, nn.ReLU()]
            width, noise = units, hidden_noise
        self.features = nn.Sequential(*layers)
        # Before the noise, in which the closeness of two samples would drown.
        self.minibatch = minibatch or nn.Identity()
        self.last_noise = GaussianNoise(hidden_noise)
        self.output = weight_norm(normal_(nn.Linear(width_after(minibatch, width), classes), 0.1))

    def forward(self, x: Float[Tensor, "batch ..."]) -> Verdict:
        """D's verdict on images of shape (batch, *shape)."""
        check_shape("x", x, *self.shape)
        features = self.features(x)
        return verdict_of_classes(self.output(self.last_noise(self.minibatch(features))), features)
