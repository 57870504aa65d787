"""The latent slider: walk between two noise vectors, push one coordinate, and see what the generator makes of it."""

import torch
from ipywidgets import BoundedIntText, FloatSlider, IntSlider
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from course_lib.metrics.passes import evaluating
from course_lib.widgets import pictures
from course_lib.widgets.live import Live

LARGEST_SEED = 9_999


def latent_slider(generator: nn.Module, *, start: int = 0, end: int = 1) -> Live:
    """Sliders over the noise of a generator of images, above the picture it makes of that noise.

    generator: has `noise(n) -> (n, ...)` and `generator(z) -> (n, 1 or 3, height, width)` in [-1, 1]. It is asked
    in eval mode and without gradient, and is left as it was found, as is the global random state.
    start, end: seeds of the two noise vectors, 0 to 9999.
    Controls in order: place on the straight way from start (0) to end (1), the two seeds, a coordinate of z, and
    what is added to it. Tab moves between them, the arrow keys move a slider.
    Raises TypeError for a generator without `noise`, ValueError for one that does not make images.
    """
    if not callable(getattr(generator, "noise", None)):
        raise TypeError(f"{type(generator).__name__} has no method `noise(n)`. The slider needs it to draw z.")
    for name, seed in (("start", start), ("end", end)):
        if not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"{name} is {seed}; a seed is 0 to {LARGEST_SEED}.")
    z = seeded_noise(generator, start)
    if z.ndim < 2 or len(z) != 1:
        raise ValueError(f"noise(1) has shape {tuple(z.shape)}; it should be (1, ...), one draw a row.")
    x = _pictures(generator, z)
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise ValueError(f"The generator makes {tuple(x.shape)}; the slider shows images, (n, 1 or 3, height, width).")

    def draw(place: float, start: int, end: int, coordinate: int, push: float) -> pictures.Drawn:
        first, last = seeded_noise(generator, start), seeded_noise(generator, end)
        here = torch.lerp(first, last, place)
        here.view(-1)[coordinate] += push
        images = _pictures(generator, torch.cat([first, here, last]))
        return pictures.place_between(*images, here.flatten(), marked=coordinate)

    controls = [
        FloatSlider(0.5, min=0.0, max=1.0, step=0.05, description="start to end"),
        BoundedIntText(start, min=0, max=LARGEST_SEED, description="seed of the start"),
        BoundedIntText(end, min=0, max=LARGEST_SEED, description="seed of the end"),
        IntSlider(0, min=0, max=z.numel() - 1, description="coordinate"),
        FloatSlider(0.0, min=-4.0, max=4.0, step=0.25, description="added to it"),
    ]
    for control in controls:
        control.layout.width, control.style.description_width = "32em", "10em"
    return Live(draw, controls)


def seeded_noise(generator: nn.Module, seed: int) -> Float[Tensor, "..."]:
    """One draw of the generator's noise that depends on the seed alone; the global random state is put back."""
    on_gpus = sorted({p.get_device() for p in generator.parameters() if p.is_cuda})
    with torch.random.fork_rng(devices=on_gpus):
        torch.manual_seed(seed)
        return generator.noise(1)


def _pictures(generator: nn.Module, z: Float[Tensor, "n ..."]) -> Shaped[Tensor, "n ..."]:
    """What the generator makes of z in eval mode and without gradient; every layer's mode is put back."""
    with evaluating(generator):
        return generator(z)
