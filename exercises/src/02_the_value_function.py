# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 02 · The value function: exercises
#
# | Task | What you do | Difficulty | Minutes |
# |---|---|---|---|
# | 1 | The value of a game with few outcomes | ●○○ | 10 |
# | 2 | Who gains when $D$ stands still | ●○○ | 10 |
# | 3 | The slopes of the generator's two losses | ●●○ | 15 |
# | 4 | $V$ and its uncertainty from logits | ●●○ | 15 |
# | 5 | Repair a training loss | ●●● | 20 |
#
# Replace each line `raise NotImplementedError` by your own, then run the cell with the check below it. A check takes
# your function itself, tries it on cases of its own, and says what is right or what the mistake looks like.

# %%
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

import course_lib
from course_lib import checks

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · The value of a game with few outcomes ●○○ (10 minutes)
#
# $$V(D, G) = \sum_x p_\text{data}(x) \log D(x) + p_g(x) \log(1 - D(x)) .$$
#
# Write it for any number of outcomes. Mind the detective who is certain and right: if an outcome is never real,
# $p_\text{data}(x) = 0$, she may answer $D(x) = 0$ and it costs her nothing, since $0 \cdot \log 0$ counts as 0. She who
# is certain and **wrong** pays without limit: $V$ is then $-\infty$.
#
# <details><summary>Hint</summary>
#
# Try `torch.tensor(0.0) * torch.tensor(0.0).log()` in a cell of its own. The computer does not know the convention.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# `torch.xlogy(p, y)` is $p \log y$ with the convention built in.
#
# </details>


# %%
def discrete_value(d: Tensor, p_data: Tensor, p_g: Tensor) -> Tensor:
    """V(D, G). d, p_data, p_g: (outcome,), each in [0, 1]; returns one number, at most 0."""
    ### BEGIN SOLUTION
    return (torch.xlogy(p_data, d) + torch.xlogy(p_g, 1 - d)).sum()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.discrete_value(discrete_value)

# %% [markdown] tags=["solution"]
# The probabilities do the averaging, so the sum is not divided by anything. `xlogy` matters wherever a probability is
# exactly 0. To leave out every outcome with $D = 0$ would be another mistake: with real data there, the value is minus
# infinity, and should be.

# %% [markdown]
# ## Task 2 · Who gains when $D$ stands still ●○○ (10 minutes)
#
# $D$ has chosen her answers and will not change them. $G$ may now choose any distribution $p_g$ over the outcomes, and
# wants $V$ as small as possible. Return the best $p_g$. Before you write it, decide: does $G$ need to know
# $p_\text{data}$?
#
# <details><summary>Hint</summary>
#
# Which of the two terms of $V$ contain $p_g$? What remains is a weighted mean of numbers that are already fixed.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Take some mixture, and move a little probability from one outcome to another with a smaller $\log(1 - D)$. The mean
# falls. When does this stop being possible?
#
# </details>


# %%
def best_generator(d: Tensor, p_data: Tensor) -> Tensor:
    """The p_g that makes V least against fixed answers d. All (outcome,); the result is at least 0 and sums to 1."""
    ### BEGIN SOLUTION
    p_g = torch.zeros_like(d)
    p_g[d.argmax()] = 1
    return p_g
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.reply_to_discriminator(best_generator)

# %% [markdown] tags=["solution"]
# $p_\text{data}$ is not needed: the first expectation is out of $G$'s reach. All probability goes to the outcome that
# $D$ trusts most. If several are trusted alike, any mixture of those is as good.
#
# So the gain of the player who moves second is bought with all variety. It lasts until $D$ moves again:

# %% tags=["solution", "nbval-check-output"]
d = torch.tensor([0.75, 0.5, 0.25])
p_data = torch.tensor([0.5, 0.25, 0.25])
p_g = best_generator(d, p_data)
answers_now = p_data / (p_data + p_g)  # the best D against the new p_g; lesson 03
print(f"G has replied: V = {discrete_value(d, p_data, p_g):.3f}")
print(f"D replies to that: V = {discrete_value(answers_now, p_data, p_g):.3f}")

# %% [markdown]
# ## Task 3 · The slopes of the generator's two losses ●●○ (15 minutes)
#
# $D(G(z)) = \sigma(l)$. Derive on paper, then write, the slope **in the logit** $l$ of
#
# - the saturating loss $\log(1 - \sigma(l))$,
# - the non-saturating loss $-\log \sigma(l)$.
#
# The check also asks at $l = \pm 200$.
#
# <details><summary>Hint</summary>
#
# $\sigma'(l) = \sigma(l)\,(1 - \sigma(l))$. Differentiate the log first, then multiply by what is inside.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Both quotients cancel completely. If there is still a division in your code, simplify once more.
#
# </details>


# %%
def slopes(logit: Tensor) -> tuple[Tensor, Tensor]:
    """The slopes of (saturating, non-saturating) loss in the logit. logit: (n,), any size; returns two of (n,)."""
    ### BEGIN SOLUTION
    saturating = -torch.sigmoid(logit)
    non_saturating = -torch.sigmoid(-logit)
    return saturating, non_saturating
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.generator_slopes(slopes)

# %% [markdown] tags=["solution"]
# $-\sigma(l)(1 - \sigma(l)) / (1 - \sigma(l)) = -\sigma(l)$, and $-\sigma(l)(1 - \sigma(l)) / \sigma(l) = -(1 - \sigma(l))
# = -\sigma(-l)$. Both are negative everywhere: the two losses never disagree on the direction of one example. Their sizes
# add up to 1, so where one is strong the other is weak.
#
# Written as $\sigma(-l)$ rather than $1 - \sigma(l)$, the second keeps its digits for large $l$ too:

# %% tags=["solution", "nbval-check-output"]
sure = torch.tensor(18.0)
print(f"1 - sigmoid(18) = {1 - torch.sigmoid(sure):.2e}, sigmoid(-18) = {torch.sigmoid(-sure):.2e}")

# %% [markdown]
# ## Task 4 · $V$ and its uncertainty from logits ●●○ (15 minutes)
#
# You are given $D$'s logits on $n$ real and $m$ generated examples. The two numbers may differ. Return
#
# - the estimate of $V$,
# - its **standard error**: the standard deviation that the estimate would have if the experiment were repeated, itself
#   estimated from the spread of the payments.
#
# Logits may be as large as 200 either way.
#
# <details><summary>Hint</summary>
#
# $\widehat V$ is the sum of two independent means. The variance of a mean of $n$ draws is the variance of one draw
# divided by $n$, and variances of independent things add.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# $\log \sigma(l)$ is `logsigmoid(l)` or `-softplus(-l)`. And $\log(1 - \sigma(l))$?
#
# </details>


# %%
def estimated_value(real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
    """(estimate of V, its standard error), two numbers. real_logits: (n,), fake_logits: (m,), n and m at least 2."""
    ### BEGIN SOLUTION
    on_real, on_fake = logsigmoid(real_logits), logsigmoid(-fake_logits)
    estimate = on_real.mean() + on_fake.mean()
    standard_error = (on_real.var() / len(on_real) + on_fake.var() / len(on_fake)).sqrt()
    return estimate, standard_error
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.estimated_value(estimated_value)

# %% [markdown] tags=["solution"]
# $1 - \sigma(l) = \sigma(-l)$, so `logsigmoid(-l)` serves for the fakes. Does the standard error keep its promise? Where we
# know $V$, about 95 in 100 estimates should lie within two standard errors of it. The game is that of the lesson: data
# around $-1$, fakes around 1, logit $-x$, $V = -0.8137$.

# %% tags=["solution", "nbval-check-output"]
course_lib.seed(0)
within = 0
for _ in range(1_000):
    estimate, error = estimated_value(-(torch.randn(100) - 1), -(torch.randn(200) + 1))
    within += abs(estimate + 0.8137) < 2 * error
assert 920 <= within <= 980
print(f"within two standard errors: {within / 1_000:.2f}")

# %% [markdown]
# ## Task 5 · Repair a training loss ●●● (20 minutes)
#
# Three people have worked on the loss below. It was meant as $D$'s loss with **one-sided label smoothing**: on real
# data $D$ is asked for `real_target`, such as 0.9 instead of 1, and on generated data for 0. For a target $t$ and an
# answer $D$, the loss of one example is $-t \log D - (1 - t) \log(1 - D)$. Each of the three has put in one fault, and
# each fault alone is found in published code.


# %%
def broken_loss(real_logits, fake_logits, real_target):
    """Meant as D's loss with one-sided smoothing. It runs, and it returns a number."""
    real, fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    on_real = (1 - real_target) * real.log() + real_target * (1 - real).log()
    on_fake = real_target * fake.log() + (1 - real_target) * (1 - fake).log()
    return -on_real.mean() - on_fake.mean()


# %% [markdown]
# **Before you run the next cell.** A loss should be small where the player does well. Here are three discriminators:
# one that is right (real logits 3, fake logits $-3$), one that shrugs, one that is wrong. Then one that is very sure.

# %%
for name, logit in (("right", 3.0), ("shrugs", 0.0), ("wrong", -3.0), ("very sure", 200.0)):
    print(f"{name:10} {broken_loss(torch.tensor([logit]), torch.tensor([-logit]), 0.9).item():.3f}")

# %% [markdown]
# Write the loss as it was meant, for logits of any size.
#
# <details><summary>Hint</summary>
#
# The three faults: what is asked of real data and what of fakes; where the smoothing applies; how the logs are
# computed. Write down the two targets first.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# With `real_target` 1 and logits of ordinary size, your loss must be $-\widehat V$. A clamp or a small number inside the
# log makes the loss finite and its gradient wrong; the check looks at both.
#
# </details>


# %%
def repaired_loss(real_logits: Tensor, fake_logits: Tensor, real_target: float) -> Tensor:
    """D's loss with one-sided smoothing, one number. real_logits, fake_logits: (n,); real_target: in (0, 1]."""
    ### BEGIN SOLUTION
    called_real = softplus(-real_logits)
    called_fake = softplus(real_logits)
    on_real = real_target * called_real + (1 - real_target) * called_fake
    return on_real.mean() + softplus(fake_logits).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.repaired_discriminator_loss(repaired_loss)

# %% [markdown] tags=["solution"]
# The faults were:
#
# 1. **Swapped labels.** Real data were asked for $1 - t$, fakes for $t$. The broken loss is smallest for the
#    discriminator that is wrong. Training still runs, and $G$, pushed by $-\log D$, is now sent away from the data.
# 2. **Soft labels on both sides.** Fakes should be asked for 0. With a soft label there, the best $D$ is no longer
#    $t\,p_\text{data} / (p_\text{data} + p_g)$ but gains a term with $p_g$ in the numerator, which holds a poor generator
#    where it is. Lesson 15 shows it.
# 3. **Sigmoid, then log.** For the very sure one, $0.1 \cdot \log 1 + 0.9 \cdot \log 0$ is infinite.
#
# The library's `tell_apart` is your function with the two networks called inside. With a soft target the least loss is
# not 0, and being too sure of real data costs something again:

# %% tags=["solution", "nbval-check-output"]
for name, logit in (("right", 3.0), ("shrugs", 0.0), ("wrong", -3.0), ("very sure", 200.0)):
    print(f"{name:10} {repaired_loss(torch.tensor([logit]), torch.tensor([-logit]), 0.9).item():.3f}")
