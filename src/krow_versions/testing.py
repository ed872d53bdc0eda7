r"""Hypothesis strategies and laws, for testing what reads or writes version files.

A strategy draws a :class:`Sample`: a document that knows where its version stands, because it was
put together around it. What an edit must give is therefore known without any editor::

    from hypothesis import given
    from krow_versions import testing

    @given(testing.version_files(), testing.versions())
    def test_my_bump(sample, new):
        assert my_bump(sample.text, new) == sample.with_version(new)

The documents are awkward on purpose: the same number stands in comments, in other keys and inside
longer numbers; quotes, spacing, line ends and marks are mixed. Each is valid in its format.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

import attrs

from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.encoding import decode, encode
from krow_versions.formats import read_version, set_version
from krow_versions.version import Version

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError("krow_versions.testing needs hypothesis: pip install 'krow-versions[test]'") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

_T = TypeVar("_T")


@attrs.frozen
class Sample:
    """A document and where its version stands.

    Attributes:
        pieces: the text around the version; one more than there are places that it stands in.
        written: the version as it is written in each of these places.
        format: the name of the document's format.
    """

    pieces: tuple[str, ...]
    written: str
    format: str

    @property
    def text(self) -> str:
        """The document."""
        return self.written.join(self.pieces)

    @property
    def version(self) -> Version:
        """The version as a value."""
        return Version.parse(self.written)

    @property
    def places(self) -> int:
        """In how many places the version stands."""
        return len(self.pieces) - 1

    def with_version(self, new: Version | str) -> str:
        """Give the document that carries *new* instead, every other character the same."""
        return str(new).join(self.pieces)


# --- versions -------------------------------------------------------------------------------

_NUMBERS = st.sampled_from([0, 1, 9, 10, 99, 2**31 - 1, 2_100_000_000]) | st.integers(0, 10**6)
_IDENTIFIERS = st.sampled_from(["0", "1", "10", "rc", "alpha", "x-y", "-", "0a", "DEV"])


@st.composite
def version_texts(draw: DrawFn, *, builds: bool | None = None, prereleases: bool = False) -> str:
    """Draw versions as people write them, with zero-padded builds among them.

    Args:
        draw: given by Hypothesis.
        builds: whether there is a build number; None for either.
        prereleases: whether there may be a pre-release.
    """
    text = ".".join(str(draw(_NUMBERS)) for _ in range(3))
    if prereleases and draw(st.booleans()):
        text += "-" + ".".join(draw(st.lists(_IDENTIFIERS, min_size=1, max_size=3)))
    if builds if builds is not None else draw(st.booleans()):
        text += "+" + draw(_one(["", "", "0", "000"])) + str(draw(_NUMBERS))
    return text


def versions(*, builds: bool | None = None, prereleases: bool = False) -> SearchStrategy[Version]:
    """Draw :class:`Version` values; the arguments are those of :func:`version_texts`."""
    return version_texts(builds=builds, prereleases=prereleases).map(Version.parse)


# --- documents ------------------------------------------------------------------------------
# In the templates \0 is where the version stands, and @V@ is a decoy: the same number elsewhere.

_DIGITS = "7" * 5000
_YAML_ENTRIES = (
    "# version: @V@",
    "",
    "name: app",
    "description: >-\n  version: @V@\n  of the café 🚀",
    "publish_to: 'none'   # version: '@V@'",
    'title: "the version: @V@"',
    "environment:\n  sdk: '>=@V@ <4.0.0'\n  version: @V@",
    "dependencies:\n  pinned: @V@\n  nested:\n    version: @V@ # nested",
    "appVersion: '@V@'",
    "longer: 1@V@5",
    "notes: |\n  version: @V@\n\n  # no comment",
    "flow: {version: @V@, list: [1.10, 0x1F, 1_000], 'quoted': \"@V@\"}",
    "anchored: &mark\n  version: @V@\nalias: *mark\nmerged:\n  <<: *mark",
    "cycle: &cycle [*cycle]",
    '"v\\u0065rsions": 1.0',
    "separators: a\u2028b\x85c # \u2028 version: @V@",
    "? [complex, @V@]\n: version",
    "tagged: !!str @V@\ncustom: !thing {version: @V@}",
    f"digits: {_DIGITS}",
    "tab:\tvalue\t# comment",
    "plain: over several\n  lines with @V@ in it",
    'quoted: "over\n  version: @V@\n  lines"',
    "list:\n- version: @V@\n- - a\n  - version: @V@",
    "empty:",
    "Version: '@V@'",
)
_JSON_MEMBERS = (
    '"name": "app"',
    '"na\\u006de2":"caf\\u00e9 \\/ 🚀"',
    '"dependencies": {"left": "@V@", "version" : "@V@"}',
    '"versions": ["@V@", {"version": "@V@"}]',
    '"numbers": [1.0, 1E5, -0, 1e-7, 123456789012345678901234567890]',
    f'"digits": {_DIGITS}',
    '"lone": "\\ud800"',
    '"": null',
    '"10": true',
    '"9": {"9":[]}',
    '"twice": {"a": 1, "a": 2}',
    '"longer": "1@V@5"',
    '"separators": "\u2028 \x85 \u00a0"',
    '"Version": "@V@"',
    '"text": "\\"version\\": \\"@V@\\""',
    '"deep": [[[[{"version": {"version": "@V@"}}]]]]',
)
_TOML_ENTRIES = (
    '# version = "@V@"',
    "",
    'name = "app"',
    'readme = "README.md" # version = "@V@"',
    "description = '''\nversion = \"@V@\"\n[project]\n'''",
    'long = """\nversion = "@V@" \\\n  more"""',
    'requires = [\n  "left==@V@", # version = "@V@"\n  "right>=@V@",\n]',
    'authors = [{ name = "x", version = "@V@" }]',
    "numbers = [1.0, 1e5, 0x1F, 1_000, inf, nan, -0.0]",
    "day = 1979-05-27T07:32:00Z",
    "'version2' = \"@V@\"",
    'dotted.version = "@V@"',
    'inline = { version = "@V@" }',
    'separators = "a\u2028b\x85c" # \u2028 version = "@V@"',
    '"v\\u0065rsions" = "1@V@5"',
    '\tindented\t=\t"🚀 café"',
)
_TOML_SECTIONS = (
    '[tool.other]\nversion = "@V@"',
    '[build-system]\nrequires = ["hatchling==@V@"]',
    '["a.version"]\nversion = "@V@"',
    '[a.b.c]\nx = 1\n\n[a]\nversion = "@V@"',
    '[tool]\nversion = "@V@"',
)
# tomlkit moves an array of tables that stands between the parts of another table, so it stands last.
_TOML_LAST = ("", '[[entries]]\nversion = "@V@"\n[[entries]]\nversion = "@V@"\n')
_TEXT_LINES = ("", "# since @V@", 'wanted = "@V@"', "\f", "a\u2028b\x85c @V@", "\t🚀 1@V@5")
_BLANKS = ("", "", "\n", " ", "\t\n", "\n\n")
_LF = ("\n", "\r\n")


def pubspecs(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw ``pubspec.yaml`` documents; *texts* are the versions in them."""
    return _yamls("pubspec", texts)


def charts(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw Helm ``Chart.yaml`` documents; *texts* are the versions in them."""
    return _yamls("chart", texts)


@st.composite
def _yamls(draw: DrawFn, name: str, texts: SearchStrategy[str] | None) -> Sample:
    key = draw(_one(["version", "version", "'version'", '"version"', '"\\u0076ersion"']))
    quote = draw(_one(["", "", "'", '"']))
    value = f"{quote}\0{quote}"
    if draw(st.integers(0, 4)) == 0:
        members = [member for member in draw(_some(_JSON_MEMBERS)) if "twice" not in member]
        lines = [_json_object(draw, members, f"{key}: {value}")]
    else:
        colon = draw(_one([": ", ":   ", " : ", ":\t", ": \t "]))
        end = draw(_one(["", "", " ", " # keep @V@", "\t# version: @V@"]))
        line = f"? {key}\n: {value}{end}" if draw(st.integers(0, 9)) == 0 else f"{key}{colon}{value}{end}"
        lines = draw(st.permutations([*draw(_some(_YAML_ENTRIES)), line]))
    start = draw(_one([[], [], ["---"], ["%YAML 1.2", "---"], ["# version: @V@", "", "---"]]))
    stop = draw(_one([[], [], ["..."]]))
    return _sample(draw, name, "\n".join([*start, *lines, *stop, ""]), texts, (*_LF, "\r"))


@st.composite
def package_jsons(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``package.json`` documents; *texts* are the versions in them."""
    body = _json_object(draw, draw(_some(_JSON_MEMBERS)), _member(draw))
    return _json_sample(draw, "package-json", body, texts)


@st.composite
def app_jsons(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw Expo ``app.json`` documents, with and without their ``expo`` object."""
    members = draw(_some(_JSON_MEMBERS))
    body = _json_object(draw, members, _member(draw))
    if draw(st.booleans()):
        body = _json_object(draw, [*draw(_some(_JSON_MEMBERS)), '"version": "@V@"'], f'"expo": {body}')
    return _json_sample(draw, "expo", body, texts)


@st.composite
def package_locks(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``package-lock.json`` documents of lockfileVersion 1, 2 and 3."""
    members = [*draw(_some(_JSON_MEMBERS)), '"lockfileVersion": 3']
    if draw(st.booleans()):
        root = '"": ' + _json_object(draw, draw(_some(_JSON_MEMBERS)), _member(draw))
        others = ['"node_modules/left": {"version": "@V@"}', '"packages/web": {"version": "@V@"}']
        members.append(f'"packages": {_json_object(draw, others, root)}')
    return _json_sample(draw, "package-lock", _json_object(draw, members, _member(draw)), texts)


@st.composite
def pyprojects(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``pyproject.toml`` documents: PEP 621, Poetry, or both with the same version."""
    tables = draw(_one([["project"], ["tool.poetry"], ["project", "tool.poetry"]]))
    return _toml_sample(draw, "pyproject", tables, texts)


@st.composite
def cargo_manifests(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``Cargo.toml`` documents: a package, or a workspace that its members inherit from."""
    tables = draw(_one([["package"], ["workspace.package"], ["package", "workspace.package"]]))
    return _toml_sample(draw, "cargo", tables, texts)


@st.composite
def text_files(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``VERSION`` files, and sources with one line marked ``krow-versions``."""
    if draw(st.booleans()):
        return _sample(draw, "text", draw(_one(_BLANKS)) + "\0" + draw(_one(_BLANKS)), texts)
    marked = ['__version__ = "\0"  # krow-versions', "// krow-versions: \0", "\tv = '\0'; /*krow-versions*/"]
    lines = draw(st.permutations([*draw(_some(_TEXT_LINES)), draw(_one(marked))]))
    return _sample(draw, "text", "\n".join([*lines, ""]), texts)


def version_files(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw version files of every built-in format."""
    yamls, tomls = pubspecs(texts) | charts(texts), pyprojects(texts) | cargo_manifests(texts)
    return yamls | package_jsons(texts) | app_jsons(texts) | package_locks(texts) | tomls | text_files(texts)


def _sample(
    draw: DrawFn, name: str, template: str, texts: SearchStrategy[str] | None, ends: Sequence[str] = _LF
) -> Sample:
    """Fill in the decoys, choose line ends, final newline and mark, and cut at the version."""
    written = draw(version_texts() if texts is None else texts)
    if draw(st.booleans()):
        template = template.removesuffix("\n")
    lines = template.replace("@V@", written).split("\n")
    end = draw(_one(["\n", "\n", "\r\n", "mixed"]))
    chosen = st.sampled_from(ends) if end == "mixed" else st.just(end)
    text = lines[0] + "".join(draw(chosen) + line for line in lines[1:])
    return Sample(tuple((draw(_one(["", "", "\ufeff"])) + text).split("\0")), written, name)


def _one(pool: Sequence[_T]) -> SearchStrategy[_T]:
    return st.sampled_from(pool)


def _some(pool: Sequence[str]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), unique=True, max_size=6)


def _member(draw: DrawFn) -> str:
    key = draw(_one(['"version"', '"version"', '"\\u0076ersion"']))
    colon = draw(_one([": ", ":", " : ", ":\n\t\t"]))
    return f'{key}{colon}"\0"'


def _json_object(draw: DrawFn, members: Sequence[str], member: str) -> str:
    """Write an object on one line or over several, with *member* anywhere in it."""
    gap = draw(_one(["", " ", "\n  ", "\n\t", "\n", "\n    "]))
    comma = draw(_one([",", ",", " ,"]))
    body = f"{comma}{gap}".join(draw(st.permutations([*members, member])))
    return f"{{{gap}{body}{gap.rstrip(' ')}}}"


def _json_sample(draw: DrawFn, name: str, body: str, texts: SearchStrategy[str] | None) -> Sample:
    start, stop = draw(_one(_BLANKS)), draw(_one(_BLANKS))
    return _sample(draw, name, f"{start}{body}{stop}", texts, (*_LF, "\r"))


def _toml_sample(draw: DrawFn, name: str, tables: Sequence[str], texts: SearchStrategy[str] | None) -> Sample:
    top = [entry for entry in draw(_some(_TOML_ENTRIES)) if draw(st.booleans())]
    sections = list(draw(_some(_TOML_SECTIONS)))
    for table in tables:
        key = draw(_one(["version", "version", '"version"', "'version'", '"v\\u0065rsion"']))
        equals = draw(_one([" = ", "=", "   =   ", "\t=\t"]))
        quotes = draw(_one(['"', '"', "'", '"""', "'''"]))
        pair = f"{key}{equals}{quotes}\0{quotes}"
        shape = draw(_one(["header", "header", "header", "dotted", "inline"]))
        if shape == "header":
            parts = table.split(".")
            header = draw(_one([table, f" {table}\t", ".".join(f'"{part}"' for part in parts)]))
            line = draw(_one(["", "  ", "\t"])) + pair + draw(_one(["", " ", " # keep @V@"]))
            lines = draw(st.permutations([*draw(_some(_TOML_ENTRIES)), line]))
            sections.append("\n".join([f"[{header}]", *lines]))
            if draw(st.booleans()):
                sections.append(f'[{table}.urls]\nversion = "@V@"')
        elif shape == "dotted":
            top += [f"{table}.{pair}", f'{table}.other = "@V@"']
        else:
            top.append(f'{table} = {{ other = "@V@", {pair} }}')
    if any(section.startswith("[tool]") for section in sections) and any("tool" in line for line in top):
        sections = [section for section in sections if not section.startswith("[tool]")]
    last = draw(_one(_TOML_LAST))
    template = "\n".join([*draw(st.permutations(top)), *draw(st.permutations(sections)), last])
    return _sample(draw, name, template, texts)


# --- laws -----------------------------------------------------------------------------------


def law_read_sees_the_version(sample: Sample) -> None:
    """The version that is read is the one that is written there, as it is written."""
    assert str(read_version(sample.text, format=sample.format)) == sample.written


def law_set_is_exact(sample: Sample, new: Version) -> None:
    """Setting a version changes its characters and no other, also in the bytes of the file."""
    after = set_version(sample.text, new, format=sample.format)
    assert after == sample.with_version(new)
    assert encode(after) == sample.with_version(new).encode()
    assert decode(encode(after)) == after


def law_set_is_idempotent(sample: Sample, new: Version) -> None:
    """Setting a version that is there already gives the very same text."""
    once = set_version(sample.text, new, format=sample.format)
    assert set_version(once, new, format=sample.format) is once
    assert set_version(sample.text, sample.written, format=sample.format) == sample.text


def law_set_can_be_undone(sample: Sample, new: Version) -> None:
    """Setting a version and then the old one gives the old text."""
    once = set_version(sample.text, new, format=sample.format)
    assert set_version(once, sample.written, format=sample.format) == sample.text


def assert_only_version_changed(before: str, after: str, old: str, new: str, *, places: int = 1) -> None:
    """Assert that *after* is *before* with *old* replaced by *new* in exactly so many *places*."""
    assert _replaced(before, after, old, new, places), "something other than the version has changed"


def _replaced(before: str, after: str, old: str, new: str, places: int) -> bool:
    if places == 0 or old == new:
        return before == after
    different = (
        index for index, (left, right) in enumerate(zip(before, after, strict=False)) if left != right
    )
    same = next(different, min(len(before), len(after)))
    for start in range(max(0, same - len(old) - len(new)), same + 1):
        if before.startswith(old, start) and after.startswith(new, start):
            rest = before[start + len(old) :], after[start + len(new) :]
            if _replaced(*rest, old, new, places - 1):
                return True
    return False


def law_next_patch_raises_only_patch(version: Version) -> None:
    """A hotfix raises PATCH and the build, if any, by one, and is newer; nothing else changes."""
    after = version.next_patch()
    assert (after.major, after.minor, after.prerelease) == (version.major, version.minor, None)
    assert after.patch - version.patch == 1
    assert after.build == (None if version.build is None else version.build + 1)
    assert after > version


def law_order_is_total(first: Version, second: Version, third: Version) -> None:
    """Any two versions are in exactly one order, and the order is transitive."""
    assert [first < second, first == second, first > second].count(True) == 1
    assert (first <= second) == (second >= first) == (not first > second)
    low, middle, high = sorted([first, second, third])
    assert low <= middle <= high
    assert low <= high


@attrs.frozen
class EditSample:
    """A text made of pieces: kept ones, and between them what is to be replaced by what."""

    kept: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    @property
    def before(self) -> str:
        """The text before the edits."""
        return self._joined(0)

    @property
    def after(self) -> str:
        """The text that the edits must give."""
        return self._joined(1)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, from left to right."""
        pairs = zip(self.kept, self.changes, strict=False)
        ends = list(itertools.accumulate(len(piece) for kept, (old, _) in pairs for piece in (kept, old)))
        return tuple(
            Edit(Span(ends[2 * index], ends[2 * index + 1]), new)
            for index, (_, new) in enumerate(self.changes)
        )

    def _joined(self, side: int) -> str:
        return "".join(
            kept + change[side] for kept, change in zip(self.kept, (*self.changes, ("", "")), strict=True)
        )


@st.composite
def edit_samples(draw: DrawFn) -> EditSample:
    """Draw texts with disjoint edits: insertions, deletions, replacements, at the very ends too."""
    changes = draw(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5))
    inner = [draw(st.text(min_size=1, max_size=5)) for _ in changes[1:]]
    ends = [draw(st.text(max_size=5)) for _ in range(2 if changes else 1)]
    return EditSample((ends[0], *inner, *ends[1:]), tuple(changes))


def law_apply_edits_is_exact(sample: EditSample) -> None:
    """Edits replace what is in their spans and keep every character outside of them."""
    assert apply_edits(sample.before, sample.edits) == sample.after
    assert apply_edits(sample.before, ()) == sample.before


def law_apply_edits_commutes(sample: EditSample, order: Sequence[Edit]) -> None:
    """The *order* in which disjoint edits are given does not matter."""
    assert apply_edits(sample.before, order) == apply_edits(sample.before, sample.edits)
