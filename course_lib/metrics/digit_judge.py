"""A classifier fitted to real digits that looks at generated ones: is each a digit, and which?"""

import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import Tensor


@dataclass(frozen=True)
class Judgement:
    """confident: share of images in [0, 1] whose best class has probability at least `at`.

    classes: how many of the ten classes the confident ones fall into. counts: (10,) confident images a class.
    """

    confident: float
    classes: int
    counts: Int[np.ndarray, " class"]


class DigitJudge:
    """A small network fitted to labelled real images (scikit-learn's MLPClassifier, one hidden layer).

    x: (n, 1, 28, 28) in [-1, 1]. y: (n,) labels. Takes some seconds for 4,000 digits on two cores.
    """

    def __init__(self, x: Float[Tensor, "n 1 28 28"], y: Int[Tensor, " n"], *, seed: int = 0):
        self.network = MLPClassifier(hidden_layer_sizes=(256,), alpha=1e-3, max_iter=25, random_state=seed)
        with warnings.catch_warnings():
            # Twenty-five passes are enough to judge by; that more would go on improving is no news.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.network.fit(_flat(x), y.numpy())

    def accuracy(self, x: Float[Tensor, "n 1 28 28"], y: Int[Tensor, " n"]) -> float:
        """Share of images named rightly, in [0, 1]: to know how far the judge is to be trusted."""
        return float(self.network.score(_flat(x), y.numpy()))

    def judge(self, x: Float[Tensor, "n 1 28 28"], *, at: float = 0.9, share: float = 0.01) -> Judgement:
        """Judge n images. A class counts as seen if at least `share` of the images fall into it confidently."""
        probability = self.network.predict_proba(_flat(x))
        sure = probability.max(axis=1) >= at
        counts = np.bincount(probability.argmax(axis=1)[sure], minlength=probability.shape[1])
        return Judgement(float(sure.mean()), int((counts >= max(1, share * len(x))).sum()), counts)


def _flat(x: Tensor) -> np.ndarray:
    return x.detach().cpu().flatten(1).numpy()
