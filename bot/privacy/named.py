"""Patterns of personal data that is recognised by its label (named.toml)."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.privacy.numbers import NO_COUNTER

# Between the label and its value: 番号は、:=「` and the like.
_LABEL_SEPARATOR = r"(?:の?(?:番号|No\.?|コード|記号))?(?:は|が|を|も|:|=|、|,|として|\s)*[\s「『\"'`(（]*"
# Questions and conditions contain no value.
_NOT_ASKED = r"(?![^。\n]{0,12}(?:ですか|でしょうか|とは|という|ますか|以上|以内|以下|桁|文字))"
_NO_CONDITION = r"(?!\d*日?\s?(?:以降|以前))"
_IN_QUOTES = (r"(?<=`)[^`\n]+(?=`)", "(?<=「)[^」\n]+(?=」)", "(?<=『)[^』\n]+(?=』)", r"(?<=\")[^\"\n]+(?=\")")
_ABBREVIATIONS = {
    # The end of a number that is not a quantity; two kanji or letters after a space are the next word (名義).
    "<end>": rf"(?!\d)(?:(?=\s(?:(?![万億兆千百]|世帯)[一-鿿]{{2}}|[A-Za-z]{{2}}))|{NO_COUNTER})",
    "<quoted>": f"(?:{'|'.join(_IN_QUOTES)})",
    "<signs>": "(?!\\d+(?:[一-鿿]|[か箇ヶ][所月年国]))(?=[!-~]*[0-9!-/:-@])[!-~]{3,}",
    "<code>": "[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,}",
}


@cache
def labelled_data_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the pattern of each kind, with the value as group 1, and the placeholder that replaces the value."""
    listed = tomllib.loads(files("bot.privacy").joinpath("named.toml").read_text("utf-8"))["named"]
    return tuple(
        (_pattern(kind["word"], kind.get("between", _LABEL_SEPARATOR), kind["value"]), kind["mask"]) for kind in listed
    )


def _pattern(word: str, between: str, value: str) -> re.Pattern[str]:
    for abbreviation, pattern in _ABBREVIATIONS.items():
        value = value.replace(abbreviation, pattern)
    return re.compile(rf"(?:{word}){between}(?!〔)({value}){_NOT_ASKED}{_NO_CONDITION}", re.IGNORECASE)
