"""All settings: environment variables `SHIRUBE_*`, also read from `.env`."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NestedSecretsSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.configuration.language_model import LanguageModel


def _ordered(models: Any) -> Any:
    if not isinstance(models, dict):
        return models
    numbers = sorted(name for name in models if name.isdecimal())
    return [models[name] for name in (*sorted(numbers, key=int), *sorted(models.keys() - {*numbers}))]


def _with_address(models: tuple[LanguageModel, ...]) -> tuple[LanguageModel, ...]:
    return tuple(model for model in models if model.base_url)


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _checked_networks(text: str) -> str:
    for network in _split_list(text):
        ip_network(network)
    return text


def _checked_proxy(proxy: SecretStr | None) -> SecretStr | None:
    if proxy:
        parts = urlsplit(proxy.get_secret_value())
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or (parts.port or 1) < 1:
            raise ValueError("a proxy is http://host:port")
    return proxy


_PUBLIC_URL = r"^https?://[A-Za-z0-9.\-\[\]:]+/?$"
_ROOT_PATH = r"^(/[A-Za-z0-9._~-]+)*$"


class Settings(BaseSettings):
    """All settings; read once at startup and passed as an argument. `repr` hides secrets."""

    model_config = SettingsConfigDict(
        env_prefix="SHIRUBE_",
        env_file=".env",
        env_ignore_empty=True,
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
    )

    # Where documents and all state are.
    data: Path = Field(Path("var"), description="すべての状態（索引・記録）を置くフォルダー")
    corpus: Path = Field(Path("corpus"), description="既定の文書フォルダー（manifest.toml のある場所）")

    # Models and weights of the search.
    encoder: str = Field(
        "use-multilingual", description="埋め込みモデル。既定は同梱、ほかは SentenceTransformer のフォルダーか名前"
    )
    adapt: bool = Field(default=True, description="索引を作るとき、文書の言葉の使われ方から語の意味を学び直す")
    ranker: Path | None = Field(
        None, description="検索の重みのファイル（python -m lab train ranker で作る）。空なら同梱"
    )

    # Servers for vectors and records.
    chroma_url: str | None = Field(None, description="Chroma サーバーのURL。空なら data の中に置く")
    database_url: SecretStr | None = Field(None, description="記録のデータベースURL。空なら data の中の SQLite")

    # Language models, and how long an answer waits for them.
    llm: Annotated[tuple[LanguageModel, ...], BeforeValidator(_ordered), AfterValidator(_with_address)] = Field(
        (),
        description="言語モデル。`SHIRUBE_LLM__1__BASE_URL` のように番号と項目で書く（下の表）。番号の順に使い、"
        "前のモデルが失敗・遅延のときは次を使う。空なら言語モデルを使わない",
    )
    llm_gguf: Path | None = Field(
        None, description="この計算機で動かす言語モデルのファイル（GGUF）。URLのモデルがあれば、その次に使う"
    )
    llm_judge: bool = Field(
        default=True, description="文が資料から言えるかを、回答ごとに一度URLのモデルに問うか。違う文は示さない"
    )
    llm_queries: bool = Field(
        default=True, description="話し言葉を文書の言葉に言いかえた検索語をURLのモデルに書かせるか。3秒だけ待つ"
    )
    llm_timeout_s: float = Field(
        20.0,
        gt=0,
        description="ひとつの質問で言語モデルを待つ秒数の合計。過ぎれば抜き出しで答える（GGUF では 60 以上に）",
    )

    # How long records are kept.
    keep_days: int | None = Field(
        None, ge=1, le=36500, description="最後の質問から何日で会話の記録を消すか。空なら消さない"
    )

    # The address of the server and the proxies before it.
    host: str = Field("127.0.0.1", description="待ち受けるアドレス")
    port: int = Field(8000, ge=0, le=65535, description="待ち受けるポート")
    trusted_proxies: Annotated[str, AfterValidator(_checked_networks)] = Field(
        "",
        description="前に置くプロキシーのアドレスかネットワーク（例: 10.0.0.0/8 ::1。複数は空白で区切る）。"
        "利用者のアドレス・https・ホスト名を、ここからの転送ヘッダーだけから知る",
    )
    public_url: str | None = Field(
        None,
        pattern=_PUBLIC_URL,
        description="利用者から見たこのサーバーのアドレス（例: https://chat.city.example.jp。パスは書かない）。外に出る"
        "リンクに使う。空なら、信頼するプロキシーが伝えるホスト名か、接続を受けたアドレス",
    )
    root_path: str = Field(
        "", pattern=_ROOT_PATH, description="プロキシーの下で開くパス（例: /shirube）。空なら、いちばん上で開く"
    )

    # The proxy for outgoing requests.
    proxy: Annotated[SecretStr | None, AfterValidator(_checked_proxy)] = Field(
        None,
        description="外へ出るときのプロキシー（例: http://proxy.city.example.jp:8080。名前と鍵も書ける）。公開元、言語モデル、"
        "庁内の認証への通信に使う。空なら、標準の HTTPS_PROXY・HTTP_PROXY があればそれ。NO_PROXY のホストには使わない",
    )

    # How many questions are accepted and answered at once.
    # Sixty people, each with a question every three seconds, and one beside them who asks ten times a second.
    requests_per_minute_address: int = Field(
        1800,
        ge=1,
        description="ひとつの接続元（役所や学校の全員かもしれない）から1分間に受け付ける質問の数。検索、評価、文書のページと原本、表、公開データの取得も数える",
    )
    answers_at_once: int | None = Field(
        None,
        ge=1,
        le=256,
        description="同時に答える質問の数（ほかに、まだ席のない接続元のための席がひとつある）。超えた分は順を待つ。"
        "空なら、URLの言語モデルがなければ CPU の数（2以上）、あれば32",
    )

    # Sign-in of staff by OpenID Connect.
    oidc_issuer: str | None = Field(
        None, description="職員のサインインに使う庁内の認証（OpenID Connect）の issuer の URL。空なら使わない"
    )
    oidc_client_id: str = Field("shirube", description="認証に登録したクライアントの名前")
    oidc_client_secret: SecretStr | None = Field(None, description="認証に登録したクライアントの鍵")
    oidc_scope: str = Field("openid profile email", description="認証に求めるもの（scope）")
    oidc_roles_claim: str = Field(
        "groups", description="所属か役割が書かれている項目（claim）。入れ子なら realm_access.roles のように書く"
    )
    oidc_roles: str = Field(
        "",
        pattern=r"^\s*(\S+=(staff|tester|editor|admin)\s*)*$",
        description="所属と役割の対応（例: 企画課=editor 情報課=admin 窓口=staff。役割は staff tester editor admin）。"
        "どれにも当たらない人は入れない",
    )

    # Texts and colours of the pages.
    service_name: str = Field("しるべ", description="画面に出す名前")
    contact: str = Field("", description="人による案内先（電話番号や窓口の名前）。回答が見つからないときに示す")
    opening_hours: str | None = Field(
        None, description="人による案内の受付時間（例: 月-金 8:30-17:15、休 祝日 12/29-1/3）。空なら示さない"
    )
    accent_color: str | None = Field(
        None, description="ボタンやリンクの色（例: #1d4f7c）。空なら既定の青。読みにくくなる色では起動しない"
    )
    embed_origins: str | None = Field(
        None,
        description="チャットを埋め込めるサイト（例: https://www.city.example.jp。複数は空白で区切る）。"
        "空なら、どのサイトにも埋め込めない",
    )

    # Interfaces that are off by default, and the folder of secrets.
    mcp: bool = Field(default=False, description="AIアシスタントのための MCP を、HTTP の /mcp でも開く")
    secrets: Path | None = Field(
        None,
        description="鍵などをファイルで渡すフォルダー（例: /run/secrets）。"
        "ファイルの名前は設定の名前（shirube_llm__1__api_key など）。環境変数と .env が先に効く",
    )

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(map(ip_network, _split_list(self.trusted_proxies)))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature of pydantic-settings
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the secrets folder last, including nested settings."""
        secrets = NestedSecretsSettingsSource(file_secret_settings, secrets_nested_delimiter="__")
        return init_settings, env_settings, dotenv_settings, secrets
