# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 00 · Welcome
#
# | | |
# |---|---|
# | **You will be able to** | run the notebooks of this course and its exercises; say in words what the two networks of a GAN do; train one on real digits, and move about in its noise |
# | **Minutes** | 45, and 45 for the exercises |
# | **You need** | Python, and what a mean and a variance are |
#
# A generative adversarial network, GAN for short, learns to make things that look like the examples it was shown.
# Nobody tells it what an example consists of. In this lesson you train one: it starts from pictures of pure noise
# and, about a minute later, writes digits. The lessons that follow take it apart.

# %% [markdown]
# ## 1. How these notebooks work
#
# **Run a cell** with Shift+Enter. Run them from top to bottom, since each builds on those above it. If something has
# got into a muddle, choose *Kernel, Restart Kernel and Run All Cells*.
#
# **Guess first.** Before most cells stands what to look for, often a question. An answer that you have committed to,
# right or wrong, is worth more than one that you have read. What came of it stands after the cell.
#
# **Exercises** are in the folder `exercises`, one notebook for each lesson, with hints to unfold. Worked answers are
# in `exercises/solutions`.
#
# **If something is missing**, run `gan-course doctor` in a terminal. It looks at everything the course needs and says
# what to do where something is not in order.
#
# **Before you run the next cell.** It shows where your computer will do the arithmetic and how much of it. Any answer
# is fine: everything in the course runs on a processor alone.

# %% tags=["hide-output"]
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from itertools import islice

import torch
from torch import nn

from course_lib import by_size, checks, data, figures, play, show_source, widgets
from course_lib.experiments.lessons import digits_mlp

course_lib.seed(0)
print(f"device {course_lib.device()}, size {course_lib.size()}")

# %% [markdown]
# *Device* is `cpu` for a processor, `cuda` or `mps` for a graphics card. *Size* is a dial for how much every lesson
# computes: `quick` is for a look at the machinery, with pictures that are poor; `cpu` is for a laptop and is what you
# get if you choose nothing; `gpu` trains longer. Turn it before you start: `GAN_COURSE_SIZE=quick make lab`.
#
# **How an exercise answers.** You write a function and hand it to a check. It says *Right*, or it names the mistake.
# Here it is given two answers to the first exercise, one that is still blank and one that is wrong. The task is to
# draw uniform noise with mean 0 and variance 1.


# %% tags=["nbval-check-output"]
def still_blank(n, dim):
    raise NotImplementedError


def first_attempt(n, dim):
    return torch.rand(n, dim)


for answer in (still_blank, first_attempt):
    try:
        checks.unit_uniform(answer)
    except checks.NotYet as message:
        print("Not yet:", message)

# %% [markdown]
# In the exercises you call the check alone, without `try`; the message then stands below your cell. It never shows
# the answer, so you may ask as often as you like.

# %% [markdown]
# ## 2. The real digits
#
# The course's first data set is MNIST: digits written by hand, scanned, 28 by 28 pixels each. If you have not
# downloaded all 70,000 of them, 5,000 that come with the course stand in, and the next cell says so. They are enough
# for nearly every lesson. `gan-course data mnist` in a terminal fetches the rest, once.

# %%
digits = data.load("mnist")
held_back = data.load("mnist", "test")

# %%
print(
    f"{len(digits):,} digits to learn from, {len(held_back):,} held back; x: {digits.x.dtype}, {tuple(digits.x.shape)}"
)

# %% [markdown]
# The shape reads: so many images, one channel (grey), 28 rows, 28 columns. The first dimension of every tensor in
# this course is the *batch*: which of the images it is.
#
# **Before you run the next cell.** Each row shows eight examples of one digit. Look for the digit of which the eight
# differ most. A generator has to learn all of these ways of writing it.

# %% tags=["hide-output"]
one_of_each = torch.cat([digits.scaled()[digits.y == digit][:8] for digit in (1, 4, 7)])
figures.show(figures.image_grid(one_of_each, columns=8, width=4, row_labels=["1", "4", "7"], what="real digits"))

# %% [markdown]
# Ones differ in slant and thickness, and a few have a foot. Fours and sevens differ in their strokes as well: in
# hooks, bars and corners. To a computer all of them are numbers and nothing else. Here is what it is given:

# %%
figures.show(figures.digit_in_numbers(digits.x[digits.y == 4][2], top=12, left=13, side=8))

# %% [markdown]
# 0 is black, 255 is white, stored in one byte each (`uint8`). Networks learn best from numbers around 0, so the
# pixels are brought into $[-1, 1]$ first: `digits.scaled()` does that. Section 7 shows what happens if one forgets.

# %% tags=["nbval-check-output"]
scaled = digits.scaled()
assert scaled.dtype == torch.float32
print(f"pixels from {digits.x.min()} to {digits.x.max()}, scaled from {scaled.min():.0f} to {scaled.max():.0f}")

# %% [markdown]
# ## 3. The game in words
#
# Two networks play against each other.
#
# - The **generator** $G$ is a counterfeiter. It never sees a real digit. It is given a row of random numbers $z$, the
#   *noise*, and makes a picture $G(z)$ of it.
# - The **discriminator** $D$ is a detective. It is shown one picture at a time, real or forged, and says how far it
#   believes in it: a number between 0, surely fake, and 1, surely real.
#
# $D$ learns to tell the two apart. $G$ learns to make pictures that $D$ takes for real. All that $G$ ever finds out
# about digits, it finds out through $D$: it is told in which direction to change each pixel so that $D$ would believe
# in the picture a little more. As $D$ gets better, $G$ has to, and the other way round.
#
# Both are small networks, a few layers each. `nn.Linear(64, 256)` makes 256 numbers, each a weighted sum of 64; what
# stands behind it bends the result, since sums of sums would be sums again. $G$ goes from 64 numbers of noise to the
# $28 \cdot 28 = 784$ pixels of a picture, and ends in a tanh, which lies between -1 and 1. $D$ goes the other way, from
# 784 pixels to one number.

# %% tags=["spelled-out"]
G = nn.Sequential(
    *(nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU()),
    *(nn.Linear(256, 512), nn.BatchNorm1d(512), nn.ReLU()),
    *(nn.Linear(512, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))),
)
D = nn.Sequential(
    *(nn.Flatten(), nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Dropout(0.3)),
    *(nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3)),
    nn.Linear(256, 1),
)

# %% [markdown]
# (`BatchNorm1d` keeps the numbers between two layers in a moderate range, and `Dropout` silences some of them at random
# while $D$ learns. Both make the training steadier; lessons 08 and 15 look into the first.)
#
# The library builds the same two, together with what moves them, as one *game*. The next cell makes it, and asserts
# that its $G$ is the one above: with equal weights, equal pictures.
#
# **Before you run the next cell.** Nobody has trained $G$ yet. What will its picture look like?

# %% tags=["spelled-out", "hide-output"]
looks = by_size(quick=(0, 5, 20, 40, 60), cpu=(0, 100, 300, 600, 2_500), gpu=(0, 100, 300, 3_000, 20_000))
settings = digits_mlp.Settings(steps=looks[-1])
course_lib.seed(0)
game = digits_mlp.build(settings)
z = game.generator.noise(8)


def draw(generator, z):
    """What the generator makes of z, outside training."""
    generator.eval()  # each picture for itself: in training, batch norm lets those of a batch touch one another
    with torch.no_grad():
        x = generator(z)
    generator.train()
    return x


G.load_state_dict(dict(zip(G.state_dict(), game.generator.state_dict().values(), strict=True)))
torch.testing.assert_close(draw(G.to(z.device), z), draw(game.generator, z))
assert [p.shape for p in D.parameters()] == [p.shape for p in game.discriminator.parameters()]
figures.show(figures.the_game(z[0], draw(game.generator, z)[0], scaled[0]))

# %% [markdown]
# Grey noise. The generator's weights are random, so what it makes of random numbers is random too. The discriminator
# knows nothing either, and we can see that in numbers.
#
# $D$ ends in one number $l$, the *logit*, which may be anything. Its answer is $D(x) = \sigma(l) = 1/(1 + e^{-l})$,
# which lies between 0 and 1. A logit of 0 is an answer of one half: no idea.
#
# **Before you run the next cell.** What will the untrained $D$ answer about real digits, and about fakes?

# %% tags=["spelled-out"]
real = held_back.scaled()[:500].to(z.device)
many_z = game.generator.noise(500)


def ask(discriminator, x):
    """D(x) for each image of a batch, outside training."""
    discriminator.eval()
    with torch.no_grad():
        d = discriminator(x).logits.sigmoid()
    discriminator.train()
    return d


d_real = ask(game.discriminator, real)
d_fake = ask(game.discriminator, draw(game.generator, many_z))
assert abs(d_real.mean() - 0.5) < 0.05 and abs(d_fake.mean() - 0.5) < 0.05

# %% tags=["nbval-check-output", "hide-output"]
print(f"D's mean answer before training: {d_real.mean():.1f} on real digits, {d_fake.mean():.1f} on fakes")

# %% [markdown]
# One half for everything. Goodfellow et al. (2014, equation 1) write the whole game as one line, in which $D$ wants
# the *value* $V$ large and $G$ wants it small:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]. \tag{1}$$
#
# Read it from left to right: over real data $x$, $D$ is paid $\log D(x)$, which is highest, 0, where $D$ answers 1.
# Over noise $z$, it is paid $\log(1 - D(G(z)))$, highest where it answers 0 to the fake. One who answers one half to
# everything gets $\log\frac12 + \log\frac12 = -\log 4 \approx -1.386$. Our untrained $D$ should be close to that:

# %% tags=["nbval-check-output"]
value = (d_real.log().mean() + (1 - d_fake).log().mean()).item()
assert abs(value - (-math.log(4))) < 0.1
print(f"value of the untrained game {value:.1f}, -log 4 = {-math.log(4):.3f}")

# %% [markdown]
# That is all you need of it here. Lesson 02 plays with this formula, lesson 03 proves where the game ends, and
# lesson 04 spells out the loop that plays it.

# %% [markdown]
# ## 4. Noise
#
# $z$ is where the variety comes from. $G$ itself is a function like any other: the same $z$ gives the same picture.
# To get another picture, draw another $z$.
#
# **Before you run the next cell.** It draws a batch of 30 noise vectors. Look for a pattern on the left, and for the
# range of most values on the right.

# %% tags=["hide-output"]
noise = game.generator.noise(30)
figures.show(figures.noise_batch(noise))

# %% tags=["nbval-check-output", "hide-output"]
assert torch.equal(draw(game.generator, z), draw(game.generator, z))
assert not torch.equal(draw(game.generator, z), draw(game.generator, game.generator.noise(8)))
print(f"shape {tuple(noise.shape)}: {noise.shape[0]} draws of {noise.shape[1]} numbers each")

# %% [markdown]
# There is no pattern: each number is drawn on its own, from a Gaussian with mean 0 and variance 1, and nearly all lie
# between -3 and 3. Each row is the recipe of one picture. Which recipe gives which digit, nobody has laid down. $G$
# will find that out in training.
#
# How long is such a vector? Its squared length is a sum over $n = 64$ coordinates, and each square has mean
# $\mathbb{E}[z_i^2] = \operatorname{Var}(z_i) = 1$. So
#
# $$\mathbb{E}\,\lVert z \rVert^2 = \sum_{i=1}^{n} \mathbb{E}[z_i^2] = n,$$
#
# and the length is about $\sqrt{64} = 8$. **Before you run the next cell:** by how much will single draws differ from
# 8, a little or a lot?

# %% tags=["nbval-check-output", "hide-output"]
lengths = game.generator.noise(100_000).norm(dim=1)
assert abs(lengths.square().mean().item() / 64 - 1) < 0.01
within = ((lengths > 6) & (lengths < 10)).float().mean().item()
print(
    f"root of the mean squared length {lengths.square().mean().sqrt():.1f}; over 99% between 6 and 10: {within > 0.99}"
)

# %% [markdown]
# A little: nearly all draws are about 8 long, although 0 is the most likely value of every single coordinate. The
# origin itself, or anything near it, is practically never drawn. The exercises come back to that.

# %% [markdown]
# ## 5. Train it
#
# `play` moves the two players in turn, $D$ then $G$, and hands back after each step. We look in from time to time and
# draw, always from the *same* eight $z$, so that the pictures can be compared.
#
# **While the next cells run**, under a minute on a laptop, say which will come first: the strokes of the digits, or the
# black around them?

# %% tags=["hide-output"]
course_lib.seed(0)
samples, asked, on_real, on_fake = {0: draw(game.generator, z)}, [], [], []

for step, _values in islice(play(game, digits_mlp.batches(digits, settings)), settings.steps):
    if step in looks:
        samples[step] = draw(game.generator, z)
    if step == 1 or step % (looks[-1] // 20) == 0:
        asked.append(step)
        on_real.append(ask(game.discriminator, real).mean().item())
        on_fake.append(ask(game.discriminator, draw(game.generator, many_z)).mean().item())

# %% tags=["hide-output"]
figures.show(
    figures.image_grid(torch.cat(list(samples.values())), columns=8, width=4, row_labels=[f"step {n}" for n in samples])
)

# %% [markdown]
# Each column is one $z$, each row a later look. First comes the black frame, the easiest thing to forge since it is
# the same on every digit. Then a blob in the middle, then strokes, then digits, most of them legible and a few that are
# none. (At size `quick` training stops long before that.) Nobody has told $G$ that there are ten digits, or that there
# are strokes.
#
# What has $G$ been told, then? At each of its moves it made some fakes, and was handed for every one of them a second
# picture of the same size: for each pixel, whether $D$ would believe more in the fake if that pixel were lighter, or
# darker. That is the gradient of $D$'s answer with respect to the image, and PyTorch finds it.
#
# **Before you run the next cell.** It takes a fake of an earlier step (600, at size `cpu`), asks $D$ for that gradient, and changes every pixel a
# little that way. Will you see the change? Will $D$?

# %% tags=["spelled-out", "hide-output"]
game.discriminator.eval()
fake = samples[looks[3]][:1].clone().requires_grad_()
logit = game.discriminator(fake).logits
[gradient] = torch.autograd.grad(logit.sum(), fake)
nudged = (fake + 0.2 * gradient / gradient.abs().max()).detach().clamp(-1, 1)
answers = [game.discriminator(x).logits.sigmoid().item() for x in (fake, nudged)]
game.discriminator.train()
assert answers[1] > answers[0]
figures.show(figures.nudged(fake[0], gradient[0], nudged[0], *answers))

# %% [markdown]
# The two fakes are hard to tell apart, and $D$'s answer has risen from the left one to the right one, as the numbers
# below them say. In the middle, orange asks for more ink and purple for less. It is no drawing of a digit: it
# says what *this* $D$ would like to see changed in *this* fake. $G$ never gets the nudged picture. It changes its
# weights so that next time the same $z$ comes out a little more like it, and thousands of such hints make the digits.
#
# **Before you run the next cell.** It shows $D$'s mean answers on 500 real digits that were kept out of training, and
# on 500 fakes. If $D$ were winning, where would the two lines be? And if $G$ were?

# %% tags=["hide-output"]
figures.show(figures.answers_over_time(asked, on_real, on_fake))

target = settings.real_target  # what D is asked to say about real digits
y = torch.linspace(0.001, 0.999, 999)  # what it could say of pictures that are as often real as fake
paid = target * y.log() + (1 - target) * (1 - y).log() + (1 - y).log()
assert abs(y[paid.argmax()] - target / 2) < 1e-3
print(f"about real digits D should say {target}; where it cannot tell, it is paid best for {y[paid.argmax()]:.2f}")

# %% [markdown]
# If $D$ were winning, the lines would part: towards 0 for fakes and, for real digits, towards 0.9. (Not 1: in this game
# $D$ is asked to say 0.9 about real digits, lest it grow too sure. Lesson 15 explains why.) If $G$ were winning, the lines
# would meet, since $D$ would have to say the same to everything. It is then paid best for half of 0.9, as the last line
# found by trying every answer: 0.45.
#
# What you see is neither. The lines stay apart, so $D$ is right more often than not, and neither runs away for good. Now
# and then both rise or fall together: for a while $D$ believes too much, or too little, until its next moves put it
# right. Is that chance, since each point is a mean over 500 images only? By how much such a mean scatters, the next cell
# says: far less. The swings are changes in the two players. Losses that go down and stay down, which is what one hopes
# for everywhere else, would be bad news here.

# %%
answers_now = ask(game.discriminator, draw(game.generator, many_z))
print(
    f"standard error of a mean of {len(answers_now)} answers: {answers_now.std().item() / len(answers_now) ** 0.5:.3f}"
)

# %% [markdown]
# ### You against $D$
#
# Now take $D$'s chair. You are shown twenty pictures one after the other, ten of them real digits, ten from the game you
# have just played, as $G$ was after 300, 600 or 1,500 steps. Say of each how sure you are, with the keys 1 to 4 or the
# buttons. $D$, as it was after as many steps, has answered the same twenty.
#
# **Before you run the next cell.** Who will be better, you or $D$? At which of the three steps will it be closest?

# %% tags=["hide-output"]
widgets.you_against_d()

# %% [markdown]
# The first column of the table counts right answers. The second is what $D$ is really paid by, the first line of equation
# (1): the logarithm of the probability that was given to the truth. One sure mistake costs more there than many cautious
# answers bring. Look back at your mistakes. You have known for years what a stroke looks like, and $D$ for a minute; but
# $D$ weighs every one of the 784 pixels, faint grey specks among them, which an eye passes over. Lesson 16 makes a measure
# of samples of this game.

# %% [markdown]
# ## 6. Walk through the noise
#
# The generator has been trained on single $z$. What does it do *between* two of them? If it had learnt a set of
# pictures by heart, one would give way to the next all at once, somewhere on the way.
#
# **Run the next cell and pull the first slider** from one end to the other. Then choose other seeds for the two ends,
# and give one coordinate of $z$ a push. Can you find a coordinate that does something you could put a name to?

# %%
widgets.latent_slider(game.generator, start=2, end=33)

# %% [markdown]
# Nothing happens all at once: the strokes melt into one another, and on the way there often is another digit. The
# generator has learnt a smooth map from noise to pictures. (Whether it has copied any of its examples is a question
# for lesson 11.) A single coordinate seldom means anything one could name, since nothing in the game asks it to.
# Lesson 09 looks for directions that do. (On a page where nothing runs, the picture stands still.)
#
# The same walk as a strip, for two pairs of ends:

# %%
course_lib.seed(4)
starts, ends = game.generator.noise(2), game.generator.noise(2)
places = torch.linspace(0, 1, 9, device=z.device)[:, None]
walks = torch.cat([torch.lerp(start, end, places) for start, end in zip(starts, ends, strict=True)])
figures.show(figures.image_grid(draw(game.generator, walks), columns=9, width=4, what="images on two walks, one a row"))

# %% [markdown]
# Ink is nearly white and paper nearly black; what is neither is a place where $G$ could not make up its mind.
# **Before you run the next cell.** Of the pixels at the ends of 1,000 walks and in their middles, which have more
# grey?

# %% tags=["hide-output"]
starts, ends = game.generator.noise(1_000), game.generator.noise(1_000)
for place, at in (("ends", starts), ("middles", (starts + ends) / 2)):
    grey = (draw(game.generator, at).abs() < 0.8).float().mean()
    print(f"grey pixels at the {place}: {grey:.0%}")

# %% [markdown]
# The middles are the more undecided ones. That is no accident: exercises 3 and 4 find out why and mend it.

# %% [markdown]
# ## 7. What goes wrong: a forgery that cannot succeed
#
# Both networks have to speak of the same thing. $G$'s last layer is a tanh, so its pixels lie between -1 and 1.
# Suppose one forgets to scale the real digits and leaves them at 0 to 255. Nothing crashes.
#
# **Before you run the next cell.** What will $D$ look at to tell real from fake? And what is the best that $G$ can do
# about it?

# %% tags=["hide-output"]
course_lib.seed(0)
broken = digits_mlp.build(settings)
unscaled = data.Batches(digits.x.float().to(z.device), batch_size=settings.batch_size)
for _step, _values in islice(play(broken, unscaled), looks[2]):
    pass

side_by_side = torch.cat([draw(broken.generator, z), samples[looks[2]]])
figures.show(
    figures.image_grid(
        side_by_side,
        columns=8,
        width=4,
        row_labels=["0 to 255", "-1 to 1"],
        what="samples of the broken and of the sound game",
    )
)

# %% [markdown]
# The upper row is the broken game, the lower one the game of section 5 after as many steps. Where a digit may have ink,
# $G$ paints white or light grey: one bright patch for every $z$, and no strokes. It does what it is asked to: real
# pictures are bright, so be bright. But the brightest it can make is 1, and real ink is 255. However it paints, one look
# at the brightness gives it away. So $D$ never needs to learn what a digit is, and $G$ never hears of it.

# %% tags=["nbval-check-output"]
brightest = draw(broken.generator, many_z).max().item()
assert brightest <= 1
print(f"brightest pixel: real {digits.x.max()}, fake {brightest:.0f}")

# %% [markdown]
# The repair is one word, `digits.scaled()`, and you have seen its effect: it is what `digits_mlp.batches` does.

# %%
show_source(digits_mlp.batches)

# %% [markdown]
# Keep the habit: before you train, compare the range and the shape of a real batch with those of a fake one.

# %% tags=["nbval-check-output"]
real_batch, fake_batch = next(digits_mlp.batches(digits, settings)).x, draw(game.generator, game.generator.noise(64))
assert real_batch.shape == fake_batch.shape and real_batch.min() >= -1 and real_batch.max() <= 1
print(f"real {tuple(real_batch.shape)}, fake {tuple(fake_batch.shape)}, both within [-1, 1]")

# %% [markdown]
# ## 8. Where to go from here
#
# **Read** the introduction (section 1) of Goodfellow et al. 2014, *Generative Adversarial Nets*: one page, with the
# counterfeiters and the police in its second paragraph. Section 3 has equation 1.
#
# **Exercises**: [the exercise notebook](../exercises/00_welcome.ipynb). Noise on the right scale, pixels there and back, the middle of a walk
# and how to mend it, and how often $D$ is right.
#
# **Next**: lesson 01 asks what it means to learn a distribution, and lessons 02 to 04 are the game you have just
# played, in full.
