"""Which kind of answer a question expects, read from its interrogatives and the wording around them."""

import re

from bot.understand.asked import Age, Aspect, Kind

# The first pattern that is found decides. Each is an alternation, written one group of wordings a line.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(wordings)))
    for kind, *wordings in (
        (
            Kind.CONTACT,
            r"電話(?:番号)?(?:は|を|の|番|\?|$)|電話番号|FAX|ファックス|連絡先|問い?合わ?せ先",
            r"メール|アドレス|住所|URL|ホームページ|ウェブサイト|サイト",
        ),
        (
            Kind.MONEY,
            r"いくら(?!つ)|何円|円で|予算|費用|金額|料金|運賃|家賃|値段|代金|手数料|委託料|使用料|利用料|保険料|補助金|報酬|お金|コスト",
            r"[一-龥]費(?=は|って|を(?:お?教え|知り)|の(?:総額|合計|見込)|の?いくら|[\s?。]|$)|総額",
        ),
        # Who somebody is by name, not what the name means.
        (Kind.WHO, r"(?:何|なん)(?:という|と言う|ていう|て言う|とおっしゃる)(?:方|かた|人)|何さん"),
        (Kind.WHAT, r"(?<!な)どの(?!よう|くらい|ぐらい|程度|位|年|月|日|課|部|組織|団体|人)"),
        (
            Kind.QUANTITY,
            r"何(?:日|か月|ヶ月|週間|年|時間|分)(?:前|後|以内|(?:も|くらい|ぐらい|ほど)?(?:遅れ|過ぎ|[た経]っ|[た経]て?ば|待[たちっ]|空け))",
        ),
        (
            Kind.PERIOD,
            r"いつから|いつまで|いつ(?:終わ|終了|始ま|開始|スタート)|(?:終わ|終了|始ま|開始)\S{0,4}のは(?:いつ|何年)|まで続|何年度?(?:まで|から)|期間|期限|締め?切り?|〆切|最終年度|初年度",
            r"何(?:[かカヶヵケ箇]年|年間|年計画|年(?:かけ|かか|くらい|ぐらい|ほど|も))|始まりと終わり|(?:計画|プラン)の長さ",
        ),
        (Kind.WHEN, r"いつ|何年(?!生)|何月|何日|何曜|時期|日付|日程|何時(?!間)|なんじ"),
        (Kind.QUANTITY, r"いくつ(?:の|です|あり|ある|で|\?|$)"),
        (
            Kind.LIST,
            r"一覧|すべて|全て|全部|ぜんぶ|列挙|リスト|挙げ|あげて|挙がって|内訳|何々",
            r"メンバー|構成員|委員は|項目(?:は|を)|ものを(?:教え|知り|挙げ)|ものは(?:何(?![一-龥%])|\?|$)",
            r"(?:取り?組み?|施策|事業|議題)(?:は|って)(?:何|なに|なん)(?![一-龥])",
            r"[2-9二三四五六七八九十]つの?とも|[0-9二三四五六七八九十]つ(?:の\S+)?(?:は|って|とは)?(?:何|なに|なん)",
            r"何を(?:する|します|やる(?!べき)|して)|何が(?:ある|あり|挙|議題)",
            # Whom something is for, which conditions tell: どんな人が頼めますか, 対象になるのはどんな世帯.
            r"(?:どんな|どのような|どういう)(?:人|方|かた|者|世帯|家庭|家|お?店|会社|団体|子)(?![一-龥])|誰でも|だれでも|どなたでも",
            r"(?:どんな|どのような)(?:こと|取り?組み?|施策|事業|もの)(?:を|が|に)|どんな\S*(?:が|は)(?:ある|あり|含)",
        ),
        (
            Kind.WHY,
            r"なぜ|なんで(?!す|しょ|した)|どうして|何で(?:すか)?(?=.*(?:の|ん)(?:ですか|でしょう|\?))",
            r"理由|原因|要因|わけは|ため(?:に作|ですか)|目的|背景|きっかけ|経緯",
        ),
        (
            Kind.WHO,
            r"誰|だれ|どなた|責任者|トップ(?:は|って)|担当(?:課|部署)",
            r"どこの(?:課|部)|どの(?:課|組織|部署|団体)",
        ),
        (
            Kind.QUANTITY,
            r"いくつ|どれ(?:くらい|ぐらい|だけ|ほど|位)|どの(?:くらい|ぐらい|程度|位)|どんだけ|なんぼ",
            r"何(?:%|パーセント|割|[か箇]所|[一-龥]{1,2}|つ|ポイント)",
            r"(?:人口|面積)(?:は|って)(?!何を)|人数|件数|割合|回数|時間数|[率数](?:は|を|って|\?|$)|(?:目標|実績)値?(?:は|を|って|$|\?)",
        ),
        (
            Kind.DEFINITION,
            r"とは(?!\S{3,}(?:違|比))|って(?:何|なに|なん|どういう|どんな)|という(?:の|もの)は(?:何|なに|どう)",
            r"意味|定義|の説明|どう(?:いう|いった)(?:もの|こと|意味)|どんな(?:もの|段階|会議|組織|計画)",
        ),
        (Kind.WHERE, r"どこ(?!まで|の課|の部)|どちらの(?:場所|窓口)|(?<!居)場所|会場|何階"),
        (
            Kind.HOW,
            r"何を(?:使|用い)|何を(?:すれば|したら)|何によって|どうやって|どのように|どうやる|どうすれば|方法|手順|やり方",
            r"どう(?:なって|進め|取り組|する|して)",
        ),
    )
)
_NAME_OF_PERSON = re.compile(r"(?:[長者員官士]|さん|委員)(?:の|さんの|様の)?お?(?:名前|氏名)")
_YESNO = re.compile(
    r"(?:ます|です|でした|ました|ません|た|る|い|ない|の|ん|でしょう)(?:の|ん)?(?:です|でしょう)?か[?。]?$"
    r"|(?:る|た|い|有効|無効|可能|必要|不要|無料|有料|本当)(?:の|ん)?\?$|(?:ます|です|た|る|ない)よ?ね[?。]?$"
)
INTERROGATIVE = re.compile(
    r"何|なに|なん[でぼの]|いつ|どこ|どれ|(?<!な)どの|どう|どちら|どんな|どん|誰|だれ|どなた|いくら|いくつ|なぜ"
    r"|教え|知りた|挙げ|ください"
)
_COMPARES = re.compile(
    r"どう(?:変わ|違)|違い|違う|ちがい|ちがう|比較|比べて|くらべて|見比べ|変わった(?:の|ん|点|か|ところ)|変更点|新旧|対比"
    r"|それぞれ|どちらが|どっちが"
    r"|(?:前|旧|以前)[^、。]{0,14}と、?(?:今|現|新|いま)|(?:今|現|新|いま)[^、。]{0,14}と、?(?:前|旧|以前)"
)
_TARGET = re.compile(r"目標|めざ|目指|ねらい値|計画値|予定値|ノルマ")
_RESULT = re.compile(r"実績|結果|達成(?!目標)|実際|到達|成果(?!指標)|現状|状況")
# An age counts where a plan or paper follows it: 前のプラン, いまの計画, 新しいほう.
_PAPER = r"(?=[^、。]{0,12}(?:計画|プラン|戦略|指針|方針|版|資料|もの|ほう|方))"
_PREVIOUS = re.compile(
    rf"(?:前|以前|旧|昔|先代|ひとつ前|一つ前|最初|古い|ふるい|もと)(?:回|の|は|に|から)?{_PAPER}|前身"
    # 前は…, 以前は…: of another time than now; alone it is the plan of that time.
    r"|(?:^|[、はがて]|ほんで|じゃあ|では)(?:前|以前|昔)(?:の|回)?(?:は|だと|のは)|^(?:前|以前|昔)(?:の|回)?[?]?$"
)
_CURRENT = re.compile(
    rf"(?:今|いま|現在|現行|最新|新しい|あたらしい|今回|このたび|現時点)(?:の|は)?(?:{_PAPER}|(?=[^、。]{{0,12}}有効)|$)"
    r"|(?:^|[、はがて]|じゃあ|では)(?:今|いま|現在)(?:の)?(?:は|だと|のは)"
)
# Which plan comes after the one in force: 次の計画, 次期プラン; 次の5つ is no plan.
_NEXT = re.compile(r"(?:次|つぎ|次回|今度)の[^、。はがを]{0,12}?(?:計画|プラン|戦略)|次期")


def kind_of(core: str, unit: str) -> Kind:
    """Return what the sentence `core` asks for; `unit` is the counter that it asks for, if any."""
    kind = next((kind for kind, pattern in _KINDS if pattern.search(core)), None)
    if kind is None:
        kind = Kind.YESNO if is_yesno(core) else Kind.WHAT
    if unit and kind in {Kind.WHAT, Kind.YESNO, Kind.WHERE}:
        return Kind.QUANTITY
    return Kind.WHO if kind is Kind.WHAT and _NAME_OF_PERSON.search(core) else kind


def is_yesno(core: str) -> bool:
    """Whether the sentence wants yes or no."""
    return bool(_YESNO.search(core)) and not INTERROGATIVE.search(core)


def asks(sentence: str) -> bool:
    """Whether the sentence asks anything."""
    return bool(INTERROGATIVE.search(sentence) or _YESNO.search(sentence)) or sentence.rstrip().endswith("?")


def compares(core: str) -> bool:
    """Whether the sentence sets things side by side."""
    return bool(_COMPARES.search(core))


def aspects_of(core: str) -> tuple[Aspect, ...]:
    """Return whether the sentence speaks of a target, a result, or both."""
    found: list[Aspect] = []
    if _TARGET.search(core):
        found.append("target")
    if _RESULT.search(core):
        found.append("result")
    return tuple(found)


def ages_of(text: str) -> frozenset[Age]:
    """Return which plans are meant by their age: the one before, the one in force, both where they are compared."""
    found: set[Age] = set()
    if _PREVIOUS.search(text):
        found.add("previous")
    if _CURRENT.search(text):
        found.add("current")
    if _NEXT.search(text):
        found.add("next")
    return frozenset(found)
