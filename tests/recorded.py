"""A CUDA graph's rules, on the CPU: what a step did is recorded, and then done again without any Python of the step.

A replay works on the very memory that the recording worked on, so whatever Python computed meanwhile stands still: a
step that is not of tensors alone gives other numbers, or is refused here as a GPU would refuse it.
"""

import copy
import traceback

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course_lib.training.steps import Captured

WAITS = {"aten::_local_scalar_dense", "aten::nonzero", "aten::lift_fresh", "aten::unique_consecutive"}

# Looks at labels, for the sake of a good message, where that costs nothing.
ON_THE_CPU_ALONE = {"_of_known_class", "one_hot"}


class Recording(TorchDispatchMode):
    """Every operation below autograd, with the tensors it read and made."""

    def __init__(self):
        super().__init__()
        self.done = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function._schema.name
        if name in WAITS and not any(frame.name in ON_THE_CPU_ALONE for frame in traceback.extract_stack()):
            raise RuntimeError(f"{name} makes the device wait, or takes a Python number for good: no graph can have it")
        made = function(*args, **(kwargs or {}))
        self.done.append((function, args, kwargs or {}, made))
        return made

    def replay(self):
        """Do it all again."""
        with torch.no_grad():
            for function, args, kwargs, made in self.done:
                again = function(*args, **kwargs)
                for old, new in zip(tree_leaves(made), tree_leaves(again), strict=True):
                    if isinstance(old, torch.Tensor) and not shares_memory(old, new):
                        old.copy_(new)


def shares_memory(one, other):
    """Whether one is the other, or a view of the same memory."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


class Recorded(Captured):
    """Steps that are captured by a `Recording` in place of a CUDA graph. replayed: how many there were."""

    replayed = 0

    def _aside(self):
        self._one()

    def _record(self):
        recording, players = Recording(), (self._game.generator, self._game.discriminator)
        before = torch.get_rng_state(), [copy.deepcopy(player.state_dict()) for player in players]
        try:
            with recording:
                self._one()
        except RuntimeError:
            # A CUDA graph's capture does nothing yet, so one that fails has done nothing.
            torch.set_rng_state(before[0])
            for player, state in zip(players, before[1], strict=True):
                player.load_state_dict(state)
            raise
        made = iter([True])  # this capture has made its step already

        def replay():
            if not next(made, False):
                type(self).replayed += 1
                recording.replay()

        return replay
