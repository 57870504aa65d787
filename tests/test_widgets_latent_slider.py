"""The latent slider: what each control does, the generator left as found, and errors for people."""

import pytest
import torch
from drawn import picture
from torch import nn

from course_lib.models import mlp
from course_lib.widgets import Live, latent_slider, pictures

PLACE, START, END, COORDINATE, PUSH = range(5)


def digits(**settings):
    """An untrained generator of small grey images."""
    return mlp.Generator(6, (16,), (1, 8, 8), output=nn.Tanh(), **settings)


@pytest.fixture
def drawn(monkeypatch):
    """What the widget hands to its figure: (start, here, end, z, marked), one entry a drawing."""
    calls, real = [], pictures.place_between

    def note(start, here, end, z, marked):
        calls.append((start, here, end, z, marked))
        return real(start, here, end, z, marked)

    monkeypatch.setattr(pictures, "place_between", note)
    return calls


def test_it_is_live_and_every_control_changes_the_picture():
    widget = latent_slider(digits())
    assert isinstance(widget, Live) and len(widget.controls) == 5
    widget.controls[PUSH].value = 1.0
    for control, value in ((PLACE, 0.2), (START, 7), (END, 8), (COORDINATE, 3), (PUSH, -2.0)):
        before = picture(widget)
        widget.controls[control].value = value
        assert picture(widget) != before, widget.controls[control].description


def test_at_both_ends_the_place_is_the_end(drawn):
    widget = latent_slider(digits(), start=3, end=4)
    widget.controls[PLACE].value = 0.0
    start, here, *_ = drawn[-1]
    # Equal noise in two places of one batch: a matrix product may sum the rows of a block in another order than a
    # row left over, so that the pictures, in [-1, 1] and float32, agree to some units of the last bit, 1.2e-7.
    assert torch.allclose(here, start, atol=1e-6)
    widget.controls[PLACE].value = 1.0
    _, here, end, *_ = drawn[-1]
    assert torch.allclose(here, end, atol=1e-6)
    assert not torch.allclose(start, end, atol=1e-3)


def test_the_middle_is_the_mean_of_the_ends_noise(drawn):
    widget = latent_slider(digits())
    at = {}
    for place in (0.0, 0.5, 1.0):
        widget.controls[PLACE].value = place
        at[place] = drawn[-1][3]
    assert torch.allclose(at[0.5], (at[0.0] + at[1.0]) / 2, atol=1e-6)


def test_a_push_moves_its_coordinate_alone_and_neither_end(drawn):
    widget = latent_slider(digits())
    start, _, end, z, _ = drawn[-1]
    widget.controls[COORDINATE].value = 2
    widget.controls[PUSH].value = 1.5
    start_after, _, end_after, z_after, marked = drawn[-1]
    assert marked == 2
    assert torch.allclose(z_after - z, torch.tensor([0, 0, 1.5, 0, 0, 0]))
    assert torch.equal(start, start_after) and torch.equal(end, end_after)


def test_a_seed_means_the_same_noise_whatever_was_drawn_before(drawn):
    generator = digits()
    latent_slider(generator, start=5, end=6)
    torch.randn(100)
    latent_slider(generator, start=6, end=5)
    (start, _, end, *_), (other_start, _, other_end, *_) = drawn
    # The pictures of equal noise stand in two places of a batch: equal to rounding, as above.
    assert torch.allclose(start, other_end, atol=1e-6) and torch.allclose(end, other_start, atol=1e-6)
    assert not torch.allclose(start, end, atol=1e-3)


def test_the_global_random_state_is_left_alone():
    generator = digits()
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    widget = latent_slider(generator)
    widget.controls[START].value = 9
    assert torch.equal(torch.rand(3), expected)


def test_the_generator_is_asked_in_eval_mode_without_gradient_and_left_as_found(drawn):
    generator = digits(batch_norm=True).train()
    norm = next(layer for layer in generator.modules() if isinstance(layer, nn.BatchNorm1d))
    norm.eval()  # frozen by somebody, and to stay so
    before = norm.running_mean.clone()
    modes = {layer: layer.training for layer in generator.modules()}
    widget = latent_slider(generator)
    widget.controls[PLACE].value = 0.3
    assert {layer: layer.training for layer in generator.modules()} == modes
    assert torch.equal(norm.running_mean, before)
    assert not drawn[-1][1].requires_grad
    alone = generator.eval()(drawn[-1][3][None])[0]
    assert torch.allclose(alone, drawn[-1][1], atol=1e-5)


def test_the_generator_is_woken_again_when_it_fails():
    class Fails(nn.Module):
        broken = False

        def noise(self, n):
            return torch.randn(n, 4)

        def forward(self, z):
            if self.broken:
                raise RuntimeError("out of ideas")
            return torch.zeros(len(z), 1, 8, 8)

    generator = Fails().train()
    widget = latent_slider(generator)
    generator.broken = True
    with pytest.raises(RuntimeError, match="out of ideas"):
        widget.controls[PLACE].value = 0.1
    assert generator.training


def test_it_takes_colour_and_noise_of_any_shape():
    class Colour(nn.Module):
        def noise(self, n):
            return torch.randn(n, 5, 1, 1)

        def forward(self, z):
            return torch.tanh(z.mean(dim=1, keepdim=True)).expand(-1, 3, 8, 8)

    widget = latent_slider(Colour())
    assert widget.controls[COORDINATE].max == 4
    before = picture(widget)
    widget.controls[PUSH].value = 4.0
    assert picture(widget) != before


def test_errors_are_for_people():
    with pytest.raises(TypeError, match="Linear has no method `noise"):
        latent_slider(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"makes \(1, 2\); the slider shows images"):
        latent_slider(mlp.Generator(2, (4,), (2,)))
    with pytest.raises(ValueError, match="start is -1; a seed is 0 to 9999"):
        latent_slider(digits(), start=-1)

    class FlatNoise(mlp.Generator):
        def noise(self, n):
            return torch.randn(self.noise_dim)

    with pytest.raises(ValueError, match=r"noise\(1\) has shape \(6,\)"):
        latent_slider(FlatNoise(6, (4,), (1, 8, 8)))
