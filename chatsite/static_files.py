"""Where static files are kept once they are collected: under names that hold a hash of what is in them."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

#: An import in a module of the page's script: the file beside it that is meant.
_IMPORT = r"""(?P<matched>(?P<before>\b(?:from|import) )"(?P<url>\./[a-z_]+\.js)")"""


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Django's and WhiteNoise's storage, in which the modules of the page's script find each other.

    Django's own ``support_js_module_import_aggregation`` reads the scripts of all packages, and stops at a comment in
    one of them that looks like an import.
    """

    patterns: Any = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("chat/page/*.js", ((_IMPORT, '%(before)s"%(url)s"'),)),
    )
    #: A module's name depends on those of all that it imports: one pass for each floor of imports, and one more.
    max_post_process_passes = 10
