"""Japanese labels of the fields, behaviours and statuses of a case."""

NAMES = {
    "kind": "種類",
    "turns": "発言",
    "must": "必要な言葉",
    "must_not": "あってはならない言葉",
    "cite": "出典",
    "behave": "ふるまい",
    "as_of": "いつの時点か",
    "style": "文体",
    "audience": "だれが尋ねるか",
    "tags": "タグ",
    "priority": "優先度",
    "provenance": "どこから来たか",
    "note": "覚え書き",
}
BEHAVIOURS = {"answer": "答える", "abstain": "答えない", "clarify": "聞き返す"}
STATUSES = {
    "answered": "答えた",
    "partial": "確かではないと断って答えた",
    "no_answer": "答えがないと言った",
    "out_of_scope": "扱わないと言った",
    "blocked": "断った",
    "clarify": "聞き返した",
}


def field_label(field: str) -> str:
    """Return what a field is called, with its name in the file of cases behind it; one without a name as it is."""
    return f"{NAMES[field]}（{field}）" if field in NAMES else field
