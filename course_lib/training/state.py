"""All that a run is at a moment: players, optimisers, averages, data and chance; set up, saved, and taken up again."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from course_lib.data import Shard
from course_lib.environment import seed
from course_lib.game import Diverged, Game
from course_lib.leader import as_one
from course_lib.training import checkpoint
from course_lib.training.averaging import Averaged
from course_lib.training.fabric import Fabric
from course_lib.training.optimizers import on_device
from course_lib.training.plan import Plan
from course_lib.training.run_folder import RunFolder
from course_lib.training.weights import Weights

# Where a run stands: its step and training time, its last measures, the best and how many in a row were none better.
PLACE = ("step", "seconds", "measures", "best", "worse")


class State:
    """A plan's game on its devices, and where it stands.

    plan: with its game at its start, which is moved. fabric: launched. number: the run's seed.
    """

    def __init__(self, plan: Plan, fabric: Fabric, number: int):
        self._plan, self._fabric = plan, fabric
        self.batches = Shard(plan.batches, fabric.global_rank, fabric.world_size)
        self._terms = _terms_with_state(plan.game)
        self._networks = {"generator": plan.game.generator, "discriminator": plan.game.discriminator}
        for module in (*self._networks.values(), *self._terms.values()):
            module.to(fabric.device, memory_format=torch.channels_last)
        self._averaged = {name: Averaged(network, plan.average) for name, network in self._networks.items()}
        self.game = self._set_up(plan.game)
        self.step, self.seconds, self.measures, self.best, self.worse = 0, 0.0, {}, None, 0
        if fabric.world_size > 1:
            seed(number + fabric.global_rank)  # each process draws its own noise

    def _set_up(self, game: Game) -> Game:
        self._optimizers_on_device()
        # Kernels chosen by a race may be others when a run is taken up again, and it would end with other weights.
        torch.backends.cudnn.deterministic = self._fabric.device.type == "cuda"
        generator, g_optimizer = self._fabric.setup(game.generator, game.g_optimizer)
        discriminator, d_optimizer = self._fabric.setup(game.discriminator, game.d_optimizer)
        return replace(
            game,
            generator=generator,
            discriminator=discriminator,
            g_optimizer=g_optimizer,
            d_optimizer=d_optimizer,
            backward=self._fabric.backward,
        )

    def _optimizers_on_device(self) -> None:
        for optimizer in (self._plan.game.g_optimizer, self._plan.game.d_optimizer):
            on_device(optimizer, self._fabric.device)

    def averages(self) -> dict[str, nn.Module]:
        """G and D, in this order, with averaged weights."""
        return {name: average.network() for name, average in self._averaged.items()}

    def average(self) -> None:
        """Take the weights that the step has left into their averages."""
        for average in self._averaged.values():
            average.update()

    def weights(self) -> dict[str, Tensor]:
        """The averaged weights of both players, by player and name."""
        return {
            f"{name}.{key}": value
            for name, network in self.averages().items()
            for key, value in network.state_dict().items()
        }

    def _parts(self) -> dict:
        """Everything with a state of its own, by its name in a checkpoint."""
        players = {"g_optimizer": self.game.g_optimizer, "d_optimizer": self.game.d_optimizer}
        averages = {f"averaged {name}": average for name, average in self._averaged.items()}
        return self._networks | players | self._terms | averages | {"batches": self.batches}

    def save(self, folder: RunFolder) -> None:
        """Write a checkpoint, and the weights that belong to it. Raises Diverged where a weight is no finite number."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        for player, name in (("G", "generator"), ("D", "discriminator")):
            if broken := checkpoint.not_finite(states[name]):
                raise Diverged(f"step {self.step}: the weights {', '.join(broken)} of {player} are not finite.")
        everyone = [checkpoint.random_state()]
        if self._fabric.world_size > 1:
            everyone = [None] * self._fabric.world_size
            torch.distributed.all_gather_object(everyone, checkpoint.random_state())
        if self._fabric.is_global_zero:
            place = {name: getattr(self, name) for name in PLACE}
            # The checkpoint comes first: where last.safetensors stands there was one, and from it comes what is lost.
            checkpoint.save(folder.path, self.step, states | place | {"random": everyone})
            folder.save_weights("last", self.weights(), self.step, self.measures)
        self._fabric.barrier()

    def restore(self, folder: RunFolder) -> None:
        """Go on from the newest checkpoint in the folder, if there is one. Raises ValueError for another run's."""
        state = as_one(self._fabric, lambda: checkpoint.newest(folder.path))
        if state is None:
            return as_one(self._fabric, folder.begin)
        parts = self._parts()
        if missing := sorted({*parts, *PLACE, "random"} - state.keys()):
            raise ValueError(
                f"The checkpoint in {folder.path} lacks {', '.join(missing)}: another version of the course wrote "
                "it. Train anew in another --folder."
            )
        try:
            for name, part in parts.items():
                part.load_state_dict(state[name])
        except (RuntimeError, ValueError, KeyError) as error:
            raise ValueError(
                f"The checkpoint in {folder.path} is of other networks than these settings make. Repeat the "
                "settings that it was begun with, or give another --folder."
            ) from error
        self._optimizers_on_device()
        for name in PLACE:
            setattr(self, name, state[name])
        if len(state["random"]) == self._fabric.world_size:
            checkpoint.set_random_state(state["random"][self._fabric.global_rank])
        else:  # on other devices than before: noise that has not been seen yet
            seed(self.step + self._fabric.global_rank)
        last = Weights(self.weights(), self.step, self.measures)
        has_best = as_one(self._fabric, lambda: folder.mend(last, self.best is not None))
        if self.best is not None and not has_best:
            self.best, self.worse = None, 0


def _terms_with_state(game: Game) -> dict[str, nn.Module]:
    """The losses that remember something, which a checkpoint must hold; by player and name."""
    return {
        f"{player} {name}": term
        for player, terms in (("D", game.d_terms), ("G", game.g_terms))
        for name, term in terms.items()
        if isinstance(term, nn.Module)
    }
