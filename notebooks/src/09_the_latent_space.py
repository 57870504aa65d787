# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 09 · The latent space
#
# | | |
# |---|---|
# | **You will be able to** | walk through $z$ in straight lines and along great circles, and say what either does to the length of $z$; add and subtract ideas by their latents, and measure how often the result obeys; build a direction that does one thing, from examples and without any; say why the same fails on pixels |
# | **Minutes** | 80, and 70 for the exercises |
# | **You need** | lesson 08: the DCGAN; lesson 06 for section 11; mean, variance, covariance |
#
# The source is section 6 of Radford, Metz and Chintala 2016, *Unsupervised Representation Learning with Deep
# Convolutional Generative Adversarial Networks*. Great circles are from White 2016, *Sampling Generative Networks*;
# directions that nobody asked for from Härkönen et al. 2020, *GANSpace*.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
from functools import partial
from itertools import islice

import torch
from torch import nn

from course_lib import Game, by_size, explore, figures, play, widgets
from course_lib.data import Batches, embedded_digits, embedded_emoji
from course_lib.experiments.dcgan.shipped import about, shipped
from course_lib.explore import arithmetic, ink, linear, neighbours, slant, spherical, turn_vector, walk
from course_lib.losses import non_saturating, tell_apart
from course_lib.models import conditional_dcgan
from course_lib.models.classifier import train_classifier
from course_lib.training.optimizers import adam

course_lib.seed(0)

# %% [markdown]
# ## 1. A generator to explore
#
# A DCGAN of lesson 08, trained on all of MNIST, comes with the course. Its noise $z$ has 100 numbers, each drawn from
# $U(-1, 1)$. Nobody told it what these numbers are to mean: in training they were drawn, turned into a digit, and
# forgotten. This lesson asks whether they mean something all the same.

# %%
G, _ = shipped("digits")
print(f"trained by: {about('digits')['command']}")


def images_of(z):
    """What G makes of rows of z."""
    with torch.no_grad():
        return torch.cat([G(part) for part in z.split(500)])


z = G.noise(4_000)
x = images_of(z)
figures.show(figures.image_grid(x[:60], columns=15, width=6.0, what="generated digits"), scale=1.5, colours=16)

# %% [markdown]
# To measure and not only look, we need two instruments.
#
# The first is a **judge**, a classifier fitted to the course's 5,000 real digits. We call it *sure* of an image where it
# gives one of the ten digits a probability of more than nine tenths.
#
# The second needs no training. The **slant** of an image is how many pixels its strokes lean to the right for each pixel
# that they rise, from the covariance of the bright pixels' columns and rows. Exercise 5 has you write it. `ink` is the
# mean brightness.

# %%
digits = embedded_digits("train")
judge = train_classifier(digits, epochs=4, width=8).cpu()


def chances(x):
    """The judge's probabilities of the ten digits, a row for each image."""
    with torch.no_grad():
        return judge(x).softmax(1)


test = embedded_digits("test")
print(f"the judge reads {(chances(test.scaled()).argmax(1) == test.y).double().mean():.1%} of real test digits rightly")

sure, digit = chances(x).max(1)
sure, lean = sure > 0.9, slant(x)
print(f"it is sure of {sure.double().mean():.0%} of the generated ones")
ordered = torch.arange(len(x))[sure][lean[sure].argsort()]
shown = ordered[torch.linspace(0, len(ordered) - 1, 15).long()]
print("slants of the row below:", " ".join(f"{value:.2f}" for value in lean[shown].tolist()))
figures.show(
    figures.image_grid(x[shown], columns=15, width=6.0, what="digits from leaning left to leaning right"),
    scale=1.5,
    colours=16,
)

# %% [markdown]
# The judge is sure of fewer than half. The others are those squiggles in the first picture that you could not name
# either. Keep it in mind: we look at a small generator, and what we measure is measured on its good draws and its bad.
#
# ## 2. A walk between nine points
#
# The first thing the paper does is to walk (section 6.1, Figure 4): nine random points, and the pictures on the straight
# line from each to the next. A point on the line between $a$ and $b$ is
#
# $$\ell(t) = (1 - t)\,a + t\,b, \qquad 0 \le t \le 1 .$$
#
# What is it for? A generator that had learned its training set by heart could only hand out one picture until,
# suddenly, it hands out another. *Sharp transitions* would give it away.
#
# **Before you run the next cell.** Each row goes from one point to the next in ten steps, and the last picture of a row
# is the first of the row below. Will you see digits in between, or one digit fading out while another fades in?

# %% tags=["hide-output"]
nine = z[sure][3:12]
steps = 10
path = images_of(walk(nine, steps))
rows = torch.cat([path[leg * steps : (leg + 1) * steps + 1] for leg in range(8)])
figures.show(
    figures.image_grid(rows, columns=11, width=5.5, what="digits on a walk between nine points"), scale=1.5, colours=16
)

# %% [markdown]
# Strokes bend, close and open. Nothing fades: halfway you see one drawing with hard edges, which may be no digit that
# has a name, and not two laid over each other.
#
# Now with a number. On a walk of 100 steps, how much of the way from the first picture to the last is made in the
# largest step, as a distance between pixels? Beside $G$ walks a generator that knows its pictures by heart: it
# answers any $z$ with the picture of the nearest of 4,000 points.
#
# **Before you run the next cell,** guess both.

# %% tags=["hide-output"]
ends = z[sure][20:60].unflatten(0, (20, 2))
largest = {"G": [], "by heart": []}
for pair in ends:
    places = walk(pair, 100)
    for name, pictures in (("G", images_of(places)), ("by heart", x[torch.cdist(places, z).argmin(1)])):
        moves = (pictures[1:] - pictures[:-1]).flatten(1).norm(dim=1)
        largest[name].append((moves.max() / (pictures[-1] - pictures[0]).norm()).item())
for name, shares in largest.items():
    print(
        f"{name:9} the largest of 100 steps makes {sum(shares) / len(shares):.0%} of the way, mean of {len(ends)} walks"
    )

# %% [markdown]
# The one who knows by heart stays, jumps, and stays. $G$ moves with every step, and never far.
#
# ## 3. The length of $z$
#
# A straight line has a flaw that no picture above shows. Take $z \sim U(-1, 1)^{n}$. One number has mean 0 and
# $\mathbb{E}[z_i^2] = \frac13$, so
#
# $$\mathbb{E}\,\lVert z\rVert^2 = \frac n3 .$$
#
# With 100 numbers, the sum of 100 squares hardly varies. Nearly all draws have nearly the same length,
# $\sqrt{100/3}$. They lie close to the surface of a ball, and its inside, although it is well within the cube, is
# empty.
#
# In the middle of a straight line is $m = \frac12(a + b)$. Its numbers have variance $\frac14 \cdot \frac13 +
# \frac14 \cdot \frac13 = \frac16$.
#
# **Before you run the next cell.** What is the length of a draw, what that of the middle, and how many standard
# deviations is the middle off?

# %% tags=["hide-output"]
a, b = G.noise(1_000), G.noise(1_000)
lengths, middles = z.norm(dim=1), linear(a, b, 0.5).norm(dim=1)
print(f"draws   {lengths.mean():.2f}, standard deviation {lengths.std():.2f}; sqrt(100/3) = {(100 / 3) ** 0.5:.2f}")
print(f"middles {middles.mean():.2f}, the shortest of 4,000 draws {lengths.min():.2f}")
print(f"off by {(lengths.mean() - middles.mean()) / lengths.std():.1f} standard deviations")
assert middles.mean() < lengths.min()

# %% [markdown]
# No draw was ever as short as a usual middle. In training, $G$ was never there.
#
# The cure is to turn instead of to cut through. With $\omega$ the angle between $a$ and $b$, the point
#
# $$s(t) = \frac{\sin((1-t)\,\omega)}{\sin\omega}\,a + \frac{\sin(t\,\omega)}{\sin\omega}\,b$$
#
# goes along the great circle through both. If $a$ and $b$ are equally long, so is every $s(t)$. This is *spherical*
# interpolation, or *slerp* (White 2016). `spherical` of the library also lets the length go evenly from $\lVert a\rVert$ to
# $\lVert b\rVert$ where they differ, and in exercise 1 you write it, with the cases in which $\sin\omega$ is 0.

# %%
straight, around = walk(nine[:2], 20), walk(nine[:2], 20, between=spherical)
figures.show(figures.lengths_on_the_way(straight, around, lengths), scale=1.5)

# %% [markdown]
# ## 4. Does the generator mind?
#
# That argument stands in many texts, and most end here. It says where $G$ was not trained. It does not say what $G$
# does there. So we measure it.
#
# **Before you run the next cell.** The judge was sure of 44 % of the draws in section 1. Of how many middles of straight lines,
# and of how many middles of great circles?

# %% tags=["hide-output"]
for name, points in (
    ("draws", a),
    ("middles, straight", linear(a, b, 0.5)),
    ("middles, great circle", spherical(a, b, 0.5)),
):
    share = (chances(images_of(points)).amax(1) > 0.9).double().mean()
    beyond = (points.abs() > 1).double().mean()
    print(f"{name:22} sure of {share:.0%}, {beyond:.0%} of their numbers beyond -1 or 1")

# %% [markdown]
# Within the noise of 1,000 draws, there is no difference. This $G$ does not mind. And the great circle has a
# flaw of its own: some of its numbers leave the interval that every number of $z$ was drawn from.
#
# Why does it not mind? Look at what only the *length* does.
#
# **Before you run the next cell.** Three draws, multiplied by 0 up to 8. At which factors will they fall apart?

# %% tags=["hide-output"]
factors = torch.tensor([0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 4, 8])
scaled = factors[:, None] * nine[:3, None]
figures.show(
    figures.image_grid(
        images_of(scaled.flatten(0, 1)), columns=10, width=5.0, what="digits of z made shorter and longer"
    ),
    scale=1.5,
    colours=16,
)
for factor in factors.tolist():
    print(f"z times {factor:3.1f}: sure of {(chances(images_of(factor * a)).amax(1) > 0.9).double().mean():.0%}")

# %% [markdown]
# From half the length to eight times, hardly anything happens; below a third the picture goes out. (Do not be misled by the
# first three lines. Of a black square the judge is quite sure. It was never shown anything but digits, and has to name
# one.)
#
# The reason is in the layers. The matrix that meets $z$ has no bias, and a ReLU of twice the input is twice the output.
# If that were all, a longer $z$ would only turn up the contrast, and tanh holds that within $-1$ and 1. What does not
# grow with $z$ is the shift that each batch norm adds. It rules where $z$ is close to 0, and there alone. **For a
# DCGAN the direction of $z$ is what counts, and its length hardly.**
#
# So a straight line does harm where it comes close to 0: between two points that lie nearly opposite. At random, in
# 100 dimensions, that never happens. We make it happen.
#
# **Before you run the next cell.** From $z$ to a point close to $-z$, straight in the upper row, along a great circle
# in the lower.

# %% tags=["hide-output"]
opposite = torch.stack([nine[0], -nine[0] + 0.1 * nine[1]])
both = torch.cat([images_of(walk(opposite, 10)), images_of(walk(opposite, 10, between=spherical))])
figures.show(
    figures.image_grid(both, columns=11, row_labels=["straight", "circle"], width=6.0, what="digits on two walks"),
    scale=1.5,
    colours=16,
)

# %% [markdown]
# The straight one goes dark on the way; the other has a drawing at every step. Take great circles where ends may be
# opposite, and else either. Where you meet another generator, measure.
#
# ## 5. Adding and subtracting ideas
#
# Words turned into vectors obey a famous sum: *king* − *man* + *woman* is close to *queen*. The paper asks whether a
# latent space has such sums, too (section 6.3.2, Figure 7): a smiling woman − a neutral woman + a neutral man.
#
# Our ideas are digits and how they lean. We find **exemplars** by the two instruments: draws of which the judge is sure
# and whose slant is large, or close to 0.


# %%
def among(which, low, high):
    """The numbers of the draws that are surely the digit `which` and whose slant is between low and high."""
    return (sure & (digit == which) & (lean > low) & (lean < high)).nonzero()[:, 0]


slanted_1, upright_1, upright_7 = among(1, 0.3, 9), among(1, -0.1, 0.1), among(7, -0.1, 0.1)
print(f"{len(slanted_1)} slanted 1, {len(upright_1)} upright 1, {len(upright_7)} upright 7")

# %% [markdown]
# For each idea the paper takes *three* exemplars and averages their $z$. The sum is
#
# $$z = \overline{z}_{\text{slanted 1}} - \overline{z}_{\text{upright 1}} + \overline{z}_{\text{upright 7}} .$$
#
# Its picture is then shown with eight neighbours, $z$ plus noise from $U(-0.25, 0.25)$, to see that the result is no
# lucky point.
#
# **Before you run the next cell,** say in words what should come out.

# %% tags=["hide-output"]
ideas = {"slanted 1": slanted_1[:3], "upright 1": upright_1[:3], "upright 7": upright_7[:3]}
result = arithmetic(*(z[three] for three in ideas.values()))
around = neighbours(result)
nine_pictures = images_of(torch.cat([around[:4], result[None], around[4:]]))
columns = [(name, torch.cat([x[three], images_of(z[three].mean(0, keepdim=True))])) for name, three in ideas.items()]
figures.show(figures.arithmetic_of_means(columns, nine_pictures), scale=1.5, colours=16)
read_as = chances(nine_pictures).argmax(1).tolist()
print(f"the upright 7 it began with: slant {slant(columns[2][1])[3]:.2f}")
print(f"the result: read as {read_as[4]}, slant {slant(nine_pictures)[4]:.2f}")
print(f"its eight neighbours: read as {read_as[:4] + read_as[5:]}")

# %% [markdown]
# A slanted 7. Nothing in the sum says *seven that leans*: two of its terms are about ones. Most of the neighbours are
# leaning 7s as well, with other curves; where the noise leads too far you see a 7 turn into another digit.
#
# ## 6. One exemplar, three, or twenty
#
# "Experiments working on only single samples per concept were unstable", says the paper, and gives no number. Here is
# the same sum, ten times over with other exemplars: single ones, means of three, means of twenty.


# %%
def picks(found, k, n):
    """n random choices of k exemplars among those found: their numbers, (n, k)."""
    return torch.stack([found[torch.randperm(len(found))[:k]] for _ in range(n)])


def combined(things, plus, minus, to):
    """mean(plus) - mean(minus) + mean(to) of things with the given numbers: latents or, later, pictures."""
    return things[plus].mean(1) - things[minus].mean(1) + things[to].mean(1)


def exemplars(one, other, k, n):
    """Exemplars for n sums 'slanted one - upright one + upright other'."""
    return [picks(found, k, n) for found in (among(one, 0.3, 9), among(one, -0.1, 0.1), among(other, -0.1, 0.1))]


# %% [markdown]
# **Before you run the next cell.** What will differ between the three rows: how good the digits are, how alike they are,
# or how far they lean?

# %% tags=["hide-output"]
counts = (1, 3, 20)
by_count = torch.cat([images_of(combined(z, *exemplars(1, 7, k, 10))) for k in counts])
figures.show(
    figures.image_grid(
        by_count, row_labels=["single", "threes", "twenties"], width=5.6, what="results of slanted 1 - upright 1 + 7"
    ),
    scale=1.5,
    colours=16,
)

# %% [markdown]
# Single exemplars give scribbles among digits; means of twenty give nearly the same slanted 7 ten times.
#
# Now a count. A sum *obeys* if the judge reads the digit that was asked for and the slant is above 0.2. For four
# sums, 200 choices of exemplars each:
#
# **Before you run the next cell,** draw the curve that you expect. Do all sums get better with more exemplars?


# %% tags=["hide-output"]
def obeys(pictures, wanted):
    """Which pictures are read as the digit wanted, and lean."""
    return (chances(pictures).argmax(1) == wanted) & (slant(pictures) > 0.2)


counts, tries = (1, 2, 3, 5, 10, 20), by_size(quick=20, cpu=200)
shares = {
    f"{one} to {other}": [
        obeys(images_of(combined(z, *exemplars(one, other, k, tries))), other).double().mean().item() for k in counts
    ]
    for one, other in ((0, 5), (1, 7), (0, 9), (1, 0))
}
figures.show(figures.obedience_by_exemplars(counts, shares), scale=1.5, colours=16)
for k in counts:
    sums = combined(z, *exemplars(1, 7, k, tries))
    made = images_of(sums)
    print(
        f"1 to 7, means of {k:2}: {(chances(made).argmax(1) == 7).double().mean():4.0%} are a 7, slant {slant(made).mean():.2f} "
        f"± {slant(made).std():.2f}, length of z {sums.norm(dim=1).mean():4.1f}"
    )

# %% [markdown]
# From one exemplar to three, three of the four get clearly better: that much of the paper's sentence is borne out. Beyond
# that they part.
# "0 to 5" and "0 to 9" rise all the way. "1 to 7" turns round: with twenty exemplars the result is a 7 nearly every
# time, but the slants have drawn together to a value close to 0.2, the least that we call leaning. And "1 to 0" ends near
# nothing. Averaging makes a sum **stable**, which is the paper's word. It does not make it right.
#
# Why it makes it stable: write an exemplar as its idea plus what is its own, $z = c + e$. The own parts of different
# exemplars have nothing to do with each other, and the mean of $k$ of them is $\sqrt k$ times shorter. What remains is
# the ideas alone, and a direction between two of them, such as from upright to slanted 1. What that direction does
# to a 7 or a 0 is one answer, right or wrong, and more exemplars only say it more clearly.
#
# The lengths tell one more thing. Three independent draws added have $\sqrt3$ times the length of one, and
# averaging over $k$ divides by $\sqrt k$: with three exemplars the two cancel, and the sum is as long as a draw. That is a
# pretty reason for three. After section 4 you know that it cannot be the important one.
#
# ## 7. Why not add the pictures?
#
# The same line of code takes pictures in place of latents. The paper shows it at the bottom of its Figure 7.
#
# **Before you run the next cell.** The same exemplars in both rows, means of three. What will the pixels' sum look like?

# %% tags=["hide-output"]
same = exemplars(1, 7, 3, 10)
two_rows = torch.cat([images_of(combined(z, *same)), combined(x, *same).clamp(-1, 1)])
figures.show(
    figures.image_grid(two_rows, row_labels=["in $z$", "in pixels"], width=5.6, what="sums in z and in pixels"),
    scale=1.5,
    colours=16,
)
for k in (1, 3, 10):
    same = exemplars(1, 7, k, 200)
    sums = {"z": images_of(combined(z, *same)), "pixels": combined(x, *same).clamp(-1, 1)}
    told = [f"{name} {(chances(made)[:, 7] > 0.9).double().mean():.0%}" for name, made in sums.items()]
    print(f"means of {k:2}, surely a 7:  " + ",  ".join(told))

# %% [markdown]
# Pixels do not line up: three 7s, a shadow where a 1 is missing, and the strokes of three slanted 1s, all on top of each
# other. A mean of pictures is no picture. A mean of latents is a latent, and every latent has a picture. And while more
# exemplars help in $z$, in pixels they make more overlap.
#
# ## 8. The turn vector
#
# In the paper a *turn vector*, from the mean of four faces that look left to the mean of four that look right, turns
# other faces (Figure 8):
#
# $$v = \overline{z}_\text{right} - \overline{z}_\text{left}, \qquad z(t) = z + t\,v .$$
#
# Ours leads from digits that lean to the left to digits that lean to the right. The draws it is tried on are fresh.
#
# **Before you run the next cell.** $t$ goes from $-1$ to 1. What will the rows show at $t = 0$, and will a row keep its
# digit?

# %% tags=["hide-output"]
left, right = (sure & (lean < -0.1)).nonzero()[:, 0], (sure & (lean > 0.3)).nonzero()[:, 0]
by_four = turn_vector(z[left[:4]], z[right[:4]])
fresh = G.noise(1_000)
before = chances(images_of(fresh))
fresh, before = fresh[before.amax(1) > 0.9][:300], before[before.amax(1) > 0.9].argmax(1)[:300]
places = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]


def along(start, direction):
    """Pictures at all places along a direction, for each start: (start, place, 1, 28, 28)."""
    return torch.stack([images_of(start + place * direction) for place in places], 1)


turned = along(fresh[:5], by_four)
figures.show(
    figures.image_grid(turned.flatten(0, 1), columns=9, width=4.6, what="digits turned by the mean of four"),
    scale=1.5,
    colours=16,
)

# %% [markdown]
# They turn. But they do more than turn: the arch of the second row closes to a 9 and fills up, the two 0s get a bar and
# a tail. A vector from four examples each contains whatever these eight happen to have besides their slant. It **drags
# along**.
#
# Two ways to drag less. One is to take all examples. The other looks at who the examples are:

# %%
print("digit          ", "  ".join(f"{which:2}" for which in range(10)))
for name, found in (("leaning left", left), ("leaning right", right)):
    print(f"{name:15}", "  ".join(f"{count:2}" for count in digit[found].bincount(minlength=10).tolist()))

# %% [markdown]
# Draws that lean to the left are often 7 or 9, those that lean to the right often 0 or 1. So the vector between the two
# means also leads from 7 to 0. It is the old trap of comparing groups that differ in more than one thing. The cure is as old: compare within
# each digit, and average the ten comparisons.
#
# **Before you run the next cell.** Left: the slant of 300 fresh draws along the balanced vector, the median and the
# middle half. Right: how many of them the judge still reads as the digit they were, for three vectors. Which is which?

# %% tags=["hide-output"]
within = [
    turn_vector(z[left[digit[left] == which]], z[right[digit[right] == which]])
    for which in range(10)
    if min((digit[left] == which).sum(), (digit[right] == which).sum()) >= 3
]
vectors = {
    "four each": by_four,
    "all": turn_vector(z[left], z[right]),
    "within digits": torch.stack(within).mean(0),
}
seen = {name: along(fresh, vector) for name, vector in vectors.items()}
kept = {
    name: [(chances(pictures[:, at]).argmax(1) == before).double().mean().item() for at in range(len(places))]
    for name, pictures in seen.items()
}
slants = torch.stack([slant(seen["within digits"][:, at]) for at in range(len(places))])
assert (slants.mean(1).diff() > 0).all()
figures.show(figures.along_direction(places, slants, kept), scale=1.5, colours=16)
for name, pictures in seen.items():
    ends = [slant(pictures[:, at]).mean().item() for at in (0, -1)]
    print(
        f"{name:14} mean slant {ends[0]:.2f} to {ends[1]:.2f}, same digit {kept[name][0]:.0%} and {kept[name][-1]:.0%}"
    )

# %% [markdown]
# The mean slant grows with every step. The vector from four examples each turns least and costs most: at its right end
# half of the digits are read as another. All examples together turn further and cost less, and compared within digits
# they turn as far as that and cost least. What is still lost, no choice of examples brings
# back: some draws lean already, and the vector takes them further than any digit leans.
#
# ## 9. What the data have in common
#
# There is dragging along that no number of examples mends. The course's second DCGAN was trained on its emoji, for so
# short a time that it draws blobs in the right colours more than things. We take the forty yellowest and the forty bluest
# of 1,500 draws, and the vector from the mean of the ones to the mean of the others.
#
# **Before you run the next cell.** The first two rows are examples. In the three others a fresh draw stands in the middle,
# with less and more of the vector to its sides. What besides the colour do you expect to change?

# %% tags=["hide-output"]
E, _ = shipped("emoji")


def paint(z):
    """What the generator of emoji makes of rows of z."""
    with torch.no_grad():
        return torch.cat([E(part) for part in z.split(250)])


def blueness(x):
    """How much more blue there is than red and green, in [-2, 2]."""
    return x[:, 2].mean((1, 2)) - x[:, :2].mean((1, 2, 3))


def corners(x):
    """How dark the four corners are, 3 x 3 pixels each, 2 from the edges: 0 on white paper, at most 1."""
    near_an_edge = [2, 3, 4, -5, -4, -3]
    return (1 - x.mean(1)[:, near_an_edge][:, :, near_an_edge].mean((1, 2))) / 2


noise = E.noise(1_500)
order = blueness(paint(noise)).argsort()
yellow, blue = noise[order[:40]], noise[order[-40:]]
colour = turn_vector(yellow, blue)
coloured, amounts = E.noise(300), torch.tensor([-1, -0.6, -0.3, 0, 0.3, 0.6, 1])
sheet = [paint(yellow[:7]), paint(blue[-7:]), *(paint(start + amounts[:, None] * colour) for start in coloured[:3])]
figures.show(
    figures.image_grid(
        torch.cat(sheet), columns=7, row_labels=["yellow", "blue", *["vector"] * 3], width=3.8, what="emoji in colour"
    ),
    scale=1.5,
    colours=64,
)
for amount in (-1, 0, 1):
    made = paint(coloured + amount * colour)
    print(f"{amount:2} times: blueness {blueness(made).mean():5.2f}, dark corners {corners(made).mean():.2f}")
real = embedded_emoji("train").images().scaled()
order = blueness(real).argsort()
for name, which in (("yellowest", order[:100]), ("bluest", order[-100:])):
    print(f"the hundred {name} real emoji: dark corners {corners(real[which]).mean():.2f}")

# %% [markdown]
# The colour obeys. The *shape* comes along: to the left everything gets round, to the right square, and the corners get twice
# as dark. The last two lines say where $G$ has it from. Among the emoji it learned from, the yellow ones are faces, round
# and with corners mostly white, and the blue ones are signs, many of them with a square frame. To $G$ these are not two things.
#
# Comparing like with like, as in section 8, needs both kinds of each. Where the data never part two things, no
# arithmetic parts them.
#
# ## 10. Directions that nobody asked for
#
# For a turn vector somebody must say which examples lean. GANSpace asks $G$ alone: **along which directions do its
# activations vary most?** Draw many $z$, keep the output of an early layer for each, take the principal components of
# these outputs, and carry them back to $z$ by least squares.

# %%
found = explore.principal_directions(G, G.blocks[0], 6, z=z)

# %% [markdown]
# Nobody tells it of slant, ink or digits.
#
# **Before you run the next cell.** Each row moves the same draw along one of the first four directions. Can you name what
# each does?

# %% tags=["hide-output"]
far = [2 * place for place in places]
start = fresh[2]
rows = torch.cat([images_of(start + torch.tensor(far)[:, None] * direction) for direction in found[:4]])
figures.show(
    figures.image_grid(
        rows, columns=9, row_labels=["1", "2", "3", "4"], width=4.8, what="digits along four directions"
    ),
    scale=1.5,
    colours=16,
)
turn = vectors["within digits"]
for number, direction in enumerate(found, start=1):
    low, high = images_of(fresh - direction), images_of(fresh + direction)
    cosine = torch.cosine_similarity(direction, turn, dim=0)
    print(
        f"direction {number}: slant {slant(low).mean():5.2f} to {slant(high).mean():5.2f}, ink {ink(low).mean():.3f} to "
        f"{ink(high).mean():.3f}, cosine to the turn vector {cosine:5.2f}"
    )

# %% [markdown]
# The first takes ink away: a broad loop becomes a thin stroke. The second and third lead to other digits. The fourth sets
# the strokes upright, and the number agrees with the eye: of the six it changes the slant most, and it is the only one
# that points along the line of the turn vector, backwards. A direction's sign is nobody's choice.
#
# So slant was there to be found, without one example that leans. Its *name* was not: that came from us. And what
# varies most need not be what you would like to change.
#
# ## 11. The same hand, another digit
#
# With a *conditional* generator (lesson 06) the question what is dragged along has a cleaner answer. The label says which
# digit, so $z$ is left with the rest: the hand. We train a small conditional DCGAN, with the label joined to the input
# of every layer, as in the paper's appendix A.1.

# %%
course_lib.seed(0)
artist = conditional_dcgan.Generator(nf=16, units=64)
critic = conditional_dcgan.Discriminator(nf=16, units=64)
game = Game(
    artist,
    critic,
    {"real or fake": partial(tell_apart, real_target=0.9)},
    {"pass for real": non_saturating},
    adam(critic, 5e-4),
    adam(artist, 5e-4),
    reuse_samples=True,
)
batches = Batches(digits.x, digits.y, batch_size=64, seed=0, conditional=True, scale_to=(0, 1))
for _ in islice(play(game, batches), by_size(quick=20, cpu=400)):
    pass
_ = artist.eval()

# %% [markdown]
# **Before you run the next cell.** Each row is one $z$, each column one label. What will a row share?

# %% tags=["hide-output"]
hands, labels = artist.noise(5), torch.arange(10)
with torch.no_grad():
    sheet = artist(hands.repeat_interleave(10, 0), labels.repeat(5))
figures.show(
    figures.image_grid(2 * sheet - 1, width=4.6, what="digits, one z a row and one label a column"),
    scale=1.5,
    colours=16,
)
many = artist.noise(200)
with torch.no_grad():
    leans = torch.stack([slant(2 * artist(many, label.expand(200)) - 1) for label in labels])
between = torch.corrcoef(leans)[~torch.eye(10, dtype=bool)]
print(f"correlation of the slants of two digits from the same z: mean {between.mean():.2f}")

# %% [markdown]
# The hand: broad and low, or narrow and leaning, whatever the digit. The slant of one digit foretells that of another from
# the same $z$. Nobody asked for this. $D$ sees one digit at a time and never compares two. But $G$ has only one set of weights
# for all labels, and what a number of $z$ does to one digit it does, in part, to the others.
#
# The digits themselves are those of less than a minute of training. `gan-course train dcgan-mnist` trains the
# paper's.
#
# ## 12. The explorer
#
# Everything above in one widget. The generator runs *in the page*, in less than 200 lines of JavaScript. No picture waits for
# Python.
#
# - **Walk**: nine points, straight or along great circles; *Play* walks by itself.
# - **Arithmetic**: click exemplars for A, B and C, or go by arrow keys and Enter; *Means of three* switches to single
#   exemplars and back.
# - **Direction**: the slider adds a direction. Below stand two that we found. *A minus B* is one of your own.
# - *Save z* hands the latent back to Python.
#
# A conditional generator, such as `widgets.Explorer(artist)`, gets a button for each label.

# %%
explorer = widgets.Explorer(G, directions={"turn": turn, "direction 1": found[0]})
explorer

# %% [markdown]
# **Try it.** Find three exemplars of a digit with a hole and three without. Does the difference open a 6? Save the
# $z$ that you like best, and go on in Python:

# %%
if explorer.latent is not None:
    figures.show(figures.image_grid(images_of(explorer.z()), columns=1, width=1.5, what="digit that was saved"))
else:
    print("no z was saved yet")

# %% [markdown]
# The same explorer as a file: one page that asks nothing of any other computer, to be mailed or put on a website.

# %%
text = explore.page(explore.export(G, directions={"turn": turn}), "Digits")
print(f"{len(text.encode()) / 1e6:.1f} MB; to save it: pathlib.Path('digits.html').write_text(text, encoding='utf-8')")

# %% [markdown]
# The page knows the layers of this course's generators. It cannot run a function of your own, from $z$ to images. That
# goes the slower way, through Python: give it a method `noise(n)`, and `widgets.latent_slider` draws it. Here the
# latent has been made small: two numbers, how much to turn and how far to go along direction 1.


# %%
class TwoKnobs(nn.Module):
    """Two numbers to a digit: how often to add the turn vector, and how often direction 1."""

    def noise(self, n):
        return 2 * torch.rand(n, 2) - 1

    def forward(self, knobs):
        return G(fresh[2] + knobs @ torch.stack([turn, found[0]]))


try:
    explore.export(TwoKnobs())
except explore.NotExportable as error:
    print(error)
widgets.latent_slider(TwoKnobs())

# %% [markdown]
# ## 13. What goes wrong
#
# - **$z$ outside the prior.** A sum of single exemplars is longer than any draw, a mean of many shorter. This $G$ hardly
#   minds the length (section 4). Others do: a generator with biases, without batch norm, or with a normalised $z$
#   behaves differently. Test yours before you trust an average.
# - **Stable is not right.** The mean of twenty exemplars gives the same result each time, and for "1 to 0" the same
#   wrong one. Count how often a sum obeys, on exemplars that you did not pick by their results.
# - **Directions drag along** whatever the examples have in common besides. Compare within groups, look at what else
#   moves, and say so. What the data never part, no direction parts.
# - **Chosen pictures.** Ten walks and the best one shown is how latent spaces became famous. The rows here are first
#   draws.
# - **A judge is a model, too.** Ours is right on real digits. Of a black square it is sure as well.
#
# ## 14. What to read
#
# - Radford et al. 2016, section 6: walks, arithmetic, the turn vector.
# - White 2016, *Sampling Generative Networks*: great circles, and attribute vectors balanced as in section 8.
# - Härkönen et al. 2020, *GANSpace: Discovering Interpretable GAN Controls*: section 10 for large generators.
#
# ## 15. Exercises
#
# [the exercise notebook](../exercises/09_the_latent_space.ipynb): five tasks, about 70 minutes. The great circle with its
# edge cases; the sum of means; a walk through nine points that counts none twice; the balanced turn vector; and the slant
# of an image from its moments.
