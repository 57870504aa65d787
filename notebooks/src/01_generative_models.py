# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 01 · Generative models
#
# | | |
# |---|---|
# | **You will be able to** | say what a generative model is for; fit one by maximum likelihood; say what that asks of a model, and which question a GAN asks in its place. With part two: say which divergence maximum likelihood makes small, which of two models each direction of it prefers, and when a sampler has a density |
# | **Minutes** | 45 for part one, 45 for part two, and 80 for the exercises |
# | **You need** | lesson 00; the derivative of a logarithm; an integral as an area; a mean as an expectation |
#
# The source is the first half of the lecture *Generative adversarial networks*, and section 1 of Goodfellow et al.
# 2014. Logarithms are natural throughout.
#
# **Two parts.** Sections 1 to 6 lead straight to the game, and lesson 02 needs no more than them. Sections 7 to 10 look
# behind likelihood: what it makes small, and what becomes of it when a model has no density. Read them now, or before
# lesson 03, which builds on them.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math

import numpy as np
import torch
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from sklearn.mixture import GaussianMixture
from torch.nn.functional import softplus

from course_lib import by_size, figures, show_source, theory
from course_lib.data import Mixture, embedded_digits, gaussian
from course_lib.figures import lecture
from course_lib.models import mlp

course_lib.seed(0)

# %% [markdown]
# ## 1. Why model how data are distributed?
#
# A classifier is asked what a picture shows. A **generative model** is asked what pictures there are, and how common
# each is. The distribution it should learn is called $p_\text{data}$; the one it has learned, $p_\text{model}$. People
# have wanted such models for two purposes.
#
# - **To describe.** A clustering, for instance, says that the data come in three kinds, and how large each is.
# - **To draw.** New samples that resemble the real ones.
#
# The lecture gives these reasons for wanting them:
#
# | reason | for example | in this course |
# |---|---|---|
# | reinforcement learning | simulate an agent's environment and its possible futures, and plan in the simulation | |
# | few labels | learn from many pictures without a label what digits look like, so that few with a label suffice | lessons 17, 18 |
# | many right answers | an image may be tagged in many ways, a sentence continued in many ways | lessons 06, 07 |
# | realistic pictures | a sharp version of a small image; the next frame of a video | lessons 08, 09 |
#
# The lecture's two applications of GANs are among them: tags for an image, from a *conditional* model, and learning
# with few labels. The third reason is the least obvious, and can be computed. Below, every input has two right
# answers, an upper and a lower one.
#
# **Before you run the next cell.** A curve is fitted through all the dots by least squares. Where will it run?

# %% tags=["hide-output"]
figures.show(lecture.many_answers(), colours=16)

# %% [markdown]
# Between the branches, where no right answer is. The next frame of a video comes out blurred for this reason: the
# guess with the least squared error is the mean of all that could happen. With two equally good answers, $-1$ and
# $+1$, in numbers:

# %% tags=["nbval-check-output"]
answers = Mixture((-1, 1), (0.1, 0.1))


def at(density, x):
    """The density at one number x, in double precision."""
    return density.pdf(torch.tensor(x, dtype=torch.float64)).item()


def mean_squared_error(guess):
    """The expected squared distance of the answer from a guess: an integral, done by SciPy's `quad`."""
    return quad(lambda y: at(answers, y) * (y - guess) ** 2, -3, 3, points=[-1, 1])[0]


for guess in (-1.0, 0.0, 1.0):
    print(
        f"guess {guess:2.0f}: mean squared error {mean_squared_error(guess):.2f}, "
        f"density of right answers there {at(answers, guess):.3f}"
    )

# %% [markdown]
# The guess 0 has half the error of the others, and is never right. A generative model does not guess the mean. It
# learns the two bumps, and draws from one of them.

# %% [markdown]
# ## 2. Dots on a line, and a density over them
#
# A model is a family of densities $p_\text{model}(x \mid \theta)$ with parameters $\theta$. For one Gaussian,
# $\theta$ is its mean and its width, $\theta = (\mu, \sigma)$. Data are dots on the line. The **likelihood** of
# $\theta$ is the product of the heights of the density over the dots:
#
# $$p_\text{model}(x_1 \mid \theta) \cdot p_\text{model}(x_2 \mid \theta) \cdots p_\text{model}(x_n \mid \theta).$$
#
# **Before you run the next cell.** It shows the same five dots under three Gaussians. For which of them is the
# product of the five orange heights the largest? A very high stem may make up for short ones, or may not.

# %% tags=["hide-output"]
dots = torch.tensor([-1.2, -0.3, 0.1, 0.5, 1.4], dtype=torch.float64)
candidates = {"A": gaussian(-2, 1), "B": gaussian(0.1, 0.3), "C": gaussian(0, 1)}
figures.show(figures.dots_under_densities(dots, candidates), colours=16)

# %% [markdown]
# C. The number under each picture is the mean of the *logarithms* of the five heights. In B the dots in the middle
# have more height than anywhere else, and it does not help: a product is small as soon as one factor is, and B gives
# the outer dots almost nothing. A density has area 1, so height in one place is paid for in another.

# %% tags=["nbval-check-output"]
for name, candidate in candidates.items():
    heights = candidate.pdf(dots)
    print(f"{name}: heights {[f'{h:.4f}' for h in heights.tolist()]}, product {heights.prod():.1e}")

# %% [markdown]
# **Maximum likelihood** chooses the $\theta$ with the largest product. The lecture writes it so:
#
# $$\theta^* = \arg\max_\theta\; \mathbb{E}_{x \sim p_\text{data}} \log p_\text{model}(x \mid \theta).$$
#
# Three steps lead from the product to this line.
#
# 1. **A logarithm.** It grows with its argument, so it changes the largest value but not the place where it is. It
#    turns the product into a sum.
# 2. **A division by $n$.** Likewise, and the sum becomes a mean, $\frac1n \sum_i \log p_\text{model}(x_i \mid \theta)$.
# 3. **Many data.** If the dots are independent draws from $p_\text{data}$, the mean tends to the expectation
#    $\mathbb{E}_{x \sim p_\text{data}}$. In practice the mean over a training set stands in for it.
#
# The logarithm is no mere convenience. Take real data: the share of a picture that is ink, in per cent, for the 800
# zeros and ones among the digits that come with the course.
#
# **Before you run the next cell.** 800 heights, each about 0.05, are multiplied. What does the computer say?

# %% tags=["nbval-check-output", "hide-output"]
digits, later_digits = embedded_digits("train"), embedded_digits("test")


def ink_of(images):
    """Per cent of ink in each picture of a 0 or a 1, and whether it is a 1."""
    zero_or_one = images.y < 2
    return 100 * images.x[zero_or_one].double().flatten(1).mean(1) / 255, images.y[zero_or_one] == 1


ink, is_one = ink_of(digits)
heights = gaussian(ink.mean().item(), ink.std().item()).pdf(ink)
print(f"{len(ink)} heights, product {heights.prod():.1f}, sum of logarithms {heights.log().sum():.1f}")

# %% [markdown]
# Zero: $10^{-1000}$ is far below the smallest number it knows, and all $\theta$ would look equally bad. The sum of
# logarithms is an ordinary number.

# %% [markdown]
# ## 3. The peak, by hand and by climbing
#
# The logarithm of a Gaussian density is
#
# $$\log p_\text{model}(x \mid \mu, \sigma) = -\log\sigma - \frac{(x - \mu)^2}{2\sigma^2} - \tfrac12 \log 2\pi .$$
#
# Its derivative in $\mu$ is $(x - \mu)/\sigma^2$. The mean of that over the dots is zero exactly when $\mu$ is the
# mean of the dots. The derivative in $\sigma$ is your first exercise; it says that $\sigma^2$ is the mean squared
# distance from $\mu$. So here the peak is known, and a computer should find it by climbing:
#
# $$\theta \leftarrow \theta + \text{rate} \cdot \nabla_\theta \frac1n \sum_i \log p_\text{model}(x_i \mid \theta).$$
#
# **Before you run the next cell.** The climb starts at $\mu = -2.5$, $\sigma = 2.8$, and each step goes where it is
# steepest. Will the path be straight?

# %% tags=["hide-output"]
theta = torch.tensor([-2.5, 2.8], dtype=torch.float64, requires_grad=True)
path = [theta.detach().clone()]
for _ in range(200):
    mu, sigma = theta
    height = (-sigma.log() - (dots - mu) ** 2 / (2 * sigma**2) - 0.5 * math.log(2 * math.pi)).mean()
    slope = torch.autograd.grad(height, theta)[0]
    theta = (theta + 0.1 * slope).detach().requires_grad_()
    path.append(theta.detach().clone())

figures.show(figures.climb_of_likelihood(dots, torch.stack(path)), colours=16)

# %% tags=["nbval-check-output", "hide-output"]
fitted = stats.norm.fit(dots.numpy())  # SciPy's maximum likelihood
assert np.allclose(theta.detach().numpy(), fitted, atol=1e-3)
assert np.allclose(fitted, (dots.mean().item(), dots.std(correction=0).item()))
print(f"climbed to mean {theta[0]:.3f} and width {theta[1]:.3f}; SciPy {fitted[0]:.3f} and {fitted[1]:.3f}")

# %% [markdown]
# Not straight, but always uphill, to the mean and the spread of the dots.

# %% [markdown]
# ## 4. A mixture, where no formula gives the peak
#
# The ink of zeros and ones has two bumps. A model with two bumps is a **mixture** of $K = 2$ Gaussians. Think of a
# draw in two stages: choose part $k$ with probability $w_k$, then draw from a Gaussian with mean $\mu_k$ and width
# $\sigma_k$:
#
# $$p_\text{model}(x \mid \theta) = \sum_{k=1}^{K} w_k\, \mathcal{N}(x;\, \mu_k, \sigma_k^2), \qquad w_k \ge 0, \quad \sum_k w_k = 1, \quad \sigma_k > 0.$$
#
# The logarithm now stands before a sum, and setting derivatives to zero leads to equations that cannot be solved
# for $\theta$. Climbing still works. We climb with *Adam*, gradient ascent in which every parameter has a step size of
# its own that follows how large its slopes have been; it needs less care with the rate, and trains nearly every GAN in
# this course. Let us be careless at first: weights and widths are plain numbers, and the climb may move them as it
# likes. For comparison, scikit-learn fits the same model, by another algorithm.


# %%
def climb(mean_log_likelihood, parameters, steps, rate=0.1):
    """Move the parameters uphill with Adam; the mean log-likelihood at each step."""
    climber, heights = torch.optim.Adam(parameters, lr=rate, maximize=True), []
    for _ in range(steps):
        climber.zero_grad()
        height = mean_log_likelihood()
        height.backward()
        climber.step()
        heights.append(height.item())
    return heights


sklearn_fit = GaussianMixture(2, tol=1e-10, max_iter=1_000, random_state=0).fit(ink[:, None].numpy())
sklearn_score = sklearn_fit.score(ink[:, None].numpy())

# %% [markdown]
# **Before you run the next cell.** Nothing asks that the weights sum to 1. What would you do, as a weight, to make
# $\log \sum_k w_k \mathcal{N}(x; \mu_k, \sigma_k^2)$ larger?

# %% tags=["hide-output"]
w, mu, sigma = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.5, 0.5], [5.0, 20.0], [3.0, 3.0]))


def careless():
    parts = torch.exp(-((ink[:, None] - mu) ** 2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    return (w * parts).sum(1).log().mean()


heights = climb(careless, [w, mu, sigma], 300)
print(f'"mean log-likelihood" {heights[-1]:.2f}, scikit-learn {sklearn_score:.2f}; the weights sum to {w.sum():.1f}')
assert heights[-1] > sklearn_score and w.sum() > 2

# %% [markdown]
# "Better" than scikit-learn, and still rising. The weights simply grow. What has grown with them is the area under the
# curve, so it is no density any more and its height says nothing. **Area 1 is what makes likelihood an objective**:
# only because of it must height be taken from one place to be put in another.
#
# The repair is to climb in parameters that cannot leave the permitted set. Any real numbers $a_k$ and $b_k$ will do:
#
# $$w_k = \mathrm{softmax}(a)_k = \frac{e^{a_k}}{\sum_j e^{a_j}}, \qquad \sigma_k = \mathrm{softplus}(b_k) = \log(1 + e^{b_k}).$$
#
# And everything stays in logarithms: $\log \sum_k e^{\,\log w_k + \log \mathcal{N}(x; \mu_k, \sigma_k^2)}$ is a
# `logsumexp`, which does not underflow when $x$ lies far from every part.


# %%
def log_parts(x, a, mu, b):
    """log w_k + log N(x; mu_k, sigma_k^2) for every x and k: (sample, part)."""
    sigma = softplus(b)
    return a.log_softmax(0) - sigma.log() - (x[:, None] - mu) ** 2 / (2 * sigma**2) - 0.5 * math.log(2 * math.pi)


a, mu, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.0, 0.0], [5.0, 20.0], [3.0, 3.0]))
heights = climb(lambda: log_parts(ink, a, mu, b).logsumexp(1).mean(), [a, mu, b], 500)
fit = Mixture(*(tuple(v.tolist()) for v in (mu.detach(), softplus(b).detach(), a.detach().softmax(0))))

# %% [markdown]
# **Before you run the next cell.** Two algorithms, one objective. To how many digits should they agree?

# %% tags=["nbval-check-output", "hide-output"]
order = sklearn_fit.means_.ravel().argsort()
theirs = [v.ravel()[order] for v in (sklearn_fit.weights_, sklearn_fit.means_, sklearn_fit.covariances_**0.5)]
print(f"mean log-likelihood {heights[-1]:.4f}, scikit-learn {sklearn_score:.4f}")
for what, ours, other in zip(("weights", "means", "widths"), (fit.weights, fit.means, fit.stds), theirs, strict=True):
    assert np.allclose(ours, other, atol=2e-3)
    print(f"{what:8}", *(f"{v:6.2f}" for v in ours), "  scikit-learn", *(f"{v:6.2f}" for v in other))
assert math.isclose(heights[-1], sklearn_score, abs_tol=1e-5)

# %% tags=["hide-output"]
one_bump = gaussian(ink.mean().item(), ink.std(correction=0).item())
figures.show(
    figures.histogram_under_densities(
        ink, {"two parts": fit, "one part": one_bump}, what="ink, per cent", label="0s and 1s"
    ),
    colours=16,
)

# %% [markdown]
# The same to all digits shown. One Gaussian of maximum likelihood stands beside it: it puts its peak nearly where
# the data have their valley.
#
# ### What one can do with it
#
# **Describe.** Given an $x$, how probable is it that part $k$ made it? Of the total height at $x$, it is the share
# that part $k$ contributes, its **responsibility**:
#
# $$r_k(x) = \frac{w_k\, \mathcal{N}(x; \mu_k, \sigma_k^2)}{\sum_j w_j\, \mathcal{N}(x; \mu_j, \sigma_j^2)}.$$
#
# No label was used so far. **Before you run the next cell.** How often is the part with little ink a 1, and the
# other a 0?

# %% tags=["nbval-check-output", "hide-output"]
responsibility = log_parts(ink, a, mu, b).detach().softmax(1)
assert np.allclose(responsibility, sklearn_fit.predict_proba(ink[:, None].numpy())[:, order], atol=1e-3)
agree = (responsibility.argmax(1) == 0) == is_one
print(f"share of pictures for which the more responsible part is the right digit: {agree.double().mean():.1f}")

# %% [markdown]
# Nine times in ten, from one number a picture and without a label. That is clustering, and the reason why a
# generative model can spare labels.
#
# **Draw.** Two stages, as in the definition: a part, then a Gaussian.

# %%
show_source(Mixture.sample)

# %% [markdown]
# **Before you run the next cell.** It compares three shares at four amounts of ink: of the samples drawn, of the model
# (the area under its curve, by SciPy) and of the data. Which two should agree best?

# %% tags=["nbval-check-output", "hide-output"]
drawn = fit.sample(by_size(quick=100_000, cpu=400_000))
print("share with less ink than   drawn  model   data")
for limit in (4, 8, 16, 24):
    parts = stats.norm.cdf(limit, fit.means, fit.stds)  # the area under each part, left of the limit
    model = (parts * np.array(fit.weights)).sum()
    shares = [(sample < limit).double().mean().item() for sample in (drawn, ink)]
    assert abs(shares[0] - model) < 0.01 and abs(shares[1] - model) < 0.06
    print(f"{limit:6} per cent {shares[0]:16.2f} {model:6.2f} {shares[1]:6.2f}")

# %% [markdown]
# The samples and the model, which differ by chance alone. The data come close: two bells describe the ink well.
#
# It is also easy to see what this model does *not* do. It draws amounts of ink. A picture has 784 numbers that hang
# together, and a handful of bells does not describe how. For pictures one wants a richer family.

# %% [markdown]
# ## 5. Explicit and implicit models
#
# There is another way to draw. Start from noise $z$ that is easy to draw, a standard Gaussian, and push it through a
# map $G$:
#
# $$z \sim p_z, \qquad x = G(z).$$
#
# That is all there is to a **generator**. Here is a tiny one, a network with a single hidden unit and a shortcut.
#
# **Before you run the next cell.** The bell of the noise, at the bottom, is cut into ten strips of equal probability.
# Each goes up to the curve and then to the left. What happens to a strip where the curve is flat, and where it is
# steep?


# %% tags=["hide-output"]
def two_bumps(z):
    return z / 2 + 2 * torch.tanh(3 * z)


figures.show(figures.pushed_noise(two_bumps), colours=16)

# %% [markdown]
# Where the curve is steep, the strip is pulled apart and the probability in it spread thin. Where it is flat, it is
# squeezed and piled up. One bell has become two bumps, and no mixture was needed. To draw takes one line. But how high
# is the density at a given $x$? The picture shows it, and no formula was written down.
#
# The lecture sorts generative models by this question.

# %%
figures.show(lecture.taxonomy(), colours=16)

# %% [markdown]
# - **Explicit, tractable**: $p_\text{model}(x)$ can be evaluated. Maximum likelihood is direct. Your mixture is one.
# - **Explicit, approximate**: there is a formula, with a sum or an integral in it that nobody can finish. One climbs a
#   bound or an estimate instead.
# - **Implicit**: no formula, only a machine that draws, such as a generator. The architecture is free. But there is
#   nothing to take the logarithm of.
#
# So what can an implicit model be trained on? Look at what each way of comparing it with the data needs:
#
# | comparison | of the data | of the model |
# |---|---|---|
# | maximum likelihood | samples | **its density** |
# | somebody who tells two heaps of samples apart | samples | samples |
#
# Of the data we only ever have samples. Of an implicit model, too. Only the second is left.

# %% [markdown]
# ## 6. The counterfeiter and the detective

# %%
figures.show(lecture.counterfeiter(), colours=16)

# %% [markdown]
# A counterfeiter (the generator) makes fakes to pass for real. A detective (the discriminator, a *discriminative*
# model: it only says which of two kinds it sees) has to tell them apart. Both try to be one up on the other.
# Let us hire a detective who knows nothing but counting. In each stretch of the line she counts real and forged notes
# that she is told about, and answers by majority. Then she is tried on new notes.
#
# **Before you run the next cell.** Real notes come from two bumps at $\pm 2.4$. Rank three counterfeiters: plain
# noise $z$; noise with the right spread, $2.45 z$; `two_bumps`. How often is she right about each?


# %% tags=["nbval-check-output", "hide-output"]
def share_of_right_verdicts(real, fake, new_real, new_fake):
    """How often a detective who votes by the majority in each stretch of 0.1 is right on new notes."""
    edges = np.linspace(-10, 10, 201)
    trusts = np.histogram(real, edges)[0] >= np.histogram(fake, edges)[0]
    on_real, on_fake = (trusts[np.clip(np.digitize(x, edges) - 1, 0, 199)] for x in (new_real, new_fake))
    return (on_real.mean() + (1 - on_fake.mean())) / 2


mint = Mixture((-2.4, 2.4), (0.5, 0.5))
COUNTERFEITERS = {"z": lambda z: z, "2.45 z": lambda z: 2.45 * z, "two_bumps(z)": two_bumps}
RIGHT = {}
for name, push in COUNTERFEITERS.items():
    real, new_real = mint.sample(400_000).numpy().reshape(2, -1)
    fake, new_fake = push(torch.randn(400_000)).numpy().reshape(2, -1)
    RIGHT[name] = share_of_right_verdicts(real, fake, new_real, new_fake)
    print(f"{name:13} she is right {100 * RIGHT[name]:.0f} times in 100")


def best_share(density):
    """How often anybody can be right at most about fakes of this density: half of the overlap is lost."""
    places = np.linspace(-12, 12, 2_401)
    overlap = np.trapezoid([min(at(mint, x), density(x)) for x in places], places)
    return 1 - overlap / 2


for name, width in (("z", 1.0), ("2.45 z", 2.45)):
    assert abs(RIGHT[name] - best_share(stats.norm(0, width).pdf)) < 0.01

# %% [markdown]
# The better the counterfeiter, the nearer she comes to 50, which is tossing a coin. The assertion compares her with
# the best that anybody can do: where the densities overlap she cannot know, so she errs on half of the overlap. She
# came within a hundredth of it **from samples alone**. No density and no logarithm of zero.
#
# How often she is right thus measures how far $p_\text{model}$ is from $p_\text{data}$, and can be had for an implicit
# model. Two things are missing. Her yes and no have no slope that a counterfeiter could climb; and a table of counts is
# hopeless for pictures. Lesson 02 lets a network answer for her, with a number $D(x)$ between 0 and 1, and pays her by
# it. Then the counterfeiter has something to learn from, and the game is a GAN.

# %% [markdown]
# # Part two: behind likelihood
#
# You can go on to lesson 02 here, and come back before lesson 03. What follows is about two questions: what exactly
# does maximum likelihood make small, and what is lost when a model has no density?

# %% [markdown]
# ## 7. Whose likelihood?
#
# The objective is an expectation over $p_\text{data}$; what we climb is the mean over a training set. With few
# parameters the two are close. Take many: a mixture with 800 parts of equal weight, one on each training picture, all
# of width $\sigma$. Lesson 05 meets it again as the *Parzen window*.
#
# **Before you run the next cell.** $\sigma$ becomes smaller and smaller. What happens to the mean log-likelihood on
# the training pictures, and on 200 new ones?

# %% tags=["nbval-check-output", "hide-output"]
new_ink, _ = ink_of(later_digits)
print("                     training      new")
for width in (3.0, 1.0, 0.3, 0.1, 0.01):
    on_each = Mixture(tuple(ink.tolist()), (width,) * len(ink))
    print(f"width {width:4}           {on_each.pdf(ink).log().mean():8.3f} {on_each.pdf(new_ink).log().mean():8.3f}")
print(f"the fit of section 4 {fit.pdf(ink).log().mean():8.3f} {fit.pdf(new_ink).log().mean():8.3f}")

# %% [markdown]
# On the training pictures it rises without end: in the limit every stem is infinitely high, and the model draws the
# training set, nothing else. On new pictures it rises a little, up to a width of about 0.3, and then falls without
# end. The training column shows nothing of this. So **likelihood is measured on data that were not climbed on**. Note,
# too, that a model which has memorised draws perfect samples: to look at samples is not enough.

# %% [markdown]
# ## 8. Maximum likelihood makes a divergence small
#
# How far is one distribution from another? The **Kullback-Leibler divergence** is
#
# $$\mathrm{KL}(p \,\|\, q) = \mathbb{E}_{x \sim p}\left[\log \frac{p(x)}{q(x)}\right] = \int p(x) \log\frac{p(x)}{q(x)}\, dx .$$
#
# It says how much larger, on average over the draws of $p$, the logarithm of $p$'s density is than that of $q$'s. Its
# unit, with natural logarithms, is the *nat*. Where $p = q$, the logarithm is 0. And the divergence is never negative: $\log t \le t - 1$ for every $t > 0$, so
#
# $$-\mathrm{KL}(p \,\|\, q) = \int p \log \frac{q}{p}\,dx \le \int p \left(\frac{q}{p} - 1\right) dx = \int q\,dx - \int p\,dx = 0 .$$
#
# Now split the logarithm of the quotient, with $p = p_\text{data}$ and $q = p_\text{model}$:
#
# $$\mathrm{KL}(p_\text{data} \,\|\, p_\text{model}) = \underbrace{\mathbb{E}_{x \sim p_\text{data}} \log p_\text{data}(x)}_{\text{no } \theta \text{ in it}} \;-\; \underbrace{\mathbb{E}_{x \sim p_\text{data}} \log p_\text{model}(x \mid \theta)}_{\text{the objective}} .$$
#
# The first term is a fixed number (minus the *entropy* of the data). So **the largest likelihood and the smallest
# $\mathrm{KL}(p_\text{data} \,\|\, p_\text{model})$ are at the same $\theta$**.
#
# **Before you run the next cell.** Data with two bumps of unequal size, and four models. Two columns differ from line
# to line. What will the third do?


# %% tags=["nbval-check-output", "hide-output"]
def kl_by_quad(p, q):
    """KL(p || q) by SciPy's adaptive quadrature."""
    return quad(lambda x: at(p, x) * (math.log(at(p, x)) - math.log(at(q, x))), -14, 14, points=[-2, 2], limit=500)[0]


def objective_by_quad(p, q):
    """The expectation of log q under p."""
    return quad(lambda x: at(p, x) * math.log(at(q, x)), -14, 14, points=[-2, 2], limit=500)[0]


p_data = Mixture((-2, 2), (0.5, 0.5), (0.6, 0.4))
minus_entropy = objective_by_quad(p_data, p_data)
print("model          objective      KL     sum")
for mean, std in ((0, 1), (-2, 1), (-0.4, 2), (3, 2)):
    q = gaussian(mean, std)
    objective, divergence = objective_by_quad(p_data, q), kl_by_quad(p_data, q)
    assert math.isclose(objective + divergence, minus_entropy, abs_tol=1e-6)
    assert math.isclose(theory.kl(p_data, q), divergence, abs_tol=1e-6)
    print(f"N({mean:4}, {std}^2) {objective:11.4f} {divergence:8.4f} {objective + divergence:8.4f}")

# %% [markdown]
# It stays the same: what likelihood gains, the divergence loses. The library's `theory.kl` agrees with SciPy to six
# digits, so from here on we use it to search, and SciPy to confirm.

# %% [markdown]
# ## 9. Forwards and backwards
#
# KL is not symmetric. There are two ways to measure the same pair:
#
# - **forwards**, $\mathrm{KL}(p_\text{data} \,\|\, p_\text{model})$: an average over the *data*;
# - **backwards**, $\mathrm{KL}(p_\text{model} \,\|\, p_\text{data})$: an average over the *model's own samples*.
#
# When the family contains $p_\text{data}$, both are 0 there and agree. A model is never that good. So let one
# Gaussian do what it can for two bumps.
#
# **Before you run the next cell.** In one direction the best Gaussian lies over both bumps; in the other it sits on a
# single one. Which is which? Ask, for each, where the logarithm of the quotient becomes very large, and whether
# anything falls there of what is averaged over.


# %% tags=["nbval-check-output", "hide-output"]
line = torch.linspace(-16, 16, 3_201, dtype=torch.float64)


def best_gaussian(divergence, start):
    """The Gaussian of least divergence, by search from (mean, width)."""
    found = minimize(
        lambda v: divergence(gaussian(v[0], math.exp(v[1]))).item(),
        (start[0], math.log(start[1])),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-10},
    )
    return gaussian(found.x[0], math.exp(found.x[1]))


FOUND = {
    "least forwards": best_gaussian(lambda q: theory.kl(p_data, q, line), (0, 2)),
    "least backwards, from mean -1": best_gaussian(lambda q: theory.kl(q, p_data, line), (-1, 0.8)),
    "least backwards, from mean +1": best_gaussian(lambda q: theory.kl(q, p_data, line), (1, 0.8)),
    "least backwards, from a wide one": best_gaussian(lambda q: theory.kl(q, p_data, line), (0, 2)),
}
print("                                    mean  width   forwards  backwards")
for name, q in FOUND.items():
    there, back = kl_by_quad(p_data, q), kl_by_quad(q, p_data)
    assert math.isclose(there, theory.kl(p_data, q), abs_tol=1e-5)
    assert math.isclose(back, theory.kl(q, p_data), abs_tol=1e-5)
    print(f"{name:33} {q.means[0]:6.2f} {q.stds[0]:6.2f} {there:10.2f} {back:10.2f}")

# %% tags=["hide-output"]
forwards, left, right, _ = FOUND.values()
figures.show(
    figures.where_divergences_pay(p_data, {"least forwards": forwards, "least backwards": left}), scale=1.5, colours=16
)

# %% [markdown]
# **Forwards covers.** The orange area says where $\mathrm{KL}(p_\text{data} \,\|\, p_\text{model})$ is paid: where
# data fall and the model has little. On the right, all of the second bump is such a place, and it costs 12. On the
# left a single Gaussian is stretched over both bumps. Forwards also has a formula here. We know from section 3 that
# the best mean and width are those of the data:

# %% tags=["nbval-check-output"]
mean = quad(lambda x: at(p_data, x) * x, -14, 14, points=[-2, 2])[0]
spread = quad(lambda x: at(p_data, x) * (x - mean) ** 2, -14, 14, points=[-2, 2])[0] ** 0.5
assert np.allclose((forwards.means[0], forwards.stds[0]), (mean, spread), atol=1e-4)
print(f"the data have mean {mean:.2f} and spread {spread:.2f}")

# %% [markdown]
# **Backwards seeks a mode.** The blue area is paid where the *model* puts something and data never fall. So the valley
# between the bumps is dear, and a bump that is left out costs nothing at its place. It costs something elsewhere:
# on its own bump the model has the whole bump's shape, but the data have only $w$ times it, so
# $\log(p_\text{model}/p_\text{data}) = -\log w$ there, nearly a constant. So the two narrow models differ only by
# the size of their bump:

# %% tags=["nbval-check-output"]
for q, weight in ((left, 0.6), (right, 0.4)):
    assert math.isclose(kl_by_quad(q, p_data), -math.log(weight), abs_tol=2e-3)
    print(f"backwards {kl_by_quad(q, p_data):.3f}, -log {weight} = {-math.log(weight):.3f}")

# %% [markdown]
# Losing 60 per cent of the data costs 0.9 nats backwards, and cannot be noticed by looking at samples, which are
# all perfect. And it is a valley: small steps do not lead out of it. The table shows a third one, wide and over both
# bumps, with twice that cost. Where a search ends depends on where it began. Hold the width at 1 and move the mean:

# %%
position = torch.linspace(-4, 4, 81, dtype=torch.float64)
there = torch.stack([theory.kl(p_data, gaussian(m, 1), line) for m in position.tolist()])
back = torch.stack([theory.kl(gaussian(m, 1), p_data, line) for m in position.tolist()])
figures.show(figures.divergences_along(position, {"forwards": there, "backwards": back}, top=12), colours=16)

# %% [markdown]
# One valley forwards, two backwards. Which is the better direction depends on what the model is for.
#
# **Before you run the next cell.** Between $-0.8$ and $0.8$ data hardly ever fall. How much of each model does?


# %% tags=["nbval-check-output", "hide-output"]
def share_between(q, low, high):
    """The area under the density between two ends."""
    return quad(lambda x: at(q, x), low, high)[0]


for name, q in (("data", p_data), ("forwards", forwards), ("backwards", left)):
    in_valley, at_left, at_right = (share_between(q, *ends) for ends in ((-0.8, 0.8), (-3.5, -0.5), (0.5, 3.5)))
    print(f"{name:10} in the valley {in_valley:.2f}, near the left bump {at_left:.2f}, near the right {at_right:.2f}")

# %% [markdown]
# Three in ten samples of the forwards model resemble nothing real. The backwards model makes no such mistake, and has
# never heard of the right bump. To warn of strange data, you want the first; to print pictures for sale, perhaps
# the second. GANs are known for sharp samples and for bumps left out, their **mode collapse** (lesson 04), much like
# the second. What they make small in theory is a third divergence, which treats data and model alike (lesson 03).

# %% [markdown]
# ## 10. A sampler without a density
#
# In section 5 a model was a map from noise, and we could draw from it without a formula for its density. Does it have
# one all the same? Take the tiny generator `two_bumps` once more.
#
# A strip of width $dz$ at $z$ holds the probability $p_z(z)\,dz$. It
# lands on a stretch of width $dx = |G'(z)|\,dz$, and the probability is still the same:
#
# $$p_x(x)\,dx = p_z(z)\,dz \quad\Rightarrow\quad p_x(x) = \frac{p_z(z)}{|G'(z)|} \quad\text{with } z = G^{-1}(x).$$
#
# This is the **change of variables**. It asks for two things: the $z$ that leads to $x$, an *inverse*, and the
# *derivative* there. Autograd has the derivative. The inverse of our map has no formula, so SciPy's `brentq` searches for
# it, anew for every $x$: the $z$ where $G(z) - x$ goes through zero.
#
# **Before you run the next cell.** Is the density at $x = 0$ above or below 0.1? You need $p_z(0) = 0.399$ and $G'(0)$.


# %% tags=["nbval-check-output", "hide-output"]
def density_of_two_bumps(x):
    """p_x(x) at one number x by the change of variables."""
    z = brentq(lambda z: two_bumps(torch.tensor(z, dtype=torch.float64)).item() - x, -40, 40)
    z = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(two_bumps(z), z)[0]
    return stats.norm.pdf(z.item()) / abs(slope.item())


x = two_bumps(torch.randn(by_size(quick=200_000, cpu=1_000_000), dtype=torch.float64)).numpy()
print("                 share of samples    integral of the density")
for low, high in ((-3, -2), (-0.5, 0.5), (1, 2), (3, 4)):
    counted = ((low < x) & (x < high)).mean()
    share = quad(density_of_two_bumps, low, high)[0]
    assert abs(counted - share) < 4 * math.sqrt(share / len(x))
    print(f"from {low:4} to {high:3} {counted:14.2f} {share:22.2f}")
print(f"density at 0: {density_of_two_bumps(0):.3f}; area under it {quad(density_of_two_bumps, -6, 6)[0]:.3f}")

# %% [markdown]
# $G'(0) = \tfrac12 + 6$, and $0.399/6.5 = 0.061$. Counted and computed agree, and the area is 1. With the density we
# can also tell how good the detective of section 6 was about this counterfeiter: as good as anybody can be.

# %%
assert abs(RIGHT["two_bumps(z)"] - best_share(density_of_two_bumps)) < 0.01

# %% [markdown]
# So with this $G$ one could still do maximum likelihood. *Normalising flows* are networks built so that inverse and derivative are
# cheap, and are trained that way. Their makers pay with the architecture. What if we let the network be any network?
#
# ### First loss: the map folds
#
# $G(z) = z^2$ sends $z$ and $-z$ to the same $x$. There is no inverse; there are two, $\sqrt{x}$ and $-\sqrt{x}$. SciPy
# knows the density of a squared Gaussian, the chi-squared distribution with one degree of freedom.
#
# **Before you run the next cell.** Suppose we forget one of the two. What is the area under the result?


# %% tags=["nbval-check-output", "hide-output"]
def one_branch(x):
    return stats.norm.pdf(math.sqrt(x)) / (2 * math.sqrt(x))  # |G'(z)| = 2|z|


print(f"area with one inverse {quad(one_branch, 0, 60)[0]:.3f}")
for x in (0.1, 1.0, 3.0):
    scipy_says = stats.chi2(1).pdf(x)
    assert math.isclose(2 * one_branch(x), scipy_says)
    print(f"x = {x}: one inverse {one_branch(x):.4f}, both {2 * one_branch(x):.4f}, SciPy {scipy_says:.4f}")

# %% [markdown]
# One half: every inverse that is forgotten takes its probability with it. The repair is to add them all up,
#
# $$p_x(x) = \sum_{z \,:\, G(z) = x} \frac{p_z(z)}{|G'(z)|},$$
#
# and that needs *all* $z$ which lead to $x$. How many would that be in an ordinary network? We take 100 networks of
# random weights from one number to one, and walk along the line of $z$.
#
# **Before you run the next cell.** How many of the 100 have an inverse, that is, rise all the way or fall all the way?


# %% tags=["hide-output"]
def turns_and_crossings(x):
    """How often the values x of a map, in order of z, change direction, and how often they pass their median."""
    up, above = (x[1:] > x[:-1]).int(), (x > x.median()).int()
    return (up.diff() != 0).sum().item(), (above.diff() != 0).sum().item()


z = torch.linspace(-3, 3, 1_001, dtype=torch.float64)[:, None]
with torch.no_grad():
    networks = [mlp.Generator(1, (64, 64, 64), (1,)).double() for _ in range(100)]
    found = [turns_and_crossings(network(z).squeeze(1)) for network in networks]
crossings, most_folded = max((n, index) for index, (_, n) in enumerate(found))
invertible = sum(turns == 0 for turns, _ in found)
print(f"{invertible} of 100 networks have an inverse; in the most folded one {crossings} values of z share one x")
assert invertible < 20 and crossings > 2

middle = networks[most_folded](z[z.abs().squeeze(1) < 1.5]).detach()  # what nine in ten draws of z lead to


def folded(z):
    """The most folded network, shifted and scaled to fit the picture."""
    x = networks[most_folded](z[:, None]).squeeze(1).detach()
    return 6 * (x - middle.median()) / (middle.max() - middle.min())


figures.show(figures.pushed_noise(folded, x_range=(-5, 5), mark=0.0), colours=16)

# %% [markdown]
# Hardly any. Wherever the curve turns, the density has a spike, and along the orange line every crossing must be
# found. With one number of noise one can walk along the whole line and count. The generator of lesson 00 has 64
# numbers of noise, and nobody walks along all of that space.
#
# ### Second loss: the noise has fewer dimensions than the data
#
# Two networks of the same make draw points in the plane. One is given two numbers of noise, the other a single one.
# We ask each how crowded its samples are: cut the plane into boxes of side $h$, estimate the density in each box as
# its share of the samples divided by $h^2$, and take the median over the samples. If there is a density, this settles
# as $h$ gets smaller.
#
# **Before you run the next cell.** For which of them will it not settle, and by what factor does it grow when $h$ is
# halved?


# %% tags=["hide-output"]
def crowding(x, side):
    """The density in its own box of that side which the middle one of the samples x, (n, 2), meets."""
    column, row = (x / side).floor().long().T
    _, box, count = (10_000 * column + row).unique(return_inverse=True, return_counts=True)
    neighbours = count[box] - 1  # a sample is no neighbour to itself
    return (neighbours.double() / (len(x) - 1) / side**2).median().item()


course_lib.seed(1)
samples = {}
for numbers in (2, 1):
    network = mlp.Generator(numbers, (64, 64), (2,))
    with torch.no_grad():
        x = network(network.noise(by_size(quick=100_000, cpu=500_000)))
        samples["two numbers of noise" if numbers == 2 else "one number of noise"] = (x - x.mean(0)) / x.std(0)

crowded = {name: [crowding(x, side) for side in (0.2, 0.1, 0.05, 0.025)] for name, x in samples.items()}
for name, values in crowded.items():
    print(f"{name:21}", *(f"{value:7.2f}" for value in values))
plane, curve = crowded.values()
assert plane[-1] < 1.25 * plane[-2] and curve[-1] > 1.7 * curve[-2]

figures.show(figures.clouds(samples), scale=1.5, colours=8)

# %% [markdown]
# With two numbers it settles. With one it doubles every time, or nearly: the samples lie on a curve, a box half as wide
# holds half of the samples it held, and $h^2$ is a quarter. The curve has length but no area, so there is **no
# density**: infinite on it, zero beside it. Nearly every real point lies beside it, and its log-likelihood is minus
# infinity, however close it is. A generator from 64 numbers to 784 pixels is in this position.

# %% [markdown]
# ## 11. What to read
#
# - Goodfellow et al. 2014, *Generative Adversarial Nets*, section 1: one page, on the intractable probabilistic
#   computations that had held deep generative models back, and the counterfeiters.
# - Goodfellow 2016, *NIPS 2016 Tutorial: Generative Adversarial Networks*, section 2: maximum likelihood and the tree
#   of section 5, in full; section 3.2.5 on whether the direction of KL explains what GANs do (probably not alone).
# - The lecture, slides "Motivations" to "The counterfeiter and the detective".

# %% [markdown]
# ## 12. Exercises
#
# [the exercise notebook](../exercises/01_generative_models.ipynb): five tasks, about 80 minutes. The slopes of a
# likelihood by hand; a log-likelihood to repair; slopes through responsibilities; which divergence for which job;
# the density of a map that folds. The first three need part one alone.
