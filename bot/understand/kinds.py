"""What a sentence asks for besides its kind: anything at all, yes or no, a comparison, a target, a plan of an age."""

import re

from bot.understand.asked import Age, Aspect

_YESNO = re.compile(
    r"(?:ます|です|でした|ました|ません|た|る|い|ない|の|ん|でしょう)(?:の|ん)?(?:です|でしょう)?か[?。]?$"
    r"|(?:る|た|い|有効|無効|可能|必要|不要|無料|有料|本当)(?:の|ん)?\?$|(?:ます|です|た|る|ない)よ?ね[?。]?$"
)
ANY = r"[^\s、。?は]{0,6}でも(?![らっ])"
"""Behind an interrogative, that any of them will do: いつでも, どこの園でも; どこでもらう asks."""
INTERROGATIVE = re.compile(
    rf"何|なに|なん[でぼの]|(?:いつ|どこ|どれ|(?<!な)どの)(?!{ANY})|どう|どちら|どんな|どん|誰|だれ|どなた|いくら|いくつ|なぜ"
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
_CURRENT_PLAN = re.compile(r"(?:今|いま|現在|現行|最新)の?(?:計画|プラン|戦略|指針|方針|ビジョン)")
# Which plan comes after the one in force: 次の計画, 次期プラン; 次の5つ is no plan.
_NEXT = re.compile(r"(?:次|つぎ|次回|今度)の[^、。はがを]{0,12}?(?:計画|プラン|戦略)|次期")


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


def names_current(text: str) -> bool:
    """Whether the text speaks of the plan in force as such (いまの計画), not of what is so now."""
    return bool(_CURRENT_PLAN.search(text))


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
