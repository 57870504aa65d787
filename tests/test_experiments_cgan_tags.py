"""Tags by a conditional GAN: the paper's parts, nothing fitted to held-out concepts, and baselines worth beating."""

import json
import math
from collections import Counter
from dataclasses import replace

import pytest
import torch
from PIL import Image
from scipy.stats import sem
from sklearn.linear_model import LinearRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors
from torch import nn

from course_lib.data import embedded_emoji
from course_lib.data.tag_rows import tag_rows, tagged_emoji
from course_lib.data.word_vectors import WordVectors
from course_lib.experiments.cgan import cgan_tags as experiment
from course_lib.experiments.cgan import taggers
from course_lib.experiments.cgan.cgan_tags import Tagging
from course_lib.experiments.cgan.tag_scores import more_precise, pictures_of_one_thing
from course_lib.layers import Maxout
from course_lib.training.averaging import Averaged
from course_lib.training.ledger import record
from course_lib.training.optimizers import SGD
from course_lib.training.plan import Training

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tagging():
    """Both fixed models at quick size, where 68 words are frequent enough."""
    return experiment.prepare(experiment.QUICK)


@pytest.fixture(scope="module")
def plan():
    """The plan at full size, for made-up features and words of the size that they have there."""
    draw = torch.Generator().manual_seed(0)
    words = WordVectors(tuple(f"word {n}" for n in range(30)), torch.randn(30, 200, generator=draw))
    tags = {split: (words.words[:3], words.words[3:5]) * 500 for split in ("train", "validation", "test")}
    features = {split: torch.randn(1_000, 1_024, generator=draw) for split in tags}
    return experiment.plan_with(
        Tagging(words, tag_rows(tags["train"], words.words), features, tags), experiment.GPU, CPU
    )


def set_by_schedule(optimizer, steps_made):
    """The rate and the momentum of the step that follows so many."""
    optimizer.zero_grad()
    for group in optimizer.param_groups:
        group["steps_made"].fill_(steps_made)
    optimizer.step()
    [group] = optimizer.param_groups
    return group["lr"].item(), group["momentum"].item()


# What is trained --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("player", ["g_optimizer", "d_optimizer"])
def test_both_players_learn_by_the_papers_sgd(plan, player):
    optimizer = getattr(plan.game, player)
    assert type(optimizer) is SGD and plan.batches.batch_size == 100
    assert set_by_schedule(optimizer, 0) == pytest.approx((0.1, 0.5))
    assert set_by_schedule(optimizer, 1_000)[0] == pytest.approx(0.1 / 1.00004**1_000)
    assert set_by_schedule(optimizer, experiment.GPU.steps - 1) == pytest.approx((1e-6, 0.7))


def test_the_networks_are_those_of_section_4_2(plan):
    generator, discriminator = plan.game.generator, plan.game.discriminator

    def widths(network):
        return [(layer.in_features, layer.out_features) for layer in network.modules() if type(layer) is nn.Linear]

    assert widths(generator) == [(100, 500), (1_024, 2_000), (2_500, 200)]
    assert widths(discriminator)[:2] == [(200, 500), (1_024, 1_200)]
    assert [(m.units, m.pieces) for m in discriminator.modules() if isinstance(m, Maxout)] == [(1_000, 3)]
    for network in (generator, discriminator):
        assert {layer.p for layer in network.modules() if isinstance(layer, nn.Dropout)} == {0.5}


def test_real_is_a_word_of_the_picture_that_both_players_are_told(plan):
    batch = next(plan.batches)
    [told] = batch.given
    image = (told[:, None] == plan.batches.image_features).all(2).int().argmax(1)
    word = (batch.x[:, None] == plan.batches.word_vectors).all(2).int().argmax(1)
    assert all(w < 3 if i % 2 == 0 else 3 <= w < 5 for i, w in zip(image.tolist(), word.tolist(), strict=True))


def test_weights_are_kept_as_they_are_and_not_averaged(plan):
    network = nn.Linear(3, 2)
    kept = Averaged(network, plan.average)
    for _ in range(3):
        nn.init.normal_(network.weight)
        kept.update()
    assert torch.equal(kept.network().weight, network.weight)


def test_the_validation_concepts_decide_and_the_test_concepts_do_not(tagging):
    """Trap: the checkpoint chosen on the test set."""

    def measured(tagging):
        torch.manual_seed(0)
        plan = experiment.plan_with(tagging, experiment.QUICK, CPU)
        assert not plan.lower_is_better
        return plan.measure(plan.game.generator.eval(), plan.game.discriminator)[plan.decides]

    def all_known_by(split):
        return replace(tagging, tags=tagging.tags | {split: (tagging.words.words,) * len(tagging.tags[split])})

    assert measured(all_known_by("test")) == measured(tagging) < 0.5
    assert measured(all_known_by("validation")) == 1


# What it is trained with ------------------------------------------------------------------------------------------


def test_words_and_rows_are_of_the_training_concepts_alone(tagging):
    train = Counter(tag for tags in tagged_emoji("train").tags for tag in tags)
    assert set(tagging.words.words) == {tag for tag, count in train.items() if count >= experiment.QUICK.min_count}
    counts = [train[word] for word in tagging.words.words]
    assert counts == sorted(counts, reverse=True)
    assert torch.equal(tagging.rows.word.bincount(), torch.tensor(counts))
    assert tagging.rows.image.max() < len(tagged_emoji("train"))


def test_features_are_of_each_splits_own_pictures_and_standardised_by_training(tagging):
    for split, features in tagging.features.items():
        assert len(features) == len(tagging.tags[split]) == len(embedded_emoji(split))
    train = tagging.features["train"]
    assert train.shape[1] == 32 * experiment.QUICK.convnet_width
    alive = train.std(0) > 0.5
    assert alive.float().mean() > 0.5
    torch.testing.assert_close(train[:, alive].std(0), torch.ones(int(alive.sum())), atol=1e-3, rtol=0)
    assert train.mean(0).abs().max() < 1e-3 < tagging.features["test"].mean(0).abs().max()


def test_preparing_twice_gives_the_same(tagging):
    """As it must for a run that goes on: its networks know these features and these words."""
    again = experiment.prepare(experiment.QUICK)
    assert again.words.words == tagging.words.words
    assert torch.equal(again.words.vectors, tagging.words.vectors)
    assert all(torch.equal(again.features[split], features) for split, features in tagging.features.items())


# How it is judged --------------------------------------------------------------------------------------------------


class Says(nn.Module):
    """A generator whose word is the picture's own feature vector, with a little noise or with none."""

    def __init__(self, noise=0.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(noise))

    def noise(self, n):
        return torch.randn(n, 1)

    def forward(self, z, v):
        return v + self.scale * z


def on_a_circle(n):
    """Words whose neighbours are those beside them."""
    angle = torch.arange(n) * (2 * math.pi / n)
    return WordVectors(tuple(f"word {place}" for place in range(n)), torch.stack([angle.cos(), angle.sin()], 1))


def test_the_tags_are_the_words_around_what_was_generated():
    words = on_a_circle(60)
    pictures = words.vectors[[7, 30, 52]].repeat(40, 1)  # more than are done at a time
    found = experiment.generated_tags(Says(0.01), pictures, words, samples=5)
    assert len(found) == 120 and all(len(tags) == len(set(tags)) == 10 for tags in found)
    for place, tags in zip([7, 30, 52] * 40, found, strict=True):
        assert {(int(tag.split()[1]) - place + 30) % 60 - 30 for tag in tags} <= set(range(-11, 12))


def test_each_picture_has_its_own_samples():
    """So that a mix-up of pictures and samples would show: all samples of a picture agree here."""
    words = on_a_circle(60)
    found = experiment.generated_tags(Says(), words.vectors, words, samples=3)
    alone = [experiment.generated_tags(Says(), words.vectors[[place]], words, samples=1)[0] for place in range(60)]
    assert found == alone


def test_the_linear_baseline_is_scikit_learns_regression_and_nearest_words(tagging, monkeypatch):
    monkeypatch.setattr(taggers, "RIDGES", (1e-3,))
    rows, vectors = tagging.rows, tagging.words.vectors.numpy()
    features = {split: found.double().numpy() for split, found in tagging.features.items()}
    fitted = LinearRegression().fit(features["train"][rows.image], vectors[rows.word])
    cosine = cosine_similarity(fitted.predict(features["test"]), vectors)
    oracle = [{tagging.words.words[place] for place in row.argsort()[-10:]} for row in cosine]
    found = [set(tags) for tags in experiment.linear_tags(tagging)]
    assert sum(a == b for a, b in zip(found, oracle, strict=True)) > 0.95 * len(oracle)


def test_the_linear_baseline_is_chosen_on_the_validation_concepts(tagging, monkeypatch):
    """One that is told to be constant is not chosen where another does better."""
    monkeypatch.setattr(taggers, "RIDGES", (1e12, 1_000.0))
    chosen = experiment.linear_tags(tagging)
    monkeypatch.setattr(taggers, "RIDGES", (1_000.0,))
    assert chosen == experiment.linear_tags(tagging)


def test_without_weight_the_tags_are_the_nearest_and_with_much_the_most_frequent(tagging):
    answers = torch.randn(5, tagging.words.vectors.shape[1], generator=torch.Generator().manual_seed(0))
    cosine = cosine_similarity(answers.numpy(), tagging.words.vectors.numpy())
    oracle = [{tagging.words.words[place] for place in row.argsort()[-10:]} for row in cosine]
    assert [set(tags) for tags in taggers.nearest_tags(answers, tagging)] == oracle
    often = Counter(tagging.rows.word.tolist())
    frequent = taggers.nearest_tags(answers, tagging, 1e6)[0]
    least = min(often[tagging.words.words.index(word)] for word in frequent)
    assert sorted(often.values())[-10] == least


def test_the_weight_of_the_prior_is_chosen_on_the_validation_concepts(tagging, monkeypatch):
    answers = taggers.linear_answers(tagging)
    swapped = answers | {"test": torch.randn_like(answers["test"])}
    assert taggers.tags_with_prior(answers, tagging)[1] == taggers.tags_with_prior(swapped, tagging)[1]
    monkeypatch.setattr(taggers, "WEIGHTS", (0.0,))
    assert taggers.tags_with_prior(answers, tagging) == (experiment.linear_tags(tagging), 0.0)


def test_a_generated_answer_is_the_mean_of_a_picture_s_samples(tagging):
    pictures = torch.arange(240.0).reshape(120, 2)
    told = replace(tagging, features=tagging.features | {"validation": pictures, "test": pictures[:60] + 1})
    found = taggers.generated_answers(Says(0.1), told, samples=400)
    assert torch.allclose(found["validation"], pictures, atol=0.03)  # six standard errors of such a mean
    assert torch.allclose(found["test"], pictures[:60] + 1, atol=0.03)


def test_the_copying_baseline_gives_the_tags_of_scikit_learns_nearest_neighbour(tagging):
    search = NearestNeighbors(n_neighbors=1).fit(tagging.features["train"].double().numpy())
    closest = search.kneighbors(tagging.features["test"].double().numpy(), return_distance=False)[:, 0]
    oracle = [tagging.tags["train"][place] for place in closest]
    found = experiment.copied_tags(tagging)
    assert sum(a == b for a, b in zip(found, oracle, strict=True)) > 0.99 * len(oracle)


def test_it_runs_and_its_baselines_are_what_they_are_called(tmp_path, tagging):
    how = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = experiment.reproduce(experiment.QUICK, how)
    kinds = ("", "_dropout_on", "_prior", "_linear_prior", "_most_frequent", "_linear", "_copied", "_best_possible")
    named = {f"{what}_at_10{kind}" for what in ("precision", "recall") for kind in kinds}
    paired = {"precision_at_10_minus_linear", "precision_at_10_minus_linear_se"}
    assert set(outcome.numbers) == named | paired
    assert all(0 <= outcome.numbers[name] <= 1 for name in named) and outcome.numbers[max(paired, key=len)] > 0
    train = Counter(tag for tags in tagged_emoji("train").tags for tag in tags)
    frequent = {tag for tag, _ in train.most_common(10)}
    test = tagged_emoji("test").tags
    by_hand = sum(len(frequent & set(tags)) for tags in test) / (10 * len(test))
    assert outcome.numbers["precision_at_10_most_frequent"] == pytest.approx(by_hand)
    known = [len(set(tags) & set(tagging.words.words)) for tags in test]
    ceiling = sum(min(10, count) for count in known) / (10 * len(test))
    assert outcome.numbers["precision_at_10_best_possible"] == pytest.approx(ceiling)
    assert outcome.note == "emoji, not MIR Flickr; 413 test pictures, 68 words"


class Drops(Says):
    """A generator that says its picture, unless dropout is on and silences what it says."""

    def __init__(self):
        super().__init__()
        self.norm, self.dropout = nn.BatchNorm1d(2), nn.Dropout(0.5)

    def forward(self, z, v):
        assert not self.norm.training, "Only dropout may stay on."
        return v + 0.1 + self.dropout(torch.ones_like(v))


def test_dropout_stays_on_only_where_asked_for_and_modes_are_kept():
    words, generator = on_a_circle(60), Drops()
    say = lambda **how: experiment.generated_tags(generator, words.vectors[:3], words, samples=50, **how)
    torch.manual_seed(0)
    assert say() == say() and say(dropout=True) != say()
    assert all(layer.training for layer in generator.modules())


def test_a_difference_is_paired_and_every_thing_counts_once():
    """Two things: of the first, three drawings on which ours is right about one word more, of the second none."""
    held_out = [("a", "b")] * 3 + [("c",)]
    ours, theirs = [("a", "b"), ("a", "x"), ("b", "x"), ("y",)], [("a",), ("x",), ("x",), ("y",)]
    found = more_precise("theirs", theirs, ours, held_out, torch.tensor([0, 0, 0, 7]))
    by_thing = [0.1, 0.0]
    assert found["precision_at_10_minus_theirs"] == pytest.approx(0.05)
    assert found["precision_at_10_minus_theirs_se"] == pytest.approx(sem(by_thing))
    alone = more_precise("theirs", theirs[:3], ours[:3], held_out[:3], torch.zeros(3, dtype=torch.int64))
    assert alone == pytest.approx({"precision_at_10_minus_theirs": 0.1, "precision_at_10_minus_theirs_se": 0.0})


def test_drawings_of_one_emoji_are_one_thing_and_photographs_are_not():
    tags, of = tagged_emoji("test").tags, pictures_of_one_thing("emoji", 413)
    assert len(of) == len(tags) and all(len({tags[n] for n in (of == thing).nonzero()}) == 1 for thing in of.unique())
    assert pictures_of_one_thing("mirflickr:PATH", 5).tolist() == [0, 1, 2, 3, 4]


# The paper's photographs ------------------------------------------------------------------------------------------


@pytest.fixture
def photographs(tmp_path):
    """Twelve photographs in MIR Flickr's layout; each shows a shade of its own and has three of twenty-four tags."""
    folder = tmp_path / "mirflickr"
    (folder / "meta" / "tags").mkdir(parents=True)
    for n in range(1, 13):
        Image.new("RGB", (40, 30), (20 * n, 255 - 20 * n, 128)).save(folder / f"im{n}.jpg")
        tags = [f"tag{(3 * n + k) % 24}" for k in range(3)]
        (folder / "meta" / "tags" / f"tags{n}.txt").write_text("\n".join(tags))
    return folder


def test_photographs_in_mir_flickrs_layout_go_the_same_way(tmp_path, photographs, monkeypatch):
    """Here with the mean colours of a grid in the place of a convnet's features."""
    looks = lambda x: torch.nn.functional.adaptive_avg_pool2d(x.float(), 2).flatten(1)
    monkeypatch.setattr(experiment, "imagenet_features", looks)
    settings = replace(experiment.QUICK, data=f"mirflickr:{photographs}", training_rows=25, min_count=1, batch_size=4)
    found = experiment.prepare(settings)
    assert {split: len(tags) for split, tags in found.tags.items()} == {"train": 8, "validation": 2, "test": 2}
    assert found.tags["train"][0] == ("tag3", "tag4", "tag5") and found.tags["validation"][0] == (
        "tag3",
        "tag4",
        "tag5",
    )
    assert len(found.words) == 24 and len(found.rows) == 24
    how = Training(tmp_path / "run", accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = experiment.reproduce(settings, how)
    assert outcome.note == "MIR Flickr; 2 test pictures, 24 words"
    assert outcome.numbers["recall_at_10_best_possible"] == 1
    line = record("cgan-tags", outcome, settings=settings, paper={}, folder=tmp_path / "results")
    assert line["settings"]["data"] == "mirflickr" and str(tmp_path) not in json.dumps(line)


@pytest.mark.parametrize("data", ["flickr", "mirflickr", "mirflickr:", "emoji:there"])
def test_other_data_are_refused(data):
    with pytest.raises(ValueError, match=f"data is '{data}'"):
        experiment.prepare(replace(experiment.QUICK, data=data))


@pytest.mark.parametrize(
    "changes, says",
    [({"min_count": 100}, "min_count 100 leaves 16 words; 20 are needed"), ({"samples": 0}, "samples is 0")],
)
def test_what_cannot_be_is_refused_before_the_first_step(tagging, changes, says):
    few = replace(tagging, words=WordVectors(tagging.words.words[:16], tagging.words.vectors[:16]))
    with pytest.raises(ValueError, match=says):
        experiment.plan_with(few if "min_count" in changes else tagging, replace(experiment.QUICK, **changes), CPU)


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())
