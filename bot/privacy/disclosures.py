"""Finds names, home addresses and dates of birth that a writer gives of themselves or their family.

Statements about an office, a place or people in general do not count: 副市長の二階堂です, 本庁は青葉町1-1-1ですか,
4月1日生まれの人は. Sudachi tags the names of officials and of writers alike, so a name also needs an introducing
phrase.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from ingest.japanese.notation import ERA, ERA_LETTER, KANJI_DIGITS, KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import Morpheme, morphemes

Span = tuple[int, int]

# Characters of context read before a name or a date; the limit keeps the cost linear in the length of the text.
_CONTEXT_CHARS = 40

_SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]?")


@cache
def vocabulary() -> dict[str, str]:
    """Return the words of `disclosures.toml`, each list as a regular expression alternation without a group."""
    lists = tomllib.loads(files("bot.privacy").joinpath("disclosures.toml").read_text("utf-8"))
    words: dict[str, str] = lists["words"]
    return words


def sentences_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence of `text` with its offset."""
    for match in _SENTENCE.finditer(text):
        yield match.start(), match[0]


_W = vocabulary()
_SELF = rf"(?:{_W['self']})"
_PERSON = rf"(?:{_W['self']}|{_W['relative']}|{_W['child']})"
_OFFICE = re.compile(rf"(?:{_W['office']})の?\Z")

# --- names -----------------------------------------------------------------------------------------------------------

# The words before 申します are always a name; those before です may be anything.
_HUMBLE = re.compile(r"(?:と|って)(?:申(?:し(?:ま|て)|す)|もう(?:しま|す))")
_CALLED = re.compile(r"(?:と|って)(?:いい|言い)ます(?!か)|(?:と|って)(?:いう|言う)(?:名前|者|もの)")
_IS = re.compile(
    r"(?:です|なのです|でございます|でござい|っす)(?!か(?!ら)|ね|よね)|だ(?:けど|が)|(?:、|\()\d{1,3}[歳才]|\(\d{2}\)です"
)
_IS_KIN = re.compile(rf"の(?:{_W['relative']}|保護者|家族|者)(?:です|でございます|と申)")
_LABEL = re.compile(
    r"(?P<owner>[^\s、。]{1,12}の|本人|申請者|世帯主)?(?:お?名前|氏名|本名|名字|苗字|フルネーム|宛名|あて名)(?:は|:|が|\s|、)+「?"
)
_OWNED = re.compile(rf"(?:{_PERSON}|人|者|児童|宛先|患者|届出人)の?\Z")
_ASKED = re.compile(r"」?(?:(?:です|でしょう|と(?:いい|言い)ます)か|[はがをにの])")
# A name begins the sentence, or follows an action, a place or a role of its bearer (先日電話した, 国府町の, 世帯主の).
_BEARER = re.compile(r"(?:\A|[、,\s)〕]|の|た|いる|おります|む|る)\Z")
_TOPIC = re.compile(r"(?<!こんにち)(?<!こんばん)(?:は|が|も|って)、?\s*\Z")
_OWN_TOPIC = re.compile(rf"(?:(?:{_PERSON})(?:の(?:名前|氏名|本名))?(?:は|が|も|って|、)|こちら(?:は|、)?)、?\s*\Z")
# 息子の桐谷健斗の転校
_RELATED = re.compile(rf"(?:{_W['relative']})(?:の|、|\s|である)")
_NOT_IN_NAMES = re.compile(
    r".*(?:町|市|村|区|県|通り|橋|駅|川|山|公園|館|校|園|店|社|院|ビル|会|課|係|局|部|家|者|人|員|長|生)\Z"
)
_LETTERS = re.compile(r"[一-鿿々ヶぁ-ゖァ-ヺー・･A-Za-z]+")
_LATEST_PARTICLE = re.compile(r".*[のはがも、\s「]")
_DOTS = frozenset("・･")
_LONGEST_NAME = 16
# In the languages of the pages: en, pt, vi, zh.
_IN_OTHER_LANGUAGES = re.compile(
    r"(?i:\bmy (?:full )?name is|\bi am called|\bmeu nome é|\b(?:eu )?me chamo|\btôi tên là|\btên tôi là)\s+"
    r"(?P<latin>[^\W\d_][\w'.-]*(?: [A-ZÀ-Ỹ][\w'.-]*){0,4})"
    r"|(?:我叫|我的名字(?:是|叫)|我姓)\s*(?P<han>[一-鿿]{1,4}?)(?=[,，。、\s]|\Z)"
)


def names(text: str) -> list[Span]:
    """Return the spans of names that writers give of themselves or a relative."""
    matches = _IN_OTHER_LANGUAGES.finditer(text)
    spans = [match.span("latin" if match["latin"] else "han") for match in matches]
    for start, sentence in sentences_of(text):
        spans += ((start + a, start + b) for a, b in _find_names(sentence))
    return drop_overlapping_spans(spans)


def _find_names(sentence: str) -> Iterator[Span]:
    tails = [
        *((match.start(), _is_humble) for match in _HUMBLE.finditer(sentence)),
        *((match.start(), _is_called) for match in _CALLED.finditer(sentence)),
        *((match.start(), _is_introduced) for match in (*_IS.finditer(sentence), *_IS_KIN.finditer(sentence))),
    ]
    labels, related = list(_LABEL.finditer(sentence)), list(_RELATED.finditer(sentence))
    if not tails and not labels and not related:
        return
    words = _Words(sentence)
    for end, is_name in tails:
        run = words.nouns_until(end)
        if run and is_name(run, sentence[max(0, run[0].start - _CONTEXT_CHARS) : run[0].start]):
            yield run[0].start, end
        elif is_name is _is_humble and (span := _letters_before(sentence, end)):
            yield span
    for relative in related:
        run = words.nouns_from(relative.end())
        if _is_named(run):
            yield run[0].start, run[-1].end
    for label in labels:
        run = words.nouns_from(label.end())
        owner = label["owner"] or ""
        is_own = _OWNED.search(owner) if owner else _is_named(run)
        if run and is_own and not _ASKED.match(sentence, run[-1].end):
            yield run[0].start, run[-1].end


class _Words:
    """The morphemes of a sentence, with access to runs of nouns by their start or end."""

    def __init__(self, sentence: str) -> None:
        self._morphemes = morphemes(sentence, "C")
        self._ends = {m.end: i for i, m in enumerate(self._morphemes)}
        self._starts = {m.start: i for i, m in enumerate(self._morphemes)}

    def nouns_until(self, end: int) -> Sequence[Morpheme]:
        """Return the run of nouns that ends at `end` and may be a name; empty if no word ends there."""
        last = self._ends.get(end, -1)
        first = last
        while first >= 0 and self._may_be_named(first):
            first -= 1
        return self._morphemes[first + 1 : last + 1]

    def nouns_from(self, start: int) -> Sequence[Morpheme]:
        """Return the run of nouns that begins at `start` and may be a name."""
        first = end = self._starts.get(start, len(self._morphemes))
        while end < len(self._morphemes) and self._may_be_named(end):
            end += 1
        return self._morphemes[first:end]

    def place_start(self, end: int) -> int:
        """Return the start of the place name that ends at `end`, or `end` if there is none."""
        i = self._ends.get(end, -1)
        while i >= 0 and self._morphemes[i].is_noun and _LETTERS_OF_PLACES.fullmatch(self._morphemes[i].surface):
            end, i = self._morphemes[i].start, i - 1
        return end

    def _may_be_named(self, i: int) -> bool:
        morpheme = self._morphemes[i]
        if morpheme.surface in _DOTS:
            return True
        if not morpheme.surface.strip():  # 山田 太郎
            is_inner = 0 < i < len(self._morphemes) - 1
            return is_inner and all("人名" in self._morphemes[j].pos for j in (i - 1, i + 1))
        is_noun = morpheme.is_noun or morpheme.pos[0] == "形状詞"
        return is_noun and bool(_LETTERS.fullmatch(morpheme.surface))


def _is_humble(run: Sequence[Morpheme], _before: str) -> bool:
    return run[-1].end - run[0].start <= _LONGEST_NAME


def _is_called(run: Sequence[Morpheme], before: str) -> bool:
    return _is_own(before) and any({"人名", "地名"} & {*m.pos} for m in run)


def _is_introduced(run: Sequence[Morpheme], before: str) -> bool:
    is_foreign = any(m.surface in _DOTS for m in run) and not before.strip()
    is_named = is_foreign or _is_named(run) or (bool(_OWN_TOPIC.search(before)) and "地名" in run[0].pos)
    return is_named and _is_own(before)


def _is_own(before: str) -> bool:
    """Whether a name after these words is the writer's: they mention no office and no other topic."""
    if _OWN_TOPIC.search(before):
        return True
    clause = before.rstrip("、 ")
    return bool(_BEARER.search(before)) and not _OFFICE.search(clause) and not _TOPIC.search(clause)


def _is_named(run: Sequence[Morpheme]) -> bool:
    """Whether the words are a person's name: a first name, or a family name with a possible first name."""
    surfaces = "".join(m.surface for m in run)
    if not 0 < len(surfaces) <= _LONGEST_NAME or not any("人名" in m.pos for m in run):
        return False
    if _DOTS & {*surfaces}:
        return True
    return "人名" in run[0].pos and all("人名" in m.pos or not _NOT_IN_NAMES.match(m.surface) for m in run[1:])


def _letters_before(sentence: str, end: int) -> Span | None:
    """Return the span from the last particle to `end`, for names that are not tagged as nouns (in hiragana)."""
    window = sentence[max(0, end - _LONGEST_NAME) : end]
    skipped = _LATEST_PARTICLE.match(window)
    name = window[skipped.end() if skipped else 0 :]
    return (end - len(name), end) if _LETTERS.fullmatch(name) else None


# --- addresses -------------------------------------------------------------------------------------------------------

_N = rf"[\d{KANJI_DIGITS}十百]{{1,5}}"
_HYPHENS = r"\d{1,4}(?:[-の]\d{1,4}+){1,3}+"
_CHOME = re.compile(r"\d+丁目")
_STREET = re.compile(
    rf"(?<![-\d.第])(?<!様式)(?<!番号)(?<!年)(?<!月)"
    rf"(?:{_N}丁目の?(?:{_HYPHENS}|{_N}(?:番地?の?(?:{_N}号?)?|号)?)|{_N}番地(?:の?{_N}号?)?|{_N}番の?{_N}号?|{_HYPHENS})"
    r"(?![-\d年月日条項円人件%]|号?線|地区|丁目)"
)
_BUILDING = re.compile(r"の?\s?[一-鿿々ぁ-ゖァ-ヺーA-Za-z0-9]{2,12}?\s?[A-Za-z]?棟?\s?\d{1,4}(?:号室?|[階F])?(?!\d)")
_IN_BUILDING = re.compile(r"[ァ-ヺー]{2}|ビル|荘|棟|団地|マンション|アパート|号室\Z")
_POSTAL = re.compile(r"〒?\d{3}-\d{4}\s*\Z")
_HOME = re.compile(_W["home"])
_ROOM = re.compile(_W["room"])
# A statement, not a question; also as the first clause of one (3-4-5ですが、…ですか).
_STATES = re.compile(r"(?:です|ます|ました|ません|ください|下さい|たい|だ|た|しい|い|者)(?:が|けど|の)?[。!\n]?\Z")
_STATES_AT_ONCE = re.compile(r"[^。!?\n、]{0,20}?(?:です|ます|ました)(?:が|けど|けれども|ので)")
_PLACE = re.compile(rf"{_W['place']}")
_NEAR = 12
_GENERAL = re.compile(r"住(?:んでいる|んでる|む)(?:人|方|かた|世帯|住民|場合)")
# An address at the start of a sentence, followed by a statement about it.
_GOES_ON = re.compile(r"、|です(?!か(?!ら)|しょう)|の者|在住|だけど")
_OWN_PLACE = re.compile(rf"(?:{_PERSON}|[現今新旧前]|現在|以前|家族|実家|自宅|新居|下宿)\Z")
_OTHER_PLACE = re.compile(r"([^\s、。はがを]{1,12})の(?:住所|所在地)")
_LETTERS_OF_PLACES = re.compile(r"[一-鿿々ヶァ-ヺーぁ-ゖ]+")
_LONGEST_POSTAL_CODE = 12


def addresses(text: str) -> list[Span]:
    """Return the spans of home addresses with a street number, from the place name to the room."""
    home_spans: list[Span] = []
    for start, sentence in sentences_of(text):
        if streets := list(_STREET.finditer(sentence)):
            words = _Words(sentence)
            spans = [_address_span(sentence, words, street) for street in streets]
            # 一丁目一番地 without a place name is an idiom for the first priority.
            spans = [
                span
                for span, street in zip(spans, streets, strict=True)
                if span != street.span() or _CHOME.match(street[0])
            ]
            if spans and _is_home(sentence, spans[0]):
                home_spans += ((start + a, start + b) for a, b in spans)
    return drop_overlapping_spans(home_spans)


def _is_home(sentence: str, first: Span) -> bool:
    """Whether the address is a home: the sentence has a word for one, or is a statement that names no other place."""
    before, after = sentence[: first[0]], sentence[first[1] :]
    other = _OTHER_PLACE.search(before)
    if _GENERAL.search(after) or (other and not _OWN_PLACE.search(other[1])):
        return False
    if _HOME.search(sentence) or _ROOM.search(sentence) or (not before.strip() and _GOES_ON.match(after)):
        return True
    return bool(_STATES.search(sentence) or _STATES_AT_ONCE.match(after)) and not _PLACE.search(before + after[:_NEAR])


def _address_span(sentence: str, words: _Words, street: re.Match[str]) -> Span:
    start = words.place_start(street.start())
    postal = _POSTAL.search(sentence, max(0, start - _LONGEST_POSTAL_CODE), start)
    building = _BUILDING.match(sentence, street.end())
    if building is None or not _IN_BUILDING.search(building[0]):
        building = street
    return (postal.start() if postal else start), building.end()


# --- dates of birth --------------------------------------------------------------------------------------------------

_YEAR = rf"(?:(?:{ERA}|西暦|{ERA_LETTER})?\s?(?:\d{{1,4}}|元|[{KANJI_ONE_TO_TEN}]{{1,3}})\s?[年./-]\s?)"
_D = rf"(?:\d{{1,2}}+|[{KANJI_ONE_TO_TEN}]{{1,3}}+)"
_MONTH_AND_DAY = rf"{_D}\s?[月./-]\s?{_D}日?+"
_DATE = rf"(?:{_YEAR}{_MONTH_AND_DAY}|{_YEAR}{_D}月(?!\s?{_D}日))(?!\d)"
_WITHOUT_YEAR = rf"{_D}月{_D}日(?!\d)"
_BORN = re.compile(
    rf"(?P<date>{_DATE})の?(?:生まれ|うまれ|産まれ|生(?!ま|[一-鿿]))"
    r"(?!(?:です|でしょう)か(?!ら)|から|まで|以降|以前|の(?:人|方|かた|者|児童|市民|住民)[はがもにをとの、]|の(?:お?子(?:さん|ども|供)?|赤ちゃん)(?:[はもにをとの、]|が(?!い)))"
)
_WAS_BORN = re.compile(
    rf"(?P<date>{_DATE}|{_WITHOUT_YEAR})に?[^。!?\n]{{0,14}}?(?:(?:生まれ|産まれ|うまれ)(?:まし|て(?!い?る(?:人|方))|たばかり|たの?(?:で|が))"
    r"|誕生しまし|(?:出産|産み)(?:し|まし)|産んで)(?!た?か)"
)
_IS_BIRTHDAY = re.compile(rf"(?P<date>{_DATE}|{_WITHOUT_YEAR})が{_SELF}?の?(?:誕生日|生年月日)(?:です|で|な)(?!か)")
_BIRTHDAY = re.compile(
    rf"(?:生年月日|(?<!創立)誕生日|(?:生まれ|うまれ)(?:た(?:の|日))?(?=[は:が])|DOB|[Dd]ate of birth|[Bb]irthday)"
    rf"(?:は|:|が|、|is|\s|「)*"
    rf"(?P<date>{_DATE}|\d{{8}}(?!\d)|{_WITHOUT_YEAR}(?:、?\s?{_YEAR})?)"
    r"(?!\s?(?:以降|以前|から|まで)|(?:です|でしょう)か(?!ら))"
)
_FORMS_OF_BIRTH = (_BORN, _BIRTHDAY, _IS_BIRTHDAY, _WAS_BORN)
_ANY_TOPIC = re.compile(r"[一-鿿々ァ-ヺー」](?:は|が|も)")
_RANGE = re.compile(r"(?:から|まで|[~〜～]|以前|以降)\Z|\A(?:から|まで|[~〜～]|以前|以降)")
_OF_OWN = re.compile(rf"{_PERSON}|産")
_OF_OFFICE = re.compile(
    rf"(?:{_W['office']})(?:は|が|の|、)|対象|(?:市|町|村|館|校|制度|計画|施設|まつり|企業|会社)(?:は|が)"
)


def births(text: str) -> list[Span]:
    """Return the spans of dates of birth that writers give of themselves or a relative."""
    spans = []
    for start, sentence in sentences_of(text):
        for born in (match for form in _FORMS_OF_BIRTH for match in form.finditer(sentence)):
            a, b = born.span("date")
            before = sentence[max(0, a - _CONTEXT_CHARS) : a]
            in_range = _RANGE.search(before[-2:]) or _RANGE.match(sentence[b : b + 2])
            of_own = (
                born.re is not _WAS_BORN or _OF_OWN.search(before + born[0]) or not _ANY_TOPIC.search(before + born[0])
            )
            if of_own and not in_range and not _OF_OFFICE.search(before):
                spans.append((start + a, start + b))
    return drop_overlapping_spans(spans)


def drop_overlapping_spans(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order; of overlapping spans only the earliest, then longest."""
    disjoint: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > start and (not disjoint or start >= disjoint[-1][1]):
            disjoint.append((start, end))
    return disjoint
