"""The latent explorer in JupyterLab: the page makes the pictures, and hands the latent that is kept back to Python."""

import base64
import io

import anywidget
import torch
import traitlets
from PIL import Image
from torch import Tensor, nn

from course_lib.explore.export import export, script
from course_lib.metrics.passes import evaluating
from course_lib.widgets.latent_slider import seeded_noise

SHOWN = 24  # images of the still picture, eight a row


class Explorer(anywidget.AnyWidget):
    """A generator that the page runs: walks, arithmetic and directions, with no kernel asked for a picture.

    generator: as for `course_lib.explore.export`, whose further arguments it takes.
    `latent` is z as it was last saved, a list of numbers, and `label` its label, None where the generator takes none;
    both are None before. `z()` is the former as a tensor of shape (1, noise), which a generator takes.
    Raises NotExportable for a generator that a page cannot run.
    """

    _esm = script() + (
        "\nexport default { render({ model, el }) { mount(el, model.get('spec'), (z, label) => {"
        " model.set('latent', z); model.set('label', label); model.save_changes(); }); } };"
    )
    spec = traitlets.Dict().tag(sync=True)
    latent = traitlets.List(traitlets.Float(), default_value=None, allow_none=True).tag(sync=True)
    label = traitlets.Int(default_value=None, allow_none=True).tag(sync=True)

    def __init__(self, generator: nn.Module, **about):
        super().__init__(spec=export(generator, **about))
        self._still = _still(generator, self.spec["low"])

    def z(self) -> Tensor:
        """The saved latent, (1, noise). Raises ValueError where none was saved yet."""
        if self.latent is None:
            raise ValueError("No latent was saved yet. Press 'Save z' in the explorer.")
        return torch.tensor([self.latent])

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        about = {"alt": f"{SHOWN} images that the generator makes, to explore once the cell is run.", "width": 448}
        return {**data, "image/png": base64.b64encode(self._still).decode()}, {**metadata, "image/png": about}


def _still(generator: nn.Module, low: int) -> bytes:
    """A grid of images as PNG, for a page on which nothing runs. low: the value of a black pixel."""
    z = torch.cat([seeded_noise(generator, number) for number in range(SHOWN)])
    classes = getattr(generator, "classes", 0)
    with evaluating(generator):
        x = generator(z, torch.arange(SHOWN, device=z.device) % classes) if classes else generator(z)
    shown = ((x - low) / (1 - low) * 255).round().byte().cpu()
    rows = [torch.cat(list(shown[start : start + 8]), 2) for start in range(0, SHOWN, 8)]
    grid = torch.cat(rows, 1).permute(1, 2, 0).squeeze(2).numpy()
    picture, file = Image.fromarray(grid), io.BytesIO()
    picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()
