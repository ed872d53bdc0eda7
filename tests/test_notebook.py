"""What workspaces and plans show in Jupyter: the rows of the terminal, escaped, and never a traceback."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.tables import markup
from support.commands import run
from support.displays import Page, assert_a_good_display, assert_nothing_raw, lines_of
from support.krow import API, CLIENT, SLUG, STAFF, WEB, checkout, package, pubspec

if TYPE_CHECKING:
    from support.repositories import Repo

DAY = dt.date(2026, 3, 5)
CHANGELOG = "# Changes\n\n| Date | Version | Change |\n|---|---|---|\n"


def display(shown: kv.Workspace | kv.Plan) -> Page:
    html = shown._repr_html_()
    assert_nothing_raw(html, lines="\n\t")
    return assert_a_good_display(html)


# --- workspaces ---------------------------------------------------------------------------------


def test_a_workspace_shows_what_the_terminal_shows(repo: Repo) -> None:
    """The tables of the library are those that the commands print, and Jupyter shows the same cells."""
    checkout(repo).write(STAFF, pubspec("0.1.1+6"))
    workspace = kv.Workspace.open(repo.path)
    for names in ([], ["web"], ["web", "staff-mobile"]):
        assert run("show", *names, cwd=repo.path).out == f"{workspace.show(*names)}\n"
    assert run("products", cwd=repo.path).out == f"{workspace.products()}\n"

    page = display(workspace)
    assert page.tables == [lines_of(workspace.show())]
    assert ["worker-mobile", STAFF, "0.1.1+6", "0.1.0+5", "0.1.1+6", f"{SLUG}/prod-v0.1.0"] in page.tables[0]


def test_a_workspace_says_in_one_line_what_it_is(repo: Repo) -> None:
    """The line has counts and places, escaped, and looks at no disk."""
    checkout(repo)
    assert repr(kv.Workspace.open(repo.path)) == (
        f"<Workspace: a catalog of 4 products, 1 repository: {repo.path}>"
    )
    repo.write("krow-versions.toml", f'[products.web]\nfiles = ["{WEB}"]\n')
    assert repr(kv.Workspace.open(repo.path)) == (
        f"<Workspace: 1 product in 1 repository, by {repo.path}/krow-versions.toml>"
    )
    assert "\\x1b" in repr(kv.Workspace(kv.Catalog(()), {".": "/gone/\x1b"}))


def test_a_file_that_cannot_be_read_is_a_row(repo: Repo) -> None:
    """The error stands in a table of problems, with its place and what to do; other files are shown."""
    checkout(repo).write(STAFF, "version: 1.0\n")
    repo.write(CLIENT, "version: [<script>\x1b\n")
    page = display(kv.Workspace.open(repo.path))
    versions, problems = page.tables
    assert {row[1]: row[2] for row in versions if row[1] in {STAFF, CLIENT, WEB}} == {
        STAFF: "?",
        CLIENT: "?",
        WEB: "1.4.0",
    }
    assert problems[0] == ["problem", "where", "what", "what to do"]
    assert [(row[0], row[1].split(":")[0]) for row in problems[1:]] == [
        ("✗ error", STAFF),
        ("✗ error", CLIENT),
    ]
    assert page.captions[1] == "Problems"


def test_a_doubt_is_a_row(repo: Repo) -> None:
    """What makes a baseline uncertain is shown, as on a terminal."""
    repo.write(WEB, package("1.4.0"))
    page = display(kv.Workspace.open(repo.path))
    assert [row[0] for row in page.tables[1][1:]] == ["! warning"]
    assert page.tables[1][1][2] in run("show", cwd=repo.path).err


def test_a_fault_of_one_product_does_not_hide_the_others(repo: Repo) -> None:
    """Where a pattern of the configuration matches nothing, the other products are shown all the same."""
    checkout(repo).write(
        "krow-versions.toml", f'[products.web]\nfiles = ["{WEB}"]\n[products.gone]\nfiles = ["gone/*.json"]\n'
    )
    versions, problems = display(kv.Workspace.open(repo.path)).tables
    assert ["web", WEB, "1.4.0"] in [row[:3] for row in versions]
    assert [row[0] for row in problems[1:]] == ["✗ error"]
    assert "gone/*.json" in problems[1][2]


def test_a_workspace_that_has_gone_shows_no_traceback(repo: Repo) -> None:
    """A display is made even when the folder is there no more."""
    workspace = kv.Workspace.open(checkout(repo).path)
    shutil.rmtree(repo.path)
    assert display(workspace).tables[0][0][0] == "product"


@pytest.mark.parametrize(
    "name", ["<script>x</script>", "\x1b[2J", "\u202egnp", "a\nb", "\udcff", "'\"|`&lt;"]
)
def test_hostile_names_are_text(repo: Repo, name: str) -> None:
    """Whatever a folder is called, its path is one cell and one part of a diff's heading."""
    checkout(repo).write(f"backend/{name.replace('/', '_')}/package.json", package("0.3.1"))
    repo.commit()
    workspace = kv.Workspace.open(repo.path)
    assert display(workspace).tables == [lines_of(workspace.show())]
    assert "0.3.2" in display(workspace.plan_bump("backend")).text


# --- plans --------------------------------------------------------------------------------------


def test_a_plan_shows_its_files_and_its_diff(repo: Repo) -> None:
    """Every file is a row, before and after; the diff is that of the terminal, signs included."""
    checkout(repo).write("CHANGELOG.md", CHANGELOG)
    repo.write(API, package("0.3.2"))
    plan = kv.Workspace.open(repo.path).plan_bump("web", "backend", message="Crash <b>", date=DAY)
    page = display(plan)
    (files,) = page.tables
    assert files[0] == ["product", "file", "before", "after", "what is done"]
    assert ["web", WEB, "1.4.0", "1.4.1", "→ to be written"] in files
    assert ["web", "CHANGELOG.md", "", "2026-03-05 1.4.1 HOTFIX: Crash <b>", "→ to be written"] in files
    assert ["backend", API, "0.3.2", "0.3.2", "✓ already right"] in files
    assert len(files) == 1 + len(str(plan).split("\n"))
    assert plan.diff() in page.text
    assert page.names.count("ins") == sum(line[0] == "+" != line[1] for line in plan.diff().splitlines())
    assert page.names.count("del") == sum(line[0] == "-" != line[1] for line in plan.diff().splitlines())
    assert all(note in page.text for product in plan.products for note in product.notes)
    assert repr(plan) == f"<Plan: {len(plan.changes)} changes, 2 products>"
    assert "nothing to do" not in page.text


def test_the_places_of_a_file_are_shown(repo: Repo) -> None:
    """A file is one row; each place is a row of a second table if one holds a build of its own."""
    repo.write(
        "krow-versions.toml",
        '[products.app]\nslug = "app"\nfiles = ["app.json", '
        '{ path = "z.gradle", format = "text", key = "<b>{version}</b> {build}" }]\n',
    )
    repo.write("app.json", '{"expo": {\n"version": "1.4.0", "android": {\n"versionCode": 42}}}')
    repo.write("z.gradle", "<b>1.4.0</b> 42\n")
    repo.commit()
    workspace = kv.Workspace.open(repo.path)
    versions, places, *_ = display(workspace).tables
    assert [row[1:3] for row in versions[1:]] == [["app.json", "1.4.0+42"], ["z.gradle", "1.4.0+42"]]
    assert places == [
        ["file", "place", "kind", "line", "value"],
        ["app.json", "expo.version", "version", "2", "1.4.0"],
        ["app.json", "expo.android.versionCode", "build", "3", "42"],
        ["z.gradle", '"<b>{version}</b> {build}".version', "full", "1", "1.4.0"],
        ["z.gradle", '"<b>{version}</b> {build}".build', "build", "1", "42"],
    ]
    page = display(workspace.plan_bump("app", changelog=False))
    assert page.captions[1] == "Places of versions and builds"
    assert page.tables[1][:3] == [
        ["file", "place", "kind", "line", "before", "after"],
        ["app.json", "expo.version", "version", "2", "1.4.0", "1.4.1"],
        ["app.json", "expo.android.versionCode", "build", "3", "42", "43"],
    ]


def test_an_empty_plan_says_so(repo: Repo) -> None:
    """With nothing to do, it says that, and there is no diff."""
    checkout(repo).write(STAFF, pubspec("0.1.1+6"))
    plan = kv.Workspace.open(repo.path).plan_bump("worker-mobile")
    page = display(plan)
    assert "✓ nothing to do" in page.text
    assert "pre" not in page.names
    assert repr(plan) == "<Plan: nothing to do, 1 product>"
    assert "nothing to do" in display(kv.Plan(())).text


def test_warnings_of_a_plan_are_shown(repo: Repo) -> None:
    """What must be known before applying it is there, with symbol, word and colour."""
    repo.write(WEB, package("1.4.0"))
    plan = kv.Workspace.open(repo.path).plan_bump("web")
    page = display(plan)
    assert plan.products[0].warnings
    assert all(f"! warning: {warning}" in page.text for warning in plan.products[0].warnings)
    assert ("p", "class", "kv-words kv-doubt") in page.attributes


def test_hostile_words_are_text() -> None:
    """A note or a warning is a paragraph of text, whatever is in it."""
    page = Page(markup.display(markup.Words(("! <script>x</script>\x1b", "\"'&lt;"))))
    assert "! <script>x</script>\\x1b\n\"'&lt;\n" in page.text
    assert set(page.names) == {"div", "style", "p", "wbr"}


def test_a_diff_keeps_its_lines() -> None:
    """CRLF doubles no line, a removed line of dashes is no heading, a long diff says what is left out."""
    diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- old\r\n+\tnew <b>\r\n \u200dsame\n"
    page = Page(markup.display(markup.Diffs((diff,))))
    assert "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- old\n+\tnew <b>\n \\u200dsame\n" in page.text
    assert (page.names.count("del"), page.names.count("ins")) == (1, 1)
    assert page.attributes.count(("span", "class", "kv-file")) == 2

    long = Page(markup.display(markup.Diffs(("--- a\n+++ b\n" + "+x\n" * 1000,))))
    assert long.names.count("ins") == 998
    assert re.findall("and .* more", long.text) == ["and 2 more"]
