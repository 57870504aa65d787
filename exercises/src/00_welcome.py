# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 00 · Welcome
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | noise on the right scale | ●○○ | 8 |
# | 2 | pixels there and back (code) | ●●○ | 10 |
# | 3 | the middle of a walk (mathematics) | ●●○ | 8 |
# | 4 | repair the walk | ●●● | 12 |
# | 5 | how often $D$ is right | ●○○ | 7 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake; ask it as often as you like. Hints are folded away; try without them first.

# %%
import math

import torch

import course_lib
from course_lib import checks, figures

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · Noise on the right scale &nbsp; ●○○ &nbsp; 8 minutes
#
# The lesson's noise is Gaussian. The authors of the first GAN drew it from a uniform distribution instead, on
# $(-a, a)$, with $a$ chosen so that every coordinate has variance 1 as well. Then the first layer of $G$ sees numbers
# of the same size, whichever prior is used.
#
# The variance of the uniform distribution on $(-a, a)$ is
#
# $$\int_{-a}^{a} x^2 \,\frac{1}{2a}\,dx .$$
#
# Work it out, choose $a$, and draw.
#
# <details><summary>Hint</summary>
#
# `torch.rand(n, dim)` is uniform on $[0, 1)$. Stretch it, then shift it.
# </details>
#
# <details><summary>Further hint</summary>
#
# The integral is $\left[x^3 / 3\right]_{-a}^{a} / (2a) = a^2/3$.
# </details>


# %%
def uniform_prior(n, dim):
    """A batch of n noise vectors, uniform, with mean 0 and variance 1. Returns (n, dim)."""
    ### BEGIN SOLUTION
    a = math.sqrt(3)
    return (2 * torch.rand(n, dim) - 1) * a
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.unit_uniform(uniform_prior)

# %% [markdown] tags=["solution"]
# $a^2/3 = 1$ gives $a = \sqrt 3$, the number in the authors' released code. Checked without any calculus, by drawing
# many:

# %% tags=["solution", "nbval-check-output"]
noise = uniform_prior(100_000, 10)
print(f"mean {abs(noise.mean()):.2f}, variance {noise.var():.2f}, largest {noise.abs().max():.3f}")

# %% [markdown]
# ## Task 2 · Pixels there and back &nbsp; ●●○ &nbsp; 10 minutes
#
# Files hold pixels as `uint8`, whole numbers from 0 to 255. Networks want floats from -1 to 1. Write both ways.
# They must fit: what goes there and back comes out unchanged, all 256 values of it. On the way back, a value a little
# below -1 or above 1 becomes black or white.
#
# First there. **Beware:** arithmetic on `uint8` wraps round, without a word of warning.

# %% tags=["nbval-check-output"]
print(torch.tensor([100, 127, 128, 200], dtype=torch.uint8) * 2)

# %% [markdown]
# <details><summary>Hint</summary>
#
# `pixels.float()`. And how many steps are there from 0 to 255?
# </details>


# %%
def pixels_to_floats(pixels):
    """Pixels, uint8 in 0..255 of any shape, to floats of the same shape: 0 to -1 and 255 to 1."""
    ### BEGIN SOLUTION
    return pixels.float() / 127.5 - 1
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.to_unit_range(pixels_to_floats)

# %% [markdown]
# And back. To turn a float into `uint8`, `x.to(torch.uint8)` cuts off everything after the point: 1.999 becomes 1.
#
# <details><summary>Hint</summary>
#
# Undo the last step first. Then three things are left to do, in this order: round, clip, change the type.
# </details>
#
# <details><summary>Further hint</summary>
#
# `x.round()`, `x.clamp(low, high)`.
# </details>


# %%
def floats_to_pixels(x):
    """Floats of any shape to the nearest uint8: -1 to 0 and 1 to 255, clipped beyond."""
    ### BEGIN SOLUTION
    return ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.to_bytes(floats_to_pixels)

# %% [markdown] tags=["solution"]
# Without the rounding, how many of the 256 values would come back wrong? Each comes back as itself up to the
# precision of a `float32`, so where it lands a hair below a whole number, one shade is lost:

# %% tags=["solution", "nbval-check-output"]
every = torch.arange(256, dtype=torch.uint8)
back = floats_to_pixels(pixels_to_floats(every))
assert torch.equal(back, every)
cut_off = ((pixels_to_floats(every) + 1) * 127.5).to(torch.uint8)
print(f"wrong with rounding: {(back != every).sum()}; some wrong without: {bool((cut_off != every).any())}")

# %% [markdown] tags=["solution"]
# One shade in 256 is invisible in a picture. It is not invisible to a discriminator, or to a measure of quality that
# compares real and generated images: both will find a difference that has nothing to do with how well $G$ draws.

# %% [markdown]
# ## Task 3 · The middle of a walk &nbsp; ●●○ &nbsp; 8 minutes
#
# In the lesson the root of the mean squared length of a noise vector of $n$ standard Gaussian coordinates was
# $\sqrt n$. Let $a$ and $b$ be two such vectors, drawn independently. The middle of the straight walk between them is
# $m = (a + b)/2$. What is the root of *its* mean squared length,
#
# $$\sqrt{\mathbb{E}\,\lVert m \rVert^2}\;?$$
#
# <details><summary>Hint</summary>
#
# Begin with one coordinate: $m_i = (a_i + b_i)/2$ has mean 0, so $\mathbb{E}[m_i^2]$ is its variance.
# </details>
#
# <details><summary>Further hint</summary>
#
# $\operatorname{Var}(c X) = c^2 \operatorname{Var}(X)$, and variances of independent variables add.
# </details>


# %%
def length_in_the_middle(n):
    """The root of the mean squared length of (a + b) / 2, for independent standard Gaussian a, b of n numbers each."""
    ### BEGIN SOLUTION
    return math.sqrt(n / 2)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.middle_length(length_in_the_middle)

# %% [markdown] tags=["solution"]
# $\operatorname{Var}(m_i) = \frac14 \operatorname{Var}(a_i) + \frac14 \operatorname{Var}(b_i) = \frac12$. Summed over
# $n$ coordinates, $\mathbb{E}\lVert m \rVert^2 = n/2$. Checked with draws:

# %% tags=["solution", "nbval-check-output"]
a, b = torch.randn(2, 100_000, 64)
middle = ((a + b) / 2).norm(dim=1)
assert math.isclose(middle.square().mean().sqrt(), length_in_the_middle(64), rel_tol=0.01)
print(f"drawn {middle.square().mean().sqrt():.1f}, formula {length_in_the_middle(64):.1f}")

# %% [markdown]
# ## Task 4 · Repair the walk &nbsp; ●●● &nbsp; 12 minutes
#
# Of $z$ with 64 coordinates, nearly all draws have a length between 6 and 10. By task 3 the middle of a straight walk
# has about 5.7: a place where $G$ was practically never trained. Here is that straight walk.


# %%
def broken_walk(start, end, steps):
    """From start to end, both (n,), on a straight line: (steps, n)."""
    places = torch.linspace(0, 1, steps)[:, None]
    return (1 - places) * start + places * end


course_lib.seed(8)
start, end = torch.randn(2, 64)
print([round(length, 1) for length in broken_walk(start, end, 9).norm(dim=1).tolist()])

# %% [markdown]
# Write a walk that begins at `start`, ends at `end`, and on the way never has a length outside the range between the
# lengths of these two. Each step should bring it nearer to the direction of `end`.
#
# There is more than one good answer.
#
# <details><summary>Hint</summary>
#
# A vector is a direction times a length. The straight walk has good directions and bad lengths.
# </details>
#
# <details><summary>Further hint</summary>
#
# Divide each point of the straight walk by its own length (`walk.norm(dim=1, keepdim=True)`), then multiply it by the
# length that is due at that place, which goes from that of `start` to that of `end`.
# </details>


# %%
def mended_walk(start, end, steps):
    """From start to end, both (n,) and included: (steps, n), at lengths between those of the two."""
    ### BEGIN SOLUTION
    places = torch.linspace(0, 1, steps)[:, None]
    straight = (1 - places) * start + places * end
    directions = straight / straight.norm(dim=1, keepdim=True)
    lengths = (1 - places) * start.norm() + places * end.norm()
    return directions * lengths
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.full_length_walk(mended_walk)

# %% [markdown]
# With your walk, the next cell draws both lengths. The grey band holds 98 of 100 draws.

# %%
figures.show(
    figures.lengths_on_the_way(
        broken_walk(start, end, 9), torch.as_tensor(mended_walk(start, end, 9)), torch.randn(10_000, 64).norm(dim=1)
    )
)

# %% [markdown] tags=["solution"]
# The straight walk leaves the band; the mended one stays in it. The other well-known answer goes along the great
# circle between the two directions in equal angles (*slerp*, spherical linear interpolation):

# %% tags=["solution", "nbval-check-output"]


def great_circle(start, end, steps):
    """From start to end in equal angles, the length going evenly from one to the other."""
    places = torch.linspace(0, 1, steps)[:, None]
    first, last = start / start.norm(), end / end.norm()
    angle = torch.arccos(first @ last)
    directions = (torch.sin((1 - places) * angle) * first + torch.sin(places * angle) * last) / torch.sin(angle)
    return directions * ((1 - places) * start.norm() + places * end.norm())


checks.full_length_walk(great_circle)

# %% [markdown] tags=["solution"]
# Back in the lesson, replace `torch.lerp` in the strip of walks by either. The middle pictures lose some of their
# muddle, since $G$ is now asked about noise of a kind it has been trained on.

# %% [markdown]
# ## Task 5 · How often is D right? &nbsp; ●○○ &nbsp; 7 minutes
#
# $D$ ends in a logit $l$ for each image, and $D(x) = \sigma(l)$. Say that it *calls* an image real if $D(x) >
# \frac12$, fake otherwise. Of all images it was shown, real and fake together, what share does it name rightly?
#
# <details><summary>Hint</summary>
#
# Where does $\sigma$ pass one half? You do not need to compute it.
# </details>
#
# <details><summary>Further hint</summary>
#
# On a real image `real_logits > 0` is right, on a fake `fake_logits <= 0`. The two batches may differ in size.
# </details>


# %%
def share_named_rightly(real_logits, fake_logits):
    """The share of all images that D names rightly, in [0, 1]; the logits are (batch,), of any two sizes."""
    ### BEGIN SOLUTION
    right = torch.cat([real_logits > 0, fake_logits <= 0])
    return right.float().mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.share_right(share_named_rightly)

# %% [markdown] tags=["solution"]
# $\sigma(0) = \frac12$ and $\sigma$ rises, so $D(x) > \frac12$ exactly where $l > 0$.
#
# A share close to 1 says that $D$ has found something that gives the fakes away. It does not say how sure $D$ is. A
# $D$ that answers 0.51 to every real image and 0.49 to every fake is right each time; in the value of equation 1 it
# gets hardly more than one that answers one half to everything:

# %% tags=["solution", "nbval-check-output"]
logits = torch.full((4,), math.log(0.51 / 0.49))
value = logits.sigmoid().log().mean() + (1 - (-logits).sigmoid()).log().mean()
print(f"share right {share_named_rightly(logits, -logits):.2f}, value {value:.3f}, of a coin {-math.log(4):.3f}")

# %% [markdown]
# ## If you have time
#
# In the lesson, train on one digit only: `digits.x[digits.y == 7]`, scaled, in `data.Batches`. How many steps does
# $G$ need now? And what does a walk between two sevens look like?
