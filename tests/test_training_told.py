"""settings.json: what the run was told, or a sentence."""

import json

import pytest

from course_lib.training import told

TOLD = {
    "experiment": "test",
    "settings": {"steps": 8, "seed": 0},
    "training": {"devices": 2, "nodes": 1, "processes": 2, "precision": "float32", "other_devices": True},
}


@pytest.fixture
def file(tmp_path):
    """Such a file."""
    told.write(tmp_path / "settings.json", TOLD)
    return tmp_path / "settings.json"


def test_what_is_written_comes_back_but_leave_was_given_once(file):
    back = told.read(file.parent)
    assert {name: back[name] for name in ("experiment", "settings")} == {
        name: TOLD[name] for name in ("experiment", "settings")
    }
    assert back["training"] == TOLD["training"] | {"other_devices": False}
    told.write(file, back)
    assert told.read(file.parent) == back


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[:40],
        lambda text: "",
        lambda text: "[]",
        lambda text: "7",
        lambda text: "{}",
        lambda text: text.replace('"seed": 0', '"seed": 1'),
        lambda text: json.dumps(json.loads(text) | {"settings": 3}),
        lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "checksum"}),
    ],
)
def test_what_was_harmed_is_refused_with_the_remedy(file, harm):
    file.write_text(harm(file.read_text()))
    with pytest.raises(
        ValueError, match="settings.json is damaged, or was edited: .* delete it and repeat the command"
    ):
        told.read(file.parent)


def test_bytes_that_are_no_text_are_refused(file):
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="settings.json is damaged"):
        told.read(file.parent)


@pytest.mark.parametrize("asked", [True, False])
def test_devices_may_differ_where_that_is_asked_for_and_nothing_else(asked):
    training = {"devices": 1, "processes": 1, "precision": "bfloat16", "other_devices": asked}
    now = TOLD | {"training": TOLD["training"] | training}
    of_devices = ["devices is 2 there and 1 here", "processes is 2 there and 1 here"]
    expected = {"precision is float32 there and bfloat16 here", *([] if asked else of_devices)}
    assert set(told.differences(TOLD, now)) == expected
    assert told.devices_differ(TOLD, now) and not told.devices_differ(TOLD, TOLD)
