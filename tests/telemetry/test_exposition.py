"""Prometheus's text format."""

from __future__ import annotations

from telemetry.exposition import Family, distinct, exposition, merged, sample


def test_the_values_of_labels_are_escaped() -> None:
    """Quotes, backslashes and line ends cannot end a label."""
    assert sample("a", {"b": 'x"\\\ny', "c": "z"}, "1") == 'a{b="x\\"\\\\\\ny",c="z"} 1'
    assert sample("a", {}, "1") == "a 1"


def test_the_samples_of_several_processes_are_in_one_family() -> None:
    """Each metric has its help and type once, and a metric that only one process has is there, too."""
    one = [Family("a", "counter", "A.", ["a 1"]), Family("b", "gauge", "B.", ["b 1"])]
    other = [Family("a", "counter", "A.", ["a 2"]), Family("c", "gauge", "C.", ["c 2"])]
    lines = exposition(merged([one, other])).decode().splitlines()
    assert lines == [
        *("# HELP a A.", "# TYPE a counter", "a 1", "a 2"),
        *("# HELP b B.", "# TYPE b gauge", "b 1"),
        *("# HELP c C.", "# TYPE c gauge", "c 2"),
    ]
    assert one[0].samples == ["a 1"]


def test_processes_of_the_same_name_have_their_ids_in_it() -> None:
    """Whichever of them is asked; a process with a name of its own keeps that."""

    def family(name: str) -> list[Family]:
        return [Family("a", "counter", "A.", [f'a{{process="{name}",code="x"}} 1'])]

    found = merged(distinct({"7": family("web"), "8": family("web"), "9": family("web.1")}))
    assert found[0].samples == [
        'a{process="web (7)",code="x"} 1', 'a{process="web (8)",code="x"} 1', 'a{process="web.1",code="x"} 1',
    ]  # fmt: skip


def test_processes_without_names_are_left_as_they_are() -> None:
    """One alone has nothing to be distinguished from."""
    alone = [Family("a", "counter", "A.", ["a 1"])]
    assert list(distinct({"7": alone})) == [alone]
