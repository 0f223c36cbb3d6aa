"""Tests of sections of whole documents: minutes and slides of usual forms."""

from ingest.blocks import find_blocks
from ingest.documents import Line
from ingest.passages import split

COUNCIL = """かすみ町公民館運営審議会 会議録

日時：令和7年6月3日（火）午後1時30分～3時
場所：中央公民館 研修室2
出席者：矢代委員長、根本委員、堀内委員ほか5人

議題1　令和6年度の利用状況について
(1) 利用者数について
○議長　事務局の説明を求めます。
○事務局（小宮主査）　利用者数は31,200人で、前年度より2,100人増えました。
講座の回数を増やしたことによります。
○根本委員　夜間の利用はどうですか。
○事務局（小宮主査）　夜間は4,050人です。
(2) 利用料について
○事務局（小宮主査）　収入は182万円です。
○議長　質問はありますか。
（質問なし）

議題2　空調設備の改修について
○事務局（小宮主査）　令和8年1月から2月まで大ホールを閉めます。

議題3　その他
○議長　次回は11月に開きます。
"""

HEARING = """１．開会
進行：村瀬係長

２．協議事項
（１）バスの減便について
会長：経緯を説明してください。
事務局：運転手が4人減ったため、平日の便を18便から14便に減らします。
戸田委員：通学に使う便は残りますか。
事務局：朝の2便は残します。

（２）停留所の新設について
事務局：北口に1か所を設けます。

３．質疑応答
Q 回数券は使えますか。
A 令和8年3月まで使えます。

４．閉会
"""


def sections(text: str) -> dict[str, str]:
    lines = [Line(n, raw) for n, raw in enumerate(text.split("\n"), 1)]
    found: dict[str, str] = {}
    for passage in split("paper", "文書", find_blocks(lines))[0]:
        found[passage.section] = f"{found.get(passage.section, '')}{passage.text}\n"
    return found


def test_agenda_items_are_the_sections_of_minutes() -> None:
    found = sections(COUNCIL)
    assert list(found) == [
        "かすみ町公民館運営審議会 会議録",
        "(1) 利用者数について",
        "(2) 利用料について",
        "議題2　空調設備の改修について",
        "議題3　その他",
    ]
    assert found["(1) 利用者数について"].endswith("○事務局（小宮主査）　夜間は4,050人です。\n")
    assert found["(2) 利用料について"].endswith("（質問なし）\n")


def test_speakers_before_a_colon_are_not_headings() -> None:
    found = sections(HEARING)
    assert list(found) == [
        "１．開会",
        "（１）バスの減便について",
        "（２）停留所の新設について",
        "Q 回数券は使えますか。",
    ]
    assert found["（１）バスの減便について"].count("\n") == 4
    assert found["Q 回数券は使えますか。"] == "A 令和8年3月まで使えます。\n"
