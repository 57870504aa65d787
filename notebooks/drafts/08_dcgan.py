# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 08 · DCGAN
#
# | | |
# |---|---|
# | **You will be able to** | compute the output sizes of strided and fractionally strided convolutions; write the DCGAN's generator and discriminator from its five rules; say what each rule is for, and which of them a small training bears out; see to it that initial weights are really applied |
# | **Minutes** | 80, and 90 for the exercises |
# | **You need** | lesson 04: the loop and how trainings fail; what a convolution and batch norm do, at least once used |
#
# The source is Radford, Metz and Chintala 2016, *Unsupervised representation learning with deep convolutional
# generative adversarial networks*: sections 3 and 4.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
from dataclasses import replace
from itertools import islice
from statistics import mean

import torch
from torch import nn
from torch.nn.functional import conv1d, conv2d, conv_transpose1d, conv_transpose2d, pad

from course_lib import Game, by_size, figures, play, show_source
from course_lib.data import Batches, embedded_digits
from course_lib.experiments.dcgan import dcgan_rules, rules_recorded
from course_lib.experiments.dcgan.shipped import about, shipped
from course_lib.losses import non_saturating, tell_apart
from course_lib.models import dcgan
from course_lib.models.dcgan_layers import Flat, Maps
from course_lib.models.initialise import dcgan_, normal_
from course_lib.training.optimizers import adam

course_lib.seed(0)

# %% [markdown]
# ## 1. The idea: networks for pictures
#
# The GANs so far were built of fully connected layers. To those a picture is a row of numbers; that two of them are
# neighbours is nowhere said. Convolutions know it, and by 2015 they had won everywhere else in vision. In GANs they
# would not train.
#
# The authors of the DCGAN tried many architectures and found a family that does. What they report is five rules. None
# of them is a theorem. Each is a choice that somebody made differently before, with less success. This lesson explains
# the rules, and then switches them off one by one.
#
# First the result. A DCGAN that was trained beforehand comes with the course:

# %%
G, D = shipped("digits")
with torch.no_grad():
    digits = G(G.noise(32))
figures.show(figures.image_grid(digits, columns=16, width=7.2, what="digits by the trained generator"), colours=16)
print(about("digits")["command"])

# %% [markdown]
# Nobody drew these digits. The last line is the command that trains the same network again, from all 60,000 training
# digits of MNIST. On a GPU that takes a minute.
#
# The same architecture, one layer deeper and with three channels at the end, learns pictures in colour. This one has
# seen the emoji that come with the course, a few thousand in all:

# %%
colour_G, _ = shipped("emoji")
with torch.no_grad():
    emoji = colour_G(colour_G.noise(32))
figures.show(figures.image_grid(emoji, columns=16, width=7.2, what="emoji by the trained generator"), colours=128)
print(about("emoji")["command"])

# %% [markdown]
# Faces, signs and things are rather hinted at than drawn. A few thousand pictures of everything are a hard teacher.

# %% [markdown]
# ## 2. Sizes on the way down
#
# A discriminator has to make one number of 784 pixels. It does so in steps that halve the picture, by convolutions
# whose kernel is not laid at every pixel but at every second one: the **stride** is 2.
#
# What does one output see? The picture has a single row of pixels, $n = 8$; two rows work the same way. The kernel is
# $k = 4$ pixels wide, the stride is $s = 2$, and at each end stands $p = 1$ pixel of **padding**, which is 0.

# %%
figures.show(figures.convolution_sees(8, kernel=4, stride=2, padding=1), colours=16)

# %% [markdown]
# Output 1 sees the pixels 1 to 4. Its neighbour begins 2 further on, and so two windows share two pixels.
#
# Now count the outputs. With the padding, the row is $n + 2p$ long. The first window begins at its start. The last one
# begins at most $n + 2p - k$ further on, or it would hang over. In between are as many steps of length $s$ as fit,
# $\lfloor (n + 2p - k) / s \rfloor$, and there is one window more than there are steps:
#
# $$n \;\longmapsto\; \Bigl\lfloor \frac{n + 2p - k}{s} \Bigr\rfloor + 1 .$$
#
# **Before you run the next cell.** The authors' code has kernels of 5 with stride 2. Which padding makes 14 of 28? And
# what becomes of 27 with the same layer?


# %% tags=["hide-output", "nbval-check-output"]
def down(n, k, s, p):
    """The size of a convolution's output."""
    return (n + 2 * p - k) // s + 1


for p in range(4):
    print(f"kernel 5, stride 2, padding {p}: 28 to {down(28, 5, 2, p)}, 27 to {down(27, 5, 2, p)}")

cases = 0
for n in range(1, 20):
    for k in range(1, 7):
        for s in range(1, 5):
            for p in range(4):
                if n + 2 * p >= k:
                    assert conv2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), None, s, p).shape[2] == down(
                        n, k, s, p
                    )
                    cases += 1
print(f"as PyTorch has it in all {cases:,} cases tried")

# %% [markdown]
# A padding of 2, and 27 becomes 14 as well. Rounding down makes two sizes fall on one, which will matter on the way
# back.

# %% [markdown]
# ## 3. Sizes on the way up
#
# A generator has to double. It needs a layer that goes the other way: **one input adds to several outputs**. Take the
# same wires, and let the signal run backwards:

# %%
figures.show(figures.transposed_writes(4, kernel=4, stride=2, padding=1), colours=16)

# %% [markdown]
# Input 1 is multiplied by the four weights of the kernel and *added* to the outputs 1 to 4. Where two inputs reach the
# same output, their parts add up. What would lie where the padding was, marked ×, is cut off.
#
# From the first input's place to the last's are $n - 1$ steps of length $s$. The last still writes $k$ outputs.
# Then $2p$ are cut off:
#
# $$n \;\longmapsto\; (n - 1)\, s - 2p + k + o .$$
#
# The $o$ is there because of the rounding. 27 and 28 both went to 14; which of them should 14 go back to? PyTorch's
# `output_padding` says it: so many outputs are added at one end.


# %% tags=["nbval-check-output"]
def up(n, k, s, p, o=0):
    """The size of a transposed convolution's output."""
    return (n - 1) * s - 2 * p + k + o


for o in (0, 1):
    print(f"kernel 5, stride 2, padding 2, output padding {o}: 14 to {up(14, 5, 2, 2, o)}")
print(f"kernel 4, stride 2, padding 1, output padding 0: 14 to {up(14, 4, 2, 1)}")

cases = 0
for n in range(1, 12):
    for k in range(1, 7):
        for s in range(1, 5):
            for p in range(3):
                for o in range(s):
                    if up(n, k, s, p, o) >= 1:
                        made = conv_transpose2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), None, s, p, o)
                        assert made.shape[2] == up(n, k, s, p, o)
                        cases += 1
print(f"as PyTorch has it in all {cases:,} cases tried")

# %% [markdown]
# With a kernel of 4 and a padding of 1 the doubling is exact, without an $o$. That is why most implementations, and
# this course, have 4 where the authors had 5.
#
# ### Why it is called transposed
#
# A convolution is linear: its outputs are a matrix $C$ times its inputs. Column $j$ of $C$ is what becomes of a picture
# whose pixel $j$ is 1 and all others 0. So feed it all such pictures, and the matrix is there. The kernel of the
# picture above gets the weights $a, b, c, d$.
#
# **Before you run the next cell.** $C$ makes 4 numbers of 8. How many entries of it are not 0? Where in $C$ is the $b$
# that pixel 2 is multiplied by?

# %% tags=["hide-output"]
weights = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
C = conv1d(torch.eye(8)[:, None], weights, stride=2, padding=1)[:, 0].T
figures.show(figures.matrix_and_transpose(C, names={1.0: "a", 2.0: "b", 3.0: "c", 4.0: "d"}), colours=16)

# %% [markdown]
# Each row has the same four weights, two columns further right than in the row above; two of the sixteen fell on the
# padding, so that fourteen are left. The $b$ for pixel 2, counted from 0, stands in row 1: output 1 begins with pixel
# 1.
#
# On the right is the transpose, $C^T$. It makes 8 numbers of 4, by the same wires. It is no inverse: $C^T C$ is not the
# identity. What it shares with $C$ are the sizes and the connections. The next cell asserts that it is what PyTorch
# calls a transposed convolution.

# %% tags=["nbval-check-output"]
y = torch.randn(4)
transposed = conv_transpose1d(y.view(1, 1, 4), weights, stride=2, padding=1).flatten()
assert torch.allclose(transposed, C.T @ y, atol=1e-6)
print("the transposed convolution is the product with the transpose")

apart = torch.zeros(7)
apart[::2] = y  # a zero between each two inputs
plain = conv1d(pad(apart, (2, 2)).view(1, 1, -1), weights.flip(2)).flatten()
assert torch.allclose(transposed, plain, atol=1e-6)
print("and a plain convolution over the inputs with zeros between them")

# %% [markdown]
# The second assertion explains the other name. Put a zero between each two inputs, and an ordinary convolution of
# stride 1, with the kernel reversed, gives the same numbers. It moves by one output at a time, that is by *half* an
# input: a **fractionally strided** convolution. The paper says so, and adds that "deconvolution", which is also heard,
# is wrong. Nothing is undone.
#
# Backpropagation through a strided convolution multiplies by $C^T$ too. So $G$ goes forward as $D$ goes backward.

# %% [markdown]
# ## 4. A checkerboard that comes for free
#
# How many inputs add to an output? Feed ones through a kernel of ones, and the outputs are counts.
#
# **Before you run the next cell.** Stride 2. Kernel 4 divides by the stride and kernel 5 does not. What follows for
# neighbouring outputs?

# %% tags=["hide-output"]
ones = torch.ones(1, 1, 7)
counts = {
    "kernel 4": conv_transpose1d(ones, torch.ones(1, 1, 4), None, 2, 1),
    "kernel 5": conv_transpose1d(ones, torch.ones(1, 1, 5), None, 2, 2, 1),
}
counts = {label: made.flatten().int().tolist() for label, made in counts.items()}
figures.show(figures.contributions(counts), colours=16)

# %% [markdown]
# With a kernel of 4 every output gets two parts, but for the ends. With 5 it is three and two in turn. In two
# dimensions the counts multiply: 9, 6, 6 and 4 parts, in a checkerboard.
#
# Does that matter? Here is how strongly each pixel varies with $z$, in generators that have not been trained at all.

# %%
course_lib.seed(0)
spread = []
for kernel in (4, 5):
    fresh = dcgan.Generator(size=28, channels=1, nf=64, start=7, kernel=kernel)
    with torch.no_grad():
        varies = fresh(fresh.noise(500)).std(0)
    inner = varies[0, 4:24, 4:24]
    corners = [inner[i::2, j::2].square().mean().item() for i in (0, 1) for j in (0, 1)]
    print(f"kernel {kernel}: variances at the four kinds of places, {[f'{c / min(corners):.2f}' for c in corners]}")
    spread.append(2 * varies / varies.max() - 1)
figures.show(
    figures.image_grid(
        torch.stack(spread), columns=2, width=4.2, what="pictures of how strongly each pixel varies, kernel 4 and 5"
    ),
    colours=32,
)

# %% [markdown]
# On the right, with kernels of 5, the board is there before anything is learned: variances near 9 : 6 : 6 : 4. Training
# can learn weights that even it out, and the authors' networks did. A kernel that the stride divides has nothing to even
# out.

# %% [markdown]
# ## 5. The five rules
#
# Section 3 of the paper, in its order, each with what it is meant for.
#
# | | rule | instead of | the reason given |
# |---|---|---|---|
# | 1 | strided convolutions in $D$, fractionally strided ones in $G$ | pooling, resizing | the network learns its own way to shrink and enlarge |
# | 2 | batch norm in both; not on $G$'s output, nor on $D$'s input layer | none, or everywhere | without it $G$ collapses to a single picture; everywhere, samples oscillate |
# | 3 | no fully connected hidden layers | a few of them on top | $z$ goes straight to maps, and the last maps straight to the logit |
# | 4 | ReLU in $G$, tanh at its output | other activations | a bounded output learns sooner to cover the range of the pixels |
# | 5 | leaky ReLU in $D$, slope 0.2 | maxout, ReLU | it worked well, above all at higher resolution |
#
# Around them stand choices of training (section 4): images scaled to $[-1, 1]$ and not augmented, $z$ uniform in
# $[-1, 1]^{100}$, Adam with a rate of 0.0002 and $\beta_1 = 0.5$, batches of 128, first weights from $N(0, 0.02)$.
#
# Here are both networks for digits. **Find in them:** each rule; the two layers without batch norm; the sizes 7, 14
# and 28.


# %% tags=["spelled-out"]
def build_generator(nf):
    return nn.Sequential(
        nn.Linear(100, 2 * nf * 7 * 7, bias=False),
        Maps(2 * nf, 7),  # a row of numbers to maps of 7x7
        nn.BatchNorm2d(2 * nf),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * nf, nf, 4, stride=2, padding=1, bias=False),  # 14x14
        nn.BatchNorm2d(nf),
        nn.ReLU(),
        nn.ConvTranspose2d(nf, 1, 4, stride=2, padding=1, bias=False),  # 28x28
        nn.Tanh(),
    )


def build_discriminator(nf):
    return nn.Sequential(
        nn.Conv2d(1, nf, 4, stride=2, padding=1, bias=False),  # 14x14
        nn.LeakyReLU(0.2),
        nn.Conv2d(nf, 2 * nf, 4, stride=2, padding=1, bias=False),  # 7x7
        nn.BatchNorm2d(2 * nf),
        nn.LeakyReLU(0.2),
        Flat(),  # maps to a row
        nn.Linear(2 * nf * 7 * 7, 1, bias=False),
    )


# %% [markdown]
# $G$'s first layer is fully connected, and yet not a hidden layer between others: it only projects $z$ onto the first
# maps. Biases are left out because batch norm subtracts each map's mean, and with it any bias.
#
# These sixteen lines are the networks that drew the digits above. To see it, hand them the trained weights.
#
# **Before you run the next cell.** The weights come from objects of another class, with other names. What has to be
# equal for this to work?

# %% tags=["nbval-check-output", "hide-output"]
mine = build_generator(64).eval(), build_discriminator(64).eval()
for ours, trained in zip(mine, (G, D), strict=True):
    ours.load_state_dict(dict(zip(ours.state_dict(), trained.state_dict().values(), strict=True)))

z = G.noise(8)
with torch.no_grad():
    assert torch.allclose(mine[0](z), G(z), atol=1e-5)
    assert torch.allclose(mine[1](G(z)).squeeze(1), D(G(z)).logits, atol=1e-4)
for name, network in zip(("G", "D"), mine, strict=True):
    print(f"{name}: {sum(weight.numel() for weight in network.parameters()):,} weights, and the same outputs")

# %% [markdown]
# The order of the layers and the shapes of their weights. Both networks compute what the library's do.
#
# The library's version has an argument for every rule, because we want to break them, and one for the depth:

# %%
show_source(dcgan.Generator)

# %% [markdown]
# `up` is the layer of section 3. For 64x64 pictures `size=64` makes two layers more, each with half as many maps as the
# one before: the $G$ of the paper's Figure 1.

# %% [markdown]
# ## 6. The first weights
#
# All weights begin as draws from a normal distribution of mean 0 and standard deviation 0.02. The scales of batch norm
# begin around 1, which stands in the authors' code only.

# %%
show_source(dcgan_)

# %% [markdown]
# A weight of 0.02 is small. What does a signal become that passes through such layers? The next cell follows it through
# an untrained $G$, once with batch norm and once without.
#
# **Before you run the next cell.** A unit of the second layer adds up 512 products of a weight and a number from below.
# Is its own number larger or smaller than theirs?

# %% tags=["hide-output"]
course_lib.seed(0)
for name, norm in (("with batch norm", nn.BatchNorm2d), ("without", None)):
    fresh = dcgan.Generator(size=28, channels=1, nf=64, start=7, batch_norm=norm)
    spreads, x = [], fresh.noise(200)
    with torch.no_grad():
        for block in fresh.blocks:
            x = block(x)
            spreads.append(x.std(0).mean().item())
    print(f"{name:16} spread over z of 7x7, 14x14 and image: " + ", ".join(f"{value:.3f}" for value in spreads))

# %% [markdown]
# Smaller: $\sqrt{512} \cdot 0.02$ is less than one half. Batch norm brings each layer back to a spread of about one,
# so that the size of the first weights hardly matters below the output. Without it the signal fades from layer to layer,
# and all $z$ give nearly the same grey picture. $G$ would begin where a collapsed one ends. Keep this in mind for
# section 8.
#
# So do the 0.02 matter at all? Three short trainings differ only in the standard deviation of the first weights: 0.02;
# what PyTorch does by itself; and 0.5. The networks are half as wide as those above, `nf` is 32.


# %%
def game_of(broken="nothing", start=None, seed=0):
    """A small DCGAN with one rule broken, whose first weights `start` draws anew, and its batches of digits."""
    course_lib.seed(seed)
    settings = replace(dcgan_rules.CPU, nf=32, broken=broken)
    G, D = dcgan_rules.networks(settings)  # both have called dcgan_ themselves
    if start is not None:
        start(G), start(D)
    game = Game(
        G,
        D,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(D, 2e-4),
        g_optimizer=adam(G, 2e-4),
    )
    x = embedded_digits("train").x
    return game, Batches(x, batch_size=64, seed=seed, scale_to=(dcgan_rules.lowest(settings), 1))


def pytorchs_(network):
    """Draw the weights as PyTorch's layers do when nobody says otherwise."""
    for layer in network.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    return network


# %% [markdown]
# **Before you run the next cell.** An untrained $D$ that knows nothing answers one half, and its loss is
# $\log 4 \approx 1.39$. Which of the three begins there, and which far above?

# %% tags=["hide-output"]
STARTS = {"0.02": None, "PyTorch's": pytorchs_, "0.5": lambda network: normal_(network, 0.5)}
losses, pictures = {}, []
fixed_z = torch.rand(10, 100, generator=torch.Generator().manual_seed(0)) * 2 - 1
for name, start in STARTS.items():
    game, batches = game_of(start=start)
    with torch.no_grad():
        pictures.append(game.generator(fixed_z))
    values = [values["D real or fake"] for _, values in islice(play(game, batches), by_size(quick=12, cpu=150))]
    losses[name] = torch.stack(values)
    with torch.no_grad():
        pictures.append(game.generator.eval()(fixed_z))
figures.show(figures.learning_by_start(losses), colours=16)
labels = [f"{name}, {when}" for name in STARTS for when in ("before", "after")]
figures.show(
    figures.image_grid(torch.cat(pictures), row_labels=labels, width=5.6, what="samples before and after 150 steps"),
    colours=16,
)

# %% [markdown]
# With 0.02 and with PyTorch's own weights the loss begins near $\log 4$, and after 200 steps light gathers in the
# middle. With 0.5 $D$ is sure of itself, and wrong, from the first step on; the tanh is in its flat parts, where no
# gradient passes, and the pictures are the same noise as before.
#
# Batch norm forgives a lot, then, but not at the two ends that have none: $G$'s output and $D$'s first layer and logit.
# PyTorch's default is as good here as the paper's rule. Initial weights of a sensible size matter, and their exact
# number does not.

# %% [markdown]
# ## 7. A training begins
#
# The whole game, with all rules kept, for 400 steps. The pictures are always of the same $z$.
#
# **While the next cell runs**, think of section 4 of lesson 04. Both losses will be drawn. What do they look like when
# the game is balanced, and what if $D$ wins?


# %% tags=["hide-output"]
def begin(broken, steps, shots):
    """Play so many steps. Returns both losses at every step, and pictures of the same z after the steps `shots`."""
    game, batches = game_of(broken)
    log, seen = [], []
    for step, values in islice(play(game, batches), steps):
        log.append(values)
        if step in shots:
            game.generator.eval()
            with torch.no_grad():
                seen.append(game.generator(fixed_z))
            game.generator.train()
    return {name: torch.stack([values[name] for values in log]) for name in log[0]}, seen


STEPS = by_size(quick=12, cpu=400)
SHOTS = [STEPS // 8, STEPS // 4, STEPS // 2, STEPS]
log, seen = begin("nothing", STEPS, SHOTS)
figures.show(figures.losses(log, {"log 4": torch.tensor(4.0).log().item()}, smooth=10), colours=16)
figures.show(
    figures.image_grid(
        torch.cat(seen), row_labels=[f"step {step}" for step in SHOTS], width=5.6, what="samples as training goes on"
    ),
    colours=16,
)

# %% [markdown]
# CONFIRM 7

# %% [markdown]
# ## 8. Each rule switched off
#
# What is a rule worth? Switch it off, keep everything else, and look. One of the seven live, first. Batch norm is
# gone from both networks, the first weights are as small as before.
#
# **Before you run the next cell.** Section 6 showed how such a $G$ begins. Can 400 steps mend it?

# %% tags=["hide-output"]
log, seen = begin("no batch norm", STEPS, SHOTS)
figures.show(figures.losses(log, {"log 4": torch.tensor(4.0).log().item()}, smooth=10), colours=16)
figures.show(
    figures.image_grid(
        torch.cat(seen), row_labels=[f"step {step}" for step in SHOTS], width=5.6, what="samples without batch norm"
    ),
    colours=16,
)

# %% [markdown]
# CONFIRM 8

# %% [markdown]
# But it is one training, and the last lessons have taught us what one training proves. So every rule
# was broken in turn on all of MNIST, 1,000 steps of 128 digits each, with several seeds, by
# `gan-course reproduce dcgan-rules --broken RULE`. Everything else is the same, the order of the data included.
#
# A classifier of real digits then judges 2,000 samples of each: their score, as of lesson 16 (1 is worst and 10 best);
# which share it names with a probability of at least 0.9, "clear" ones; and which share of the clear ones the commonest
# digit has, where 10 % would be even.
#
# **Before you run the next cell.** Put the six broken rules in order, from the one that hurts most to the one that
# hurts least.

# %% tags=["hide-output"]
found = {rules_recorded.LABELS[broken]: numbers for broken, numbers in rules_recorded.recorded().items()}
names = {
    "classifier_score_2k": "score",
    "clear_2k": "share clear",
    "largest_class_share_2k": "share of commonest digit",
}
figures.show(figures.worth_of_rules(found, names), colours=16)
for label, seeds in found.items():
    columns = []
    for name in names:
        values = [numbers[name] for numbers in seeds]
        columns.append(f"{mean(values):5.2f} ({min(values):.2f} to {max(values):.2f})")
    classes = sorted({numbers["classes_2k"] for numbers in seeds})
    print(f"{label:25} {'  '.join(columns)}  classes {' or '.join(map(str, classes))}")
print(f"seeds of each: {', '.join(str(len(seeds)) for seeds in found.values())}")

# %% [markdown]
# CONFIRM TABLE
#
# The pictures behind the numbers: seed 0, the same ten $z$ for every rule.

# %%
sheets = rules_recorded.samples()
figures.show(
    figures.image_grid(
        torch.cat(list(sheets.values())),
        row_labels=[rules_recorded.LABELS[broken] for broken in sheets],
        width=6.6,
        what="samples, a row for each broken rule",
    ),
    colours=16,
)

# %% [markdown]
# CONFIRM PICTURES
#
# ## 9. What goes wrong
#
# **A generator that is left in training mode.** Batch norm then measures its means and variances on the batch at hand.
# The picture of a $z$ depends on its neighbours.
#
# **Before you run the next cell.** The same $z$ in two batches, in training mode and in evaluation mode. By how much
# will its two pictures differ?

# %% tags=["hide-output"]
course_lib.seed(0)
z = G.noise(16)
others = torch.cat([z[:1], G.noise(15)])
for mode in ("train", "eval"):
    network = shipped("digits")[0].train(mode == "train")
    with torch.no_grad():
        gap = (network(z)[0] - network(others)[0]).abs().max().item()
    print(f"{mode:5}: largest difference of a pixel {gap:.3f}")

# %% [markdown]
# In evaluation mode batch norm uses averages that it kept during training, and the difference is rounding. Remember
# `G.eval()` before you sample. During training the coupling stays, and lesson 15 has a layer without it.
#
# **An argument in the wrong place.** A well-known implementation says `nn.BatchNorm2d(128, 0.8)`, meaning the momentum.
# The second argument is `eps`, which is added to the variance so that nothing is divided by 0.

# %% tags=["nbval-check-output"]
mistaken, meant = nn.BatchNorm2d(128, 0.8), nn.BatchNorm2d(128, momentum=0.8)
print(f"mistaken: eps {mistaken.eps}, momentum {mistaken.momentum}")
print(f"meant:    eps {meant.eps}, momentum {meant.momentum}")
x = 0.1 * torch.randn(64, 128, 7, 7, generator=torch.Generator().manual_seed(0))
print(f"a map of spread 0.1 comes out with {mistaken(x).std():.2f}, and with {meant(x).std():.2f}")

# %% [markdown]
# It trains all the same, which is why nobody noticed: where signals are weak, as in section 6, they just stay weak.
#
# **Real and generated images in two ranges.** A tanh makes pixels in $[-1, 1]$. Who forgets to scale the data leaves
# them in $[0, 1]$. How easily could $D$ tell them apart, without any network?

# %%
x = embedded_digits("train").scaled()[:500]
fake = digits.clamp(-1, 1)
for name, real in (("scaled to [-1, 1]", x), ("left in [0, 1]", (x + 1) / 2)):
    print(f"real digits {name:18}: darkest pixel {real.min():5.2f}; of generated ones {fake.min():5.2f}")

# %% [markdown]
# By the darkest pixel alone. Such a game can still be won by $G$, whose tanh learns to stay above 0, but it spends its
# beginning on this. A network whose loss is right and whose pictures stay grey deserves a look at the ranges first.
#
# **Initial weights that are never drawn.** Section 6 has shown that PyTorch's own would do here. Elsewhere they will
# not, and a function that is written, tested and never called is hard to see. Exercise 3 is about it.

# %% [markdown]
# ## 10. What to read
#
# - Radford, Metz and Chintala 2016, sections 3 and 4. Half a page of rules, and a page of settings.
# - Springenberg and others 2015, *Striving for simplicity: the all convolutional net*. Where rule 1 comes from.
# - Ioffe and Szegedy 2015, *Batch normalization*. Section 3 is enough.
# - Odena, Dumoulin and Olah 2016, *Deconvolution and checkerboard artifacts*, in Distill. Section 4, with pictures that
#   can be played with.
# - Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*. Sections 2 and 3, drawn out.
#
# The [exercises](../exercises/08_dcgan.ipynb) are about sizes, exact doubling, first weights, a $G$ of your own, and the
# detection of a broken rule. Lesson 09 walks through the latent space of the generators that you have met here.
