"""Probes: whether a server answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.probes import HttpProbe, ValkeyProbe, connects
from tests.support.servers import Server, free_port


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A port whose server sends ``answer`` to one connection and hangs up."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_an_http_answer_means_ready():
    """Any status below 500 counts."""
    with answering(b"HTTP/1.1 404 Not Found\r\n\r\n") as port:
        assert HttpProbe(port, "/").answers()


def test_a_server_error_means_not_ready():
    """A memory server without its store answers 503, and is waited for."""
    with answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as port:
        assert not HttpProbe(port, "/").answers()


def test_silence_means_not_ready():
    """Nothing listens, or the server hangs up without an answer."""
    assert not HttpProbe(free_port(), "/").answers()
    with answering(b"") as port:
        assert not HttpProbe(port, "/").answers()


def test_a_valkey_that_is_still_loading_is_not_ready():
    """It accepts connections long before it has loaded its data."""
    with answering(b"+OK\r\n-LOADING Valkey is loading the dataset in memory\r\n+OK\r\n") as port:
        assert not ValkeyProbe(port, "pass").answers()


def test_any_answer_is_a_sign_of_life():
    """A server that is loading, or that refuses, does not hang; one that says nothing may."""
    with answering(b"-LOADING Valkey is loading the dataset in memory\r\n") as port:
        assert ValkeyProbe(port, "pass").lives()
    with answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as port:
        assert HttpProbe(port, "/").lives()
    assert not HttpProbe(free_port(), "/").lives()


def test_a_valkey_that_answers_a_ping_is_ready(valkey: Server):
    """One without a password refuses the login, but still answers the ping."""
    assert ValkeyProbe(int(valkey.url.rpartition(":")[2]), "pass").answers()


def test_an_address_connects_or_does_not(valkey: Server):
    """The host and port of an address are tried, whatever its scheme."""
    assert connects(valkey.url)
    assert not connects(f"http://127.0.0.1:{free_port()}/v1")
    assert not connects("unix:///nowhere/valkey.sock")
    place = valkey.url.removeprefix("redis://")
    assert connects(f"redis+sentinel://127.0.0.1:{free_port()},{place}/mymaster/0")
    assert not connects(f"redis+sentinel://127.0.0.1:{free_port()}/mymaster/0")


def test_a_socket_in_a_folder_with_a_space_is_tried_by_its_real_name(tmp_path: Path):
    """In an address, the space is written as %20."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "a socket"))
        listener.listen()
        assert connects(f"unix://{tmp_path}/a%20socket")
