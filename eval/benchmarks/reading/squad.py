"""Loads sets in SQuAD 1.1 format (Rajpurkar et al. 2016, arXiv:1606.05250)."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import SetFileError

# Separates title and paragraph in JSQuAD.
_SEPARATOR = " [SEP] "


class _Answer(BaseModel):
    text: str = Field(min_length=1)


class _Question(BaseModel):
    id: str = Field(min_length=1)
    question: str
    answers: list[_Answer]


class _Paragraph(BaseModel):
    context: str
    qas: list[_Question]


class _Article(BaseModel):
    title: str = ""
    paragraphs: list[_Paragraph]


class _Set(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: list[_Article]


@dataclass(frozen=True, slots=True)
class SquadContext:
    """A paragraph with the title of its article."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question, its true answers, and the index of its context."""

    id: str
    text: str
    answers: tuple[str, ...]
    context: int


@dataclass(frozen=True, slots=True)
class SquadSet:
    """The distinct contexts of a set, and its questions with an answer in file order."""

    contexts: tuple[SquadContext, ...]
    questions: tuple[SquadQuestion, ...]


def load_squad(file: Path) -> SquadSet:
    """Return the set in `file`; equal contexts are merged.

    Raises SetFileError if the file is unreadable or not SQuAD JSON, repeats an id, or has no question with an answer.
    """
    contexts: dict[str, int] = {}
    titled: list[SquadContext] = []
    questions: dict[str, SquadQuestion] = {}
    for article in _parse_file(file).data:
        for paragraph in article.paragraphs:
            place = contexts.setdefault(paragraph.context, len(titled))
            if place == len(titled):
                titled.append(_context(article.title, paragraph.context))
            for question in paragraph.qas:
                if question.id in questions:
                    raise SetFileError(f"{file}: id「{question.id}」は2回目です。別の id にしてください。")
                answers = tuple(answer.text for answer in question.answers)
                questions[question.id] = SquadQuestion(question.id, question.question, answers, place)
    answered = tuple(question for question in questions.values() if question.answers)
    if not answered:
        raise SetFileError(f"{file}: 答えのある問いが1つもありません。SQuAD 形式の JSON を指定してください。")
    return SquadSet(tuple(titled), answered)


def sample_evenly(questions: tuple[SquadQuestion, ...], limit: int | None) -> tuple[SquadQuestion, ...]:
    """Return up to `limit` of the questions, evenly spread over the file; all without a limit."""
    if limit is None or limit >= len(questions):
        return questions
    return tuple(questions[i * len(questions) // limit] for i in range(limit))


def _context(title: str, text: str) -> SquadContext:
    own_title, separator, body = text.partition(_SEPARATOR)
    return SquadContext(own_title, body) if separator else SquadContext(title, text)


def _parse_file(file: Path) -> _Set:
    try:
        return _Set.model_validate_json(file.read_bytes())
    except OSError as error:
        raise SetFileError(f"{file}: 読めません({error})。--squad に SQuAD 形式の JSON を指定してください。") from error
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        where = f"{place} が足りないか、形が違います" if place else "JSON として読めません"
        raise SetFileError(
            f"{file}: {where}。SQuAD 形式(data[].paragraphs[].context と qas[].id・question・answers[].text)の"
            "ファイルを指定してください。"
        ) from error
