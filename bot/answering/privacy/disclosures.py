"""Finds names, home addresses and dates of birth that a writer gives of themselves or their family.

Statements about an office, a place or people in general do not count: 副市長の二階堂です, 本庁は青葉町1-1-1ですか,
4月1日生まれの人は. Sudachi tags the names of officials and of writers alike, so a name also needs an introducing
phrase. The phrases of the languages of the pages are in `disclosures.toml`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from ingest.japanese.lexicon import MUNICIPALITY
from ingest.japanese.notation import ERA, ERA_LETTER, KANJI_DIGITS, KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import Morpheme, morphemes

CharacterSpan = tuple[int, int]

# Characters of context read before a name or a date; the limit keeps the cost linear in the length of the text.
_CONTEXT_CHARS = 40

_SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]?")
_LISTS = tomllib.loads(files("bot.answering.privacy").joinpath("disclosures.toml").read_text("utf-8"))
_VOCABULARY: dict[str, str] = _LISTS["words"]
_PERSON = rf"(?:{_VOCABULARY['self']}|{_VOCABULARY['relative']}|{_VOCABULARY['child']})"
_OFFICE = re.compile(rf"(?:{_VOCABULARY['office']})の?\Z")


def _phrases(kind: str) -> tuple[re.Pattern[str], ...]:
    def pattern(phrase: str) -> str:
        return re.sub("(?<!P)<([a-z]+)>", lambda word: pattern(f"(?:{_VOCABULARY[word[1]]})"), phrase)

    return tuple(re.compile(pattern(phrase)) for phrase in _LISTS["phrases"][kind])


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match[0]) for match in _SENTENCE.finditer(text))


# --- names -----------------------------------------------------------------------------------------------------------

# The words before 申します are always a name; those before です may be anything.
_HUMBLY_NAMED = re.compile(r"\s?(?:\([^()\n]{1,12}\))?(?:と|って)(?:申(?:し(?:ま|て)|す)|もう(?:しま|す))")
_CALLED_BY_NAME = re.compile(r"\s?(?:(?:と|って)(?:いい|言い)ます(?!か)|(?:と|って)(?:いう|言う)(?:名前|者|もの))")
_STATED_AS = re.compile(
    r"\s?(?:(?:です|なのです|でございます|でござい|っす)(?!か(?!ら)|ね|よね)|だ(?:けど|が)|(?:、|\()\d{1,3}[歳才]|\(\d{2}\)です|より\Z)"
)
_STATED_AS_RELATIVE = re.compile(rf"の(?:{_VOCABULARY['relative']}|保護者|家族|者)(?:です|でございます|と申)")
_NAME_LABEL = re.compile(
    r"(?P<owner>[^\s、。]{1,12}の\s?|本人|申請者|世帯主)?"
    r"(?:お?(?:名前|なまえ)|氏名|本名|旧姓|名字|苗字|フルネーム|フリガナ|ふりがな|署名|記入者|相談者|差出人|宛名|あて名)(?:は|:|が|\s|、|\))+「?"
)
_OWNED_BY_PERSON = re.compile(rf"(?:{_PERSON}|人|者|児童|宛先|患者|届出人)の?\Z")
_ASKED_NAME = re.compile(r"何|なん|なに|だれ|誰|どう|どこ|同じ|違")
_IN_QUESTION = re.compile(r"」?(?:(?:です|でしょう|と(?:いい|言い)ます)か|[はがをにの])")
# A name begins the sentence, or follows an action, a place or a role of its bearer (先日電話した, 国府町の, 世帯主の).
_CAN_PRECEDE_NAME = re.compile(r"(?:\A|[、,\s)〕]|の|た|いる|おります|む|る)\Z")
_ENDS_WITH_TOPIC = re.compile(r"(?<!こんにち)(?<!こんばん)(?:は|が|も|って)、?\s*\Z")
_ENDS_WITH_OWN_TOPIC = re.compile(
    rf"(?:(?:{_PERSON})(?:の(?:名前|氏名|本名))?(?:は|が|も|って|、)|こちら(?:は|、)?)、?\s*\Z"
)
# 息子の桐谷健斗の転校
_RELATIVE_BEFORE_NAME = re.compile(rf"(?:{_VOCABULARY['relative']})(?:の|、|・|\(|\s|である)")
_NOT_A_NAME = re.compile(
    rf"(?:{MUNICIPALITY}|県|通り|橋|駅|川|山|公園|館|校|園|店|社|院|ビル|会|課|係|局|部|家|者|人|員|長|生)\Z"
)
_NAME_LETTERS = re.compile(r"[一-鿿々ヶぁ-ゖァ-ヺー・･A-Za-z]+")
# In one word with a name, a common noun in kana is another word's part: マイナ|ポータル, りゅう|がく|せい.
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")
_BEFORE_NAME = re.compile(r"[のはがも、\s「]")
_NAME_DOTS = frozenset("・･")
_MAX_NAME_CHARS = 16
_OWN_NAMES = _phrases("names")


def find_names(text: str) -> list[CharacterSpan]:
    """Return the spans of names that writers give of themselves or a relative."""
    matches = (match for pattern in _OWN_NAMES for match in pattern.finditer(text))
    spans = [
        match.span("name")
        for match in matches
        if not _ASKED_NAME.search(match["name"]) and _is_tagged_with_title(match.groupdict().get("surname", "山田"))
    ]
    for start, sentence in _sentences(text):
        spans += _shifted(_names_in_sentence(sentence), start)
    # A name alone on the last line is a signature; alone in a text it is what is asked about.
    lines, _, last_line = text.rstrip().rpartition("\n")
    signature = last_line.strip().removesuffix("より")
    run = _Words(signature[: _MAX_NAME_CHARS + 1]).nouns_from(0)
    is_full_name = len(run) > 1 and run[-1].end == len(signature) and _is_named(run)
    if is_full_name and lines.rstrip().endswith(("。", "!", "?", ")")):
        start = text.rindex(signature)
        spans.append((start, start + len(signature)))
    return drop_overlapping_spans(spans)


def _names_in_sentence(sentence: str) -> Iterator[CharacterSpan]:
    tails = [
        *((match.start(), _is_humble) for match in _HUMBLY_NAMED.finditer(sentence)),
        *((match.start(), _is_called) for match in _CALLED_BY_NAME.finditer(sentence)),
        *((match.start(), _is_introduced) for match in _STATED_AS.finditer(sentence)),
        *((match.start(), _is_introduced) for match in _STATED_AS_RELATIVE.finditer(sentence)),
    ]
    words = _Words(sentence)
    for end, is_name in tails:
        run = words.nouns_until(end)
        if run and is_name(run, sentence[max(0, run[0].start - _CONTEXT_CHARS) : run[0].start]):
            yield run[0].start, end
        elif is_name is _is_humble:
            name = _BEFORE_NAME.split(sentence[max(0, end - _MAX_NAME_CHARS) : end])[-1]
            if _NAME_LETTERS.fullmatch(name):
                yield end - len(name), end
    for relative in _RELATIVE_BEFORE_NAME.finditer(sentence):
        run = words.nouns_from(relative.end())
        if _is_named(run):
            yield run[0].start, run[-1].end
    for label in _NAME_LABEL.finditer(sentence):
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
        while i >= 0 and self._is_of_place(self._morphemes[i]):
            end, i = self._morphemes[i].start, i - 1
            if i > 0 and self._morphemes[i].surface == " " and self._is_of_place(self._morphemes[i - 1]):
                i -= 1
        return end

    def _is_of_place(self, word: Morpheme) -> bool:
        return word.is_noun and bool(_PLACE_LETTERS.fullmatch(word.surface))

    def _may_be_named(self, i: int) -> bool:
        morpheme = self._morphemes[i]
        if morpheme.surface in _NAME_DOTS:
            return True
        if not morpheme.surface.strip():  # 山田 太郎
            before, after = (self._morphemes[j : j + 1] for j in (i - 1, i + 1)) if i else ([], [])
            return any("固有名詞" in word.pos for word in before) and any(
                "固有名詞" in word.pos or (word.is_noun and _KANA.fullmatch(word.surface)) for word in after
            )
        is_noun = morpheme.is_noun or morpheme.pos[0] == "形状詞"
        return is_noun and bool(_NAME_LETTERS.fullmatch(morpheme.surface))


def _is_humble(run: Sequence[Morpheme], _preceding: str) -> bool:
    return run[-1].end - run[0].start <= _MAX_NAME_CHARS


def _is_called(run: Sequence[Morpheme], preceding: str) -> bool:
    return _is_own(preceding) and any({"人名", "地名"} & {*word.pos} for word in run)


def _is_introduced(run: Sequence[Morpheme], preceding: str) -> bool:
    is_foreign = any(word.surface in _NAME_DOTS for word in run) and not preceding.strip()
    is_of_writer = bool(_ENDS_WITH_OWN_TOPIC.search(preceding)) or preceding.endswith("た")
    return (is_foreign or _is_named(run) or _is_surname(run, is_of_writer=is_of_writer)) and _is_own(preceding)


def _is_surname(run: Sequence[Morpheme], *, is_of_writer: bool) -> bool:
    # Surnames that are places or words too (三好, 森) are tagged as names before a title only; 市民 and 農家 never.
    word, *others = run
    if others or {"副詞可能", "サ変可能"} & {*word.pos} or not (is_of_writer or "固有名詞" in word.pos):
        return False
    return not _KATAKANA.fullmatch(word.surface) and _is_tagged_with_title(word.surface)


def _is_tagged_with_title(name: str) -> bool:
    word = morphemes(f"{name}さん", "C")[0]
    return word.surface == name and "人名" in word.pos


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
    return "固有名詞" in run[0].pos and all(
        "人名" in word.pos or not (_NOT_A_NAME.search(word.surface) or _KANA.fullmatch(word.surface))
        for word in run[1:]
    )


# --- addresses -------------------------------------------------------------------------------------------------------

_NUMBER = rf"[\d{KANJI_DIGITS}十百]{{1,5}}"
_HYPHENATED = r"(?!(?:19|20)\d\d-)[1-9]\d{0,3}(?:[-の]\d{1,4}+){1,3}+"
_AFTER_CHOME = rf"(?:{_HYPHENATED}|{_NUMBER}(?:番地?の?(?:{_NUMBER}号?)?|号|の{_NUMBER})?)"
_BLOCK = rf"{_NUMBER}番地(?:の?{_NUMBER}号?)?|{_NUMBER}番の?{_NUMBER}号?"
_NOT_AFTER_OTHER_NUMBER = r"(?<![-\d.第/])(?<!様式)(?<!番号)(?<!年)(?<!月)"
_NOT_BEFORE_UNIT = r"(?![-\d年月日条項円人件%]|号?線|地区|丁目)"
_STREET_NUMBER = re.compile(
    rf"{_NOT_AFTER_OTHER_NUMBER}(?:{_NUMBER}丁目の?{_AFTER_CHOME}|{_BLOCK}|{_HYPHENATED}){_NOT_BEFORE_UNIT}"
)
# Without a place name before it: 1-2 is a score, 一丁目一番地 an idiom for the first priority.
_ALONE = re.compile(r"[^-丁]{1,5}丁目|\d{1,4}-\d{1,4}-\d")
_BUILDING = re.compile(r"の?\s?[一-鿿々ぁ-ゖァ-ヺーA-Za-z0-9]{2,12}?\s?[A-Za-z]?棟?\s?\d{1,4}(?:号室?|[階F])?(?!\d)")
_IN_BUILDING = re.compile(r"[ァ-ヺー]{2}|ビル|荘|棟|団地|マンション|アパート|号室\Z")
_POSTAL_CODE = re.compile(r"〒?(?<![-\d])\d{3}-\d{4}(?![-\d])")
_LABELLED_HOMES = _phrases("addresses")
_HAS_STREET_NUMBER = re.compile(r"\d-\d|\d{3}|[一-鿿ァ-ヺー]\d{2}|[番号]")
_HOME_WORD = re.compile(_VOCABULARY["home"])
_PLACE_WORD = re.compile(_VOCABULARY["place"])
_PLACE_WORD_CONTEXT_CHARS = 12
_OTHER_PLACE = re.compile(rf"(?:{_VOCABULARY['place']})[^\s、。はがを]{{0,12}}の(?:住所|所在地)")
_PLACE_LETTERS = re.compile(r"(?!(?:現?住所|じゅうしょ|住址|地址|本籍|送付先)\Z)[一-鿿々ヶァ-ヺーぁ-ゖ]+")


def find_addresses(text: str) -> list[CharacterSpan]:
    """Return the spans of home addresses with a street number, from the place name to the room."""
    matches = (match for pattern in _LABELLED_HOMES for match in pattern.finditer(text))
    homes = [match.span("address") for match in matches if _HAS_STREET_NUMBER.search(match["address"])]
    for start, sentence in _sentences(text):
        homes += _shifted(_addresses_in_sentence(sentence), start)
    if homes:
        homes += [match.span() for match in _POSTAL_CODE.finditer(text)]
    return drop_overlapping_spans(homes)


def _addresses_in_sentence(sentence: str) -> Iterator[CharacterSpan]:
    streets = list(_STREET_NUMBER.finditer(sentence))
    words = _Words(sentence if streets else "")
    is_lived_in = _HOME_WORD.search(sentence) is not None
    for street in streets:
        start, end = words.place_start(street.start()), street.end()
        preceding = sentence[max(0, start - _CONTEXT_CHARS) : start]
        following = sentence[end : end + _PLACE_WORD_CONTEXT_CHARS]
        if start == street.start() and not (is_lived_in and _ALONE.match(street[0])):
            continue
        if _OTHER_PLACE.search(preceding) or (not is_lived_in and _PLACE_WORD.search(f"{preceding}\n{following}")):
            continue
        building = _BUILDING.match(sentence, end)
        yield start, building.end() if building and _IN_BUILDING.search(building[0]) else end


# --- dates of birth --------------------------------------------------------------------------------------------------

_YEAR = rf"(?:(?:{ERA}|西暦|{ERA_LETTER}|[明大昭平令])?\s?(?:\d{{1,4}}|元|[{KANJI_ONE_TO_TEN}]{{1,3}})\s?[年./-]の?\s?)"
_DAY = rf"(?:\d{{1,2}}+|[{KANJI_ONE_TO_TEN}]{{1,3}}+)"
_YEARLESS = rf"{_DAY}\s?月\s?{_DAY}\s?[日か]"
_DATE = (
    rf"(?:{_YEAR}{_DAY}\s?(?:[月./-]\s?{_DAY}\s?[日か]?+|月(?!\s?{_DAY}\s?日))|(?:19|20)\d{{6}}|{ERA_LETTER}\d{{6}}"
    rf"|{_VOCABULARY['foreign_date']})(?!\d)"
)
_BIRTH_DATES = (
    # Without its year a date counts after a label, or with a delivery.
    re.compile(
        rf"(?:{_VOCABULARY['birth_label']})[^\d。!?\n;]{{0,15}}?(?P<date>{_DATE}|{_YEARLESS}(?:、?\s?{_YEAR})?)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\d.])(?P<date>{_DATE})(?:に?[^\d。、!?\n;]{{0,14}}?(?:{_VOCABULARY['born']})|の?生(?!ま|[一-鿿]))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<date>{_YEARLESS})(?:が[^。!?\n]{{0,4}}誕生日|に?[^\d。、!?\n]{{0,14}}?(?:{_VOCABULARY['delivered']}))"
    ),
)
_RANGE = re.compile(_VOCABULARY["range"], re.IGNORECASE)
_ASKED_OR_RANGE = re.compile(r"(?:まし)?た?(?:(?:です|でしょう)?か|まで|以降|以前)|\s?\?")
_PEOPLE_IN_GENERAL = re.compile(rf"(?:{_VOCABULARY['people']})", re.IGNORECASE)
_ANY_TOPIC = re.compile(r"[一-鿿々ァ-ヺー」](?:は|が|も)")
_ABOUT_OWN_FAMILY = re.compile(rf"{_PERSON}|産")
_ABOUT_OFFICE = re.compile(
    rf"(?:{_VOCABULARY['office']})(?:は|が|の|、)|対象|(?:市|町|村|館|校|制度|計画|施設|まつり|企業|会社)(?:は|が)"
)


def find_birth_dates(text: str) -> list[CharacterSpan]:
    """Return the spans of dates of birth that writers give of themselves or a relative."""
    spans = list[CharacterSpan]()
    for start, sentence in _sentences(text):
        for pattern in _BIRTH_DATES:
            own_dates = (match.span("date") for match in pattern.finditer(sentence) if _is_own_birth(sentence, match))
            spans += _shifted(own_dates, start)
    return drop_overlapping_spans(spans)


def _is_own_birth(sentence: str, birth: re.Match[str]) -> bool:
    start, end = birth.span("date")
    preceding = sentence[max(0, start - _CONTEXT_CHARS) : start]
    if _RANGE.search(f"{preceding[-12:]}|{sentence[end : end + 2]}") or _ABOUT_OFFICE.search(preceding):
        return False
    if _ASKED_OR_RANGE.match(sentence, birth.end()) or _PEOPLE_IN_GENERAL.search(
        preceding + "|" + sentence[birth.end() : birth.end() + 8]
    ):
        return False
    is_labelled = birth.re is _BIRTH_DATES[0]
    return is_labelled or bool(_ABOUT_OWN_FAMILY.search(preceding + birth[0])) or not _ANY_TOPIC.search(preceding)


def _shifted(spans: Iterable[CharacterSpan], offset: int) -> Iterator[CharacterSpan]:
    return ((start + offset, end + offset) for start, end in spans)


def drop_overlapping_spans(spans: Sequence[CharacterSpan]) -> list[CharacterSpan]:
    """Return the spans in order; of overlapping spans only the earliest, then longest."""
    disjoint: list[CharacterSpan] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > start and (not disjoint or start >= disjoint[-1][1]):
            disjoint.append((start, end))
    return disjoint
