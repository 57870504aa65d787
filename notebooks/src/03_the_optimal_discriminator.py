# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 03 · The optimal discriminator
#
# | | |
# |---|---|
# | **You will be able to** | say what the best discriminator answers at every point, and prove it; say what the generator then minimises, and prove that its least value is $-\log 4$; say when no gradient is left, and what the convergence theorem does not promise |
# | **Minutes** | 80, and 75 for the exercises |
# | **You need** | lesson 02: the value $V(D, G)$; the derivative of a logarithm; an integral as an area |
#
# The source is section 4 of Goodfellow et al. 2014, *Generative Adversarial Nets*. Equation numbers in brackets
# are the paper's. Every line of its two main proofs is derived here in words and then checked in numbers, with
# SciPy's quadrature and PyTorch's autograd as witnesses that know nothing of the derivation.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.spatial.distance import jensenshannon

from course_lib import by_size, figures, show_source, theory, widgets
from course_lib.data import Mixture, Uniform, gaussian
from course_lib.models import mlp

course_lib.seed(0)

# %% [markdown]
# Four pairs $(p_\text{data}, p_g)$ go with us through the whole lesson: moved apart, one wider than the other,
# two bumps against one, and two boxes that overlap by half.

# %%
PAIRS = {
    "moved": (gaussian(0, 1), gaussian(2, 1)),
    "wider": (gaussian(0, 1), gaussian(0, 2)),
    "two bumps": (Mixture((-2, 2), (0.6, 0.6)), gaussian(0, 1.5)),
    "boxes": (Uniform(0, 1), Uniform(0.5, 1.5)),
}


def integral(f):
    """The integral of f over the line by SciPy's adaptive quadrature. The points are where a box begins or ends."""
    return quad(f, -16, 16, points=[0, 0.5, 1, 1.5], limit=500)[0]


def at(density, x):
    """The density at one number x, in double precision."""
    return density.pdf(torch.tensor(x, dtype=torch.float64)).item()


def log(y):
    """The natural logarithm; of 0 a large negative number, so that 0 log 0 is 0."""
    return math.log(max(y, 1e-300))


# %% [markdown]
# ## 1. The idea: of what falls here, how much is real?
#
# The detective of lesson 02 stands at one place $x$ on the line. Half of all that is shown to her is real, half is
# counterfeit, and she wants to know how far to trust a banknote found *here*. She needs no theory for it. She counts:
# of all that fell here, what share was real?
#
# **Before you run the next cell.** Real data come from a Gaussian around 0, fakes from one around 2, both of
# width 1. At which bin is the share of real data one half?

# %% tags=["hide-output"]
p_data, p_g = PAIRS["moved"]
real, fake = p_data.sample(1_000_000), p_g.sample(1_000_000)
edges = np.arange(-1.6, 3.8, 0.2)
n_real, n_fake = np.histogram(real, edges)[0], np.histogram(fake, edges)[0]

print("    x   real   fake   share real   p_data/(p_data + p_g)")
for i in range(2, len(n_real), 5):
    x = (edges[i] + edges[i + 1]) / 2
    formula = at(p_data, x) / (at(p_data, x) + at(p_g, x))
    assert abs(n_real[i] / (n_real[i] + n_fake[i]) - formula) < 0.02
    print(f"{x:5.1f} {n_real[i]:6} {n_fake[i]:6} {n_real[i] / (n_real[i] + n_fake[i]):9.2f} {formula:15.2f}")

# %% [markdown]
# At 0.9, just left of the middle, the share is a little above one half; in the middle, at 1, it is one half by
# symmetry. The last column is what the share tends to as more and more falls in each bin:
#
# $$D^*_G(x) = \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}, \tag{2}$$
#
# That fraction is Proposition 1 of the paper: for a fixed generator $G$, it is the discriminator with the highest
# value $V(D, G)$. Why counting should be the best play in that game is what we prove next.
#
# **Before you run the next cell.** The upper part shows both densities, the middle $D^*$. Where will $D^*$ be
# steepest?

# %% tags=["hide-output"]
figures.show(figures.density_lab(p_data, p_g), scale=1.5, colours=16)

# %% [markdown]
# $D^*$ is near 1 where nearly all is real, near 0 where nearly all is fake, and falls fastest between the bumps,
# where the two densities trade places. What the scale below it means will be clear at the end of section 7.
#
# ## 2. From two expectations to one integral
#
# The game of lesson 02 is
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]. \tag{1}$$
#
# The two expectations are over different things, data $x$ and noise $z$. The first step of the proof makes them one
# integral over $x$:
#
# $$V(D, G) = \int p_\text{data}(x) \log D(x) + p_g(x) \log(1 - D(x)) \, dx. \tag{3}$$
#
# **Why this is so.** $p_g$ is *defined* as the density of $G(z)$: the chance that $x$ from $p_g$ lies in a set $A$ is
# the chance that $G(z)$ lies in $A$. Write $h(x) = \log(1 - D(x))$. If $h$ were 1 on $A$ and 0 elsewhere, then
# $\mathbb{E}_z[h(G(z))] = \int p_g(x) h(x)\,dx$ would be this very definition. Both sides are linear in $h$, so it
# also holds for every function that is constant on finitely many sets, and such functions come as close to any
# reasonable $h$ as you like. No inverse of $G$ is needed, and no Jacobian: $G$ may well send many $z$ to one $x$.
#
# **Before you run the next cell.** One of the three generators below folds the line, $G(z) = |z|$, and so has no
# inverse. Will it fail?

# %% tags=["hide-output"]
z = torch.randn(by_size(quick=200_000, cpu=1_000_000), dtype=torch.float64)
GENERATORS = {  # G(z), the density it gives rise to, and where that density lives
    "2 + z/2": (2 + z / 2, stats.norm(2, 0.5), (-2, 6)),
    "|z|": (z.abs(), stats.halfnorm(), (0, 8)),
    "exp(z/2)": ((z / 2).exp(), stats.lognorm(0.5), (0, 20)),
}


def h(x):
    """log(1 - D(x)) for a discriminator that trusts what is near 0."""
    return np.log(1 - 1 / (1 + np.asarray(x) ** 2 / 4 + 0.1))


for name, (x, density, (low, high)) in GENERATORS.items():
    over_z, error = h(x).mean(), h(x).std() / math.sqrt(len(x))
    over_x = quad(lambda t, density=density: density.pdf(t) * h(t), low, high)[0]
    assert abs(over_z - over_x) < 4 * error
    print(f"G(z) = {name:9} mean over z {over_z:.2f}   integral over x {over_x:.2f}")

# %% [markdown]
# It does not fail. The assertion asks for four standard errors at most, and all three pass.
#
# One thing is assumed here, as in the paper: that $p_g$ *is* a density. If $G$ turns 100 noise numbers into 784
# pixels, its images lie on a sheet of at most 100 dimensions, which has no volume and so no density over all
# pictures. Section 9 shows what then becomes of the theory.
#
# ## 3. The best answer, one point at a time
#
# $D$ in (3) may take any value in $[0, 1]$ at each $x$, independently of every other $x$. So the integral is as large
# as it can be when the integrand is as large as it can be at every single $x$. A question about a whole function has
# become a question about one number $y = D(x)$:
#
# $$f(y) = a \log y + b \log(1 - y), \qquad a = p_\text{data}(x) \ge 0, \quad b = p_g(x) \ge 0.$$
#
# **Before you run the next cell.** At this $x$ real data are three times as likely as fakes. Where is the peak?

# %% tags=["hide-output"]
figures.show(figures.pointwise_value(0.3, 0.1), scale=1.5, colours=16)

# %% [markdown]
# The peak is at 0.75, not at 1: a discriminator that is certain everywhere pays dearly, through $\log(1 - y)$, for
# the one fake in four that it meets here.
#
# **The derivative is zero there and nowhere else.** For $a, b > 0$ and $0 < y < 1$,
#
# $$f'(y) = \frac{a}{y} - \frac{b}{1 - y} = 0 \iff a(1 - y) = b\,y \iff y = \frac{a}{a + b}.$$
#
# **It is a peak and not a valley.** The second derivative,
#
# $$f''(y) = -\frac{a}{y^2} - \frac{b}{(1 - y)^2} < 0,$$
#
# is negative for *every* $y$: $f$ is strictly concave, so its one stationary point is the one global maximum.
#
# **Before you run the next cell.** It takes 1,000 random pairs $(a, b)$. Search finds the peak on a grid of steps
# of 0.001, autograd differentiates $f$ twice. By how much may search and formula differ?

# %% tags=["nbval-check-output", "hide-output"]
a, b = torch.rand(2, 1_000, 1, dtype=torch.float64)


def f(y):
    return a * y.log() + b * (1 - y).log()


grid = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
found = grid[f(grid).argmax(dim=1)]  # for each pair the best of 999 answers
peak = (a / (a + b)).requires_grad_()
slope = torch.autograd.grad(f(peak).sum(), peak, create_graph=True)[0]
bend = torch.autograd.grad(slope.sum(), peak)[0]

assert (found - peak.squeeze()).abs().max() <= 0.001
assert slope.abs().max() < 1e-9
assert (bend < 0).all()
print(f"1,000 pairs: search within {0.001} of the formula, every slope there zero, every bend negative")

# %% [markdown]
# By one step of the grid. What of the cases left out, where a density is zero?
#
# - $a > 0$, $b = 0$: only real data fall here. $f(y) = a \log y$ rises up to $y = 1 = a/(a + 0)$.
# - $a = 0$, $b > 0$: only fakes fall here. $f(y) = b \log(1 - y)$ is largest at $y = 0 = 0/(0 + b)$.
# - $a = b = 0$: nothing ever falls here. $f(y) = 0$ whatever $y$ is. **$D$ is free**, and the formula, 0/0, says
#   nothing.
#
# The paper states the maximum "for any $(a, b) \in \mathbb{R}^2 \setminus \{0, 0\}$". Read that as $a, b \ge 0$,
# which densities always are. With $a = 2$, $b = -1$ the fraction would be 2, no probability at all.
#
# ## 4. Back under the integral: Proposition 1
#
# What was done at one $x$ is now done at every $x$. The film shows it for the first pair. Above are the two densities
# with $a$ and $b$ at the present $x$. Below right stands the curve $f(y)$ of that $x$, turned on its side, so that its
# peak can be carried over to the left, where it is one point of $D^*$. ($f$ is divided by $a + b$, which moves no peak.)
#
# **Before you run the next cell.** What will $f$ look like far to the left, where hardly a fake falls? At which $x$
# will its peak be at 1/2?

# %% tags=["hide-output"]
figures.best_answer_film(*PAIRS["moved"], frames=7)

# %% [markdown]
# Far to the left $f$ is nearly $a \log y$, which rises up to $y = 1$. At $x = 1$ the two densities cross, $a = b$, and
# the curve is symmetric with its peak at 1/2. Nothing that happens at one $x$ has a say at another: this is the whole
# trick of the proof.
#
# Let $D$ be any discriminator. At each $x$ we have just proved $f_x(D(x)) \le f_x(D^*(x))$. An integral keeps the
# order of what it integrates, so
#
# $$V(D, G) = \int f_x(D(x))\,dx \;\le\; \int f_x(D^*(x))\,dx = V(D^*, G).$$
#
# That is Proposition 1. One more line tells *how much* an imperfect $D$ loses. Collect the logarithms and the
# integrand becomes a Kullback-Leibler divergence between two coins, one that lands real with chance $D^*$, one with
# chance $D$ (exercise 5 uses it):
#
# $$V(D^*, G) - V(D, G) = \int (p_\text{data} + p_g) \Bigl[ D^* \log \frac{D^*}{D} + (1 - D^*) \log\frac{1 - D^*}{1 - D} \Bigr] dx \ge 0.$$
#
# A mistake of $D$ costs in proportion to how often anything falls there. Where data are rare, $D$ may be far off at
# almost no price.
#
# Four rivals challenge $D^*$ on each pair. "Timid" pulls every answer halfway to 1/2; "bold" doubles every logit;
# "lenient" takes the square root; the last says 1/2 to everything.


# %% tags=["spelled-out"]
def best(a, b):
    """D*, equation (2), and 1/2 where nothing falls."""
    return a / (a + b) if a + b > 0 else 0.5


def value_of(answer, p_data, p_g):
    """V(D, G), equation (3), of the D that says answer(y) where D* says y."""

    def integrand(x):
        a, b = at(p_data, x), at(p_g, x)
        y = answer(best(a, b))
        return a * log(y) + b * log(1 - y)

    return integral(integrand)


# %% [markdown]
# **Before you run the next cell.** Its first row is $D^*$. Will any rival reach it anywhere?

# %% tags=["hide-output"]
RIVALS = {  # from D*'s answer y to the rival's
    "D* itself": lambda y: y,
    "timid": lambda y: 0.5 * y + 0.25,
    "bold": lambda y: y**2 / (y**2 + (1 - y) ** 2),
    "lenient": lambda y: y**0.5,
    "always 1/2": lambda y: 0.5,
}
print(f"{'V(D, G) by quadrature':22}", *(f"{name:>10}" for name in PAIRS))
values = {}
for rival, answer in RIVALS.items():
    for name, (p, q) in PAIRS.items():
        values[rival, name] = value_of(answer, p, q)
        assert values[rival, name] <= values["D* itself", name] + 1e-9
    print(f"{rival:22}", *(f"{values[rival, name]:10.4f}" for name in PAIRS))

# %% [markdown]
# The first row is the largest in every column, as it must be. One rival reaches it once: on the boxes, "bold" ties
# with $D^*$, because there all answers of $D^*$ are 0, 1/2 or 1, and doubling the logit of those changes nothing.
# Note that "always 1/2" scores $-\log 4 = -1.3863$ against any generator.
#
# **Before you run the next cell.** The loss of "timid" by subtraction, and by the integral of the coins'
# divergence. On which pair will being timid cost nothing?


# %% tags=["nbval-check-output", "hide-output"]
def price_of(answer, p_data, p_g):
    """What answer(y) loses against D*: the integral of the divergence between the two coins."""

    def integrand(x):
        a, b = at(p_data, x), at(p_g, x)
        y, other = best(a, b), answer(best(a, b))
        return (a + b) * (y * (log(y) - log(other)) + (1 - y) * (log(1 - y) - log(1 - other)))

    return integral(integrand)


for name, (p, q) in PAIRS.items():
    by_subtraction = values["D* itself", name] - values["timid", name]
    price = price_of(RIVALS["timid"], p, q)
    assert abs(price - by_subtraction) < 1e-6
    print(f"{name:10} timid loses {by_subtraction:.4f} by subtraction, {price:.4f} by the integral")

# %% [markdown]
# On none: wherever $D^*$ is not 1/2, its logit is worth something.
#
# Here is the library's form. It is the formula, a guard for 0/0, and an error for values that are no densities.

# %%
show_source(theory.optimal_discriminator)

# %% [markdown]
# With $D$ given point by point, `theory.value` is equation (3) again, summed over a fine grid.

# %%
show_source(theory.value)

# %% [markdown]
# **Before you run the next cell.** `theory` integrates on a grid, SciPy where it likes. How many digits will the two
# share?

# %% tags=["nbval-check-output", "hide-output"]
for name, (p, q) in PAIRS.items():
    d = theory.optimal_discriminator(p.pdf(theory.GRID), q.pdf(theory.GRID))
    on_grid = theory.value(d, p, q).item()
    assert abs(on_grid - values["D* itself", name]) < 1e-5
    print(f"{name:10} V(D*, G) = {on_grid:.4f}")

# %% [markdown]
# At least five, which the assertion asks for, even on boxes, whose jumps a grid meets badly.
#
# ## 5. Where nothing ever falls
#
# **Before you run the next cell.** Data fill the box $[0, 1)$, fakes the box $[2, 3)$. Type the formula as it
# stands in the paper, and sum. What comes out?

# %% tags=["nbval-check-output", "hide-output"]
x = theory.GRID
p, q = Uniform(0, 1).pdf(x), Uniform(2, 3).pdf(x)
naive = p / (p + q)
print(f"naive: {naive.isnan().float().mean():.0%} of the answers are not a number; their mean is {naive.mean():.2f}")

# %% [markdown]
# Outside the boxes the formula is 0/0, a NaN, and one NaN is enough to spoil every sum. This happens with Gaussians
# too: far out, their values underflow to zero. The repair is to remember that $D$ is free there and to choose any
# number; the library takes 1/2.
#
# Is it really free? **Before you run the next cell.** It fills the gaps with 0.5, then with 0.01, then with random
# answers. Which choice has the highest value?

# %% tags=["nbval-check-output", "hide-output"]
d = theory.optimal_discriminator(p, q)
gap = p + q == 0
for choice, filling in {
    "one half": 0.5,
    "0.01": 0.01,
    "random": torch.rand(int(gap.sum()), dtype=torch.float64),
}.items():
    other = d.clone()
    other[gap] = filling
    print(f"gaps filled with {choice:8}: V = {theory.value(other, p, q, x):.4f}")
    assert theory.value(other, p, q, x) == theory.value(d, p, q, x)

# %% [markdown]
# All have the same value, to the last bit. So $D^*$ is unique only where $p_\text{data} + p_g > 0$, and the paper
# says so in its proof: $D$ need not be defined outside $\operatorname{Supp}(p_\text{data}) \cup
# \operatorname{Supp}(p_g)$. In practice this is a warning. What a trained network answers where neither data nor
# samples fall is decided by its architecture and its initial weights, not by the game.
#
# ## 6. A network finds the same answer
#
# So far $D$ was any function. Does a small network, which sees samples and never a density, come to the same $D^*$?
# It climbs the estimate of (1) on fresh batches, written with logits so that no logarithm meets a zero:
# $\log D = \texttt{logsigmoid}(l)$ and $\log(1 - D) = \texttt{logsigmoid}(-l)$.
#
# **Before you run the next cell.** The data have two bumps, at -2 and 2, and the fakes one wide bump. $D^*$ rises and
# falls twice. Where will the network be last to get it right?

# %% tags=["hide-output"]
course_lib.seed(0)
p_data, p_g = PAIRS["two bumps"]
line = torch.linspace(-6, 6, 601)
judge = mlp.Discriminator((1,), (64, 64))
climber = torch.optim.Adam(judge.parameters(), lr=3e-3)
logsigmoid = torch.nn.functional.logsigmoid
steps = by_size(quick=300, cpu=1_200)
moments, learned = (1, 30, 100, steps), {}

for step in range(1, steps + 1):
    real, fake = p_data.sample(512)[:, None], p_g.sample(512)[:, None]
    estimate = logsigmoid(judge(real).logits).mean() + logsigmoid(-judge(fake).logits).mean()
    climber.zero_grad()
    (-estimate).backward()
    climber.step()
    if step in moments:
        with torch.no_grad():
            learned[f"step {step}"] = judge(line[:, None]).logits.double().sigmoid()

d_star = theory.optimal_discriminator(p_data.pdf(line), p_g.pdf(line)).double()
figures.show(figures.learned_discriminators(line, d_star, learned), scale=1.5, colours=10)

# %% tags=["hide-output"]
c = theory.criterion(p_data, p_g).item()
for moment, d in learned.items():
    v = theory.value(d, p_data, p_g, line).item()
    assert v < c
    print(f"{moment:10} V(D, G) = {v:.3f}   short of the best by {c - v:.3f}")
assert c - v < by_size(quick=0.1, cpu=0.02)

# %% [markdown]
# The network approaches $D^*$, and $V$ approaches its maximum from below, as section 4 said it must. Last to be right
# is what lies beyond $\pm 3$, where little falls: the error there is plain to see and costs almost nothing.
#
# Two readings of this to keep:
#
# - $D$ is doing maximum likelihood. With $Y = 1$ for real and $Y = 0$ for fake, $V(D, G)$ is the log-likelihood of
#   a classifier $P(Y = 1 \mid x)$, and $D^*$ is Bayes' rule with equal priors. The logit of $D^*$ is
#   $\log (p_\text{data} / p_g)$.
# - Every $D$ gives a lower bound on $\max_D V(D, G)$. A weak detective makes the counterfeiter look better than he
#   is.
#
# ## 7. What is left for the generator: equations 4 to 6
#
# Let $D$ always play its best. Then the value depends on $G$ alone. The paper calls it the virtual training
# criterion:
#
# $$C(G) = \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}\Bigl[\log \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}\Bigr] + \mathbb{E}_{x \sim p_g}\Bigl[\log \frac{p_g(x)}{p_\text{data}(x) + p_g(x)}\Bigr]. \tag{4}$$
#
# It is $V$ with $D^*$ put in, and $1 - D^* = p_g/(p_\text{data} + p_g)$. Now bring in the middle of the two
# densities, $m = (p_\text{data} + p_g)/2$. It is again a density, and
#
# $$\log\frac{p_\text{data}}{p_\text{data} + p_g} = \log\Bigl(\frac12 \cdot \frac{p_\text{data}}{m}\Bigr) = -\log 2 + \log\frac{p_\text{data}}{m}.$$
#
# The same for $p_g$. Take the expectations. The constant $-\log 2$ comes out once from each of the two, since a
# density integrates to 1, and together they are $-\log 4$. What remains are two Kullback-Leibler divergences,
# $\mathrm{KL}(p \,\|\, m) = \mathbb{E}_p[\log p/m]$:
#
# $$C(G) = -\log 4 + \mathrm{KL}\Bigl(p_\text{data} \,\Big\|\, \frac{p_\text{data} + p_g}{2}\Bigr) + \mathrm{KL}\Bigl(p_g \,\Big\|\, \frac{p_\text{data} + p_g}{2}\Bigr), \tag{5}$$
#
# and half their sum has a name, the Jensen-Shannon divergence:
#
# $$C(G) = -\log 4 + 2 \cdot \mathrm{JSD}(p_\text{data} \,\|\, p_g). \tag{6}$$
#
# Each line will be integrated on its own by SciPy. For (6) another form of the same divergence is used, the entropy of
# the middle less the mean of the two entropies,
#
# $$\mathrm{JSD} = H(m) - \frac{H(p_\text{data}) + H(p_g)}{2}, \qquad H(p) = -\int p \log p\,dx .$$
#
# **Before you run the next cells:** the first has the three equations as they stand, $p$ and $q$ being the two densities
# and $m$ their middle; the second puts them in a table beside the library's $C(G)$ and JSD. Which of its five columns
# must be equal?


# %% tags=["spelled-out"]
def kl(p, q):
    return integral(lambda x: p(x) * (log(p(x)) - log(q(x))))


def entropy(p):
    return -integral(lambda x: p(x) * log(p(x)))


def three_equations(p, q):
    """C(G) by equations (4), (5) and (6). p, q: the densities of data and fakes, functions of one number."""

    def both(x):
        return p(x) + q(x)

    def m(x):
        return both(x) / 2

    line_4 = kl(p, both) + kl(q, both)  # E[log p / (p + q)] has the shape of a KL, though p + q integrates to 2
    line_5 = -math.log(4) + kl(p, m) + kl(q, m)
    line_6 = -math.log(4) + 2 * (entropy(m) - (entropy(p) + entropy(q)) / 2)
    return line_4, line_5, line_6


# %% tags=["nbval-check-output", "hide-output"]
print(f"{'':10} {'(4)':>8} {'(5)':>8} {'(6)':>8} {'library':>8} {'JSD':>8}")
for name, (p, q) in PAIRS.items():
    lines, library, jsd = three_equations(partial(at, p), partial(at, q)), theory.criterion(p, q), theory.jsd(p, q)
    assert max(abs(number - library) for number in lines) < 1e-5
    print(f"{name:10}", *(f"{number:8.4f}" for number in (*lines, library, jsd)))

# %% [markdown]
# The first four, and they are the row "$D^*$ itself" of section 4. The library takes the short way, equation (4), once
# more on a grid:

# %%
show_source(theory.criterion)

# %% [markdown]
# Nothing in the derivation needed a line: for outcomes with probabilities, sums take the place of integrals. There
# SciPy has a Jensen-Shannon function of its own, which returns the square *root* of the divergence.

# %% tags=["nbval-check-output"]
p = torch.tensor([0.5, 0.3, 0.2, 0.0], dtype=torch.float64)
q = torch.tensor([0.1, 0.3, 0.0, 0.6], dtype=torch.float64)
print(f"JSD by the course {theory.jsd(p, q):.4f}, by SciPy {jensenshannon(p, q) ** 2:.4f}")
print(f"C(G) {theory.criterion(p, q):.4f}, -log 4 + 2 JSD {-math.log(4) + 2 * jensenshannon(p, q) ** 2:.4f}")

# %% [markdown]
# ### The density lab
#
# Move the sliders (Tab goes from one to the next, the arrow keys change it). The scale at the bottom shows where
# $C(G)$ stands between its two ends.
#
# 1. Find $C(G) = -\log 4$. How many ways are there?
# 2. Put both means at 0 and make $p_g$ narrow. Is $D^*$ in the tails high or low? Now make it wider than
#    $p_\text{data}$.
# 3. Give both the least width and pull the means apart. From which distance on does the dot no longer move?

# %%
widgets.density_lab()

# %% [markdown]
# 1: only with equal means *and* equal widths, and the next section proves it. 2: a narrow $p_g$ leaves the tails to
# the data, so $D^*$ goes to 1 there; a wide one brings it to 0. 3: beyond about six of
# those widths, and section 9 is about that.

# %% [markdown]
# ### You are $G$, then you are $D$
#
# Eight outcomes in place of the line, and one of the players in your hand; the other plays by formula. The bars can be
# dragged, or moved with the arrow keys.
#
# 1. You are $G$, against the best $D$ there is. Make $V$ as small as you can. Does one bar at a time lead you there? What
#    does $V$ cost you if you put everything on the likeliest outcome?
# 2. You are $D$. Start from your best answer, and let $G$ go all the way. What has happened to $p_g$, and to $V$?
# 3. Can you find answers from which $G$ gains nothing by moving?
#
# **Before you run the next cell.** Guess the third.

# %% tags=["hide-output"]
widgets.you_are_g()

# %% [markdown]
# 1: any bar that comes closer to its black one, the others being scaled, usually helps, and equality is the end; all on
# one outcome leaves $D$ sure of seven. 2: $p_g$ stands on a single outcome, the one that you trusted most, and $V$ is
# far below $-\log 4$: your best answer was the best against a $G$ that is gone. This is the second mover of lesson 02,
# and the mode collapse of lesson 04. 3: one half everywhere, and no other answer.

# %% [markdown]
# ## 8. Theorem 1: the least value is $-\log 4$, and only at $p_g = p_\text{data}$
#
# If $p_g = p_\text{data}$, then $D^* = 1/2$ by (2), and (4) gives $\log\frac12 + \log\frac12 = -\log 4$. That
# nothing is lower says, by (6), that $\mathrm{JSD} \ge 0$, with equality only if the two are equal. It rests on one
# picture.
#
# **Before you run the next cell.** The logarithm and the line $t - 1$: where do they meet?

# %% tags=["hide-output"]
figures.show(figures.logarithm_below_its_tangent(), scale=1.5, colours=16)

# %% [markdown]
# Once, at $t = 1$, and everywhere else $\log t < t - 1$. Put $t = m(x)/p(x)$ wherever $p(x) > 0$ and average over
# $p$:
#
# $$-\mathrm{KL}(p \,\|\, m) = \int_{p > 0} p \log\frac{m}{p}\,dx \;\le\; \int_{p > 0} p \Bigl(\frac{m}{p} - 1\Bigr)dx = \int_{p > 0} m\,dx - 1 \;\le\; 0.$$
#
# So $\mathrm{KL}(p \,\|\, m) \ge 0$ (Gibbs' inequality; it is Jensen's inequality for the logarithm). Equality in
# the first step needs $t = 1$, that is $m = p$, wherever $p > 0$, up to sets of probability 0. With $m = (p +
# q)/2$, $m = p$ means $q = p$; and since $q$ then integrates to 1 already there, it is 0 where $p$ is. Hence
#
# > **Theorem 1.** $C(G) \ge -\log 4$, with equality if and only if $p_g = p_\text{data}$. There $D^* = 1/2$
# > everywhere.
#
# The other end: $m \ge p/2$, so $p/m \le 2$ and each KL in (5) is at most $\log 2$. Hence $\mathrm{JSD} \le \log 2$
# and $C(G) \le 0$, with equality if and only if $q = 0$ wherever $p > 0$: the two never meet.
#
# "Only if" cannot be seen from a few examples. But it has a number: Pinsker's inequality gives $\mathrm{JSD}(p
# \,\|\, q) \ge \frac18 \bigl(\int |p - q|\,dx\bigr)^2$, so a small divergence forces a small difference.
#
# **Before you run the next cell.** 2,000 random pairs on six outcomes, some nearly equal, some far apart. All three
# bounds must hold for each. How close to $-\log 4$ will the least $C(G)$ come?

# %% tags=["nbval-check-output", "hide-output"]
random = np.random.default_rng(0)
ratios = torch.linspace(0.001, 100, 100_000, dtype=torch.float64)
assert (ratios.log() <= ratios - 1).all()  # the picture above, in numbers

least, most = 1.0, -2.0
for trial in range(2_000):
    p, q = random.dirichlet(np.ones(6)), random.dirichlet(np.full(6, 0.3))
    q = (1 - 0.5 ** (trial % 12)) * p + 0.5 ** (trial % 12) * q  # from anything to nearly p
    p, q = torch.tensor(p), torch.tensor(q)
    divergence = theory.jsd(p, q)
    assert 0 <= divergence <= math.log(2)
    assert divergence >= (p - q).abs().sum() ** 2 / 8
    c = theory.criterion(p, q).item()
    least, most = min(least, c), max(most, c)

same = theory.criterion(p, p).item()
print(f"random pairs: C(G) from {least:.4f} to {most:.2f}; equal pair: {same:.4f}; -log 4 = {theory.C_MIN:.4f}")
assert theory.C_MIN < least and math.isclose(same, theory.C_MIN)
assert (theory.optimal_discriminator(p, p) == 0.5).all()

# %% [markdown]
# As close as $q$ comes to $p$, never below, and exactly there only when equal.
#
# ## 9. Densities that never meet
#
# Theorem 1 tells where the minimum is. It does not tell whether one can *roll* there. Move $p_g$ away from
# $p_\text{data}$ and watch $C(G)$.
#
# **Before you run the next cell.** One curve for two Gaussians of width 1, one for two boxes of length 1. At which
# shift do the boxes part, and how does $C$ look beyond it?

# %% tags=["hide-output"]
shift = torch.linspace(-8, 8, 81, dtype=torch.float64)
boxes = torch.stack([theory.criterion(Uniform(0, 1), Uniform(s, s + 1)) for s in shift.tolist()])
bells = torch.stack([theory.criterion(gaussian(0), gaussian(s)) for s in shift.tolist()])
assert torch.allclose(boxes, -math.log(4) * (1 - shift.abs()).clamp(min=0), atol=2e-3)
figures.show(figures.criterion_against_position(shift, {"boxes": boxes, "Gaussians": bells}), scale=1.5, colours=16)

# %% [markdown]
# Two boxes shifted by $|s| \le 1$ share a length of $1 - |s|$, so $C = -(1 - |s|)\log 4$: a funnel with straight
# walls. Beyond 1 they share nothing, $\mathrm{JSD} = \log 2$, $C = 0$, **and it stays 0 however far they are**. The
# Gaussians always share a little, but soon too little to feel. In numbers, the slope of $C$ in the position:


# %% tags=["nbval-check-output"]
def slope_of_boxes(s, step=0.01):
    c = [theory.criterion(Uniform(0, 1), Uniform(t, t + 1)).item() for t in (s - step, s + step)]
    return (c[1] - c[0]) / (2 * step)


def slope_of_gaussians(s):
    mean = torch.tensor(s, dtype=torch.float64, requires_grad=True)
    shifted = torch.exp(-((x - mean) ** 2) / 2) / math.sqrt(2 * math.pi)
    return torch.autograd.grad(theory.criterion(gaussian(0).pdf(x), shifted, x), mean)[0].item()


x = theory.GRID
print("shift   boxes   Gaussians")
for s in (0.5, 2.0, 4.0, 8.0):
    print(f"{s:5.1f} {slope_of_boxes(s):7.2f} {slope_of_gaussians(s):11.4f}")
assert slope_of_boxes(2.0) == slope_of_boxes(4.0) == 0
assert 0 < slope_of_gaussians(12.0) < 1e-6

# %% [markdown]
# This is what a perfect detective does to her pupil: she knows every fake, and so her verdict no longer says which
# fake is *nearly* right. Gradient descent on $C(G)$ gets nothing from $s = 2$ on with boxes, and
# with Gaussians at $s = 8$ a three-thousandth part of the boxes' slope inside the funnel.
#
# It is no rarity. Images of a $G$ with 100 noise numbers lie on a thin sheet among all pictures; real images, too,
# lie on a thin set; two such sheets hardly meet, and then $C(G) = 0$ whatever $G$ does (Arjovsky and Bottou 2017
# make this precise). That GANs train nonetheless is because a real $D$ is *not* the optimal one: it is smooth,
# trained for a few steps, and G uses the loss of lesson 02 that does not saturate.
#
# **A repair.** If they do not meet, blur both with the same Gaussian noise: then both have tails, and tails meet.
# The blurred box has the density $\Phi\bigl(\frac{x}{\sigma}\bigr) - \Phi\bigl(\frac{x - 1}{\sigma}\bigr)$, with
# $\Phi$ the normal distribution function.
#
# **Before you run the next cell.** Which noise opens the wider funnel, and what does it cost at its bottom?


# %% tags=["nbval-check-output", "hide-output"]
def blurred_box(low, noise):
    return (torch.special.ndtr((x - low) / noise) - torch.special.ndtr((x - low - 1) / noise)).clamp(min=0)


blurred = {}
for noise in (0.3, 1.0):
    c = [theory.criterion(blurred_box(0, noise), blurred_box(s, noise), x) for s in shift.tolist()]
    blurred[f"noise {noise}"] = c = torch.stack(c)
    near, far = ((c[i + 1] - c[i - 1]) / (shift[i + 1] - shift[i - 1]) for i in (50, 55))
    assert near > far > 0
    print(f"noise {noise}: the slope at shift 2 is {near:.3f}, at shift 3 {far:.3f}; without noise it was 0")

# %% tags=["hide-output"]
figures.show(figures.criterion_against_position(shift, {"boxes": boxes, **blurred}), scale=1.5, colours=16)

# %% [markdown]
# More noise, wider funnel, and its bottom is still at $-\log 4$ and shift 0. The price: near the bottom it is flat,
# so fine differences count for less.
#
# Note also what the middle $m$ is good for. $\mathrm{KL}(p_\text{data} \,\|\, p_g)$, which maximum likelihood
# minimises, is *infinite* as soon as $p_g$ misses a place where data fall; JSD stops at $\log 2$.

# %% tags=["nbval-check-output"]
p, q = Uniform(0, 1), Uniform(0.5, 1.5)
print(f"KL(data || G) = {theory.kl(p, q):.3f}, KL(G || data) = {theory.kl(q, p):.3f}, JSD = {theory.jsd(p, q):.3f}")

# %% [markdown]
# ### The single Gaussian of lesson 01, once more
#
# Lesson 01 let one Gaussian do what it can for two unequal bumps, and where it went depended on the divergence:
# forwards, $\mathrm{KL}(p_\text{data} \,\|\, p_g)$, over both; backwards on a single one. **Before you run the next
# cell:** JSD is half of each, with the middle in between. To which of the two will it be closer?

# %% tags=["hide-output"]
p_data = Mixture((-2, 2), (0.5, 0.5), (0.6, 0.4))
line = torch.linspace(-12, 12, 1_201, dtype=torch.float64)
divergences = {
    "KL(data, G)": lambda q: theory.kl(p_data, q, line),
    "KL(G, data)": lambda q: theory.kl(q, p_data, line),
    "JSD": lambda q: theory.jsd(p_data, q, line),
}
fits = {}
for name, divergence in divergences.items():
    searches = [  # from three places, since there may be several valleys
        minimize(
            lambda v, f=divergence: f(gaussian(*v)).item(), start, method="Nelder-Mead", bounds=[(-6, 6), (0.1, 4)]
        )
        for start in ((-2, 0.5), (0, 2), (2, 0.5))
    ]
    least = min(searches, key=lambda search: search.fun)
    fits[f"{name} = {least.fun:.2f}"] = gaussian(*least.x)
    print(f"{name:11} is least, {least.fun:.2f}, at mean {least.x[0]:.1f} and width {least.x[1]:.1f}")
figures.show(figures.one_gaussian_for_two_bumps(p_data, fits), scale=1.5, colours=10)

# %% [markdown]
# To the backward one. For both, a bump that is missed costs no more than a bounded amount, while a Gaussian over both
# bumps pays for all that it puts into the gap. So a generator that is too small for the data loses a mode *even against
# the optimal discriminator*. This picture will come back: lesson 04 meets it in the plane.
#
# ## 10. Does it converge? Proposition 2, and what it says
#
# > **Proposition 2.** If $G$ and $D$ have enough capacity, and at each step of Algorithm 1 $D$ reaches its optimum
# > given $G$, and $p_g$ is updated so as to improve $C$, then $p_g$ converges to $p_\text{data}$.
#
# The argument has three steps. Write $U(p_g, D)$ for $V$ as a function of the *distribution* $p_g$.
#
# 1. **For a fixed $D$, $U$ is a straight line in $p_g$**: $U = \text{const} + \int p_g(x) \log(1 - D(x))\,dx$. A
#    straight line is convex.
# 2. **$C(p_g) = \sup_D U(p_g, D)$ is the highest of all these lines**, and the highest of convex functions is convex.
# 3. **The slope of $C$ is the slope of the line that is on top.** So a gradient step with $D$ held at its optimum
#    *is* a gradient step on $C$; nobody has to differentiate through the maximisation.
#
# With two outcomes $p_g = (t, 1 - t)$ all of this can be drawn. **Before you run the next cell.** Data have
# $p_\text{data} = (0.3, 0.7)$. Where is the bottom of the bowl?

# %% tags=["hide-output"]
figures.show(figures.criterion_as_envelope(0.3), scale=1.5, colours=10)

# %% [markdown]
# At 0.3, and each grey line touches the bowl where its $D$ is the best one, and stays below it elsewhere. Step 3 is
# the claim most worth a check: differentiate $C$ with autograd, all through $D^*$, and compare with the slope of $U$
# where $D^*$ is a constant.

# %% tags=["nbval-check-output"]
p = torch.tensor([0.3, 0.7], dtype=torch.float64)
for share in (0.1, 0.3, 0.8):
    t = torch.tensor(share, dtype=torch.float64, requires_grad=True)
    q = torch.stack([t, 1 - t])
    slope_of_c = torch.autograd.grad(theory.criterion(p, q), t, retain_graph=True)[0]
    frozen = theory.optimal_discriminator(p, q).detach()
    slope_of_u = torch.autograd.grad(theory.value(frozen, p, q), t)[0]
    assert torch.isclose(slope_of_c, slope_of_u, atol=1e-12)
    of_c, of_u = (round(slope.item(), 4) + 0.0 for slope in (slope_of_c, slope_of_u))  # + 0.0: no minus zero
    print(f"t = {share}: slope of C {of_c:+.4f}, slope of U with D held fixed {of_u:+.4f}")

# %% [markdown]
# Equal, and zero at $p_g = p_\text{data}$.
#
# ### The argument as a program
#
# Eight outcomes; $p_g$ is a table of eight probabilities and is moved directly. The slope of $U$ in the probability
# of an outcome is $\log(1 - D)$ there. A plain step could make a probability negative, so we step in its logarithm
# and divide by the sum: $p_g \leftarrow p_g\,(1 - D)^{-\text{rate}} / \text{sum}$. Outcomes that $D$ takes for real
# gain.


# %% tags=["spelled-out"]
def descend(p_data, p_g, steps, rate=lambda step: 0.3, d_every=1):
    """Move p_g down the slope of U, with D at its optimum every `d_every` steps and held fixed in between."""
    path = [p_g]
    for step in range(steps):
        if step % d_every == 0:
            d = theory.optimal_discriminator(p_data, p_g)
        p_g = p_g * torch.exp(-rate(step) * torch.log1p(-d))
        p_g = p_g / p_g.sum()
        path.append(p_g)
    return path, [theory.criterion(p_data, q).item() for q in path]


# %% [markdown]
# **Before you run the next cell.** $p_g$ starts far from the data, on the right. Can $C$ ever rise on its way?

# %% tags=["nbval-check-output", "hide-output"]
p_data = torch.tensor([4, 10, 20, 8, 2, 1, 3, 2], dtype=torch.float64) / 50
start = torch.tensor([1, 1, 1, 1, 2, 6, 20, 18], dtype=torch.float64) / 50
path, c_small = descend(p_data, start, 60)
assert all(later < earlier for earlier, later in pairwise(c_small))
assert (path[-1] - p_data).abs().max() < 1e-3
print(f"C from {c_small[0]:.4f} to {c_small[-1]:.4f}; -log 4 is {theory.C_MIN:.4f}")

# %% tags=["hide-output"]
moments = {f"step {step}": path[step] for step in (0, 8, 60)}
figures.show(figures.distributions_on_the_way(p_data, moments, {"rate 0.3": c_small}), scale=1.5, colours=16)

# %% [markdown]
# It falls at every step, down to $-\log 4$, and $p_g$ becomes $p_\text{data}$. (With rate 1 the step is
# $p_g \leftarrow (p_\text{data} + p_g)/2$ exactly. Put $1 - D^* = p_g/(p_\text{data} + p_g)$ in to see it.)
#
# ### Break it, twice
#
# Proposition 2 has conditions. Drop each in turn:
#
# - **A stale $D$.** $D$ "is allowed to reach its optimum" before each step. Here it does so only before every tenth.
# - **Steps that only improve.** "Updated so as to improve" is less than it seems. Here the rate is halved at every
#   step.
#
# **Before you run the next cell.** One of the two falls at every step and still never arrives. Which? And where does
# $p_g$ go while $D$ stands still?

# %% tags=["hide-output"]
stale_path, c_stale = descend(p_data, start, 60, d_every=10)
_, c_shrinking = descend(p_data, start, 60, rate=lambda step: 0.3 * 0.5**step)
assert all(later <= earlier for earlier, later in pairwise(c_shrinking))
assert c_shrinking[-1] > theory.C_MIN + 0.3
assert max(c_stale[20:]) > -0.9 and stale_path[10].max() > 0.8

moments = {f"step {step}": stale_path[step] for step in (0, 10, 20)}
criteria = {"rate 0.3": c_small, "stale D": c_stale, "rate halved": c_shrinking}
figures.show(figures.distributions_on_the_way(p_data, moments, criteria), scale=1.5, colours=16)

# %% [markdown]
# The shrinking steps improve $C$ every time and stop halfway. Improvement alone is not convergence: the steps must be
# small, as the proof asks, and must not die out too early, which it forgets to ask.
#
# With a stale $D$, $U$ is a straight line, and a straight line is lowest at a corner. After ten steps four fifths
# of all that $G$ makes are the one outcome that this $D$ trusted most: **mode collapse**. Then $D$ wakes up,
# distrusts that outcome, trusts what was abandoned, and the chase begins again. Ten steps on one line are also the
# same as a single step of ten times the length, so a long step fails in the same way:

# %% tags=["nbval-check-output"]
long_path, c_long = descend(p_data, start, 6, rate=lambda step: 3.0)
assert torch.allclose(torch.stack(long_path), torch.stack(stale_path[::10]))
print("C after each long step:", *(f"{c:.2f}" for c in c_long))

# %% [markdown]
# With two outcomes the chase fits into the bowl of above. **Before you run the next cell:** the film has three scenes.
# First $D$ is renewed before every move; then it stays the same throughout; then it wakes up once, and stands still
# again. Where does the ball end in each?

# %% tags=["hide-output"]
figures.rolling_film()

# %% [markdown]
# At the bottom; in a corner, after rolling *past* the bottom without noticing it; and on its way to the other corner.
# The ball always rolls down the dashed line, and that line is the bowl's own slope only where it touches.
#
# The repair is the condition itself: a fresh $D$ before every small step. In training, that is the $k$ of Algorithm
# 1, the number of steps of $D$ before each step of $G$; lesson 04 turns that knob.
#
# ### What the argument does not promise
#
# The paper is frank about the largest gap: we optimise $\theta_g$, the weights of $G$, and not $p_g$ itself, so the
# proof does not apply. $C$ is convex in $p_g$. It is not convex in $\theta_g$.
#
# **Before you run the next cell.** Data with two bumps, at -2 and 2. The generator is one Gaussian of width 0.6 and
# its only weight is its mean. How many valleys has $C$?

# %% tags=["hide-output"]
bumps = Mixture((-2, 2), (0.6, 0.6))
position = torch.linspace(-6, 6, 61, dtype=torch.float64)
c_of_mean = torch.stack([theory.criterion(bumps, gaussian(mean, 0.6)) for mean in position.tolist()])
figures.show(
    figures.criterion_against_position(position, {"one bump": c_of_mean}, what="mean of $p_g$"), scale=1.5, colours=16
)

# %% tags=["nbval-check-output", "hide-output"]
left, right = gaussian(-2, 0.6), gaussian(2, 0.6)
middle_weight = gaussian(0, 0.6)  # the average of the two weights
middle_distribution = Mixture((-2, 2), (0.6, 0.6))  # the average of the two distributions
average = (theory.criterion(bumps, left) + theory.criterion(bumps, right)) / 2
print(f"average of the two C's         {average:.3f}")
print(f"C at the average weight        {theory.criterion(bumps, middle_weight):.3f}")
print(f"C at the average distribution {theory.criterion(bumps, middle_distribution):.3f}")
assert theory.criterion(bumps, middle_distribution) <= average < theory.criterion(bumps, middle_weight)

# %% [markdown]
# Two valleys, and neither reaches $-\log 4$. Between two equally good distributions lies, by convexity, one at
# least as good: here the data themselves. Between two equally good *weights* lies a hill. So the proposition does
# not promise:
#
# - that gradient descent on $\theta_g$ finds the global minimum: $C$ is convex in $p_g$ alone;
# - that $p_\text{data}$ is among the distributions $G$ can make ("enough capacity");
# - that $D$ is the best of all functions: it is the best a network found in $k$ steps, on samples;
# - that simultaneous or alternating steps settle at all: lesson 12 shows games that go round for ever;
# - anything about *speed*, or about generalising from finitely many data. Let $p_\text{data}$ be the training set
#   itself, and the theorem's perfect $G$ is the one that returns training examples.
#
# What it does give: the game has the right goal. Whoever wins it completely has the data distribution.
#
# ## 11. The paper's notation
#
# | where | it says | read |
# |---|---|---|
# | section 4.1 and the lecture | $V(G, D)$ | the $V(D, G)$ of (1), same thing |
# | Algorithm 1 and the lecture | noise prior $p_g(z)$ | $p_z(z)$; $p_g$ is the density of $G(z)$ |
# | proof of Proposition 1 | $(a, b) \in \mathbb{R}^2 \setminus \{0, 0\}$ | $a, b \ge 0$, not both 0 |
# | proof of Proposition 2 | "converges to $p_x$" | converges to $p_\text{data}$ |
# | throughout | $\log$ | natural logarithm; divergences are in nats |
#
# ## 12. What to read
#
# - Goodfellow et al. 2014, section 4: two pages, and you now know every line of them. Propositions 1 and
#   2, Theorem 1, equations 2 to 6.
# - Arjovsky and Bottou 2017, *Towards Principled Methods for Training Generative Adversarial Networks*, section 2:
#   thin sheets, and why a perfect discriminator gives no gradient; section 3: noise as the repair.
# - The lecture, slide "Optimal solutions": equations (2), (4) and (5) on one page.
#
# ## 13. Exercises
#
# [the exercise notebook](../exercises/03_the_optimal_discriminator.ipynb): five tasks, about 75 minutes. Repair 0/0; compute $C(G)$ on a
# grid; derive $D^*$ for unequal priors and smoothed labels; turn a discriminator into importance weights; and
# measure what a discriminator loses that is not free to take any value.
