# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 02 · The value function
#
# | | |
# |---|---|
# | **You will be able to** | compute $V(D, G)$ by hand, as an integral and from samples; say what each player wants and why the order of min and max matters; derive the slopes of the generator's two losses; keep a loss finite where sigmoid and log would spoil it |
# | **Minutes** | 75, and 70 for the exercises |
# | **You need** | lesson 00: the counterfeiter and the detective; expectation as a mean; the derivative of a logarithm |
#
# The source is Goodfellow et al. 2014, *Generative Adversarial Nets*, section 3. Equation numbers in brackets are
# the paper's. Logarithms are natural throughout.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from itertools import islice

import torch
from scipy.integrate import quad
from torch import nn
from torch.nn.functional import logsigmoid, softplus

from course_lib import Batch, Diverged, Game, Round, Verdict, by_size, figures, play, show_source, theory
from course_lib.data import SampledBatches, gaussian
from course_lib.losses import minimax, non_saturating, tell_apart
from course_lib.models import mlp

course_lib.seed(0)

# %% [markdown]
# ## 1. The idea: one number that two players watch
#
# The detective is shown one banknote $x$ at a time. She does not say "real" or "fake": she says how sure she is that
# the note is real, a number $D(x)$ between 0 and 1. Then she learns the truth and is paid the **logarithm of the
# probability she gave to it**: $\log D(x)$ for a real note, $\log(1 - D(x))$ for a counterfeit.
#
# **Before you run the next cell.** Which is larger: what she gains by going from 0.9 to 0.99 on a real note, or what
# she loses by going from 0.1 to 0.01?

# %% tags=["nbval-check-output", "hide-output"]
for answer in (0.99, 0.9, 0.5, 0.1, 0.01):
    print(f"D(x) = {answer:.2f} on a real note pays {math.log(answer):6.2f}")

# %% [markdown]
# The payment is never above 0. From 0.9 to 0.99 she gains a tenth; from 0.1 to 0.01 she loses 2.3. To shrug, with
# $D = \tfrac12$, always costs $\log 2 \approx 0.69$. To be certain and wrong costs more than any number.
#
# Half of the notes shown to her are real and half are counterfeit. Add her mean payment on the real ones to her mean
# payment on the others, and you have the **value** of the game. She wants it large. The counterfeiter, who makes
# the other half, wants it small.

# %% [markdown]
# ## 2. The value of a small game, by hand
#
# In the paper's notation [equation 1]:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}(x)}[\log D(x)] +
#   \mathbb{E}_{z \sim p_z(z)}[\log(1 - D(G(z)))].$$
#
# - $x \sim p_\text{data}$: a real example, drawn from the distribution of the data. $\mathbb{E}$ is the mean over
#   such draws.
# - $z \sim p_z$: noise, drawn from a distribution that we choose. $G(z)$ is what the **generator** makes of it.
# - $D(x) \in (0, 1)$: the **discriminator**'s answer, how probable it finds that $x$ is real.
#
# The outputs $G(z)$ have a distribution of their own, which the paper calls $p_g$. $D$ never sees $z$, so the second
# mean can as well be taken over $x \sim p_g$. When there are finitely many outcomes, both means are sums:
#
# $$V(D, G) = \sum_x p_\text{data}(x) \log D(x) + p_g(x) \log(1 - D(x)).$$
#
# Suppose there are three kinds of note. Half of the real ones are fives, and the counterfeiter likes twenties:
#
# | note | $p_\text{data}$ | $p_g$ | $D$ |
# |---|---|---|---|
# | 5 | 1/2 | 1/4 | 3/4 |
# | 10 | 1/4 | 1/4 | 1/2 |
# | 20 | 1/4 | 1/2 | 1/4 |
#
# **Before you run the next cell.** Take a pencil. Six products, one sum. You need
# $\log\tfrac34 = -0.288$, $\log\tfrac12 = -0.693$ and $\log\tfrac14 = -1.386$.

# %% tags=["nbval-check-output", "hide-output"]
notes = ["5", "10", "20"]
p_data = torch.tensor([1 / 2, 1 / 4, 1 / 4])
p_g = torch.tensor([1 / 4, 1 / 4, 1 / 2])
d = torch.tensor([3 / 4, 1 / 2, 1 / 4])

total = 0.0
for note, p, q, answer in zip(notes, p_data.tolist(), p_g.tolist(), d.tolist(), strict=True):
    on_real, on_fakes = p * math.log(answer), q * math.log(1 - answer)
    total += on_real + on_fakes
    print(f"note {note:>2}: {on_real:.3f} on real ones, {on_fakes:.3f} on counterfeits")
print(f"V = {total:.3f}")

# %% [markdown]
# The library does the same with tensors, in one line at the end; what stands before it keeps mistakes out. (`xlogy` is
# $p \log d$, and 0 where $p$ is 0; without a grid `x`, `_integral` is a sum.)

# %%
show_source(theory.value)

# %% [markdown]
# The picture shows the six products as six pieces of bar.

# %%
assert math.isclose(theory.value(d, p_data, p_g), total, abs_tol=1e-6)
figures.show(figures.value_of_outcomes(d, p_data, p_g, notes))

# %% [markdown]
# Look at the fives. They are mostly real and $D$ says so, which makes the grey piece small; the price is the green
# piece, paid for the counterfeit fives that she lets pass. No answer makes both pieces small, because fives come
# from both sides.
#
# What are other detectives worth?
#
# **Before you run the next cell.** Rank these three: one who always shrugs; one who answers 2/3, 1/2, 1/3; one who is
# certain that every five is real and every twenty is counterfeit.

# %% tags=["nbval-check-output", "hide-output"]
for name, answers in (
    ("shrugs", [1 / 2, 1 / 2, 1 / 2]),
    ("careful", [2 / 3, 1 / 2, 1 / 3]),
    ("certain", [1.0, 1 / 2, 0.0]),
):
    print(f"{name}: V = {theory.value(torch.tensor(answers), p_data, p_g):.3f}")

# %% [markdown]
# Careful is best, and a little better than ours. Certain is minus infinity: one counterfeit five is enough.
# And the one who shrugs has $-1.386$. Remember that number, because it does not depend on the two distributions:
#
# $$D = \tfrac12 \text{ everywhere} \quad\Rightarrow\quad V = \sum_x p_\text{data}(x) \log\tfrac12 + \sum_x p_g(x) \log\tfrac12
#   = \log\tfrac12 + \log\tfrac12 = -\log 4 \approx -1.386 .$$
#
# So $D$ can always have $-\log 4$ without looking at anything. What she has above that, she has by telling the two
# kinds apart.

# %% tags=["nbval-check-output"]
shrug = torch.full((3,), 0.5)
for other in ([1.0, 0.0, 0.0], [0.1, 0.2, 0.7], [0.5, 0.25, 0.25]):
    v = theory.value(shrug, p_data, torch.tensor(other))
    assert math.isclose(v, -math.log(4), abs_tol=1e-6)
    print(f"p_g = {other}: {v:.3f}")

# %% [markdown]
# ## 3. The value on a line, as an integral
#
# Data are rarely of three kinds. Let $x$ be a real number, $p_\text{data}$ and $p_g$ densities, and $D$ a function of
# $x$. The sums become an integral [the second line of equation 3]:
#
# $$V(D, G) = \int p_\text{data}(x) \log D(x) + p_g(x) \log(1 - D(x)) \, dx .$$
#
# Real data come from a Gaussian around $-1$, generated ones from a Gaussian around $1$, both of width 1. As
# discriminator we take
#
# $$D_s(x) = \sigma(-s\,x), \qquad \sigma(l) = \frac{1}{1 + e^{-l}},$$
#
# where $\sigma$ is the **sigmoid**, which squeezes any real number into $(0, 1)$, and $s \ge 0$ says how sure $D$ is:
# at $s = 0$ she shrugs, for large $s$ she jumps from 1 to 0 as $x$ passes 0. The number $l = -s x$ inside the sigmoid
# is called the **logit**; every discriminator in this course returns it.
#
# **Before you run the next cell.** In the picture, $D$ is drawn over the two densities at the left. At the right is
# the integrand. Where along $x$ does $D$ lose most, and why there?

# %% tags=["hide-output"]
data, generated = gaussian(-1, 1), gaussian(1, 1)
x = torch.linspace(-6, 6, 1201, dtype=torch.float64)

figures.show(figures.value_of(torch.sigmoid(-x), data, generated, x))

# %% [markdown]
# She loses most around 0, where the densities cross and nobody could tell. Far out on either side she loses little:
# there she is sure, and right. The value is minus the shaded area. SciPy's quadrature, which knows nothing of our
# grid, agrees:


# %% tags=["nbval-check-output"]
def integrand(place):
    """p_data log D + p_g log(1 - D) at one number, for D(x) = sigmoid(-x)."""
    place = torch.tensor(place, dtype=torch.float64)
    real_part = data.pdf(place) * logsigmoid(-place)
    return (real_part + generated.pdf(place) * logsigmoid(place)).item()


by_scipy, _ = quad(integrand, -20, 20)
on_grid = theory.value(torch.sigmoid(-x), data, generated, x)
assert math.isclose(by_scipy, on_grid, abs_tol=1e-5)
print(f"quadrature {by_scipy:.4f}, on a grid {on_grid:.4f}")

# %% [markdown]
# **Before you run the next cell.** We now let $s$ grow from 0 to 6. Where does the curve of $V$ begin? Does it rise
# for ever?

# %% tags=["hide-output"]
slopes = torch.linspace(0, 6, 61, dtype=torch.float64)
values = torch.stack([theory.value(torch.sigmoid(-s * x), data, generated, x) for s in slopes])
figures.show(figures.value_of_slope(slopes, values))

# %% [markdown]
# It begins at $-\log 4$, where $D$ shrugs, and has its peak at $s = 2$. Beyond, $D$ is surer than the facts allow:
# her few mistakes become so expensive that by $s = 6$ more than half of the gain is gone.
#
# Why 2? This is the only thing in the lesson that we do not explain: lesson 03 finds the best discriminator for any
# two densities, and for these two it is exactly $\sigma(-2x)$.

# %% tags=["nbval-check-output"]
assert values.argmax() == 20 and math.isclose(values[0], -math.log(4), abs_tol=1e-5)
best = theory.optimal_discriminator(data.pdf(x), generated.pdf(x))
assert torch.allclose(best, torch.sigmoid(-2 * x))
print(f"best s by search {slopes[values.argmax()]:.1f}, V there {values.max():.3f}")

# %% [markdown]
# ## 4. The value from samples
#
# In practice nobody has the densities. We have examples of the data and we can run the generator, and a mean over
# draws estimates an expectation. With $n$ examples of each kind,
#
# $$\widehat V = \frac1n \sum_{i=1}^{n} \log D(x^{(i)}) + \frac1n \sum_{i=1}^{n} \log\bigl(1 - D(G(z^{(i)}))\bigr).$$
#
# This is what Algorithm 1 of the paper climbs. Here is a generator with a single parameter $\theta$:
# $G(z) = \theta + z$ with $z \sim \mathcal N(0, 1)$, so $p_g$ is the Gaussian around $\theta$. Note what it does not
# have: a formula for $p_g$. It turns noise into examples, and that is all.


# %%
class Shift(nn.Module):
    """G(z) = theta + z, so that p_g is a Gaussian of width 1 around theta."""

    def __init__(self, theta):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(theta))

    def noise(self, n):
        return torch.randn(n)

    def forward(self, z):
        return self.theta + z


class Known(nn.Module):
    """A discriminator whose logit is a formula of x, with nothing to learn."""

    def __init__(self, logit):
        super().__init__()
        self.logit = logit

    def forward(self, x):
        return Verdict(self.logit(x), features=x[:, None])


# %% [markdown]
# **Before you run the next cell.** We estimate the value of $D_1(x) = \sigma(-x)$ again and again, from 10, 100, 1,000
# and 10,000 examples of each kind. How much narrower does the cloud of estimates become from one size to the next?

# %% tags=["hide-output"]
course_lib.seed(0)
G = Shift(1.0)
sizes, repeats = [10, 100, 1_000, 10_000], by_size(quick=100, cpu=400)


def estimates(n):
    """V from n real and n generated examples, `repeats` times over."""
    real = data.sample(n * repeats).reshape(repeats, n)
    fake = G(G.noise(n * repeats)).detach().reshape(repeats, n)
    return torch.sigmoid(-real).log().mean(1) + (1 - torch.sigmoid(-fake)).log().mean(1)


many = torch.stack([estimates(n) for n in sizes])
figures.show(figures.spread_of_estimates(sizes, many, on_grid.item()))

# %% [markdown]
# Ten times the examples, and the cloud is about three times narrower: $\sqrt{10} \approx 3.2$. The reason is the one
# rule of statistics that this course cannot do without. The variance of a mean of $n$ independent draws is the
# variance of one draw divided by $n$; our two means are independent, so their variances add:
#
# $$\operatorname{std}(\widehat V) = \sqrt{\frac{\operatorname{Var}_{p_\text{data}}[\log D] +
#   \operatorname{Var}_{p_g}[\log(1 - D)]}{n}} .$$
#
# The two variances are integrals, so we can know the spread before drawing anything:

# %% tags=["nbval-check-output"]
grid = theory.GRID


def variance(density, payment):
    """The variance of a payment, given on the grid, when x comes from the density."""
    mean = torch.trapezoid(density.pdf(grid) * payment, grid)
    return torch.trapezoid(density.pdf(grid) * (payment - mean) ** 2, grid)


one_draw = variance(data, logsigmoid(-grid)) + variance(generated, logsigmoid(grid))
for n, row in zip(sizes, many, strict=True):
    predicted = (one_draw / n).sqrt().item()
    assert abs(row.std().item() / predicted - 1) < 0.25
    print(f"n = {n:5d}: predicted spread {predicted:.4f}")

# %% [markdown]
# With a batch of 100, the value is known to about 0.05. Keep that in mind when you look at the curve of a training: it
# wiggles even where neither player changes.
#
# The library's form of $\widehat V$ is D's loss. An optimiser makes a number small, so the loss is $-\widehat V$.
# A loss receives a `Round`, which asks the two networks for what it needs.

# %%
show_source(tell_apart)

# %% [markdown]
# Leave `real_target` at 1 for now; lesson 15 is about it. With it, the first mean is $-\log D$ on real data and the
# second $-\log(1 - D)$ on generated data. Both are written with `softplus` and the logit instead of with sigmoid and
# log; section 8 shows what would happen otherwise.

# %% tags=["nbval-check-output"]
real, z = data.sample(1_000), G.noise(1_000)
round_1 = Round(G, Known(lambda x: -x), Batch(real), learning_generator=False, z=z)
by_hand = torch.sigmoid(-real).log().mean() + (1 - torch.sigmoid(-G(z))).log().mean()
assert torch.allclose(-tell_apart(round_1), by_hand, atol=1e-5)

shrugging = Round(G, Known(torch.zeros_like), Batch(real), learning_generator=False, z=z)
print(f"D's loss where she shrugs: {tell_apart(shrugging):.3f}")

# %% [markdown]
# So 1.386 on a training curve of D's loss means: she cannot tell. Near 0 means: she always can.
#
# ### Which wiggles are the players'?
#
# A training curve has one batch for each step, so two things move it: the batch is another one, and the players have
# moved. They can be told apart. At every step, stop and ask the same two players about thirty fresh batches. How those
# differ from each other is the estimate's doing; how the means of thirty differ between steps is the players'.
#
# Here two small networks play for data from $\mathcal N(0, 1)$. (You meet `play` in lesson 04.) Take two points of the
# curve that are 1, 10 or 100 steps apart. The variance of their difference is the sum of both causes.
#
# **Before you run the next cell.** Of that variance, which part do you think is the estimate's, for each of the three
# distances?


# %% tags=["hide-output"]
def asked_again(G, D, n=30, batch=64):
    """D's loss on n fresh batches, while both players stand still."""
    with torch.no_grad():
        on_real = softplus(-D(gaussian(0, 1).sample(n * batch)[:, None]).logits)
        on_fake = softplus(D(G(G.noise(n * batch))).logits)
    return (on_real + on_fake).reshape(n, batch).mean(1)


course_lib.seed(0)
G, D = mlp.Generator(1, [32], (1,)), mlp.Discriminator((1,), [32])
optimizers = [torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.999)) for network in (D, G)]
game = Game(G, D, {"real or fake": tell_apart}, {"pass for real": non_saturating}, *optimizers)
batches = SampledBatches(gaussian(0, 1), batch_size=64)
losses = torch.stack([asked_again(G, D) for step, _ in islice(play(game, batches), 600) if step > 200])

of_one_batch = losses.var(dim=1).mean()
share = {}
for apart in (1, 10, 100):
    moved = (losses.mean(1)[apart:] - losses.mean(1)[:-apart]).var()  # the players', and a thirtieth of the estimate's
    players = (moved - 2 * of_one_batch / 30).clamp(min=0)
    share[apart] = (2 * of_one_batch / (2 * of_one_batch + players)).item()
    print(f"{apart:3} steps apart: {share[apart]:.0%} of the variance is the estimate's")
assert share[1] > 0.8 and share[100] < share[1]

# %% [markdown]
# From one step to the next the players hardly move, and the zigzag of the curve is the estimate's alone. The slow swings,
# over a hundred steps, are mostly the players', who chase one another. So smooth a curve over some tens of steps before
# you read it, and do not put down to chance what is left.

# %% [markdown]
# ## 5. Why the logarithm
#
# Why not pay her $D(x)$ on a real note and $1 - D(x)$ on a counterfeit? That also rewards the right answer.
#
# At some $x$, three notes in four are real. She says $y$, and expects $\tfrac34\,y + \tfrac14\,(1 - y)$ from the simple
# payment, and $\tfrac34 \log y + \tfrac14 \log(1 - y)$ from the other.
#
# **Before you run the next cell.** Which $y$ would you say if you were paid in proportion?

# %% tags=["hide-output"]
figures.show(figures.payments(0.75, 0.25))

# %% [markdown]
# Paid in proportion, she does best to say 1, although one note in four is a counterfeit. Paid by the log, she does best
# to say what she believes: 0.75. So the log turns a hunger for payment into honest probabilities, and an honest
# probability is what carries information to the generator: not only *that* something is wrong here, but how much.
#
# Two more reasons. The sum of logs over independent examples is the log of the product of their probabilities, so $V$
# is the log-likelihood of a classifier that tells real from generated: training $D$ is ordinary maximum likelihood,
# known elsewhere as binary cross-entropy. And it is the log that turns $V$ into a well-known measure of how far
# $p_\text{data}$ and $p_g$ are apart, in lesson 03. (It is not the only honest payment: squared error is one too, and makes another GAN.)

# %% tags=["nbval-check-output"]
logits = torch.tensor([-2.0, 0.5, 3.0])
truth = torch.tensor([1.0, 0.0, 1.0])
by_torch = nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
by_payment = -(truth * logits.sigmoid().log() + (1 - truth) * (1 - logits.sigmoid()).log()).sum()
assert torch.allclose(by_torch, by_payment)
y = torch.linspace(0.01, 0.99, 99)
print(f"best y by search, paid by the log: {y[(0.75 * y.log() + 0.25 * (1 - y).log()).argmax()]:.2f}")
print(f"best y by search, in proportion:   {y[(0.75 * y + 0.25 * (1 - y)).argmax()]:.2f}")

# %% [markdown]
# ## 6. The game
#
# Now both players move. $D$ wants $V$ large. $G$ wants the same number small, and can change only the second mean,
# since the real notes are not made by him. What one gains, the other loses: a **zero-sum** or **minimax** game.
#
# Read $\min_G \max_D V(D, G)$ from the left: $G$ chooses first and is seen; then $D$ chooses, knowing $G$. Does the
# order matter? Take the three notes again, and let the counterfeiter own one printing plate only: he prints fives,
# or tens, or twenties. The detective has four rules: shrug, or suspect one kind (answer 1/4 on it, 3/4 on the others).
#
# **Before you run the next cell.** If you are the counterfeiter, would you rather choose before the detective or
# after her?

# %% tags=["nbval-check-output", "hide-output"]
plates = torch.eye(3)  # row j: every counterfeit is of kind j
rules = {"shrug": torch.full((3,), 0.5)}
for j, note in enumerate(notes):
    rules[f"suspect {note}"] = torch.where(torch.arange(3) == j, 0.25, 0.75)

table = torch.stack([torch.stack([theory.value(rule, p_data, plate) for plate in plates]) for rule in rules.values()])
print(f"{'G prints':10}", "".join(f"{note:>8}" for note in notes))
for name, row in zip(rules, table, strict=True):
    print(f"{name:10}", "".join(f"{v:8.3f}" for v in row))

g_first = table.max(0).values.min()  # for each plate the best rule against it; G picks the plate where that is least
d_first = table.min(1).values.max()  # for each rule the best plate against it; D picks the rule where that is most
print(f"G first: min over G of max over D = {g_first:.3f}")
print(f"D first: max over D of min over G = {d_first:.3f}")

# %% [markdown]
# The order matters. When $G$ goes first he prints fives, the commonest note, and is found out: the value is $-1.125$.
# When $D$ goes first, any suspicion would be evaded by switching to another plate, so she can only shrug:
# $-1.386$. Here whoever moves second is better off.
#
# In no zero-sum game is the second mover worse off. Whatever two moves $D_0$ and $G_0$ we take,
#
# $$\min_G V(D_0, G) \;\le\; V(D_0, G_0) \;\le\; \max_D V(D, G_0).$$
#
# The left end does not contain $G_0$ and the right end does not contain $D_0$. So we may take the largest left end and
# the smallest right end, and the inequality survives:
#
# $$\max_D \min_G V(D, G) \;\le\; \min_G \max_D V(D, G).$$
#
# The proof needs that both look at *one* number. Where each has a number of his own, to be seen first may be an
# advantage: think of two drivers at a narrow bridge, each of whom may go on or wait. Whoever is seen to go on leaves the
# other only the choice between waiting and a crash.
#
# **Before you run the next cell.** It asks a thousand zero-sum tables of random numbers who is better off, and then the
# two drivers. What will the first driver get, and what the second?

# %% tags=["nbval-check-output", "hide-output"]
tables = torch.rand(1_000, 4, 4)  # V for four moves of D (rows) and four of G (columns)
d_first = tables.amin(2).amax(1)
g_first = tables.amax(1).amin(1)
assert (d_first <= g_first).all()
print(f"D gets at least as much when moving second: in {(d_first <= g_first).sum()} of 1,000 zero-sum games")

mine = torch.tensor([[-9.0, 2.0], [0.0, 1.0]])  # what I get: my move (go on, wait) by the other's; the same for both
replies = mine.argmax(0)  # the best answer to each move of the other
first = max((0, 1), key=lambda move: mine[move, replies[move]].item())
print(f"two drivers: the first gets {mine[first, replies[first]]:.0f}, the second {mine[replies[first], first]:.0f}")

# %% [markdown]
# The first goes on and gets 2; the second waits and gets 0. Section 7 will give the generator a loss of his own, and
# then the inequality no longer binds the game.
#
# ### What a generator does to a fixed discriminator
#
# Look once more at what $G$ does when $D$ has gone first: he prints **one** kind of note. This is no accident. For a
# fixed $D$, the generator's part of the value is $\sum_x p_g(x) \log(1 - D(x))$, a weighted mean, and a weighted mean
# is smallest when all the weight lies where $\log(1 - D)$ is smallest: on the $x$ that $D$ trusts most. A generator
# that is trained too long against one discriminator forgets variety. Lesson 04 calls this mode collapse.
#
# **Before you run the next cell.** 2,000 random generators, mixing all kinds of note, play against our first $D$,
# which trusts fives most. Can one of them get below what printing only fives gives?

# %% tags=["nbval-check-output", "hide-output"]
mixtures = torch.distributions.Dirichlet(torch.ones(3)).sample((2_000,))
least = min(theory.value(d, p_data, mixture).item() for mixture in mixtures)
only_fives = theory.value(d, p_data, plates[0]).item()
assert only_fives <= least
print(f"only fives: V = {only_fives:.3f}; no mixture came below it")

# %% [markdown]
# ### When the order does not matter
#
# With many plates and any mixture of them, the gap closes. If $D$ goes first, the value is at most
# $\log m + \log(1 - m)$, where $m$ is her largest answer: $G$ prints only there, and on real notes $D$ has at most
# $\log m$. That is $-\log 4$ at best, reached by $m = \tfrac12$. If $G$ goes first he can copy $p_\text{data}$, and
# then, as lesson 03 proves, $D$ has at most $-\log 4$ too. So $D$ first gives exactly $-\log 4$, $G$ first gives no more,
# and by the inequality above no less: both orders give $-\log 4$.
#
# Real networks cannot express every distribution, nor every discriminator, so the order keeps its meaning in practice.
# The paper's answer is to let $D$ be the one who reacts: several steps of $D$ for one of $G$ (lesson 04).
#
# The picture has two kinds of note, 70 % of the real ones of the first kind. $G$ chooses $t$, the share of that kind
# among his. $D$ answers $d$ on the first kind and $1 - d$ on the second. The map shows $V$: lighter is higher.
#
# **Before you run the next cell.** $D$ moves only up and down, towards lighter places. $G$ moves only left and right,
# towards darker ones. Where can both stand still?

# %% tags=["hide-output"]
figures.show(figures.saddle(0.7))

# %% [markdown]
# Only at $t = 0.7$, $d = 0.5$: the counterfeiter's notes are distributed like the real ones, and the detective shrugs.
# From there $D$ loses by moving, and $G$ gains nothing by moving. A place that is the top along one axis and a bottom
# along the other is a **saddle point**. To go downhill in both coordinates, as training usually does, would miss it.
# Whether the two *arrive* there when they move in turn is another question; lesson 12 shows them circling.


# %% tags=["nbval-check-output"]
def two_kinds(t, d):
    """V where p_data = (0.7, 0.3), p_g = (t, 1 - t) and D answers d and 1 - d."""
    return theory.value(torch.tensor([d, 1 - d]), torch.tensor([0.7, 0.3]), torch.tensor([t, 1 - t])).item()


steps = [k / 100 for k in range(1, 100)]
assert max(steps, key=lambda d: two_kinds(0.7, d)) == 0.5
assert max(two_kinds(t, 0.5) for t in steps) - min(two_kinds(t, 0.5) for t in steps) < 1e-6
print(f"at the saddle {two_kinds(0.7, 0.5):.3f}; D alone moves to 0.6: {two_kinds(0.7, 0.6):.3f}")

# %% [markdown]
# ## 7. Two losses for the generator
#
# In the minimax game, $G$ makes $\log(1 - D(G(z)))$ small. The paper notes, at the end of its section 3, that this may
# fail at the start. Then $G$ is poor, $D$ is sure, $D(G(z))$ is nearly 0, and there the loss is nearly flat: it
# **saturates**. The paper's remedy is to make $-\log D(G(z))$ small instead.
#
# Write $l$ for $D$'s logit on a generated example, $D(G(z)) = \sigma(l)$. The generator's parameters $\theta$ act on
# the loss $L$ through $l$ only:
#
# $$\frac{\partial L}{\partial \theta} = \frac{\partial L}{\partial l} \cdot \frac{\partial l}{\partial \theta} .$$
#
# The second factor belongs to the networks and is the same for both losses. So everything that tells the losses
# apart is in the first factor, the slope in the logit. We need $\sigma'(l) = \sigma(l)\,(1 - \sigma(l))$, and the
# chain rule:
#
# $$\frac{\partial}{\partial l} \log(1 - \sigma(l)) = \frac{-\sigma(l)(1 - \sigma(l))}{1 - \sigma(l)} = -\sigma(l) = -D ,$$
#
# $$\frac{\partial}{\partial l} \bigl(-\log \sigma(l)\bigr) = \frac{-\sigma(l)(1 - \sigma(l))}{\sigma(l)} = -(1 - \sigma(l)) = D - 1 .$$
#
# Both slopes are negative: either way, going downhill raises the logit, so that $D$ finds the example more real.
# They differ in strength. **Saturating: $D$. Non-saturating: $1 - D$.**
#
# **Before you run the next cell.** The grey band is where $D$ is sure of a fake. Which loss has a slope there?

# %% tags=["hide-output"]
figures.show(figures.generator_losses())

# %% [markdown]
# In the band the saturating loss has next to no slope, and the non-saturating one has nearly its full slope of $-1$.
# At the other end it is the reverse, and rightly so: an example that fools $D$ already needs no more teaching. At
# $D = \tfrac12$ they cross. The library's two losses, and autograd as a witness that has not read our derivation:

# %%
show_source(minimax)

# %%
show_source(non_saturating)

# %% tags=["nbval-check-output"]
l = torch.linspace(-12, 12, 241, dtype=torch.float64, requires_grad=True)
# Neither network changes anything here, so that "noise" goes in as the logits themselves.
echo = Round(nn.Identity(), Known(lambda x: x), Batch(torch.zeros(241)), learning_generator=True, z=l)
for loss, slope in ((minimax, -torch.sigmoid(l)), (non_saturating, torch.sigmoid(l) - 1)):
    [by_autograd] = torch.autograd.grad(loss(echo) * len(l), l)  # the loss is a mean, so its slopes carry 1/n
    assert torch.allclose(by_autograd, slope)
    print(f"{loss.__name__}: slope at D = 0.001 is {slope[torch.sigmoid(l) >= 0.001][0]:.3f}")

# %% [markdown]
# ### Early in training, seen
#
# Data come from $\mathcal N(0, 1)$ and our one-parameter generator starts five widths away, at $\theta = 5$. Its
# opponent is merciless: at every step it is the best discriminator for the present $\theta$. As lesson 03 shows, that
# one's logit is the log of the ratio of the densities, and for two Gaussians of width 1 this is
#
# $$l(x) = \log \frac{p_\text{data}(x)}{p_g(x)} = -\frac{x^2}{2} + \frac{(x - \theta)^2}{2} = \frac{\theta^2}{2} - \theta x .$$


# %% tags=["nbval-check-output"]
def best_against(G):
    """The best discriminator for G as it stands, data being N(0, 1). It changes with G but lends it no gradient."""
    theta = G.theta.detach().clone()
    return Known(lambda x: theta**2 / 2 - theta * x)


points = torch.linspace(-3, 8, 45, dtype=torch.float64)
formula = best_against(Shift(5.0))(points).logits.sigmoid()
assert torch.allclose(formula, theory.optimal_discriminator(gaussian(0, 1).pdf(points), gaussian(5, 1).pdf(points)))
print(f"D at the generator's centre, x = 5: {torch.sigmoid(torch.tensor(5**2 / 2 - 5 * 5)):.6f}")


# %% [markdown]
# $D$ gives the typical fake four chances in a million. Now 60 steps of plain gradient descent under each loss, with
# the same starting point, learning rate and noise.
#
# Here $x = \theta + z$, so $\partial l / \partial \theta = -\theta$ while $D$ stands still, and the slope in $\theta$ is the mean
# of $D \cdot \theta$ under the saturating loss and of $(1 - D) \cdot \theta$ under the other.
#
# **Before you run the next cell.** How far will each generator be after 60 steps of 0.1?


# %% tags=["hide-output"]
def descend(loss, start, steps=60, rate=0.1, batch=500):
    """theta after each step of gradient descent on G's loss, and the gradients, against an ever best D."""
    course_lib.seed(0)
    G = Shift(start)
    path, gradients = [start], []
    for _ in range(steps):
        round_ = Round(G, best_against(G), Batch(torch.zeros(batch)), learning_generator=True, z=G.noise(batch))
        [gradient] = torch.autograd.grad(loss(round_), [G.theta])
        with torch.no_grad():
            G.theta -= rate * gradient
        path.append(G.theta.item())
        gradients.append(gradient.item())
    return path, gradients


saturating_path, saturating_gradients = descend(minimax, 5.0)
strong_path, strong_gradients = descend(non_saturating, 5.0)
paths = {"saturating": saturating_path, "non-saturating": strong_path}
gradient_sizes = {"saturating": saturating_gradients, "non-saturating": strong_gradients}
figures.show(figures.generator_paths(paths, gradient_sizes))

# %% tags=["nbval-check-output", "hide-output"]
assert 4.4 < saturating_path[-1] < 4.8 and 0 < strong_path[-1] < 0.3
assert strong_gradients[0] > 30 * saturating_gradients[0] > 0
print(f"after 60 steps: saturating {saturating_path[-1]:.1f}, non-saturating {strong_path[-1]:.1f}")

# %% [markdown]
# One generator has arrived and the other has barely moved. Both gradients pointed the right way all along. The
# saturating one was small because $D$ was good: **a better detective teaches this counterfeiter less.**
#
# It is not only small, it is also unreliable. With $D$ near 0 almost everywhere, the mean of $D$ over a batch hangs on
# the two or three luckiest fakes in it. So raising the learning rate is no cure: it raises the noise as well.
#
# **Before you run the next cell.** For 2,000 batches of 100 fakes at $\theta = 5$, we divide the spread of the batch's
# gradient by its mean. Below 0.1 is a steady guide; near 1 is a guide who hardly knows the way.

# %% tags=["nbval-check-output", "hide-output"]
course_lib.seed(0)
fakes = Shift(5.0)(torch.randn(2_000, 100)).detach()
answers = torch.sigmoid(5**2 / 2 - 5 * fakes)
noise = {}
for name, strength in (("saturating", answers), ("non-saturating", 1 - answers)):
    gradient = 5 * strength.mean(1)
    noise[name] = (gradient.std() / gradient.mean()).item()
    print(f"{name}: spread / mean = {noise[name]:.1g}")
assert noise["saturating"] > 0.4 and noise["non-saturating"] < 0.02

# %% [markdown]
# ### The same fixed point
#
# Does the new loss lead to a different place? The paper says that both have the same fixed point, and here is why. At
# $p_g = p_\text{data}$ the best $D$ is $\tfrac12$ everywhere: it is flat, its logit does not change with $x$, and so
# $\partial l / \partial \theta = 0$. The slope in the logit, whichever it is, multiplies that zero.
#
# **Before you run the next cell.** We start both at $\theta = 0$, where generated and real data are alike.

# %% tags=["nbval-check-output", "hide-output"]
for loss in (minimax, non_saturating):
    path, gradients = descend(loss, 0.0)
    assert all(theta == 0 for theta in path) and all(gradient == 0 for gradient in gradients)
    print(f"{loss.__name__}: theta after 60 steps {abs(path[-1]):.1f}")

# %% [markdown]
# Neither moves. Same place of rest, different roads to it: a batch weighted by $1 - D$ is another mean than one
# weighted by $D$. There is a price. With the non-saturating loss, what $G$ makes small is no longer what $D$ makes
# large, so the game is not zero-sum any more, and the theory of lesson 03, which is about $V$, describes it less
# closely.
#
# **Try it.** Call `descend(minimax, 2.0)`: nearer to the data, where $D$ is less sure, the saturating loss does well. An
# optimiser such as Adam, which divides each gradient by its usual size, also hides the difference on this toy; it
# does nothing about the noise.

# %% [markdown]
# ## 8. What goes wrong: sigmoid, then log
#
# In this lesson we have written $\log(1 - \sigma(l))$ as `(1 - torch.sigmoid(l)).log()`, straight from the formula.
# A computer does not calculate with real numbers. In 32-bit floating point, the numbers just below 1 are
# $6 \cdot 10^{-8}$ apart, so when $1 - \sigma(l)$ should be smaller than that, $\sigma(l)$ is rounded to 1.
#
# **Before you run the next cell.** The true loss at logit $l$ is very close to $-l$, and its slope close to $-1$. What
# will happen at 20?

# %% tags=["nbval-check-output", "hide-output"]
print("logit    loss   slope")
for logit in (5.0, 15.0, 20.0, 100.0):
    l = torch.tensor(logit, requires_grad=True)
    loss = (1 - torch.sigmoid(l)).log()
    loss.backward()
    print(f"{logit:5.0f} {loss.item():7.2f} {l.grad.item():7.2f}")

# %% [markdown]
# Minus infinity, and the slope is not a number: the chain rule multiplied the infinite slope of the log by the zero
# slope of the sigmoid. One such example in a batch makes the batch's gradient NaN, one step writes NaN into every
# weight, and from then on every answer is NaN. Note also the loss at 15, where the truth is $-15.00$: it is wrong
# before it is infinite.
#
# So a discriminator is in danger when she is sure **and wrong**. In a game that happens: she is sure of a region, and
# one step later the generator has moved there.
#
# A common repair is to add a small number inside the log. The loss is finite then, and the training goes on.
#
# **Before you run the next cell.** The grey line is the true slope. Follow the dotted line of that repair to the right.

# %% tags=["hide-output"]
figures.show(figures.sigmoid_then_log())

# %% [markdown]
# The slope is 0 where it should be $-1$. On exactly those fakes that fool $D$ most, $D$ learns nothing, and no message
# says so. A silent failure has replaced a loud one.
#
# The true repair is to simplify before computing. Since $1 - \sigma(l) = \dfrac{1}{1 + e^{l}}$,
#
# $$\log(1 - \sigma(l)) = -\log(1 + e^{l}) = -\operatorname{softplus}(l), \qquad
#   \log \sigma(l) = -\operatorname{softplus}(-l).$$
#
# `softplus` computes $\log(1 + e^l)$ so that it neither overflows nor rounds away: for large $l$ it returns $l$. This
# is why a discriminator returns logits, and why no sigmoid stands at the end of its network.

# %% tags=["nbval-check-output"]
print("logit    loss   slope")
for logit in (5.0, 15.0, 20.0, 100.0):
    l = torch.tensor(logit, requires_grad=True)
    loss = -softplus(l)
    loss.backward()
    print(f"{logit:5.0f} {loss.item():7.2f} {l.grad.item():7.2f}")

# %% [markdown]
# Now in a game. The data lie around 30, since nobody rescaled them, and we are impatient with the learning rates. So
# $D$ becomes sure of everything near 30, and soon $G$ gets there.
#
# **Before you run the next cell.** `play` refuses to make an update from a loss that is not a finite number, and says
# where. Which of the two D losses will it refuse?


# %% tags=["hide-output"]
def by_sigmoid(round):
    """D's loss as the formula has it: right on paper."""
    real, fake = torch.sigmoid(round.real.logits), torch.sigmoid(round.fake.logits)
    return -(real.log().mean() + (1 - fake).log().mean())


for loss in (by_sigmoid, tell_apart):
    course_lib.seed(0)
    G, D = mlp.Generator(1, [32], (1,)), mlp.Discriminator((1,), [32])
    game = Game(
        G,
        D,
        d_terms={"real or fake": loss},
        g_terms={"fool D": non_saturating},
        d_optimizer=torch.optim.Adam(D.parameters(), lr=0.1),
        g_optimizer=torch.optim.Adam(G.parameters(), lr=0.02),
    )
    batches = SampledBatches(gaussian(30, 1), batch_size=64)
    try:
        played = list(islice(play(game, batches), 200))
        print(f"{loss.__name__}: {len(played)} steps, all losses finite")
    except Diverged as stopped:
        print(f"{loss.__name__}: {stopped}")

# %% [markdown]
# The formula's version is stopped after a few steps; the same mathematics in logits runs on. Had `play` not looked, the
# first would have gone on too, with weights of NaN. The advice in the message, a lower learning rate, would only
# have put off the day.

# %% [markdown]
# ## 9. What to take along
#
# - $V$ is $D$'s mean log-payment on real plus that on generated data. $D$ wants it large, $G$ small.
# - $-\log 4 \approx -1.386$ is the value of shrugging. In the log of a training, D's loss of 1.386 says "cannot tell",
#   and a non-saturating G loss of $\log 2 \approx 0.693$ says the same.
# - From $n$ examples the value is known up to a spread that falls like $1/\sqrt n$.
# - In a zero-sum game whoever moves second is never worse off; against a fixed $D$ the best generator makes one thing only.
# - Slopes in the logit: $-D$ for the saturating loss, $D - 1$ for the non-saturating one. Same fixed point.
# - Logits and softplus, never sigmoid and then log.
#
# **To read.** Goodfellow et al. 2014, *Generative Adversarial Nets*, section 3 (equation 1 and the last paragraph, on
# the two losses); section 4.1 up to equation 3 for the next lesson. The lecture's slide "Optimizing a value function".
# Goodfellow 2016, *NIPS 2016 Tutorial: Generative Adversarial Networks*, on the costs of both players. Arjovsky and
# Bottou 2017, *Towards Principled Methods for Training Generative Adversarial Networks*, section 2, on what the
# non-saturating loss does when $D$ is perfect.
#
# **Exercises.** [the exercise notebook](../exercises/02_the_value_function.ipynb): five tasks, about 70 minutes. Then lesson 03.
