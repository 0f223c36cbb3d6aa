"""From the text of a question to what it asks for — read from the language, not from known questions."""

import re
from collections.abc import Sequence
from datetime import date

from bot.understand.asked import Asked, Kind, Term
from bot.understand.denial import UNDECIDED, excepted_in
from bot.understand.how_many import counters_asked
from bot.understand.kind_asked import kind_of
from bot.understand.kind_words import without_kind_words
from bot.understand.kinds import ages_of, asks, aspects_of, compares, is_yesno
from bot.understand.outcome import kind_of_outcome
from bot.understand.relative import relative_dates
from bot.understand.terms import compounds, terms_of
from bot.understand.vocabulary import ASKING
from ingest.normalise import dates, nfkc, number
from ingest.tokenise import morphemes

# A sentence that only asks for an answer: 教えていただけますか。ご教示ください。何卒よろしくお願い申し上げます。
_POLITE = re.compile(
    r"\S{0,10}(?:教え|教示|お願い|知りたい|答え|調べて|分かり(?:ます|ません)|わかり(?:ます|ません)|[分わ]か[る方]|大丈夫|出典)\S{0,16}"
)
_OCCASION = re.compile(r"(?<=[すたい]が、)|(?<=けど、)|(?<=けれど、)|(?<=けれども、)|(?<=まして、)")
# Characters from which on a sentence tells its occasion first.
_LONG = 45
_RATE = re.compile(r"(?:率|割合)(?:[はをがも、?\s]|って|なんぼ|どれ|どの|いくら|$)")
_PEOPLE = re.compile(r"[者員児]数(?:は|を|って|の(?:目標|実績)|[?。]|$)")
_NUMBER_OF = re.compile(r"[一-龥]数")
_AGE = re.compile(r"年齢|いくつから|いくつまで")
_COUNT = re.compile(r"(\d{1,2}|[二三四五六七八九十])(?:つ|分野|項目|本|点|種類|者|人|か条|大|段階|柱)(?!目)")


def understand(text: str, today: date | None = None) -> Asked:
    """Return what the question `text` asks for; any text gives a result, an empty one has no terms.

    With `today` the years told from it (昨年度) are dates too.
    """
    normal = nfkc(text).strip()
    told = relative_dates(normal, today) if today else []
    excepted = excepted_in(normal)
    times = [(m.start, m.end) for m in told]
    core = core_sentence(normal)
    unit = unit_of(core)
    count = _COUNT.search(core)
    terms = terms_of(normal, core, [*times, (excepted.start, excepted.end)] if excepted else times)
    if not any(t.is_strong for t in terms):  # ポルトガル語版以外は?: what is left out is all that is named
        terms = terms_of(normal, core, times)
    kind = kind_of_outcome(core, kind_of(core, unit, normal), yesno=is_yesno(core))
    kind = _kind(kind, terms, excepted.what if excepted else "")
    terms, said = without_kind_words(terms, kind)
    return Asked(
        text=normal,
        kind=kind,
        terms=terms,
        dates=(*dates(normal), *told),
        unit=unit,
        count=int(number(count[1])) if count else None,
        aspects=aspects_of(core),
        ages=ages_of(normal),
        yesno=is_yesno(core),
        compares=compares(core),
        quoted=tuple(re.findall(r"「([^「」]{2,60})」", normal)),
        compounds=compounds(normal),
        hints=said | {m.normal for m in morphemes(normal) if m.is_noun and m.normal in ASKING},
        excepted=(excepted.what,) if excepted else (),
    )


def _kind(kind: Kind, terms: Sequence[Term], excepted: str) -> Kind:
    """Return what is asked for: by who leaves one out the others; what is undecided has no figure yet."""
    if excepted and kind in {Kind.WHAT, Kind.WHO, Kind.DEFINITION}:
        return Kind.LIST
    undecided = kind in {Kind.MONEY, Kind.QUANTITY} and any(t.text == UNDECIDED for t in terms)
    return Kind.WHAT if undecided else kind


def core_sentence(text: str) -> str:
    """Return the last sentence that asks something; the sentences before it are occasion and politeness."""
    sentences = [s for s in re.split(r"(?<=[。?!\n])\s*", text) if s.strip("。?! \n")]
    asking = [s for s in sentences if asks(s)]
    wanted = [s for s in asking if not _POLITE.fullmatch(s)]
    return _last_clause((wanted or asking or sentences or [text])[-1])


def _last_clause(sentence: str) -> str:
    """Return what is asked behind the occasion of a long sentence: …と伺ったのですが、どのようなものでしょうか."""
    *occasion, question = _OCCASION.split(sentence)
    return question if occasion and len(sentence) > _LONG and asks(question) else sentence


def unit_of(core: str) -> str:
    """Return the counter that is asked for: 何件 -> 件, いくつの施策 -> 施策, 実施率は -> %; "" where there is none."""
    if asked := next(counters_asked(core), None):
        return asked.unit
    if _RATE.search(core):
        return "%"
    if _AGE.search(core):
        return "歳"
    if _PEOPLE.search(core) and len(_NUMBER_OF.findall(core)) == 1:
        return "人"
    for counted in (
        r"いくつの([一-龥]{2,3})",
        r"(枚|人)数",
        r"(?<![一-龥])([一-龥])は(?:全部で|合わせて|合計で)?いくつ",
    ):
        if match := re.search(counted, core):
            return match[1]
    return ""
