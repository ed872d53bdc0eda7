"""Versions, edits, rows and products, as an importer uses them. Nothing here is run: checkers read it.

``assert_type`` holds what a checker must infer. A line with an ignore holds a mistake that a checker must
find: where it does not, the ignore itself is an error. The ignores name the rule of mypy, then of pyright.
"""

import datetime as dt
from collections.abc import Iterable
from typing import assert_type

import krow_versions as kv


def versions(text: str) -> None:
    version = kv.Version.parse(text)
    assert_type(version, kv.Version)
    assert_type(version.build, int | None)
    assert_type(version.core, tuple[int, int, int])
    assert_type(version.next_patch(), kv.Version)
    assert_type(version.with_build(6), kv.Version)
    assert_type(version < kv.Version(0, 1, 1), bool)
    assert_type(sorted({version: text}), list[kv.Version])
    assert_type(kv.__version__, str)


def values_do_not_change(version: kv.Version, product: kv.Product, finding: kv.Finding) -> None:
    version.patch = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    product.slug = "web"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    finding.message = ""  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def texts_in_and_out(text: str, version: kv.Version) -> None:
    assert_type(kv.read_version(text, format="pubspec"), kv.Version)
    assert_type(kv.set_version(text, version, format="json", key="app.version"), str)
    assert_type(kv.set_version(text, "0.1.1", format="pubspec"), str)
    assert_type(kv.apply_edits(text, [kv.Edit(kv.Span(0, 1), "x")]), str)
    kv.read_version(text)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    kv.read_version(text, "pubspec")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    kv.set_version(text, 1, format="json")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_rule(baseline: kv.Version, files: Iterable[kv.Version]) -> None:
    outcome = kv.bump(baseline, files, [kv.Shipped(baseline, 5), kv.Shipped(None, 6)], above_build=7)
    assert_type(outcome, kv.Outcome)
    assert_type(outcome.target, kv.Version)
    assert_type(outcome.floor, int | None)
    for held in outcome.files:
        assert_type(held, kv.Version | int | kv.Conflict)
    kv.bump("0.1.0", files)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def changelogs(text: str, day: dt.date) -> None:
    row = kv.ChangelogRow(day, kv.Version(0, 1, 1), "HOTFIX: Crash on login")
    assert_type(kv.insert_row(text, row), str)
    for read in kv.read_rows(text):
        assert_type(read, kv.ReadRow)
    kv.ChangelogRow("2026-03-05", row.version, "x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def products() -> None:
    web = kv.Product("web", "krow-web", (kv.VersionFile("package.json"),))
    catalog = kv.Catalog((web,))
    assert_type(catalog.product("web"), kv.Product)
    assert_type(catalog.tag(web, kv.Version(1, 4, 1)), str)
    assert_type(kv.ReleaseTag.parse("krow-web/prod-v1.4.0").version, kv.Version)
    kv.Product("web", "krow-web")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
