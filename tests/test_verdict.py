"""The types a loss sees, and their refusal of the shapes that broadcast silently."""

import pytest
import torch

from course_lib import Batch, Round, Verdict
from course_lib.models.mlp import Discriminator, Generator


@pytest.mark.parametrize("shape", [(4, 1), (4, 1, 1, 1), (3,), ()])
def test_logits_that_are_not_one_per_example_are_refused(shape):
    """D's outputs of shape (batch, 1, 1, 1) would broadcast against (batch,) labels without a word."""
    with pytest.raises(Exception, match=r"one logit per example|logits"):
        Verdict(torch.zeros(shape), torch.zeros(4, 2))


def test_the_refusal_says_what_to_do(monkeypatch):
    verdict = object.__new__(Verdict)
    for name, given in {"logits": torch.zeros(4, 1), "features": torch.zeros(4, 2), "classes": None}.items():
        object.__setattr__(verdict, name, given)
    with pytest.raises(ValueError, match=r"logits have shape \(4, 1\).*squeeze\(1\)"):
        verdict.__post_init__()


def a_round(learning_generator: bool) -> Round:
    generator, discriminator = Generator(3, (8,), (2,)), Discriminator((2,), (8,))
    return Round(generator, discriminator, Batch(torch.randn(5, 2)), learning_generator, z=generator.noise(5))


@pytest.mark.parametrize("learning", [True, False])
def test_generated_data_carry_a_gradient_only_when_the_generator_learns(learning):
    assert a_round(learning).fake_x.requires_grad is learning


def test_a_verdict_is_computed_once():
    round = a_round(True)
    assert round.fake is round.fake
    assert round.real is round.real


def test_a_batch_counts_its_examples():
    assert len(Batch(torch.zeros(7, 2))) == 7
