"""The checks of lesson 08: right answers however written, and wrong ones with the message that names the mistake."""

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
from judged import judge_answers, judge_manners
from torch import nn
from torch.nn import functional

from course_lib import checks
from course_lib.checks import lesson_08, lesson_08_rules
from course_lib.models import dcgan
from course_lib.models.initialise import dcgan_, normal_

ALL = [
    checks.conv_size,
    checks.transposed_size,
    checks.exact_padding,
    checks.dcgan_weights,
    checks.generator_by_rules,
    checks.broken_rule,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def size_by_floor(n, k, s, p):
    return math.floor(torch.tensor(n + 2 * p - k, dtype=torch.float64).item() / s) + 1


def size_by_counting(n, k, s, p):
    return len(range(0, n + 2 * p - k + 1, s))


def size_by_ceiling(n, k, s, p):
    return -((k - 1 - n - 2 * p) // s)


def size_by_numpy(n, k, s, p):
    return np.int64((n + 2 * p - k) // s + 1)


def up_by_steps(n, k, s, p, extra):
    return s * (n - 1) + (k - 2 * p) + extra


def up_by_places(n, k, s, p, extra):
    last = (n - 1) * s - p + k - 1
    return last - p + 1 + extra


def up_by_tensor(n, k, s, p, extra):
    return torch.tensor((n - 1) * s) - 2 * p + k + extra


# Task 2 -----------------------------------------------------------------------------------------------------


def exact_by_formula(k, s):
    extra = (k - s) % 2 if k >= s else s - k
    return ((k - s + extra) // 2, extra) if extra < s else None


def exact_by_search(k, s):
    for extra in range(s):
        for padding in range(k + s):
            if up_by_steps(9, k, s, padding, extra) == 9 * s:
                return np.array([padding, extra])
    return None


def exact_as_list(k, s):
    found = [[p, e] for e in range(s) for p in range(k + 1) if k - 2 * p + e == s]
    return found[0] if found else None


def largest_extra(k, s):
    found = [(p, e) for e in range(s) for p in range(k + 1) if k - 2 * p + e == s]
    return found[-1] if found else None


# Task 3 -----------------------------------------------------------------------------------------------------

WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def init_by_apply(network):
    def draw(layer):
        if isinstance(layer, WEIGHTED):
            layer.weight.data.normal_(0.0, 0.02)
            if layer.bias is not None:
                layer.bias.data.fill_(0)
        elif isinstance(layer, NORMS) and layer.weight is not None:
            layer.weight.data.normal_(1.0, 0.02)
            layer.bias.data.fill_(0)

    return network.apply(draw)


def init_by_name(network):
    for layer in network.modules():
        name = type(layer).__name__
        if "Conv" in name or "Linear" in name:
            with torch.no_grad():
                layer.weight.copy_(0.02 * torch.randn(layer.weight.shape))
                if layer.bias is not None:
                    layer.bias.zero_()
        elif "Norm" in name and layer.affine:
            torch.nn.init.normal_(layer.weight, 1, 0.02)
    return network


def init_by_recursion(network):
    if isinstance(network, WEIGHTED):
        nn.init.trunc_normal_(network.weight, std=0.02)  # cut off at 2, which is a hundred standard deviations
        if network.bias is not None:
            nn.init.constant_(network.bias, 0.0)
    if isinstance(network, NORMS) and network.affine:
        nn.init.normal_(network.weight, 1.0, 0.02)
    for child in network.children():
        init_by_recursion(child)
    return network


def init(draw=lambda w: nn.init.normal_(w, 0.0, 0.02), scale=lambda w: nn.init.normal_(w, 1.0, 0.02), **other):
    """An answer with something in it done otherwise."""

    def answer(network):
        layers = list(getattr(network, other.get("of", "modules"))())
        for layer in layers:
            if isinstance(layer, other.get("weighted", WEIGHTED)):
                draw(layer.weight)
                if layer.bias is not None:
                    other.get("bias", nn.init.zeros_)(layer.bias)
            if isinstance(layer, NORMS) and layer.affine:
                scale(layer.weight)
                other.get("norm_bias", nn.init.zeros_)(layer.bias)
        return other.get("back", lambda network: network)(network)

    return answer


def into_a_copy(network):
    return dcgan_(deepcopy(network))


def new_parameters(network):
    for layer in network.modules():
        if isinstance(layer, WEIGHTED):
            layer.weight = nn.Parameter(0.02 * torch.randn(layer.weight.shape))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def out_of_place(network):
    for layer in network.modules():
        if isinstance(layer, WEIGHTED):
            torch.normal(0.0, 0.02, layer.weight.shape)
    return network


def with_seed(network):
    torch.manual_seed(0)
    return dcgan_(network)


def with_seed_a_layer(network):
    for layer in network.modules():
        if isinstance(layer, WEIGHTED):
            torch.manual_seed(0)
            nn.init.normal_(layer.weight, 0.0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(layer, NORMS) and layer.affine:
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return network


def frozen(network):
    return dcgan_(network).requires_grad_(False)


def whole_state(network):
    dcgan_(network)
    for name, value in network.state_dict().items():
        if "running" in name:
            value.normal_(0, 0.02)
    return network


# Task 4 -----------------------------------------------------------------------------------------------------


def by_sequence(nf, kernel=4, bias=False, **other):
    """The layers in a row, with something in them done otherwise."""
    padding, extra = (kernel - 1) // 2, kernel % 2
    act, norm = other.get("act", nn.ReLU), other.get("norm", nn.BatchNorm2d)
    layers = [
        nn.Linear(100, 2 * nf * 49, bias),
        nn.Unflatten(1, (2 * nf, 7, 7)),
        norm(2 * nf),
        act(),
        nn.ConvTranspose2d(2 * nf, nf, kernel, 2, padding, extra, bias=bias),
        norm(nf),
        act(),
        nn.ConvTranspose2d(nf, 1, kernel, 2, padding, extra, bias=bias),
        other.get("last", nn.Tanh)(),
    ]
    return nn.Sequential(*other.get("change", lambda layers: layers)(layers))


def from_the_library(nf):
    return dcgan.Generator(size=28, channels=1, nf=nf, start=7)


class AsAClass(nn.Module):
    """The first layer a transposed convolution of 1x1, activations as functions."""

    def __init__(self, nf, middle=torch.relu, last=torch.tanh):
        super().__init__()
        self.middle, self.last = middle, last
        self.up = nn.ModuleList([nn.ConvTranspose2d(100, 2 * nf, 7), nn.ConvTranspose2d(2 * nf, nf, 5, 2, 2, 1)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(2 * nf), nn.BatchNorm2d(nf)])
        self.image = nn.ConvTranspose2d(nf, 1, 5, 2, 2, 1)

    def forward(self, z):
        x = z[:, :, None, None]
        for up, norm in zip(self.up, self.norms, strict=True):
            x = self.middle(norm(up(x)))
        return self.last(self.image(x))


def norm_of_units(nf):
    """Batch norm on the rows of the projection, as in the authors' code, and ReLUs that write over what they are given."""
    row = by_sequence(nf)
    return nn.Sequential(
        row[0],
        nn.BatchNorm1d(2 * nf * 49),
        nn.ReLU(inplace=True),
        row[1],
        row[4],
        row[5],
        nn.ReLU(inplace=True),
        *row[7:],
    )


def without(*places):
    return lambda layers: [layer for i, layer in enumerate(layers) if i not in places]


def order(*places):
    return lambda layers: [layers[i] for i in places]


def changed(change):
    return lambda nf: by_sequence(nf, change=lambda layers: change(layers, nf))


def squeezed(nf):
    class Squeezed(nn.Module):
        def __init__(self):
            super().__init__()
            self.row = by_sequence(nf)

        def forward(self, z):
            images = self.row(z)
            return images.squeeze(0) if len(z) == 1 else images

    return Squeezed()


def detached(nf):
    class Detached(nn.Module):
        def __init__(self):
            super().__init__()
            self.row = by_sequence(nf)

        def forward(self, z):
            return self.row(z).detach()

    return Detached()


def upsampled(layers, nf):
    return [*layers[:4], nn.Upsample(scale_factor=2), nn.Conv2d(2 * nf, nf, 3, padding=1), *layers[5:]]


def convolved(layers, nf):
    return [*layers[:5], nn.Conv2d(nf, nf, 3, padding=1), *layers[5:]]


def hidden(layers, nf):
    return [nn.Linear(100, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2 * nf * 49), *layers[1:]]


def deeper(layers, nf):
    more = [nn.ConvTranspose2d(nf, nf, 3, 1, 1), nn.BatchNorm2d(nf), nn.ReLU()]
    return [*layers[:7], *more, *layers[7:]]


def narrow(layers, nf):
    return list(by_sequence(nf // 2))


def with_output_norm(layers, nf):
    return [*layers[:8], nn.BatchNorm2d(1), layers[8]]


# Task 5 -----------------------------------------------------------------------------------------------------

RESIZING = (nn.MaxPool2d, nn.AvgPool2d, nn.Upsample)
SHAPES = (nn.Flatten, nn.Unflatten)


def rule_by_lists(g, d):
    def norms(layers):
        found = []
        for layer in layers:
            if isinstance(layer, WEIGHTED):
                found.append(0)
            elif isinstance(layer, NORMS):
                found[-1] += 1
        return found

    def acts(layers):
        return [layer for layer in layers if not isinstance(layer, (*WEIGHTED, *NORMS, *RESIZING, *SHAPES))]

    in_g, in_d = norms(g), norms(d)
    if any(isinstance(layer, RESIZING) for layer in [*g, *d]):
        return 1
    if sum(isinstance(layer, nn.Linear) for layer in [*g, *d]) != 2:
        return 3
    if in_g[-1] or in_d[0] or in_d[-1] or 0 in in_g[:-1] or 0 in in_d[1:-1]:
        return 2
    if not isinstance(g[-1], nn.Tanh) or not all(isinstance(act, nn.ReLU) for act in acts(g)[:-1]):
        return 4
    return 0 if all(isinstance(act, nn.LeakyReLU) for act in acts(d)) else 5


LETTERS = {"Linear": "w", "Conv2d": "w", "ConvTranspose2d": "w", "BatchNorm1d": "b", "BatchNorm2d": "b", "ReLU": "r"}
LETTERS |= {"LeakyReLU": "l", "Tanh": "t", "MaxPool2d": "p", "AvgPool2d": "p", "Upsample": "p"}


def rule_by_text(g, d):
    in_g, in_d = (
        "".join(LETTERS.get(type(layer).__name__, "x") for layer in layers if not isinstance(layer, SHAPES))
        for layers in (g, d)
    )
    if "p" in in_g + in_d:
        return 1
    for layers in (g, d):
        if [type(layer) for layer in layers].count(nn.Linear) > 1:
            return 3
    for text, expected in ((in_g, lambda n: "wb?" * (n - 1) + "w?"), (in_d, lambda n: "w?" + "wb?" * (n - 2) + "w")):
        n, bare = text.count("w"), "".join(c if c in "wb" else "?" for c in text)
        if bare.rstrip("?") != expected(n).rstrip("?"):
            return 2
    if set(in_g[:-1]) - set("wbr") or in_g[-1] != "t":
        return 4
    return 5 if set(in_d) - set("wbl") else 0


def rule_as_numpy(g, d):
    return np.int64(rule_by_lists(g, d))


def said(*numbers):
    """Right, except that it says another number for some rules: pairs (rule, number)."""
    told = dict(numbers)
    return lambda g, d: told.get(rule_by_lists(g, d), rule_by_lists(g, d))


def only_max_pooling(g, d):
    kept = [[layer for layer in layers if not isinstance(layer, nn.AvgPool2d)] for layers in (g, d)]
    return rule_by_lists(*kept)


def looks_at_d_alone(g, d):
    return 1 if any(isinstance(layer, RESIZING[:2]) for layer in d) else rule_by_lists(without_resizing(g), d)


def without_resizing(layers):
    return [layer for layer in layers if not isinstance(layer, RESIZING)]


def counts_norms(g, d):
    rule = rule_by_lists(g, d)
    if rule != 2:
        return rule
    n = [sum(isinstance(layer, WEIGHTED) for layer in layers) for layers in (g, d)]
    b = [sum(isinstance(layer, NORMS) for layer in layers) for layers in (g, d)]
    return 0 if b == [n[0] - 1, n[1] - 2] else 2


def any_norm_will_do(g, d):
    rule = rule_by_lists(g, d)
    return 0 if rule == 2 and all(any(isinstance(layer, NORMS) for layer in layers) for layers in (g, d)) else rule


def looks_at_the_first(kind):
    """Takes the network's first activation for all of them."""

    def answer(g, d):
        rule = rule_by_lists(g, d)
        first = next(layer for layer in (g, d)[kind - 4] if not isinstance(layer, (*WEIGHTED, *NORMS, *SHAPES)))
        return 0 if rule == kind and isinstance(first, (nn.ReLU, nn.LeakyReLU)[kind - 4]) else rule

    return answer


def output_not_looked_at(g, d):
    rule = rule_by_lists(g, d)
    return 0 if rule == 4 and rule_by_lists([*g[:-1], nn.Tanh()], d) == 0 else rule


def accepts_hidden_in(which):
    def answer(g, d):
        rule = rule_by_lists(g, d)
        return 0 if rule == 3 and sum(isinstance(layer, nn.Linear) for layer in (g, d)[which]) > 1 else rule

    return answer


def one_way_without_return(g, d):
    return rule_by_lists(g, d) or None


RIGHT = [
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p - k) // s + 1),
    (checks.conv_size, size_by_floor),
    (checks.conv_size, size_by_counting),
    (checks.conv_size, size_by_ceiling),
    (checks.conv_size, size_by_numpy),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + k + e),
    (checks.transposed_size, up_by_steps),
    (checks.transposed_size, up_by_places),
    (checks.transposed_size, up_by_tensor),
    (checks.exact_padding, exact_by_formula),
    (checks.exact_padding, exact_by_search),
    (checks.exact_padding, exact_as_list),
    (checks.dcgan_weights, dcgan_),
    (checks.dcgan_weights, init_by_apply),
    (checks.dcgan_weights, init_by_name),
    (checks.dcgan_weights, init_by_recursion),
    (checks.dcgan_weights, init()),
    (checks.generator_by_rules, by_sequence),
    (checks.generator_by_rules, from_the_library),
    (checks.generator_by_rules, AsAClass),
    (checks.generator_by_rules, norm_of_units),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, kernel=5, bias=True)),
    (checks.broken_rule, rule_by_lists),
    (checks.broken_rule, rule_by_text),
    (checks.broken_rule, rule_as_numpy),
]

WRONG = [
    # Task 1
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p - k) // s, r"\+ 1 is missing"),
    (checks.conv_size, lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1, "round down"),
    (checks.conv_size, lambda n, k, s, p: round((n + 2 * p - k) / s) + 1, "round down"),
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p - k) / s + 1, "whole number"),
    (checks.conv_size, lambda n, k, s, p: (n + p - k) // s + 1, "at both ends"),
    (checks.conv_size, lambda n, k, s, p: (n - k) // s + 1, "padding is missing"),
    (checks.conv_size, lambda n, k, s, p: (n - 2 * p - k) // s + 1, "longer, not shorter"),
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p) // s, "subtract the kernel"),
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p) // s + 1, "subtract the kernel"),
    (checks.conv_size, lambda n, k, s, p: n // s, "for some kernels"),
    (checks.conv_size, lambda n, k, s, p: -(-n // s), "for some kernels"),
    (checks.conv_size, lambda n, k, s, p: n + 2 * p - k + 1, "stride is missing"),
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p - k + 1) // s, "Divide first"),
    (checks.conv_size, lambda n, k, s, p: (n + 2 * p - k + s - 1) // s, "on paper"),
    (checks.conv_size, lambda n, k, s, p: (n - 1) * s - 2 * p + k, "goes the other way"),
    (checks.conv_size, lambda n, k, s, p: math.floor(float(np.float32(n + 2 * p - k) / s)) + 1, "on paper"),
    (checks.conv_size, lambda *_: "14", "whole number"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + k, "output padding is missing"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + k + 2 * e, "once, at one end"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + k - e, "makes the output longer"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - p + k + e, "cuts the output off, at both"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s + 2 * p + k + e, "cuts the output off"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s + k + e, "cuts the output off"),
    (checks.transposed_size, lambda n, k, s, p, e: n * s, "for some kernels"),
    (checks.transposed_size, lambda n, k, s, p, e: n * s - 2 * p + k + e, "n - 1 steps"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + k - 1 + e, "wide"),
    (checks.transposed_size, lambda n, k, s, p, e: (n - 1) * s - 2 * p + e, "wide"),
    (checks.transposed_size, lambda n, k, s, p, e: (n + 2 * p - k) // s + 1, "the other way"),
    (checks.transposed_size, lambda n, k, s, p, e: float((n - 1) * s - 2 * p + k + e), "whole number"),
    # Task 2
    (checks.exact_padding, lambda k, s: ((k - 1) // 2, k % 2), "recipe for stride 2"),
    (checks.exact_padding, lambda k, s: ((k - s) // 2, 0), "pixels become"),
    (checks.exact_padding, lambda k, s: (exact_by_formula(k, s) or (0, 0))[::-1], "exchanged"),
    (checks.exact_padding, largest_extra, "a smaller output padding does"),
    (checks.exact_padding, lambda k, s: ((k - s + (k - s) % 2) // 2, (k - s) % 2), "Neither can be negative"),
    (checks.exact_padding, lambda k, s: exact_by_formula(k, s) or (k // 2, 1), "None is right"),
    (checks.exact_padding, lambda k, s: ((k + s) // 2, s), "as large as the stride"),
    (checks.exact_padding, lambda k, s: (k - s) // 2, "two whole numbers"),
    (checks.exact_padding, lambda k, s: ((k - s) / 2, 0.0), "two whole numbers"),
    (checks.exact_padding, lambda k, s: (1, 0, 0), "two whole numbers"),
    (checks.exact_padding, lambda k, s: exact_by_formula(k, s) if k >= s else None, "None is for what no padding"),
    # Task 3
    (checks.dcgan_weights, lambda network: network, "as PyTorch drew it"),
    (checks.dcgan_weights, out_of_place, "as PyTorch drew it"),
    (checks.dcgan_weights, into_a_copy, "returned a copy"),
    (checks.dcgan_weights, new_parameters, "is a new parameter"),
    (checks.dcgan_weights, init(of="children"), "stops at the first level"),
    (checks.dcgan_weights, init(weighted=(nn.Linear, nn.Conv2d)), "no kind of Conv2d"),
    (checks.dcgan_weights, init(weighted=(nn.ConvTranspose2d, nn.Conv2d)), "as PyTorch drew it"),
    (checks.dcgan_weights, init(weighted=(nn.ConvTranspose2d, nn.Linear)), "Name this kind of layer"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.0, 0.02**0.5)), "took it for the variance"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.0, 0.02**2)), "you gave the variance"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.02, 0.02)), "mean should be 0"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.02)), "standard deviation should be 0.02"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.0, 0.2)), "standard deviation should be 0.02"),
    (checks.dcgan_weights, init(lambda w: nn.init.normal_(w, 0.0, 0.021)), "standard deviation should be 0.02"),
    (checks.dcgan_weights, init(lambda w: nn.init.uniform_(w, -0.02, 0.02)), "standard deviation should be 0.02"),
    (checks.dcgan_weights, init(lambda w: nn.init.uniform_(w, -0.0346, 0.0346)), "no normal distribution"),
    (checks.dcgan_weights, init(lambda w: nn.init.constant_(w, 0.02)), "All its numbers"),
    (checks.dcgan_weights, init(scale=lambda w: nn.init.normal_(w, 0.0, 0.02)), "wipe the layer out"),
    (checks.dcgan_weights, init(scale=lambda w: w), "all 1 as before"),
    (checks.dcgan_weights, init(scale=lambda w: nn.init.normal_(w, 1.0, 1.0)), "standard deviation should be 0.02"),
    (checks.dcgan_weights, init(bias=lambda b: b), "bias of .* is not 0"),
    (checks.dcgan_weights, init(bias=lambda b: nn.init.normal_(b, 0.0, 0.02)), "bias of .* is not 0"),
    (checks.dcgan_weights, init(norm_bias=lambda b: nn.init.normal_(b, 0.0, 0.02)), "bias of BatchNorm.* is not 0"),
    (checks.dcgan_weights, lambda network: normal_(network, 0.02), "all 1 as before"),
    (checks.dcgan_weights, with_seed, "Set no seed"),
    (checks.dcgan_weights, with_seed_a_layer, "Set no seed"),
    (checks.dcgan_weights, frozen, "does not ask for gradients"),
    (checks.dcgan_weights, whole_state, "running_mean of .* has changed"),
    (checks.dcgan_weights, init(back=lambda network: network.state_dict()), "Return the network that was given"),
    (checks.dcgan_weights, init(back=deepcopy), "Return the network that was given"),
    # Task 4
    (checks.generator_by_rules, lambda nf: list(by_sequence(nf)), "Return a network"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, last=nn.Sigmoid), "sigmoid"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, last=nn.Identity), "output has no activation"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, last=nn.Hardtanh), "not the tanh"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, act=nn.Tanh), "not the ReLU"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, act=lambda: nn.LeakyReLU(0.2)), "leaky"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, act=nn.LeakyReLU), "leaky"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, act=nn.Identity), "there is no activation"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, act=nn.Dropout), "not the ReLU"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=without(2)), "no batch norm"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=without(5)), "no batch norm"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, norm=lambda n: nn.BatchNorm2d(n, 0.8)), "eps is 0.8"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=order(0, 1, 3, 2, 4, 5, 6, 7, 8)), "The order is"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=order(0, 1, 2, 3, 4, 6, 5, 7, 8)), "The order is"),
    (checks.generator_by_rules, changed(with_output_norm), "batch norm on G's output"),
    (checks.generator_by_rules, changed(upsampled), "There is a Upsample"),
    (checks.generator_by_rules, changed(convolved), "There is a Conv2d"),
    (checks.generator_by_rules, changed(hidden), "2 fully connected"),
    (checks.generator_by_rules, changed(deeper), "4 layers with weights"),
    (checks.generator_by_rules, changed(narrow), "With nf = 8"),
    (checks.generator_by_rules, lambda nf: by_sequence(8), "With nf = 5"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=lambda layers: layers[:4]), "should have shape"),
    (checks.generator_by_rules, lambda nf: by_sequence(nf, change=lambda layers: [*layers, nn.Flatten()]), "shape"),
    (checks.generator_by_rules, squeezed, "For a single z"),
    (checks.generator_by_rules, detached, "drop `detach`"),
    (
        checks.generator_by_rules,
        changed(lambda layers, nf: [*layers[:5], nn.BatchNorm2d(nf), *layers[5:]]),
        "there are 2 batch norms",
    ),
    # Task 5
    (checks.broken_rule, lambda g, d: 0, "D shrinks by max-pooling: rule 1"),
    (checks.broken_rule, lambda g, d: 1, "every rule is kept"),
    (checks.broken_rule, only_max_pooling, "average pooling"),
    (checks.broken_rule, looks_at_d_alone, "G enlarges by resizing"),
    (checks.broken_rule, counts_norms, "look at where they are"),
    (checks.broken_rule, any_norm_will_do, "one batch norm of G is missing"),
    (checks.broken_rule, looks_at_the_first(4), "one of G's ReLUs is a tanh|G ends in"),
    (checks.broken_rule, output_not_looked_at, "G ends in a sigmoid"),
    (checks.broken_rule, accepts_hidden_in(0), "G has a fully connected hidden layer"),
    (checks.broken_rule, accepts_hidden_in(1), "D has a fully connected hidden layer"),
    (checks.broken_rule, said((5, 4)), "D has ReLU: rule 5. You said 4"),
    (checks.broken_rule, said((4, 5)), "G has tanh within: rule 4. You said 5"),
    (checks.broken_rule, said((3, 2)), "Count the Linear layers"),
    (checks.broken_rule, said((0, -1)), "every rule is kept"),
    (checks.broken_rule, one_way_without_return, "every way through"),
    (checks.broken_rule, lambda g, d: "rule 2", "number of the rule"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)


# What the checks hold for right is right ---------------------------------------------------------------------


@pytest.mark.parametrize("kernel, stride, padding", lesson_08.LAYERS)
def test_sizes_are_those_of_pytorch(kernel, stride, padding):
    def size(x):
        return x.shape[-1]

    weight = torch.zeros(1, 1, kernel)
    for n in range(max(1, kernel - 2 * padding), 40):
        x = torch.zeros(1, 1, n)
        down = functional.conv1d(x, weight, stride=stride, padding=padding)
        assert size(down) == size_by_counting(n, kernel, stride, padding)
        for extra in range(stride):
            expected = up_by_steps(n, kernel, stride, padding, extra)
            if expected >= 1:
                up = functional.conv_transpose1d(x, weight, None, stride, padding, extra)
                assert size(up) == expected


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 6))
def test_the_exact_padding_multiplies_the_size_in_pytorch_and_none_does_where_none_is_told(kernel, stride):
    weight, exact = torch.zeros(1, 1, kernel), []
    for extra in range(stride):
        for padding in range(kernel):
            sizes = {(n - 1) * stride - 2 * padding + kernel + extra for n in (5, 9)}
            if sizes == {5 * stride, 9 * stride}:
                up = functional.conv_transpose1d(torch.zeros(1, 1, 9), weight, None, stride, padding, extra)
                assert up.shape[-1] == 9 * stride
                exact.append((padding, extra))
    assert lesson_08._exact(kernel, stride) == (exact[0] if exact else None)


def test_the_networks_of_the_last_task_run():
    """Every G makes images and every D a logit; only the number of the rule sets them apart."""
    for _, _, g, d in lesson_08_rules._cases():
        images = nn.Sequential(*g).eval()(torch.rand(2, 100))
        channels, downs = d[0].in_channels, sum(isinstance(layer, nn.Conv2d) for layer in d)
        side = (7 if channels == 1 else 4) * 2**downs
        assert images.ndim == 4
        assert nn.Sequential(*d).eval()(torch.rand(2, channels, side, side)).shape == (2, 1)


def test_a_seed_of_the_student_is_not_the_notebooks(capsys):
    """The generator that is asked for draws its weights apart from the notebook's random numbers."""
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    checks.dcgan_weights(dcgan_)
    checks.generator_by_rules(by_sequence)
    assert torch.equal(torch.rand(1), expected)
