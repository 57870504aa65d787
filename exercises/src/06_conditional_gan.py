# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 06 · Conditional GAN
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | one-hot conditioning by hand | ●○○ | 10 |
# | 2 | the value of the conditional game on tables | ●●○ | 15 |
# | 3 | does G obey? | ●●○ | 15 |
# | 4 | why the label must go to D, too | ●●● | 20 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import torch

import course_lib
from course_lib import checks, theory
from course_lib.data import embedded_digits
from course_lib.models import cgan
from course_lib.models.classifier import train_classifier

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · One-hot conditioning by hand &nbsp; ●○○ &nbsp; 10 minutes
#
# Build the input of a generator that is told a label by concatenation: each row of $z$, and behind it the one-hot
# vector of that row's label.
#
# <details><summary>Hint</summary>
# The identity matrix has the one-hot vectors as its rows. What do you get if you index it with y?
# </details>
# <details><summary>Further hint</summary>
# A batch may lack some labels. The number of columns must not depend on which labels happen to come. And a network's
# weights are of one type of number: give the one-hot rows that of z.
# </details>


# %%
def noise_and_label(z, y, classes):
    """The generator's input.

    z: (batch, noise) floats. y: (batch,) whole numbers, 0 to classes - 1. Returns (batch, noise + classes), z first, in
    z's type of number.
    """
    ### BEGIN SOLUTION
    vectors = torch.eye(classes, dtype=z.dtype)[y]
    return torch.cat([z, vectors], dim=1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.noise_and_label(noise_and_label)

# %% [markdown] tags=["solution"]
# **Why not `y` itself?** A linear layer would add $y$ times one column of weights: label 8 would push twice as hard as
# label 4, in the same direction. With one-hot rows, each label has a column of its own, and the layer adds that:

# %% tags=["solution", "nbval-check-output"]
layer = torch.nn.Linear(5 + 10, 4)
z, y = torch.rand(3, 5), torch.tensor([8, 4, 8])
bias_of_label = layer.bias + layer.weight[:, 5:].T[y]
same = torch.allclose(layer(noise_and_label(z, y, 10)), z @ layer.weight[:, :5].T + bias_of_label, atol=1e-6)
print("a label is a bias of its own:", same)

# %% [markdown]
# ## Task 2 · The value of the conditional game &nbsp; ●●○ &nbsp; 15 minutes
#
# There are finitely many labels and outcomes, so all distributions are tables: a row a label, a column an outcome.
# Compute the value of the paper's equation 2,
# $$V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x|y)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z|y)))], \tag{2}$$
# for *any* discriminator, not only the best. Labels come as often in what $G$ is asked for as in the data.
#
# <details><summary>Hint</summary>
# First the value of one label's game: a sum over outcomes, weighed by the probabilities in that row.
# </details>
# <details><summary>Further hint</summary>
# Then the games of all labels, each weighed by p(y).
# </details>


# %%
def conditional_value(p, g, d, share):
    """V(D, G) of equation 2, one number, in nats.

    p, g: (label, outcome), p(x|y) and g(x|y), each row sums to 1. d: (label, outcome), D(x|y), in (0, 1).
    share: (label,), p(y), sums to 1.
    """
    ### BEGIN SOLUTION
    of_label = (p * d.log() + g * (1 - d).log()).sum(dim=1)
    return (share * of_label).sum()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.conditional_value(conditional_value)

# %% [markdown]
# With the best $D$ your function must give $-\log 4 + 2 \sum_y p(y)\,\mathrm{JSD}_y$; and a $D$ that tosses a coin has
# $-\log 4$ against anybody:

# %% tags=["nbval-check-output"]
p = torch.tensor([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], dtype=torch.float64)
g = torch.tensor([[0.2, 0.3, 0.5], [0.2, 0.2, 0.6]], dtype=torch.float64)
share = torch.tensor([0.4, 0.6], dtype=torch.float64)
best = theory.optimal_discriminator(p, g)
by_sum = theory.C_MIN + 2 * sum(w * theory.jsd(*rows) for w, *rows in zip(share, p, g, strict=True))
print(f"at the best D {conditional_value(p, g, best, share):.4f}, by the sum of divergences {by_sum:.4f}")
print(f"tossing a coin {conditional_value(p, g, torch.full_like(p, 0.5), share):.4f}, -log 4 = {theory.C_MIN:.4f}")

# %% [markdown] tags=["solution"]
# **A common slip** is the plain mean over labels. It is right as long as all labels are equally frequent, as in MNIST
# nearly, and wrong without a warning from the day that they are not. In training nobody computes $p(y)$: the pairs
# of a minibatch bring their labels as often as they come.

# %% [markdown]
# ## Task 3 · Does G obey? &nbsp; ●●○ &nbsp; 15 minutes
#
# For each label: of the images made for it, which share does a judge read as that label? The judge wants images in
# $[-1, 1]$; the generator's are in $[0, 1]$. Leave the generator as you found it.
#
# <details><summary>Hint</summary>
# Make one tensor y with every label per_label times. Whatever its order, use this same y for asking and for comparing.
# </details>
# <details><summary>Further hint</summary>
# <code>judge(...).argmax(1) == y</code> is True or False for every image. If y is 0 0 0 1 1 1 2 2 2, then
# <code>.view(classes, per_label)</code> puts the images of one label into one row. If y is 0 1 2 0 1 2 0 1 2, it
# does not.
# </details>


# %%
def obedience_by_label(generator, judge, per_label):
    """For each label the share of images that the judge reads as that label.

    generator: has `classes` (a number) and `noise(n)`, which gives z for n images; `generator(z, y)`, y (n,) whole numbers,
    gives images (n, 1, height, width) in [0, 1].
    judge: images (n, 1, height, width) in [-1, 1] to logits (n, class). per_label: images for each label.
    Returns (classes,) shares in [0, 1].
    """
    ### BEGIN SOLUTION
    y = torch.arange(generator.classes).repeat_interleave(per_label)
    images = generator(generator.noise(len(y)), y)
    seen = judge(2 * images - 1).argmax(dim=1)
    return (seen == y).view(generator.classes, per_label).double().mean(dim=1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.obedience_by_label(obedience_by_label)

# %% [markdown]
# On the real thing: a generator that was never trained obeys nobody. Its pictures look alike to the judge, who
# reads one and the same digit, or two, in nearly all of them. What is the mean of the ten shares then?

# %%
judge = train_classifier(embedded_digits("train"), epochs=1, width=4).cpu()
untrained = cgan.Generator(50, 10, (100, 50), 256).eval()
with torch.no_grad():
    shares = torch.as_tensor(obedience_by_label(untrained, judge, 20))
print("shares:", [f"{share:.2f}" for share in shares.tolist()], f"mean {shares.mean():.2f}")

# %% [markdown] tags=["solution"]
# **About 0.10.** Whoever always reads "8" is right about the eights and wrong about all others. So a mean of 10 % says
# "no better than guessing", and one label with a share of 1 says nothing by itself. Look at all ten.
#
# **Mixed rows** are the mistake to fear: images made with `arange(n) % 10`, compared with
# `arange(10).repeat_interleave(n // 10)`. Both have n entries, so no error is raised, and the best generator of the
# world gets 10 %.

# %% [markdown]
# ## Task 4 · Why the label must go to D, too &nbsp; ●●● &nbsp; 20 minutes
#
# Someone saves a few weights: the generator is told the label, the discriminator is not. You are the generator, and
# lazy. Given the data's table $p(x|y)$ and the shares $p(y)$, write a table $g(x|y)$ such that
#
# - the best $D$ that is **not** told $y$ has only $-\log 4$ against you, as if you were perfect;
# - yet you are not: a $D$ that **is** told $y$ has more.
#
# It has to work for any table whose rows differ, and for labels that are not equally frequent.
#
# <details><summary>Hint</summary>
# What does a D see that is not told y? Only how often each outcome comes, all labels together.
# </details>
# <details><summary>Further hint</summary>
# The laziest generator of all does not listen. What must it give, so that all labels together look right? Remember p(y).
# </details>


# %%
def unseen_disobedience(p, share):
    """A table g(x|y), not equal to p, that a discriminator cannot tell from p unless it is told y.

    p: (label, outcome), p(x|y), each row sums to 1, not all rows equal. share: (label,), p(y). Returns a table like p.
    """
    ### BEGIN SOLUTION
    mixture = share @ p  # how often each outcome comes in all
    return mixture.expand_as(p)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.unseen_disobedience(unseen_disobedience)

# %% [markdown] tags=["solution"]
# **Why.** A $D$ that is not told $y$ sees $\sum_y p(y)\,g(x|y)$, and no more. If each row of $g$ is the mixture
# $p(x) = \sum_y p(y)\,p(x|y)$, that sum is $p(x)$ again, since the $p(y)$ add up to 1. So JSD is 0 and the value
# $-\log 4$. There are many more: any $g$ halfway between this one and $p$; one that swaps two rows of equal share; in
# general every $g = p + \Delta$ whose rows each sum to 1 and for which $\sum_y p(y) \Delta(x|y) = 0$.
#
# So keeping the label from $D$ does not make $G$ *disobey*. It makes obedience one answer among many that are all
# equally good, and training has no reason to find it. Told the label, $D$ leaves $G$ one answer: $g = p$.

# %% tags=["solution", "nbval-check-output"]
lazy = unseen_disobedience(p, share)
told = theory.C_MIN + 2 * sum(w * theory.jsd(*rows) for w, *rows in zip(share, p, lazy, strict=True))
print(f"best V of a D that is not told {theory.criterion(share @ p, share @ lazy):.4f}, of one that is {told:.4f}")
