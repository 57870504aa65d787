# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown]
# # 10 · Inside the networks
#
# | | |
# |---|---|
# | **You will be able to** | look at the filters of a discriminator and say what can and cannot be seen in them; derive guided backpropagation and test whether its pictures speak of what was learned; make a generator forget an object, and measure whether it did |
# | **Minutes** | 75, and 60 for the exercises |
# | **You need** | lesson 08: the DCGAN; how a convolution is computed; the chain rule |
#
# The networks of lesson 08 have learned something, since their digits are good. Section 6 of Radford et al. 2016
# opens them and asks where it is. This lesson does the same with a DCGAN trained on digits. It asks a second question
# each time: **would an untrained network have looked different?** Without it a picture from inside a network proves
# nothing.

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn.functional import cosine_similarity

from course_lib import by_size, figures, show_source, widgets
from course_lib.data import load
from course_lib.experiments.dcgan import dcgan_rules
from course_lib.experiments.dcgan.shipped import about, shipped
from course_lib.experiments.lessons import bars
from course_lib.explore.forgetting import activations, inside, weights_of_maps, without_maps
from course_lib.explore.guided import guided, guided_gradients, responses, strongest_filters
from course_lib.explore.strokes import ink_at, ink_kept, upper_bars
from course_lib.metrics import DigitJudge
from course_lib.metrics.linear_probe import average_batch_norm

course_lib.seed(0)
train, test = load("mnist"), load("mnist", "test")

# %% [markdown]
# ## 1. Two networks, before and after
#
# The DCGAN that comes with the course was trained for 5,000 steps from a known seed. So its **first day** can be
# brought back: the same seed gives the same initial weights. That is the fairest comparison there is. The two
# discriminators below have the same layers, were born with the same numbers, and differ in nothing but the training.

# %%
G, D = shipped("digits")

course_lib.seed(about("digits")["settings"]["seed"])
G_untrained, D_untrained = dcgan_rules.networks(dcgan_rules.Settings(**about("digits")["settings"]))
real = test.scaled()
average_batch_norm(D_untrained, real.split(250))  # statistics of the data; no weight is touched
D_untrained.eval()

for block in D.blocks:
    print(block)

# %% [markdown]
# $D$ is short: 28x28 pixels go through 64 filters of 4x4 to maps of 14x14, then through 128 filters to maps of 7x7,
# and from those to one logit. $G$ goes the other way: from $z$ to 128 maps of 7x7, to 64 maps of 14x14, to the image.

# %% [markdown]
# ## 2. The first layer's filters
#
# A filter of the first layer acts on pixels, so it can be shown as a picture: bright where a bright pixel raises its
# response, dark where it lowers it. In networks trained to tell classes of photographs apart such filters look like
# edges and patches of colour. The first picture that one draws of a network is this one.
#
# **Before you run the next cell.** The upper row shows 16 of $D$'s 64 filters after training, the lower row the same
# 16 before it. How will they differ?

# %% tags=["hide-output"]
filters = D.blocks[0][0].weight.detach()
at_birth = D_untrained.blocks[0][0].weight.detach()
figures.show(figures.filters({"after": filters[:16], "before": at_birth[:16]}), colours=32)

# %% [markdown]
# They hardly differ. Each filter below still is the one above, with a little added. A picture of trained filters
# alone, and we might have begun to see strokes and corners in it.
#
# How much of a layer has been kept from its first day? The cosine between a filter after and before is 1 for one that
# kept its direction, and about 0 for one that forgot where it came from.

# %%
layers = {
    "D, 1 to 64 maps": (D.blocks[0][0], D_untrained.blocks[0][0]),
    "D, 64 to 128 maps": (D.blocks[1][0], D_untrained.blocks[1][0]),
    "D, to the logit": (D.logit, D_untrained.logit),
    "G, z to 128 maps": (G.blocks[0][0], G_untrained.blocks[0][0]),
    "G, 128 to 64 maps": (G.blocks[1][0], G_untrained.blocks[1][0]),
    "G, to the image": (G.blocks[2][0], G_untrained.blocks[2][0]),
}
for name, (after, before) in layers.items():
    kept = cosine_similarity(after.weight.detach().flatten(1), before.weight.detach().flatten(1))
    print(f"{name:18} cosine to its first day {kept.mean():.2f}")

# %% [markdown]
# The first layer of $D$ kept nine tenths of its direction. It did not need to change much: a patch of 4x4 pixels has
# 16 numbers, and 64 random filters look at it from 64 directions. Whatever the layers above want to know about the
# patch is a sum of these. Learning shows further in: $D$'s upper layers have moved more, and $G$'s most of all.
#
# So the filters *look* random and the network is good. What a filter looks like is not what it knows.

# %% [markdown]
# ## 3. Ask a filter what it is for
#
# $D$ was trained for one thing, to tell real digits from generated ones. So ask each of the 128 filters of $D$'s last
# convolution how well **it alone** does that. Its response to an image is the largest value in its map. Take a real
# and a generated image: in which share of such pairs does the real one get the larger response? That is the area
# under the ROC curve. A filter that knows nothing has 0.5; one with 0 would know as much as one with 1, the other way
# round.
#
# **Before you run the next cell.** Guess the best filter's share, before training and after.

# %% tags=["hide-output"]
number = by_size(quick=200, cpu=1_000)
with torch.no_grad():
    fake = G(G.noise(number))
is_real = [1] * number + [0] * number


def areas(network):
    """For each filter of the last convolution, the share of pairs in which the real image has the larger response."""
    found = responses(network, network.blocks[1], torch.cat([real[:number], fake]))
    return [roc_auc_score(is_real, found[:, filter]) for filter in range(found.shape[1])]


alone = {"after training": areas(D), "before training": areas(D_untrained)}
figures.show(figures.single_filters(alone), colours=16)
for name, values in alone.items():
    print(f"{name}: farthest from 0.5 is {max(values, key=lambda value: abs(value - 0.5)):.2f}")

# %% [markdown]
# Before training the filters lie in a narrow band around one half. Afterwards there are some that tell nearly as well
# alone as a whole network might, and most of these in one direction: some 20 respond **more to fakes**, and lie far
# below one half. $D$'s filters are, as far as they are specialists at all, specialists in what is wrong with $G$'s
# digits.

# %% [markdown]
# ## 4. Which pixels drive a filter? Three ways back through a ReLU
#
# Deeper filters act on maps and not on pixels, so their weights cannot be shown. What can be asked is: **for this
# image, which pixels raise the filter's response?** The gradient of the response with respect to the pixels answers
# it, and it looks like noise: a pixel raises the response by a hundred ways through the network and lowers it by a
# hundred others, and the gradient is their sum.
#
# Springenberg et al. 2015 (section 3.4) clean it. The only place where one has a choice is the ReLU,
# $f_i = \max(0, u_i)$. Let $R$ be what comes back from above, $R_i = \partial\,\text{response} / \partial f_i$ in the
# first case. Three rules say what is handed further down:
#
# $$\text{backpropagation:}\quad R_i \cdot [u_i > 0], \qquad
# \text{deconvnet:}\quad R_i \cdot [R_i > 0], \qquad
# \text{guided:}\quad R_i \cdot [u_i > 0] \cdot [R_i > 0] .$$
#
# - **Backpropagation** is the chain rule. A unit that was off has slope 0.
# - **Deconvnet** (Zeiler and Fergus 2014) asks instead whether what comes back is positive. What lowers the response
#   is cut.
# - **Guided backpropagation** wants both: a unit that was on, and that raises the response. What arrives at the
#   pixels came through such units only.
#
# The result of the last two is not a gradient of anything. It is a picture drawn with the network's help.
#
# Here are the three rules in code, on a number of units with every combination of signs. **Before you run the next
# cell,** write down the three columns of four numbers.


# %% tags=["spelled-out", "hide-output", "nbval-check-output"]
class Rectified(torch.autograd.Function):
    """A ReLU whose way back follows one of three rules."""

    @staticmethod
    def forward(context, u, rule):
        context.save_for_backward(u)
        context.rule = rule
        return u.clamp(min=0)

    @staticmethod
    def backward(context, R):
        (u,) = context.saved_tensors
        on, raises = u > 0, R > 0
        let_through = {"backpropagation": on, "deconvnet": raises, "guided": on & raises}[context.rule]
        return R * let_through, None


u = torch.tensor([2.0, 2.0, -1.0, -1.0])
R = torch.tensor([0.5, -0.5, 0.5, -0.5])
for rule in ("backpropagation", "deconvnet", "guided"):
    x = u.clone().requires_grad_()
    Rectified.apply(x, rule).backward(R)
    print(f"{rule:16} u = {u.tolist()}, R = {R.tolist()}: {[value + 0.0 for value in x.grad.tolist()]}")

# %% [markdown]
# Only the first unit, on and raising, passes all three.
#
# Two details. At $u = 0$ exactly the unit counts as off, as in PyTorch. And **our $D$ has no ReLU**: by rule 5 of
# lesson 08 it has leaky ones, whose slope below 0 is 0.2, so no unit of $D$ is ever quite off. The library counts a
# leaky unit as on where $u > 0$, and below 0 lets nothing through, as if the leak were not there. Without that choice
# guided backpropagation is not defined here, and another choice would give other pictures.

# %%
show_source(guided)

# %% [markdown]
# Is it right? A small network, whose guided gradient we compute twice: by the library's hooks, and by the chain rule
# written out by hand with the gates of the formula. And the first rule must be what autograd computes.

# %% tags=["nbval-check-output"]
torch.manual_seed(0)
first, second, last = nn.Linear(6, 8), nn.Linear(8, 5), nn.Linear(5, 1)
small = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)
x = torch.randn(10, 6, requires_grad=True)
with guided(small):
    (by_hooks,) = torch.autograd.grad(small(x).sum(), x)
(by_autograd,) = torch.autograd.grad(small(x).sum(), x)


def by_hand(rule):
    u1 = first(x)
    u2 = second(u1.clamp(min=0))
    gate = {"backpropagation": lambda R, u: R * (u > 0), "guided": lambda R, u: R * (u > 0) * (R > 0)}[rule]
    R2 = gate(last.weight, u2)  # (10, 5): from the response down through the upper ReLU
    R1 = gate(R2 @ second.weight, u1)
    return R1 @ first.weight


assert torch.allclose(by_hand("guided"), by_hooks, atol=1e-6)
assert torch.allclose(by_hand("backpropagation"), by_autograd, atol=1e-6)
print("guided by hand is the library's:", torch.allclose(by_hand("guided"), by_hooks, atol=1e-6))
print("backpropagation by hand is autograd's:", torch.allclose(by_hand("backpropagation"), by_autograd, atol=1e-6))

# %% [markdown]
# ## 5. The six strongest filters
#
# Figure 5 of the paper: filters of $D$'s last convolution, each with the images that drive it most, and the guided
# gradient of its largest response. We take the six filters with the largest responses over the test digits, and six
# of the untrained network for comparison. Each unit of this layer sees 10x10 pixels, so we cut pieces of 14x14 around
# them.
#
# **Before you run the next cell.** Will you be able to say which of the two networks is the trained one?


# %% tags=["hide-output"]
def six_strongest(network, images, side):
    """Its six strongest filters; for each, pieces of the seven images that drive it most, and the guided gradients there."""
    layer = network.blocks[-1]
    found = responses(network, layer, images)
    chosen = strongest_filters(found, 6).tolist()
    patches = []
    for filter in chosen:
        x = images[found[:, filter].topk(7).indices]
        patches.append(figures.around(x, guided_gradients(network, layer, x, filter), side=side))
    return chosen, patches


pairs = {"after training": six_strongest(D, real, 14), "before training": six_strongest(D_untrained, real, 14)}
figures.show(figures.filter_patches(pairs), scale=1.5)

# %% [markdown]
# On the left rows 96, 24 and 106 respond to a stroke of one direction, a bend, a zigzag, and their guided gradients
# draw it cleanly on grey. Filter 56, the strongest, mostly looks at the corner of the piece, where the image ends: it
# knows the border. On the right the gradients are rougher, and yet **filters of an untrained network have favourites
# too**: 121 likes a bend that opens to the left, 39 an upright stroke. Any sum of 100 pixels with fixed weights has
# some patch that it likes best. The paper writes that its random filters showed "little to no discrimination"; on
# digits, with filters that see 10x10 pixels, the difference is one of cleanness.
#
# How well the six can be named in words is therefore weak evidence. Section 3, which asked them to do their job, is
# strong.

# %% [markdown]
# ## 6. What goes wrong: a picture that does not depend on the weights
#
# Adebayo et al. 2018 proposed a **sanity check** for every method that explains a network by a picture: destroy what
# the network has learned, weight by weight, and draw the picture again. If it looks the same, it was not about what
# the network has learned. Guided backpropagation failed: its pictures did not change when the upper layers were made
# random.
#
# We do it on the whole verdict: the gradient of $D$'s logit with respect to the pixels, plain and guided. Three
# networks: $D$ as it is; $D$ with its last layer replaced by random numbers; and a network of random numbers
# throughout, drawn afresh.
#
# **Before you run the next cell.** The last layer decides which way every feature counts. With a random one, the
# verdict is worthless. What will become of the plain gradient? And of the guided one?

# %% tags=["hide-output"]
course_lib.seed(10)
_, D_random = dcgan_rules.networks(dcgan_rules.Settings(**about("digits")["settings"]))
average_batch_norm(D_random, real.split(250))
_, D_last_random = shipped("digits")
D_last_random.logit.load_state_dict(D_random.logit.state_dict())
networks = {"trained": D, "last random": D_last_random, "all random": D_random.eval()}


def slopes(network, x, *, guide):
    """The gradient of the logit with respect to the pixels of x, plain or guided."""
    x = x.clone().requires_grad_()
    if guide:
        with guided(network):
            return torch.autograd.grad(network(x).logits.sum(), x)[0]
    return torch.autograd.grad(network(x).logits.sum(), x)[0]


shown = real[:9]
rows = {
    f"{'guided' if guide else 'plain'}, {name}": slopes(network, shown, guide=guide)
    for guide in (False, True)
    for name, network in networks.items()
}
figures.show(figures.slopes_by_weights(shown, rows), scale=1.5, colours=32)

# %% [markdown]
# The plain gradient of the trained network has a ghost of the digit in it, and none is left once a layer is random.
# The guided one draws the digit clearly. It does so, a little grainier, for a network that has learned nothing.
#
# In numbers: for each image, the correlation between the trained network's picture and that of a spoilt one, over the
# pixels.

# %%
many = real[: by_size(quick=50, cpu=200)]


def likeness(one, other):
    """The mean over images of the correlation between two pictures' pixels."""
    one, other = ((part.flatten(1) - part.flatten(1).mean(1, keepdim=True)) for part in (one, other))
    return cosine_similarity(one, other).mean().item()


for guide in (False, True):
    own = slopes(D, many, guide=guide)
    for name in ("last random", "all random"):
        found = likeness(own, slopes(networks[name], many, guide=guide))
        print(f"{'guided' if guide else 'plain':7} trained against {name:18} {found:5.2f}")

# %% [markdown]
# One random layer is enough to make the plain gradient a stranger to itself, as it should be: it follows the verdict,
# and the verdict is another. The guided picture hardly notices, and even from random weights throughout it comes back
# more than half the same. It reports the **image**, more than the network. The reason is in the formula: both gates
# keep what is positive and add it up, and a sum in which little cancels follows the ink, whichever the weights are
# (Nie et al. 2018 make this exact: guided backpropagation partly reconstructs its input).
#
# Keep two things apart, then. *Where* a filter responds, and to which images, does depend on the weights, and section
# 5 shows it. *How well the picture is drawn there* does not. A clear picture is no proof of a good network.

# %% [markdown]
# ## 7. Forgetting: from boxes to maps
#
# Now $G$. Has it some part that draws a particular thing, so that without this part it would draw everything else?
# Section 6.3.1 of the paper tries it on windows of bedrooms:
#
# 1. Take samples and draw boxes around the windows: 52 boxes, on 150 samples.
# 2. Take the activations of $G$'s **second-highest** layer of feature maps. Each of its places lies inside some box,
#    or in none. Each place is a vector, with an entry for every map.
# 3. Fit a logistic regression from this vector to "inside a box".
# 4. Drop every map with a **positive weight**, that is, set it to 0 at all places, some 200 of them, and draw the
#    same $z$ again.
#
# Our $G$ draws digits, and we let it forget the upper **bar of the 7**. Here are 52 of its sevens. The boxes come
# recorded with the lesson: a rule drew most of them, around the uppermost rows of ink, and those where it was wrong
# were left out or redrawn by hand.

# %%
z = bars.latents()
with torch.no_grad():
    sevens = G(z)
drawn = widgets.Boxes(sevens, bars.boxes(), columns=13)
drawn

# %% [markdown]
# **Draw your own.** Where this notebook runs, the picture above can be changed: drag a box, or choose a pixel with
# the arrow keys and press Space at two corners. *Remove all* starts afresh. The cells below use whatever is drawn
# there.
#
# The layer: $G$'s maps are 64 of 14x14 before the image, the highest layer, and 128 of 7x7 below, the second-highest.
# (The paper does not say how it counts. It dropped about 200 maps, and only a layer with 256 maps or more, the second
# from the top in its networks, has as many.) A place of a 7x7 layer covers 4x4 pixels. It counts as inside if its
# middle is.

# %%
layer = G.blocks[0]
maps = activations(G, layer, z)
marked = inside(drawn.boxes(), (len(z), 7, 7), 28)
print(f"maps {tuple(maps.shape)}; places inside a box {int(marked.sum())} of {marked.numel()}")

# %% [markdown]
# Places outside are far more numerous. As the paper does, we draw as many of them at random as there are inside. The
# rest is scikit-learn's:

# %%
show_source(weights_of_maps)

# %%
paper = weights_of_maps(maps, marked) > 0
print(f"maps with a positive weight: {int(paper.sum())} of {len(paper)}")

# %% [markdown]
# **Before you run the next cell.** The first and third row are digits as $G$ draws them: new sevens, and whatever
# comes. The second and fourth are drawn from the same $z$ without the chosen maps. Half of the layer is gone. What
# will be left?

# %% tags=["hide-output"]
judge = DigitJudge(train.scaled(), train.y)
course_lib.seed(1)
with torch.no_grad():
    z_new = G.noise(by_size(quick=600, cpu=4_000))
    x_new = G(z_new)
sure = torch.from_numpy(judge.network.predict_proba(x_new.flatten(1).numpy())[:, 7] > 0.9)
z_seven, x_seven = z_new[sure][:300], x_new[sure][:300]


def drawn_without(dropped, z):
    """G(z) with the maps of the layer that `dropped` marks set to 0."""
    with torch.no_grad(), without_maps(layer, dropped):
        return G(z)


def before_and_after(dropped):
    """13 sevens and 13 other digits, each row above what becomes of it."""
    rows = [x_seven[:13], drawn_without(dropped, z_seven[:13]), x_new[:13], drawn_without(dropped, z_new[:13])]
    return figures.image_grid(
        torch.cat(rows), columns=13, row_labels=["sevens", "without", "others", "without"], width=6.4, what="digits"
    )


figures.show(before_and_after(paper))

# %% [markdown]
# The bar is gone from most of the sevens: of the 7th, the 10th and the 11th only the stem stands. Other digits have
# suffered, too: what runs across is lost, what runs up and down stays. So the boxes were about sevens, and what $G$ has
# parts for is **strokes of a direction**: those that draw the 7's bar draw every stroke across.
#
# But all strokes have also become fainter. Is the bar forgotten, or ink in general?

# %% [markdown]
# ## 8. Has it forgotten? A measure, and a control
#
# A picture invites one to see what one hopes for. So measure: **how much ink is left inside the boxes, and how much
# outside?** A generator that forgot the bar and nothing else has little inside and all of it outside. The boxes for
# the new sevens are the rule's, the uppermost six rows of ink.
#
# And a **control**: drop as many maps drawn at random, and measure the same, twenty times.
#
# **Before you run the next cell.** Half of all maps dropped at random: more ink lost inside the boxes, outside, or
# the same?

# %% tags=["hide-output", "spelled-out"]
new_boxes = upper_bars(x_seven)


def kept(dropped):
    """Shares of the ink that is left, inside the boxes and outside."""
    return ink_kept(x_seven, drawn_without(dropped, z_seven), new_boxes)


def random_maps(number, seed):
    """So many of the 128 maps, drawn at random."""
    return torch.randperm(128, generator=torch.Generator().manual_seed(seed)) < number


at_random = [kept(random_maps(int(paper.sum()), seed)) for seed in range(by_size(quick=4, cpu=20))]
figures.show(figures.forgotten({"positive weights": kept(paper)}, at_random), colours=16)
print("positive weights: inside {:.2f}, outside {:.2f}".format(*kept(paper)))
ratios = sorted(within / out for within, out in at_random)
print(f"inside over outside: {kept(paper)[0] / kept(paper)[1]:.2f}")
print(f"   at random: {ratios[0]:.2f} to {ratios[-1]:.2f}, in the middle {ratios[len(ratios) // 2]:.2f}")

# %% [markdown]
# Random maps lose or gain ink, and nearly as much inside as outside: their points follow the diagonal, a little below
# it. The chosen maps lie far below. Of the bars less than a quarter of the ink is left, of the rest more than half,
# and none of the random choices has a ratio as low. So something in particular was forgotten. It is also true that
# nearly half of the other ink went with it.
#
# The control matters. "Inside 0.22" alone sounds impressive; that some random choices leave only three quarters of
# *all* ink says how little a loss by itself means.

# %% [markdown]
# ## 9. What goes wrong: the regression answers the question it is asked
#
# Where do the places outside come from? From all over the picture, and most of a digit's picture is black paper. So
# the regression was asked "bar, or mostly paper?", and a good answer to this is "ink". It chose many maps that draw
# ink of any kind.
#
# **The repair: compare like with like.** Take places with ink only, in the boxes and outside, so that the question
# becomes "the bar's ink, or other ink?" A second change goes with it. The maps of a layer are strongly correlated,
# and among correlated maps a regression may put a positive weight on one and a negative weight on its twin, with
# little meaning in either sign. Short weights (scikit-learn's `C` small) do not allow this: in the limit each weight
# is proportional to the map's mean inside the boxes less its mean outside. An exercise shows why.
#
# **Before you run the next cell.** Will the new choice lie left or right of the old one in the figure?

# %% tags=["hide-output"]
ink = ink_at(sevens, (7, 7))
like_with_like = weights_of_maps(maps, marked, among=ink, C=1e-4) > 0
chosen = {"positive weights": kept(paper), "places with ink, short weights": kept(like_with_like)}
figures.show(figures.forgotten(chosen, at_random), colours=16)
for name, (within, out) in chosen.items():
    print(f"{name}: inside {within:.2f}, outside {out:.2f}, ratio {within / out:.2f}")
print(f"maps dropped: {int(like_with_like.sum())}")

# %% [markdown]
# Far to the right. Now most of the other ink stays, and about half of the bars' is gone. The same digits as before:

# %%
figures.show(before_and_after(like_with_like))

# %% [markdown]
# The stems are as dark as they were. The sevens' bars break or vanish, and strokes across break in other digits, too. By the
# ratio the first choice is the more thorough; by what it spares, the second. Both lie clearly apart from the random ones.
# Which is better depends on the purpose, and one number cannot decide it.
#
# A last measure, the one that comes to mind first: does the classifier still say 7?

# %%
rows = {"as it was": x_seven} | {
    name: drawn_without(dropped, z_seven)
    for name, dropped in {
        "positive weights": paper,
        "places with ink": like_with_like,
        "at random": random_maps(int(like_with_like.sum()), 0),
    }.items()
}
for name, x in rows.items():
    named = judge.network.predict(x.flatten(1).numpy())
    print(f"{name:17} called 7: {(named == 7).mean():4.0%}, called 1: {(named == 1).mean():4.0%}")

# %% [markdown]
# It notices, and yet it calls most of them 7, those with hardly a bar included. It is no detector of bars. It was fitted to
# whole digits, must choose one of ten for anything that it is shown, and finds a slanting stem nearer to a 7 than to most
# other digits. **Measure the thing that was to be forgotten**, not something that usually goes with it.

# %% [markdown]
# ## 10. What the experiment does not show
#
# - **Not that a map draws a bar.** Half of the layer was dropped, and each map draws a little of many strokes. The
#   object is spread over many maps, and each map over many objects.
# - **Not that 0 means "absent".** A map that is always on is never 0, and setting it to 0 leads $G$ to where it has
#   never been. This is why random choices change the ink at all.
# - **Not that all objects can be forgotten.** On these digits the *loop* of a 6 or 9 cannot, in this way: tried with
#   the same steps, all ink fades together. A loop is made of strokes in all directions, and this layer has maps for
#   strokes.
#
# Later work measures how well each single unit agrees with each object, and switches objects off and on: Bau et al.
# 2019, *GAN Dissection*.
#
# ## 11. What to read
#
# - Radford, Metz and Chintala 2016, section 6: the filters of $D$ (Figure 5), forgetting windows (Figure 6).
# - Springenberg et al. 2015, *Striving for simplicity*, section 3.4: guided backpropagation. Figure 1 compares the
#   three rules.
# - Adebayo et al. 2018, *Sanity checks for saliency maps*: which explanations depend on the network. Nie, Zhang and
#   Patel 2018 derive why guided backpropagation does so little.
# - Bau et al. 2019, *GAN Dissection*: the same questions, asked of each unit, and of larger networks.
#
# ## 12. Exercises
#
# [the exercise notebook](../exercises/10_inside_the_networks.ipynb): five tasks, about 65 minutes. The guided way
# back through a ReLU; the strongest filters; which maps to drop; whether it was forgotten; and what short weights
# are.
