"""The DCGAN, with each of its five rules an argument. Radford et al. 2016, section 3.

By default the rules hold. Each is switched off by itself:

1. strided convolutions, no pooling:                 strided=False (both networks)
2. batch norm in both networks:                      batch_norm=None (both networks)
   but not on G's output nor on D's input layer:     norm_output=True (G), norm_input=True (D)
3. no fully connected hidden layers:                 hidden=(1024,) (both networks)
4. ReLU in G, tanh at its output:                    activation=nn.Tanh, output=nn.Sigmoid (G)
5. leaky ReLU in D:                                  activation=nn.ReLU (D)
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.layers import GaussianNoise
from course_lib.models.dcgan_layers import Activation, Flat, Maps, Norm, down, hidden_layers, norm_of, up, widths_of
from course_lib.models.initialise import dcgan_
from course_lib.models.inputs import check_shape, width_after
from course_lib.verdict import Verdict

LEAKY_RELU = partial(nn.LeakyReLU, 0.2)


class Generator(nn.Module):
    """Noise z, uniform in (-1, 1), to images of size x size.

    size: `start` doubled some times, such as 32 or 64; digits of 28x28 have start=7. channels: of the image.
    nf: feature maps before the output; twice as many in each layer closer to z. start: size of the first feature
    maps. kernel: 4, as in the well-known implementations; 5 in the authors' code. noise_dim: numbers in z.
    batch_norm: from channels to a layer: nn.BatchNorm2d, VirtualBatchNorm, or None for none. hidden: widths of
    fully connected layers before the first feature maps. activation, output: of the hidden and the last layer.
    With batch norm no layer has a bias, as in the authors' code; without it every layer has one.
    Images are in the range of `output`: [-1, 1] for tanh. `blocks` are the layers in order, from z to the image.
    """

    def __init__(
        self,
        size: int = 32,
        channels: int = 3,
        nf: int = 64,
        *,
        start: int = 4,
        kernel: int = 4,
        noise_dim: int = 100,
        strided: bool = True,
        batch_norm: Norm | None = nn.BatchNorm2d,
        norm_output: bool = False,
        hidden: Sequence[int] = (),
        activation: Activation = nn.ReLU,
        output: Activation = nn.Tanh,
    ):
        super().__init__()
        self.noise_dim = noise_dim
        bias = batch_norm is None
        widths = widths_of(size, start, nf)[::-1]
        self.hidden = nn.Sequential(*hidden_layers(noise_dim, hidden, batch_norm, activation))
        project = nn.Linear([noise_dim, *hidden][-1], widths[0] * start**2, bias)
        blocks = [[project, Maps(widths[0], start), *norm_of(batch_norm, widths[0]), activation()]]
        for wide, narrow in pairwise(widths):
            blocks.append([*up(wide, narrow, kernel, strided, bias), *norm_of(batch_norm, narrow), activation()])
        last = norm_of(batch_norm if norm_output else None, channels)
        blocks.append([*up(widths[-1], channels, kernel, strided, bias), *last, output()])
        self.blocks = nn.ModuleList(nn.Sequential(*block) for block in blocks)
        dcgan_(self)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from U(-1, 1)^noise_dim, on the device of the weights."""
        return self.blocks[0][0].weight.new_empty(n, self.noise_dim).uniform_(-1, 1)

    def forward(self, z: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch channel height width"]:
        """G(z), images of shape (batch, channels, size, size)."""
        check_shape("z", z, self.noise_dim)
        x = self.hidden(z)
        for block in self.blocks:
            x = block(x)
        return x


class Discriminator(nn.Module):
    """Images of size x size to one logit; features are the last block's output, flattened channels last.

    size, channels, nf, kernel, batch_norm, hidden, activation: as for the generator, in the other direction: nf
    feature maps in the first layer, twice as many in each after it, down to `start` x `start`.
    input_noise: standard deviation of Gaussian noise on the images, in training only.
    minibatch: a layer from (batch, feature) to more features, before the logit and after `features` are read;
        MinibatchDiscrimination(features, kernels, dims) compares the examples of a batch (Salimans et al. 2016).
    `blocks` are the convolutional layers in order; their outputs are what a linear probe reads. With `hidden`, the
    features are the last hidden layer's.
    """

    def __init__(
        self,
        size: int = 32,
        channels: int = 3,
        nf: int = 64,
        *,
        start: int = 4,
        kernel: int = 4,
        strided: bool = True,
        batch_norm: Norm | None = nn.BatchNorm2d,
        norm_input: bool = False,
        hidden: Sequence[int] = (),
        activation: Activation = LEAKY_RELU,
        input_noise: float = 0.0,
        minibatch: nn.Module | None = None,
    ):
        super().__init__()
        self.shape = (channels, size, size)
        bias = batch_norm is None
        self.input_noise = GaussianNoise(input_noise) if input_noise else nn.Identity()
        self.blocks = nn.ModuleList()
        widths = widths_of(size, start, nf)
        for inputs, outputs in pairwise([channels, *widths]):
            norm = batch_norm if self.blocks or norm_input else None
            block = [down(inputs, outputs, kernel, strided, bias), *norm_of(norm, outputs), activation()]
            self.blocks.append(nn.Sequential(*block, *([] if strided else [nn.MaxPool2d(2)])))
        flat = widths[-1] * start**2
        self.hidden = nn.Sequential(Flat(), *hidden_layers(flat, hidden, batch_norm, activation))
        features = [flat, *hidden][-1]
        self.logit = nn.Linear(width_after(minibatch, features), 1, bias)
        dcgan_(self)
        self.minibatch = minibatch or nn.Identity()  # after dcgan_: it has initial weights of its own

    def read(self, x: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch feature"]:
        """The features of images of shape (batch, channels, size, size)."""
        check_shape("x", x, *self.shape)
        x = self.input_noise(x)
        for block in self.blocks:
            x = block(x)
        return self.hidden(x)

    def forward(self, x: Float[Tensor, "batch channel height width"]) -> Verdict:
        """D's verdict on images of shape (batch, channels, size, size)."""
        features = self.read(x)
        return Verdict(self.logit(self.minibatch(features)).squeeze(1), features)
