"""`gan-course`: what a student types, and what is said where it cannot be done."""

import os
import re

import pytest
from PIL import Image

from course_lib.__main__ import main
from course_lib.experiments.catalogue import REPRODUCED, TRAINED
from course_lib.training import ledger


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder to work in, without full data sets, and a ledger of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "results")
    return tmp_path


def said(capsys, *words):
    """Exit status, and what was printed to either stream, without a terminal's frames and line breaks."""
    try:
        status = main(list(words))
    except SystemExit as left:
        status = left.code
    captured = capsys.readouterr()
    return status, re.sub(r"[\s│╭╮╰╯─•]+", " ", captured.out + captured.err)


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["reproduce", "--help"], ["sample", "--help"]])
def test_help_is_there(capsys, words):
    status, text = said(capsys, *words)
    assert status == 0 and "usage: gan-course" in text


def test_help_names_every_experiment_in_one_sentence(capsys):
    _, text = said(capsys, "train", "--help")
    for name, module in TRAINED.items():
        first_line = " ".join(module.__doc__.partition("\n")[0].split())
        assert f"{name} {first_line}" in text


@pytest.mark.parametrize("name", TRAINED)
def test_every_option_is_explained(capsys, name):
    """A line of help for each setting, so that nobody has to read the code."""
    status, text = said(capsys, "train", name, "--help")
    assert status == 0
    text = re.sub(r", --no-[a-z-]+", "", text)
    # The last time an option is named is in the table of options; the first may be in an example.
    options = dict(re.findall(r" --(?!help)([a-z][a-z-]*)(.*?)(?= --[a-z]|$)", text))
    assert {"steps", "seed", "folder", "devices", "dry-run"} <= set(options)
    assert [option for option, rest in options.items() if not re.search(r"[A-Z]\w* .*\. \(default", rest)] == []


@pytest.mark.parametrize("name", TRAINED)
def test_train_stop_and_sample(elsewhere, capsys, name):
    status, text = said(capsys, "train", name, "--steps", "2", "--save-every", "1", "--accelerator", "cpu")
    assert (status, f"runs/{name}" in text) == (0, True), text
    assert (elsewhere / "runs" / name / "last.safetensors").exists()
    status, text = said(capsys, "resume", f"runs/{name}")
    assert (status, "Finished" in text) == (0, True), text
    if (elsewhere / "runs" / name / "samples").exists():
        status, text = said(capsys, "sample", f"runs/{name}", "--n", "4", "--to", "four.png")
        assert status == 0 and (elsewhere / "four.png").read_bytes().startswith(b"\x89PNG"), text


@pytest.mark.parametrize("name", REPRODUCED)
def test_every_reproduction_knows_its_paper(name):
    module = REPRODUCED[name]
    assert isinstance(module.PAPER, dict) and callable(module.reproduce)


def test_reproducing_adds_a_line_to_the_ledger(elsewhere, capsys):
    words = ["reproduce", "semi-mnist", "--labels", "20", "--seeds", "1", "--steps", "2", "--accelerator", "cpu"]
    status, text = said(capsys, *words)
    assert status == 0 and "test_errors_of_1000_20_labels" in text and "1677" not in text  # of 10,000
    (line,) = ledger.lines(elsewhere / "results")
    assert line["experiment"] == "semi-mnist" and line["settings"]["steps"] == 2


def test_a_dry_run_leaves_no_trace(elsewhere, capsys):
    status, text = said(capsys, "train", "semi-mnist", "--dry-run", "--accelerator", "cpu")
    assert status == 0 and '"labels": 20' in text and not (elsewhere / "runs").exists()


@pytest.mark.parametrize(
    "words, says",
    [
        (["train", "semi-mnist", "--labels", "23"], "Choose a multiple of 10, such as 20 or 30"),
        (["train", "semi-mnist", "--labels", "0"], "0 labels"),
        (["train", "gan-mnist", "--batch-size", "99999"], "batch_size is 99999"),
        (["train", "gan-mnist", "--steps", "0"], "steps is 0"),
        (["sample", "nowhere"], "nowhere is not the folder of a run"),
        (["resume", "nowhere"], "nowhere is not the folder of a run: it does not exist"),
        (["resume", "."], "not the folder of a run: it holds no settings.json"),
        (["resume", __file__], "not the folder of a run: it is a file"),
        (["train", "gan-mnist", "--save-every", "0"], "save_every is 0; it must be at least 1"),
        (["train", "gan-mnist", "--devices", "-1"], "devices is -1; it must be at least 1"),
        (["train", "dcgan", "--nf", "0"], "nf is 0. Give a number from 1 up"),
        (["train", "semi-mnist", "--discriminator-units", "--seed", "1"], "discriminator_units is empty"),
        (["train", "dcgan", "--limit", "-3"], "limit is -3. Give a number from 0 up"),
        (["train", "dcgan", "--learning-rate", "nan"], "learning_rate is nan"),
        (["train", "dcgan", "--data", "folder:nowhere"], "There is no folder nowhere"),
        (["train", "gan-mnist", "--folder", __file__], "is a file, and a run needs a folder"),
        (["train", "gan-mnist", "--folder", f"{__file__}/below"], "Not a directory"),
        (["reproduce", "dcgan-cifar10-probe", "--subsets", "0"], "subsets is 0; choose the labels at least once"),
        (["sample", ".", "--n", "0"], "n is 0; draw 1 to 10,000"),
        (["sample", ".", "--to", "."], "'.' is a folder. Name the picture to write, such as samples.png"),
        (["sample", ".", "--to", "four.jpg"], "samples are written as PNG. Name it four.png"),
        (["sample", ".", "--to", os.devnull], "no file that a picture can be written to"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_written(elsewhere, capsys, words, says):
    status, text = said(capsys, *words)
    assert status == 1 and says in text and "Traceback" not in text and "tyro" not in text
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("words", [["train", "gan-mnst"], ["train", "gan-mnist", "--stepps", "3"], ["trian"]])
def test_a_slip_of_the_finger_is_answered_with_what_there_is(elsewhere, capsys, words):
    status, text = said(capsys, *words)
    assert status == 2 and re.search("gan-mnist|--steps|train", text)


def test_samples_of_a_label_that_the_generator_does_not_take(elsewhere, capsys):
    said(capsys, "train", "gan-mnist", "--steps", "1", "--accelerator", "cpu")
    status, text = said(capsys, "sample", "runs/gan-mnist", "--label", "3")
    assert status == 1 and "takes no label" in text and not (elsewhere / "samples.png").exists()


@pytest.fixture
def run(elsewhere, capsys):
    """The folder of a run with best and last weights, which are not those of one step."""
    words = ["train", "gan-mnist", "--steps", "3", "--measure-every", "2", "--save-every", "1", "--accelerator", "cpu"]
    said(capsys, *words)
    return elsewhere / "runs" / "gan-mnist"


def flip(file):
    """One bit in the middle is another."""
    contents = bytearray(file.read_bytes())
    contents[len(contents) // 2] ^= 1
    file.write_bytes(contents)


def truncate(file):
    """The second half is lost."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("harm", [flip, truncate])
def test_samples_are_drawn_from_the_other_weights_where_some_are_damaged(run, capsys, harm):
    harm(run / "best.safetensors")
    status, text = said(capsys, "sample", str(run), "--to", "four.png", "--n", "4")
    assert status == 0 and "best.safetensors is damaged" in text and "Drawn from last.safetensors, of step 3" in text
    harm(run / "last.safetensors")
    status, text = said(capsys, "sample", str(run), "--to", "again.png")
    assert status == 1 and "best.safetensors is damaged" in text and "last.safetensors is damaged" in text
    assert f"`gan-course resume {run}` writes last.safetensors anew" in text
    assert not (run.parent.parent / "again.png").exists()
    (run / "best.safetensors").unlink()
    with pytest.warns(UserWarning, match="last.safetensors is damaged|best.safetensors is gone"):
        assert said(capsys, "resume", str(run))[0] == 0
    assert said(capsys, "sample", str(run))[0] == 0


def test_samples_of_whole_weights_are_drawn_from_the_best_without_a_word(run, capsys):
    truncate(run / "last.safetensors")
    status, text = said(capsys, "sample", str(run))
    assert status == 0 and "damaged" not in text


@pytest.mark.parametrize("command", ["resume", "sample"])
def test_a_folder_whose_settings_are_damaged_is_said(run, capsys, command):
    truncate(run / "settings.json")
    status, text = said(capsys, command, str(run))
    assert status == 1 and "settings.json is damaged, or was edited" in text


def test_a_damaged_ledger_is_said_before_the_training_and_not_after(elsewhere, capsys):
    (elsewhere / "results").mkdir()
    (elsewhere / "results" / "ledger.jsonl").write_text('{"half a')
    for words in (["results"], ["reproduce", "semi-mnist", "--accelerator", "cpu"]):
        status, text = said(capsys, *words)
        assert status == 1 and "ledger.jsonl is damaged: its line 1 is no record" in text
    assert not (elsewhere / "runs").exists()


def test_a_training_that_diverges_before_its_first_checkpoint_does_not_speak_of_one(elsewhere, capsys):
    words = ["train", "dcgan", "--learning-rate", "1e30", "--steps", "4", "--accelerator", "cpu"]
    status, text = said(capsys, *words)
    assert status == 1 and "diverged" in text and "There is no checkpoint yet" in text and "is kept" not in text
    status, text = said(capsys, "resume", "runs/dcgan")
    assert status == 1 and "There is no checkpoint yet" in text


def test_pictures_that_cannot_be_read_are_all_named_and_an_option_leaves_them_out(elsewhere, capsys):
    (elsewhere / "pictures").mkdir()
    for number in range(40):
        Image.new("I;16", (40, 40), 1_000 * number).save(elsewhere / "pictures" / f"{number}.png")
    for bad in ("x.png", "y.jpg"):
        (elsewhere / "pictures" / bad).write_bytes(b"no picture")
    words = ["train", "dcgan", "--data", "folder:pictures", "--steps", "1", "--accelerator", "cpu"]
    status, text = said(capsys, *words)
    assert status == 1 and "2 of 42 files" in text and "x.png: " in text and "y.jpg: " in text
    assert "--skip-damaged" in text
    status, text = said(capsys, *words, "--skip-damaged")
    assert status == 0 and "They are left out" in text


@pytest.mark.parametrize("name", [*TRAINED, *REPRODUCED])
def test_whoever_reads_folders_can_leave_damaged_files_out(name):
    """The message offers it."""
    settings = (TRAINED | REPRODUCED)[name].settings()
    if hasattr(settings, "data"):
        assert settings.skip_damaged is False


def test_an_interrupted_training_says_how_it_goes_on(elsewhere, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("course_lib.training.run._Run.to_the_end", interrupted)
    status, text = said(capsys, "train", "gan-mnist", "--accelerator", "cpu")
    assert status == 130 and "Stopped. The same command goes on from the newest checkpoint, if there is one" in text
    assert not list((elsewhere / "runs" / "gan-mnist").glob(".*")), "the folder is still locked"
