"""A check for lesson 08: the DCGAN's initial weights, drawn into the network itself and into all of it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.checks.base import NotYet, check

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
STD = 0.02


class Nested(nn.Module):
    """Layers within layers, of every kind that a DCGAN has, wide enough for statistics; two of the same shape."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 64, 5)
        twins = [nn.Linear(60, 80), nn.Linear(60, 80)]
        self.body = nn.Sequential(
            nn.BatchNorm2d(1_500),
            nn.Sequential(nn.ConvTranspose2d(32, 16, 4, bias=False), nn.Sequential(nn.ReLU(), *twins)),
            nn.BatchNorm2d(7, affine=False),
            nn.Conv2d(16, 40, 4, bias=False),
        )
        self.last = nn.ModuleList([nn.BatchNorm1d(1_200), nn.ConvTranspose2d(20, 8, 5)])


@check
def dcgan_weights(answer: Callable[[nn.Module], nn.Module]) -> None:
    """Lesson 08, task 3: answer(network), which draws its weights in place and returns it."""
    first_weights = []
    with torch.random.fork_rng(devices=[]):
        for seed, make in enumerate(
            (Nested, Nested, lambda: nn.ConvTranspose2d(30, 20, 4), lambda: nn.Conv2d(9, 99, 3))
        ):
            torch.manual_seed(seed)
            network = make()
            before = {name: value.clone() for name, value in network.state_dict().items()}
            parameters = dict(network.named_parameters())
            torch.manual_seed(100 + seed)
            got = answer(network)
            _in_place(got, network, parameters, before)
            for name, layer in network.named_modules():
                _layer(name, layer, before, network)
            if isinstance(network, Nested):
                first_weights.append(network.first.weight.detach().clone())
                twins = network.body[1][1]
                _differ(twins[1].weight, twins[2].weight)
        _differ(*first_weights)
    print("Right: every weight from N(0, 0.02), every scale around 1, every bias 0, in the network itself.")


def _in_place(got, network: nn.Module, parameters: dict[str, nn.Parameter], before: dict[str, Tensor]) -> None:
    """NotYet unless the same network came back, with the same parameters, still to be trained."""
    unchanged = all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`? It should hand the network back.")
    if got is not network:
        if isinstance(got, nn.Module) and unchanged:
            raise NotYet("You returned a copy, and the network that was given is as before. Change it in place.")
        raise NotYet(f"Return the network that was given. Yours is {_kind(got)}.")
    if unchanged:
        raise NotYet(
            "Every weight is as PyTorch drew it. Functions whose name ends in _ change a tensor in place; "
            "`module.weight.data.normal_(...)` does, `torch.normal(...)` makes a new one."
        )
    now = dict(network.named_parameters())
    for name, parameter in parameters.items():
        if now.get(name) is not parameter:
            raise NotYet(
                f"{name} is a new parameter. An optimiser made before would go on training the old one: draw into the "
                "tensor that is there."
            )
        if not parameter.requires_grad:
            raise NotYet(f"{name} does not ask for gradients any more, and would never be trained.")


def _layer(name: str, layer: nn.Module, before: dict[str, Tensor], network: nn.Module) -> None:
    """NotYet unless the layer's own weights, biases and buffers are as the rule says."""
    prefix = f"{name}." if name else ""
    what = f"{type(layer).__name__} {name}".strip()
    if isinstance(layer, (nn.Linear, *CONVOLUTIONS)):
        if torch.equal(layer.weight, before[f"{prefix}weight"]):
            raise NotYet(f"The weight of {what} is as PyTorch drew it. {_missed(layer, before, network)}")
        _drawn(layer.weight, 0.0, what)
        if layer.bias is not None and layer.bias.any():
            raise NotYet(f"The bias of {what} is not 0.")
    if isinstance(layer, NORMS):
        if layer.affine:
            if torch.equal(layer.weight, before[f"{prefix}weight"]):
                raise NotYet(f"The scales of {what} are all 1 as before. {_missed(layer, before, network)}")
            _drawn(layer.weight, 1.0, f"{what} (its scales)")
            if layer.bias.any():
                raise NotYet(f"The bias of {what} is not 0.")
        for buffer, value in layer.named_buffers():
            if not torch.equal(value, before[f"{prefix}{buffer}"]):
                raise NotYet(f"{buffer} of {what} has changed. It is no weight but what batch norm has seen.")


def _drawn(weight: Tensor, mean: float, what: str) -> None:
    """NotYet unless the numbers look drawn from N(mean, 0.02^2): six standard errors, and tails."""
    values = weight.detach().double().flatten() - mean
    n, centre, std = len(values), values.mean().item(), values.std().item()
    seen = f"The weight of {what} has mean {centre + mean:.4f} and standard deviation {std:.4f}."
    if abs(std / STD - 1) > 6 / (2 * n) ** 0.5:
        if abs(std / STD**0.5 - 1) < 0.2:
            raise NotYet(f"{seen} 0.02 is the standard deviation; you took it for the variance.")
        if abs(std / STD**2 - 1) < 0.2:
            raise NotYet(f"{seen} normal_ takes the standard deviation, 0.02; you gave the variance.")
        if std == 0:
            raise NotYet(f"{seen} All its numbers are the same: draw them.")
        raise NotYet(f"{seen} The standard deviation should be 0.02.")
    if abs(centre) > 6 * STD / n**0.5:
        scale = " A scale of about 0 would wipe the layer out." if mean else ""
        raise NotYet(f"{seen} The mean should be {mean:.0f}.{scale}")
    beyond = (values.abs() > 2 * STD).double().mean().item()  # of a normal distribution 4.6 %
    if beyond < 0.01:
        raise NotYet(f"{seen} None lies beyond two standard deviations: that is no normal distribution.")


def _missed(layer: nn.Module, before: dict[str, Tensor], network: nn.Module) -> str:
    """Why a layer may have been passed over, from which others were."""
    passed_over = {
        name: torch.equal(one.weight, before[f"{name}.weight" if name else "weight"])
        for name, one in network.named_modules()
        if isinstance(one, (nn.Linear, *CONVOLUTIONS))
    }
    if all(passed == ("." in name) for name, passed in passed_over.items()):
        return "It lies deeper: `children()` stops at the first level, `modules()` goes all the way down."
    if isinstance(layer, NORMS):
        return "They are drawn too, from N(1, 0.02)."
    if isinstance(layer, nn.ConvTranspose2d):
        return "ConvTranspose2d is no kind of Conv2d: name it as well."
    return "Name this kind of layer as well."


def _differ(one: Tensor, other: Tensor) -> None:
    if torch.equal(one, other):
        raise NotYet("Two layers, or two networks, got the same numbers. Set no seed inside your function.")


def _kind(thing) -> str:
    return f"another {type(thing).__name__}" if isinstance(thing, nn.Module) else f"a {type(thing).__name__}"
