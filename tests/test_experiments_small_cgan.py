"""Lesson 06's small game: what each variant is, that looking changes nothing, and its records as bands."""

import json
from dataclasses import replace

import pytest
import torch

from course_lib.data import embedded_digits
from course_lib.experiments.lessons import records, small_cgan
from course_lib.experiments.lessons.small_cgan import QUICK, VARIANTS, build, digits, moments, play_through
from course_lib.metrics import classifier_accuracy
from course_lib.models import cgan
from course_lib.models.classifier import train_classifier
from course_lib.training.plan import Training

SHORT = replace(QUICK, variant="told", steps=6)


@pytest.fixture(scope="module")
def judge():
    return train_classifier(digits().train, epochs=1, width=2, seed=0).cpu()


def test_the_digits_are_blocks_of_the_embedded_ones():
    whole, small = embedded_digits("test").x.float(), digits().test.x
    assert torch.equal(small[:, :, 3, 5], whole[:, :, 6:8, 10:12].mean((2, 3)).round().to(torch.uint8))
    assert [len(part) for part in (digits().train, digits().validation, digits().test)] == [3_500, 500, 1_000]


def test_variants_differ_in_what_they_are_called_for():
    games = {variant: build(replace(SHORT, variant=variant)) for variant in VARIANTS}
    told, not_told = games["told"], games["not-told"]
    for a, b in zip(told.generator.parameters(), not_told.generator.parameters(), strict=True):
        assert torch.equal(a, b), "the same start, so that only D's ears differ"
    x, y = torch.rand(10, 1, 14, 14), torch.arange(10)
    hears = lambda game: game.discriminator.eval()(x, y).logits - game.discriminator(x, 0 * y).logits
    assert hears(told).abs().max() > 0.01 and hears(not_told).abs().max() == 0
    assert isinstance(games["concatenated"].discriminator.hidden, cgan.AtOnce)
    assert games["one-label"].generator.classes == 1


def test_weights_on_the_label_start_wider_than_those_on_the_pixels():
    for variant in ("told", "concatenated"):
        D = build(replace(SHORT, variant=variant)).discriminator
        if variant == "told":
            label, pixels = D.hidden.second.linear.weight, D.hidden.first.linear.weight
        else:
            pixels, label = D.hidden.layer.linear.weight.split([196, 10], 1)
        assert 0.45 < label.abs().max() <= 0.5 and 0.045 < pixels.abs().max() <= 0.05


def test_looking_does_not_change_what_is_played(judge, monkeypatch):
    often = build(SHORT)
    assert len(play_through(often, SHORT, judge)) == 6
    monkeypatch.setattr(small_cgan, "moments", lambda steps: [steps])
    once = build(SHORT)
    assert len(play_through(once, SHORT, judge)) == 1
    for a, b in zip(often.generator.state_dict().values(), once.generator.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_the_share_is_of_images_that_were_made_for_what_they_are_compared_with(judge):
    """A generator that hands over real digits of the label it is told obeys as often as the judge is right."""

    class Real(torch.nn.Module):
        classes = 10

        def noise(self, n):
            return torch.empty(n, 1)

        def forward(self, z, y):
            return digits().test.x[first[y]] / 255

    first = torch.tensor([(digits().test.y == label).nonzero()[0, 0] for label in range(10)])
    right = classifier_accuracy(judge, digits().test.scaled()[first], torch.arange(10))
    assert small_cgan.share_obeyed(judge, Real()) == pytest.approx(right)


def test_there_is_an_outcome_for_each_training_with_its_own_settings(tmp_path):
    found = small_cgan.reproduce(replace(QUICK, variant="one-label", seed=3, seeds=2, steps=2), Training(tmp_path))
    assert [(one.settings.variant, one.settings.seed) for one in found] == [("one-label", 3), ("one-label", 4)]
    assert set(found[0].numbers) == {"parzen_ll_100_14x14"}


def test_moments_end_with_the_last_step():
    assert moments(1_200) == [200, 400, 600, 800, 1_000, 1_200] and moments(30)[-1] == 30


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="variant is 'both'"):
        small_cgan.Settings(variant="both")


# Reading the records ----------------------------------------------------------------------------------------------


def test_the_newest_record_of_each_seed_is_read_in_the_order_of_the_seeds(tmp_path, monkeypatch):
    def line(seed, value, **settings):
        of = {"variant": "told", "steps": 9, "seed": seed} | settings
        numbers = {"share": value} if value is not None else {"other": 1.0}
        rest = {"paper": {}, "seconds": 1.0, "device": "CPU", "commit": "", "note": "", "date": ""}
        return {"experiment": "small-cgan", "numbers": numbers, "settings": of, "seed": seed} | rest

    rows = [line(1, 0.1), line(0, 0.5), line(1, 0.2), line(2, None), line(3, 0.9, steps=8), line(4, 0.8, variant="no")]
    (tmp_path / "ledger.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(records.ledger, "FOLDER", tmp_path)
    assert records.recorded("small-cgan", "share", variant="told", steps=9) == [0.5, 0.2]
    with pytest.raises(LookupError, match="gan-course reproduce small-cgan"):
        records.recorded("small-cgan", "share", variant="told", steps=7)
