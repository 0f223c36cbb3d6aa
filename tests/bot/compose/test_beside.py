"""Which sentence answers, and which beside it: what goes on in the next, what is laid down and what is only said."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.bot.asking import Ask
from tests.bot.town import asking_over

PLAN = """# 霞浜市生垣づくり助成のご案内

## 1 助成の内容

道路に面した生垣を新しくつくる市民に、苗木の購入費の3分の1、4万円を上限に助成します。苗木は、市内の造園業者から買ったものに限ります。申請は工事の前に行ってください。

## 2 植えた後の手入れ

街路樹の落ち葉は、落ち葉の会が11月から集めます。このうち、堆肥にしたものは昨年度18トンでした。
"""


MINUTES = """令和8年度第2回霞浜市緑のまちづくり会議 会議録

1 日時 令和8年9月3日

2 議題

(1) 生垣づくり助成の見直しについて

事務局(岸本係長) 生垣の助成の上限4万円は、来年度から6万円に上げたい。
安藤委員 生垣の助成の上限は、10万円でもよいと思う。
藤代会長 生垣の助成の上限を6万円とする事務局案に賛成の方。
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return a way to ask over the guide."""
    folder = tmp_path_factory.mktemp("hedges")
    (folder / "documents").mkdir()
    (folder / "documents" / "ikegaki.md").write_text(PLAN, "utf-8")
    (folder / "documents" / "kaigi.txt").write_text(MINUTES, "utf-8")
    with asking_over(folder / "documents", folder / "data", date(2026, 11, 20)) as ask:
        yield ask


def test_the_condition_is_told_with_what_it_is_a_condition_of(ask: Ask) -> None:
    """What is paid stands in one sentence, where the seedlings must come from in the next: both are told and marked."""
    said = ask("苗木の購入費の助成は造園業者から買わないといけませんか").answer
    assert "4万円を上限に助成します[1]。苗木は、市内の造園業者から買ったものに限ります[1]。" in said


def test_a_sentence_that_points_back_is_about_what_went_before(ask: Ask) -> None:
    """このうち…は is held against the words of the sentence that it goes on from."""
    assert "18トン" in ask("集めた落ち葉のうち堆肥にしたのは何トンですか").answer


def test_what_a_document_lays_down_comes_before_what_was_said_of_it(ask: Ask) -> None:
    """The ceiling is the guide's, not the one that a meeting speaks of, wishes for or votes on."""
    said = ask("生垣の助成の上限はいくらですか")
    assert "4万円を上限に助成します" in said.answer
    assert [citation.title for citation in said.citations] == ["霞浜市生垣づくり助成のご案内"]
