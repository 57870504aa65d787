"""The label slider: what each control does, the generator left as found, and errors for people."""

import pytest
import torch
from drawn import picture
from torch import nn

from course_lib.models import cgan, mlp
from course_lib.widgets import Live, pictures
from course_lib.widgets.label_slider import label_slider

LABEL, NOISE, START, END = range(4)


def digits(classes=10, **settings):
    """An untrained conditional generator of small grey images."""
    return cgan.Generator(6, classes, (8, 8), 16, (1, 8, 8), **settings)


@pytest.fixture
def drawn(monkeypatch):
    """What the widget hands to its figure: (images, z, chosen), one entry a drawing."""
    calls, real = [], pictures.every_label

    def note(images, z, chosen):
        calls.append((images, z, chosen))
        return real(images, z, chosen)

    monkeypatch.setattr(pictures, "every_label", note)
    return calls


def test_it_is_live_and_every_control_changes_the_picture():
    widget = label_slider(digits())
    assert isinstance(widget, Live) and len(widget.controls) == 4
    for control, value in ((LABEL, 4), (NOISE, 0.4), (START, 7), (END, 8)):
        before = picture(widget)
        widget.controls[control].value = value
        assert picture(widget) != before, widget.controls[control].description
    assert "for label 4" in widget.picture.value


def test_all_digits_are_live_and_of_one_z(drawn):
    generator = digits()
    widget = label_slider(generator, label=2)
    images, z, chosen = drawn[-1]
    assert chosen == 2 and images.shape == (10, 1, 8, 8) and not images.requires_grad
    generator.eval()
    for label in range(10):
        alone = generator(z[None], torch.tensor([label]))[0]
        assert torch.allclose(alone, images[label], atol=1e-6)
    widget.controls[NOISE].value = 1.0
    assert (drawn[-1][0] != images).flatten(1).any(1).all()  # every digit followed the noise


def test_the_label_slider_moves_the_label_and_not_the_noise(drawn):
    widget = label_slider(digits())
    images, z, _ = drawn[-1]
    widget.controls[LABEL].value = 9
    assert drawn[-1][2] == 9
    assert torch.equal(drawn[-1][1], z) and torch.equal(drawn[-1][0], images)


def test_the_noise_slider_goes_straight_from_one_seed_to_the_other(drawn):
    widget = label_slider(digits(), start=3, end=4)
    at = {}
    for place in (0.0, 0.5, 1.0):
        widget.controls[NOISE].value = place
        at[place] = drawn[-1][1]
    assert torch.allclose(at[0.5], (at[0.0] + at[1.0]) / 2, atol=1e-6)
    label_slider(digits(), start=4, end=3)
    assert torch.equal(drawn[-1][1], at[1.0])  # a seed means the same z whatever was drawn before


def test_a_generator_with_noise_of_its_own_shows_the_same_digits_for_the_same_z(drawn):
    widget = label_slider(digits(dropout_is_noise=True))
    widget.controls[LABEL].value = 3
    assert torch.equal(drawn[0][0], drawn[1][0])


@pytest.mark.parametrize("is_noise", [False, True])
def test_the_global_random_state_is_left_alone(is_noise):
    generator = digits(dropout_is_noise=is_noise)
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    widget = label_slider(generator)
    widget.controls[START].value = 9
    assert torch.equal(torch.rand(3), expected)


def test_the_generator_is_asked_in_eval_mode_and_left_as_found(drawn):
    generator = digits().train()
    frozen = next(layer for layer in generator.modules() if isinstance(layer, nn.Dropout))
    frozen.eval()
    modes = {layer: layer.training for layer in generator.modules()}
    widget = label_slider(generator)
    widget.controls[LABEL].value = 1
    assert {layer: layer.training for layer in generator.modules()} == modes
    assert torch.equal(drawn[0][0], drawn[1][0])  # no dropout while it draws


def test_it_offers_as_many_labels_as_the_generator_knows():
    assert label_slider(digits(classes=4)).controls[LABEL].max == 3


def test_errors_are_for_people():
    with pytest.raises(TypeError, match="Linear is no conditional generator"):
        label_slider(nn.Linear(2, 2))
    with pytest.raises(TypeError, match="needs `classes`"):
        label_slider(mlp.Generator(2, (4,), (1, 8, 8)))
    with pytest.raises(ValueError, match="label is 10; this generator knows 0 to 9"):
        label_slider(digits(), label=10)
    with pytest.raises(ValueError, match="end is -1; a seed is 0 to 9999"):
        label_slider(digits(), end=-1)
    with pytest.raises(ValueError, match="the slider shows images"):
        label_slider(cgan.Generator(6, 10, (8, 8), 16, (8,)))

    class Tanh(cgan.Generator):
        def forward(self, z, y):
            return 2 * super().forward(z, y) - 1.5

    with pytest.raises(ValueError, match="Wrap a tanh generator"):
        label_slider(Tanh(6, 10, (8, 8), 16, (1, 8, 8)))
