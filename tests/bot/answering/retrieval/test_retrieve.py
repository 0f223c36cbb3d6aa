from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answering.pipeline import OpenedIndex, Pipeline, open_pipeline
from bot.answering.retrieval.retrieve import search
from bot.answering.state import Question, Turn, paragraph, service_message
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index
from tests.bot.answer_assertions import TODAY
from tests.bot.answering.retrieval.passages import built

pytest_plugins = ["tests.bot.city_index"]


def retrieved(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    return pipeline.answer(Turn(Question(question=text), as_of))[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("植樹の本数", "指標: 植樹の本数"),
        ("カーボンニュートラルとは", "温室効果ガス"),
        ("本を積んで学校を回る車", "移動図書車は"),
        ("太陽光パネル 補助", "8万円を補助"),
        ("ソーラーパネルへの助成金", "8万円を補助"),
        ("バスの図書館", "移動図書車は"),
    ],
)
def test_a_passage_is_found_by_words_or_by_meaning(city: OpenedIndex, text: str, words: str) -> None:
    found = search(city.index, city.encoder, text, 3)
    assert any(words in hit.passage.text for hit in found)


def test_passages_without_evidence_are_no_hits(city: OpenedIndex) -> None:
    found = [hit.passage for hit in search(city.index, city.encoder, "植樹", 1000)]
    assert {p.id for p in city.index.passages if "植樹" in p.text} <= {p.id for p in found}
    assert len(found) == len({p.id for p in found}) < len(city.index.passages)


def test_the_preferred_plan_gets_hits_among_many_others(city: OpenedIndex) -> None:
    read = {hit.passage.id for hit in retrieved(city.pipeline, "前のプランの指標の目標値と実績は").hits}
    assert {p.id for p in city.index.passages if p.doc_id == "kankyo-plan"} <= read


def test_both_sides_of_a_comparison_are_read(city_pipeline: Pipeline) -> None:
    read = [hit.passage for hit in retrieved(city_pipeline, "前のプランと今のプランの基本理念の違いは").hits]
    assert {"kankyo-plan", "kankyo-plan-2.0"} <= {passage.doc_id for passage in read}
    assert len(read) == len({passage.id for passage in read})


def test_each_named_town_is_retrieved(tmp_path: Path) -> None:
    rooms = "\n".join(
        f"## 第{n}会議室\n会議室の使用料は1時間{n}00円です。会議室の鍵は窓口で渡します。" for n in range(1, 41)
    )
    inn = "# 島の集会所\n## 部屋\n部屋を借りる方は1時間に400円を納めます。\n"
    manifest = "".join(
        f'[[document]]\nfile = "{name}.md"\nid = "{name}"\ntitle = "{name}"\nkind = "notice"\nissuer = "{issuer}"\n'
        for name, issuer in (("hall", "杉森市"), ("inn", "汐見町"))
    )
    settings = built(tmp_path, {"hall": f"# 会館の手引き\n{rooms}\n", "inn": inn}, manifest)
    with open_index(settings) as index:
        pipeline = open_pipeline(index, open_encoder(settings)).pipeline
        hits = retrieved(pipeline, "杉森市と汐見町の会議室の使用料はいくらですか").hits
    assert {hit.passage.doc_id for hit in hits} == {"hall", "inn"}


def test_of_several_older_plans_the_one_asked_about_is_compared(tmp_path: Path) -> None:
    texts, manifest = {}, ""
    for doc, subject, thing in (("bus", "交通", "バスの便"), ("tree", "緑", "植樹の本数")):
        for n, supersedes in ((1, ""), (2, f'"{doc}-1"')):
            texts[f"{doc}-{n}"] = f"# {subject}計画{n}号\n## 目標\n{thing}の目標は、{n}00です。\n"
            manifest += f'[[document]]\nfile = "{doc}-{n}.md"\nid = "{doc}-{n}"\ntitle = "{subject}計画{n}号"\n'
            manifest += f'kind = "plan"\nsupersedes = [{supersedes}]\n'
    settings = built(tmp_path, texts, manifest)
    with open_index(settings) as index:
        turn = retrieved(
            open_pipeline(index, open_encoder(settings)).pipeline, "植樹の本数の目標は旧計画とどう違いますか"
        )
    assert turn.parsed_query.scope.required == {"tree-1", "tree-2"}
    assert turn.draft is not None
    named = service_message("compared_plan", new="緑計画2号", old="緑計画1号")
    assert paragraph(named) in turn.draft.notices


def test_a_fact_in_only_an_older_document_is_found(city_pipeline: Pipeline) -> None:
    assert retrieved(city_pipeline, "移動図書車は何校を回りますか").hits[0].passage.doc_id == "kankyo-plan"


def test_documents_published_after_the_day_are_not_retrieved(city_pipeline: Pipeline) -> None:
    read = {hit.passage.doc_id for hit in retrieved(city_pipeline, "基本理念は", date(2023, 5, 1)).hits}
    assert read == {"kankyo-plan"}


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
    settings = built(tmp_path_factory.mktemp("guide"), {"guide": GUIDE})
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


def test_a_sample_is_found_only_if_it_is_asked_for(tmp_path: Path) -> None:
    texts = {"a": "# 草刈り機\n\n1世帯に1台です。\n", "b": "# 草刈り機の申請書（記入例）\n\n台数は2台です。\n"}
    settings = built(tmp_path, texts)
    with open_index(settings) as index:
        pipeline = open_pipeline(index, open_encoder(settings), contact="").pipeline
        for question, found in (("草刈り機の台数は", False), ("草刈り機の記入例の台数は", True)):
            assert any(hit.passage.doc_id == "b" for hit in retrieved(pipeline, question).hits) is found
