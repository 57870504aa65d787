"""The loop: who moves when, what a move may touch, and what stops it."""

from itertools import islice

import pytest
import torch
from torch import nn

from course_lib import Batch, Diverged, Game, play, seed
from course_lib.data import SampledBatches, gaussian, ring
from course_lib.losses import minimax, non_saturating, tell_apart
from course_lib.models.mlp import Discriminator, Generator


def tiny_game(**settings) -> Game:
    seed(0)
    generator, discriminator = Generator(3, (8,), (2,)), Discriminator((2,), (8,))
    return Game(
        generator,
        discriminator,
        settings.pop("d_terms", {"real or fake": tell_apart}),
        settings.pop("g_terms", {"pass for real": non_saturating}),
        **settings,
    )


def batches(seed=0):
    return SampledBatches(ring(), batch_size=16, seed=seed)


def weights(module: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


class Counting(nn.Module):
    """A discriminator that remembers whose weights moved between its calls."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.calls = inner, 0

    def forward(self, x):
        self.calls += 1
        return self.inner(x)


def test_a_step_moves_both_players_and_names_their_losses():
    game = tiny_game()
    g, d = weights(game.generator), weights(game.discriminator)
    [(step, values)] = islice(play(game, batches()), 1)
    assert step == 1
    assert set(values) == {"D real or fake", "G pass for real"}
    assert all(v.shape == () and not v.requires_grad for v in values.values())
    assert not torch.equal(g, weights(game.generator))
    assert not torch.equal(d, weights(game.discriminator))


@pytest.mark.parametrize("mover, other", [("discriminator", "generator"), ("generator", "discriminator")])
def test_a_move_leaves_the_other_player_bit_identical_and_without_gradient(mover, other):
    from course_lib.game import move_discriminator, move_generator

    game = tiny_game()
    before = {k: v.clone() for k, v in getattr(game, other).state_dict().items()}
    own = weights(getattr(game, mover))
    move = {"discriminator": move_discriminator, "generator": move_generator}[mover]
    move(game, next(batches()), 1)
    assert all(torch.equal(v, before[k]) for k, v in getattr(game, other).state_dict().items())
    assert all(p.grad is None for p in getattr(game, other).parameters())
    assert not torch.equal(own, weights(getattr(game, mover)))


def test_the_first_d_move_is_gradient_descent_on_minus_the_value():
    """Against the move written out by hand with torch.autograd."""
    game = tiny_game(d_optimizer=None)
    game.d_optimizer = torch.optim.SGD(game.discriminator.parameters(), lr=0.1)
    batch = next(batches())
    torch.manual_seed(5)
    z = game.generator.noise(16)
    d_real = torch.sigmoid(game.discriminator(batch.x).logits)
    d_fake = torch.sigmoid(game.discriminator(game.generator(z)).logits)
    value = d_real.log().mean() + (1 - d_fake).log().mean()
    gradient = torch.autograd.grad(value, list(game.discriminator.parameters()))
    expected = [p.detach() + 0.1 * g for p, g in zip(game.discriminator.parameters(), gradient, strict=True)]
    torch.manual_seed(5)
    next(play(game, iter([batch, batch])))
    for got, want in zip(game.discriminator.parameters(), expected, strict=True):
        torch.testing.assert_close(got.detach(), want)


@pytest.mark.parametrize("d_steps, g_steps", [(1, 1), (5, 1), (1, 3)])
def test_k_is_the_number_of_moves_and_every_move_takes_a_fresh_batch(d_steps, g_steps):
    game = tiny_game(d_steps=d_steps, g_steps=g_steps)
    taken = []
    source = (taken.append(1) or batch for batch in batches())
    steps = list(islice(play(game, source), 2))
    assert [step for step, _ in steps] == [1, 2]
    assert len(taken) == 2 * (d_steps + g_steps)


def test_a_term_that_ignores_real_data_costs_no_pass_over_it():
    game = tiny_game()
    game.discriminator = Counting(game.discriminator)
    next(play(game, batches()))
    assert game.discriminator.calls == 3  # real and fake for D, only fake for G


def test_play_ends_with_the_batches():
    assert len(list(play(tiny_game(), islice(batches(), 6)))) == 3
    assert len(list(play(tiny_game(), islice(batches(), 7)))) == 3


def test_the_same_seed_gives_the_same_weights():
    ends = []
    for _ in range(2):
        game = tiny_game()
        for _ in islice(play(game, batches()), 5):
            pass
        ends.append(weights(game.generator))
    assert torch.equal(*ends)


def test_terms_add_up():
    alone = tiny_game(g_terms={"a": non_saturating})
    twice = tiny_game(g_terms={"a": lambda r: non_saturating(r) / 2, "b": lambda r: non_saturating(r) / 2})
    for game in (alone, twice):
        seed(1)
        for _ in islice(play(game, batches()), 3):
            pass
    torch.testing.assert_close(weights(alone.generator), weights(twice.generator))


def test_the_labels_reach_both_players_when_the_batch_says_so():
    heard = []

    class Told(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def noise(self, n):
            return self.inner.noise(n)

        def forward(self, x, y):
            heard.append((type(self.inner).__name__, y))
            return self.inner(x)

    game = tiny_game()
    game = Game(Told(game.generator), Told(game.discriminator), game.d_terms, game.g_terms)
    y = torch.arange(16)
    batch = Batch(next(batches()).x, y, given=(y,))
    next(play(game, iter([batch, batch])))
    assert [who for who, _ in heard] == ["Discriminator", "Generator", "Discriminator", "Generator", "Discriminator"]
    assert all(label is y for _, label in heard)


@pytest.mark.parametrize("player, terms", [("D", "d_terms"), ("G", "g_terms")])
def test_divergence_names_step_player_and_term_and_leaves_the_weights_alone(player, terms):
    fine = {"d_terms": tell_apart, "g_terms": non_saturating}[terms]
    seen = []

    def breaks(round):
        seen.append(1)
        return fine(round) * (float("nan") if len(seen) == 3 else 1)

    game = tiny_game(**{terms: {"breaks": breaks}})
    running = play(game, batches())
    next(running), next(running)
    network = game.discriminator if player == "D" else game.generator
    before = weights(network)
    with pytest.raises(Diverged, match=f"step 3: the term '{player} breaks' is nan"):
        next(running)
    assert torch.equal(before, weights(network))


@pytest.mark.parametrize(
    "settings, words",
    [({"d_terms": {}}, "D has no loss"), ({"g_terms": {}}, "G has no loss"), ({"d_steps": 0}, "at least once")],
)
def test_a_game_that_cannot_be_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        tiny_game(**settings)


def test_a_generator_without_a_prior_is_refused():
    with pytest.raises(TypeError, match="no method `noise"):
        Game(nn.Linear(1, 1), Discriminator((1,), (4,)), {"a": tell_apart}, {"b": minimax})


def test_a_loss_per_example_is_refused():
    from torch.nn.functional import softplus

    game = tiny_game(g_terms={"per example": lambda round: softplus(-round.fake.logits)})
    with pytest.raises(ValueError, match=r"'G per example' returned shape \(16,\)"):
        next(play(game, batches()))


def test_a_one_dimensional_game_finds_the_mean():
    """Real data from N(3, 1): a generator that shifts its noise ends near there."""
    seed(0)
    game = Game(
        Generator(1, (), (1,)),
        Discriminator((1,), (32,)),
        {"real or fake": tell_apart},
        {"pass for real": non_saturating},
    )
    game.d_optimizer = torch.optim.Adam(game.discriminator.parameters(), lr=5e-3, betas=(0.5, 0.999))
    game.g_optimizer = torch.optim.Adam(game.generator.parameters(), lr=5e-3, betas=(0.5, 0.999))
    for _ in islice(play(game, SampledBatches(gaussian(3.0, 1.0), batch_size=128)), 1_500):
        pass
    with torch.no_grad():
        assert game.generator(game.generator.noise(5_000)).mean().item() == pytest.approx(3.0, abs=0.5)
