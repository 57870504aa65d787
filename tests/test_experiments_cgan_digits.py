"""The digits that come with the course: the shipped file loads, obeys, and the command makes such a file."""

import pytest
import torch

from course_lib.data import embedded_digits
from course_lib.experiments.cgan import cgan_digits as experiment
from course_lib.experiments.cgan.cgan_mnist_parzen import label_gives_digit
from course_lib.models.classifier import train_classifier
from course_lib.training.plan import Training
from course_lib.training.weights import Damaged


def test_a_generator_comes_back_from_its_file_to_16_bits(tmp_path):
    torch.manual_seed(0)
    generator = experiment.plan(experiment.QUICK, torch.device("cpu")).game.generator
    experiment.ship(generator, 7, tmp_path / "weights")
    again, z, y = experiment.trained(tmp_path / "weights"), generator.noise(6), torch.arange(6)
    assert not again.training and again.noise_dim == generator.noise_dim
    # 16 bits keep 11 of a number's digits: some 1e-3 of each, less in a pixel of [0, 1] after a sigmoid
    assert torch.allclose(again(z, y), generator.eval()(z, y), atol=2e-3)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "weights").write_bytes(experiment.FILE.read_bytes()[:-1])
    with pytest.raises(Damaged):
        experiment.trained(tmp_path / "weights")


def test_the_shipped_generator_is_small_and_does_what_it_is_told():
    """The judge is fitted here, to the embedded digits, so that another than the record's says it."""
    assert experiment.FILE.stat().st_size < 700_000
    generator = experiment.trained()
    judge = train_classifier(embedded_digits("train"), epochs=3, seed=1)
    torch.manual_seed(0)
    with torch.no_grad():
        samples = generator(generator.noise(1_000), torch.arange(1_000) % 10)
    assert samples.shape == (1_000, 1, 28, 28) and 0 <= samples.min() <= samples.max() <= 1
    assert label_gives_digit(judge, samples) > 0.85
    assert samples[torch.arange(1_000) % 10 == 3].std(0).mean() > 0.1, "a label gives many digits, not one"


def test_the_command_writes_such_a_file(tmp_path):
    how = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = experiment.reproduce(experiment.QUICK, how)
    assert set(outcome.numbers) == {"label_gives_digit_50", "judge_test_accuracy"}
    made = experiment.trained(tmp_path / experiment.FILE.name)
    assert sum(w.numel() for w in made.parameters()) < sum(w.numel() for w in experiment.trained().parameters())


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())
