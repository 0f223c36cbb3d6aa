"""Tests of the template components of all pages."""

from pathlib import Path

import pytest

from bot.rendering.html.markup import make_environment, render_template

HOSTILE = "<i onclick='x'>\""


def render_macro(folder: Path, written: str) -> str:
    """Return the output of the components template for `written`."""
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
def test_text_is_escaped(tmp_path: Path, written: str) -> None:
    made = render_macro(tmp_path, written)
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
def test_empty_values_have_no_markup(tmp_path: Path, written: str, expected: str) -> None:
    made = render_macro(tmp_path, written)
    assert expected in made if expected else not made
    assert "disabled" not in made
