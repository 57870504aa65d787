"""You are G, then you are D: what the page is told; its mathematics is tested in a browser, test_browser_widgets.py."""

import pytest

from course_lib.widgets import you_are_g


def test_the_page_is_told_eight_probabilities_unless_others_are_given():
    told = you_are_g().spec["p_data"]
    assert len(told) == 8 and min(told) > 0 and sum(told) == pytest.approx(1)
    assert you_are_g([0.25, 0.75]).spec == {"p_data": [0.25, 0.75]}


@pytest.mark.parametrize("p_data", [(1.0,), (0.5, 0.6), (0.0, 1.0), (1 / 13,) * 13, (0.5, 0.5, -0.1, 0.1)])
def test_what_is_no_distribution_is_refused_in_words(p_data):
    with pytest.raises(ValueError, match=r"p_data is \(.*Give two to twelve numbers above 0 whose sum is 1"):
        you_are_g(p_data)
