"""The manifests in ``deploy/kubernetes/``, and their pods as confined processes of this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import kubernetes_validate
import pytest
import yaml

from chatsite import settings as site
from motorhead import config as memory_server
from openai_standin import config as stand_in
from tests.support import kubernetes
from tests.support.compose import environment as image_environment
from tests.support.containers import MISSING, can_confine, confined
from tests.support.kubernetes import FOLDER, Object, container, environment, generated, names, objects, templates
from tests.support.postgresql import running_postgresql
from tests.support.servers import PATIENCE, Server, free_port, running, start, start_valkey, wait_for_port

#: The oldest version of Kubernetes that is checked; the newest is the newest that the checker knows.
OLDEST = "1.29"
PROGRAMS = {"web": site, "tables": site, "memory": memory_server, "model": stand_in}
SETTINGS = kubernetes.settings_in("settings.env")
SECRETS = kubernetes.settings_in("secrets.example.env")
EVERYTHING = [*objects(), *objects(FOLDER / "trying")]
PODS = {names(template): template["spec"] for template in templates(EVERYTHING)}


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_every_object_is_valid(version: str) -> None:
    """No field is unknown, missing, or of another type."""
    for each in [*EVERYTHING, *generated(SETTINGS, SECRETS)]:
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed.")
@pytest.mark.parametrize("trying", [False, True])
def test_kubectl_finds_the_same_objects(tmp_path: Path, trying: bool) -> None:
    """With and without the store, the database and the model to look around; each image is of the registry."""
    shutil.copytree(FOLDER, tmp_path / "kubernetes")
    shutil.copy(FOLDER / "secrets.example.env", tmp_path / "kubernetes" / "secrets.env")
    if trying:
        file = tmp_path / "kubernetes" / "kustomization.yaml"
        file.write_text(file.read_text().replace("# components:", "components:"))
    command = ["kubectl", "kustomize", str(tmp_path / "kubernetes")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = list(yaml.safe_load_all(printed))
    expected = [*(EVERYTHING if trying else objects()), *generated(SETTINGS, SECRETS)]
    assert sorted(map(_named, found)) == sorted(map(_named, expected))
    images = {each["image"] for template in templates(found) for each in template["spec"]["containers"]}
    assert images - {"valkey/valkey:8", "postgres:17"} == {"registry.example.org/motorhead-chat:0.1.0"}


def _named(one: Object) -> tuple[str, str]:
    """The kind and name of an object, without the hash that is added to the generated ones."""
    name = one["metadata"]["name"]
    return one["kind"], name.rsplit("-", 1)[0] if one["kind"] in {"ConfigMap", "Secret"} and "-" in name else name


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_variables_of_each_container_are_its_programs(name: str) -> None:
    """Each has a value, and is read by that program; those of the settings by one of them."""
    one = container(name)
    own = {variable["name"] for variable in one.get("env", ())}
    assert own <= {each.name for each in PROGRAMS[name].variables()}
    assert environment(one, SETTINGS, SECRETS, "pod").keys() >= own
    assert SETTINGS.keys() <= {each.name for program in PROGRAMS.values() for each in program.variables()}


def test_every_name_leads_somewhere() -> None:
    """Ports, selectors and the services behind the ingress and the settings are those of pods."""
    ports = {
        name: {port["name"] for each in pod["containers"] for port in each.get("ports", ())}
        for name, pod in PODS.items()
    }
    services = {each["metadata"]["name"]: each["spec"] for each in EVERYTHING if each["kind"] == "Service"}
    for spec in services.values():
        target = spec["selector"]["app.kubernetes.io/name"]
        assert {port["targetPort"] for port in spec["ports"]} <= ports[target]
    for each in EVERYTHING:
        for selector in _selectors(each.get("spec", {})):
            assert selector["app.kubernetes.io/name"] in PODS
    for name, pod in PODS.items():
        for each in pod["containers"]:
            probed = [each[key]["httpGet"]["port"] for key in each if key.endswith("Probe") and "httpGet" in each[key]]
            assert set(probed) <= ports[name]
    (ingress,) = [each for each in EVERYTHING if each["kind"] == "Ingress"]
    behind = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert behind["port"]["name"] in {port["name"] for port in services[behind["name"]]["ports"]}
    assert ingress["spec"]["rules"][0]["host"] == SETTINGS["CHAT_PUBLIC_URL"].removeprefix("https://")
    written = [value["value"] for name in PROGRAMS for value in container(name).get("env", ()) if "value" in value]
    for host, port in re.findall(r"http://(\w+):(\d+)", " ".join(written)):
        assert int(port) in {each["port"] for each in services[host]["ports"]}


def _selectors(spec: Any) -> Iterator[Object]:
    """The labels by which a specification selects pods."""
    if isinstance(spec, dict):
        if "matchLabels" in spec:
            yield spec["matchLabels"]
        spec = list(spec.values())
    for part in spec if isinstance(spec, list) else ():
        yield from _selectors(part)


def test_a_web_worker_has_time_to_drain() -> None:
    """It is ended after its turns, which go on for a while once proxies have had time to learn of it."""
    one = container("web")
    pause = float(one["lifecycle"]["preStop"]["exec"]["command"][1])
    drain = float(environment(one, SETTINGS, SECRETS, "pod")["CHAT_DRAIN_SECONDS"])
    assert PODS["web"]["terminationGracePeriodSeconds"] >= pause + drain + 10


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_confined(name: str) -> None:
    """It satisfies Kubernetes' standard *restricted*, writes nowhere but to volumes, and gets no access to the cluster.

    Variables of Kubernetes' own, whose names depend on those of services, do not configure it.
    """
    pod, (one,) = PODS[name], PODS[name]["containers"]
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert {"requests", "limits"} <= one["resources"].keys()


def test_a_database_that_is_being_made_is_not_ready() -> None:
    """The image's server for that listens to a socket alone, and the site connects by TCP."""
    (one,) = PODS["postgresql"]["containers"]
    assert "127.0.0.1" in one["readinessProbe"]["exec"]["command"]


@dataclass
class Pods:
    """The site's image, and its pods on addresses of this machine."""

    image: Path
    folder: Path
    settings: dict[str, str]
    secrets: dict[str, str]
    addresses: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> Server:
        """A pod with the command and environment of its container, or with another ``command`` in that environment."""
        one = container(name)
        url = self.addresses.get(name, "http://127.0.0.1:9")
        found = environment(one, self.settings, self.secrets, f"{name}-1")
        given = {key: self._located(value) for key, value in found.items()}
        port = url.rpartition(":")[2]
        image = {
            "CHAT_DATA": "/data", "HOME": "/nonexistent", "TMPDIR": "/tmp",  # noqa: S108 - of the pod's own
            "CHAT_PORT": port, "MOTORHEAD_PORT": port, "STANDIN_PORT": port,
        }  # fmt: skip
        program = command or one.get("command") or ("python", "manage.py", *one["args"])
        root = Path(tempfile.mkdtemp(dir=self.folder))
        env = image_environment({**image, **given})
        return start(confined(root, self.image, program), url, log=self.folder / f"{name}.log", env=env)

    def _located(self, text: str) -> str:
        for name, address in self.addresses.items():
            text = re.sub(rf"http://{name}:\d+", address, text)
        return text


@pytest.fixture
def pods(image: Path, tmp_path: Path) -> Iterator[Pods]:
    """The pods of a cluster whose Redis and PostgreSQL are elsewhere."""
    if not can_confine():
        pytest.skip(MISSING)
    (tmp_path / "store").mkdir()
    addresses = {name: f"http://127.0.0.1:{free_port()}" for name in ("web", "memory", "model")}
    settings = {**SETTINGS, "CHAT_TRUSTED_PROXIES": "127.0.0.1", "OPENAI_BASE_URL": "http://model:8081/v1"}
    with running_postgresql() as database, running(start_valkey(tmp_path / "store")) as valkey:
        secrets = {**dict.fromkeys(SECRETS, "secret"), "REDIS_URL": valkey.url, "DATABASE_URL": database}
        yield Pods(image, tmp_path, settings, secrets, addresses)


@pytest.mark.postgresql
@pytest.mark.timeout(300)
def test_pods_serve_a_turn_without_root_on_a_read_only_file_system(pods: Pods) -> None:
    """The tables are made by the job, and each pod ends with status 0 when it is asked to, after its `preStop`."""
    tables = pods.start("tables")
    assert tables.process.wait(60 * PATIENCE) == 0, tables.log.read_text()
    with running(pods.start("model")) as model, running(pods.start("memory")) as memory:
        wait_for_port(model, int(pods.addresses["model"].rpartition(":")[2]))
        with running(pods.start("web")) as web:
            for each in (memory, web):
                ready(each)
            issued = pods.start("web", "python", "manage.py", "issue_token", "--owner", "alice")
            assert issued.process.wait(60 * PATIENCE) == 0
            token = (pods.folder / "web.log").read_text().strip().splitlines()[-1]
            assert "Bob" in ask(pods, token, "hi im bob")
            writable = pods.start("web", "sh", "-c", "touch /opt/motorhead-chat/x || touch /x || touch /usr/x")
            assert writable.process.wait(10 * PATIENCE) != 0
            for each, name in ((web, "web"), (memory, "memory")):
                hook = container(name)["lifecycle"]["preStop"]["exec"]["command"]
                assert pods.start(name, hook[0], "0").process.wait(10 * PATIENCE) == 0
                assert each.stop() == 0


def ready(server: Server) -> None:
    """Return once a server's pod would get requests."""
    deadline = time.monotonic() + 60 * PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/readyz", trust_env=False, timeout=5 * PATIENCE).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(server.log.read_text())


def ask(pods: Pods, token: str, text: str) -> str:
    """The answer to a message that comes through the ingress."""
    sent = {
        "Authorization": f"Bearer {token}", "X-Session-Id": "trip",
        "Host": "chat.example.org", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https",
    }  # fmt: skip
    body = {"messages": [{"role": "user", "content": text}]}
    url = f"{pods.addresses['web']}/v1/chat/completions"
    answer = httpx.post(url, json=body, headers=sent, trust_env=False, timeout=30 * PATIENCE)
    return str(answer.raise_for_status().json()["choices"][0]["message"]["content"])
