"""Table 1 with many games at once: each is its run alone, and each leaves a record, as do their ensembles."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.ensemble import VotingClassifier
from sklearn.preprocessing import LabelEncoder

from course_lib.__main__ import main
from course_lib.experiments.improved import semi_mnist, table_one
from course_lib.experiments.improved.table_one import QUICK, ensemble_errors, reproduce
from course_lib.training import ledger
from course_lib.training.plan import Training
from course_lib.verdict import Verdict


def how(folder, **changes):
    """Look as seldom as can be."""
    never = {"log_every": 99, "draw_every": 99, "measure_every": 99, "save_every": 99}
    return Training(folder, accelerator="cpu", precision="float32", **never | changes)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return reproduce(QUICK, how(tmp_path_factory.mktemp("table")))


def test_a_record_for_each_game_and_one_for_each_number_of_labels(outcomes):
    games, ensembles = outcomes[:4], outcomes[4:]
    assert [(game.settings.labels, game.settings.seed) for game in games] == [(20, 0), (20, 1), (50, 0), (50, 1)]
    assert set(games[0].numbers) == {"test_errors_of_1000_20_labels", "test_images"}
    assert [set(found.numbers) for found in ensembles] == [
        {
            f"test_errors_of_1000_{labels}_labels_{what}"
            for what in ("mean_of_2_seeds", "std_of_2_seeds", "ensemble_of_2")
        }
        for labels in (20, 50)
    ]
    errors = [game.numbers["test_errors_of_1000_50_labels"] for game in games[2:]]
    assert ensembles[1].numbers["test_errors_of_1000_50_labels_mean_of_2_seeds"] == np.mean(errors)
    assert ensembles[1].numbers["test_errors_of_1000_50_labels_std_of_2_seeds"] == pytest.approx(np.std(errors, ddof=1))
    assert "one of 4 games side by side" in games[0].note and "embedded digits" in games[0].note


def test_each_game_errs_as_it_does_alone(outcomes, tmp_path):
    for game in outcomes[:4]:
        alone = semi_mnist.reproduce(game.settings, how(tmp_path / f"{game.settings.labels} {game.settings.seed}"))
        name = f"test_errors_of_1000_{game.settings.labels}_labels"
        # To rounding: a digit or two whose two likeliest classes are level may be named otherwise.
        assert game.numbers[name] == pytest.approx(alone.numbers[name], abs=2)


def test_an_ensemble_votes_by_mean_probability_as_scikit_learns_does():
    logits, y = torch.randn(3, 50, 4), torch.randint(4, (50,))

    class Fixed(torch.nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.classes = classes

        def forward(self, x):
            return Verdict(self.classes.logsumexp(1), self.classes, self.classes)

        def predict_proba(self, x):
            return self.classes.softmax(1).numpy()

    judges = [Fixed(classes) for classes in logits]
    soft = VotingClassifier([(str(number), judge) for number, judge in enumerate(judges)], voting="soft")
    soft.estimators_, soft.le_ = judges, LabelEncoder().fit(range(4))
    x = torch.zeros(50, 1)
    assert ensemble_errors(judges, x[:, :, None, None].expand(50, 1, 28, 28), y) == (soft.predict(x) != y.numpy()).sum()


def test_one_game_is_the_experiment_of_one_game(tmp_path):
    (outcome,) = reproduce(replace(QUICK, labels=(20,), seeds=1, seed=3), how(tmp_path))
    assert outcome.settings == replace(semi_mnist.QUICK, seed=3) and "side by side" not in outcome.note


def test_from_the_command_line_every_record_is_in_the_ledger(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "results")
    words = ["reproduce", "semi-mnist", "--labels", "20", "50", "--seeds", "2", "--accelerator", "cpu", "--folder"]
    assert main([*words, str(tmp_path / "run")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "results" / "ledger.jsonl").read_text().splitlines()]
    assert [(line["settings"]["labels"], line["seed"]) for line in lines[:4]] == [(20, 0), (20, 1), (50, 0), (50, 1)]
    assert [line["settings"]["labels"] for line in lines[4:]] == [[20, 50], [20, 50]]
    assert "test_errors_of_1000_50_labels_ensemble_of_2" in capsys.readouterr().out


def test_the_papers_numbers_have_the_names_of_ours():
    assert table_one.PAPER["test_errors_100_labels_ensemble_of_10"] == "86 ± 5.6"
    assert table_one.PAPER["test_errors_20_labels_mean_of_10_seeds"] == "1677 ± 452"


@pytest.mark.parametrize(
    ("changes", "says"), [({"seeds": 0}, "no game"), ({"labels": ()}, "no game"), ({"labels": (20, 20)}, "once")]
)
def test_games_that_cannot_be_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        replace(QUICK, **changes)
