"""Checks for lesson 11: the pooled feature vector, the semantic hash, the 1-NN error with ties."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, adaptive_max_pool2d

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, one_number, untouched


@check
def pooled_vector(answer: Callable[[Sequence[Tensor]], Tensor]) -> None:
    """Lesson 11, task 1: answer(maps), each (n, channel, height, width), to (n, 16 x channels in all)."""
    random = torch.Generator().manual_seed(0)
    for n, sizes in (
        (3, ((2, 8, 8), (3, 4, 4))),
        (3, ((2, 16, 16), (5, 8, 8), (1, 4, 4))),
        (1, ((2, 8, 8),)),
        (2, ((1, 8, 16),)),
        (1, ((1, 4, 4),)),
    ):
        # Below 0 too, and one map wholly below 0, as after a leaky ReLU.
        maps = [torch.randn(n, *size, generator=random) - 0.5 for size in sizes]
        maps[0][:, 0] = -maps[0][:, 0].abs() - 1
        given = f"{n} images and maps of shape {', '.join('x'.join(map(str, size)) for size in sizes)}"
        pooled = [adaptive_max_pool2d(one, 4) for one in maps]
        right = torch.cat([one.flatten(1) for one in pooled], 1)
        got = as_tensor(untouched(answer, maps))
        if got.shape != right.shape:
            raise NotYet(f"{given} make {tuple(right.shape)}; yours is {tuple(got.shape)}. {_shape(got, maps, right)}")
        mistakes = {
            "These are means. Max-pooling keeps the largest value in each part of the grid.": torch.cat(
                [adaptive_avg_pool2d(one, 4).flatten(1) for one in maps], 1
            ),
            "These are the smallest values in each part; keep the largest.": torch.cat(
                [-adaptive_max_pool2d(-one, 4).flatten(1) for one in maps], 1
            ),
            "Values below 0 became 0. A map may lie below 0 everywhere: take the largest value as it is.": right.clamp(
                min=0
            ),
            "These are largest absolute values. Keep the sign.": (
                torch.cat([adaptive_max_pool2d(one.abs(), 4).flatten(1) for one in maps], 1),
                right.abs(),
            ),
            "The numbers are right and in another order: channel by channel, each row by row, as `flatten(1)` has it.": (
                torch.cat([one.permute(0, 2, 3, 1).flatten(1) for one in pooled], 1),
                torch.cat([one.transpose(2, 3).flatten(1) for one in pooled], 1),
            ),
            "The layers are joined in the reverse order.": torch.cat([one.flatten(1) for one in pooled[::-1]], 1),
            "The features are rescaled. Leave them as they are.": (
                right / right.norm(dim=1, keepdim=True),
                (right - right.mean(1, keepdim=True)) / right.std(1, keepdim=True),
            ),
        }
        if close(got.sort(1).values, right.double().sort(1).values):
            otherwise = "The numbers are right, but not their order: layer by layer, channel by channel, row by row."
        else:
            otherwise = "Each of the 4x4 numbers is the largest value in its sixteenth of the map."
        compare(got, right, mistakes, f"{given}:", otherwise)
    print("Right: the largest value in each sixteenth of every map, of all layers, one row an image.")


def _shape(got: Tensor, maps: Sequence[Tensor], right: Tensor) -> str:
    """What a wrong shape looks like."""
    n, channels = len(maps[0]), sum(one.shape[1] for one in maps)
    if got.shape == (n, 16 * maps[-1].shape[1]):
        return "Only the last layer is there; the paper takes all."
    if got.shape == (n, channels):
        return "One number a map is left; the grid of 4x4 places has sixteen."
    if got.shape == (n, sum(one[0].numel() for one in maps)):
        return "Nothing is pooled."
    if got.numel() == right.numel():
        return "The numbers may be right: flatten all but the first axis, and join along the second."
    return "Is the grid 4x4 whatever the size of the map? A window of 4x4 pixels is something else."


@check
def semantic_hash(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 11, task 2: answer(code), (n, units) of a ReLU, to (n, units / 8) bytes."""
    random = torch.Generator().manual_seed(0)
    for n, units in ((5, 32), (3, 128), (1, 16), (4, 8), (1, 8)):
        code = torch.randn(n, units, generator=random).clamp(min=0) * 3
        code[:, 1], code[:, units // 2] = 1e-20, -0.0  # on by a hair, and off
        code[0, 2:4] = torch.tensor([0.3, 0.0])
        right = _bytes(code > 0)
        got = as_tensor(untouched(answer, code))
        if got.shape != right.shape:
            if close(got, (code > 0).double()):
                raise NotYet(f"The {units} bits are right. Pack them, eight to a byte: {units // 8} bytes an image.")
            raise NotYet(
                f"{n} images and {units} units make {n} x {units // 8} bytes; yours has shape {tuple(got.shape)}. Pack "
                "along the units, so that every image keeps a row of its own."
            )
        on = [(code > level) for level in (1e-12, 1e-6, 1e-3, 0.1, 0.5)]
        middles = [code > code.mean(1, keepdim=True), code > code.mean(), code > code.mean(0)]
        middles += [code > code.median(1, keepdim=True).values, code > code.median(0).values]
        mistakes = {
            "A unit at exactly 0 is off: > 0, not >= 0. After a ReLU every unit is at least 0.": _bytes(code >= 0),
            "On and off are exchanged: a bit is 1 where the unit is above 0.": (_bytes(code <= 0), _bytes(code == 0)),
            "The first unit is the highest bit of its byte; yours is the lowest.": _bytes(
                (code > 0), first_is_high=False
            ),
            "A unit that is on by very little was taken for off. The threshold is 0, and nothing is rounded.": (
                *map(_bytes, on),
                _bytes(code.int() > 0),
            ),
            "The threshold is 0 for every unit, and no mean or median.": tuple(map(_bytes, middles)),
            "The bytes of an image stand in the reverse order.": right.flip(1),
        }
        as_packbits = "Eight units to a byte, the first the highest bit, as numpy.packbits has it."
        compare(got, right, mistakes, f"The bytes of the first image, of {units} units:", as_packbits, 1e-9)
    print("Right: a bit for every unit that is on, however little, and none for one at 0.")


def _bytes(bits: Tensor, *, first_is_high: bool = True) -> Tensor:
    weights = 2.0 ** torch.arange(7, -1, -1, dtype=torch.float64)
    eights = bits.double().unflatten(1, (-1, 8))
    return eights @ (weights if first_is_high else weights.flip(0))


@check
def nearest_label_error(answer: Callable[[Tensor, Tensor, Tensor, Tensor], float]) -> None:
    """Lesson 11, task 3: answer(samples, labels, x, y) to the share of x named wrongly, ties shared out."""
    random = torch.Generator().manual_seed(0)

    def heap(n: int, d: int, high: int) -> Tensor:
        return torch.randint(high, (n, d), generator=random).float()

    cases = [
        # samples, their labels, x, y: without a tie, with ties, with copies, with one sample, with one image.
        (heap(12, 4, 1_000), heap(12, 1, 3), heap(61, 4, 1_000), heap(61, 1, 3)),
        (heap(90, 2, 4), heap(90, 1, 4), heap(97, 2, 4), heap(97, 1, 4)),
        (heap(20, 3, 3), heap(20, 1, 2), heap(50, 3, 3), heap(50, 1, 2)),
        (heap(1, 3, 9), heap(1, 1, 2), heap(6, 3, 9), heap(6, 1, 2)),
        (heap(30, 2, 3), heap(30, 1, 5), heap(1, 2, 3), heap(1, 1, 5)),
    ]
    for samples, sample_labels, x, y in cases:
        labels, truth = sample_labels.long().squeeze(1), y.long().squeeze(1)
        apart = (x[:, None] - samples).double()
        got = one_number(untouched(answer, samples, labels, x, truth), "The error")
        squares = apart.square().sum(2)
        near = squares == squares.amin(1, keepdim=True)
        wrong = labels[None] != truth[:, None]
        right = ((near & wrong).sum(1) / near.sum(1)).double().mean()
        first, last = near.double().argmax(1), len(samples) - 1 - near.flip(1).double().argmax(1)
        votes = torch.stack([(near & (labels == k)).sum(1) for k in range(5)], 1)
        loudest = near & (votes[:, labels] == votes.amax(1, keepdim=True))
        mistakes = {
            "This is the share named rightly. Wanted are the errors.": 1 - right,
            "This is a sum over the images. Wanted is their mean.": right * len(x),
            "In percent? Give a share between 0 and 1.": 100 * right,
            "Of several samples equally near, one alone decided, as argmin has it. Each should have an equal say.": (
                wrong[torch.arange(len(x)), first].double().mean(),
                wrong[torch.arange(len(x)), last].double().mean(),
            ),
            "Of several samples equally near, the majority decided. Share the error out instead.": (
                (votes.argmax(1) != truth).double().mean(),
                wrong[torch.arange(len(x)), loudest.double().argmax(1)].double().mean(),
            ),
            "Of several samples equally near, a single wrong one made the image wrong.": (near & wrong)
            .any(1)
            .double()
            .mean(),
            "Of several samples equally near, a single right one made the image right.": (~(near & ~wrong).any(1))
            .double()
            .mean(),
            "All pairs of image and nearest sample are in one pot. First a share for each image, then their mean.": (
                (near & wrong).sum() / near.sum()
            ),
            "The distance is Euclidean, the root of a sum of squares; yours adds absolute differences, or takes the "
            "largest.": tuple(_shared(one, wrong) for one in (apart.abs().sum(2), apart.abs().amax(2))),
            "Samples and images are exchanged: it is the image that looks for its nearest sample.": _shared(
                squares.T, wrong.T
            ),
            "This is the farthest sample.": _shared(-squares, wrong),
        }
        at = f"{len(x)} images, {len(samples)} samples:"
        compare(got, right, mistakes, at, "A mean over the images of the share of nearest samples that are wrong.")
    print("Right: the nearest sample names the image, and samples equally near have equal say.")


def _shared(distance: Tensor, wrong: Tensor) -> Tensor:
    near = distance == distance.amin(1, keepdim=True)
    return ((near & wrong).sum(1) / near.sum(1)).double().mean()
