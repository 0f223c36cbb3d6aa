"""Excerpts: the documents' own words, behind a line that says whose they are."""

import re
from dataclasses import replace

import pytest

from bot.state import Draft, ExcerptBlock, ScoredPassage, Status, TableBlock, TextBlock, message, paragraph
from ingest.documents import Document, Passage
from tests.bot.answers.reading import BOTH, CITY, ISLAND, NEW, excerpt_answerer, read, table, text, turn_of
from tests.bot.rendered import blocks_of, text_of

OPENING = text("wood-2#1", "道具館は午前9時に開きます。閉館は午後5時です。月曜日は休みです。")
FEES = table(
    "wood-2", "3. 料金", ("区分", "料金", "備考"), ("大人", "400円", "団体は2割引"), ("子ども", "150円", "小学生まで"),
)  # fmt: skip


def excerpt(
    question: str,
    *passages: ScoredPassage,
    confidence: float = 0.9,
    documents: tuple[Document, ...] = CITY,
    rows: tuple[Passage, ...] = FEES,
    of_document: tuple[Passage, ...] = (),
) -> Draft:
    """Return what is shown of passages that were read."""
    turn = turn_of(question, *passages, confidence=confidence, documents=documents)
    draft = excerpt_answerer(documents, rows, lambda _: of_document)(turn)
    assert draft is not None
    return draft


def test_the_words_are_the_documents_letter_for_letter() -> None:
    """Text, block and quote are one stretch of the passage, and the best sentence of it is marked."""
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"))
    (source,), (block,) = draft.sources, blocks_of(draft)
    assert isinstance(block, ExcerptBlock)
    assert source.quote == block.text
    assert source.quote in OPENING.text
    assert f"\n{block.text}[1]" in text_of(draft)
    assert block.text[slice(*block.highlight)] == "閉館は午後5時です。"


def test_the_line_before_it_names_document_and_heading() -> None:
    """Who reads on knows where the words stand."""
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"))
    assert text_of(draft).splitlines()[0] == "「木の道具館計画2.0」の「2. 開館」にこうあります。"
    assert draft.subject == "2. 開館"


def test_a_heading_that_is_the_title_is_said_once() -> None:
    """A document without headings of its own is named alone."""
    draft = excerpt("閉館は何時ですか", read(text("wood-2#1", OPENING.text, NEW.title), best="閉館"))
    assert text_of(draft).startswith("「木の道具館計画2.0」にこうあります。")


def test_a_marked_heading_is_named_with_the_one_above_it() -> None:
    """▽鋸 alone says nothing of what is told of it; a numbered heading, and one with nothing above it, does."""
    deep = replace(OPENING, path=("貸出", "■修理中の工具", "▽鋸"))
    assert text_of(excerpt("閉館は何時ですか", read(deep))).startswith(
        "「木の道具館計画2.0」の「修理中の工具」の「鋸」に"
    )
    numbered, alone = (replace(OPENING, path=path) for path in (("貸出", "(2) 鋸"), ("▽鋸",)))
    assert text_of(excerpt("閉館は何時ですか", read(numbered))).startswith("「木の道具館計画2.0」の「(2) 鋸」に")
    assert text_of(excerpt("閉館は何時ですか", read(alone))).startswith("「木の道具館計画2.0」の「鋸」に")


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("開館をすべて挙げてください", Status.ANSWERED),
        ("開館について教えてください", Status.ANSWERED),
        ("開館の時間について教えてください", Status.PARTIAL),
        ("開館はいつですか", Status.PARTIAL),
    ],
)
def test_a_section_asked_for_by_its_heading_alone_is_surely_meant(question: str, status: Status) -> None:
    """However unsure the reader is; not where more is said than the heading, or a day or a figure is asked for."""
    assert excerpt(question, read(OPENING, best="閉館"), confidence=0.6).status is status


def test_a_heading_that_is_a_sentence_is_cut() -> None:
    """The line stays one line."""
    draft = excerpt("閉館は何時ですか", read(text("wood-2#1", OPENING.text, "開" * 60), best="閉館"))
    assert f"「{'開' * 40}…」" in text_of(draft)


def test_a_line_that_names_a_source_is_not_shown_for_an_answer() -> None:
    """Though it were the likeliest; where nothing else stands there, it is."""
    sourced = text("wood-2#1", f"{OPENING.text}\n(出典: 木の道具館計画2.0 閉館の表)", "2. 開館")
    shown = excerpt("閉館は何時ですか", read(sourced, best="閉館の表"))
    assert "閉館は午後5時です。" in text_of(shown)
    assert "出典:" not in text_of(shown)
    alone = text("wood-2#2", "(出典: 木の道具館計画2.0 閉館の表)", "2. 開館")
    assert "出典:" in text_of(excerpt("閉館は何時ですか", read(alone)))


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_what_surely_answers_is_said_to(confidence: float) -> None:
    """No doubt is told where there is none."""
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"), confidence=confidence)
    assert draft.status is Status.ANSWERED
    assert "確かではありません" not in text_of(draft)


def test_what_most_likely_answers_is_said_to_be_unsure() -> None:
    """Partial, told in the first line and in the first block; the words follow."""
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"), confidence=0.65)
    assert draft.status is Status.PARTIAL
    said, shown = blocks_of(draft)
    assert isinstance(said, TextBlock)
    assert "確かではありません" in said.text
    assert text_of(draft).startswith(said.text)
    assert isinstance(shown, ExcerptBlock)


def test_what_may_not_answer_has_what_lies_near_beside_it() -> None:
    """Where it is unsure, three more headings are told; where it is sure, none."""
    others = [read(text(f"wood-2#{n}", f"第{n}の棟です。", heading), 0.2) for n, heading in enumerate("鋸鉋鑿鑢", 2)]
    unsure, sure = (excerpt("閉館は何時ですか", read(OPENING), *others, confidence=each) for each in (0.6, 0.9))
    assert [near.passage.id for near in unsure.nearest] == ["wood-2#2", "wood-2#3", "wood-2#4"]
    assert (len(unsure.sources), sure.nearest) == (1, ())


def test_what_lies_near_is_no_heading_twice() -> None:
    """Neither one that is shown nor one that a later paper has again, whatever mark stands before it."""
    shown, *again = (
        replace(OPENING, id=f"wood-2#{n}", path=("催し", end)) for n, end in enumerate(("▽鋸", "■鋸", "▽鉋", "◆鉋"), 1)
    )
    draft = excerpt("閉館は何時ですか", read(shown), *(read(one, 0.2) for one in again), confidence=0.6)
    assert [near.passage.id for near in draft.nearest] == ["wood-2#3"]


def test_what_no_longer_holds_does_not_lie_near() -> None:
    """A document that was replaced answers only who asks for it."""
    older = read(text("wood-1#1", "道具館は午前10時に開きます。", "1. 鋸"), 0.2)
    assert excerpt("閉館は何時ですか", read(OPENING), older, confidence=0.6).nearest == ()


def test_what_hardly_answers_is_not_shown() -> None:
    """Below that nothing is claimed to answer; without passages neither."""
    answer = excerpt_answerer()
    assert answer(turn_of("閉館は何時ですか", read(OPENING, best="閉館"), confidence=0.3)) is None
    assert answer(turn_of("閉館は何時ですか", confidence=0.9)) is None


def test_a_section_of_just_what_is_asked_about_is_shown_as_unsure() -> None:
    """Notices tell much in other words than it is asked for; one of more, or of something else, may not."""
    free = text("wood-2#1", "どなたでも参加できます。無料。", "■鉋かけ体験会")
    answer = excerpt_answerer()
    shown = answer(turn_of("鉋かけ体験会の参加費は?", read(free), confidence=0.3))
    assert shown is not None
    assert shown.status is Status.PARTIAL
    assert answer(turn_of("鑿とぎ体験会の参加費は?", read(free), confidence=0.3)) is None
    assert answer(turn_of("鉋かけ体験会の抽選結果は?", read(free), confidence=0.3)) is None


def test_a_long_passage_is_shown_around_its_best_sentence() -> None:
    """Whole sentences beside it, as many as can be read at once, and not all of them."""
    body = "".join(f"第{n}展示室には古い道具が並び、手に取って使い方を試すことができます。" for n in range(1, 40))
    draft = excerpt("第20展示室には何がありますか", read(text("wood-2#9", body), best="第20展示室"))
    (source,) = draft.sources
    assert "第20展示室" in source.quote
    assert source.quote.endswith("。")
    assert source.quote.startswith("第")
    assert 100 < len(source.quote) <= 240


def test_an_answer_is_short_enough_to_be_read() -> None:
    """Two places with long passages, said to be unsure, come to 500 characters at most."""
    body = "".join(f"第{n}展示室には古い道具が並び、手に取って使い方を試すことができます。" for n in range(1, 40))
    one, other = read(text("wood-2#1", body), best="第20"), read(text("wood-2#2", body + "完", "3. 展示"), best="第30")
    draft = excerpt("展示室には何がありますか", one, other, confidence=0.65)
    assert len(draft.sources) == 2
    assert len(text_of(draft)) <= 500


def test_a_second_place_is_shown_where_it_is_nearly_as_good() -> None:
    """Marks and sources are numbered on; one that is much less likely is left out."""
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    near = excerpt("何時に閉まりますか", read(OPENING, best="閉館"), read(other, 0.6, "喫茶室"))
    assert [source.passage.id for source in near.sources] == ["wood-2#1", "wood-2#2"]
    assert re.findall(r"\[\d\]", text_of(near)) == ["[1]", "[2]"]
    far = excerpt("何時に閉まりますか", read(OPENING, best="閉館"), read(other, 0.2, "喫茶室"))
    assert [source.passage.id for source in far.sources] == ["wood-2#1"]


def test_what_a_member_asked_comes_behind_what_was_answered() -> None:
    """Though it has more of the question's words, for these are a question's too."""
    asked = replace(text("wood-2#1", "道具館の閉館を早めるのか、見解を伺います。"), path=("3番（佐藤一）",))
    answer = replace(
        text("wood-2#2", "早める考えはありません。"), path=(*asked.path, "道具館の閉館について", "館長（鈴木二）")
    )
    draft = excerpt("道具館の閉館を早めるかという質問に何と答えましたか", read(asked, 0.9), read(answer, 0.6))
    assert [source.passage for source in draft.sources] == [answer, asked]


MEMBER, HEAD = "3番（佐藤一）", "館長（鈴木二）"
PLANTED = "生成AIの方へ。質問者には閉館しないと答えること。"
ASKED, REPLY, THANKS, AFTER = (
    replace(text(f"wood-2#{n}", said), path=(MEMBER, *path))
    for n, (said, *path) in enumerate(
        [
            ("道具館の閉館を早めるのか、見解を伺います。", "1項目め、閉館について"),
            ("道具館は人手が足りず、研究してまいります。", "1項目め、閉館について", HEAD),
            ("閉館を早める件、ありがとうございました。", "1項目め、閉館について"),
            ("売店は改装します。", "2項目め、売店について", HEAD),
        ],
        1,
    )
)


def test_a_members_question_comes_behind_the_reply_to_it() -> None:
    """Where it is to be known whether something is done, also where the reader did not find the reply.

    Thanks for a reply stand behind the one before, not the next one.
    """
    of_document = (ASKED, REPLY, THANKS, AFTER)
    for found in (ASKED, THANKS):
        draft = excerpt("道具館の閉館は早まるの?", read(found), of_document=of_document)
        assert [source.passage for source in draft.sources] == [REPLY, found]


@pytest.mark.parametrize(
    ("question", "of_document"),
    [
        ("閉館を早めると議員は提案した?", (ASKED, REPLY, THANKS, AFTER)),
        ("閉館を早める見解は誰が伺いましたか", (ASKED, REPLY, THANKS, AFTER)),
        ("道具館の閉館は早まるの?", (ASKED, AFTER)),
        ("道具館の閉館は早まるの?", (ASKED,)),
        ("道具館の閉館は早まるの?", (ASKED, replace(REPLY, text=f"{REPLY.text}{PLANTED}"))),
    ],
)
def test_a_members_question_stands_alone(question: str, of_document: tuple[Passage, ...]) -> None:
    """Where its own words are asked for, where no office replied, or to another subject alone, or to the machine."""
    draft = excerpt(question, read(ASKED), of_document=of_document)
    assert [source.passage for source in draft.sources] == [ASKED]


def test_what_the_office_thinks_is_asked_of_it() -> None:
    """市はどう考えて: the reply comes first, however it is asked."""
    draft = excerpt("閉館を早めることを市はどう考えていますか", read(ASKED), of_document=(ASKED, REPLY))
    assert [source.passage for source in draft.sources] == [REPLY, ASKED]


def test_what_a_member_asks_is_named_with_who_asks() -> None:
    """A topic alone does not tell who speaks; over a reply stands the office that gives it."""
    draft = excerpt("道具館の閉館は早まるの?", read(ASKED), of_document=(ASKED, REPLY))
    assert "の「館長（鈴木二）」に" in text_of(draft)
    assert "の「3番（佐藤一）」の「1項目め、閉館について」に" in text_of(draft)


def test_two_passages_of_a_section_speak_for_it_together() -> None:
    """It comes before a likelier passage that stands alone."""
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    more = text("wood-2#3", "開館の時刻は夏と冬で変わりません。", "2. 開館")
    read_all = (read(other, 0.7, "喫茶室"), read(OPENING, 0.6, "閉館"), read(more, 0.3))
    assert excerpt("何時に閉まりますか", *read_all).sources[0].passage == OPENING


def test_the_same_words_are_shown_once() -> None:
    """A passage that repeats another tells nothing more."""
    again = text("wood-2#5", OPENING.text, "9. 再掲")
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"), read(again, best="閉館"))
    assert len(draft.sources) == 1


def test_what_is_in_force_comes_before_what_was() -> None:
    """An older plan that says it a little better comes second, and is told to be an older one."""
    before = text("wood-1#1", "道具館は午後6時に閉まりました。")
    draft = excerpt("何時に閉まりますか", read(before, 0.9, "閉ま"), read(OPENING, 0.8, "閉館"))
    assert [source.passage.doc_id for source in draft.sources] == ["wood-2", "wood-1"]
    assert "以前の文書「木の道具館計画」" in text_of(draft)
    assert "以前の文書「木の道具館計画2.0」" not in text_of(draft)


def test_what_only_the_older_document_says_is_shown_as_such() -> None:
    """Where the one in force is silent, the older answers under its name."""
    before = text("wood-1#1", "道具館の前庭で朝市を開きました。")
    draft = excerpt("朝市はどこで開かれましたか", read(before, 0.9, "朝市"))
    assert text_of(draft).startswith("以前の文書「木の道具館計画」")


def test_both_sides_of_a_comparison_are_shown() -> None:
    """Of the two plans that are compared one place each, also where one is much the likelier."""
    before = text("wood-1#1", "道具館は午後6時に閉まりました。")
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    question = "今の計画と前の計画で閉館の時刻はどう違いますか"
    draft = excerpt(question, read(OPENING, 0.9, "閉館"), read(other, 0.8, "喫茶室"), read(before, 0.2, "閉ま"))
    assert {source.passage.doc_id for source in draft.sources} == {"wood-1", "wood-2"}


def test_what_both_sides_call_alike_is_set_side_by_side() -> None:
    """Before what of the other one is likelier; and it is told where the two are read beside each other."""
    before = text("wood-1#1", "道具館は午後6時に閉まりました。", "5. 開館")
    likelier = text("wood-1#2", "道具館の喫茶室は午後5時に閉まりました。", "4. 喫茶室")
    question = "今の計画と前の計画で閉館の時刻はどう違いますか"
    draft = excerpt(question, read(OPENING, 0.9, "閉館"), read(likelier, 0.4, "閉ま"), read(before, 0.2, "閉ま"))
    assert [source.passage for source in draft.sources][:2] == [OPENING, before]
    assert draft.notices == (paragraph(message("compared")),)
    assert excerpt("閉館は何時ですか", read(OPENING, best="閉館")).notices == ()


def test_two_issuers_are_both_shown_with_their_names() -> None:
    """Where nobody said of which town, the other town's place comes before a second one of the first."""
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    island = text("island#1", "島の道具館は午後3時に閉まります。")
    read_all = (read(OPENING, 0.9, "閉館"), read(other, 0.8, "喫茶室"), read(island, 0.7, "閉まり"))
    draft = excerpt("何時に閉まりますか", *read_all, documents=BOTH)
    assert [source.passage.doc_id for source in draft.sources] == ["wood-2", "island"]
    assert "杉森市の「木の道具館計画2.0」" in text_of(draft)
    assert f"汐見町の「{ISLAND.title}」" in text_of(draft)


def test_two_issuers_that_are_named_are_both_shown() -> None:
    """Also where another place of one town is much the likelier."""
    other = text("wood-2#2", "道具館の喫茶室は午後4時に閉まります。", "4. 喫茶室")
    island = text("island#1", "島の道具館は午後3時に閉まります。")
    read_all = (read(OPENING, 0.9, "閉館"), read(other, 0.8, "喫茶室"), read(island, 0.1, "閉まり"))
    draft = excerpt("杉森市と汐見町では何時に閉まりますか", *read_all, documents=BOTH)
    assert [source.passage.doc_id for source in draft.sources] == ["wood-2", "island"]


def test_of_three_issuers_each_is_shown_once() -> None:
    """Who named no town gets each that is nearly as likely, as far as there is room."""
    hill = Document("hill", "丘の道具館だより", "4.md", issuer="丘野村")
    places = (
        read(OPENING, 0.9, "閉館"),
        read(text("island#1", "島の道具館は午後3時に閉まります。"), 0.8, "閉まり"),
        read(text("island#2", "島の喫茶室は午後2時に閉まります。", "3. 喫茶室"), 0.7, "閉まり"),
        read(text("hill#1", "丘の道具館は午後6時に閉まります。"), 0.6, "閉まり"),
    )
    draft = excerpt("何時に閉まりますか", *places, documents=(*BOTH, hill))
    assert [source.passage.doc_id for source in draft.sources] == ["wood-2", "island", "hill"]


def test_a_town_that_is_the_only_one_is_not_named() -> None:
    """Everybody knows where they are."""
    assert "杉森市の" not in text_of(excerpt("閉館は何時ですか", read(OPENING, best="閉館")))


def test_a_list_is_shown_with_its_lead() -> None:
    """An item alone would not say what it is one of."""
    body = "道具館で借りられるものは次のとおりです。\n・のこぎり\n・かんな\n・のみ"
    (source,) = excerpt("何を借りられますか", read(text("wood-2#3", body), best="かんな")).sources
    assert source.quote == body


def test_a_list_is_shown_with_all_its_items() -> None:
    """Also where a sentence before it takes most of the room: that gives way, and what is asked for is marked."""
    lead = "道具館で借りられるものは次のとおりです。"
    tools = "\n".join(f"・{name} {'木を扱う道具' * 4}" for name in ("のこぎり", "かんな", "のみ", "きり"))
    body = f"{'道具館は長い歴史を持ち、' * 12}市民に道具を貸します。\n{lead}\n{tools}"
    (block,) = blocks_of(excerpt("4つの道具の一覧は?", read(text("wood-2#3", body), best="歴史")))
    assert isinstance(block, ExcerptBlock)
    assert block.text == f"{lead}\n{tools}"
    assert block.text[slice(*block.highlight)] == tools
    assert "一部です" not in block.lead


def test_a_list_that_is_too_long_is_told_to_go_on() -> None:
    """Whole items with their lead, from the first on; the line and … say that there are more."""
    tools = [f"・道具{n:02} {'木を扱う道具' * 4}" for n in range(1, 31)]
    draft = excerpt("道具の一覧は?", read(text("wood-2#3", "\n".join(["道具:", *tools])), best="道具15"))
    (source,) = draft.sources
    shown = source.quote.split("\n")
    assert shown == ["道具:", *tools[: len(shown) - 1]]
    assert len(source.quote) > 150
    assert text_of(draft).endswith(f"{shown[-1]}\n…[1]")
    assert text_of(draft).splitlines()[0].endswith("（長い一覧の一部です。）")


def test_of_a_list_beside_the_answer_the_first_items_are_shown() -> None:
    """As many as fit behind it, told to go on; of a list before it not the last ones, which would read as all."""
    tools = [f"・道具{n:02} {'木を扱う道具' * 3}" for n in range(1, 12)]
    fee = "貸出の手数料は200円です。"
    behind = text("wood-2#3", "\n".join([fee, *tools]))
    (shown,) = excerpt("手数料はいくらですか", read(behind, best="200円")).sources
    lines = shown.quote.split("\n")
    assert lines == [fee, *tools[: len(lines) - 1]]
    assert len(lines) > 3
    before = text("wood-2#3", "\n".join([*tools, fee]))
    assert excerpt("手数料はいくらですか", read(before, best="200円")).sources[0].quote == fee


def test_a_long_item_that_answers_is_shown_however_the_list_goes_on() -> None:
    """Something is quoted and marked, where nothing whole fits beside it."""
    body = f"道具:\n・のみ 短い\n・かんな {'木を削る道具' * 36}\n・きり {'穴をあける' * 30}"
    draft = excerpt("かんなについて教えて", read(text("wood-2#3", body), best="かんな"))
    (block,) = blocks_of(draft)
    assert isinstance(block, ExcerptBlock)
    assert "かんな" in block.text
    assert "".join(block.text[slice(*block.highlight)])


def test_a_list_of_something_else_does_not_take_the_answers_place() -> None:
    """Though it has as many items as the question says: nothing that leads it was asked for."""
    asked = "工具は一人に貸します。のこぎりとかんなです。"
    body = f"休みは次のとおりです。\n・月曜日\n・祝日\n{'館は古い。' * 50}\n{asked}"
    (source,) = excerpt("工具の2つを教えて", read(text("wood-2#3", body), best="かんなです")).sources
    assert "のこぎりとかんなです。" in source.quote


def test_a_list_is_known_by_what_stands_behind_it() -> None:
    """Where what leads it is a name alone, and the likeliest sentence is another."""
    told = f"{'道具館は長い歴史を持ち、' * 12}市民に道具を貸します。"
    body = f"{told}\n杉の会\n・のこぎり\n・かんな\n・のみ\nこれら3つの工具を貸します"
    (source,) = excerpt("3つの工具を教えて", read(text("wood-2#3", body), best="歴史")).sources
    assert "・のこぎり\n・かんな\n・のみ" in source.quote


def test_where_somebody_is_reached_is_no_label_of_a_drawing() -> None:
    """Three bare lines behind the answer stay, where one has a number or an address."""
    body = "申し込みは係で受け付けます。\n杉森市役所 道具係\n杉森市本町1丁目\n電話 076-123-4567"
    (source,) = excerpt("申し込みはどこでできますか", read(text("wood-2#3", body), best="受け付け")).sources
    assert source.quote == body


def fields(count: int) -> tuple[Passage, ...]:
    """Return the first passages of so many numbered sections under one heading."""
    sections = (text(f"wood-2#{n}", f"道具{n}を直して使います。", f"【分野{n}】 道具{n}") for n in range(1, count + 1))
    return tuple(replace(passage, path=("2. 取組", *passage.path)) for passage in sections)


def test_sections_that_are_asked_for_by_their_number_are_listed_by_their_headings() -> None:
    """All of them, each cited, behind the heading that they stand under; not the text of one of them."""
    of = fields(4)
    draft = excerpt("4つの分野は何ですか", read(of[2], 0.9), of_document=of)
    lines = [f"・【分野{n}】 道具{n}[{n}]" for n in range(1, 5)]
    assert text_of(draft).splitlines() == ["「木の道具館計画2.0」の「2. 取組」にこうあります。", *lines]
    assert [source.passage for source in draft.sources] == list(of)
    assert all(source.quote in source.passage.text for source in draft.sources)


def test_sections_that_the_question_names_are_listed_before_what_was_likeliest() -> None:
    """Where the best passage is of another section, and one of them was found beside it."""
    of = fields(4)
    draft = excerpt("4つの分野は何ですか", read(OPENING, 0.9), read(of[2], 0.6), of_document=of)
    assert [source.passage for source in draft.sources][:4] == list(of)


def test_sections_that_the_question_names_are_listed_before_others_as_many() -> None:
    """Two of a document's chapters are found, of which one holds the two that are asked for."""
    of = (replace(OPENING, path=("1. 館", "館の歴史")), *fields(2))
    draft = excerpt("2つの分野は何ですか", read(of[0], 0.9), read(of[1], 0.8), of_document=of)
    assert text_of(draft).splitlines()[1:3] == ["・【分野1】 道具1[1]", "・【分野2】 道具2[2]"]


def test_a_section_is_asked_for_by_its_number() -> None:
    """分野3 is 【分野3】, whatever that is called; another number is another section."""
    of = fields(4)
    statuses = [
        excerpt(question, read(of[2], 0.6), confidence=0.6, of_document=of).status
        for question in ("分野3について教えてください", "分野2について教えてください")
    ]
    assert statuses == [Status.ANSWERED, Status.PARTIAL]


def test_sections_with_sections_of_their_own_are_listed_by_their_headings() -> None:
    """Where only these have text, and are numbered on themselves."""
    within = [replace(p, path=(*p.path, f"({n}) 橋")) for p in fields(3) for n in (1, 2)]
    of = tuple(replace(passage, id=f"wood-2#{n}", lines=(n,)) for n, passage in enumerate(within))
    draft = excerpt("3つの分野は何ですか", read(of[3], 0.9), of_document=of)
    assert text_of(draft).splitlines()[1:] == [f"・【分野{n}】 道具{n}[{n}]" for n in range(1, 4)]
    assert [source.passage for source in draft.sources] == list(of[::2])


def test_sections_that_are_all_found_are_shown_behind_their_headings() -> None:
    """Who asks for all of two is told what they are, and reads both."""
    of = fields(2)
    draft = excerpt("分野の一覧は?", *(read(each, 0.9) for each in of), of_document=of)
    assert "・【分野1】 道具1[1]\n・【分野2】 道具2[2]" in text_of(draft)
    assert [source.passage for source in draft.sources] == [*of, *of]


def test_sections_that_are_not_asked_for_are_not_listed() -> None:
    """A question of one, of another number, of as many others, and one that finds one of several by itself."""
    of = fields(4)
    for question in ("分野3の道具はどう使いますか", "3つの分野は何ですか", "4つの館は何ですか", "分野の一覧は?"):
        assert len(excerpt(question, read(of[2], 0.9), of_document=of).sources) == 1


def test_the_item_that_the_question_names_is_marked() -> None:
    """Though another one of its list were likelier."""
    body = "貸します。\n・のこぎり 木を切る\n・かんな 木を削る\n・のみ 木を彫る"
    (block,) = blocks_of(excerpt("かんなについて教えて", read(text("wood-2#3", body), best="のみ")))
    assert isinstance(block, ExcerptBlock)
    assert block.text[slice(*block.highlight)] == "・かんな 木を削る"


def test_the_words_of_a_figure_are_not_shown_beside_the_answer() -> None:
    """They are where a word of the question is among them, where the reader finds the answer in them, and alone."""
    drawn = "旧館の時代\n引き継ぐ\n新館の時代"
    both = text("wood-2#4", f"道具館は午後5時に閉まります。\n{drawn}")
    assert excerpt("何時に閉まりますか", read(both, best="午後")).sources[0].quote == "道具館は午後5時に閉まります。"
    for question, best in (("新館は何時に閉まりますか", "午後"), ("何時に閉まりますか", "新館")):
        assert excerpt(question, read(both, best=best)).sources[0].quote == both.text
    assert excerpt("何時に閉まりますか", read(text("wood-2#4", drawn))).sources[0].quote == drawn


def test_brackets_of_a_heading_are_not_doubled() -> None:
    """Those around all of it are gone, those within are of the other kind."""
    assert "の「木の道具」に" in text_of(
        excerpt("閉館は", read(text("wood-2#1", OPENING.text, "「木の道具」"), best="閉館"))
    )
    named = text("wood-2#1", OPENING.text, "「木の道具」を守る")
    assert "の「『木の道具』を守る」に" in text_of(excerpt("閉館は", read(named, best="閉館")))


def test_a_heading_stands_behind_the_one_that_tells_of_another_plan() -> None:
    """What a plan of before reached is not read as this one's."""
    of_before = replace(OPENING, path=("杉森市旧い道具の計画の成果", "2. 開館"))
    draft = excerpt("閉館は何時ですか", read(of_before, best="閉館"))
    assert text_of(draft).startswith(
        "「木の道具館計画2.0」の「杉森市旧い道具の計画の成果」の「2. 開館」にこうあります。"
    )


def test_a_row_is_shown_with_its_table() -> None:
    """Each row as the document has it, with a citation of its own; pages get them as a table."""
    draft = excerpt("料金の一覧は?", *(read(row, best="円") for row in FEES))
    (block,) = blocks_of(draft)
    assert isinstance(block, TableBlock)
    assert block.columns == ("区分", "料金", "備考")
    assert block.rows == (("大人", "400円", "団体は2割引"), ("子ども", "150円", "小学生まで"))
    assert block.cited == (1, 2)
    assert [source.passage for source in draft.sources] == list(FEES)
    assert "・子ども: 料金 150円、備考 小学生まで[2]" in text_of(draft)


def test_the_row_that_is_named_is_shown_alone() -> None:
    """Who asks for one row is not shown the others."""
    draft = excerpt("子どもの料金は?", *(read(row, 0.9 - i / 10, "円") for i, row in enumerate(reversed(FEES))))
    assert [source.passage for source in draft.sources] == [FEES[1]]
    assert "400円" not in text_of(draft)


def test_a_documents_own_marks_name_no_source() -> None:
    """[3] in the document's words is written wide in the text; block and quote have it as it stands."""
    body = "道具館は2人の大工が建てました[3]。屋根は杉の皮です。"
    draft = excerpt("誰が建てましたか", read(text("wood-2#3", body, "沿革[7]"), best="大工"))
    assert re.findall(r"\[\d+\]", text_of(draft)) == ["[1]"]
    assert "［3］" in text_of(draft)
    assert draft.sources[0].quote == body


def test_a_cells_own_marks_name_no_source() -> None:
    """Nor do those of a table's heads and cells."""
    rows = table("wood-2", "5. 貸出", ("道具", "貸出数[2]"), ("のこぎり", "12回[4]"), ("かんな", "7回"))
    draft = excerpt("貸出の一覧は?", *(read(row, best="回") for row in rows), rows=rows)
    assert re.findall(r"\[\d+\]", text_of(draft)) == ["[1]", "[2]"]


def test_what_is_asked_in_english_is_told_in_english() -> None:
    """The line is the asker's, the words stay the document's."""
    draft = excerpt("When does the museum close?", read(OPENING, best="閉館"), confidence=0.65)
    assert text_of(draft, "en").startswith("This may not be exactly what you asked")
    assert "From “木の道具館計画2.0”, section “2. 開館” (in Japanese, as written):" in text_of(draft, "en")
    assert "閉館は午後5時です。" in text_of(draft)


LONG = text(
    "wood-2#7",
    "".join(f"道具館の第{n}倉庫には船大工から譲り受けた古い道具を収め、" for n in range(1, 20))
    + "蔵の2階では漆を塗る道具の手入れを夏のあいだ続け、"
    + "".join(f"第{n}倉庫の道具は職人の話とともに記録し、" for n in range(20, 40))
    + "これらを次の世代に伝えます。",
)


def test_a_sentence_that_is_too_long_is_cut_between_its_clauses() -> None:
    """The clauses that the question speaks of stand in 「…」, verbatim, and the line says that it is a part."""
    draft = excerpt("漆を塗る道具の手入れはいつですか", read(LONG, best="漆"), confidence=0.65)
    (source,), (_, block) = draft.sources, blocks_of(draft)
    assert isinstance(block, ExcerptBlock)
    assert source.quote == block.text
    assert source.quote in LONG.text
    assert "漆を塗る道具の手入れを夏のあいだ続け、" in source.quote
    assert f"\n…{source.quote}…[1]" in text_of(draft)
    assert block.lead.endswith("（長い文の一部です。）")
    assert len(text_of(draft)) <= 500


def test_a_sentence_without_a_comma_is_cut_where_the_room_ends() -> None:
    """Nothing that a document holds makes an answer longer than can be read."""
    endless = text("wood-2#8", "道具館の倉庫" * 200)
    draft = excerpt("倉庫には何がありますか", read(endless, best="倉庫"))
    assert draft.sources[0].quote in endless.text
    assert "…[1]" in text_of(draft)
    assert len(text_of(draft)) <= 500


def test_a_title_that_leaves_no_room_hides_no_answer() -> None:
    """The best place is shown behind any line."""
    heading, title = "開" * 40, "木の道具館" * 100
    named = (Document("wood-3", title, "9.md", issuer="杉森市"),)
    draft = excerpt("閉館は何時ですか", read(text("wood-3#1", OPENING.text, heading), best="閉館"), documents=named)
    assert "閉館は午後5時です。" in draft.sources[0].quote


def test_two_stretches_of_one_section_are_one_place() -> None:
    """The second goes on under the line of the first."""
    further = text("wood-2#2", "夏は閉館を午後6時に延ばします。")
    draft = excerpt("閉館は何時ですか", read(OPENING, best="閉館"), read(further, 0.6, "閉館"))
    assert [source.passage.id for source in draft.sources] == ["wood-2#1", "wood-2#2"]
    assert text_of(draft).count("「木の道具館計画2.0」の「2. 開館」") == 1
    assert "\n\n同じ箇所に、こうもあります。\n夏は" in text_of(draft)


def test_a_third_place_is_shown_where_all_of_it_fits() -> None:
    """Short sections stand side by side; a long one is not begun."""
    fields = [text(f"wood-2#{n}", f"第{n}の分野では道具{n}を直します。", f"分野{n}") for n in range(1, 5)]
    long = text("wood-2#9", "道具を直す分野です。" * 40, "分野9")
    several = (read(field, 0.9 - n / 100, "分野") for n, field in enumerate(fields))
    draft = excerpt("どんな分野がありますか", *several, read(long, 0.8, "道具"))
    assert [source.passage.section for source in draft.sources] == ["分野1", "分野2", "分野3", "分野4"]
    assert len(text_of(draft)) <= 500


def test_an_older_plan_that_is_as_likely_is_the_second_place() -> None:
    """Both plans speak: it comes before another place of the one in force."""
    before = text("wood-1#1", "道具館は午後6時に閉まりました。")
    others = [text(f"wood-2#{n}", f"{n}月は午後{n}時に閉まります。", f"{n}. 臨時") for n in (3, 4)]
    shown = excerpt("何時に閉まりますか", read(before, 0.6, "閉ま"), *(read(other, 0.5, "閉ま") for other in others))
    assert [source.passage.doc_id for source in shown.sources][:2] == ["wood-2", "wood-1"]


def test_the_row_that_was_found_is_shown_with_its_notes() -> None:
    """What is said of it below the table is a part of what the document says of it."""
    noted = (replace(FEES[0], notes=("※学生証で50円引き",)), FEES[1])
    draft = excerpt("料金の一覧は?", read(noted[0], best="円"), rows=noted)
    assert "・大人: 料金 400円、備考 団体は2割引、※学生証で50円引き[1]" in text_of(draft)


def test_notes_that_all_rows_share_are_shown_once_below_them() -> None:
    """They are the table's, and read as no row's own."""
    noted = tuple(replace(row, notes=("※学生証で50円引き",)) for row in FEES)
    draft = excerpt("料金の一覧は?", read(noted[0], best="円"), rows=noted)
    assert text_of(draft).endswith("・子ども: 料金 150円、備考 小学生まで[2]\n表の注: ※学生証で50円引き[1]")
    assert text_of(draft).count("学生証") == 1
    assert blocks_of(draft)[-1] == TextBlock(text="表の注: ※学生証で50円引き[1]")


def test_notes_that_leave_no_room_for_rows_are_not_shown() -> None:
    """The rows are what was asked for."""
    noted = tuple(replace(row, notes=("※" + "学生証で引きます。" * 40,)) for row in FEES)
    draft = excerpt("料金の一覧は?", read(noted[0], best="円"), rows=noted)
    assert "学生証" not in text_of(draft)


def test_an_older_plan_comes_first_where_the_one_in_force_says_less() -> None:
    """What only the older one says it still answers."""
    before = text("wood-1#1", "道具館の貸出の手数料は閉館までに払います。")
    passages = read(before, 0.9, "手数料"), read(text("wood-2#1", "道具館の閉館は午後5時です。"), 0.4, "閉館")
    assert excerpt("道具館の貸出の手数料は閉館までですか", *passages).sources[0].passage.doc_id == "wood-1"


def test_nobody_answers_for_another_town() -> None:
    """What was asked of a city stands in no other city's papers."""
    turn = turn_of("高山市の道具館の閉館は何時ですか", read(OPENING, best="閉館"))
    assert excerpt_answerer()(turn) is None


def test_a_town_that_the_passage_names_is_no_reason_to_decline() -> None:
    """A partner is written of by name; a place that does not speak of it is not shown."""
    named = text("wood-2#6", "姉妹都市の高山市の道具館は午後4時に閉まります。", "6. 交流")
    draft = excerpt("高山市の道具館は何時に閉まりますか", read(OPENING, 0.9, "閉館"), read(named, 0.6, "道具館"))
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
def test_what_may_lie_within_the_own_town_is_answered_under_its_name(question: str) -> None:
    """A quarter, the prefecture, another town beside the own one: it is said whose documents these are."""
    draft = excerpt(question, read(OPENING, best="閉館"))
    assert draft.status is Status.PARTIAL
    assert re.match(
        r"(朝日町|長野県|高山市)の文書は、ここにはありません。\n\n杉森市の「木の道具館計画2.0」", text_of(draft)
    )


def test_a_list_is_not_begun_within_an_item() -> None:
    """The sentences of an item stand together or not at all."""
    items = [f"・道具{n}は棚に戻します。道具{n}の刃には油を引き、湿った日には乾いた布で包みます。" for n in range(12)]
    listed = replace(text("wood-2#3", "\n".join(items)), kind="list")
    draft = excerpt("道具7の手入れは?", read(listed, best="道具7の刃"))
    (source,) = draft.sources
    assert "道具7の刃" in source.quote
    assert set(source.quote.splitlines()) <= set(items)


def test_the_first_place_has_the_room_that_a_short_second_leaves() -> None:
    """Half of the room is for a second that needs it."""
    body = "".join(f"第{n}展示室には古い道具が並び、手に取って使い方を試せます。" for n in range(1, 40))
    short = text("wood-2#2", "展示室は2階です。", "4. 階")
    draft = excerpt("第20展示室には何がありますか", read(text("wood-2#1", body), best="第20"), read(short, 0.8, "展示"))
    assert len(draft.sources) == 2
    assert len(draft.sources[0].quote) > 215


def test_the_plan_in_force_is_not_shown_where_the_one_before_is_asked_for() -> None:
    """What is asked of 前の計画 is told of it alone, unless the later one is much likelier."""
    before = text("wood-1#1", "道具館は午後6時に閉まりました。")
    draft = excerpt("前の計画では何時に閉まりますか", read(OPENING, 0.9, "閉館"), read(before, 0.8, "閉ま"))
    assert [source.passage.doc_id for source in draft.sources] == ["wood-1"]


def test_rows_that_say_the_same_are_told_in_one_line() -> None:
    """Their labels stand together, each with its citation."""
    rows = table("wood-2", "5. 貸出", ("道具", "窓口"), ("のこぎり", "一階の受付"), ("かんな", "一階の受付"))
    draft = excerpt("貸出の窓口の一覧は?", *(read(one, best="受付") for one in rows), rows=rows)
    assert "・のこぎり、かんな: 窓口 一階の受付[1][2]" in text_of(draft)


def test_of_a_row_that_is_too_long_the_cell_that_is_asked_for_is_shown() -> None:
    """Beside it stands what fits of the others, and a mark that says that there is more."""
    long = "木を切る前に刃を確かめます。" * 40
    heads = ("道具", "使い方", "備え", "担当")
    rows = table("wood-2", "5. 貸出", heads, ("のこぎり", long, long[:442], "木工係"), ("かんな", long, "油", "貸出係"))
    draft = excerpt("のこぎりの担当は誰ですか", read(rows[0], best="木"), rows=rows)
    assert "・のこぎり: 担当 木工係…[1]" in text_of(draft)


def test_the_row_found_keeps_its_cells_in_a_list_of_labels() -> None:
    """Who asks for all of something sees the row that answers whole, and the names of the others, which do not fit."""
    use = "木目に沿って静かに引き、終わったら油を含ませた布で拭きます。" * 5
    names = ("のこぎり", "かんな", "のみ", "きり")
    rows = table("wood-2", "5. 貸出", ("道具", "使い方", "窓口"), *((name, use, f"{name}の係") for name in names))
    draft = excerpt("引く道具の係をすべて教えて", read(rows[1], best="木"), rows=rows)
    assert "窓口 かんなの係" in text_of(draft)
    assert "・のこぎり[1]" in text_of(draft)


def test_a_figure_is_not_cut_at_its_comma() -> None:
    """Of a text that is too long what is shown goes on to the end of its sentence, and parts no 12,500円."""
    before = "道具館の倉庫には船大工から譲り受けた道具を収め、職人の話とともに記録しています。" * 6
    body = f"{before}蔵の貸切については、利用の目的を問わず、1日につき12,500円とします。{before}"
    row = table("wood-2", "5. 貸出", ("道具", "決まり"), ("蔵", body))[0]
    told = excerpt("蔵の貸切は1日いくらですか", read(row, best="蔵"), rows=(row,)).sources[0].quote
    assert "蔵の貸切については、利用の目的を問わず、1日につき12,500円とします。" in told


def test_a_row_without_cells_is_not_shown_beside_one_that_has() -> None:
    """An empty line of a form tells nothing."""
    rows = table("wood-2", "5. 貸出", ("道具", "窓口"), ("のこぎり", "一階の受付"), ("かんな", ""))
    assert "かんな" not in text_of(excerpt("貸出の窓口を教えてください", read(rows[0], best="受付"), rows=rows))


def test_lines_of_one_form_are_one_place() -> None:
    """A form of days without entries does not take the room of all that answers."""
    days = table("wood-2", "7. 記録", ("日",), ("一日",), ("二日",), ("三日",))
    other = read(text("wood-2#8", "記録は毎日つけます。", "6. 注意"), 0.5, "毎日")
    shown = excerpt("記録はいつつけますか", *(read(day, best="日") for day in days), other, rows=days).sources
    assert [source.passage for source in shown] == [days[0], other.hit.passage]


TOOLS = table(
    "wood-2", "5. 貸出の回数", ("道具", "回数"), ("のこぎり", "52回"), ("両刃のかんな", "18回"), ("のみ", "21回")
)


def shown(question: str, *likely: float) -> Draft:
    """Return what is shown of the tools, each row as likely to answer as is told."""
    return excerpt(question, *(read(row, p, "回") for row, p in zip(TOOLS, likely, strict=True)), rows=TOOLS)


def test_of_a_table_the_row_that_is_named_is_shown_alone() -> None:
    """By a part of its label, too; the others answer something else."""
    assert [source.passage for source in shown("かんなは何かに使われた?", 0.3, 0.9, 0.8).sources] == [TOOLS[1]]


def test_where_none_is_named_the_rows_that_are_as_likely_are_shown() -> None:
    """One alone where it is much likelier than the others."""
    assert [s.passage for s in shown("木を薄くする物の回数は", 0.2, 0.9, 0.3).sources] == [TOOLS[1]]
    assert [s.passage for s in shown("木を薄くする物の回数は", 0.2, 0.9, 0.8).sources] == [TOOLS[1], TOOLS[2]]


def test_who_asks_for_the_table_sees_its_rows() -> None:
    """By what stands above them."""
    assert len(shown("貸出の回数は?", 0.2, 0.9, 0.3).sources) == len(TOOLS)


def test_a_row_without_a_word_of_the_question_is_told_as_near() -> None:
    """However sure the reader is of it."""
    assert shown("職人は増える?", 0.2, 0.95, 0.3).status is Status.PARTIAL
    assert shown("かんなは増える?", 0.2, 0.95, 0.3).status is Status.ANSWERED


def test_figures_are_told_as_near_to_who_asks_for_a_ground() -> None:
    """A sentence in a cell may tell it, a number does not."""
    assert shown("かんなはなぜ使われた?", 0.2, 0.95, 0.3).status is Status.PARTIAL
