"""A page that runs by itself: whole, asking for nothing, small enough to be stored in a notebook."""

import base64
import gzip
import re
from html.parser import HTMLParser

import pytest

from course_lib import widgets
from course_lib.widgets import Standing

GAMES = {"you against D": widgets.you_against_d, "you are G": widgets.you_are_g}


class Frames(HTMLParser):
    """The attributes of every tag, by tag."""

    def __init__(self, text):
        super().__init__()
        self.tags = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.setdefault(tag, []).append(dict(attributes))


@pytest.mark.parametrize("name", GAMES)
def test_a_game_asks_for_no_other_file_and_is_small(name):
    game = GAMES[name]()
    page = game.page()
    assert len(game._repr_html_().encode()) < 200_000
    outside = re.findall(r"""(?:src|href)=["'](?!data:)[^"']*|import\s|fetch\(|https?://\S+""", page)
    assert [found for found in outside if "www.w3.org" not in found] == []
    assert list(Frames(page).tags) == ["html", "head", "meta", "title", "link", "body", "div", "script"]


@pytest.mark.parametrize("name", GAMES)
def test_the_frame_holds_the_page_packed_and_words_for_who_cannot_see_it(name):
    game = GAMES[name]()
    [frame] = Frames(game._repr_html_()).tags["iframe"]
    packed = re.search(r'atob\("([^"]+)"\)', frame["srcdoc"])[1]
    assert gzip.decompress(base64.b64decode(packed)).decode() == game.page()
    assert game._repr_html_() == game._repr_html_()  # derived notebooks are compared byte by byte
    assert frame["title"] == game.title
    assert game._repr_html_().endswith(f"{game.title}: run this cell to play.</iframe>")


def test_data_cannot_end_the_script_and_titles_are_text():
    page = Standing("roles", {"p_data": ["</script><b>"]}, title="<i> & co").page()
    assert page.count("</script>") == 1 and "<b>" not in Frames(page).tags
    assert "<title>&lt;i&gt; &amp; co</title>" in page


def test_it_is_saved_as_a_file(tmp_path):
    game = widgets.you_are_g()
    assert game.save(tmp_path / "game.html").read_text(encoding="utf-8") == game.page()
