"""The ten-minute report, dry-run on the CPU: its checks can fail, its time ends, its folder can be sent and taken up."""

import json

import pytest
import torch

from course_lib.gpu_report import __main__ as main
from course_lib.gpu_report import experiments, parity, table
from course_lib.gpu_report.log import Log
from course_lib.missing import NotInstalled
from course_lib.training.plan import Training
from course_lib.training.run import train

CPU = torch.device("cpu")
CHECKS = dict(parity.checks())


@pytest.mark.parametrize("name", [name for name in CHECKS if not name.startswith("reproduce") and "tags" not in name])
def test_the_checks_hold_on_the_cpu(name, tmp_path):
    assert CHECKS[name](CPU, tmp_path) is None


def test_every_experiment_is_checked_in_every_way():
    words = " ".join(CHECKS)
    for name in parity.ALONE:
        assert f"values and gradients of {name}" in words and f"{name} captured" in words
    assert all(f"reproduce {name}" in words for name in parity.REPRODUCED)


def test_another_value_or_gradient_is_found(monkeypatch, tmp_path):
    usual = parity._looked_at

    def a_little_off(name, device):
        found = usual(name, device)
        a_little_off.calls += 1
        if a_little_off.calls == 2:
            key = next(key for key in found if "G's gradient" in key)
            found[key] = found[key] + 0.01 * found[key].abs().max()
        return found

    a_little_off.calls = 0
    monkeypatch.setattr(parity, "_looked_at", a_little_off)
    with pytest.raises(AssertionError, match="G's gradient by .* differs by"):
        parity.values_and_gradients("gan-mnist", CPU, tmp_path)


def test_a_step_that_is_played_otherwise_is_found(monkeypatch, tmp_path):
    def unlike(name, plan, settings, training):
        def other_chance(settings, device):
            made = plan(settings, device)
            torch.manual_seed(99)
            return made

        return train(name, plan if training.captured else other_chance, settings, training)

    monkeypatch.setattr(parity, "train", unlike)
    with pytest.raises(AssertionError, match="played: .* tensors differ"):
        parity.captured_and_resumed("gan-mnist", CPU, tmp_path)


class Clock(Log):
    """Each look at the clock takes six seconds."""

    seconds = 0

    def clock(self):
        self.seconds += 6
        return self.seconds


def test_a_check_that_fails_does_not_stop_the_others_and_time_ends_them(monkeypatch, tmp_path):
    def fails(device, folder):
        raise RuntimeError("the kernel is not there")

    def lacks(device, folder):
        raise NotInstalled("gensim", "This")

    many = [
        ("first", lambda *_: None),
        ("bad", fails),
        ("lacks", lacks),
        *[(f"more {n}", lambda *_: None) for n in range(20)],
    ]
    monkeypatch.setattr(main, "checks", lambda: iter(many))
    main.check_correctness(Clock(tmp_path, 9), CPU, 1.0)
    text = (tmp_path / "send" / "log.txt").read_text()
    assert "OK       first" in text and "FAILED   bad" in text and "RuntimeError: the kernel is not there" in text
    assert "left out lacks" in text and "needs the package gensim" in text
    assert "OK       more 0" in text and "1 FAILED" in text and "0 left out" not in text


def test_a_row_that_fails_does_not_stop_the_table(monkeypatch, tmp_path):
    def fails():
        raise RuntimeError("out of registers")

    monkeypatch.setattr(
        table, "rows", lambda where: [("plain loop", lambda: 8.0), ("DCGAN, x", fails), ("DCGAN, y", lambda: 2.0)]
    )
    monkeypatch.setattr(table, "where_the_time_goes", lambda *_: None)
    table.measure_speed(Log(tmp_path, 9), CPU, 1.0)
    text = (tmp_path / "send" / "log.txt").read_text()
    assert "FAILED DCGAN, x: RuntimeError: out of registers" in text and "4.00x" in text


def test_the_rows_are_timed():
    rows = dict(table.rows(CPU))
    assert {"plain loop", "DCGAN, ours, captured, bfloat16", "40 semi-mnist side by side, tf32"} <= set(rows)
    assert rows["plain loop"]() > 0 and rows["semi-mnist, captured, tf32"]() > 0


def test_experiments_leave_records_and_are_not_made_twice(monkeypatch, tmp_path):
    monkeypatch.setattr(experiments, "PIECES", experiments.PIECES[1:2])
    for _ in range(2):
        log = Log(tmp_path, 9)
        experiments.run_experiments(log, CPU)
        log.pack()
    lines = [json.loads(line) for line in (tmp_path / "send" / "ledger.jsonl").read_text().splitlines()]
    assert [line["experiment"] for line in lines] == ["gan-mnist-parzen"] and lines[0]["numbers"]
    assert "is recorded already" in (tmp_path / "send" / "log.txt").read_text()
    sent = [file for file in (tmp_path / "send").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in sent) < 16 * 2**20
    assert any(file.suffix == ".png" for file in sent) and not any(file.suffix == ".pt" for file in sent)


def test_an_experiment_that_has_no_time_is_ended_and_taken_up_again(monkeypatch, tmp_path):
    """A thousandth of a minute each time: some steps and a checkpoint, until it has come to its end."""
    how = Training(tmp_path / "run", accelerator="cpu", minutes=1e-5, log_every=2, save_every=99)
    module = experiments.REPRODUCED["gan-mnist-parzen"]
    log = Log(tmp_path, 9)
    for _ in range(3):
        experiments._ended(log, "gan-mnist-parzen", module, lambda: module.reproduce(module.QUICK, how), module.QUICK)
    text = (tmp_path / "send" / "log.txt").read_text()
    assert "minutes are over at step 2 of 4" in text and "parzen_ll_100" in text


def test_more_is_not_sent_than_fits(monkeypatch, tmp_path):
    monkeypatch.setattr("course_lib.gpu_report.log.MOST", 2**16 + 3_000)
    log = Log(tmp_path, 9)
    for number in range(5):
        grid = log.runs / str(number) / "grid.png"
        grid.parent.mkdir(parents=True)
        grid.write_bytes(bytes(1_000))
    log.pack()
    assert len(list(log.send.rglob("*.png"))) == 3


def test_what_cannot_be_asked_for_is_refused():
    with pytest.raises(SystemExit, match="minutes is 0"):
        main.report(minutes=0)
    if not torch.cuda.is_available():
        with pytest.raises(SystemExit, match="There is no CUDA GPU here"):
            main.report(accelerator="cuda")
