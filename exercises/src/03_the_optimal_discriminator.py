# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 03 · The optimal discriminator
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | repair 0/0 | ●○○ | 10 |
# | 2 | $C(G)$ on a grid | ●●○ | 15 |
# | 3 | unequal shares and smoothed labels (mathematics) | ●●○ | 15 |
# | 4 | a discriminator as a pair of scales | ●●○ | 15 |
# | 5 | a discriminator that is not free (mathematics and code) | ●●● | 20 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import math

import numpy as np
import torch
from scipy.optimize import minimize
from torch.nn.functional import logsigmoid

import course_lib
from course_lib import checks, theory
from course_lib.data import Uniform, gaussian

course_lib.seed(0)
x = torch.linspace(-12, 12, 2_401, dtype=torch.float64)

# %% [markdown]
# ## Task 1 · Repair 0/0 &nbsp; ●○○ &nbsp; 10 minutes
#
# The line from the paper, `p_data / (p_data + p_g)`, gives NaN between these two boxes, and one NaN spoils every sum:

# %% tags=["nbval-check-output"]
p, q = Uniform(0, 1).pdf(x), Uniform(2, 3).pdf(x)
print(f"mean answer of D: {(p / (p + q)).mean():.2f}")

# %% [markdown]
# Write $D^*$ so that it is exact wherever anything falls, however rarely, and some number in $[0, 1]$ where nothing
# does.
#
# <details><summary>Hint</summary>
# Adding a small number to the denominator makes the NaN go away. But densities in the tails are smaller than any
# small number you would choose.
# </details>
# <details><summary>Further hint</summary>
# <code>torch.where(condition, a, b)</code> takes from a where the condition holds and from b elsewhere. A division by
# zero inside a is harmless here, since it is not taken.
# </details>


# %%
def best_discriminator(p_data, p_g):
    """D* at each point.

    p_data, p_g: (point,) densities at the same points, at least 0. Returns (point,) values in [0, 1].
    """
    ### BEGIN SOLUTION
    both = p_data + p_g
    return torch.where(both > 0, p_data / both, 0.5)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.optimal_discriminator(best_discriminator)

# %% [markdown] tags=["solution"]
# **Why.** $D^*$ is a share, and a share does not change when both densities are made a million times smaller. A
# small number $\epsilon$ in the denominator breaks this: where the densities are far below $\epsilon$ the answer is
# near 0, as if all were fake. Choosing a value exactly where the sum is 0 changes nothing that any game could
# notice.
#
# One warning for later: if you ever differentiate through this, `torch.where` sends a gradient of 0 times infinity, a
# NaN, back through the branch not taken. `theory.optimal_discriminator` therefore replaces the denominator itself.

# %% [markdown]
# ## Task 2 · The criterion on a grid &nbsp; ●●○ &nbsp; 15 minutes
#
# Compute $C(G)$ by equation (6), through the Jensen-Shannon divergence, without `theory`. The densities are given
# at the points of an even grid. They may be zero in places, and the boxes of task 1 must give $C(G) = 0$.
#
# <details><summary>Hint</summary>
# Write one function for KL to the middle and call it twice. What should p log(p/m) be where p is 0?
# </details>
# <details><summary>Further hint</summary>
# <code>torch.xlogy(p, p)</code> is p log p, and 0 where p is 0. <code>torch.trapezoid(y, x)</code> integrates.
# </details>


# %%
def criterion_on_grid(p_data, p_g, x):
    """C(G) = -log 4 + 2 JSD(p_data || p_g), one number, in nats.

    p_data, p_g: (point,) density values at x. x: (point,) an even grid.
    """
    ### BEGIN SOLUTION
    middle = (p_data + p_g) / 2

    def kl_to_middle(p):
        return torch.trapezoid(torch.xlogy(p, p) - torch.xlogy(p, middle), x)

    jsd = (kl_to_middle(p_data) + kl_to_middle(p_g)) / 2
    return -math.log(4) + 2 * jsd
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.criterion(criterion_on_grid)

# %% [markdown] tags=["solution"]
# **Why it never divides by zero.** Where $p > 0$, the middle is at least $p/2 > 0$. So $p \log (p/m)$ is finite
# wherever it counts, and its limit is 0 where $p$ tends to 0. This is what the middle buys: the same code with
# $p_g$ in place of $m$ would give infinity on the boxes.

# %% tags=["solution", "nbval-check-output"]
for name, other in {"equal": gaussian(0), "shifted by 2": gaussian(2), "twice as wide": gaussian(0, 2)}.items():
    print(f"{name:14} C(G) = {criterion_on_grid(gaussian(0).pdf(x), other.pdf(x), x):.4f}")
    assert torch.isclose(criterion_on_grid(gaussian(0).pdf(x), other.pdf(x), x), theory.criterion(gaussian(0), other))

# %% [markdown]
# ## Task 3 · Unequal shares and smoothed labels &nbsp; ●●○ &nbsp; 15 minutes
#
# Two habits of practice change what $D$ is asked for.
#
# - **Unequal shares.** A share $\pi$ of the examples that $D$ sees is real, $1 - \pi$ is fake. In the paper $\pi =
#   1/2$.
# - **One-sided smoothing** (Salimans et al. 2016, section 3.4). On real data $D$ should answer $\alpha$, say 0.9,
#   instead of 1. On fakes it should still answer 0.
#
# Together, $D$ maximises
#
# $$\pi\, \mathbb{E}_{x \sim p_\text{data}}\bigl[\alpha \log D(x) + (1 - \alpha) \log(1 - D(x))\bigr] + (1 - \pi)\, \mathbb{E}_{x \sim p_g}[\log(1 - D(x))].$$
#
# Go through the proof of Proposition 1 with pencil and paper: write the integrand at one point as a function of
# $y = D(x)$, and find its peak. Then write the result down as code.
#
# <details><summary>Hint</summary>
# Collect what stands before log y and what stands before log(1 - y). It is again a log y + b log(1 - y), with another
# a and another b.
# </details>
# <details><summary>Further hint</summary>
# The peak of a log y + b log(1 - y) is at a/(a + b). Part of the real data now counts for b. Does a + b still contain
# alpha?
# </details>


# %%
def best_smoothed_discriminator(p_data, p_g, alpha, share):
    """The D that maximises the objective above, at each point.

    p_data, p_g: (point,) densities, not both 0. alpha: target on real data, in (0, 1].
    share: of real examples, in (0, 1).
    """
    ### BEGIN SOLUTION
    for_real = share * p_data * alpha
    for_fake = share * p_data * (1 - alpha) + (1 - share) * p_g
    return for_real / (for_real + for_fake)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.smoothed_discriminator(best_smoothed_discriminator)

# %% [markdown] tags=["solution"]
# **The derivation.** At one point, with $a = \pi \alpha\, p_\text{data}$ and
# $b = \pi (1 - \alpha)\, p_\text{data} + (1 - \pi)\, p_g$, the integrand is $a \log y + b \log (1 - y)$. Its peak is
# $a/(a + b)$, and in the sum $a + b$ the two parts of the real data join again:
#
# $$D^* = \frac{\alpha\, \pi\, p_\text{data}}{\pi\, p_\text{data} + (1 - \pi)\, p_g}, \qquad \text{with } \pi = \tfrac12: \quad D^* = \frac{\alpha\, p_\text{data}}{p_\text{data} + p_g}.$$
#
# Smoothing multiplies every answer by $\alpha$, so that $D$ is never surer than $\alpha$. The place where $D^*$ is
# steepest does not move. Had the fakes been smoothed too, with target $\beta$, the numerator would be $\alpha
# p_\text{data} + \beta p_g$: where there are no data at all, $D$ would answer $\beta$ and praise $G$ for its
# present mistakes. That is why it is one-sided (lesson 15).
#
# Search agrees with the derivation:

# %% tags=["solution", "nbval-check-output"]
y = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
p0, q0, alpha, share = torch.tensor(0.3), torch.tensor(0.1), 0.9, 0.2
objective = share * p0 * (alpha * y.log() + (1 - alpha) * (1 - y).log()) + (1 - share) * q0 * (1 - y).log()
found, derived = y[objective.argmax()], best_smoothed_discriminator(p0, q0, alpha, share)
print(f"by search {found:.3f}, derived {derived:.3f}")

# %% [markdown]
# ## Task 4 · A discriminator as a pair of scales &nbsp; ●●○ &nbsp; 15 minutes
#
# Solve (2) for the densities: $\dfrac{p_\text{data}(x)}{p_g(x)} = \dfrac{D^*(x)}{1 - D^*(x)}$. So a trained $D$
# weighs samples. Draw $x_i$ from $G$, give each the weight $w_i = D(x_i)/(1 - D(x_i))$, and you can compute means
# under the *data*,
#
# $$\mathbb{E}_{x \sim p_\text{data}}[h(x)] \approx \frac{\sum_i w_i\, h(x_i)}{\sum_i w_i}, \qquad x_i \sim p_g ,$$
#
# without a single real example. (The division by $\sum_i w_i$ forgives a $D$ whose weights do not average to 1.) This
# code does it, and fails as soon as $D$ is sure:


# %% tags=["nbval-check-output"]
def fragile(logits, h):
    d = logits.sigmoid()
    w = d / (1 - d)
    return (w * h).sum() / w.sum()


sure = torch.tensor([2.0, 40.0, 41.0], dtype=torch.float64)
print(
    f"1 - D = {[f'{1 - d:.2g}' for d in sure.sigmoid().tolist()]}, weighted mean {fragile(sure, torch.tensor([1.0, 2.0, 3.0])):.2f}"
)

# %% [markdown]
# Write it so that it works for any logits, whether 2 or 900.
#
# <details><summary>Hint</summary>
# With D the sigmoid of the logit l, what is D/(1 - D) as a function of l? No sigmoid is left.
# </details>
# <details><summary>Further hint</summary>
# The weights are exp(l), divided by their sum. A common factor cancels, so subtract the largest logit first.
# PyTorch has a function that does exactly this.
# </details>


# %%
def weighted_mean(logits, h):
    """The mean of h under p_data, one number, from samples of p_g.

    logits: (sample,) D's logit at each sample, any size. h: (sample,) the values of h there.
    """
    ### BEGIN SOLUTION
    return (logits.softmax(dim=0) * h).sum()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.mean_under_data(weighted_mean)

# %% [markdown] tags=["solution"]
# **Why.** $D = 1/(1 + e^{-l})$, so $D/(1 - D) = e^{l}$: the logit of the best discriminator *is* $\log
# p_\text{data} - \log p_g$. Weights $e^{l_i}/\sum_j e^{l_j}$ are a softmax, and PyTorch's takes the maximum away
# first. The sigmoid loses what counts: from about $l = 37$ on, float64 rounds $D$ to 1 and $1 - D$ to 0.
#
# Below, $G$ makes a Gaussian around 1 and of width 1.5, the data are a Gaussian around 0 of width 1, and the logits
# are those of $D^*$. From G's samples alone come the mean and the variance of the data, 0 and 1.

# %% tags=["solution"]
p_data, p_g = gaussian(0), gaussian(1, 1.5)
samples = p_g.sample(100_000).double()
logits = p_data.pdf(samples).log() - p_g.pdf(samples).log()
print(f"plain mean {samples.mean():.2f}, weighted {weighted_mean(logits, samples):.2f}")
print(f"plain mean square {(samples**2).mean():.2f}, weighted {weighted_mean(logits, samples**2):.2f}")
assert abs(weighted_mean(logits, samples)) < 0.05 and abs(weighted_mean(logits, samples**2) - 1) < 0.05

# %% [markdown] tags=["solution"]
# It works only where $p_g$ covers the data. Were $G$ narrower than the data, a few samples in the tails would carry
# nearly all of the weight; and where $p_g$ is 0, no weight brings back what was never drawn.

# %% [markdown]
# ## Task 5 · A discriminator that is not free &nbsp; ●●● &nbsp; 20 minutes
#
# The proof of Proposition 1 lets $D$ take any value at each $x$, independently of all others. A network cannot.
# Take the smallest one there is, logistic regression:
#
# $$D(x) = \sigma(w x + c).$$
#
# Write a function that returns the highest $V$ among all $w$ and $c$. Before you run it on the pairs below, decide
# on paper: for which of them does the line reach $C(G)$, and for which is it no better than tossing a coin?
#
# - equal widths: $\mathcal{N}(0, 1)$ and $\mathcal{N}(2, 1)$
# - equal means: $\mathcal{N}(0, 1)$ and $\mathcal{N}(0, 2^2)$
#
# <details><summary>Hint</summary>
# The logit of D* is log p_data - log p_g. Write it out for two Gaussians. When is it a straight line in x?
# </details>
# <details><summary>Further hint</summary>
# V is concave in (w, c), so any optimiser finds the one maximum: <code>scipy.optimize.minimize</code> on -V, LBFGS,
# or a few thousand steps of Adam. Write log D as <code>logsigmoid(l)</code> and log(1 - D) as
# <code>logsigmoid(-l)</code>.
# </details>


# %%
def best_value_of_a_line(p_data, p_g, x):
    """The highest V(D, G), one number, among all D(x) = sigmoid(w x + c).

    p_data, p_g: (point,) density values at x. x: (point,) a grid that holds both.
    """
    ### BEGIN SOLUTION

    def loss(line):
        logits = line[0] * x + line[1]
        return -torch.trapezoid(p_data * logsigmoid(logits) + p_g * logsigmoid(-logits), x).item()

    return -minimize(loss, np.zeros(2)).fun
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.best_linear_value(best_value_of_a_line)

# %% tags=["nbval-check-output"]
for name, (p, q) in {
    "equal widths": (gaussian(0), gaussian(2)),
    "equal means": (gaussian(0), gaussian(0, 2)),
    "neither": (gaussian(0), gaussian(1, 2)),
}.items():
    v, c = best_value_of_a_line(p.pdf(x), q.pdf(x), x), theory.criterion(p, q).item()
    print(f"{name:13} best line {v:.3f}, C(G) {c:.3f}, shortfall {abs(c - v):.3f}")

# %% [markdown] tags=["solution"]
# **Why.** For Gaussians of means $\mu$ and widths $s$ the logit of $D^*$ is
#
# $$\log\frac{p_\text{data}(x)}{p_g(x)} = \log\frac{s_g}{s_d} - \frac{(x - \mu_d)^2}{2 s_d^2} + \frac{(x - \mu_g)^2}{2 s_g^2}.$$
#
# With equal widths the squares cancel, the logit *is* a line, and the shortfall is 0. With equal means and
# different widths it is a parabola around the mean. Turn the picture left to right and nothing changes, so the best
# line must not change either: $w = 0$. Then $D$ is one constant, the best constant is 1/2, and $V = -\log 4$. That
# is the value of Theorem 1, the one that is to prove $p_g = p_\text{data}$. Here it proves only that the detective
# cannot tell, and the generator, whose fakes are twice too wide, receives no complaint.
#
# So with a limited $D$, $\max_D V$ is only a lower bound on $C(G)$, and the generator can win without being right.
# In a GAN the remedy is a $D$ with enough capacity, and features that see what a line cannot: lessons 13 and 14
# give it some.
