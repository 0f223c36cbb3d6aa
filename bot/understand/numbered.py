"""Members of series, named by a noun and its number: 視点1, Stage 2, 第4次."""

from ingest.tokenise import Morpheme


def numbered(ms: list[Morpheme], i: int) -> str:
    """Return noun and number, or an ordinal, as one term: the name of a member of a series (視点1, 第4次)."""
    if ms[i].pos[1] != "数詞" or i == 0 or not ms[i].normal.isdigit() or _is_edition(ms, i):
        return ""
    before = ms[i - 1] if ms[i - 1].pos[0] != "空白" else ms[max(i - 2, 0)]
    after = ms[i + 1] if i + 1 < len(ms) else None
    if before.surface == "第":
        return f"第{ms[i].normal}{after.surface if after and after.is_noun else ''}"
    counted = after is not None and ("助数詞" in "".join(after.pos) or after.surface in "./%")
    counted = counted or (after is not None and after.pos[0] == "接尾辞" and ms[i - 1].pos[0] == "空白")  # 手当 3人目
    counts = i > 1 and ms[i - 2].pos[1] == "数詞"  # 1か月20立方メートル
    if before.pos[0] != "名詞" or before.pos[1] == "数詞" or counted or counts:
        return ""
    return f"{before.normal.lower()}{ms[i].normal}"


def is_grade(ms: list[Morpheme], i: int) -> bool:
    """Whether the number is a grade on a scale (手帳3級, 要介護2): held against a condition, it names no member."""
    after = ms[i + 1].surface if i + 1 < len(ms) else ""
    return after == "級" or (i > 1 and ms[i - 2].surface == "要" and ms[i - 1].surface in {"介護", "支援"})


def _is_edition(ms: list[Morpheme], i: int) -> bool:
    """Whether the number stands apart and has a point (基本理念 2.0): an edition's, not the noun's before it."""
    return "." in ms[i].surface and ms[i - 1].pos[0] == "空白"
