# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 04 · Algorithm 1: exercises
#
# | Task | What you do | Difficulty | Minutes |
# |---|---|---|---|
# | 1 | One move of each player, without an optimiser | ●●○ | 20 |
# | 2 | Repair a round with four bugs | ●●● | 20 |
# | 3 | Count modes | ●○○ | 10 |
# | 4 | Choose $k$ for a pair | ●○○ | 10 |
# | 5 | What a log proves, and who is winning | ●●○ | 15 |
#
# Replace each line `raise NotImplementedError` by your own, then run the cell with the check below it. A check takes
# your function itself, tries it on cases of its own, and says what is right or what the mistake looks like.

# %%
import math
from dataclasses import replace
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

import course_lib
from course_lib import by_size, checks, play
from course_lib.experiments.lessons import figure_one, ring

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · One move of each player, without an optimiser ●●○ (20 minutes)
#
# Write the two moves of Algorithm 1 with autograd alone, as plain gradient steps of length `rate` times the gradient:
#
# - $D$ goes **up** $V = \frac{1}{m}\sum_i \log D(x^{(i)}) + \frac{1}{m}\sum_i \log(1 - D(G(z^{(i)})))$ in $\theta_d$;
# - $G$ goes **down** $\frac{1}{m}\sum_i \log(1 - D(G(z^{(i)})))$ in $\theta_g$.
#
# Each function changes one player's weights in place, and returns the mean it was about, as it was *before* the move.
# Afterwards the other player must be exactly as before: the same weights to the last bit, and **no gradient left in
# its `.grad`**. Calling a function twice must make two right moves. $D$'s logits are `D(x).logits`.
#
# <details><summary>Hint</summary>
#
# `torch.autograd.grad(value, weights)` returns the gradients and writes them nowhere.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Weights that require a gradient may only be changed in place under `torch.no_grad()`: there,
# `w += rate * g` for each weight `w` and its gradient `g`.
#
# </details>


# %%
def discriminator_move(G: nn.Module, D: nn.Module, x: Tensor, z: Tensor, rate: float) -> float:
    """One gradient step of D, in place. x: (m, 2) data. z: (m, 2) noise. Returns V before the step."""
    ### BEGIN SOLUTION
    value = (logsigmoid(D(x).logits) + logsigmoid(-D(G(z).detach()).logits)).mean()
    weights = list(D.parameters())
    slopes = torch.autograd.grad(value, weights)
    with torch.no_grad():
        for weight, slope in zip(weights, slopes, strict=True):
            weight += rate * slope
    return value.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.discriminator_move(discriminator_move)


# %%
def generator_move(G: nn.Module, D: nn.Module, z: Tensor, rate: float) -> float:
    """One gradient step of G, in place. z: (m, 2) noise. Returns the mean of log(1 - D(G(z))) before the step."""
    ### BEGIN SOLUTION
    loss = logsigmoid(-D(G(z)).logits).mean()
    weights = list(G.parameters())
    slopes = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        for weight, slope in zip(weights, slopes, strict=True):
            weight -= rate * slope
    return loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.generator_move(generator_move)

# %% [markdown] tags=["solution"]
# **Why.** In $D$'s move the gradient is taken in $\theta_d$ only, and `detach` spares the pass through $G$. With
# `autograd.grad` in $D$'s weights the result would be right without it, at the price of a larger graph. With
# `value.backward()` it would not: a gradient would be left in $G$.
#
# In $G$'s move nothing may be detached, since the path from the loss to $\theta_g$ leads through $D$. `backward()` would
# write into $D$'s weights as it passes. `autograd.grad(loss, weights_of_G)` and `loss.backward(inputs=weights_of_G)` do
# not. The library's `play` uses the second.

# %% [markdown]
# ## Task 2 · Repair a round with four bugs ●●● (20 minutes)
#
# Somebody wrote this round of Algorithm 1, with $k = 1$ and the non-saturating loss for $G$. It runs, without an error
# or a warning, and its losses look lively.


# %%
def broken_round(G, D, d_optimizer, g_optimizer, x):
    d_optimizer.zero_grad()
    g_optimizer.zero_grad()
    z = G.noise(len(x))

    fake = G(z)
    d_loss = softplus(D(x).logits).mean() + softplus(-D(fake).logits).mean()
    d_loss.backward(retain_graph=True)
    d_optimizer.step()

    g_loss = softplus(-D(fake).logits).mean()
    g_loss.backward()
    d_optimizer.step()
    return d_loss.item(), g_loss.item()


# %% [markdown]
# Before you change anything, find the four bugs by reading, and say for each what it would do to a training. Then write
# the round as it should be.
#
# <details><summary>Hint</summary>
#
# Ask four questions. Which logits does `softplus(l)` punish? What may flow from D's loss into G? Is G trained on the
# same noise on which D has just been trained? Who steps?
#
# </details>
#
# <details><summary>Further hint</summary>
#
# `retain_graph=True` is a symptom: somebody met an error, and silenced it. In a right round no graph is needed twice.
# And look at when each player's gradients are cleared, and what has been written into them by then.
#
# </details>


# %%
def repaired_round(G, D, d_optimizer, g_optimizer, x):
    """One round, k = 1: a move of D on data x (m, 2), then one of G; returns (D's loss, G's loss).

    Noise comes from G.noise(m). D makes -V small, G makes -log D(G(z)) small.
    """
    ### BEGIN SOLUTION
    fake = G(G.noise(len(x))).detach()
    d_loss = softplus(-D(x).logits).mean() + softplus(D(fake).logits).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    z = G.noise(len(x))
    g_loss = softplus(-D(G(z)).logits).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.repaired_round(repaired_round)

# %% [markdown] tags=["solution"]
# **Why.** The four bugs, each with what it does on its own:
#
# 1. **Labels swapped**: `softplus(l)` is $-\log(1 - D)$, so $D$ learned to call data generated. With that $D$ and $G$
#    agree, both losses go to 0, and the samples run away from the data.
# 2. **Not detached**, with both `zero_grad()` at the top: $G$'s gradient holds $D$'s wish beside its own, and the two
#    point in opposite directions.
# 3. **The same noise twice**: $G$ is trained on the very points that $D$ has just learned to reject. The two averages
#    are no longer independent estimates, and the answer to these few $z$ is overrated.
# 4. **The wrong optimiser** in $G$'s turn: $G$ never moves. $D$ moves twice, the second time also down $G$'s loss, that
#    is, so as to let itself be fooled. The log shows two moving losses and not that one player sleeps.
#
# Does it work? The repaired round on the line of the lesson, where the data are centred at $-0.5$:

# %% tags=["solution"]
for name, one_round in (("broken", broken_round), ("repaired", repaired_round)):
    game, batches = figure_one.build(figure_one.Settings()), figure_one.batches(figure_one.Settings())
    for _ in range(200):
        one_round(game.generator, game.discriminator, game.d_optimizer, game.g_optimizer, next(batches).x)
    with torch.no_grad():
        print(f"{name:8} p_g is centred at {game.generator(game.generator.noise(4_000)).mean():.1f}")

# %% [markdown]
# ## Task 3 · Count modes ●○○ (10 minutes)
#
# A generated point is *near* a mode if that mode's centre is the nearest one and lies within three standard deviations,
# $\lVert x - c \rVert \le 3\,\text{std}$. A mode is *covered* if the points near it are at least a fifth of its fair
# share, where the fair share is the number of **all** samples divided by the number of modes.
#
# Think of it first: why "within three", why "a fifth", and why all samples?
#
# <details><summary>Hint</summary>
#
# `torch.cdist(samples, centres)` has a row for each sample and a column for each centre; `min(dim=1)` gives each
# sample's distance to its nearest centre, and which one it is.
#
# </details>


# %%
def covered_modes(samples: Tensor, centres: Tensor, std: float) -> int:
    """How many modes the samples cover. samples: (n, 2). centres: (mode, 2). std: the width of every mode."""
    ### BEGIN SOLUTION
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    near = nearest[distance <= 3 * std]
    counts = torch.bincount(near, minlength=len(centres))
    return int((counts >= 0.2 * len(samples) / len(centres)).sum())
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.modes_counted(covered_modes)

# %% [markdown]
# A use for it. A generator that is a single round Gaussian knows nothing of modes. How wide must it be to cover all eight
# of the ring? Guess before you run it.

# %% tags=["nbval-check-output"]
centres, std = ring.TARGET.centres, ring.TARGET.std
draws = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0))
for width in (0.5, 1.0, 2.0):
    near = (torch.cdist(width * draws, centres).min(dim=1).values <= 3 * std).float().mean()
    print(
        f"width {width}: {covered_modes(width * draws, centres, std)} of 8 covered, {near:.0%} of the points near a mode"
    )

# %% [markdown] tags=["solution"]
# **Why.** Without a largest distance a point at the origin would count for some mode. Without the fifth one lucky point
# in a thousand would. And with a share of the *near* samples instead of all, a generator that misses nearly always
# would be praised for the few that hit.
#
# No width will do, and that shows that the rule does its work: points that are spread over the whole plane do not cover a
# mode, since too few of them come near it. Still the count alone is not quality. The lesson's good game covered all
# eight with many of its points between the modes, so the lesson plotted the share of near points too.

# %% [markdown]
# ## Task 4 · Choose k for a pair ●○○ (10 minutes)
#
# In one round $D$ moves $k$ times and $G$ once, and every move costs about the same. For a given pair of players, each
# $k$ needs a certain number of rounds to settle; with some $k$ the game never does. Write a function that chooses the
# $k$ that costs the fewest moves in all. If two cost the same, take the smaller.
#
# <details><summary>Hint</summary>
#
# How many moves are in a round? And what does a game that never settles cost?
#
# </details>


# %%
def cheapest_k(rounds_needed: dict[int, int | None]) -> int:
    """The k with the fewest moves in all. rounds_needed: for each k its number of rounds, None if it never settles."""
    ### BEGIN SOLUTION
    cost = {k: (k + 1) * rounds for k, rounds in sorted(rounds_needed.items()) if rounds is not None}
    return min(cost, key=cost.get)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.cheapest_k(cheapest_k)

# %% [markdown]
# Now measure it, for the pair of the lesson's section 6: a slow $D$ and a fast $G$. A game counts as settled after the
# last round in which the centre of $p_g$ is more than 0.15 away from that of the data. **Before you run the next cell,**
# write down which $k$ will be the cheapest.


# %%
def rounds_until_settled(settings: figure_one.Settings, rounds: int = 300) -> int | None:
    """The last round in which p_g is off, or None if it still is in the last tenth of them."""
    game, last = figure_one.build(settings), 0
    z = (torch.arange(400)[:, None] + 0.5) / 200 - 1
    for step, _ in islice(play(game, figure_one.batches(settings)), rounds):
        with torch.no_grad():
            off = (game.generator(z).mean() - figure_one.P_DATA.means[0]).abs()
        if off > 0.15:
            last = step
    return None if last > 0.9 * rounds else last


slow = figure_one.Settings(start=(1.0, 0.5), d_rate=1e-3, g_rate=2e-3)
needed = {k: rounds_until_settled(replace(slow, k=k)) for k in by_size(quick=(1, 8), cpu=(1, 2, 3, 5, 8))}
for k, rounds in needed.items():
    print(f"k = {k}: " + ("never" if rounds is None else f"{rounds} rounds, {(k + 1) * rounds} moves"))
print("cheapest: k =", cheapest_k(needed))

# %% [markdown] tags=["solution"]
# **Why.** More work per round can be less work in all: with a large $k$ the few rounds that remain are worth their price,
# and with a small one the pair goes round in circles. The paper's $k = 1$ is the cheapest *round*.
#
# It can be had cheaper still. Not one of these games gave $D$ a larger learning rate:

# %% tags=["solution"]
rounds = rounds_until_settled(replace(slow, k=1, d_rate=1e-2))
print(f"k = 1 and a learning rate of D ten times as large: {rounds} rounds, {2 * rounds} moves")

# %% [markdown]
# ## Task 5 · What a log proves, and who is winning ●●○ (15 minutes)
#
# **(a)** You are handed one number: $D$'s loss, $-V(D, G)$, on a great many examples. Theorem 1 says that the *best*
# discriminator would reach
#
# $$\max_D V(D, G) = C(G) = -\log 4 + 2\,\mathrm{JSD}(p_\text{data} \,\|\, p_g).$$
#
# But you do not know whether this $D$ is the best. What is the largest number of which you may say with certainty that
# the JSD is **at least** that?
#
# <details><summary>Hint</summary>
#
# Any D reaches at most the maximum. Which inequality does that give between the loss and the JSD?
#
# </details>
#
# <details><summary>Further hint</summary>
#
# A distance is at least 0, whatever D does. What follows from a loss above log 4?
#
# </details>


# %%
def distance_from_log(d_loss: float) -> float:
    """The largest lower bound on JSD(p_data, p_g), in nats, that follows from D's loss. d_loss: at least 0."""
    ### BEGIN SOLUTION
    return max(0.0, (math.log(4) - d_loss) / 2)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.distance_from_log(distance_from_log)

# %% [markdown] tags=["solution"]
# **Why.** For any $D$, $-\text{loss} = V(D, G) \le C(G) = -\log 4 + 2\,\mathrm{JSD}$, hence
# $\mathrm{JSD} \ge \tfrac12(\log 4 - \text{loss})$. A loss of 0 proves a JSD of at least $\log 2$, its largest value: the
# two never meet. A loss of $\log 4$ or more proves nothing. There is no *upper* bound in it: no log can prove that a
# generator is good. (On a small batch, or on one that $D$ has learned by heart, the number is too low, and not even
# the lower bound holds.)

# %% [markdown]
# **(b)** Four logs, recorded from games like those of the lesson. $G$'s loss is the non-saturating one,
# $-\log D(G(z))$. Remember $\log 4 \approx 1.39$ and $\log 2 \approx 0.69$.
#
# | | A: $D$ | A: $G$ | | B: $D$ | B: $G$ | | C: $D$ | C: $G$ | | D: $D$ | D: $G$ |
# |---|---|---|---|---|---|---|---|---|---|---|---|
# | step 1 | 1.02 | 1.29 | step 1,100 | 1.36 | 0.73 | step 1 | 1.37 | 0.81 | step 1 | 0.37 | 1.73 |
# | step 20 | 0.00 | 7.95 | step 1,200 | 1.39 | 0.69 | step 10 | 0.41 | 0.21 | step 5 | 2.42 | 0.17 |
# | step 40 | 0.00 | 9.82 | step 1,300 | 1.37 | 0.73 | step 50 | 0.02 | 0.01 | step 9 | 3.20 | 0.09 |
# | step 80 | 0.00 | 12.09 | step 1,400 | 1.38 | 0.71 | step 100 | 0.00 | 0.00 | step 13 | 3.24 | 0.10 |
#
# For each, say who is winning at its end: `"D"`, `"G"`, `"bug"` if no honest game could look like this, or
# `"look at samples"` if the log alone cannot tell.
#
# <details><summary>Hint</summary>
#
# What would a coin's loss be? A player whose loss is below it knows something; one whose loss is above it believes
# something wrong.
#
# </details>


# %%
def who_is_winning() -> dict[str, str]:
    """For each log, A to D: "D", "G", "bug" or "look at samples"."""
    ### BEGIN SOLUTION
    return {"A": "D", "B": "look at samples", "C": "bug", "D": "G"}
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.winning(who_is_winning)

# %% [markdown] tags=["solution"]
# **Why.**
#
# - **A.** $D$ finds out every fake. By (a) the JSD is at least $\log 2$: nothing of $p_g$ touches the data. The pair
#   started far apart and $G$'s learning rate was far too small.
# - **B.** A loss of $\log 4$: equilibrium, or a $D$ too weak to tell. This one was the ring of the lesson, collapsed to a
#   single clump.
# - **C.** $D$ finds out every fake (its loss is 0) and is fooled by every fake ($G$'s loss is 0). Both cannot be. The
#   labels in $D$'s loss were swapped.
# - **D.** $D$'s loss is more than twice that of a coin, so $D$ is sure and wrong: $G$ has moved out to where $D$ still
#   believes the data to be. $G$ made five moves for each of $D$. It is winning the round and not the game: a $G$ that
#   runs ahead of $D$ overshoots, as in section 6.
