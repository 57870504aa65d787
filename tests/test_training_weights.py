"""Files of weights: what is not what was written, to the last bit, is refused by name."""

import pytest
import safetensors.torch
import torch

from course_lib.training.weights import Damaged, Weights, load_weights, save_weights

WEIGHTS = Weights({"generator.a": torch.arange(6.0), "discriminator.b": torch.ones(2, 2)}, 30, {"distance": 0.1})


@pytest.fixture
def file(tmp_path):
    """Such a file."""
    save_weights(tmp_path / "best.safetensors", WEIGHTS)
    return tmp_path / "best.safetensors"


def test_what_is_saved_comes_back(file):
    back = load_weights(file)
    assert (back.step, back.measures) == (30, {"distance": 0.1})
    assert back.tensors.keys() == WEIGHTS.tensors.keys()
    assert all(torch.equal(back.tensors[name], WEIGHTS.tensors[name]) for name in back.tensors)
    assert list(back.of("generator")) == ["a"]


def test_other_programs_read_it(file):
    assert torch.equal(safetensors.torch.load_file(file)["generator.a"], torch.arange(6.0))


def test_the_same_weights_give_the_same_bytes(file, tmp_path):
    save_weights(tmp_path / "again.safetensors", WEIGHTS)
    assert (tmp_path / "again.safetensors").read_bytes() == file.read_bytes()


def test_any_altered_byte_is_found(file):
    """One after the other: in the length, the names, the step, the checksum, the numbers."""
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged, match="best.safetensors is damaged: its contents do not match the checksum"):
            load_weights(file)


@pytest.mark.parametrize(
    "harm", [lambda whole: whole[:-1], lambda whole: whole[:50], lambda whole: b"", lambda whole: whole + b"\0"]
)
def test_a_truncated_or_longer_one_is_found(file, harm):
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(Damaged, match="best.safetensors"):
        load_weights(file)


def test_one_without_a_checksum_is_not_believed(file):
    safetensors.torch.save_file(WEIGHTS.tensors, file, {"run": '{"step": 30, "measures": {}}'})
    with pytest.raises(Damaged):
        load_weights(file)
