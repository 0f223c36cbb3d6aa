"""Questions in English, in the words of a municipality's papers (When is the next meeting? -> 次回の会議はいつ?).

A glossary of asking and of administration, no translator: what it does not hold stays as it is written.
"""

import re

_TELL = "教えて"
_ASKING = (
    (r"how much(?: money)?", "いくら"),
    (r"how many", "どれくらい"),
    (r"how long", "何年間"),
    (r"how old", "何歳"),
    (r"since when|from when", "いつから"),
    (r"until when|by when|till when", "いつまで"),
    (r"what time", "何時"),
    (r"what year|which year", "何年度"),
    (r"when", "いつ"),
    (r"where", "どこ"),
    (r"who(?:m|se)?", "だれ"),
    (r"why", "なぜ"),
    (r"how", "どのように"),
    (r"what|which", "何"),
    (r"list(?: all)?|tell me(?: about)?|show(?: me)?|explain|describe|give me", _TELL),
)
_COUNTERS = {
    "people": "人", "persons": "人", "members": "人", "participants": "人", "children": "人", "users": "人",
    "years": "年間", "days": "日", "hours": "時間", "months": "か月", "places": "か所", "locations": "か所",
    "cases": "件", "times": "回", "schools": "校", "goals": "つ", "items": "項目", "measures": "施策",
}  # fmt: skip
_WORDS = {
    "action plan": "アクションプラン", "basic philosophy": "基本理念", "basic principle": "基本理念",
    "basic principles": "基本理念", "philosophy": "基本理念", "vision": "基本理念", "guidelines": "行動指針",
    "code of conduct": "行動指針", "action guidelines": "行動指針",
    "basic goals": "基本目標", "basic goal": "基本目標", "plan": "計画", "plans": "計画",
    "strategy": "戦略", "digital strategy": "デジタル戦略", "policy": "方針", "measure": "施策", "measures": "施策",
    "period": "期間", "term": "期間", "duration": "期間", "deadline": "期限", "fiscal year": "年度",
    "start": "始まる", "begin": "始まる", "end": "終わる", "finish": "終わる", "last": "続く",
    "target": "目標", "targets": "目標", "goal": "目標", "goals": "目標", "result": "実績", "results": "実績",
    "achievement": "達成状況", "progress": "進捗", "kpi": "KPI", "indicator": "指標", "indicators": "指標",
    "rate": "率", "ratio": "割合", "percentage": "割合", "number": "数", "total": "合計", "amount": "額",
    "budget": "予算", "cost": "費用", "fee": "利用料", "fees": "利用料", "price": "料金", "charge": "利用料",
    "subsidy": "補助", "grant": "補助", "support": "支援", "consultation": "相談", "consultations": "相談",
    "meeting": "会議", "meetings": "会議", "conference": "会議", "committee": "委員会", "council": "会議",
    "headquarters": "本部", "promotion headquarters": "推進本部", "office": "事務局", "department": "部",
    "division": "課", "city hall": "市役所", "city": "市", "mayor": "市長", "vice mayor": "副市長",
    "deputy mayor": "副市長", "head": "長", "chair": "委員長", "chairperson": "委員長", "chairman": "委員長",
    "leader": "長", "member": "構成員", "members": "構成員", "participants": "参加者", "citizen": "市民",
    "citizens": "市民", "residents": "市民", "staff": "職員", "employees": "職員",
    "children": "こども", "child": "こども",
    "youth": "若者", "young people": "若者", "elderly": "高齢者", "seniors": "高齢者", "parents": "保護者",
    "school": "学校", "elementary school": "小学校", "junior high school": "中学校", "nursery": "保育所",
    "childcare": "保育", "child care": "保育", "child-rearing": "子育て", "after-school club": "放課後児童クラブ",
    "after-school care": "放課後児童クラブ", "after school club": "放課後児童クラブ", "waiting list": "待機児童",
    "postpartum care": "産後ケア", "postnatal care": "産後ケア", "young carer": "ヤングケアラー",
    "young carers": "ヤングケアラー", "scholarship": "奨学金", "playground": "遊び場", "library": "図書館",
    "disaster": "防災", "garbage": "ごみ", "waste": "ごみ", "environment": "環境", "bus": "バス",
    "online": "オンライン", "digital": "デジタル", "paper": "用紙", "copy paper": "コピー用紙",
    "paperless": "ペーパーレス", "telework": "テレワーク", "remote work": "テレワーク", "open data": "オープンデータ",
    "chatbot": "チャットボット", "online applications": "電子申請", "electronic application": "電子申請",
    "application": "申請", "applications": "申請", "procedures": "手続き", "counter": "窓口", "training": "研修",
    "course": "講座", "courses": "講座", "survey": "アンケート", "questionnaire": "アンケート", "decision": "決定",
    "decisions": "決定事項", "agenda": "議題", "minutes": "議事録", "date": "日", "place": "場所", "venue": "場所",
    "location": "場所", "opening hours": "開所時間", "hours": "時間", "area": "分野", "areas": "分野", "field": "分野",
    "fields": "分野", "viewpoint": "視点", "perspective": "視点", "reason": "理由", "purpose": "目的",
    "background": "背景", "definition": "定義", "meaning": "意味", "next": "次回", "previous": "前の",
    "former": "前の", "old": "前の", "current": "今の", "present": "今の", "new": "新しい", "latest": "最新の",
    "birth": "出生", "births": "出生数", "population": "人口", "open": "開く", "opened": "開設", "held": "開催",
    "established": "策定", "formulated": "策定", "made": "策定", "created": "策定", "adopted": "策定",
    "one": "1つ", "two": "2つ", "three": "3つ", "four": "4つ", "five": "5つ", "six": "6つ",
    "decided": "決定", "absent": "欠席", "attended": "出席", "present at": "出席", "use": "利用", "used": "利用",
}  # fmt: skip
_LINKS = r"the|a|an|is|are|was|were|do|does|did|will|be|been|it|its|there|please|can|could|you|i|my|me|to|and|by|s"
_OF = r"of|in|for|at|on|under|from"
_VERB = re.compile(r"の?(始まる|終わる|続く|開く)$")
_ENGLISH = re.compile(
    r"\b(?:what|when|where|who|why|how|which|tell me|list|show me|explain|is|are|the|of)\b", re.IGNORECASE | re.ASCII
)
_TERM = re.compile(
    rf"(?P<link>\b(?:{_LINKS})\b)|(?P<of>\b(?:{_OF})\b)"
    rf"|(?P<word>\b(?:{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})\b)"
    r"|(?P<other>[A-Za-z0-9][\w.&+/-]*|(?:[^\sA-Za-z?.!,]|(?<=\d)\.(?=\d))+)",
    re.IGNORECASE | re.ASCII,
)


def in_japanese(text: str) -> str:
    """Return a question that asks in English with the words of asking and of administration in Japanese.

    Normalised text that asks in Japanese is returned as it is.
    """
    if not _ENGLISH.search(text) or re.search(r"[ぁ-ん]{2,}[?。]?$", text):
        return text
    asking, rest = _asking(text)
    parts = [part for part in (_phrase(piece) for piece in _parts_of(rest)) if part]
    subject = "の".join(reversed(parts))
    if not subject or not asking:
        return subject or text
    if verb := _VERB.search(subject):
        return f"{_VERB.sub('', subject)}は{asking}{verb[1]}?"
    return f"{subject}を{asking}" if asking == _TELL else f"{subject}は{asking}?"


def _asking(text: str) -> tuple[str, str]:
    """Return the Japanese interrogative of an English question, and the text without the English one."""
    counted = re.search(rf"\bhow many (?P<what>{'|'.join(_COUNTERS)})\b", text, re.IGNORECASE | re.ASCII)
    if counted:
        return f"何{_COUNTERS[counted['what'].casefold()]}", text.replace(counted[0], " ", 1)
    for pattern, japanese in _ASKING:
        if match := re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE | re.ASCII):
            return japanese, text.replace(match[0], " ", 1)
    return "", text


def _parts_of(text: str) -> list[list[str]]:
    """Return the terms of the text in Japanese where the glossary has them, cut where one is of the next."""
    parts: list[list[str]] = [[]]
    for match in _TERM.finditer(text):
        if match["of"]:
            parts.append([])
        elif match["word"]:
            parts[-1].append(_WORDS[match["word"].casefold()])
        elif match["other"]:
            parts[-1].append(match["other"])
    return parts


def _phrase(terms: list[str]) -> str:
    """Return the terms as one phrase: Latin words apart from each other, Japanese ones joined."""
    said = " ".join(terms)
    said = re.sub(r"(?<=[^\sA-Za-z0-9の]) (?=[^\sA-Za-z0-9])", "の", said)
    return re.sub(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])", "", said).strip()
