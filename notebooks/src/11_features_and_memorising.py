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
from course_lib.data import embedded_digits, open_data
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

# %% tags=["hide-output"]
CS = by_size(quick=[1e-4, 1e-2, 1], cpu=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])


def probe(kind, images_index, cs):
    """Fit on the labels at these places of the pool, choose C of `cs` on the validation digits, test."""
    on_pool, on_validation, on_test = seen[kind]
    known = on_pool[images_index], pool.y[images_index]
    return linear_probe(known, (on_validation, validation.y), (on_test, test.y), Cs=cs)


def some_labels(per_class, seed):
    """Places in the pool of so many digits of each class."""
    return course_lib.data.labelled_subset(pool.y, per_class, seed)


first = some_labels(30, 0)
curves = {kind: [probe(kind, first, [C]).validation_accuracy for C in CS] for kind in SEE}
figures.show(figures.accuracy_against_c(CS, curves), colours=16)

# %% [markdown]
# PLACEHOLDER

# %%
for kind in SEE:
    found = [probe(kind, some_labels(10, 0), CS)]  # C is chosen once, as in the authors' code
    found += [probe(kind, some_labels(10, seed), [found[0].C]) for seed in range(1, by_size(quick=3, cpu=6))]
    errors = [100 * (1 - one.accuracy) for one in found]
    print(f"100 labels, {kind:18} C = {found[0].C:<6g} {mean(errors):4.1f} ± {stdev(errors):.1f} % wrong")

# %% [markdown]
# PLACEHOLDER

# %%
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
# PLACEHOLDER


# %%
def one_nn_error(samples, sample_labels, x, y):
    """Name each real x as its nearest sample is named; the share where that is wrong."""
    closest = torch.cdist(x.flatten(1), samples.flatten(1)).argmin(1)
    return (sample_labels[closest] != y).float().mean().item()


train_x, train_y = pool.x.float() / 255, pool.y
x, y = test.x.float() / 255, test.y
random = torch.Generator().manual_seed(0)
means = torch.stack([train_x[train_y == digit].mean(0) for digit in range(10)])
one_each = some_labels(1, 0)
noisy_y = torch.where(torch.rand(3_000, generator=random) < 0.2, torch.randint(10, (3_000,), generator=random), train_y)
STAND_INS = {
    "real digits": (train_x, train_y),
    "real digits, one label in five drawn by lot": (train_x, noisy_y),
    "the mean of each class": (means, torch.arange(10)),
    "one digit of each class": (train_x[one_each], train_y[one_each]),
}
errors = {name: one_nn_error(*heap, x, y) for name, heap in STAND_INS.items()}
figures.show(figures.one_nn_errors(errors), colours=16)

# %%
settings = dcgan_mnist_nn.Settings(
    steps=by_size(quick=10, cpu=600), batch_size=32, nf=16, units=128, learning_rate=2e-3
)
plan = dcgan_mnist_nn.plan(settings, torch.device("cpu"))
for step, values in islice(play(plan.game, plan.batches), settings.steps):
    pass
conditional = plan.game.generator.eval()


def draw(n):
    """n samples of the conditional generator, equally many of each digit."""
    labels = torch.arange(n) % 10
    with torch.no_grad():
        samples = [conditional(conditional.noise(len(part)), part) for part in labels.split(500)]
    return torch.cat(samples), labels


samples, labels = draw(20_000)
figures.show(figures.image_grid(samples[:40] * 2 - 1, what="digits, drawn in the order 0 to 9"), colours=16)

# %%
counts = {"real digits": [10, 30, 100, 300, 1_000, 3_000], "samples": [10, 30, 100, 300, 1_000, 3_000, 10_000, 20_000]}
heaps = {"real digits": (train_x, train_y), "samples": (samples, labels)}
curves = {
    name: [nearest_neighbour_error(heaps[name][0][:n], heaps[name][1][:n], x, y).error for n in counts[name]]
    for name in counts
}
for name in counts:
    print(f"{name:12}", "  ".join(f"{n:,}: {100 * e:.1f} %" for n, e in zip(counts[name], curves[name], strict=True)))
figures.show(figures.error_against_samples(counts, curves), colours=16)

# %% [markdown]
# PLACEHOLDER dedup

# %%
show_source(Autoencoder)

# %%
emoji = open_data("emoji", 32).x
random = torch.Generator().manual_seed(0)
emoji = emoji[torch.randperm(len(emoji), generator=random)][: by_size(quick=400, cpu=3_000)]
each = by_size(quick=20, cpu=100)
with torch.random.fork_rng():
    torch.manual_seed(0)
    everything, original = dcgan_duplicates.plant(emoji, each)
centred = everything.float()
centred = (centred - centred.mean(0)) / 255
kinds = [kind.__name__.replace("_", " ") for kind in dcgan_duplicates.KINDS]
shown = torch.stack([everything[[i * each + 1, len(emoji) + i * each + 1]] for i in range(4)]).flatten(0, 1)
figures.show(
    figures.image_grid(
        shown.float() / 127.5 - 1, columns=2, width=1.8, row_labels=kinds, what="emoji, each beside its copy"
    )
)

# %%
autoencoder = train_autoencoder(centred, epochs=by_size(quick=2, cpu=10), code_dim=64, noise=0.5, dropout=0.5)
with torch.no_grad():
    code = autoencoder.code(centred)
bits = code > 0
packed = torch.from_numpy(np.packbits(bits.numpy(), axis=1))
assert torch.equal(packed, autoencoder.hash(centred))
place = len(emoji) + 1  # the second noisy copy
for name, row in (("emoji", original[place]), ("its copy", place), ("another", 50)):
    print(f"{name:9}", "".join("#" if bit else "." for bit in bits[row]))


# %%
def found(hashes):
    """(precision, recall of each kind) of calling images with equal hashes duplicates."""
    groups = duplicates(hashes)
    removed = sum(len(group) - 1 for group in groups)
    wrong = dcgan_duplicates.false_positives(groups, original)
    same = (hashes[len(emoji) :] == hashes[original[len(emoji) :]]).all(1).split(each)
    return 1 - wrong / max(1, removed), [part.float().mean().item() for part in same], removed


BITS = by_size(quick=[16, 128], cpu=[16, 32, 64, 128, 256])
curves = {name: [] for name in ("precision", *(f"recall, {kind}" for kind in kinds))}
for n in BITS:
    fitted = train_autoencoder(centred, epochs=by_size(quick=1, cpu=8), code_dim=n, noise=0.5, dropout=0.5)
    precision, recalls, removed = found(fitted.hash(centred))
    for name, value in zip(curves, (precision, *recalls), strict=True):
        curves[name].append(value)
    print(f"{n:4} bits: {removed:5,} removed, precision {precision:.2f}, recall {mean(recalls):.2f}")
figures.show(figures.found_by_bits(BITS, curves), colours=32)

# %%
own = duplicates(packed[: len(emoji)])[:8]
pairs = torch.stack([emoji[group[:2]] for group in own], 1).flatten(0, 1)
figures.show(
    figures.image_grid(
        pairs.float() / 127.5 - 1, columns=len(own), width=6, what="emoji with equal hashes, one above the other"
    )
)

# %% [markdown]
# PLACEHOLDER memorising

# %%
originals, others = digits.scaled()[:400], digits.scaled()[400:]
in_features = [conv_features(D, part) for part in (originals, others)]
moves = {"not at all": (0, 0), "1 right": (1, 0), "1 down": (0, 1), "2 right": (2, 0), "1 right, 1 down": (1, 1)}
for name, move in moves.items():
    copies = shifted(originals, *move)
    in_pixels = nearest(copies, torch.cat([originals, others])).index
    by_features = nearest(conv_features(D, copies), torch.cat(in_features)).index
    again = [(index == torch.arange(400)).float().mean().item() for index in (in_pixels, by_features)]
    print(f"moved {name:16} found again: in pixels {again[0]:4.0%}, in D's features {again[1]:4.0%}")

# %%
copies = shifted(originals, 1, 1)
to_itself = (copies - originals).flatten(1).norm(dim=1)
to_another = nearest(copies, others).distance
print(f"median distance to the original {to_itself.median():.1f}, to the nearest other digit {to_another.median():.1f}")
rows = torch.cat([originals[:10], copies[:10], others[nearest(copies[:10], others).index]])
figures.show(
    figures.image_grid(
        rows,
        width=6,
        row_labels=["digit", "moved", "nearest other"],
        what="digits, copies moved by a pixel each way, and the nearest other digits",
    ),
    colours=16,
)

# %%
known = digits.scaled()
pick = torch.randint(len(known), (300,), generator=random)
by_pixel = torch.randint(-1, 2, (300, 2), generator=random)
exact = known[pick]
moved = torch.cat([shifted(x[None], *move) for x, move in zip(exact, by_pixel.tolist(), strict=True)])
with torch.no_grad():
    samples = G(G.noise(300))
heaps = {"exact copies": exact, "copies, moved": moved, "test digits": test.scaled()[:300], "samples of G": samples}
distances = {name: nearest(heap, known).distance for name, heap in heaps.items()}
figures.show(figures.shares_within(distances), colours=16)


# %%
def nearest_when_moved(x, known):
    """Distance to the nearest of the known images, where x may be moved by up to a pixel each way."""
    tried = [nearest(shifted(x, right, down), known).distance for right in (-1, 0, 1) for down in (-1, 0, 1)]
    return torch.stack(tried).amin(0)


aligned = {name: nearest_when_moved(heap, known) for name, heap in heaps.items()}
figures.show(figures.shares_within(aligned, what="distance, moves by a pixel allowed"), colours=16)


# %%
class Memoriser:
    """Keeps training images, each at a place of its own in the latent space, and returns the nearest."""

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
