"""The Frechet classifier distance: the formula of the FID, on the features of a classifier of our own.

Heusel et al. 2017, equation 6: the Frechet distance between two Gaussians fitted to the features of real and
of generated images. On features other than Inception's it is another measure, and is not called FID.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from course_lib.metrics.passes import in_batches, thousands, warn_if_zero_to_one


@dataclass(frozen=True)
class FrechetClassifierDistance:
    """distance: at least 0, in squared units of the features; the smaller, the more alike.

    n_real, n_fake: images of each. features: how many the classifier gives. classifier: what judged.
    """

    distance: float
    n_real: int
    n_fake: int
    features: int
    classifier: str

    def record(self) -> dict[str, float]:
        """For a ledger: names that carry the number of generated images, such as frechet_classifier_distance_10k."""
        name = f"frechet_classifier_distance_{thousands(self.n_fake)}"
        return {name: self.distance, f"{name}_n_real": self.n_real}


def frechet_classifier_distance(
    classifier: nn.Module,
    real: Float[Tensor, "n_real channel height width"],
    fake: Float[Tensor, "n_fake channel height width"],
    *,
    batch_size: int = 500,
) -> FrechetClassifierDistance:
    """|m - m'|^2 + Tr(S + S' - 2 (S S')^(1/2)), with mean and covariance (ddof 1) of real and of generated features.

    classifier: has `features(images) -> (batch, feature)`, asked in evaluation mode. real, fake: images in [-1, 1],
    at least two of each.
    It is biased upwards, the more so the fewer the images: compare only where both numbers and the classifier are
    equal. With no more images than features the covariances are singular, and the value is of little use.
    """
    if min(len(real), len(fake)) < 2:
        raise ValueError(f"A covariance needs two images or more; got {len(real)} real and {len(fake)} generated ones.")
    both = []
    for name, images in (("real", real), ("fake", fake)):
        warn_if_zero_to_one(name, images)
        found = in_batches(classifier, classifier.features, images, batch_size).double()
        if found.ndim != 2 or not torch.isfinite(found).all():
            raise ValueError(f"The features of `{name}` have shape {tuple(found.shape)} or are not all finite.")
        both.append(found)
    passed_on = nn.Identity()  # torchmetrics' "images" are our features
    passed_on.num_features = both[0].shape[1]
    metric = FrechetInceptionDistance(passed_on)
    for features, is_real in zip(both, (True, False), strict=True):
        metric.update(features, real=is_real)
    distance = max(0.0, metric.compute().item())  # of equal sets it rounds to either side of 0
    return FrechetClassifierDistance(distance, len(real), len(fake), both[0].shape[1], type(classifier).__name__)
