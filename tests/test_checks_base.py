"""What all checks are made of: what counts as blank, what counts as numbers, and the words for a wrong value."""

import numpy as np
import pytest
import torch

from course_lib.checks import NotYet
from course_lib.checks.base import BLANK, as_tensor, check, close, compare, guarded, two_numbers


@check
def asks(answer):
    """Asks, and is content with anything."""
    answer()


def raising(error):
    def answer():
        raise error

    return answer


@pytest.mark.parametrize("left", [NotImplementedError(), NotImplementedError(BLANK)])
def test_a_blank_is_told_to_be_one(left):
    with pytest.raises(NotYet, match="still blank"):
        asks(raising(left))


@pytest.mark.parametrize("lacking", [lambda: torch.arange(3).mean(), lambda: torch.arange(3).softmax(0)])
def test_an_operation_that_pytorch_lacks_for_a_type_is_no_blank(lacking):
    with pytest.raises(Exception, match="ong|floating point") as error:
        asks(lacking)
    assert not isinstance(error.value, NotYet)


def test_the_blanks_of_the_exercises_raise_what_checks_wait_for():
    import sources

    assert sources.BLANK == f'raise NotImplementedError("{BLANK}")'


@pytest.mark.parametrize(
    "numbers", [[1, 2, 3], (1.0, 2.0, 3.0), np.array([3, 2, 1])[::-1], torch.tensor([1, 2, 3]), torch.arange(1.0, 4)]
)
def test_numbers_come_in_many_forms(numbers):
    assert torch.equal(as_tensor(numbers), torch.tensor([1.0, 2, 3], dtype=torch.float64))


@pytest.mark.parametrize("thing", ["a word", {"a": 1}, object(), [1, "two"]])
def test_what_is_no_number_is_named(thing):
    with pytest.raises(NotYet, match=f"it returned a {type(thing).__name__}"):
        as_tensor(thing)


@pytest.mark.parametrize("pair", [(1, 2), [1.0, 2.0], np.array([1, 2]), torch.tensor([1, 2])])
def test_two_numbers_come_in_many_forms(pair):
    first, second = two_numbers(pair, "two are wanted")
    assert (first.item(), second.item()) == (1, 2)


@pytest.mark.parametrize("thing", [1.0, (1, 2, 3), torch.tensor(1.0)])
def test_not_two_numbers_is_told_what_is_wanted(thing):
    with pytest.raises(NotYet, match="two are wanted"):
        two_numbers(thing, "two are wanted")


def double_in_place(x):
    x *= 2
    return x


GIVEN = {
    "tensor": (lambda: torch.tensor([1.0, float("nan")]), double_in_place),
    "tensor of another size": (lambda: torch.ones(2), lambda x: x.resize_(3)),
    "array": (lambda: np.array([1.0, np.nan]), double_in_place),
    "whole numbers": (lambda: np.array([1, 2]), double_in_place),
    "list": (lambda: ["a", "b"], lambda x: x.append("c")),
    "dictionary": (lambda: {"a": 1, "b": None}, lambda x: x.pop("a")),
    "set": (lambda: {1, 2}, lambda x: x.discard(1)),
    "list of tensors": (lambda: [torch.ones(2)], lambda x: x[0].add_(1)),
    "list with functions": (lambda: [(0.5, abs), (0.5, len)], lambda x: x.reverse() or x.pop()),
}


@pytest.mark.parametrize("make, spoil", GIVEN.values(), ids=GIVEN)
def test_what_was_given_is_not_to_be_changed_and_is_put_back(make, spoil):
    thing = make()
    with pytest.raises(NotYet, match="changed what it was given"):
        guarded(spoil)(thing)
    assert repr(thing) == repr(make())
    assert guarded(repr)(thing) == repr(make())


def test_it_is_put_back_where_the_answer_fails_too():
    x = torch.ones(2)

    def spoil_and_fail(x):
        x += 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(spoil_and_fail)(x)
    assert x.tolist() == [1, 1]


def test_gradients_that_are_switched_off_for_good_are_switched_on_again_and_told():
    with pytest.raises(NotYet, match="switches gradients off"):
        guarded(lambda: torch.set_grad_enabled(False))()
    assert torch.is_grad_enabled()


def test_a_network_may_be_trained():
    network = torch.nn.Linear(2, 2)
    guarded(lambda network: torch.nn.init.zeros_(network.weight))(network)
    assert network.weight.abs().max() == 0


def test_a_wrong_value_gets_the_words_of_its_mistake_and_digits_that_differ():
    right, mistakes = (
        torch.tensor(2.0),
        {"Halved.": torch.tensor(1.0), "Scaled.": (torch.tensor(4.0), torch.tensor(8.0))},
    )
    compare(torch.tensor(2.0), right, mistakes)
    for value, says in ((1.0, "Here expected 2, got 1. Halved."), (8.0, "Scaled."), (3.0, "got 3. Look again.")):
        with pytest.raises(NotYet) as told:
            compare(torch.tensor(value), right, mistakes, "Here", "Look again.")
        assert says in str(told.value)
    with pytest.raises(NotYet, match="expected 1, got 1.00000001"):
        compare(as_tensor(1.00000001), as_tensor(1.0), {}, tolerance=1e-9)


def test_close_compares_shapes_too():
    assert close(1.0, 1.00001) and not close(1.0, 1.001) and not close([1.0], 1.0)
