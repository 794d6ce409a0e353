"""Write the description of the HTTP API to docs/openapi.json: ``python -m scripts.describe_api``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def main() -> int:
    """Write it. Returns 0."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from chat.api.v1.description import describe  # needs the settings

    DOCUMENT.write_text(json.dumps(describe(), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
