"""The ledger: one line for each finished experiment, beside the paper's number."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch

from course_lib.training import ledger, provenance
from course_lib.training.ledger import Outcome, record


@dataclass(frozen=True)
class Settings:
    """Of an experiment."""

    steps: int = 3
    units: tuple[int, ...] = (4, 5)
    seed: int = 7


def outcome(**numbers):
    """What an experiment found in two minutes on the CPU."""
    return Outcome(numbers or {"errors": 93.0}, 120.04, torch.device("cpu"), "embedded digits")


def test_a_record_says_where_its_numbers_came_from(tmp_path):
    line = record("semi", outcome(), settings=Settings(), paper={"errors": "93 ± 6.5"}, folder=tmp_path)
    (kept,) = ledger.lines(tmp_path)
    assert kept == line
    assert kept["numbers"] == {"errors": 93.0} and kept["paper"] == {"errors": "93 ± 6.5"}
    assert kept["settings"] == {"steps": 3, "units": [4, 5], "seed": 7} and kept["seed"] == 7
    assert kept["seconds"] == 120.0 and kept["note"] == "embedded digits"
    assert kept["device"].startswith("CPU") and kept["versions"]["torch"] == torch.__version__.partition("+")[0]
    assert kept["commit"] == provenance.commit()


def test_records_are_added_and_none_is_lost(tmp_path):
    for errors in (1.0, 2.0, 3.0):
        record("semi", outcome(errors=errors), settings=Settings(), paper={}, folder=tmp_path)
    assert [line["numbers"]["errors"] for line in ledger.lines(tmp_path)] == [1.0, 2.0, 3.0]
    text = (tmp_path / "ledger.jsonl").read_text()
    assert all(json.loads(line) for line in text.splitlines())


def test_the_table_sets_our_number_beside_the_papers(tmp_path):
    record("semi", outcome(errors=95.0, speed=1.5), settings=Settings(), paper={"errors": "93 ± 6.5"}, folder=tmp_path)
    table = (tmp_path / "README.md").read_text()
    assert "| `semi` | errors | 93 ± 6.5 | 95 | 7 | 2 min |" in table
    assert "| `semi` | speed |  | 1.5 |" in table


def test_a_damaged_ledger_is_not_overwritten(tmp_path):
    record("semi", outcome(), settings=Settings(), paper={}, folder=tmp_path)
    file = tmp_path / "ledger.jsonl"
    for harm in ('{"experiment": "half a li', "[]", '{"experiment": "semi"}', '"numbers"'):
        harmed = file.read_text().splitlines()[0] + "\n" + harm
        file.write_text(harmed)
        with pytest.raises(ValueError, match="ledger.jsonl is damaged: its line 2 is no record"):
            record("semi", outcome(), settings=Settings(), paper={}, folder=tmp_path)
        assert file.read_text() == harmed and not list(tmp_path.glob(".*"))


def test_two_that_end_at_once_both_have_their_line(tmp_path, monkeypatch):
    """Each reads the ledger and writes it anew: in between, the other has to wait."""
    read = ledger.lines

    def slow(folder):
        found = read(folder)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(ledger, "lines", slow)
    provenance.device_in_words(torch.device("cpu"))
    with ThreadPoolExecutor(4) as pool:
        for n in range(4):
            pool.submit(record, "semi", outcome(errors=float(n)), settings=Settings(), paper={}, folder=tmp_path)
    assert sorted(line["numbers"]["errors"] for line in read(tmp_path)) == [0.0, 1.0, 2.0, 3.0]


def test_the_committed_table_is_made_from_the_committed_ledger():
    """`gan-course results` writes it."""
    readme = ledger.FOLDER / "README.md"
    assert readme.read_text(encoding="utf-8") == ledger.table(ledger.lines())


def test_outside_of_a_checkout_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    assert provenance.commit() is None
