"""The classifier: shapes, a seed that gives the weights, and real digits named rightly."""

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from course_lib.data import Images
from course_lib.metrics import classifier_accuracy, classifier_score, frechet_classifier_distance
from course_lib.models.classifier import Classifier, train_classifier


@pytest.fixture(scope="module")
def digits():
    """Scikit-learn's 8x8 digits, doubled in size: 1,397 to train on, 400 to test."""
    found = load_digits()
    x = torch.from_numpy(found.images / 16 * 255).to(torch.uint8)[:, None]
    x = nn.functional.interpolate(x, scale_factor=2)
    y = torch.from_numpy(found.target).long()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    names = tuple(map(str, range(10)))
    return [Images(x[part], y[part], names, "scikit-learn's digits") for part in (order[:-400], order[-400:])]


@pytest.fixture(scope="module")
def trained(digits):
    return train_classifier(digits[0], epochs=3)


@pytest.mark.parametrize("shape, classes", [((1, 28, 28), 10), ((3, 32, 32), 10), ((3, 20, 36), 7)])
def test_any_image_size_and_number_of_classes(shape, classes):
    classifier = Classifier(shape, classes, width=4, feature_dim=24)
    x = torch.randn(3, *shape)
    assert classifier(x).shape == (3, classes)
    assert classifier.features(x).shape == (3, 24)
    assert classifier.features(x).min() >= 0


def test_the_logits_are_linear_in_the_features():
    classifier = Classifier(width=4).eval()
    x = torch.randn(3, 1, 28, 28)
    torch.testing.assert_close(classifier.logits(classifier.features(x)), classifier(x))


def test_a_wrong_shape_is_refused_in_words():
    with pytest.raises(ValueError, match=r"x has shape \(2, 3, 28, 28\); this network wants \(batch, 1, 28, 28\)"):
        Classifier()(torch.zeros(2, 3, 28, 28))


def test_trained_it_names_new_digits(trained, digits):
    """In two seconds; full MNIST takes minutes, see the docstring of train_classifier for what it reaches."""
    assert not trained.training
    assert classifier_accuracy(trained, digits[1].scaled(), digits[1].y) > 0.95


def test_trained_it_tells_digits_from_noise_to_both_metrics(trained, digits):
    real, other = digits[1].scaled()[:200], digits[1].scaled()[200:]
    noise = torch.rand(200, 1, 16, 16) * 2 - 1
    assert classifier_score(trained, real).mean > 2 * classifier_score(trained, noise).mean
    distance = {
        name: frechet_classifier_distance(trained, real, fake).distance
        for name, fake in {"digits": other, "noise": noise}.items()
    }
    assert distance["digits"] < 0.2 * distance["noise"]


def test_the_seed_gives_the_weights_and_the_global_one_is_left_alone(digits):
    few = Images(digits[0].x[:128], digits[0].y[:128], digits[0].classes, "few")
    found = []
    for global_seed, seed in ((1, 0), (2, 0), (2, 1)):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        found.append(train_classifier(few, epochs=1, seed=seed).logits.weight)
        assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[1], found[2])


def test_colour_images_of_other_classes_are_learned_too():
    x = torch.randint(0, 60, (128, 3, 16, 16), dtype=torch.uint8)
    y = torch.arange(128) % 2
    x[y == 1, 2] += 150  # class 1 is blue
    images = Images(x, y, ("dark", "blue"), "made up")
    classifier = train_classifier(images, epochs=2, width=4, batch_size=16)
    assert classifier_accuracy(classifier, images.scaled(), y) == 1.0


def test_no_pass_over_the_images_is_refused(digits):
    with pytest.raises(ValueError, match="epochs is 0"):
        train_classifier(digits[1], epochs=0)
