"""The check of "build it yourself" takes any architecture and any right move, and names what is wrong with the others."""

from copy import deepcopy

import pytest
import torch
from judged import judge_answers, judge_manners
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from course_lib import checks
from course_lib.checks import NotYet, lesson_04_build
from course_lib.data import embedded_digits

check = checks.build_it_yourself


def dense(*, end=nn.Tanh, d_end=nn.Identity, outputs=1, noise=64):
    G = nn.Sequential(nn.Linear(noise, 64), nn.ReLU(), nn.Linear(64, 784), end(), nn.Unflatten(1, (1, 28, 28)))
    D = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 64), nn.LeakyReLU(0.2), nn.Dropout(0.5), nn.Linear(64, outputs), d_end()
    )
    return G, D


def convolutional():
    G = nn.Sequential(
        nn.Linear(64, 16 * 49),
        nn.Unflatten(1, (16, 7, 7)),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 4, 2, 1),
        nn.Tanh(),
    )
    D = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 196, 1), nn.Flatten(0))
    return G, D


class Own(nn.Module):
    """A network written as a class, with one logit of shape (n,)."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(784, 100), nn.Linear(100, 1)

    def forward(self, x):
        return self.two(torch.tanh(self.one(x.reshape(len(x), -1)))).squeeze(1)


def with_a_class():
    return [dense()[0], Own()]


def d_move(G, D, optimizer, x, z):
    optimizer.zero_grad()
    loss = softplus(-D(x)).mean() + softplus(D(G(z).detach())).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def d_with_labels(G, D, optimizer, x, z):
    """Smoothed, in one batch, the fakes made without gradient, and the loss as a tensor."""
    with torch.no_grad():
        fake = G(z)
    logits = D(torch.cat([x, fake])).flatten()
    labels = torch.cat([torch.full((len(x),), 0.9), torch.zeros(len(z))])
    loss = binary_cross_entropy_with_logits(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def d_apart(G, D, optimizer, x, z):
    """Two backward passes, one for each half, told which weights to write to."""
    D.zero_grad()
    parts = (-logsigmoid(D(x)).mean(), -logsigmoid(-D(G(z))).mean())
    for part in parts:
        part.backward(inputs=list(D.parameters()))
    optimizer.step()
    return float(sum(part.item() for part in parts))


def g_move(G, D, optimizer, z):
    optimizer.zero_grad()
    loss = softplus(-D(G(z))).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def g_minimax(G, D, optimizer, z):
    """Algorithm 1 as printed, through a D that keeps no gradient."""
    loss = logsigmoid(-D(G(z))).mean()
    weights = list(G.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = slope
    optimizer.step()
    return loss.item()


def g_with_d_frozen(G, D, optimizer, z):
    D.requires_grad_(False)
    loss = binary_cross_entropy_with_logits(D(G(z)).flatten(), torch.ones(len(z)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    D.requires_grad_(True)
    return loss


@pytest.mark.parametrize("build", [dense, convolutional, with_a_class])
def test_any_architecture_passes(build, capsys):
    check(build, d_move, g_move)
    assert capsys.readouterr().out.count("Right: ") == 1


@pytest.mark.parametrize("d, g", [(d_with_labels, g_minimax), (d_apart, g_with_d_frozen)])
def test_any_right_move_passes(d, g, capsys):
    check(dense, d, g)
    assert "fooled more often" in capsys.readouterr().out


def evaluating():
    G, D = dense()
    return G.eval(), D


def swapped():
    return dense()[::-1]


def unnecessary_sigmoid():
    return dense(d_end=nn.Sigmoid)


def flat():
    G, D = dense()
    return G[:-1], D


class Constant(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Parameter(torch.randn(1, 28, 28))

    def forward(self, z):
        return self.image.tanh().expand(len(z), -1, -1, -1)


TestAnswers = judge_answers(
    (check,),
    [(check, dense), (check, convolutional), (check, with_a_class)],
    [
        (check, lambda: dense()[0], "Return two networks"),
        (check, lambda: (nn.Tanh(), nn.Tanh()), "no weights that could learn"),
        (check, evaluating, "evaluation mode"),
        (check, lambda: dense(end=nn.Sigmoid), "on one side of 0"),
        (check, unnecessary_sigmoid, "both sides of 0"),
        (check, lambda: dense(d_end=nn.ReLU), "both sides of 0|the same of every image"),
        (check, lambda: dense(outputs=2), "16 logits"),
        (check, flat, r"shape \(16, 784\)|yours gives \(16, 784\)"),
        (check, lambda: (Constant(), dense()[1]), "same image for two different z"),
    ],
)
TestManners = judge_manners((check,))


def test_pixels_beyond_the_ends_are_told():
    def wide():
        G, D = dense(end=nn.Identity)
        G[2].weight.data.mul_(10)
        return G, D

    with pytest.raises(NotYet, match="pixels run from"):
        check(wide)


def d_with(change):
    """d_move with one thing changed: a function of (real, fake logits) to the loss."""

    def move(G, D, optimizer, x, z):
        optimizer.zero_grad()
        loss = change(D(x), D(G(z).detach()))
        loss.backward()
        optimizer.step()
        return loss.item()

    return move


def leaking(G, D, optimizer, x, z):
    optimizer.zero_grad()
    loss = softplus(-D(x)).mean() + softplus(D(G(z))).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def not_cleared(G, D, optimizer, x, z):
    loss = softplus(-D(x)).mean() + softplus(D(G(z).detach())).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def no_step(G, D, optimizer, x, z):
    return (softplus(-D(x)).mean() + softplus(D(G(z).detach())).mean()).item()


def moves_both(G, D, optimizer, x, z):
    loss = d_move(G, D, optimizer, x, z)
    with torch.no_grad():
        next(G.parameters()).mul_(0.99)
    return loss


def leaves_eval(G, D, optimizer, x, z):
    G.eval()
    return d_move(G, D, optimizer, x, z)


def says_nothing(*given):
    d_move(*given)


@pytest.mark.parametrize(
    "move, words",
    [
        (d_with(lambda real, fake: softplus(real).mean() + softplus(-fake).mean()), "labels are swapped"),
        (d_with(lambda real, fake: softplus(-real).mean()), "learn from the fakes"),
        (d_with(lambda real, fake: softplus(fake).mean()), "learn from the data"),
        (d_with(lambda real, fake: softplus(-real).sum() + softplus(fake).mean()), "count|learn from"),
        (d_with(lambda real, fake: softplus(-real).median() + softplus(fake).median()), "takes no notice"),
        (d_with(lambda real, fake: softplus(-real).median() + softplus(fake).mean()), "takes no notice"),
        (d_with(lambda real, fake: softplus(-real).mean() + fake.mean()), "count"),
        (d_with(lambda r, f: -(r.sigmoid().log() + (1 - f.sigmoid()).log()).mean()), "log of 0|no numbers any more"),
        (d_with(lambda r, f: torch.relu(-r).mean() + torch.relu(f).mean()), "count|does nothing"),
        (d_with(lambda r, f: torch.relu(-r).mean() + softplus(f).mean()), "count"),
        (d_with(lambda r, f: softplus(-r).mean() * softplus(f).mean()), "learn from the fakes"),
        (leaking, "leaves a gradient in G"),
        (not_cleared, "second is not"),
        (no_step, "not moved"),
        (moves_both, "G's weights have changed"),
        (leaves_eval, "evaluation mode"),
        (says_nothing, "Is there a `return`"),
        (0.5, "should be a function"),
    ],
)
def test_a_wrong_move_of_d_is_told(move, words):
    with pytest.raises(NotYet, match=words):
        check(dense, move)


def g_with(loss_of, before=lambda G, D, optimizer: optimizer.zero_grad()):
    def move(G, D, optimizer, z):
        before(G, D, optimizer)
        loss = loss_of(G, D, z)
        if loss.requires_grad:
            loss.backward()
        optimizer.step()
        return loss.item()

    return move


def moves_d(G, D, optimizer, z):
    loss = g_move(G, D, optimizer, z)
    with torch.no_grad():
        for weight in D.parameters():
            weight.sub_(0.01 * weight.grad)
    return loss


def freezes_d(G, D, optimizer, z):
    D.requires_grad_(False)
    return g_move(G, D, optimizer, z)


@pytest.mark.parametrize(
    "move, words",
    [
        (g_with(lambda G, D, z: softplus(D(G(z))).mean()), "wrong way"),
        (g_with(lambda G, D, z: softplus(-D(G(z).detach())).mean()), "not moved"),
        (g_with(lambda G, D, z: softplus(-D(G(z))).mean(), lambda *_: None), "second is not"),
        (g_with(lambda G, D, z: softplus(-D(G(z))).median()), "takes no notice"),
        (g_with(lambda G, D, z: G(z).square().mean()), "little to do with"),
        (moves_d, "D's weights have changed"),
        (freezes_d, "no longer require a gradient"),
    ],
)
def test_a_wrong_move_of_g_is_told(move, words):
    with pytest.raises(NotYet, match=words):
        check(dense, d_move, move)


def test_what_g_leaves_in_d_must_not_spoil_ds_next_move():
    """D clears its gradients at the end of its move, which G's move then fills again."""

    def clears_afterwards(G, D, optimizer, x, z):
        loss = softplus(-D(x)).mean() + softplus(D(G(z).detach())).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    check(dense, clears_afterwards)
    with pytest.raises(NotYet, match="leaves a gradient in D"):
        check(dense, clears_afterwards, g_move)


class Copier(nn.Module):
    """A stand-in for a trained G: hands out real digits of the given classes."""

    def __init__(self, classes, noise=0.0):
        super().__init__()
        digits = embedded_digits("train")
        keep = torch.isin(digits.y, torch.tensor(classes))
        self.x, self.noise, self.weight = digits.scaled()[keep], noise, nn.Parameter(torch.zeros(1))

    def forward(self, z):
        return self.x[: len(z)] + self.noise * torch.randn(len(z), 1, 28, 28)


@pytest.mark.parametrize(
    "trained, words",
    [
        (Copier([0, 1, 2, 3]), "sees 4 of the ten classes; 4, 5, 6, 7, 8, 9 are missing"),
        (dense()[0], "not yet digits|nearly the same"),
        (Constant(), "nearly the same"),
        ("G", "trained generator itself"),
    ],
)
def test_a_training_that_failed_is_told_how(trained, words, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_SIZE", "cpu")
    with pytest.raises(NotYet, match=words):
        check(dense, d_move, g_move, trained)


def test_a_generator_of_all_classes_passes_and_stays_as_it_was(monkeypatch, capsys):
    monkeypatch.setenv("GAN_COURSE_SIZE", "cpu")
    trained = Copier(range(10))
    before = deepcopy(trained.state_dict())
    check(dense, d_move, g_move, trained)
    assert "its digits are digits" in capsys.readouterr().out
    assert trained.training and all(torch.equal(value, before[key]) for key, value in trained.state_dict().items())


def test_at_quick_size_no_judge_is_asked(monkeypatch, capsys):
    monkeypatch.setattr(lesson_04_build, "digit_judge", lambda: 1 / 0)
    check(dense, d_move, g_move, Copier([0, 1, 2, 3]))
    assert capsys.readouterr().out.startswith("Right")
