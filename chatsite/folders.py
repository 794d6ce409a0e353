"""Where the site's own files lie, and where its data goes: in a checkout, and where it was installed from a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

#: A wheel holds templates and static files in this package; a checkout has them at its root.
INSTALLED = (_PACKAGE / "templates").is_dir()

#: The folder that every package of the site is in; a process that is started there can import them.
ROOT = _PACKAGE.parent

_FILES = _PACKAGE if INSTALLED else ROOT
TEMPLATES, STATIC = _FILES / "templates", _FILES / "static"


def default_data() -> Path:
    """The folder of all that is kept, unless another is named: ``var`` in the checkout, or where the caller is."""
    return (Path.cwd() if INSTALLED else ROOT) / "var"


def collected_static(data: Path) -> Path:
    """Where the static files are gathered for serving; those of an installed version in a folder of their own."""
    return data / "static" / _version() if INSTALLED else ROOT / "staticfiles"


def _version() -> str:
    from importlib.metadata import version  # takes a while, which a checkout need not wait for

    return version("motorhead-chat")
