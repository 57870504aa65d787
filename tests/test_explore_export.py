"""A generator as a page has it: the same pictures as PyTorch's, to rounding, for every generator of the course."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.explore import NotExportable, export, frame, page
from course_lib.explore.layers import steps_of
from course_lib.explore.pack import fitting, rounded, whole
from course_lib.explore.replay import kept, replayed
from course_lib.layers import Maxout, VirtualBatchNorm
from course_lib.models import cgan, conditional_dcgan, dcgan, gan, mlp
from course_lib.models.semi_dense import DenseGenerator

GENERATORS = {
    "digits": lambda: dcgan.Generator(28, 1, 4, start=7),
    "colour": lambda: dcgan.Generator(32, 3, 4),
    "kernel of 5": lambda: dcgan.Generator(32, 3, 4, kernel=5),
    "odd size": lambda: dcgan.Generator(36, 3, 4, start=9),
    "no batch norm": lambda: dcgan.Generator(16, 1, 4, batch_norm=None),
    "resized": lambda: dcgan.Generator(28, 1, 4, start=7, strided=False),
    "hidden layers, batch norm at the output": lambda: dcgan.Generator(16, 3, 4, hidden=(9, 7), norm_output=True),
    "sigmoid": lambda: dcgan.Generator(16, 1, 4, activation=lambda: nn.LeakyReLU(0.1), output=nn.Sigmoid),
    "dense": lambda: mlp.Generator(9, (8, 7), (1, 28, 28), batch_norm=True, output=nn.Tanh()),
    "dense, colour": lambda: mlp.Generator(9, (8, 7), (3, 5, 4), batch_norm=True, output=nn.Tanh()),
    "first paper": lambda: gan.Generator(9, (8, 7)),
    "conditional": lambda: cgan.Generator(9, 10, (8, 7), 12),
    "conditional, joined at once": lambda: cgan.Generator(9, 10, (8, 7), 12, at_once=True),
    "conditional DCGAN": lambda: conditional_dcgan.Generator(9, 10, 16, 4),
}


def generator_named(name: str) -> nn.Module:
    """In evaluation mode, with statistics and scales of batch norm that are not what they start as."""
    torch.manual_seed(0)
    generator = GENERATORS[name]()
    for layer in generator.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 2)
            for numbers in (layer.weight, layer.bias):
                if numbers is not None:
                    nn.init.normal_(numbers, 0.5, 0.5)
    return generator.eval()


def images(generator: nn.Module, n: int = 12) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """z, what PyTorch makes of it, and the labels if there are any."""
    z = generator.noise(n)
    y = torch.arange(n) % generator.classes if hasattr(generator, "classes") else None
    with torch.no_grad():
        return z, generator(z, y) if y is not None else generator(z), y


@pytest.mark.parametrize("name", GENERATORS)
def test_the_steps_make_what_the_generator_makes(name):
    """Float64 is folded and float32 multiplied, in another order: a few units in the seventh digit."""
    generator = generator_named(name)
    z, x, y = images(generator)
    made = replayed(steps_of(generator), z, y, classes=getattr(generator, "classes", 0))
    torch.testing.assert_close(made, x, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", GENERATORS)
def test_rounded_weights_change_no_pixel_by_two_grey_levels(name):
    generator = generator_named(name)
    z, _, y = images(generator, 100)
    classes, steps = getattr(generator, "classes", 0), steps_of(generator)
    levels = 255 / (1 - export(generator)["low"])
    difference = replayed(rounded(steps), z, y, classes=classes) - replayed(steps, z, y, classes=classes)
    assert difference.abs().max() * levels < 2


@pytest.mark.parametrize("bits, most", [(8, 127), (10, 511), (12, 2_047)])
def test_a_weight_is_off_by_half_a_step_at_most_and_the_largest_is_kept(bits, most):
    weight = np.random.default_rng(0).normal(size=(20, 3)) * [1.0, 100.0, 1e-6]
    made = whole(weight, bits)
    assert np.abs(made.whole).max(0).tolist() == [most] * 3
    assert (np.abs(made.whole * made.scale - weight) <= 0.501 * made.scale).all()


def test_a_page_stays_below_two_megabytes():
    """The course's two shipped sizes: digits have room for 12 bits a weight, colour has not."""
    for generator, bits in ((dcgan.Generator(28, 1, 64, start=7), 12), (dcgan.Generator(32, 3, 64), 10)):
        assert fitting(steps_of(generator)) == bits
        assert len(page(export(generator)).encode()) < 2e6
    apart = steps_of(generator_named("conditional"))
    assert fitting(apart) == 12 and fitting([{"op": "apart", "first": steps_of(generator), "second": apart}]) == 10


def test_a_channel_without_weights_stays_without():
    assert not whole(np.zeros((4, 2)), 8).whole.any()


def test_dropout_that_is_noise_stays_on_and_dropout_that_is_not_goes():
    steps = [
        [step["op"] for step in steps_of(cgan.Generator(9, 10, (8, 7), 12, dropout_is_noise=noise))]
        for noise in (True, False)
    ]
    assert steps[0].count("dropout") == 2 and "dropout" not in steps[1]


def test_the_pages_random_numbers_keep_their_share_and_hang_on_the_seed():
    mask = kept(3, 20_000, 0.3)
    assert abs(mask.mean() - 0.7) < 0.02
    assert np.array_equal(mask, kept(3, 20_000, 0.3)) and not np.array_equal(mask, kept(4, 20_000, 0.3))


class Foreign(nn.Module):
    noise_dim = 3


@pytest.mark.parametrize(
    "generator, says",
    [
        (Foreign(), "cannot run a Foreign"),
        (dcgan.Generator(16, 1, 4, batch_norm=lambda n: VirtualBatchNorm(n)), "no layer VirtualBatchNorm"),
        (dcgan.Generator(16, 1, 4, activation=lambda: Maxout(3, 3, 2)), "no layer Maxout"),
        (mlp.Generator(3, (4,), (2,)), r"makes \(2,\); a page shows images"),
        (mlp.Generator(3, (4,), (1, 2, 2)), "a page shows what ends in a tanh or a sigmoid"),
        (DenseGenerator(), "cannot run a DenseGenerator"),
    ],
)
def test_what_a_page_cannot_run_is_named(generator, says):
    with pytest.raises(NotExportable, match=says):
        export(generator)


def test_a_direction_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"'turn' has shape \(8,\); z has 9 numbers"):
        export(generator_named("dense"), directions={"turn": torch.zeros(8)})


def test_what_is_exported_is_json_and_tells_how_z_is_drawn():
    told = json.loads(json.dumps(export(generator_named("first paper"), directions={"turn": torch.ones(9)})))
    assert told["low"] == 0 and told["classes"] == 0 and told["noise"]["dim"] == 9
    assert told["noise"]["high"] ** 2 == pytest.approx(3)
    assert told["directions"] == [{"name": "turn", "vector": [1.0] * 9}]


def test_the_page_asks_nothing_of_another_computer_and_no_text_ends_its_script():
    spec = export(generator_named("conditional"), names=["</script><b>", *"123456789"])
    text = page(spec, "A & B")
    assert "http" not in text and "import(" not in text
    assert text.count("</script>") == 1 and "<title>A &amp; B</title>" in text
    assert '"' not in frame(spec).split('srcdoc="')[1][: -len('"></iframe>')]


def test_the_generator_is_left_as_it_was():
    generator = generator_named("digits").train()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    export(generator)
    assert generator.training and all(
        torch.equal(before[name], value) for name, value in generator.state_dict().items()
    )
