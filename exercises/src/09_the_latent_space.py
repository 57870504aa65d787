# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 09 · The latent space
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | the great circle, and where there is none | ●●○ | 15 |
# | 2 | the sum of means | ●○○ | 8 |
# | 3 | a walk that counts no point twice | ●●○ | 12 |
# | 4 | a turn vector that compares like with like | ●●● | 20 |
# | 5 | the slant of an image | ●●○ | 15 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
from itertools import pairwise

import torch

from course_lib import checks, explore, figures
from course_lib.experiments.dcgan.shipped import shipped

course_lib.seed(0)
G, _ = shipped("digits")


def images_of(z):
    """What the lesson's generator makes of rows of z."""
    with torch.no_grad():
        return torch.cat([G(part) for part in z.split(500)])


# %% [markdown]
# ## Task 1 · The great circle &nbsp; ●●○ &nbsp; 15 minutes
#
# Section 3 of the lesson: with $\omega$ the angle between $a$ and $b$, the direction at $t$ is
#
# $$\frac{\sin((1-t)\,\omega)}{\sin\omega}\,\frac{a}{\lVert a\rVert} + \frac{\sin(t\,\omega)}{\sin\omega}\,\frac{b}{\lVert b\rVert},$$
#
# and the length goes evenly from $\lVert a\rVert$ to $\lVert b\rVert$: it is $(1-t)\lVert a\rVert + t\lVert b\rVert$.
#
# Write it for a batch: each row has an $a$, a $b$ and a $t$ of its own.
#
# Where $\sin\omega$ is below $10^{-4}$, no great circle is singled out: $a$ and $b$ point the same way, or exactly
# opposite ways. Where one of them is 0 there is no angle at all. In these rows, and in no others, return the point of the
# straight line, $(1-t)\,a + t\,b$.
#
# <details><summary>Hint</summary>
#
# `norm(dim=1, keepdim=True)` has a shape by which rows can be divided. The cosine of $\omega$ is the scalar product of
# the two directions. Rounding may take it beyond 1, where `arccos` gives nan.
# </details>
# <details><summary>Further hint</summary>
#
# `torch.where(condition, there, else_here)` decides row by row. A comparison with nan is false: let `condition` be the one
# under which the circle is to be trusted.
# </details>


# %%
def on_the_great_circle(a, b, t):
    """The point at t of each row on the great circle from a to b.

    a, b: (n, noise). t: (n,), 0 at a and 1 at b. Returns (n, noise).
    """
    ### BEGIN SOLUTION
    t = t[:, None]
    length_a, length_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    cosine = (a * b).sum(1, keepdim=True) / (length_a * length_b)
    omega = cosine.arccos()  # nan where rounding takes a cosine beyond 1: nan > 1e-4 is false
    direction = (((1 - t) * omega).sin() * a / length_a + (t * omega).sin() * b / length_b) / omega.sin()
    circle = ((1 - t) * length_a + t * length_b) * direction
    return torch.where(omega.sin() > 1e-4, circle, (1 - t) * a + t * b)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.great_circle(on_the_great_circle)

# %% [markdown] tags=["solution"]
# **Why not `if`.** A batch may hold a special row among others, and an `if` decides for all. `torch.where` computes both
# and chooses. The nan of the row that is not chosen does no harm here. It would in training: the gradient of
# `torch.where` multiplies it by 0, and 0 times nan is nan.
#
# Many implementations lay the sines on $a$ and $b$ themselves instead of on their directions. For draws of nearly equal
# length there is hardly a difference.

# %% tags=["solution"]
a, b = G.noise(2)[:, None]
t = torch.linspace(0, 1, 11)
on_circle = on_the_great_circle(a.expand(11, -1), b.expand(11, -1), t)
assert torch.allclose(on_circle, explore.walk(torch.cat([a, b]), 10, between=explore.spherical), atol=1e-5)
figures.show(
    figures.image_grid(images_of(on_circle), columns=11, what="digits on your great circle"), scale=1.5, colours=16
)

# %% [markdown]
# ## Task 2 · The sum of means &nbsp; ●○○ &nbsp; 8 minutes
#
# An idea is a table of exemplars, a row each: `plus` may have three, `minus` five, `to` one. Return mean of `plus` − mean
# of `minus` + mean of `to`.
#
# In the explorer somebody may press the button before having chosen a picture. The mean of no rows is nan, without any
# warning, and so is every pixel that is made of it. Raise a `ValueError` which says what is missing.
#
# <details><summary>Hint</summary>
#
# `len(plus)` is the number of exemplars.
# </details>


# %%
def sum_of_ideas(plus, minus, to):
    """mean(plus) - mean(minus) + mean(to), each (k, noise) with a k of its own: (noise,).

    Raises ValueError where one of them has no row.
    """
    ### BEGIN SOLUTION
    if min(len(plus), len(minus), len(to)) == 0:
        raise ValueError("One of the three ideas has no exemplar. Choose at least one for each.")
    return plus.mean(0) - minus.mean(0) + to.mean(0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.sum_of_means(sum_of_ideas)

# %% [markdown]
# ## Task 3 · A walk through nine points &nbsp; ●●○ &nbsp; 12 minutes
#
# From each point to the next in a straight line, in `steps` equal steps a leg, the last point included. A film made of the
# rows must not stumble: no row may be there twice because a leg ends where the next begins.
#
# Before you write: nine points and ten steps a leg, how many rows?
#
# <details><summary>Hint</summary>
#
# Let each leg have its start and not its end: $t = 0, \frac1{\text{steps}}, \dots, \frac{\text{steps}-1}{\text{steps}}$.
# Which single point is then missing?
# </details>
# <details><summary>Further hint</summary>
#
# `pairwise(points)` gives the legs, `torch.arange(steps) / steps` the places.
# </details>


# %%
def walk_through(points, steps):
    """Straight from point to point, each met once.

    points: (p, noise), at least 2. steps: on each leg, at least 1. Returns ((p - 1) * steps + 1, noise).
    """
    ### BEGIN SOLUTION
    t = (torch.arange(steps) / steps)[:, None]
    legs = [(1 - t) * start + t * end for start, end in pairwise(points)]
    return torch.cat([*legs, points[-1:]])
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.walk_through_points(walk_through)

# %% tags=["solution", "nbval-check-output"]
rows = walk_through(G.noise(9), 10)
assert len(rows.unique(dim=0)) == len(rows)
print(f"nine points, ten steps a leg: {len(rows)} rows")

# %% [markdown] tags=["solution"]
# Eight legs of ten rows, and the last point: $8 \cdot 10 + 1$. It is the old riddle of the fence, which has one post more
# than rails.

# %% [markdown]
# ## Task 4 · Like with like &nbsp; ●●● &nbsp; 20 minutes
#
# Section 8 of the lesson: the plain turn vector, from the mean of all draws that lean left to the mean of all that lean
# right, also leads from the digits that often lean left to those that often lean right.
#
# Write the balanced one. A draw leans **left** where its slant is below $-0.1$, and **right** where it is above $0.3$. For
# each digit $k$ that has draws on *both* sides,
#
# $$v_k = \overline{z}_{\text{right},\,k} - \overline{z}_{\text{left},\,k},$$
#
# and the result is the mean of the $v_k$, each digit counting the same. Where no digit leans both ways, raise a
# `ValueError`.
#
# <details><summary>Hint</summary>
#
# `z[right & (digit == k)]` are the draws of digit $k$ that lean right. `(…).any()` says whether there is one.
# </details>
# <details><summary>Further hint</summary>
#
# Collect the $v_k$ in a list with a loop over `digit.unique()`, then `torch.stack(them).mean(0)`.
# </details>


# %%
def like_with_like(z, lean, digit):
    """The mean over digits of mean(right) - mean(left), over digits that lean both ways.

    z: (n, noise). lean: (n,), slants. digit: (n,), whole numbers. Returns (noise,).
    Raises ValueError where no digit leans both ways.
    """
    ### BEGIN SOLUTION
    left, right = lean < -0.1, lean > 0.3
    each = []
    for k in digit.unique():
        on_the_left, on_the_right = z[left & (digit == k)], z[right & (digit == k)]
        if len(on_the_left) > 0 and len(on_the_right) > 0:
            each.append(on_the_right.mean(0) - on_the_left.mean(0))
    if not each:
        raise ValueError("No digit leans both to the left and to the right. Give more draws.")
    return torch.stack(each).mean(0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.balanced_turn(like_with_like)

# %% [markdown] tags=["solution"]
# **Why it helps.** Write $z = c_k + e$ with a part that makes it the digit $k$. In $v_k$ the part $c_k$ stands on both
# sides and cancels. In the plain difference it stands with the share of $k$ on the right less that on the left, and
# these differ. Statisticians call it *stratifying*, and the trap, *confounding*.

# %% [markdown]
# ## Task 5 · The slant of an image &nbsp; ●●○ &nbsp; 15 minutes
#
# Bring the pixels to $[0, 1]$ and call them mass: $m_{rc}$ in row $r$ and column $c$. The mean row and column are
#
# $$\bar r = \frac{\sum_{r,c} m_{rc}\, r}{\sum_{r,c} m_{rc}}, \qquad \bar c = \frac{\sum_{r,c} m_{rc}\, c}{\sum_{r,c} m_{rc}},$$
#
# and the slant is
#
# $$-\frac{\sum_{r,c} m_{rc}\,(r - \bar r)(c - \bar c)}{\sum_{r,c} m_{rc}\,(r - \bar r)^2} .$$
#
# It is the slope of the straight line that best foretells the column from the row. The minus is there because rows are
# counted downwards.
#
# Where nothing is bright, or all of the ink lies in one row, the slant shall be 0: take the denominator for 0 below
# $10^{-6}$. Images need not be square.
#
# <details><summary>Hint</summary>
#
# `mass.sum(2)` is the ink in each row of each image, `mass.sum((1, 2))` all of it.
# </details>
# <details><summary>Further hint</summary>
#
# Give the rows the shape (height, 1) and the columns (width,); then `mass * rows * columns` multiplies as the formula does.
# Where nothing is bright everything is nan; `torch.where(variance > 1e-6, ...)` at the end is false for nan.
# </details>


# %%
def slant_of(x):
    """By how many pixels the strokes lean to the right for each pixel up.

    x: (n, 1, height, width) in [-1, 1]. Returns (n,).
    """
    ### BEGIN SOLUTION
    mass = (x[:, 0] + 1) / 2
    total = mass.sum((1, 2), keepdim=True)
    rows, columns = torch.arange(x.shape[2])[:, None], torch.arange(x.shape[3])
    down = rows - (mass * rows).sum((1, 2), keepdim=True) / total
    covariance, variance = (mass * down * columns).sum((1, 2)), (mass * down**2).sum((1, 2))
    return torch.where(variance > 1e-6, -covariance / variance, 0.0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.slant_by_moments(slant_of)

# %% [markdown] tags=["solution"]
# **Where is $\bar c$?** It may be left out. $\sum m_{rc}(r - \bar r) = 0$, so whatever number is taken from all columns
# adds nothing to the covariance. Whoever takes $\bar c$ away is right as well, and loses fewer digits to rounding where
# an image is large.
#
# Half the ink gives the same slant, since it stands above and below the line.

# %% tags=["solution"]
x = images_of(G.noise(500))
assert torch.allclose(slant_of(x), explore.slant(x), atol=1e-4)
order = slant_of(x).argsort()
figures.show(
    figures.image_grid(x[torch.cat([order[:5], order[-5:]])], what="digits, the five that lean furthest either way"),
    scale=1.5,
    colours=16,
)
