"""The components that all pages are made of, as a template finds them."""

from pathlib import Path

import pytest

from bot.rendering.html.markup import make_environment, render_template

HOSTILE = "<i onclick='x'>\""


def shown(folder: Path, written: str) -> str:
    """Return what a template of a page that has no parts of its own makes of `written`."""
    (folder / "parts.html").write_text("", "utf-8")
    (folder / "page.html").write_text(written, "utf-8")
    return render_template(make_environment(folder), "page.html", hostile=HOSTILE).strip()


@pytest.mark.parametrize(
    "written",
    [
        "{{ ui.note(hostile, hostile, id=hostile) }}",
        "{{ ui.outside('https://example.jp/' ~ hostile, hostile) }}",
        "{{ ui.items([hostile, [hostile, hostile]]) }}",
        "{% call(one) ui.table(hostile, [hostile], [hostile]) %}{{ ui.head(one) }}{{ ui.cells([one]) }}{% endcall %}",
        "{{ ui.field(hostile, hostile, hostile, data_told=hostile) }}{{ ui.hidden(**{hostile: hostile}) }}",
        "{{ ui.choice(hostile, hostile, [(hostile, hostile)], [hostile], hostile) }}",
        "{{ ui.search(hostile, hostile, hostile) }}",
    ],
)
def test_no_words_become_html(tmp_path: Path, written: str) -> None:
    """Documents, questions and names are data wherever they stand, in a list, an attribute or a cell."""
    made = shown(tmp_path, written)
    assert "&lt;i onclick" in made
    assert "<i " not in made


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{ ui.note('hint', 'a' if false) }}", ""),
        ("{{ ui.note('', ['a', none, ['b', 1]]) }}", "<p>ab1</p>"),
        ("{{ ui.tick('n', 'l', checked=true, disabled=false, data_key=none) }}", 'value="1" checked=""> l'),
        ("{{ ui.outside('javascript:alert(1)', 'a') }}", ""),
    ],
)
def test_what_there_is_not_is_not_written(tmp_path: Path, written: str, expected: str) -> None:
    """Nothing to say is no paragraph, an attribute that does not hold is none, and an address that runs is no link."""
    made = shown(tmp_path, written)
    assert expected in made if expected else not made
    assert "disabled" not in made
