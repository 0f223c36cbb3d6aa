"""Trains the word vectors, `ingest/embedding/words/shirube-words`, from questions, titles and spans with their texts.

They start from chiVe (Manabe et al. 2019, 「複数粒度の分割結果に基づく日本語単語分散表現」), whose words are Sudachi's
normal forms as index terms are. The loss is InfoNCE over the pairs of a batch, both ways; the length of a word's vector
is how much it counts, learned with its direction. A build adapts them to its documents (`ingest.embedding.words`).
"""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor
from torch.nn import functional

from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from ingest.embedding.words.adaptation import log_importance, random_window, split_span, start_vectors
from ingest.embedding.words.word_vectors import SHIPPED, Ids, WordVectors
from ingest.japanese.tokenise import words
from lab.benchmarks.search import half_for_id, sample_figures, with_progress_bar
from lab.training.questions import read_written_questions
from lab.training.sources import find_sets

_DIMENSION = 256
_STEPS = 500
_SMALL_STEPS = 20
# Lines of written questions, and size of a batch, for a small training.
_SMALL_LINES = 150
_SMALL_BATCH = 64
_BATCH = 512
_MAX_TERMS = 45_000
# Words of chiVe, the most frequent first, that become terms, and those of which other terms are composed.
_FREQUENT = 30_000
_MAX_PARTS = 200_000
_TEMPERATURE = 0.1
# Learning rates of the directions and of the logarithm of the importance, and steps in which they rise.
_RATES = (1e-3, 5e-3)
_WARM_UP = 10
# Shares of a batch that pair questions with paragraphs, titles with texts, and spans with what is around them.
_SHARES = (0.45, 0.2, 0.35)
# Minimum number of words of a text with spans.
_MIN_TEXT = 16
# Below this share of distinct titles in a set, they name categories rather than texts.
_DISTINCT_SHARE = 0.5


class _Text(NamedTuple):
    """The words of a title, a body and the questions that it answers; `judged` questions are not trained on."""

    title: Any
    body: Any
    questions: Sequence[Any] = ()
    judged: Sequence[Any] = ()


def train(options: Namespace) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files of the vectors; the figures are of a search by cosine for questions that were held out."""
    rng = np.random.default_rng(options.seed)
    torch.manual_seed(options.seed)
    if options.small:
        lines = islice((line for line in read_written_questions("bulletins") if line["sentence"]), _SMALL_LINES)
        spelt = [(words(line["question"]), words(line["sentence"])) for line in lines]
        sources = [[_Text([], body, [question], [question]) for question, body in spelt]]
        chive, steps, batch = None, _SMALL_STEPS, _SMALL_BATCH
    else:
        names = "jaquad/train-sample.json", "bulletins/articles.jsonl", "kiryu/speeches.jsonl", "chive/chive.txt"
        squad, articles, speeches, file = find_sets(options.sets, *names)
        sources = [_read_squad(squad), *map(_read_texts, (articles, speeches))]
        chive, steps, batch = _read_chive(file), _STEPS, _BATCH
    counts = Counter[str]()
    for text in chain.from_iterable(sources):
        counts.update(chain(text.title, text.body, *text.questions))
    terms = _vocabulary(chive, counts)
    base = chive or WordVectors({}, np.zeros((0, _DIMENSION), np.float32))
    start = start_vectors(list(terms), base, rng)
    importance = log_importance(np.array([max(1, counts[term]) for term in terms]))
    as_rows = [[_in_rows(terms, text) for text in texts] for texts in sources]
    pools = _pair_pools(as_rows)
    trained = WordVectors(terms, _train_vectors(start, importance, pools, rng, steps=steps, batch=batch))
    return _files(trained), {"terms": len(terms), **_search_figures(trained, as_rows[0])}


def _read_squad(file: Path) -> list[_Text]:
    """Return the paragraphs with questions; those of articles of the judging half are kept."""
    texts = []
    for article in json.loads(file.read_bytes())["data"]:
        is_judged = half_for_id(article["title"]) == "judge"
        for paragraph in with_progress_bar(article["paragraphs"], "言葉に分けています"):
            body, asked = words(paragraph["context"]), [words(each["question"]) for each in paragraph["qas"]]
            texts.append(_Text([], body, [], asked) if is_judged else _Text(words(article["title"]), body, asked))
    return texts


def _read_texts(file: Path) -> list[_Text]:
    rows = list(read_json_lines(file))
    return [
        _Text(words(row.get("title") or ""), words(row.get("body") or row["text"]))
        for row in with_progress_bar(rows, "言葉に分けています")
    ]


def _read_chive(file: Path) -> WordVectors:
    """Return the most frequent vectors of a text file in the format of word2vec, centred and reduced by PCA."""
    try:
        with file.open(encoding="utf-8") as lines:
            next(lines)  # the numbers of words and of dimensions
            rows = [line.rstrip("\n").rsplit(" ", 300) for line in islice(lines, _MAX_PARTS)]
        vectors = np.array([row[1:] for row in rows], np.float32)
    except (OSError, ValueError) as error:
        raise SetFileError(f"{file}: chiVe のテキスト形式(1行に語と300の数)として読めません({error})。") from error
    unit = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    unit -= unit.mean(axis=0)
    _, axes = np.linalg.eigh(unit.T @ unit)
    return WordVectors({row[0]: n for n, row in enumerate(rows)}, unit @ axes[:, ::-1][:, :_DIMENSION])


def _vocabulary(chive: WordVectors | None, counts: Counter[str]) -> dict[str, int]:
    frequent = [word for word in islice(chive.terms, _FREQUENT) if words(word) == [word]] if chive else []
    candidates = chain(frequent, (word for word, _ in counts.most_common()))
    terms = dict.fromkeys(word for word in candidates if word.split() == [word])
    return {word: row for row, word in enumerate(islice(terms, _MAX_TERMS))}


def _in_rows(terms: dict[str, int], text: _Text) -> _Text:
    def rows(part: Sequence[str]) -> Ids:
        return np.array([terms[word] for word in part if word in terms], np.int64)

    return _Text(rows(text.title), rows(text.body), list(map(rows, text.questions)), list(map(rows, text.judged)))


def _pair_pools(sources: Sequence[Sequence[_Text]]) -> list[list[tuple[Ids, Ids]]]:
    """Return the pairs of question and text, of title and text, and the texts that are long enough for spans."""
    learned = [[text for text in texts if not len(text.judged) or text.questions] for texts in sources]
    questions = [(question, text.body) for texts in learned for text in texts for question in text.questions]
    titles = [
        (text.title, text.body)
        for texts in learned
        if len({text.title.tobytes() for text in texts}) > _DISTINCT_SHARE * len(texts)
        for text in texts
        if len(text.title)
    ]
    nothing = np.zeros(0, np.int64)
    spans = [(nothing, text.body) for texts in learned for text in texts if len(text.body) >= _MIN_TEXT]
    return [questions, titles, spans]


def _train_vectors(
    start: NDArray[np.float32],
    importance: NDArray[np.float32],
    pools: Sequence[Sequence[tuple[Ids, Ids]]],
    rng: np.random.Generator,
    *,
    steps: int,
    batch: int,
) -> NDArray[np.float32]:
    """Return the trained vectors, each as long as its word is important."""
    shares = np.array([share if pool else 0 for share, pool in zip(_SHARES, pools, strict=True)])
    directions = torch.nn.Embedding(len(start), start.shape[1], sparse=True, _weight=torch.from_numpy(start))
    weights = torch.nn.Embedding(len(start), 1, sparse=True, _weight=torch.from_numpy(importance)[:, None])
    groups = [{"params": [e.weight], "lr": rate} for e, rate in zip((directions, weights), _RATES, strict=True)]
    optimiser = torch.optim.SparseAdam(groups)
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: min(1, (n + 1) / _WARM_UP) * (1 - n / steps))

    def pool_words(texts: Sequence[Ids]) -> Tensor:
        rows = torch.from_numpy(np.concatenate(texts))
        owners = torch.repeat_interleave(torch.arange(len(texts)), torch.tensor(list(map(len, texts))))
        weighted = directions(rows) * torch.exp(weights(rows))
        return functional.normalize(torch.zeros(len(texts), start.shape[1]).index_add(0, owners, weighted))

    for _ in with_progress_bar(range(steps), "学習しています"):
        pairs = []
        for kind in rng.choice(len(pools), batch, p=shares / shares.sum()).tolist():
            left, right = pools[kind][int(rng.integers(len(pools[kind])))]
            pairs.append(split_span(right, rng, left) if kind == 2 else (left, random_window(right, rng)))
        left, right = (pool_words(side) for side in zip(*pairs, strict=True))
        cosines = left @ right.T / _TEMPERATURE
        own = torch.arange(batch)
        optimiser.zero_grad()
        loss = (functional.cross_entropy(cosines, own) + functional.cross_entropy(cosines.T, own)) / 2
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()  # type: ignore[no-untyped-call]
        rate.step()
    trained: NDArray[np.float32] = (directions.weight * torch.exp(weights.weight)).detach().numpy()
    return trained


def _search_figures(trained: WordVectors, texts: Sequence[_Text]) -> dict[str, float]:
    def pooled(lines: Sequence[Ids]) -> NDArray[np.float32]:
        sums = np.stack([trained.vectors[line].sum(axis=0) for line in lines])
        unit: NDArray[np.float32] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        return unit

    bodies = pooled([text.body for text in texts])
    judged = [(question, place) for place, text in enumerate(texts) for question in text.judged]
    cosines = pooled([question for question, _ in judged]) @ bodies.T
    right = cosines[np.arange(len(judged)), [place for _, place in judged]]
    ranks = (cosines > right[:, None]).sum(axis=1)
    return sample_figures("hit@1", (ranks < 1).tolist()) | sample_figures("hit@5", (ranks < 5).tolist())


def _files(trained: WordVectors) -> dict[str, bytes]:
    """Return the files of a SentenceTransformer, in half precision; unknown words have a row of zeros."""
    vectors = np.vstack([np.zeros((1, trained.dimension)), trained.vectors]).astype(np.float16)
    tokenizer = json.loads((SHIPPED / "tokenizer.json").read_text("utf-8"))
    unknown = tokenizer["model"]["unk_token"]
    tokenizer["model"]["vocab"] = {term: row for row, term in enumerate((unknown, *trained.terms))}
    return {
        **{name: (SHIPPED / name).read_bytes() for name in ("modules.json", "config_sentence_transformers.json")},
        "tokenizer.json": (json.dumps(tokenizer, ensure_ascii=False, indent=0) + "\n").encode(),
        "model.safetensors": save({"embedding.weight": vectors}),
    }
