"""Formats: what is refused, why, and where the error points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    FileTooLarge,
    InternalError,
    InvalidVersion,
    KrowVersionsError,
    PrereleaseVersion,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats import read_version, set_version

if TYPE_CHECKING:
    from pathlib import Path

Place = tuple[int | None, int | None]


def refused(text: str, name: str = "pubspec") -> KrowVersionsError:
    """Give the error that reading and setting both raise; it is never our bug."""
    with pytest.raises(KrowVersionsError) as caught:
        set_version(text, "9.9.9", format=name)
    with pytest.raises(type(caught.value)) as again:
        read_version(text, format=name)
    assert str(again.value) == str(caught.value)
    assert not isinstance(caught.value, InternalError)
    return caught.value


def facts(error: KrowVersionsError) -> tuple[type[KrowVersionsError], int | None, int | None, str | None]:
    return type(error), error.line, error.column, error.key


@pytest.mark.fault(4)
def test_a_mark_in_the_middle_is_shown() -> None:
    """A BOM before the key makes it another key, and the message makes the mark visible."""
    error = refused("name: x\n\ufeffversion: 0.1.0\n")
    assert facts(error) == (VersionNotFound, None, None, "version")
    assert "\\ufeffversion" in str(error)


@pytest.mark.fault(5)
@pytest.mark.parametrize("name", ["pubspec", "package-json", "pyproject", "text"])
def test_a_nul_is_refused(name: str) -> None:
    """A NUL in the text is a damaged file, and the error says where."""
    assert facts(refused("# ok\nversion: 0.1.0\x00\n", name)) == (EncodingError, 2, 15, None)


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    "text", ["", "# only", "null", "~", "scalar", "- a\n", "[]", "---\n", "\ufeff", "\n\n"]
)
def test_a_yaml_document_without_keys_has_no_version(text: str) -> None:
    """An empty file, a comment, a scalar or a list has no version; the hint says what to write."""
    error = refused(text)
    assert type(error) is VersionNotFound
    assert error.hint == "it needs a line such as version: 0.1.0"


@pytest.mark.fault(9)
@pytest.mark.parametrize("text", ["", " ", "null", "[]", '"0.1.0"', "1", "\ufeff"])
def test_a_json_document_without_keys_is_refused(text: str) -> None:
    """A package.json that is no object is none."""
    assert type(refused(text, "package-json")) is FileFormatError


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("pubspec", "name: x\n", "version"),
        ("pubspec", "nested:\n  version: 0.1.0\nlist:\n- version: 0.1.0\n", "version"),
        ("pubspec", "base: &b {version: 0.1.0}\n<<: *b\n", "version"),
        ("package-json", '{"a": {"version": "0.1.0"}}', "version"),
        ("package-lock", '{"lockfileVersion": 3}', "version"),
        ("expo", '{"expo": {}, "version": "0.1.0"}', "expo.version"),
        ("pyproject", '[other]\nversion = "0.1.0"\n', "project.version"),
        ("pyproject", '[[project]]\nversion = "0.1.0"\n', "project.version"),
        ("cargo", '[dependencies]\nversion = "0.1.0"\n', "package.version"),
        ("text", "a = 1\nb = 2\n", None),
        ("text", "", None),
        ("pyproject", "", "project.version"),
        ("cargo", "# only\n", "package.version"),
    ],
)
def test_a_missing_version_is_said_to_be_missing(name: str, text: str, key: str | None) -> None:
    """Promise 4: nothing is skipped; keys are never added, and a version at another key does not count."""
    error = refused(text, name)
    assert facts(error) == (VersionNotFound, None, None, key)
    assert error.hint


@pytest.mark.parametrize("key", ["Version", "VERSION", "ver_sion"])
def test_a_misspelt_key_is_pointed_out(key: str) -> None:
    """A key that is nearly the right one is named in the hint."""
    assert refused(f"{key}: 0.1.0\n").hint == f"there is a key '{key}': correct its spelling"


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("pubspec", "version:\nname: x\n", (1, 9 - 1)),
        ("pubspec", "name: x\nversion: ''\n", (2, 10)),
        ("pubspec", "version: # 0.1.0\n", (1, 8)),
        ("package-json", '{"version": ""}', (1, 13)),
        ("package-json", '{"version": null}', (1, 13)),
        ("pyproject", "[project]\nversion = ' '", (2, 11)),
    ],
)
def test_an_empty_version_is_refused_where_it_stands(name: str, text: str, place: Place) -> None:
    """A key without a value has no version; the error points behind the key."""
    error = refused(text, name)
    assert (type(error), (error.line, error.column)) == (VersionNotFound, place)


@pytest.mark.fault(10, 11)
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("pubspec", "version: 0.1.0\nversion: 0.1.0\n", (2, 1)),
        ("pubspec", "version: 0.1.0\n'version': 0.1.1\n", (2, 1)),
        ("pubspec", 'a: 1\n"\\u0076ersion": 0.1.0\nversion: 0.1.0\n', (3, 1)),
        ("package-json", '{"version":"0.1.0",\n"version":"0.1.0"}', (2, 11)),
        ("package-json", '{"version":"0.1.0",\n"\\u0076ersion":"0.1.0"}', (2, 16)),
        ("expo", '{"expo":{"version":"0.1.0"},\n"expo":{}}', (2, 8)),
        (
            "package-lock",
            '{"version":"0.1.0","packages":{"":{"version":"0.1.0"},\n"":{"version":"0.1.0"}}}',
            (2, 4),
        ),
        ("package-lock", '{"version":"0.1.0","packages":{"":{"version":"0.1.0"}},\n"packages":{}}', None),
    ],
)
def test_duplicate_keys_are_refused(name: str, text: str, place: Place | None) -> None:
    """Of two keys readers take the last and people see the first, so neither is edited."""
    error = refused(text, name)
    if place is not None:
        assert (type(error), (error.line, error.column)) == (AmbiguousVersion, place)


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    "text",
    [
        '[project]\nversion = "0.1.0"\nversion = "0.1.0"\n',
        '[project]\nversion = "0.1.0"\n[project]\n',
        'project.version = "0.1.0"\n[project]\nname = "x"\n',
        'project = {version = "0.1.0"}\n[project.urls]\n',
    ],
)
def test_duplicate_toml_keys_are_refused(text: str) -> None:
    """TOML forbids a key or table twice, in whatever spelling; the error names the line."""
    error = refused(text, "pyproject")
    assert type(error) is FileFormatError
    assert error.line


@pytest.mark.fault(15, 16, 28)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a 0.1.0\nversion: *a\n", "an alias of &a"),
        ("a: 1\nversion: &v 0.1.0\n", "the anchor &v"),
        ("a: 1\nversion: !!str 0.1.0\n", "the tag "),
        ("a: 1\nversion: !mine 0.1.0\n", "the tag !mine"),
        ("a: 1\nversion: |\n  0.1.0\n", "a block scalar"),
        ("a: 1\nversion: >-\n  0.1.0\n", "a block scalar"),
        ("a: 1\nversion: 0.1.0\n  more\n", "over several lines"),
        ('a: 1\nversion: "0.1.\\\n  0"\n', "over several lines"),
        ('a: 1\nversion: "0.1\\x2E0"\n', "with escapes"),
    ],
)
def test_a_version_in_a_special_yaml_layout_is_refused(text: str, words: str) -> None:
    """An edit of an alias, anchor, tag, block or escape would be a guess."""
    error = refused(text)
    assert facts(error) == (Unsupported, 2, 10, "version")
    assert words in error.message
    assert error.hint


@pytest.mark.fault(28)
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("package-json", '{"version": "0.1\\u002E0"}', (1, 13)),
        ("package-json", '{"version": "0.1.0\\n"}', (1, 13)),
        ("pyproject", '[project]\nversion = "0.1\\u002E0"\n', (2, 11)),
        ("pyproject", '[project]\nversion = """\n0.1.0"""\n', (2, 11)),
    ],
)
def test_an_escaped_version_is_refused(name: str, text: str, place: Place) -> None:
    """A version that is spelled with escapes or line breaks is not replaced."""
    error = refused(text, name)
    assert (type(error), (error.line, error.column)) == (Unsupported, place)


@pytest.mark.fault(17)
def test_tags_never_run_code(tmp_path: Path) -> None:
    """A Python tag is a tag like others: nothing is constructed, nothing runs."""
    canary = tmp_path / "canary"
    call = f"!!python/object/apply:os.system ['touch {canary}']"
    assert type(refused(f"version: {call}\n")) is InvalidVersion
    assert (
        set_version(f"a: {call}\nversion: 0.1.0\n", "9.9.9", format="pubspec")
        == f"a: {call}\nversion: 9.9.9\n"
    )
    assert not canary.exists()


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("pubspec", f"version: {value}") for value in ("1.0", "2", "1.10", "1e5", "[0.1.0]", "{a: 0.1.0}")],
        *[
            ("package-json", f'{{"version": {value}}}')
            for value in ("1.0", "2", "true", '["0.1.0"]', '{"a": 1}')
        ],
        *[
            ("pyproject", f"project.version = {value}")
            for value in ("1.0", "2", "true", '["0.1.0"]', "1979-05-27")
        ],
    ],
)
def test_a_version_that_is_no_text_is_refused(name: str, text: str) -> None:
    """Readers see a number, a list or a date there: 1.10 would lose its zero."""
    error = refused(text, name)
    assert type(error) is InvalidVersion
    assert error.hint


@pytest.mark.fault(18)
def test_a_short_version_is_spelled_out_in_the_hint() -> None:
    """As Dart's own tool does, the hint says which version was probably meant."""
    assert [refused(f"version: {text}").hint for text in ("1.0", "2", "v0.1.0")] == [
        "write 1.0.0",
        "write 2.0.0",
        "write 0.1.0",
    ]


@pytest.mark.fault(19)
@pytest.mark.parametrize("text", ["version: 0.1.0\n---\nversion: 0.1.0\n", "---\nversion: 0.1.0\n---\n"])
def test_two_yaml_documents_are_refused(text: str) -> None:
    """A version file is one document; the error points at the second."""
    error = refused(text)
    assert facts(error) == (FileFormatError, text[: text.rindex("---")].count("\n") + 1, 1, None)


@pytest.mark.parametrize("name", ["pubspec", "chart", "package-json", "pyproject", "cargo", "text"])
def test_merge_conflicts_are_refused(name: str) -> None:
    """Conflict marks are named as such, whatever the format makes of them."""
    text = "# a\n<<<<<<< HEAD\nversion: 0.1.0\n=======\nversion: 0.1.1\n>>>>>>> fix\n"
    error = refused(text, name)
    assert facts(error) == (FileFormatError, 2, 1, None)
    assert error.message == "there is a merge conflict mark"


@pytest.mark.fault(24)
@pytest.mark.parametrize(
    ("name", "limit"), [("pubspec", 2**20), ("pyproject", 2**20), ("text", 2**20), ("json", 2**26)]
)
def test_enormous_files_are_refused(name: str, limit: int) -> None:
    """A text over its format's limit is not even parsed."""
    assert type(refused("#" * (limit + 1), name)) is FileTooLarge


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    "text",
    [
        '{"version": "0.1.0", "a": NaN}',
        '{"version": "0.1.0", "a": -Infinity}',
        '{"version": "0.1.0",}',
        '{"version": "0.1.0" /* c */}',
        '// c\n{"version": "0.1.0"}',
        '{"version": "0.1.0"}{}',
        "{'version': '0.1.0'}",
        '{"version": "0.1.0", "a": 01}',
        '{"version": "0.1.0", "a": "\t"}',
        '{"version": "0.1.0"',
    ],
)
def test_json_is_strict(text: str) -> None:
    """What JSON does not allow is refused, although some readers accept it."""
    assert type(refused(text, "package-json")) is FileFormatError


@pytest.mark.fault(31)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"version":"0.1.0","packages":{"":{"version":"0.1.1"}}}', (AmbiguousVersion, 1, 46)),
        ('{"version":"0.1.0","packages":{"":{}}}', (VersionNotFound, None, None)),
        ('{"packages":{"":{"version":"0.1.0"}}}', (VersionNotFound, None, None)),
        ('{"version":"0.1.0","packages":{"":{"version":1}}}', (InvalidVersion, 1, 46)),
    ],
)
def test_a_lock_carries_its_version_twice_or_not(
    text: str, expected: tuple[type, int | None, int | None]
) -> None:
    """Since lockfileVersion 2 the version stands in two places: both are edited, or none."""
    error = refused(text, "package-lock")
    assert (type(error), error.line, error.column) == expected
    assert error.hint


@pytest.mark.fault(32)
@pytest.mark.parametrize(
    ("name", "text", "kind", "words"),
    [
        ("pyproject", '[project]\ndynamic = ["version"]\n', VersionNotFound, "dynamic"),
        (
            "pyproject",
            '[project]\nversion="1.0.0"\n[tool.poetry]\nversion="2.0.0"\n',
            AmbiguousVersion,
            "'2.0.0'",
        ),
        ("pyproject", '[project]\nversion = "0.1.0a1"\n', PrereleaseVersion, "'0.1.0a1'"),
        ("cargo", "[package]\nversion.workspace = true\n", VersionNotFound, "inherited"),
        (
            "cargo",
            '[package]\nversion="1.0.0"\n[workspace.package]\nversion="2.0.0"\n',
            AmbiguousVersion,
            "'2.0.0'",
        ),
        ("pubspec", "version: 0.1.0+abc\n", InvalidVersion, "'abc'"),
        ("pubspec", "version: ${VERSION}\n", InvalidVersion, "'${VERSION}'"),
    ],
)
def test_a_version_kept_elsewhere_or_in_two_ways_is_refused(
    name: str, text: str, kind: type[KrowVersionsError], words: str
) -> None:
    """Dynamic, inherited, disagreeing or templated versions are no version to edit here."""
    error = refused(text, name)
    assert type(error) is kind
    assert words in error.message
    assert error.hint


def test_an_error_shows_the_line_and_a_caret() -> None:
    """What people read: place, reason, the line with a caret under the value, and what to do."""
    error = refused("name: x\nversion: 1.0 # old\n").in_file("apps/pubspec.yaml")
    assert str(error) == (
        "apps/pubspec.yaml:2:10: '1.0' is read as a number [version]\n"
        "    version: 1.0 # old\n"
        "             ^\n"
        "  hint: write 1.0.0"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pubspec", "a: b: c\n"),
        ("pyproject", "a =\n"),
        ("pubspec", "#" * (2**20 + 1)),
        ("pubspec", "[" * 200),
        ("package-json", '{"version": "0.1.0", "a": NaN}'),
        ("package-json", "[]"),
    ],
)
def test_every_refusal_says_what_to_do(name: str, text: str) -> None:
    """Every error of a version file has a hint."""
    assert refused(text, name).hint
