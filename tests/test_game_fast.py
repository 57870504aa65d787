"""What lets the loop be fast: one pass of D, no waiting for the device, compiled networks; and what it must not change."""

import math
from itertools import islice

import pytest
import torch
from test_game import batches, tiny_game, weights
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib import Batch, Diverged, play
from course_lib.game import Game
from course_lib.layers import MinibatchDiscrimination
from course_lib.losses import feature_matching, tell_apart
from course_lib.models.mlp import Discriminator, Generator
from course_lib.verdict import Round, Verdict


class Waits(TorchDispatchMode):
    """Counts how often a tensor's value is asked for in Python, which on a GPU waits for everything before it."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


def sgd(network):
    """An optimiser that counts in no tensor."""
    return torch.optim.SGD(network.parameters(), lr=0.01)


@pytest.mark.parametrize("watch", [False, True])
def test_a_step_that_nobody_watches_never_waits_for_the_device(watch):
    game = tiny_game()
    game.d_optimizer, game.g_optimizer = sgd(game.discriminator), sgd(game.generator)
    moves = play(game, batches(), watch=watch)
    with Waits() as waits:
        next(moves)
    assert (waits.count > 0) == watch


def test_unwatched_a_loss_that_is_not_finite_is_handed_on():
    nan = {"nan": lambda round: tell_apart(round) * math.nan}
    assert next(play(tiny_game(d_terms=nan), batches(), watch=False))[1]["D nan"].isnan()
    with pytest.raises(Diverged):
        next(play(tiny_game(d_terms=nan), batches()))


def test_a_game_that_goes_on_counts_on():
    assert [step for step, _ in islice(play(tiny_game(), batches(), after=41), 2)] == [42, 43]


def test_one_pass_is_the_same_game_where_d_looks_at_each_example_by_itself():
    apart, together = tiny_game(), tiny_game(one_pass=True)
    for game in (apart, together):
        torch.manual_seed(3)
        list(islice(play(game, batches()), 3))
    assert torch.allclose(weights(apart.discriminator), weights(together.discriminator), atol=1e-6)
    assert torch.allclose(weights(apart.generator), weights(together.generator), atol=1e-6)


def test_one_pass_calls_d_once_and_shares_its_rows_out():
    calls = []

    class Wide(nn.Module):
        def forward(self, x, y):
            calls.append(len(x))
            return Verdict(x[:, 0], x + y[:, None], x * 2)

    batch = Batch(torch.ones(3, 2), given=(torch.tensor([10, 20, 30]),))
    generator = Generator(4, (), (2,))
    ignores_y = type("G", (nn.Module,), {"forward": lambda self, z, y: generator(z)})()
    z = torch.randn(3, 4)
    round = Round(ignores_y, Wide(), batch, learning_generator=False, z=z, one_pass=True)
    assert torch.equal(round.real.features, torch.tensor([[11.0, 11], [21, 21], [31, 31]]))
    assert torch.equal(round.fake.classes, generator(z) * 2) and torch.equal(round.fake.logits, generator(z)[:, 0])
    assert calls == [6]


def test_one_pass_changes_the_game_where_batch_norm_looks_across_the_batch():
    """Documented on Round: the statistics are then those of the mixture."""
    with_norm = nn.Sequential(nn.BatchNorm1d(2), nn.Flatten())

    class Normed(nn.Module):
        def forward(self, x):
            features = with_norm(x)
            return Verdict(features[:, 0], features)

    generator, batch, z = Generator(3, (), (2,)), Batch(torch.randn(8, 2) + 5), torch.randn(8, 3)
    rounds = [Round(generator, Normed(), batch, learning_generator=False, z=z, one_pass=one) for one in (False, True)]
    apart, together = (feature_matching(round) for round in rounds)
    assert apart < 1e-8 < together  # apart, batch norm takes from both batches the mean that tells them apart


def test_a_layer_that_compares_examples_refuses_one_pass():
    class Compares(Discriminator):
        def __init__(self):
            super().__init__((2,), (4,))
            self.compare = MinibatchDiscrimination(4, 3, 2)

    terms = {"d_terms": {"a": tell_apart}, "g_terms": {"b": feature_matching}}
    with pytest.raises(ValueError, match="MinibatchDiscrimination.*apart.*one_pass"):
        Game(Generator(3, (8,), (2,)), Compares(), **terms, one_pass=True)
    Game(Generator(3, (8,), (2,)), Compares(), **terms)


@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_compiled_networks_play_the_same_game():
    """The trap: compiling around D(fake.detach()) and then D(fake) fails with "backward a second time"."""
    plain, compiled = tiny_game(), tiny_game()
    compiled.generator.compile(backend="aot_eager")
    compiled.discriminator.compile(backend="aot_eager")
    for game in (plain, compiled):
        torch.manual_seed(3)
        list(islice(play(game, batches()), 3))
    assert torch.allclose(weights(plain.discriminator), weights(compiled.discriminator), atol=1e-6)
    assert torch.allclose(weights(plain.generator), weights(compiled.generator), atol=1e-6)


class Keeps(nn.Module):
    """A discriminator that keeps every batch it is shown."""

    def __init__(self):
        super().__init__()
        self.inner, self.seen = Discriminator((2,), (8,)), []

    def forward(self, x):
        self.seen.append(x.detach().clone())
        return self.inner(x)


@pytest.mark.parametrize("reuse", [False, True])
def test_samples_used_again_are_the_samples_of_ds_move_and_g_still_learns_from_them(reuse):
    """D sees real data, samples, and then in G's move the same samples, or others."""
    like = tiny_game()
    game = Game(like.generator, Keeps(), like.d_terms, like.g_terms, reuse_samples=reuse)
    g_before, d_before = weights(game.generator), weights(game.discriminator)
    data = iter(batches())
    next(play(game, data))
    _, first, again = game.discriminator.seen
    assert torch.equal(first, again) == reuse
    assert not torch.equal(g_before, weights(game.generator))
    assert not torch.equal(d_before, weights(game.discriminator))


def test_gs_move_on_used_samples_is_its_move_on_fresh_ones_of_the_same_noise():
    """Nothing but the noise differs: with one and the same z both ways of moving end with the same weights."""
    ended = []
    for reuse in (False, True):
        game = tiny_game(reuse_samples=reuse)
        z = game.generator.noise(len(next(iter(batches()))))
        game.generator.noise = lambda n, z=z: z
        same = next(iter(batches()))
        next(play(game, iter([same, same])))
        ended.append((weights(game.generator), weights(game.discriminator)))
    for apart, together in zip(*ended, strict=True):
        torch.testing.assert_close(apart, together)


@pytest.mark.parametrize("way", ["reuse_samples", "simultaneous"])
@pytest.mark.parametrize("moves", [{"d_steps": 2}, {"g_steps": 3}])
def test_samples_are_not_used_by_both_where_a_player_moves_more_often(moves, way):
    with pytest.raises(ValueError, match="reuse_samples and simultaneous at False"):
        tiny_game(**{way: True}, **moves)


def test_players_who_move_at_once_both_go_down_their_gradients_where_they_stood():
    """The oracle takes both gradients by hand, of losses that PyTorch has, before anybody has moved."""
    game, data, rate = tiny_game(simultaneous=True), list(islice(batches(), 3)), 0.5
    (g, d), ones = (game.generator, game.discriminator), torch.ones(len(data[0]))
    game.g_optimizer, game.d_optimizer = (torch.optim.SGD(network.parameters(), lr=rate) for network in (g, d))
    by_hand = [[weight.detach().clone() for weight in network.parameters()] for network in (g, d)]
    noises = [g.noise(len(batch)) for batch in data]
    left = iter(noises)
    g.noise = lambda n: next(left)
    played = [values for _, values in play(game, data)]
    now_g, now_d = ([*network.parameters()] for network in (g, d))
    ended = [[weight.detach().clone() for weight in network] for network in (now_g, now_d)]
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    for batch, z, values in zip(data, noises, played, strict=True):
        for live, own in zip([*now_g, *now_d], [*by_hand[0], *by_hand[1]], strict=True):
            live.data.copy_(own)
        fake = d(g(z)).logits
        losses = bce(fake, ones), bce(d(batch.x).logits, ones) + bce(fake, 0 * ones)
        assert values["D real or fake"] == pytest.approx(losses[1].item(), abs=1e-6)
        for loss, live, own in zip(losses, (now_g, now_d), by_hand, strict=True):
            for weight, gradient in zip(own, torch.autograd.grad(loss, live, retain_graph=True), strict=True):
                weight -= rate * gradient
    for got, expected in zip(ended, by_hand, strict=True):
        torch.testing.assert_close(got, expected)
