"""The formats that servers of CI show: each judged by its schema, and read as its server reads it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import jsonschema  # type: ignore[import-untyped]  # It brings no types.
import pytest
import xmlschema
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.audit import CHECKS, Finding, Report
from krow_versions.audit.render.gitlab import SEVERITIES, to_gitlab
from krow_versions.audit.render.json import written
from krow_versions.audit.render.junit import to_junit
from krow_versions.findings import FINDINGS
from krow_versions.history import History
from krow_versions.snapshot import Snapshot
from krow_versions.snapshot.remote import RemoteState
from support.krow import STAFF, WEB
from support.reports import AWKWARD, ONE, finding, findings, report

SCHEMAS = Path(__file__).parent / "schemas"
BY_TAG = finding("KV204", path=None, line=None, about="web/prod-v1", message="not on main", hint="")


@cache
def gitlab_schema() -> jsonschema.Draft7Validator:
    """What GitLab documents of a Code Quality report."""
    return jsonschema.Draft7Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_text()))


@cache
def junit_schema() -> xmlschema.XMLSchema:
    """What Jenkins takes."""
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def gitlab(found: Report, folders: dict[str, str | None] = ONE) -> list[dict[str, Any]]:
    """The report as it is printed, judged by its schema."""
    document: list[dict[str, Any]] = json.loads(written(to_gitlab(found, folders)))
    gitlab_schema().validate(document)
    return document


def junit(found: Report) -> ET.Element:
    """The report as it is printed, judged by the schema."""
    text = to_junit(found)
    junit_schema().validate(text)
    return ET.fromstring(text)


@given(st.lists(findings(), max_size=4))
@example([finding(path=text, message=text, hint=text, about=text, repo=text) for text in AWKWARD])
@example(
    [finding(path=text, message=text, product=None) for text in ("\ufffe", "\uffff", "\x00", "]]>", "\r")]
)
@example([finding()] * 3)
def test_every_finding_is_there_and_the_schema_takes_it(found: list[Finding]) -> None:
    """No text makes a report invalid; GitLab, which drops a second one of a fingerprint, drops none."""
    objects = gitlab(report(*found))
    assert [each["check_name"] for each in objects] == [each.code for each in found]
    assert len({each["fingerprint"] for each in objects}) == len(found)
    suites = junit(report(*found))
    cases = {(each.get("classname"), (each.get("name") or "")[:5]): each for each in suites.iter("testcase")}
    names = [each.get("name") for each in suites.iter("testcase")]
    assert len(cases) == len(names) == len(set(names))
    for each in found:
        case = cases[each.product or "no product", each.code]
        says = case.findtext("system-out" if each.severity == "note" else "failure") or ""
        assert f"[{each.code}]" in says


def test_the_schemas_refuse_what_is_wrong() -> None:
    """The judges judge."""
    (good,) = gitlab(report(finding()))
    for key, wrong in (
        ("severity", "error"),
        ("fingerprint", None),
        ("location", {"path": "./x", "lines": {"begin": 1}}),
    ):
        assert not gitlab_schema().is_valid([{**good, key: wrong}])
    text = to_junit(report(finding()))
    for right, wrong in (
        ("<failure ", "<fault "),
        ("<testsuite name=", "<testsuite nmae="),
        ("classname", "file"),
    ):
        assert not junit_schema().is_valid(
            text.replace(right, wrong).replace(
                "</failure>", f"</{wrong[1:6]}>" if "failure" in right else "</failure>"
            )
        )


def test_gitlab_has_the_file_from_the_top_of_the_job() -> None:
    """A file has its repository's folder before it; a repository that is elsewhere is named by its words."""
    folders = {".": "", "site": "krow-web", "away": None}
    found = gitlab(report(finding(), finding(repo="site"), finding(repo="away", line=None)), folders)
    assert [(each["location"]["path"], each["location"]["lines"]["begin"]) for each in found] == [
        (WEB, 3), (f"krow-web/{WEB}", 3), (f"away/{WEB}", 1),
    ]  # fmt: skip
    assert found[0]["description"] == f"KV101: {WEB} says 1.3.9, but 1.4.0 is out (hint: krow-versions show)"
    assert found[2]["description"].startswith(f"KV101: away:{WEB}: {WEB} says 1.3.9")


def test_gitlab_puts_what_is_about_no_file_at_one_of_its_product() -> None:
    """GitLab needs a file for each; the words begin with the tag, unless they do already."""
    other = attrs.evolve(BY_TAG, product="worker-mobile", message="web/prod-v1 is not on main")
    stray = finding(
        "KV501", product=None, repo="other", path=None, line=None, about="hotfix/x", message="bad", hint=""
    )
    found = gitlab(report(BY_TAG, other, stray), {".": "", "other": "sub/other"})
    assert [(each["location"]["path"], each["description"]) for each in found] == [
        (WEB, "KV204: web/prod-v1: not on main"),
        (STAFF, "KV204: web/prod-v1 is not on main"),
        ("sub/other", "KV501: hotfix/x: bad"),
    ]
    assert gitlab(report(stray), {"other": ""})[0]["location"]["path"] == "."


def test_gitlab_has_a_severity_for_each_of_ours() -> None:
    """What fails an audit is above what does not; no findings is an empty list."""
    found = gitlab(report(*(finding(severity=each) for each in SEVERITIES)))
    assert [each["severity"] for each in found] == ["critical", "major", "info"]
    assert gitlab(report()) == []


def test_gitlab_knows_a_finding_again_at_another_line() -> None:
    """Of several with one fingerprint each has one of its own, which depends on no line and no words."""
    one = [each["fingerprint"] for each in gitlab(report(finding(), finding(line=4), finding("KV105")))]
    two = [
        each["fingerprint"]
        for each in gitlab(report(finding(line=8, message="x"), finding(), finding("KV105")))
    ]
    assert one == two
    assert one[0] == finding().fingerprint


def counts(suites: ET.Element) -> dict[str | None, tuple[str | None, str | None]]:
    """Tests and failures of each suite, as it says itself, which is what it holds."""
    for suite in suites:
        cases = suite.findall("testcase")
        assert (suite.get("tests"), suite.get("errors")) == (f"{len(cases)}", "0")
        assert suite.get("failures") == f"{len(suite.findall('testcase/failure'))}"
    return {suite.get("name"): (suite.get("tests"), suite.get("failures")) for suite in suites}


def test_junit_without_findings_is_a_suite_of_each_product_that_passes() -> None:
    """A server shows no tests at all as a fault, or as nothing; and what was not checked has not passed."""
    assert counts(junit(report())) == dict.fromkeys(("worker-mobile", "web"), ("39", "0"))
    names = [(each.get("name") or "")[:5] for each in junit(report())[0]]
    assert names == sorted(names)
    assert {"KV302", "KV601", "KV701", "KV213"} & {*names} == set()


def test_junit_has_a_test_for_every_check_that_was_requested() -> None:
    """With the history, and where the remote was asked: its checks too."""
    found = report()
    states = [
        attrs.evolve(state, repo=attrs.evolve(state.repo, remote=RemoteState("origin", (), ())))
        for state in found.snapshot.products[:1]
    ]
    asked = attrs.evolve(
        found,
        histories=(History("web", ()),),
        snapshot=Snapshot(found.snapshot.catalog, (*states, *found.snapshot.products[1:])),
    )
    first, second = junit(asked)
    names = {(each.get("name") or "")[:5] for each in first}
    assert {check.code for check in CHECKS} - names == {"KV213", "KV216", "KV217", "KV701", "KV702", "KV703"}
    assert names - {(each.get("name") or "")[:5] for each in second} == {
        "KV601",
        "KV602",
        "KV603",
        "KV604",
        "KV605",
    }


def test_junit_has_what_was_found_in_the_test_of_its_check() -> None:
    """One failure holds all that a check found, as text prints it; a note fails nothing."""
    found = report(
        finding(),
        finding(line=4, severity="warning"),
        finding(severity="note", hint=""),
        finding("KV201"),
        BY_TAG,
    )
    suites = junit(found)
    assert counts(suites) == {"worker-mobile": ("39", "0"), "web": ("39", "2")}
    cases = {(each.get("name") or "")[:5]: each for each in suites[1]}
    (failure,) = cases["KV101"].findall("failure")
    assert dict(failure.attrib) == {"type": "error", "message": "2 findings"}
    line = f"{WEB} says 1.3.9, but 1.4.0 is out [KV101]"
    assert (failure.text or "").split("\n") == [
        f"{WEB}:3: error: {line}", "  hint: krow-versions show",
        f"{WEB}:4: warning: {line}", "  hint: krow-versions show",
    ]  # fmt: skip
    assert cases["KV101"].findtext("system-out") == f"{WEB}:3: note: {line}"
    assert [each.tag for each in cases["KV201"]] == ["system-out"]
    assert cases["KV204"][0].attrib == {"type": "warning", "message": "not on main"}
    assert cases["KV204"].get("name") == f"KV204 {FINDINGS['KV204'].title} (web)"


@pytest.mark.parametrize("product", ["a & b", "<x>", "no product"])
def test_junit_names_any_product(product: str) -> None:
    """A product is named as it is, and what is of no product comes last."""
    found = report(finding(product=product), finding("KV501", product=None, path=None, line=None))
    names = [each.get("name") for each in junit(attrs.evolve(found, products=(*found.products, product)))]
    assert names == [*dict.fromkeys(("worker-mobile", "web", product, "no product"))]
