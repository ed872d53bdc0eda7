"""The quick reader of YAML: what is plain is read as by the parser, and everything else is handed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from krow_versions.encoding import decode
from krow_versions.errors import EncodingError, KrowVersionsError
from krow_versions.formats import BUILT_IN, format_named
from krow_versions.formats.locating import find_in_full
from krow_versions.formats.yaml import plain_yaml
from krow_versions.formats.yaml_tree import parse_yaml
from support.quick import answered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypothesis.strategies import DrawFn

YAML = BUILT_IN["yaml"]


def same(text: str) -> bool:
    """Whether *text* is read quickly; then its whole content, and each place in it, is that of the parser."""
    outline = plain_yaml(text)
    if outline is None:
        return False
    document = parse_yaml(text)
    assert outline.data == document.data
    for path in paths(outline.data):
        if (scalar := outline.locate(path)) is not None:
            assert scalar == document.locate(path)
    return True


def paths(data: Any) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        yield (key,)
        for path in paths(value) if isinstance(value, dict) else ():
            yield (key, *path)


# --- what is in the subset --------------------------------------------------------------------

PLAIN = {
    "version: 1.4.0": {"version": "1.4.0"},
    "version: 1.4.0+7 # shipped\r\nname: 'a''b'\r\n": {"version": "1.4.0+7", "name": "a'b"},
    '# first\n\n---\n\na: "x # y: z"\n': {"a": "x # y: z"},
    'a: "\\"\\\\\\/\\n\\t"\n': {"a": '"\\/\n\t'},
    "a:\nb: ~\nc: ''\n": {"a": "", "b": "~", "c": ""},
    "a: >=x\nb: 1\n": None,
    "a: ^1.2.3\nb: http://c.d/#e\nc: é…😀 x\n": {"a": "^1.2.3", "b": "http://c.d/#e", "c": "é…😀 x"},
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n": {"a": {"b": {"c": "1"}, "d": "2"}, "e": "3"},
    "a:\n- b\n-   c: 1\n    d: 2\n- e\nf: 3\n": {"a": ["b", {"c": "1", "d": "2"}, "e"], "f": "3"},
    "a:\n  - b:\n    - c\n    d:\n": {"a": [{"b": ["c"], "d": ""}]},
    "a: [b, 'c', http://d.e]\nb: {}\nc: {sdk: \"^1\"}\nd: []\n": {
        "a": ["b", "c", "http://d.e"],
        "b": {},
        "c": {"sdk": "^1"},
        "d": [],
    },
    "a: some\n  more \n   words\nb: 1\n": {"a": "some more words", "b": "1"},
    "a:\n  # why\n  words: x\nb:\n  words\nc:\n  'x'\n": {"a": {"words": "x"}, "b": "words", "c": "x"},
    "a: |\n  b\n\n   c\n\nd: >-\n  e\n  f\n\n\n  g\n": {"a": "b\n\n c\n", "d": "e f\n\ng"},
    "build:apk: x\n'a b': y\n\"c\": z\n": {"build:apk": "x", "a b": "y", "c": "z"},
}


@pytest.mark.parametrize("text", PLAIN, ids=[str(number) for number in range(len(PLAIN))])
def test_plain_yaml_is_read(text: str) -> None:
    """Each kind of line that the module names is read without the parser, and as the parser reads it."""
    expected = PLAIN[text]
    outline = plain_yaml(text)
    assert (outline and outline.data) == expected
    assert same(text) == (expected is not None)


SAFE = st.sampled_from(
    [
        "1.4.0",
        "^1.4.0",
        "any",
        "a b",
        "a:b",
        "a#b",
        "null",
        "-1",
        "x - y",
        "https://krow.app/#x",
        "1.4.0+7",
        "é",
    ]
)
KEYS = st.sampled_from(["version", "name", "a", "b", "c", "a-b", "a.b", "flutter"])
DATA = st.recursive(
    SAFE | st.just(""),
    lambda inner: (
        st.dictionaries(KEYS, inner, min_size=1, max_size=4) | st.lists(SAFE, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def documents(draw: DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw plain YAML with its content, written here by rules of its own."""
    data = draw(st.dictionaries(KEYS, DATA, min_size=1, max_size=5))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(draw(st.just(list(written(draw, data, "")))))
    return text + draw(st.sampled_from(["", end])), data


def written(draw: DrawFn, data: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from draw(st.sampled_from([(), (), (), ("",), (f"{indent}# 1.4.0: x",), ("# '",)]))
        behind = draw(st.sampled_from(["", "", " ", " # 1.4.0", "   #"]))
        if isinstance(value, str):
            yield f"{indent}{key}:{f' {scalar(draw, value)}' if value else ''}{behind}"
            continue
        yield f"{indent}{key}:{behind}"
        deeper = indent + draw(st.sampled_from(["  ", "  ", "    ", " "]))
        if isinstance(value, dict):
            yield from written(draw, value, deeper)
        else:
            column = draw(st.sampled_from([indent, deeper]))
            yield from (f"{column}- {scalar(draw, each)}" for each in value)


def scalar(draw: DrawFn, value: str) -> str:
    plain = [value] if value[0] != "-" else []
    return draw(st.sampled_from([*plain, *plain, f'"{value}"', f"'{value}'"]))


@settings(max_examples=100)
@given(documents())
def test_plain_documents_are_read(document: tuple[str, dict[str, Any]]) -> None:
    """A document of plain lines is read, has the content that it was written from, and that of the parser."""
    text, data = document
    outline = plain_yaml(text)
    assert outline is not None
    assert outline.data == data
    assert same(text)


# --- what is not, or what would make it so ----------------------------------------------------

ODD = st.sampled_from(
    [
        *(
            " ",
            "  ",
            "\t",
            "\n",
            "\r",
            "\n  ",
            "\n    ",
            ":",
            ": ",
            " #",
            "#",
            "- ",
            "-",
            "? ",
            ",",
            "---\n",
            "...\n",
        ),
        *(
            "[",
            "]",
            "{",
            "}",
            "{a: b, c: d}",
            "[a, [b]]",
            "&a ",
            "*a",
            "!!str ",
            "|\n",
            ">\n",
            ">-\n",
            "|2\n",
            ">+\n",
        ),
        *(
            "'",
            '"',
            "\\",
            "%YAML 1.2\n",
            "@",
            "`",
            "<<: *a\n",
            "\0",
            "\x07",
            "\x85",
            "\u2028",
            "\ufeff",
            "\x7f",
            "é",
        ),
        *(
            "a: 1\n",
            "version: 1.4.0\n",
            '"version": 1.4.0\n',
            "  b: 1\n",
            "words\n",
            "  words\n",
            "- x\n",
            "\ud800",
        ),
        *(" \n", "a:b: 1\n", "<<<<<<< x\n", "version:\n  1.4.0\n", "  | \n", "k" * 1100),
    ]
)


@st.composite
def broken(draw: DrawFn) -> str:
    """Draw plain YAML in which a few characters or lines are put, taken away, doubled, or moved."""
    text, _ = draw(documents())
    for _ in range(draw(st.integers(1, 3))):
        lines = text.splitlines(keepends=True)
        row, at = draw(st.integers(0, len(lines))), draw(st.integers(0, len(text)))
        line = lines[row : row + 1]
        text = draw(
            st.sampled_from(
                [
                    text[:at] + draw(ODD) + text[at:],
                    text[:at] + text[at + 1 :],
                    "".join([*lines[:row], draw(ODD), *lines[row:]]),
                    "".join([*lines[:row], *(f"{draw(ODD)}{each}" for each in line), *lines[row + 1 :]]),
                    "".join([*lines[:row], *line, *line, *lines[row + 1 :]]),
                    "".join([*lines[:row], *lines[row + 1 :], *line]),
                    "".join([*lines[:row], *(each[2:] for each in line), *lines[row + 1 :]]),
                    "".join([*lines[:row], *(f"  {each}" for each in line), *lines[row + 1 :]]),
                ]
            )
        )
    return text


@settings(max_examples=150)
@given(broken())
@example("a: b\n\n  c\n")
@example("a: b # c\n  d\n")
@example("a: |\n   b\n  # c\n")
@example("a: >\n  b\n   c\n  d\n")
@example("a:b: 1.4.0\na: 2\n")
@example("a:\n  'b': 1.4.0\nc:\n  b: 1.4.0\n")
def test_whatever_is_read_is_as_the_parser_reads_it(text: str) -> None:
    """Of texts that are nearly plain, none is read that the parser refuses, and none is read otherwise."""
    same(text)
    answered(text, YAML)


HANDED_OVER = {
    "a key that is twice": "a: 1\na: 2\n",
    "a key that is twice, once quoted": "a: 1\n'a': 2\n",
    "a key that is twice below": "a:\n  b: 1\n  b: 2\n",
    "a key that is twice in a list": "a:\n  - b: 1\n    b: 2\n",
    "a key before a blank": "version : 1.4.0\n",
    "a key without a blank": "version:1.4.0\n",
    "a merge key": "a: &x\n  b: 1\nc:\n  <<: *x\n",
    "an anchor": "version: &v 1.4.0\n",
    "an alias": "version: *v\n",
    "a tag": "version: !!str 1.4.0\n",
    "a complex key": "? version\n: 1.4.0\n",
    "a tab as indentation": "a:\n\tb: 1\n",
    "a tab behind the colon": "version:\t1.4.0\n",
    "a BOM in the middle": "a: b\ufeffc\n",
    "a control character": "a: \x07\n",
    "a lone carriage return": "a: 1\rb: 2\n",
    "a break of YAML 1.1": "a: b\u2028c\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a document on the line of its mark": "--- a\n",
    "an end of a document": "a: 1\n...\n",
    "a directive": "%YAML 1.2\n---\na: 1\n",
    "a list": "- a\n",
    "one value": "words\n",
    "nothing": "# a\n",
    "a mapping that is indented": "  a: 1\n",
    "a value that goes on deeper as a mapping": "a: 1\n  b: 2\n",
    "a list below a value": "a: 1\n- b\n",
    "a column that was not there": "a:\n    b: 1\n  c: 2\n",
    "a colon in a value": "a: b: c\n",
    "a quote that does not end": 'a: "b\n',
    "a comment at a quote": 'a: "b"#c\n',
    "a control character in a comment": "a: 1 # \x07\n",
    "a block scalar that is not indented": "a:\n  b: |\n c\n",
    "a flow list without a comma": "a: ['b' 'c']\n",
    "a value of words in a flow list": "a: [b c]\n",
    "a mapping on the line of a mark": "--- a: 1\n",
    "words behind a quote": 'a: "b" c\n',
    "a quoted value on two lines": 'a: "b\n  c"\n',
    "an escape": 'version: "1\\x2e4.0"\n',
    "a flow mapping of two": "a: {b: 1, c: 2}\n",
    "a flow mapping with one key twice": "a: {b: 1, b: 2}\n",
    "a flow list in another": "a: [b, [c]]\n",
    "a flow list that does not end": "a: [b\n",
    "a flow list on two lines": "a: [b,\n  c]\n",
    "a block scalar with a number": "a: |1\n  b\n",
    "a block scalar that keeps its end": "a: |+\n  b\n\n",
    "a block scalar below a blank line": "a: |\n\n  b\n",
    "a block scalar with a comment that is not in it": "a: |\n    b\n  # c\n",
    "a folded scalar with a deeper line": "a: >\n  b\n    c\n",
    "a block scalar at the end": "a: |\n  b",
    "a dash alone": "a:\n  -\n    b: 1\n",
    "a list in a list": "a:\n  - - b\n",
    "an indicator": "a: @b\n",
    "51 levels": "".join(f"{' ' * depth}a:\n" for depth in range(52)),
}


@pytest.mark.parametrize("text", HANDED_OVER.values(), ids=HANDED_OVER)
def test_everything_else_is_handed_over(text: str) -> None:
    """What the module does not name is not read, also behind a version that is plain."""
    assert plain_yaml(text) is None
    assert plain_yaml(f"first: 1.4.0\n{text}") is None or text == "# a\n"


@pytest.mark.parametrize(
    "text",
    [
        "other: 1.4.0\n",
        "version:\n",
        "version: 1.4\n",
        "version: '1.4.''0'\n",
        "version: '1.4.0'''\n",
        "version:\n  1.4.0\n",
        "version: >-\n  1.4.0\n",
        "version: [1.4.0]\n",
        "version:\n  a: 1.4.0\n",
        "version: 1.4.0\n  b\n",
        "'version': 1.4.0\n",
        "version:1.4.0: x\nversion: 1.4.0\n",
    ],
)
def test_only_a_version_that_is_plain_is_found(text: str) -> None:
    """Plain YAML whose version is missing, wrong, or not on the line of its key is left to the parser."""
    assert same(text)
    assert not answered(text, YAML)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("image:\n  # the tag\n\n  tag: '1.4.0'\n", "image.tag"),
        ("image:\n    name: x\n    more:\n        tag: 9\n    tag: 1.4.0 # x\n", "image.tag"),
        ("tag: 9\nimage:\r\n  text: |\r\n    tag: 8\r\n  tag: 1.4.0\r\n", "image.tag"),
        ("image:\n- tag: 7\nimages:\n  a:\n    tag: 1.4.0\n", "images.a.tag"),
        ("---\nversion: 1.4.0\n", "version"),
    ],
)
def test_a_version_below_other_keys_is_found(text: str, key: str) -> None:
    """The place of a version at any key path is found in the lines, not by its text."""
    assert answered(text, format_named("yaml", key))


@pytest.mark.parametrize(
    "text",
    [
        "image: {tag: 1.4.0}\n",
        "image:\n  'tag': 1.4.0\nother:\n  tag: 1.4.0\n",
        "image:\n  tag:x: 2\n  tag: 1.4.0\n",
        "image:\n# tag\n  tag: 1.4.0\n",
    ],
)
def test_a_place_that_is_not_plain_is_handed_over(text: str) -> None:
    """Where the line of a key path does not stand for itself, the parser locates the version."""
    same(text)
    answered(text, format_named("yaml", "image.tag"))


def test_time_is_linear() -> None:
    """A long text of a kind that is nearly plain takes a moment, not minutes."""
    for piece in ("a: b\n  c", "- ", "a: ' ", "a:a", " #", "a: |\n  b\n", "\n ", "[a, ", "a b "):
        plain_yaml("version: 1.4.0\n" + piece * 100_000)
        plain_yaml("version: 1.4.0\na: " + piece * 100_000 + "\n\0")


# --- real files, and the suite ----------------------------------------------------------------


@pytest.mark.parametrize(("folder", "name"), [("pubspec", "pubspec.yaml"), ("chart", "Chart.yaml")])
def test_real_files_are_read(shared: Path, folder: str, name: str) -> None:
    """Of the files of the corpus with a version that is read, 95 of a hundred are read quickly, and alike."""
    chosen = format_named(folder)
    found = [*(shared / "corpus" / folder).iterdir(), *(shared / "corpus/layouts").rglob(name)]
    texts = [text for path in found if (text := text_of(path)) is not None]
    quick = {text: answered(text, chosen) for text in texts}
    read = [text for text in quick if quick[text] or has_version(text, folder)]
    assert len(read) >= 20
    assert sum(map(quick.__getitem__, read)) >= 0.95 * len(read)


def text_of(path: Path) -> str | None:
    try:
        return decode(path.read_bytes())
    except EncodingError:
        return None


def has_version(text: str, name: str) -> bool:
    try:
        return bool(find_in_full(text, format_named(name)))
    except KrowVersionsError:
        return False


def test_the_suite_is_read_alike(shared: Path) -> None:
    """yaml-test-suite: none is read that is refused, alone or with a version; some plain ones are read."""
    read = 0
    for path in sorted((shared / "suites/yaml").rglob("*.yaml")):
        text = text_of(path)
        if text is None:
            continue
        read += same(text)
        for version in ("version: 1.4.0\n", "version: '1.4.0' # x\nbelow:\n"):
            answered(version + text, YAML)
            answered(version + re.sub("^(?=.)", "  ", text, flags=re.MULTILINE), YAML)
    assert read > 5
