import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bot.answering.answers.related_passages import NoAnswer, find_related_passages
from bot.answering.answers.validity_period import ValidityPeriodAnswerer
from bot.answering.rendering.source_line import strip_heading_mark
from bot.answering.state import (
    Draft,
    Excerpt,
    ExcerptBlock,
    ScoredPassage,
    Status,
    TextBlock,
)
from bot.answering.state.length_budget import MAX_EXCERPT_LENGTH
from ingest.documents import Document, Passage
from ingest.publications import Publications
from tests.bot.answering.answers.scored import CITY, NEW, OLD, excerpt_answerer, scored_passage, table, text, turn_of
from tests.bot.draft_rendering import blocks_of, text_of

OPENING = text("wood-2#1", "道具館は午前9時に開きます。閉館は午後5時です。月曜日は休みです。")


def excerpt(
    question: str,
    *passages: ScoredPassage,
    confidence: float = 0.97,
    documents: tuple[Document, ...] = CITY,
    of_document: tuple[Passage, ...] = (),
) -> Draft:
    turn = turn_of(question, *passages, confidence=confidence, documents=documents)
    draft = excerpt_answerer(documents, lambda _: of_document)(turn)
    assert draft is not None
    return draft


def test_excerpt_quotes_the_document_verbatim() -> None:
    draft = excerpt("閉館は何時ですか", scored_passage(OPENING, best="閉館"))
    (source,), (_, block) = draft.sources, blocks_of(draft)
    assert isinstance(block, ExcerptBlock)
    assert source.quote == block.text
    assert source.quote in OPENING.text
    assert text_of(draft).startswith(f"【2. 開館】\n\n{block.text}[1]\n")
    assert block.text[slice(*block.highlight)] == "閉館は午後5時です。"


def test_value_of_the_day_is_marked() -> None:
    body = "かんなの貸出料は、これまで100円でしたが、令和2年4月1日から150円です。"
    (*_, block) = blocks_of(excerpt("かんなの貸出料は", scored_passage(text("wood-2#1", body), best="かんな")))
    assert isinstance(block, ExcerptBlock)
    assert block.text[slice(*block.highlight)] == "令和2年4月1日から150円です。"
    assert "これまで100円" in block.text


HISTORY = "道具館は大正時代に建てられた旧い蔵を、市民の手で直したものです。"


def test_answer_precedes_its_context() -> None:
    body = f"{HISTORY}閉館は午後5時です。ただし、夏は午後6時です。"
    draft = excerpt("閉館は何時ですか", scored_passage(text("wood-2#1", body), best="閉館"))
    assert text_of(draft).splitlines() == [
        "【2. 開館】",
        "",
        "閉館は午後5時です。ただし、夏は午後6時です。[1]",
        "（前の文）",
        f"{HISTORY}[1]",
        "出典: 「木の道具館計画2.0」の「2. 開館」",
    ]
    assert [source.quote for source in draft.sources] == [body]
    assert text_of(draft, "en").splitlines()[3] == "(Before that:)"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("2. 開館",), "「木の道具館計画2.0」の「2. 開館」"),
        ((NEW.title,), "「木の道具館計画2.0」"),
        (("貸出", "■修理中の工具", "▽鋸"), "「木の道具館計画2.0」の「修理中の工具」の「鋸」"),
        (("貸出", "(2) 鋸"), "「木の道具館計画2.0」の「(2) 鋸」"),
        (("▽鋸",), "「木の道具館計画2.0」の「鋸」"),
        (("開" * 60,), f"「木の道具館計画2.0」の「{'開' * 40}…」"),
        (("3番（佐藤一）", "1項目め"), "「木の道具館計画2.0」の「3番（佐藤一）」の「1項目め」"),
        (
            ("3番（佐藤一）", "1項目め", "館長（鈴木二）"),
            "「木の道具館計画2.0」の「3番（佐藤一）」の「館長（鈴木二）」",
        ),
        (("「木の道具」",), "「木の道具館計画2.0」の「木の道具」"),
        (("「木の道具」を守る",), "「木の道具館計画2.0」の「『木の道具』を守る」"),
        (
            ("杉森市旧い道具の計画の成果", "2. 開館"),
            "「木の道具館計画2.0」の「杉森市旧い道具の計画の成果」の「2. 開館」",
        ),
    ],
)
def test_source_line_names_document_and_heading(path: tuple[str, ...], line: str) -> None:
    draft = excerpt("閉館は何時ですか", scored_passage(replace(OPENING, path=path), best="閉館"))
    assert text_of(draft).splitlines()[-1] == f"出典: {line}"


def test_source_attribution_line_is_not_the_excerpt() -> None:
    sourced = text("wood-2#1", f"{OPENING.text}\n(出典: 木の道具館計画2.0 閉館の表)", "2. 開館")
    draft = excerpt("閉館は何時ですか", scored_passage(sourced, best="閉館の表"))
    assert "閉館は午後5時です。" in text_of(draft)
    assert "(出典:" not in text_of(draft)


def test_a_partial_excerpt_lists_related_passages() -> None:
    others = [
        scored_passage(text(f"wood-2#{n}", f"第{n}の棟です。", heading), 0.2) for n, heading in enumerate("鋸鉋鑿鑢", 2)
    ]
    older = scored_passage(text("wood-1#1", "道具館は午前10時に開きます。", "1. 鋸"), 0.2)  # of a superseded plan
    partial, answered = (
        excerpt("閉館は何時ですか", scored_passage(OPENING), older, *others, confidence=each) for each in (0.6, 0.97)
    )
    assert [near.passage.id for near in partial.nearest] == ["wood-2#2", "wood-2#3", "wood-2#4"]
    assert len(partial.sources) == 1
    assert answered.nearest == ()


def test_improbable_passage_gives_no_answer() -> None:
    answer = excerpt_answerer()
    assert answer(turn_of("閉館は何時ですか", scored_passage(OPENING, best="閉館"), confidence=0.3)) is None
    assert answer(turn_of("閉館は何時ですか", confidence=0.9)) is None
    assert answer(turn_of("高山市の道具館の閉館は何時ですか", scored_passage(OPENING, best="閉館"))) is None


def test_second_excerpt_is_added_when_nearly_as_likely() -> None:
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    near = excerpt("何時に閉まりますか", scored_passage(OPENING, best="閉館"), scored_passage(other, 0.6, "喫茶室"))
    assert [source.passage.id for source in near.sources] == ["wood-2#1", "wood-2#2"]
    assert re.findall(r"\[\d\]", text_of(near)) == ["[1]", "[2]"]
    far = excerpt("何時に閉まりますか", scored_passage(OPENING, best="閉館"), scored_passage(other, 0.2, "喫茶室"))
    assert [source.passage.id for source in far.sources] == ["wood-2#1"]


def test_duplicate_passage_is_shown_once() -> None:
    again = text("wood-2#5", OPENING.text, "9. 再掲")
    draft = excerpt("閉館は何時ですか", scored_passage(OPENING, best="閉館"), scored_passage(again, best="閉館"))
    assert len(draft.sources) == 1


def test_plan_in_force_ranks_before_older_plan() -> None:
    before = text("wood-1#1", "道具館は午後6時に閉まりました。")
    draft = excerpt("何時に閉まりますか", scored_passage(before, 0.9, "閉ま"), scored_passage(OPENING, 0.8, "閉館"))
    assert [source.passage.doc_id for source in draft.sources] == ["wood-2", "wood-1"]
    assert "以前の文書「木の道具館計画」" in text_of(draft)
    assert "以前の文書「木の道具館計画2.0」" not in text_of(draft)


def test_comparison_pairs_sections_with_equal_headings() -> None:
    before = text("wood-1#1", "道具館は午後6時に閉まりました。", "5. 開館")
    likelier = text("wood-1#2", "道具館の喫茶室は午後5時に閉まりました。", "4. 喫茶室")
    question = "今の計画と前の計画で閉館の時刻はどう違いますか"
    draft = excerpt(
        question,
        scored_passage(OPENING, 0.9, "閉館"),
        scored_passage(likelier, 0.4, "閉ま"),
        scored_passage(before, 0.2, "閉ま"),
    )
    assert [source.passage for source in draft.sources][:2] == [OPENING, before]


def test_list_is_shown_with_all_items() -> None:
    lead = "道具館で借りられるものは次のとおりです。"
    tools = "\n".join(f"・{name} {'木を扱う道具' * 4}" for name in ("のこぎり", "かんな", "のみ", "きり"))
    body = f"{'道具館は長い歴史を持ち、' * 12}市民に道具を貸します。\n{lead}\n{tools}"
    (*_, block) = blocks_of(excerpt("4つの道具の一覧は?", scored_passage(text("wood-2#3", body), best="歴史")))
    assert isinstance(block, ExcerptBlock)
    assert block.text == f"{lead}\n{tools}"
    assert block.text[slice(*block.highlight)] == tools
    assert "一部です" not in block.lead


def test_long_list_is_truncated_with_a_remark() -> None:
    tools = [f"・道具{n:02} {'木を扱う道具' * 4}" for n in range(1, 31)]
    draft = excerpt("道具の一覧は?", scored_passage(text("wood-2#3", "\n".join(["道具:", *tools])), best="道具15"))
    (source,) = draft.sources
    quoted_lines = source.quote.split("\n")
    assert quoted_lines == ["道具:", *tools[: len(quoted_lines) - 1]]
    assert len(source.quote) > 150
    *_, last, ellipsis, source_line = text_of(draft).splitlines()
    assert last == quoted_lines[-1]
    assert ellipsis == "…[1]"
    assert source_line.endswith("（長い一覧の一部）")


TOOL_LIST = "貸し出す道具は次のとおりです。\n・のこぎり\n・かんな\n・のみ"


@pytest.mark.parametrize(
    ("question", "body", "others", "remark"),
    [
        ("道具はいくつありますか", TOOL_LIST, (), "（全3件）"),
        ("道具の一覧は?", TOOL_LIST, (), "（全3件）"),
        ("道具はどこで借りますか", TOOL_LIST, (), ""),
        ("道具はいくつありますか", f"{TOOL_LIST}など", (), ""),
        ("道具はいくつありますか", f"{TOOL_LIST}、きり", (), ""),
        ("道具はいくつありますか", f"・大工道具\n{TOOL_LIST}", (), ""),
        ("道具はいくつありますか", TOOL_LIST, ("・きり",), ""),
    ],
    ids=["count", "list", "no count asked", "a part", "several names in an item", "nested", "section goes on"],
)
def test_only_a_complete_list_is_shown_with_its_size(
    question: str, body: str, others: Sequence[str], remark: str
) -> None:
    passages = [replace(text(f"wood-2#{n}", each), kind="list") for n, each in enumerate((body, *others))]
    answerer = excerpt_answerer(passages_of=lambda _doc_id: passages)
    source_line = text_of(answerer(turn_of(question, scored_passage(passages[0], best="かんな")))).splitlines()[-1]
    assert source_line == f"出典: 「木の道具館計画2.0」の「2. 開館」{remark}"


@pytest.mark.parametrize("head", ["【貸出の対象外】", "次の道具は貸出を中止しています。"])
def test_the_line_that_introduces_the_answer_is_shown_with_it(head: str) -> None:
    tools = [f"・道具{n:02} {'木を扱う道具' * 4}" for n in range(1, 14)]
    body = "\n".join(["道具は木の道具館で貸します。", head, *tools])
    (*_, block, preceding) = blocks_of(
        excerpt("道具12は借りられますか", scored_passage(text("wood-2#3", body), best="道具12"))
    )
    assert isinstance(block, ExcerptBlock)
    assert isinstance(preceding, TextBlock | ExcerptBlock)
    assert "道具12" in block.text
    assert head in preceding.text


def numbered_sections(count: int) -> tuple[Passage, ...]:
    sections = (text(f"wood-2#{n}", f"道具{n}を直して使います。", f"【分野{n}】 道具{n}") for n in range(1, count + 1))
    return tuple(replace(passage, path=("2. 取組", *passage.path)) for passage in sections)


def test_question_for_n_sections_lists_n_headings() -> None:
    of = numbered_sections(4)
    draft = excerpt("4つの分野は何ですか", scored_passage(of[2], 0.9), of_document=of)
    lines = [f"・【分野{n}】 道具{n}[{n}]" for n in range(1, 5)]
    assert text_of(draft).splitlines() == [*lines, "出典: 「木の道具館計画2.0」の「2. 取組」[1]"]
    assert [source.passage for source in draft.sources] == list(of)
    assert all(source.quote in source.passage.text for source in draft.sources)


def test_unrequested_sections_are_not_listed() -> None:
    of = numbered_sections(4)
    for question in ("分野3の道具はどう使いますか", "3つの分野は何ですか", "4つの館は何ですか", "分野の一覧は?"):
        assert len(excerpt(question, scored_passage(of[2], 0.9), of_document=of).sources) == 1


def test_words_of_a_drawing_are_left_out() -> None:
    drawn = "旧館の時代\n引き継ぐ\n新館の時代"
    both = text("wood-2#4", f"道具館は午後5時に閉まります。\n{drawn}")
    assert (
        excerpt("何時に閉まりますか", scored_passage(both, best="午後")).sources[0].quote
        == "道具館は午後5時に閉まります。"
    )
    for question, best in (("新館は何時に閉まりますか", "午後"), ("何時に閉まりますか", "新館")):
        assert "旧館の時代" in text_of(excerpt(question, scored_passage(both, best=best)))
    assert excerpt("何時に閉まりますか", scored_passage(text("wood-2#4", drawn))).sources[0].quote == drawn


def test_bracketed_number_in_a_document_is_not_a_citation() -> None:
    body = "道具館は2人の大工が建てました[3]。屋根は杉の皮です。"
    draft = excerpt("誰が建てましたか", scored_passage(text("wood-2#3", body, "沿革[7]"), best="大工"))
    assert re.findall(r"\[\d+\]", text_of(draft)) == ["[1]"]
    assert "［3］" in text_of(draft)
    assert draft.sources[0].quote == body


LONG = text(
    "wood-2#7",
    "".join(f"道具館の第{n}倉庫には船大工から譲り受けた古い道具を収め、" for n in range(1, 20))
    + "蔵の2階では漆を塗る道具の手入れを夏のあいだ続け、"
    + "".join(f"第{n}倉庫の道具は職人の話とともに記録し、" for n in range(20, 40))
    + "これらを次の世代に伝えます。",
)


def test_long_sentence_is_truncated_between_clauses() -> None:
    draft = excerpt("漆を塗る道具の手入れはいつですか", scored_passage(LONG, best="漆"), confidence=0.65)
    (source,), (*_, block) = draft.sources, blocks_of(draft)
    assert isinstance(block, ExcerptBlock)
    assert source.quote == block.text
    assert source.quote in LONG.text
    assert "漆を塗る道具の手入れを夏のあいだ続け、" in source.quote
    assert f"\n…{source.quote}…[1]" in text_of(draft)
    assert block.lead.endswith("（長い文の一部）")
    assert len(text_of(draft)) <= 500


def test_two_snippets_of_a_section_share_a_source_line() -> None:
    further = text("wood-2#2", "夏は閉館を午後6時に延ばします。")
    draft = excerpt("閉館は何時ですか", scored_passage(OPENING, best="閉館"), scored_passage(further, 0.6, "閉館"))
    assert [source.passage.id for source in draft.sources] == ["wood-2#1", "wood-2#2"]
    assert text_of(draft).count("「木の道具館計画2.0」の「2. 開館」") == 1
    assert text_of(draft).endswith("夏は閉館を午後6時に延ばします。[2]\n出典: 同じ箇所")


def test_older_plan_ranks_first_if_the_current_plan_lacks_the_statement() -> None:
    before = text("wood-1#1", "道具館の貸出の手数料は閉館までに払います。")
    passages = (
        scored_passage(before, 0.9, "手数料"),
        scored_passage(text("wood-2#1", "道具館の閉館は午後5時です。"), 0.4, "閉館"),
    )
    assert excerpt("道具館の貸出の手数料は閉館までですか", *passages).sources[0].passage.doc_id == "wood-1"


def test_passage_naming_the_other_town_answers() -> None:
    named = text("wood-2#6", "姉妹都市の高山市の道具館は午後4時に閉まります。", "6. 交流")
    draft = excerpt(
        "高山市の道具館は何時に閉まりますか", scored_passage(OPENING, 0.9, "閉館"), scored_passage(named, 0.6, "道具館")
    )
    assert draft.status is Status.ANSWERED
    assert [source.passage.id for source in draft.sources] == ["wood-2#6"]


@pytest.mark.parametrize(
    "question",
    [
        "朝日町の道具館は何時に閉まりますか",
        "長野県の道具館は何時に閉まりますか",
        "杉森市と高山市では閉館はどう違いますか",
    ],
)
def test_district_or_prefecture_is_answered_with_issuer(question: str) -> None:
    draft = excerpt(question, scored_passage(OPENING, best="閉館"))
    assert draft.status is Status.PARTIAL
    assert re.match("(朝日町|長野県|高山市)の文書は、ここにはありません。\n\n(【.*】\n\n)?道具館は", text_of(draft))
    assert "\n出典: 杉森市の「木の道具館計画2.0」" in text_of(draft)


TOOLS = table(
    "wood-2", "5. 貸出の回数", ("道具", "回数"), ("のこぎり", "52回"), ("両刃のかんな", "18回"), ("のみ", "21回")
)


def tool_rows_draft(question: str, *likely: float) -> Draft:
    scored = [scored_passage(row, p, "回") for row, p in zip(TOOLS, likely, strict=True)]
    return excerpt(question, *sorted(scored, key=lambda one: -one.probability))


def test_equally_likely_rows_are_shown_together() -> None:
    assert [s.passage for s in tool_rows_draft("木を薄くする物の回数は", 0.2, 0.9, 0.8).sources] == [TOOLS[1]]
    assert [s.passage for s in tool_rows_draft("木を薄くする物の回数は", 0.1, 0.6, 0.5).sources] == [TOOLS[1], TOOLS[2]]


@pytest.mark.parametrize(
    "heading",
    [
        "⾏事の予定",
        "㎡当たりの単価",
        "-5度の日の水道",
        "△3.2%の見込み",
        "〜森の学校〜",
        "①申込み",
        "「水の日」の催し",
        "3歳児健診",
        "ｶﾞｰﾃﾞﾝの手入れ",
        unicodedata.normalize("NFD", "ガーデンの手入れ"),
    ],
)
def test_letters_and_signs_of_a_heading_are_kept(heading: str) -> None:
    assert strip_heading_mark(heading) == heading


NEAR = [
    scored_passage(text(f"wood-2#{n}", f"道具館の第{n}展示室には{n}台の機械があります。"), best="機械")
    for n in range(1, 6)
]
FAR = "道具館の屋上に温泉はありますか"


def test_related_passages_are_quoted() -> None:
    draft = NoAnswer(CITY, "")(turn_of(FAR, *NEAR, confidence=0.1))
    assert [near.passage.id for near in draft.nearest] == ["wood-2#1", "wood-2#2", "wood-2#3"]
    assert all(near.quote in near.passage.text and near.quote for near in draft.nearest)


def test_improbable_passage_is_not_related() -> None:
    far = scored_passage(text("wood-2#8", "道具館の屋根は杉の皮です。"), 0.01)
    assert NoAnswer(CITY, "")(turn_of(FAR, far, confidence=0.1)).nearest == ()


@pytest.mark.parametrize(
    ("question", "near", "contact", "must", "must_not"),
    [
        ("高山市の道具館に温泉はありますか", NEAR, "", "高山市の文書は、ここにはありません。近いこと", "すみません"),
        (FAR, (), "", "文書に書かれていること", "近い"),
        (FAR, NEAR, "", "近いことが書かれている箇所", "文書に書かれていること"),
        (FAR, (), "博物館係", "博物館係", "言葉を変えて"),
        (FAR, (), "", "言葉を変えて", NEW.title),
        (f"新しい計画では、{FAR}", (), "", "すみません、「木の道具館計画2.0」の中には", "近い"),
        (
            "Is there a hot spring?",
            NEAR,
            "",
            "Sorry, I could not find a clear answer in the documents. These",
            "すみま",
        ),
        ("我想知道道具馆屋顶上有没有温泉", NEAR, "", "抱歉，在文件中没有找到明确的答案。以下", "すみません"),
        ("온천이 있나요", NEAR, "", "すみません", "Sorry"),
        ("2026", NEAR, "", "すみません", "Sorry"),
    ],
)
def test_a_refusal_tells_in_the_readers_language_what_to_do(
    question: str, near: Sequence[ScoredPassage], contact: str, must: str, must_not: str
) -> None:
    turn = turn_of(question, *near, confidence=0.1)
    assert turn.query is not None
    shown = text_of(NoAnswer(CITY, contact)(turn), turn.query.answer_language)
    assert must in shown
    assert must_not not in shown


def test_a_refusal_names_no_document_where_there_is_only_one() -> None:
    turn = turn_of(f"新しい計画では、{FAR}", documents=(NEW,))
    assert NEW.title not in text_of(NoAnswer((NEW,), "")(turn))


OLD_PERIOD = text("wood-1#1", "計画期間は令和2年度から令和6年度までの5年間です。", "1. 計画の期間")
NEW_PERIOD = text("wood-2#1", "道具を長く使います。\n期間は2025年度から2029年度までとします。", "1. 計画の期間")
# Years of something else though the same, and one end of the period alone.
TARGETS = text(
    "wood-2#2",
    "修理の件数を令和7年度の30件から令和11年度には80件にします。計画期間の初めの令和7年度に工房を開きます。",
    "3. 目標",
)
PASSAGES = (OLD_PERIOD, TARGETS, NEW_PERIOD)


def plan_answer(
    question: str, documents: tuple[Document, ...] = CITY, passages: tuple[Passage, ...] = PASSAGES
) -> Draft | None:
    def of_document(doc_id: str) -> list[Passage]:
        return [passage for passage in passages if passage.doc_id == doc_id]

    return ValidityPeriodAnswerer(Publications(documents), of_document, excerpt_answerer(documents, of_document))(
        turn_of(question, documents=documents)
    )


@pytest.mark.parametrize(
    ("question", "passage", "stated"),
    [
        ("今の木の道具館計画はいつまでですか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("計画の期間は?", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("道具館計画2.0は何年度に終わりますか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("いま有効な計画はどれですか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("一つ前の計画は何年間でしたか", OLD_PERIOD, OLD_PERIOD.text),
        ("2022年度はどの計画の期間でしたか", OLD_PERIOD, OLD_PERIOD.text),
        ("令和4年度に有効だった計画はどれですか", OLD_PERIOD, OLD_PERIOD.text),
    ],
)
def test_period_is_answered_with_its_sentence(question: str, passage: Passage, stated: str) -> None:
    draft = plan_answer(question)
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert [source.passage for source in draft.sources] == [passage]
    assert stated in draft.sources[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "計画の見直しはいつですか",
        "喫茶室はいつまでですか",
        "道具館はいつからですか",
        "漁業計画はいつまでですか",
        "計画の目的は?",
        "次の計画はいつからですか",
    ],
)
def test_question_beyond_the_period_is_left_to_others(question: str) -> None:
    assert plan_answer(question) is None


def test_period_must_be_stated() -> None:
    assert plan_answer("計画の期間は?", passages=(OLD_PERIOD, TARGETS)) is None
    assert plan_answer("今の計画と前の計画の期間は?", passages=(NEW_PERIOD,)) is None


def test_several_plans_in_force_need_a_name() -> None:
    others = tuple(
        Document(name, f"{name}計画", "x.md", issuer="杉森市", period=NEW.period) for name in ("水道", "交通")
    )
    stated = tuple(text(f"{other.id}#1", NEW_PERIOD.text, "1. 計画の期間") for other in others)
    assert plan_answer("計画の期間は?", (OLD, NEW, *others), (*PASSAGES, *stated)) is None
    draft = plan_answer("水道計画の期間は?", (OLD, NEW, *others), (*PASSAGES, *stated))
    assert draft is not None
    assert [source.passage.doc_id for source in draft.sources] == ["水道"]


COURSES = tuple(
    replace(text(f"wood-2#{n}", body), path=path)
    for n, (path, body) in enumerate(
        [
            (("のこぎり教室（受付終了）", "受講料"), "1回800円です。"),
            (("かんな教室", "受講料"), "1回500円です。"),
            (("対象とならない人",), "市外に住む人です。"),
            (("12月の教室",), "20日に開きます。"),
            (("鑿の教室[7]",), "はがきで申し込みます。"),
        ]
    )
)


@pytest.mark.parametrize(
    ("shown", "question", "heading"),
    [
        (0, "のこぎり教室の受講料は", "【のこぎり教室（受付終了）】"),
        (0, "のこぎり教室（受付終了）の受講料は", "【のこぎり教室（受付終了）】"),
        (1, "のこぎり教室の受講料は", "【かんな教室】"),
        (1, "かんな教室の受講料は", ""),
        (2, "市外に住む人は対象ですか", "【対象とならない人】"),
        (3, "教室は何日ですか", "【12月の教室】"),
        (3, "12月の教室は何日ですか", ""),
        (4, "鑿の教室はどう申し込みますか", "【鑿の教室［7］】"),
    ],
)
def test_the_heading_that_neither_question_nor_quote_tells_is_above_the_quote(
    shown: int, question: str, heading: str
) -> None:
    notice = replace(NEW, kind="notice")
    draft = excerpt(question, scored_passage(COURSES[shown]), documents=(notice,), of_document=COURSES)
    first = text_of(draft).splitlines()[0]
    assert first == (heading or f"{COURSES[shown].text}[1]")


# A sentence without commas that is longer than any excerpt.
ENDLESS = f"渡し船の運航は{'長く' * MAX_EXCERPT_LENGTH}続きます。"


def excerpts_of_passage() -> list[str]:
    passage = text("wood-2#1", f"渡し船の歴史です。{ENDLESS}{ENDLESS}")
    draft = excerpt_answerer()(turn_of("渡し船はいつまで運航しますか", scored_passage(passage, best="運航")))
    assert draft is not None
    return [part.text for part in draft.parts if isinstance(part, Excerpt)]


def excerpts_of_related_passages() -> list[str]:
    turn = turn_of("渡し船はいつまで運航しますか", scored_passage(text("wood-2#1", ENDLESS)))
    assert turn.relevance is not None
    return [source.quote for source in find_related_passages(turn.relevance.passages, turn.query)]


@pytest.mark.parametrize(
    "render",
    [
        pytest.param(excerpts_of_passage, id="passage"),
        pytest.param(excerpts_of_related_passages, id="related passages"),
    ],
)
def test_no_excerpt_is_longer_than_the_limit(render: Callable[[], list[str]]) -> None:
    excerpts = render()
    assert excerpts
    assert max(map(len, excerpts)) <= MAX_EXCERPT_LENGTH
