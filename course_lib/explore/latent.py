"""Moving about in the latent space: walks between points, sums of means, and directions that mean something.

Radford et al. 2016, section 6; White 2016, "Sampling generative networks", for great circles; Härkönen et al. 2020,
"GANSpace", for principal components of activations.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.metrics.passes import evaluating


def linear(
    start: Float[Tensor, "... noise"], end: Float[Tensor, "... noise"], place: Float[Tensor, "..."] | float
) -> Float[Tensor, "... noise"]:
    """The point between two latents at `place`, 0 at start and 1 at end, in a straight line."""
    place = torch.as_tensor(place, dtype=start.dtype, device=start.device)[..., None]
    return (1 - place) * start + place * end


def spherical(
    start: Float[Tensor, "... noise"], end: Float[Tensor, "... noise"], place: Float[Tensor, "..."] | float
) -> Float[Tensor, "... noise"]:
    """The point between two latents at `place` along the great circle; the length goes evenly from one to the other.

    A straight line between two draws passes where hardly any draw lies, since all are about equally long. Where the two
    point the same way, or exactly opposite ways, no great circle is singled out, and the line is taken.
    """
    place = torch.as_tensor(place, dtype=start.dtype, device=start.device)[..., None]
    length_a, length_b = (end_point.norm(dim=-1, keepdim=True) for end_point in (start, end))
    cosine = (start * end).sum(-1, keepdim=True) / (length_a * length_b)
    angle = cosine.clamp(-1, 1).arccos()
    towards = ((1 - place) * angle).sin() * start / length_a + (place * angle).sin() * end / length_b
    round_it = ((1 - place) * length_a + place * length_b) * towards / angle.sin()
    return torch.where(angle.sin() > 1e-4, round_it, (1 - place) * start + place * end)


def walk(
    points: Float[Tensor, "point noise"], steps: int, *, between: Callable[..., Tensor] = linear
) -> Float[Tensor, "row noise"]:
    """From point to point, `steps` places on each leg and the last point at the end: (points - 1) * steps + 1 rows.

    between: `linear` or `spherical`. Raises ValueError for fewer than two points or fewer than one step.
    """
    if len(points) < 2 or steps < 1:
        raise ValueError(
            f"A walk needs at least 2 points and 1 step a leg; got {len(points)} points and {steps} steps."
        )
    places = torch.arange(steps, dtype=points.dtype, device=points.device) / steps
    legs = [between(a.expand(steps, -1), b.expand(steps, -1), places) for a, b in pairwise(points)]
    return torch.cat([*legs, points[-1:]])


def arithmetic(
    plus: Float[Tensor, "exemplar noise"], minus: Float[Tensor, "exemplar2 noise"], to: Float[Tensor, "exemplar3 noise"]
) -> Float[Tensor, " noise"]:
    """mean(plus) - mean(minus) + mean(to): "smiling woman minus neutral woman plus neutral man".

    The paper takes three exemplars of each; with a single one the result was unstable.
    """
    return plus.mean(0) - minus.mean(0) + to.mean(0)


def neighbours(
    z: Float[Tensor, " noise"], *, n: int = 8, reach: float = 0.25, seed: int = 0
) -> Float[Tensor, "n noise"]:
    """z with noise from U(-reach, reach), n times: the eight pictures around each result in the paper's Figure 7."""
    noise = torch.rand(n, len(z), generator=torch.Generator().manual_seed(seed))
    return z + reach * (2 * noise - 1).to(z)


def turn_vector(one: Float[Tensor, "n noise"], other: Float[Tensor, "m noise"]) -> Float[Tensor, " noise"]:
    """From the mean of the latents whose pictures look one way to that of those that look the other way. Figure 8."""
    return other.mean(0) - one.mean(0)


def principal_directions(
    generator: nn.Module,
    layer: nn.Module,
    n: int = 4,
    *,
    z: Float[Tensor, "draw noise"],
) -> Float[Tensor, "n noise"]:
    """Directions in z along which the activations of a layer vary most, each of length 1, the strongest first.

    The principal components of the layer's activations for the draws z, carried back to z by least squares: the
    direction whose move, on average, moves the activations along the component. n: at most as many as z has numbers.
    generator: takes z alone. Raises ValueError for fewer draws than z has numbers, since then any direction would fit.
    """
    if len(z) <= z.shape[1] or not 1 <= n <= z.shape[1]:
        raise ValueError(
            f"{len(z)} draws of {z.shape[1]} numbers do not settle {n} directions. Give more draws than numbers."
        )
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda module, given, out: seen.append(out.flatten(1)))
    try:
        with evaluating(generator):
            generator(z)
    finally:
        handle.remove()
    activations = seen[0] - seen[0].mean(0)
    _, _, components = torch.pca_lowrank(activations, q=min(n + 4, *activations.shape), niter=4)
    places = activations @ components[:, :n]
    found = torch.linalg.lstsq(z - z.mean(0), places).solution.T
    return found / found.norm(dim=1, keepdim=True)
