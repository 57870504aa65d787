"""Historical averaging: the paper's sum over all past weights, kept as a running mean that is saved and restored."""

from copy import deepcopy
from itertools import islice

import pytest
import torch
from torch import nn

from course_lib import Batch, Game, Round, play
from course_lib.losses import HistoricalAveraging, minimax, tell_apart, weighted
from course_lib.models.mlp import Discriminator, Generator

NOTHING = Round(nn.Identity(), nn.Identity(), Batch(torch.zeros(1, 1)), True, z=torch.zeros(1, 1))


def a_player(**settings):
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    return network, torch.optim.SGD(network.parameters(), lr=0.3, **settings)


def theta(network):
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).clone()


def walk(network, optimizer, steps):
    """Steps along made-up slopes, yielding the weights after each."""
    for _ in range(steps):
        for parameter in network.parameters():
            parameter.grad = torch.randn_like(parameter)
        optimizer.step()
        yield theta(network)


def test_it_is_the_papers_equation_with_every_past_theta_written_down():
    """|| theta - 1/t sum_i theta[i] ||^2 over twenty steps, against a plain list."""
    network, optimizer = a_player()
    term, past = HistoricalAveraging(optimizer), []
    for now in walk(network, optimizer, 20):
        past.append(now)
        expected = (now - torch.stack(past).mean(0)).square().sum()
        torch.testing.assert_close(term(NOTHING), expected, rtol=1e-10, atol=1e-12)
    assert term.count == 20 and term(NOTHING) > 0.1


def test_its_gradient_pulls_towards_the_mean_of_the_past():
    network, optimizer = a_player()
    term = HistoricalAveraging(optimizer)
    past = torch.stack(list(walk(network, optimizer, 5)))
    slopes = torch.autograd.grad(term(NOTHING), list(network.parameters()))
    got = torch.cat([slope.flatten() for slope in slopes])
    torch.testing.assert_close(got, 2 * (past[-1] - past.mean(0)))


def test_before_any_past_there_is_nothing_to_be_held_back_by():
    network, optimizer = a_player()
    term = HistoricalAveraging(optimizer)
    slopes = torch.autograd.grad(term(NOTHING), list(network.parameters()))
    assert term(NOTHING).item() == 0 and all(not slope.any() for slope in slopes)


def test_it_is_zero_on_a_constant_path():
    network, _ = a_player()
    still = torch.optim.SGD(network.parameters(), lr=0.0)
    term = HistoricalAveraging(still)
    for _ in walk(network, still, 7):
        assert term(NOTHING).item() == 0
    assert term.count == 7


def test_a_different_past_for_the_same_weights_gives_a_different_value():
    """So that forgetting the past, or taking only the last theta for it, cannot pass."""
    values = []
    for far in (1.0, 2.0):
        weight = nn.Parameter(torch.tensor([far]))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        term = HistoricalAveraging(optimizer)
        for target in (far, 0.0, 0.0):
            weight.grad = weight.detach() - target
            optimizer.step()
        values.append(term(NOTHING).item())
    assert values == pytest.approx([(1 / 3) ** 2, (2 / 3) ** 2])


def test_all_groups_of_parameters_are_remembered():
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).double()
    groups = [{"params": network[0].parameters(), "lr": 0.1}, {"params": network[1].parameters(), "lr": 1.0}]
    optimizer = torch.optim.SGD(groups)
    term = HistoricalAveraging(optimizer)
    past = torch.stack(list(walk(network, optimizer, 6)))
    torch.testing.assert_close(term(NOTHING), (past[-1] - past.mean(0)).square().sum())


def test_its_state_is_saved_and_goes_on_bit_for_bit():
    whole_network, whole_optimizer = a_player(momentum=0.5)
    whole = HistoricalAveraging(whole_optimizer)
    list(walk(whole_network, whole_optimizer, 5))

    network, optimizer = a_player(momentum=0.5)
    term = HistoricalAveraging(optimizer)
    network.load_state_dict(whole_network.state_dict())
    optimizer.load_state_dict(deepcopy(whole_optimizer.state_dict()))  # it does not copy momenta by itself
    term.load_state_dict(whole.state_dict())
    assert term(NOTHING).item() == whole(NOTHING).item() != 0

    ends = []
    for net, opt, end in ((whole_network, whole_optimizer, whole), (network, optimizer, term)):
        torch.manual_seed(1)
        list(walk(net, opt, 5))
        ends.append((end(NOTHING).item(), end.state_dict()))
    assert ends[0][0] == ends[1][0]
    assert all(torch.equal(ends[0][1][name], ends[1][1][name]) for name in ends[0][1])


def test_its_state_holds_the_means_and_their_number_and_not_the_players_weights():
    _, optimizer = a_player()
    term = HistoricalAveraging(optimizer)
    assert set(term.state_dict()) == {"count", "mean_0", "mean_1", "mean_2", "mean_3"}
    assert list(term.parameters()) == []


def test_weighted_by_a_constant_its_state_is_still_saved():
    network, optimizer = a_player()
    term = HistoricalAveraging(optimizer)
    halved = weighted(term, 0.5)
    list(walk(network, optimizer, 3))
    assert halved(NOTHING).item() == pytest.approx(0.5 * term(NOTHING).item())
    assert torch.equal(halved.state_dict()["term.mean_0"], term.mean_0)


def test_a_player_moved_to_another_device_is_followed():
    """`meta` stands for a GPU: a device other than the one the term was made on."""
    network, optimizer = a_player()
    term = HistoricalAveraging(optimizer)
    term._theta = list(network.to("meta").parameters())  # the same parameters, were it a GPU
    assert term(NOTHING).device.type == "meta"


def test_in_a_game_it_counts_the_moves_of_its_own_player():
    generator, discriminator = Generator(2, (4,), (2,)), Discriminator((2,), (4,))
    optimizer = torch.optim.Adam(discriminator.parameters())
    term = HistoricalAveraging(optimizer)
    d_terms = {"real or fake": tell_apart, "history": weighted(term, 0.1)}
    game = Game(generator, discriminator, d_terms, {"fool": minimax}, d_optimizer=optimizer, d_steps=2)
    batches = iter([Batch(torch.randn(4, 2)) for _ in range(12)])
    values = [values["D history"].item() for _, values in islice(play(game, batches), 4)]
    assert term.count == 8 and values[-1] > 0


def test_gradient_descent_circles_in_xy_and_with_history_comes_to_rest():
    """min over x, max over y of xy: the paper's motive. Alternating steps orbit; historical averaging damps them."""
    far = {}
    for factor in (0.0, 0.1):
        x, y = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(0.5))
        optimizers = [torch.optim.SGD([player], lr=0.1) for player in (x, y)]
        history = [weighted(HistoricalAveraging(optimizer), factor) for optimizer in optimizers]
        for _ in range(300):
            for player, optimizer, term, sign in zip((x, y), optimizers, history, (1, -1), strict=True):
                (player.grad,) = torch.autograd.grad(sign * x * y + term(NOTHING), player)
                optimizer.step()
        far[factor] = (x.square() + y.square()).sqrt().item()
    assert far[0.0] > 0.9 and far[0.1] < 0.05
