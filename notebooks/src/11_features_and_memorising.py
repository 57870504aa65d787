# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 11 · Features and memorising
#
# | | |
# |---|---|
# | **You will be able to** | turn a discriminator into a vector of features and measure what it is worth with a linear classifier and few labels; judge a generator by letting its samples teach a classifier; find near duplicates by equal hashes; say what a nearest neighbour proves about memorising, and what it does not |
# | **Minutes** | 80, and 80 for the exercises |
# | **You need** | lesson 08: the DCGAN and its discriminator; lesson 05: why test data choose nothing; a linear classifier |
#
# The source is Radford, Metz and Chintala 2016, *Unsupervised representation learning with deep convolutional
# generative adversarial networks*: sections 4.1.1, 5 and 6, and appendix A.1.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
from itertools import islice
from statistics import mean, stdev

import numpy as np
import torch
from torch.nn.functional import adaptive_max_pool2d

from course_lib import by_size, figures, play, show_source
from course_lib.data import embedded_digits, labelled_subset, open_data
from course_lib.experiments.dcgan import dcgan_duplicates, dcgan_mnist_nn
from course_lib.experiments.dcgan.dcgan_memorising import shifted
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.explore import walk
from course_lib.metrics import average_batch_norm, conv_features, linear_probe, nearest, nearest_neighbour_error
from course_lib.models import dcgan
from course_lib.models.autoencoder import Autoencoder, duplicates, train_autoencoder
from course_lib.training import ledger

course_lib.seed(0)

# %% [markdown]
# ## 1. The idea: what does D know?
#
# When a GAN is trained, the discriminator is thrown away. It has looked at every training image many times, and to
# tell real digits from made ones it had to notice strokes, their ends, their crossings. Nobody told it which digit is
# which. Did it learn something about digits all the same?
#
# A fair question to a network that knows no labels: *how few labels does a simple classifier need, if it looks at the
# world through your features?* If a **linear** classifier on top does well with a hundred labels, the features have
# done the work. This is a **linear probe**, and section 5 of the paper is one.
#
# The second half of the lesson asks the reverse of $G$: does it know the digits, or only the training images?
#
# ## 2. From maps to a vector
#
# The paper's recipe has three steps: run an image through $D$; max-pool the maps of **every** convolutional layer to a
# grid of 4x4; flatten and join everything. $D$ of the digits has two such layers, of 64 maps at 14x14 and 128 maps at
# 7x7.
#
# **Before you run the next cell.** How many numbers is the vector long?


# %% tags=["spelled-out", "hide-output", "nbval-check-output"]
def pooled_features(discriminator, x):
    """The maps of every block of D, max-pooled to 4x4, flattened and joined: (n, feature)."""
    parts = []
    for block in discriminator.blocks:
        x = block(x)
        parts.append(adaptive_max_pool2d(x, 4).flatten(1))
    return torch.cat(parts, 1)


G, D = shipped("digits")
digits = embedded_digits("train")
with torch.no_grad():
    features = pooled_features(D, digits.scaled()[:100])
print(f"{len(features)} digits, {features.shape[1]:,} numbers each")
assert torch.allclose(features, conv_features(D, digits.scaled()[:100]), atol=1e-4)

# %% [markdown]
# $(64 + 128) \cdot 16 = 3{,}072$, four times as many numbers as the digit has pixels. The last line compares with the
# library's `conv_features`, which the rest of the lesson uses. The networks are those that come with the course: $D$
# saw all 60,000 training digits of MNIST, and no label.
#
# Pooling keeps *that* something is there and *roughly* where. The next picture has a digit, five maps of $D$'s first
# layer, and below them what is left after pooling.

# %%
with torch.no_grad():
    maps = D.blocks[0](digits.scaled()[:1])[0]
figures.show(figures.pooled_maps(digits.scaled()[0], maps), colours=32)

# %% [markdown]
# Each map answers to strokes and edges of one kind, as lesson 10 showed from the other side. After pooling, one still
# sees which part of the digit the kind is in.
#
# ## 3. A linear classifier, and its one dial
#
# On top comes a linear L2-SVM. For each class it looks for weights $w$ and a bias $b$ that put this class on one
# side, $t = 1$, and all others on the other, $t = -1$:
#
# $$\min_{w, b}\; \tfrac12 \lVert w \rVert^2 + C \sum_i \max\bigl(0,\; 1 - t_i\,(w \cdot x_i + b)\bigr)^2 .$$
#
# The sum is the price of examples that lie on the wrong side, or less than 1 away from the border. $C$ says what
# they cost beside large weights. A tiny $C$ makes lazy weights that ignore the labels; a huge $C$ makes the classifier
# learn its few examples by heart. The unit of $C$ depends on the size of the features, so each kind of features needs
# its own choice. The choice is made on **validation** images, which are neither trained on nor reported.
#
# Of the 5,000 digits that the course carries, 3,000 are the pool from which labels are drawn, 1,000 validate, and
# 1,000 test. They all come from MNIST's training file, so this $D$ has seen them, as pictures, the test digits too. We
# come back to that.

# %%
pool, validation = digits.take(torch.arange(3_000)), digits.take(torch.arange(3_000, 4_000))
test = embedded_digits("test")


def some_labels(per_class, seed):
    """Places in the pool of so many digits of each class."""
    return labelled_subset(pool.y, per_class, seed)


untrained = dcgan.Discriminator(size=28, channels=1, nf=64, start=7).eval()
for network in (D, untrained):
    average_batch_norm(network, pool.scaled().split(100))

SEE = {
    "pixels": lambda x: x.flatten(1),
    "D, random weights": lambda x: conv_features(untrained, x),
    "D, trained": lambda x: conv_features(D, x),
}
seen = {kind: [see(part.scaled()) for part in (pool, validation, test)] for kind, see in SEE.items()}

# %% [markdown]
# The second kind is the network with the weights it starts from. It is there because a convolutional network is
# useful even before it has learned anything: neighbouring pixels are looked at together, and pooling forgives small
# moves. Only what the third kind has above the second was *learned*.
#
# Batch norm's running averages remember the last hundred batches. As in the paper's code, they are replaced by the
# plain averages over the training images.
#
# **Before you run the next cell.** 300 labels, 30 of each digit. How will the validation accuracy depend on $C$, and
# in which order will the three kinds come?

# %% tags=["hide-output", "spelled-out"]
CS = by_size(quick=[1e-4, 1e-2, 1], cpu=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])


def probe(kind, images_index, cs):
    """Fit on the labels at these places of the pool, choose C of `cs` on the validation digits, test."""
    on_pool, on_validation, on_test = seen[kind]
    known = on_pool[images_index], pool.y[images_index]
    return linear_probe(known, (on_validation, validation.y), (on_test, test.y), Cs=cs)


first = some_labels(30, 0)
curves = {kind: [probe(kind, first, [C]).validation_accuracy for C in CS] for kind in SEE}
figures.show(figures.accuracy_against_c(CS, curves), colours=16)

# %% [markdown]
# In the order pixels, random weights, trained weights, at every $C$. All three curves rise steeply, because with too
# small a $C$ the labels are hardly listened to, and are flat or fall a little at the other end. The dots are the
# chosen $C$.
#
# Now the test digits, once, with ten labels of each class. Which ten, matters: another hundred digits give another
# classifier. So there are six random choices of labels, and the $\pm$ is their standard deviation. As in the authors'
# code, $C$ is chosen on the first and kept for the others.
#
# **Before you run the next cell.** The steps from pixels to random weights, and from random to trained: which is
# larger?

# %% tags=["hide-output"]
for kind in SEE:
    found = [probe(kind, some_labels(10, 0), CS)]
    found += [probe(kind, some_labels(10, seed), [found[0].C]) for seed in range(1, by_size(quick=3, cpu=6))]
    errors = [100 * (1 - one.accuracy) for one in found]
    print(f"100 labels, {kind:18} C = {found[0].C:<6g} {mean(errors):4.1f} ± {stdev(errors):.1f} % wrong")

# %% [markdown]
# The second, by far: 2.5 points from pixels to random weights, 6 from random to trained. So a trained $D$ does know
# something about digits. The standard deviations of one or two points say how much hangs on *which* hundred digits are
# labelled; a comparison on a single choice could have come out otherwise.
#
# One $C$ lies at the end of those on offer, which is a warning: a better one may lie outside. Here the curve was flat
# at that end, so nothing is lost. `linear_probe` reports it as `C_at_edge`.
#
# ## 4. Beside stronger rivals
#
# Pixels are a weak rival. Two stronger ones stand in the paper's tables, and both are simple to state.
#
# **One layer of k-means.** Cut random patches of 6x6 pixels out of the training images, bring them to equal contrast,
# and let k-means find 192 typical ones. Tell an image by how near its patches are to each of them, pooled over a grid
# of 4x4 places. That makes 3,072 features, as many as $D$ has, learned without labels and without any game (Coates, Ng
# and Lee 2011).
#
# **The same network, supervised.** $D$'s architecture with ten outputs, trained on the few labelled digits alone. Its
# learning rate, weight decay, dropout and number of steps are drawn at random, a dozen times; the validation digits
# decide. The paper draws 64 times. Without such a search one would compare our care for one method with our neglect of
# the other.
#
# All that takes some ten minutes of one core, so it was run beforehand, on full MNIST, by
# `gan-course reproduce dcgan-digits-features`; the record is in the [ledger](../results/README.md). Its 10,000 test
# digits are ones that $D$ has never seen, not even as pictures.
#
# **Before you run the next cell.** Five curves against 100, 300 and 1,000 labels. Where will the k-means features
# come? And the supervised network, at either end?

# %% tags=["hide-output"]
numbers = [line["numbers"] for line in ledger.lines() if line["experiment"] == "dcgan-digits-features"][-1]
KINDS = {
    "k-means of patches": "kmeans",
    "D, trained": "dcgan",
    "supervised network": "supervised",
    "D, random weights": "random",
    "pixels": "pixels",
}
COUNTS = (100, 300, 1_000)
curves = {}
for label, name in KINDS.items():
    keys = [f"accuracy_percent_{name}_{count}_labels" for count in COUNTS]
    curves[label] = [numbers[key] for key in keys], [numbers[f"{key}_std"] for key in keys]
    print(f"{label:20}", "   ".join(f"{m:.1f} ± {s:.1f}" for m, s in zip(*curves[label], strict=True)))
figures.show(figures.accuracy_against_labels(COUNTS, curves), colours=32)

# %% [markdown]
# Three things can be read off.
#
# - **$D$ beats the same network supervised**, most of all where labels are fewest: 84.7 % against 77.1 % with a hundred.
#   With a thousand the two have nearly met. Pictures without labels taught $D$ what a few labels cannot.
# - The supervised network is about as good as **random weights** with a linear classifier on top. Without unlabelled
#   data, most of what it has is its architecture.
# - **One layer of k-means is better than $D$**, by a point or a little more; with a hundred labels that is within the
#   spread. On small, centred, grey digits a list of typical strokes and their places is nearly all there is to know, and
#   no game is needed to find it. Whoever had left this baseline out would have told a better story about GANs.
#
# ## 5. The paper's tables
#
# For CIFAR-10 the paper's $D$ was trained on ImageNet: it had never seen the images on which it was probed.
#
# | CIFAR-10 (Table 1) | accuracy | with 400 labels a class |
# |---|---|---|
# | one layer of k-means, 4,800 centroids | 80.6 % | 63.7 % |
# | three layers of k-means | 82.0 % | 70.7 % |
# | Exemplar CNN | 84.3 % | 77.4 % |
# | DCGAN features and L2-SVM | 82.8 % | 73.8 % |
#
# | SVHN, 1,000 labels (Table 2) | error |
# |---|---|
# | DCGAN features and L2-SVM | 22.48 % |
# | supervised network of the same architecture, best of 64 | 28.87 %, on validation images |
#
# On photographs, one layer of patches is not enough, and $D$ is well ahead of it where labels are few. The commands
# `gan-course reproduce dcgan-cifar10-probe` and `dcgan-svhn-probe` repeat both; what they found on our machines is in
# the ledger, with the size of their networks beside it.
#
# ### What goes wrong
#
# - **A validation set larger than the training set.** For SVHN, $C$ is chosen on 10,000 labelled images, while the
#   classifier may learn from 1,000. Who had those labels would train on them. The comparison of *features* is fair, as
#   all are chosen alike; the claim "with a thousand labels" is not quite what was done.
# - **$C$ chosen on the test set.** It is the same mistake as $\sigma$ in lesson 05, and it is just as easy: one
#   argument in the wrong place. A check of the exercises catches it.
# - **Features of images that $D$ has seen.** In section 3, $D$ had seen the test digits as pictures. That leaks no
#   label, and is even allowed where all unlabelled images are there from the start; but it has to be said.
# - **No baseline with random weights.** Without it, all of the architecture's merit is taken for learning.
#
# ## 6. Samples as teachers
#
# So much for $D$. Is $G$ any good? Here is a test that needs no likelihood, from appendix A.1. Take a *conditional*
# generator, and let its samples, with the labels they were asked for, **stand in for the training set** of the
# simplest classifier there is: name each real test digit as its nearest sample is named. If the samples of each class
# are digits of that class, and *all kinds* of them, every test digit has a good neighbour.
#
# **Before you run the next cell.** Four training sets, of which only the first is what it should be. In which order
# will their errors come?


# %% tags=["spelled-out", "hide-output"]
def one_nn_error(samples, sample_labels, x, y):
    """Name each real x as its nearest sample is named; the share where that is wrong."""
    closest = torch.cdist(x.flatten(1), samples.flatten(1)).argmin(1)
    return (sample_labels[closest] != y).float().mean().item()


train_x, train_y = pool.x.float() / 255, pool.y
x, y = test.x.float() / 255, test.y
random = torch.Generator().manual_seed(0)
means = torch.stack([train_x[train_y == digit].mean(0) for digit in range(10)])
one_each = some_labels(1, 0)
by_lot = torch.randint(10, (3_000,), generator=random)
disobedient = torch.where(torch.rand(3_000, generator=random) < 0.2, by_lot, train_y)
STAND_INS = {
    "real digits": (train_x, train_y),
    "the mean of each class": (means, torch.arange(10)),
    "real digits, one label in five by lot": (train_x, disobedient),
    "one real digit of each class": (train_x[one_each], train_y[one_each]),
}
errors = {name: one_nn_error(*heap, x, y) for name, heap in STAND_INS.items()}
for name, error in errors.items():
    print(f"{name:38} {100 * error:4.1f} %")
figures.show(figures.one_nn_errors(errors), colours=16)

# %% [markdown]
# The test notices both faults that a conditional generator can have. If it does not obey, real digits are named after
# samples that were asked for as something else: about 16 points more errors for one label in five drawn by lot. If it
# has collapsed, a digit of another style has no neighbour of its own class. The mean of each class is not even a digit,
# yet does better than one real digit of each class: a blurred centre is near to more of its class than any member is.
#
# What the test cannot notice: a generator that returns training images has the error of real digits. Section 8 is
# about that one.
#
# Now a generator that has learned. The paper's conditional DCGAN is told the label at every layer; this is its
# architecture with a quarter of its feature maps, and 600 moves of either player.

# %% tags=["spelled-out"]
settings = dcgan_mnist_nn.Settings(
    steps=by_size(quick=10, cpu=600), batch_size=32, nf=16, units=128, learning_rate=2e-3
)
plan = dcgan_mnist_nn.plan(settings, torch.device("cpu"))
for _ in islice(play(plan.game, plan.batches), settings.steps):
    pass
conditional = plan.game.generator.eval()


def draw(n):
    """n samples of the conditional generator, equally many of each digit."""
    labels = torch.arange(n) % 10
    with torch.no_grad():
        samples = [conditional(conditional.noise(len(part)), part) for part in labels.split(500)]
    return torch.cat(samples), labels


samples, labels = draw(by_size(quick=500, cpu=20_000))
figures.show(figures.image_grid(samples[:40] * 2 - 1, what="digits, drawn in the order 0 to 9"), colours=16)

# %% [markdown]
# Most are what was asked for; some have broken strokes.
#
# Real digits are few. Samples can be drawn without end, and each one more may be nearer to some test digit.
#
# **Before you run the next cell.** The error of real digits and of samples against how many there are. Will 20,000
# samples do what 3,000 real digits do?

# %% tags=["hide-output"]
counts = {"real digits": [10, 30, 100, 300, 1_000, 3_000], "samples": [10, 30, 100, 300, 1_000, 3_000, 10_000, 20_000]}
heaps = {"real digits": (train_x, train_y), "samples": (samples, labels)}
curves = {
    name: [nearest_neighbour_error(heaps[name][0][:n], heaps[name][1][:n], x, y).error for n in counts[name]]
    for name in counts
}
for name, values in curves.items():
    print(f"{name:12}", "  ".join(f"{n:,}: {100 * e:.1f} %" for n, e in zip(counts[name], values, strict=True)))
figures.show(figures.error_against_samples(counts, curves), colours=16)

# %% [markdown]
# No. With ten examples, or thirty, the samples are even the better teachers: they are typical digits, and a few real
# ones may be odd. From a hundred on, real digits win. The samples' curve bends at about 20 %, and twenty times as many
# samples make the error smaller by less than five points. From 3,000 to 10,000 it even rises: one more sample may also be
# a nearer neighbour with the wrong label. What these samples lack is not number. Some were
# asked for as one digit and look like another, and most of what they add seems to resemble what was there.
#
# The paper's generator has four times as many feature maps and was trained some hundred times longer, on 50,000 digits.
# Its Table 3:
#
# | training set of the 1-NN classifier | error with 50,000 | with 10 million |
# |---|---|---|
# | real digits | 3.1 % | |
# | samples of a fully connected GAN | 6.28 % | 5.65 % |
# | samples of the DCGAN | 2.98 % | 1.48 % |
#
# With as many samples as digits it draws level with real data, and with two hundred times as many it halves their
# error. No law forbids that. With ever more examples *from the true distribution*, the 1-NN error falls towards a
# limit of at most twice the error of the best possible classifier (Cover and Hart 1967), and for digits that is close
# to zero. 50,000 digits are far from the limit. A generator that puts new digits between the known ones goes on where
# the data end.
#
# `gan-course reproduce dcgan-mnist-1nn` trains the paper's network and enters its error in the ledger.
#
# ## 7. Near duplicates
#
# A generator trained on a data set with the same picture in it a hundred times would do well to learn that picture by
# heart. So the authors first removed near duplicates from three million bedrooms. Comparing all pairs is out of the
# question: $3\,000\,000^2 / 2$ is $4.5 \cdot 10^{12}$. They used a **semantic hash**: an autoencoder
# with one hidden layer of 128 ReLU units, trained to give back images to which noise was added, while some of its units
# were silenced at random. Of the code, only this is kept: which units are **on**, above 0? That is 128 bits. Pictures with equal
# bits count as duplicates, and those are found by sorting.

# %%
show_source(Autoencoder)

# %% [markdown]
# Noise and dropout are what makes it work: if a bit turned with every small change of the picture, the net could not
# rebuild the picture from a code of noisy pixels with units missing. The paper gives no amounts; below, noise has a
# standard deviation of one half, white and black being 1 apart, and half of the units are silenced.
#
# To measure how well it works, the truth must be known. So we plant it: among 3,000 emoji, a hundred copies of each of
# four kinds.

# %%
emoji = open_data("emoji", 32).x
random = torch.Generator().manual_seed(0)
emoji = emoji[torch.randperm(len(emoji), generator=random)][: by_size(quick=400, cpu=3_000)]
each = by_size(quick=20, cpu=100)
everything, original = dcgan_duplicates.plant(emoji, each)  # the emoji, then the copies; and the place of each original
kinds = ["noisy", "JPEG", "rescaled", "brighter"]
shown = torch.cat([everything[[i * each + 1, len(emoji) + i * each + 1]] for i in range(4)])
figures.show(
    figures.image_grid(
        shown.float() / 127.5 - 1, columns=2, width=2.2, row_labels=kinds, what="emoji, each beside its copy"
    )
)

# %% [markdown]
# No two of a pair have the same bytes, and hardly an eye would tell them apart.
#
# The emoji's mean is taken off first. Drawings on white are all alike at the edges, and the units should have something
# better to say.
#
# **Before you run the next cell.** 64 bits of an emoji, of its noisy copy, and of another emoji. In how many bits do
# you expect each pair to differ?

# %% tags=["hide-output"]
centred = everything.float()
centred = (centred - centred.mean(0)) / 255
units = by_size(quick=16, cpu=64)
autoencoder = train_autoencoder(centred, epochs=by_size(quick=2, cpu=10), code_dim=units, noise=0.5, dropout=0.5)
with torch.no_grad():
    bits = autoencoder.code(centred) > 0
packed = torch.from_numpy(np.packbits(bits.numpy(), axis=1))  # eight bits to a byte
assert torch.equal(packed, autoencoder.hash(centred))
copy = len(emoji) + 1  # the second noisy one
for name, row in (("an emoji", original[copy]), ("its copy", copy), ("another", 50)):
    apart = (bits[row] != bits[copy]).sum()
    print(f"{name:9}", "".join("#" if bit else "." for bit in bits[row]), f"{apart:2} bits from the copy's")

# %% [markdown]
# In none, and in half of them, as if by lot. Now all of them. If one of each group of equal hashes is kept and the others are removed,
#
# - **precision** is the share of the removed that deserved it, having an original among those kept;
# - **recall** is the share of the planted copies whose hash is that of their original.
#
# **Before you run the next cell.** From 16 bits to 256. Which of the two rises, which falls?


# %% tags=["hide-output"]
def found(hashes):
    """Images removed, precision, and the recall of each kind of copy, if equal hashes are duplicates."""
    groups = duplicates(hashes)
    removed = sum(len(group) - 1 for group in groups)
    wrong = dcgan_duplicates.false_positives(groups, original)
    same = (hashes[len(emoji) :] == hashes[original[len(emoji) :]]).all(1).split(each)
    return removed, 1 - wrong / max(1, removed), [part.float().mean().item() for part in same]


BITS = by_size(quick=[16, 128], cpu=[16, 32, 64, 128, 256])
curves = {name: [] for name in ("precision", *(f"recall, {kind}" for kind in kinds))}
for n in BITS:
    fitted = train_autoencoder(centred, epochs=by_size(quick=1, cpu=8), code_dim=n, noise=0.5, dropout=0.5)
    removed, precision, recalls = found(fitted.hash(centred))
    for name, value in zip(curves, (precision, *recalls), strict=True):
        curves[name].append(value)
    print(f"{n:4} bits: {removed:5,} removed, precision {precision:.2f}, recall {mean(recalls):.2f}")
figures.show(figures.found_by_bits(BITS, curves), colours=32)

# %% [markdown]
# Precision rises, recall falls. Every bit is one more chance to tell two different pictures apart, and one more chance
# that a copy falls on the other side of 0. With 16 bits the same hash is given to most of the set; with 256, few copies
# are found. Changes that reach all pixels in the same direction, such as brightness, cost most.
#
# Which number of bits is right depends on what an error costs. Of three million bedrooms one can spare thousands, and
# the authors chose 128 bits, few false positives: less than 1 in 100 by their own eyes. For how many duplicates were
# *left* they could only guess.
#
# What are the false positives, at 64 bits? Nobody planted the next pairs.

# %%
own = duplicates(packed[: len(emoji)])[:8]
pairs = torch.stack([emoji[group[:2]] for group in own], 1).flatten(0, 1)
figures.show(
    figures.image_grid(
        pairs.float() / 127.5 - 1, columns=len(own), width=6, what="emoji with equal hashes, one above the other"
    )
)

# %% [markdown]
# Same outline, same colours, and another sign in the middle. The hash is called semantic and knows no meaning: what
# it keeps is what a small autoencoder needs to get most pixels right.
#
# ## 8. Has it memorised?
#
# "Your generator just remembers its training images." The usual reply is a picture: samples, each beside its nearest
# training image, and they differ. The paper declines to make one: *nearest neighbors in pixel or feature space are
# trivially fooled by small image transforms* (section 6, after Theis et al. 2015). Let us see how trivially.
#
# Take 400 digits, move each by a pixel or two, and look for the nearest among all 4,000, in pixels and in $D$'s pooled
# features. Nobody would call the moved digit another digit.
#
# **Before you run the next cell.** In how many of 100 cases is the nearest still the digit itself?

# %% tags=["hide-output"]
known = digits.scaled()
originals, others = known[:400], known[400:]
in_features = torch.cat([conv_features(D, part) for part in (originals, others)])
MOVES = {"not at all": (0, 0), "1 right": (1, 0), "1 down": (0, 1), "2 right": (2, 0), "1 right, 1 down": (1, 1)}
for name, move in MOVES.items():
    copies = shifted(originals, *move)
    by_pixels = nearest(copies, known).index
    by_features = nearest(conv_features(D, copies), in_features).index
    again = [(index == torch.arange(400)).float().mean().item() for index in (by_pixels, by_features)]
    print(f"moved {name:16} found again: in pixels {again[0]:4.0%}, in D's features {again[1]:4.0%}")

# %% [markdown]
# One pixel to the right, and nearly half are lost; one to the right and one down, and nearly all. Pooling does not
# help much: $D$'s convolutions move by two pixels at a time, so that a move by one gives other features before
# anything is pooled. Among 9,500 training digits, {{dcgan-memorising:found_again_moved_1_pixels_percent:.0f}} % of
# those moved right and down are found again in pixels, and {{dcgan-memorising:found_again_moved_1_features_percent:.0f}} %
# in features.
#
# The reason is in two distances.

# %%
copies = shifted(originals, 1, 1)
other = nearest(copies, others)
to_itself = (copies - originals).flatten(1).norm(dim=1)
print(
    f"median distance to the original {to_itself.median():.1f}, to the nearest other digit {other.distance.median():.1f}"
)
rows = torch.cat([originals[:10], copies[:10], others[other.index[:10]]])
figures.show(
    figures.image_grid(
        rows,
        width=6,
        row_labels=["digit", "moved", "nearest other"],
        what="digits, copies moved by a pixel each way, and the nearest other digits",
    ),
    colours=16,
)

# %% [markdown]
# A thin stroke that moves by its own width no longer overlaps with itself. In pixels, a digit is then farther from
# itself than from another person's digit that happens to lie in the same place.
#
# So plant a generator that did memorise, twice: one returns training digits as they are, the other moves each by up to
# a pixel. Beside them stand test digits, which are no copies by construction, and samples of the $G$ that comes with
# the course.
#
# **Before you run the next cell.** For each heap, the share of images within a distance of the nearest of our 4,000
# digits. Which curves will lie left of the test digits'?

# %% tags=["hide-output"]
pick = torch.randint(len(known), (300,), generator=random)
by_pixel = torch.randint(-1, 2, (300, 2), generator=random).tolist()
heaps = {"exact copies": known[pick]}
heaps["copies, moved"] = torch.cat([shifted(known[i : i + 1], *move) for i, move in zip(pick, by_pixel, strict=True)])
heaps["test digits"] = test.scaled()[:300]
with torch.no_grad():
    heaps["samples of G"] = G(G.noise(300))
distances = {name: nearest(heap, known).distance for name, heap in heaps.items()}
figures.show(figures.shares_within(distances), colours=16)

# %% [markdown]
# The exact copies are convicted: all at distance 0. The moved ones get away, but for the one in nine that happened not
# to be moved; their curve runs with that of honest test digits. The samples of $G$ lie *farther* away than test digits.
#
# That clears $G$ of exact copying, as far as it goes: it saw 60,000 digits and we searched 4,000. With all 60,000, the
# median distance is {{dcgan-memorising:median_distance_samples:.1f}} for samples and
# {{dcgan-memorising:median_distance_test:.1f}} for test digits, and of the samples
# {{dcgan-memorising:nearer_than_1_percent_of_test_percent:.0f}} % come as near as the nearest hundredth of test digits.
#
# A larger distance is no merit, by the way. It is what blurred, broken or strange digits have, too.
#
# **The repair**: look for copies in the way in which they may have been changed. Here is the same search with the image
# moved back and forth by a pixel.
#
# **Before you run the next cell.** Which of the four curves will move, and how far?


# %% tags=["hide-output"]
def nearest_when_moved(x, known):
    """Distance to the nearest of the known images, where x may be moved by up to a pixel each way."""
    tried = [nearest(shifted(x, right, down), known).distance for right in (-1, 0, 1) for down in (-1, 0, 1)]
    return torch.stack(tried).amin(0)


aligned = {name: nearest_when_moved(heap, known) for name, heap in heaps.items()}
for name, values in aligned.items():
    print(f"{name:14} median {distances[name].median():4.1f}, when moves are allowed {values.median():4.1f}")
figures.show(figures.shares_within(aligned, what="distance, moves by a pixel allowed"), colours=16)

# %% [markdown]
# The moved copies are convicted as well. Test digits and samples come a little nearer too, because nine tries find a
# better match than one, and that is why test digits belong into every such picture: without them one would not know
# what near is.
#
# Copies that are turned, thickened or mirrored still get away. **A small distance convicts; a large one acquits of
# nothing but what was searched for.**
#
# ### A test from inside
#
# The paper's own argument is another. If $G$ had a store of pictures, a small step in $z$ would either change nothing
# or fetch another picture. A `Memoriser` makes that visible: it keeps every training digit at a place in the latent
# space.
#
# **Before you run the next cell.** A straight walk in eleven steps, through $G$ and through the memoriser. The cell
# prints how far the picture moves at each step. What will the two lists look like?


# %% tags=["hide-output"]
class Memoriser:
    """Keeps images, each at a place of its own in the latent space, and returns the one nearest to z."""

    def __init__(self, images):
        self.images, self.places = images, 2 * torch.rand(len(images), 100, generator=random) - 1

    def __call__(self, z):
        return self.images[torch.cdist(z, self.places).argmin(1)]


ends = 2 * torch.rand(2, 100, generator=torch.Generator().manual_seed(3)) - 1
path = walk(ends, 11)
with torch.no_grad():
    walks = {"G": G(path), "memoriser": Memoriser(known)(path)}
for name, images in walks.items():
    steps = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    print(f"{name:9} steps of", " ".join(f"{step:4.1f}" for step in steps))
figures.show(
    figures.image_grid(
        torch.cat(list(walks.values())),
        columns=12,
        width=7,
        row_labels=list(walks),
        what="images on two walks, of G and of a memoriser",
    ),
    colours=16,
)

# %% [markdown]
# $G$ takes steps of one size; the memoriser stands still and jumps. This is why lesson 09's walks are evidence, and
# not only beautiful: *sharp transitions* are the sign to look for (section 6.1).
#
# It is evidence, and no proof. A network is continuous and can blend smoothly from one stored picture to the next; then
# the pictures halfway are blends and not digits. The paper gives three reasons together: one pass over the data during
# which samples already looked good, duplicates removed, walks without jumps.
#
# ## 9. What to read
#
# - Radford, Metz and Chintala 2016: section 5 and its two tables; section 4.1 on memorising, with 4.1.1 on duplicates;
#   appendix A.1 for the 1-NN test.
# - Theis, van den Oord and Bethge 2015, *A note on the evaluation of generative models*, section 3.3: the figure in
#   which a picture moved by some pixels has another nearest neighbour.
# - Coates, Ng and Lee 2011, *An analysis of single-layer networks in unsupervised feature learning*: why one layer of
#   k-means is so hard to beat.
# - Cover and Hart 1967, *Nearest neighbor pattern classification*.
#
# ## 10. Exercises
#
# [the exercise notebook](../exercises/11_features_and_memorising.ipynb): five tasks, about 80 minutes. The pooled
# feature vector; a semantic hash, bits and bytes; the 1-NN error when several samples are equally near; $C$ without a
# look at the test set; precision and recall of the duplicates found.
