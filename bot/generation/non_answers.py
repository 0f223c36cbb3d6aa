"""Recognises sentences of a reply that are never an answer: echoes, fragments, headings, announcements, prompt text."""

import re
from collections.abc import Sequence

from bot.generation.reply import is_item
from bot.question.language import detect_language
from bot.state.query import JAPANESE
from bot.verification.foreign_language import is_foreign
from bot.verification.literals import content_terms, is_in_question, literals
from bot.verification.source_text import SourceText
from ingest.japanese.lexicon import INTERROGATIVE
from ingest.japanese.normal_forms import comparison_key, fold_normalised, normalise_figures
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.tokenise import LIGHT_WORDS

# Letters of the prompts' rules in a row that are a recitation: right replies share at most 9.
_MIN_RECITED_CHARACTERS = 13
_INTERROGATIVE = re.compile(INTERROGATIVE)
_QUESTION = re.compile(r"(?:か|かな|の)?[?？]\s*$|か[。]?\s*$|(?:教えて|知りたい)[^。]{0,6}[。]?$")
_YES_OR_NO = re.compile(rf"\s*{YES_OR_NO}(?:[、。]|$)")
_ANNOUNCES = re.compile(r"(?:次|以下|下記)の(?:とおり|通り)(?:です|となります|になります)?[。:：]?$|[:：]$")
_PUNCTUATION = re.compile(r"[\W_]+")
_KANA = re.compile("[ぁ-んァ-ヶー]+")
_KANA_OR_KANJI = re.compile("[ぁ-んァ-ヶー一-龥々]+")
# Share of letters that are Japanese, without names of the sources, above which a sentence is in no other language.
_MAX_JAPANESE_SHARE = 0.3
# Lengths of a run of Japanese letters that may be a name if a source has it; shorter kana are endings (ください).
_NAME_LENGTHS = range(2, 25)
_KANA_NAME_LENGTHS = range(5, 25)
# A name or list item in Latin letters (LINE, Zoom) is no sentence of another language.
_MIN_FOREIGN_WORDS = 4


class NonAnswerCheck:
    """Checks the sentences of a reply to one question.

    Args:
        question: the question that is answered.
        sources: the passages in the prompt.
        rules: the instructions of the prompts, which must not be repeated.
        placeholder: the sentence of the rules that the model may repeat.
        language: ISO 639-1 code of the language of the answer.

    """

    def __init__(
        self, question: str, sources: Sequence[SourceText], rules: str, placeholder: str, language: str = JAPANESE
    ) -> None:
        self._question = normalise_figures(question)
        self._headings = {
            _letters(heading) for source in sources for heading in (source.title, *source.path, " ".join(source.path))
        }
        # Names are compared with the sources in other languages only.
        self._sources = "".join(one.comparison_text for one in sources) if language != JAPANESE else ""
        self._rules = comparison_key(rules).replace(comparison_key(placeholder), "|")
        self._language = language

    def find_reason(self, sentence: str, *, leads_list: bool = False) -> str:
        """Return why a sentence is no answer, in Japanese, "" if it may be an answer."""
        text = normalise_figures(sentence)
        reasons = {
            "言語モデルが指示文を答えに書きました": self.recites_rules(text),
            "質問と別の言語で書かれています": self._is_in_another_language(text),
            "見出しだけの文です": not is_item(sentence) and _letters(text) in self._headings,
        }
        if self._language == JAPANESE:
            reasons |= {
                "続きのない前置きです": not leads_list and bool(_ANNOUNCES.search(text)) and not literals(text),
                "質問を繰り返しただけの文です": self._is_echo(text),
            }
        return next((reason for reason, applies in reasons.items() if applies), "")

    def recites_rules(self, text: str) -> bool:
        """Whether a text has a piece of the prompts' rules."""
        letters = fold_normalised(text)
        pieces = (letters[n : n + _MIN_RECITED_CHARACTERS] for n in range(len(letters) - _MIN_RECITED_CHARACTERS + 1))
        return any(piece in self._rules for piece in pieces)

    def _is_in_another_language(self, text: str) -> bool:
        is_latin_sentence = is_foreign(text) and len(text.split()) >= _MIN_FOREIGN_WORDS
        if self._language == JAPANESE:
            return is_latin_sentence or detect_language(text) not in (JAPANESE, "", "en")
        is_chinese = self._language == "zh"
        runs = (_KANA if is_chinese else _KANA_OR_KANJI).findall(text)
        lengths = _KANA_NAME_LENGTHS if is_chinese else _NAME_LENGTHS
        names = [run for run in runs if len(run) in lengths and fold_normalised(run) in self._sources]
        letters = max(1, sum(map(str.isalpha, text)))
        is_japanese = len("".join(runs)) - len("".join(names)) > _MAX_JAPANESE_SHARE * letters
        return is_japanese or (is_chinese and is_latin_sentence)

    def _is_echo(self, text: str) -> bool:
        new_terms = content_terms(text) - content_terms(self._question) - LIGHT_WORDS
        if new_terms or any(not is_in_question(literal, self._question) for literal in literals(text)):
            return False
        if _QUESTION.search(text):
            return True
        asks_what = _INTERROGATIVE.search(self._question) or not re.search(r"か[?？。]?$", self._question)
        return bool(asks_what) and not _YES_OR_NO.match(text)


def _letters(text: str) -> str:
    return _PUNCTUATION.sub("", comparison_key(text))
