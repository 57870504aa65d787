"""Feature matching: the generator matches the mean of D's features on real data.

Salimans et al. 2016, section 3.1. Both means are taken over the batch before they are compared, so that G
is asked for the right statistics and not for any particular picture.
"""

from jaxtyping import Float
from torch import Tensor

from course_lib.verdict import Round


def feature_matching(round: Round) -> Float[Tensor, ""]:
    """G's loss: the squared distance between the mean features of real and of generated data.

    || E f(x) - E f(G(z)) ||^2, section 3.1, summed over the features f; at least 0. The released code for MNIST
    takes the mean over its 250 features instead, which is this loss `weighted` by 1/250.
    """
    return _difference_of_means(round).square().sum()


def feature_matching_absolute(round: Round) -> Float[Tensor, ""]:
    """G's loss in the released code for CIFAR-10 and SVHN: the mean absolute difference of the mean features.

    The mean is over the features; at least 0.
    """
    return _difference_of_means(round).abs().mean()


def _difference_of_means(round: Round) -> Float[Tensor, " feature"]:
    # Only the generator learns from this term, so the real features are a target and carry no gradient.
    return round.real.features.detach().mean(0) - round.fake.features.mean(0)
