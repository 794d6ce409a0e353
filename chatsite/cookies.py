"""Names of the site's cookies. Browsers share cookies between all sites on a host, whatever their ports."""

from __future__ import annotations

import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The name of each cookie."""

    #: The visitor of the site's own pages.
    owner: str
    #: The visitor of a frontend on another site.
    frontend: str
    #: Django's token against forged requests.
    csrf: str
    #: The login of a member of staff.
    session: str
    #: The language that the reader has chosen.
    language: str


def cookie_names(prefix: str, secret_key: str, *, https: bool) -> CookieNames:
    """Names that begin with ``prefix`` or, if it is empty, with 8 digits that depend on the site's key.

    With ``https`` they also begin with ``__Host-``: browsers then accept them only from this host, by https.
    """
    prefix = prefix or hmac.new(secret_key.encode(), b"the names of cookies", "sha256").hexdigest()[:8]
    beginning = f"__Host-{prefix}" if https else prefix
    return CookieNames(
        owner=f"{beginning}-owner",
        frontend=f"{beginning}-frontend",
        csrf=f"{beginning}-csrftoken",
        session=f"{beginning}-sessionid",
        language=f"{beginning}-language",
    )
