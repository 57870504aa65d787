# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 04 · Build it yourself
#
# | Task | What you do | Difficulty | Minutes |
# |---|---|---|---|
# | 1 | Two players | ●●○ | 15 |
# | 2 | $D$'s move | ●●● | 15 |
# | 3 | $G$'s move | ●●● | 10 |
# | 4 | Train, look, and judge | ●●● | 20 |
#
# In lesson 04 the library's networks played the library's game. Here nothing of it is used: you write both networks
# and both moves in PyTorch, and the digits that come out at the end are yours.
#
# There is no one right answer. The check looks at what your players do, not at how they are made, and it is the same one
# in every task: it is called with more and more of the game. It has small players of its own, on which it tries your
# moves first.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from course_lib import checks

NOISE = 64  # numbers in a z

# %% [markdown]
# ## Task 1 · Two players ●●○ (15 minutes)
#
# Write a function that makes a fresh $G$ and a fresh $D$, both `nn.Module`; `nn.Sequential` will do.
#
# - $G$ takes $z$ of shape `(n, 64)` to images of shape `(n, 1, 28, 28)`, with pixels in $[-1, 1]$, as those of the digits
#   are.
# - $D$ takes images of that shape to one **logit** each, of shape `(n, 1)` or `(n,)`. A logit is any number: the
#   sigmoid will be in the losses.
#
# A million weights in all are plenty, and fully connected layers are enough. On two cores the training of task 4 should
# stay under a minute.
#
# <details><summary>Hint</summary>
#
# `nn.Unflatten(1, (1, 28, 28))` makes images of rows of 784 numbers, `nn.Flatten()` rows of images. Which function has
# the range $[-1, 1]$?
#
# </details>
#
# <details><summary>Further hint</summary>
#
# Two hidden layers each, of 256 and 512 units. What helps a game along: `nn.BatchNorm1d` after $G$'s hidden layers,
# `nn.LeakyReLU` and `nn.Dropout` in $D$.
#
# </details>


# %%
def build_players() -> tuple[nn.Module, nn.Module]:
    """A fresh G, (n, 64) to (n, 1, 28, 28) in [-1, 1], and a fresh D, (n, 1, 28, 28) to (n, 1) logits."""
    ### BEGIN SOLUTION
    G = nn.Sequential(
        nn.Linear(64, 256),
        nn.BatchNorm1d(256),
        nn.ReLU(),
        nn.Linear(256, 512),
        nn.BatchNorm1d(512),
        nn.ReLU(),
        nn.Linear(512, 784),
        nn.Tanh(),
        nn.Unflatten(1, (1, 28, 28)),
    )
    D = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 512),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(512, 256),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(256, 1),
    )
    return G, D
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.build_it_yourself(build_players)

# %% [markdown] tags=["solution"]
# **Why.** `Tanh` ends where the pixels end. After it no layer may follow that changes the range, and after $D$'s last
# layer none at all: a sigmoid there would be applied twice, since the losses have their own, and a ReLU would leave $D$
# unable to say "fake".

# %% [markdown]
# ## Task 2 · $D$'s move ●●● (15 minutes)
#
# One step of `optimizer`, which holds $D$'s weights, towards a larger
#
# $$\frac{1}{m}\sum_i \log D\bigl(x^{(i)}\bigr) + \frac{1}{m}\sum_i \log\bigl(1 - D(G(z^{(i)}))\bigr).$$
#
# $G$ stands still, and nothing is left behind in it: no gradient, no switch. $D$ may be very sure of itself, with logits
# of 100, and its move must survive that. Calling the function twice must make two right moves. Return $D$'s loss as it was
# before the step.
#
# <details><summary>Hint</summary>
#
# Lesson 04, section 2. `softplus(-l)` is $-\log \sigma(l)$, and `softplus(l)` is $-\log(1 - \sigma(l))$.
#
# </details>


# %%
def move_d(G: nn.Module, D: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, z: Tensor) -> float:
    """One move of D. x: (m, 1, 28, 28) real digits. z: (m, 64) noise. Returns D's loss before it."""
    ### BEGIN SOLUTION
    fake = G(z).detach()
    loss = softplus(-D(x)).mean() + softplus(D(fake)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.build_it_yourself(build_players, move_d)

# %% [markdown]
# ## Task 3 · $G$'s move ●●● (10 minutes)
#
# One step of `optimizer`, which now holds $G$'s weights, after which $D$ takes $G$'s images for real more often.
# $-\log D(G(z))$ has a slope where it is needed (lesson 02). $D$ is asked, and stands still. Return $G$'s loss as it was
# before the step.
#
# <details><summary>Hint</summary>
#
# Through what does the gradient come to $G$? Then what must not be detached here?
#
# </details>


# %%
def move_g(G: nn.Module, D: nn.Module, optimizer: torch.optim.Optimizer, z: Tensor) -> float:
    """One move of G. z: (m, 64) noise. Returns G's loss before it."""
    ### BEGIN SOLUTION
    loss = softplus(-D(G(z))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.build_it_yourself(build_players, move_d, move_g)

# %% [markdown] tags=["solution"]
# **Why.** `loss.backward()` writes into $D$'s gradients on its way to $G$. It is harmless only since $D$'s move begins
# with `zero_grad`, and the check tries just that: a move of $D$ after a move of $G$ must be the one it would have been.

# %% [markdown]
# ## Task 4 · Train, look, and judge ●●● (20 minutes)
#
# The loop is written for you. The learning rates, the number of steps and the seed are yours to change, and so is
# everything above. Ten noise vectors are kept aside, to see the same ten images at four moments.

# %%
from itertools import islice

from tqdm.auto import tqdm

from course_lib import by_size, figures
from course_lib.data import Batches, embedded_digits

digits = embedded_digits("train").scaled()
steps = by_size(quick=40, cpu=2_500)
course_lib.seed(0)
G, D = build_players()
d_optimizer = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
g_optimizer = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
kept, rows, losses = torch.randn(10, NOISE), [], {"D": [], "G": []}

for step, batch in enumerate(tqdm(islice(Batches(digits, batch_size=64, seed=0), steps), total=steps), 1):
    for optimizer in (d_optimizer, g_optimizer):  # constant for half of the steps, then falling to zero
        optimizer.param_groups[0]["lr"] = 1e-3 * min(1, 2 - 2 * step / steps)
    losses["D"].append(move_d(G, D, d_optimizer, batch.x, torch.randn(64, NOISE)))
    losses["G"].append(move_g(G, D, g_optimizer, torch.randn(64, NOISE)))
    if step in (steps // 20, steps // 5, steps // 2, steps):
        G.eval()
        with torch.no_grad():
            rows.append(G(kept))
        G.train()

moments = [f"step {moment:,}" for moment in (steps // 20, steps // 5, steps // 2, steps)]
figures.show(figures.image_grid(torch.cat(rows), row_labels=moments, width=4.4, what="of your digits"), colours=16)

# %% [markdown]
# And the log, smoothed over 50 steps. What should it tell you, and what can it not?

# %%
log = {name: torch.tensor(values) for name, values in losses.items()}
figures.show(figures.losses(log, smooth=min(50, steps // 2)), colours=16)

# %% [markdown]
# The last check asks the judge of lesson 04, a classifier fitted to real digits: of 1,000 images of your generator, are
# at least ten confidently seen in each of eight classes? If not, it says what the failure looks like. Then change
# something and train again.

# %% tags=["nbval-check-output"]
checks.build_it_yourself(build_players, move_d, move_g, G)

# %% [markdown]
# ### To go on
#
# - Exchange $D$'s real target 1 for 0.9, as the lesson's game has it. Do the last digits look calmer?
# - Leave the dropout out of $D$. Which loss tells you first, and what do the digits do?
# - Replace both networks by convolutional ones. The check will not mind; lesson 08 is about them.
