"""The Parzen window against SciPy and scikit-learn, its rounding, its memory, and sigma kept away from the test set."""

import math
import sys

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import gaussian_kde, sem
from sklearn.datasets import load_digits
from sklearn.neighbors import KernelDensity
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib.metrics import choose_sigma, log_likelihood, log_likelihoods, parzen
from course_lib.metrics.parzen import SIGMAS


def images(n, seed, d=20):
    return torch.rand(n, d, generator=torch.Generator().manual_seed(seed))


def direct(samples, x, sigma):
    """The formula as it is written, differences and all, by NumPy and SciPy."""
    samples, x = samples.double().numpy(), x.double().numpy()
    exponent = -0.5 * ((x[:, None] - samples[None]) ** 2).sum(2) / sigma**2
    d = x.shape[1]
    return logsumexp(exponent, axis=1) - math.log(len(samples)) - d * math.log(sigma * math.sqrt(2 * math.pi))


@pytest.mark.parametrize("sigma", [0.05, 0.2, 1.0])
def test_it_is_scikit_learns_kernel_density(sigma):
    samples, x = images(50, 1), images(30, 2)
    oracle = KernelDensity(bandwidth=sigma).fit(samples.double().numpy()).score_samples(x.double().numpy())
    np.testing.assert_allclose(log_likelihood(samples, x, sigma).numpy(), oracle, rtol=1e-10)


def test_it_is_scipys_density_on_the_line():
    samples, x = images(40, 1, d=1), images(30, 2, d=1)
    line = samples.double().flatten().numpy()
    oracle = gaussian_kde(line, bw_method=0.1 / line.std(ddof=1)).logpdf(x.double().flatten().numpy())
    np.testing.assert_allclose(log_likelihood(samples, x, 0.1).numpy(), oracle, rtol=1e-10)


def test_images_may_keep_their_shape():
    samples, x = images(5, 1, d=16), images(4, 2, d=16)
    got = log_likelihood(samples.reshape(5, 1, 4, 4), x.reshape(4, 1, 4, 4), 0.2)
    torch.testing.assert_close(got, log_likelihood(samples, x, 0.2))


def test_the_samples_twice_over_change_nothing():
    """A mean over samples: where their number is not divided out, log 2 would be added."""
    samples, x = images(50, 1), images(30, 2)
    torch.testing.assert_close(log_likelihood(samples.repeat(2, 1), x, 0.3), log_likelihood(samples, x, 0.3))


def test_the_matrix_product_does_not_cancel_at_the_narrowest_window():
    """Images, copies of them and near copies, at sigma = .01, where 1 / sigma^2 multiplies every rounding by 10,000."""
    samples = images(50, 1, d=784).round(decimals=2)
    x = torch.cat([samples[:5], (samples[5:10] + 1e-3).clamp(max=1), images(20, 2, d=784)])
    expected = direct(samples, x, 0.01)
    np.testing.assert_allclose(log_likelihood(samples, x, 0.01).numpy(), expected, rtol=1e-9, atol=1e-6)
    # The same form in float32 is off by whole nats.
    square = samples.square().sum(1) + x.square().sum(1, keepdim=True) - 2 * x @ samples.T
    single = torch.logsumexp(-square / (2 * 0.01**2), 1) - math.log(50) - 784 * math.log(0.01 * math.sqrt(2 * math.pi))
    assert np.abs(single.numpy() - expected).max() > 0.1


def test_it_stays_finite_where_the_mean_of_exponentials_is_zero():
    samples, x = images(20, 1, d=784), images(10, 2, d=784)
    got = log_likelihood(samples, x, 0.1)
    assert torch.isfinite(got).all()
    exponent = -(torch.cdist(x, samples).square() / (2 * 0.1**2)).double()
    assert exponent.exp().mean(1).log().isinf().all()


def test_several_widths_at_once_are_the_widths_one_by_one():
    samples, x = images(50, 1), images(30, 2)
    together = log_likelihoods(samples, x, [0.1, 0.5])
    torch.testing.assert_close(together, torch.stack([log_likelihood(samples, x, s) for s in (0.1, 0.5)]))


@pytest.mark.parametrize("block", [1, 70, 10_000])
def test_the_size_of_a_block_changes_nothing(monkeypatch, block):
    samples, x = images(50, 1), images(30, 2)
    whole = log_likelihood(samples, x, 0.2)
    monkeypatch.setattr(sys.modules["course_lib.metrics.parzen"], "BLOCK", block)  # the package has a function parzen
    torch.testing.assert_close(log_likelihood(samples, x, 0.2), whole)


class Largest(TorchDispatchMode):
    """Notes the bytes of the largest tensor that any operation returns."""

    bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            self.bytes = max(self.bytes, out.numel() * out.element_size())
        return out


def test_no_tensor_is_as_large_as_all_differences_or_even_all_distances():
    samples, x = images(5_000, 1, d=784), images(2_000, 2, d=784)
    with Largest() as largest:
        log_likelihood(samples, x, 0.2)
    assert largest.bytes <= 2**25
    assert 5_000 * 2_000 * 8 > 2 * 2**25


# sigma --------------------------------------------------------------------------------------------------------


def test_sigma_is_the_best_on_validation_by_scikit_learn():
    samples, validation = images(100, 1), images(50, 2)
    grid = [1.0, 0.1, 0.2, 0.5]
    oracle = max(
        grid,
        key=lambda s: KernelDensity(bandwidth=s).fit(samples.double().numpy()).score(validation.double().numpy()),
    )
    chosen = choose_sigma(samples, validation, grid)
    assert chosen.sigma == oracle == 0.2
    assert chosen.sigmas == (0.1, 0.2, 0.5, 1.0) and not chosen.at_edge
    assert max(chosen.mean_log_likelihoods) == pytest.approx(log_likelihood(samples, validation, 0.2).mean().item())


def test_the_grid_is_the_authors():
    np.testing.assert_allclose(SIGMAS, np.logspace(-1, 0, 10))


@pytest.mark.parametrize("grid, sigma", [([0.01, 0.02, 0.03], 0.03), ([5.0, 2.0, 9.0], 2.0), ([0.2], 0.2)])
def test_a_sigma_at_the_end_of_the_grid_is_said_to_be_there(grid, sigma):
    chosen = choose_sigma(images(100, 1), images(50, 2), grid)
    assert chosen.sigma == sigma and chosen.at_edge
    estimate = parzen(images(100, 1), images(50, 2), images(50, 3), grid)
    assert estimate.sigma_at_edge and "widen" in str(estimate)


def test_the_test_set_has_no_say_in_sigma():
    """Trap: chosen on the test set, sigma would follow it."""
    samples, validation = images(100, 1), images(50, 2)
    easy = (samples[:50] + 0.001).clamp(max=1)
    found = [parzen(samples, validation, test) for test in (images(50, 3), easy)]
    assert found[0].sigma == found[1].sigma == choose_sigma(samples, validation).sigma
    assert choose_sigma(samples, easy).sigma != found[1].sigma
    assert choose_sigma(samples, easy).mean_log_likelihoods[0] > found[1].mean  # and the number would be better


# The estimate ---------------------------------------------------------------------------------------------------


def test_the_estimate_is_mean_and_standard_error_over_test_examples():
    samples, validation, test = images(100, 1), images(50, 2), images(40, 3)
    found = parzen(samples, validation, test)
    each = KernelDensity(bandwidth=found.sigma).fit(samples.double().numpy()).score_samples(test.double().numpy())
    assert found.mean == pytest.approx(each.mean())
    assert found.standard_error == pytest.approx(sem(each, ddof=0))
    assert (found.n_samples, found.n_validation, found.n_test) == (100, 50, 40)


def test_the_names_of_a_record_carry_the_number_of_samples():
    record = parzen(images(1_000, 1), images(50, 2), images(40, 3)).record()
    assert set(record) == {"parzen_ll_1k", "parzen_ll_1k_se", "parzen_ll_1k_sigma"}
    assert "parzen_ll_150" in parzen(images(150, 1), images(50, 2), images(40, 3)).record()


def test_real_digits_are_likelier_than_noise_and_a_mean_digit():
    x = torch.from_numpy(load_digits().images).float() / 16
    digits, validation, test = x[:500], x[500:700], x[700:900]
    found = {
        name: parzen(samples, validation, test).mean
        for name, samples in {
            "digits": digits,
            "noise": torch.rand(500, 8, 8),
            "mean": digits.mean(0, keepdim=True).repeat(500, 1, 1),
        }.items()
    }
    assert found["digits"] > found["mean"] > found["noise"]


# Bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.0, -0.1, math.nan, math.inf])
def test_a_width_that_is_none_is_refused(sigma):
    with pytest.raises(ValueError, match=f"above 0; got {sigma}"):
        log_likelihood(images(5, 1), images(5, 2), sigma)


@pytest.mark.parametrize(
    "samples, x, words",
    [
        (torch.rand(0, 4), torch.rand(2, 4), r"samples has shape \(0, 4\)"),
        (torch.rand(2, 4), torch.rand(0, 4), r"x has shape \(0, 4\)"),
        (torch.rand(3, 4), torch.rand(3, 5), "4 numbers and an example 5"),
    ],
)
def test_what_cannot_be_compared_is_refused(samples, x, words):
    with pytest.raises(ValueError, match=words):
        log_likelihood(samples, x, 0.1)


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="got none"):
        choose_sigma(images(5, 1), images(5, 2), [])


@pytest.mark.parametrize("scale", [lambda x: 2 * x - 1, lambda x: 255 * x, lambda x: x / 0])
def test_other_ranges_than_the_papers_are_refused(scale):
    """In [-1, 1] the same digits would score hundreds of nats lower, and nobody could compare them."""
    good = images(5, 1), images(5, 2), images(5, 3)
    for place, name in enumerate(("samples", "validation", "test")):
        bad = [scale(x) if i == place else x for i, x in enumerate(good)]
        with pytest.raises(ValueError, match=rf"{name} runs from .*in \[0, 1\]"):
            parzen(*bad)


def test_validation_that_is_the_test_set_is_refused():
    with pytest.raises(ValueError, match="chosen on the test set"):
        parzen(images(5, 1), images(5, 2), images(5, 2))
