"""The trained DCGANs that come with the course: what their records say, and that they draw what they were trained on."""

import pytest
import torch

from course_lib.data import load
from course_lib.experiments.dcgan import shipped
from course_lib.metrics.classifier_score import classifier_score
from course_lib.metrics.passes import evaluating
from course_lib.models.classifier import train_classifier

NAMES = tuple(shipped.TRAINED_BY)


@pytest.mark.parametrize("name", NAMES)
def test_the_record_has_the_command_and_is_free_of_paths(name):
    about = shipped.about(name)
    assert about["command"].startswith(f"gan-course train {about['experiment']}")
    assert about["step"] == about["settings"]["steps"] and about["commit"] and about["versions"]["torch"]
    assert "/" not in about["command"]


@pytest.mark.parametrize("name, shape", [("digits", (1, 28, 28)), ("emoji", (3, 32, 32))])
def test_pictures_are_of_the_size_told_and_differ_with_z(name, shape):
    generator, discriminator = shipped.shipped(name)
    assert not generator.training and not discriminator.training
    torch.manual_seed(0)
    with torch.no_grad():
        x = generator(generator.noise(64))
        logits = discriminator(x).logits
    assert x.shape == (64, *shape) and x.min() >= -1 and x.max() <= 1
    assert x.std(0).mean() > 0.2 and logits.shape == (64,)


def test_digits_are_digits_of_every_class():
    """By a small classifier of real digits, which gives these some 4.8 of 10: all classes, and a score far above noise's 1."""
    judge = train_classifier(load("mnist"), epochs=3)
    generator, _ = shipped.shipped("digits")
    torch.manual_seed(0)
    with evaluating(judge), torch.no_grad():
        samples = generator(generator.noise(1000))
        classes = judge(samples).argmax(1).bincount(minlength=10)
    assert (classes >= 20).all()
    assert classifier_score(judge, samples).mean > 4
