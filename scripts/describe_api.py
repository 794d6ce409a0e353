"""Write the descriptions of the APIs that are made from the code to docs/: ``python -m scripts.describe_api``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

DOCUMENTS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    """Write them. Returns 0."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from chat.api.ag_ui import description as ag_ui  # these need the settings
    from chat.api.v1 import description as http

    for name, described in (("openapi.json", http.describe()), ("ag-ui.asyncapi.json", ag_ui.describe())):
        (DOCUMENTS / name).write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
