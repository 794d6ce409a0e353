"""A recording of a page as an animated WebP, made by ``img2webp`` of Debian's package ``webp``."""

from __future__ import annotations

import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Locator, Page

#: Seconds between two frames.
PACE = 0.12
#: The most milliseconds in a recording.
MOST = 60_000


class Recording:
    """Frames of a page, with their times. Leaving its block writes them to ``path``."""

    def __init__(self, page: Page, path: Path) -> None:
        self._page = page
        self._path = path
        self._frames: list[tuple[float, bytes]] = []
        #: Seconds for which the last frame stays.
        self._rests = 1.0

    def __enter__(self) -> Recording:
        return self

    def watch(self, seconds: float, *, rests: float = 1.0) -> None:
        """Take frames for a while; the last frame of all stays for ``rests`` seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._take()
        self._rests = rests

    def watch_until(self, element: Locator) -> None:
        """Take frames until the page shows the element."""
        end = time.monotonic() + MOST / 1000
        while not element.count() and time.monotonic() < end:
            self._take()

    def _take(self) -> None:
        """A frame, if it shows something new."""
        began = time.monotonic()
        frame = self._page.screenshot()
        if not self._frames or frame != self._frames[-1][1]:
            self._frames.append((began, frame))
        self._page.wait_for_timeout(max(0, PACE - (time.monotonic() - began)) * 1000)

    def __exit__(self, kind: type[BaseException] | None, value: object, traceback: TracebackType | None) -> None:
        if kind is None:
            self._write()

    def _write(self) -> None:
        times = [at for at, _ in self._frames]
        lasting = [later - earlier for earlier, later in pairwise(times)] + [self._rests]
        with tempfile.TemporaryDirectory(prefix="recording-") as name:
            arguments: list[str] = []
            for number, ((_, frame), seconds) in enumerate(zip(self._frames, lasting, strict=True)):
                path = Path(name, f"{number:04}.png")
                path.write_bytes(frame)
                arguments += ["-d", str(round(seconds * 1000)), str(path)]
            command = ["img2webp", "-loop", "0", "-min_size", "-lossless", *arguments]
            subprocess.run([*command, "-o", str(self._path)], check=True, capture_output=True)  # noqa: S603 - its own files
