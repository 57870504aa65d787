# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 01 · Generative models: exercises
#
# | Task | What you do | Difficulty | Minutes |
# |---|---|---|---|
# | 1 | The slopes of a Gaussian's likelihood, by hand | ●○○ | 15 |
# | 2 | Repair the log-likelihood of a mixture | ●●○ | 15 |
# | 3 | The slopes of a mixture's weights, through responsibilities | ●●○ | 15 |
# | 4 | Which divergence for which job | ●●○ | 15 |
# | 5 | The density of a map that folds | ●●● | 20 |
#
# Tasks 1 to 3 need part one of the lesson, tasks 4 and 5 part two.
#
# Replace each line `raise NotImplementedError` by your own, then run the cell with the check below it. A check takes
# your function itself, tries it on cases of its own, and says what is right or what the mistake looks like.

# %%
import math

import torch
from scipy import stats
from scipy.integrate import quad
from torch.nn.functional import softplus

import course_lib
from course_lib import checks, theory
from course_lib.data import Mixture, gaussian

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · The slopes of a Gaussian's likelihood, by hand ●○○ (15 minutes)
#
# A width must stay positive, so we climb in its logarithm, $s = \log\sigma$. The objective is the **mean** over the
# dots of
#
# $$\log p_\text{model}(x \mid \mu, s) = -s - \tfrac12 (x - \mu)^2 e^{-2s} - \tfrac12 \log 2\pi .$$
#
# Derive its slopes in $\mu$ and in $s$ with pencil and paper, and write them down, without autograd. The check
# compares with autograd.
#
# <details><summary>Hint</summary>
#
# For $s$, two of the three terms count. The derivative of $e^{-2s}$ is $-2e^{-2s}$.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Test yourself at the peak: with $\mu$ the mean of the dots and $e^{2s}$ their mean squared distance from it, both
# slopes must be 0.
#
# </details>


# %%
def slopes(x: torch.Tensor, mean: float, log_std: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The slopes of the mean log-likelihood in the mean and in the logarithm of the width. x: (dot,)."""
    ### BEGIN SOLUTION
    squares = (x - mean) ** 2 * math.exp(-2 * log_std)
    return (x - mean).mean() * math.exp(-2 * log_std), squares.mean() - 1
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.log_likelihood_slopes(slopes)

# %% [markdown] tags=["solution"]
# **Why.** $\frac{\partial}{\partial \mu} = (x - \mu)e^{-2s}$ and $\frac{\partial}{\partial s} = -1 + (x - \mu)^2 e^{-2s}$, and the mean of
# a slope is the slope of the mean. Setting the second to zero gives $\sigma^2 = e^{2s} = \frac1n\sum_i (x_i - \mu)^2$: dots that lie
# on average further than one width away widen the model, dots that lie nearer narrow it. In $\sigma$ itself the slope
# would be the same divided by $\sigma$.

# %% tags=["solution", "nbval-check-output"]
dots = torch.tensor([-1.2, -0.3, 0.1, 0.5, 1.4], dtype=torch.float64)
mean, log_std = 2.0, 0.5
for _ in range(200):
    up_mean, up_log_std = slopes(dots, mean, log_std)
    mean, log_std = mean + 0.2 * up_mean.item(), log_std + 0.2 * up_log_std.item()
print(f"climbed by hand: {mean:.3f}, {math.exp(log_std):.3f}; SciPy:", *(f"{v:.3f}" for v in stats.norm.fit(dots)))

# %% [markdown]
# ## Task 2 · Repair the log-likelihood of a mixture ●●○ (15 minutes)
#
# The parameters may be any real numbers: $w = \mathrm{softmax}(a)$ and $\sigma = \mathrm{softplus}(b)$, as in the
# lesson. This code has **three** faults. None raises an error, and on some data the result even looks plausible. It
# should return the mean over the samples of $\log \sum_k w_k\,\mathcal{N}(x; \mu_k, \sigma_k^2)$.
#
# Find all three, and make it right also for samples that lie far from every part, for parameters as large as 800, and
# for any number of parts and samples.


# %%
def faulty(x, a, mu, b):
    w = a.exp()
    sigma = softplus(b)
    squares = (x[:, None] - mu) ** 2 / sigma**2
    parts = w * torch.exp(-squares / 2) / math.sqrt(2 * math.pi)
    return parts.sum(1).log().mean()


# %% [markdown]
# <details><summary>Hint</summary>
#
# Two of the faults change the area under the curve. For each line ask: does the density still integrate to 1 if I add 1 to
# every $a_k$? If I double every width?
#
# </details>
#
# <details><summary>Further hint</summary>
#
# The third is $e^{-800}$, whose logarithm is $-800$ on paper. Add up logarithms within a part, and join the parts with
# `torch.logsumexp`.
#
# </details>


# %%
def mean_log_likelihood(x: torch.Tensor, a: torch.Tensor, mu: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The mean log-likelihood of samples x, (sample,), under the mixture with parameters a, mu, b, (part,) each."""
    ### BEGIN SOLUTION
    sigma = softplus(b)
    log_normal = -sigma.log() - 0.5 * ((x[:, None] - mu) / sigma) ** 2 - 0.5 * math.log(2 * math.pi)
    return (a.log_softmax(0) + log_normal).logsumexp(1).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.repaired_log_likelihood(mean_log_likelihood)

# %% [markdown] tags=["solution"]
# **The faults.** $e^{a_k}$ is not divided by the sum, so the weights do not sum to 1. The factor $1/\sigma_k$ is
# missing, so a wide part has too much area: climbing would widen the parts for ever. And far from all parts the sum of
# exponentials is 0, whose logarithm is minus infinity. The first two let "likelihood" grow without any better fit:

# %% tags=["solution", "nbval-check-output"]
a, mu, b = torch.tensor([0.0, 1.0]), torch.tensor([-1.0, 2.0]), torch.tensor([0.5, 1.0])
for name, function in (("faulty", faulty), ("repaired", mean_log_likelihood)):
    area = quad(lambda x, f=function: f(torch.tensor([x], dtype=torch.float64), a, mu, b).exp().item(), -12, 14)[0]
    far = function(torch.tensor([200.0]), a, mu, b)
    print(f"{name:8}: area under the density {area:.2f}, log-likelihood of x = 200: {far:.0f}")

# %% [markdown]
# ## Task 3 · The slopes of a mixture's weights, through responsibilities ●●○ (15 minutes)
#
# The **responsibility** of part $k$ for $x$ is its share of the height there,
#
# $$r_k(x) = \frac{w_k\, \mathcal{N}(x; \mu_k, \sigma_k^2)}{\sum_j w_j\, \mathcal{N}(x; \mu_j, \sigma_j^2)}, \qquad w = \mathrm{softmax}(a).$$
#
# Derive the slope of the mean log-likelihood in each $a_k$, and write it down without autograd. It is surprisingly
# short. The check compares with autograd, also where a sample lies far from all parts and where an $a_k$ is as large as
# 800.
#
# <details><summary>Hint</summary>
#
# In logarithms, $\log p(x) = \log \sum_k e^{a_k + c_k(x)} - \log \sum_k e^{a_k}$, where
# $c_k(x) = \log\mathcal{N}(x; \mu_k, \sigma_k^2)$ has no $a$ in it.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# The derivative of $\log\sum_k e^{u_k}$ in $u_k$ is $\mathrm{softmax}(u)_k$. The formula has it twice. And what is the softmax of
# $a_k + c_k(x)$?
#
# </details>


# %%
def weight_slopes(x: torch.Tensor, a: torch.Tensor, mu: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """The slope of the mean log-likelihood in each a_k, (part,). x: (sample,); a, mu, sigma: (part,)."""
    ### BEGIN SOLUTION
    log_normal = -sigma.log() - 0.5 * ((x[:, None] - mu) / sigma) ** 2
    responsibility = (a + log_normal).softmax(1)
    return responsibility.mean(0) - a.softmax(0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.weight_slopes(weight_slopes)

# %% [markdown] tags=["solution"]
# **Why.** $\frac{\partial}{\partial a_k} \log p(x) = r_k(x) - w_k$. A part that answers for more of the data than its weight says gains
# weight, one that answers for less loses. At the peak, **each weight is the mean responsibility of its part**. That is
# no solution, since the responsibilities contain the weights. But it can be repeated: compute responsibilities, set the
# weights to their means, and again. With the like for $\mu$ and $\sigma$, this is the EM algorithm, which scikit-learn's
# `GaussianMixture` runs:

# %% tags=["solution", "nbval-check-output"]
x = Mixture((-2, 2), (1, 1), (0.7, 0.3)).sample(100_000, torch.Generator().manual_seed(0)).double()
a, mu, sigma = torch.zeros(2, dtype=torch.float64), torch.tensor([-2.0, 2.0]), torch.ones(2)
for _ in range(30):
    a = (a.softmax(0) + weight_slopes(x, a, mu, sigma)).log()  # weights + (mean responsibilities - weights)
print(
    f"weights {[f'{w:.2f}' for w in a.softmax(0).tolist()]}, largest slope {weight_slopes(x, a, mu, sigma).abs().max():.5f}"
)

# %% [markdown]
# ## Task 4 · Which divergence for which job ●●○ (15 minutes)
#
# None of several models fits the data, and one must be chosen. Two customers ask:
#
# - `"alarm"`: an alarm goes off where the model gives a low density. A false alarm, on a real $x$ that the model has
#   hardly any density for, is very dear. That the model also allows for what never happens matters little.
# - `"press"`: the model's samples are sold as real. A sample where real data hardly ever fall is very dear. That some
#   kinds are never made matters little.
#
# For each job decide for one direction of KL, and return the index of the model for which that divergence is the least.
# Compute it from the values on the grid, without `theory`. Some densities are exactly 0 in places: where the
# density that is averaged over is 0 the integrand is 0; where only the other one is 0, the divergence is infinite.
#
# <details><summary>Hint</summary>
#
# For each job ask over whose samples the average must go, so that the dear case is in it.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# `torch.xlogy(p, p) - torch.xlogy(p, q)` is $p \log (p/q)$, 0 where $p = 0$, and infinite where only $q = 0$.
#
# </details>


# %%
def choose(job: str, p_data: torch.Tensor, models: torch.Tensor, x: torch.Tensor) -> int:
    """The index of the best model for the job, "alarm" or "press".

    p_data: (point,) density at x. models: (model, point) densities at x. x: (point,) an even grid.
    """
    ### BEGIN SOLUTION
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    divergence = torch.trapezoid(torch.xlogy(p, p) - torch.xlogy(p, q), x)
    return divergence.argmin().item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.model_for_the_job(choose)

# %% [markdown] tags=["solution"]
# **Why.** A false alarm is an event under $p_\text{data}$: average over the data, so **forwards**. A bad print is an event
# under $p_\text{model}$: average over the model's samples, so **backwards**. With two bumps as data:

# %% tags=["solution", "nbval-check-output"]
x = torch.linspace(-12, 12, 2_401, dtype=torch.float64)
p_data = Mixture((-2, 2), (0.5, 0.5))
offered = {"wide": gaussian(0, 2.1), "left bump": gaussian(-2, 0.5), "middle": gaussian(0, 0.5)}
densities = torch.stack([q.pdf(x) for q in offered.values()])
for job in ("alarm", "press"):
    print(f"{job}: {list(offered)[choose(job, p_data.pdf(x), densities, x)]}")
for name, q in offered.items():
    print(f"{name:9} forwards {theory.kl(p_data, q):6.2f}, backwards {theory.kl(q, p_data):6.2f}")

# %% [markdown]
# ## Task 5 · The density of a map that folds ●●● (20 minutes)
#
# Noise $z \sim \mathcal{N}(0, 1)$ is pushed through a map $G$. Several $z$ may lead to the same $x$. You are given
# functions, the **branches** $h_1, h_2, \ldots$ of the inverse: for every $x$ that is asked for, the $z$ with $G(z) = x$ are
# exactly $h_1(x), h_2(x), \ldots$. For $G(z) = z^2$ they are $\sqrt{x}$ and $-\sqrt{x}$.
#
# You are *not* given $G$. Express the density $p_x(x)$ by the branches and their derivatives, then write it for any
# number of branches, with autograd for the derivatives.
#
# <details><summary>Hint</summary>
#
# If $z = h(x)$ undoes $x = G(z)$, then $h'(x) = 1/G'(z)$. So the division by $|G'(z)|$ becomes a multiplication.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Work on `x = x.detach().clone().requires_grad_()`. Each $h(x_i)$ depends on its own $x_i$ alone, so
# `torch.autograd.grad(h(x).sum(), x)[0]` holds all the derivatives. One branch may rise, another fall.
#
# </details>


# %%
def density_of_output(x: torch.Tensor, branches: list) -> torch.Tensor:
    """p_x at each x, (point,). branches: functions from (point,) to (point,), differentiable by autograd."""
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    density = torch.zeros_like(x)
    for branch in branches:
        z = branch(x)
        slope = torch.autograd.grad(z.sum(), x)[0]
        density = density + gaussian().pdf(z) * slope.abs()
    return density.detach()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.pushed_density(density_of_output)

# %% [markdown] tags=["solution"]
# **Why.** A stretch $dx$ at $x$ is reached from one strip on each branch, of width $|h_k'(x)|\,dx$ and probability
# $p_z(h_k(x))\,|h_k'(x)|\,dx$. They are different strips, so their probabilities add up:
#
# $$p_x(x) = \sum_k p_z(h_k(x))\, |h_k'(x)| .$$
#
# Without the absolute value the two branches of $z^2$ would cancel to 0. Here is $G(z) = \cos 3z$, which folds without
# end. Each further turn adds two branches below and two above, and what was forgotten is missing from the area:


# %% tags=["solution", "nbval-check-output"]
def branches_of_cosine(turns):
    """The z with cos 3z = x, up to so many turns away from 0."""
    pairs = [(sign, k) for sign in (-1, 1) for k in range(-turns, turns + 1)]
    return [lambda x, sign=sign, k=k: (sign * x.acos() + 2 * math.pi * k) / 3 for sign, k in pairs]


angle = torch.linspace(1e-4, math.pi - 1e-4, 10_001, dtype=torch.float64)  # x = cos(angle), so dx = sin(angle) d(angle)
for turns in (0, 1, 2):
    density = density_of_output(angle.cos(), branches_of_cosine(turns))
    area = torch.trapezoid(density * angle.sin(), angle)
    print(f"{2 * (2 * turns + 1):2} branches: area {area:.3f}")
