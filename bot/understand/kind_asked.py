"""Which kind of answer a question expects: what its interrogative asks for, else the noun that it asks about.

何立方メートル, いつ and 誰 tell it, whatever nouns stand around them (期限, 費用). Where none does (どのくらい),
the last noun of the question that has a kind is what is asked about: 手数料の支払い期限は.
"""

import re

from bot.understand.asked import Kind
from bot.understand.how_many import counters_asked
from bot.understand.kinds import ANY, is_yesno
from ingest.tokenise import morphemes

_PLAN = r"(?:計画|プラン|戦略|方針|指針|構想|ビジョン)"
_TERM = r"(?:期間|期限|締め?切り?|〆切|最終年度|初年度|[始終]期|満了日?|任期|年限|耐用年数)"
HOW_MUCH = r"(?:(?:どれ|どの)(?:くらい|ぐらい|だけ|ほど|程度|位)|どん(?:くらい|ぐらい|だけ))"
_BODY = r"課|部|係|室|局|部署|組織|団体|窓口"

_Table = tuple[tuple[Kind, re.Pattern[str]], ...]


def _table(*rows: tuple[Kind, *tuple[str, ...]]) -> _Table:
    return tuple((kind, re.compile("|".join(wordings))) for kind, *wordings in rows)


# The first that is found decides.
_INTERROGATIVES = _table(
    (Kind.WHERE, r"何階"),
    (Kind.MONEY, r"いくら(?!つ|か[のは]|でも)|何(?:十|百|千|万|億)*円"),
    (
        Kind.WHO,
        r"(?:何|なん)(?:という|と言う|ていう|て言う|とおっしゃる)(?:方|かた|人)|何さん",
        rf"ど(?:この|の|ちらの)(?:{_BODY})|(?:課|部署|窓口|担当)(?:は|って)(?:どこ|どちら|どれ|何課)|何課が",
    ),
    (Kind.WHAT, rf"(?<!な)どの(?!{ANY}|よう|くらい|ぐらい|程度|位|年|月|日|人|あたり|辺|へん)"),
    (
        Kind.QUANTITY,
        r"何(?:日|か月|ヶ月|週間|年|時間|分)(?:前|後|以内|(?:も|くらい|ぐらい|ほど)?(?:遅れ|過ぎ|[た経]っ|[た経]て?ば|待[たちっ]|空け))",
    ),
    (
        Kind.PERIOD,
        r"いつから|いつまで|まで続|何(?:年度?|月|日)末?(?:まで|から)|何(?:[かカヶヵケ箇]年|年間|年計画|年(?:かけ|かか|くらい|ぐらい|ほど|も))",
        # When a plan begins or ends is its period; when works ended is a day.
        rf"{_PLAN}(?:は|って|が)\S{{0,4}}いつ(?:終わ|終了|始ま|開始|スタート)|{_PLAN}\S{{0,4}}(?:終わ|終了|始ま|開始)\S{{0,4}}のは(?:いつ|何年)",
        rf"{_TERM}(?:は|って|が)?\S{{0,6}}(?:いつ|何年|何月|何日)",
    ),
    (Kind.WHEN, rf"いつ(?!も|{ANY})|何年(?!生)|何月|何日|何曜|何時(?!間)|なんじ"),
    (Kind.QUANTITY, r"いくつ(?:の|です|あり|ある|で|\?|$)"),
    (
        Kind.LIST,
        r"[2-9二三四五六七八九十]つの?とも|[0-9二三四五六七八九十]つ(?:の\S+)?(?:は|って|とは)?(?:何|なに|なん)|何々|何と何",
        r"何を(?:する|します|やる(?!べき)|して)|何が(?:ある|あり|挙|議題)",
        # Whom something is for, which conditions tell: どんな人が頼めますか, 対象になるのはどんな世帯.
        r"(?:どんな|どのような|どういう)(?:人|方|かた|者|世帯|家庭|家|お?店|会社|団体|子)(?![一-龥]|のこと)|誰でも|だれでも|どなたでも",
        r"(?:どんな|どのような)(?:こと|取り?組み?|施策|事業|もの)(?:を|が|に)|どんな\S*(?:が|は)(?:ある|あり|含)",
    ),
    (
        Kind.WHY,
        r"なぜ|なんで(?!す|しょ|した)|どうして|何で(?:すか)?(?=.*(?:の|ん)(?:ですか|でしょう|\?))",
    ),
    (Kind.WHO, r"誰|だれ|どなた"),
    (Kind.WHERE, rf"どこ(?!まで|{ANY})|どの(?:あたり|辺|へん)|どちら(?:の(?:場所|窓口)|で(?!す|しょ)|に(?:あ|行|建))"),
    (Kind.HOW, r"何を(?:使|用い|すれば|したら)|何によって|どうやって|どのように|どうやる|どう(?:すれ|した)(?:ば|ら)"),
)
# The last that stands in the question decides.
_NOUNS = _table(
    (
        Kind.CONTACT,
        r"電話(?:番号)?(?:は|を|の|番|\?|$)|電話番号|FAX|ファックス|連絡先|問い?合わ?せ先",
        r"メール|アドレス|住所|URL|ホームページ|ウェブサイト|サイト",
    ),
    (
        Kind.MONEY,
        r"円で|予算|費用|金額|料金|運賃|家賃|値段|代金|手数料|委託料|使用料|利用料|保険料|補助金|報酬|お金|コスト|総額",
        r"[一-龥]費(?=は|って|を(?:お?教え|知り)|の(?:総額|合計|見込)|の?いくら|[\s?。]|$)",
    ),
    (
        Kind.PERIOD,
        rf"期間|期限|締め?切り?|〆切|始まりと終わり|{_PLAN}の長さ|(?:最終|初)年度(?=は|って|が|を|[\s?。]|$)",
    ),
    (
        Kind.WHEN,
        r"時期|日付|日程|日時|日にち|期日|年月日|(?:実施|開催|開始|終了|開館|策定|公表|施行|支給|振込|決定|議決|締切)日",
        r"(?<=[うくぐすつぬぶむるたいの])年度?(?=は[\s?。]|を(?:お?教え|知り))",
    ),
    (
        Kind.LIST,
        r"一覧|すべて|全て|全部|ぜんぶ|列挙|リスト|挙げ|あげて|挙がって|内訳",
        r"メンバー|構成員|委員は|項目(?:は|を)|ものを(?:教え|知り|挙げ)|ものは(?:何(?![一-龥%])|\?|$)",
        r"(?:取り?組み?|施策|事業|議題)(?:は|って)(?:何|なに|なん)(?![一-龥])",
    ),
    (Kind.WHAT, r"(?:条件|要件|資格|仕組み|違い|効果|課題|役割|特徴|義務)(?=は|って|を|[\s?。]|$)"),
    (Kind.WHY, r"理由|原因|要因|わけは|ため(?:に作|ですか)|目的|背景|きっかけ|経緯"),
    (
        Kind.WHO,
        r"責任者|トップ(?:は|って)|担当(?:課|部署)|お名前|氏名",
        r"(?:[長者員官士師方人]|さん)(?:の|さんの|様の)?名前",
    ),
    (
        Kind.QUANTITY,
        r"(?:人口|面積)(?:は|って)(?!何を)|人数|件数|割合|回数|時間数|[率数](?:は|を|って|\?|$)|(?:目標|実績)値?(?:は|を|って|$|\?)",
    ),
    (Kind.DEFINITION, r"意味|定義|の説明"),
    (Kind.WHERE, r"(?<!居)場所(?!の(?:こと|もの))|会場|所在地"),
    (Kind.HOW, r"方法|手順|やり方|(?:手続き?|利用|申し?込み?|申請)の?(?:流れ|仕方)|流れ(?:は|を|って)"),
)
# What asks for no kind by itself; the first that is found decides.
_VAGUE = _table(
    (Kind.QUANTITY, rf"いくつ|{HOW_MUCH}|どんだけ|なんぼ"),
    (
        Kind.DEFINITION,
        r"(?<![こもひあ])とは(?!\S{3,}(?:違|比))|という(?:の|もの)は(?:何|なに|どう)",
        r"どう(?:いう|いった)(?:もの|こと|意味)|どんな(?:もの|段階|会議|組織|計画)",
    ),
    (Kind.HOW, r"どう(?:なって|進め|取り組|する|して)"),
)
_YEARS_LONG = re.compile(r"何年(?:です|でしょう|か[?。]?$|$|[?。])")
_LASTS = re.compile(r"期間|任期|年限|年数")
_TTE = re.compile(r"って(?:そもそも|いったい|一体|結局|つまり)?、?(?:(?:何|なに|なん)(?![がをに])|どういう|どんな)")
# A noun behind these is what is asked for, and none before them.
_OF_WHAT_SORT = re.compile(r"どのような|どんな|どういった|どういう")
# A question for yes or no may speak of a time or a place without asking for it, of a sum by the way (補助金の申請は).
_BY_THE_WAY = re.compile(r"[のをにでとや一-龥ァ-ヶ]")
# … but what is compared is asked for (計画の期間は前と違いますか).
_COMPARED = re.compile(r"(?:は|が|って)[^。?]*(?:違[いうっ]|同じ|変わ)")
_ASKED_FOR_ALONE = frozenset({Kind.PERIOD, Kind.WHEN, Kind.LIST, Kind.CONTACT, Kind.WHERE})


def kind_of(core: str, unit: str, before: str = "") -> Kind:
    """Return what the sentence `core` asks for; `unit` is the counter that it asks for, if any.

    `before` is what was said before it: 期間を知りたい。何年ですか asks how long, and for no date.
    """
    if kind := _by_interrogative(core):
        return Kind.PERIOD if kind is Kind.WHEN and _YEARS_LONG.search(core) and _LASTS.search(before) else kind
    kind = _by_noun(core) or _first(core, _VAGUE)
    if kind is None and _tte(core):
        kind = Kind.DEFINITION
    if kind is None:
        kind = Kind.YESNO if is_yesno(core) else Kind.WHAT
    return Kind.QUANTITY if unit and kind in {Kind.WHAT, Kind.YESNO} else kind


def _by_interrogative(core: str) -> Kind | None:
    kind = _first(core, _INTERROGATIVES)
    counted = any(asked.unit != "円" for asked in counters_asked(core))
    return Kind.QUANTITY if counted and kind in {None, Kind.WHAT, Kind.LIST, Kind.WHERE, Kind.HOW} else kind


def _by_noun(core: str) -> Kind | None:
    sort = _OF_WHAT_SORT.search(core)
    asked = core[sort.start() :] if sort else core
    found = [(match.end(), kind) for kind, pattern in _NOUNS for match in pattern.finditer(asked)]
    end, kind = max(found, key=lambda at: at[0]) if found else (0, None)
    mentioned = kind in _ASKED_FOR_ALONE or (kind is Kind.MONEY and _BY_THE_WAY.match(asked, end))
    return None if mentioned and is_yesno(core) and not _COMPARED.match(asked, end) else kind


def _first(core: str, table: _Table) -> Kind | None:
    return next((kind for kind, pattern in table if pattern.search(core)), None)


def _tte(core: str) -> bool:
    """Whether って names what is to be told of (ごみって何); the one of 使って何を is a verb's."""
    return bool(_TTE.search(core)) and any(m.surface == "って" for m in morphemes(core))
