"""The storage of collected static files, whose names contain a hash of their contents."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

#: An import in a module of the page's script, of a file in the same folder.
_IMPORT = r"""(?P<matched>(?P<before>\b(?:from|import) )"(?P<url>\./[a-z_]+\.js)")"""


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """WhiteNoise's storage, which also rewrites imports between the modules of the page's script.

    Django's own ``support_js_module_import_aggregation`` reads the scripts of all packages, and fails on a comment in
    one of them that looks like an import.
    """

    patterns: Any = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("chat/page/*.js", ((_IMPORT, '%(before)s"%(url)s"'),)),
    )
    #: A module's name depends on the names of its imports: one pass for each level of imports, and one more.
    max_post_process_passes = 10
