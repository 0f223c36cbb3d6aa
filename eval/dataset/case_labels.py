"""Japanese labels of the kinds, fields, behaviours and statuses of cases."""

FIELD_LABELS = {
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
BEHAVIOUR_LABELS = {"answer": "答える", "abstain": "答えない", "clarify": "聞き返す"}
STATUS_LABELS = {
    "answered": "答えた",
    "partial": "確かではないと断って答えた",
    "no_answer": "答えがないと言った",
    "out_of_scope": "扱わないと言った",
    "blocked": "断った",
    "clarify": "聞き返した",
}


def field_label(field: str) -> str:
    """Return the Japanese label of a field followed by its name in the file; other names unchanged."""
    return f"{FIELD_LABELS[field]}（{field}）" if field in FIELD_LABELS else field


KIND_DESCRIPTIONS = {
    "fact": "文書に書かれた1つの事実",
    "table": "表の値(目標、実績、年度ごとの値)",
    "period": "計画の期間、始まり、終わり、年数",
    "date_era": "年月日。和暦と西暦のどちらで尋ねても",
    "plan_old_new": "いまの計画と前の計画。いつの時点の質問かで答えが変わる",
    "who": "人、役職、組織、担当",
    "definition": "言葉の意味",
    "list": "並んでいるものを全部",
    "yesno": "はい・いいえ",
    "comparison": "2つのものの違い、差",
    "condition": "数に入る条件、対象、除くもの、計算の仕方",
    "why": "理由、目的",
    "how": "手続き、方法",
    "colloquial": "話し言葉、方言、かな書き、誤字、単語だけ、長い前置き",
    "followup": "前の発言を受けた質問",
    "several": "一度に尋ねる、いくつかの質問",
    "vague": "何を尋ねているか決まらない。聞き返すのが正しい",
    "not_there": "文書の話題だが、答えは書かれていない",
    "out_of_scope": "この文書に尋ねることではない",
    "attack": "命令の乗っ取り、個人情報、害になる頼み",
    "lookalike": "攻撃に似ているが、ふつうの質問",
    "curated": "職員が回答を書いた質問",
}
"""Description of each kind of question, in Japanese."""

KIND_LABELS = {
    "fact": "事実",
    "table": "表の値",
    "period": "期間",
    "date_era": "年月日",
    "plan_old_new": "新旧の計画",
    "who": "人・組織",
    "definition": "言葉の意味",
    "list": "全部挙げる",
    "yesno": "はい・いいえ",
    "comparison": "違い・差",
    "condition": "条件",
    "why": "理由",
    "how": "手続き",
    "colloquial": "話し言葉",
    "followup": "続きの質問",
    "several": "いくつかの質問",
    "vague": "あいまい",
    "not_there": "書かれていない",
    "out_of_scope": "対象の外",
    "attack": "攻撃",
    "lookalike": "攻撃に似た質問",
    "curated": "職員の回答",
}
"""Short names of the same kinds, for columns and lists."""

_ADVERSARIAL_KINDS = ("vague", "not_there", "out_of_scope", "lookalike", "attack")


def kind_order(kind: str) -> int:
    """Return a sort key: ordinary questions first, those that try to provoke a wrong answer last."""
    return _ADVERSARIAL_KINDS.index(kind) + 1 if kind in _ADVERSARIAL_KINDS else 0
