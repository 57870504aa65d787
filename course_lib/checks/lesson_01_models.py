"""Checks for lesson 01 on models: the direction of KL, and a density pushed through branches."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, compare, one_number
from course_lib.data import Mixture, Uniform, gaussian


@check
def model_for_the_job(answer: Callable[[str, Tensor, Tensor, Tensor], int]) -> None:
    """Lesson 01, task 4: answer(job, p_data, models, x) to the index of the model of least KL the job's way round."""
    x = torch.linspace(-12, 12, 2_401, dtype=torch.float64)
    two = Mixture((-2, 2), (0.5, 0.5))
    cases = (  # data, models, the best for the alarm, the best for the press
        (two, [gaussian(-2, 0.5), gaussian(0, 0.5), gaussian(0, 2.1)], 2, 0),
        (two, [gaussian(0, 2.5), Mixture((-2, 2), (0.5, 0.5), (0.9, 0.1)), gaussian(2, 0.5)], 1, 1),
        (gaussian(), [gaussian(0, 0.4), gaussian(0.3, 1), gaussian(0, 3)], 1, 1),
        (Uniform(0, 2), [Uniform(-1, 5), Uniform(0, 1), Uniform(0, 1.99), Uniform(-1, 3)], 3, 2),
    )
    for data, models, alarm, press in cases:
        p, q = data.pdf(x), torch.stack([model.pdf(x) for model in models])
        got = {}
        for job in ("alarm", "press"):
            index = one_number(answer(job, p, q, x), "The index of a model").item()
            if index not in range(len(models)):
                raise NotYet(f"Got {index:g}. The index of one of {len(models)} models is wanted, from 0.")
            got[job] = int(index)
        if (got["alarm"], got["press"]) == (alarm, press):
            continue
        if (got["alarm"], got["press"]) == (press, alarm) and alarm != press:
            raise NotYet(
                "The two directions are exchanged. A false alarm happens on a real x, so the average is over the data; "
                "a bad print happens on a sample of the model, so the average is over the model."
            )
        if isinstance(data, Uniform):
            raise NotYet(
                f"Right on smooth densities; on boxes, models {alarm} (alarm) and {press} (press) are best, and you "
                f"chose {got['alarm']} and {got['press']}. Where the density averaged over is 0 the integrand is 0; "
                "where only the other is 0, it is infinite, and not merely large because a small number was added."
            )
        if got == {"alarm": alarm, "press": torch.trapezoid(-torch.xlogy(q, p), x).argmin().item()}:
            raise NotYet("For the press, only log p_data was averaged. KL is the average of log(p_model/p_data).")
        if got["alarm"] == got["press"]:
            raise NotYet(
                f"Model {got['alarm']} was chosen for both jobs; here the jobs want {alarm} and {press}. KL is not "
                "symmetric: ask for each job over whose samples the average goes."
            )
        raise NotYet(
            f"Models {alarm} (alarm) and {press} (press) have the least divergence, and you chose {got['alarm']} and "
            f"{got['press']}. Is it the least that you take, and the integral over x?"
        )
    print("Right: over the data for the alarm, over the model's samples for the press.")


@check
def pushed_density(answer: Callable[[Tensor, list], Tensor]) -> None:
    """Lesson 01, task 5: answer(x, branches) to the density of G(z) at each x, z a standard Gaussian."""
    x = torch.tensor([0.1, 0.5, 1.0, 2.5], dtype=torch.float64)
    for name, branches in (
        ("exp(z)", [lambda x: x.log()]),
        ("3 - 2z", [lambda x: (3 - x) / 2]),
        ("|z| below 0 and z/3 above", [lambda x: 3 * x, lambda x: -x]),
        ("z^2", [lambda x: x.sqrt(), lambda x: -x.sqrt()]),
        ("one of three branches", [lambda x: 2 - x, lambda x: 0.5 * x - 1, lambda x: x / 3]),
        ("one of five branches", [lambda x, k=k: (k - 2) / 2 + (-1) ** k * x / (k + 1) for k in range(5)]),
    ):
        got = as_tensor(answer(x, branches)).detach()
        if got.shape != x.shape:
            raise NotYet(f"For {len(x)} values of x there are {len(x)} densities; yours have shape {tuple(got.shape)}.")
        heights, slopes = [], []
        for branch in branches:
            at = x.clone().requires_grad_()
            z = branch(at)
            slopes.append(torch.autograd.grad(z.sum(), at)[0])
            heights.append(gaussian().pdf(z.detach()))
        heights, slopes = torch.stack(heights), torch.stack(slopes)
        each, at_x = heights * slopes.abs(), gaussian().pdf(x)
        right = each.sum(0)
        apart = heights.sum(0) * slopes.abs().sum(0), heights.sum(0) * slopes.sum(0).abs()
        mistakes = {
            "The derivative is missing: where the map squeezes, density piles up.": heights.sum(0),
            "The absolute value is missing: a branch that falls counts as well.": (heights * slopes).sum(0),
            "The absolute value belongs to each branch, not to their sum.": (heights * slopes).sum(0).abs(),
            "x.grad adds up from branch to branch. Use torch.autograd.grad.": (heights * slopes.cumsum(0).abs()).sum(0),
            "The derivative of the inverse belongs above the line: h' = 1/G'.": (heights / slopes.abs()).sum(0),
            "Only the first branch counts here. Every z that leads to x brings its probability.": each[0],
            "Only the last branch counts here. Every z that leads to x brings its probability.": each[-1],
            "This is the mean over the branches. Their probabilities add up.": each.mean(0),
            "Heights and derivatives were added up apart. Each branch has its own product.": apart,
            "The Gaussian is evaluated at x. The noise that leads to x is h(x).": (at_x * slopes.abs()).sum(0),
            "This is a logarithm; the density is wanted.": right.log(),
            "The Gaussian's factor is 1/sqrt(2 pi).": (right * math.sqrt(2 * math.pi), right / math.sqrt(2 * math.pi)),
        }
        where = f"G(z) = {name} at x = 0.1, 0.5, 1, 2.5:"
        one = "Test yourself on 3 - 2z, whose density you know."
        compare(got, right, mistakes, where, one if len(branches) == 1 else "Of several branches the densities add up.")
    print("Right: each branch brings its strip of noise, squeezed or stretched.")
