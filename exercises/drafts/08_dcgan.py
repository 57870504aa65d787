# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # Exercises 08 · DCGAN
#
# | task | about | difficulty | minutes |
# |---|---|---|---|
# | 1 | sizes, down and up | ●○○ | 10 |
# | 2 | the padding that makes a transposed convolution exact | ●●○ | 15 |
# | 3 | initial weights that are really applied | ●●○ | 20 |
# | 4 | a generator from the rules | ●●○ | 20 |
# | 5 | which rule is broken? | ●●● | 25 |
#
# Write your answer in place of `raise NotImplementedError`, then run the check below it. A check says what is right,
# or names the mistake. Hints are folded away; try without them first.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import torch
from torch import nn

from course_lib import checks
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.models import dcgan

course_lib.seed(0)

# %% [markdown]
# ## Task 1 · Sizes, down and up &nbsp; ●○○ &nbsp; 10 minutes
#
# A row of $n$ pixels, padded with zeros at both ends. A convolution lays its kernel at the start, then `stride` further
# on, and so forth, as often as it fits. How many outputs are there?
#
# A transposed convolution does the same backwards. Each of its $n$ inputs adds to as many outputs as the kernel is
# wide, the next begins `stride` further on. Then `padding` outputs are cut off at each end, and `extra` outputs
# (PyTorch's `output_padding`) are put on at the far end. How many are left?
#
# Both are whole numbers.
#
# <details><summary>Hint</summary>
# How far is it from the place of the first window to that of the last?
# </details>
# <details><summary>Further hint</summary>
# The first window begins at 0, the last at or before <code>n + 2 * padding - kernel</code>. There is one window more
# than there are steps.
# </details>


# %%
def conv_size(n, kernel, stride, padding):
    """The number of outputs of a convolution of n pixels. The kernel fits at least once."""
    ### BEGIN SOLUTION
    return (n + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.conv_size(conv_size)


# %%
def transposed_size(n, kernel, stride, padding, extra):
    """The number of outputs of a transposed convolution of n pixels. At least one is left."""
    ### BEGIN SOLUTION
    return (n - 1) * stride - 2 * padding + kernel + extra
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.transposed_size(transposed_size)

# %% [markdown] tags=["solution"]
# **Why `extra` is needed.** The first function is not one to one: it rounds. With a stride of 2, two sizes in a row go
# to the same one, and the way back has to be told which of them is meant.

# %% tags=["solution", "nbval-check-output"]
for n in (27, 28):
    print(f"{n} pixels, kernel 5, stride 2, padding 2: {conv_size(n, 5, 2, 2)}")
for extra in (0, 1):
    print(f"back from 14 with output padding {extra}: {transposed_size(14, 5, 2, 2, extra)}")

# %% [markdown]
# ## Task 2 · Exact &nbsp; ●●○ &nbsp; 15 minutes
#
# A generator wants layers that make $n$ pixels into exactly `stride` times $n$, whatever $n$ is. Given kernel and
# stride, return `(padding, output_padding)` that do it. Neither is below 0, and PyTorch demands an `output_padding`
# smaller than the stride. Of several answers, give the one with the smallest `output_padding`. If there is none,
# return `None`.
#
# <details><summary>Hint</summary>
# Set task 1's second size equal to <code>stride * n</code>. The n drops out.
# </details>
# <details><summary>Further hint</summary>
# What is left is <code>2 * padding = kernel - stride + output_padding</code>: try the values of
# <code>output_padding</code> in turn, until the right side is even and not below 0.
# </details>


# %%
def exact_padding(kernel, stride):
    """(padding, output_padding) of a transposed convolution from n to stride x n pixels, or None."""
    ### BEGIN SOLUTION
    for extra in range(stride):
        twice = kernel - stride + extra
        if twice >= 0 and twice % 2 == 0:
            return twice // 2, extra
    return None
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.exact_padding(exact_padding)

# %% [markdown] tags=["solution"]
# **When is there none?** With a stride of 1 and an even kernel. The size would have to stay, the kernel sticks out by
# an odd number of pixels, and half an odd number cannot be cut off. For a stride of 2 or more one of two values of
# `output_padding` always fits.

# %% tags=["solution", "nbval-check-output"]
for kernel, stride in ((4, 2), (5, 2), (3, 2), (2, 4), (4, 1)):
    print(f"kernel {kernel}, stride {stride}: {exact_padding(kernel, stride)}")

# %% [markdown]
# ## Task 3 · Really applied &nbsp; ●●○ &nbsp; 20 minutes
#
# Draw the initial weights of a network as the DCGAN's are:
#
# - every weight of `Conv2d`, `ConvTranspose2d` and `Linear` from a normal distribution of mean 0 and standard deviation
#   0.02;
# - every scale (`weight`) of `BatchNorm1d` and `BatchNorm2d` from one of mean 1 and standard deviation 0.02;
# - every bias is 0.
#
# Layers may lie within layers, at any depth. Some have no bias, and some batch norms neither scale nor bias. Change the
# network **in place** and return it: an optimiser that was made before should find the parameters it knows.
#
# <details><summary>Hint</summary>
# <code>network.modules()</code> goes through all layers, however deep. What a layer lacks is <code>None</code>.
# </details>
# <details><summary>Further hint</summary>
# <code>nn.init.normal_(layer.weight, 0.0, 0.02)</code> and <code>nn.init.zeros_(layer.bias)</code> change a parameter in
# place, and know that no gradient is wanted of it.
# </details>


# %%
def dcgan_weights(network):
    """Draw the network's weights in place, and return it."""
    ### BEGIN SOLUTION
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.affine:
            nn.init.normal_(layer.weight, 1.0, 0.02)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return network
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.dcgan_weights(dcgan_weights)

# %% [markdown] tags=["solution"]
# **A test that would have caught it.** The commonest mistake with initial weights is not in the function: it is written,
# tested and never called. So look at the network, not at the function.


# %% tags=["solution", "nbval-check-output"]
def spread(network):
    """The standard deviation of all weights of convolutions."""
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    return torch.cat([m.weight.detach().flatten() for m in network.modules() if isinstance(m, kinds)]).std().item()


course_lib.seed(0)
plain = nn.Sequential(nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh())
print(f"never called: {spread(plain):.3f}")
print(f"called:       {spread(dcgan_weights(plain)):.3f}")

# %% [markdown]
# ## Task 4 · A generator from the rules &nbsp; ●●○ &nbsp; 20 minutes
#
# Write the generator of the digits. `z` comes as (n, 100). One projection makes `2 * nf` maps of 7x7 of it, one
# fractionally strided convolution makes `nf` maps of 14x14 of them, and another the image, (n, 1, 28, 28). Everything
# else is in the five rules.
#
# Kernels of 4 or 5, biases or none, `nn.Sequential` or a class of your own: as you like. The check looks at what the
# layers do.
#
# <details><summary>Hint</summary>
# <code>nn.Linear</code> makes rows; <code>nn.Unflatten(1, (maps, 7, 7))</code> makes maps of them.
# </details>
# <details><summary>Further hint</summary>
# Layer, batch norm, ReLU; layer, batch norm, ReLU; layer, tanh. Task 2 says which padding doubles the size.
# </details>


# %%
def generator(nf):
    """A network from z, (n, 100), to images, (n, 1, 28, 28), in [-1, 1]."""
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Linear(100, 2 * nf * 7 * 7, bias=False),
        nn.Unflatten(1, (2 * nf, 7, 7)),
        nn.BatchNorm2d(2 * nf),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * nf, nf, 4, 2, 1, bias=False),
        nn.BatchNorm2d(nf),
        nn.ReLU(),
        nn.ConvTranspose2d(nf, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.generator_by_rules(generator)

# %% [markdown] tags=["solution"]
# **Why no biases.** Batch norm subtracts the mean of each map, and with it any bias that was added before. It has a bias
# of its own. Only the last layer has no batch norm, and could use one; the authors' code leaves it out there too.
#
# As many weights as the library's, to the last one:

# %% tags=["solution", "nbval-check-output"]
mine, theirs = generator(64), shipped("digits")[0]
for network in (mine, theirs):
    print(f"{sum(weight.numel() for weight in network.parameters()):,}")

# %% [markdown]
# ## Task 5 · Which rule is broken? &nbsp; ●●● &nbsp; 25 minutes
#
# You are given the layers of $G$, from $z$ to the image, and those of $D$, from the image to the logit, as two lists in
# the order in which they work. At most one of the rules is broken. Return its number, or 0 if all are kept:
#
# 1. strided and fractionally strided convolutions, no pooling and no resizing;
# 2. batch norm right after every layer with weights, but not after $G$'s last, nor $D$'s first, nor $D$'s logit;
# 3. no fully connected hidden layers: $G$ has its projection, $D$ its logit;
# 4. ReLU in $G$, and tanh at its output;
# 5. leaky ReLU in $D$.
#
# $G$ begins with `Linear`, `Unflatten`, and $D$ ends with `Flatten`, `Linear`. Where a fully connected hidden layer is,
# it has batch norm too, and that is not a second offence.
#
# <details><summary>Hint</summary>
# Keep the easy ones for first: some kinds of layers tell by their presence or their number. For rule 2 the place
# counts: make a list that says of every layer with weights whether batch norm follows it.
# </details>
# <details><summary>Further hint</summary>
# What is neither a layer with weights nor batch norm, <code>Flatten</code>, <code>Unflatten</code>, pooling or resizing is
# an activation. Compare the list of their types with the one that there should be.
# </details>


# %%
def broken_rule(g, d):
    """The number of the broken rule, 1 to 5, or 0.

    g, d: lists of layers, such as nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.MaxPool2d, nn.Upsample, nn.LeakyReLU.
    """
    ### BEGIN SOLUTION
    weights = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    resizing = (nn.MaxPool2d, nn.AvgPool2d, nn.Upsample)

    def normed(layers):
        followers = zip(layers, [*layers[1:], None], strict=True)
        # G's projection is followed by Unflatten, which stands between it and its batch norm.
        return [isinstance(after, norms) for layer, after in followers if isinstance(layer, weights)]

    def activations(layers):
        others = (*weights, *norms, nn.Flatten, nn.Unflatten)
        return [type(layer) for layer in layers if not isinstance(layer, others)]

    if any(isinstance(layer, resizing) for layer in g + d):
        return 1
    if any(sum(isinstance(layer, nn.Linear) for layer in layers) > 1 for layers in (g, d)):
        return 3
    in_g, in_d = normed([layer for layer in g if not isinstance(layer, nn.Unflatten)]), normed(d)
    if in_g != [True] * (len(in_g) - 1) + [False] or in_d != [False] + [True] * (len(in_d) - 2) + [False]:
        return 2
    if activations(g) != [nn.ReLU] * (len(in_g) - 1) + [nn.Tanh]:
        return 4
    if activations(d) != [nn.LeakyReLU] * (len(in_d) - 1):
        return 5
    return 0
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.broken_rule(broken_rule)

# %% [markdown] tags=["solution"]
# **On networks of the library.** Their layers lie in blocks, so they are taken out first; `Maps` is its `Unflatten`.


# %% tags=["solution", "nbval-check-output"]
def layers_of(network):
    """Every layer that holds no other, `Maps` as Unflatten and `Flat` as Flatten."""
    told = {"Maps": nn.Unflatten(1, (1, 1, 1)), "Flat": nn.Flatten()}
    leaves = [layer for layer in network.modules() if not list(layer.children())]
    leaves = [layer for layer in leaves if not isinstance(layer, nn.Identity | nn.Sequential)]
    return [told.get(type(layer).__name__, layer) for layer in leaves]


G, D = shipped("digits")
print("the digits' networks:", broken_rule(layers_of(G), layers_of(D)))
D = dcgan.Discriminator(size=28, channels=1, nf=8, start=7, activation=nn.ReLU)
print("with ReLU in D:      ", broken_rule(layers_of(G), layers_of(D)))
