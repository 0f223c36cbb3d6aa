"""What is said where nothing answers: that the documents do not tell, or that the matter is none of theirs."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.find.gloss import general_meaning, is_loan, word_asked
from bot.find.sought import Sought
from bot.turn import Draft
from bot.understand.asked import Term

NOT_FOUND = "すみません、お探しのことは文書の中に見つけられませんでした。"
NEAR = "近いことなら、下の質問でお答えできます。"
OTHERWISE = "言葉を変えて聞いていただくか、市の窓口にご相談ください。"
_NOT_TOLD = "登録されている文書には書かれていません。"
OUT_OF_SCOPE = "すみません、そのことはここにある文書に書かれていないようです。"
_WITHIN = "「{title}」などのことなら、お答えできます。"


def refusal(sought: Sought, knows: Callable[[str], bool], titles: Sequence[str], contact: str) -> Draft:
    """Return the refusal: out of scope where no thing that the question names stands in any document.

    `titles` are those of the documents that are asked first, `contact` a way to a person, or an empty string.
    """
    word = word_asked(sought.asked.text)
    if is_loan(word) and (general := general_meaning(word)):
        return Draft(f"「{word}」の意味は、{_NOT_TOLD}{general}", status=Status.NO_ANSWER)
    urgent = f"お急ぎのときは {contact} へどうぞ。" if contact else ""
    if not sought.scope.named and not any(_is_known(t, knows) for t in sought.terms):
        within = _WITHIN.format(title=titles[0]) if titles else ""
        return Draft(OUT_OF_SCOPE + within + urgent, status=Status.OUT_OF_SCOPE)
    return Draft(NOT_FOUND + (urgent or OTHERWISE), status=Status.NO_ANSWER)


def with_near(draft: Draft, questions: tuple[str, ...]) -> Draft:
    """Return a refusal that offers `questions` about what lies near instead of asking for other words."""
    if not questions:
        return draft
    text = draft.text.removesuffix(OTHERWISE)
    return replace(draft, text=text + NEAR, suggestions=questions)


def _is_known(term: Term, knows: Callable[[str], bool]) -> bool:
    """Whether the term names a thing, and it, or what documents write for it, stands in one; a proper name is none."""
    named = term.weight >= 1.0 and not term.proper
    return named and (knows(term.text) or any(all(map(knows, meaning)) for meaning in term.meanings))
