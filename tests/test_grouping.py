"""Many findings of one kind: the first are shown, the others counted; programs get each."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.audit import Finding, Report
from krow_versions.audit.render import FORMATS, Reader
from krow_versions.audit.report import MOST, grouped
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.products import KROW
from krow_versions.snapshot import Snapshot

NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
READER = Reader(dict, lambda: ("1.0.0", None))


def findings(
    number: int, code: str = "KV205", severity: str = "warning", product: str = "web"
) -> list[Finding]:
    return [
        Finding(code, severity, product, ".", None, None, f"tag {code} {each}", "ignore it", f"v{each}")
        for each in range(number)
    ]


def report(*found: Finding) -> Report:
    return Report(found, (), ("web", "api"), NOW, Snapshot(KROW, ()))


MANY = st.lists(
    st.tuples(
        st.integers(0, 3 * MOST),
        st.sampled_from(sorted(FINDINGS)),
        st.sampled_from(SEVERITIES),
        st.sampled_from(("web", "api")),
    ),
    max_size=5,
).map(lambda runs: [each for run in runs for each in findings(*run)])


@given(MANY)
def test_nothing_is_lost_and_the_order_is_kept(found: list[Finding]) -> None:
    """What is shown and what is counted are all findings, each once and in their order."""
    shown, more = grouped(found)
    assert sorted(map(id, [*shown, *(each for rest in more for each in rest.findings)])) == sorted(
        map(id, found)
    )
    places = {id(each): index for index, each in enumerate(found)}
    for part in (shown, *(rest.findings for rest in more)):
        assert [places[id(each)] for each in part] == sorted(places[id(each)] for each in part)
    for rest in more:
        assert {(each.severity, each.code) for each in rest.findings} == {(rest.severity, rest.code)}
        assert rest.message.startswith(f"{len(rest.findings)} more {rest.severity}")


@given(MANY)
def test_each_kind_is_shown_and_few_are_as_before(found: list[Finding]) -> None:
    """The first of each kind is shown; few of a kind, and all if they are wanted, are shown whole."""
    shown, more = grouped(found)
    assert list(dict.fromkeys(each.code for each in shown)) == list(
        dict.fromkeys(each.code for each in found)
    )
    for rest in more:
        assert (
            len([each for each in found if (each.severity, each.code) == (rest.severity, rest.code)]) > MOST
        )
    assert grouped(found, None) == (tuple(found), ())


@pytest.mark.parametrize("name", ["text", "github", "html"])
def test_people_get_the_first_and_a_count(name: str) -> None:
    """A line, an annotation or a row for each of the first; one with the number for the others."""
    large = FORMATS[name].render(report(*findings(120), *findings(1, "KV204")), READER)
    assert [f"tag KV205 {each}" in large for each in (0, 2, 3, 119)] == [True, True, False, False]
    assert "117 more warnings in web: a production tag is lightweight: v3, v4, v5 and 114 more" in large
    assert "tag KV204 0" in large
    small = FORMATS[name].render(report(*findings(MOST)), READER)
    assert all(f"tag KV205 {each}" in small for each in range(MOST))
    assert " more warning" not in small


@pytest.mark.parametrize("name", ["text", "github", "html"])
def test_all_are_shown_if_they_are_wanted(name: str) -> None:
    """Nothing is only counted where the reader wants each."""
    reader = Reader(dict, lambda: ("1.0.0", None), most=None)
    text = FORMATS[name].render(report(*findings(120)), reader)
    assert "tag KV205 119" in text
    assert " more warning" not in text


def test_programs_get_each() -> None:
    """JSON and SARIF are a contract: each finding is there."""
    many = report(*findings(120))
    assert len(json.loads(FORMATS["json"].render(many, READER))["findings"]) == 120
    assert len(json.loads(FORMATS["sarif"].render(many, READER))["runs"][0]["results"]) == 120
    assert len(many.to_table().rows) == 120


def test_a_notebook_counts_too() -> None:
    """The display has the first of them, and the number of the others."""
    html = report(*findings(120))._repr_html_()
    assert "tag KV205 2" in html
    assert "tag KV205 3" not in html
    assert "117 more warnings in web" in html
