"""A generator as a list of plain steps, which a page can take without PyTorch.

A step is a dictionary: "op" says what is done, the rest are its numbers. Maps are kept with channels last, as the page
has them, (height, width, channel); a vector is a map of one pixel. In evaluation mode batch norm multiplies and adds, so
it is folded into the layer before it.

    dense     weight (in, out), bias (out,)
    up        weight (kernel, kernel, in, out), bias (out,), stride, padding, extra      fractionally strided convolution
    conv      weight (kernel, kernel, in, out), bias (out,), padding                     plain convolution, stride 1
    resize    by                                                                         nearest neighbour
    affine    scale (channels,), shift (channels,)                                       a batch norm that stands alone
    shape     height, width, channels
    relu, tanh, sigmoid; leaky with slope
    label     classes: the one-hot label joined to the channels
    apart     first, second: two lists of steps, for z and for the one-hot label, their results joined
    dropout   p: kept on, by a seed
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.layers import DropoutNoise
from course_lib.models import cgan, conditional_dcgan, dcgan, mlp
from course_lib.models.dcgan_layers import Flat, Maps

Step = dict
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
WEIGHTED = ("dense", "up", "conv")


class NotExportable(TypeError):
    """A generator that a page cannot run; the message names the layer. The kernel can still draw it."""


def steps_of(generator: nn.Module) -> list[Step]:
    """The steps of one of the course's generators of images. Raises NotExportable for another one."""
    match generator:
        case dcgan.Generator():
            return _steps([generator.hidden, *generator.blocks])
        case conditional_dcgan.Generator():
            label = {"op": "label", "classes": generator.classes}
            return [step for block in generator.blocks for step in [dict(label), *_steps([block])]]
        case cgan.Generator():
            return _conditional(generator)
        case mlp.Generator():
            return _steps([generator.layers, nn.Unflatten(1, generator.shape)])
    raise NotExportable(
        f"A page cannot run a {type(generator).__name__}. It knows the generators of models.mlp, gan, cgan, dcgan and "
        "conditional_dcgan; explore another one with a kernel."
    )


def _conditional(generator: cgan.Generator) -> list[Step]:
    if isinstance(generator.hidden, cgan.Apart):
        first, second = _steps([generator.hidden.first]), _steps([generator.hidden.second])
        begin = [{"op": "apart", "first": first, "second": second}]
    else:
        begin = [{"op": "label", "classes": generator.classes}, *_steps([generator.hidden.layer])]
    return begin + _steps([generator.joint, generator.output])


def _steps(modules: Iterable[nn.Module]) -> list[Step]:
    steps: list[Step] = []
    for module in _flat(modules):
        _append(steps, module)
    return steps


def _flat(modules: Iterable[nn.Module]) -> Iterable[nn.Module]:
    for module in modules:
        if isinstance(module, nn.Sequential):
            yield from _flat(module)
        else:
            yield module


def _append(steps: list[Step], module: nn.Module) -> None:
    match module:
        case nn.Linear():
            steps.append({"op": "dense", "weight": _numbers(module.weight).T, "bias": _bias(module)})
        case nn.ConvTranspose2d(groups=1, dilation=(1, 1)) if _square(module):
            weight = _numbers(module.weight).transpose(2, 3, 0, 1)  # PyTorch has (in, out, kernel, kernel)
            sizes = {"stride": module.stride[0], "padding": module.padding[0], "extra": module.output_padding[0]}
            steps.append({"op": "up", "weight": weight, "bias": _bias(module)} | sizes)
        case nn.Conv2d(groups=1, dilation=(1, 1), stride=(1, 1)) if _square(module):
            weight = _numbers(module.weight).transpose(2, 3, 1, 0)  # PyTorch has (out, in, kernel, kernel)
            steps.append({"op": "conv", "weight": weight, "bias": _bias(module), "padding": module.padding[0]})
        case nn.BatchNorm1d() | nn.BatchNorm2d() if module.track_running_stats:
            _fold(steps, module)
        case nn.Upsample(mode="nearest"):
            steps.append({"op": "resize", "by": int(module.scale_factor)})
        case Maps():
            steps.append(dict(zip(("op", "height", "width", "channels"), ("shape", *module.sizes), strict=True)))
        case nn.Unflatten(unflattened_size=sizes):
            _channels_last(steps, tuple(sizes))
        case nn.ReLU():
            steps.append({"op": "relu"})
        case nn.LeakyReLU():
            steps.append({"op": "leaky", "slope": module.negative_slope})
        case nn.Tanh():
            steps.append({"op": "tanh"})
        case nn.Sigmoid():
            steps.append({"op": "sigmoid"})
        case DropoutNoise():
            steps.append({"op": "dropout", "p": module.p})
        case nn.Identity() | nn.Dropout() | nn.Flatten() | Flat():
            pass  # nothing in evaluation mode; a vector is a map of one pixel already
        case _:
            raise NotExportable(f"A page has no layer {type(module).__name__}. Explore this generator with a kernel.")


def _fold(steps: list[Step], norm: nn.Module) -> None:
    """Batch norm in evaluation mode: a scale and a shift a channel, put into the layer before if there is one."""
    scale = 1 / np.sqrt(_numbers(norm.running_var) + norm.eps)
    if norm.weight is not None:
        scale = scale * _numbers(norm.weight)
    shift = -_numbers(norm.running_mean) * scale
    if norm.bias is not None:
        shift = shift + _numbers(norm.bias)
    maker = next((step for step in reversed(steps) if step["op"] != "shape"), None)
    if maker is None or maker["op"] not in WEIGHTED:
        steps.append({"op": "affine", "scale": scale, "shift": shift})
        return
    pixels = maker["weight"].shape[-1] // len(scale)  # a dense layer that makes maps: its units are pixels x channels
    maker["weight"] = maker["weight"] * np.tile(scale, pixels)
    maker["bias"] = maker["bias"] * np.tile(scale, pixels) + np.tile(shift, pixels)


def _channels_last(steps: list[Step], sizes: tuple[int, ...]) -> None:
    """Units to maps, where PyTorch has channels first: the dense layer that makes them is put in the page's order."""
    if len(sizes) != 3:
        raise NotExportable(f"The generator makes {sizes}; a page shows images, (channels, height, width).")
    channels, height, width = sizes
    steps.append({"op": "shape", "height": height, "width": width, "channels": channels})
    if channels == 1 or height * width == 1:
        return
    maker = next(step for step in reversed(steps) if step["op"] in WEIGHTED)
    order = np.arange(channels * height * width).reshape(sizes).transpose(1, 2, 0).ravel()
    maker["weight"], maker["bias"] = maker["weight"][..., order], maker["bias"][order]


def _square(module: nn.Module) -> bool:
    return all(len(set(getattr(module, name))) == 1 for name in ("kernel_size", "stride", "padding"))


def _bias(module: nn.Module) -> np.ndarray:
    outputs = getattr(module, "out_features", None) or module.out_channels
    return np.zeros(outputs) if module.bias is None else _numbers(module.bias)


def _numbers(tensor: Tensor) -> np.ndarray:
    return tensor.detach().to("cpu", torch.float64).numpy()
