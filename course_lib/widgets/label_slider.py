"""The label slider: choose a label, walk through the noise, and see one z under every label at once."""

import torch
from ipywidgets import BoundedIntText, FloatSlider, IntSlider
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.metrics.passes import evaluating
from course_lib.training.checkpoint import undisturbed
from course_lib.widgets import pictures
from course_lib.widgets.latent_slider import LARGEST_SEED, seeded_noise
from course_lib.widgets.live import Live


def label_slider(generator: nn.Module, *, label: int = 0, start: int = 0, end: int = 1) -> Live:
    """Sliders over label and noise of a conditional generator, above the images it makes for every label.

    generator: has `classes`, `noise(n) -> (n, noise)`, and `generator(z, y) -> (n, 1 or 3, height, width)` in
    [0, 1]. It is asked in eval mode and without gradient, and is left as it was found, as is the global random state.
    label: the one shown large at first. start, end: seeds of the two noise vectors, 0 to 9999.
    Controls in order: the label, the place on the straight way from one noise vector (0) to the other (1), and the
    two seeds. Tab moves between them, the arrow keys move a slider.
    Raises TypeError for a generator that takes no label, ValueError for one that makes no images in [0, 1].
    """
    classes = getattr(generator, "classes", None)
    if not (isinstance(classes, int) and callable(getattr(generator, "noise", None))):
        raise TypeError(
            f"{type(generator).__name__} is no conditional generator: it needs `classes`, the number of labels it "
            "takes, and a method `noise(n)`."
        )
    if not 0 <= label < classes:
        raise ValueError(f"label is {label}; this generator knows 0 to {classes - 1}.")
    for name, seed in (("start", start), ("end", end)):
        if not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"{name} is {seed}; a seed is 0 to {LARGEST_SEED}.")

    def draw(label: int, place: float, start: int, end: int) -> pictures.Drawn:
        z = torch.lerp(seeded_noise(generator, start), seeded_noise(generator, end), place)
        return pictures.every_label(_under_every_label(generator, z), z.flatten(), label)

    controls = [
        IntSlider(label, min=0, max=classes - 1, description="label y"),
        FloatSlider(0.0, min=0.0, max=1.0, step=0.05, description="noise z"),
        BoundedIntText(start, min=0, max=LARGEST_SEED, description="seed of z at 0"),
        BoundedIntText(end, min=0, max=LARGEST_SEED, description="seed of z at 1"),
    ]
    for control in controls:
        control.layout.width, control.style.description_width = "32em", "10em"
    return Live(draw, controls)


def _under_every_label(generator: nn.Module, z: Float[Tensor, "1 noise"]) -> Float[Tensor, "label ..."]:
    """G(z, y) for y = 0, 1, ... of one and the same z; every layer's mode is put back."""
    y = torch.arange(generator.classes, device=z.device)
    # A generator may draw noise of its own, such as DropoutNoise: here always the same.
    with undisturbed(), evaluating(generator):
        images = generator(z.expand(len(y), -1), y)
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(
            f"The generator makes {tuple(images.shape)}; the slider shows images, (n, 1 or 3, height, width)."
        )
    if images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"The images run from {images.min():.2f} to {images.max():.2f}; the slider shows [0, 1], the range of a "
            "sigmoid. Wrap a tanh generator so that it returns (x + 1) / 2."
        )
    return images
