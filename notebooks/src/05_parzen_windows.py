# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 05 · Parzen windows
#
# | | |
# |---|---|
# | **You will be able to** | turn a heap of samples into a density and compute its logarithm without underflow; choose the width $\sigma$ without touching the test data; read the first table of GAN results, its $\pm$ included; show by three computations why nobody should choose a model by it |
# | **Minutes** | 75, and 70 for the exercises |
# | **You need** | lesson 04: a generator trained on digits; the density of a Gaussian; logarithms |
#
# The sources are section 5 of Goodfellow et al. 2014, *Generative Adversarial Nets*, which brought this measure to
# GANs, and Theis, van den Oord and Bethge, *A note on the evaluation of generative models* (2015), which showed what
# is wrong with it. We need both: a reader of the papers of 2014 to 2016 meets the measure in every table.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import torch
from scipy import stats
from scipy.integrate import quad
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from course_lib import by_size, figures, play, show_source
from course_lib.data import Mixture, embedded_digits
from course_lib.experiments.digits import unit
from course_lib.experiments.gan.parzen_weakness import k_means
from course_lib.experiments.lessons import digits_mlp
from course_lib.metrics import choose_sigma, log_likelihood, log_likelihoods, parzen
from course_lib.metrics.parzen import SIGMAS

course_lib.seed(0)

# %% [markdown]
# ## 1. Rank four heaps by eye
#
# The course carries 5,000 digits of MNIST, each of them 784 numbers in $[0, 1]$. We split them into three parts that
# share no image: 3,500 to train on, 500 to choose by (*validation*), 1,000 to report on (*test*).

# %%
both = embedded_digits("train")
training_images = both.take(torch.arange(3_500))
train, validation = unit(training_images), unit(both.take(torch.arange(3_500, 4_000)))
test = unit(embedded_digits("test"))
print(f"train {tuple(train.shape)}, validation {tuple(validation.shape)}, test {tuple(test.shape)}")

# %% [markdown]
# Now four generators, A to D. Each can do no more than hand out pictures from a heap that it keeps: A has 30, B and C
# have 700 each, and D has a single one. Ten pictures from each heap:

# %%
real = train[:700]
centroids, mean_digit = k_means(train, real, steps=10), train.mean(0, keepdim=True)
heaps = {"A": train[:30], "B": real, "C": centroids, "D": mean_digit}
rows = torch.cat([train[:10], real[30:40], centroids[30:40], mean_digit.expand(10, -1, -1, -1)])
figures.show(
    figures.image_grid(2 * rows - 1, row_labels=list(heaps), width=4.6, what="digits of four kinds"), colours=16
)

# %% [markdown]
# **Before you run the next cell,** rank the four by eye and write your order down. The cell ranks them by the measure
# that stands in every table of GAN results from 2014 to 2016, the Parzen estimate of the log-likelihood. More is
# better.

# %% tags=["hide-output"]
estimates = {name: parzen(heap, validation, test) for name, heap in heaps.items()}
for name, estimate in sorted(estimates.items(), key=lambda item: -item[1].mean):
    print(f"{name}  {estimate.mean:6.0f}")
assert estimates["C"].mean > estimates["B"].mean + 50 and estimates["D"].mean > estimates["A"].mean + 20

# %% [markdown]
# Hardly anybody's order. A and B are real digits. C are *averages*, of five digits each in the mean, some of them
# visibly blurred, and they beat the digits by a hundred nats, the unit of this score. D is the average of all digits,
# one grey smear for ever, and it beats A's thirty perfect ones.
#
# Nothing is broken in that cell: it is the measure, computed as it should be. This lesson says what it is (sections 2
# to 4), how it is computed without drowning (4 and 5), how a table is made with it (6 and 7), and why it puts the
# blurred before the sharp (8 to 10).
#
# ## 2. The idea: a heap of sand on every sample
#
# How good is a generator? A fair question to it would be: *how likely are real digits that you have never seen, under
# your density $p_g$?* The answer, $\frac1n \sum_j \log p_g(x_j)$ over test digits $x_j$, is the test
# **log-likelihood**. It punishes a model that leaves something out, and a density cannot be high everywhere, so it
# punishes one that promises everything, too.
#
# A GAN cannot answer. It gives samples, and no formula for $p_g$. So a density is made from samples: put a small heap
# of sand on each of them, all heaps equal, one unit of sand in total. Where samples are dense the heaps run into each
# other. The height of the sand is the estimate. This is the **Parzen window**, and elsewhere a *kernel density
# estimate*.
#
# **Before you run the next cell.** Eight samples from the dotted density. Where will the estimate promise too little,
# and where too much?

# %% tags=["hide-output"]
p_data = Mixture((-1.5, 1.0), (0.5, 0.6))
eight = p_data.sample(8, torch.Generator().manual_seed(4))
figures.show(figures.parzen_windows(eight, [0.4], p_data), colours=16)

# %% [markdown]
# Too much where by chance several samples lie close together, and too little where by chance none fell.
# Each grey heap is drawn at its share, one eighth of a unit of sand, so that the heaps add up to the curve.
#
# ## 3. The estimate
#
# The heaps are Gaussians. In $d$ dimensions, a Gaussian of width $\sigma$ around the sample $\mu_i$ has the density
#
# $$\mathcal{N}(x;\, \mu_i, \sigma^2 I) = \frac{1}{(\sigma\sqrt{2\pi})^d} \exp\Bigl(-\frac{\lVert x - \mu_i\rVert^2}{2\sigma^2}\Bigr),$$
#
# where $\lVert x - \mu_i\rVert^2$ is the squared distance, the sum of the squares of the $d$ differences. The
# estimate is the mean of the $N$ bumps,
#
# $$\hat p(x) = \frac1N \sum_{i=1}^N \mathcal{N}(x;\, \mu_i, \sigma^2 I).$$
#
# A mean of densities is a density: it is never negative, and since each bump integrates to 1, so does the mean.
#
# **Before you run the next cell.** It writes the line above as it stands, integrates it with SciPy, and asks
# scikit-learn, which calls $\sigma$ the bandwidth. What must the integral be?


# %% tags=["nbval-check-output", "hide-output"]
def mean_of_bumps(x, samples, sigma):
    """The estimate at one number x, as it is written."""
    return np.mean(np.exp(-((x - samples) ** 2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi)))


on_the_line = eight.double().numpy()
area = quad(mean_of_bumps, -8, 8, args=(on_the_line, 0.4))[0]
witness = KernelDensity(bandwidth=0.4).fit(on_the_line[:, None])
for x in (-1.5, 0.0, 2.0):
    log_density = math.log(mean_of_bumps(x, on_the_line, 0.4))
    assert math.isclose(log_density, witness.score_samples([[x]])[0])
    print(f"x = {x:4.1f}   estimate {math.exp(log_density):.3f}   its log {log_density:.2f}")
assert abs(area - 1) < 1e-8
print(f"integral {area:.6f}")

# %% [markdown]
# One. On the line the formula may be typed in as it stands.
#
# ## 4. In 784 dimensions it breaks
#
# From here on, $x$ is a digit again, 784 numbers in $[0, 1]$.
#
# Heap B stands in for a generator's samples: 700 real digits.
#
# **Before you run the next cell.** The formula as it stands, for each of the 1,000 test digits, and then its
# logarithm. For how many digits will the answer be a finite number?

# %% tags=["nbval-check-output", "hide-output"]
samples = real
distance = torch.from_numpy(cdist(test.flatten(1).double(), samples.flatten(1).double(), "sqeuclidean"))

for sigma in (0.1, 0.2):
    exponent = -distance / (2 * sigma**2)
    for kind in (torch.float32, torch.float64):
        mean = exponent.to(kind).exp().mean(1)
        finite = mean.log().isfinite().sum()
        print(f"sigma {sigma}, {str(kind)[6:]}: {finite:4} of 1,000 finite")
exponent = -distance / (2 * 0.1**2)
print(f"exponents at sigma 0.1 run from {exponent.min():,.0f} to {exponent.max():,.0f}")
print(f"exp(-745) = {math.exp(-745):.0e}, exp(-746) = {math.exp(-746):.0e}")

# %% [markdown]
# In float32 hardly any, in float64 one in nine at 0.1 and 95 in 100 at 0.2. One that is lost spoils the mean of
# all. Two digits differ in hundreds of pixels, the squares add up, and $e^{-746}$ is below the smallest number that a
# float64 can hold. It is rounded to 0, and the logarithm of 0 is $-\infty$. The true value is neither strange nor zero.
# It has hundreds of zeros behind the point, and its *logarithm* is a number like any other. So never leave the logarithm.
#
# **The repair.** We want $\log \frac1N \sum_i e^{a_i}$ from the exponents $a_i = -\lVert x - \mu_i\rVert^2 /
# (2\sigma^2)$. Let $m$ be the largest of them. Take the factor $e^m$ out of the sum; the logarithm turns it into a
# summand:
#
# $$\log \frac1N \sum_i e^{a_i} = \log\Bigl(e^m \cdot \frac1N \sum_i e^{a_i - m}\Bigr) = m + \log \sum_i e^{a_i - m} - \log N.$$
#
# Now the largest exponent is $0$. Its term is 1, the sum lies between 1 and $N$, and a term that underflows was too
# small to matter beside it. This is **log-mean-exp**. The factor in front of the bumps is treated the same way, since
# $(\sigma\sqrt{2\pi})^{d}$ over- or underflows as easily:
#
# $$\log \hat p(x) = \log \frac1N \sum_i \exp\Bigl(-\frac{\lVert x - \mu_i\rVert^2}{2\sigma^2}\Bigr) - d \log(\sigma \sqrt{2\pi}).$$
#
# **Before you run the next cell.** The repaired formula by SciPy's `logsumexp`, beside scikit-learn's answer and the
# library's. How many of the 1,000 are finite now?

# %% tags=["nbval-check-output", "hide-output"]
d, sigma = 784, 0.1
repaired = (
    logsumexp(-distance.numpy() / (2 * sigma**2), axis=1) - math.log(700) - d * math.log(sigma * math.sqrt(2 * math.pi))
)
# All samples in one leaf, where it is a plain sum: the search through its tree goes astray in 784 dimensions.
witness = KernelDensity(bandwidth=sigma, leaf_size=1_000).fit(samples.flatten(1).double())
by_sklearn = witness.score_samples(test[:50].flatten(1).double())
by_library = log_likelihood(samples, test, sigma).numpy()

assert np.allclose(repaired[:50], by_sklearn, rtol=1e-8) and np.allclose(repaired, by_library, rtol=1e-8)
print(f"finite: {np.isfinite(repaired).sum()}; the first three: {repaired[:3].round().astype(int)} nats")

# %% [markdown]
# All of them. The unit is the **nat**: one nat more is a factor of $e$ in density. A density, unlike
# a probability, may exceed 1, and its logarithm may be positive.
#
# ## 5. Three gigabytes for a hundred images
#
# One more thing stands between us and the paper's protocol, which has 10,000 samples and 10,000 test digits. The
# obvious line for all distances, `((x[:, None] - mu[None]) ** 2).sum(2)`, first makes an array of *all differences*.
#
# **Before you run the next cell.** 100 test images, 10,000 samples, 784 differences each, 4 bytes a number. How
# much is that?

# %% tags=["nbval-check-output", "hide-output"]
differences = 100 * 10_000 * 784 * 4
distances = 100 * 10_000 * 8
print(f"all differences, float32: {differences / 1e9:.1f} GB")
print(f"all distances, float64:   {distances / 1e9:.3f} GB")

# %% [markdown]
# 3.1 GB for 100 images, and the distances themselves, all that we need, are 0.008 GB. The way out is the binomial
# formula: multiply out the square,
#
# $$\lVert x - \mu\rVert^2 = \lVert x\rVert^2 - 2\, x \cdot \mu + \lVert\mu\rVert^2 ,$$
#
# and for all pairs at once $x \cdot \mu$ is a single product of two matrices, the fastest thing a computer does. No
# difference is ever stored.
#
# It has its price. For two nearly equal images, large numbers cancel: a true distance of 0 comes out as a rounding
# error, in either direction. And $1/(2\sigma^2)$ multiplies that error.
#
# **Before you run the next cell.** Distances of 200 digits to themselves and each other. Which precision do you
# trust with $\sigma = 0.01$?

# %% tags=["hide-output"]
some = train[:200].flatten(1)
exact = cdist(some.double(), some.double(), "sqeuclidean")
for kind in (torch.float32, torch.float64):
    x = some.to(kind)
    squares = x.square().sum(1)
    product_form = squares[:, None] - 2 * x @ x.T + squares
    error = np.abs(product_form.double().numpy() - exact).max()
    print(f"{str(kind)[6:]}: off by {error:.0e}, and by {error / (2 * 0.01**2):.0e} nats at sigma 0.01")
assert error < 1e-11  # the last was float64

# %% [markdown]
# float64. Here is the library's form: the product, in blocks of rows so that not even the distances need fit into
# memory at once, negative roundings set to 0, and several widths from the same distances.

# %%
show_source(log_likelihoods)

# %% [markdown]
# ## 6. What $\sigma$ does
#
# The samples come from the generator. $\sigma$ comes from us.
#
# **Before you run the next cell.** Sixty samples of the same dotted density under three widths. Which is the best?

# %% tags=["hide-output"]
draw = torch.Generator().manual_seed(1)
sixty, held_out = (p_data.sample(n, draw)[:, None] for n in (60, 200))
figures.show(figures.parzen_windows(sixty[:, 0], [0.05, 0.3, 1.5], p_data), scale=1.5, colours=16)

# %% [markdown]
# The middle one. Too narrow, and the estimate is a comb: it believes in the samples and in nothing between them. Too
# wide, and it is a hill that has forgotten the samples. To choose, ask data: which width makes them likeliest?
#
# **Before you run the next cell.** Two curves: the log-likelihood of the sixty samples themselves, and of 200 validation
# numbers. A grey line: that of the validation numbers under the true density. Where will each curve have its peak?

# %% tags=["hide-output"]
widths = np.geomspace(0.01, 3, 40).tolist()
on_samples, on_held_out = (log_likelihoods(sixty, x, widths).mean(1) for x in (sixty, held_out))
truth = p_data.pdf(held_out).log().mean().item()
assert on_samples.argmax() == 0 and 0 < on_held_out.argmax() < 39
curves = {"the samples themselves": on_samples.tolist(), "validation": on_held_out.tolist()}
figures.show(figures.likelihood_against_sigma(widths, curves, level=truth, bottom=-5), colours=16)
best = choose_sigma(sixty, held_out, widths)
print(f"best width {best.sigma:.2f}: {max(best.mean_log_likelihoods):.2f} nats; the true density has {truth:.2f}")

# %% [markdown]
# The validation curve has its peak inside, a little below the grey line. The samples' own curve rises without end as $\sigma \to 0$: every sample sits on the tip of its own bump. So a width chosen on the
# samples themselves is always the smallest on offer.
#
# ### And why not on the test data?
#
# Because then the number to be reported has been picked as the best of ten. The largest of ten noisy numbers lies too
# high, not by bad luck but on average: on a given test set, the best of ten widths is by definition at least as good
# as the width that other data chose.
#
# **Before you run the next cell.** Draw $n$ test digits and $n$ others, 2,000 times. Report on the test digits, once
# with $\sigma$ chosen on the others, once with $\sigma$ chosen on the test digits. How large is the gift, on average,
# for $n = 5$, and how for $n = 100$?

# %% tags=["nbval-check-output", "hide-output"]
table = log_likelihoods(samples, test, SIGMAS).numpy()  # ten widths, 1,000 digits
random = np.random.default_rng(0)
for n in (5, 10, 20, 50, 100):
    gifts, honest = [], []
    for _ in range(2_000):
        chosen = random.permutation(1_000)[: 2 * n]
        tested, others = table[:, chosen[:n]].mean(1), table[:, chosen[n:]].mean(1)
        honest.append(tested[others.argmax()])
        gifts.append(tested.max() - honest[-1])
    assert min(gifts) >= 0
    print(f"n = {n:3}: {np.mean(gifts):5.1f} nats too high on average, {np.max(gifts):4.0f} at worst")

# %% [markdown]
# Never negative, 16 nats for five digits, and nothing that one could see for a hundred. That is the honest size of
# it: one number chosen among ten, with many test images, does little harm. But nobody chooses only $\sigma$. The
# moment of stopping, the learning rate, the network and the seed are chosen too, a hundred candidates instead of ten,
# and each adds to the gift. The rule costs nothing, so it has no exceptions: **everything is chosen on validation
# data, and the test data are used once.**
#
# ## 7. The table of 2014
#
# Now the protocol of section 5 of the paper, as the authors' code has it:
#
# 1. draw 10,000 samples from the trained generator, with pixels in $[0, 1]$;
# 2. try ten widths, evenly in the logarithm from 0.1 to 1, and keep the one that makes validation digits
#    likeliest;
# 3. report the mean log-likelihood of the 10,000 test digits, $\pm$ its standard error.
#
# The library follows it line by line:

# %%
show_source(parzen)

# %% [markdown]
# We need a generator: that of lesson 04, with a quarter of its steps.
#
# **Before you run the next cell.** In lesson 04, digits came after strokes, and strokes after specks. How far will a
# quarter of the steps get?

# %% tags=["hide-output"]
settings = replace(digits_mlp.Settings(), steps=by_size(quick=100, cpu=1_000, gpu=20_000))
n_samples = by_size(quick=1_000, cpu=3_500)
course_lib.seed(settings.seed)
game = digits_mlp.build(settings)


def generate(n):
    """n samples in [0, 1], with the statistics of batch norm that training has gathered."""
    game.generator.eval()
    with torch.no_grad():
        images = game.generator(game.generator.noise(n)).cpu()
    game.generator.train()
    return (images + 1) / 2


for _ in islice(play(game, digits_mlp.batches(training_images, settings)), settings.steps):
    pass
generated = generate(n_samples)
rows = torch.cat([generated[:20], train[:10]])
figures.show(figures.image_grid(2 * rows - 1, row_labels=["generated", "", "real"], width=4.6), colours=16)

# %% [markdown]
# To strokes, some of which already make a digit. That is good enough to be measured.
#
# **Before you run the next cell.** The same generator is measured with 100, with 700 and with 3,500 samples. Will the
# number of samples matter?

# %% tags=["hide-output"]
for n in (100, 700, n_samples):
    gan = parzen(generated[:n], validation, test)
    print(gan)

# %% [markdown]
# It does, by tens of nats, although $p_g$ is the same each time. A Parzen number without its number of samples
# says nothing; our ledger therefore names it `parzen_ll_10k`.
#
# ### What stands behind the $\pm$
#
# Each test digit $x_j$ has its own $\log \hat p(x_j)$, and these differ much: a plain 1 is likely, a curly 8 is not.
# The mean of $n$ of them has the **standard error** $s / \sqrt n$, $s$ being their standard deviation. This is all
# that the $\pm$ of the table is. It says how far the mean would move with *other test digits*.
#
# **Before you run the next cell.** The spread of the digits is over a hundred nats. What does $\sqrt{1000}$ make of
# it?

# %% tags=["hide-output"]
each = log_likelihood(generated, test, gan.sigma).numpy()
assert math.isclose(gan.standard_error, stats.sem(each, ddof=0))
print(f"spread of single digits {each.std():.0f} nats, standard error of their mean {gan.standard_error:.1f}")

# %% [markdown]
# Some four nats; the paper has ten times as many test digits, and $\pm 2$. What it does *not* say is how far the
# number would move with another seed, another training or other samples of the same generator. A difference between
# two models that is many $\pm$ wide can still be luck of a seed, since nothing in the table knows of seeds.
#
# Here is that table, and below it what this lesson has measured:
#
# | model | MNIST test log-likelihood (nats) | |
# |---|---|---|
# | DBN, deep belief network | 138 ± 2 | |
# | Stacked CAE, contractive autoencoders | 121 ± 1.6 | |
# | Deep GSN, generative stochastic network | 214 ± 1.1 | |
# | **Adversarial nets** | **225 ± 2** | Goodfellow et al. 2014, Table 1 |
# | Conditional adversarial nets | 132 ± 1.8 | Mirza and Osindero 2014, Table 1; lesson 06 |

# %%
print(f"ours, {settings.steps:,} steps on 3,500 digits: {gan}")

# %% [markdown]
# **Ours cannot be compared with the others.** It has 3,500 samples and not 10,000, from a network trained on 3,500
# digits and not 50,000, for a fraction of the time, and its test digits are others. Every one of these moves the
# number. With all of MNIST, `GAN_COURSE_SIZE=gpu gan-course reproduce gan-mnist-parzen` trains the paper's networks
# and follows its protocol, in two to three hours.
#
# ## 8. Why it misleads, first: $\sigma$ decides
#
# Take four heaps of samples: the GAN's, all 3,500 training digits, 100 of them, and heap D, the one mean digit.
#
# **Before you run the next cell.** The same samples are read at four widths of the paper's grid. By how much will the
# numbers differ from row to row, and will the smear ever lead the 100 digits?

# %% tags=["hide-output"]
heaps = {"GAN": generated, "3,500 digits": train, "100 digits": train[:100], "mean digit": mean_digit}
widths = [SIGMAS[i] for i in (0, 2, 5, 9)]
read = {name: log_likelihoods(heap, test, widths).mean(1) for name, heap in heaps.items()}
print("sigma ", *(f"{name:>13}" for name in heaps))
for i, sigma in enumerate(widths):
    print(f"{sigma:.3f} ", *(f"{read[name][i]:13.1f}" for name in heaps))

digits, smear = read["100 digits"], read["mean digit"]
for column in read.values():
    assert column.max() - column.min() > 500  # the same samples, hundreds of nats apart
assert digits[1] > smear[1] + 100 and digits[3] < smear[3]  # and the order turns

# %% [markdown]
# Down a column the numbers move by hundreds of nats and more, and $\sigma$ alone has done it. And the order turns: at
# 0.167 the 100 digits lead the smear by over a hundred nats, at 1 they are behind it. What a wide window rewards is a
# place in the middle, whatever it looks like.
#
# The protocol's defence is that each model has its own best $\sigma$. **Before you run the next cell:** so let each
# have its own. How many real digits does it take to beat one smear?

# %% tags=["hide-output"]
few = {f"{n} digits": train[:n] for n in (10, 30)}
fair = {"GAN": gan} | {name: parzen(heap, validation, test) for name, heap in (heaps | few).items() if name != "GAN"}
for name in ("10 digits", "30 digits", "mean digit", "100 digits"):
    print(f"{name:11} {fair[name]}")
assert fair["30 digits"].mean + 20 < fair["mean digit"].mean < fair["100 digits"].mean - 20

# %% [markdown]
# More than thirty. By this measure a generator with thirty perfect digits is *worse than one that always shows the
# same smear*, by almost forty nats with a $\pm$ of four.
#
# ## 9. Second: the dimension
#
# How far is the estimate from the truth? On digits nobody knows the truth. So take a distribution whose log-likelihood
# we know: the standard Gaussian in $d$ dimensions, $d$ independent numbers each from $\mathcal{N}(0, 1)$. Its mean
# log-likelihood is
#
# $$\mathbb{E}[\log p(x)] = -\frac d2 \log(2\pi) - \frac12\, \mathbb{E}\lVert x\rVert^2 = -\frac d2 \log(2\pi) - \frac d2 = -\frac d2 \log(2\pi e),$$
#
# since $\mathbb{E}\lVert x\rVert^2$ is a sum of $d$ variances of 1. Now let a *perfect* generator play: its samples
# come from this very distribution. The estimate should be the line above. What is missing is the **shortfall**.
#
# **How large can it be?** The logarithm is concave, so the log of a mean is at least the mean of the logs (Jensen):
#
# $$\log \frac1N \sum_i e^{a_i} \ge \frac1N \sum_i a_i, \qquad \mathbb{E}[a_i] = -\frac{\mathbb{E}\lVert x - \mu_i\rVert^2}{2\sigma^2} = -\frac{2d}{2\sigma^2} = -\frac{d}{\sigma^2},$$
#
# because each of the $d$ differences has variance $1 + 1 = 2$. At $\sigma = \sqrt2$ the estimate is therefore on
# average at least $-\frac d2 - \frac d2 \log(4\pi)$, and subtracting this from the truth leaves a shortfall of at
# most
#
# $$\frac d2 \log(4\pi) - \frac d2 \log(2\pi) = \frac d2 \log 2 .$$
#
# For a *single* sample, $N = 1$, Jensen's line is an equality, and the shortfall is all of it. More samples can only
# help. The question is how much.
#
# **Before you run the next cell.** In one dimension, 100 samples nearly suffice. Will ten times as many make up for
# eight dimensions more? For 784?

# %% tags=["nbval-check-output", "hide-output"]
DIMENSIONS = (1, 2, 4, 8, 16, 32, 64, 128, 784)
GRID = [0.1 * 2 ** (i / 2) for i in range(9)]  # widths from 0.1 to 1.6


def shortfall(d, n, spread=1.0):
    """True less estimated log-likelihood, in nats, with n samples of a generator of that spread; and the width."""
    draw = torch.Generator().manual_seed(d)
    held_out, x = torch.randn(200, d, generator=draw), torch.randn(500, d, generator=draw)
    samples = spread * torch.randn(n, d, generator=draw)
    chosen = choose_sigma(samples, held_out, GRID)
    true = stats.norm.logpdf(x.double().numpy()).sum(1)  # of these very x, so that their luck cancels
    return (true - log_likelihood(samples, x, chosen.sigma).numpy()).mean(), chosen.sigma


for d in (1, 16, 784):
    entropy = stats.multivariate_normal(np.zeros(d)).entropy()
    assert math.isclose(d / 2 * math.log(2 * math.pi * math.e), entropy)  # SciPy's closed form, and ours

short = {n: [shortfall(d, n) for d in DIMENSIONS] for n in (100, 1_000)}
print("    d   100 samples   1,000 samples   bound")
for i, d in enumerate(DIMENSIONS):
    a, b = (abs(short[n][i][0]) for n in (100, 1_000))
    print(f"{d:5} {a:13.1f} {b:15.1f} {d / 2 * math.log(2):7.1f}")

# %% tags=["hide-output"]
if course_lib.size() != "quick":
    short[10_000] = [shortfall(d, 10_000) for d in DIMENSIONS]
for row in short.values():
    gaps = [gap for gap, _ in row]
    assert all(a < b for a, b in pairwise(gaps[2:]))  # it grows with d
    assert gaps[0] < 0.1 and gaps[-1] > 200
    assert all(gap < d / 2 * math.log(2) + 0.1 for gap, d in zip(gaps, DIMENSIONS, strict=True))
assert all(few > many for (few, _), (many, _) in zip(short[100][3:], short[1_000][3:], strict=True))
bound = [d / 2 * math.log(2) for d in DIMENSIONS]
figure = figures.shortfall_against_dimension(
    DIMENSIONS[2:], {f"{n:,} samples": [gap for gap, _ in row[2:]] for n, row in short.items()}, bound[2:]
)
figures.show(figure, colours=16)

# %% [markdown]
# Up to four dimensions the estimate is good. Then it falls short more and more, and samples do not help: at $d =
# 784$, ten times as many buy about a twentieth of what is missing. A **perfect** generator is more than 200 nats
# below the truth there. (Digits fill less of their space than a Gaussian does, so this is no correction to apply to
# the table. It is the size of what can hide in it.)
#
# ### The collapsed generator scores the truth
#
# It gets stranger. Let a generator be completely collapsed: it always answers the mean, $\mu_i = 0$. All bumps then
# coincide, and with $\sigma = 1$ the estimate is *exactly* the density of the data.
#
# **Before you run the next cell.** Generators whose samples have spread 1 (perfect), 0.7, and 0 (collapsed), in 32
# dimensions, with 1,000 samples. Which wins?

# %% tags=["nbval-check-output", "hide-output"]
GRID = [0.1 * 10 ** (i / 10) for i in range(13)]  # 1 is on it
found = {spread: shortfall(32, 1_000, spread) for spread in (1.0, 0.7, 0.0)}
for spread, (gap, sigma) in found.items():
    print(f"spread {spread:.1f}: {abs(gap):.1f} nats short, at sigma {sigma:.1f}")
assert found[1.0][0] > found[0.7][0] > found[0.0][0] and abs(found[0.0][0]) < 1e-6

# %% [markdown]
# The collapsed one, which is not a nat short; the perfect one comes last. The reason is plain once seen. A window of
# width $\sigma$ *adds* noise of variance $\sigma^2$ to whatever the generator gives. A perfect sample plus noise is
# too wide. A sample that was too close to the middle is put right by the noise. **The measure rewards samples that
# lack exactly the variety that the window will add.** Exercise 5 does the arithmetic.
#
# ## 10. Third: averages of digits beat digits
#
# Is that a curiosity of Gaussians? Theis et al. tried it on MNIST. What lacks variety in the same way is an *average*
# of similar digits. **k-means** makes such averages: begin with some digits as centroids, give every training digit
# to its nearest centroid, move each centroid to the mean of its digits, and repeat.

# %%
show_source(k_means)

# %% [markdown]
# These are the pictures of heap C. They are no model of anything: blurred, always the same, and made from the training
# set, five digits to a centroid on average.
#
# **Before you run the next cell.** Heap B and heap C again, the 700 training digits and the 700 centroids that began as
# those digits; and, to be generous, *all* 3,500 training digits from which the centroids were made. Will five times as
# many real digits reach the centroids?

# %% tags=["hide-output"]
centroids_100 = k_means(train, real[:100], steps=10)
for name, heap in {"700 digits": real, "700 centroids": centroids, "100 centroids": centroids_100}.items():
    fair[name] = parzen(heap, validation, test)
for name in ("700 digits", "700 centroids", "3,500 digits"):
    print(f"{name:14} {fair[name]}")
lead = log_likelihood(centroids, test, fair["700 centroids"].sigma) - log_likelihood(
    train, test, fair["3,500 digits"].sigma
)
print(f"lead of the centroids over 3,500 digits: {lead.mean():.1f} ± {stats.sem(lead.numpy()):.1f}, digit by digit")
assert lead.mean() > 3 * stats.sem(lead.numpy()) and fair["3,500 digits"].mean > fair["700 digits"].mean

# %% [markdown]
# They do not. The averages are a hundred nats above the digits they began as, and still above all 3,500: both heaps were measured on the same test digits, so the lead has a $\pm$ of its own, and it is
# several of them. **Real data lose to blurred copies.** A measure under which real digits are not the best samples
# cannot be used to train or choose generators of digits.
#
# Theis et al. report 243 nats for samples of the training set and 313 for k-means, with the 225 of the first GAN in
# the same table. The course's own run on all of MNIST, 10,000 of each, has
# {{parzen-kmeans:parzen_ll_10k_training_samples:.1f}} for the digits and
# {{parzen-kmeans:parzen_ll_10k_kmeans:.1f}} for their centroids; with 4,000 of each it is
# {{parzen-kmeans:parzen_ll_4k_training_samples:.1f}} and {{parzen-kmeans:parzen_ll_4k_kmeans:.1f}}. That paper does not
# say how many centroids it took. (`gan-course reproduce parzen-kmeans`)
#
# **Before you run the next cell:** all heaps of this lesson, each with its own best $\sigma$. Where will the GAN stand
# among them?

# %% tags=["hide-output"]
ranked = dict(sorted(fair.items(), key=lambda item: -item[1].mean))
scores = {name: (estimate.mean, estimate.standard_error) for name, estimate in ranked.items()}
figures.show(figures.parzen_scores(scores), colours=16)

# %% [markdown]
# Above thirty perfect digits and above a hundred, though its samples are half strokes. The $\pm$ are there, small and
# reassuring, and none of them knows of the three troubles.
#
# ### Would the exact likelihood help?
#
# Less than one hopes. This example, too, is from Theis et al. Suppose a generator gives a good image once in a
# hundred times, and noise otherwise: $q = 0.01\, p + 0.99\, r$. Since $r \ge 0$, $\log q(x) \ge \log(0.01\, p(x)) =
# \log p(x) - \log 100$. It loses at most 4.6 nats, whatever the noise is.
#
# **Before you run the next cell.** A heap of 100 centroids only, then the same with 9,900 images of noise among them. Will the
# second heap still beat 700 real digits?

# %% tags=["hide-output"]
noise = torch.rand(9_900, 1, 28, 28, generator=torch.Generator().manual_seed(0))
some_test, sigma = test[:300], fair["100 centroids"].sigma
pure, diluted, digits = (
    log_likelihood(heap, some_test, sigma).mean().item()
    for heap in (centroids_100, torch.cat([centroids_100, noise]), real)
)
lost = pure - diluted
assert abs(lost - math.log(100)) < 1e-3 and diluted > digits
print(f"pure {pure:.1f}, with 99 parts of noise {diluted:.1f}, lost {lost:.2f}; log 100 = {math.log(100):.2f}")
print(f"700 real digits {digits:.1f}")

# %% [markdown]
# It does. Likelihood asks whether real digits were thought possible. It does not ask what most samples look like. The
# reverse holds, too: 3,500 real digits are perfect pictures, and at $\sigma = 0.1$ they had a log-likelihood of $-223$
# in section 8.
#
# ## 11. What to use instead
#
# - **Look**, at samples that were not chosen, and at their nearest neighbours in the training set (lesson 11).
# - **Count** what can be counted, as in lesson 04: which classes appear, and how often.
# - **Compare in a space of features** instead of pixels. Lesson 16 has the scores of this kind, a classifier's and the
#   Fréchet distance, with *their* failures, and a test with human judges.
# - **Measure by the use**: if samples are to serve a classifier, train one with them (lessons 11 and 18).
# - Where a table of 2014 to 2016 has a Parzen number, read it as history: note the number of samples and how $\sigma$
#   was chosen, and conclude nothing from differences.
#
# ## 12. What to read
#
# - Goodfellow et al. 2014, section 5: half a page and Table 1. The authors warn of the estimate's variance and of high
#   dimensions, and ask for better ways to judge.
# - Theis, van den Oord and Bethge 2015, *A note on the evaluation of generative models*, section 3: samples,
#   likelihood and Parzen windows are nearly independent; Table 1 has k-means.
# - Mirza and Osindero 2014, *Conditional Generative Adversarial Nets*, section 4.1: the next lesson's paper, still
#   measured this way.
#
# ## 13. Exercises
#
# [the exercise notebook](../exercises/05_parzen_windows.ipynb): five tasks, about 70 minutes. A log-mean-exp that
# never underflows; distances without the three gigabytes; $\sigma$ without a look at the test set; what the $\pm$ is;
# and the shortfall of one sample, on paper.
