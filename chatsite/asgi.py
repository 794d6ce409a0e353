"""The application that an ASGI server loads: HTTP to Django, websockets to the consumers."""

from __future__ import annotations

import gc
import sys

from channels.routing import URLRouter
from django.core.asgi import get_asgi_application

from chatsite.start import load_settings

gc.disable()  # while thousands of modules are loaded there is nothing to collect: a seventh of the start
load_settings()
_http = get_asgi_application()  # loads the apps; what follows imports them

from chat.components import components  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from chat.worker import Worker  # noqa: E402
from chatsite.application import Application  # noqa: E402

components()  # before the first request has to wait for it
_worker = Worker()
application = Application(_http, URLRouter(websocket_urlpatterns), _worker)

if "daphne.server" in sys.modules:  # which loads this, and has chosen the reactor
    from chatsite.under_daphne import attend

    attend(_worker)

# A full collection walks every object of Django and LangChain and stops all chats for a quarter of a second. What is
# loaded now stays for the life of the process: it is set aside. What came since is collected in small steps, a few
# milliseconds each, before the garbage of opening many pages spreads over more memory than the pages need.
gc.collect()
gc.freeze()
gc.enable()
gc.set_threshold(20_000, 5, 1000)
