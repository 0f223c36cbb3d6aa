"""Words of opposite meaning, and whether one text has the opposite of what another says."""

import re
from collections.abc import Sequence

from bot.check.pieces import Piece, subject_words

# Words of opposite meaning. Where the source has one alone, a statement with the other alone says the reverse.
_OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (
            r"含(?:む|ま(?!ない|れない|れませ|ず)|み|め|んで)",
            r"除[くいかき]|除外|対象外|含まない|含まれ(?:ない|ませ|ず)|含みません",
        ),
        ("増(?:加|え|や|減(?!少))|増$|上昇|伸び", "減(?:少|っ|ら|り)|減$|低下|削減|縮減"),
        ("拡[大充]", "縮小|削減"),
        ("継続|継承|引き継|続け", "廃止|打ち切|中止|見直して|取りやめ|刷新"),
        ("(?<!不)可能|できます|できる", "不可能|できません|できない"),
        ("有料|(?:費用|料金|利用料|代金|負担)が(?:かか|必要|生じ)", "無料|無償"),
        (
            r"変え(?:な|ず|ませ)|変更(?:は|し|が)?(?:な|ず|ありませ|ませ)|変わ(?:ら|りませ)|据え?置|そのまま|現状(?:を|の)?(?:維持|まま)",
            r"引き?[上下]げ|[増減]額|値[上下]げ|増や|減ら|改定|変更(?:し(?!な|ませ)|する|され)|変え(?:る|ます|まし)|変わ(?:る|り(?!ませ)|っ)|早め[るま]|遅ら|前倒し|延期",
        ),
        (r"何[回度]で?も|毎回|無制限|回数に?(?:かかわらず|制限は?な)|いくらでも", r"\d[回日度件枚点冊]まで|回目以降"),
        ("(?<!非)公開", "非公開"),
        ("必要(?!な?い|ありま|が?ない|は?ない)|必須|義務", "不要|必要(?:な|が|は|では)?(?:な|あ)(?:い|く|りませ)|任意"),
        ("開始|始ま|始め|着手", "終了|終わ|完了|廃止"),
        ("原則として|原則(?!.{0,6}ない)", "例外として|例外的"),
        ("新設|設置", "廃止|解散"),
        ("全て|すべて|全員|全課|全施策", "一部(?!門)|半数|ほとんど|大半"),
        ("上位計画", "下位計画"),
        ("後継", "前身"),
        ("高め|向上|強化", "低下|弱め|悪化"),
        ("促進|推進", "抑制|停止|凍結|中止"),
        ("毎年", "隔年|[2-9]年に1|[2-9]年ごと|1度も"),
        ("動的", "固定|静的"),
        (r"開館(?:し(?!な|ま?せ)|する)|営業(?:し(?!な|ま?せ)|する)", r"休館(?:し(?!な|ま?せ)|する)|休業(?:し|する)"),
        ("上が(?!らな|りませ)|引き?上げ|増額", "下が(?!らな|りませ)|引き?下げ|減額"),
        # What is only on weekdays is not at the week's end.
        (
            "(?:土曜日?|日曜日?|土日|週末|祝日|休日)(?:に|も|は)[^、。]{0,12}(?:て|で)い?(?:ます|る)",
            "平日(?:のみ|だけ|に限)",
        ),
        ("できることから", "できないことから"),
        ("より前|以前に|までに", "より後|以後に|以降に"),
        ("外部", "内部"),
        ("庁内", "庁外"),
        ("累計", "単年"),
    )
)

# What a word is said of stands in its own clause.
_BEFORE = re.compile(r"[、。はがも]")


def opposed(text: str, other: str) -> bool:
    """Whether a word of `text` has its opposite, and not itself, in `other`."""
    return any(
        said.search(text) and not opposite.search(text) and opposite.search(other) and not said.search(other)
        for pair in _OPPOSITES
        for said, opposite in (pair, pair[::-1])
    )


def opposed_of(text: str, pieces: Sequence[Piece]) -> bool:
    """Whether pieces have, of all nouns that a word of `text` is said of, its opposite and none of them the word."""
    return any(
        said.search(text) and _contrary(said, opposite, text, pieces)
        for pair in _OPPOSITES
        for said, opposite in (pair, pair[::-1])
    )


def _contrary(said: re.Pattern[str], opposite: re.Pattern[str], text: str, pieces: Sequence[Piece]) -> bool:
    found = said.search(text)
    nouns = subject_words(_BEFORE.split(text[: found.start()])[-1]) if found else frozenset[str]()
    if not nouns or opposite.search(text):
        return False
    speaking = [piece.text for piece in pieces if nouns <= subject_words(piece.text)]
    return any(opposite.search(told) for told in speaking) and not any(said.search(told) for told in speaking)
