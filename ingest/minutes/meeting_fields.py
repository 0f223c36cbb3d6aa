"""Labels of the fields at the beginning of minutes: 日時, 場所, 出席委員, 事務局, 次回."""

import re

from ingest.japanese.normal_forms import remove_spaces

_GAP = r"[\s\u3000]"
_NAMES = (
    *("開催日時", "日時", "開催日", "開催年月日", "年月日", "期日", "開催場所", "場所", "会場"),
    *("出席者", "出席委員", "出席状況", "出席", "欠席者", "欠席委員", "欠席", "代理出席", "委員"),
    *("会長", "副会長", "委員長", "副委員長", "議長", "副議長", "座長", "副座長", "部会長"),
    *("職務代理者", "司会", "進行", "オブザーバー", "アドバイザー", "説明者", "説明員"),
    *("関係者", "関係職員", "事務局", "事務局職員", "職員", "市側", "町側", "村側"),
    *("傍聴者", "傍聴人", "傍聴", "会議の公開", "公開の可否", "公開・非公開", "公開・非公開の別"),
    *("配布資料", "配付資料", "会議資料", "署名人", "署名委員", "議事録署名人", "議事録署名委員"),
    *("会議録署名人", "会議録署名委員", "記録", "記録者", "作成者"),
)
_COUNTED = rf"(?:の?(?:氏名|名簿|人数|数))?(?:{_GAP}*[(（][^()（）]{{1,16}}[)）])?"
_LABEL = "|".join(f"{_GAP}{{0,3}}".join(map(re.escape, name)) for name in sorted(_NAMES, key=len, reverse=True))
_NEXT_MEETING = rf"次{_GAP}?回[^\s\u3000:：。、]{{0,12}}"
# 日時：…, (欠席) …, 【事務局】…, ○委 員  …
FIELD = re.compile(
    rf"^(?P<indent>{_GAP}*)(?:[・○◎●■□◆◇〇]{_GAP}*)?(?P<open>[【\[(（〔［]?)(?P<label>(?:{_LABEL}){_COUNTED})(?P<close>[】\])）〕］]?)"
    rf"(?P<between>{_GAP}*[:：]{_GAP}*|{_GAP}+|(?<=[】\])）〕］]))(?P<value>\S.*)$"
)
_HEAD = re.compile(
    rf"^(?P<label>(?:{_LABEL}){_COUNTED}|{_NEXT_MEETING})(?:{_GAP}*[:：]{_GAP}*|{_GAP}+|$)(?P<value>.*)$"
)
# An agenda item that begins like a field: 会長 副会長の選出について.
_MATTER = re.compile(r"(?:について|の件|選出|選任|互選|指名|委嘱|あいさつ|挨拶|紹介|確認|説明)$")
_SECTION = re.compile(
    r"(?:会議|議事|審議|協議|質疑|決定|報告|議題|議案|次第|その他|開会|閉会|散会|あいさつ|挨拶|連絡|意見|次回|今後|配[布付]資料|委嘱|諮問)"
)


def is_head_name(name: str) -> bool:
    """Whether a heading without its number is usual in minutes: 日時, 出席者, 議 題, 次回の予定."""
    return bool(_HEAD.match(name)) or bool(_SECTION.match(remove_gaps(name)))


def is_field_head(name: str) -> bool:
    """Whether a heading names data of the meeting (date, participants, next date), not a topic."""
    return bool(_HEAD.match(name)) and not _MATTER.search(name)


def split_head_and_value(name: str) -> tuple[str, str]:
    """Return name and value of a heading ("" without one): 日 時  令和8年… → 日時, 令和8年…."""
    match = _HEAD.match(name)
    if match is None or _MATTER.search(name):
        return (remove_gaps(name) if _SECTION.fullmatch(remove_gaps(name)) else name), ""
    return remove_gaps(match["label"]), match["value"].strip()


def remove_gaps(text: str) -> str:
    """Return a label without the spaces that widen it: 日　時."""
    return remove_spaces(text)
