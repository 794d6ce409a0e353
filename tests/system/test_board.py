"""The Grafana dashboard, the alerts and their documentation name metrics that a running site has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import REPOSITORY, running, start_site

BOARD = REPOSITORY / "deploy" / "grafana" / "board.json"
ALERTS = REPOSITORY / "deploy" / "prometheus" / "alerts.yaml"
PAGE = REPOSITORY / "docs" / "monitoring.md"

ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\| [^|]+ \|$", re.MULTILINE)
SUFFIX = re.compile(r"_(bucket|sum|count)$")
#: Labels of Prometheus itself, of histograms, and of the process that a sample is of.
OF_ALL = {"job", "instance", "le", "process"}
#: What Grafana replaces by a number of seconds.
VARIABLES = {"$__rate_interval": "1m"}
#: A metric of a memory server with long-term memory.
OPTIONAL = {"motorhead_index_waiting"}

Samples = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """The labels of every sample of a site with a memory server, by metric; as another program understands them."""
    found: Samples = {}
    with ScriptedOpenAI() as model:
        site = start_site(tmp_path_factory.mktemp("site"), "--workers", "1", OPENAI_BASE_URL=model.url)
        with running(site), httpx.Client(trust_env=False) as client:
            for address in (site.url, site.record()["memory"]):
                answer = client.get(f"{address}/metrics")
                for family in text_string_to_metric_families(answer.raise_for_status().text):
                    name = f"{family.name}_total" if family.type == "counter" else family.name
                    found[name] = [dict(each.labels) for each in family.samples]
    return found


@pytest.fixture(scope="module")
def documented() -> dict[str, set[str]]:
    """The labels of each metric in the tables of the page."""
    rows = ROW.findall(PAGE.read_text())
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows if re.match("chat_|motorhead_", name)}


def queries() -> Iterator[tuple[str, str]]:
    """Each query with the name of its alert or panel."""
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads(BOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def parsed(query: str) -> Any:
    """The parts of a query. Raises `ValueError`: it cannot be read."""
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    return promql_parser.parse(query)


def metric_of(selector: promql_parser.VectorSelector, shown: Samples) -> str:
    """The metric that is selected; of a histogram, without the name of the part."""
    name = selector.name or ""
    whole = SUFFIX.sub("", name)
    return whole if whole in shown else name


def parts(query: str) -> list[Any]:
    """All parts of a query, each with its own."""
    found: list[Any] = []

    def enter(part: Any) -> bool:
        found.append(part)
        return True

    promql_parser.walk(parsed(query), enter)
    return found


@pytest.mark.parametrize(("name", "query"), list(queries()), ids=lambda value: value[:40])
def test_a_query_is_about_metrics_that_there_are(
    name: str, query: str, shown: Samples, documented: dict[str, set[str]]
) -> None:
    """Also its labels are those of the metric, and the values that it looks for appear."""
    selected = [part for part in parts(query) if isinstance(part, promql_parser.VectorSelector)]
    assert selected
    metrics = {metric_of(selector, shown) for selector in selected}
    for selector in selected:
        metric = metric_of(selector, shown)
        assert metric in shown, f"{name}: there is no {metric}."
        for matcher in selector.matchers.matchers:
            values = {sample.get(matcher.name) for sample in shown[metric]}
            assert matcher.value in values, f"{name}: {metric} has no {matcher.name}={matcher.value}."
    labels = OF_ALL.union(*(documented.get(metric, ()) for metric in metrics))
    for part in parts(query):
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            assert set(part.modifier.labels) <= labels, f"{name}: {query}"


def test_what_is_shown_by_process_is_of_this_sites_processes() -> None:
    """Other programs have metrics of the same names, and other machines workers with the same label."""
    for name, query in queries():
        metrics = {part.name or "" for part in parts(query) if isinstance(part, promql_parser.VectorSelector)}
        if any(metric.startswith("process_") for metric in metrics):
            assert {"chat_loop_lag_seconds_count", "motorhead_loop_lag_seconds_count"} < metrics, name
        for part in parts(query):
            if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
                by = set(part.modifier.labels)
                assert "process" not in by or "instance" in by, name


def test_every_metric_is_documented(shown: Samples, documented: dict[str, set[str]]) -> None:
    """With its labels; and nothing else is."""
    ours = {name for name in shown if not name.startswith("process_")}
    assert documented.keys() - OPTIONAL == ours
    for name, samples in shown.items():
        for labels in samples:
            assert set(labels) - OF_ALL <= documented.get(name, set()), name


def test_every_alert_says_what_to_do() -> None:
    """There are six, each with a summary, a description, and a row in the documentation."""
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert len(rules) == 6
    page = PAGE.read_text()
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert f"| `{rule['alert']}` |" in page


def test_the_panels_of_the_board_have_places_of_their_own() -> None:
    """None lies on another, and each says what it shows."""
    panels = json.loads(BOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        assert panel["type"] == "row" or panel["description"]
        taken |= cells
