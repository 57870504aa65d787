# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 04 · Algorithm 1
#
# | | |
# |---|---|
# | **You will be able to** | write the training loop of a GAN and say why each line is there; read Figure 1 of the paper; choose $k$; read a training log without being fooled by it; recognise three classic failures, and repair them |
# | **Minutes** | 85, and 75 for the exercises, 60 to build a GAN yourself |
# | **You need** | lesson 02: $V(D, G)$ and the two losses of $G$; lesson 03: $D^*$ and $C(G)$; how an optimiser of PyTorch is used |
#
# Lesson 03 assumed a discriminator that is best for every generator. Nobody has one. What can be done is to improve
# each player a little, in turn, and to hope that the two little improvements add up to the game. That is Algorithm 1
# of Goodfellow et al. 2014. It takes 20 lines, and most of this lesson is about what those lines do and do not do.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from dataclasses import replace
from itertools import islice

import torch
from torch.nn.functional import logsigmoid, softplus

from course_lib import by_size, figures, play, show_source, theory
from course_lib.data import load
from course_lib.experiments.lessons import digits_mlp, figure_one, ring
from course_lib.game import move_discriminator
from course_lib.losses import minimax
from course_lib.metrics import DigitJudge

course_lib.seed(0)

# %% [markdown]
# ## 1. The idea: take turns, in small steps
#
# A counterfeiter and a detective practise together. The detective studies a handful of real notes and a handful of
# fakes, and adjusts her eye a little. Then the counterfeiter prints a new handful, learns from her which of them
# looked wrong and in what way, and adjusts his press a little. Then again, from the start.
#
# Three properties of these turns matter, and each will become a line of code.
#
# - **One adjusts, the other stands still.** Her practice must not change his press, nor his her eye.
# - **Fresh handfuls.** Each turn works on new noise and new data, since an average over a *minibatch* of $m$
#   examples stands in for an expectation. A handful used twice would be learned by heart.
# - **Small steps.** A turn ends long before either is perfect. The reply to yesterday's opponent is worth little
#   today.

# %% [markdown]
# ## 2. The algorithm
#
# The value of the game, equation 1 of the paper, is
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}\bigl[\log D(x)\bigr]
# + \mathbb{E}_{z \sim p_z}\bigl[\log(1 - D(G(z)))\bigr]. \tag{1}$$
#
# Let $\theta_d$ and $\theta_g$ be the weights of the two networks. One round of Algorithm 1:
#
# 1. $k$ times: draw noise $z^{(1)}, \dots, z^{(m)}$ and data $x^{(1)}, \dots, x^{(m)}$, and move $\theta_d$ **up** the
#    gradient
#    $$\nabla_{\theta_d} \frac{1}{m} \sum_{i=1}^{m} \Bigl[\log D\bigl(x^{(i)}\bigr) + \log\bigl(1 - D(G(z^{(i)}))\bigr)\Bigr].$$
# 2. Once: draw new noise $z^{(1)}, \dots, z^{(m)}$, and move $\theta_g$ **down** the gradient
#    $$\nabla_{\theta_g} \frac{1}{m} \sum_{i=1}^{m} \log\bigl(1 - D(G(z^{(i)}))\bigr).$$
#
# The number $k$ is ours to choose. The paper takes $k = 1$, and climbs with momentum; any gradient rule will do.
#
# Here it is in code. $D$ returns a logit $l$ with $D(x) = \sigma(l)$, so that $\log D = \log\sigma(l)$ and
# $\log(1 - D) = \log\sigma(-l)$. **Find in it:** the $k$; where each player's noise is
# drawn; the minus sign that turns an optimiser, which only descends, into one that ascends; and the word `detach`.


# %% tags=["spelled-out"]
def algorithm_1(G, D, d_optimizer, g_optimizer, batches, rounds, k=1):
    for _ in range(rounds):
        for _ in range(k):
            x = next(batches).x
            z = G.noise(len(x))
            fake = G(z).detach()
            v = (logsigmoid(D(x).logits) + logsigmoid(-D(fake).logits)).mean()

            d_optimizer.zero_grad()
            (-v).backward()
            d_optimizer.step()

        x = next(batches).x  # only its length is used: G never sees data
        z = G.noise(len(x))
        v = logsigmoid(-D(G(z)).logits).mean()

        g_optimizer.zero_grad()
        v.backward()
        g_optimizer.step()


# %% [markdown]
# `detach` says: treat these points as given. Without it the gradient of $D$'s value would flow on, through the points,
# into the weights of $G$. In $G$'s turn there is no `detach`, because there the gradient *must* flow through $D$ into
# $G$. It leaves something behind in $D$ on the way, and this is harmless only since `d_optimizer.zero_grad()` comes
# before it could be used. Section 7 breaks this.
#
# The smallest game to play is on the line. The data are a Gaussian around $-0.5$. $G$ is a small network that takes a
# uniform $z$ to a point $x$, at first to a Gaussian around $0.7$. $D$ is a small network from $x$ to one logit.

# %%
settings = figure_one.Settings(k=1)


def game_with_momentum():
    """The game on the line with the paper's loss for G and its rule, gradient descent with momentum."""
    game = figure_one.build(settings)
    game.g_terms = {"minimax": minimax}
    game.d_optimizer = torch.optim.SGD(game.discriminator.parameters(), lr=0.05, momentum=0.5)
    game.g_optimizer = torch.optim.SGD(game.generator.parameters(), lr=0.05, momentum=0.5)
    return game


def centre(generator):
    """The mean of p_g, from evenly spaced z: no random number is drawn."""
    with torch.no_grad():
        return generator((torch.arange(400)[:, None] + 0.5) / 200 - 1).mean().item()


ours = game_with_momentum()
print(f"before: p_g is centred at {centre(ours.generator):.2f}")
course_lib.seed(1)
algorithm_1(
    ours.generator, ours.discriminator, ours.d_optimizer, ours.g_optimizer, figure_one.batches(settings), rounds=100
)
print(f"after:  p_g is centred at {centre(ours.generator):.2f}, the data at {figure_one.P_DATA.means[0]}")

# %% [markdown]
# The generator has never been shown a data point. All that it knows of them came to it through $D$'s slope.

# %% [markdown]
# ## 3. The same loop in the library
#
# The course's library holds this loop once, in `play`. It differs in two ways. The losses are not written into it:
# each player brings its own, by name, so that every technique of later lessons goes in without touching the loop. And
# it does not run to its end but *yields* after each round, so that whoever calls it may look, draw or stop.

# %%
show_source(play)

# %%
show_source(move_discriminator)

# %% [markdown]
# Instead of `detach`, a `Round` with `learning_generator=False` computes $G(z)$ with gradients switched off, which
# also saves the memory for a backward pass that nobody needs. The loss `tell_apart` is $-V$, with `softplus(-l)` for
# $-\log D$ and `softplus(l)` for $-\log(1 - D)$.
#
# **Before you run the next cell.** Two copies of the same game, the same seed, 100 rounds each: one through our 20
# lines, above, and one through `play`. How far apart will the weights end?

# %% tags=["nbval-check-output", "hide-output"]
library = game_with_momentum()
course_lib.seed(1)
for _ in islice(play(library, figure_one.batches(settings)), 100):
    pass

for name in ("generator", "discriminator"):
    pairs = zip(getattr(ours, name).parameters(), getattr(library, name).parameters(), strict=True)
    gap = max((a - b).abs().max().item() for a, b in pairs)
    assert gap < 1e-4
    print(f"{name}: all weights equal to within 0.0001: {gap < 1e-4}")

# %% [markdown]
# It is the same algorithm. What separates the two is rounding.

# %% [markdown]
# ## 4. Figure 1, trained
#
# Figure 1 of the paper tells the story of the game in four panels. Theirs is a sketch; ours is recorded from a
# training, in the order of the paper's caption:
#
# - **(a)** A pair near the goal: $p_g$ resembles $p_\text{data}$, and $D$ is a rough judge.
# - **(b)** The inner loop, carried on to its end: $D$ alone has been trained until it is
#   $D^*(x) = \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}$ (equation 2).
# - **(c)** $G$ alone has moved, and $D$ has stood still: samples flowed to where $D$ calls them real.
# - **(d)** After many rounds: $p_g = p_\text{data}$, and $D(x) = \tfrac12$.
#
# The lines below each panel are the map $x = G(z)$: $z$ is spread evenly, and $p_g$ is high where the lines crowd.
#
# **Before you run the next cell.** Where is $D$ steepest in (b), and which way does that push the green hill?

# %% tags=["hide-output"]
film = figure_one.train()
a, b, c, d = figure_one.four(film)
figures.show(figures.figure_one([a, b, c, d]), scale=1.5, colours=12)

# %% [markdown]
# $D$ is steepest between the two hills, where the decision is. Its slope there points left, up towards "real", and in
# (c) the green hill has moved that way. In (d) the two curves lie on each other, and $D$ rests near one half wherever
# data fall. Where nothing falls $D$ is drawn thin: there it is whatever training happened to leave, since no loss
# looks at it. Lesson 03 said as much of $D^*$.
#
# Was (b) really the optimal discriminator, and is (d) really the equilibrium? The formula decides.

# %% tags=["nbval-check-output"]
X, P_DATA = figure_one.X, figure_one.P_DATA


def error_of_d(shot):
    """The largest |D - D*| among places where a fair amount of data or of fakes falls."""
    p_data = P_DATA.pdf(X)
    gap = (shot.d - theory.optimal_discriminator(p_data, shot.p_g)).abs()
    return gap[p_data + shot.p_g > 0.1].max().item()


assert error_of_d(b) < 0.1 and error_of_d(a) > 0.15 and error_of_d(c) > 0.15
assert ((d.d - 0.5).abs()[P_DATA.pdf(X) > 0.1] < 0.1).all()
print("D is within 0.1 of D* in (b), and further off in (a) and (c)")
print("D is within 0.1 of one half in (d), wherever a fair amount of data falls")

# %% [markdown]
# In (c) $D$ has not changed, and yet it is no longer optimal: $G$ has moved away from under it. This is why $D$ has to
# keep moving, and why the algorithm alternates.
#
# The same training as a film, which pauses at the four panels. Watch the lines from $z$ to $x$.

# %%
figures.figure_one_film(film)

# %% [markdown]
# ## 5. What a training log means
#
# In ordinary training the loss falls, and falling is good. In a game it is not so. **Before you run the next cell:**
# we play the game on the line from the start, with both players moving in every round. Sketch how the two losses
# will run, from the first round to the last. At the start $D$ knows nothing. What is its loss then?

# %% tags=["hide-output"]
settings = figure_one.Settings(rounds=by_size(quick=150, cpu=400))
game = figure_one.build(settings)
log, distance = [], {}
for step, values in islice(play(game, figure_one.batches(settings)), settings.rounds):
    log.append(values)
    if step == 1 or step % 10 == 0:
        distance[step] = theory.jsd(P_DATA, figure_one.density(game.generator), X).item()
losses = {name: torch.stack([values[name] for values in log]) for name in log[0]}
figures.show(
    figures.losses_and_distance(losses, distance, {"log 4": math.log(4), "log 2": math.log(2)}), scale=1.5, colours=10
)

# %% [markdown]
# $D$'s loss ends where it began. It starts by tossing a coin, at $-V = \log 4 \approx 1.386$, learns to tell the hills
# apart, so that its loss dips, and is then brought back to $\log 4$ by a generator that has become good. $G$'s loss does
# the opposite: it rises while $D$ gets better, and comes down to $\log 2$. After that neither says anything more, while
# the distance on the right, which nobody minimised, has fallen about a hundredfold.
#
# Lesson 03 says what the dip means. If $D$ were optimal, its loss would be $-C(G) = \log 4 - 2\,\mathrm{JSD}$: so
# $D$'s loss **rises** as $G$ gets better. Panel (b), where $D$ is optimal, can be checked:

# %%
p_data = P_DATA.pdf(X)
value = theory.value(b.d, p_data, b.p_g, X)
jsd = theory.jsd(p_data, b.p_g, X)
assert abs(-value - (math.log(4) - 2 * jsd)) < 0.01
print(f"D's loss in (b) {-value:.3f}, log 4 - 2 JSD {math.log(4) - 2 * jsd:.3f}")

# %% [markdown]
# So a log of a game is read like this.
#
# | what you see | what it may mean |
# |---|---|
# | $D$'s loss near $\log 4$, $G$'s near $\log 2$ | $D$ cannot tell. Either the fakes are good, or $D$ is weak |
# | $D$'s loss near 0, $G$'s large | $D$ tells all fakes. $G$ is behind, and may be getting no usable slope |
# | both go up and down, no trend | normal |
# | both fall to 0 | impossible in an honest game: there is a bug (section 7) |
#
# The first line says "either, or", and no loss resolves it. One has to look at samples, and to count.

# %% [markdown]
# ## 6. The role of k
#
# $k$ is how often $D$ moves for each move of $G$. The theory wants $D$ optimal, which is $k = \infty$. A laptop wants
# $k = 1$. What is lost in between?
#
# ### D too weak
#
# Take a pair in which $D$ learns slowly and $G$ fast. **Before you run the next cell:** with $k = 1$ the slope that $G$
# follows is out of date. $G$ walks to the left, where $D$ says "real", and reaches the data. Does it stop there?

# %% tags=["hide-output"]
slow = figure_one.Settings(start=(1.0, 0.5), d_rate=1e-3, g_rate=2e-3)
moves = by_size(quick=100, cpu=300)
centres = {}
for k in (1, 5):
    game = figure_one.build(replace(slow, k=k))
    centres[f"k = {k}"] = [centre(game.generator) for _ in islice(play(game, figure_one.batches(slow)), moves)]
figures.show(figures.centres_over_moves(centres, target=P_DATA.means[0]), scale=1.5, colours=10)

# %% [markdown]
# With $k = 1$ it runs right past the data: $D$ goes on saying "further left" long after that has ceased to be true. By
# the time $D$ has turned round, $G$ is far out on the other side, and so it swings to and fro. With $k = 5$ the news
# is fresh, and $G$ settles.
#
# It costs three times as much: 6 moves a round instead of 2. What $k$ buys can often be had for less by a larger
# learning rate for $D$, and this is how it is mostly done today: $k = 1$, with rates that let $D$ keep pace.
#
# ### D too strong
#
# More is not always better. Start $G$ far away, so that hardly a fake falls among the data, and train $D$ alone for
# longer and longer. **Before you run the next cell:** what happens to the gradient of $\log(1 - D(G(z)))$ in
# $\theta_g$, and to that of $-\log D(G(z))$?

# %% tags=["hide-output"]
far = figure_one.Settings(start=(2.5, 0.3))
game = figure_one.build(far)
data = figure_one.batches(far)
z = game.generator.noise(512)


def slope(loss):
    """The length of the gradient of a loss of D's logits in the weights of G."""
    logits = game.discriminator(game.generator(z)).logits
    gradient = torch.autograd.grad(loss(logits).mean(), list(game.generator.parameters()))
    return torch.cat([part.flatten() for part in gradient]).norm().item()


print("moves of D   mean D(G(z))   slope of log(1 - D)   slope of -log D")
slopes = []
for move in range(301):
    if move in (0, 10, 30, 100, 300):
        with torch.no_grad():
            fooled = game.discriminator(game.generator(z)).logits.sigmoid().mean().item()
        slopes.append((slope(lambda l: -softplus(l)), slope(lambda l: softplus(-l))))
        print(f"{move:10}   {fooled:12.4f}   {slopes[-1][0]:19.3f}   {slopes[-1][1]:15.2f}")
    move_discriminator(game, next(data), move)
assert slopes[-1][0] < slopes[0][0] < slopes[-1][1]

# %% [markdown]
# The loss of Algorithm 1 first gains and then loses its slope: the better $D$ becomes, the less $G$ learns. The
# non-saturating loss of lesson 02 gains steadily. With it a strong $D$ is no danger to the *size* of the gradient, which is why
# it is used in practice, and in the rest of this lesson.
#
# In short: choose $k$, or the two learning rates, so that $D$ stays a little ahead of $G$ and never far.

# %% [markdown]
# ## 7. Broken, and repaired
#
# ### Trap 1: the fake batch is not detached
#
# Suppose `detach` is forgotten in $D$'s turn. **Before you run the next cell:** $D$ makes
# $-\log(1 - D(G(z)))$ small, among others. $G$ makes $\log(1 - D(G(z)))$ small. On the same noise, what is the angle between
# the gradient that $D$'s turn leaves in $G$, and the gradient that $G$ wants?

# %% tags=["nbval-check-output", "hide-output"]
game = figure_one.build(figure_one.Settings())
G, D = game.generator, game.discriminator
x, z = next(figure_one.batches(figure_one.Settings())).x, G.noise(512)


def left_in_g(loss):
    """What the backward pass of a loss leaves in the weights of G, as one vector; None if nothing."""
    G.zero_grad(set_to_none=True)
    loss.backward()
    parts = [weights.grad for weights in G.parameters() if weights.grad is not None]
    return torch.cat([part.flatten() for part in parts]) if parts else None


detached = left_in_g(softplus(-D(x).logits).mean() + softplus(D(G(z).detach()).logits).mean())
leaked = left_in_g(softplus(-D(x).logits).mean() + softplus(D(G(z)).logits).mean())
wanted = left_in_g(-softplus(D(G(z)).logits).mean())
print("with detach, D's turn leaves in G:", detached)
print(f"without: cosine to what G wants {torch.cosine_similarity(leaked, wanted, dim=0):.3f}")
print(f"         length over that of what G wants {leaked.norm() / wanted.norm():.3f}")

# %% [markdown]
# Exactly opposite, and exactly as long. Equation 1 says why: both are the gradient of the same $V$, and one player
# wants it up and the other down.
#
# Whether this does harm depends on a line elsewhere. If $G$'s gradients are cleared just before its own backward
# pass, as in our 20 lines, the leak is wiped away, and only the time to compute it is lost. But many people write both
# `zero_grad()` calls at the top of the round. **Before you run the next cell:** then what does $G$'s optimiser see?


# %% tags=["spelled-out"]
def round_cleared_at_the_top(game, batches, detach):
    G, D = game.generator, game.discriminator
    game.d_optimizer.zero_grad()
    game.g_optimizer.zero_grad()

    x = next(batches).x
    fake = G(G.noise(len(x)))
    if detach:
        fake = fake.detach()
    (softplus(-D(x).logits).mean() + softplus(D(fake).logits).mean()).backward()
    game.d_optimizer.step()

    (-softplus(D(G(G.noise(len(x)))).logits).mean()).backward()
    game.g_optimizer.step()


# %% tags=["hide-output"]
centres = {}
for name, detach in (("not detached", False), ("detached", True)):
    game, data = figure_one.build(figure_one.Settings()), figure_one.batches(figure_one.Settings())
    centres[name] = []
    for _ in range(by_size(quick=100, cpu=200)):
        round_cleared_at_the_top(game, data, detach)
        centres[name].append(centre(game.generator))
figures.show(figures.centres_over_moves(centres, target=P_DATA.means[0]), scale=1.5, colours=10)
assert abs(centres["detached"][-1] + 0.5) < 0.2 < abs(centres["not detached"][-1] + 0.5)

# %% [markdown]
# The generator is told "left" and "right" with equal force, stops short of the data and stays there. No error is
# raised, and the losses look calm. **The repair** is `detach`, or `torch.no_grad()` around $G$; `play` goes further
# and hands each backward pass the list of weights it may write to, so that the order of `zero_grad` no longer
# matters.
#
# ### Trap 2: the labels the wrong way round
#
# In a loss written with 0s and 1s it is easy to swap the two. $D$ then learns to call data generated and fakes real,
# while $G$ goes on trying to be called real. **Before you run the next cell:** who opposes whom?


# %% tags=["hide-output"]
def swapped(round):
    """D's loss with real and generated exchanged."""
    return softplus(round.real.logits).mean() + softplus(-round.fake.logits).mean()


game = figure_one.build(figure_one.Settings())
game.d_terms = {"labels swapped": swapped}
before = centre(game.generator)
log = [values for _, values in islice(play(game, figure_one.batches(figure_one.Settings())), 150)]
after = centre(game.generator)
figures.show(
    figures.losses({name: torch.stack([values[name] for values in log]) for name in log[0]}, {"log 4": math.log(4)}),
    scale=1.5,
    colours=10,
)
assert after > before + 0.3
print(f"the data are at -0.5; p_g was centred at {before:.2f} and is now at {after:.2f}")

# %% [markdown]
# Nobody opposes anybody. $D$ calls fakes real, $G$ is pleased, and both losses fall to 0: the most beautiful curves
# of this lesson, from a generator that runs *away* from the data. In an honest game this cannot be, because what one
# wins the other loses. **The repair:** write `softplus(-logits)` for "should be real" once, in one place, as
# `tell_apart` does, and test it: a $D$ whose logits are high on data and low on fakes must have the smaller loss.

# %% tags=["nbval-check-output"]
right_verdict = [torch.tensor([4.0, 5.0]), torch.tensor([-5.0, -4.0])]
for real, fake in (right_verdict, right_verdict[::-1]):
    loss = softplus(-real).mean() + softplus(fake).mean()
    print(f"logits on data {real.tolist()}, on fakes {fake.tolist()}: loss {loss:.2f}")

# %% [markdown]
# ## 8. Mode collapse
#
# On the line there is one hill to find. The data of the next game are eight: narrow Gaussians on a ring in the plane,
# each a *mode*. To know how many of them $G$ reaches we count. A generated point belongs to the nearest centre if it
# lies within three standard deviations of it, and a mode is *covered* if it holds at least a fifth of its fair share.
#
# ### Trap 3: the generator gives only one answer
#
# First a pair in which $D$ is weak: it learns ten times more slowly than $G$. **Before you run the next cell:** think of
# section 6. Suppose $D$ rates one place a little higher than the others. Where will all of $G$'s points go? And what
# will $D$ think of that place a while later?

# %% tags=["hide-output"]
steps = by_size(quick=300, cpu=900)
every = range(steps // 15, steps + 1, steps // 15)
collapsed = ring.train(ring.COLLAPSES, at=every)
figures.show(figures.ring_snapshots(collapsed.snapshots[1:12:2]), scale=1.5, colours=10)

# %% tags=["nbval-check-output", "hide-output"]
most = max(shot.modes.covered for shot in collapsed.snapshots)
assert most <= 2
print(f"snapshots: {len(collapsed.snapshots)}; more than two of the eight modes covered in any of them: {most > 2}")

# %% [markdown]
# All points sit in one clump, which chases around the ring. The reason is in the loss. Every $z$ asks the same
# question, "where is $D$ highest?", and for a $D$ that stands still the best answer of all is one and the same point. Nothing
# in the loss of $G$ looks at two points together, so nothing objects to their being equal. When $D$ has at last
# learned that this spot is now full of fakes, the whole clump leaves for another. Section 6 of the paper names this as
# the method's chief difficulty: $D$ has to be kept in step with $G$.
#
# Now look at the log of this failure:

# %%
guides = {"log 4": math.log(4), "log 2": math.log(2)}
figures.show(figures.losses(collapsed.losses, guides), scale=1.5, colours=10)

# %% [markdown]
# $D$ at $\log 4$, $G$ at $\log 2$: by its losses this is the equilibrium of Theorem 1. By its samples it is the worst
# training of the lesson. Here $D$ cannot tell because $D$ is weak.
#
# ### The repair
#
# Two changes, both in $D$. Its learning rate becomes that of $G$, so that a clump is found out before it has formed.
# And its target on real data becomes 0.9 instead of 1, the *one-sided smoothing* of lesson 15, so that it does not grow
# sure enough to throw the points about. **Before you run the next cell:** on which of the eight modes will the points
# arrive first?

# %% tags=["nbval-check-output", "hide-output"]
print(ring.COLLAPSES)
print(ring.COVERS)

# %% tags=["hide-output"]
steps = by_size(quick=800, cpu=1_200)
every = range(steps // 15, steps + 1, steps // 15)
covering = ring.train(ring.COVERS, at=every)
figures.show(figures.ring_snapshots(covering.snapshots[1:12:2]), scale=1.5, colours=10)

# %% tags=["nbval-check-output", "hide-output"]
covered = covering.snapshots[-1].modes.covered
assert covered >= 7
print(f"at least seven of the eight modes covered: {covered >= 7}")

# %% [markdown]
# On none of them first: the points spread over the whole ring and then gather on all of its modes together.
#
# Put the two trainings side by side, by what was counted and not by what was minimised:

# %%
figures.show(
    figures.modes_over_steps({"D ten times slower": collapsed.snapshots, "D keeps pace": covering.snapshots}),
    scale=1.5,
    colours=10,
)

# %% [markdown]
# The share of points near a mode is still below 1: a continuous $G$ cannot jump from one mode to the next, and leaves
# a few points on the way. The losses of this good training, for comparison, do *not* rest at $\log 4$ and $\log 2$:

# %%
for name, training in (("collapsed", collapsed), ("covering", covering)):
    late = {term: loss[-100:].mean().item() for term, loss in training.losses.items()}
    print(f"{name:10}", ", ".join(f"{term} {loss:.2f}" for term, loss in late.items()))

# %% [markdown]
# The generator's loss is *higher* in the good one. It plays against a better opponent.
#
# A $D$ that keeps pace is a cure, not a guarantee. Feature matching, minibatch discrimination and others, lessons 13
# to 15, are there because it often is not enough.

# %% [markdown]
# ## 9. Real digits
#
# The same `play`, the same two losses, wider networks, and data with 784 dimensions instead of 1 or 2. What changes
# for these sizes, compared with the paper's experiment, is written at the top of the module: batch norm in $G$,
# dropout in $D$, Adam, and a real target of 0.9.

# %%
show_source(digits_mlp.build)

# %% [markdown]
# **Before you run the next cell:** it is the slowest of the lesson, up to a minute. Ten noise vectors are chosen once, and shown through $G$
# as it learns, a row for each time. What will come first, strokes or digits? Will a column keep its digit?

# %% tags=["hide-output"]
train, test = load("mnist"), load("mnist", "test")


# %% tags=["hide-output"]
def generate(generator, z):
    """Images from noise, with the statistics of batch norm that training has gathered; no gradient."""
    generator.eval()
    with torch.no_grad():
        images = generator(z).cpu()
    generator.train()
    return images


settings = replace(digits_mlp.Settings(), steps=by_size(quick=150, cpu=2_500, gpu=20_000))
course_lib.seed(settings.seed)
game = digits_mlp.build(settings)
z = game.generator.noise(10)
moments = [settings.steps // 50, settings.steps // 10, settings.steps // 2, settings.steps]
rows, log = [], []
for step, values in islice(play(game, digits_mlp.batches(train, settings)), settings.steps):
    log.append(values)
    if step in moments:
        rows.append(generate(game.generator, z))
figures.show(
    figures.image_grid(torch.cat(rows), row_labels=[f"step {moment:,}" for moment in moments], width=3.8),
    scale=1.5,
    colours=8,
)

# %% [markdown]
# Specks in the middle of the image come first, then strokes that hang together, then digits. A column may change its
# digit on the way: no loss ties a $z$ to a digit.
#
# Forty others, not chosen:

# %%
course_lib.seed(1)
fakes = generate(game.generator, game.generator.noise(1_000))
figures.show(figures.image_grid(fakes[:40], columns=10, width=3.6), scale=1.5, colours=8)

# %% [markdown]
# ### Who judges?
#
# On the ring we could count. Here a judge does it for us: a small classifier, fitted to labelled real digits. It is
# *confident* of an image if it gives one class at least 0.9, and a class is *seen* if at least one image in a hundred
# falls into it confidently. A judge is worth no more than its own test, so it is first shown real digits that it
# does not know, and noise.
#
# **Before you run the next cell:** a network trained only on digits has never been told that there is anything else.
# What share of pure noise will it be confident about?

# %% tags=["hide-output"]
judge = DigitJudge(train.scaled()[:4_000], train.y[:4_000])
print(f"accuracy of the judge on real test digits: {judge.accuracy(test.scaled()[:1_000], test.y[:1_000]):.2f}")

course_lib.seed(2)
verdicts = {
    "real test digits": judge.judge(test.scaled()[:1_000]),
    "generated": judge.judge(fakes),
    "uniform noise": judge.judge(torch.rand(1_000, 1, 28, 28) * 2 - 1),
}
for name, verdict in verdicts.items():
    print(f"{name:17} confident on {verdict.confident:4.0%}, classes seen {verdict.classes:2}")

# %% tags=["hide-output"]
if course_lib.size() != "quick":  # 150 steps are too few to ask for this
    assert verdicts["generated"].confident > 0.4 and verdicts["generated"].classes >= 8
counts = verdicts["generated"].counts
print("confident images of each digit:", "  ".join(f"{digit}: {n}" for digit, n in enumerate(counts)))

# %% [markdown]
# Noise convinces the judge almost never, and real digits five times out of six. The generated ones lie in between: it is
# confident about half of them or so, and finds all or nearly all of the ten classes. It does not find them equally
# often, though real digits come in equal numbers. That too is a mild collapse, and it shows in the counts alone.
#
# The judge has its limits. It knows nothing of beauty, it would be content with one perfect picture of each digit, and
# it cannot say whether the pictures are copies of the training set. Lessons 05, 11 and 16 are about better judges.

# %%
losses = {name: torch.stack([values[name].cpu() for values in log]) for name in log[0]}
figures.show(figures.losses(losses, guides, smooth=50), scale=1.5, colours=10)

# %% [markdown]
# And the log, last of all. From about step 600 on both curves hover and say nothing, and it was in that time that the
# blots became digits. Whoever trains a GAN looks at samples, counts what can be counted, and keeps a judge at hand.

# %% [markdown]
# ## 10. What to read
#
# - Goodfellow et al. 2014, *Generative Adversarial Nets*: Figure 1 in section 3, Algorithm 1 in section 4;
#   the end of section 3 on the early training of $G$; section 6 on keeping $D$ in step with $G$.
# - Goodfellow 2016, *NIPS 2016 Tutorial: Generative Adversarial Networks*, section 5.1: why training may
#   not converge, and mode collapse.
# - Salimans et al. 2016, *Improved Techniques for Training GANs*, section 3: what lessons 12 to 15 are about.
#
# ## 11. Exercises
#
# - [The exercise notebook](../exercises/04_algorithm_1.ipynb), 75 minutes: one move of each player with autograd; a
#   loop with four bugs; counting modes; choosing $k$ for a pair; reading logs.
# - [Build it yourself](../exercises/04_build_it_yourself.ipynb), 60 minutes: both networks, both moves, and digits that
#   are yours. Nothing of the library's game is used, and a check that knows no right answer judges what your players do.
