"""The checks of lesson 00: right answers however written, and wrong ones with the message that names the mistake."""

import math

import numpy as np
import pytest
import torch
from judged import judge_answers, judge_manners, praise

from course_lib import checks
from course_lib.data import Images

ROOT3 = math.sqrt(3)


def uniform_with_loops(n, dim):
    return [[np.random.uniform(-ROOT3, ROOT3) for _ in range(dim)] for _ in range(n)]


def bytes_with_numpy(x):
    return (np.clip(x.numpy() * 127.5 + 127.5, 0, 255) + 0.5).astype("uint8")


def slerp(start, end, steps):
    """Along the great circle, the length in geometric steps."""
    angle = torch.arccos(start @ end / (start.norm() * end.norm()))
    t = torch.linspace(0, 1, steps)[:, None]
    direction = torch.sin((1 - t) * angle) * start / start.norm() + torch.sin(t * angle) * end / end.norm()
    return direction / torch.sin(angle) * start.norm() ** (1 - t) * end.norm() ** t


def mended(start, end, steps, *, ends=True):
    """The straight walk, each point stretched to the length that is due there."""
    t = torch.linspace(0, 1, steps)[:, None] if ends else (torch.arange(steps) / steps)[:, None]
    walk = torch.lerp(start, end, t)
    return walk / walk.norm(dim=1, keepdim=True) * torch.lerp(start.norm(), end.norm(), t)


def mended_with_numpy(start, end, steps):
    a, b = start.numpy(), end.numpy()
    rows = []
    for i in range(steps):
        t = i / (steps - 1)
        row = (1 - t) * a + t * b
        rows.append(row / np.linalg.norm(row) * ((1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)))
    return np.stack(rows)


def straight(start, end, steps):
    return torch.lerp(start, end, torch.linspace(0, 1, steps)[:, None])


def share_with_loop(real, fake):
    right = sum(logit > 0 for logit in real.tolist()) + sum(logit <= 0 for logit in fake.tolist())
    return right / (len(real) + len(fake))


def stretched_where_short(start, end, steps):
    """The straight walk; only a point shorter than both ends is made as long as the shorter of them."""
    walk = straight(start, end, steps)
    lengths = walk.norm(dim=1, keepdim=True)
    return walk / lengths * torch.maximum(lengths, torch.minimum(start.norm(), end.norm()))


def half_negative(n, dim):
    z = (2 * torch.rand(n, dim) - 1) * ROOT3
    return torch.where(torch.arange(dim) < dim // 2, z.abs(), -z.abs())


def in_place(pixels):
    x = pixels.float()
    pixels.fill_(0)
    return x / 127.5 - 1


RIGHT = [
    (checks.unit_uniform, lambda n, dim: (2 * torch.rand(n, dim) - 1) * 1.7321),
    (checks.unit_uniform, lambda n, dim: torch.distributions.Uniform(-ROOT3, ROOT3).sample((n, dim))),
    (checks.to_unit_range, lambda pixels: pixels.half() / 127.5 - 1),
    (checks.to_unit_range, lambda pixels: (pixels.float() / 127.5 - 1).bfloat16()),
    (checks.to_unit_range, lambda pixels: torch.linspace(-1, 1, 256)[pixels.long()]),
    (checks.to_bytes, lambda x: ((x.double().clamp(-1, 1) + 1) * 127.5).round().byte()),
    (checks.middle_length, lambda n: n**0.5 / 2**0.5),
    (checks.full_length_walk, stretched_where_short),
    (checks.share_right, lambda real, fake: 1 - torch.cat([real <= 0, fake > 0]).double().mean()),
    (checks.unit_uniform, lambda n, dim: (2 * torch.rand(n, dim) - 1) * ROOT3),
    (checks.unit_uniform, lambda n, dim: torch.empty(n, dim).uniform_(-ROOT3, ROOT3)),
    (checks.unit_uniform, lambda n, dim: np.random.default_rng().uniform(-ROOT3, ROOT3, (n, dim))),
    (checks.unit_uniform, uniform_with_loops),
    (checks.to_unit_range, lambda pixels: pixels.float() / 127.5 - 1),
    (checks.to_unit_range, lambda pixels: 2 * (pixels / 255) - 1),
    (checks.to_unit_range, lambda pixels: (pixels.numpy().astype("float64") - 127.5) / 127.5),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)),
    (checks.to_bytes, lambda x: torch.floor((x + 1) / 2 * 255 + 0.5).clamp(0, 255).byte()),
    (checks.to_bytes, bytes_with_numpy),
    (checks.middle_length, lambda n: math.sqrt(n / 2)),
    (checks.middle_length, lambda n: torch.tensor(n).sqrt() / 2**0.5),
    (checks.middle_length, lambda n: np.sqrt(n * (0.25 + 0.25))),
    (checks.full_length_walk, slerp),
    (checks.full_length_walk, mended),
    (checks.full_length_walk, mended_with_numpy),
    (checks.share_right, lambda real, fake: torch.cat([real > 0, fake <= 0]).float().mean()),
    (
        checks.share_right,
        lambda real, fake: ((real.sigmoid() > 0.5).sum() + (fake.sigmoid() <= 0.5).sum()) / (len(real) + len(fake)),
    ),
    (checks.share_right, share_with_loop),
]

WRONG = [
    (checks.unit_uniform, half_negative, "columns of z have a mean far from 0"),
    (checks.to_unit_range, in_place, "changed what it was given"),
    (checks.to_unit_range, lambda pixels: (pixels / 128 - 1).half(), "255 steps"),
    (checks.to_bytes, lambda x: x.add_(1).mul_(127.5).round().clamp(0, 255).byte(), "changed what it was given"),
    (checks.to_bytes, lambda x: ((x.clamp(-1.01, 1.01) + 1) * 127.5).round().long().byte(), "clip"),
    (checks.middle_length, lambda n: math.sqrt(n // 2), "n = 1|n = 7"),
    (checks.share_right, lambda real, fake: torch.cat([real >= 0, fake <= 0]).float().mean(), "exactly 0"),
    (checks.share_right, lambda real, fake: torch.cat([real > 0, fake < 0]).float().mean(), "exactly 0"),
    (checks.unit_uniform, torch.rand, r"mean is 0\.50"),
    (checks.unit_uniform, torch.randn, "Gaussian, not uniform"),
    (checks.unit_uniform, lambda n, dim: 2 * torch.rand(n, dim) - 1, r"variance is 0\.33"),
    (checks.unit_uniform, lambda n, dim: torch.rand(n, dim) - 0.5, r"variance is 0\.08"),
    (checks.unit_uniform, lambda n, dim: 3 * (2 * torch.rand(n, dim) - 1), "which a makes that 1"),
    (checks.unit_uniform, lambda n, dim: ROOT3 * torch.rand(n, dim), "Shift"),
    (checks.unit_uniform, lambda n, dim: ROOT3 * (2 * torch.rand(dim, n) - 1), "exchanged"),
    (checks.unit_uniform, lambda n, dim: ROOT3 * (2 * torch.rand(dim) - 1), "batch dimension is lost"),
    (checks.unit_uniform, lambda n, dim: ROOT3 * (2 * torch.rand(n * dim) - 1), "flattened"),
    (checks.unit_uniform, lambda n, dim: (ROOT3 * (2 * torch.rand(dim) - 1)).expand(n, dim), "rows are the same"),
    (checks.unit_uniform, lambda n, dim: (ROOT3 * (2 * torch.rand(n, 1) - 1)).expand(n, dim), "one number, repeated"),
    (checks.unit_uniform, lambda n, dim: torch.randint(2, (n, dim)) * 2.0 - 1, "again and again"),
    (checks.to_unit_range, lambda pixels: pixels / 255, "Divided by 255 only"),
    (checks.to_unit_range, lambda pixels: pixels / 128 - 1, "255 steps"),
    (checks.to_unit_range, lambda pixels: pixels / 127 - 1, "255 steps"),
    (checks.to_unit_range, lambda pixels: pixels * 2 / 255 - 1, "wrapping round"),
    (checks.to_unit_range, lambda pixels: (pixels - 128) / 127.5, "wrapping round"),
    (checks.to_unit_range, lambda pixels: 1 - pixels / 127.5, "exchanged"),
    (checks.to_unit_range, lambda pixels: 2 * (pixels / pixels.max()) - 1, "another batch"),
    (
        checks.to_unit_range,
        lambda pixels: (pixels.float() - pixels.float().mean()) / pixels.float().std(),
        "another batch",
    ),
    (checks.to_unit_range, lambda pixels: (pixels / 127.5 - 1).flatten(1), "flattened"),
    (checks.to_unit_range, lambda pixels: (pixels / 127.5 - 1)[0], "batch dimension is lost"),
    (checks.to_unit_range, lambda pixels: (pixels / 127.5 - 1).long(), "whole numbers"),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) * 127.5).to(torch.uint8), "Round first"),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) * 127.5).ceil().to(torch.uint8), "one too large"),
    (checks.to_bytes, lambda x: ((x + 1) * 127.5).round(), "Return uint8"),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) / 2).round().to(torch.uint8), "White is 255"),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) * 128).to(torch.int64).to(torch.uint8), "256"),
    (checks.to_bytes, lambda x: (x.clamp(0, 1) * 255).round().to(torch.uint8), "Undo the way"),
    (checks.to_bytes, lambda x: ((x + 1) * 127.5).round().to(torch.int64).to(torch.uint8), "clip"),
    (checks.to_bytes, lambda x: ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).squeeze(1), "should have shape"),
    (checks.middle_length, lambda n: math.sqrt(n), "length of the ends"),
    (checks.middle_length, lambda n: n / 2, "Take its root"),
    (checks.middle_length, lambda n: n, "squared length of the ends"),
    (checks.middle_length, lambda n: math.sqrt(2 * n), "half of the sum"),
    (checks.middle_length, lambda n: math.sqrt(n) / 2, "adds its own variance"),
    (checks.middle_length, lambda n: n / 4, "half of one draw"),
    (checks.middle_length, lambda n: 0.0, "variance of one coordinate"),
    (checks.middle_length, lambda n: math.sqrt(n / 2) * 1.01, "estimate"),
    (checks.middle_length, lambda n: torch.randn(5, n).norm(dim=1), "one number"),
    (checks.full_length_walk, straight, "still the straight walk"),
    (checks.full_length_walk, lambda s, e, steps: torch.nn.functional.normalize(straight(s, e, steps)), "length 1"),
    (checks.full_length_walk, lambda s, e, steps: mended(s, e, steps, ends=False), "last point is not end"),
    (checks.full_length_walk, lambda s, e, steps: mended(e, s, steps), "from end to start"),
    (checks.full_length_walk, lambda s, e, steps: mended(s, e, steps).T, "exchanged"),
    (checks.full_length_walk, lambda s, e, steps: mended(s, e, steps + 1), "rows instead of"),
    (checks.full_length_walk, lambda s, e, steps: mended(s, e, steps)[steps // 2], "batch dimension is lost"),
    (
        checks.full_length_walk,
        lambda s, e, steps: torch.nn.functional.normalize(straight(s, e, steps)) * s.norm(),
        "At the end the direction is right",
    ),
    (
        checks.full_length_walk,
        lambda s, e, steps: torch.nn.functional.normalize(straight(s, e, steps)) * len(s) ** 0.5,
        "At the start the direction is right",
    ),
    (
        checks.full_length_walk,
        lambda s, e, steps: slerp(s, e, steps) * torch.arccos(s @ e),
        "not numbers",
    ),
    (checks.full_length_walk, lambda s, e, steps: torch.cat([s[None], e.expand(steps - 1, -1)]), "nearer"),
    (checks.share_right, lambda real, fake: torch.cat([real > 0.5, fake <= 0.5]).float().mean(), r"compared with 0\.5"),
    (checks.share_right, lambda real, fake: torch.cat([real > 0, fake > 0]).float().mean(), "called real"),
    (
        checks.share_right,
        lambda real, fake: torch.cat([real.sigmoid() > 0, fake.sigmoid() <= 0]).float().mean(),
        "all called real",
    ),
    (checks.share_right, lambda real, fake: torch.cat([real <= 0, fake > 0]).float().mean(), "gets wrong"),
    (checks.share_right, lambda real, fake: 100 * share_with_loop(real, fake), "percent"),
    (checks.share_right, lambda real, fake: (real > 0).sum() + (fake <= 0).sum(), "a count"),
    (checks.share_right, lambda real, fake: (real > 0).float().mean(), "real images alone"),
    (checks.share_right, lambda real, fake: (fake <= 0).float().mean(), "fakes alone"),
    (
        checks.share_right,
        lambda real, fake: ((real > 0).float().mean() + (fake <= 0).float().mean()) / 2,
        "mean of two",
    ),
    (checks.share_right, lambda real, fake: torch.cat([real.sigmoid(), 1 - fake.sigmoid()]).mean(), "Decide first"),
    (checks.share_right, lambda real, fake: torch.cat([real > 0, fake <= 0]).float(), "one number"),
]

ALL = (
    checks.unit_uniform,
    checks.to_unit_range,
    checks.to_bytes,
    checks.middle_length,
    checks.full_length_walk,
    checks.share_right,
)

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)


@pytest.mark.parametrize("check", ALL)
def test_each_check_is_met_by_at_least_two_right_and_five_wrong_answers(check):
    assert sum(c is check for c, _ in RIGHT) >= 3
    assert sum(c is check for c, _, _ in WRONG) >= 5


def test_a_seed_set_inside_is_noticed_and_the_students_own_stream_is_left_alone():
    def seeded(n, dim):
        torch.manual_seed(5)
        return ROOT3 * (2 * torch.rand(n, dim) - 1)

    with pytest.raises(checks.NotYet, match="seed set inside"):
        checks.unit_uniform(seeded)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    checks.unit_uniform(lambda n, dim: ROOT3 * (2 * torch.rand(n, dim) - 1))
    assert torch.equal(torch.rand(1), expected)


def test_the_librarys_own_scaling_passes(capsys):
    """`Images.scaled` and task 2a ask for the same numbers."""

    def scaled(pixels):
        rows = pixels.reshape(-1, 1, 1, pixels.shape[-1])
        return Images(rows, torch.zeros(len(rows)).long(), ("any",), "none").scaled().view(pixels.shape)

    assert praise(checks.to_unit_range, scaled, capsys).startswith("Right: ")
