"""Real or fake?: what the page is told, what is recorded for "You against D", and what is refused in words."""

import math

import pytest
import torch
from test_widgets_sheet import cut

from course_lib.data.images import embedded_digits
from course_lib.widgets import real_or_fake, you_against_d
from course_lib.widgets.votes import recorded


def pictures(n: int, channels: int = 1) -> torch.Tensor:
    """n pictures of chance."""
    return torch.randint(256, (n, channels, 6, 5), dtype=torch.uint8)


def test_the_recorded_digits_are_held_back_ones_then_three_heaps_of_fakes():
    kept = recorded()
    assert list(kept["logits"]) == ["300", "600", "1500"]
    sheet = cut(kept["sheet"], 4 * kept["kept"], 28, 28)[..., 0]
    held_back = ((embedded_digits("test").x.float() / 17).round() * 17).flatten(1)
    nearest = torch.cdist(torch.tensor(sheet[: kept["kept"]]).flatten(1).float(), held_back).min(1).values
    assert nearest.max() == 0
    assert torch.cdist(torch.tensor(sheet[kept["kept"] :]).flatten(1).float(), held_back).min() > 100
    assert kept["made"]["command"] == "python tools/pack_you_against_d.py" and kept["made"]["versions"]["torch"]


def test_the_recorded_logits_tell_most_apart_and_the_curve_covers_the_steps():
    kept = recorded()
    for logits in kept["logits"].values():
        real, fake = torch.tensor(logits["real"]), torch.tensor(logits["fake"])
        assert len(real) == len(fake) == kept["kept"]
        assert (torch.cat([real, -fake]) > 0).float().mean() > 0.6
    steps = [point["step"] for point in kept["curve"]]
    assert steps == sorted(set(steps)) and {300, 600, 1_500} <= set(steps)
    assert all(0.5 < point["accuracy"] <= 1 and -math.log(2) < point["log_score"] < 0 for point in kept["curve"])


def test_you_against_d_tells_the_page_who_stands_where():
    spec = you_against_d(feedback=True).spec
    assert [maker["name"] for maker in spec["makers"]] == [f"G after {n} steps" for n in ("300", "600", "1,500")]
    assert [(maker["from"], maker["at"]) for maker in spec["makers"]] == [(60, 300), (120, 600), (180, 1_500)]
    assert spec["feedback"] and spec["questions"] == 20 and not you_against_d().spec["feedback"]


def test_any_pictures_can_be_voted_on_with_or_without_d():
    real, fakes = pictures(7), {"one": pictures(5), "other": pictures(6)}
    logits = {"other": (torch.randn(7).tolist(), torch.randn(6).tolist())}
    spec = real_or_fake(real, fakes, logits=logits, questions=10).spec
    assert spec["real"] == {"from": 0, "count": 7}
    assert [(m["name"], m["from"], m["count"], m["d"]) for m in spec["makers"]] == [
        ("one", 7, 5, None),
        ("other", 12, 6, {"real": logits["other"][0], "fake": logits["other"][1]}),
    ]
    got = cut(spec["sheet"], 18, 6, 5)[..., 0]
    assert (torch.tensor(got) == torch.cat([real, *fakes.values()]).squeeze(1)).all()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"questions": 7}, "questions is 7; half are real, so take an even number"),
        ({"questions": 0}, "questions is 0"),
        ({"questions": 14}, "'G' has 6 pictures; 14 questions need 7"),
        ({"real": pictures(4), "questions": 10}, "'real' has 4 pictures; 10 questions need 5"),
        ({"fakes": {"G": pictures(9, 3)}}, r"'G' has pictures of \(3, 6, 5\), real ones \(1, 6, 5\)"),
        ({"logits": {"G": ([0.0] * 8, [0.0] * 5)}}, "D's logits for 'G' are 8 and 5, of 8 real and 6 fakes"),
        ({"real": pictures(8, 3), "fakes": {"G": pictures(6, 3)}, "levels": 16}, "pictures in colour keep all 256"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(change, message):
    right = {"real": pictures(8), "fakes": {"G": pictures(6)}, "questions": 10}
    with pytest.raises(ValueError, match=message):
        real_or_fake(**right | change)
