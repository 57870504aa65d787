"""The linear probe: what D's convolutional features are worth to a linear classifier.

Radford et al. 2016, section 5: the activations of all convolutional layers, each max-pooled to a 4x4 grid,
flattened and concatenated, under a regularised linear L2-SVM whose C is chosen on validation images.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from jaxtyping import Float
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d

from course_lib.metrics.passes import in_batches, modes_kept, off_apple_gpu, thousands

CS = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)  # the authors' grid
Labelled = tuple[Tensor, Tensor]  # features (n, feature) and labels (n,)


@dataclass(frozen=True)
class LinearProbe:
    """accuracy: on the test set, in [0, 1]. validation_accuracy: what C was chosen by, the smallest of equals.

    C: of the SVM; the smaller, the more regularised. C_at_edge: it is at an end of the grid, so a better one may lie
    outside. converged: whether liblinear came to an end at that C. dims: features of an image. n_train, n_test:
    images.
    """

    accuracy: float
    validation_accuracy: float
    C: float
    C_at_edge: bool
    converged: bool
    dims: int
    n_train: int
    n_test: int

    def record(self) -> dict[str, float]:
        """For a ledger: names that carry the number of labels, such as linear_probe_accuracy_1k."""
        name = f"linear_probe_accuracy_{thousands(self.n_train)}"
        return {name: self.accuracy, f"{name}_C": self.C, f"{name}_dims": self.dims}


def conv_features(
    discriminator: nn.Module, x: Float[Tensor, "n channel height width"], *, batch_size: int = 128
) -> Float[Tensor, "n feature"]:
    """What the output of each of D's `blocks` looks like on a 4x4 grid, flattened and joined, on the CPU.

    discriminator: has `blocks`, an nn.ModuleList of convolutional layers with their nonlinearity, and is called as
        D(x), in evaluation mode. With 64, 128 and 256 maps that makes 7,168 features.
    Max-pooling is adaptive, and a map smaller than 4x4 stays as it is. Features are not rescaled, as in the
    authors' code. See `average_batch_norm` for the statistics D should have then.
    """
    blocks = getattr(discriminator, "blocks", None)
    if not isinstance(blocks, nn.ModuleList) or len(blocks) == 0:
        raise ValueError(
            f"{type(discriminator).__name__} has no `blocks`, an nn.ModuleList of convolutional layers to read."
        )
    pooled: list[Tensor] = []

    def keep(block: nn.Module, inputs: tuple[Tensor, ...], maps: Tensor) -> None:
        if maps.ndim != 4:
            raise ValueError(f"A block returned shape {tuple(maps.shape)}; (batch, channel, height, width) is wanted.")
        grid = tuple(min(4, side) for side in maps.shape[2:])
        pooled.append(adaptive_max_pool2d(off_apple_gpu(maps), grid).flatten(1))

    def features(part: Tensor) -> Tensor:
        pooled.clear()
        discriminator(part)
        return torch.cat(pooled, 1)

    hooks = [block.register_forward_hook(keep) for block in blocks]
    try:
        return in_batches(discriminator, features, x, batch_size)
    finally:
        for hook in hooks:
            hook.remove()


def average_batch_norm(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set batch norm's running statistics to their plain average over these batches, changing nothing else.

    The paper's features are read under such statistics, averaged over all training batches; the usual running ones
    remember only the last hundred or so. batches: tensors that the network takes; not endless.
    Raises ValueError where there is none, which would leave the statistics at 0 and 1.
    """
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        raise ValueError("There are no batches to average over.")
    where = next(network.parameters()).device
    with modes_kept(network):
        torch.optim.swa_utils.update_bn(chain([first], batches), network, device=where)


def linear_probe(
    train: Labelled, validation: Labelled, test: Labelled, *, Cs: Sequence[float] = CS, seed: int = 0
) -> LinearProbe:
    """Fit an L2-SVM on `train` for each C, keep the best on `validation`, and say what it reaches on `test`.

    train, validation, test: each (features (n, feature), labels (n,)). Cs: above 0; their meaning hangs on the scale
    of the features, which are taken as they are. seed: of liblinear's order of examples.
    liblinear works in float64: n_train x feature x 8 bytes, 230 MB for 1,000 labels of 28,672 features.
    """
    for name, (features, labels) in (("train", train), ("validation", validation), ("test", test)):
        _refuse_unequal(name, features, labels, train[0].shape[-1])
    grid = sorted(Cs)
    fits = [_fit(train, C, seed) for C in grid]
    scores = [_accuracy(svm, validation) for svm, _ in fits]
    best = scores.index(max(scores))
    svm, converged = fits[best]
    return LinearProbe(
        accuracy=_accuracy(svm, test),
        validation_accuracy=scores[best],
        C=grid[best],
        C_at_edge=best in (0, len(grid) - 1),
        converged=converged,
        dims=train[0].shape[1],
        n_train=len(train[0]),
        n_test=len(test[0]),
    )


def _fit(train: Labelled, C: float, seed: int) -> tuple[LinearSVC, bool]:
    """The SVM (squared hinge, L2), and whether it converged."""
    svm = LinearSVC(C=C, dual="auto", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is reported instead
        svm.fit(*_arrays(train))
    return svm, bool(svm.n_iter_ < svm.max_iter)


def _accuracy(svm: LinearSVC, labelled: Labelled) -> float:
    return float(svm.score(*_arrays(labelled)))


def _arrays(labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    features, labels = labelled
    return features.detach().cpu().numpy(), labels.cpu().numpy()


def _refuse_unequal(name: str, features: Tensor, labels: Tensor, dims: int) -> None:
    if features.ndim != 2 or features.shape[1] != dims or len(features) == 0 or labels.shape != features.shape[:1]:
        raise ValueError(
            f"{name} has features of shape {tuple(features.shape)} and labels of shape {tuple(labels.shape)}; "
            f"(n, {dims}) and (n,) are wanted, n at least 1."
        )
    if not torch.isfinite(features).all():
        raise ValueError(f"The features of {name} are not all finite.")
