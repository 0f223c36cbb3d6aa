"""What a question asks for: its kind, its terms, its dates — read from the language, not from known questions."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ingest.normalise import DateMention, dates, nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes


class Kind(StrEnum):
    """The answer that a question expects."""

    WHEN = "when"
    PERIOD = "period"
    QUANTITY = "quantity"
    MONEY = "money"
    WHO = "who"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    LIST = "list"
    DEFINITION = "definition"
    CONTACT = "contact"
    YESNO = "yesno"
    WHAT = "what"


Aspect = Literal["target", "result"]
Age = Literal["current", "previous"]


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question in its normal form; `weight` 0–1 says how much it must be covered."""

    text: str
    surface: str
    weight: float
    proper: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, understood. `unit` is the counter asked for (何件 -> 件); `count` the members named (2つの, 5分野).

    `hints` are words of the asking (期間, 目標, 理由): a passage that has them is likelier, one without them is not worse.
    """

    text: str
    kind: Kind
    terms: tuple[Term, ...] = ()
    dates: tuple[DateMention, ...] = ()
    unit: str = ""
    count: int | None = None
    aspects: tuple[Aspect, ...] = ()
    ages: frozenset[Age] = frozenset()
    yesno: bool = False
    compares: bool = False
    quoted: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    hints: frozenset[str] = frozenset()


# Interrogatives and the wording around a question, by kind; the first pattern that is found decides.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.CONTACT, r"電話(?:番号)?(?:は|を|の|番|\?|$)|電話番号|メール|アドレス|連絡先|問い?合わ?せ先|FAX|ファックス|住所|URL|ホームページ|ウェブサイト|サイト"),
        (Kind.MONEY, r"いくら(?!つ)|何円|予算|費用|金額|料金|値段|代金|手数料|委託料|補助金|報酬|お金|円で|コスト"),
        (Kind.WHAT, r"(?<!な)どの(?!よう|くらい|ぐらい|程度|位|年|月|日|課|部|組織|団体|人)"),
        (Kind.PERIOD, r"いつから|いつまで|何年度?まで|何年度?から|何年から|何年まで|期間|何(?:[かカヶヵケ箇]年|年間|年計画)|期限|最終年度|初年度"),
        (Kind.WHEN, r"いつ|何年|何月|何日|何曜|時期|日付|何時(?!間)|日程"),
        (Kind.QUANTITY, r"いくつ(?:の|です|あり|ある|で|\?|$)"),
        (Kind.LIST, r"何を(?:する|します|やる|して)|どんな(?:こと|取り?組み?|施策|事業|もの)(?:を|が|に)|何が(?:挙|議題)|何をするつもり|メンバー|構成員|委員は|一覧|すべて|全て|全部|ぜんぶ|列挙|挙げ|あげて|リスト|[2-9二三四五六七八九十]つの?とも|[0-9二三四五六七八九十]つ(?:の\S+)?(?:は|って|とは)?(?:何|なに|なん)"
                    r"|どんな\S*(?:が|は)(?:ある|あり|含)|何が(?:ある|あり)|何々|内訳|メンバー|項目(?:は|を)"),
        (Kind.LIST, r"挙がって|ものを(?:教え|知り|挙げ)|ものは(?:何|\?|$)"),
        (Kind.WHY, r"なぜ|なんで|何で(?:すか)?(?=.*(?:の|ん)(?:ですか|でしょう|\?))|どうして|理由|わけは|ため(?:に作|ですか)|目的|背景|きっかけ|経緯"),
        (Kind.WHO, r"誰|だれ|どなた|どこの課|どの課|どこの部|担当課|担当部署|責任者|トップ(?:は|って)|どの組織|どの部署|どの団体"),
        (Kind.QUANTITY, r"いくつ|どれ(?:くらい|ぐらい|だけ|ほど|位)|どの(?:くらい|ぐらい|程度|位)|どんだけ|なんぼ|何(?:%|パーセント|割|[か箇]所|[一-龥]{1,2}|つ|ポイント)"
                       r"|人数|件数|割合|率(?:は|を|って|\?|$)|数(?:は|を|って|\?|$)|(?:目標|実績)値?(?:は|を|って|$|\?)|回数|時間数"),
        (Kind.DEFINITION, r"とは(?!\S{3,}(?:違|比))|って(?:何|なに|なん|どういう|どんな)|という(?:の|もの)は(?:何|なに|どう)|意味|定義|どう(?:いう|いった)(?:もの|こと|意味)|どんな(?:もの|段階|会議|組織|計画)|の説明"),
        (Kind.WHERE, r"どこ(?!まで|の課|の部)|どちらの(?:場所|窓口)|場所|会場|何階"),
        (Kind.HOW, r"何を(?:使|用い)|何によって|どうやって|どのように|どうやる|どうすれば|方法|手順|やり方|どう(?:なって|進め|取り組|する|して)"),
    )
)  # fmt: skip
_UNIT = re.compile(
    r"何(?:十|百|千|万|億)*(%|パーセント|ポイント|割|[かカヶヵケ箇](?:所|年|月|国)|校下|地区|時間|項目|分野|施策|世帯|種類|つ|[一-龥])"
)
_PSEUDO_UNITS = {"年", "月", "日", "時", "曜", "の", "者", "故", "階以", "処", "度"}
_COUNT = re.compile(r"(\d{1,2}|[二三四五六七八九十])(?:つ|分野|項目|本|点|種類|者|人|か条|大|段階|柱)(?!目)")
_COMPARES = re.compile(
    r"違い|違う|ちがい|ちがう|比較して|比べて(?:どう|何)|くらべて(?:どう|何)|見比べ|変わった(?:の|ん|点|か|ところ)|変更点|新旧|対比|それぞれ|どちらが|どっちが|比べて|比較"
)
_TARGET = re.compile(r"目標|めざ|目指|ねらい値|計画値|予定値|ノルマ")
_RESULT = re.compile(r"実績|結果|達成(?!目標)|実際|到達|成果(?!指標)|現状|状況|(?:[たっ]た(?:の|ん|か|が|\?|$))")
_PREVIOUS = re.compile(
    r"(?:前|以前|旧|昔|先代|前回|ひとつ前|一つ前|最初|古い|ふるい|もと)(?:の|は|に|から)?(?=[^、。]{0,12}(?:計画|プラン|戦略|指針|方針|版|資料|もの|ほう|方))|前身|旧(?=[^、。]{0,12}(?:計画|プラン))"
)
_CURRENT = re.compile(
    r"(?:今|いま|現在|現行|最新|新しい|あたらしい|今回|このたび|現時点)(?:の|は)?(?=[^、。]{0,12}(?:計画|プラン|戦略|指針|方針|版|有効|もの|ほう|方)|$)"
)
_YESNO = re.compile(
    r"(?:ます|です|でした|ました|ません|た|る|い|ない|の|ん|でしょう)(?:の|ん)?(?:です|でしょう)?か[?。]?$|(?:る|た|い)(?:の|ん)\?$|(?:る|た|い)\?$"
)
_INTERROGATIVE = re.compile(
    r"何|なに|なん[でぼの]|いつ|どこ|どれ|(?<!な)どの|どう|どちら|どんな|どん|誰|だれ|どなた|いくら|いくつ|なぜ|教え|知りた|挙げ|ください"
)
# Words that only carry the asking: they need not stand in a passage.
_ASKING_TEXT = """
枚数 最終 初 幾 メンバー 構成員 議題 姿 一通り 頻度 例 注記 事 こと つく よる うち 一通り 其々 順
いま 済む 御 他 積もり 先ず 未だ もう 役割 挙がる 上がる 上げる 詰まる 質問 回答 答え 答える 聞く
訊く 尋ねる 伺う 教示 御教示 説明 書く 載る 記載 具体的 具体 内容 全部 全て 一覧 列挙 挙げる 示す
分かる 解る 簡単 詳しい 詳細 至急 御願い お願い 宜しい 済む 済みません 御免 有り難う 忙しい 範囲 結構
電話 市民 方 今 現在 現行 最新 新しい 以前 前 旧 前回 最初 昔 頃 時点 当時 いつ 何時 幾ら 幾つ
何ぼ 位 程 程度 西暦 和暦 年度 年 月 日 期間 何 誰 何方 何処 何故 全体 一つ 二つ 両方 各 つ
実際 結局 結果 実績 達成 状況 目標 目標値 値 目指す 違い 違う 比較 比べる 理由 目的 意味 定義 人
数 件数 人数 回数 割合 名前 名称 所 点 例 文言 言葉 皆 無理 本当 予定 つもり 掛かる 居る 来る
行く 遣る 遣り方 方法 思う 考える 見る 資料 文書 計画書 読む 位置 関係 向け 進む 進める 使う
取り組む 取組 行う 実施 成る 決まる 決める 入る 終わる 続く 始まる 作る 出る 出す 持つ
"""
_ASKING = frozenset(_ASKING_TEXT.split())
_WEAK_SUFFIX_TEXT = """
化 率 件 数 的 等 者 性 用 値 度 回 人 年 月 部 目 向け 毎 中 後 前 上 下 別 市 課 室 長
"""
_WEAK_SUFFIX = frozenset(_WEAK_SUFFIX_TEXT.split())
_PLAN_WORDS = frozenset({"取り組み", "施策", "事業"})  # what all passages of a plan are about
_OWN_CITY = frozenset({"役所", "本市", "当市", "市役所"})  # the asker's own administration, which wrote the documents
_CITY_LEVEL = frozenset({"市", "町", "村", "県", "区", "府", "都"})


def understand(text: str) -> Asked:
    """Return what the question `text` asks for; any text gives a result, an empty one has no terms."""
    normal = nfkc(text).strip()
    core = core_sentence(normal)
    kind = next((kind for kind, pattern in _KINDS if pattern.search(core)), None)
    yesno = bool(_YESNO.search(core)) and not _INTERROGATIVE.search(core)
    unit = _unit(core)
    if kind is None:
        kind = Kind.YESNO if yesno else Kind.WHAT
    if unit and kind in {Kind.WHAT, Kind.YESNO, Kind.WHERE}:
        kind = Kind.QUANTITY
    if kind is Kind.WHAT and re.search(r"(?:[長者員官士]|さん|委員)(?:の|さんの|様の)?お?(?:名前|氏名)", core):
        kind = Kind.WHO
    count = _COUNT.search(core)
    return Asked(
        text=normal,
        kind=kind,
        terms=_terms(normal, core),
        dates=tuple(dates(normal)),
        unit=unit,
        count=_count(count[1]) if count else None,
        aspects=_aspects(core),
        ages=_ages(normal),
        compares=bool(_COMPARES.search(core)),
        yesno=yesno,
        hints=frozenset(m.normal for m in morphemes(normal) if m.is_noun and m.normal in _ASKING),
        compounds=_compounds(normal),
        quoted=tuple(re.findall(r"「([^「」]{2,60})」", normal)),
    )


def core_sentence(text: str) -> str:
    """Return the last sentence that asks something; the sentences before it are occasion and politeness."""
    sentences = [s for s in re.split(r"(?<=[。?!\n])\s*", text) if s.strip("。?! \n")]
    asking = [s for s in sentences if _INTERROGATIVE.search(s) or s.rstrip().endswith("?") or _YESNO.search(s)]
    wanted = [
        s for s in asking if not re.fullmatch(r"\S{0,6}(?:教えて|お願い)(?:ください|します|いたします)?[。?!]?", s)
    ]
    return (wanted or asking or sentences or [text])[-1]


def _unit(text: str) -> str:
    if re.search(r"(?:率|割合)(?:[はをがも、?\s]|って|なんぼ|どれ|どの|いくら|$)", text):
        return "%"
    if counted := re.search(r"いくつの([一-龥]{2,3})", text):
        return counted[1]
    if number_of := re.search(r"(枚|人)数", text):
        return number_of[1]
    match = _UNIT.search(text)
    if match is None or match[1] in _PSEUDO_UNITS:
        return ""
    return {"パーセント": "%", "名": "人"}.get(match[1], re.sub("[カヶヵケ箇](?=.)", "か", match[1]))


def _count(text: str) -> int:
    return int(text) if text.isdigit() else "〇一二三四五六七八九十".index(text)


def _aspects(text: str) -> tuple[Aspect, ...]:
    found: list[Aspect] = []
    if _TARGET.search(text):
        found.append("target")
    if _RESULT.search(text):
        found.append("result")
    return tuple(found)


def _ages(text: str) -> frozenset[Age]:
    """Return which plans are meant by their age: the one before, the one in force, both where they are compared."""
    found: set[Age] = set()
    if _PREVIOUS.search(text):
        found.add("previous")
    if _CURRENT.search(text):
        found.add("current")
    return frozenset(found)


def _terms(text: str, core: str) -> tuple[Term, ...]:
    mentions = dates(text)
    offset = text.find(core)
    terms: dict[str, Term] = {}
    ms = _with_compound_verbs(text)
    for i, m in enumerate(ms):
        if not m.is_content or any(d.start <= m.start < d.end for d in mentions):
            continue
        if (
            m.normal.startswith("何")
            or m.normal in LIGHT_WORDS
            or m.normal in _ASKING
            or m.pos[0] in {"感動詞", "連体詞", "接続詞", "代名詞", "形状詞"}
        ):
            continue
        if i and ms[i - 1].normal.startswith("何"):  # the counter of 何件 is the unit asked for
            continue
        if name := _numbered(ms, i):
            terms.pop(name.removesuffix(m.normal), None)
            terms[name] = Term(name, name, 1.0, proper=True)
            continue
        category = _is_asked(ms, i) and _heads_clause(ms, i)
        weight = 0.3 if category or _in_gloss(text, m.start) else _weight(m)
        weight *= 1.0 if m.start >= offset else 0.4
        term = Term(m.normal.lower(), m.surface, weight, _is_proper(m), _is_asked(ms, i) and not category)
        if term.text not in terms or terms[term.text].weight < weight:
            terms[term.text] = term
    return tuple(terms.values())


def _with_compound_verbs(text: str) -> list[Morpheme]:
    """Return the morphemes in mode A, but a verb made of two (引き継ぐ) as one."""
    long = {m.start: m for m in morphemes(text, "C") if m.pos[0] == "動詞"}
    ms: list[Morpheme] = []
    for m in morphemes(text):
        if m.start in long:
            ms.append(long[m.start])
        elif not (ms and m.start < ms[-1].end):
            ms.append(m)
    return ms


def _compounds(text: str) -> tuple[str, ...]:
    """Return the runs of nouns in the question (行政手続き, 推進本部), lower case, without spaces."""
    found, run = [], list[Morpheme]()
    for m in [*morphemes(text), None]:
        if m is not None and m.is_noun and not m.normal.startswith("何") and m.normal not in _ASKING:
            run.append(m)
            continue
        if len(run) > 1 and sum(len(r.surface) for r in run) > 3:
            found.append("".join(r.surface for r in run).casefold())
        run = []
    return tuple(dict.fromkeys(found))


def _heads_clause(ms: list[Morpheme], i: int) -> bool:
    """Whether the noun closes a clause about it (例として挙げている技術): it names the kind of answer, not what it is about."""
    while i > 0 and ms[i - 1].is_noun:
        i -= 1
    return i > 0 and ms[i - 1].pos[0] in {"動詞", "助動詞"}


def _in_gloss(text: str, start: int) -> bool:
    """Whether the place is in brackets that only explain the word before them: AR(拡張現実)."""
    opened = text.rfind("(", 0, start)
    return opened > 0 and ")" not in text[opened:start]


def _weight(m: Morpheme) -> float:
    if m.pos[0] in {"動詞", "形容詞", "副詞"} or m.normal in _PLAN_WORDS:
        return 0.3
    if m.pos[0] in {"接尾辞", "接頭辞"} or m.normal in _WEAK_SUFFIX | _OWN_CITY:
        return 0.25
    if m.pos[1] == "数詞":
        return 0.4
    return 1.0


def _is_proper(m: Morpheme) -> bool:
    """Whether the word names one thing: a place, person or organisation."""
    return m.pos[1] == "固有名詞" and m.normal not in _CITY_LEVEL


def _is_asked(ms: list[Morpheme], i: int) -> bool:
    """Whether the noun is what is asked about: the last one before は, を, って, も or the end (予算額 in Xの予算額は)."""
    if not ms[i].is_noun:
        return False
    after = next((m for m in ms[i + 1 :] if m.pos[0] not in {"空白"} and not m.is_noun), None)
    return after is None or (after.surface in {"は", "を", "って", "と", "?", "。"} and ms[i].start >= 0)


def content_terms(text: str) -> frozenset[str]:
    """Return the normal forms of the content words of a passage's piece, for comparing with a question's terms.

    A noun with its number (視点1, Stage 2) is a term of its own beside its parts.
    """
    ms = morphemes(nfkc(text))
    terms = {m.normal.lower() for m in ms if m.is_content and m.normal not in LIGHT_WORDS}
    terms |= {m.normal for m in morphemes(nfkc(text), "C") if m.pos[0] == "動詞" and m.normal not in LIGHT_WORDS}
    return frozenset(terms | {name for i in range(len(ms)) if (name := _numbered(ms, i))})


def _numbered(ms: list[Morpheme], i: int) -> str:
    """Return noun and number as one term where the numeral at `i` closes the name of a member of a series (視点1)."""
    if ms[i].pos[1] != "数詞" or i == 0 or not ms[i].normal.isdigit():
        return ""
    before = ms[i - 1] if ms[i - 1].pos[0] != "空白" else ms[max(i - 2, 0)]
    after = ms[i + 1] if i + 1 < len(ms) else None
    if (
        before.pos[0] != "名詞"
        or before.pos[1] == "数詞"
        or (after and ("助数詞" in "".join(after.pos) or after.surface in "./%"))
    ):
        return ""
    return f"{before.normal.lower()}{ms[i].normal}"
