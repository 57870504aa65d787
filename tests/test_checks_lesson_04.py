"""The checks of lesson 04 pass every right answer and name the mistake in every wrong one."""

import math
import re
from copy import deepcopy
from functools import partial

import numpy as np
import pytest
import torch
from judged import judge_manners, praise
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from course_lib import checks
from course_lib.checks import NotYet
from course_lib.metrics import modes_covered

ALL = (
    checks.discriminator_move,
    checks.generator_move,
    checks.repaired_round,
    checks.modes_counted,
    checks.cheapest_k,
    checks.distance_from_log,
    checks.winning,
)

TestManners = judge_manners(ALL)


@pytest.mark.parametrize("check", ALL)
def test_a_word_is_no_answer(check):
    with pytest.raises(NotYet):
        check(lambda *_: "a word")


def told(check, answer) -> str:
    """What the check says of a wrong answer, the same whatever was drawn before."""
    messages = set()
    for seed in (0, 1):
        torch.manual_seed(seed)
        with pytest.raises(NotYet) as mistake:
            check(answer)
        messages.add(str(mistake.value))
    (message,) = messages
    return message


# One move of each player -----------------------------------------------------------------------------------


def value(G, D, x, z, *, detach=True, reduce=torch.mean):
    fake = G(z).detach() if detach else G(z)
    return reduce(logsigmoid(D(x).logits) + logsigmoid(-D(fake).logits))


def step(network, loss, rate):
    """A descent step by autograd alone."""
    slopes = torch.autograd.grad(loss, list(network.parameters()))
    with torch.no_grad():
        for weight, slope in zip(network.parameters(), slopes, strict=True):
            weight -= rate * slope


def d_by_autograd(G, D, x, z, rate):
    v = value(G, D, x, z, detach=False)
    step(D, -v, rate)
    return v


def d_by_optimizer(G, D, x, z, rate):
    optimizer = torch.optim.SGD(D.parameters(), lr=rate)
    with torch.no_grad():
        fake = G(z)
    logits = torch.cat([D(x).logits, D(fake).logits])
    labels = torch.cat([torch.ones(len(x)), torch.zeros(len(z))]).double()
    loss = 2 * binary_cross_entropy_with_logits(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return -loss.item()


def d_by_hand(G, D, x, z, rate):
    D.zero_grad()
    v = D(x).logits.sigmoid().log().mean() + (1 - D(G(z).detach()).logits.sigmoid()).log().mean()
    v.backward()
    for weight in D.parameters():
        weight.data = weight.data + rate * weight.grad
    return np.float64(v.item())


@pytest.mark.parametrize("answer", (d_by_autograd, d_by_optimizer, d_by_hand))
def test_discriminator_move_accepts(answer, capsys):
    assert praise(checks.discriminator_move, answer, capsys).startswith("Right: ")


def d_wrong(make_loss, G, D, x, z, rate):
    """A D move on another loss, returning the right number."""
    v = value(G, D, x, z).item()
    step(D, make_loss(G, D, x, z), rate)
    return v


def d_leaks(G, D, x, z, rate):
    D.zero_grad()
    v = value(G, D, x, z, detach=False)
    (-v).backward()
    for weight in D.parameters():
        weight.data -= rate * weight.grad
    return v.item()


def d_moves_both(G, D, x, z, rate):
    v = value(G, D, x, z, detach=False)
    slopes = torch.autograd.grad(v, [*D.parameters(), *G.parameters()])
    for weight, slope in zip([*D.parameters(), *G.parameters()], slopes, strict=True):
        weight.data += rate * slope
    return v.item()


def d_never_clears(G, D, x, z, rate):
    v = value(G, D, x, z)
    v.backward()
    for weight in D.parameters():
        weight.data += rate * weight.grad
    return v.item()


def d_freezes_g(G, D, x, z, rate):
    G.requires_grad_(False)
    return d_by_autograd(G, D, x, z, rate)


def d_reports_after(G, D, x, z, rate):
    d_by_autograd(G, D, x, z, rate)
    return value(G, D, x, z).item()


def d_copies(G, D, x, z, rate):
    return d_by_autograd(G, deepcopy(D), x, z, rate)


@pytest.mark.parametrize(
    "answer, words",
    [
        (partial(d_wrong, lambda G, D, x, z: value(G, D, x, z)), "went down"),
        (partial(d_wrong, lambda G, D, x, z: -value(G, D, x, z, reduce=torch.sum)), "not a sum"),
        (lambda G, D, x, z, rate: d_by_autograd(G, D, x, z, 1.0), "multiply the gradient by `rate`"),
        (partial(d_wrong, lambda G, D, x, z: softplus(-D(x).logits).mean()), "data alone"),
        (partial(d_wrong, lambda G, D, x, z: softplus(D(G(z)).logits).mean()), "fakes alone"),
        (partial(d_wrong, lambda G, D, x, z: -value(torch.nn.Identity(), D, G(z), x)), "labels are swapped"),
        (lambda G, D, x, z, rate: d_by_autograd(G, D.eval(), x, z, rate), "D was left in evaluation mode"),
        (lambda G, D, x, z, rate: d_by_autograd(G.eval(), D, x, z, rate), "G was left in evaluation mode"),
        (
            lambda G, D, x, z, rate: (d_by_autograd(G, D, x, z, rate), D.requires_grad_(False))[0],
            "D's weights no longer",
        ),
        (lambda *a: (d_by_autograd(*a), torch.set_grad_enabled(False))[0], "switches gradients off"),
        (d_leaks, "gradient was left in G"),
        (d_moves_both, "G's weights have changed"),
        (d_never_clears, "Clear it before"),
        (d_freezes_g, "Switch it back on"),
        (d_copies, "have not moved"),
        (d_reports_after, "not after it"),
        (lambda *a: -d_by_autograd(*a), "wrong sign"),
        (lambda *a: 2 * d_by_autograd(*a), "yours returns"),
        (lambda G, D, x, z, rate: d_by_autograd(G, D, x, z, 3 * rate), "cosine"),
        (lambda G, D, x, z, rate: logsigmoid(D(x).logits), "one number"),
    ],
)
def test_discriminator_move_refuses(answer, words):
    assert re.search(words, told(checks.discriminator_move, answer))


def g_by_autograd(G, D, z, rate):
    loss = logsigmoid(-D(G(z)).logits).mean()
    step(G, loss, rate)
    return loss


def g_by_inputs(G, D, z, rate):
    G.zero_grad()
    loss = -softplus(D(G(z)).logits).mean()
    loss.backward(inputs=list(G.parameters()))
    torch.optim.SGD(G.parameters(), lr=rate).step()
    return loss.item()


def g_with_d_frozen(G, D, z, rate):
    D.requires_grad_(False)
    loss = (1 - D(G(z)).logits.sigmoid()).log().sum() / len(z)
    step(G, loss, rate)
    D.requires_grad_(True)
    return loss.item()


@pytest.mark.parametrize("answer", (g_by_autograd, g_by_inputs, g_with_d_frozen))
def test_generator_move_accepts(answer, capsys):
    assert praise(checks.generator_move, answer, capsys).startswith("Right: ")


def g_wrong(make_loss, G, D, z, rate):
    loss = logsigmoid(-D(G(z)).logits).mean().item()
    step(G, make_loss(G, D, z), rate)
    return loss


def g_leaks(G, D, z, rate):
    optimizer = torch.optim.SGD(G.parameters(), lr=rate)
    loss = logsigmoid(-D(G(z)).logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def g_moves_d(G, D, z, rate):
    loss = logsigmoid(-D(G(z)).logits).mean()
    step(D, loss, rate)
    return loss.item()


def g_never_clears(G, D, z, rate):
    loss = logsigmoid(-D(G(z)).logits).mean()
    loss.backward(inputs=list(G.parameters()))
    torch.optim.SGD(G.parameters(), lr=rate).step()
    return loss.item()


def g_reports_after(G, D, z, rate):
    g_by_autograd(G, D, z, rate)
    return logsigmoid(-D(G(z)).logits).mean().item()


def g_leaves_d_frozen(G, D, z, rate):
    D.requires_grad_(False)
    return g_by_autograd(G, D, z, rate)


@pytest.mark.parametrize(
    "answer, words",
    [
        (partial(g_wrong, lambda G, D, z: softplus(D(G(z)).logits).mean()), "G went up"),
        (partial(g_wrong, lambda G, D, z: logsigmoid(-D(G(z)).logits).sum()), "not a sum"),
        (partial(g_wrong, lambda G, D, z: softplus(-D(G(z)).logits).mean()), "non-saturating"),
        (lambda G, D, z, rate: g_by_autograd(G, D, z, 1.0), "multiply the gradient by `rate`"),
        (lambda G, D, z, rate: g_by_autograd(G.eval(), D, z, rate), "G was left in evaluation mode"),
        (lambda G, D, z, rate: g_by_autograd(G, D.eval(), z, rate), "D was left in evaluation mode"),
        (lambda G, D, z, rate: (g_by_autograd(G, D, z, rate), G.requires_grad_(False))[0], "G's weights no longer"),
        (g_leaks, "gradient was left in D"),
        (g_moves_d, "D's weights have changed"),
        (g_never_clears, "Clear it before"),
        (g_leaves_d_frozen, "Switch it back on"),
        (lambda G, D, z, rate: logsigmoid(-D(G(z).detach()).logits).mean(), "have not moved"),
        (g_reports_after, "not after it"),
        (lambda *a: -g_by_autograd(*a), "wrong sign"),
    ],
)
def test_generator_move_refuses(answer, words):
    assert re.search(words, told(checks.generator_move, answer))


# The repaired round ----------------------------------------------------------------------------------------


def one_round(G, D, d_optimizer, g_optimizer, x, *, swap=1, detach=True, fresh=True, right=True, clear=True, g_sign=1):
    """A round with each of the bugs on demand. clear: each player's gradients just before its own backward."""
    d_optimizer.zero_grad()
    g_optimizer.zero_grad()
    z = G.noise(len(x))
    fake = G(z).detach() if detach else G(z)
    d_loss = softplus(-swap * D(x).logits).mean() + softplus(swap * D(fake).logits).mean()
    d_loss.backward()
    d_optimizer.step()
    if clear:
        g_optimizer.zero_grad()
    z = G.noise(len(x)) if fresh else z
    g_loss = softplus(-D(G(z)).logits).mean()
    (g_sign * g_loss).backward()
    (g_optimizer if right else d_optimizer).step()
    return d_loss.item(), g_loss.item()


def round_with_inputs(G, D, d_optimizer, g_optimizer, x):
    """As `play` does it: every gradient goes only where it belongs. Losses come back as a tensor."""
    z_d, z_g = G.noise(len(x)), G.noise(len(x))
    d_loss = -(logsigmoid(D(x).logits) + logsigmoid(-D(G(z_d)).logits)).mean()
    d_optimizer.zero_grad()
    d_loss.backward(inputs=list(D.parameters()))
    d_optimizer.step()
    logits = D(G(z_g)).logits
    g_loss = binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
    g_optimizer.zero_grad()
    g_loss.backward(inputs=list(G.parameters()))
    g_optimizer.step()
    return torch.stack([d_loss, g_loss])


def round_without_grad(G, D, d_optimizer, g_optimizer, x):
    with torch.no_grad():
        fake = G(G.noise(len(x)))
    D.zero_grad()
    d_loss = softplus(-D(x).logits).mean() + softplus(D(fake).logits).mean()
    d_loss.backward()
    d_optimizer.step()
    G.zero_grad()
    g_loss = -logsigmoid(D(G(G.noise(len(x)))).logits).mean()
    g_loss.backward()
    g_optimizer.step()
    return [d_loss, g_loss]


@pytest.mark.parametrize("answer", (one_round, round_with_inputs, round_without_grad, partial(one_round, detach=False)))
def test_repaired_round_accepts(answer, capsys):
    """The last one wastes time on a gradient that it then clears; its weights are right all the same."""
    assert praise(checks.repaired_round, answer, capsys).startswith("Right: ")


def all_four_bugs(G, D, d_optimizer, g_optimizer, x):
    return one_round(G, D, d_optimizer, g_optimizer, x, swap=-1, detach=False, fresh=False, right=False, clear=False)


def round_saturating(G, D, d_optimizer, g_optimizer, x):
    d_loss, _ = round_d_only(G, D, d_optimizer, g_optimizer, x)
    g_optimizer.zero_grad()
    g_loss = -softplus(D(G(G.noise(len(x)))).logits).mean()
    g_loss.backward()
    g_optimizer.step()
    return d_loss, g_loss.item()


def round_d_only(G, D, d_optimizer, g_optimizer, x):
    d_optimizer.zero_grad()
    d_loss = softplus(-D(x).logits).mean() + softplus(D(G(G.noise(len(x))).detach()).logits).mean()
    d_loss.backward()
    d_optimizer.step()
    return d_loss.item(), 0.0


def round_never_clears(G, D, d_optimizer, g_optimizer, x):
    d_loss = softplus(-D(x).logits).mean() + softplus(D(G(G.noise(len(x))).detach()).logits).mean()
    d_loss.backward()
    d_optimizer.step()
    g_loss = softplus(-D(G(G.noise(len(x)))).logits).mean()
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda G, D, a, b, x: one_round(G, D, a, b, torch.cat([x, x])), "Each move takes as many z"),
        (lambda G, D, *rest: one_round(G.eval(), D, *rest), "G was left in evaluation mode"),
        (lambda G, D, *rest: one_round(G, D.eval(), *rest), "D was left in evaluation mode"),
        (all_four_bugs, "fresh noise"),
        (partial(one_round, fresh=False), "fresh noise"),
        (partial(one_round, swap=-1), "labels are swapped"),
        (partial(one_round, detach=False, clear=False), "Detach"),
        (partial(one_round, right=False), "Whose optimiser"),
        (partial(one_round, g_sign=-1), "wrong way"),
        (round_saturating, "non-saturating|-log D"),
        (round_never_clears, "Clear it before"),
        (lambda *a: one_round(*a)[0], "two numbers"),
        (lambda *a: one_round(*a)[::-1], "losses returned"),
    ],
)
def test_repaired_round_refuses(answer, words):
    assert re.search(words, told(checks.repaired_round, answer))


# Modes, k, logs --------------------------------------------------------------------------------------------


def modes_by_loop(samples, centres, std, *, within=3.0, share=0.2, of_near=False):
    """The definition, one sample at a time."""
    counts, near = [0] * len(centres), 0
    for sample in samples.tolist():
        distances = [math.dist(sample, centre) for centre in centres.tolist()]
        if min(distances) <= within * std:
            counts[distances.index(min(distances))] += 1
            near += 1
    enough = share * (near if of_near else len(samples)) / len(centres)
    return sum(count >= enough and count > 0 for count in counts)


def modes_of(distances, std, samples, centres, *, strictly=False):
    distance, nearest = distances.min(1)
    near = nearest[distance < 3 * std] if strictly else nearest[distance <= 3 * std]
    return (near.bincount(minlength=len(centres)) >= 0.2 * len(samples) / len(centres)).sum()


def modes_by_numpy(samples, centres, std):
    distance = np.linalg.norm(samples.numpy()[:, None] - centres.numpy(), axis=2)
    near = distance.argmin(axis=1)[distance.min(axis=1) <= 3 * std]
    return (np.bincount(near, minlength=len(centres)) >= len(samples) / len(centres) / 5).sum()


def modes_by_library(samples, centres, std):
    from course_lib.data import Modes

    return torch.tensor(modes_covered(samples, Modes(centres, std)).covered)


@pytest.mark.parametrize("answer", (modes_by_loop, modes_by_numpy, modes_by_library))
def test_modes_counted_accepts(answer, capsys):
    assert praise(checks.modes_counted, answer, capsys).startswith("Right: ")


@pytest.mark.parametrize(
    "answer, words",
    [
        (partial(modes_by_loop, within=4.0), "not near"),
        (partial(modes_by_loop, within=2.99), "exactly three widths"),
        (partial(modes_by_loop, share=0.1), "one of all samples|less than a fifth|are fewer"),
        (partial(modes_by_loop, share=0.21), "exactly a fifth"),
        (lambda s, c, std: modes_of((s[:, None] - c).abs().amax(2), std, s, c), "straight line"),
        (lambda s, c, std: modes_of((s[:, None] - c).abs().sum(2), std, s, c), "straight line"),
        (lambda s, c, std: modes_of(torch.cdist(s, c), std, s, c, strictly=True), "exactly three widths"),
        (partial(modes_by_loop, share=0.0), "single stray point"),
        (partial(modes_by_loop, of_near=True), "one of all samples"),
        (partial(modes_by_loop, within=1.0), "Up to three"),
        (partial(modes_by_loop, within=1e9), "far from it"),
        (lambda s, c, std: (torch.cdist(s, c).min(dim=1).values <= 3 * std).sum(), "how many points"),
        (lambda s, c, std: torch.bincount(torch.cdist(s, c).argmin(dim=1), minlength=8), "one number"),
        (lambda s, c, std: len(c), "yours says 8"),
    ],
)
def test_modes_counted_refuses(answer, words):
    assert re.search(words, told(checks.modes_counted, answer))


def k_by_loop(needed):
    best = None
    for k in sorted(needed):
        if needed[k] is not None and (best is None or (k + 1) * needed[k] < (best + 1) * needed[best]):
            best = k
    return best


def k_by_min(needed):
    return min(needed, key=lambda k: (math.inf if needed[k] is None else needed[k] * (1 + k), k))


@pytest.mark.parametrize("answer", (k_by_loop, k_by_min))
def test_cheapest_k_accepts(answer, capsys):
    assert praise(checks.cheapest_k, answer, capsys).startswith("Right: ")


def settled(needed):
    return {k: rounds for k, rounds in needed.items() if rounds is not None}


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda needed: min(settled(needed), key=settled(needed).get), "fewest rounds"),
        (lambda needed: min(settled(needed), key=lambda k: k * needed[k]), "k \\+ 1 in all"),
        (lambda needed: min(settled(needed)), "cheapest rounds"),
        (lambda needed: min(needed, key=lambda k: (k + 1) * (needed[k] or 0)), "never settles"),
        (lambda needed: min((k + 1) * rounds for k, rounds in settled(needed).items()), "The question is which k"),
        (lambda needed: max(settled(needed), key=lambda k: (-(k + 1) * needed[k], k)), "take the smaller k"),
        (lambda needed: 1, "yours says 1"),
        (lambda needed: min(settled(needed), key=lambda k: (k + 1) * needed[k]), "take the smaller k"),
        (lambda needed: min((k for k in sorted(needed) if needed[k]), key=lambda k: (k + 1) * needed[k]), "so k = 2"),
    ],
)
def test_cheapest_k_refuses(answer, words):
    assert re.search(words, told(checks.cheapest_k, answer))


@pytest.mark.parametrize(
    "answer",
    (
        lambda loss: max(0.0, math.log(2) - loss / 2),
        lambda loss: np.clip((np.log(4) - loss) / 2, 0, None),
        lambda loss: torch.relu(torch.tensor(math.log(4) - loss, dtype=torch.float64)) / 2,
    ),
)
def test_distance_from_log_accepts(answer, capsys):
    assert praise(checks.distance_from_log, answer, capsys).startswith("Right: ")


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda loss: max(0.0, math.log(4) - loss), "two times the JSD"),
        (lambda loss: (loss - math.log(4)) / 2, "sign is turned"),
        (lambda loss: (math.log(4) - loss) / 2, "never negative"),
        (lambda loss: max(0.0, (math.log(2) - loss) / 2), "log 4"),
        (lambda loss: max(0.0, (math.log(4) - loss) / 2 / math.log(2)), "bits"),
        (lambda loss: -loss, "V itself"),
        (lambda loss: math.log(2), "yours says 0.693"),
    ],
)
def test_distance_from_log_refuses(answer, words):
    assert re.search(words, told(checks.distance_from_log, answer))


RIGHT = {"A": "D", "B": "look at samples", "C": "bug", "D": "G"}


@pytest.mark.parametrize(
    "answer", (lambda: RIGHT, lambda: dict(zip("DCBA", ("G", "bug", "look at samples", "D"), strict=True)))
)
def test_winning_accepts(answer, capsys):
    assert praise(checks.winning, answer, capsys).startswith("Right: ")


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"A": "G"}, "Log A.*found out"),
        ({"B": "G"}, "Log B.*look the same"),
        ({"B": "D"}, "Log B.*look the same"),
        ({"C": "G"}, "Log C.*no honest game"),
        ({"C": "D"}, "Log C.*no honest game"),
        ({"D": "D"}, "Log D.*fooled"),
        ({"D": "bug"}, "Log D.*fooled"),
        ({"A": "nobody"}, "Return a dict"),
        ({"A": ["D"]}, "Return a dict"),
        ({"A": {"D"}}, "Return a dict"),
    ],
)
def test_winning_refuses(changed, words):
    assert re.search(words, told(checks.winning, lambda: RIGHT | changed))
