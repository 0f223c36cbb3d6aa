"""Check of `doctor` on the configured language models and their servers, which answer sample questions."""

import re
from contextlib import closing
from time import perf_counter

from bot.errors import BotError, ModelError
from bot.generation.answer_writer import AnswerWriter
from bot.generation.followup_rewriting import format_conversation
from bot.generation.generate import Generator
from bot.generation.materials import (
    MAX_COMPACT_TOKENS,
    MAX_TOKENS,
    Materials,
    ShownPassage,
    describe_situation,
)
from bot.generation.reply import Reply
from bot.llm.model_calls import ADVICE, estimate_tokens, open_budget
from bot.rendering.answer_text import render_text
from bot.state import Question, Turn
from bot.verification.source_text import to_source_texts
from ingest.configuration.proxies import proxy_advice
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.japanese.today import today

_DOCUMENT = Document("sample", "見本町の施設の案内", "sample.md")
_QUESTION = "見本町では、図書の返却箱の鍵をどこに保管していますか。"
_FACT = "見本町では、図書の返却箱の鍵を第三倉庫に保管しています。"
_EXPECTED = "第三倉庫"
_FILLER = "見本町の集会所{n}号室は、午前九時から午後五時まで開いています。使うときは、前の日までに窓口で申し込みます。"
# How the settings of a file on this machine and of a server are mended.
_FILE_ADVICE = (
    "SHIRUBE_LLM_GGUF のファイルが壊れていないか、SHIRUBE_LLM_TIMEOUT_S が短すぎないかを確かめるか、"
    "ほかのモデルにしてください（`python -m bot model get` で選べます）。"
)
_SERVER_ADVICE = (
    "SHIRUBE_LLM__{n}__BASE_URL（例: http://127.0.0.1:11434/v1）、SHIRUBE_LLM__{n}__MODEL、SHIRUBE_LLM__{n}__API_KEY "
    "と、モデルのサーバーが動いているか、混んでいないかを確かめてください。時間内に答えないときは、"
    "SHIRUBE_LLM_TIMEOUT_S を延ばすか、SHIRUBE_LLM__{n}__CONTEXT を減らしてください。"
)
_READS_LESS = (
    "はじめの資料を読んでいないなら、サーバーが読む長さを延ばしてください（Ollama では、環境変数 OLLAMA_CONTEXT_LENGTH "
    "を 16384 などにして起動）。延ばせないときは、読めるトークン数を SHIRUBE_LLM__番号__CONTEXT に設定してください。"
)
HIDDEN = "••••"


def check_models(settings: Settings) -> str:
    """Have every model answer a sample question; return them in order of preference. Raises BotError if one fails."""
    results = []
    for n, model in enumerate(settings.llm, 1):
        only = settings.model_copy(update={"llm": (model,), "llm_gguf": None})
        advice = _SERVER_ADVICE.format(n=n) + proxy_advice(settings.proxy, model.base_url)
        results.append(
            f"{mask_credentials(model.base_url)}（{model.model}、{_check_model(only, model.model, advice)}）"
        )
    if settings.llm_gguf:
        only = settings.model_copy(update={"llm": ()})
        results.append(f"{settings.llm_gguf}（この計算機、{_check_model(only, settings.llm_gguf.stem, _FILE_ADVICE)}）")
    return " → ".join(results) or "使わない設定です（抜き出しで答えます）"


def check_judge(settings: Settings) -> str:
    """Have every model that judges sentences judge planted ones. Raises BotError naming one that cannot."""
    with closing(Generator(settings.model_copy(update={"llm_gguf": None}))) as generator:
        if generator.judge is None:
            return "使わない設定です（言語モデルの文は、数・日付・名前だけを確かめます）"
        for model in settings.llm:
            if problem := generator.judge.test(model.model):
                raise BotError(
                    f"言語モデル「{model.model}」には、文を確かめさせません。{problem}ほかのモデルにするか、"
                    "SHIRUBE_LLM_JUDGE=false にしてください。その間、文には「出典で確かめられていません」が付きます。"
                )
    return "見本の正しい文と誤った文を、見分けました"


def mask_credentials(url: str) -> str:
    """Return a URL with user and password masked."""
    return re.sub(r"//[^/@]*@", f"//{HIDDEN}@", url)


def _sample_materials(generator: Generator) -> Materials:
    """Return as many passages as a prompt for an answer has at most; the first has the fact."""
    limit = MAX_COMPACT_TOKENS if generator.is_compact else MAX_TOKENS
    filler = "".join(_FILLER.format(n=n) for n in range(1, 4))
    texts = [_FACT + filler, *[filler] * (limit // estimate_tokens(filler) - 1)]
    passages = tuple(Passage(f"sample-{n}", _DOCUMENT.id, "text", (), text, (n,)) for n, text in enumerate(texts, 1))
    shown = tuple(ShownPassage(_DOCUMENT.title, "", text) for text in texts)
    sources = tuple(to_source_texts(passages, [_DOCUMENT]))
    return Materials(passages, sources, shown, tuple(range(1, len(texts) + 1)))


def _check_model(settings: Settings, name: str, advice: str) -> str:
    """Return how the only model answers the sample question from a full prompt. Raises BotError if it does not."""
    with closing(Generator(settings)) as generator, open_budget(settings.llm_timeout_s) as spent:
        generator.wait_until_ready()
        materials = _sample_materials(generator)
        writer = AnswerWriter(materials.passages, materials.sources, _QUESTION, generator.rules)
        start = perf_counter()
        try:
            stream = generator.answer.stream(
                situation=describe_situation(Turn(Question(question=_QUESTION), today())),
                conversation=format_conversation(()),
                passages=materials.fit,
                question=_QUESTION,
            )
            writer.read(Reply(stream.pieces, generator.schema))
        except ModelError as error:
            problem = str(error).removesuffix(ADVICE)
            raise BotError(
                f"言語モデル「{name}」を使えません。{problem}{advice}その間は、ほかの言語モデルか抜き出しで答えます。"
            ) from error
        seconds = perf_counter() - start
    writer.close()
    tokens = spent.calls[-1].tokens
    if not writer.has_grounded_text or _EXPECTED not in render_text(writer.draft().parts):
        problems = " / ".join(sentence.why for sentence in writer.rejected()) or "別のことを答えました"
        counted = "" if tokens.estimated else f"サーバーが読んだと数えたのは {tokens.prompt:,} トークンです。"
        raise BotError(
            f"言語モデル「{name}」は、見本の資料から正しく答えられません（{problems}）。{counted}{_READS_LESS}"
            "そうでなければ、ほかのモデルにしてください。その間は抜き出しで答えます。"
        )
    return f"資料をいっぱいに渡して（{tokens.prompt:,} トークン）{seconds:.1f} 秒で答える"
