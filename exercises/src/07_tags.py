# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 07 · Conditional GAN for tags
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | the nearest words | ●○○ | 10 |
# | 2 | the paper's vote | ●●○ | 15 |
# | 3 | precision and recall at k (mathematics and code) | ●●○ | 15 |
# | 4 | a split that does not leak | ●●● | 20 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
from collections import Counter

import torch
from torch.nn.functional import normalize

import course_lib
from course_lib import checks
from course_lib.data import embedded_emoji
from course_lib.data.tag_rows import tagged_emoji
from course_lib.metrics import nearest, precision_at_k, recall_at_k

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · The nearest words &nbsp; ●○○ &nbsp; 10 minutes
#
# The cosine of two vectors is $\cos(a, b) = \dfrac{a \cdot b}{\lVert a \rVert\, \lVert b \rVert}$. Frequent words often
# have longer vectors, and a product without the lengths prefers them:

# %% tags=["nbval-check-output"]
toy = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [8.0, 8.0], [-1.0, 0.0]], dtype=torch.float64)
print("products with word 0:", (toy @ toy[0]).tolist())

# %% [markdown]
# Word 1 points almost where word 0 points, and word 3 wins. Write a function that finds the $k$ words nearest to a
# given one by cosine. Use PyTorch's products and sorting, not its cosine.
#
# <details><summary>Hint</summary>
# Divide each row by its own length first. Then one product of the table with one row gives all cosines.
# </details>
# <details><summary>Further hint</summary>
# <code>vectors.norm(dim=1, keepdim=True)</code> is the column of lengths. The word itself has cosine 1, the largest
# there is: set it to something lower than -1 before you sort, or ask for one more and leave it out.
# </details>


# %%
def neighbours(vectors, place, k):
    """The places of the k words nearest to the word at `place` by cosine, the nearest first, without itself.

    vectors: (word, dim), no row zero. place: of a word, from 0. k: at most the number of the other words.
    """
    ### BEGIN SOLUTION
    directions = vectors / vectors.norm(dim=1, keepdim=True)
    cosine = directions @ directions[place]
    cosine[place] = -2.0  # below every cosine
    return cosine.topk(k).indices
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.nearest_words(neighbours)

# %% tags=["nbval-check-output"]
print("nearest to word 0:", [int(place) for place in neighbours(toy, 0, 4)])

# %% [markdown] tags=["solution"]
# **Why.** Word 3 is at 45 degrees and comes second, however long it is; word 4 points the other way and comes last.
# A cosine of -1 is as far as one can be. (Setting `cosine[place]` is safe here, since `directions @ ...` made a new
# tensor. `vectors[place] = ...` would change what the caller owns.)

# %% [markdown]
# ## Task 2 · The paper's vote &nbsp; ●●○ &nbsp; 15 minutes
#
# For one picture there are 100 samples, each a vector. Write the paper's evaluation: each sample votes for the `nearest`
# words nearest to it by cosine, and the `keep` words with most votes are kept, most votes first. Of words with equally
# many votes any may come first.
#
# Before you begin: why is this not the same as looking for the words nearest to the mean of the samples? Think of a
# picture whose samples lie half around "sun" and half around "moon".
#
# <details><summary>Hint</summary>
# Three steps: a table of cosines, (sample, word); the columns of the largest in each row; how often each column comes.
# </details>
# <details><summary>Further hint</summary>
# <code>table.topk(nearest, dim=1).indices</code>, then <code>.flatten()</code>, then <code>.bincount(minlength=...)</code>
# counts how often each place comes.
# </details>


# %%
def tags_of(samples, vectors, nearest, keep):
    """The places of the `keep` words that are most often among the `nearest` words to a sample, most votes first.

    samples: (sample, dim). vectors: (word, dim). No row is zero. keep is at most nearest.
    """
    ### BEGIN SOLUTION
    cosine = normalize(samples, dim=1) @ normalize(vectors, dim=1).T
    votes = cosine.topk(nearest, dim=1).indices.flatten().bincount(minlength=len(vectors))
    return votes.topk(keep).indices
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.tags_by_vote(tags_of)

# %% [markdown] tags=["solution"]
# **Why not the mean.** Between "sun" and "moon" lies something that may be "planet", a word that no sample was near. The
# vote keeps both sides, and this is what samples are for. Here it is with two clouds and a word in between:

# %% tags=["solution", "nbval-check-output"]
sky = torch.tensor([[1.0, 0.1], [1.0, 1.0], [0.1, 1.0]], dtype=torch.float64)  # sun, planet, moon
two_clouds = sky[[0, 0, 0, 2, 2]]
print("by vote:        ", tags_of(two_clouds, sky, 1, 1).tolist())
print("nearest to mean:", tags_of(two_clouds.mean(0, keepdim=True), sky, 1, 1).tolist())

# %% [markdown]
# ## Task 3 · Precision and recall at k &nbsp; ●●○ &nbsp; 15 minutes
#
# For one picture: of the first $k$ of a ranked list, how many are right? **Precision at k** is that number as a share of
# $k$, **recall at k** as a share of the picture's true tags. A list shorter than $k$ counts as if wrong words filled it
# up.
#
# On paper first. A picture has $n$ true tags. What is the highest possible precision at 10, for $n = 4$ and for $n =
# 25$? And the highest possible recall?
#
# <details><summary>Hint</summary>
# At most min(n, 10) of ten words can be right. Divide that by k, and by n.
# </details>
# <details><summary>Further hint</summary>
# Cut the list first. The number of right words is the size of the intersection of two sets. Neither of the two
# denominators is the length of the cut list.
# </details>


# %%
def precision_recall(ranked, right, k):
    """Precision and recall at k, two numbers in [0, 1].

    ranked: words, the best first, none twice, perhaps fewer than k. right: the true tags, at least one, none twice.
    """
    ### BEGIN SOLUTION
    hits = len(set(ranked[:k]) & set(right))
    return hits / k, hits / len(right)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.precision_and_recall(precision_recall)

# %% [markdown] tags=["solution"]
# **The highest possible.** With $n = 4$: precision 0.4, recall 1. With $n = 25$: precision 1, recall 0.4. So neither
# reaches 1 for all pictures, and a number means something only beside the best that could be had. The library's
# functions average over pictures, and here they say what is the most on the test emoji:

# %% tags=["solution", "nbval-check-output"]
held_out = tagged_emoji("test").tags
best = [precision_recall(own, own, 10) for own in held_out]
precision, recall = (sum(column) / len(best) for column in zip(*best, strict=True))
assert abs(precision - precision_at_k(held_out, held_out)) < 1e-9
assert abs(recall - recall_at_k(held_out, held_out)) < 1e-9
print(f"all tags known: precision at 10 {precision:.2f}, recall at 10 {recall:.2f}")

# %% [markdown]
# ## Task 4 · A split that does not leak &nbsp; ●●● &nbsp; 20 minutes
#
# Each picture shows a concept, and several pictures show the same one. Write a split for testing:
#
# - all pictures of a concept are on one side;
# - a `share` of the *concepts*, rounded to the nearest whole number, is for testing, drawn at random, each concept as
#   likely as any other, however many pictures it has;
# - the same seed gives the same split, and nobody else's random numbers are touched, neither PyTorch's nor Python's nor
#   NumPy's.
#
# Concepts are known by whole numbers that need not be 0, 1, 2 and so on.
#
# <details><summary>Hint</summary>
# Draw among the different numbers, not among the pictures. Only then ask for each picture whether its concept was
# drawn.
# </details>
# <details><summary>Further hint</summary>
# <code>concept.unique()</code> are the different numbers. <code>torch.randperm(n, generator=own)</code> with
# <code>own = torch.Generator().manual_seed(seed)</code> leaves the global generator alone.
# <code>torch.isin(concept, drawn)</code> goes back to pictures.
# </details>


# %%
def for_testing(concept, share, seed):
    """(picture,) True where a picture is for testing.

    concept: (picture,) whole numbers. share: of the concepts, in (0, 1). seed: a whole number.
    """
    ### BEGIN SOLUTION
    different = concept.unique()
    own = torch.Generator().manual_seed(seed)
    drawn = different[torch.randperm(len(different), generator=own)[: round(share * len(different))]]
    return torch.isin(concept, drawn)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.split_by_concept(for_testing)

# %% [markdown]
# What is it worth? The next cell copies the tags of the training picture with the most similar pixels, under your split.
# Compare with the 0.26 that section 3 of the lesson finds where pictures are drawn one by one.

# %% tags=["nbval-check-output"]
emoji, tags = embedded_emoji("all"), tagged_emoji("all").tags
test = torch.as_tensor(for_testing(emoji.concept, 0.1, seed=0), dtype=torch.bool)
train_places, test_places = (~test).nonzero().flatten(), test.nonzero().flatten()
closest = train_places[nearest(emoji.x[test], emoji.x[~test]).index]
copied, truth = ([tags[place] for place in places.tolist()] for places in (closest, test_places))
print(f"split by concept: copying has precision below 0.2: {precision_at_k(copied, truth) < 0.2}")

# %% [markdown] tags=["solution"]
# **Why.** No picture of a test concept is left to copy from, so what remains is likeness between *different* things.
#
# A split by concept is not the end of it. Concepts have relatives, such as the twelve full hours of the clock, and
# they share most of their words:

# %% tags=["solution", "nbval-check-output"]
clocks = [set(concept.tags) for concept in emoji.concepts if concept.name.endswith("o’clock")]
common = Counter(tag for own in clocks for tag in own)
print(f"{len(clocks)} clocks; on nearly all of them: {sorted(tag for tag, n in common.items() if n > len(clocks) - 2)}")

# %% [markdown] tags=["solution"]
# Whether that is a leak depends on the question. "How well are pictures tagged whose like was seen in training?" is a
# fair one, if it is the one that was asked. A split answers a question about *new things of some kind*, and it is for
# you to say of which kind.
