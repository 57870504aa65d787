"""A generator of this course as one thing that a page can run: `export(generator)`, `page(spec)`, `frame(spec)`."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import sqrt

from jaxtyping import Float
from torch import Tensor, nn

from course_lib import inline
from course_lib.explore.layers import NotExportable, steps_of
from course_lib.explore.pack import Bits, packed
from course_lib.models import cgan, conditional_dcgan, dcgan, gan, mlp

BLACK = {"tanh": -1, "sigmoid": 0}  # the value of a black pixel, by the last step


def export(
    generator: nn.Module,
    *,
    directions: Mapping[str, Float[Tensor, " noise"]] | None = None,
    names: Sequence[str] = (),
    bits: Bits | None = None,
    seed: int = 1,
) -> dict:
    """The generator in evaluation mode, for `explorer.js`: its steps, its noise and how it is to be explored.

    generator: one of models.mlp, gan, cgan, dcgan, conditional_dcgan that makes images, on any device.
    directions: what z may be moved along, by name. names: of the labels, where it takes one; 0, 1, ... if not given.
    bits: of a weight, 8, 10 or 12; if not given 12, or 10 where the page would exceed 2 MB with 12. See `pack` for what
        they cost in grey levels.
    seed: of the images that the page offers first.
    Raises NotExportable, a TypeError, for a generator that a page cannot run, and ValueError for a direction of another
    length than z.
    """
    steps = steps_of(generator)
    if (last := steps[-1] if steps[-1]["op"] != "shape" else steps[-2])["op"] not in BLACK:
        raise NotExportable(f"The generator ends in {last['op']!r}; a page shows what ends in a tanh or a sigmoid.")
    for name, vector in (directions or {}).items():
        if vector.shape != (generator.noise_dim,):
            raise ValueError(
                f"The direction '{name}' has shape {tuple(vector.shape)}; z has {generator.noise_dim} numbers."
            )
    return {
        "steps": packed(steps, bits),
        "classes": getattr(generator, "classes", 0),
        "low": BLACK[last["op"]],
        "noise": {"dim": generator.noise_dim} | noise_of(generator),
        "names": list(names),
        "directions": [{"name": name, "vector": vector.tolist()} for name, vector in (directions or {}).items()],
        "seed": seed,
    }


def noise_of(generator: nn.Module) -> dict:
    """How the generator's z is drawn: uniform between two numbers, or Gaussian."""
    match generator:
        case dcgan.Generator() | conditional_dcgan.Generator():
            return {"kind": "uniform", "low": -1, "high": 1}
        case gan.Generator():
            return {"kind": "uniform", "low": -sqrt(3), "high": sqrt(3)}
        case cgan.Generator():
            return {"kind": "uniform", "low": 0, "high": 1}
        case mlp.Generator():
            return {"kind": "gaussian"}
    raise NotExportable(f"How a {type(generator).__name__} draws its noise is not known to the page.")


def script() -> str:
    """engine.js and explorer.js as one text."""
    folder = files("course_lib.explore")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in ("engine.js", "explorer.js"))


def page(spec: dict, title: str = "The latent explorer") -> str:
    """One HTML file that asks nothing of any other: open it from a disk, put it on a website, mail it."""
    return inline.page(script(), spec, title)


def frame(spec: dict, *, title: str = "The latent explorer", height: int = 420) -> str:
    """The page within another page: HTML for a notebook's output or a deck. height: in CSS pixels."""
    return inline.frame(page(spec, title), title=title, height=height)
