"""The players and the probes of the check of "build it yourself": what a step is made of, and who has a say in it."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from course_lib.checks.base import NotYet
from course_lib.checks.lesson_04_players import weights

NOISE = 64  # numbers in z
M = 32  # examples in a batch of the check's


class Shifted(nn.Module):
    """D with every logit raised by the same amount: one that takes nearly everything for real, or for fake."""

    def __init__(self, D: nn.Module, by: float):
        super().__init__()
        self.D, self.by = D, by

    def forward(self, x: Tensor) -> Tensor:
        return self.D(x) + self.by


def small_players() -> tuple[nn.Module, nn.Module]:
    """Players without any chance in them, so that two equal moves are equal."""
    torch.manual_seed(1)
    G = nn.Sequential(nn.Linear(NOISE, 32), nn.ReLU(), nn.Linear(32, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    D = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
    return G, D


def batch(seed: int) -> tuple[Tensor, Tensor]:
    """Stripes in the place of digits, and noise."""
    torch.manual_seed(seed)
    stripes = torch.where(torch.rand(M, 1, 1, 28) < 0.3, 1.0, -1.0)
    return stripes.expand(-1, -1, 28, -1).clone(), torch.randn(M, NOISE)


def d_loss(D: nn.Module, x: Tensor, fake: Tensor) -> tuple[float, float]:
    """-V in its two halves, on data and on fakes, with dropout and the like switched off."""
    quiet = deepcopy(D).eval()
    with torch.no_grad():
        return softplus(-quiet(x)).mean().item(), softplus(quiet(fake)).mean().item()


def fooled(D: nn.Module, G: nn.Module, z: Tensor) -> float:
    """The mean logit that D gives to the fakes: its mistake."""
    with torch.no_grad():
        return deepcopy(D).eval()(deepcopy(G)(z)).mean().item()


def cleaned(network: nn.Module) -> nn.Module:
    """A copy of the network without anything kept in its gradients."""
    copy = deepcopy(network)
    for weight in copy.parameters():
        weight.grad = None
    return copy


def step_of_d(move: Callable, G: nn.Module, D: nn.Module, x: Tensor, z: Tensor) -> Tensor:
    """How far D's move takes each of D's weights under plain gradient descent at rate 0.1, as one vector."""
    before = weights(D)
    move(G, D, torch.optim.SGD(D.parameters(), lr=0.1), x, z)
    return weights(D) - before


def step_of_g(move: Callable, G: nn.Module, D: nn.Module, z: Tensor) -> Tensor:
    """How far G's move takes each of G's weights under plain gradient descent at rate 0.1, as one vector."""
    before = weights(G)
    move(G, D, torch.optim.SGD(G.parameters(), lr=0.1), z)
    return weights(G) - before


def halves_weigh_alike(move: Callable, G: nn.Module, D: nn.Module, x: Tensor, z: Tensor) -> None:
    """The step is made of the slopes of the two halves; neither may count for more than twice the other."""
    fake, D = deepcopy(G)(z).detach(), deepcopy(D)
    learner = torch.optim.Adam(D.parameters(), lr=1e-3)
    while sum(d_loss(D, x, fake)) > 1.0:  # where D is right already, and should become more so
        D.zero_grad()
        (softplus(-D(x)).mean() + softplus(D(fake)).mean()).backward()
        learner.step()
    D.zero_grad()
    parts = []
    for loss in (softplus(-D(x)).mean(), softplus(D(fake)).mean()):
        parts.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(D.parameters()))]))
    step = step_of_d(move, deepcopy(G), deepcopy(D), x, z)
    if not step.any():
        raise NotYet("Where D is right already, by a little, its move does nothing. log D rises for ever.")
    share = torch.linalg.lstsq(torch.stack(parts, 1), -step[:, None]).solution.flatten()
    if not 0.5 < (share[0] / share[1]).item() < 2:
        raise NotYet(
            f"In D's step the data count {share[0] / share[1]:.2g} times as much as the fakes. Both halves of V are means "
            "over a batch."
        )


def follows_d(move: Callable, G: nn.Module, D: nn.Module, z: Tensor) -> None:
    """Whatever the loss of D's logits, its slope in G's weights points about where that of the mean logit points."""
    up = torch.cat([part.flatten() for part in torch.autograd.grad(D(G(z)).mean(), list(G.parameters()))])
    step = step_of_g(move, deepcopy(G), deepcopy(D), z)
    if torch.cosine_similarity(step, up, dim=0) < 0.5:
        raise NotYet("G's step has little to do with D's slope. G learns from D alone: which way do D's logits rise?")


def every_example_has_a_say(name: str, step: Callable, x: Tensor | None, z: Tensor) -> None:
    """A step is another one when a single image or z of the batch is changed a little, whichever it is."""
    usual = step(x, z)
    for place in (0, 13, M - 1):
        for what, given in (("images", x), ("z", z)):
            if given is None:
                continue
            changed = given.clone()
            changed[place] *= 0.9  # so little that it stays in its place among the others
            other = step(changed, z) if what == "images" else step(x, changed)
            if torch.allclose(other, usual, rtol=0, atol=1e-9):
                raise NotYet(
                    f"{name}'s move takes no notice of one of the {what}. The loss is a mean over the whole batch."
                )
