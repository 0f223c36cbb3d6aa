"""Tests of curated answers, their proposals and the questions that share them."""

import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.answers.curated_records import ProposedSource
from bot.answers.equivalence import (
    MIN_COSINE,
    QuestionSignature,
    QuestionSignatures,
    can_share_answer,
    can_share_group,
)
from bot.curation.staff_desk import StaffDesk
from bot.errors import ChangedMeanwhileError, DeskError, ProposalError, UnknownCuratedError
from bot.question.query_parser import QueryParser
from bot.service import Service, open_service
from bot.state import Answer, Question
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.documents import Document, Period
from ingest.embedding import open_encoder
from ingest.index.index import open_index
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date
from tests.bot.answer_assertions import DOCUMENTS, TODAY, assert_citations_match
from tests.bot.curation.desks import COUNTER, REWORDED, UNKNOWN, proposal, published

pytest_plugins = ["tests.bot.city_index"]

Put = Callable[..., Answer]
Rebuild = Callable[[Callable[[str], str]], None]
PLAN = "kankyo-plan-2.0.md"


def is_curated(answer: Answer) -> bool:
    return answer.generator == "curated"


def raise_subsidy(text: str) -> str:
    return text.replace("8万円を補助", "9万円を補助")


def states(desk: StaffDesk) -> list[str]:
    return [standing.state for standing in desk.curated()]


@pytest.fixture
def rebuild(own_settings: Settings, service: Service, tmp_path: Path) -> Rebuild:
    def rebuild(change: Callable[[str], str]) -> None:
        shutil.copytree(DOCUMENTS, tmp_path / "corpus", dirs_exist_ok=True)
        (tmp_path / "corpus" / PLAN).write_text(change((DOCUMENTS / PLAN).read_text("utf-8")), "utf-8")
        build(own_settings, [tmp_path / "corpus"])
        service.follow()

    return rebuild


def test_a_published_answer_is_served_and_marked(own_settings: Settings, service: Service, ask_question: Put) -> None:
    curated = published(service)
    answer = ask_question(UNKNOWN)
    with open_index(own_settings) as index:
        assert_citations_match(answer, index)
    day = to_japan_date(curated.created)
    assert answer.answer == "補助の窓口は市役所2階の環境政策課です[1]。"
    assert answer.generator == "curated"
    assert answer.notices == (f"職員が確かめた回答です（{day.year}年{day.month}月{day.day}日）。",)
    assert answer.citations[0].doc_id == "kankyo-plan-2.0"
    assert answer.citations[0].quote == COUNTER


@pytest.fixture(scope="module")
def ask_published(city_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Put]:
    data = shutil.copytree(city_settings.data, tmp_path_factory.mktemp("published") / "data")
    with open_service(city_settings.model_copy(update={"data": data}), lambda: TODAY) as service:
        published(service)
        yield lambda text, **more: service.ask(Question(question=text, **more))


@pytest.mark.parametrize(
    ("question", "served"),
    [
        (REWORDED, True),
        ("環境の講座に申し込む課の電話番号を知りたい", True),
        ("2030年度に環境の講座に申し込む課の電話番号を教えてください", False),
        ("前のプランで環境の講座に申し込む課の電話番号を教えてください", False),
        ("星見市環境プラン3.0で環境の講座に申し込む課の電話番号を教えてください", False),
        ("環境の講座に2件申し込む課の電話番号を教えてください", False),
        ("環境の講座に申し込まない課の電話番号を教えてください", False),
        ("環境の講座に申し込む課は何階ですか?", False),
        ("芝生広場の補助を申し込む課の電話番号を教えてください", False),
    ],
)
def test_only_paraphrases_are_answered(ask_published: Put, question: str, *, served: bool) -> None:
    assert is_curated(ask_published(question)) is served


@pytest.mark.parametrize(
    ("as_of", "served"), [("2025-03-31", False), ("2025-04-01", True), ("2029-03-31", True), ("2029-04-01", False)]
)
def test_a_curated_answer_is_valid_with_its_document(ask_published: Put, as_of: str, *, served: bool) -> None:
    assert is_curated(ask_published(UNKNOWN, as_of=date.fromisoformat(as_of))) is served


def test_a_curated_answer_is_limited_to_its_period(service: Service, ask_question: Put) -> None:
    published(service, valid_from=date(2026, 5, 1), valid_until=date(2026, 6, 30))
    days = (date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [is_curated(ask_question(UNKNOWN, as_of=day)) for day in days] == [False, True, True, False]


def test_a_changed_source_stops_the_answer_and_reopens_its_group(
    service: Service, ask_question: Put, rebuild: Rebuild
) -> None:
    published(service)
    rebuild(raise_subsidy)
    assert not is_curated(ask_question(UNKNOWN))
    (group,) = service.desk.groups(["review"])
    assert group.question == UNKNOWN
    assert states(service.desk) == ["review"]
    assert "変わりました" in group.note
    rebuild(str)
    assert is_curated(ask_question(UNKNOWN))


def test_answer_to_review_reopens_its_group(service: Service, ask_question: Put, rebuild: Rebuild) -> None:
    curated = published(service)
    ask_question(UNKNOWN, as_of=date(2025, 1, 1))
    service.desk.groups()  # the question from before the plan opens the group again
    service.desk.dismiss(curated.group_id, "花子", "前の年度の質問")
    assert service.desk.waiting() == 0
    rebuild(raise_subsidy)
    assert [group.id for group in service.desk.groups(["review"])] == [curated.group_id]
    assert service.desk.waiting() == 1


def test_closing_an_answer_to_review_withdraws_it(service: Service, ask_question: Put, rebuild: Rebuild) -> None:
    curated = published(service)
    rebuild(raise_subsidy)
    service.desk.dismiss(curated.group_id, "花子", "補助は終わった")
    assert service.desk.groups() == []
    assert states(service.desk) == ["withdrawn"]
    rebuild(str)
    assert not is_curated(ask_question(UNKNOWN))


def test_a_moved_passage_keeps_the_answer(service: Service, ask_question: Put, rebuild: Rebuild) -> None:
    curated = published(service)
    more = "## 1.0. はじめに\n\n星見市の環境を守ります。\n\n## 1.1. "
    rebuild(lambda text: text.replace("## 1.1. ", more, 1))
    answer = ask_question(UNKNOWN)
    assert is_curated(answer)
    assert answer.citations[0].passage_id != curated.sources[0].passage_id


def test_a_superseded_source_reopens_the_group(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        published(service)
        assert states(service.desk) == ["served"]
    with open_service(own_settings, lambda: date(2029, 4, 1)) as service:
        assert states(service.desk) == ["review"]
        assert "星見市環境プラン3.0" in service.desk.groups()[0].note


def test_other_processes_serve_the_answer(own_settings: Settings, service: Service) -> None:
    with open_service(own_settings, lambda: TODAY) as other:
        assert not is_curated(other.ask(Question(question=UNKNOWN)))
        published(service)
        assert is_curated(other.ask(Question(question=UNKNOWN)))
    with open_service(own_settings, lambda: TODAY) as later:
        assert is_curated(later.ask(Question(question=UNKNOWN)))


def test_a_version_committed_late_is_served(own_settings: Settings, service: Service, ask_question: Put) -> None:
    first = published(service)
    assert is_curated(ask_question(UNKNOWN))
    withdrawn = "INSERT INTO curated_versions SELECT -1, curated_id, 0, text, sources, wordings, author, "
    withdrawn += "valid_from, valid_until, withdrawn, note, created FROM curated_versions"
    before = service.desk.curated_records.stamp()
    with sqlite3.connect(own_settings.data / "shirube.sqlite") as connection:
        connection.execute(withdrawn)
    assert service.desk.curated_records.stamp() != before
    assert len(service.desk.versions(first.id)) == 2


def test_every_version_is_kept(service: Service, ask_question: Put) -> None:
    first = published(service)
    text = "太陽光パネルの補助の窓口は、市役所2階の環境政策課です。"
    second = published(service, text=text, curated_id=first.id, based_on=1)
    assert ask_question(UNKNOWN).answer.startswith("太陽光パネルの補助の窓口")
    assert service.desk.versions(first.id) == [second, first]
    with pytest.raises(ChangedMeanwhileError, match="読み直して"):
        published(service, curated_id=first.id, based_on=1)


def test_a_withdrawn_answer_is_not_served(service: Service, ask_question: Put, own_settings: Settings) -> None:
    curated = published(service)
    with pytest.raises(DeskError, match="理由"):
        service.desk.withdraw(curated.id, "花子", "")
    service.desk.withdraw(curated.id, "花子", "窓口が移った")
    assert not is_curated(ask_question(UNKNOWN))
    assert [s.reasons for s in service.desk.curated()] == [("窓口が移った",)]
    assert [g.state for g in service.desk.groups()] == ["open"]
    assert published(service, group_id=curated.group_id).version == 3
    assert is_curated(ask_question(UNKNOWN))
    assert [act.detail.partition("を")[2] for act in read_events(own_settings) if act.action == "curate"] == [
        "公開しました",
        "取り下げました",
        "公開しました",
    ]


def test_of_two_concurrent_publications_one_is_refused(service: Service, ask_question: Put) -> None:
    ask_question(UNKNOWN)
    (group,) = service.desk.groups()

    def publish(author: str) -> str:
        try:
            return published(service, group_id=group.id, author=author).author
        except (ChangedMeanwhileError, DeskError):
            return ""

    with ThreadPoolExecutor(2) as pool:
        authors = list(pool.map(publish, ["花子", "太郎"]))
    assert sorted(map(bool, authors)) == [False, True]
    assert [standing.curated.author for standing in service.desk.curated()] == [max(authors)]


def test_a_curated_answer_supports_easy_japanese_and_follow_ups(service: Service, ask_question: Put) -> None:
    published(service)
    easy = ask_question(UNKNOWN, style="easy")
    assert is_curated(easy)
    assert "市役所2階の環境政策課です[1]。" in easy.answer
    assert any("確かめた" in notice or "たしかめた" in notice for notice in easy.notices)
    assert "講座" in ask_question("それは何階ですか?", conversation_id=easy.conversation_id).question_understood


def test_an_unknown_curated_answer_is_refused(service: Service) -> None:
    with pytest.raises(UnknownCuratedError, match="選び直して"):
        service.desk.versions("never")
    with pytest.raises(UnknownCuratedError):
        service.desk.publish(proposal(service, curated_id="never", based_on=1))


def test_a_similar_question_is_offered_the_curated_question(service: Service, ask_question: Put) -> None:
    published(service)
    answer = ask_question("講座を申し込みたいのですが、環境の担当課に電話するには")
    assert not is_curated(answer)
    assert answer.suggestions[:1] == (UNKNOWN,)
    assert is_curated(ask_question(answer.suggestions[0]))


OLD = "期間は、令和3(2021)年度から令和6(2024)年度までの4か年とします。"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "補助の窓口は市役所3階の環境政策課です。"}, "「3階」は出典にありません"),
        ({"text": "補助の窓口は2階の環境政策課で、令和9年3月31日まで受け付けます。"}, "出典にありません"),
        ({"text": "補助の窓口は市役所2階の市民協働推進課です。"}, "市民協働推進課"),
        ({"text": "補助の窓口は市役所2階の環境政策課です[2]。"}, "[2] にあたる出典がありません"),
        ({"text": " "}, "回答の文が空です"),
        ({"text": COUNTER * 50}, "長すぎます"),
        ({"author": ""}, "だれが書いたか"),
        ({"wordings": ("", " ")}, "1つ以上書いてください"),
        ({"wordings": ("目標は?",)}, "何についての質問か分かりません"),
        ({"wordings": ("090-1234-5678 の太陽光パネルの補助は?",)}, "個人の情報"),
        ({"sources": ()}, "出典の箇所を、1つ以上"),
        ({"sources": (ProposedSource("kankyo-plan-2.0#9999", "x"),)}, "今の文書にはありません"),
        ({"sources": (ProposedSource("kankyo-plan-2.0#0010", "市役所3階"),)}, "引用が原文と一致しません"),
        ({"valid_from": date(2026, 7, 1), "valid_until": date(2026, 6, 1)}, "始まりより前"),
        ({"valid_until": date(2026, 5, 31)}, "期限が切れました"),
    ],
)
def test_an_unsupported_proposal_is_refused_with_the_reason(
    city_service: Service, changes: dict[str, Any], told: str
) -> None:
    problems = city_service.desk.propose(proposal(city_service, **changes))
    assert any(told in problem for problem in problems), problems


def test_a_supported_proposal_has_no_problems(city_service: Service) -> None:
    assert city_service.desk.propose(proposal(city_service)) == []


def test_a_superseded_document_is_no_source(city_service: Service) -> None:
    hits = city_service.search("プランの期間", doc_id="kankyo-plan", as_of=TODAY)
    passage = next(hit.passage for hit in hits if "2024" in hit.passage.text)
    sources = (ProposedSource(passage.id, passage.text),)
    old = proposal(city_service, text=passage.text, sources=sources, wordings=("環境プランの期間は?",))
    assert any("星見市環境プラン2.0" in problem for problem in city_service.desk.propose(old))


def test_a_refused_proposal_is_not_stored(service: Service) -> None:
    with pytest.raises(ProposalError, match="3階") as refused:
        published(service, text="補助の窓口は市役所3階の環境政策課です。")
    assert refused.value.problems
    assert service.desk.curated() == []
    assert service.desk.groups(["open", "answered"]) == []


def test_a_second_answer_to_one_question_is_refused(service: Service) -> None:
    published(service)
    problems = service.desk.propose(proposal(service))
    assert any("すでに" in problem and UNKNOWN in problem for problem in problems)


def test_each_sentence_needs_a_citation(service: Service) -> None:
    first = proposal(service)
    subsidy = "太陽光パネルの設置には、1件につき8万円を補助します。"
    text = f"{subsidy}{COUNTER}"
    assert published(service, text=text).text == f"{subsidy[:-1]}[1]。{COUNTER[:-1]}[1]。"
    two = replace(first, text=text, sources=(*first.sources, replace(first.sources[0], quote=subsidy)))
    assert any("[1] や [2]" in problem for problem in service.desk.propose(two))


OLD_PLAN = Document(
    "plan", "星見市環境プラン", "a.md", "plan", "星見市", "2021-03", Period(date(2021, 4, 1), date(2025, 3, 31))
)
NEW_PLAN = Document(
    "plan-2.0",
    "星見市環境プラン2.0",
    "b.md",
    "plan",
    "星見市",
    "2025-02",
    Period(date(2025, 4, 1), date(2029, 3, 31)),
    ("plan",),
    ("プラン2.0",),
)
PLANS = [OLD_PLAN, NEW_PLAN]
SENSES = QuestionSignatures(QueryParser(PLANS, lambda _: 1.0), PLANS)
ENCODER = open_encoder(Settings(_env_file=None))
DAY = date(2026, 6, 1)

SAME = [
    ("環境会議の委員は誰ですか", "環境会議の委員はどなたか教えてください"),
    ("星見市環境プラン2.0の計画期間は?", "プラン2.0の計画期間を教えてください"),
    ("令和8年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("今の計画の基本理念は?", "計画の基本理念は?"),
    ("星見市の植樹の本数を教えて", "植樹の本数を教えていただけませんか"),
    ("植樹祭は何年に行われましたか", "植樹祭はいつ行われましたか"),
    ("街路樹の本数は?", "街路の樹の本数は?"),
    ("苗木の割引はありますか", "苗木の割引はありませんか"),
    ("苗木を配る窓口はどこですか", "苗木の窓口はどこですか"),
]
OTHER = [
    ("2025年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("昨年度の植樹の本数は?", "今年度の植樹の本数は?"),
    ("土曜日に苗木を配る窓口は?", "日曜日に苗木を配る窓口は?"),
    ("プラン2.0の基本理念は?", "星見市環境プランの基本理念は?"),
    ("前の計画の基本理念は?", "今の計画の基本理念は?"),
    ("植樹の本数の目標は?", "植樹の本数の実績は?"),
    ("目標に届いた指標はどれですか", "目標に届かなかった指標はどれですか"),
    ("目標に届いたのはなぜですか", "目標に届かなかったのはなぜですか"),
    ("65歳以上の人の利用料は?", "70歳以上の人の利用料は?"),
    ("65歳以上の人の利用料は?", "65歳未満の人の利用料は?"),
    ("ごみ減量以外の分野は?", "公園以外の分野は?"),
    ("公園の分野は?", "公園以外の分野は?"),
    ("環境会議の委員長は誰ですか", "環境会議の副委員長は誰ですか"),
    ("植樹の補助はいつから始まりますか", "植樹の補助はいつまで続きますか"),
    ("植樹の補助は何課で申し込めますか", "植樹の補助はいつ申し込めますか"),
    ("満月祭は何月に始まりましたか", "満月祭は何年に始まりましたか"),
    ("苗木を申し込むのはどこですか", "苗木を返すのはどこですか"),
    ("苗木を配るのはいつですか", "苗木について教えて"),
    ("植樹の本数は目標をどれだけ上回りましたか", "植樹の本数の目標は?"),
    ("プラン2.0の目的は?", "プラン2.0の背景は?"),
    ("分野1の取組は?", "分野2の取組は?"),
    ("窓口の利用は無料ですか", "窓口の利用は有料ですか"),
]


def sense(text: str, day: date = DAY) -> QuestionSignature:
    return SENSES.from_text(nfkc(text), day)


def cosine(one: QuestionSignature, other: QuestionSignature) -> float:
    return float(ENCODER.encode_query(one.text) @ ENCODER.encode_query(other.text))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_paraphrases_share_an_answer(one: str, other: str) -> None:
    a, b = sense(one), sense(other)
    assert can_share_answer(a, b, cosine(a, b))
    assert can_share_answer(b, a, cosine(a, b))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_questions_with_one_different_term_are_different(one: str, other: str) -> None:
    a, b = sense(one), sense(other)
    assert not can_share_answer(a, b, 1.0)
    assert not can_share_answer(b, a, 1.0)


def test_dissimilar_questions_without_terms_are_different() -> None:
    a, b = sense("いつ始まりますか"), sense("いつ始まりますか")
    assert can_share_answer(a, b, 0.9)
    assert not can_share_answer(a, b, 0.5)
    assert not can_share_group(a, b, 0.5)


def test_a_group_is_broader_than_an_answer() -> None:
    one, more, other = map(sense, ("市の公園の植樹と苗木の本数", "公園の植樹と苗木の本数", "温泉の日帰りの料金"))
    assert can_share_group(one, more, 0.9)
    assert not can_share_answer(one, sense("公園の植樹と苗木の寄付の本数"), 0.9)
    assert not can_share_group(one, other, 0.9)


def test_the_years_of_a_wording_count_from_its_day() -> None:
    written, asked = (sense("昨年度の植樹の本数は?", day) for day in (DAY, date(2027, 6, 1)))
    assert not can_share_answer(written, asked, 1.0)
    assert can_share_answer(written, sense("一昨年度の植樹の本数は?", date(2027, 6, 1)), 1.0)


@pytest.mark.parametrize("held_out", [False, True])
def test_paraphrases_are_answered_or_offered(held_out: bool) -> None:  # noqa: FBT001 -- the half of the questions
    told = tomllib.loads(Path(__file__).with_name("paraphrases.toml").read_text("utf-8"))["question"]
    known = [sense(one["asked"]) for one in told]
    answered = offered = 0
    for place, one in enumerate(told):
        if one.get("held_out", False) != held_out:
            continue
        for text in one["same"]:
            asked = sense(text)
            cosines = [cosine(other, asked) for other in known]
            answered += can_share_answer(asked, known[place], cosines[place])
            offered += max(cosines) == cosines[place] >= MIN_COSINE
        others = [sense(text) for text in one["other"]]
        assert not [other for other in others if can_share_answer(other, known[place], cosine(known[place], other))]
    assert answered >= (2 if held_out else 3)
    assert offered >= (20 if held_out else 18)
