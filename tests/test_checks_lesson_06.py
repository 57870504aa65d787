"""The checks of lesson 06: right answers however written, and wrong ones with the message that names the mistake."""

import math

import numpy as np
import torch
from judged import judge_answers, judge_manners
from torch.nn.functional import one_hot

from course_lib import checks, theory

ALL = [
    checks.noise_and_label,
    checks.conditional_value,
    checks.obedience_by_label,
    checks.unseen_disobedience,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def joined(z, y, classes):
    return torch.cat([z, one_hot(y, classes).to(z.dtype)], dim=1)


def joined_by_eye(z, y, classes):
    return torch.hstack([z, torch.eye(classes, dtype=z.dtype)[y]])


def joined_by_scatter(z, y, classes):
    return torch.cat([z, z.new_zeros(len(y), classes).scatter(1, y[:, None], 1.0)], 1)


def joined_in_a_loop(z, y, classes):
    got = torch.zeros(len(z), z.shape[1] + classes, dtype=z.dtype)
    for row, label in enumerate(y.tolist()):
        got[row, : z.shape[1]] = z[row]
        got[row, z.shape[1] + label] = 1
    return got


def joined_in_place(z, y, classes):
    got = joined(z, y, classes)
    z.zero_()
    return got


# Task 2 -----------------------------------------------------------------------------------------------------


def value(p, g, d, share):
    return (share[:, None] * (p * d.log() + g * (1 - d).log())).sum()


def value_in_a_loop(p, g, d, share):
    total = 0.0
    for y in range(len(share)):
        for x in range(p.shape[1]):
            gain = p[y, x] * math.log(d[y, x]) + g[y, x] * math.log(1 - d[y, x])
            total += share[y] * gain
    return total


def value_with_numpy(p, g, d, share):
    p, g, d, share = (t.numpy() for t in (p, g, d, share))
    return float(np.einsum("y,yx->", share, p * np.log(d) + g * np.log1p(-d)))


def value_by_theory(p, g, d, share):
    return sum(w * theory.value(*rows) for w, *rows in zip(share, d, p, g, strict=True))


def value_of_a_deaf_d(p, g, d, share):
    return theory.value(share @ d, share @ p, share @ g)


def value_per_label(p, g, d, share):
    return (p * d.log() + g * (1 - d).log()).sum(1)


# Task 3 -----------------------------------------------------------------------------------------------------


def obeyed_in_turn(generator, judge, per_label):
    y = torch.arange(generator.classes * per_label) % generator.classes
    seen = judge(2 * generator(generator.noise(len(y)), y) - 1).argmax(1)
    return torch.stack([(seen[y == label] == label).double().mean() for label in range(generator.classes)])


def obeyed_in_blocks(generator, judge, per_label):
    y = torch.arange(generator.classes).repeat_interleave(per_label)
    seen = judge(2 * generator(generator.noise(len(y)), y) - 1).argmax(dim=1)
    return (seen == y).view(generator.classes, per_label).float().mean(1)


def obeyed_label_by_label(generator, judge, per_label):
    shares = []
    for label in range(generator.classes):
        images = generator(generator.noise(per_label), torch.full((per_label,), label))
        shares.append(float((judge(2 * images - 1).argmax(1) == label).float().mean()))
    return shares


def obeyed_one_by_one(generator, judge, per_label):
    hits = np.zeros(generator.classes)
    for label in np.random.default_rng(0).permutation(np.repeat(np.arange(generator.classes), per_label)):
        image = generator(generator.noise(1), torch.tensor([label]))
        hits[label] += int(judge(2 * image - 1).argmax()) == label
    return hits / per_label


def with_rows_mixed(generator, judge, per_label, swap=False):
    in_turn = torch.arange(generator.classes * per_label) % generator.classes
    in_blocks = torch.arange(generator.classes).repeat_interleave(per_label)
    made_for, y = (in_blocks, in_turn) if swap else (in_turn, in_blocks)
    seen = judge(2 * generator(generator.noise(len(y)), made_for) - 1).argmax(1)
    return torch.stack([(seen[y == label] == label).double().mean() for label in range(generator.classes)])


def probability_of_label(generator, judge, per_label):
    y = torch.arange(generator.classes).repeat_interleave(per_label)
    p = judge(2 * generator(generator.noise(len(y)), y) - 1).softmax(1)
    return p[torch.arange(len(y)), y].view(generator.classes, -1).mean(1)


def seen_whatever_was_asked(generator, judge, per_label):
    y = torch.arange(generator.classes).repeat_interleave(per_label)
    return judge(2 * generator(generator.noise(len(y)), y) - 1).argmax(1).bincount(minlength=4) / per_label


def without_rescaling(generator, judge, per_label):
    y = torch.arange(generator.classes).repeat_interleave(per_label)
    return (judge(generator(generator.noise(len(y)), y)).argmax(1) == y).float()


def one_label_for_many(generator, judge, per_label):
    return judge(2 * generator(generator.noise(per_label), torch.tensor([0])) - 1)


def random_labels(generator, judge, per_label):
    y = torch.arange(4 * per_label) % 2
    seen = judge(2 * generator(generator.noise(len(y)), y) - 1).argmax(1)
    return torch.stack([(seen[y == 0] == 0).double().mean()] * 4)


# Task 4 -----------------------------------------------------------------------------------------------------


def ignores_the_label(p, share):
    return (share @ p).expand_as(p)


def ignores_the_label_in_a_loop(p, share):
    row = sum(w * r for w, r in zip(share.tolist(), p.numpy(), strict=True))
    return np.stack([row] * len(p))


def halfway(p, share):
    return 0.5 * p + 0.5 * (share @ p)


def moves_a_little(p, share):
    """Two rows trade some probability of two outcomes, in proportion to how rare each label is."""
    g, step = p.clone(), 0.5 * min(p[0].min() * share[0], p[1].min() * share[1])
    for row, sign in ((0, 1), (1, -1)):
        g[row, 0] += sign * step / share[row]
        g[row, 1] -= sign * step / share[row]
    return g


def in_order(generator, y):
    return generator(generator.noise(len(y)), y)


def in_blocks(generator, per_label):
    return torch.arange(generator.classes).repeat_interleave(per_label)


def shown_as(rescale):
    def answer(generator, judge, per_label):
        y = in_blocks(generator, per_label)
        return (judge(rescale(in_order(generator, y))).argmax(1) == y).view(-1, per_label).float().mean(1)

    return answer


def hits_of(generator, judge, y):
    return (judge(2 * in_order(generator, y) - 1).argmax(1) == y).double()


def grouped_wrongly(generator, judge, per_label, in_turn=False):
    y = in_blocks(generator, per_label)
    if in_turn:
        return hits_of(generator, judge, y.view(generator.classes, -1).T.flatten()).view(generator.classes, -1).mean(1)
    return hits_of(generator, judge, y).view(-1, generator.classes).mean(0)


def of_those_read_as_it(generator, judge, per_label):
    y = in_blocks(generator, per_label)
    seen = judge(2 * in_order(generator, y) - 1).argmax(1)
    return torch.stack([(y[seen == label] == label).double().mean() for label in range(generator.classes)])


def joined_with_all_labels(z, y, classes):
    vectors = z.new_zeros(len(y), classes)
    vectors[:, y] = 1
    return torch.cat([z, vectors], 1)


def joined_changing_y(z, y, classes):
    got = joined(z, y, classes)
    y.zero_()
    return got


def value_in_place(p, g, d, share):
    p *= share[:, None]
    g *= share[:, None]
    return (p * d.log() + g * (1 - d).log()).sum()


def unseen_in_place(p, share):
    p[:] = share @ p
    return p


RIGHT = [
    (checks.noise_and_label, joined),
    (checks.noise_and_label, joined_by_eye),
    (checks.noise_and_label, joined_by_scatter),
    (checks.noise_and_label, joined_in_a_loop),
    (checks.conditional_value, value),
    (checks.conditional_value, value_in_a_loop),
    (checks.conditional_value, value_with_numpy),
    (checks.conditional_value, value_by_theory),
    (checks.obedience_by_label, obeyed_in_turn),
    (checks.obedience_by_label, obeyed_in_blocks),
    (checks.obedience_by_label, obeyed_label_by_label),
    (checks.obedience_by_label, obeyed_one_by_one),
    (checks.unseen_disobedience, ignores_the_label),
    (checks.unseen_disobedience, ignores_the_label_in_a_loop),
    (checks.unseen_disobedience, halfway),
    (checks.unseen_disobedience, moves_a_little),
    (checks.unseen_disobedience, lambda p, s: 0.99 * p + 0.01 * (s @ p)),
    (checks.unseen_disobedience, lambda p, s: torch.outer(torch.ones_like(s), s @ p).float()),
    (checks.noise_and_label, lambda z, y, c: torch.cat([z, y[:, None] == torch.arange(c)], 1)),
    (checks.conditional_value, lambda p, g, d, s: value(p.float(), g.float(), d.float(), s.float()).item()),
    (checks.obedience_by_label, lambda g, j, n: hits_of(g, j, torch.arange(4).repeat(n)).view(n, 4).mean(0)),
]

WRONG = [
    # Task 1
    (checks.noise_and_label, lambda z, y, c: torch.cat([z, y[:, None].to(z.dtype)], 1), "nine times as much"),
    (checks.noise_and_label, lambda z, y, c: torch.cat([z, one_hot(y)], 1), "must not make the input narrower"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y, c).T, "One row an example"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y, c).double().float().half(), "Turn the one-hot rows"),
    (checks.noise_and_label, lambda z, y, c: torch.cat([torch.eye(c, dtype=z.dtype)[y], z], 1), "before z"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y.sort().values, c), "order was changed"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y[:1].expand(len(y)), c), "label of the first"),
    (checks.noise_and_label, lambda z, y, c: joined(z, (y + 1) % c, c), "too far to the right"),
    (
        checks.noise_and_label,
        lambda z, y, c: torch.cat([z, (one_hot(y, c) * y[:, None]).to(z.dtype)], 1),
        "holds the label itself",
    ),
    (checks.noise_and_label, lambda z, y, c: torch.cat([z, (1 - one_hot(y, c)).to(z.dtype)], 1), "exchanged"),
    (checks.noise_and_label, lambda z, y, c: joined(2 * z - 1, y, c), "not z any more"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y.flip(0) * 0, c), "should be"),
    (checks.noise_and_label, joined_in_place, "changed what it was given"),
    # Task 2
    (checks.conditional_value, lambda p, g, d, s: value_per_label(p, g, d, s).mean(), "count equally"),
    (checks.conditional_value, lambda p, g, d, s: value_per_label(p, g, d, s).sum(), "without their weights"),
    (checks.conditional_value, lambda p, g, d, s: value(p, 0 * g, d, s), "first term alone"),
    (checks.conditional_value, lambda p, g, d, s: value(0 * p, g, d, s), "second term alone"),
    (checks.conditional_value, lambda p, g, d, s: -value(p, g, d, s), "loss of D"),
    (checks.conditional_value, lambda p, g, d, s: value(p, g, d, s) / math.log(2), "base 2"),
    (checks.conditional_value, lambda p, g, d, s: value(p, g, d, s) / p.shape[1], "mean over outcomes"),
    (checks.conditional_value, lambda p, g, d, s: (s @ ((p + g) * d.log())).sum(), "not with log D"),
    (checks.conditional_value, lambda p, g, d, s: value(g, p, d, s), "exchanged"),
    (checks.conditional_value, value_of_a_deaf_d, "told y"),
    (
        checks.conditional_value,
        lambda p, g, d, s: s @ (p * d.log()).sum(1) + (g * (1 - d).log()).sum(),
        "Only the real",
    ),
    (checks.conditional_value, value_per_label, "one number"),
    (checks.conditional_value, lambda p, g, d, s: -1.0, r"sum over y of p\(y\)"),
    # Task 3
    (checks.obedience_by_label, with_rows_mixed, "mixed up"),
    (checks.obedience_by_label, lambda *given: with_rows_mixed(*given, swap=True), "mixed up"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given).mean(), "One number came"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given).mean().expand(4), "repeated"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given) * given[2], "counts"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given) / 4, "not by all"),
    (checks.obedience_by_label, lambda *given: 1 - obeyed_in_turn(*given), "does not obey"),
    (checks.obedience_by_label, probability_of_label, "mean probability"),
    (checks.obedience_by_label, seen_whatever_was_asked, "whatever was asked for"),
    (checks.obedience_by_label, without_rescaling, r"show it 2x - 1"),
    (checks.obedience_by_label, one_label_for_many, "one label for each row"),
    (checks.obedience_by_label, random_labels, "of each label were to be made"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given)[:2], "got shape"),
    (checks.obedience_by_label, lambda *given: obeyed_in_turn(*given).flip(0), "Expected shares"),
    # Task 4
    (checks.unseen_disobedience, lambda p, s: p, "p itself"),
    (checks.unseen_disobedience, lambda p, s: torch.full_like(p, 1 / p.shape[1]), "even a D that is not told"),
    (checks.unseen_disobedience, lambda p, s: p.mean(0).expand_as(p), "count equally in your mixture"),
    (checks.unseen_disobedience, lambda p, s: p.roll(1, 0), "even a D that is not told"),
    (checks.unseen_disobedience, lambda p, s: s[:, None] * p, r"not p\(y\) g\(x\|y\)"),
    (checks.unseen_disobedience, lambda p, s: p + 0.1, "should sum to 1"),
    (checks.unseen_disobedience, lambda p, s: s @ p, "one row a label"),
    (checks.unseen_disobedience, lambda p, s: p + torch.tensor([[1.0, -1, 0, 0]]), "never negative"),
    # Task 1
    (checks.noise_and_label, lambda z, y, c: one_hot(y, c).to(z.dtype), "labels without z"),
    (checks.noise_and_label, lambda z, y, c: joined(z, y, 10), "says how many classes"),
    (checks.noise_and_label, joined_with_all_labels, "every label of the batch"),
    (checks.noise_and_label, lambda z, y, c: joined(z, (y - 1) % c, c), "too far to the left"),
    (checks.noise_and_label, lambda z, y, c: (z, one_hot(y, c)), "returned a tuple"),
    (
        checks.noise_and_label,
        lambda z, y, c: joined(z, y.where(torch.arange(len(y)) == 0, 0), c),
        "For y = 1, in row 2",
    ),
    (checks.noise_and_label, joined_changing_y, "changed what it was given"),
    # Task 2
    (checks.conditional_value, value_in_place, "changed what it was given"),
    (
        checks.conditional_value,
        lambda p, g, d, s: (p * d.log() + g * (1 - d).log()).mean(),
        "plain mean of the table",
    ),
    (checks.conditional_value, lambda p, g, d, s: value(p, g, p / (p + g), s), "value of the best D"),
    (checks.conditional_value, lambda p, g, d, s: s @ (d.log() + (1 - d).log()).sum(1), "as often as it comes"),
    (checks.conditional_value, lambda p, g, d, s: s @ (d.log() + (1 - d).log()).mean(1), "no expectation"),
    (checks.conditional_value, lambda p, g, d, s: value(p, g, d, s) / math.log(10), "base 10"),
    (checks.conditional_value, lambda p, g, d, s: s @ (p * d + g * (1 - d)).sum(1), "logarithms are missing"),
    (
        checks.conditional_value,
        lambda p, g, d, s: s @ ((p * d).sum(1).log() + (g * (1 - d)).sum(1).log()),
        "logarithm of a sum",
    ),
    (
        checks.conditional_value,
        lambda p, g, d, s: (p * d.log()).sum() + s @ (g * (1 - d).log()).sum(1),
        "Only the fake",
    ),
    # Task 3
    (checks.obedience_by_label, grouped_wrongly, "mean is not over the images of one label"),
    (checks.obedience_by_label, lambda *given: grouped_wrongly(*given, in_turn=True), "mean is not over the images"),
    (checks.obedience_by_label, shown_as(lambda x: x - 0.5), r"show it 2x - 1"),
    (checks.obedience_by_label, shown_as(lambda x: 2 * (x - 1)), r"show it 2x - 1"),
    (checks.obedience_by_label, shown_as(lambda x: (x - x.mean()) / x.std()), r"show it 2x - 1"),
    (checks.obedience_by_label, shown_as(lambda x: (2 * x - 1).flatten(1)), "wants a tensor of shape"),
    (checks.obedience_by_label, shown_as(lambda x: (2 * x - 1).numpy()), "shown a ndarray"),
    (checks.obedience_by_label, lambda g, j, n: hits_of(g, j, in_blocks(g, n).float()), "y as torch.float32"),
    (checks.obedience_by_label, lambda g, j, n: g(g.noise(n), [0] * n), "y as list"),
    (checks.obedience_by_label, lambda *given: 100 * obeyed_in_turn(*given), "percentages"),
    (checks.obedience_by_label, of_those_read_as_it, "read as a label"),
    # Task 4
    (checks.unseen_disobedience, unseen_in_place, "changed what it was given"),
    (checks.unseen_disobedience, lambda p, s: s[:, None] * p / (s @ p), "wrong way round"),
    (checks.unseen_disobedience, lambda p, s: p + 2e-3 * torch.tensor([1.0, -1, 0, 0]), "even a D that is not told"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
