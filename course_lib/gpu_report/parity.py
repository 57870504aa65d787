"""Whether a device computes what the CPU computes, and trains what it would have trained undisturbed.

Each check is a function of a device and an empty folder, and raises AssertionError with what differs. The tests run
them on the CPU, where all must agree, and on a GPU where there is one.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from course_lib.environment import seed
from course_lib.experiments.catalogue import REPRODUCED, TRAINED
from course_lib.experiments.improved import table_one
from course_lib.game import Game
from course_lib.layers import DropoutNoise, GaussianNoise
from course_lib.training.plan import OutOfTime, Plan, Training
from course_lib.training.run import train
from course_lib.verdict import Batch, Round

Check = Callable[[torch.device, Path], None]
# Of sums of some thousand products of float32, in another order.
RELATIVE, OF_THE_LARGEST = 1e-3, 1e-4
# The tags last: their word vectors and features are fitted on the CPU first, half a minute each time.
ALONE = sorted((name for name in TRAINED if TRAINED[name] is not table_one), key=lambda name: name == "cgan-tags")


def checks() -> Iterator[tuple[str, Check]]:
    """All of them by name, the quick and telling ones first."""
    for name in ALONE:
        yield f"values and gradients of {name}", partial(values_and_gradients, name)
    yield "games side by side", side_by_side
    for name in ALONE:
        yield f"{name} captured as played, stopped as undisturbed", partial(captured_and_resumed, name)
    for name in sorted(REPRODUCED, key=lambda name: name == "cgan-tags"):
        yield f"reproduce {name}", partial(reproduced, name)


def values_and_gradients(name: str, device: torch.device, folder: Path) -> None:
    """Samples, verdicts, every loss and its gradients in every weight: the same weights, noise and data, in float32."""
    with exact_products():
        found = [_looked_at(name, where) for where in (torch.device("cpu"), device)]
    for what, expected in found[0].items():
        close(what, found[1][what], expected)


def captured_and_resumed(name: str, device: torch.device, folder: Path) -> None:
    """The same steps replayed, made one by one, and replayed in two parts, end with the very same weights."""
    module = TRAINED[name]
    quick = replace(module.QUICK, steps=9)
    how = quietly(device)
    train(name, module.plan, quick, replace(how, folder=folder / "captured"))
    train(name, module.plan, quick, replace(how, folder=folder / "played", captured=False))
    with suppress(OutOfTime):
        train(name, module.plan, quick, replace(how, folder=folder / "stopped", minutes=1e-9, log_every=6))
    train(name, module.plan, quick, replace(how, folder=folder / "stopped"))
    expected = load_file(folder / "captured" / "last.safetensors")
    for other in ("played", "stopped"):
        found = load_file(folder / other / "last.safetensors")
        differ = [key for key, value in expected.items() if not torch.equal(value, found[key])]
        assert not differ, f"{other}: {len(differ)} of {len(expected)} tensors differ, {differ[0]} among them"


def side_by_side(device: torch.device, folder: Path) -> None:
    """Of two games side by side, each discriminator says of digits what it says alone."""
    quick = replace(table_one.QUICK, labels=(20,), seeds=2, steps=6)
    trained = train("semi-mnist-table", table_one.plan, quick, replace(quietly(device), folder=folder))
    x = torch.rand(20, 2, 1, 28, 28, device=device)
    with exact_products(), torch.no_grad():
        both = trained.discriminator(x)
        for number in range(2):
            alone = trained.discriminator.network(number)(x[:, number].contiguous())
            close(f"game {number}", both.classes[:, number], alone.classes)


def reproduced(name: str, device: torch.device, folder: Path) -> None:
    """The whole experiment at quick size ends with finite numbers."""
    module = REPRODUCED[name]
    found = module.reproduce(module.QUICK, replace(quietly(device), folder=folder))
    for outcome in found if isinstance(found, list) else [found]:
        wrong = {key: value for key, value in outcome.numbers.items() if not math.isfinite(value)}
        assert outcome.numbers and not wrong, f"not finite: {wrong}"


def quietly(device: torch.device) -> Training:
    """On that device in float32, looking as seldom as can be."""
    never = 10**6
    seldom = {"log_every": never, "draw_every": never, "measure_every": never, "save_every": never}
    return Training(accelerator=device.type, precision="float32", **seldom)


def close(what: str, found: Tensor, expected: Tensor) -> None:
    """Raise AssertionError where two tensors differ by more than rounding."""
    found, expected = found.detach().cpu().double(), expected.detach().cpu().double()
    allowed = RELATIVE * expected.abs() + OF_THE_LARGEST * expected.abs().max() + 1e-30
    worst = ((found - expected).abs() / allowed).max().item()
    assert worst <= 1, f"{what} differs by {worst:.1f} times what rounding allows"


class exact_products:
    """Inside the `with` block a GPU multiplies float32 as float32, without TF32."""

    def __enter__(self) -> None:
        self._before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False

    def __exit__(self, *error) -> None:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = self._before


def _looked_at(name: str, device: torch.device) -> dict[str, Tensor]:
    """Everything that a game's first moves compute, by name."""
    seed(0)
    plan: Plan = TRAINED[name].plan(TRAINED[name].QUICK, device)
    seed(1)
    z = plan.game.generator.noise(plan.batches.batch_size).to(device)
    game, batch = _without_chance(plan.game), _on(next(plan.batches), device)
    terms = [term for terms in (game.d_terms, game.g_terms) for term in terms.values()]
    for module in (game.generator, game.discriminator, *terms):
        if isinstance(module, nn.Module):
            module.to(device)
    game.generator.train(), game.discriminator.train()
    found = {}
    for player, network, terms in (
        ("D", game.discriminator, game.d_terms),
        ("G", game.generator, game.g_terms),
    ):
        round = Round(game.generator, game.discriminator, batch, player == "G", z=z, one_pass=False)
        losses = {f"{player}'s loss {name}": term(round) for name, term in terms.items()}
        found |= {f"{player}'s samples": round.fake_x, f"{player}'s features": round.fake.features, **losses}
        names, weights = zip(*network.named_parameters(), strict=True)
        gradients = torch.autograd.grad(sum(losses.values()), weights, allow_unused=True)
        moved = {name: slope for name, slope in zip(names, gradients, strict=True) if slope is not None}
        found |= {f"{player}'s gradient by {name}": slope for name, slope in moved.items()}
    return found


def _without_chance(game: Game) -> Game:
    """The game without noise and dropout inside its networks, which a GPU draws otherwise."""
    for layer in (*game.generator.modules(), *game.discriminator.modules()):
        if isinstance(layer, GaussianNoise):
            layer.std = 0.0
        elif isinstance(layer, nn.Dropout | DropoutNoise):
            layer.p = 0.0
    return game


def _on(batch: Batch, device: torch.device) -> Batch:
    """The batch on that device; most are there already."""
    move = lambda value: None if value is None else value.to(device)
    labelled = None if batch.labelled is None else _on(batch.labelled, device)
    return Batch(move(batch.x), move(batch.y), tuple(map(move, batch.given)), labelled)
