# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 11 · Features and memorising
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | the pooled feature vector | ●○○ | 10 |
# | 2 | a semantic hash: bits and bytes | ●●○ | 15 |
# | 3 | the 1-NN error when samples are equally near | ●●○ | 20 |
# | 4 | $C$ without a look at the test set | ●●○ | 15 |
# | 5 | precision and recall of the duplicates found | ●●● | 20 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import numpy as np
import torch
from sklearn.svm import LinearSVC
from torch.nn.functional import adaptive_max_pool2d

from course_lib import checks
from course_lib.data import embedded_digits
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.metrics import conv_features

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · The pooled feature vector &nbsp; ●○○ &nbsp; 10 minutes
#
# You are given the maps of each convolutional layer, for the same $n$ images. Divide every map into 4 x 4 equal parts,
# keep the largest value of each part, and put all of it into one row an image: layer by layer, in it map by map, and
# in a map row by row.
#
# Heights and widths are multiples of 4, and not always equal.
#
# <details><summary>Hint</summary>
# The size of a part hangs on the size of the map. In PyTorch there is a layer that is told the size of the grid
# instead of the size of the window.
# </details>
# <details><summary>Further hint</summary>
# <code>adaptive_max_pool2d(maps, 4)</code>, then <code>flatten(1)</code>, which keeps the first axis; and
# <code>torch.cat(parts, 1)</code>.
# </details>


# %%
def features_of(maps):
    """One row of features an image.

    maps: a list of tensors (n, channel, height, width), one a layer. Returns (n, 16 x number of channels in all).
    """
    ### BEGIN SOLUTION
    return torch.cat([adaptive_max_pool2d(one, 4).flatten(1) for one in maps], 1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.pooled_vector(features_of)

# %% [markdown] tags=["solution"]
# **Why the sign matters.** $D$ ends its layers in a leaky ReLU, so a map may be below 0 everywhere, and its largest
# value is then below 0. Pooling that starts from 0 would not see the difference between a little below and far below.
#
# With the $D$ that comes with the course:

# %% tags=["solution", "nbval-check-output"]
D, x = shipped("digits")[1], embedded_digits("test").scaled()[:50]
with torch.no_grad():
    first = D.blocks[0](x)
    mine = features_of([first, D.blocks[1](first)])
assert torch.allclose(mine, conv_features(D, x), atol=1e-4)
print(tuple(mine.shape))

# %% [markdown]
# ## Task 2 · A semantic hash &nbsp; ●●○ &nbsp; 15 minutes
#
# The code of an image is what the autoencoder's ReLU units say: numbers of which none is below 0 and many are exactly
# 0. Of each unit keep one bit: is it **on**, above 0, by however little? Pack eight bits into a byte, the first unit
# as the highest bit. So a code that begins with 0.3, 0, 0, 0, 0, 0, 0, 2 begins with the byte $128 + 1 = 129$.
#
# The number of units is a multiple of 8.
#
# <details><summary>Hint</summary>
# The places of a byte are worth 128, 64, 32, 16, 8, 4, 2, 1.
# </details>
# <details><summary>Further hint</summary>
# <code>numpy.packbits</code> packs along the axis that it is told; without one it makes a single long row of
# everything.
# </details>


# %%
def hash_of(code):
    """The bytes of each code.

    code: (n, units), at least 0. Returns (n, units / 8) whole numbers from 0 to 255.
    """
    ### BEGIN SOLUTION
    return torch.from_numpy(np.packbits((code > 0).numpy(), axis=1))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.semantic_hash(hash_of)

# %% [markdown] tags=["solution"]
# **Why not $\geq 0$.** After a ReLU that is true of every unit: all bits would be 1, and all images one group. The
# threshold at 0 is no tuning knob. It is the place where the ReLU itself switches: the bits say which linear map the
# image was sent through.

# %% [markdown]
# ## Task 3 · Equally near &nbsp; ●●○ &nbsp; 20 minutes
#
# The 1-NN test names a real image after its nearest sample. What if several samples are equally near? With a collapsed
# generator that is the rule: it draws the same picture again and again, sometimes under different labels. `argmin`
# takes the first it meets, so that the error would hang on the order of the samples.
#
# Share it out: of the samples that are nearest to an image, the share with a wrong label is the error of that image.
# The error of the test is the mean over the images. So an image with three nearest samples, one of them labelled
# rightly, adds $2/3$.
#
# The distance is Euclidean. The check's pixels are small whole numbers, whose squares add up without rounding, so that
# equally near is equal.
#
# <details><summary>Hint</summary>
# A table of distances, an image a row. Where in a row is its smallest value reached? That is a table of yes and no.
# </details>
# <details><summary>Further hint</summary>
# A second table of yes and no says which samples carry another label than the image. Both at once, counted a row, over
# the first, counted a row.
# </details>


# %%
def error_with_ties(samples, labels, x, y):
    """The 1-NN error, in [0, 1].

    samples: (m, pixel), with labels (m,). x: real images (n, pixel) of classes y (n,).
    """
    ### BEGIN SOLUTION
    squares = (x[:, None] - samples).square().sum(2)
    near = squares == squares.amin(1, keepdim=True)
    wrong = labels != y[:, None]
    return ((near & wrong).sum(1) / near.sum(1)).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.nearest_label_error(error_with_ties)

# %% [markdown] tags=["solution"]
# **What it is good for.** Ten samples, all the same picture, one under each label: the generator has collapsed and
# obeys nothing. By lot it would name one digit in ten rightly, and that is what it gets:

# %% tags=["solution", "nbval-check-output"]
digits = embedded_digits("test")
x, y = digits.x[:300].flatten(1).float(), digits.y[:300]
collapsed = x[:1].expand(10, -1)
print(f"shared out: {error_with_ties(collapsed, torch.arange(10), x, y):.2f}")
for order in (torch.arange(10), torch.arange(9, -1, -1)):
    by_first = (order[torch.zeros(300, dtype=torch.long)] != y).float().mean()
    print(f"the first decides: {by_first:.2f}")

# %% [markdown]
# ## Task 4 · $C$ without a look at the test set &nbsp; ●●○ &nbsp; 15 minutes
#
# `fit(part, C)` trains a classifier on a part of the data; `classifier.score(part)` is its accuracy on a part. Choose
# the best of the `Cs` **by validation**, and report the accuracy on the test part at that $C$. Where two do equally
# well, take the smaller $C$. The `Cs` come in no particular order.
#
# The check notes every look at the test part, and allows it at one $C$ only.
#
# <details><summary>Hint</summary>
# Two loops in one's head: first over the Cs, with the test part locked away; then nothing more is chosen.
# </details>
# <details><summary>Further hint</summary>
# <code>max(sorted(Cs), key=...)</code> returns the first of equals.
# </details>


# %%
def chosen_by_validation(fit, train, validation, test, Cs):
    """(C, accuracy on the test part).

    train, validation, test: parts, to be handed to fit and score as they are. Cs: a list of numbers above 0.
    """
    ### BEGIN SOLUTION
    best = max(sorted(Cs), key=lambda C: fit(train, C).score(validation))
    return best, fit(train, best).score(test)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.c_by_validation(chosen_by_validation)

# %% [markdown] tags=["solution"]
# **What the look is worth.** Of the classifiers below none has anything to learn: the labels are random, and every
# accuracy is one half but for chance. With 20 test examples and six values of $C$, who chooses by the test part reports
# more:


# %% tags=["solution", "nbval-check-output"]
class Fit:
    """A linear SVM on a part of the data."""

    def __init__(self, part, C):
        self.svm = LinearSVC(C=C, dual=True, random_state=0).fit(part[0].numpy(), part[1].numpy())

    def score(self, part):
        return self.svm.score(part[0].numpy(), part[1].numpy())


random = torch.Generator().manual_seed(0)
honest, peeked = [], []
for _ in range(100):
    train, validation, test = (
        (torch.randn(n, 30, generator=random), torch.randint(2, (n,), generator=random)) for n in (20, 20, 20)
    )
    Cs = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    honest.append(chosen_by_validation(Fit, train, validation, test, Cs)[1])
    peeked.append(max(Fit(train, C).score(test) for C in Cs))
print(f"chosen by validation {np.mean(honest):.2f}, chosen by the test part {np.mean(peeked):.2f}")

# %% [markdown]
# ## Task 5 · What the hashes found &nbsp; ●●● &nbsp; 20 minutes
#
# Among the images are planted copies. `original[i]` is the place of the image that image $i$ was copied from, and $i$
# itself if it is no copy. Images of equal hash are taken for duplicates: **of each group of equal hashes one is kept,
# the others are removed.**
#
# - Precision: of the removed images, the share that is rightly gone. A group that holds $k$ images of $m$ different
#   originals loses $k - 1$ images, of which $m - 1$ should have stayed. If nothing is removed, precision is 1.
# - Recall: of the copies, the share whose hash is their original's.
#
# Comparing all pairs takes too long for three million images: go through them once.
#
# <details><summary>Hint</summary>
# A dictionary from a hash to the originals of the images that have it.
# </details>
# <details><summary>Further hint</summary>
# <code>len(group) - 1</code> are removed, <code>len(set(group)) - 1</code> of them wrongly.
# </details>


# %%
def scores_of(hashes, original):
    """(precision, recall), each in [0, 1].

    hashes: a list of bytes, one an image. original: a list of places; at least one image is a copy.
    """
    ### BEGIN SOLUTION
    groups = {}
    for hashed, source in zip(hashes, original, strict=True):
        groups.setdefault(hashed, []).append(source)
    removed = sum(len(group) - 1 for group in groups.values())
    wrong = sum(len(set(group)) - 1 for group in groups.values())
    found = [hashes[i] == hashes[source] for i, source in enumerate(original) if source != i]
    precision = (removed - wrong) / removed if removed > 0 else 1.0
    return precision, sum(found) / len(found)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.duplicate_scores(scores_of)

# %% [markdown] tags=["solution"]
# **Why neither alone will do.** The same hash for all images has recall 1; hashes that are all different have precision
# 1. The number of bits moves a method from one end to the other, as the picture in section 7 of the lesson shows.
#
# And a copy may be removed although it is not found. Two copies that share a hash which is not their original's form a
# group, and one of them is rightly gone:

# %% tags=["solution", "nbval-check-output"]
for hashes in ([b"a", b"a", b"a"], [b"a", b"b", b"c"], [b"a", b"b", b"b"]):
    precision, recall = scores_of(hashes, [0, 0, 0])
    print(f"{[h.decode() for h in hashes]}: precision {precision:.1f}, recall {recall:.1f}")
