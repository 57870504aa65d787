# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 05 · Parzen windows
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | log-mean-exp without underflow | ●○○ | 10 |
# | 2 | all distances without three gigabytes | ●●○ | 15 |
# | 3 | $\sigma$ without a look at the test data | ●●○ | 15 |
# | 4 | what the $\pm$ is, and what it is not | ●○○ | 10 |
# | 5 | the shortfall of a single sample (mathematics) | ●●● | 20 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import math

import numpy as np
import torch
from scipy import stats

import course_lib
from course_lib import checks
from course_lib.metrics import log_likelihood, log_likelihoods

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · Log-mean-exp &nbsp; ●○○ &nbsp; 10 minutes
#
# Row $j$ of a table holds the exponents $a_{ji} = -\lVert x_j - \mu_i\rVert^2 / (2\sigma^2)$ of test digit $j$.
# Wanted is $\log \frac1N \sum_i e^{a_{ji}}$ for each row. As it is written it fails:

# %% tags=["nbval-check-output"]
exponents = torch.tensor([[-1.0, -2.0], [-800.0, -801.0], [-9_000.0, -9_700.0]], dtype=torch.float64)
print(f"as it is written: {[round(value, 2) for value in exponents.exp().mean(1).log().tolist()]}")

# %% [markdown]
# Write it so that every row has its finite answer. For practice, without `logsumexp`.
#
# <details><summary>Hint</summary>
# Take the largest exponent out of the sum, as in section 4 of the lesson. Which sum, and so which largest?
# </details>
# <details><summary>Further hint</summary>
# <code>a.amax(dim=1, keepdim=True)</code> is the largest of each row, in a shape that can be subtracted from a.
# </details>


# %%
def log_mean_of_exponentials(a):
    """log of the mean of exp(a) over each row.

    a: (row, column) exponents of any size, float64. Returns (row,).
    """
    ### BEGIN SOLUTION
    largest = a.amax(dim=1, keepdim=True)
    return largest[:, 0] + (a - largest).exp().mean(1).log()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.stable_log_mean_exp(log_mean_of_exponentials)

# %% [markdown] tags=["solution"]
# **Why.** After the subtraction the largest exponent of each row is 0, so its mean lies between $1/N$ and 1, and the
# logarithm of that is harmless. With one largest exponent for the whole table, a row that lies 800 below it would
# underflow as before: each test digit needs its own.
#
# `mean` has divided by $N$ already. Whoever uses `torch.logsumexp` must subtract $\log N$; with 10,000 samples,
# forgetting it gives away 9.2 nats, four times the $\pm$ of the table.

# %% tags=["solution", "nbval-check-output"]
print([round(value, 2) for value in log_mean_of_exponentials(exponents).tolist()])

# %% [markdown]
# ## Task 2 · All distances &nbsp; ●●○ &nbsp; 15 minutes
#
# Given $n$ images and $m$ samples, all as rows of $d$ numbers in float32, compute the $n \times m$ squared distances
# in float64. The line `((x[:, None] - mu[None]) ** 2).sum(2)` holds $n \cdot m \cdot d$ differences at once. The
# check watches the memory and allows less than that. It also looks at images that *are* samples: their distance is 0,
# and rounding must not bring it below.
#
# <details><summary>Hint</summary>
# Multiply out the square of x - mu. One of the three parts is a product of two matrices; the other two are one number
# for each row of x, and one for each row of mu.
# </details>
# <details><summary>Further hint</summary>
# A column of shape (n, 1) and a row of shape (m,) add up to a table of shape (n, m). <code>clamp(min=0)</code> raises
# what is below 0.
# </details>


# %%
def all_squared_distances(x, mu):
    """Squared distances of every x to every mu.

    x: (n, d) float32. mu: (m, d) float32. Returns (n, m), float64, at least 0.
    """
    ### BEGIN SOLUTION
    x, mu = x.double(), mu.double()
    squares = x.square().sum(1)[:, None] - 2 * x @ mu.T + mu.square().sum(1)
    return squares.clamp(min=0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.lean_squared_distances(all_squared_distances)

# %% [markdown] tags=["solution"]
# **Why float64.** Each of the three parts may be some hundreds, and float32 keeps seven digits: the difference is off
# by about $10^{-4}$, however small it is. The exponent divides by $2\sigma^2$, which at $\sigma = 0.01$ turns
# $10^{-4}$ into half a nat. In float64 the same happens in the fifteenth digit.
#
# A loop over the samples also stays small, and is right. It is slower by a factor of ten or more.

# %% [markdown]
# ## Task 3 · The test data have no say &nbsp; ●●○ &nbsp; 15 minutes
#
# A colleague sends this report. Her number is always a little better than yours.


# %%
def hers(samples, validation, test, sigmas):
    on_test = [log_likelihood(samples, test, sigma).mean().item() for sigma in sigmas]
    best = int(np.argmax(on_test))
    return sigmas[best], on_test[best]


# %% [markdown]
# Write an honest report of the same form: the width, and the mean log-likelihood of the test data. The check will
# hand in test data that make a glance at them visible.
#
# You may use `log_likelihood(samples, x, sigma)`, which gives a number for each x, or `log_likelihoods(samples, x,
# sigmas)`, a row for each sigma. As in her report, the width is the one with the highest mean log-likelihood; of which
# data is for you to say. The widths come in no particular order.
#
# <details><summary>Hint</summary>
# Two of the four arguments decide on sigma together with the widths. Which one must stay out until the end?
# </details>
# <details><summary>Further hint</summary>
# The samples stay out of it, too, in the place of data: each sample sits on the tip of its own bump.
# </details>


# %%
def report(samples, validation, test, sigmas):
    """(sigma, mean log-likelihood of the test data in nats).

    samples, validation, test: (n, d) each. sigmas: widths to choose from, above 0.
    """
    ### BEGIN SOLUTION
    best = log_likelihoods(samples, validation, sigmas).mean(1).argmax()
    sigma = sigmas[best]
    return sigma, log_likelihood(samples, test, sigma).mean().item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.sigma_by_validation(report)

# %% [markdown] tags=["solution"]
# **How the check saw her.** It changes the test data and nothing else. An honest $\sigma$ cannot notice. This is a test
# that you can make of any pipeline: replace the test data by others, and all that was chosen must stay the same.
#
# How much did she gain? On 200 small test sets, five examples each:

# %% tags=["solution", "nbval-check-output"]
draw, gains = torch.Generator().manual_seed(0), []
for _ in range(200):
    pieces = [torch.randn(n, 20, generator=draw) for n in (50, 5, 5)]
    widths = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]
    gains.append(hers(*pieces, widths)[1] - report(*pieces, widths)[1])
print(f"her number is higher by {np.mean(gains):.2f} nats on average, at least {min(gains):.2f}")

# %% [markdown]
# ## Task 4 · What the $\pm$ is &nbsp; ●○○ &nbsp; 10 minutes
#
# The same GAN was trained with several seeds. `each[s, j]` is the log-likelihood of test digit $j$ under the
# generator of seed $s$. Give the $\pm$ that the papers' tables would show beside the mean of each seed.
#
# <details><summary>Hint</summary>
# In the papers there is one training and one row. Over what can the ± then be?
# </details>
# <details><summary>Further hint</summary>
# The mean of n independent numbers varies less than a single one, by a factor of the root of n.
# </details>


# %%
def error_of_each_mean(each):
    """The standard error of each seed's mean over test examples.

    each: (seed, test example) in nats. Returns (seed,). Whether the standard deviation divides by n or by n - 1 is
    left to you.
    """
    ### BEGIN SOLUTION
    return each.std(1, correction=0) / math.sqrt(each.shape[1])
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.table_error(error_of_each_mean)

# %% [markdown]
# Now look at five trainings whose means differ by more than chance over test digits. A paper that shows one of them
# shows the first column. **Before you run the next cell:** what would the table not tell you?

# %% tags=["nbval-check-output"]
draw = torch.Generator().manual_seed(3)
levels = 220 + 12 * torch.randn(5, 1, generator=draw, dtype=torch.float64)
easy = 150 * torch.randn(1, 10_000, generator=draw, dtype=torch.float64)  # how easy a digit is, for all five the same
each = levels + easy + 40 * torch.randn(5, 10_000, generator=draw, dtype=torch.float64)
for mean, error in zip(each.mean(1), error_of_each_mean(each), strict=True):
    print(f"{mean:.0f} ± {error:.1f}")
print(f"spread of the five means: {each.mean(1).std():.0f}")

# %% [markdown] tags=["solution"]
# **What it does not tell.** Each row says $\pm 1.5$, and the rows differ by several times that. The $\pm$ is about
# test digits: with others, the mean would move by so much. The spread of the means is about trainings: with another
# seed, it would move by so much. Whoever claims that *method* A beats *method* B needs the second. Whoever compares
# two models on the *same* test digits can do better than either $\pm$: the standard error of the mean *difference*,
# digit by digit, in which the spread of the digits cancels.
#
# SciPy has the standard error as `stats.sem`:

# %% tags=["solution", "nbval-check-output"]
assert np.allclose(error_of_each_mean(each), stats.sem(each.numpy(), axis=1, ddof=0))
differences = each[0] - each[1]
print(f"seed 0 less seed 1: {differences.mean():.1f} ± {stats.sem(differences.numpy()):.1f}")

# %% [markdown]
# ## Task 5 · One sample &nbsp; ●●● &nbsp; 20 minutes
#
# Data are a standard Gaussian in $d$ dimensions, whose mean log-likelihood is $-\frac d2 \log(2\pi e)$. A generator
# gives a **single** sample $\mu$, each of its $d$ numbers from $\mathcal{N}(0, s^2)$ with a spread $s$. With $s = 1$
# the generator is perfect; with $s = 0$ it has collapsed to the mean.
#
# 1. Write down the mean of $\log \hat p(x)$ over $x$ and $\mu$, as a function of $\sigma$. There is one bump, so no
#    logarithm of a sum.
# 2. Find the $\sigma$ at which it is largest.
# 3. Put that in, and subtract the result from the truth: the **shortfall**.
#
# Decide before you compute: which $s$ has the smallest shortfall?
#
# <details><summary>Hint</summary>
# Of each of the d differences x - mu you need the mean of the square. x and mu are independent with mean 0, so
# variances add.
# </details>
# <details><summary>Further hint</summary>
# The mean is -d v / (2 sigma^2) - d log sigma - (d/2) log(2 pi), with v the variance of a difference. Set its
# derivative in sigma to zero.
# </details>


# %%
def one_sample_falls_short(d, spread):
    """(best sigma, shortfall in nats) with one sample of a generator of that spread.

    d: dimensions, at least 1. spread: s, at least 0.
    """
    ### BEGIN SOLUTION
    variance = 1 + spread**2
    return math.sqrt(variance), d / 2 * math.log(variance)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.one_sample(one_sample_falls_short)

# %% [markdown] tags=["solution"]
# **The derivation.** The variance of a difference is $v = 1 + s^2$, so
#
# $$\mathbb{E}[\log \hat p] = -\frac{d\,v}{2\sigma^2} - d \log \sigma - \frac d2 \log(2\pi).$$
#
# Its derivative in $\sigma$ is $d\,v/\sigma^3 - d/\sigma$, which is 0 at $\sigma^2 = v$, positive before and negative
# after: a peak. There the estimate is $-\frac d2 - \frac d2 \log v - \frac d2 \log(2\pi)$, and the truth less the
# estimate is
#
# $$\frac d2 \log v = \frac d2 \log(1 + s^2).$$
#
# It is smallest at $s = 0$, where it vanishes. The perfect generator, $s = 1$, pays $\frac d2 \log 2$: 272 nats at $d
# = 784$. The window adds $\sigma^2$ to a sample's variance whatever it is, so the sample that does best is the one
# with no variance of its own.
#
# The library agrees, on the average over many single samples:

# %% tags=["solution", "nbval-check-output"]
x, draw = torch.randn(1_000, 8, generator=torch.Generator().manual_seed(1)), torch.Generator().manual_seed(2)
truth = stats.norm.logpdf(x.double().numpy()).sum(1).mean()
for spread in (0.0, 0.5, 1.0):
    sigma, short = one_sample_falls_short(8, spread)
    singles = spread * torch.randn(400, 1, 8, generator=draw)
    found = truth - np.mean([log_likelihood(mu, x, sigma).mean().item() for mu in singles])
    assert abs(found - short) < 0.25  # four standard errors of so few
    print(f"spread {spread}: derived {short:.2f}, by the library {abs(found):.2f}")
