"""Conformance suites of others as input: what is valid is edited exactly, what is invalid is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from krow_versions.encoding import decode
from krow_versions.errors import FileFormatError, InternalError, KrowVersionsError
from krow_versions.formats import set_version
from support.suites import figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Documents that YAML 1.2 calls invalid and ruamel accepts: known, and harmless, for only the version
# is touched in them.
ACCEPTED_INVALID_YAML = {
    "9JBA.yaml": "a comment sign without a blank before it",
    "SU5Z.yaml": "a comment sign without a blank before it",
    "G5U8.yaml": "a lone dash in a flow list",
    "U99R.yaml": "a comma at the end of a tag",
    "VJP3-00.yaml": "lines of a flow mapping that are not indented, which libyaml accepts, too",
    "Y79Y-003.yaml": "a tab as indentation in a flow list",
}
# Valid documents that ruamel cannot read, each with the reason; the error does not call them invalid.
UNREAD_VALID_YAML = {
    "QT73.yaml": "an end of the document where none has begun",
    "WZ62.yaml": "a tag with a comma behind it",
}


def outcome(text: str | bytes, name: str) -> str:
    """Set the version; give `edited`, `spoiled`, or the name of the error, which is never our bug."""
    try:
        text = decode(text) if isinstance(text, bytes) else text
        after = set_version(text, "9.9.9", format=name)
    except InternalError:
        raise
    except KrowVersionsError as error:
        return type(error).__name__
    return "edited" if after == text.replace("0.1.0", "9.9.9", 1) else "spoiled"


def documents(folder: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    assert found
    for path in found:
        yield path.relative_to(folder).as_posix(), path.read_bytes()


# --- TOML -------------------------------------------------------------------------------------


def test_valid_toml_is_edited_exactly(shared: Path) -> None:
    """Every valid document of toml-test that gets a version has only it changed, and has none before."""
    spoiled, refused = {}, {}
    suite = [*documents(shared / "suites/toml/valid", "*.toml")]
    for name, data in suite:
        result = outcome(data, "toml")
        if result not in {"edited", "VersionNotFound", "InvalidVersion"}:
            spoiled[name] = result
        text = decode(data).removeprefix("\ufeff")
        result = outcome(f"version = '0.1.0' # 0.1.0\n{text}", "toml")
        if result != "edited":
            refused[name] = result
    assert (spoiled, refused) == ({}, {})
    assert figures("toml-test, valid") == (len(suite), len(suite), 0, 0)


def test_invalid_toml_is_refused(shared: Path) -> None:
    """Every invalid document of toml-test is refused as such, also with a version put before it."""
    results = {}
    for name, data in documents(shared / "suites/toml/invalid", "*.toml"):
        results[name] = {outcome(data, "toml"), outcome(b'version = "0.1.0"\n' + data, "toml")}
    allowed = {"FileFormatError", "EncodingError"}
    assert {name: result for name, result in results.items() if not result <= allowed} == {}
    assert figures("toml-test, invalid") == (len(results), 0, len(results), 0)


# --- JSON -------------------------------------------------------------------------------------


def test_json_is_accepted_and_refused_as_the_suite_says(shared: Path) -> None:
    """JSONTestSuite: y_ parses (and has no version), n_ is refused, i_ is either and never a crash."""
    expected = {
        "y": {"VersionNotFound", "FileFormatError"},  # The latter for documents that are no object.
        "n": {"FileFormatError", "EncodingError"},
        "i": {"VersionNotFound", "FileFormatError", "EncodingError"},
    }
    results = {name: outcome(data, "json") for name, data in documents(shared / "suites/json", "*.json")}
    assert {name: result for name, result in results.items() if result not in expected[name[0]]} == {}


def test_a_json_value_beside_the_version_is_accepted_or_refused_as_it_is_alone(shared: Path) -> None:
    """JSONTestSuite: beside a version, y_ is left as it is, n_ is refused, and i_ is either."""
    results: dict[str, dict[str, str]] = {"y": {}, "n": {}, "i": {}}
    for name, data in documents(shared / "suites/json", "*.json"):
        whole = b'{"version" :\t"0.1.0", "other": ' + data + b"}"
        results[name[0]][name] = outcome(whole, "package-json")
    assert {name: result for name, result in results["y"].items() if result != "edited"} == {}
    assert {name: result for name, result in results["n"].items() if result == "edited"} == {}
    for kind, suite in {"y": "valid", "n": "invalid", "i": "either"}.items():
        cases, edited = len(results[kind]), [*results[kind].values()].count("edited")
        assert figures(f"JSONTestSuite, {suite}") == (cases, edited, cases - edited, 0)


# --- YAML -------------------------------------------------------------------------------------

BLOCK_MAPPING = re.compile(r"\A[A-Za-z][^\n{}\[\]#]*:(?: |\n)")


def refusal(data: bytes) -> KrowVersionsError:
    """Set the version of a document of the suite, none of which has one, and give the error."""
    with pytest.raises(KrowVersionsError) as caught:
        set_version(decode(data), "9.9.9", format="yaml")
    return caught.value


def test_valid_yaml_is_refused_as_what_it_is(shared: Path) -> None:
    """yaml-test-suite: no valid document is called invalid, and few, which are known, cannot be read."""
    reasons = {name: str(refusal(data)) for name, data in documents(shared / "suites/yaml/valid", "*.yaml")}
    assert {name for name, reason in reasons.items() if "invalid" in reason} == set()
    unread = {name for name, reason in reasons.items() if "cannot be read as YAML" in reason}
    assert unread == set(UNREAD_VALID_YAML)
    what = ("is empty", "is a list", "is one value", "several YAML documents", "is not there", "there twice")
    known = {name for name, reason in reasons.items() if any(each in reason for each in what)}
    assert known | unread == set(reasons)
    read = len(reasons) - len(unread)
    assert figures("yaml-test-suite, valid") == (len(reasons), read, 0, len(UNREAD_VALID_YAML))


def test_a_version_before_valid_yaml_is_edited(shared: Path) -> None:
    """yaml-test-suite: with a version in front, only that changes in every valid block mapping."""
    results = {}
    for name, data in documents(shared / "suites/yaml/valid", "*.yaml"):
        text = decode(data)
        if BLOCK_MAPPING.match(text):
            results[name] = outcome(f"version: 0.1.0 # keep\n{text}", "yaml")
    assert set(results.values()) == {"edited"}
    assert figures("yaml-test-suite, valid, with a version in front") == (len(results), len(results), 0, 0)


def test_invalid_yaml_is_refused(shared: Path) -> None:
    """yaml-test-suite: an invalid document is refused, but for the known ones that ruamel accepts."""
    suite = [*documents(shared / "suites/yaml/invalid", "*.yaml")]
    accepted = {name for name, data in suite if not isinstance(refusal(data), FileFormatError)}
    assert accepted == set(ACCEPTED_INVALID_YAML)
    refused = len(suite) - len(accepted)
    assert figures("yaml-test-suite, invalid") == (len(suite), 0, refused, len(ACCEPTED_INVALID_YAML))
