"""How tests are shared out among the worker processes of pytest-xdist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

#: Folders whose tests share a whole site, the slowest first. One worker runs all of them, so the site starts once.
WITH_A_SITE = (
    *("tests/browser/", "tests/troubles/", "tests/ai_sdk/", "tests/openai_clients/", "tests/langchain/"),
    *("tests/chat/page/views/", "tests/chat/api/v1/", "tests/chat_client/", "tests/examples/", "tests/ag_ui/"),
    *("tests/chat/staff/", "tests/access/", "tests/distributions/"),
)


def unit(path: str) -> str:
    """What one worker runs as a whole: the module ``path``, or its folder if the tests there share a site."""
    return next((folder for folder in WITH_A_SITE if path.startswith(folder)), path)


class UnitScheduling(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no annotations
    """Gives the next unit, in the order of collection, to each worker that has nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        # Schemathesis gives one id to the tests of all operations. The original would run only the first of them.
        name, tests = self.workqueue.popitem(last=False)
        self.assigned_work.setdefault(node, {})[name] = tests
        collected = enumerate(self.registered_collections[node])
        node.send_runtest_some([place for place, nodeid in collected if not tests.get(nodeid, True)])


def running_order(items: Sequence[pytest.Item]) -> Callable[[pytest.Item], tuple[int, bool, int, str]]:
    """A key to sort ``items`` by: the slowest units first, then the order of collection, the same in each process.

    Parameters from a set are otherwise in another order in each process, and workers that disagree run nothing.
    Of a folder with a site, the asynchronous modules come first: none may follow while a browser is open.
    """
    asynchronous = {_module(item) for item in items if iscoroutinefunction(getattr(item, "function", None))}
    functions = {function: place for place, function in enumerate(dict.fromkeys(map(_function, items)))}

    def key(item: pytest.Item) -> tuple[int, bool, int, str]:
        of = unit(_module(item))
        if of not in WITH_A_SITE:
            return len(WITH_A_SITE), False, functions[_function(item)], item.nodeid
        return WITH_A_SITE.index(of), _module(item) not in asynchronous, functions[_function(item)], item.nodeid

    return key


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]
