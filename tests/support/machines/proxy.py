"""nginx in front of several machines: `deploy/nginx.conf`, with the addresses of the test and each server in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.support.compose import DEPLOY
from tests.support.nginx import NGINX

#: What a site without TLS has none of.
TLS = re.compile(r"^ *ssl_certificate.*\n", re.MULTILINE)
#: What keeps servers from being used in turn.
LEAST = re.compile(r"^ *least_conn;\n", re.MULTILINE)
WORKERS, CONNECTIONS = 2, 16_384


def nginx_conf(
    folder: Path, port: int, web: Sequence[int], memory_port: int, memory: Sequence[int], *, in_turn: bool = True
) -> Path:
    """The file with nginx's configuration: it listens on these ports, and its servers are on those.

    ``in_turn``: each is used in turn, whatever `deploy/nginx.conf` says.
    """
    block = TLS.sub("", (DEPLOY / "nginx.conf").read_text())
    if in_turn:
        block = LEAST.sub("", block)
    block = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", block, count=1, flags=re.DOTALL)
    for upstream, ports in {"web": web, "websockets": web, "memory": memory}.items():
        block = _with_servers(block, upstream, ports)
    names = {
        "listen 443 ssl": f"listen 127.0.0.1:{port}",
        "listen 8080": f"listen 127.0.0.1:{memory_port}",
        "server_name chat.example.org": "server_name localhost",
    }
    for written, actual in names.items():
        assert written in block
        block = block.replace(written, actual)
    text = NGINX.format(folder=folder, block=block)
    text = text.replace("events {}", f"events {{ worker_connections {CONNECTIONS}; }}")
    conf = folder / "nginx.conf"
    conf.write_text(f"worker_processes {WORKERS};\nworker_rlimit_nofile {2 * CONNECTIONS};\n{text}")
    return conf


def _with_servers(block: str, upstream: str, ports: Sequence[int]) -> str:
    """``block`` with a server for each port in ``upstream``, with the options that the file has."""
    whole = re.search(rf"^upstream {upstream} \{{\n.*?^\}}\n", block, re.MULTILINE | re.DOTALL)
    assert whole
    (options,) = set(re.findall(r"server \w+-\d:\d+(.*);", whole[0]))
    first, *others = re.findall(r"^ *server .*\n", whole[0], re.MULTILINE)
    servers = "".join(f"    server 127.0.0.1:{port}{options};\n" for port in ports)
    return block.replace(whole[0], whole[0].replace("".join([first, *others]), servers))
