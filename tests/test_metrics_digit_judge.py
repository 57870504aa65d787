"""The judge of digits: right on real ones, unsure of what is none."""

import pytest
import torch

from course_lib.data import embedded_digits
from course_lib.metrics import DigitJudge


@pytest.fixture(scope="module")
def judge():
    train = embedded_digits()
    return DigitJudge(train.scaled(), train.y)


@pytest.fixture(scope="module")
def held_out():
    return embedded_digits("test")


def test_the_judge_knows_real_digits(judge, held_out):
    assert judge.accuracy(held_out.scaled(), held_out.y) > 0.9
    found = judge.judge(held_out.scaled())
    assert found.classes == 10 and found.confident > 0.8


def test_the_judge_is_unsure_of_a_mean_digit(judge, held_out):
    """Half of one digit on top of half of another is no digit."""
    mixed = (held_out.scaled()[:500] + held_out.scaled()[500:]) / 2
    assert judge.judge(mixed).confident < 0.6


def test_one_digit_over_and_over_is_one_class(judge, held_out):
    image = held_out.scaled()[held_out.y == 0][:1]
    found = judge.judge(image.repeat(50, 1, 1, 1))
    assert found.classes <= 1


def test_a_class_needs_its_share(judge, held_out):
    x = held_out.scaled()
    zeros = x[held_out.y == 0]
    images = torch.cat([zeros.repeat(5, 1, 1, 1), x[held_out.y == 1][:1]])
    assert judge.judge(images, share=0.01).classes <= judge.judge(images, share=0.0).classes
    assert judge.judge(images, share=0.05).classes == 1
