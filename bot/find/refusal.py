"""What is said where nothing answers: that the documents do not tell, or that the matter is none of theirs."""

from collections.abc import Callable, Sequence

from bot.answer import Status
from bot.find.gloss import general_meaning, is_loan, word_asked
from bot.find.sought import Sought
from bot.turn import Draft
from bot.understand.asked import Term
from ingest.normalise import nfkc
from ingest.tokenise import morphemes

NOT_FOUND = "すみません、お探しのことは文書の中に見つけられませんでした。"
_NEAR = "近いことなら、下の質問でお答えできます。"
OTHERWISE = "言葉を変えて聞いていただくか、市の窓口にご相談ください。"
_NOT_TOLD = "登録されている文書には書かれていません。"
OUT_OF_SCOPE = "すみません、そのことはここにある文書に書かれていないようです。"
_WITHIN = "「{title}」などのことなら、お答えできます。"


def refusal(
    sought: Sought, knows: Callable[[str], bool], titles: Sequence[str], suggestions: tuple[str, ...], contact: str
) -> Draft:
    """Return the refusal: out of scope where no thing that the question names stands in any document.

    `titles` are those of the documents that are asked first, `contact` a way to a person, or an empty string.
    """
    word = word_asked(sought.asked.text)
    if is_loan(word) and (general := general_meaning(word)):
        return Draft(f"「{word}」の意味は、{_NOT_TOLD}{general}", status=Status.NO_ANSWER, suggestions=suggestions)
    urgent = f"お急ぎのときは {contact} へどうぞ。" if contact else ""
    if not sought.scope.named and not any(_is_known(t, knows) for t in sought.terms):
        within = _WITHIN.format(title=titles[0]) if titles else ""
        return Draft(OUT_OF_SCOPE + within + urgent, status=Status.OUT_OF_SCOPE)
    near = tuple(question for question in suggestions if _is_near(question, sought))
    way_on = _NEAR if near else "" if contact else OTHERWISE
    return Draft(NOT_FOUND + way_on + urgent, status=Status.NO_ANSWER, suggestions=near)


def _is_near(suggestion: str, sought: Sought) -> bool:
    """Whether a question that could be asked names half of what was asked for, in its words or in a document's."""
    said = {m.normal.lower() for m in morphemes(nfkc(suggestion))}
    named = [t for t in sought.terms if t.weight >= 1.0]
    shared = [t for t in named if t.text in said or any(meaning <= said for meaning in t.meanings)]
    return 0 < len(named) <= 2 * len(shared)


def _is_known(term: Term, knows: Callable[[str], bool]) -> bool:
    """Whether the term names a thing, and it, or what documents write for it, stands in one; a proper name is none."""
    named = term.weight >= 1.0 and not term.proper
    return named and (knows(term.text) or any(all(map(knows, meaning)) for meaning in term.meanings))
