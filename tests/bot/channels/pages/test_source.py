from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.languages import LANGUAGES, Language, format_date
from bot.answering.state import Citation
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.html.markup import highlight_quote, make_environment
from bot.running.service.document_state import DocumentState
from tests.bot.fixed_service import DOCUMENT

CITATION = Citation(
    n=1,
    passage_id="plan-2#3",
    doc_id="plan-2",
    title="計画2.0",
    section="1.3. 期間",
    page=4,
    quote="令和8年度",
    period=(date(2026, 4, 1), date(2030, 3, 31)),
    in_force=True,
)


@given(before=st.text(), quote=st.text(min_size=1), behind=st.text())
def test_a_passage_is_split_at_the_quote_without_loss(before: str, quote: str, behind: str) -> None:
    cut = highlight_quote(before + quote + behind, quote)
    assert "".join(stretch.text for stretch in cut) == before + quote + behind
    assert [stretch.text for stretch in cut if stretch.is_marked] == [quote]


@pytest.mark.parametrize(
    ("published", "language", "said"),
    [
        ("2026", "ja", "2026年"),
        ("2026-01", "ja", "2026年1月"),
        ("2026-01-05", "easy", "2026年1月5日"),
        ("2026", "en", "2026"),
        ("2026-01", "en", "January 2026"),
        ("2026-01-05", "en", "5 January 2026"),
        ("2026-01-05", "zh", "2026年1月5日"),
        ("2026-01-05", "vi", "ngày 5 tháng 1 năm 2026"),
        ("2026-01", "pt", "janeiro de 2026"),
    ],
)
def test_a_publication_date_keeps_its_precision(published: str, language: Language, said: str) -> None:
    assert format_date(published, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_shows_location_and_validity(tmp_path: Path, language: Language) -> None:
    preferences = DisplayPreferences(language)
    words = preferences.words
    source = make_environment(tmp_path).from_string(
        "{% import 'components.html' as ui with context %}"
        "{{ ui.passage('期間は令和8年度から', c.quote) }}{{ ui.facts(c, state, None) }}"
    )
    shown = source.render(c=CITATION, state=DocumentState(DOCUMENT, in_force=True), w=words, preferences=preferences)
    assert "期間は<mark>令和8年度</mark>から" in shown
    assert "1.3. 期間" not in shown
    for word in (
        words["page"].format(number=4),
        words["current"],
        format_date("2026-01", language),
        "2030",
    ):
        assert word in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_links_to_its_file_and_page_image(tmp_path: Path, language: Language) -> None:
    preferences = DisplayPreferences(language)
    words = preferences.words
    source = make_environment(tmp_path).from_string(
        "{% import 'components.html' as ui with context %}{{ ui.source(c, state, None) }}"
    )
    paper = replace(DOCUMENT, file="plan.pdf")
    shown = source.render(c=CITATION, state=DocumentState(paper, has_file=True), w=words, preferences=preferences)
    assert 'href="/api/documents/plan-2/file#page=4"' in shown
    assert '<img src="/api/documents/plan-2/pages/4.png?passage=plan-2%233" loading="lazy"' in shown
    assert words["page_alt"].format(title="計画2.0", number=4) in shown
    assert words["read_by_ocr"] not in shown
    read = CITATION.model_copy(update={"read_by_ocr": True})
    for state in (DocumentState(paper), None):
        shown = source.render(c=read, state=state, w=words, preferences=preferences)
        assert "/api/documents" not in shown
        assert words["read_by_ocr"] in shown
