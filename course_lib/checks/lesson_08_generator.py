"""A check for lesson 08: a generator written by the rules, judged by what its layers are seen to do."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from course_lib.checks.base import NotYet, check

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
RESIZING = (nn.Upsample, nn.MaxPool2d, nn.AvgPool2d, nn.PixelShuffle, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


class Seen(NamedTuple):
    """A layer at work."""

    layer: nn.Module
    given: Tensor
    made: Tensor


@check
def generator_by_rules(answer: Callable[[int], nn.Module]) -> None:
    """Lesson 08, task 4: answer(nf) to a generator of 28x28 digits; z is (n, 100)."""
    with torch.random.fork_rng(devices=[]):
        for nf in (8, 5):
            torch.manual_seed(nf)
            network = answer(nf)
            if network is None:
                raise NotYet("Your function returned nothing. Is there a `return`?")
            if not isinstance(network, nn.Module):
                raise NotYet(f"Return a network; yours is a {type(network).__name__}.")
            z = torch.rand(16, 100) * 2 - 1
            images, seen = _watch(network, z)
            _shape(images, 16, "16 draws of z")
            weighted = _layers(seen, nf)
            for i, one in enumerate(weighted[:-1]):
                _between(one, weighted[i + 1], seen)
            _output(images, weighted[-1], seen)
            if not images.requires_grad:
                raise NotYet("The images hang on no weight any more, so nothing could be learned: drop `detach`.")
            network.eval()
            _shape(network(z[:1]), 1, "a single z")
    print("Right: two fractionally strided convolutions, batch norm and ReLU below the output, tanh at the output.")


def _watch(network: nn.Module, z: Tensor) -> tuple[Tensor, list[Seen]]:
    """The images, and every layer that worked on them, in order."""
    seen: list[Seen] = []

    def note(layer, given, made):
        # Copies: a ReLU with inplace=True writes into what it was given.
        seen.append(Seen(layer, given[0].detach().clone(), made.detach().clone()))

    watched = (*WEIGHTED, *NORMS, *RESIZING)
    hooks = [layer.register_forward_hook(note) for layer in network.modules() if isinstance(layer, watched)]
    try:
        return network.train()(z), seen
    finally:
        for hook in hooks:
            hook.remove()


def _shape(images: Tensor, n: int, what: str) -> None:
    if not isinstance(images, Tensor) or images.shape != (n, 1, 28, 28):
        got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise NotYet(f"For {what} the images should have shape {(n, 1, 28, 28)}; yours: {got}.")


def _layers(seen: list[Seen], nf: int) -> list[Seen]:
    """The three layers with weights; NotYet where there are others, or of other sizes."""
    for one in seen:
        if isinstance(one.layer, RESIZING):
            raise NotYet(
                f"There is a {type(one.layer).__name__} in G. Rule 1: a fractionally strided convolution, "
                "`ConvTranspose2d`, enlarges and learns how."
            )
        if isinstance(one.layer, nn.Conv2d):
            raise NotYet("There is a Conv2d in G. Rule 1: sizes change in `ConvTranspose2d` layers alone.")
    weighted = [one for one in seen if isinstance(one.layer, WEIGHTED)]
    dense = [one for one in weighted if isinstance(one.layer, nn.Linear)]
    if len(dense) > 1:
        raise NotYet(
            f"There are {len(dense)} fully connected layers. Rule 3: z is projected once, and everything after that is "
            "convolutional."
        )
    sizes = [_maps(one.made) for one in weighted]
    wanted = [(2 * nf, 7), (nf, 14), (1, 28)]
    if len(weighted) != 3:
        raise NotYet(
            f"G has {len(weighted)} layers with weights; these do with three: z to {2 * nf} maps of 7x7, to {nf} of "
            "14x14, to one of 28x28."
        )
    first = weighted[0].made[0].numel()
    if first != 2 * nf * 49 or sizes[1:] != wanted[1:]:
        found = ", ".join([f"{first:,} numbers"] + [f"{maps} maps of {side}x{side}" for maps, side in sizes[1:]])
        raise NotYet(
            f"With nf = {nf} the layers should make {2 * nf * 49:,} numbers ({2 * nf} maps of 7x7), {nf} maps of 14x14, 1 "
            f"map of 28x28; yours make {found}."
        )
    return weighted


def _maps(made: Tensor) -> tuple[int, int]:
    return (made.shape[1], made.shape[-1]) if made.ndim == 4 else (made.shape[1], 1)


def _between(one: Seen, after: Seen, seen: list[Seen]) -> None:
    """NotYet unless batch norm, then ReLU, and nothing else, lie between two layers with weights."""
    where = f"After {type(one.layer).__name__}, with {one.made.shape[1]} outputs,"
    norms = [s for s in _slice(seen, one, after) if isinstance(s.layer, NORMS)]
    if not norms:
        raise NotYet(f"{where} there is no batch norm. Rule 2: after every layer but the last.")
    if len(norms) > 1:
        raise NotYet(f"{where} there are {len(norms)} batch norms. One is enough.")
    norm = norms[0]
    if norm.layer.eps > 1e-2:
        raise NotYet(
            f"Batch norm's eps is {norm.layer.eps}. Its second argument is eps, which keeps it from dividing by 0; the "
            "momentum is another."
        )
    if not _alike(norm.given, one.made):
        raise NotYet(
            f"{where} batch norm sees something else than that layer's output. The order is layer, batch norm, ReLU."
        )
    for slope in (0.01, 0.1, 0.2, 0.3):
        if _alike(after.given, leaky_relu(norm.made, slope)):
            raise NotYet(f"{where} the ReLU is leaky. That is D's, rule 5; G has ReLU, rule 4.")
    if _alike(after.given, norm.made):
        raise NotYet(f"{where} there is no activation. Rule 4: ReLU in every layer of G but the last.")
    if not _alike(after.given, norm.made.relu()):
        raise NotYet(f"{where} what reaches the next layer is not the ReLU of batch norm's output. Rule 4.")


def _output(images: Tensor, last: Seen, seen: list[Seen]) -> None:
    """NotYet unless the images are the tanh of what the last layer made."""
    if any(isinstance(s.layer, NORMS) for s in _slice(seen, last, None)):
        raise NotYet(
            "There is batch norm on G's output. Rule 2: not there, where images need their own mean and spread."
        )
    made, images = last.made, images.detach()
    if torch.allclose(images, made.tanh(), atol=1e-5):
        return
    if torch.allclose(images, made, atol=1e-5):
        raise NotYet("The output has no activation. Rule 4: tanh, which keeps pixels between -1 and 1.")
    if torch.allclose(images, made.sigmoid(), atol=1e-5):
        raise NotYet("The output is a sigmoid's, between 0 and 1. Rule 4: tanh; the data are scaled to [-1, 1].")
    raise NotYet("The images are not the tanh of the last layer's output. Rule 4.")


def _slice(seen: list[Seen], one: Seen, after: Seen | None) -> list[Seen]:
    """What worked after one layer and before another."""
    places = [id(s) for s in seen]
    end = places.index(id(after)) if after is not None else len(seen)
    return seen[places.index(id(one)) + 1 : end]


def _alike(one: Tensor, other: Tensor) -> bool:
    """Whether two layers hold the same numbers, in whatever layout."""
    if one.numel() != other.numel():
        return False
    return torch.allclose(one.flatten(1).sort(1).values, other.flatten(1).sort(1).values, atol=1e-5)
