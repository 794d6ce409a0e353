"""The objects of ``deploy/kubernetes/``, without what `kubectl kustomize` adds to them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.servers import REPOSITORY

FOLDER = REPOSITORY / "deploy" / "kubernetes"
Object = dict[str, Any]


def objects(folder: Path = FOLDER) -> list[Object]:
    """Those of the files that a kustomization names."""
    names = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [each for name in names for each in yaml.safe_load_all((folder / name).read_text())]


def generated(settings: Mapping[str, str], secrets: Mapping[str, str]) -> list[Object]:
    """The two objects that are made from ``settings.env`` and ``secrets.env``."""
    encoded = {name: base64.b64encode(value.encode()).decode() for name, value in secrets.items()}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": dict(settings)},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "secrets"}, "data": encoded, "type": "Opaque"},
    ]


def settings_in(name: str) -> dict[str, str]:
    """The variables that a file of settings sets."""
    lines = [line for line in (FOLDER / name).read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def templates(found: list[Object]) -> Iterator[Object]:
    """The template of each object that has pods."""
    yield from (each["spec"]["template"] for each in found if "template" in each.get("spec", {}))


def container(name: str) -> Object:
    """The one container of the pods that are called ``name``."""
    every = [*objects(), *objects(FOLDER / "trying")]
    (found,) = [template["spec"]["containers"] for template in templates(every) if names(template) == name]
    (only,) = found
    return dict(only)


def names(template: Object) -> str:
    """What pods of a template are called."""
    return str(template["metadata"]["labels"]["app.kubernetes.io/name"])


def environment(one: Object, settings: Mapping[str, str], secrets: Mapping[str, str], pod: str) -> dict[str, str]:
    """The variables of a container, with those of the two generated objects. Raises `KeyError`: one has no value."""
    found = dict(settings) if one.get("envFrom") else {}
    for variable in one.get("env", ()):
        match variable:
            case {"name": name, "value": value}:
                found[name] = value
            case {"name": name, "valueFrom": {"secretKeyRef": {"name": "secrets", "key": key}}}:
                found[name] = secrets[key]
            case {"name": name, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}:
                found[name] = pod
            case _:
                raise KeyError(variable["name"])
    return found
