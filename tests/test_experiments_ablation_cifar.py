"""The ablation: each variant differs from the whole in what it is named for, and is judged by a classifier of ours."""

import math
from dataclasses import asdict, replace
from itertools import islice
from typing import get_args, get_type_hints

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from course_lib import Round, play
from course_lib.data import open_data
from course_lib.experiments.improved import ablation_cifar
from course_lib.experiments.improved.ablation_cifar import GPU, PAPER, QUICK, VARIANTS, Settings, plan, reproduce
from course_lib.layers import GaussianNoise, MinibatchDiscrimination, VirtualBatchNorm, WithReference
from course_lib.metrics.passes import thousands
from course_lib.training import checkpoint
from course_lib.training.plan import Training

CPU = torch.device("cpu")
EVERY = pytest.mark.parametrize("variant", VARIANTS)


def small(variant="ours", **changes):
    """A plan at quick size."""
    return plan(replace(QUICK, variant=variant, **changes), CPU)


def has(network, kind):
    return any(isinstance(layer, kind) for layer in network.modules())


def a_round(made):
    """G's move on the next batch."""
    game = made.game
    return Round(game.generator, game.discriminator, next(made.batches), True, z=game.generator.noise(10))


def how(folder):
    return Training(folder, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)


def test_every_variant_differs_from_ours_in_what_its_name_says():
    ours = asdict(VARIANTS["ours"])
    assert ours == {"virtual_batch_norm": True, "labels": True, "smoothing": True, "minibatch": True, "history": False}
    differences = {
        name: {part for part, value in asdict(techniques).items() if value != ours[part]}
        for name, techniques in VARIANTS.items()
    }
    assert differences == {
        "ours": set(),
        "BN-for-VBN": {"virtual_batch_norm"},
        "HA-for-L": {"labels", "history"},
        "no-LS": {"smoothing"},
        "no-L": {"labels"},
        "no-MBF": {"minibatch"},
    }
    assert get_args(get_type_hints(Settings)["variant"]) == tuple(VARIANTS)


@EVERY
def test_the_networks_have_what_the_variant_has(variant):
    techniques, game = VARIANTS[variant], small(variant).game
    assert isinstance(game.generator, WithReference) == techniques.virtual_batch_norm
    assert has(game.generator, VirtualBatchNorm) == techniques.virtual_batch_norm != has(game.generator, nn.BatchNorm2d)
    assert has(game.discriminator, MinibatchDiscrimination) == techniques.minibatch
    assert not has(game.discriminator, VirtualBatchNorm | nn.BatchNorm2d)
    assert [layer.std for layer in game.discriminator.modules() if isinstance(layer, GaussianNoise)] == [0.2]


@EVERY
def test_labels_and_history_are_terms_and_without_labels_none_are_near(variant):
    techniques, made = VARIANTS[variant], small(variant)
    assert ("class" in made.game.d_terms) == techniques.labels
    assert ("history" in made.game.d_terms) == ("history" in made.game.g_terms) == techniques.history
    batch = next(made.batches)
    assert batch.y is None and (batch.labelled is not None) == techniques.labels


@EVERY
def test_smoothing_is_of_real_targets_alone(variant):
    """Against torch's cross-entropy, halved as in the code: targets 0.9 or 1 on real images, always 0 on generated."""
    made = small(variant)
    made.game.discriminator.eval()
    round = a_round(made)
    target = 0.9 if VARIANTS[variant].smoothing else 1.0
    real, fake = round.real.logits, round.fake.logits
    expected = binary_cross_entropy_with_logits(real, torch.full_like(real, target))
    expected = 0.5 * (expected + binary_cross_entropy_with_logits(fake, torch.zeros_like(fake)))
    torch.testing.assert_close(made.game.d_terms["real or fake"](round), expected)


def test_g_has_three_moves_and_the_saturating_loss():
    made = small()
    round = a_round(made)
    assert (made.game.d_steps, made.game.g_steps) == (1, 3)
    torch.testing.assert_close(made.game.g_terms["pass for real"](round), -softplus(round.fake.logits).mean())


def test_with_virtual_batch_norm_an_image_ignores_its_batch_mates():
    for variant, ignores in (("ours", True), ("BN-for-VBN", False)):
        generator = small(variant).game.generator
        z = generator.noise(6)
        with torch.no_grad():
            alone, among_others = generator(z)[:2], generator(torch.cat([z[:2], 3 * z[2:]]))[:2]
        assert torch.allclose(alone, among_others, atol=1e-6) == ignores


def test_the_reference_batch_is_chosen_once():
    made = small()
    before = made.game.generator.reference_0.clone()
    list(islice(play(made.game, made.batches), 2))
    assert torch.equal(made.game.generator.reference_0, before) and before.shape == (10, 100)


def test_historical_averaging_holds_both_players_and_is_in_the_checkpoint(tmp_path):
    outcome = reproduce(replace(QUICK, variant="HA-for-L"), how(tmp_path))
    state = checkpoint.newest(tmp_path)
    assert state["D history"]["term.count"] == 4 and state["G history"]["term.count"] == 12
    assert "classifier_score_100_HA-for-L" in outcome.numbers


def test_adam_and_labels_are_those_of_the_released_code():
    made = small(labels=27)
    for optimizer in (made.game.d_optimizer, made.game.g_optimizer):
        (group,) = optimizer.param_groups
        assert isinstance(optimizer, torch.optim.Adam)
        assert (group["lr"], group["betas"], group["eps"]) == (3e-4, (0.5, 0.999), 1e-4)
    assert made.batches.labelled_y.bincount().tolist() == [3] * 9
    assert (GPU.labels, GPU.kernels, GPU.steps, GPU.batch_size) == (4_000, 100, 1_200 * 500, 100)
    assert (GPU.discriminator_width, GPU.generator_width, GPU.samples) == (96, 128, 50_000)


def test_reproduced_at_quick_size_and_judged_in_the_right_range(tmp_path, monkeypatch):
    """The classifier is trained on the training images and asked about images in [-1, 1]."""
    judged, taught = [], []
    for name, kept in (("classifier_score", judged), ("train_classifier", taught)):
        true = getattr(ablation_cifar, name)

        def watched(*given, true=true, kept=kept, **settings):
            kept.append(given)
            return true(*given, **settings)

        monkeypatch.setattr(ablation_cifar, name, watched)
    outcome = reproduce(QUICK, how(tmp_path))
    ((images,),) = taught
    assert torch.equal(images.x, open_data("emoji").x)
    (_, samples), (_, real) = judged
    assert len(samples) == 100 and -1 <= samples.min() < 0
    assert torch.equal(real, open_data("emoji", split="test").scaled()[:410])
    numbers = outcome.numbers
    assert {"classifier_score_100_ours", "frechet_classifier_distance_100_ours", "classifier_score_410_real"} < set(
        numbers
    )
    assert all(math.isfinite(number) for number in numbers.values())
    assert 1 <= numbers["classifier_score_100_ours"] < 9 and 0.2 < numbers["classifier_test_accuracy"] < 1
    assert not any(word in name.lower() for name in numbers for word in ("inception", "fid"))
    assert "our own classifier" in outcome.note and outcome.note.endswith("; emoji in place of CIFAR-10")


def test_the_papers_numbers_have_the_names_of_ours_and_say_what_they_are():
    assert list(PAPER) == [f"classifier_score_{thousands(GPU.samples)}_{variant}" for variant in VARIANTS]
    assert all(number.startswith("Inception score ") for number in PAPER.values())


def test_what_cannot_be_is_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(ValueError, match="10 labels cannot be shared equally by 9"):
        small(labels=10)
    with pytest.raises(ValueError, match="samples is 105"):
        reproduce(replace(QUICK, samples=105), how(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert ablation_cifar.settings() == getattr(ablation_cifar, size.upper())
