"""The linear probe on a DCGAN's discriminator: which features, under which statistics, and C by validation alone."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.svm import LinearSVC
from torch import nn

from course_lib.metrics import average_batch_norm, conv_features, linear_probe
from course_lib.models.dcgan import Discriminator


@pytest.fixture
def discriminator():
    return Discriminator(size=32, channels=3, nf=4)


@pytest.fixture(scope="module")
def digits():
    """Features and labels of 8x8 digits: 200 to train on, 200 to validate, the others to test."""
    found = load_digits()
    x, y = torch.from_numpy(found.data).float() / 16, torch.from_numpy(found.target).long()
    return (x[:200], y[:200]), (x[200:400], y[200:400]), (x[400:], y[400:])


# Features -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nf, dims", [(64, 7_168), (256, 28_672)])
def test_the_papers_widths_give_the_papers_number_of_features(nf, dims):
    assert conv_features(Discriminator(nf=nf), torch.randn(1, 3, 32, 32)).shape == (1, dims)


def test_each_block_is_the_maximum_over_a_four_by_four_grid(discriminator):
    x = torch.randn(5, 3, 32, 32)
    expected, maps = [], x
    with torch.no_grad():
        for block in discriminator.eval().blocks:
            maps = block(maps)
            side = maps.shape[2] // 4
            grid = maps.numpy().reshape(5, maps.shape[1], 4, side, 4, side).max(axis=(3, 5))
            expected.append(grid.reshape(5, -1))
    np.testing.assert_allclose(conv_features(discriminator, x).numpy(), np.concatenate(expected, 1), rtol=1e-5)


def test_digits_of_28_by_28_are_read_too():
    """Maps of 14x14 and 7x7, which a 4x4 grid does not divide."""
    assert conv_features(Discriminator(28, 1, 4, start=7), torch.randn(2, 1, 28, 28)).shape == (2, (4 + 8) * 16)


def test_a_map_smaller_than_the_grid_is_not_repeated():
    assert conv_features(Discriminator(8, 1, 4, start=2), torch.randn(2, 1, 8, 8)).shape == (2, 4 * 16 + 8 * 4)


def test_an_images_features_do_not_hang_on_its_batch(discriminator):
    """Trap: read in training mode, batch norm would mix the images of a batch, and move its own statistics."""
    discriminator.train()
    x = torch.randn(6, 3, 32, 32)
    state = {name: value.clone() for name, value in discriminator.state_dict().items()}
    torch.testing.assert_close(
        conv_features(discriminator, x, batch_size=6), conv_features(discriminator, x, batch_size=1)
    )
    assert discriminator.training
    for name, value in discriminator.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_nothing_is_left_hanging_on_the_discriminator(discriminator):
    conv_features(discriminator, torch.randn(2, 3, 32, 32))
    with pytest.raises(ValueError, match="x has shape"):
        conv_features(discriminator, torch.randn(2, 1, 32, 32))
    assert not any(block._forward_hooks for block in discriminator.blocks)


def test_a_network_without_blocks_is_refused():
    with pytest.raises(ValueError, match="Linear has no `blocks`"):
        conv_features(nn.Linear(2, 2), torch.randn(2, 1, 1, 2))


def test_a_block_that_is_no_map_is_refused():
    network = nn.Flatten()
    network.blocks = nn.ModuleList([nn.Flatten()])
    network.forward = lambda x: network.blocks[0](x)
    with pytest.raises(ValueError, match=r"shape \(2, 4\); \(batch, channel, height, width\)"):
        conv_features(network, torch.randn(2, 1, 2, 2))


# Statistics -----------------------------------------------------------------------------------------------------


def test_batch_norms_statistics_become_their_average_over_batches():
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5), nn.Linear(2, 1))
    network.eval()
    network[1].train()
    for _ in range(3):  # statistics of something else, to be forgotten
        nn.BatchNorm1d.forward(network[0].train(), 50 + torch.randn(8, 2))
    network[0].eval()
    weights = [parameter.clone() for parameter in network.parameters()]
    batches = [torch.randn(8, 2) * (i + 1) + i for i in range(4)]
    average_batch_norm(network, iter(batches))
    torch.testing.assert_close(network[0].running_mean, torch.stack([b.mean(0) for b in batches]).mean(0))
    torch.testing.assert_close(network[0].running_var, torch.stack([b.var(0) for b in batches]).mean(0))
    assert network[0].momentum == 0.1
    assert [layer.training for layer in network] == [False, True, False]
    assert all(torch.equal(a, b) for a, b in zip(weights, network.parameters(), strict=True))


def test_no_batches_do_not_reset_the_statistics():
    """Trap: to average over nothing would leave the statistics at 0 and 1, without a word."""
    network = nn.Sequential(nn.BatchNorm1d(2))
    network(5 + torch.randn(8, 2))
    before = network[0].running_mean.clone()
    with pytest.raises(ValueError, match="no batches"):
        average_batch_norm(network, [])
    assert torch.equal(network[0].running_mean, before)


# The SVM ----------------------------------------------------------------------------------------------------------


def test_it_is_scikit_learns_svm_with_the_c_that_is_best_on_validation(digits):
    train, validation, test = digits
    grid = [0.1, 1e-3, 1e-2]
    svms = {C: LinearSVC(C=C, random_state=0).fit(train[0].numpy(), train[1].numpy()) for C in grid}
    best = max(grid, key=lambda C: svms[C].score(validation[0].numpy(), validation[1].numpy()))
    found = linear_probe(train, validation, test, Cs=grid)
    assert found.C == best
    assert found.accuracy == pytest.approx(svms[best].score(test[0].numpy(), test[1].numpy()), abs=0.01)
    assert found.accuracy > 0.75
    assert (found.dims, found.n_train, found.n_test, found.converged) == (64, 200, 1_397, True)


def test_the_test_set_has_no_say_in_c(digits):
    """Trap: chosen on the test set, C would follow its labels."""
    train, validation, test = digits
    shuffled = test[0], test[1][torch.randperm(len(test[1]))]
    found = linear_probe(train, validation, test), linear_probe(train, validation, shuffled)
    assert found[0].C == found[1].C and found[0].validation_accuracy == found[1].validation_accuracy
    assert found[0].accuracy > 3 * found[1].accuracy


def test_a_c_at_the_end_of_the_grid_is_said_to_be_there(digits):
    assert linear_probe(*digits, Cs=[1e-6, 1e-5, 1e-4]).C_at_edge
    assert not linear_probe(*digits, Cs=[1e-6, 0.1, 0.1 + 1e-9]).C_at_edge  # of equals the smaller


def test_of_equals_the_most_regularised_is_taken():
    two = torch.tensor([[-1.0], [1.0]]), torch.tensor([0, 1])
    assert linear_probe(two, two, two, Cs=[1.0, 0.1, 10.0]).C == 0.1


def test_an_svm_that_did_not_converge_is_reported_and_not_shouted():
    """Equal images of different classes, more features than images, and next to no regularisation."""
    hopeless = 100 * torch.randn(20, 64).repeat(2, 1), torch.randint(0, 3, (40,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not linear_probe(hopeless, hopeless, hopeless, Cs=[1e3]).converged


def test_the_names_of_a_record_carry_the_number_of_labels(digits):
    assert "linear_probe_accuracy_200" in linear_probe(*digits, Cs=[0.1]).record()


@pytest.mark.parametrize(
    "features, labels, words",
    [
        (torch.rand(3, 63), torch.zeros(3).long(), r"test has features of shape \(3, 63\).*\(n, 64\)"),
        (torch.rand(3, 64), torch.zeros(4).long(), r"test has features .* and labels of shape \(4,\)"),
        (torch.rand(0, 64), torch.zeros(0).long(), "at least 1"),
        (torch.full((3, 64), torch.nan), torch.zeros(3).long(), "features of test are not all finite"),
    ],
)
def test_features_that_do_not_fit_are_refused(digits, features, labels, words):
    with pytest.raises(ValueError, match=words):
        linear_probe(digits[0], digits[1], (features, labels))
