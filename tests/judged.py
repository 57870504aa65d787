"""The tests that every lesson's checks share, made from the lesson's own tables of right and wrong answers.

A lesson's test file says `TestAnswers = judge_answers(ALL, RIGHT, WRONG)`, and pytest collects the class.
"""

import pytest
import torch

from course_lib.checks import NotYet


def blank(*_):
    raise NotImplementedError("your answer here")


def praise(check, answer, capsys) -> str:
    """What the check prints for an answer that passes: one line, and the same when it is asked again."""
    check(answer)
    said = capsys.readouterr().out
    check(answer)
    assert said == capsys.readouterr().out and said.count("\n") == 1
    return said


def name_of(case) -> str | None:
    """A check, an answer or words in the name of a test; what has no name is left to pytest."""
    return getattr(case, "__name__", None) if callable(case) else str(case)[:30]


def judge_answers(checks, right, wrong) -> type:
    """A class of tests: right answers pass, wrong ones are told their mistake, and the seed plays no part.

    checks: all of them. right: pairs (check, answer). wrong: triples (check, answer, words of the message, a regex).
    """

    class Tests:
        @pytest.mark.parametrize("check, answer", right, ids=name_of)
        def test_a_right_answer_passes_and_says_so_in_one_line(self, check, answer, capsys):
            assert praise(check, answer, capsys).startswith("Right: ")

        @pytest.mark.parametrize("check, answer, words", wrong, ids=name_of)
        def test_a_wrong_answer_is_told_its_mistake(self, check, answer, words):
            with pytest.raises(NotYet, match=words):
                check(answer)

        @pytest.mark.parametrize("check", checks, ids=name_of)
        def test_no_check_depends_on_the_seed_or_moves_it(self, check, capsys):
            answer = next(answer for kind, answer in right if kind is check)
            state = torch.get_rng_state()
            check(answer)
            assert torch.equal(state, torch.get_rng_state())
            torch.manual_seed(123)
            check(answer)
            assert capsys.readouterr().out.count("Right") == 2

    return Tests


def judge_manners(checks) -> type:
    """A class of tests: every check says kindly what is no answer yet, and lets an error in the answer through."""

    class Tests:
        @pytest.mark.parametrize("check", checks, ids=name_of)
        @pytest.mark.parametrize(
            "answer, words",
            [
                (blank, "still blank"),
                (0.5, "takes your function itself"),
                (lambda *_: None, "(nothing|None).*Is there a `return`"),
            ],
            ids=["blank", "no function", "nothing returned"],
        )
        def test_blank_no_function_and_nothing_returned(self, check, answer, words):
            with pytest.raises(NotYet, match=words):
                check(answer)

        @pytest.mark.parametrize("check", checks, ids=name_of)
        def test_an_error_of_the_student_passes_through(self, check):
            with pytest.raises(ZeroDivisionError):
                check(lambda *_: 1 / 0)

    return Tests
