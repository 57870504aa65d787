"""Semantic hashing: near duplicates share a hash, other images do not, and the bits are the units that are on."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from course_lib.models.autoencoder import Autoencoder, duplicates, train_autoencoder


@pytest.fixture(scope="module")
def digits():
    """Scikit-learn's 8x8 digits in [-1, 1]."""
    return torch.from_numpy(load_digits().images).float()[:, None] / 8 - 1


@pytest.fixture(scope="module")
def trained(digits):
    return train_autoencoder(digits[:1_400], epochs=15, noise=0.5)


def test_the_papers_network_is_3072_128_3072():
    autoencoder = Autoencoder().eval()
    x = torch.randn(2, 3, 32, 32)
    assert autoencoder(x).shape == (2, 3, 32, 32)
    assert autoencoder.code(x).shape == (2, 128)
    assert autoencoder.hash(x).shape == (2, 16)
    assert sum(parameter.numel() for parameter in autoencoder.parameters()) == 2 * 3072 * 128 + 128 + 3072


def test_the_bits_of_a_hash_are_the_units_that_are_on():
    """Trap: `code >= 0` would make every bit 1, since a ReLU is never below 0."""
    autoencoder = Autoencoder((1, 4, 4), 24)
    x = torch.randn(50, 1, 4, 4)
    before_relu = autoencoder.encoder[1](x.flatten(1))
    bits = np.unpackbits(autoencoder.hash(x).numpy(), axis=1)
    np.testing.assert_array_equal(bits, (before_relu > 0).numpy())
    assert 0.2 < bits.mean() < 0.8


def test_noise_and_dropout_are_there_in_training_only():
    autoencoder = Autoencoder((1, 4, 4), 24)
    x = torch.randn(5, 1, 4, 4)
    assert not torch.equal(autoencoder(x), autoencoder(x))
    assert torch.equal(autoencoder.hash(x), autoencoder.hash(x))  # of the clean images even then
    autoencoder.eval()
    assert torch.equal(autoencoder(x), autoencoder(x))


def test_trained_it_gives_an_image_back(trained, digits):
    held_out = digits[1_400:]
    with torch.no_grad():
        error = (trained(held_out) - held_out).square().mean()
    assert error < 0.4 * (held_out - digits[:1_400].mean(0)).square().mean()


def test_near_duplicates_are_found_and_others_are_not(trained, digits):
    """200 new digits and a copy of each, a shade brighter and slightly noisy: half of the pairs found, no false one."""
    originals = digits[1_400:1_600]
    copies = 0.99 * originals + 0.01 + 0.005 * torch.randn(originals.shape)
    groups = duplicates(trained.hash(torch.cat([originals, copies])))
    right = [group for group in groups if len(group) == 2 and group[1] - group[0] == 200]
    assert len(right) > 80
    assert len(groups) - len(right) <= 1


def test_denoising_is_what_brings_noisy_copies_together(digits):
    """Trained without noise, fewer of the noisy copies fall on their original's hash."""
    originals = digits[1_400:1_700]
    copies = originals + 0.1 * torch.randn(originals.shape)
    found = [
        len(duplicates(autoencoder.hash(torch.cat([originals, copies]))))
        for autoencoder in (
            train_autoencoder(digits[:1_400], epochs=10, code_dim=64, noise=noise) for noise in (0.0, 2.0)
        )
    ]
    assert found[1] > 1.3 * found[0]


def test_the_seed_gives_the_weights_and_the_global_one_is_left_alone(digits):
    found = []
    for global_seed, seed in ((1, 0), (2, 0), (2, 1)):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        found.append(train_autoencoder(digits[:200], epochs=1, code_dim=8, seed=seed).decoder.weight)
        assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[1], found[2])


def test_groups_are_of_two_or_more_in_the_order_they_come():
    hashes = torch.tensor([[1, 2], [3, 4], [1, 2], [5, 6], [3, 4], [1, 2], [2, 1]], dtype=torch.uint8)
    assert duplicates(hashes) == [[0, 2, 5], [1, 4]]
    assert duplicates(hashes[:2]) == []


def test_a_wrong_shape_is_refused_in_words():
    with pytest.raises(ValueError, match=r"x has shape \(2, 1, 28, 28\); this network wants \(batch, 3, 32, 32\)"):
        Autoencoder().code(torch.zeros(2, 1, 28, 28))


def test_images_of_another_range_and_no_epoch_are_refused(digits):
    with pytest.raises(ValueError, match=r"from -255 to 255, for 20 epochs; floats in \[-1, 1\]"):
        train_autoencoder(255 * digits)
    with pytest.raises(ValueError, match="for 0 epochs"):
        train_autoencoder(digits, epochs=0)
