"""A report as SARIF 2.1.0, the format of code scanning.

See `the standard <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>`_, and `GitHub's
subset of it <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>`_.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.audit.render.json import OwnText, written
from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.report import stand_in
from krow_versions.findings import FINDINGS, linked, page_of, without_links
from krow_versions.regexes import regex
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.audit.model import Finding
    from krow_versions.audit.render.model import Reader
    from krow_versions.audit.report import Report
    from krow_versions.findings import FindingKind
    from krow_versions.settings import Ignore

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SOURCE_ROOT = "%SRCROOT%"
_NO_BYTE = regex("[\ud800-\udc7f\udd00-\udfff]")  # Surrogates that os.fsdecode() never gives.
# GitHub matches results by the second name only; without it, it computes one from the file's lines.
_FINGERPRINTS = ("krowVersionsFinding/v1", "primaryLocationLineHash")


def to_sarif(
    report: Report, *, version: str, documentation: str | None, folders: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return the document, with every known rule, so that the index of a rule never changes.

    A finding about a tag, a branch or a repository is placed at a version file of its product, because
    GitHub refuses results without a file; its logical location names the tag, branch or repository.

    Args:
        report: the findings; ignored ones become suppressed results.
        version: the version of krow-versions.
        documentation: the URL of the documentation, without a '/' at its end, or None.
        folders: as in :class:`krow_versions.audit.render.Reader`.
    """
    driver: dict[str, Any] = {"name": "krow-versions", "version": version, "semanticVersion": version}
    if documentation is not None:
        driver["informationUri"] = documentation
    driver["rules"] = [_rule(kind, documentation) for kind in FINDINGS.values()]
    results = [_result(report, each, folders) for each in report.findings]
    for each, entry in report.ignored:
        results.append({**_result(report, each, folders), "suppressions": [_suppression(entry)]})
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": _bases(folders),
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _render(report: Report, reader: Reader) -> str:
    version, documentation = reader.program()
    return written(to_sarif(report, version=version, documentation=documentation, folders=reader.folders()))


FORMAT = OutputFormat("sarif", "code scanning: SARIF 2.1.0", _render, endings=(".sarif", ".sarif.json"))


def _rule(kind: FindingKind, documentation: str | None) -> dict[str, Any]:
    sentence = f"{kind.title[0].upper()}{kind.title[1:]}."
    page = page_of(kind.code, documentation)
    return {
        "id": kind.code,
        "name": "".join(word.capitalize() for word in kind.title.split()),
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": without_links(kind.what)},
        "help": {
            "text": OwnText(f"{kind.code}: {sentence}\n\n{kind.to_text()}"),
            "markdown": OwnText(linked(kind.to_markdown(), documentation)),
        },
        "defaultConfiguration": {"level": kind.severity},
        **({"helpUri": page} if page else {}),
    }


def _result(report: Report, finding: Finding, folders: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": list(FINDINGS).index(finding.code),
        "level": finding.severity,
        "message": {"text": _message(finding)},
        "locations": [_location(report, finding, folders)],
        "partialFingerprints": dict.fromkeys(_FINGERPRINTS, finding.fingerprint),
    }


def _message(finding: Finding) -> str:
    text = safe(f"{finding.message} (hint: {finding.hint})" if finding.hint else finding.message)
    return text.replace("](", "\\](")  # `[text](text)` would be a link.


def _location(report: Report, finding: Finding, folders: Mapping[str, str | None]) -> dict[str, Any]:
    location: dict[str, Any] = {}
    repo, path = finding.repo, finding.path
    if path is None:
        repo, path = stand_in(report, finding)
        name = finding.about or finding.product or finding.repo
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    if path:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(repo, path, folders),
            "region": {"startLine": max(1, finding.line or 1)},
        }
    return location


def _artifact(repo: str, path: str, folders: Mapping[str, str | None]) -> dict[str, str]:
    folder = folders.get(repo)
    if len(folders) > 1 and folder != "":
        return {"uri": _uri(path), "uriBaseId": repo}
    return {"uri": _uri(f"{folder}/{path}" if folder else path), "uriBaseId": SOURCE_ROOT}


def _bases(folders: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the base URIs of the repositories; without a URI for one outside of the reader's folder."""
    bases: dict[str, Any] = {SOURCE_ROOT: {"description": {"text": "the folder of the workspace"}}}
    for repo, folder in folders.items() if len(folders) > 1 else ():
        description = {"description": {"text": f"the repository {repo}"}}
        if folder is None:
            bases[repo] = description
        elif folder:
            bases[repo] = {"uri": f"{_uri(folder)}/", "uriBaseId": SOURCE_ROOT, **description}
    return bases


def _suppression(entry: Ignore) -> dict[str, Any]:
    until = {"until": entry.until.isoformat()}
    return {
        "kind": "external",
        "status": "accepted",
        "justification": entry.reason,
        "properties": until,
    }


def _uri(path: str) -> str:
    """Encode a path as a relative URI: undecodable bytes as they are, other lone surrogates as U+FFFD."""
    from urllib.parse import quote

    return quote(_NO_BYTE.sub("\ufffd", path), safe="/", errors="surrogateescape")
