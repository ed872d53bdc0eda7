"""Conformance suites of others as input: what is valid is edited exactly, what is invalid is refused."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.encoding import decode
from krow_versions.errors import FileFormatError, InternalError, KrowVersionsError
from krow_versions.formats import set_version

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
    "Y79Y-003.yaml": "a tab as indentation in a flow list",
    "Y79Y-007.yaml": "a tab between the indicators of a complex key and a list",
}
# Valid documents that are refused, each with the reason.
REFUSED_VALID_YAML = {
    "DK95-00.yaml": "ruamel: a tab after the indentation",
    "UV7Q.yaml": "ruamel: a tab after the indentation",
    "VJP3-01.yaml": "ruamel: a colon on another line than its key, in a flow mapping",
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
    for name, data in documents(shared / "suites/toml/valid", "*.toml"):
        result = outcome(data, "toml")
        if result not in {"edited", "VersionNotFound", "InvalidVersion"}:
            spoiled[name] = result
        text = decode(data).removeprefix("\ufeff")
        result = outcome(f"version = '0.1.0' # 0.1.0\n{text}", "toml")
        if result != "edited":
            refused[name] = result
    assert (spoiled, refused) == ({}, {})


def test_invalid_toml_is_refused(shared: Path) -> None:
    """Every invalid document of toml-test is refused as such, also with a version put before it."""
    results = {}
    for name, data in documents(shared / "suites/toml/invalid", "*.toml"):
        results[name] = {outcome(data, "toml"), outcome(b'version = "0.1.0"\n' + data, "toml")}
    allowed = {"FileFormatError", "EncodingError"}
    assert {name: result for name, result in results.items() if not result <= allowed} == {}


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
    """JSONTestSuite: beside a version, a valid value is left as it is, and an invalid one refused."""
    wrong = {}
    for name, data in documents(shared / "suites/json", "[yn]_*.json"):
        result = outcome(b'{"version" :\t"0.1.0", "other": ' + data + b"}", "package-json")
        if (result == "edited") != name.startswith("y_"):
            wrong[name] = result
    assert wrong == {}


# --- YAML -------------------------------------------------------------------------------------

BLOCK_MAPPING = re.compile(r"\A[A-Za-z][^\n{}\[\]#]*:(?: |\n)")


def test_valid_yaml_is_edited_exactly_or_refused(shared: Path) -> None:
    """yaml-test-suite: as it is no valid document crashes; with a version in front only that changes."""
    results: Counter[str] = Counter()
    refused = {}
    for name, data in documents(shared / "suites/yaml/valid", "*.yaml"):
        assert outcome(data, "yaml") not in {"edited", "spoiled"}
        text = decode(data)
        if BLOCK_MAPPING.match(text):
            result = outcome(f"version: 0.1.0 # keep\n{text}", "yaml")
            results[result] += 1
            if result != "edited":
                refused[name] = result
    assert refused == dict.fromkeys(REFUSED_VALID_YAML, "FileFormatError")
    assert results["edited"] > 20


def test_invalid_yaml_is_refused(shared: Path) -> None:
    """yaml-test-suite: an invalid document is refused, but for the known ones that ruamel accepts."""
    accepted = {}
    for name, data in documents(shared / "suites/yaml/invalid", "*.yaml"):
        try:
            set_version(decode(data), "9.9.9", format="yaml")
        except FileFormatError:
            continue
        except KrowVersionsError as error:
            accepted[name] = type(error).__name__
    assert accepted == dict.fromkeys(ACCEPTED_INVALID_YAML, "VersionNotFound")
