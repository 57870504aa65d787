"""What the discriminator says, and what a loss may look at.

Goodfellow et al. 2014, section 3, in three small types. The generator and the discriminator are called
by whoever asks a `Round` for their answer, so a loss that never looks at real data costs no pass over it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn


@dataclass(frozen=True)
class Verdict:
    """The discriminator's answer on one batch.

    logits: (batch,), any real number; D(x) is their sigmoid, and positive means "real".
    features: (batch, feature), the activations of D's last hidden layer.
    classes: (batch, class) class logits, for a discriminator that also classifies.
    """

    logits: Float[Tensor, " batch"]
    features: Float[Tensor, "batch feature"]
    classes: Float[Tensor, "batch class"] | None = None

    def __post_init__(self):
        if self.logits.ndim != 1 or len(self.logits) != len(self.features):
            raise ValueError(
                f"A verdict needs one logit per example: logits have shape {tuple(self.logits.shape)} and "
                f"features {tuple(self.features.shape)}. End the discriminator with `.squeeze(1)`."
            )


@dataclass(frozen=True)
class Batch:
    """Real data for one step.

    x: (batch, ...) real data. y: (batch,) integer labels, -1 where the label is not known.
    given: what both players are told besides, in order: empty, or `(y,)` for G(z, y) and D(x, y).
    """

    x: Shaped[Tensor, "batch ..."]
    y: Int[Tensor, " batch"] | None = None
    given: tuple[Tensor, ...] = ()

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Round:
    """One move of the game as a loss sees it: verdicts on real and on generated data.

    Each verdict is computed when a term first asks for it and then kept. `learning_generator` says whose
    move it is: only then does a gradient flow back through the generated data into G.
    """

    generator: nn.Module
    discriminator: nn.Module
    batch: Batch
    learning_generator: bool
    z: Tensor = field(kw_only=True)

    @cached_property
    def fake_x(self) -> Shaped[Tensor, "batch ..."]:
        """Generated data G(z), as many as there are real ones."""
        with torch.set_grad_enabled(self.learning_generator and torch.is_grad_enabled()):
            return self.generator(self.z, *self.batch.given)

    @cached_property
    def real(self) -> Verdict:
        """D's verdict on the real batch."""
        return self.discriminator(self.batch.x, *self.batch.given)

    @cached_property
    def fake(self) -> Verdict:
        """D's verdict on the generated batch, which it sees apart from the real one."""
        return self.discriminator(self.fake_x, *self.batch.given)


Term = Callable[[Round], Float[Tensor, ""]]
