"""Every derived notebook is what its source says, and a blank gives no answer away."""

import ast
import base64
import io
import re
from pathlib import Path

import derive
import nbformat
import pytest
import recorded_numbers
import running
import sources
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image

TARGETS = sources.targets()
BLANKS = [target for target in TARGETS if target.blank]
EXECUTED = [target for target in TARGETS if not target.blank]

LESSON = """\
# %% [markdown]
# # A lesson

# %% tags=["nbval-check-output"]
half = 1 / 2
print(f"{half:.2f}")

# %%
print("same")

# %%
print("same")
"""

EXERCISE = """\
# %% [markdown]
# # Task 1

# %%
def square(x):
    ### BEGIN SOLUTION
    result = x * x
    return result
    ### END SOLUTION


# %%
### BEGIN SOLUTION
two = 2
### END SOLUTION
for number in [two]:
    ### BEGIN SOLUTION
    four = square(number)
    ### END SOLUTION
    print(four)

# %% tags=["solution"]
print("the discussion of the answer")
"""


def name_of(target: sources.Target) -> str:
    """The path of a derived notebook, as the name of its test."""
    return target.path.relative_to(sources.REPO).as_posix()


def course(root: Path, *, lesson: str = LESSON, exercise: str = EXERCISE) -> dict[str, sources.Target]:
    """A course of one lesson and one exercise in a folder of its own; its targets by folder."""
    for folder, text in (("notebooks", lesson), ("exercises", exercise)):
        source = root / folder / "src" / "01_small.py"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
    return {target.path.parent.name: target for target in sources.targets(root)}


def code(notebook: NotebookNode) -> str:
    """The code of a notebook as Python alone, magics and all."""
    cells = [TransformerManager().transform_cell(cell.source) for cell in running.code_cells(notebook)]
    return "\n".join(cells)


# The course's own notebooks -------------------------------------------------------------------------------


def test_every_derived_notebook_matches_its_source():
    stale = derive.out_of_date()
    assert not stale, "\n".join(["Run `make derive`:", *stale])


@pytest.mark.parametrize("target", TARGETS, ids=name_of)
def test_file_is_valid_and_small_and_names_its_kernel(target):
    notebook = nbformat.read(target.path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert "widgets" not in notebook.metadata
    assert target.path.stat().st_size <= derive.LARGEST


@pytest.mark.parametrize("target", EXECUTED, ids=name_of)
def test_executed_notebook_shows_its_outputs(target):
    """nbval passes in silence over a cell that was never run, and compares nothing with an empty output."""
    cells = running.code_cells(nbformat.read(target.path, as_version=4))
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    may_speak = []
    for cell in cells:
        statements = ast.parse(TransformerManager().transform_cell(cell.source)).body
        if not all(isinstance(statement, quiet) for statement in statements):
            may_speak.append(cell)
        if "nbval-check-output" in running.tags(cell) or "NBVAL_CHECK_OUTPUT" in cell.source:
            shown = "".join(out.get("text", "") + out.get("data", {}).get("text/plain", "") for out in cell.outputs)
            assert shown.strip(), f"nothing to compare in the checked cell:\n{cell.source}"
    silent = [cell.source for cell in may_speak if not cell.outputs]
    assert len(silent) <= len(may_speak) / 2, "most cells show nothing:\n" + "\n---\n".join(silent)


@pytest.mark.parametrize("target", BLANKS, ids=name_of)
def test_blank_holds_no_answer(target):
    """Read from the source's raw lines, so that a mistake in tools/sources.py cannot hide itself here.

    A line of an answer may stand in the blank if it also stands outside the answers (`return loss`), but
    not every line of an answer may: then the answer is there.
    """
    inside = False
    answers: list[set[str]] = []
    outside: set[str] = set()
    for line in map(str.strip, target.source.read_text(encoding="utf-8").splitlines()):
        if line in ("### BEGIN SOLUTION", "### END SOLUTION"):
            inside = line == "### BEGIN SOLUTION"
            answers += [set()] if inside else []
        elif re.search(r"\w{2}", line) and line not in ("else:", "try:", "pass"):
            (answers[-1] if inside else outside).add(line)
    blank = nbformat.read(target.path, as_version=4)
    shown = {line.strip() for cell in running.code_cells(blank) for line in cell.source.splitlines()}
    assert answers, f"{target.source.name} asks for nothing: it has no answer between markers"
    for answer in answers:
        assert not (answer - outside) & shown
        assert not answer <= shown, f"all of this answer stands elsewhere in the blank: {sorted(answer)}"


@pytest.mark.parametrize("target", BLANKS, ids=name_of)
def test_blank_is_python_and_was_not_run(target):
    blank = nbformat.read(target.path, as_version=4)
    ast.parse(code(blank))
    assert not any(cell.outputs or cell.execution_count for cell in running.code_cells(blank))


# The tool, on a course of one lesson and one exercise ------------------------------------------------------


def test_deriving_twice_gives_the_same_bytes(tmp_path):
    made = course(tmp_path)
    assert all(derive.derive(target) for target in made.values())
    first = {target.path: (target.path.read_bytes(), target.path.stat().st_mtime_ns) for target in made.values()}
    assert derive.out_of_date(tmp_path) == []
    assert not any(derive.derive(target) for target in made.values())
    assert first == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in first}
    derive.derive(made["notebooks"], force=True)
    assert made["notebooks"].path.read_bytes() == first[made["notebooks"].path][0]
    assert not list(tmp_path.rglob("*.tmp"))


def test_blank_and_solution_of_an_exercise(tmp_path):
    made = course(tmp_path)
    blank, solution = (sources.structure(made[folder]) for folder in ("exercises", "solutions"))
    assert blank.cells[1].source == f"def square(x):\n    {sources.BLANK}"
    assert blank.cells[2].source == f"{sources.BLANK}\nfor number in [two]:\n    {sources.BLANK}\n    print(four)"
    assert "discussion" not in code(blank) and "discussion" in code(solution)
    assert code(solution).count("### BEGIN SOLUTION") == code(solution).count("### END SOLUTION") == 3
    ast.parse(code(blank))


@pytest.mark.parametrize(
    "body, complaint",
    [
        ("### BEGIN SOLUTION\nx = 1", "no '### END SOLUTION'"),
        ("x = 1\n### END SOLUTION", "pairs"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "pairs"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### END SOLUTION", "pairs"),
        ("### BEGIN SOLUTION\n\n### END SOLUTION", "nothing stands between"),
        ("## BEGIN SOLUTION\nx = 1\n## END SOLUTION", "neither"),
        ("### Begin solution\nx = 1\n### END SOLUTION", "neither"),
        ("###BEGIN SOLUTION\nx = 1\n### END SOLUTION", "neither"),
        ("x = 1  ### BEGIN SOLUTION\n### END SOLUTION", "neither"),
    ],
)
def test_markers_that_would_show_the_answer_are_refused(tmp_path, body, complaint):
    made = course(tmp_path, exercise=f"# %%\nprint('first')\n\n# %%\nname = 'second'\n{body}\n")
    for folder in ("exercises", "solutions"):
        with pytest.raises(running.Refused, match=complaint) as refused:
            sources.structure(made[folder])
        assert "01_small.py, cell 2 (`name = 'second'`)" in str(refused.value)
    assert any("cannot be derived" in line for line in derive.out_of_date(tmp_path))


def test_a_marker_in_text_is_refused(tmp_path):
    made = course(tmp_path, exercise="# %% [markdown]\n# ### BEGIN SOLUTION\n# 42\n# ### END SOLUTION\n")
    with pytest.raises(running.Refused, match="outside a code cell"):
        sources.structure(made["exercises"])


def test_editing_one_cell_leaves_the_ids_of_the_others(tmp_path):
    before = sources.structure(course(tmp_path)["notebooks"])
    after = sources.structure(course(tmp_path, lesson=LESSON.replace("1 / 2", "1 / 4"))["notebooks"])
    same = [old.id == new.id for old, new in zip(before.cells, after.cells, strict=True)]
    assert same == [True, False, True, True]
    assert len({cell.id for cell in before.cells}) == 4


def test_only_a_change_of_code_executes_again(tmp_path, monkeypatch):
    target = course(tmp_path)["notebooks"]
    derive.derive(target)
    runs = []
    monkeypatch.setattr(derive, "execute", lambda notebook, folder: runs.append(folder))
    course(tmp_path, lesson=LESSON.replace("# A lesson", "# The lesson, better put"))
    assert derive.derive(target) and not runs
    assert [cell.outputs[0].text for cell in running.code_cells(derive.read(target.path))] == [
        "0.50\n",
        "same\n",
        "same\n",
    ]
    course(tmp_path, lesson=LESSON.replace("1 / 2", "1 / 4"))
    assert derive.derive(target) and runs == [target.path.parent]


def test_what_its_author_has_downloaded_is_not_in_a_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    lesson = "# %%\nfrom course_lib.data.images import data_folder\n\nprint(data_folder().exists())\n"
    target = course(tmp_path, lesson=lesson)["notebooks"]
    derive.derive(target)
    assert running.code_cells(derive.read(target.path))[0].outputs[0].text == "False\n"


def test_check_names_each_kind_of_drift(tmp_path):
    made = course(tmp_path)
    lesson, blank = made["notebooks"], made["exercises"]

    def complaints():
        return [line for line in derive.out_of_date(tmp_path) if "solutions" not in line]

    assert complaints() == ["notebooks/01_small.ipynb is missing", "exercises/01_small.ipynb is missing"]
    derive.derive(blank)
    derive.derive(lesson, run=False)
    assert complaints() == ["notebooks/01_small.ipynb was not executed with the code now in its source"]
    derive.derive(lesson)
    assert complaints() == []
    lesson.path.write_text(lesson.path.read_text().replace("# A lesson", "# Edited in the wrong place"))
    assert complaints() == ["notebooks/01_small.ipynb differs from its source"]
    lesson.path.write_text("<<<<<<< a merge gone wrong")
    assert complaints() == ["notebooks/01_small.ipynb is missing"]
    derive.derive(lesson)
    (tmp_path / "notebooks" / "02_gone.ipynb").write_text("{}")
    assert [line.split(":")[0] for line in complaints()] == ["notebooks/02_gone.ipynb has no source"]


def test_a_cell_that_raises_is_named_and_leaves_the_file_alone(tmp_path):
    target = course(tmp_path)["notebooks"]
    derive.derive(target)
    before = target.path.read_bytes()
    course(tmp_path, lesson=LESSON.replace("1 / 2", "1 / 0"))
    with pytest.raises(running.CellFailed, match=r"cell 2 \(`half = 1 / 0`\) failed with ZeroDivisionError") as failed:
        derive.derive(target)
    assert (failed.value.index, failed.value.error) == (1, "ZeroDivisionError")
    assert target.path.read_bytes() == before


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("from pathlib import Path; print(Path.home() / 'data')", "true of this machine alone"),
        ("object()", "true of this machine alone"),
        ("print('word ' * 70_000)", r"over 300: 350 of it in cell 1 "),
    ],
)
def test_outputs_no_reader_should_get_are_refused(tmp_path, line, complaint):
    target = course(tmp_path, lesson=f"# %%\n{line}\n")["notebooks"]
    with pytest.raises(running.Refused, match=complaint):
        derive.derive(target)
    assert not target.path.exists()


def test_what_is_kept_of_the_outputs():
    bar = " 40%|####      | 4/10 [00:00<00:00, 9it/s]"
    buffer = io.BytesIO()
    Image.effect_noise((40, 40), 90).convert("RGB").save(buffer, "PNG")
    given = base64.b64encode(buffer.getvalue()).decode()
    picture = {"image/png": given, "text/plain": "Live(children=(...", running.WIDGET: {"model_id": "7"}}
    outputs = [
        new_output("stream", name="stdout", text="one\n"),
        new_output("stream", name="stderr", text="UserWarning: noise\n"),
        new_output("display_data", data={running.WIDGET: {"model_id": "5"}, "text/plain": bar}),
        new_output("display_data", data={"text/plain": bar}),
        new_output("stream", name="stdout", text=f"\r{bar}\r  \rtwo\nstep 1\rstep 2\r\n{bar}\n"),
        new_output("display_data", data=picture, metadata={running.WIDGET: {}, "image/png": {"width": 3}}),
        new_output("stream", name="stdout", text=f"\r{bar}\n"),
    ]
    kept = running.clean(outputs)
    assert [output.output_type for output in kept] == ["stream", "display_data"]
    assert kept[0].text == "one\ntwo\nstep 2\n"
    assert list(kept[1].data) == ["image/png"] and kept[1].metadata == {"image/png": {"width": 3}}
    smaller = Image.open(io.BytesIO(base64.b64decode(kept[1].data["image/png"])))
    assert smaller.size == (40, 40) and smaller.mode == "P" and len(kept[1].data["image/png"]) < len(given)
    assert running.clean(kept) == kept
    assert running.clean(kept) == kept
    assert running.WIDGET in picture, "the outputs given were changed"


def test_a_deck_keeps_what_its_slides_say(tmp_path):
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides" / "README.md").write_text("not a deck")
    (tmp_path / "slides" / "L1_game.md").write_text(
        '<!-- #region slideshow={"slide_type": "slide"} -->\n# The game\n<!-- #endregion -->\n\n'
        '```python slideshow={"slide_type": "fragment"} tags=["hide-input"]\nprint(1 + 1)\n```\n'
    )
    (target,) = sources.targets(tmp_path)
    derive.derive(target)
    text, demo = nbformat.read(tmp_path / "slides" / "L1_game.ipynb", as_version=4).cells
    assert (text.source, text.metadata.slideshow.slide_type) == ("# The game", "slide")
    assert (demo.source, demo.outputs[0].text) == ("print(1 + 1)", "2\n")
    assert demo.metadata == {"slideshow": {"slide_type": "fragment"}, "tags": ["hide-input"]}


TRANSLATED = """\
# %% [markdown] lang="en"
# # A lesson

# %% [markdown] lang="zh"
# # 一课

# %%
import random

print(random.random())
"""


def test_a_lesson_in_two_languages_has_one_code_and_one_execution(tmp_path):
    """The number is random, so that a second execution would show."""
    course(tmp_path, lesson=TRANSLATED)
    english, chinese, *_ = sources.targets(tmp_path)
    assert [target.path.stem for target in (english, chinese)] == ["01_small", "01_small_zh"]
    assert derive.derive(english) and derive.derive(chinese)
    one, other = (derive.read(target.path) for target in (english, chinese))
    assert (one.cells[0].source, other.cells[0].source) == ("# A lesson", "# 一课")
    assert one.cells[1:] == other.cells[1:] and one.cells[1].outputs
    assert [line for line in derive.out_of_date(tmp_path) if "01_small" in line and "notebooks" in line] == []
    assert not derive.derive(chinese, force=True)


@pytest.mark.parametrize(
    "lesson, complaint",
    [
        (TRANSLATED.replace('# %% [markdown] lang="zh"\n# # 一课\n\n', ""), "has no translation"),
        (TRANSLATED.replace('lang="zh"', 'lang="en"'), 'lang="zh" was expected'),
        (TRANSLATED + "\n# %% [markdown]\n# Both?\n", 'lang="en" was expected'),
    ],
)
def test_prose_in_one_language_alone_is_refused(tmp_path, lesson, complaint):
    course(tmp_path, lesson=lesson)
    with pytest.raises(running.Refused, match=complaint):
        sources.structure(sources.targets(tmp_path)[0])


# Folded answers and numbers from records ----------------------------------------------------------------------


def test_a_cell_that_answers_a_guess_is_folded_and_a_blank_one_is_not(tmp_path):
    tagged = LESSON.replace('["nbval-check-output"]', '["nbval-check-output", "hide-output"]')
    lesson = sources.structure(course(tmp_path, lesson=tagged)["notebooks"])
    folds = [cell.metadata.get("jupyter", {}).get("outputs_hidden", False) for cell in running.code_cells(lesson)]
    assert folds == [True, False, False]


RECORDS = [
    {"experiment": "a-game", "numbers": {"score_10k": 1.5}, "settings": {"steps": 10}},
    {"experiment": "a-game", "numbers": {"score_10k": 2.54}, "settings": {"steps": 20}},
    {"experiment": "a-game", "numbers": {"score_10k": 3.5}, "settings": {"steps": 10}},
]


@pytest.mark.parametrize(
    "prose, filled",
    [
        ("It is {{a-game:score_10k:.1f}}.", "It is 3.5."),
        ("It is {{a-game:score_10k:.1f|steps=20}}.", "It is 2.5."),
        ("$x^{{2}}$ and {{ }} stay.", "$x^{{2}}$ and {{ }} stay."),
    ],
)
def test_a_number_in_prose_is_the_newest_record_s(monkeypatch, prose, filled):
    monkeypatch.setattr(recorded_numbers, "_records", lambda: RECORDS)
    assert recorded_numbers.filled(prose, "here") == filled


@pytest.mark.parametrize(
    "prose", ["{{a-game:other:.1f}}", "{{another:score_10k:.1f}}", "{{a-game:score_10k:.1f|steps=3}}"]
)
def test_a_number_that_no_record_has_is_refused(monkeypatch, prose):
    monkeypatch.setattr(recorded_numbers, "_records", lambda: RECORDS)
    with pytest.raises(running.Refused, match="here: no record of"):
        recorded_numbers.filled(prose, "here")


@pytest.mark.parametrize("prose", ["{{a-game:score_10k:.1q}}", "{{a-game:score_10k:d}}"])
def test_a_format_that_python_does_not_know_is_refused(monkeypatch, prose):
    monkeypatch.setattr(recorded_numbers, "_records", lambda: RECORDS)
    with pytest.raises(running.Refused, match="here: "):
        recorded_numbers.filled(prose, "here")
