"""A CHANGELOG with headings in every command: planned, shown, audited, merged; and whose CHANGELOG it is."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.errors import InputError
from krow_versions.planning.merging import Sides, merge_changelog
from support import child, krow
from support.audits import released
from support.releases import BASE, Released

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result
    from support.repositories import Repo

DAY = dt.date(2026, 3, 5)
NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
LOG = "apps/web/CHANGELOG.md"
OLD = (
    "# Changelog\n\n## [Unreleased]\n\n"
    "## [1.4.0] - 2026-02-12\n\n### Fixed\n\n- First ([#1](https://e.org/1))\n- Second\n\n"
    "## 1.3.0\n\nBegin\n"
)
NEW = "## [1.4.1] - 2026-03-05\n\n### Fixed\n\n- HOTFIX: Crash on login\n\n"
WITH = OLD.replace("## [1.4.0]", f"{NEW}## [1.4.0]")


@pytest.fixture
def web(repo: Repo) -> Repo:
    """All products in production; web has a CHANGELOG with headings."""
    return released(repo, web=OLD)


def run(repo: Repo, *args: str) -> Result:
    return child.run(repo.path, *args)


def text_of(repo: Repo, path: str = LOG) -> str:
    return (repo.path / path).read_text(encoding="utf-8")


# --- plans and commands -------------------------------------------------------------------------


def test_a_bump_writes_a_section_once(web: Repo) -> None:
    """One run writes version and section, with the JSON of a row; the second one says that it is there."""
    command = ("bump-patch", "web", "-m", "Crash on login", "--date", "2026-03-05")
    shown = run(web, *command, "-n")
    assert "+## [1.4.1] - 2026-03-05\n" in shown.out
    assert text_of(web) == OLD
    plan = json.loads(run(web, *command, "--json").out)
    assert text_of(web) == WITH
    assert plan["products"][0]["changelog"] == {
        "repo": ".",
        "path": LOG,
        "date": "2026-03-05",
        "version": "1.4.1",
        "text": "HOTFIX: Crash on login",
        "changed": True,
    }
    again = run(web, *command[:3], "other")
    assert f"{LOG}: already has a section for 1.4.1\n" in again.out
    assert text_of(web) == WITH


def test_a_date_that_is_not_written_is_not_shown(web: Repo) -> None:
    """Where headings have no dates, line and JSON of the plan have none, as the section has none."""
    web.write(LOG, "# Changelog\n\n## 1.4.0\n\n- Old\n\n## 1.3.0\n\n- Older\n")
    command = ("bump-patch", "web", "-m", "Crash on login", "--date", "2026-03-05")
    changelog = json.loads(run(web, *command, "-n", "--json").out)["products"][0]["changelog"]
    assert (changelog["date"], changelog["changed"]) == (None, True)
    assert f"{LOG}: 1.4.1 HOTFIX: Crash on login\n" in run(web, *command).out
    assert "## 1.4.1\n" in text_of(web)


def test_the_text_of_a_section_that_is_there_is_one_line(web: Repo) -> None:
    """The JSON of a section that is there has its items, without the headings of groups."""
    web.write(LOG, OLD.replace("1.4.0", "1.4.1"))
    plan = kv.Workspace.open(web.path).plan_bump("web", message="Crash", date=DAY)
    changelog = plan.to_json()["products"][0]["changelog"]
    assert (changelog["changed"], changelog["date"]) == (False, "2026-02-12")
    assert changelog["text"] == "First ([#1](https://e.org/1)); Second"


def test_no_text_writes_no_section(web: Repo) -> None:
    """Without one clear fix commit, the warning speaks of a section."""
    plan = kv.Workspace.open(web.path).plan_bump("web", date=DAY)
    assert "no section is written: there is no fix: commit" in plan.products[0].warnings[-1]


def test_sections_are_shown_in_short(web: Repo) -> None:
    """A terminal gets a line per section, without the targets of links; JSON gets the whole text."""
    web.write(LOG, OLD.replace("Second", "Second " * 50))
    shown = run(web, "changelog", "show", "web").out.splitlines()
    assert shown[0].split() == ["date", "version", "change"]
    assert shown[1].startswith("2026-02-12  1.4.0    First ([#1]); Second Second")
    assert shown[1].endswith("…")
    assert shown[2].split() == ["1.3.0", "Begin"]
    first, second = json.loads(run(web, "changelog", "show", "web", "--json").out)["rows"]
    assert (first["line"], first["version"], first["date"]) == (5, "1.4.0", "2026-02-12")
    assert first["text"].startswith("### Fixed\n\n- First ([#1](https://e.org/1))\n- Second")
    assert (second["date"], second["text"]) == (None, "Begin")


def test_a_section_is_added_alone(web: Repo) -> None:
    """``changelog add`` writes the section of the next PATCH; ``--check`` exits 1 while it is missing."""
    add = ("changelog", "add", "web", "-m", "Crash on login", "--date", "2026-03-05")
    assert run(web, *add, "--check").code == 1
    assert run(web, *add).code == 0
    assert text_of(web) == WITH
    assert run(web, *add, "--check").code == 0


def test_a_changelog_with_headings_is_not_made_again(web: Repo) -> None:
    """``changelog init`` leaves it as it is, and names the command that adds to it."""
    result = run(web, "changelog", "init", "web")
    assert (result.code, text_of(web)) == (3, OLD)
    assert "add to it with krow-versions changelog add web" in result.err


def test_a_hint_about_a_table_is_given_only_where_there_is_one(web: Repo) -> None:
    """In a text without table and headings, nothing is to be renamed."""
    web.write(LOG, "Nothing yet.\n")
    result = run(web, "bump-patch", "web", "-m", "x")
    assert result.code == 3
    assert "give the table columns" not in result.err


# --- audit --------------------------------------------------------------------------------------

FAULTS = {
    "no section of production": (OLD.replace("1.4.0", "1.3.5"), "KV403", 5, "has no section for 1.4.0"),
    "one version twice": (
        f"{OLD}\n## v1.3.0\n",
        "KV404",
        16,
        "has two sections for 1.3.0, in lines 12 and 16",
    ),
    "out of order": (f"{OLD}\n## 1.3.5\n", "KV405", 16, "has 1.3.5 below 1.3.0, but its newest section"),
    "no date": (OLD.replace("2026-02-12", "2026-13-45"), "KV406", 5, "which is no date"),
    "later than today": (OLD.replace("2026-02-12", "2027-02-12"), "KV407", 5, "but today is 2026-03-05"),
    "nothing to read": ("# Changes\n\nSome.\n", "KV401", None, ""),
}


@pytest.mark.parametrize(("text", "code", "line", "says"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_sections_is_found(
    web: Repo, text: str, code: str, line: int | None, says: str
) -> None:
    """Each fault is one finding, at the line of the heading, and speaks of sections."""
    web.write(LOG, text)
    (finding,) = kv.Workspace.open(web.path).audit("web", now=NOW).findings
    assert (finding.code, finding.path, finding.line) == (code, LOG, line)
    assert says in finding.message


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        OLD + "\n## 1.3.0+1\n\nAgain\n\n## 1.2.0 (March 2024)\n\n## 1.1.0 - 03/04/2024\n",
        OLD.replace("## 1.3.0", "## 2.0.0-next.1\n\nTry\n\n## 1.3.0"),
        OLD.replace("## [1.4.0] - 2026-02-12", "## 1.3.1\n\n## [1.4.0] - 2026-02-12"),
        OLD.replace("## 1.3.0", "## 1.3.9 (2025-05-01)\n\n## 1.3.10 (2025-04-01)"),
    ],
)
def test_usual_sections_have_no_findings(web: Repo, text: str) -> None:
    """Pub's builds, months, dates of which the month is not clear, and pre-releases are no faults."""
    web.write(LOG, text)
    assert kv.Workspace.open(web.path).audit("web", now=NOW).findings == ()


def test_the_version_in_the_files_needs_a_section(web: Repo) -> None:
    """After a bump without a text, KV402 names the missing section; adding it corrects that."""
    assert run(web, "bump-patch", "web", "--no-changelog").code == 0
    (finding,) = kv.Workspace.open(web.path).audit("web", now=NOW).findings
    assert (finding.code, finding.line) == ("KV402", 5)
    assert "has no section for 1.4.1" in finding.message
    assert run(web, "changelog", "add", "web", "-m", "x", "--date", "2026-03-05").code == 0
    assert kv.Workspace.open(web.path).audit("web", now=NOW).findings == ()


# --- hotfix -------------------------------------------------------------------------------------


def test_the_gate_takes_a_section(tmp_path: Path) -> None:
    """The gate of the CHANGELOG asks for a section, then for its commit, and is content."""
    world = Released.make(tmp_path)
    changelog = "apps/mobile/apps/staff/CHANGELOG.md"
    world.ours.write(changelog, "# Changes\n\n## 0.1.0\n\n- First\n")
    world.ours.commit("chore: headings")
    world.ours.git("tag", "--force", "--annotate", "--message=x", BASE)
    world.start_by_hand()
    world.ours.write("fix.txt", "mended\n")
    world.ours.commit("fix: crash")

    def gate() -> tuple[str, str]:
        view = kv.Workspace.open(world.ours.path).hotfix("worker-mobile")
        found = next(each for each in view.gates() if each.id == "changelog")
        return found.verdict, found.found

    assert gate() == ("failed", f"{changelog} has no section for 0.1.1")
    assert child.run(world.ours.path, "bump-patch", "worker-mobile", "-m", "Crash").code == 0
    assert gate() == ("failed", f"the section in {changelog} is not committed")
    world.ours.commit("chore: 0.1.1")
    assert gate() == ("passed", f"{changelog} has a section for 0.1.1")


FEATURE = "## [1.5.0] - 2026-03-04\n\n### Added\n\n- Feature\n\n"


def test_a_merge_keeps_both_sections() -> None:
    """Main has a newer release, the branch the hotfix: both sections are there once, the newer above."""
    ours, theirs = OLD.replace("## [1.4.0]", f"{FEATURE}## [1.4.0]"), WITH
    both = OLD.replace("## [1.4.0]", f"{FEATURE}{NEW}## [1.4.0]")
    merged = merge_changelog(Sides(LOG, OLD, ours, theirs, None))
    assert sorted(merged.splitlines()) == sorted(both.splitlines())
    assert merged.count(FEATURE) == merged.count(NEW) == 1
    assert [row.version for row in kv.read_rows(merged)] == [
        kv.Version.parse(each) for each in ("1.4.1", "1.5.0", "1.4.0", "1.3.0")
    ]
    assert merge_changelog(Sides(LOG, OLD, merged, theirs, None)) == merged


# --- whose CHANGELOG ----------------------------------------------------------------------------

OTHER = "# Changelog\n\n## 7.2.0 (2026-01-01)\n\n- All new\n\n## 7.1.0\n"


@pytest.fixture
def top(repo: Repo) -> Repo:
    """All products in production; no CHANGELOG but that at the top, of releases of something else."""
    repo.write("CHANGELOG.md", OTHER)
    return krow.checkout(repo)


def test_the_changelog_of_something_else_gets_no_section(top: Repo) -> None:
    """None of its newest releases is the product's: it is left out, with the reason and the ways out."""
    result = run(top, "bump-patch", "web", "-m", "Crash")
    assert (result.code, text_of(top, "CHANGELOG.md")) == (3, OTHER)
    assert "web has no CHANGELOG: CHANGELOG.md has the releases of something else: 7.2.0" in result.err
    assert "changelog init web" in result.err
    plan = kv.Workspace.open(top.path).plan_bump("web", date=DAY)
    assert plan.products[0].changelog is None
    assert any(
        "CHANGELOG.md has the releases of something else" in warning for warning in plan.products[0].warnings
    )
    findings = kv.Workspace.open(top.path).audit("web", now=NOW).findings
    assert [each.code for each in findings] == ["KV401"]
    assert "CHANGELOG.md has the releases of something else" in findings[0].message
    assert run(top, "changelog", "show", "web").code == 3
    assert "CHANGELOG.md" not in run(top, "products").out
    assert {each["changelog"] for each in json.loads(run(top, "products", "--json").out)["products"]} == {
        None
    }


@pytest.mark.parametrize(
    "text", ["## 2026-01-01\n\n### web - v1.4.0\n\n- x\n", "## web 1.4.0\n\n## backend 0.3.1\n\n- x\n"]
)
def test_an_overview_of_several_packages_gets_no_section(top: Repo, text: str) -> None:
    """A file of days or of several products is nobody's; the product gets its own as the hint says."""
    top.write("CHANGELOG.md", text)
    result = run(top, "bump-patch", "web", "-m", "Crash")
    assert (result.code, "web has no CHANGELOG: CHANGELOG.md: the " in result.err) == (3, True)
    assert run(top, "changelog", "init", "web").code == 0
    assert run(top, "bump-patch", "web", "-m", "Crash").code == 0
    assert text_of(top, "CHANGELOG.md") == text


def test_its_own_changelog_is_made_beside_its_version_file(top: Repo) -> None:
    """``changelog init`` of the hint makes one, into which the next bump writes."""
    assert run(top, "changelog", "init", "web").code == 0
    assert run(top, "bump-patch", "web", "-m", "Crash").code == 0
    assert "HOTFIX: Crash" in text_of(top)
    assert text_of(top, "CHANGELOG.md") == OTHER


def test_a_configured_changelog_is_the_products(top: Repo) -> None:
    """What the configuration names is not judged."""
    workspace = kv.Workspace.open(top.path)
    product = attrs.evolve(workspace.catalog.product("web"), changelog="CHANGELOG.md")
    named = attrs.evolve(workspace, catalog=attrs.evolve(workspace.catalog, products=(product,)))
    plan = named.plan_bump("web", message="Crash", date=DAY)
    assert plan.products[0].changelog is not None


@pytest.mark.parametrize("release", ["1.4.0", "v1.4.0", "1.5.0-rc.1\n\n## 1.4.0"])
def test_the_changelog_at_the_top_with_its_release_is_the_products(top: Repo, release: str) -> None:
    """A release of the product among the newest, known by tag, file or HEAD, shows whose CHANGELOG it is."""
    top.write("CHANGELOG.md", OTHER.replace("7.2.0 (2026-01-01)", release))
    assert run(top, "bump-patch", "web", "-m", "Crash").code == 0
    assert run(top, "bump-patch", "web", "-m", "Crash", "--check").code == 0
    assert "HOTFIX: Crash" in text_of(top, "CHANGELOG.md")


def test_a_changelog_beside_the_version_file_of_another_product_is_that_products(repo: Repo) -> None:
    """Where the top of a repository is a product, a package below does not write there, not even in step."""
    repo.write("CHANGELOG.md", OTHER.replace("7.2.0", "1.4.0"))
    repo.write("package.json", krow.package("1.4.0"))
    repo.write("packages/b/package.json", krow.package("1.4.0"))
    repo.write(
        "krow-versions.toml",
        '[products.top]\nslug = "top"\nfiles = ["package.json"]\n'
        '[products.b]\nslug = "b"\nfiles = ["packages/b/package.json"]\n',
    )
    repo.commit("begin")
    workspace = kv.Workspace.open(repo.path)
    with pytest.raises(InputError, match=r"CHANGELOG.md is beside the version file of top"):
        workspace.plan_bump("b", message="x", date=DAY)
    (plan,) = workspace.plan_bump("top", message="x", date=DAY).products
    assert plan.changelog is not None


def test_headings_that_name_another_product_are_of_that_product(top: Repo) -> None:
    """A name before the version decides where the versions are equal by chance."""
    top.write("CHANGELOG.md", "## Backend 1.4.0\n\n- x\n\n## Backend 1.3.0\n\n- y\n")
    with pytest.raises(InputError, match=r"is of backend, which its headings name"):
        kv.Workspace.open(top.path).plan_bump("web", message="x", date=DAY)


def test_a_shared_table_at_the_top_stays_shared(top: Repo) -> None:
    """A table says nothing about whose rows it has: it takes those of every product."""
    top.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | 7.2.0 | x |\n")
    (plan,) = kv.Workspace.open(top.path).plan_bump("web", message="x", date=DAY).products
    assert plan.changelog is not None
