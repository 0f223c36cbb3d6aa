"""Finds names, home addresses and dates of birth that a writer gives of themselves or their family.

Statements about an office, a place or people in general do not count: 副市長の二階堂です, 本庁は青葉町1-1-1ですか,
4月1日生まれの人は. Sudachi tags the names of officials and of writers alike, so a name also needs an introducing
phrase.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from ingest.japanese.lexicon import MUNICIPALITY
from ingest.japanese.notation import ERA, ERA_LETTER, KANJI_DIGITS, KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import Morpheme, morphemes

CharacterSpan = tuple[int, int]

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


_VOCABULARY = vocabulary()
_SELF = rf"(?:{_VOCABULARY['self']})"
_PERSON = rf"(?:{_VOCABULARY['self']}|{_VOCABULARY['relative']}|{_VOCABULARY['child']})"
_OFFICE = re.compile(rf"(?:{_VOCABULARY['office']})の?\Z")

# --- names -----------------------------------------------------------------------------------------------------------

# The words before 申します are always a name; those before です may be anything.
_HUMBLY_NAMED = re.compile(r"(?:と|って)(?:申(?:し(?:ま|て)|す)|もう(?:しま|す))")
_CALLED_BY_NAME = re.compile(r"(?:と|って)(?:いい|言い)ます(?!か)|(?:と|って)(?:いう|言う)(?:名前|者|もの)")
_STATED_AS = re.compile(
    r"(?:です|なのです|でございます|でござい|っす)(?!か(?!ら)|ね|よね)|だ(?:けど|が)|(?:、|\()\d{1,3}[歳才]|\(\d{2}\)です"
)
_STATED_AS_RELATIVE = re.compile(rf"の(?:{_VOCABULARY['relative']}|保護者|家族|者)(?:です|でございます|と申)")
_NAME_LABEL = re.compile(
    r"(?P<owner>[^\s、。]{1,12}の|本人|申請者|世帯主)?(?:お?名前|氏名|本名|名字|苗字|フルネーム|宛名|あて名)(?:は|:|が|\s|、)+「?"
)
_OWNED_BY_PERSON = re.compile(rf"(?:{_PERSON}|人|者|児童|宛先|患者|届出人)の?\Z")
_IN_QUESTION = re.compile(r"」?(?:(?:です|でしょう|と(?:いい|言い)ます)か|[はがをにの])")
# A name begins the sentence, or follows an action, a place or a role of its bearer (先日電話した, 国府町の, 世帯主の).
_CAN_PRECEDE_NAME = re.compile(r"(?:\A|[、,\s)〕]|の|た|いる|おります|む|る)\Z")
_ENDS_WITH_TOPIC = re.compile(r"(?<!こんにち)(?<!こんばん)(?:は|が|も|って)、?\s*\Z")
_ENDS_WITH_OWN_TOPIC = re.compile(
    rf"(?:(?:{_PERSON})(?:の(?:名前|氏名|本名))?(?:は|が|も|って|、)|こちら(?:は|、)?)、?\s*\Z"
)
# 息子の桐谷健斗の転校
_RELATIVE_BEFORE_NAME = re.compile(rf"(?:{_VOCABULARY['relative']})(?:の|、|\s|である)")
_NOT_A_NAME = re.compile(
    rf".*(?:{MUNICIPALITY}|県|通り|橋|駅|川|山|公園|館|校|園|店|社|院|ビル|会|課|係|局|部|家|者|人|員|長|生)\Z"
)
_NAME_LETTERS = re.compile(r"[一-鿿々ヶぁ-ゖァ-ヺー・･A-Za-z]+")
_UP_TO_LAST_PARTICLE = re.compile(r".*[のはがも、\s「]")
_NAME_DOTS = frozenset("・･")
_MAX_NAME_CHARS = 16
# In the languages of the pages: en, pt, vi, zh.
_FOREIGN_INTRODUCTION = re.compile(
    r"(?i:\bmy (?:full )?name is|\bi am called|\bmeu nome é|\b(?:eu )?me chamo|\btôi tên là|\btên tôi là)\s+"
    r"(?P<latin>[^\W\d_][\w'.-]*(?: [A-ZÀ-Ỹ][\w'.-]*){0,4})"
    r"|(?:我叫|我的名字(?:是|叫)|我姓)\s*(?P<han>[一-鿿]{1,4}?)(?=[,，。、\s]|\Z)"
)


def find_names(text: str) -> list[CharacterSpan]:
    """Return the spans of names that writers give of themselves or a relative."""
    matches = _FOREIGN_INTRODUCTION.finditer(text)
    spans = [match.span("latin" if match["latin"] else "han") for match in matches]
    for start, sentence in sentences_of(text):
        spans += _shifted(_names_in_sentence(sentence), start)
    return drop_overlapping_spans(spans)


def _names_in_sentence(sentence: str) -> Iterator[CharacterSpan]:
    tails = [
        *((match.start(), _is_humble) for match in _HUMBLY_NAMED.finditer(sentence)),
        *((match.start(), _is_called) for match in _CALLED_BY_NAME.finditer(sentence)),
        *((match.start(), _is_introduced) for match in _STATED_AS.finditer(sentence)),
        *((match.start(), _is_introduced) for match in _STATED_AS_RELATIVE.finditer(sentence)),
    ]
    labels = list(_NAME_LABEL.finditer(sentence))
    relatives = list(_RELATIVE_BEFORE_NAME.finditer(sentence))
    if not tails and not labels and not relatives:
        return
    words = _Words(sentence)
    for end, is_name in tails:
        run = words.nouns_until(end)
        if run and is_name(run, sentence[max(0, run[0].start - _CONTEXT_CHARS) : run[0].start]):
            yield run[0].start, end
        elif is_name is _is_humble and (span := _letters_before(sentence, end)):
            yield span
    for relative in relatives:
        run = words.nouns_from(relative.end())
        if _is_named(run):
            yield run[0].start, run[-1].end
    for label in labels:
        run = words.nouns_from(label.end())
        owner = label["owner"] or ""
        is_own = _OWNED_BY_PERSON.search(owner) if owner else _is_named(run)
        if run and is_own and not _IN_QUESTION.match(sentence, run[-1].end):
            yield run[0].start, run[-1].end


class _Words:
    def __init__(self, sentence: str) -> None:
        self._morphemes = morphemes(sentence, "C")
        self._ends = {word.end: i for i, word in enumerate(self._morphemes)}
        self._starts = {word.start: i for i, word in enumerate(self._morphemes)}

    def nouns_until(self, end: int) -> Sequence[Morpheme]:
        last = self._ends.get(end, -1)
        first = last
        while first >= 0 and self._may_be_named(first):
            first -= 1
        return self._morphemes[first + 1 : last + 1]

    def nouns_from(self, start: int) -> Sequence[Morpheme]:
        first = end = self._starts.get(start, len(self._morphemes))
        while end < len(self._morphemes) and self._may_be_named(end):
            end += 1
        return self._morphemes[first:end]

    def place_start(self, end: int) -> int:
        i = self._ends.get(end, -1)
        while i >= 0 and self._morphemes[i].is_noun and _PLACE_LETTERS.fullmatch(self._morphemes[i].surface):
            end, i = self._morphemes[i].start, i - 1
        return end

    def _may_be_named(self, i: int) -> bool:
        morpheme = self._morphemes[i]
        if morpheme.surface in _NAME_DOTS:
            return True
        if not morpheme.surface.strip():  # 山田 太郎
            is_inner = 0 < i < len(self._morphemes) - 1
            return is_inner and all("人名" in self._morphemes[j].pos for j in (i - 1, i + 1))
        is_noun = morpheme.is_noun or morpheme.pos[0] == "形状詞"
        return is_noun and bool(_NAME_LETTERS.fullmatch(morpheme.surface))


def _is_humble(run: Sequence[Morpheme], _preceding: str) -> bool:
    return run[-1].end - run[0].start <= _MAX_NAME_CHARS


def _is_called(run: Sequence[Morpheme], preceding: str) -> bool:
    return _is_own(preceding) and any({"人名", "地名"} & {*word.pos} for word in run)


def _is_introduced(run: Sequence[Morpheme], preceding: str) -> bool:
    is_foreign = any(word.surface in _NAME_DOTS for word in run) and not preceding.strip()
    is_place_name = bool(_ENDS_WITH_OWN_TOPIC.search(preceding)) and "地名" in run[0].pos
    return (is_foreign or is_place_name or _is_named(run)) and _is_own(preceding)


def _is_own(preceding: str) -> bool:
    if _ENDS_WITH_OWN_TOPIC.search(preceding):
        return True
    clause = preceding.rstrip("、 ")
    return (
        bool(_CAN_PRECEDE_NAME.search(preceding)) and not _OFFICE.search(clause) and not _ENDS_WITH_TOPIC.search(clause)
    )


def _is_named(run: Sequence[Morpheme]) -> bool:
    name = "".join(word.surface for word in run)
    if not 0 < len(name) <= _MAX_NAME_CHARS or not any("人名" in word.pos for word in run):
        return False
    if _NAME_DOTS & {*name}:
        return True
    return "人名" in run[0].pos and all("人名" in word.pos or not _NOT_A_NAME.match(word.surface) for word in run[1:])


def _letters_before(sentence: str, end: int) -> CharacterSpan | None:
    window = sentence[max(0, end - _MAX_NAME_CHARS) : end]
    skipped = _UP_TO_LAST_PARTICLE.match(window)
    name = window[skipped.end() if skipped else 0 :]
    return (end - len(name), end) if _NAME_LETTERS.fullmatch(name) else None


# --- addresses -------------------------------------------------------------------------------------------------------

_NUMBER = rf"[\d{KANJI_DIGITS}十百]{{1,5}}"
_HYPHENATED = r"\d{1,4}(?:[-の]\d{1,4}+){1,3}+"
_CHOME = re.compile(r"\d+丁目")
_AFTER_CHOME = rf"(?:{_HYPHENATED}|{_NUMBER}(?:番地?の?(?:{_NUMBER}号?)?|号)?)"
_BLOCK = rf"{_NUMBER}番地(?:の?{_NUMBER}号?)?|{_NUMBER}番の?{_NUMBER}号?"
_NOT_AFTER_OTHER_NUMBER = r"(?<![-\d.第])(?<!様式)(?<!番号)(?<!年)(?<!月)"
_NOT_BEFORE_UNIT = r"(?![-\d年月日条項円人件%]|号?線|地区|丁目)"
_STREET_NUMBER = re.compile(
    rf"{_NOT_AFTER_OTHER_NUMBER}(?:{_NUMBER}丁目の?{_AFTER_CHOME}|{_BLOCK}|{_HYPHENATED}){_NOT_BEFORE_UNIT}"
)
_BUILDING = re.compile(r"の?\s?[一-鿿々ぁ-ゖァ-ヺーA-Za-z0-9]{2,12}?\s?[A-Za-z]?棟?\s?\d{1,4}(?:号室?|[階F])?(?!\d)")
_IN_BUILDING = re.compile(r"[ァ-ヺー]{2}|ビル|荘|棟|団地|マンション|アパート|号室\Z")
_POSTAL_CODE = re.compile(r"〒?\d{3}-\d{4}\s*\Z")
_HOME_WORD = re.compile(_VOCABULARY["home"])
_ROOM_WORD = re.compile(_VOCABULARY["room"])
# A statement, not a question; also as the first clause of one (3-4-5ですが、…ですか).
_ENDS_AS_STATEMENT = re.compile(
    r"(?:です|ます|ました|ません|ください|下さい|たい|だ|た|しい|い|者)(?:が|けど|の)?[。!\n]?\Z"
)
_CONTINUES_AS_STATEMENT = re.compile(r"[^。!?\n、]{0,20}?(?:です|ます|ました)(?:が|けど|けれども|ので)")
_PLACE_WORD = re.compile(rf"{_VOCABULARY['place']}")
_PLACE_WORD_CONTEXT_CHARS = 12
_ABOUT_RESIDENTS = re.compile(r"住(?:んでいる|んでる|む)(?:人|方|かた|世帯|住民|場合)")
# An address at the start of a sentence, followed by a statement about it.
_CONTINUES_AFTER_ADDRESS = re.compile(r"、|です(?!か(?!ら)|しょう)|の者|在住|だけど")
_OWN_PLACE = re.compile(rf"(?:{_PERSON}|[現今新旧前]|現在|以前|家族|実家|自宅|新居|下宿)\Z")
_OTHER_PLACE = re.compile(r"([^\s、。はがを]{1,12})の(?:住所|所在地)")
_PLACE_LETTERS = re.compile(r"[一-鿿々ヶァ-ヺーぁ-ゖ]+")
_MAX_POSTAL_CODE_CHARS = 12


def find_addresses(text: str) -> list[CharacterSpan]:
    """Return the spans of home addresses with a street number, from the place name to the room."""
    home_spans: list[CharacterSpan] = []
    for start, sentence in sentences_of(text):
        if streets := list(_STREET_NUMBER.finditer(sentence)):
            words = _Words(sentence)
            spans = list[CharacterSpan]()
            for street in streets:
                span = _address_span(sentence, words, street)
                # 一丁目一番地 without a place name is an idiom for the first priority.
                if span != street.span() or _CHOME.match(street[0]):
                    spans.append(span)
            if spans and _is_home(sentence, spans[0]):
                home_spans += _shifted(spans, start)
    return drop_overlapping_spans(home_spans)


def _is_home(sentence: str, first: CharacterSpan) -> bool:
    preceding = sentence[: first[0]]
    following = sentence[first[1] :]
    other_place = _OTHER_PLACE.search(preceding)
    if _ABOUT_RESIDENTS.search(following) or (other_place and not _OWN_PLACE.search(other_place[1])):
        return False
    begins_statement = not preceding.strip() and _CONTINUES_AFTER_ADDRESS.match(following)
    if _HOME_WORD.search(sentence) or _ROOM_WORD.search(sentence) or begins_statement:
        return True
    is_statement = bool(_ENDS_AS_STATEMENT.search(sentence) or _CONTINUES_AS_STATEMENT.match(following))
    return is_statement and not _PLACE_WORD.search(preceding + following[:_PLACE_WORD_CONTEXT_CHARS])


def _address_span(sentence: str, words: _Words, street: re.Match[str]) -> CharacterSpan:
    start = words.place_start(street.start())
    postal = _POSTAL_CODE.search(sentence, max(0, start - _MAX_POSTAL_CODE_CHARS), start)
    building = _BUILDING.match(sentence, street.end())
    if building is None or not _IN_BUILDING.search(building[0]):
        building = street
    return (postal.start() if postal else start), building.end()


# --- dates of birth --------------------------------------------------------------------------------------------------

_YEAR = rf"(?:(?:{ERA}|西暦|{ERA_LETTER})?\s?(?:\d{{1,4}}|元|[{KANJI_ONE_TO_TEN}]{{1,3}})\s?[年./-]\s?)"
_DAY = rf"(?:\d{{1,2}}+|[{KANJI_ONE_TO_TEN}]{{1,3}}+)"
_MONTH_AND_DAY = rf"{_DAY}\s?[月./-]\s?{_DAY}日?+"
_DATE = rf"(?:{_YEAR}{_MONTH_AND_DAY}|{_YEAR}{_DAY}月(?!\s?{_DAY}日))(?!\d)"
_DATE_WITHOUT_YEAR = rf"{_DAY}月{_DAY}日(?!\d)"
_QUESTION_OR_RANGE = r"(?:です|でしょう)か(?!ら)|から|まで|以降|以前"
_PEOPLE_IN_GENERAL = r"の(?:人|方|かた|者|児童|市民|住民)[はがもにをとの、]"
_CHILDREN_IN_GENERAL = r"の(?:お?子(?:さん|ども|供)?|赤ちゃん)(?:[はもにをとの、]|が(?!い))"
_BORN = re.compile(
    rf"(?P<date>{_DATE})の?(?:生まれ|うまれ|産まれ|生(?!ま|[一-鿿]))"
    rf"(?!{_QUESTION_OR_RANGE}|{_PEOPLE_IN_GENERAL}|{_CHILDREN_IN_GENERAL})"
)
_BIRTH_VERB = r"(?:生まれ|産まれ|うまれ)(?:まし|て(?!い?る(?:人|方))|たばかり|たの?(?:で|が))"
_DELIVERY_VERB = r"誕生しまし|(?:出産|産み)(?:し|まし)|産んで"
_WAS_BORN = re.compile(
    rf"(?P<date>{_DATE}|{_DATE_WITHOUT_YEAR})に?[^。!?\n]{{0,14}}?(?:{_BIRTH_VERB}|{_DELIVERY_VERB})(?!た?か)"
)
_IS_BIRTHDAY = re.compile(
    rf"(?P<date>{_DATE}|{_DATE_WITHOUT_YEAR})が{_SELF}?の?(?:誕生日|生年月日)(?:です|で|な)(?!か)"
)
_BIRTHDAY = re.compile(
    rf"(?:生年月日|(?<!創立)誕生日|(?:生まれ|うまれ)(?:た(?:の|日))?(?=[は:が])|DOB|[Dd]ate of birth|[Bb]irthday)"
    rf"(?:は|:|が|、|is|\s|「)*"
    rf"(?P<date>{_DATE}|\d{{8}}(?!\d)|{_DATE_WITHOUT_YEAR}(?:、?\s?{_YEAR})?)"
    r"(?!\s?(?:以降|以前|から|まで)|(?:です|でしょう)か(?!ら))"
)
_BIRTH_DATE_PATTERNS = (_BORN, _BIRTHDAY, _IS_BIRTHDAY, _WAS_BORN)
_ANY_TOPIC = re.compile(r"[一-鿿々ァ-ヺー」](?:は|が|も)")
_RANGE_MARK = re.compile(r"(?:から|まで|[~〜～]|以前|以降)\Z|\A(?:から|まで|[~〜～]|以前|以降)")
_ABOUT_OWN_FAMILY = re.compile(rf"{_PERSON}|産")
_ABOUT_OFFICE = re.compile(
    rf"(?:{_VOCABULARY['office']})(?:は|が|の|、)|対象|(?:市|町|村|館|校|制度|計画|施設|まつり|企業|会社)(?:は|が)"
)


def find_birth_dates(text: str) -> list[CharacterSpan]:
    """Return the spans of dates of birth that writers give of themselves or a relative."""
    spans = list[CharacterSpan]()
    for start, sentence in sentences_of(text):
        for pattern in _BIRTH_DATE_PATTERNS:
            own_dates = (match.span("date") for match in pattern.finditer(sentence) if _is_own_birth(sentence, match))
            spans += _shifted(own_dates, start)
    return drop_overlapping_spans(spans)


def _is_own_birth(sentence: str, birth: re.Match[str]) -> bool:
    start, end = birth.span("date")
    preceding = sentence[max(0, start - _CONTEXT_CHARS) : start]
    if _RANGE_MARK.search(preceding[-2:]) or _RANGE_MARK.match(sentence[end : end + 2]):
        return False
    if _ABOUT_OFFICE.search(preceding):
        return False
    clause = preceding + birth[0]
    return birth.re is not _WAS_BORN or bool(_ABOUT_OWN_FAMILY.search(clause)) or not _ANY_TOPIC.search(clause)


def _shifted(spans: Iterable[CharacterSpan], offset: int) -> Iterator[CharacterSpan]:
    return ((start + offset, end + offset) for start, end in spans)


def drop_overlapping_spans(spans: Sequence[CharacterSpan]) -> list[CharacterSpan]:
    """Return the spans in order; of overlapping spans only the earliest, then longest."""
    disjoint: list[CharacterSpan] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > start and (not disjoint or start >= disjoint[-1][1]):
            disjoint.append((start, end))
    return disjoint
