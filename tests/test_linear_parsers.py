"""What a longer input costs every reader, writer and renderer: twice as much is twice the work.

In the profiles `quick` and `ci` the lines of Python that run are counted, which no machine disturbs. What one
line does in C is not seen so: the nightly search measures the processor's time of inputs that are far longer.
Patterns have tests of their own in `test_linear`.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import gc
import json
import sys
import time
from functools import partial
from operator import mul
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions import changelog, pull_requests
from krow_versions.audit import Finding, Report
from krow_versions.audit.render import FORMATS, OutputFormat, Reader
from krow_versions.changelog.cells import cell_text, versions_of
from krow_versions.changelog.dates import read_dates
from krow_versions.commits import Commit
from krow_versions.config import load, propose
from krow_versions.config.candidates import FoundFile, look
from krow_versions.errors import KrowVersionsError
from krow_versions.evidence import parse_signers, parse_tag_object
from krow_versions.findings import FINDINGS
from krow_versions.formats import BUILT_IN, set_version
from krow_versions.git import configuration
from krow_versions.hotfix import HIGH, Approval, Decision, Declared, Deployment, Done, Facts, Record, Said
from krow_versions.hotfix.messages import fixes, main_fix, parse_commit, standing
from krow_versions.hotfix.record_file import read_record, record_text
from krow_versions.names import NamePattern, NameReader
from krow_versions.planning.merging import Sides, merge_changelog
from krow_versions.products import KROW
from krow_versions.settings import Ignore
from krow_versions.snapshot import Snapshot
from krow_versions.tables import Table, markup
from krow_versions.text import escaping, markdown
from krow_versions.text.three_way import three_way
from krow_versions.values import evolve, frozen
from krow_versions.version import Version
from support.effort import LONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

NOW = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
ROW = changelog.ChangelogRow(dt.date(2026, 3, 5), Version(9, 9, 9), "Fix")


@frozen
class Case:
    """A function, and inputs for it of any size.

    Attributes:
        name: what is tried.
        run: the function; a refusal is an answer, too.
        made: returns an input with a part that grows with a number.
        least: the smallest number to try: what has a threshold is linear only beyond it.
    """

    name: str
    run: Callable[[Any], object]
    made: Callable[[int], Any]
    least: int = 8


def lines(before: str, each: str, after: str = "") -> Callable[[int], str]:
    """A text with a part that is repeated; ``@`` in it is the number of the repetition."""
    return lambda count: before + "".join(each.replace("@", str(at)) for at in range(count)) + after


def repeated(before: bytes, each: bytes, count: int) -> bytes:
    return before + each * count


# --- version files ------------------------------------------------------------------------------

YAML = "name: app\nversion: 1.0.0+1\n"
JSON = '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, '
PYPROJECT = '[project]\nname = "app"\nversion = "1.0.0"\n'
CARGO = '[package]\nname = "app"\nversion = "1.0.0"\n'
GRADLE = 'android { defaultConfig { versionCode 1\n versionName "1.0.0" } }\n'
PLIST = (
    '<?xml version="1.0"?>\n<plist version="1.0"><dict><key>CFBundleShortVersionString</key>'
    "<string>1.0.0</string><key>CFBundleVersion</key><string>1</string>"
)
XCODE = "// !$*UTF8*$!\n{ archiveVersion = 1; objectVersion = 50; rootObject = P; objects = {\n"
PROJECT = (
    "P = {isa = PBXProject; buildConfigurationList = L; targets = (T); };\n"
    "L = {isa = XCConfigurationList; buildConfigurations = (); };\n"
    'T = {isa = PBXNativeTarget; productType = "com.apple.product-type.application"; name = a; '
    "buildConfigurationList = M; };\nM = {isa = XCConfigurationList; buildConfigurations = (C); };\n"
    "C = {isa = XCBuildConfiguration; name = R; buildSettings = {MARKETING_VERSION = 1.0.0; "
    "CURRENT_PROJECT_VERSION = 1; }; };\n"
)
FILES: dict[str, tuple[Callable[[int], str], ...]] = {
    "pubspec": (
        lines(YAML + "dependencies:\n", "  p@: ^1.0.0\n"),
        lines(YAML + "a: [", "x, ", "]\n"),
        lines(YAML, "# version: 1.0.0\n"),
        lines(YAML + "a:\n", "  word\n"),
        lines(YAML + 'a: "', "\\n", '"\n'),
        lines(YAML + 'a: "', "x\n  ", '"\n'),
        lines(YAML + "a: |\n", "  word\n\n"),
        lines(YAML, "a@: &a@ x\nb@: *a@\n"),
        lines(YAML + "a:\n", "  - - x\n    - y: z\n"),
        lines(YAML, "? a@\n: b\n"),
        lines(YAML, "\n"),
        lines(YAML + "a: {", "b@: c, ", "}\n"),
        lines("version: 1.0.0\n", "version: 1.0.@\n"),
        lines(YAML + "a: x", " "),
        lines(YAML + "a: ", "'' ", ""),
    ),
    "chart": (lines("name: a\nversion: 1.0.0\ndependencies:\n", "- name: b@\n  version: 1.0.0\n"),),
    "package-json": (
        lines(JSON + '"a": {', '"k@": 1, ', '"z": 1}}'),
        lines(JSON + '"a": [', "[1], ", "1]}"),
        lines(JSON + '"a": "', "\\n", '"}'),
        lines(JSON + '"a": 1', " \n", "}"),
        lines(JSON + '"a": "', "\\", '"}'),
        lines('{"version": "1.0.0"', ', "version": "1.0.@"', "}"),
        lines(JSON + '"dependencies": {', '"k@": "1.0.0", ', '"z": "1.0.0"}}'),
    ),
    "package-lock": (
        lines(
            JSON + '"packages": {"": {"version": "1.0.0"}', ', "node_modules/p@": {"version": "1.0.0"}', "}}"
        ),
        lines('{"version": "1.0.0", "lockfileVersion": 1, "dependencies": {"a": {}', ', "p@": {}', "}}"),
    ),
    "expo": (lines('{"expo": {"version": "1.0.0", "ios": {"buildNumber": "1"}, "x": [1', ", 1", "]}}"),),
    "pyproject": (
        lines(PYPROJECT, "[tool.x@]\na = 1\n"),
        lines(PYPROJECT + "a = [", "'x', ", "]\n"),
        lines(PYPROJECT, "# version\n"),
        lines(PYPROJECT + 'a = """', "x\n", '"""\n'),
        lines(PYPROJECT + "a = {", "b@ = 1, ", "c = 1}\n"),
        lines(PYPROJECT, "[[tool.x]]\na.b.c = 1\n"),
        lines(PYPROJECT, "a@.b = 1\n"),
        lines(PYPROJECT + "a = [\n", " # ]\n 1,\n", "]\n"),
        lines(PYPROJECT + 'a = "', "\\u0041", '"\n'),
    ),
    "cargo": (
        lines(CARGO + "[dependencies]\n", 'p@ = { version = "1.0.0", features = ["a"] }\n'),
        lines(CARGO, '[dependencies.p@]\nversion = "1"\n'),
    ),
    "cargo-lock": (
        lines("version = 3\n", '[[package]]\nname = "p@"\nversion = "1.0.0"\ndependencies = [\n "a",\n]\n\n'),
        lines("version = 3\n", '[[package]]\nname = "p"\nversion = "1.0.@"\n\n'),
    ),
    "uv-lock": (
        lines(
            'version = 1\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = { editable = "." }\n',
            '[[package]]\nname = "p@"\nversion = "1.0.0"\nsource = { registry = "x" }\n',
        ),
    ),
    "gradle": (
        lines(GRADLE, 'def a@ = "x"\n'),
        lines("def v0 = 1\n", "def v@1 = v@\n", GRADLE),
        lines(GRADLE, "/* { */ // }\n"),
        lines(GRADLE + 'x = "', "${a}", '"\n'),
        lines(GRADLE + "x = '", "\\\\", "'\n"),
        lines(GRADLE, '"a\n'),
        lines(GRADLE, "a { b { } }\n"),
        lines("android { defaultConfig { ", "versionCode @\n", ' versionName "1.0.0" } }\n'),
        lines("android { productFlavors { ", 'f@ { versionCode @\n versionName "1.0.@" }\n', "} }\n"),
        lines("android { defaultConfig { versionCode ", "1 + ", '1\n versionName "1.0.0" } }\n'),
        lines(GRADLE, "/*"),
        lines(GRADLE, "a("),
        lines(GRADLE + "a", ".b()\n"),
        lines(GRADLE, "{"),
    ),
    "gradle-properties": (
        lines("version=1.0.0\n", "a@=b\n"),
        lines("version=1.0.0\na=", "x\\\n"),
        lines("version=1.0.0\na=", "\\u0041"),
        lines("version=1.0.0\n", "version=1.0.@\n"),
        lines("version=1.0.0\n", "# \\\n"),
        lines("version=1.0.0\na=", "\\"),
    ),
    "plist": (
        lines(PLIST, "<key>k@</key><string>v</string>", "</dict></plist>"),
        lines(PLIST + "<key>a</key><array>", "<string/>", "</array></dict></plist>"),
        lines(PLIST, "<!-- x -->", "</dict></plist>"),
        lines(PLIST + "<key>a</key><string>", "&amp;", "</string></dict></plist>"),
        lines(PLIST, "\n", "</dict></plist>"),
        lines(PLIST, "<!--"),
        lines(PLIST + "<key>a</key><string>", "<![CDATA[x]]>", "</string></dict></plist>"),
    ),
    "xcode": (
        lines(XCODE + PROJECT, "A@ = {isa = PBXFileReference; path = a; };\n", "}; }\n"),
        lines(XCODE + PROJECT, "/* x */", "}; }\n"),
        lines(XCODE + PROJECT + 'A = "', "\\n", '"; }; }\n'),
        lines(XCODE + PROJECT + "A = (", "a, ", "); }; }\n"),
        lines(
            XCODE + PROJECT,
            "C@ = {isa = XCBuildConfiguration; name = R; buildSettings = {MARKETING_VERSION = 1.0.0; }; };\n",
            "}; }\n",
        ),
        lines(
            XCODE + PROJECT.replace("buildConfigurations = (C)", "buildConfigurations = (C, C0, C1, C2)"),
            "C@ = {isa = XCBuildConfiguration; name = R; buildSettings = {MARKETING_VERSION = 1.0.0; }; };\n"
            'T@ = {isa = PBXNativeTarget; name = a; productType = "com.apple.product-type.application"; '
            "buildConfigurationList = M; };\n",
            "}; }\n",
        ),
        lines(XCODE + PROJECT + 'A = "', "x\n"),
    ),
    "text": (lines("1.0.0\n", "\n"), lines("1.0.0", " "), lines("", "1.0.@\n")),
}
KEYED: dict[tuple[str, str], tuple[Callable[[int], str], ...]] = {
    ("text", 'version = "{version}"'): (
        lines('version = "1.0.0"\n', "x\n"),
        lines("", 'version = "1.0.@"\n'),
        lines('version = "1.0.0"\n', 'version = "'),
    ),
    ("yaml", "a.version"): (lines("a:\n  version: 1.0.0\n", "b@: {version: 1}\n"),),
    ("json", "a.version"): (lines('{"a": {"version": "1.0.0"}', ', "b@": {"version": 1}', "}"),),
    ("toml", "a.version"): (lines('[a]\nversion = "1.0.0"\n', "[b@]\nversion = 1\n"),),
}


def files() -> Iterator[Case]:
    keyed = {(name, ""): made for name, made in FILES.items()} | KEYED
    for (name, key), families in keyed.items():
        for at, made in enumerate(families):

            def run(text: str, name: str = name, key: str = key) -> object:
                new = "9.9.9+9" if name in {"pubspec", "gradle", "expo", "plist", "xcode"} else "9.9.9"
                return set_version(text, new, format=name, key=key or None)

            yield Case(f"{name} {at}{' ' * bool(key)}{key}", run, made)
            if not key and name not in {"json", "toml", "yaml"}:
                path = {"pubspec": "pubspec.yaml", "package-json": "package.json"}.get(name)
                if path and at == 0:
                    yield Case(f"{name} {at} of init", partial(look, path), made)


# --- CHANGELOGs -----------------------------------------------------------------------------------

TABLE = "# Changes\n\n| Date | Version | Change |\n|---|---|---|\n"
ONE = "| 2026-01-05 | 1.0.0 | First |\n"
RELEASE = "## [1.0.@] - 2026-01-05\n\n- Fix\n\n"
TEXTS: dict[str, Callable[[int], str]] = {
    "rows": lines(TABLE, "| 2026-01-05 | 1.0.@ | Fix |\n"),
    "rows of any dates": lines(TABLE, "| 03/05/2026 | 1.0.@ | Fix |\n"),
    "rows upwards": lines(TABLE, "| Jan 5, 2026 | 1.0.@ | Fix |\n"),
    "rows that are no versions": lines(TABLE + ONE, "| x | @ | Fix |\n"),
    "cells": lines(TABLE + ONE + "| ", "a | ", "\n"),
    "pipes": lines(TABLE + ONE, "|", "\n"),
    "escaped pipes": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "\\|", " |\n"),
    "backslashes": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "\\\\", " |\n"),
    "backticks": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "` `` ", " |\n"),
    "spaces": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | a", " ", " |\n"),
    "links": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "[a](b) ", " |\n"),
    "brackets": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "[", " |\n"),
    "stars": lines(TABLE + ONE + "| 2026-01-05 | 0.9.0 | ", "**a ", " |\n"),
    "columns": lambda count: (
        f"| Date | Version |{' a |' * count}\n|{'---|' * (count + 2)}\n"
        f"| 2026-01-05 | 1.0.0 |{' b |' * count}\n"
    ),
    "tables": lines(TABLE + ONE, "\n## a@\n\n| A | B |\n|---|---|\n| x | y |\n"),
    "versions in a cell": lines(TABLE + ONE + "| 2026-01-05 | ", "0.@.0 ", " | x |\n"),
    "html": lines(TABLE + ONE + "\n", "<div>\n\n"),
    "quotes": lines(TABLE + ONE + "\n", "> a\n"),
    "fences": lines(TABLE + ONE + "\n", "```\n| a |\n```\n"),
    "an open fence": lines(TABLE + ONE + "\n```\n", "a\n"),
    "definitions": lines(TABLE + ONE + "\n", "[a@]: https://example.org/@\n"),
    "uses of definitions": lines(TABLE + ONE + "\n[a]: b\n\n", "[a] [b][a]\n"),
    "sections": lines("# Changes\n\n", RELEASE),
    "sections upwards": lines("", "## 1.0.@ (2026-01-05)\n\n- Fix\n\n"),
    "sections with definitions": lambda count: (
        "".join(f"## [1.{count - at}.0] - 2026-01-05\n\n### Fixed\n\n- Fix\n\n" for at in range(count))
        + "".join(
            f"[1.{count - at}.0]: https://x.org/compare/v1.{count - at - 1}.0...v1.{count - at}.0\n"
            for at in range(count)
        )
    ),
    "sections with links": lines("", "## [1.0.@](https://x.org/v1.0.@) (2026-01-05)\n\n* Fix\n\n"),
    "sections with dates below": lines("", "## 1.0.@\n\n*March 5th, 2026*\n\n- Fix\n\n"),
    "sections of setext": lines("", "1.0.@ (2026-01-05)\n------------------\n\n- Fix\n\n"),
    "sections of groups": lines("", "## 1.0.@\n\n### Added\n\n- a\n\n### Fixed\n\n- b\n\n"),
    "sections with anchors": lines("", '## <a name="1.0.@"></a>1.0.@ (2026-01-05)\n\n- Fix\n\n'),
    "headings": lines("## 1.0.0\n\n- a\n\n", "### a@\n\n"),
    "headings that are later": lines("", "## 2.0.@-rc.1 (unreleased)\n\n- a\n\n", "## 1.0.0\n\n- a\n"),
    "items": lines("## 1.0.0 (2026-01-05)\n\n", "- a\n"),
    "loose items": lines("## 1.0.0 (2026-01-05)\n\n", "- a\n\n  b\n\n"),
    "comments": lines("## 1.0.0\n\n- a\n\n", "<!-- a -->\n"),
    "an open comment": lines("## 1.0.0\n\n- a\n\n<!--", "<!--\n"),
    "a long heading": lines("## 1.0.0 ", "a ", "\n\n- a\n"),
    "headings without text": lines("## 1.0.0\n\n- a\n\n", "#\n"),
    "paragraphs": lines(TABLE + ONE + "\n", "a\n\n"),
    "a paragraph": lines(TABLE + ONE + "\n", "a\n"),
    "empty": lines("", "\n"),
}


def changelogs() -> Iterator[Case]:
    for name, made in TEXTS.items():
        yield Case(f"changelog {name}", lambda text: changelog.insert_row(text, ROW), made)
    for name in ("rows", "sections", "sections with definitions", "headings"):
        made = TEXTS[name]
        yield Case(f"changelog {name} read", lambda text: changelog.find_releases(text).rows, made)
        yield Case(
            f"changelog {name} below a heading",
            lambda text: changelog.find_releases(text, heading="Changes").rows,
            made,
        )
        yield Case(f"changelog {name} copied", copied, made)
    yield Case("changelog of many new rows merged", merge_changelog, new_rows, 8)
    dates = ["2026-01-05", "03/05/2026", "5. März 2026", "!!!!a", "1.2.3", "Jan 5th, 2026", "99/99/99"]
    for each in dates:
        yield Case(f"dates {each}", lambda cells: read_dates(cells).dates, partial(mul, [each]))
    for each in ("1.0.0 ", "<a ", "`", "\\", "|", "[x](", "&amp;", "*", "0."):
        yield Case(f"cell {each}", cell_text, lines("a", each))
        yield Case(f"version cell {each}", versions_of, lines("", each))


def copied(text: str) -> object:
    return changelog.copy_row(TABLE + ONE.replace("1.0.0", "0.0.1"), changelog.find_in_full(text), 0)


def new_rows(count: int) -> Sides:
    theirs = TEXTS["rows"](count)
    return Sides("CHANGELOG.md", TABLE + ONE, TABLE + ONE.replace("First", "Begin"), theirs, theirs + "\n")


# --- names, commits, git --------------------------------------------------------------------------

PATTERNS = ("{slug}/prod-v{version}", "v{version}-{slug}", "{version}+{build}@{slug}", "{slug}{version}")


def reading(asked: tuple[NameReader, list[str]]) -> object:
    return [asked[0].read(name) for name in asked[1]]


def tags_of(pattern: str) -> Callable[[int], tuple[NameReader, list[str]]]:
    def made(count: int) -> tuple[NameReader, list[str]]:
        whole = NamePattern(pattern)
        slugs = [f"app{at}" for at in range(count)]
        entries = tuple((slug, stage, whole) for slug in slugs for stage in ("production",))
        return NameReader(entries), [whole.format(slug, Version(1, 2, 3, build=4)) for slug in slugs]

    return made


def commit(at: int, subject: str, body: str = "") -> Commit:
    return Commit(f"{at:040x}", subject, body, NOW)


def reverts(count: int) -> list[Commit]:
    undone = [commit(at, "feat: a") for at in range(count)]
    return [
        *(commit(count + at, 'Revert "a"', f"This reverts commit {at:040x}.\n") for at in range(count)),
        *undone,
    ]


def picks(count: int) -> Facts:
    from support.samples import facts

    body = "".join(f"(cherry picked from commit {at + 1:040x})\n" for at in range(count))
    origins = tuple(commit(at + 1, "fix: a", "Issue: a\n") for at in range(count))
    return facts(commits=(commit(0, "fix: a", body),), origins=origins)


def git_texts() -> Iterator[Case]:
    for pattern in PATTERNS:
        yield Case(f"tags {pattern}", reading, tags_of(pattern), 60)
    yield Case(
        "tags of one product",
        lambda names: [git_reader().read(each) for each in names],
        lambda count: [f"krow-withus-web/prod-v0.{at}.0" for at in range(count)],
    )
    yield Case("a long tag", git_reader().read, lambda count: "krow-withus-web/prod-v1.0.0" + "0" * count)
    for name, each in {
        "labels": "Issue: a\n",
        "parts": "Solution: a\n b\n",
        "trailers": "Signed-off-by: a\n",
        "blank": "\n",
        "tabs": "Tested:\t\t\r\n",
        "marks": "HOTFIX for\n",
    }.items():
        yield Case(f"message of {name}", parse_commit, lines("", each))
    yield Case("message of one part", parse_commit, lines("Issue: ", "a "))
    yield Case("reverts", standing, reverts, 60)
    yield Case("picks", main_fix, picks, 60)
    yield Case("fixes", fixes, facts_with)
    head = b"object 2\ntype commit\ntag v1\ntagger A <a@b> 3 +0000\n"
    for raw in (b"a\n", b"-----BEGIN PGP SIGNATURE-----\n", b"gpgsig a\n b\n", b" ", b"\n\n", b"a: b\n"):
        yield Case(
            f"tag object {raw!r}",
            partial(parse_tag_object, "1" * 40),
            partial(repeated, head, raw),
        )
    yield Case("signers", lambda data: parse_signers(data, "signers"), signers)
    yield Case(
        "settings",
        lambda given: (configuration.without_filters(given), configuration.gives_no_tags(given)),
        lambda count: [configuration.Setting("local", f"filter.{at}.clean", "x") for at in range(count)],
    )


def facts_with(count: int) -> Facts:
    from support.samples import facts

    return facts(commits=tuple(commit(at, "fix: a", "Issue: a\n") for at in range(count)))


def git_reader() -> NameReader:
    return KROW.tag_reader(*KROW.products)


def signers(count: int) -> bytes:
    kind = b"ssh-ed25519"
    blob = len(kind).to_bytes(4, "big") + kind + (32).to_bytes(4, "big") + b"x" * 32
    line = b"ada@example.org " + kind + b" " + base64.b64encode(blob) + b"\n"
    return line * count


# --- configuration --------------------------------------------------------------------------------


def configured(text: str) -> object:
    return load(text, path="krow-versions.toml")


SUFFIXED = (
    '[tags]\nproduction = "v{version}-{slug}"\nstaging = "s{version}-{slug}"\n'
    'development = "d{version}-{slug}"\n'
)
PRODUCT = '[products.p@]\nfiles = ["p@/pubspec.yaml"]\n'
SETTINGS: dict[str, Callable[[int], str]] = {
    "products": lines("", PRODUCT),
    "products with tags of their own": lines("", PRODUCT + 'tags = { production = "p@-v{version}" }\n'),
    "products with the name behind": lines(SUFFIXED, PRODUCT),
    "products with many names": lines("", PRODUCT + 'title = "P @"\naliases = ["a@", "b@"]\n'),
    "products without files": lines("", "[products.p@]\n"),
    "products of one slug": lines("", PRODUCT + 'slug = "one"\n'),
    "products that are numbers": lines("[products]\n", "p@ = 1\n"),
    "files": lines("[products.p]\nfiles = [", '"p@/pubspec.yaml", ', "]\n"),
    "globs": lines("[products.p]\nfiles = [", '"*/p@/**/pubspec.yaml", ', "]\n"),
    "tables of files": lines("[products.p]\nfiles = [", '{ path = "p@", format = "text" }, ', "]\n"),
    "files of no format": lines("[products.p]\nfiles = [", '"p@", ', "]\n"),
    "files that are numbers": lines("[products.p]\nfiles = [", "1, ", "]\n"),
    "one file again": lines("[products.p]\nfiles = [", '"pubspec.yaml", ', "]\n"),
    "repositories": lines("[repos]\n", 'r@ = "../r@"\n', '[products.p]\nrepo = "r0"\nfiles = ["VERSION"]\n'),
    "files of no repository": lines("[products.p]\nfiles = [", '"r@:VERSION", ', "]\n"),
    "ignored": lines(
        "", '[[audit.ignore]]\ncode = "KV101"\nproduct = "web"\nreason = "x"\nuntil = 2027-01-01\n'
    ),
    "ignored products that are not": lines(
        "", '[[audit.ignore]]\ncode = "KV101"\nproduct = "w@"\nreason = "x"\nuntil = 2027-01-01\n'
    ),
    "long patterns": lines('[tags]\nproduction = "', "a/", 'v{version}"\n'),
    "keys that are not known": lines("", "a@ = 1\n"),
    "tables that are not known": lines("", "[a@]\n"),
    "comments": lines("", "# a\n", '[products.p]\nfiles = ["VERSION"]\n'),
}


def configurations() -> Iterator[Case]:
    for name, made in SETTINGS.items():
        yield Case(f"configuration of {name}", configured, made, 40 if name == "products" else 8)

    def asked(count: int) -> tuple[Any, list[str]]:
        catalog = load(SUFFIXED + lines("", PRODUCT)(count), path="krow-versions.toml").catalog
        return catalog, [f"{stage}1.0.0-p{at}" for at in range(count) for stage in "vsd"]

    def read(given: tuple[Any, list[str]]) -> object:
        reader = given[0].tag_reader(*given[0].products)
        return [reader.read(each) for each in given[1]]

    yield Case("tags of many products with the name behind", read, asked, 7)


# --- init -----------------------------------------------------------------------------------------


def proposed(given: tuple[list[FoundFile], list[str], list[str]]) -> object:
    return propose(*given, name="shop", today=NOW.date())


def found(path: str, version: str = "1.2.3", name: str | None = None) -> FoundFile:
    kind = {"yaml": "pubspec", "json": "package-json", "proj": "xcode"}[path[-4:]]
    return FoundFile(path, kind, version, True, name=name)


def of_init(
    files: Callable[[int], FoundFile], *tags: str
) -> Callable[[int], tuple[list[FoundFile], list[str], list[str]]]:
    return lambda count: (
        [files(at) for at in range(count)],
        [tag.replace("@", str(at)) for at in range(count) for tag in tags],
        [f"apps/p{at}/CHANGELOG.md" for at in range(count)],
    )


INIT: dict[str, Callable[[int], tuple[list[FoundFile], list[str], list[str]]]] = {
    "apps": of_init(lambda at: found(f"apps/p{at}/pubspec.yaml", f"1.{at}.3", f"p{at}"), "p@-v1.@.3"),
    "apps of one version": of_init(lambda at: found(f"apps/p{at}/pubspec.yaml"), "v1.2.3", "q@-v1.2.3"),
    "apps with one name": of_init(
        lambda at: found(f"x{at}/app/pubspec.yaml", "1.2.3", "app"), "q@-app-v1.2.3"
    ),
    "apps named in other scripts": of_init(lambda at: found(f"apps/{chr(0x4E00 + at)}/pubspec.yaml")),
    "files of one product": of_init(lambda at: found(f"p{at}/pubspec.yaml"), "v1.2.@"),
    "files of one product with scopes": of_init(
        lambda at: found(f"p{at}/package.json", "1.2.3", f"@s{at}/p"), "v1.2.3"
    ),
    "projects of Xcode": of_init(lambda at: found(f"A{at}.xcodeproj/project.pbxproj", f"1.{at}.3")),
    "tags of one product": of_init(lambda _: found("pubspec.yaml"), "v1.@.3", "dev-v1.@.0", "x@"),
    "tags that end where others begin": lambda count: (
        [found(f"apps/p{at}/pubspec.yaml", "1.0.1", f"p{at}") for at in range(count)],
        [f"{name}{at}-v1.0.{name == 'p':d}" for at in range(count) for name in "pq"],
        [],
    ),
    "tags of a folder": lambda count: (
        [found(f"fold/p{at}/pubspec.yaml", "1.0.5", f"p{at}") for at in range(count)],
        [f"fold{'.' * (at % 7)}{'-_'[at % 2] * at}v1.0.5" for at in range(count)],
        [],
    ),
    "tags of former names": lambda count: (
        [found(f"apps/p{at}/pubspec.yaml", "9.0.1", f"p{at}") for at in range(count)],
        [f"p{at}-v1.0.0" for at in range(count)] + ["v9.0.1"],
        [],
    ),
}


def proposals() -> Iterator[Case]:
    for name, made in INIT.items():
        yield Case(f"init of {name}", proposed, made, 60 if "other scripts" in name else 8)


# --- records --------------------------------------------------------------------------------------


def entries(kinds: str, count: int) -> Record:
    made: dict[str, Callable[[dt.datetime], Any]] = {
        "done": lambda at: Done(at=at, box="smoke-tests"),
        "undone": lambda at: Done(at=at, box="approval", undone=True),
        "approved": lambda at: Approval(at=at, tip="a" * 40),
        "deployed": lambda at: Deployment(at=at, tag="t", ended=at, by_hand=True),
        "failed": lambda at: Deployment(at=at, tag="t", ended=at, exit_code=1),
        "undeployed": lambda at: Done(at=at, box="deployed", undone=True),
        "decided": lambda at: Decision(at=at, decided_by="a", reason="b", to="c"),
        "said": lambda at: Said(at=at, field="notes", text="a"),
    }
    first = Declared(at=NOW, base="b", branch="c", issue="d", severity=HIGH, impact="e", environment="f")
    more = (
        made[kind](NOW + dt.timedelta(seconds=at * 10 + place))
        for at in range(count)
        for place, kind in enumerate(kinds.split())
    )
    return Record("web", "krow-withus-web", Version(1, 0, 1), (first, *more))


def entries_text(kinds: str, count: int) -> str:
    return record_text(entries(kinds, count))


def shown(record: Record) -> object:
    names = [name for name, each in vars(Record).items() if isinstance(each, property)]
    return [getattr(record, name) for name in names], record.merged(record)


def records() -> Iterator[Case]:
    kinds = (
        "done", "done undone", "approved undone", "deployed", "failed", "deployed undeployed", "decided",
        "said", "deployed decided",
    )  # fmt: skip
    for each in kinds:
        yield Case(
            f"record of {each}",
            shown,
            partial(entries, each),
            40 if "approved" in each else 8,
        )
        yield Case(
            f"record of {each} read",
            read_record,
            partial(entries_text, each),
            10,
        )
    yield Case(
        "record with mistakes", read_record, lines(record_text(entries("said", 1)), "[[said]]\nat = 1\n")
    )
    yield Case(
        "record with a table again", read_record, lines(record_text(entries("said", 1)), "[declared]\n")
    )


# --- answers of gh --------------------------------------------------------------------------------


def pull_request(count: int, **changes: Any) -> dict[str, Any]:
    review = {
        "author": {"login": "a"}, "state": "APPROVED", "submittedAt": "2026-03-05T14:00:00Z",
        "authorAssociation": "OWNER", "commit": {"oid": "a" * 40},
    }  # fmt: skip
    return {
        "number": 1, "url": "https://github.com/a/b/pull/1", "state": "OPEN", "isDraft": False,
        "baseRefName": "main", "headRefOid": "a" * 40, "mergeCommit": None, "reviewDecision": "APPROVED",
        "reviews": [review | {"author": {"login": f"a{at}"}} for at in range(count)],
        "author": {"login": "b"},
        "isCrossRepository": False, "createdAt": "2026-03-05T14:00:00Z",
    } | changes  # fmt: skip


def answers() -> Iterator[Case]:
    yield Case("gh reviews", pull_requests.parse_pull_request, lambda count: json.dumps(pull_request(count)))
    yield Case(
        "gh pull requests",
        lambda text: pull_requests.best(pull_requests.parse_pull_requests(text), "main"),
        lambda count: json.dumps([pull_request(1, number=at) for at in range(count)]),
    )
    yield Case("gh labels", pull_requests.parse_labels, lambda count: json.dumps([{"name": "a"}] * count))
    yield Case("gh nonsense", pull_requests.parse_release, lambda count: "[" * count)
    yield Case("remote", pull_requests.repository_at, lines("https://", "a@", "/b/c"))


# --- what is printed ------------------------------------------------------------------------------

ESCAPES: dict[str, Callable[[str], object]] = {
    "printable": escaping.printable,
    "without_credentials": escaping.without_credentials,
    "safe": escaping.safe,
    "one_line": escaping.one_line,
    "several_lines": escaping.several_lines,
    "here_document": escaping.here_document,
    "html": markup.unbroken,
    "spelled": escaping.spelled,
    "json": escaping.ascii_json,
    "shell": escaping.shell_word,
    "inline": markdown.inline,
    "paragraphs": markdown.paragraphs,
    "cell": lambda text: markdown.cell_of(text, links=True),
}
UNITS = (
    "a",
    " ",
    "\n",
    "\x1b",
    "\u200d",
    "@",
    "://a@",
    "https://a.b/",
    "##[",
    "::a ",
    "|",
    "`",
    "<",
    "\\",
    "é ",
)
SHAPES: dict[str, Callable[[int], Table]] = {
    "rows": lambda count: Table(("a", "b"), tuple((f"x {at}", at) for at in range(count))),
    "columns": lambda count: Table(tuple(f"a{at}" for at in range(count)), (("x",) * count,)),
    "a long cell": lambda count: Table(("a", "b"), (("x y " * count, 1),)),
    "a long word": lambda count: Table(("a", "b"), (("x" * count, 1),)),
}
DRAWN: dict[str, Callable[[Table], object]] = {
    "text": lambda table: table.to_text(),
    "narrow": lambda table: table.to_text(60),
    "markdown": lambda table: table.to_markdown(),
    "csv": lambda table: table.to_csv(),
    "html": lambda table: table._repr_html_(),
}


def finding(at: int, message: str) -> Finding:
    code = sorted(FINDINGS)[at % len(FINDINGS)]
    return Finding(code, "error", f"p{at}", ".", f"a{at}/b", at + 1, message, "do it", f"v{at}")


def report(findings: tuple[Finding, ...], names: int) -> Report:
    ignored = tuple((each, Ignore(each.code, "x", NOW.date())) for each in findings[:10])
    return Report(findings, ignored, tuple(f"p{at}" for at in range(names)), NOW, Snapshot(KROW, ()))


def rendered(kind: OutputFormat, reader: Reader, found: Report) -> str:
    return kind.render(found, reader)


def outputs() -> Iterator[Case]:
    for name, run in ESCAPES.items():
        for each in UNITS:
            yield Case(f"{name} of {each!r}", run, partial(mul, each))
    yield Case(
        "here_document of ends",
        escaping.here_document,
        lambda count: "\n".join("END" + "_" * at for at in range(count)),
        20,
    )
    for shape, made in SHAPES.items():
        for name, draw in DRAWN.items():
            yield Case(f"table of {shape} as {name}", draw, made, 70 if name == "narrow" else 8)
    for name, kind in FORMATS.items():
        for most in (None, 10):
            reader = Reader(lambda: {".": ""}, lambda: ("0.1.0", None), most=most)
            yield Case(
                f"audit as {name} with {most}",
                partial(rendered, kind, reader),
                lambda count: report(tuple(finding(at, "x") for at in range(count)), count),
                8,
            )
        yield Case(
            f"audit of a long message as {name}",
            partial(rendered, kind, reader),
            lambda count: report((finding(0, "x `<a@://" * count),), 1),
        )


# --- merges ---------------------------------------------------------------------------------------


def merges() -> Iterator[Case]:
    def texts(ours: Callable[[int], list[str]], theirs: Callable[[int], list[str]]) -> Callable[[int], Any]:
        return lambda count: tuple(
            "".join(f"{each}\n" for each in some(count)) for some in (list_of, ours, theirs)
        )

    def list_of(count: int) -> list[str]:
        return [str(at) for at in range(count)]

    for name, ours in {
        "reversed": lambda count: list_of(count)[::-1],
        "alternating": lambda count: [each for at in list_of(count) for each in (at, "x")],
        "shuffled": lambda count: sorted(list_of(count), key=lambda text: text[::-1]),
        "other": lambda count: [f"y{at}" for at in range(count)],
    }.items():
        other = texts(ours, lambda count: [*list_of(count), "end"])
        yield Case(f"merge of {name}", lambda sides: three_way(*sides), other, 600)


CASES = [
    *files(), *changelogs(), *git_texts(), *configurations(), *proposals(), *records(), *answers(),
    *outputs(), *merges(),
]  # fmt: skip


def work(case: Case, count: int) -> int:
    """Count the lines of Python that run."""
    given = case.made(count)
    counted = 0

    def trace(_: FrameType, event: str, __: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return trace

    before = sys.gettrace()
    gc.disable()  # What others do when it collects is not counted.
    sys.settrace(trace)
    try:
        answered(case, given)
    finally:
        sys.settrace(before)
        gc.enable()
    return counted


def answered(case: Case, given: Any) -> None:
    with contextlib.suppress(KrowVersionsError, ExceptionGroup):
        case.run(given)


def is_linear(case: Case) -> bool:
    """Whether what comes on top doubles with the size. What is made once is not made again."""

    def once() -> bool:
        one, two, four = (work(case, case.least * times) for times in (1, 2, 4))
        return four - two < 2.7 * (two - one) + 1000

    answered(case, case.made(4 * case.least))
    return once() or once()


def seconds(case: Case, count: int) -> float:
    def once() -> float:
        given = case.made(count)
        start = time.process_time()
        answered(case, given)
        return time.process_time() - start

    return min(once() for _ in range(3))


def test_all_formats_are_tried() -> None:
    """A new format gets texts of its own."""
    assert {*FILES, *(name for name, _ in KEYED)} == {*BUILT_IN}
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_twice_as_much_is_twice_the_work(case: Case) -> None:
    """The lines that run grow with the length of the input, and not with its square; nor does the time."""
    assert is_linear(case)
    if LONG:
        count = case.least * 32
        whole = seconds(case, 4 * count)
        assert whole < 0.02 or whole < 8 * seconds(case, count)


def test_more_decisions_than_calls_can_nest_are_read() -> None:
    """A record that others share can hold thousands of decisions; the deployment before them is found."""
    record = entries("decided", 1500)
    assert record.undone is None
    done = evolve(entries("deployed", 1).entries[-1], at=NOW - dt.timedelta(days=1))
    began = evolve(record.entries[0], at=NOW - dt.timedelta(days=2))
    undone = Record("web", "web", record.version, (began, done, *record.entries[1:])).undone
    assert undone is not None
    assert undone.last_deployment is not None


def test_a_long_text_is_merged_at_lines_that_are_there_once() -> None:
    """Where both sides changed a text that is too long for all pairs, both changes are in the result."""
    base = [f"{at}\n" for at in range(2000)]
    ours = ["first\n", *base[1:1000], "x\n", *base[1000:]]
    theirs = [*base[:500], *base[600:1990], "y\n", *base[1991:]]
    merged = ["first\n", *base[1:500], *base[600:1000], "x\n", *base[1000:1990], "y\n", *base[1991:]]
    assert three_way(*map("".join, (base, ours, theirs))) == "".join(merged)


def pairs(many: list[int]) -> object:
    return [each for each in many if each not in many[:-1] or any(each > other for other in many)]


def ahead(many: list[int]) -> int:
    count = 0
    for at in range(len(many)):
        for _ in range(at):
            count += 1
    return count


@pytest.mark.parametrize("run", [pairs, ahead])
def test_a_look_at_all_pairs_is_found(run: Callable[[list[int]], object]) -> None:
    """What compares each with each does not count as linear, even if there are few."""
    assert not is_linear(Case("pairs", run, lambda count: [*range(count)][::-1], 30))
