"""Rewrites a follow-up so that it stands alone, by rules and a trained model.

What it takes is learned (follow_up_model.py). Rules know the rest: choices that were offered, members of a
list, a plan by its age, another town, a wish for easy words, and what names nothing at all.
"""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from bot.conversation.follow_up_model import FollowUpModel, question_about, shipped_followup_model
from bot.conversation.list_references import find_choice, question_about_item
from bot.conversation.sibling_headings import swap_heading
from bot.conversation.smalltalk import is_interjection
from bot.conversation.words import LITTLE, WORDS, importance
from bot.question.question_splitting import find_questions
from bot.question.scope import PLAN_WORDS, Issuers
from bot.state import AskedQuestions, Draft, Exchange, Part, Status, Turn, message, paragraph
from bot.verification import render_text
from ingest.chunking.column_roles import roles_of
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import NORMAL_FORMS, WHICH
from ingest.japanese.lexicon import any_of
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes, words

_log = logging.getLogger(__name__)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]|^\W*\d{1,2}\W*$")
# What turns to something else.
_TURNING = re.compile(
    r"(?:ところで|さて|別の(?:話|件|質問)(?:[^、。]{0,8}(?=[、。])|(?:なん)?(?:です|だ)?(?:けれど|けど|が)も?)"
    r"|話[はを]?変[わえ](?:[^、。]{0,6}(?=[、。])|[^、。]{0,4}?(?:けれど|けど|が|て|と)も?))[、。\s]*"
)
# What takes an answer back.
_NOT_SO = re.compile(r"(?:(?:違(?:う|います|って|くて)|(?:そう)?じゃな(?:くて?|い)|そうではなく(?:て)?)[、。]\s*)+")
# Conjunctions that Sudachi reads as something else; あと何回 counts.
_LINK = re.compile(
    rf"(?:では|それでは|それと(?=、)|ちなみに|ついでに|あと(?![何幾{KANJI_ONE_TO_TEN}\d]|いく|{WHICH})(?:は)?)"
    r"(?:、|(?=[^、。?]))"
)
_PLANS = any_of(PLAN_WORDS)
_AGES = {"前": "前", "以前": "前", "今": "今", "いま": "今", "現在": "今", "次": "次"}
_QUALITIES = {"旧": "前", "古い": "前", "現行": "今", "最新": "今", "新しい": "今"}
_AGE = rf"(?:一つ|ひとつ|1つ)?(?:(?:{'|'.join(_AGES)})の|(?:{'|'.join(_QUALITIES)})の?)"
_OTHER_AGE = re.compile(rf"{_AGE}[^のは、]{{0,6}}{_PLANS}(?:では)?[のは]?、?")
# Behind a subject of which nothing more is said: the mark of a contrast, of a condition, of a topic.
_CONTRAST = r"の?(?:方|ほう)|の?(?:では|だと|なら)"
_TAIL = (
    r"(?:の?(?:方|ほう)|の(?:とき|時|頃|場合|もの|やつ))?(?:(?:だけ)?(?:では|だと|なら|は|も))?"
    r"、?(?:どう|いかが)?(?:です(?:が|けど|よ|ね)?|だ(?:よ|けど)?|でした|でしょう|だった|なの|なる(?:の|ん)?(?:です)?|なります|なりました)?"
    r"か?[。?!]*"
)
# 古いですか asks whether it is.
_ONLY_AGE = re.compile(
    rf"(?:一つ|ひとつ|1つ)?(?P<age>{'|'.join(_AGES | _QUALITIES)})(?!い?(?:です|でしょ|の(?:です|か)|か))"
    rf"の?(?P<plan>{_PLANS})?{_TAIL}"
)
_ONLY_TAIL, _ONLY_NAMED = re.compile(_TAIL), re.compile(rf"(?:について|に関して)?{_TAIL}$")
# Behind a town: what makes it the place of the question, and what sets it against another.
_ONLY_TOWN = re.compile(rf"{_TAIL}|に(?:住ん|すん)で(?:い?ます|い?る)(?:が|けど)?[。!]*")
_OF_PLACE = r"(?:に(?:ついて|関して)は?|では|でも|には|にも|だと|なら|の|で|に|は|も|です|だよ?)?[、。]?\s*"
_AGAINST = re.compile(r"の?(?:方|ほう)が|より|と(?!は)")
# What wants to hear the same once more.
_AGAIN = re.compile(r"(?:もう(?:一|1)[度回]|再度)(?:教え|お願い|言っ|説明)?[^、。?]{0,8}[。?]*")
# Behind what somebody names who was asked of what.
_WISHED = re.compile(
    r"(?:のこと)?(?:です|だよ?|(?:について|に関して|を|が)?(?:教えて|知りたい|聞きたい|お願い)[^、。?]{0,8}|について|に関して)?"
    r"[。?]*$"
)
_HOW = re.compile(r"(?:もっと|より|一番)?[一-龥ァ-ヶー]{2,4}な(?P<what>[一-龥ァ-ヶー]{2}.*)")
# Suffixes, and nouns that count or serve as adverbs.
_NAMING_NOTHING = frozenset({"接尾辞", "助数詞", "助数詞可能", "副詞可能"})
_SAYING = frozenset({"動詞", "形容詞", "形状詞", "代名詞"})


class FollowUpRewriter:
    """The step that makes follow-ups whole; safe to share between threads.

    `documents` are known by their names, and by the headings of what is `of_document`. `problem` says in Japanese why
    the net of the file `net` (without one, that of this package) is not used, and what it tells is done without; ""
    where it is used.
    """

    def __init__(
        self,
        documents: Sequence[Document] = (),
        net: Path | None = None,
        of_document: Callable[[str], Iterable[Passage]] = lambda _: (),
    ) -> None:
        found = {nfkc(name) for document in documents for name in (document.title, *document.aliases)}
        self._names = sorted(found, key=len, reverse=True)
        self._issuers = Issuers(documents)
        self._of_document = of_document
        self.problem = ""
        self._net: FollowUpModel | None = None
        try:
            self._net = FollowUpModel.load(net) if net else shipped_followup_model()
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with a file, questions are answered without it
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.problem = (
                f"会話の続きを読むモデルを使えません（{reason}）。続きの質問も、それだけで答えます。"
                "パッケージを入れ直してください。"
            )
            _log.warning("The model of follow-ups cannot be used: %s", reason)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole; one that stands alone, or stands first, is left as it is.

        One that stands first and names nothing is asked back.
        """
        if not _JAPANESE.search(turn.text):
            return turn
        if not turn.history:
            return turn.finish(_clarifying_draft()) if has_no_subject(turn.text) else turn
        if turned := _TURNING.match(turn.text):
            return replace(turn, text=turn.text[turned.end() :] or turn.text)
        text = strip_connectives(turn.text)
        said = strip_connectives(turn.history[-1].understood)
        if wants_easy_japanese(text):
            question = turn.question.model_copy(update={"style": "easy"})
            return replace(turn, question=question, text=said, typed=text)
        cited = frozenset[str]().union(*(one.documents for one in turn.history))
        before = _last_question(replace(turn.history[-1], understood=said, documents=cited))
        whole = said if _wants_again(text) else self._rewrite(text, before)
        return turn if whole in {None, text} else replace(turn, text=whole, typed=text)

    def _rewrite(self, text: str, before: Exchange) -> str | None:
        """Return the question that `text` means after `before`; None where it stands alone."""
        if before.status is Status.CLARIFY and (told := _resolve_clarification(text, before)):
            return told
        if elsewhere := self._rewrite_for_town(text, before):
            return elsewhere
        if text in {before.understood, *before.suggestions}:  # asked again, or a choice word for word
            return None
        another = self._rewrite_for_plan(text, before.understood) or self._rewrite_for_heading(text, before)
        if named := another or question_about_item(text, _place_texts(before)):
            return named
        taken = self._rewrite_by_model(text, before.understood)
        if taken is None or before.status is not Status.NO_ANSWER or is_vague(text):
            return taken
        place = _matching_related_heading(text, before)  # what was asked in vain gives way to what was shown
        return question_about(place, text) if place else taken

    def _rewrite_by_model(self, text: str, before: str) -> str | None:
        """Return what the net makes of `text` behind the question `before`.

        What is named in brackets, and a document, is a subject of its own: of 1,823 questions behind others 15 have
        brackets, and none of those is about what was before (decision 027).
        """
        if self._net is None:
            return None
        named = "「" in text or self._names_a_document(text)
        how = _HOW.match(text) if roles_of(text) else None
        if (taken := self._net(text, before, named=named)) or not how:
            return taken
        # 正確な: how what is asked for is to be says nothing of what it is about.
        taken = self._net(how["what"], before, named=named)
        return taken and taken.replace(how["what"][:2], text[: how.start("what")] + how["what"][:2], 1)

    def _rewrite_for_plan(self, text: str, before: str) -> str | None:
        """Return the question `before` of the plan that the text names by its age, or sets against that: 2.0のほう."""
        if age := _plan_age(text):
            return f"{age}の計画では、{self._without_plan(before)}"
        name = next((name for name in self._names if text.startswith(name)), "")
        rest = _WISHED.sub("", text[len(name) :]) if name else ""
        if not re.match(_CONTRAST, rest) or not _ONLY_TAIL.fullmatch(rest):
            return None
        spoken_of = next((name for name in self._names if name in before), "")
        return before.replace(spoken_of, name, 1) if spoken_of else f"{name}では、{self._without_plan(before)}"

    def _rewrite_for_heading(self, text: str, before: Exchange) -> str | None:
        """Return the question before of the heading that the text names and no more: 産業は? behind 文化の施策は?.

        It stands beside one that was asked of, in a document that the talk has cited.
        """
        name = _ONLY_NAMED.sub("", _WISHED.sub("", text))
        cited = chain.from_iterable(map(self._of_document, before.documents))
        return swap_heading(before.understood, name, cited, self._names)

    def _names_a_document(self, text: str) -> bool:
        return any(name in text for name in self._names)

    def _rewrite_for_town(self, text: str, before: Exchange) -> str | None:
        """Return the question that `text` means where it names a town, of what was spoken of before, but of that town.

        `text` itself where that says all of it. None where it asks of something else; a town that is only set against
        the other (X市より) changes no place.
        """
        there, places = self._issuers.places(text)
        if len(places) != 1 or self._names_a_document(text) or _AGAINST.match(text, places[0][1]):
            return None
        start, end = places[0]
        town = text[start:end].removesuffix("の")
        moved = self._replace_town(before.understood, town)
        rest = text[:start] + text[start + len(town) :]
        if _ONLY_TOWN.fullmatch(rest):
            return moved
        if self._issuers.places(before.understood)[0] == there:  # who names it again begins anew
            return None
        rest = text[:start] + re.sub(rf"^{_OF_PLACE}", "", rest[start:])
        if self._rewrite_by_model(text, before.understood) is None or not rest.strip():
            return None
        return self._rewrite(rest, replace(before, understood=moved, suggestions=())) or text

    def _replace_town(self, question: str, town: str) -> str:
        """Return the question of `town` in the place of those that it names, or before all."""
        _, places = self._issuers.places(question)
        if not places:
            return f"{town}の{question}"
        for start, end in sorted(places, reverse=True):
            question = question[:start] + town + question[start + len(question[start:end].removesuffix("の")) :]
        return question

    def _without_plan(self, question: str) -> str:
        """Return the question without the document that it names, by its name or by its time (前の計画)."""
        for name in self._names:
            question = question.replace(name, "", 1)
        return re.sub(r"^(?:で)?[のはが、]+", "", _OTHER_AGE.sub("", question))


def strip_connectives(text: str) -> str:
    """Return the text without what only links it to what was said, or takes that back: では, ちなみに, 違う、."""
    whole, text = text, _NOT_SO.sub("", text, count=1) if _NOT_SO.match(text) else text
    start, ms = 0, morphemes(text)
    for m, following in zip_longest(ms, ms[1:]):
        if not (m.pos[0] in {"接続詞", "空白"} or is_interjection(m, following) or (start and m.surface in "、。")):
            break
        start = m.end
    return _LINK.sub("", text[start:], count=1) if _LINK.match(text[start:]) else text[start:] or whole


def wants_easy_japanese(text: str) -> bool:
    """Whether normalised `text` only wants what was said in easier words."""
    said = {m.normal for m in morphemes(text) if m.is_content and m.pos[0] != "接尾辞"}
    return bool(said & WORDS["easy"]) and said <= WORDS["easy"] | WORDS["wishing"]


def _wants_again(text: str) -> bool:
    """Whether `text` only wants what was said once more: もう一度教えて, つまり?; いくら? asks."""
    asks = any(m.is_noun or m.pos[0] in _SAYING or m.normal in NORMAL_FORMS for m in morphemes(text))
    return bool(_AGAIN.fullmatch(text)) or not asks


def _last_question(before: Exchange) -> Exchange:
    """Return what was asked last in an exchange of several questions, a line each, with what was said to that."""
    last = find_questions(before.understood)[-1] if "\n" in before.understood else before.understood
    at = next((n for n, part in enumerate(before.parts) if _is_question(part, last)), -1)
    return replace(before, understood=last, parts=before.parts[at + 1 :])


def _is_question(part: Part, question: str) -> bool:
    return isinstance(part, AskedQuestions) and part.questions[-1].endswith(question)


def _place_texts(before: Exchange) -> list[str]:
    """Return the text of each place of the answer before: a part, or what an empty line separates in it."""
    return [text for part in before.parts for text in render_text([part], marks=False).split("\n\n")]


def has_no_subject(text: str) -> bool:
    """Whether normalised `text` asks, or wishes, without a word of what: だれですか, あれはどこにありますか."""
    ms = morphemes(text)
    empty = LIGHT_WORDS | NORMAL_FORMS
    named = (m for m in ms if m.is_noun and m.normal not in empty)
    return all(_NAMING_NOTHING & {*m.pos} for m in named) and is_vague(text)


def is_vague(text: str) -> bool:
    """Whether normalised `text` hardly says what it is about: 費用は?, 死んだときは?; 粗大ごみは? does."""
    return importance({*words(text)}) < LITTLE


def _clarifying_draft() -> Draft:
    return Draft((paragraph(message("of_what"), message("name_it")),), status=Status.CLARIFY)


def _resolve_clarification(text: str, before: Exchange) -> str | None:
    """Return what was asked before it was asked back, with the choice or the name that `text` tells; else None."""
    if choice := find_choice(text, before.suggestions):
        return choice
    asks = any(m.normal in NORMAL_FORMS for m in morphemes(text))
    if asks or has_no_subject(text) or not has_no_subject(before.understood):
        return None
    named = _WISHED.sub("", text)
    ms = morphemes(named)
    return question_about(named, before.understood) if ms and ms[-1].is_noun else None


def _matching_related_heading(text: str, before: Exchange) -> str | None:
    """Return the heading of the place, shown as near to what was asked before, that has what the text names anew."""
    own = {*words(text)} - {*words(before.understood)}
    near = (heading for heading, said in before.nearest if heading and own <= {*words(f"{heading}\n{said}")})
    return f"「{strip_heading_number(heading)}」" if own and (heading := next(near, None)) else None


def _plan_age(text: str) -> str | None:
    """Return how another plan is named, where the text names that and no more: 前のは?, 今の計画では?."""
    match = _ONLY_AGE.fullmatch(text) or _ONLY_AGE.fullmatch(_WISHED.sub("", text))
    age = (_AGES | _QUALITIES)[match["age"]] if match else None
    return age if age != "次" or (match and match["plan"]) else None
