"""Tests that places and offices of the documents are not masked as names of persons."""

import pytest

from bot.privacy.personal import documented_places, mask_personal_data, without_placeholders
from ingest.build.build import index_documents
from ingest.documents import Document, ParsedDocument, Passage
from ingest.index.index import Index, open_index
from tests.ingest.small_corpus import LetterEncoder, make_settings

TEXTS = ("水島地区のごみは火曜日に集めます。", "玉野東小学校で投票できます。", "田中課長と柴山委員が説明しました。")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    settings = make_settings(tmp_path_factory.mktemp("places"))
    passages = tuple(Passage(f"notice-{n}", "notice", "text", (), text, (n + 1,)) for n, text in enumerate(TEXTS))
    index_documents(
        settings, [ParsedDocument(Document("notice", "お知らせ", "a.md"), passages)], encoder=LetterEncoder()
    )
    return open_index(settings)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("水島です。ごみの日は?", "水島です。ごみの日は?"),
        ("玉野ですが、投票所は?", "玉野ですが、投票所は?"),
        ("田中です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
        ("柴山と申します。ごみの日は?", "〔氏名〕と申します。ごみの日は?"),
        ("佐々木です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
        ("水島太郎です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
    ],
)
def test_a_place_of_the_documents_is_no_person(text: str, masked: str, index: Index) -> None:
    assert mask_personal_data(text, documented_places(text, index)) == masked


@pytest.mark.parametrize(
    ("masked", "searched"),
    [
        ("〔氏名〕ですが、ごみの日は?", "ごみの日は?"),
        ("〔氏名〕です。〔住所〕の収集の日は?", "収集の日は?"),
        ("〔健康の状態〕くて申請に行けないときは?", "申請に行けないときは?"),
        ("〔健康の状態〕で通院しています。教室はある?", "教室はある?"),
        ("〔氏名〕です", "〔氏名〕です"),
        ("ごみの日は?", "ごみの日は?"),
    ],
)
def test_a_follow_up_is_completed_without_placeholders(masked: str, searched: str) -> None:
    assert without_placeholders(masked) == searched
