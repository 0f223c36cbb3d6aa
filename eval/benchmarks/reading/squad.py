"""Loads sets in SQuAD 1.1 format (Rajpurkar et al. 2016, arXiv:1606.05250)."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import SetFileError

# What JSQuAD puts between the article's title and the paragraph.
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
    """A question, its true answers, and the number of its context."""

    id: str
    text: str
    answers: tuple[str, ...]
    context: int


@dataclass(frozen=True, slots=True)
class SquadSet:
    """The contexts of a set, each once, and its questions that have an answer, in the order of the file."""

    contexts: tuple[SquadContext, ...]
    questions: tuple[SquadQuestion, ...]


def load_squad(file: Path) -> SquadSet:
    """Return the set in `file`; equal contexts are one.

    Raises SetFileError for a file that cannot be read, is no SQuAD JSON, or has an id twice or no question to answer.
    """
    contexts: dict[str, int] = {}
    titled: list[SquadContext] = []
    questions: dict[str, SquadQuestion] = {}
    for article in _parse_file(file).data:
        for paragraph in article.paragraphs:
            place = contexts.setdefault(paragraph.context, len(titled))
            if place == len(titled):
                titled.append(_context(article.title, paragraph.context))
            for asked in paragraph.qas:
                if asked.id in questions:
                    raise SetFileError(f"{file}: id「{asked.id}」は2回目です。別の id にしてください。")
                answers = tuple(answer.text for answer in asked.answers)
                questions[asked.id] = SquadQuestion(asked.id, asked.question, answers, place)
    answered = tuple(question for question in questions.values() if question.answers)
    if not answered:
        raise SetFileError(f"{file}: 答えのある問いが1つもありません。SQuAD 形式の JSON を指定してください。")
    return SquadSet(tuple(titled), answered)


def sample_evenly(questions: tuple[SquadQuestion, ...], most: int | None) -> tuple[SquadQuestion, ...]:
    """Return `most` of the questions, spread evenly over the file; all where there are no more."""
    if most is None or most >= len(questions):
        return questions
    return tuple(questions[i * len(questions) // most] for i in range(most))


def _context(title: str, text: str) -> SquadContext:
    named, separator, body = text.partition(_SEPARATOR)
    return SquadContext(named, body) if separator else SquadContext(title, text)


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
