# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
# ---

# %% [markdown] lang="en"
# # 06 · Conditional GAN
#
# | | |
# |---|---|
# | **You will be able to** | order a digit from a generator; derive the conditional game from the unconditional one, and say what its best discriminator answers; say why the label must go to both players; measure whether a generator does what it is told; read the paper's Table 1 with the spread of five trainings beside it |
# | **Minutes** | 75, and 60 for the exercises |
# | **You need** | lesson 03: $D^*$ and $C(G) = -\log 4 + 2\,\mathrm{JSD}$; lesson 04: the training loop; lesson 05: the Parzen window |
#
# The source is Mirza and Osindero 2014, *Conditional Generative Adversarial Nets*: seven pages, two equations, two
# figures. This lesson is about its digits. Its tags for photographs are lesson 07.

# %% [markdown] lang="zh"
# # 06 · 条件生成式对抗网络
#
# | | |
# |---|---|
# | **学完之后你能够** | 让生成器按要求画出某个数字；从无条件的游戏推导出条件游戏，并说出最优判别器的回答；说明为什么标签必须同时交给两个玩家；测量生成器是否听从标签；对照五次训练的离散程度来读论文的表 1 |
# | **时间** | 75 分钟，练习另需 60 分钟 |
# | **预备知识** | 第 03 课：$D^*$ 与 $C(G) = -\log 4 + 2\,\mathrm{JSD}$；第 04 课：训练循环；第 05 课：Parzen window（这三课目前只有英文版） |
#
# 本课依据 Mirza 与 Osindero 2014 年的论文《条件生成式对抗网络》：七页，两个公式，两幅图。这一课只讲其中的手写数字；给照片生成标注（tag）的部分留到第 07 课。
#
# 代码、图中的文字和程序的输出保持英文。几个常见的：label asked for 是要求的标签，digit seen by the judge 是裁判看到的数字，label gives digit 是“标签给出数字”的比例，chance 是瞎猜，seed 是随机种子。

# %%
import course_lib  # before torch: its waiting threads sleep

# isort: split
import math
from dataclasses import replace

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.spatial.distance import jensenshannon
from scipy.special import log_expit
from torch.nn.functional import one_hot

from course_lib import by_size, figures, show_source, theory, widgets
from course_lib.experiments.cgan import cgan_digits, cgan_mnist_parzen
from course_lib.experiments.lessons import small_cgan
from course_lib.experiments.lessons.records import recorded
from course_lib.figures import show
from course_lib.layers import Maxout
from course_lib.metrics import classifier_accuracy, parzen
from course_lib.models import cgan
from course_lib.models.classifier import train_classifier

course_lib.seed(0)

# %% [markdown] lang="en"
# ## 1. The idea: tell both players what is wanted
#
# The generators of the lessons so far draw *some* digit. Nobody chooses which: the noise does, in a way that nobody
# designed. Suppose you want a seven, or a whole number, digit by digit. Here is a generator that takes orders; the next
# cell orders the number under which the paper stands on arXiv, 1411.1784.

# %% [markdown] lang="zh"
# ## 1. 想法：把要求告诉两个玩家
#
# 前几课的生成器会画出*某个*数字，至于是哪一个，没有人能选：由噪声决定，而噪声与数字的对应关系并不是谁设计的。假如你想要一个 7，或者要一串数字，逐个指定，怎么办？下面是一个接受订单的生成器；这个单元向它订的是论文在 arXiv 上的编号 1411.1784。

# %%
artist = cgan_digits.trained()  # comes with the course; section 11 says how it was made
ordered = torch.tensor([1, 4, 1, 1, 1, 7, 8, 4])
with torch.no_grad():
    drawn = artist(artist.noise(len(ordered)), ordered)
show(figures.image_grid(2 * drawn - 1, columns=8, width=4.4, what="digits drawn to order, 1 4 1 1 1 7 8 4"), colours=16)

# %% [markdown] lang="en"
# Four ones, and no two alike: what to draw was said, how to draw it was not.
#
# In the story of the counterfeiter: from now on both he and the detective hear a word before each round, such as
# "fifty". He must make a fifty. She is shown a note and is told that it is meant to be a fifty; she asks not only "is
# this real?" but "is this a real fifty?". A perfect twenty is a bad answer now, and so he stops giving it.
#
# The word is the **label** $y$. It may be a class, as here, but also an image, a sentence, or half a picture of which
# the other half is wanted. Instead of $p(x)$ the pair learns $p(x \mid y)$, one distribution for each $y$.
#
# **Before you run the next cell.** It draws the paper's Figure 1. At how many places does $y$ enter?

# %% [markdown] lang="zh"
# 四个 1，没有两个相同：画什么，已经说定；怎么画，没有说。
#
# 回到造假者与侦探的故事。从现在起，每一轮开始之前两人都会听到一个词，比如“五十”。造假者必须做一张五十元；侦探看到一张钞票，并且知道它应当是五十元。她要问的不只是“这是真的吗”，而是“这是一张真的五十元吗”。一张做得再好的二十元现在也是坏答案，所以他不会再交出这样的答案。
#
# 这个词就是**标签** $y$。它可以是类别（本课就是如此），也可以是一幅图像、一句话，或者缺了一半的画面，要补全的是另一半。这一对玩家学习的不再是 $p(x)$，而是 $p(x \mid y)$：每个 $y$ 对应一个分布。
#
# **运行下一个单元之前。** 它画出论文的图 1。$y$ 从几个地方进入网络？

# %% tags=["hide-output"]
show(figures.conditional_net(), scale=1.5, colours=16)

# %% [markdown] lang="en"
# At two: $y$ enters the generator beside the noise, and the discriminator beside the image. Nothing else of the game
# changes. Sections 3 and 4 say what this makes of the mathematics, and why one place would not do.
#
# ## 2. A label as numbers
#
# A network takes numbers. Feed it the digit itself, and 9 is nine times as much as 1, and 4 lies between 3 and 5.
# Labels have no such order. The paper gives each a place of its own: a **one-hot** vector, 1 at the place of the
# label and 0 elsewhere.
#
# **Before you run the next cell.** How far apart are the vectors of 1 and 2, and how far those of 1 and 9?

# %% [markdown] lang="zh"
# 两个地方：在生成器里，$y$ 与噪声并列；在判别器里，$y$ 与图像并列。游戏的其余部分都没有变。第 3、4 节说明这对数学意味着什么，以及为什么只从一个地方进入是不够的。
#
# ## 2. 用数来表示标签
#
# 网络只接受数。如果直接输入数字本身，9 就是 1 的九倍，4 就夹在 3 与 5 之间；而标签之间并没有这样的顺序。论文给每个标签一个自己的位置，即 **one-hot 向量**：标签所在的位置为 1，其余为 0。
#
# **运行下一个单元之前。** 1 与 2 的向量相距多远？1 与 9 呢？

# %% tags=["nbval-check-output", "hide-output"]
y = torch.tensor([1, 2, 9])
vectors = one_hot(y, 10).float()
for label, vector in zip(y.tolist(), vectors, strict=True):
    print(label, vector.int().tolist())
print(f"from 1 to 2: {(vectors[0] - vectors[1]).norm():.3f}, from 1 to 9: {(vectors[0] - vectors[2]).norm():.3f}")

# %% [markdown] lang="en"
# Equally far, $\sqrt 2$, as are all pairs: the network has to find out for itself which digits resemble each other.
#
# ## 3. One game for each label
#
# The unconditional game, with $p_z$ the distribution of the noise:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]. \tag{1}$$
#
# The sentence above it in the paper's section 3.1 has a slip: "adjust parameters for D to minimize log D(X)". A $D$ that
# does so calls every real image a fake. Equation (1) says what is meant: $D$ *maximises*, and both terms.
#
# The paper writes its own game in the same form:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x|y)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z|y)))]. \tag{2}$$
#
# It does not say where $y$ comes from. In the training it comes with the data: a pair $(x, y)$ is drawn from the
# training set, and $G$ is given the $y$ of such a pair. Let $p(y)$ be the share of label $y$, $p(x|y)$ the data with that
# label, and $g(x|y)$ the distribution of $G(z|y)$ for that $y$. Then (2) reads
#
# $$V(D, G) = \sum_y p(y)\, \underbrace{\Bigl( \mathbb{E}_{x \sim p(x|y)}[\log D(x|y)] + \mathbb{E}_{x \sim g(x|y)}[\log(1 - D(x|y))] \Bigr)}_{V_y}.$$
#
# Each $V_y$ is equation (1) with $p(x|y)$ for the data and $g(x|y)$ for the fakes. **The conditional game is one
# unconditional game for each label, weighed by how often the label comes.**
#
# **The best discriminator.** $D(x|y)$ may take any value at each pair $(x, y)$, independently of all others. So lesson
# 03 applies at each pair. Its integrand is $p(y)\,[\,p(x|y) \log D + g(x|y) \log(1 - D)\,]$; the factor $p(y)$
# moves no peak, and
#
# $$D^*(x|y) = \frac{p(x|y)}{p(x|y) + g(x|y)}.$$
#
# (The bar in $D(x|y)$ is only a habit of writing: $D$ is a function of two arguments. It answers "how likely is $x$
# real, when $y$ was asked for?".)
#
# **The value at the best discriminator.** Put $D^*$ into each $V_y$. Theorem 1 of the first paper, equation (6) in its
# proof, gives $-\log 4 + 2\,\mathrm{JSD}$ for each. The $p(y)$ sum to 1, so
#
# $$C(G) = -\log 4 + 2 \sum_y p(y)\, \mathrm{JSD}\bigl(p(\cdot|y) \,\|\, g(\cdot|y)\bigr).$$
#
# A sum of terms that are never negative is 0 only if each is. The minimum, $-\log 4$, is reached exactly when
# $g(x|y) = p(x|y)$ **for every label that comes at all**. A label that never comes, $p(y) = 0$, teaches nobody anything.
#
# Now in numbers: two labels, three outcomes. $G$ is right about label 1 and wrong about label 0.
#
# **Before you run the next cell.** What does the best $D$ answer under label 1? And in the last panel, where it does
# not hear the label?

# %% [markdown] lang="zh"
# 一样远，都是 $\sqrt 2$，任何两个都如此：哪些数字彼此相像，要由网络自己去发现。
#
# ## 3. 每个标签一场游戏
#
# 无条件的游戏如下，其中 $p_z$ 是噪声的分布：
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]. \tag{1}$$
#
# 论文第 3.1 节在这个公式之前有一处笔误：“针对 $D$ 调整参数来*最小化* $\log D(X)$”，译文照录了它。那样的 $D$ 会把每一幅真图像都说成假的。公式 (1) 才是本意：$D$ 要*最大化*，而且是两项一起。
#
# 论文把自己的目标函数写成同样的形式：
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x|y)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z|y)))]. \tag{2}$$
#
# 它没有说明 $y$ 从哪里来。在训练中，$y$ 随数据而来：从训练集中取一对 $(x, y)$，并把这样一对里的 $y$ 交给 $G$。记 $p(y)$ 为标签 $y$ 所占的比例，$p(x|y)$ 为带有该标签的数据，$g(x|y)$ 为给定该 $y$ 时 $G(z|y)$ 的分布。于是 (2) 就是
#
# $$V(D, G) = \sum_y p(y)\, \underbrace{\Bigl( \mathbb{E}_{x \sim p(x|y)}[\log D(x|y)] + \mathbb{E}_{x \sim g(x|y)}[\log(1 - D(x|y))] \Bigr)}_{V_y}.$$
#
# 每个 $V_y$ 都是公式 (1)，只是数据换成了 $p(x|y)$，假样本换成了 $g(x|y)$。**条件游戏就是每个标签各有一场无条件游戏，再按标签出现的频率加权。**
#
# **最优判别器。** $D(x|y)$ 在每一对 $(x, y)$ 上可以取任意值，与其他各对无关，因此第 03 课的结论在每一对上都成立。这里的被积函数是 $p(y)\,[\,p(x|y) \log D + g(x|y) \log(1 - D)\,]$；因子 $p(y)$ 不会移动峰的位置，所以
#
# $$D^*(x|y) = \frac{p(x|y)}{p(x|y) + g(x|y)}.$$
#
# （$D(x|y)$ 中的竖线只是书写习惯：$D$ 是两个自变量的函数，它回答的是“既然要求的是 $y$，$x$ 为真的可能性有多大”。）
#
# **最优判别器处的价值。** 把 $D^*$ 代入每个 $V_y$，由第一篇论文的定理 1（证明中的公式 (6)）各得 $-\log 4 + 2\,\mathrm{JSD}$。各 $p(y)$ 之和为 1，因此
#
# $$C(G) = -\log 4 + 2 \sum_y p(y)\, \mathrm{JSD}\bigl(p(\cdot|y) \,\|\, g(\cdot|y)\bigr).$$
#
# 若干非负项之和为 0，当且仅当每一项都为 0。所以最小值 $-\log 4$ 恰好在**每个会出现的标签**都满足 $g(x|y) = p(x|y)$ 时达到。从不出现的标签（$p(y) = 0$）不会教给任何人任何东西。
#
# 现在用数来看：两个标签，三种结果。对标签 1，$G$ 是对的；对标签 0，$G$ 是错的。
#
# **运行下一个单元之前。** 在标签 1 之下，最优的 $D$ 回答什么？在最后一格里，$D$ 听不到标签，它又回答什么？

# %% tags=["hide-output"]
share = torch.tensor([0.3, 0.7], dtype=torch.float64)  # p(y)
p = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], dtype=torch.float64)  # p(x|y), a row a label
g = torch.tensor([[0.3, 0.5, 0.2], [0.1, 0.3, 0.6]], dtype=torch.float64)  # g(x|y)
show(figures.game_by_label(p, g, share), scale=1.5, colours=16)

# %% [markdown] lang="en"
# Under label 1 it answers 1/2 everywhere, since data and fakes agree there; under label 0 it complains of outcomes 1
# and 2 and misses outcome 0. Not told the label, it complains of the same, but more faintly: label 0 is drowned in label 1.
#
# **Before you run the next cell.** SciPy's optimiser looks for the best of all $D$, knowing no formula, and SciPy's
# `jensenshannon` gives the square root of each JSD. Search, $D^*$ and the sum: which of the three should be largest?

# %% [markdown] lang="zh"
# 在标签 1 之下，数据与假样本一致，它处处回答 1/2；在标签 0 之下，它嫌结果 1 和 2 太多、结果 0 太少。不告诉它标签时，它抱怨的内容相同，只是弱得多：标签 0 被淹没在标签 1 之中。
#
# **运行下一个单元之前。** SciPy 的优化器在不知道任何公式的情况下寻找最优的 $D$；SciPy 的 `jensenshannon` 给出每个 JSD 的平方根。搜索的结果、$D^*$ 处的价值与上面的和式，三者之中哪一个应当最大？


# %% tags=["nbval-check-output", "hide-output"]
def negative_value(logits):
    """-V of equation 2 on the tables, D given by its logits, as SciPy wants it."""
    logits = logits.reshape(p.shape)
    return -(share.numpy()[:, None] * (p.numpy() * log_expit(logits) + g.numpy() * log_expit(-logits))).sum()


search = minimize(negative_value, np.zeros(p.numel()), options={"gtol": 1e-9})
best = theory.optimal_discriminator(p, g)
at_best = (share[:, None] * (p * best.log() + g * (1 - best).log())).sum().item()
jsd = [jensenshannon(p_row, g_row) ** 2 for p_row, g_row in zip(p.numpy(), g.numpy(), strict=True)]
by_sum = -math.log(4) + 2 * np.dot(share.numpy(), jsd)

assert np.allclose(1 / (1 + np.exp(-search.x)), best.flatten().numpy(), atol=1e-4)
assert math.isclose(at_best, by_sum, abs_tol=1e-12) and math.isclose(-search.fun, by_sum, abs_tol=1e-8)
print(f"V at the best D found by search      {-search.fun:.6f}")
print(f"V at D*(x|y)                         {at_best:.6f}")
print(f"-log 4 + 2 sum_y p(y) JSD_y, SciPy   {by_sum:.6f}")

# %% [markdown] lang="en"
# None: they are one number by three ways. There is a second way to see it. A pair $(x, y)$ is itself a thing to be drawn, from the joint
# distribution $p(y)\,p(x|y)$ or from $p(y)\,g(x|y)$. A discriminator that sees both $x$ and $y$ plays the *unconditional* game on
# pairs, so the sum over labels must be the one divergence between the joint tables:

# %% [markdown] lang="zh"
# 没有哪一个：三条路得到同一个数。还有另一种看法。一对 $(x, y)$ 本身就是一个可以抽取的对象，来自联合分布 $p(y)\,p(x|y)$ 或 $p(y)\,g(x|y)$。同时看到 $x$ 与 $y$ 的判别器，是在这些对上玩*无条件*的游戏。所以对标签求和的结果，应当等于两张联合概率表之间的那一个散度：

# %% tags=["nbval-check-output"]
joint_p, joint_g = share[:, None] * p, share[:, None] * g
joint_jsd = jensenshannon(joint_p.flatten(), joint_g.flatten()) ** 2
assert math.isclose(joint_jsd, np.dot(share.numpy(), jsd), abs_tol=1e-12)
print(f"JSD of the joint tables {joint_jsd:.6f}, sum of p(y) JSD_y {np.dot(share.numpy(), jsd):.6f}")

# %% [markdown] lang="en"
# ## 4. Why $D$ must hear the label
#
# Suppose only $G$ is told. All that $D$ ever sees is the mixture over labels, $p(x) = \sum_y p(y)\,p(x|y)$ against
# $g(x) = \sum_y p(y)\,g(x|y)$, and its best value is $-\log 4 + 2\,\mathrm{JSD}(p(x) \,\|\, g(x))$.
#
# **Before you run the next cell.** Two labels, equally frequent, and a generator that does exactly the opposite of what
# it is told: $g(x|0) = p(x|1)$ and $g(x|1) = p(x|0)$. What does a $D$ make of it that hears the label, and one that does
# not?

# %% [markdown] lang="zh"
# ## 4. 为什么 $D$ 也要听到标签
#
# 假设只把标签告诉 $G$。那么 $D$ 所能看到的，只有对标签的混合：$p(x) = \sum_y p(y)\,p(x|y)$ 与 $g(x) = \sum_y p(y)\,g(x|y)$，它的最优价值是 $-\log 4 + 2\,\mathrm{JSD}(p(x) \,\|\, g(x))$。
#
# **运行下一个单元之前。** 两个标签同样频繁，而生成器恰好与要求相反：$g(x|0) = p(x|1)$，$g(x|1) = p(x|0)$。听得到标签的 $D$ 会怎样看待它？听不到的呢？

# %% tags=["hide-output"]
equal = torch.tensor([0.5, 0.5], dtype=torch.float64)
show(figures.game_by_label(p, p.flip(0), equal), scale=1.5, colours=16)


# %% tags=["nbval-check-output", "hide-output"]
def best_values(p, g, share):
    """The highest V of a D that hears the label, and of one that does not."""
    told = sum(w * theory.criterion(*rows) for w, *rows in zip(share, p, g, strict=True))
    return told.item(), theory.criterion(share @ p, share @ g).item()


told, not_told = best_values(p, p.flip(0), equal)
print(
    f"best V of a D that hears the label {told:.4f}, of one that does not {not_told:.4f}; -log 4 = {theory.C_MIN:.4f}"
)

random = np.random.default_rng(0)
for _ in range(1_000):
    tables = [torch.tensor(random.dirichlet(np.ones(4), size=3)) for _ in range(2)]
    told, not_told = best_values(*tables, torch.tensor(random.dirichlet(np.ones(3))))
    assert theory.C_MIN <= not_told + 1e-12 and not_told <= told + 1e-12
print("1,000 random games: the one who hears the label is never worse off")

# %% [markdown] lang="en"
# The first finds it out. The second answers 1/2 to everything and is at $-\log 4$, the value of a perfect generator,
# though *every* answer of this one is wrong. A generator that shrugs and gives the whole mixture whatever the label
# has the same perfect score. Nothing in such a game rewards obedience. (Exercise 4 asks for more such generators.)
#
# That hearing the label never hurts is no accident: whoever hears it may still ignore it.
#
# ## 5. The paper's networks and schedule
#
# Both players start with the same step, "joint hidden representation" in the paper's section 3.2: each input goes through
# a layer of its own, and the results are put side by side.

# %% [markdown] lang="zh"
# 前者看穿了它。后者对一切都回答 1/2，停在 $-\log 4$，也就是完美生成器的价值，尽管这个生成器的*每一个*答案都是错的。一个不管标签、总是交出整个混合分布的生成器，也会得到同样的满分。这样的游戏里没有任何东西奖励听话。（练习 4 要你找出更多这样的生成器。）
#
# 听到标签从来不会吃亏，这并非偶然：听到的人仍然可以不理会它。
#
# ## 5. 论文的网络与训练参数
#
# 两个玩家的第一步相同，即论文第 3.2 节所说的“联合隐藏表示”：每个输入各过一层，再把结果并排放在一起。

# %%
show_source(cgan.Apart)

# %% [markdown] lang="en"
# In $G$ the two layers are ReLUs. A question to take along: $y$ has ten values, and the layer above it has 1000 units. How
# many different outputs can that layer have? (`at_once` is for section 9, the arguments on dropout for section 10.)

# %% [markdown] lang="zh"
# 在 $G$ 里，这两层是 ReLU。读的时候想一个问题：$y$ 有十种取值，它上面那一层有 1000 个单元，这一层能有多少种不同的输出？（`at_once` 留到第 9 节，与 Dropout 有关的参数留到第 10 节。）

# %%
show_source(cgan.Generator)

# %% [markdown] lang="en"
# Ten. A layer that is fed one-hot vectors is a table with ten rows, however many units it has.
#
# In $D$ the layers are **maxout**: a unit is the largest of several linear maps, here of 5 or 4 "pieces". A ReLU is the
# largest of one linear map and 0; a maxout unit learns where its bends lie.

# %% [markdown] lang="zh"
# 十种。输入是 one-hot 向量的层，不管有多少单元，都只是一张十行的表。
#
# 在 $D$ 里，各层是 **maxout**：一个单元取几个线性映射中最大的一个，这里是 5 块或 4 块。ReLU 是一个线性映射与 0 中较大的一个；maxout 单元则自己学习在哪里转折。

# %%
show_source(Maxout)

# %%
show_source(cgan.Discriminator)

# %% [markdown] lang="en"
# With the paper's sizes, which are the defaults above:
#
# | | generator | discriminator |
# |---|---|---|
# | $z$ or $x$ | $z \sim U[0, 1)^{100}$ to 200 ReLU | $x$ to maxout, 240 units of 5 pieces |
# | $y$, one-hot | to 1000 ReLU | to maxout, 50 units of 5 pieces |
# | joint hidden layer | 1200 ReLU | maxout, 240 units of 4 pieces |
# | output | 784 sigmoid | 1 sigmoid |
#
# Both networks drop half of their hidden units at random in each step (dropout 0.5). Training is by stochastic gradient
# descent on minibatches of 100. The learning rate starts at 0.1 and is divided by 1.00004 after each step, down to
# $10^{-6}$; the momentum rises from 0.5 to 0.7. The weights kept are those with the best log-likelihood of the validation images. What the paper leaves open
# (starting weights, how fast the momentum rises) is written at the top of `course_lib/experiments/cgan/cgan_mnist_parzen.py`.
#
# **Before you run the next cell.** $0.1 / 1.00004^t = 10^{-6}$: how many steps, and how many passes over 50,000 digits?

# %% [markdown] lang="zh"
# 论文的规模，也就是上面各参数的默认值：
#
# | | 生成器 | 判别器 |
# |---|---|---|
# | $z$ 或 $x$ | $z \sim U[0, 1)^{100}$ 映射到 200 个 ReLU | $x$ 映射到 maxout 层，240 个单元 5 块 |
# | $y$（one-hot） | 映射到 1000 个 ReLU | 映射到 maxout 层，50 个单元 5 块 |
# | 联合隐藏层 | 1200 个 ReLU | maxout 层，240 个单元 4 块 |
# | 输出 | 784 个 sigmoid | 1 个 sigmoid |
#
# 两个网络在每一步都随机丢弃一半隐藏单元（Dropout 概率为 0.5）。训练使用随机梯度下降法，每个 mini-batch 为 100。学习率从 0.1 开始，每一步除以 1.00004，直到 $10^{-6}$；动量从 0.5 升到 0.7。最后保留的是使验证集对数似然最大的权重。论文没有写明的地方（初始权重、动量上升的快慢），写在 `course_lib/experiments/cgan/cgan_mnist_parzen.py` 的开头。
#
# **运行下一个单元之前。** 由 $0.1 / 1.00004^t = 10^{-6}$：需要多少步？相当于把 50,000 个数字过多少遍？

# %% tags=["nbval-check-output", "hide-output"]
steps = math.log(0.1 / 1e-6) / math.log(1.00004)
print(f"{steps:,.0f} steps, {steps / 500:.0f} passes over 50,000 digits in minibatches of 100")
for name, network in (("generator", cgan.Generator()), ("discriminator", cgan.Discriminator())):
    print(f"{name:13} {sum(weights.numel() for weights in network.parameters()):,} numbers to learn")
print(cgan_mnist_parzen.GPU)

# %% [markdown] lang="en"
# That is hours on two cores. The commands are in section 10; for a lesson we make everything smaller.
#
# ## 6. A small one, trained now
#
# What differs from the paper, so that a quarter of a minute is enough:
#
# - the 5,000 embedded digits, averaged over blocks of 2 × 2 pixels to 14 × 14;
# - fewer units, dropout in $D$ alone (0.3), and batch norm in the joint layer of $G$ (lesson 08 says why it helps);
# - $G$'s last layer starts at the mean brightness of each pixel (`marginals`), so that its first images are faint digits
#   and not noise;
# - Adam instead of plain gradient descent with momentum, its rate falling to zero in the second half; in $G$ the
#   non-saturating loss, in $D$ a target of 0.9 on real digits;
# - $D$ sees real and generated digits in one batch (`one_pass`), and $G$'s move is judged on the very samples of $D$'s
#   move before it (`reuse_samples`). Algorithm 1 draws fresh noise for $G$; this saves a pass of $G$;
# - starting weights of $D$ ten times wider, and those of its *label layer* a hundred times. At first a digit that
#   matches its label looks to $D$ hardly different from one that does not, while blurred strokes give a fake away at
#   once. A label that comes in too softly is then learned late. (`label_weights=0.05` shows it; try it afterwards.)
#
# All of it stands in one function. `variant` chooses what is broken or changed in sections 8 to 10.

# %% [markdown] lang="zh"
# 在双核 CPU 上要几个小时。命令见第 10 节；课上我们把一切都缩小。
#
# ## 6. 现在就训练一个小的
#
# 为了十几秒就够用，与论文相比做了这些改动：
#
# - 只用课程自带的 5,000 个数字，每 2 × 2 个像素取平均，变成 14 × 14；
# - 单元更少，只在 $D$ 中使用 Dropout（0.3），并在 $G$ 的联合隐藏层里加入批归一化（第 08 课会说明它为什么有用）；
# - $G$ 的最后一层从每个像素的平均亮度开始（`marginals`），所以最初的图像是淡淡的数字，而不是噪声；
# - 用 Adam 代替带动量的随机梯度下降，后半段学习率降到零；$G$ 用不饱和的损失，$D$ 在真数字上的目标取 0.9；
# - $D$ 在同一个 batch 里看真数字与假数字（`one_pass`）；评判 $G$ 这一步所用的，正是 $D$ 上一步看过的那些样本（`reuse_samples`）。算法 1 会为 $G$ 另取噪声；这样做省下 $G$ 的一次前向计算；
# - $D$ 的初始权重范围扩大十倍，其中*标签层*扩大一百倍。起初，在 $D$ 看来，数字与标签相符或不相符几乎没有区别，而模糊的笔画会让假样本立刻露馅。标签的声音太小，就会学得很晚。（试试 `label_weights=0.05` 就能看到，不过可以留到以后。）
#
# 这一切都写在一个函数里。第 8 至 10 节所弄坏或改动的，由 `variant` 选择。

# %%
show_source(small_cgan.build)

# %%
data = small_cgan.digits()
train, validation, test = data.train, data.validation, data.test
print(f"{len(train):,} digits to train with, {len(validation)} to choose by, {len(test):,} to test with")
settings = small_cgan.Settings("told", steps=by_size(quick=30, cpu=1_200, gpu=1_200))

# %% [markdown] lang="en"
# The loop is `play` of lesson 04. It does not know of labels: `Batches(..., conditional=True)` hands each minibatch's
# $y$ to both players.
#
# To measure obedience we need somebody who reads digits: a small classifier, trained on the same real digits with
# their labels. Its accuracy on test digits tells how far it may be trusted. Then one asks $G$ for labels $y$ and counts how
# often the judge reads what was asked for. Call it **"label gives digit"**. Blind guessing gives 10 %.

# %% [markdown] lang="zh"
# 训练循环就是第 04 课的 `play`。它并不知道标签：`Batches(..., conditional=True)` 会把每个 mini-batch 的 $y$ 交给两个玩家。
#
# 要测量生成器是否听话，需要一个会认数字的裁判：用同样的真数字及其标签训练一个小分类器。它在测试数字上的准确率说明它有多可信。然后向 $G$ 要标签为 $y$ 的图像，数一数裁判读出来的恰好是所要求的数字有多少次，称为“**标签给出数字**”的比例。瞎猜是 10 %。

# %%
judge = train_classifier(train, epochs=by_size(quick=2, cpu=6), width=8).cpu()
print(f"the judge reads {classifier_accuracy(judge, test.scaled(), test.y):.1%} of the real test digits correctly")

# %%
show_source(small_cgan.share_obeyed)

# %%
show_source(small_cgan.play_through)

# %% [markdown] lang="en"
# **Before you run the next two cells.** They train, and show the paper's Figure 2: one row a label, one column a sample.
# If $G$ obeys, what should be alike within a row? What should differ?

# %% [markdown] lang="zh"
# **运行下面两个单元之前。** 它们进行训练，并画出论文的图 2：每一行代表一个标签，每一列代表一个样本。如果 $G$ 听话，同一行里什么应当相同，什么应当不同？

# %%
told = small_cgan.build(settings)
share_told = small_cgan.play_through(told, settings, judge)[-1]

# %% tags=["hide-output"]
DIGITS = [str(digit) for digit in range(10)]
y = torch.arange(10).repeat_interleave(12)  # 0 twelve times, then 1 twelve times, ...: one row a label
show(
    figures.rows_by_label(small_cgan.made(told.generator, y).unflatten(0, (10, 12)), DIGITS, width=5.6),
    scale=1.5,
    colours=16,
)
print(f"label gives digit: {share_told:.0%}; chance 10 %")

# %% [markdown] lang="en"
# Within most rows the digit is the same, and slant, width and thickness differ: the label says *what*, the noise says
# *how*. Some rows are mixed. Which ones, the next section counts. The strokes are still rough: for those one trains
# longer.
#
# ## 7. Who was asked, and what was seen
#
# One share hides which labels are obeyed. A table does not: a row for each label asked for, a column for each
# digit read.

# %% [markdown] lang="zh"
# 多数行里数字相同，而倾斜、宽窄和笔画粗细不同：标签决定画*什么*，噪声决定*怎么*画。也有几行是混杂的，究竟是哪几行，下一节来数。笔画还很粗糙；要让笔画变好，就得训练更久。
#
# ## 7. 要求的是什么，看到的是什么
#
# 单独一个比例看不出哪些标签被听从了。一张表就可以：每一行是所要求的标签，每一列是读出来的数字。


# %%
def asked_against_seen(generator, n=2_000):
    """Counts: label asked for as row, digit seen by the judge as column."""
    y = torch.arange(n) % 10
    with torch.no_grad():
        seen = judge(2 * small_cgan.made(generator, y) - 1).argmax(1)
    return (10 * y + seen).bincount(minlength=100).view(10, 10)


counts = {"D told y": asked_against_seen(told.generator)}
show(figures.asked_and_seen(counts), scale=1.5, colours=16)

# %% [markdown] lang="en"
# The dark squares lie on the diagonal; what lies beside it is where $G$ does not obey, or where the judge errs. In the run
# shown here 4 and 5 are obeyed least, and no single share would have told.
#
# **A trap in the measuring.** The images of section 6 were made in rows, 0 first; those of this section in turn, 0,
# 1, 2, ... Both are fine. **Before you run the next cell:** what comes out if images made in one order are compared
# with labels in the other?

# %% [markdown] lang="zh"
# 深色的格子在对角线上；对角线以外的，是 $G$ 没有听话，或者裁判看错了的地方。在这里显示的这次运行中，4 和 5 最不听话，单独一个比例是看不出来的。
#
# **测量中的陷阱。** 第 6 节的图像按行生成，先是全部的 0；这一节则轮流生成：0、1、2……两种都可以。**运行下一个单元之前：** 如果图像按一种顺序生成，却与另一种顺序的标签比较，结果会是多少？

# %% tags=["hide-output"]
in_turn, in_rows = torch.arange(1_000) % 10, torch.arange(10).repeat_interleave(100)
images = 2 * small_cgan.made(told.generator, in_turn) - 1
print(f"compared with their own labels    {classifier_accuracy(judge, images, in_turn):.0%}")
print(f"compared with labels in rows      {classifier_accuracy(judge, images, in_rows):.0%}")

# %% [markdown] lang="en"
# About 10 %, from a generator that obeys. No error is raised: both have 1,000 rows. The repair is a habit: make $y$ once,
# give that very $y$ to $G$, and compare with that very $y$.
#
# ## 8. Broken: the label is kept from $D$
#
# Now to section 4 in earnest. $G$ is told the label as before; $D$ always hears "0".

# %% [markdown] lang="zh"
# 大约 10 %，尽管这个生成器是听话的。程序不会报错：两边都有 1,000 行。补救的办法是一个习惯：$y$ 只生成一次，把这个 $y$ 交给 $G$，也与这个 $y$ 比较。
#
# ## 8. 弄坏它：不让 $D$ 听到标签
#
# 现在真正做一遍第 4 节的事。$G$ 仍然得到标签；$D$ 听到的永远是“0”。

# %%
show_source(small_cgan.NotTold)

# %% [markdown] lang="en"
# **Before you run the next cells.** Will the images look worse? What will the share be?

# %% [markdown] lang="zh"
# **运行下面的单元之前。** 图像会变差吗？比例会是多少？


# %%
kept_from_d = replace(settings, variant="not-told")
not_told = small_cgan.build(kept_from_d)
share_not_told = small_cgan.play_through(not_told, kept_from_d, judge)[-1]

# %% tags=["hide-output"]
y = torch.arange(10).repeat_interleave(12)
show(
    figures.rows_by_label(small_cgan.made(not_told.generator, y).unflatten(0, (10, 12)), DIGITS, width=5.6),
    scale=1.5,
    colours=16,
)

# %% tags=["hide-output"]
counts["D not told y"] = asked_against_seen(not_told.generator)
show(figures.asked_and_seen(counts), scale=1.5, colours=16)
print(f"label gives digit: D told y {share_told:.0%}, D not told y {share_not_told:.0%}")
if course_lib.size() != "quick":  # thirty steps are too few to ask for this
    assert share_told > 0.5 and share_not_told < 0.35

# %% [markdown] lang="en"
# The strokes are no worse than before, but the rows do not show what was asked for, and the share is near that of
# guessing. Now read the right-hand table row by row. The rows are not alike: in the run shown here, whoever asks for an 8
# gets a 1 most of the time, and whoever asks for a 6 gets a 3. $G$ hears the label, and uses it as it uses $z$. For $G$,
# $y$ is more noise: it steers something, and nothing says what.
#
# **The repair** is one argument: $y$ to $D$ too. What happens if it is the other way round, and only $D$ is told? Then
# $g(x|y)$ is one $g(x)$ for all labels, and $D$ blames it for every digit that does not match a label it never heard.
# The least value of $C(G)$ is then above $-\log 4$, out of its reach.
#
# ## 9. Where should the label come in?
#
# Often the label is simply put behind $z$, or behind the pixels, before the first layer: **concatenation**. The paper
# gives $z$ and $y$ a layer each and joins them in the next. In code the other way is shorter; the arguments `at_once` of
# both networks choose it.

# %% [markdown] lang="zh"
# 笔画并不比之前差，但各行画的并不是所要求的数字，比例接近瞎猜。再逐行读右边的表：各行并不相同。在这里显示的这次运行中，要 8 的多半得到 1，要 6 的多半得到 3。$G$ 听到了标签，也用到了标签，用法和 $z$ 一样。对 $G$ 来说，$y$ 只是又一份噪声：它左右着某些东西，至于是什么，没有人规定。
#
# **补救**只需一个参数：把 $y$ 也交给 $D$。反过来，如果只告诉 $D$ 呢？那么对所有标签，$g(x|y)$ 都是同一个 $g(x)$，凡是与标签不符的数字，$D$ 都要怪罪 $G$，而 $G$ 从没听到过这个标签。这时 $C(G)$ 的最小值高于 $-\log 4$，$G$ 无论如何也达不到。
#
# ## 9. 标签应当从哪里进入？
#
# 常见的做法是在第一层之前，直接把标签接在 $z$ 或像素的后面，即**拼接**。论文则让 $z$ 和 $y$ 各过一层，在下一层才联合起来。前一种写起来更短；两个网络的参数 `at_once` 就是选它的。

# %%
show_source(cgan.AtOnce)

# %% [markdown] lang="en"
# What is the difference?
#
# **Concatenation.** Split the weights of the first layer into the columns for $z$ and those for $y$. A one-hot vector
# picks one column:
#
# $$W\begin{bmatrix} z \\ y \end{bmatrix} + b = W_z z + \underbrace{(b + \text{column } y \text{ of } W_y)}_{\text{a bias of its own for each label}} .$$
#
# **The paper's joint layer.** $W \begin{bmatrix} h(z) \\ k(y) \end{bmatrix} + b = W_1 h(z) + (b + W_2\, k(y))$. The vector $k(y)$ takes ten values, so this
# is *again* a bias for each label, one layer higher, after $z$ has been through its ReLUs.
#
# **Before you run the next cell.** It asserts both on random weights. In training, with dropout on $k(y)$, would the second
# still hold?

# %% [markdown] lang="zh"
# 两者有什么不同？
#
# **拼接。** 把第一层的权重按列分成属于 $z$ 的和属于 $y$ 的两部分。one-hot 向量恰好选出一列：
#
# $$W\begin{bmatrix} z \\ y \end{bmatrix} + b = W_z z + \underbrace{(b + W_y \text{ 的第 } y \text{ 列})}_{\text{每个标签各有一个偏置}} .$$
#
# **论文的联合隐藏层。** $W \begin{bmatrix} h(z) \\ k(y) \end{bmatrix} + b = W_1 h(z) + (b + W_2\, k(y))$。向量 $k(y)$ 只有十种取值，所以这*仍然*是每个标签各有一个偏置，只是高了一层，在 $z$ 经过 ReLU 之后。
#
# **运行下一个单元之前。** 它用随机权重验证这两点。训练时 $k(y)$ 上有 Dropout，第二点还成立吗？

# %% tags=["nbval-check-output", "hide-output"]
course_lib.seed(1)
z, y = torch.rand(6, 50), torch.tensor([0, 3, 3, 7, 9, 0])

joined = cgan.Generator(50, 10, (100, 50), 256, small_cgan.SHAPE, at_once=True).eval()
layer = joined.hidden.layer[0]  # the linear map below the ReLU
from_both = layer(torch.cat([z, one_hot(y, 10).float()], 1))
from_bias = z @ layer.weight[:, :50].T + (layer.bias + layer.weight[:, 50:].T[y])
assert torch.allclose(from_both, from_bias, atol=1e-5)

apart = cgan.Generator(50, 10, (100, 50), 256, small_cgan.SHAPE).eval()  # eval: no dropout
layer = apart.joint[1][0]
from_both = layer(apart.hidden(z, one_hot(y, 10).float()))
biases = layer.bias + apart.hidden.second(torch.eye(10)) @ layer.weight[:, 100:].T  # ten of them
from_bias = apart.hidden.first(z) @ layer.weight[:, :100].T + biases[y]
assert torch.allclose(from_both, from_bias, atol=1e-5)
print(f"concatenation: a bias for each label at a layer of {joined.hidden.layer[0].out_features} units")
print(f"the paper's:   a bias for each label at a layer of {layer.out_features} units; biases: {tuple(biases.shape)}")

# %% [markdown] lang="en"
# Both hold. With dropout the ten biases jitter while training, around ten means.
#
# So neither lets the label *multiply* the noise; both let it shift a layer, and leave the rest to the ReLUs above. They
# differ in how many layers remain above the shift, and in size: concatenation needs no layer for $y$, but its first layer
# is wider for $z$. Later networks scale each feature by a number that depends on
# the label, or take the inner product of features and label in $D$.
#
# Which obeys sooner? One run of each would not say: another seed moves such shares by ten points. So each was trained five
# times, with the seeds 0 to 4, by `gan-course reproduce small-cgan`; the [ledger](../results/README.md) has every run.
#
# **Before you run the next cell.** It reads those records. A band reaches from the worst seed to the best. Will the bands
# of the paper's layers and of concatenation overlap at the end? And where will that of a $D$ which is not told lie?

# %% [markdown] lang="zh"
# 两点都成立。有 Dropout 时，十个偏置在训练中会围绕十个均值抖动。
#
# 所以两种做法都没有让标签与噪声*相乘*；都只是让标签平移某一层，其余交给上面的 ReLU。不同之处在于平移之后还剩几层，以及规模：拼接不需要给 $y$ 单独一层，但第一层对 $z$ 来说更宽。后来的网络会用依赖于标签的数去缩放每个特征，或者在 $D$ 里取特征与标签的内积。
#
# 哪一种更早听话？各跑一次说明不了问题：换一个随机种子，这样的比例就会变动十个百分点。所以两种各训练了五次，随机种子为 0 到 4，命令是 `gan-course reproduce small-cgan`；每一次都记在[实测记录](../results/README.md)里。
#
# **运行下一个单元之前。** 它读出这些记录。色带从最差的随机种子延伸到最好的。到最后，论文的做法与拼接的色带会重叠吗？$D$ 听不到标签时，色带又在哪里？

# %% tags=["hide-output"]
NAMES = {"told": "the paper's layers", "concatenated": "concatenated", "not-told": "D not told y"}
steps = small_cgan.moments(small_cgan.CPU.steps)
by_seed = {
    name: torch.tensor(
        [recorded("small-cgan", f"label_gives_digit_1k_step_{step}", variant=variant, steps=1_200) for step in steps]
    ).T
    for variant, name in NAMES.items()
}
show(
    figures.shares_over_steps(steps, {name: shares.tolist() for name, shares in by_seed.items()}), scale=1.5, colours=64
)
for name, shares in by_seed.items():
    end = shares[:, -1]
    print(f"{name:18} {len(end)} seeds, at the end {end.mean():.0%}, from {end.min():.0%} to {end.max():.0%}")

# %% [markdown] lang="en"
# A $D$ that is not told stays at chance, whatever the seed. The other two bands are far apart at first and still do not
# overlap at the end: concatenation obeys sooner at this size, and five seeds of five say so. One reason may be that its label
# has one layer more in which to meet the noise, or in $D$ the pixels. Other sizes may order them otherwise; the paper
# leaves open how the hidden representation is put together.
#
# ## 10. Table 1: the Parzen window again
#
# | model | MNIST, nats |
# |---|---|
# | DBN | 138 ± 2 |
# | Stacked CAE | 121 ± 1.6 |
# | Deep GSN | 214 ± 1.1 |
# | adversarial nets | 225 ± 2 |
# | **conditional adversarial nets** | **132 ± 1.8** |
#
# The protocol is that of lesson 05, with 1,000 samples of each of the ten classes. $\sigma$ is chosen on validation images,
# never on the test set. The ± is over test images; it says nothing of another training.
#
# The paper's two GANs differ in networks, schedule and length. For a fair comparison the *same* small networks were trained
# for the *same* number of steps with all labels equal to 0: a conditional GAN with one label is an unconditional GAN. Five
# seeds of each are in the ledger.
#
# **Before you run the next cell.** Is the conditional one bound to win, because it knows more? And how wide is the spread
# over seeds, beside an error over test images of one or two nats?

# %% [markdown] lang="zh"
# $D$ 听不到标签时，无论随机种子如何，比例都停在瞎猜的水平。另外两条色带起初相距很远，到最后也没有重叠：这种规模下拼接更早听话，五个随机种子都是如此。一个可能的原因是，它的标签多一层可以与噪声结合，在 $D$ 里则是与像素结合。换一种规模，次序也许不同；论文自己也说，如何组成隐藏层有很大的灵活性。
#
# ## 10. 表 1：再用 Parzen window
#
# | 模型 | MNIST（nats） |
# |---|---|
# | DBN | 138 ± 2 |
# | Stacked CAE | 121 ± 1.6 |
# | Deep GSN | 214 ± 1.1 |
# | 对抗网络 | 225 ± 2 |
# | **条件对抗网络** | **132 ± 1.8** |
#
# 步骤与第 05 课相同：从十个类别中各取 1,000 个样本；$\sigma$ 在验证集上选，绝不在测试集上选。± 是对测试图像而言的，换一次训练会怎样，它什么也没说。
#
# 论文里的两个对抗网络，结构、训练参数和长度都不同。为了公平，我们用*同样*的小网络、*同样*的步数再训练一遍，但所有标签都是 0：只有一个标签的条件对抗网络，就是无条件的对抗网络。两种各有五个随机种子的结果，都在实测记录里。
#
# **运行下一个单元之前。** 条件网络知道得更多，所以一定会赢吗？对测试图像的误差是一两个 nats，换一个随机种子，变动又有多大？

# %% tags=["hide-output"]
IN_TABLE = {"one-label": "unconditional", "told": "conditional", "concatenated": "concatenated"}
nats = {
    name: recorded("small-cgan", "parzen_ll_10k_14x14", variant=variant, steps=1_200)
    for variant, name in IN_TABLE.items()
}
real = parzen(train.x / 255, validation.x / 255, test.x / 255)
show(figures.dots_by_seed(nats, xlabel="Parzen log-likelihood, nats (14 x 14)"), scale=1.5, colours=32)
for name, values in nats.items():
    print(f"{name:14} mean {sum(values) / len(values):6.1f}, from {min(values):.1f} to {max(values):.1f}")
print(f"the training digits, with their error over test images {real}")

# %% [markdown] lang="en"
# Not bound to. With the paper's layers all five conditional trainings are behind all five unconditional ones, as in the
# paper's table. With concatenation all five are ahead of them. So where the label enters decides the order, not whether there is
# one. And the seed alone moves the conditional number by several times the error over test images.
#
# The Parzen window looks at all samples together and asks only whether the test digits lie near some of
# them. It cannot see obedience: shuffle the labels and the number stays. An unconditional generator that draws
# all ten digits evenly is no worse off. What obeyed labels do change is that the ten classes come equally often.
#
# These numbers are for 196 pixels and cannot be set beside the table, which has 784. For that there is full MNIST:
#
#     gan-course data mnist
#     gan-course reproduce cgan-mnist-parzen --steps 288000
#     gan-course reproduce gan-mnist-parzen --steps 288000
#
# Each follows its own paper's networks and schedule, for the same number of steps. The authors of the conditional one
# present their 132 "as a proof-of-concept", behind the 225 of the GAN that is told nothing. The ledger has
# {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=288000}} ± {{cgan-mnist-parzen:parzen_ll_10k_se:.1f|steps=288000}} for our
# conditional one, which ended after 77,000 steps because the validation digits had been best at 47,000, and
# {{gan-mnist-parzen:parzen_ll_10k:.1f|steps=100000}} ± {{gan-mnist-parzen:parzen_ll_10k_se:.1f|steps=100000}} for the other
# after 100,000. Earlier on the order was the other one: {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=33500}} after 33,500
# steps against {{gan-mnist-parzen:parzen_ll_10k:.1f|steps=40500}} after 40,500. One run of each, and the errors are those
# over test digits alone.
#
# The schedules differ, too. That of the GAN that is told nothing lowers the learning rate so slowly that after 100,000
# steps it is still two thirds of what it was; that of the conditional one has come to a twentieth after 77,000. So networks
# cannot be compared by this table without their schedules, nor can two papers.
#
# **A trap in one line of the paper.** Both networks have dropout 0.5. In $D$ it keeps the training digits from being learned
# by heart. In $G$ it does something else. Other units are silent for each sample, so dropout is *noise*, and it comes in
# above $z$; a $G$ that has it need not listen to $z$. If it is switched off to sample, as one does with a classifier, the
# variety goes with it: each label gives one digit, again and again. The paper does not say what it did. The
# {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=288000}} nats are with dropout on (`dropout_is_noise=True`). With it off the
# very same network has **{{cgan-mnist-parzen:parzen_ll_10k_dropout_off:.1f|steps=288000}}**. That is why the small networks
# of section 6 have dropout in $D$ alone.
#
# So what does conditioning buy? Not likelihood. **Control**: at full size the paper's networks gave the digit that was
# asked for in {{cgan-mnist-parzen:label_gives_digit_10k:.1%|steps=288000}} of 10,000 samples.
#
# ## 11. One noise, ten labels
#
# The generator that took your order in section 1 plays the same game with convolutional networks (lesson 08), small
# enough to come with the course. It was trained on all of MNIST by
#
#     gan-course reproduce cgan-digits
#
# and gives the digit that was asked for in {{cgan-digits:label_gives_digit_10k:.1%}} of 10,000 samples, by a judge who is
# right about {{cgan-digits:judge_test_accuracy:.1%}} of real test digits.
#
# **Before you run the next cell.** Rows are labels, as before. But now a whole column has *one* $z$. Will slant and thickness
# be the same down a column?

# %% [markdown] lang="zh"
# 不一定。按论文的分层做法，五次条件训练全都落后于五次无条件训练，与论文的表一致。改用拼接，五次全都领先。决定次序的是标签从哪里进入，而不是有没有标签。而仅仅换一个随机种子，条件网络的数值变动就有对测试图像误差的好几倍。
#
# Parzen window 把所有样本放在一起，只问测试数字附近有没有样本。它看不到听话与否：把标签打乱，数值不变。无条件的生成器只要十个数字画得一样多，就不会吃亏。标签被听从之后，改变的是十个类别出现得一样频繁。
#
# 这些数值是对 196 个像素而言的，不能与表中 784 个像素的数值并列。要那样比较，需要完整的 MNIST：
#
#     gan-course data mnist
#     gan-course reproduce cgan-mnist-parzen --steps 288000
#     gan-course reproduce gan-mnist-parzen --steps 288000
#
# 两者各用自己论文的网络与训练参数，步数相同。条件网络的作者自己也把 132 当作“概念验证”，它不及什么都不告诉的对抗网络的 225。实测记录里，我们的条件网络为 {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=288000}} ± {{cgan-mnist-parzen:parzen_ll_10k_se:.1f|steps=288000}}：它在 77,000 步后自行结束，因为验证数字的最好成绩停在 47,000 步；无条件网络在 100,000 步后为 {{gan-mnist-parzen:parzen_ll_10k:.1f|steps=100000}} ± {{gan-mnist-parzen:parzen_ll_10k_se:.1f|steps=100000}}。更早的时候次序相反：33,500 步后 {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=33500}}，对 40,500 步后 {{gan-mnist-parzen:parzen_ll_10k:.1f|steps=40500}}。各只跑了一次，误差也只是对测试数字而言的。
#
# 两者学习率的安排也不同。无条件网络的学习率降得很慢，100,000 步后仍有原来的三分之二；条件网络的在 77,000 步后已降到二十分之一。所以，不连同学习率的安排一起看，这张表既不能比较两个网络，也不能比较两篇论文。
#
# **论文里一行字中的陷阱。** 两个网络都用了概率为 0.5 的 Dropout。在 $D$ 里，它防止训练数字被死记硬背。在 $G$ 里它还有另一个作用：每个样本丢弃的单元都不同，所以 Dropout 就是*噪声*，而且是在 $z$ 之上加入的；$G$ 有了它，就不必理会 $z$。采样时若像用分类器那样把它关掉，多样性也随之消失：每个标签总是画出同一个数字。论文没有说它是怎么做的。上面的 {{cgan-mnist-parzen:parzen_ll_10k:.1f|steps=288000}} 是 Dropout 开着时的结果（`dropout_is_noise=True`）。把它关掉，同一个网络只有 **{{cgan-mnist-parzen:parzen_ll_10k_dropout_off:.1f|steps=288000}}**。第 6 节的小网络因此只在 $D$ 中使用 Dropout。
#
# 那么条件带来了什么？不是似然，而是**控制**：论文那种规模的网络，10,000 个样本里有 {{cgan-mnist-parzen:label_gives_digit_10k:.1%|steps=288000}} 画出了所要求的数字。
#
# ## 11. 一份噪声，十个标签
#
# 第 1 节里接受订单的那个生成器，玩的是同一场游戏，只是换成了卷积网络（第 08 课），而且小到可以随课程附带。它用全部 MNIST 训练，命令是
#
#     gan-course reproduce cgan-digits
#
# 10,000 个样本里有 {{cgan-digits:label_gives_digit_10k:.1%}} 画出了所要求的数字；裁判在真测试数字上的准确率是 {{cgan-digits:judge_test_accuracy:.1%}}。
#
# **运行下一个单元之前。** 每一行仍是一个标签，但现在整列共用*同一个* $z$。同一列里，倾斜和粗细会一样吗？

# %% tags=["hide-output"]
course_lib.seed(2)
z = artist.noise(12).repeat(10, 1)  # twelve draws, the same for every label
with torch.no_grad():
    images = artist(z, torch.arange(10).repeat_interleave(12))
show(
    figures.rows_by_label(
        images.unflatten(0, (10, 12)), DIGITS, width=5.6, across="noise z, the same down each column"
    ),
    scale=1.5,
    colours=8,
)

# %% [markdown] lang="en"
# Much of it. In the picture shown here the ninth column is bold from top to bottom, and the second and the eleventh lean: $z$
# enters all digits through the same weights. Nothing in the game demands it. A $G$ that uses $z$ in ten unrelated ways has
# the same value.
#
# **Try it.** Choose a label; push the noise from one end to the other; watch all ten digits of the same $z$.

# %% [markdown] lang="zh"
# 大半如此。在这里显示的图中，第九列从上到下都粗，第二列和第十一列都倾斜：$z$ 通过同样的权重影响所有数字。但游戏里没有任何东西要求这样。一个以十种互不相干的方式使用 $z$ 的 $G$，价值完全相同。
#
# **试一试。** 选一个标签；把噪声从一端推到另一端；看同一个 $z$ 画出的十个数字。

# %%
widgets.label_slider(artist, label=7)

# %% [markdown] lang="en"
# ## 12. What to read
#
# - Mirza and Osindero 2014, sections 3.2 and 4.1: three pages, and you now know every line of them.
# - Gauthier 2014, *Conditional generative adversarial nets for convolutional face generation*: the same idea with
#   attributes of faces.
# - Miyato and Koyama 2018, *cGANs with Projection Discriminator*: a better way for the label to come into $D$.
#
# ## 13. Exercises
#
# [the exercise notebook](../exercises/06_conditional_gan.ipynb): four tasks, about 60 minutes. The input of $z$ and $y$ by hand; the conditional value
# on tables; a check that $G$ obeys, without mixing up rows; and a generator that only a $D$ which hears the label can find
# out.

# %% [markdown] lang="zh"
# ## 12. 延伸阅读
#
# - Mirza 与 Osindero 2014，第 3.2 节与第 4.1 节：三页，现在你每一行都看得懂。
# - Gauthier 2014，*Conditional generative adversarial nets for convolutional face generation*：同样的想法，用于人脸的属性。
# - Miyato 与 Koyama 2018，*cGANs with Projection Discriminator*：让标签进入 $D$ 的更好的办法。
#
# ## 13. 练习
#
# [练习笔记本（英文）](../exercises/06_conditional_gan.ipynb)：四道题，大约 60 分钟。亲手拼出 $z$ 与 $y$ 的输入；在概率表上计算条件价值；检查 $G$ 是否听话而不弄乱行的顺序；以及找出一个只有听得到标签的 $D$ 才能识破的生成器。
