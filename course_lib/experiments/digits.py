"""The digits that the experiments train on, choose by and test with; three parts that share no image."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data import Images, load


@dataclass(frozen=True)
class Digits:
    """train: the first 50,000 of MNIST's training file. validation: its last 10,000. test: the 10,000 test images.

    Where full MNIST is not there, of the embedded digits: 3,500, 500 and 1,000.
    """

    train: Images
    validation: Images
    test: Images

    @property
    def note(self) -> str:
        """For a record: which digits these were, where they are not the papers'."""
        full = len(self.train) == 50_000
        return "" if full else f"{len(self.train):,} embedded digits for training, {len(self.test):,} for testing"


def digits() -> Digits:
    """MNIST in the three parts of Goodfellow et al. 2014; the validation part is what anything is chosen by."""
    both, test = load("mnist", "train"), load("mnist", "test")
    first = len(both) - (10_000 if len(both) == 60_000 else 500)
    place = torch.arange(len(both))
    return Digits(both.take(place[:first]), both.take(place[first:]), test)


def unit(images: Images) -> Float[Tensor, "n channel height width"]:
    """The images as float32 in [0, 1], the range of a sigmoid generator."""
    return images.x.float() / 255
