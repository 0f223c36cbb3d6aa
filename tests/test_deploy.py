import re
import shutil
import subprocess
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from kubernetes.client import ApiClient

from bot.running.server.api import create_app
from ingest.configuration.environment import read_settings
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
UNIT = (DEPLOY / "shirube.service").read_text("utf-8")
# Variables of compose.yaml itself, which no process of ours reads.
_OF_COMPOSE = {"SHIRUBE_RELEASE", "SHIRUBE_DOCUMENTS", "SHIRUBE_SECRETS_FROM", "SHIRUBE_FRONT_SUBNET"}
_OF_COMPOSE |= {"SHIRUBE_HTTPS_PORT", "SHIRUBE_HTTP_PORT"}
OFFICES = ("ashino", "tsuyukusa")
_FILES = sorted(path.name for path in DEPLOY.iterdir() if path.is_file())


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


@cache
def objects() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))


def pods() -> dict[str, dict[str, Any]]:
    found = {}
    for one in objects():
        spec = one.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", {}).get("template") or spec.get("template")
        if template:
            found[one["metadata"]["name"]] = template["spec"]
    return found


def lost(given: Any, read: Any, where: str = "") -> list[str]:
    if isinstance(given, dict):
        read = read or {}
        inner = (lost(value, read[name], f"{where}.{name}") for name, value in given.items() if name in read)
        return [f"{where}.{name}" for name in given if name not in read] + list(chain.from_iterable(inner))
    if isinstance(given, list):
        return list(chain.from_iterable(lost(*pair, where) for pair in zip(given, read or [], strict=True)))
    return [] if given == read else [where]


@pytest.mark.parametrize("name", _FILES)
def test_each_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"SHIRUBE_[A-Z0-9_]+", (DEPLOY / name).read_text("utf-8")))
    named -= {f"SHIRUBE_LLM__1__{part.upper()}" for part in LanguageModel.model_fields}
    assert named - {f"SHIRUBE_{field.upper()}" for field in Settings.model_fields} - _OF_COMPOSE == set()


def test_each_secret_is_the_name_of_a_hidden_setting() -> None:
    for name in compose()["services"]["ashino"]["secrets"]:
        setting, _, part = name.removeprefix("shirube_").partition("__1__")
        field = LanguageModel.model_fields[part] if part else Settings.model_fields[setting]
        assert "SecretStr" in str(field.annotation)


def test_a_secret_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shirube_llm__1__api_key").write_text("from a file\n")
    (tmp_path / "shirube_llm__2__api_key").write_text("from a file\n")
    monkeypatch.setenv("SHIRUBE_SECRETS", str(tmp_path))
    monkeypatch.setenv("SHIRUBE_LLM__1__BASE_URL", "http://a/v1")
    monkeypatch.setenv("SHIRUBE_LLM__2__BASE_URL", "http://b/v1")
    monkeypatch.setenv("SHIRUBE_LLM__2__API_KEY", "from the environment")
    monkeypatch.chdir(tmp_path)
    assert [model.key for model in read_settings().llm] == ["from a file", "from the environment"]


@pytest.mark.parametrize("file", [CONTAINERFILE, (DEPLOY / "compose.yaml").read_text("utf-8")])
def test_health_checks_use_an_api_address(file: str) -> None:
    client = TestClient(create_app(StandIn(), Settings(_env_file=None)))
    asked = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", file)
    assert {client.get(path).status_code for path in asked} == {200}
    assert Settings.model_fields["port"].default == 8000


def test_image_has_two_stages_and_an_unprivileged_user() -> None:
    assert len(re.findall(r"^FROM ", CONTAINERFILE, re.MULTILINE)) == 2
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (\d+):\1$", last, re.MULTILINE)
    assert "pip install" not in last


def test_image_installs_the_lock_with_hashes_and_cpu_torch(tmp_path: Path) -> None:
    installs = re.findall(r"pip install (.+?)(?: \\)?$", CONTAINERFILE, re.MULTILINE)
    assert all("--no-deps" in one for one in installs)
    assert any("--require-hashes -r wanted.txt" in one for one in installs)
    assert any("TORCH_INDEX" in one and "-r torch.txt" in one for one in installs)
    for line in re.findall(r"^RUN (awk .+?) \\$", CONTAINERFILE, re.MULTILINE):
        subprocess.run(["sh", "-c", line.replace("wanted.txt", str(tmp_path / "wanted.txt"))], cwd=ROOT, check=True)
    wanted = (tmp_path / "wanted.txt").read_text("utf-8")
    assert {"fastapi", "psycopg"} <= set(re.findall(r"^([\w-]+)==", wanted, re.MULTILINE))
    assert "test -n" in CONTAINERFILE.partition("python -m venv")[0].rpartition("\nRUN ")[2]


def test_the_image_contains_every_package() -> None:
    copied = {name for line in re.findall(r"^COPY (?!--)(.+)$", CONTAINERFILE, re.MULTILINE) for name in line.split()}
    allowed = set(re.findall(r"^!(.+)$", (DEPLOY / "Containerfile.dockerignore").read_text("utf-8"), re.MULTILINE))
    assert {"ingest", "bot", "prompts", "corpus", "eval", "pyproject.toml"} <= copied
    assert copied - {"./"} <= allowed
    assert all((ROOT / name).exists() for name in allowed)


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_each_container_is_restricted(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert name == "proxy" or service["user"].split(":")[0] not in {"0", "root"}


def test_whatever_is_written_is_a_volume() -> None:
    data = re.findall(r"SHIRUBE_DATA=(\S+)", CONTAINERFILE)
    services, volumes = compose()["services"], compose()["volumes"]
    for name in OFFICES:
        assert f"{name}:{data[0]}" in services[name]["volumes"]
    written = [one.split(":") for service in services.values() for one in service.get("volumes", ())]
    assert {parts[0] for parts in written if parts[-1] != "ro"} == set(volumes)
    assert f'VOLUME ["{data[0]}"]' in CONTAINERFILE


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_each_office_has_its_own_address_data_and_documents() -> None:
    services = compose()["services"]
    assert {name for name in services if name != "proxy"} == set(OFFICES) == set(services["proxy"]["depends_on"])
    for name in OFFICES:
        assert services[name]["environment"]["SHIRUBE_ROOT_PATH"] == f"/{name}"
        assert [one.rpartition("/")[2] for one in services[name]["volumes"]] == ["data", "documents:ro"]
        assert services[name]["volumes"][1].split("}")[1] == f"/{name}:/documents:ro"


def test_the_parts_of_compose_know_each_other() -> None:
    for service in compose()["services"].values():
        assert set(service.get("secrets", ())) <= set(compose()["secrets"])
        assert set(service["networks"]) <= set(compose()["networks"])


def test_the_proxy_knows_the_offices_and_its_secrets() -> None:
    upstreams = re.findall(r"upstream (\w+) \{\s+zone \1 64k;\s+ip_hash;\s+server \1:8000 ", NGINX)
    assert upstreams == list(OFFICES)
    addressed = re.search(r"default (\w+);\s+~\^/(\w+)\(/\|\$\) \2;", NGINX)
    assert addressed
    assert addressed.groups() == OFFICES
    secrets = set(re.findall(r"/run/secrets/(\w+)", NGINX))
    assert secrets == set(compose()["services"]["proxy"]["secrets"])


@pytest.mark.parametrize("one", objects(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_each_object_is_valid_for_kubernetes(one: dict[str, Any]) -> None:
    version = one["apiVersion"].rpartition("/")[2]
    client: Any = ApiClient()
    # What it does with a cluster's answer; it has no public name.
    read = client._ApiClient__deserialize(one, version.capitalize() + one["kind"])  # noqa: SLF001
    assert lost(one, client.sanitize_for_serialization(read)) == []


@pytest.mark.parametrize("name", sorted(pods()))
def test_each_pod_is_restricted(name: str) -> None:
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]


def test_the_cluster_has_its_parts() -> None:
    assert set(pods()) == {"worker", "index", "chroma", "database"}
    user = re.search(r"^USER (\d+):", CONTAINERFILE, re.MULTILINE)
    assert user
    for name in ("worker", "index", "chroma"):
        assert pods()[name]["securityContext"]["runAsUser"] == int(user[1])


def test_a_worker_goes_only_when_another_is_ready() -> None:
    (worker,) = (one["spec"] for one in objects() if one["kind"] == "Deployment")
    assert worker["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    (container,) = worker["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_the_unit_is_valid_for_systemd(tmp_path: Path) -> None:
    unit = tmp_path / "shirube.service"
    # The project does not lie where the unit says, on this machine.
    unit.write_text(UNIT.replace("/srv/shirube/.venv/bin/python", "/bin/true").replace("/srv/shirube", "/"), "utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert verified.returncode == 0
    assert verified.stderr == ""
    measured = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert measured.returncode == 0, measured.stdout[-300:]
