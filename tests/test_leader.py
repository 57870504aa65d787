"""Of several processes one speaks, and what it refuses all refuse."""

from typing import ClassVar

import pytest

from course_lib.leader import NUMBERS, as_one, leads, leads_here


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No launcher has set anything."""
    for name in (*NUMBERS, "SLURM_LOCALID"):
        monkeypatch.delenv(name, raising=False)


def test_a_process_alone_leads():
    assert leads() and leads_here()


@pytest.mark.parametrize("name, here", [("RANK", True), ("LOCAL_RANK", False), ("NODE_RANK", True)])
def test_the_first_of_several_leads(monkeypatch, name, here):
    monkeypatch.setenv(name, "0")
    assert leads() and leads_here()
    monkeypatch.setenv(name, "1")
    assert not leads() and leads_here() == here


class Fabric:
    """Stands for two processes, whose leader sends what it has to the other."""

    sent: ClassVar[list] = []

    def __init__(self, is_global_zero):
        self.is_global_zero = is_global_zero

    def broadcast(self, value):
        if self.is_global_zero:
            self.sent.append(value)
        return self.sent[-1]


def test_the_leader_alone_works_and_all_know():
    called = []
    work = lambda: called.append(1) or "found"
    assert [as_one(Fabric(leader), work) for leader in (True, False)] == ["found", "found"] and len(called) == 1


@pytest.mark.parametrize("error", [ValueError("no"), FileNotFoundError("not there")])
def test_what_the_leader_refuses_all_refuse(error):
    def work():
        raise error

    for leader in (True, False):
        with pytest.raises(type(error), match=str(error)):
            as_one(Fabric(leader), work)
