"""The classifier score: the formula of the Inception score, asked of a classifier of our own.

Salimans et al. 2016, section 4. With a classifier other than Inception it is another measure with another
range, and is not called the Inception score. It sees whether each image is clearly of some class, and whether
all classes come; it cannot see whether the images of one class differ.
"""

import math
import warnings
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torchmetrics.image.inception import InceptionScore

from course_lib.metrics.passes import in_batches, thousands, warn_if_zero_to_one


@dataclass(frozen=True)
class ClassifierScore:
    """mean: over the splits, from 1 to the number of classes. n: images in all. splits: parts they fell into.

    std: over the splits with ddof 0, as OpenAI's code and the paper's tables have it. std_ddof1: the same with
    ddof 1, as torchmetrics has it. classifier: what judged.
    """

    mean: float
    std: float
    std_ddof1: float
    n: int
    splits: int
    classifier: str

    def record(self) -> dict[str, float]:
        """For a ledger: names that carry the number of images, such as classifier_score_50k."""
        name = f"classifier_score_{thousands(self.n)}"
        return {name: self.mean, f"{name}_std_ddof0": self.std, f"{name}_splits": self.splits}


def classifier_score(
    classifier: nn.Module,
    images: Float[Tensor, "n channel height width"],
    *,
    splits: int = 10,
    seed: int = 0,
    batch_size: int = 500,
) -> ClassifierScore:
    """exp(E KL(p(y|x) || p(y))) with p(y|x) the classifier's softmax and p(y) its mean over a split's images.

    classifier: images to logits (batch, class), asked in evaluation mode. images: in [-1, 1], a multiple of `splits`
    of them; the paper's protocol is 50,000 in 10 splits. seed: of the shuffle before splitting; the global random
    state is left alone.
    The score rises with n, and hangs on splits and classifier: compare only where all three are equal.
    """
    if splits < 2 or len(images) == 0 or len(images) % splits:
        raise ValueError(
            f"{len(images)} images do not fall into {splits} equal splits. Give a multiple of at least 2 splits."
        )
    warn_if_zero_to_one("images", images)
    logits = in_batches(classifier, classifier, images, batch_size)
    if logits.ndim != 2 or not torch.isfinite(logits).all():
        raise ValueError(
            f"The classifier returned shape {tuple(logits.shape)}, with {int((~torch.isfinite(logits)).sum())} values "
            "not finite; (batch, class) logits are wanted."
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Metric `InceptionScore` will save all extracted features")
        metric = InceptionScore(nn.Identity(), splits=splits)  # its "images" are our logits
    # Below exp(-700) a probability would be 0 in float64, and torchmetrics' 0 log 0 is NaN.
    metric.update(logits.double().log_softmax(1).clamp(min=-700))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        mean, std = (value.item() for value in metric.compute())
    to_ddof0 = math.sqrt((splits - 1) / splits)
    return ClassifierScore(mean, std * to_ddof0, std, len(images), splits, type(classifier).__name__)


def classifier_accuracy(
    classifier: nn.Module, x: Float[Tensor, "n channel height width"], y: Int[Tensor, " n"], *, batch_size: int = 500
) -> float:
    """Share of images named rightly, in [0, 1], in evaluation mode: how far the classifier is to be trusted as a judge.

    x: images in [-1, 1]. y: their classes.
    """
    return (in_batches(classifier, classifier, x, batch_size).argmax(1) == y.cpu()).double().mean().item()
