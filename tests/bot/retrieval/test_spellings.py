"""Tests that passages are found in whatever spelling the query and the passage have."""

from collections.abc import Iterator

import pytest

from bot.retrieval.retrieve import search
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index
from tests.ingest.small_corpus import make_corpus

GUIDE = """# 暮らしの手引き

## 転入と転出

引っ越しの届け出は14日以内に窓口で行います。

## 情報システム

住民記録のサーバーは庁舎の外に置いています。

## 支払い

手数料はキャッシュレスでも納められます。

## 分別

ごみは燃えるものと燃えないものに分けます。

## 改正

令和5年に条例を改めました。

2024年に規則を改めました。

令和6年10月に手数料を見直しました。

令和4年10月に窓口を移しました。

2022年11月に窓口の時間を変えました。

## 人数

講座には12,345人が参加しました。

講演には12,354人が参加しました。

祭りの見物は10,000人でした。

花火の見物は20,000人でした。

## 備え

ハザードマップは全戸に配っています。

ロードマップは毎年見直しています。

防災計画は3年ごとに見直します。

市の計画と市民の防災の話を広報に載せます。

## 施設の使用料

| 施設 | 午前 | 夜間 |
|---|---|---|
| 市民会館 | 1,200円 | 2,400円 |
| 中央公民館 | 800円 | 1,600円 |
| 体育館 | 3,000円 | 4,500円 |
"""
MOVING, SERVER, CASHLESS, WASTE = "引っ越しの届け出", "住民記録のサーバー", "キャッシュレスでも", "燃えるもの"
FOUND = [
    *((asked, MOVING) for asked in ("引越", "引越し", "引っ越し")),
    *((asked, SERVER) for asked in ("サーバ", "サーバー", "ｻｰﾊﾞｰ")),
    *((asked, CASHLESS) for asked in ("ｷｬｯｼｭﾚｽ", "キャッシュレス")),
    *((asked, WASTE) for asked in ("ごみ", "ゴミ", "ｺﾞﾐ")),
    *((asked, "条例を改めました") for asked in ("令和5年", "2023年", "R5年", "２０２３年", "令和五年")),
    *((asked, "規則を改めました") for asked in ("令和6年の規則", "2024年の規則", "R6の規則")),
    *((asked, "窓口を移しました") for asked in ("R4.10月", "2022-10", "2022年10月", "令和4年10月")),
    *((asked, "窓口の時間を変えました") for asked in ("令和4年11月", "R4.11")),
    *((asked, "12,345人") for asked in ("12345人", "12,345人", "１２３４５人", "1万2345人")),
    *((asked, "10,000人") for asked in ("一万人", "1万人", "10000人")),
    *((asked, "20,000人") for asked in ("二万人", "2万人")),
    *((asked, "防災計画は") for asked in ("防災計画", "防災の計画", "市の防災計画")),
    ("計画と防災の話", "計画と市民の防災の話"),
    *((asked, "市民会館") for asked in ("市民会館の夜間", "夜間の市民会館の使用料", "2,400円の施設")),
    *((asked, "中央公民館") for asked in ("午前が800円の施設", "中央公民館 午前")),
    *((asked, "体育館") for asked in ("体育館の夜間の使用料", "夜間 4,500円", "4500円")),
]
NEARLY = [
    *((asked, "ハザードマップ") for asked in ("ハザートマップ", "ハザーマップ", "ハザードマッブ")),
    ("引っ越す", MOVING),
]


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Encoder]]:
    """Yield an index of the guide, made as the product makes it, and its encoder."""
    folder = tmp_path_factory.mktemp("guide")
    settings = Settings(_env_file=None, data=folder / "data")
    build(settings, [make_corpus(folder / "corpus", guide=GUIDE)])
    with open_index(settings) as index:
        yield index, open_encoder(settings)


@pytest.mark.parametrize(("asked", "first"), FOUND)
def test_what_is_meant_comes_first(guide: tuple[Index, Encoder], asked: str, first: str) -> None:
    found = search(*guide, asked, 5)
    assert first in found[0].passage.text
    assert found[0].scores["words"] > 0


@pytest.mark.parametrize(("asked", "first"), NEARLY)
def test_an_unknown_word_finds_similar_words(guide: tuple[Index, Encoder], asked: str, first: str) -> None:
    assert first in search(*guide, asked, 5)[0].passage.text
