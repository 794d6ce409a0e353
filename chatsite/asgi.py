"""The ASGI application: HTTP goes to Django, websockets go to the consumers."""

from __future__ import annotations

import gc
import sys
import warnings
from functools import partial

from channels.routing import URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from chatsite.start import load_settings
from telemetry.logs import report_uncaught

gc.disable()  # loading thousands of modules leaves nothing to collect, and trying takes a seventh of the start
load_settings()
if settings.CHAT_LOG == "json":
    report_uncaught(settings.CHAT_WORKER)
_django = get_asgi_application()  # loads the apps, which the imports below need

from chat.components import components  # noqa: E402
from chat.monitoring.monitoring import monitoring  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from chat.worker import Worker  # noqa: E402
from chatsite.application import App, Application  # noqa: E402
from environment.file_limit import raise_file_limit  # noqa: E402
from environment.lifesigns import send_lifesigns  # noqa: E402

# WhiteNoise's files are read in a thread, as they should be.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

raise_file_limit()
components()  # made now, so that the first request need not wait
_http: App = _django
_worker = Worker(
    lifesigns=partial(send_lifesigns, settings.NOTIFY_SOCKET, settings.WATCHDOG_USEC),
    monitoring=monitoring().work,
    patience=settings.CHAT_DRAIN_SECONDS,
)

if "daphne.server" in sys.modules:  # Daphne loads this module, and has installed the reactor
    from chatsite.bounded_daphne import at_the_pace_of_clients, bound_requests
    from chatsite.prompt_daphne import write_promptly
    from chatsite.under_daphne import attend, end_with_sockets, log_errors

    log_errors()
    end_with_sockets()
    bound_requests()
    write_promptly()
    attend(_worker, shares_port=settings.CHAT_SHARED_PORT)
    _http = at_the_pace_of_clients(_http)

application = Application(_http, URLRouter(websocket_urlpatterns), _worker, settings.FORCE_SCRIPT_NAME or "")

# A full collection would visit every object of Django and LangChain, and stop all chats for a quarter of a second.
# Objects loaded so far live as long as the process, so they are frozen. Later ones are collected in small steps of a
# few milliseconds, before the garbage of opening many pages takes more memory than the pages do.
gc.collect()
gc.freeze()
gc.enable()
gc.set_threshold(20_000, 5, 1000)
