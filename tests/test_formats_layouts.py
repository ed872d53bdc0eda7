"""Formats: layouts that are odd and right, so that the version in them is edited."""

from __future__ import annotations

import pytest

from krow_versions.errors import FileFormatError, InputError, Unsupported, VersionNotFound
from krow_versions.formats import set_version


@pytest.mark.fault(14, 16, 23, 30)
@pytest.mark.parametrize(
    "line",
    [
        "version   :   @   # keep @",
        "version: @  ",
        "'version': '@'",
        "{version: @, name: x}",
        '{"version":"@"}',
        "? version\n: @",
        "version:\n  @",
        "version:\t@ # tab",
        'version:  \t "@"',
        "a: &a [*a]\nversion: @",
        f"a: {'7' * 5000}\nversion: @",
    ],
)
def test_yaml_spacing_and_quoting_stay_as_they_are(line: str) -> None:
    """Every plain way to write the version is edited, and only there."""
    text = line.replace("@", "0.1.0+5", 1).replace("@", "0.1.0")
    assert set_version(text, "0.1.1+6", format="pubspec") == line.replace("@", "0.1.1+6", 1).replace(
        "@", "0.1.0"
    )


@pytest.mark.fault(28)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-json", '{"\\u0076ersion": "@"}'),
        ("pubspec", '"\\u0076ersion": @\n'),
        ("pyproject", '[project]\n"\\u0076ersion" = "@"\n'),
    ],
)
def test_a_key_that_is_spelled_with_escapes_is_that_key(name: str, text: str) -> None:
    """What the key means counts, not how it is written, and it stays as it is written."""
    assert set_version(text.replace("@", "0.1.0"), "0.1.1", format=name) == text.replace("@", "0.1.1")


TABS = [
    *(
        "version: 0.1.0\t# c\n",
        "version: 0.1.0\t\n",
        "name: a\t# c\nversion: 0.1.0\n",
        "version: 0.1.0\n\t\nname: a\n",
    ),
    *(
        "version:\t\n  0.1.0\n",
        "{version: 0.1.0,\t'a': 1}",
        "{\n\t'version': 0.1.0\n}",
        "a: [1,\n\t2]\nversion: 0.1.0\n",
        "version\t: 0.1.0\n",
        "a: b\tc\nversion: 0.1.0\n",
        "a: 1\n\t\rversion: 0.1.0\n",  # A lone CR ends a line of YAML.
    ),
]


@pytest.mark.fault(30)
@pytest.mark.parametrize("text", TABS)
def test_tabs_may_separate(text: str) -> None:
    """A tab before a comment, at a line's end or on an empty line is no indentation."""
    assert set_version(text, "9.9.9", format="pubspec") == text.replace("0.1.0", "9.9.9")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "cargo",
            '[workspace.package]\nversion = "0.1.0"\n[[bin]]\nx = 1\n[workspace.dependencies]\ny = 1\n',
        ),
        ("pyproject", '[tool.poetry]\nversion = "0.1.0"\n[[a]]\nx = 1\n[tool.ruff]\ny = 1\n'),
    ],
)
def test_an_array_of_tables_may_stand_between_tables(name: str, text: str) -> None:
    """TOML tables may come in any order, arrays of tables between them."""
    assert set_version(text, "9.9.9", format=name) == text.replace("0.1.0", "9.9.9")


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    "text", ["a:\n  -\tb: c\n@", "a:\n\tb: c\n@", "a:\n\tb\n@", "? a\n:\t- b\n@", "-\t- a\n"]
)
def test_a_tab_that_is_indentation_is_refused(text: str) -> None:
    """A tab before a collection would indent it, which YAML forbids; the hint says spaces."""
    with pytest.raises(FileFormatError, match="indented with spaces"):
        set_version(text.replace("@", "version: 0.1.0\n"), "9.9.9", format="pubspec")


# Valid by YAML 1.2, and refused by ruamel's own scanner.
VALID = {
    "a shorter blank line above a literal": "w: |\n \n  literal\n@",
    "longer and longer blank lines": "w: >\n \n  \n\n    text\n   \n@",
    "blank lines only": "w: |\n    \n  \n@",
    "a version like in a literal": "w: |\n \n  version: 0.1.0+9\n@",
    "a literal in a list": "w:\n- |-\n \n  \n  x\n- b\n@",
    "a given indentation": "w: |2\n\n    x\n   y\n@",
    "a tab behind a dash": "w:\n  -\ta\n  - \tb\n@",
    "a tab behind a colon": "? a\n:\tb\n@",
    "a tab in a continued line": "w: a\n  \tb\n \t c\n@",
    "a tab before a value": "w:\n \tb\n@",
    "a key on two lines": '{"a"\n: b, "c\n d": e, f\n:\n g, version: 0.1.0}\n',
    "a comment behind a key": "w: { a # c\n  : b }\n@",
    "a value at its key": 'w: [ "a":b, {c: d}:e, [f]:g ]\n@',
    "a later YAML": "%YAML 1.3\n---\n@",
    "a much later YAML": "%YAML 1.20 # and more\n---\n@",
    "a tag of a mapping": "--- !!map\n@",
    "an anchor": "&a\n@",
    "an anchor and a tag": "--- &a !!map\n@",
    "a tag of one's own": "--- !app\n@",
    "a tag on a flow mapping": "!<tag:app,2026> {version: 0.1.0, a: b}\n",
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_valid_yaml_that_is_seldom_seen_is_edited(text: str) -> None:
    """CASES C10: what YAML 1.2 allows around the version is no reason to refuse it."""
    text = text.replace("@", "version: 0.1.0\nlast: 1")
    edited = set_version(text, "9.9.9", format="yaml")
    assert edited == text.replace("version: 0.1.0\nl", "version: 9.9.9\nl").replace(
        "0.1.0,", "9.9.9,"
    ).replace("0.1.0}", "9.9.9}")


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("&a\nversion: 0.1.0\nself: *a\n", "version", "&a, which \\*a repeats"),
        ("a: &x\n  version: 0.1.0\nb:\n  <<: *x\n", "a.version", "&x, which \\*x repeats"),
        ("a: &x\n  b: {version: 0.1.0}\nc: [*x]\n", "a.b.version", "&x, which \\*x repeats"),
    ],
)
def test_a_version_that_an_alias_repeats_is_refused(text: str, key: str, words: str) -> None:
    """An edit inside of an anchored mapping would change each place that repeats it, too."""
    with pytest.raises(Unsupported, match=words) as caught:
        set_version(text, "9.9.9", format="yaml", key=key)
    assert caught.value.line == text[: text.index("*")].count("\n") + 1


@pytest.mark.parametrize("mark", ["&x", "!app", "&x !app"])
def test_a_version_in_a_marked_mapping_is_edited(mark: str) -> None:
    """An anchor that nothing repeats, or a tag, of a mapping is no part of the version in it."""
    text = f"a: {mark}\n  version: 0.1.0\nb: 1\n"
    assert set_version(text, "9.9.9", format="yaml", key="a.version") == text.replace("0.1.0", "9.9.9")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# c\n", "is empty"),
        ("- a\n", "is a list"),
        ("!!seq [a]\n", "is a list"),
        ("a\n", "is one value"),
        ("&a b\n", "is one value"),
    ],
)
def test_a_root_that_is_no_mapping_is_named(text: str, words: str) -> None:
    """A file without a mapping is refused as what it is."""
    with pytest.raises(VersionNotFound, match=words):
        set_version(text, "9.9.9", format="yaml")


@pytest.mark.parametrize(
    "text",
    [
        '{"name":"x","lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0"}}}',
        '{"name":"x","lockfileVersion":1}',
        '{"lockfileVersion":3,"packages":{"":{"name":"x"}}}',
        '{"version":"0.1.0","lockfileVersion":3,"packages":{"":{"name":"x"}}}',
        '{"lockfileVersion":3,"packages":{"":{"version":"0.1.0"}}}',
    ],
)
def test_a_lock_without_its_own_version_is_made_again_by_npm(text: str) -> None:
    """CASES C9: nobody writes a line into a lock by hand; npm brings it in step."""
    with pytest.raises(VersionNotFound) as caught:
        set_version(text, "9.9.9", format="package-lock")
    assert (
        caught.value.hint == "bring the lock in step with its package.json: npm install --package-lock-only"
    )


@pytest.mark.parametrize("value", ["null", '""', "1", '"1.2"', '"2.0.0"'])
def test_a_lock_that_says_no_version_is_made_again_by_npm(value: str) -> None:
    """CASES C9: whatever is wrong with the version in a lock, its tool writes it anew (seen with npm 11)."""
    text = f'{{"version": {value}, "lockfileVersion": 3, "packages": {{"": {{"version": "1.0.0"}}}}}}'
    with pytest.raises(InputError) as caught:
        set_version(text, "9.9.9", format="package-lock")
    assert caught.value.hint == "bring the lock in step with its manifest: npm install --package-lock-only"
