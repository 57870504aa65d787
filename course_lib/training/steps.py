"""The steps of `play`, one by one; or on a GPU captured once, as a CUDA graph, and replayed.

A small network's step is some hundred kernels, and a GPU runs each faster than Python asks for it. Captured, the whole
step is one request. A replay repeats what the GPU did, and no Python: so whatever differs from step to step must be a
tensor. The game does not know of it. Its batches come from `Feed`, which holds the places in the data of many steps
in advance; rates and averages keep their counts in tensors; PyTorch's generator counts for itself.
"""

import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from course_lib.data.shard import EndlessBatches
from course_lib.game import Game, play
from course_lib.training.optimizers import follows_tensors
from course_lib.verdict import Batch

Losses = dict[str, Tensor]  # by the name of the term, a row of (n,) numbers: one for each of n steps


@runtime_checkable
class Places(Protocol):
    """Batches that can say in advance where in the data they lie, such as `course_lib.data.Batches`."""

    def draw(self) -> tuple[Tensor, ...]: ...
    def take(self, *places: Tensor) -> Batch: ...


class OneByOne:
    """The steps as `play` makes them. each: is called after every one."""

    def __init__(self, game: Game, batches: EndlessBatches, each: Callable[[], None], *, after: int = 0):
        self._played, self._each = play(game, batches, after=after, watch=False), each

    def advance(self, n: int) -> Losses:
        """Make n steps."""
        window = []
        for _, values in islice(self._played, n):
            self._each()
            window.append(values)
        return {name: torch.stack([values[name] for values in window]) for name in window[-1]}


class Feed:
    """The batches of many steps, from places that lie ready on the device; `step` says which step it is.

    batches: whose places are drawn. moves: batches in a step.
    """

    def __init__(self, batches: Places, moves: int):
        self._batches, self._moves = batches, moves
        self._ready: list[Tensor] = []
        self.step: Tensor | None = None
        self._move = 0

    def refill(self, steps: int, room: int) -> None:
        """Draw the places of so many steps; the first call makes room for `room` of them, which stays where it is."""
        drawn = [self._batches.draw() for _ in range(steps * self._moves)]
        columns = [torch.stack(column).unflatten(0, (steps, self._moves)) for column in zip(*drawn, strict=True)]
        if not self._ready:
            self._ready = [column.new_zeros(room, *column.shape[1:]) for column in columns]
            self.step = torch.zeros(1, dtype=torch.long, device=columns[0].device)
        for ready, column in zip(self._ready, columns, strict=True):
            ready[:steps].copy_(column)
        self.step.zero_()

    def begin_step(self) -> None:
        """The next batch is the first of a step, whatever came before."""
        self._move = 0

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        move, self._move = self._move, (self._move + 1) % self._moves
        return self._batches.take(*(ready.index_select(0, self.step)[0, move] for ready in self._ready))


class Captured:
    """The same steps, captured after a few and replayed from then on.

    The first are made one by one, since PyTorch prepares memory and chooses kernels in them. They count: nothing is
    made twice, and with the same kernels a replayed step gives what the others give, random numbers included.
    """

    WARM_UP = 3
    AT_ONCE = 500  # steps whose places are drawn in advance

    def __init__(self, game: Game, batches: Places, each: Callable[[], None]):
        moves = 1 if game.reuse_samples or game.simultaneous else game.d_steps + game.g_steps
        self._game, self._each, self._feed = game, each, Feed(batches, moves)
        self._played = play(game, self._feed, watch=False)
        self._made, self._names, self._losses = 0, [], None
        self._replay: Callable[[], None] | None = None

    def advance(self, n: int) -> Losses:
        """Make n steps."""
        parts = []
        for begun in range(0, n, self.AT_ONCE):
            steps = min(self.AT_ONCE, n - begun)
            self._feed.refill(steps, self.AT_ONCE)
            for _ in range(steps):
                self._step()
            parts.append(self._losses[:steps].clone())
        return dict(zip(self._names, torch.cat(parts).unbind(1), strict=True))

    def _step(self) -> None:
        if self._replay is None and self._made == self.WARM_UP:
            self._replay = self._capture()
        self._made += 1
        if self._replay is None:
            self._aside()
        else:
            self._replay()

    def _one(self) -> None:
        """A step, its averages, its losses into their row: all that a replay repeats."""
        _, values = next(self._played)
        self._each()
        row = torch.stack(list(values.values()))[None]
        if self._losses is None:
            self._names, self._losses = list(values), row.new_zeros(self.AT_ONCE, row.shape[1])
        self._losses.index_copy_(0, self._feed.step, row)
        self._feed.step += 1

    def _aside(self) -> None:
        """A step on a stream of its own, as a capture wants those before it."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._one()
        torch.cuda.current_stream().wait_stream(stream)

    def _capture(self) -> Callable[[], None]:
        """What makes a step from now on."""
        try:
            return self._record()
        except RuntimeError as error:
            warnings.warn(f"The step could not be captured, and is made kernel by kernel: {error}", stacklevel=2)
            self._played = play(self._game, self._feed, watch=False)  # the error ended the other
            self._feed.begin_step()
            return self._one

    def _record(self) -> Callable[[], None]:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._one()
        return graph.replay


def not_captured_because(game: Game, batches: EndlessBatches, device: torch.device, processes: int) -> str | None:
    """Why the steps of a game cannot be captured, in words; None if they can."""
    if device.type != "cuda":
        return f"only a CUDA GPU can replay a step, and this is {device.type}"
    if processes > 1:
        return f"{processes} processes wait for each other within a step"
    if not isinstance(batches, Places):
        return f"{type(batches).__name__} cannot say in advance where in the data its batches lie"
    for player, optimizer in (("D", game.d_optimizer), ("G", game.g_optimizer)):
        if not follows_tensors(optimizer):
            return f"{player}'s {type(optimizer).__name__} keeps numbers in Python that change from step to step"
    return None
