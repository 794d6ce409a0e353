"""The folders of the site's own files and of its data, in a checkout and in an installed wheel."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

#: A wheel has the templates, translations and static files in this package; a checkout has them at its root.
INSTALLED = (_PACKAGE / "templates").is_dir()

#: The folder that contains every package of the site; a process started there can import them.
ROOT = _PACKAGE.parent

_FILES = _PACKAGE if INSTALLED else ROOT
TEMPLATES, STATIC, LOCALE = _FILES / "templates", _FILES / "static", _FILES / "locale"

#: Bytes of free disk below which Valkey and SQLite soon fail.
LEAST_SPACE = 2**20


def default_data() -> Path:
    """The default data folder: ``var`` in the checkout or, if installed, in the current directory."""
    return (Path.cwd() if INSTALLED else ROOT) / "var"


def collected_static(data: Path) -> Path:
    """The folder in which static files are collected for serving; each installed version has its own."""
    return data / "static" / _version() if INSTALLED else ROOT / "staticfiles"


def is_full(folder: Path) -> bool:
    """Whether the disk that holds ``folder`` has less than `LEAST_SPACE` left; false if that cannot be known."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < LEAST_SPACE


def _version() -> str:
    from importlib.metadata import version  # slow to import, and a checkout does not need it

    return version("motorhead-chat")
