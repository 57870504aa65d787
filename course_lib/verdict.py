"""What the discriminator says, and what a loss may look at.

Goodfellow et al. 2014, section 3, in three small types. The generator and the discriminator are called
by whoever asks a `Round` for their answer, so a loss that never looks at real data costs no pass over it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn


@dataclass  # not frozen: Lightning Fabric sets its tensors when it turns them back into float32
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

    x: (batch, ...) real data. y: (batch,) integer labels, -1 where the label is not known; (batch, game) where
        several games are played side by side.
    given: what both players are told besides, in order: empty, or `(y,)` for G(z, y) and D(x, y).
    labelled: a batch of its own, of any size, whose classes are known; for semi-supervised learning.
    """

    x: Shaped[Tensor, "batch ..."]
    y: Int[Tensor, "batch *game"] | None = None
    given: tuple[Tensor, ...] = ()
    labelled: "Batch | None" = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Round:
    """One move of the game as a loss sees it: verdicts on real and on generated data.

    Each verdict is computed when a term first asks for it and then kept. `learning_generator` says whose
    move it is: only then does a gradient flow back through the generated data into G.
    one_pass: D sees real, generated and labelled data in one batch rather than apart. Faster, and another game
    wherever D looks across its batch: batch norm then normalises by the statistics of the mixture.
    made: generated data G(z) where it was made before, without gradient.
    """

    generator: nn.Module
    discriminator: nn.Module
    batch: Batch
    learning_generator: bool
    z: Tensor = field(kw_only=True)
    one_pass: bool = field(default=False, kw_only=True)
    made: Tensor | None = field(default=None, kw_only=True)

    @cached_property
    def fake_x(self) -> Shaped[Tensor, "batch ..."]:
        """Generated data G(z), as many as there are real ones."""
        if self.made is not None:
            return self.made
        with torch.set_grad_enabled(self.learning_generator and torch.is_grad_enabled()):
            return self.generator(self.z, *self.batch.given)

    @cached_property
    def real(self) -> Verdict:
        """D's verdict on the real batch."""
        return self._together[0] if self.one_pass else self.discriminator(self.batch.x, *self.batch.given)

    @cached_property
    def fake(self) -> Verdict:
        """D's verdict on the generated batch."""
        return self._together[1] if self.one_pass else self.discriminator(self.fake_x, *self.batch.given)

    @cached_property
    def labelled(self) -> Verdict:
        """D's verdict on the examples of `batch.labelled`."""
        if self.batch.labelled is None:
            raise ValueError("This loss needs examples of known class: the batch has no `labelled` part.")
        if self.one_pass:
            return self._together[2]
        return self.discriminator(self.batch.labelled.x, *self.batch.labelled.given)

    @cached_property
    def _together(self) -> list[Verdict]:
        """The verdicts on real and generated data, and on labelled ones where there are any, of one pass."""
        inputs = [(self.batch.x, *self.batch.given), (self.fake_x, *self.batch.given)]
        if self.batch.labelled is not None:
            inputs.append((self.batch.labelled.x, *self.batch.labelled.given))
        all_of_them = self.discriminator(*(torch.cat(column) for column in zip(*inputs, strict=True)))
        ends = list(accumulate(len(x) for x, *_ in inputs))
        return [_rows(all_of_them, slice(start, end)) for start, end in zip([0, *ends], ends, strict=False)]


def _rows(verdict: Verdict, rows: slice) -> Verdict:
    classes = None if verdict.classes is None else verdict.classes[rows]
    return replace(verdict, logits=verdict.logits[rows], features=verdict.features[rows], classes=classes)


Term = Callable[[Round], Float[Tensor, ""]]


def free_to_look(tensor: Tensor) -> bool:
    """Whether looking at a tensor's numbers costs nothing: a GPU would be waited for, and within `torch.vmap` it cannot be."""
    return tensor.device.type == "cpu" and not torch._C._functorch.is_batchedtensor(tensor)
