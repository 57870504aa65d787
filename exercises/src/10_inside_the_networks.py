# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 10 · Inside the networks: exercises
#
# | Task | What you do | Difficulty | Minutes |
# |---|---|---|---|
# | 1 | The guided way back through a ReLU | ●○○ | 10 |
# | 2 | The strongest filters | ●○○ | 10 |
# | 3 | Which maps to drop | ●●○ | 15 |
# | 4 | Was it forgotten? | ●●○ | 15 |
# | 5 | What short weights are | ●●● | 15 |
#
# Replace each line `raise NotImplementedError` by your own, then run the cell with the check below it. A check takes
# your function itself, tries it on cases of its own, and says what is right or what the mistake looks like.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from course_lib import checks
from course_lib.data import load
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.experiments.lessons import bars
from course_lib.explore.forgetting import activations, inside, without_maps
from course_lib.explore.strokes import upper_bars

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · The guided way back through a ReLU ●○○ (10 minutes)
#
# A ReLU was given $u$ on the way forward. On the way back it is given $R$, the slope of the response with respect to
# its output, of the same shape. What does it hand down under guided backpropagation? A unit whose $u$ is 0 counts as
# off.
#
# <details><summary>Hint</summary>
#
# Two gates, and both must be open. A comparison of tensors is a tensor of True and False, and can be multiplied with.
#
# </details>


# %%
def guided_relu(u: Tensor, R: Tensor) -> Tensor:
    """What is handed down, of the shape of u."""
    ### BEGIN SOLUTION
    return R * (u > 0) * (R > 0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.guided_relu(guided_relu)

# %% [markdown] tags=["solution"]
# **Why.** $[u > 0]$ is the chain rule, and $[R > 0]$ drops what would lower the response. `R.clamp(min=0) * (u > 0)`
# is the same. Nothing else may change: what passes is $R$ itself, neither 1 nor $u$.

# %% [markdown]
# ## Task 2 · The strongest filters ●○○ (10 minutes)
#
# `maps` holds what a convolutional layer put out for some images, (image, filter, height, width). A filter's response
# to an image is its **largest** value anywhere in the map. Return the numbers of the $k$ filters whose responses, as
# a **mean** over images, are the largest, the strongest first.
#
# <details><summary>Hint</summary>
#
# `amax` takes several axes at once, and `topk` returns values and places.
#
# </details>


# %%
def strongest(maps: Tensor, k: int) -> Tensor:
    """The numbers of k filters, strongest first."""
    ### BEGIN SOLUTION
    return maps.amax((2, 3)).mean(0).topk(k).indices
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.strongest(strongest)

# %% [markdown]
# On the discriminator of the lesson, and test digits:

# %%
_, D = shipped("digits")
with torch.no_grad():
    found = D.blocks[1](D.blocks[0](load("mnist", "test").scaled()[:300]))
print("strongest filters:", strongest(found, 6).tolist())

# %% [markdown] tags=["solution"]
# **Why.** The largest value over places first, the mean over images then. In the other order, a filter that fires
# strongly but at another place in every image would be smoothed away before it is looked at.

# %% [markdown]
# ## Task 3 · Which maps to drop ●●○ (15 minutes)
#
# `maps` are the activations of a layer of $G$, (image, map, height, width). `marked`, (image, height, width), says of
# each place whether it lies in a box. Fit a logistic regression that tells from the maps' values at a place whether
# it is marked, on **all** places, and return for each map whether it is to be dropped: whether its weight is
# positive.
#
# `LogisticRegression(max_iter=1_000).fit(rows, answers)` of scikit-learn takes a row for each example, and has the
# weights in `coef_`, of shape (1, map), and the intercept in `intercept_`.
#
# <details><summary>Hint</summary>
#
# An example is a place of an image. How many are there, and what is its row? `reshape` alone puts the wrong numbers
# into a row, since maps are the second axis.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# `maps.permute(0, 2, 3, 1)` has the maps last. Then join the first three axes, those that `marked` has too.
#
# </details>


# %%
def maps_to_drop(maps: Tensor, marked: Tensor) -> Tensor:
    """True for each map whose weight is positive: (map,) of bool."""
    ### BEGIN SOLUTION
    rows = maps.permute(0, 2, 3, 1).flatten(0, 2)
    model = LogisticRegression(max_iter=1_000).fit(rows.numpy(), marked.flatten().numpy())
    return torch.from_numpy(model.coef_[0] > 0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.maps_to_drop(maps_to_drop)

# %% [markdown] tags=["solution"]
# **Why.** The intercept is no map: it holds how frequent marked places are, and is left out. A map that is 0
# everywhere gets weight 0 and is not dropped; for the pictures it would make no difference.

# %% [markdown]
# ## Task 4 · Was it forgotten? ●●○ (15 minutes)
#
# `before` are images in $[-1, 1]$, (n, 1, size, size), `after` the same $z$ drawn without some maps, `marked`, (n,
# size, size), the boxes' pixels. `controls`, (draw, n, 1, size, size), are the same again, each without as many maps
# drawn at random.
#
# Return two numbers:
#
# - the **ratio** of the share of ink left inside the boxes to the share left outside. Ink is the sum of pixels over
#   all images at once, counted from 0 (black) to 1 (white);
# - **how often chance does as well**: how many of the controls have a ratio as low or lower, counting the choice
#   itself as one of them: $\frac{1 + \text{number of controls as low or lower}}{1 + \text{number of controls}}$.
#
# Think of it first: why is the choice itself counted? What would 0 claim, after twenty draws?
#
# <details><summary>Hint</summary>
#
# Write a function that takes `before` and one `after`, and use it $1 + \text{draws}$ times.
#
# </details>


# %%
def forgotten(before: Tensor, after: Tensor, controls: Tensor, marked: Tensor) -> tuple[float, float]:
    """The ratio inside to outside of what is left, and how often chance does as well."""
    ### BEGIN SOLUTION

    def ratio(images):
        was, now = before[:, 0] + 1, images[:, 0] + 1  # twice the ink: the factor falls out
        within, out = (now[where].sum() / was[where].sum() for where in (marked, ~marked))
        return within / out

    chosen = ratio(after)
    as_low = sum(ratio(control) <= chosen for control in controls)
    return chosen.item(), (1 + as_low.item()) / (1 + len(controls))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.forgotten(forgotten)

# %% [markdown]
# Your tasks 3 and 4 together, on the generator of the lesson. The boxes are those recorded for it, and the measure is
# taken on the same sevens. **Before you run the next cell:** with 19 draws at random, what is the smallest number
# that the second can be?

# %%
G, _ = shipped("digits")
z, layer = bars.latents(), G.blocks[0]
dropped = maps_to_drop(activations(G, layer, z), inside(bars.boxes(), (52, 7, 7), 28))


def without(dropped: Tensor) -> Tensor:
    """The sevens, drawn without some maps."""
    with torch.no_grad(), without_maps(layer, dropped):
        return G(z)


nothing = torch.zeros(128, dtype=torch.bool)
draws = [torch.randperm(128, generator=torch.Generator().manual_seed(seed)) < dropped.sum() for seed in range(19)]
before = without(nothing)
ratio, chance = forgotten(
    before,
    without(dropped),
    torch.stack([without(draw) for draw in draws]),
    inside(upper_bars(before), (52, 28, 28), 28),
)
print(f"maps dropped {int(dropped.sum())}, ratio {ratio:.2f}, chance does as well in {chance:.2f} of the draws")

# %% [markdown] tags=["solution"]
# **Why.** The sums are over all images: with a mean of ratios image by image, a seven with hardly any bar would count
# as much as one with a heavy one. Without the choice itself among the draws, the result could be 0, that is, "chance
# never does as well". Twenty draws cannot show that. Of 19 draws and the choice, the smallest possible is one in
# twenty.

# %% [markdown]
# ## Task 5 · What short weights are ●●● (15 minutes)
#
# scikit-learn's logistic regression makes small
#
# $$\tfrac12 \lVert w \rVert^2 + C \sum_i \Bigl[\log\bigl(1 + e^{\,w \cdot x_i + b}\bigr) - t_i\,(w \cdot x_i + b)\Bigr],$$
#
# with $t_i = 1$ for the $n_1$ examples in a box and $t_i = 0$ for the $n_0$ others. The intercept $b$ is not kept
# short. Let $C$ be so small that $w$ is nearly 0. Find $w$, to first order in $C$, from the examples' means $m_1$ in
# the boxes and $m_0$ outside.
#
# <details><summary>Hint</summary>
#
# Set the gradient in $w$ to 0: $w = C \sum_i (t_i - p_i)\, x_i$ with $p_i = \sigma(w \cdot x_i + b)$. With $w$ nearly
# 0 every $p_i$ is the same number $p$. The gradient in $b$ says which.
#
# </details>
#
# <details><summary>Further hint</summary>
#
# $p = n_1 / (n_1 + n_0)$. Split the sum into the examples with $t_i = 1$ and those with $t_i = 0$.
#
# </details>


# %%
def short_weights(within: Tensor, outside: Tensor, C: float) -> Tensor:
    """The weights for a very small C. within: (n1, map), rows in a box. outside: (n0, map). Returns (map,)."""
    ### BEGIN SOLUTION
    n1, n0 = len(within), len(outside)
    return C * n1 * n0 / (n1 + n0) * (within.mean(0) - outside.mean(0))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.short_weights(short_weights)

# %% [markdown]
# Against scikit-learn, on the maps of the sevens:

# %%
maps = activations(G, layer, z).permute(0, 2, 3, 1)
marked = inside(bars.boxes(), (52, 7, 7), 28)
rows, answers = maps.flatten(0, 2).double(), marked.flatten()
model = LogisticRegression(C=1e-7, tol=1e-12, max_iter=1_000).fit(rows.numpy(), answers.numpy())
mine, theirs = short_weights(rows[answers], rows[~answers], C=1e-7).numpy(), model.coef_[0]
print(f"largest difference, as a share of the largest weight: {np.abs(mine - theirs).max() / theirs.max():.0e}")

# %% [markdown] tags=["solution"]
# **Why.** $\sum_i (t_i - p)\,x_i = (1 - p)\,n_1 m_1 - p\,n_0 m_0 = \frac{n_1 n_0}{n_1 + n_0}\,(m_1 - m_0)$, since
# $1 - p = \frac{n_0}{n_1 + n_0}$. So the sign of a short weight says whether the map is on average larger inside the
# boxes than outside, map by map, whatever the other maps do. A long weight says what the map adds to all the others:
# a useful number for predicting, and a confusing one for deciding what to drop.
