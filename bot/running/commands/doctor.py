"""The command `doctor`: reports settings, runs all checks, and says how to fix what fails."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.answering.llm.model_calls import ADVICE, estimate_tokens, open_budget
from bot.answering.model_answers.answer_writer import AnswerWriter
from bot.answering.model_answers.followup_rewriting import format_conversation
from bot.answering.model_answers.generate import Generator
from bot.answering.model_answers.materials import (
    MAX_COMPACT_TOKENS,
    MAX_TOKENS,
    Materials,
    ShownPassage,
    describe_situation,
)
from bot.answering.model_answers.reply import Reply
from bot.answering.rendering.answer_text import render_text
from bot.answering.state import Question, Status, Turn
from bot.answering.verification.source_text import to_source_texts
from bot.errors import BotError, DictionaryError, ModelError
from bot.running.office.office import read_office
from ingest.configuration.proxies import proxy_advice
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.errors import IngestError, ManifestError, NoIndexError, StorageError
from ingest.index.generation import Generation, current_name, generation_folder, load_documents, load_generation
from ingest.japanese.today import JAPAN, today
from ingest.metadata.document_states import added_entries
from ingest.metadata.document_table import SYNC_STATES, read_documents, read_source_states
from ingest.metadata.manifest import examine

if TYPE_CHECKING:
    from bot.running.storage.record_store import Store

# Optional libraries are imported by the check that needs them, which reports one that fails.
# ruff: noqa: PLC0415

_MEGA = 1_000_000
# Room for records and logs.
_SPARE_BYTES = 200 * _MEGA
# Names that are listed.
_MAX_NAMES = 3
_TIMEOUT_S = 5.0
# Tokens of a provider whose clock differs by more than two minutes are refused.
_MAX_SKEW_S = 60
# The question that every language model has to answer, and what it reads.
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
_HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class Setting:
    """The effective value of a setting; secrets are masked."""

    name: str
    shown: str
    changed: bool
    description: str


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check, and how to fix it if it failed."""

    name: str
    well: bool
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All settings, and the results of all checks."""

    settings: tuple[Setting, ...]
    checks: tuple[Check, ...]

    @property
    def well(self) -> bool:
        return all(check.well for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "well": self.well}


def run_checks(settings: Settings, *, deep: bool = False) -> Report:
    """Run all checks, whether or not one fails; `deep` includes those that take long or write data."""
    checks = _CHECKS + (DEEP_CHECKS if deep else ())
    results = [_run_check(name, check, settings) for name, check in checks]
    return Report(tuple(_settings(settings)), tuple(results))


def _settings(settings: Settings) -> Iterator[Setting]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        text = "、".join(model.model for model in settings.llm) if name == "llm" else _mask_secret(value)
        yield Setting(f"SHIRUBE_{name.upper()}", text, value != field.default, field.description or "")
    for number, model in enumerate(settings.llm, 1):
        for part, field in type(model).model_fields.items():
            if (value := getattr(model, part)) != field.default:
                variable = f"SHIRUBE_LLM__{number}__{part.upper()}"
                yield Setting(variable, _mask_secret(value), changed=True, description=field.description or "")


def _mask_secret(value: object) -> str:
    if isinstance(value, SecretStr):
        return _HIDDEN
    # A URL may contain a password.
    return "" if value is None else _mask_credentials(str(value))


def _mask_credentials(url: str) -> str:
    return re.sub(r"//[^/@]*@", f"//{_HIDDEN}@", url)


def _run_check(name: str, check: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, well=True, found=check(settings))
    except (BotError, IngestError) as error:
        return Check(name, well=False, found="使えません", mend=str(error))
    except Exception as error:  # noqa: BLE001 - also a broken installation is reported as a failed check
        advice = "依存関係を入れ直してください（`make setup`）。"
        return Check(name, well=False, found=f"{type(error).__name__}: {error}", mend=advice)


def check_data_folder(settings: Settings) -> str:
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise StorageError(
            f"「{existing}」に書き込めません。権限を直すか、SHIRUBE_DATA か --data で別のフォルダーを指定してください。"
        )
    free = shutil.disk_usage(existing).free
    size = sum(file.stat().st_size for file in _index_files(settings))
    if free < size + _SPARE_BYTES:
        raise StorageError(
            f"空きは {free / _MEGA:.0f} MB です。新しい索引は使用中のもの（{size / _MEGA:.0f} MB）のわきに作るので、"
            f"{(size + _SPARE_BYTES) / _MEGA:.0f} MB 以上を空けてください。"
        )
    return f"{folder}（空き {free / _MEGA:,.0f} MB、使用中の索引 {size / _MEGA:.0f} MB）"


def check_documents(settings: Settings) -> str:
    generation, folders = _generation(settings), _corpus_folders(settings)
    if generation and not all(folder.is_dir() for folder in folders):
        missing = f"フォルダー「{'、'.join(map(str, folders))}」はこの計算機にありません"
        return f"{missing}（索引には {generation.documents}文書あります）"
    corpus = examine(*folders, added=added_entries(settings, read_documents(settings)))
    if corpus.problems:
        raise ManifestError(f"{corpus.problems[0]} `python -m ingest check` ですべて確かめられます。")
    digests = {document.id: document.digest for document in corpus.documents}
    if generation:
        indexed = {document.id: document.digest for document in load_documents(settings, generation).documents}
        indexed |= {document.id: document.digest for document in generation.left_out if document.id}
        ids = {*indexed, *digests} - set(generation.basis.removed)
        if changed := sorted(doc_id for doc_id in ids if indexed.get(doc_id) != digests.get(doc_id)):
            raise BotError(
                f"索引を作ったあとで{len(changed)}文書が変わっています（{'、'.join(changed[:_MAX_NAMES])} など）。"
                "`python -m ingest build` で取り込んでください。"
            )
        if left_out := [document.file.rpartition("/")[2] for document in generation.left_out]:
            raise BotError(
                f"読めないので索引にない文書が{len(left_out)}件あります（{'、'.join(left_out[:_MAX_NAMES])} など）。"
                "`python -m ingest check` で直し方が分かります。"
            )
    warnings = f"、注意 {len(corpus.warnings)}件（`python -m ingest check` で読めます）" if corpus.warnings else ""
    return f"{'、'.join(map(str, folders))}: {len(digests)}文書{warnings}"


def check_sources(settings: Settings) -> str:
    states = read_source_states(settings)
    notes = [
        f"「{doc_id}」は{SYNC_STATES[state.state]}（{state.since}から）: {state.reason}"
        for doc_id, state in states.items()
        if state.needs_attention
    ]
    if notes:
        advice = "疑わしいものは中身を確かめ、正しければ `python -m ingest sync --confirm ID` で置き換えてください。"
        raise BotError("".join(notes[:_MAX_NAMES]) + advice)
    return f"{len(states)}件"


def check_dictionary(settings: Settings) -> str:
    from bot.answering.question.office_dictionary import OfficeDictionary

    table = OfficeDictionary(_corpus_folders(settings), settings.data, lambda _: False).read()
    if problems := [*table.unreadable, *filter(None, map(table.problem, table.entries))]:
        raise DictionaryError(" ".join(problems[:_MAX_NAMES]))
    return f"{len(table.entries)}行"


def check_index(settings: Settings) -> str:
    from ingest.index.index import open_index

    with open_index(settings) as index:
        created = f"{index.generation.created.astimezone(JAPAN):%Y-%m-%d %H:%M}（日本時間）"
        return f"{index.name}: {len(index.documents)}文書 {len(index.passages)}箇所、作成 {created}"


def check_encoder(settings: Settings) -> str:
    from ingest.embedding import SentenceTransformerEncoder, open_encoder

    encoder = open_encoder(settings)
    query, passage = encoder.prefixes if isinstance(encoder, SentenceTransformerEncoder) else ("", "")
    kinds = (("質問", query), ("文書", passage))
    shown_prefixes = [f"{kind}の前に「{prefix}」" for kind, prefix in kinds if prefix]
    size = encoder.encode_query("しるべ").shape[0]
    return f"{encoder.name}（{'、'.join([f'{size}次元', *shown_prefixes])}）"


def check_relevance_models(_settings: Settings) -> str:
    from bot.answering.question.follow_up_model import shipped_followup_model
    from bot.answering.relevance.evidence import shipped_relevance_model
    from bot.answering.relevance.token_model import shipped_token_reader

    shipped_relevance_model()
    shipped_token_reader()
    shipped_followup_model()
    return "箇所を読むものと、会話の続きを読むものを開きました"


def check_records(settings: Settings) -> str:
    if _has_no_records(settings):
        return "まだありません（最初の質問のときに作られます）"
    with _open_records(settings) as store:
        store.ping()
    return "SHIRUBE_DATABASE_URL のデータベース" if settings.database_url else str(settings.data / "shirube.sqlite")


def check_models(settings: Settings) -> str:
    results = []
    for n, model in enumerate(settings.llm, 1):
        only = settings.model_copy(update={"llm": (model,), "llm_gguf": None})
        advice = _SERVER_ADVICE.format(n=n) + proxy_advice(settings.proxy, model.base_url)
        results.append(
            f"{_mask_credentials(model.base_url)}（{model.model}、{_check_model(only, model.model, advice)}）"
        )
    if settings.llm_gguf:
        only = settings.model_copy(update={"llm": ()})
        results.append(f"{settings.llm_gguf}（この計算機、{_check_model(only, settings.llm_gguf.stem, _FILE_ADVICE)}）")
    return " → ".join(results) or "使わない設定です（抜き出しで答えます）"


def check_judge(settings: Settings) -> str:
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


def _sample_materials(generator: Generator) -> Materials:
    limit = MAX_COMPACT_TOKENS if generator.is_compact else MAX_TOKENS
    filler = "".join(_FILLER.format(n=n) for n in range(1, 4))
    texts = [_FACT + filler, *[filler] * (limit // estimate_tokens(filler) - 1)]
    passages = tuple(Passage(f"sample-{n}", _DOCUMENT.id, "text", (), text, (n,)) for n, text in enumerate(texts, 1))
    shown = tuple(ShownPassage(_DOCUMENT.title, "", text) for text in texts)
    sources = tuple(to_source_texts(passages, [_DOCUMENT]))
    return Materials(passages, sources, shown, tuple(range(1, len(texts) + 1)))


def _check_model(settings: Settings, name: str, advice: str) -> str:
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


def check_office(settings: Settings) -> str:
    help_now = read_office(settings).help_at(datetime.now(UTC))
    if not help_now.contact:
        return "案内先がありません（SHIRUBE_CONTACT に書くと、回答が見つからないときに示します）"
    hours = f"{help_now.hours and help_now.hours.shown}、いまは{'受付中' if help_now.open else '受付時間の外'}"
    return f"{help_now.contact}、{'受付時間は示しません' if help_now.open is None else hours}"


def check_emergencies(settings: Settings) -> str:
    from bot.answering.screening import OFFICE_FILE, read_situations

    table = read_situations(settings)
    own = f"、うち{len(table.replaced)}場面は「{settings.data / OFFICE_FILE}」" if table.replaced else ""
    return f"{len(table.help_lines)}場面の電話番号{own}"


def check_sign_in(settings: Settings) -> str:
    from bot.running.auth.sign_in import SignIn

    if not _has_no_records(settings):
        with closing(SignIn(settings)) as sign_in:
            if people := sign_in.accounts.all():
                return f"アカウント {len(people)}件"
    return "アカウントがありません（起動のときに出るアドレスから入れます。`python -m bot account add 名前` で作れます）"


def check_provider(settings: Settings) -> str:
    import httpx2

    from bot.running.auth.oidc import http_options, metadata_url

    if not (issuer := settings.oidc_issuer):
        return "使わない設定です（SHIRUBE_OIDC_ISSUER が空です）"
    if not settings.oidc_client_secret or not settings.oidc_client_secret.get_secret_value():
        raise BotError("SHIRUBE_OIDC_CLIENT_SECRET がないので、庁内の認証ではサインインできません。")
    if not settings.oidc_roles.strip():
        raise BotError('SHIRUBE_OIDC_ROLES に、所属と役割（例: "企画課=editor"）を書いてください。誰も入れません。')
    try:
        with httpx2.Client(**http_options(settings) | {"timeout": _TIMEOUT_S}) as client:
            response = client.get(metadata_url(issuer)).raise_for_status()
        metadata = dict(response.json())
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError) as error:
        raise BotError(
            f"認証の情報（{metadata_url(issuer)}）を読めません（{type(error).__name__}）。"
            "SHIRUBE_OIDC_ISSUER が正しいか、認証が動いているか、このサーバーから届くかを確かめてください。"
            + proxy_advice(settings.proxy, issuer)
        ) from error
    if metadata.get("issuer") != issuer:
        raise BotError(f"SHIRUBE_OIDC_ISSUER を、認証が名乗る issuer「{metadata.get('issuer')}」と同じにしてください。")
    date = response.headers.get("date")
    skew = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds() if date else 0
    if abs(skew) > _MAX_SKEW_S:
        raise BotError(
            f"時計が、認証（{issuer}）の時計と{abs(skew):.0f}秒違います。"
            "2分を超えるとサインインできません。両方の時計を NTP で合わせてください。"
        )
    return f"{issuer}、役割は項目 {settings.oidc_roles_claim} から読みます"


def check_index_files(settings: Settings) -> str:
    from ingest.index.generation import verify_checksums

    verify_checksums(settings, load_generation(settings))
    return f"{len(_index_files(settings))}個のファイルを、すべて読んで確かめました"


def check_question(settings: Settings) -> str:
    from bot.running.service.service import open_service

    with tempfile.TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{folder}/doctor.sqlite")
        with open_service(settings.model_copy(update={"database_url": url})) as service:
            service.wait_for_model()
            question = next(iter(service.examples(1)), "この文書は何についてのものですか")
            start = perf_counter()
            answer = service.ask(Question(question=question))
            seconds = perf_counter() - start
    if answer.status not in (Status.ANSWERED, Status.PARTIAL):
        raise BotError(
            f"「{question}」に答えられません（{answer.status.value}）。`python -m ingest check` で確かめてください。"
        )
    return f"「{question}」に {seconds:.1f}秒で答えました（{answer.generator}、出典 {len(answer.citations)}件）"


def check_database(settings: Settings) -> str:
    with _open_records(settings) as store, store.engine.connect() as connection:
        store.try_writing()
        if connection.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                if [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {pragma}")] not in ([], [("ok",)]):
                    raise StorageError(
                        f"記録のデータベースが壊れています（{pragma}）。"
                        "サーバーを止めて、`python -m bot restore` でバックアップを戻してください。"
                    )
    return "書いて消し、すべて読めます"


def _generation(settings: Settings) -> Generation | None:
    try:
        return load_generation(settings)
    except NoIndexError:  # reported by another check
        return None


def _corpus_folders(settings: Settings) -> list[Path]:
    generation = _generation(settings)
    return [Path(corpus) for corpus in generation.basis.corpora] if generation else [settings.corpus]


def _index_files(settings: Settings) -> list[Path]:
    name = current_name(settings)
    files = generation_folder(settings.data, name).rglob("*") if name else ()
    return [file for file in files if file.is_file()]


def _has_no_records(settings: Settings) -> bool:
    return settings.database_url is None and not (settings.data / "shirube.sqlite").exists()


def _open_records(settings: Settings) -> "closing[Store]":
    from bot.running.storage.database import database_url
    from bot.running.storage.record_store import Store

    return closing(Store(database_url(settings)))


Checks = tuple[tuple[str, Callable[[Settings], str]], ...]
_CHECKS: Checks = (
    ("データのフォルダーとディスク", check_data_folder),
    ("文書", check_documents),
    ("公開元", check_sources),
    ("言葉の辞書", check_dictionary),
    ("索引", check_index),
    ("埋め込みモデル", check_encoder),
    ("同梱のモデル", check_relevance_models),
    ("記録", check_records),
    ("言語モデル", check_models),
    ("文を確かめる言語モデル", check_judge),
    ("窓口の案内", check_office),
    ("緊急のときの電話番号", check_emergencies),
    ("職員のサインイン", check_sign_in),
    ("庁内の認証（OpenID Connect）", check_provider),
)
DEEP_CHECKS: Checks = (
    ("索引のすべてのファイル", check_index_files),
    ("質問から回答まで", check_question),
    ("データベース全体", check_database),
)
