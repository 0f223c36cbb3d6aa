"""Personal data in a question is masked before anything is recorded, logged or sent to a model.

Masked by their own form: My Number (個人番号), payment cards, telephone numbers, mail addresses, passports, residence
cards, number plates; by the word that names them: passwords, accounts, licences, insurance and pension numbers, names,
addresses, birthdays. In half and full width, in kanji digits, digit by digit. Figures, quantities and dates stay.
"""

from bot.guard.folded import fold, replaced
from bot.guard.named import named_kinds
from bot.guard.numbers import FORMS

# What the asker is told then.
MASKED = "個人の情報らしいところは〔 〕にし、もとの文字は残していません。番号やお名前がなくても、お調べできます。"


def mask(text: str) -> str:
    """`text` with all personal data replaced by its name in 〔 〕; all else letter for letter."""
    folded = fold(text)
    for pattern, is_meant, name, group in _KINDS:
        spans = [folded.original(m, group) for m in pattern.finditer(folded.text) if is_meant(m)]
        if spans:
            text = replaced(text, spans, name)
            folded = fold(text)
    return text


# What shows by its form first: a telephone number behind 住所は is no address.
_KINDS = (
    *((pattern, is_meant, name, 0) for pattern, is_meant, name in FORMS),
    *((pattern, bool, name, 1) for pattern, name in named_kinds()),
)
