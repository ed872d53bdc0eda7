"""The quick reader of TOML answers as ``tomllib`` does, or not at all."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_named
from krow_versions.formats.locating import find_in_full
from krow_versions.formats.toml import pays
from krow_versions.formats.toml_outline import quick_toml, read_value
from krow_versions.formats.toml_statements import path_of, read_statements
from support.quick import answered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = [format_named(name) for name in ("toml", "pyproject", "cargo")]
MANIFESTS = {"pyproject": "pyproject", "cargo": "cargo"}


@pytest.fixture(autouse=True, scope="module")
def _at_once() -> None:
    """Let as many texts be read as are left to the parser at first."""
    while not pays(""):
        pass


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that has a key of its own, and is no table with a header, as paths are written."""
    for key, value in node.items():
        here = f"{path}.{path_of([key])}" if path else path_of([key])
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield here, value
            for index, each in enumerate(value):
                yield from leaves(each, f"{here}[{index}]")
        elif isinstance(value, dict):
            yield here, value
            yield from leaves(value, here)
        else:
            yield here, value


def assert_as_parsed(text: str) -> bool:
    """Assert that each statement is what tomllib reads, and readers agree; return whether it is known."""
    for chosen in FORMATS:
        answered(text, chosen)
    quick: Any = FORMATS[0].quick
    outline = quick(FORMATS[0], text)
    plain = text.replace("\r\n", "\n")
    statements = read_statements(plain)
    if statements is None:
        assert outline is None
        return False
    whole = dict(leaves(tomllib.loads(text, parse_float=str)))
    for path in statements.values:
        assert read_value(statements.written(path)) == whole[path]
        assert plain.startswith(statements.written(path), statements.start(path))
    tables = {*statements.tables, *statements.dotted, *statements.arrays, *statements.values}
    inside = tuple(f"{path}{end}" for path in statements.values for end in (".", "["))
    assert {path for path in whole if not path.startswith(inside)} <= tables
    return outline is not None


# --- documents that are known, and others -----------------------------------------------------

KNOWN = {
    "nothing": "",
    "only a comment": "# a\n\n  # b",
    "no end of line": "version = '1.2.3'",
    "blanks": '\n  version\t =  "1.2.3" \t# why = \'\n\n\n',
    "CRLF": "# a\r\n[package]\r\nname = 'a'\r\nversion = '1.2.3'\r\nkeywords = [\r\n  'a', # b\r\n]\r\n",
    "escapes": 'a = "\\"\\n\\\\"\nversion = "1.2.3"\n',
    "a quoted key": "'version' = '1.2.3'\n\"a b\" = 1\n",
    "a header in a long string": 'a = """\n[package]\nversion = "0.0.1"\n"""\n[package]\nversion = "1.2.3"\n',
    "a header in a literal long string": "a = '''\n[project]\na = 1\n'''\n[project]\nversion = '1.2.3'\n",
    "a header in a comment": "#[project]\n#version = '1'\n[project]\nversion = '1.2.3'#\n",
    "a header in an array": "a = [\n['project'],\n# [project]\n]\n[project]\nversion = '1.2.3'\n",
    "Rust": "[package]\nname = 'a'\nversion = '1.2.3'\n[dependencies]\na = { version = '1', path = '../a' }\n"
    "b.workspace = true\nc = {workspace = true}\n[target.'cfg(unix)'.dependencies]\nd = '1'\n[[bin]]\n"
    "name = 'x'\n[[bin]]\nname = 'y'\n[profile.release]\nlto = true\nopt-level = 3\n",
    "Rust, of a workspace": "[package]\nname = 'a'\nversion.workspace = true\n",
    "Rust, of a workspace, inline": "[package]\nversion = { workspace = true }\npublish = false\n",
    "Rust, the workspace": "[workspace]\nmembers = ['a', 'b']\n[workspace.package]\nversion = '1.2.3'\n",
    "Python": "[build-system]\nrequires = ['a>=1', \"b\"]\n[project]\nname = 'A.b'\nversion = '1.2.3'\n"
    "authors = [\n  { name = 'N', email = 'e' },\n]\n[project.urls]\nHome = 'h'\n[tool.a]\n\"b.c\" = 1.5\n",
    "Python, dynamic": "[project]\nname = 'a'\ndynamic = ['version']\n",
    "Poetry": "[tool.poetry]\nname = 'a'\nversion = '1.2.3'\n[[tool.poetry.source]]\nname = 'b'\n",
    "both": "[project]\nversion = '1.2.3'\n[tool.poetry]\nversion = '1.2.3'\n",
    "a table below dotted keys": "[tool.ruff]\nlint.select = ['A']\n[tool.ruff.lint.isort]\na = 1\n",
    "tables in elements": "[[a]]\nb = 1\n[a.c]\nd = 1\n[[a.e]]\nf = 1\n[[a]]\nb = 2\n[a.c]\nd = 2\n"
    "[[a.e]]\nf = 2\n[[a.e]]\n",
    "a table above a later one": "[a.b]\nc = 1\n[a]\nd = 1\n",
    "an inline project": "project = { name = 'a', version = '1.2.3' }\n",
}
LEFT = {
    "a date": "a = 2024-01-01\nversion = '1.2.3'\n",
    "an escape that spells any letter": 'version = "\\u0031.2.3"\n',
    "an underscore": "a = 1_000\n",
    "a hexadecimal number": "a = 0xff\n",
    "infinity": "a = inf\n",
    "seven keys": "a = { b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1 }\n",
    "blanks in a header": "[ a . b ]\n",
    "a long string over lines": 'a = """\\\n  b"""\n',
    "a table in a table in a table": "a = { b = { c = { d = 1 } } }\n",
}
WRONG = {
    "a key twice": "version = '1.2.3'\nversion = '1.2.3'\n",
    "a key twice in two spellings": "version = '1.2.3'\n'version' = '1.2.3'\n",
    "a key twice in an inline table": "a = { b = 1, c = 2, b = 3 }\n",
    "a key twice in an inline table in an array": "a = [ { b = 1, c = 2, d = 1, e = 1, f = 1, c = 3 } ]\n",
    "a table twice": "[package]\nversion = '1.2.3'\n[package]\nname = 'a'\n",
    "a table twice in two spellings": "[a.b]\n[a.'b']\n",
    "a table that is a value": "[a]\nb = 1\n[a.b]\nc = 1\n",
    "a table below a value": "[a]\nb = 'x'\n[a.b.c]\nd = 1\n",
    "a table that dotted keys made": "[a]\nb.c = 1\n[a.b]\nd = 1\n",
    "dotted keys in a table that is there": "[a.b]\nc = 1\n[a]\nb.d = 1\n",
    "a dotted key below a value": "a = 1\na.b = 2\n",
    "a value that is a dotted table": "a.b = 2\na = 1\n",
    "an array and a table": "[[a]]\nb = 1\n[a]\nc = 1\n",
    "a table and an array": "[a]\nb = 1\n[[a]]\nc = 1\n",
    "an array and a value": "a = []\n[[a]]\nc = 1\n",
    "an array below a table in parts": "[a.b]\n[[a]]\n",
    "a table twice in an element": "[[a]]\n[a.b]\n[a.b]\n",
    "dotted keys in an array": "[[a.b]]\nc = 1\n[a]\nb.d = 1\n",
    "an inline table that is continued": "a = { b = 1 }\n[a.c]\nd = 1\n",
    "two statements on a line": "a = 1 b = 2\n",
    "no value": "a =\n",
    "a comma at the end of an inline table": "a = { b = 1, }\n",
    "an inline table on two lines": "a = { b = 1,\n c = 2 }\n",
    "an open array": "a = [ 1, 2\n",
    "a comment in place of the end": "a = [ 1 # ]\n",
    "a leading zero": "a = 01\n",
    "a wrong escape": 'a = "\\d"\n',
    "a control character in a comment": "# a\x01b\nversion = '1.2.3'\n",
    "a control character in a string": "a = \"b\x7fc\"\nversion = '1.2.3'\n",
    "a control character in a long string": 'a = """b\x1fc"""\nversion = \'1.2.3\'\n',
    "CR alone": "a = 1\rversion = '1.2.3'\r",
    "CR in a comment": "# a\rb\nversion = '1.2.3'\n",
    "a second BOM": "\ufeff\ufeffversion = '1.2.3'\n",
    "a form feed": "\fversion = '1.2.3'\n",
    "a no-break space": "version\xa0= '1.2.3'\n",
    "a key of a hundred parts in a comment": f"# {'a.' * 100}a\nversion = '1.2.3'\n",
    "an open string": "version = '1.2.3\n",
    "quotes at the end": 'a = """b"""""" \n',
    "a bare word": "version = 1.2.3\n",
    "text behind a header": "[a] b\n",
    "an empty header": "[]\n",
    "a header over lines": "[a\n]\n",
    "four brackets, of two kinds": "[[a]\n",
}


@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN)
def test_a_plain_text_is_known(text: str) -> None:
    """Plain TOML is read by the quick reader, as by tomllib."""
    assert assert_as_parsed(text)


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_rare_is_left_to_the_parser(text: str) -> None:
    """The parser reads what the quick reader does not know."""
    tomllib.loads(text)
    assert not assert_as_parsed(text)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_the_parser_refuses_is_not_read(text: str) -> None:
    """No text that the parser refuses is read, whichever version it might have."""
    with pytest.raises(KrowVersionsError):
        format_named("toml").read(text.removeprefix("\ufeff"))
    assert not assert_as_parsed(text)


def test_two_ends_of_line_in_a_text_are_left_to_the_parser() -> None:
    """Where only some lines end in CR LF, the places are those of the parser."""
    text = "a = 1\r\nb = 2\nversion = '1.2.3'\n"
    assert quick_toml(text, (("version",),)) is None
    assert quick_toml(text.replace("\r\n", "\n"), (("version",),)) is not None
    assert find_version(text, format_named("toml")).line == 3


# --- any documents ----------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "version", '"a"', "'b'", '"c d"', "project", "package", "tool", "x.y"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
SCALARS = st.sampled_from(
    [
        *(
            "'1.2.3'",
            '"1.2.3"',
            '""',
            "''",
            '"a\\"b"',
            '"\\u0031"',
            "'a",
            "true",
            "inf",
            "1979-05-27",
            "1.2.3",
        ),
        *(
            "1",
            "1.2.3",
            "-0",
            "01",
            "1.5",
            "1e5",
            '"""\n[project]\nversion = 1"""',
            "'''a''b'''",
            '"""a"b"""',
        ),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.lists(inner, max_size=3).map(
            lambda each: "[\n  # [project]\n" + "".join(f" {one},\n" for one in each) + "]"
        )
        | st.lists(st.tuples(NAMES, inner), max_size=3).map(
            lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"
        )
    ),
    max_leaves=5,
)
LINES = (
    st.tuples(PATHS, VALUES).map(" = ".join)
    | PATHS.map("[{}]".format)
    | PATHS.map("[[{}]]".format)
    | st.sampled_from(["", "# a", "  # [project]", "]", "version = '1.2.3' # b", "[project]", "[package]"])
)


@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", "\r\n", " \n", "\n\n"]))
def test_any_lines_are_read_as_the_parser_reads_them(lines: list[str], end: str) -> None:
    """Lines of keys, tables and values in any order are read as by tomllib, or not at all."""
    assert_as_parsed(end.join(lines))


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=4)
TREES = st.recursive(
    WORDS | st.booleans() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(WORDS | st.sampled_from(["version", "project", "package"]), TREES, max_size=4))
def test_what_tomlkit_writes_is_read_as_the_parser_reads_it(tree: dict[str, Any]) -> None:
    """Documents of another writer are read as by tomllib, or not at all."""
    assert_as_parsed(tomlkit.dumps(tree))


# --- documents of others ----------------------------------------------------------------------


def test_the_suite_is_read_as_the_parser_reads_it(shared: Path) -> None:
    """Documents of toml-test, valid or not, also behind a version, are read as by tomllib, or not at all."""
    known: Counter[str] = Counter()
    for file in sorted((shared / "suites/toml").rglob("*.toml")):
        try:
            text = decode(file.read_bytes()).removeprefix("\ufeff")
        except KrowVersionsError:
            continue
        for body in (text, f"version = '1.2.3'\n{text}"):
            known[file.relative_to(shared).parts[2]] += assert_as_parsed(body)
    assert known["valid"] > 120
    assert known["invalid"] == 0


@pytest.mark.parametrize(("folder", "name"), MANIFESTS.items())
def test_real_files_are_read_quickly(folder: str, name: str, shared: Path) -> None:
    """Of the files of the corpus that the parser accepts, at least 95 % are known to the quick reader."""
    chosen, known, total, quick, found = format_named(name), 0, 0, 0, 0
    for file in sorted((shared / "corpus" / folder).iterdir()):
        text = decode(file.read_bytes())
        quick += answered(text, chosen)
        try:
            tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError:
            continue
        total, known = total + 1, known + assert_as_parsed(text.removeprefix("\ufeff"))
        try:
            find_in_full(text, chosen)
        except KrowVersionsError:
            continue
        found += 1
    assert known >= 0.95 * total > 0
    assert quick >= 0.95 * found > 0


# --- what it costs ----------------------------------------------------------------------------

SCRIPT = """
import sys
from krow_versions.formats import find_version, format_named
chosen = format_named("pyproject")
quick = [find_version(f"[project]\\nversion = '0.1.{n}'\\n", chosen).quick for n in range(100)]
print(quick.index(True), all(quick[quick.index(True):]))
"""
ALONE = """
import sys
from krow_versions.formats import find_version, format_named, toml
while not toml.pays(""):
    pass
assert find_version("[project]\\nversion = '0.1.0'\\nname = 'a'\\n", format_named("pyproject")).quick
print(sorted({"tomllib", "tomlkit"} & set(sys.modules)))
"""
FEW = """
import sys
from krow_versions.formats import find_version, format_named
find_version("[project]\\nversion = '0.1.0'\\n", format_named("pyproject"))
print([name for name in sys.modules if "toml_statements" in name])
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_few_files_do_not_pay_for_the_pattern() -> None:
    """The parser reads the first files of a process; from then on, it reads none that is plain."""
    assert run(SCRIPT) == "32 True"
    assert run(FEW) == "[]"


def test_no_parser_is_loaded_for_what_is_read_quickly() -> None:
    """A version that the quick reader finds needs neither tomllib nor tomlkit."""
    assert run(ALONE) == "[]"


def test_a_file_that_is_written_is_parsed_before() -> None:
    """What the quick reader found is read again by the parser before it is written, which sees the same."""
    located = find_version(
        "[project]\nversion = '0.1.0'\nother = [{ a = 1.50 }]\n", format_named("pyproject")
    )
    assert located.quick
    assert located.in_full == located
    assert located.data == {"project": {"version": "0.1.0", "other": [{"a": "1.50"}]}}
    assert "other" not in located.outline["project"]
