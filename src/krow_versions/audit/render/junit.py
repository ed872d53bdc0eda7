"""A report as JUnit XML, which GitLab, Jenkins and most other servers of CI show as tests.

JUnit itself has no standard for it. This is what `Jenkins's schema
<https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd>`_
allows, and what `GitLab reads <https://docs.gitlab.com/ci/testing/unit_test_reports/>`_.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.checks import CHECKS, HISTORY_CHECKS
from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.render.text import lines_of_one
from krow_versions.audit.report import by_product
from krow_versions.findings import FINDINGS
from krow_versions.regexes import regex
from krow_versions.text.escaping import safe
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report
    from krow_versions.snapshot import ProductState

# What XML 1.0 cannot contain, not even escaped.
_NO_CHARACTER = regex("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> str:
    """Return a suite for each product, with a test for each check that was made of it.

    A check that found an error or a warning is a failed test, with all that it found. Notes are the output of
    a test. Tests have the same names in every run, so that a server can compare two runs.
    """
    from xml.etree import ElementTree as ET

    found = dict(by_product(report.products, report.findings))
    codes = {state.product.name: _made_of(state, report) for state in report.snapshot.products}
    top = ET.Element("testsuites", {"name": "krow-versions audit"})
    for product in dict.fromkeys((*codes, *found)):
        kinds: dict[str, list[Finding]] = {code: [] for code in codes.get(product, ())}
        for each in found.get(product, ()):
            kinds.setdefault(each.code, []).append(each)
        cases = [_case(product, code, kinds[code]) for code in sorted(kinds)]
        failed = sum(case.find("failure") is not None for case in cases)
        counts = {"tests": f"{len(cases)}", "failures": f"{failed}", "errors": "0"}
        suite = ET.SubElement(top, "testsuite", {"name": _text(product), **counts})
        suite.set("timestamp", report.date.isoformat(timespec="seconds"))
        suite.extend(cases)
    ET.indent(top)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(top, encoding="unicode")}'


FORMAT = OutputFormat(
    "junit",
    "GitLab, Jenkins and others: JUnit XML",
    lambda report, _: to_junit(report),
    endings=(".xml",),
)


def _made_of(state: ProductState, report: Report) -> list[str]:
    """Return the ids of the checks that were made of a product: some are made only if requested."""
    requested = {
        "KV213": state.repo.signers is not None,
        "KV216": state.repo.signers is not None,
        "KV217": state.repo.signers is not None,
        "KV6": state.repo.remote is not None,
        "KV7": bool(state.incidents),
        **{check.code: bool(report.histories) for check in HISTORY_CHECKS},
    }
    codes = [check.code for check in CHECKS]
    return [code for code in codes if requested.get(code, requested.get(code[:3], True))]


def _case(product: str, code: str, found: list[Finding]) -> Element:
    from xml.etree import ElementTree as ET

    name = _text(f"{code} {FINDINGS[code].title} ({product})")  # GitLab shows the name alone, each but once.
    case = ET.Element("testcase", {"classname": _text(product), "name": name})
    failures = [each for each in found if each.severity != "note"]
    if failures:
        first = failures[0].message if len(failures) == 1 else counted(len(failures), "finding")
        about = {"type": failures[0].severity, "message": _text(first)}
        ET.SubElement(case, "failure", about).text = _lines(failures)
    if len(failures) < len(found):
        ET.SubElement(case, "system-out").text = _lines(each for each in found if each.severity == "note")
    return case


def _lines(found: Iterable[Finding]) -> str:
    return "\n".join(_text(line) for each in found for line in lines_of_one(each))


def _text(text: str) -> str:
    shown = safe(text)
    return _NO_CHARACTER.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), shown)
