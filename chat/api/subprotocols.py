"""Choosing a websocket's codec by the subprotocols that its client offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chat.api.ag_ui.codec import AgUiCodec
from chat.api.ag_ui.events import SUBPROTOCOL as AG_UI
from chat.api.ai_sdk.codec import AiSdkCodec
from chat.api.ai_sdk.frames import SUBPROTOCOL as AI_SDK
from chat.api.codec import Codec, Query
from chat.domain.exceptions import UnknownSubprotocol
from chat.web.handshake import is_token, offer_to_accept

#: Every codec, by its subprotocol. Each socket has its own, made with the query of its address.
CODECS: Mapping[str, Callable[[Query], Codec]] = {
    AI_SDK: AiSdkCodec,
    AG_UI: AgUiCodec,
}
#: For clients that offer no subprotocol, or only a token.
DEFAULT = AI_SDK


def chosen(offers: Sequence[str]) -> str | None:
    """The offer to accept: the first one known here, or else one with which the client can be refused."""
    return next((offer for offer in offers if offer in CODECS), None) or offer_to_accept(offers)


def codec_of(subprotocol: str | None, query: Query) -> Codec:
    """The codec for a socket accepted with ``subprotocol``. Raises `UnknownSubprotocol`: it is not known here."""
    if not subprotocol or is_token(subprotocol):
        subprotocol = DEFAULT
    if subprotocol not in CODECS:
        raise UnknownSubprotocol(offered=subprotocol[:40], known=", ".join(CODECS))
    return CODECS[subprotocol](query)
