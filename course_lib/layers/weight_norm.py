"""Weight normalisation, and starting scales and biases read off data (Salimans and Kingma 2016)."""

from functools import partial

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.nn.utils import parametrize

NORMALISED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


class WeightNorm(nn.Module):
    """The map from a direction v to the weight w = g v / |v|, one scale g and one norm for each output unit.

    Salimans and Kingma 2016, equation 2. g starts as |v|, so that w starts as v.
    unit_axis: the axis of v that counts output units. fixed_scale: g is a buffer, saved but never trained.
    """

    one_kernel = True  # PyTorch's own, which `torch.vmap` has no rule for: `course_lib.training.stacked` turns it off

    def __init__(self, v: Float[Tensor, "..."], unit_axis: int, fixed_scale: bool):
        super().__init__()
        self.unit_axis = unit_axis
        self.within_unit = [axis for axis in range(v.ndim) if axis != unit_axis]
        g = self._norm(v.detach())
        if fixed_scale:
            # Not a parameter without gradient: `Tensor.backward` refuses to be asked for the gradient of one.
            self.register_buffer("g", g)
        else:
            self.g = nn.Parameter(g)

    def _norm(self, v: Tensor) -> Tensor:
        return torch.linalg.vector_norm(v, dim=self.within_unit, keepdim=True)

    def forward(self, v: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The weight w, of the shape of v."""
        return torch._weight_norm(v, self.g, self.unit_axis) if self.one_kernel else v * (self.g / self._norm(v))


def weight_norm(layer: nn.Module, fixed_scale: bool = False) -> nn.Module:
    """Give a layer's weight the form w = g v / |v| for each output unit, and return the layer.

    layer: nn.Linear, nn.Conv2d or nn.ConvTranspose2d. v starts as its present weight, so set starting weights
    before: `layer.weight` is computed afterwards, and `nn.init` on it changes nothing.
    fixed_scale: g does not train, while `initialise_from_data` still sets it.
    Raises TypeError for another layer, ValueError for a second call, for a unit whose weights
    are all zero, and for a transposed convolution in groups.
    """
    if not isinstance(layer, NORMALISED):
        raise TypeError(f"weight_norm knows Linear, Conv2d and ConvTranspose2d, not {type(layer).__name__}.")
    if parametrize.is_parametrized(layer, "weight"):
        raise ValueError("This layer's weight is normalised already. Call weight_norm once.")
    if isinstance(layer, nn.ConvTranspose2d) and layer.groups > 1:
        raise ValueError(f"A transposed convolution in {layer.groups} groups has no one axis of output units.")
    # A transposed convolution keeps its weight as (in, out, height, width).
    unit_axis = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    norm = WeightNorm(layer.weight, unit_axis, fixed_scale)
    if not norm.g.all():
        raise ValueError("A unit's weights are all zero, which is no direction. Initialise them first.")
    parametrize.register_parametrization(layer, "weight", norm)
    return layer


def initialise_from_data(network: nn.Module, *inputs: Shaped[Tensor, "batch ..."]) -> None:
    """Set scales and biases so that over these inputs every pre-activation has mean 0 and variance 1.

    Salimans and Kingma 2016, section 3. One pass, in training mode, hence with dropout and noise on; each layer
    made by `weight_norm` is set as the pass reaches it, and hands on its new output. Statistics are each unit's,
    over the batch and positions. network: called as network(*inputs); its mode is left as it was.
    Raises ValueError if there is no such layer, if the pass misses one, if one has no bias, or if a unit's
    output is the same for all inputs.
    """
    waiting = {}
    for name, layer in network.named_modules():
        if _is_weight_normed(layer):
            waiting[name] = layer.register_forward_hook(partial(_standardise, name, waiting))
    if not waiting:
        raise ValueError(f"{type(network).__name__} has no layer made by weight_norm, so nothing to initialise.")
    modes = [(module, module.training) for module in network.modules()]
    try:
        with torch.no_grad():
            network.train()(*inputs)
        if waiting:
            raise ValueError(f"The pass did not reach {', '.join(waiting)}.")
    finally:
        for module, training in modes:
            module.training = training
        for hook in waiting.values():
            hook.remove()


def _is_weight_normed(layer: nn.Module) -> bool:
    return parametrize.is_parametrized(layer, "weight") and isinstance(layer.parametrizations.weight[0], WeightNorm)


def _standardise(name: str, waiting: dict, layer: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
    """A forward hook, run once: sets g and bias, and returns what the layer would now give."""
    waiting.pop(name).remove()  # a layer used twice in a pass keeps what its first use set
    if layer.bias is None:
        raise ValueError(f"Layer {name} has no bias, which could centre its output.")
    units = -1 if isinstance(layer, nn.Linear) else 1
    others = [axis for axis in range(output.ndim) if axis != units % output.ndim]
    std, mean = torch.std_mean(output, dim=others, correction=0, keepdim=True)
    constant = ~(std > 1e-6 * output.abs().amax(others, keepdim=True))  # or within rounding of it
    if constant.any():
        raise ValueError(
            f"Layer {name}: {int(constant.sum())} units give the same output for all {len(output)} examples. "
            "Use more examples, or noise on the input."
        )
    g = layer.parametrizations.weight[0].g
    g.div_(std.view_as(g))
    layer.bias.sub_(mean.flatten()).div_(std.flatten())
    return (output - mean) / std
