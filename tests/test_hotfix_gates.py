"""The gates: each passes on a correct hotfix, and reports exactly what is wrong."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.commits import Change, Commit
from krow_versions.hotfix import box, check, failed, gates_table, status
from krow_versions.hotfix.gates import GATES
from krow_versions.hotfix.gates.fix import is_counted
from krow_versions.products import KROW, VersionFile
from krow_versions.settings import Hotfix
from krow_versions.snapshot import ChangelogState, PastFile, RepoState, TagState, read_file
from krow_versions.text.escaping import printable
from krow_versions.version import Version
from support.samples import (
    APPROVAL,
    BASE,
    BODY,
    BRANCH,
    BUMP,
    CHANGELOG,
    FIX,
    NAME,
    PUBSPEC,
    TAG,
    facts,
    gates,
    minutes,
    past,
    production,
    record,
    shipped,
    state,
    table,
)

OTHER = Commit("e" * 40, "fix: Blank map", BODY.replace("Crash on login", "Blank map"), FIX.date)


def named(subject: str, body: str = "", parents: int = 1) -> Commit:
    """A commit of that subject."""
    return Commit("c" * 40, subject, body, FIX.date, parents)


VERSIONS_ONLY = (Change(CHANGELOG, 1, 0), Change(PUBSPEC, 1, 1))
SPOILT: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "branch",
        {"checked_out": False, "state": state(repo=RepoState(".", "/r", branch="main"))},
        "warning",
        "but HEAD is on main",
        f"git switch {BRANCH}",
    ),
    (
        "branch",
        {"checked_out": False, "state": state(repo=RepoState(".", "/r"))},
        "warning",
        "but HEAD is detached",
        f"git switch {BRANCH}",
    ),
    (
        "base",
        {"base": None, "based": False},
        "failed",
        "no production tag one PATCH below 0.1.1",
        "git fetch --tags",
    ),
    ("base", {"based": False}, "failed", f"does not start from {BASE}", f"git log {BASE}..{BRANCH}"),
    ("patch-only", {"version": Version(0, 1, 0)}, "failed", "0.1.0 is no PATCH of anything", "by 1"),
    (
        "patch-only",
        {"at_tip": (past("0.2.0+6"),)},
        "failed",
        f"{PUBSPEC} is 0.2.0+6",
        "bring it back to 0.1.0",
    ),
    (
        "patch-only",
        {"at_tip": (past("1.1.1+6"),)},
        "failed",
        f"{PUBSPEC} is 1.1.1+6",
        "bump-patch worker-mobile",
    ),
    (
        "version-files",
        {"at_tip": (past("0.1.0+5"),)},
        "failed",
        "0.1.0+5, and must be 0.1.1+6",
        "krow-versions bump-patch worker-mobile, and commit it",
    ),
    ("version-files", {"at_tip": (past("0.1.1+5"),)}, "failed", "0.1.1+5, and must be 0.1.1+6", "bump-patch"),
    ("version-files", {"at_tip": (past("0.1.2+6"),)}, "failed", "neither at the baseline", "bump-patch"),
    ("version-files", {"at_tip": (past("nonsense"),)}, "failed", "is not a version", "bump-patch"),
    ("version-files", {"at_tip": ()}, "failed", "no version file", "bump-patch"),
    ("version-files", {"base": None}, "unknown", "the build cannot be judged", ""),
    (
        "version-files",
        {"state": state(repo=RepoState(".", "/r", branch=BRANCH, shallow=True))},
        "unknown",
        "shallow",
        "git fetch --tags --unshallow",
    ),
    (
        "version-files",
        {"state": state(released=(past("0.1.0+5", BASE), past("0.2.0+9", "x/y")))},
        "failed",
        "0.1.1+6, and must be 0.1.1+10",
        "bump-patch",
    ),
    (
        "changelog",
        {"state": state(changelog=None)},
        "warning",
        "has no CHANGELOG",
        "changelog init worker-mobile",
    ),
    ("changelog", {"changelog_at_tip": None}, "failed", "is not committed on the branch", "changelog add"),
    ("changelog", {"changelog_at_tip": table("0.1.0")}, "failed", "the row in", "git commit --all"),
    ("changelog", {"changelog_at_tip": "no table"}, "failed", CHANGELOG, ""),
    (
        "changelog",
        {
            "state": state(changelog=ChangelogState(".", CHANGELOG, text=table("0.1.0"))),
            "changelog_at_tip": table("0.1.0"),
        },
        "failed",
        "no row for 0.1.1",
        "changelog add worker-mobile",
    ),
    (
        "changelog",
        {"state": state(changelog=ChangelogState("docs", "C.md", text=table("0.1.0")))},
        "failed",
        "docs:C.md has no row for 0.1.1",
        "changelog add",
    ),
    ("commit-message", {"commits": (BUMP,)}, "failed", "there is no fix: commit", "commit the fix"),
    (
        "commit-message",
        {"commits": (named("fix: x", "Issue: y\nTested: z"),)},
        "failed",
        "lacks HOTFIX for production, Solution:",
        "git commit --amend",
    ),
    (
        "commit-message",
        {"commits": (BUMP, named("fix: x"))},
        "failed",
        "lacks HOTFIX for production, Issue:",
        f"reword {'c' * 12}",
    ),
    (
        "holds-fix",
        {"changes": VERSIONS_ONLY, "at_base": (past("0.1.0+5", BASE),)},
        "failed",
        f"nothing is changed but versions and CHANGELOG: {CHANGELOG}, {PUBSPEC}",
        "git status",
    ),
    ("holds-fix", {"changes": ()}, "failed", "nothing is changed", "git commit --all leaves new ones out"),
    ("holds-fix", {"base": None}, "unknown", "the changes are not known", ""),
    (
        "holds-fix",
        {"changes": (*VERSIONS_ONLY, Change("apps/mobile/pubspec.lock", 2, 2))},
        "warning",
        "only locks are changed: apps/mobile/pubspec.lock",
        "git status",
    ),
    ("one-fix", {"commits": (BUMP,)}, "failed", "there is no fix: commit", "commit the fix"),
    ("one-fix", {"commits": (OTHER, FIX)}, "failed", "2 unrelated fixes", "one by one"),
    ("one-fix", {"commits": (named("fix: x"), FIX)}, "failed", "2 unrelated fixes", "squashed"),
    (
        "one-fix",
        {"commits": (named("feat(app)!: y"), FIX)},
        "failed",
        "'feat(app)!: y'",
        "rebase --interactive",
    ),
    ("one-fix", {"commits": (named("Refactor: y"), FIX)}, "failed", "no part of a hotfix", "rebase"),
    (
        "one-fix",
        {"based": False, "commits": (named("Merge main", parents=2), FIX)},
        "failed",
        "a merge is no fix",
        "rebase",
    ),
    ("one-fix", {"commits": (named("Merge x", parents=2), FIX)}, "warning", "of no known type", "chore:"),
    (
        "one-fix",
        {"commits": (named("Make it \x1b[2K work"), FIX)},
        "warning",
        "of no known type",
        "fix: or chore:",
    ),
    (
        "size",
        {"changes": (Change("apps/a.dart", 150, 51),)},
        "failed",
        "201 changed lines, of at most 200",
        "apps/a.dart",
    ),
    ("size", {"changes": (Change("logo.png", None, None),)}, "warning", "binary: logo.png", "see that"),
    (
        "scope",
        {"changes": (Change("apps/mobile/apps/staffing/x.dart", 1, 1),)},
        "failed",
        "outside the product",
        "leave it out",
    ),
    ("main", {"undone": True}, "failed", "main had the hotfix, and has undone it", "decide with those"),
    ("main", {"undone": True, "undone_by": "f" * 40}, "failed", "undone it with ffffffffffff", "git show"),
    (
        "approval",
        {"tip": "e" * 40},
        "warning",
        f"approved was {'b' * 12}, the tip is {'e' * 12}",
        "--done approval",
    ),
    ("main", {"main": None}, "unknown", "there is no branch main", "git fetch"),
    ("clean", {"dirty": ("a\x1b.dart",)}, "failed", "not committed: a\\x1b.dart", "git status"),
    (
        "clean",
        {"checked_out": True, "untracked": ("notes.txt", "apps/mobile/apps/staff/lib/new.dart")},
        "failed",
        "not known to git: apps/mobile/apps/staff/lib/new.dart",
        ".git/info/exclude",
    ),
    ("clean", {"unknown": ("big.psd",)}, "warning", "without their filter: big.psd", "git status"),
    (
        "clean",
        {"state": state(repo=RepoState(".", "/r", under_way="merge"))},
        "failed",
        "a merge is under way",
        "abort",
    ),
]


@pytest.mark.parametrize(("name", "changes", "verdict", "found", "todo"), SPOILT)
def test_a_gate_names_what_is_wrong(
    name: str, changes: dict[str, Any], verdict: str, found: str, todo: str
) -> None:
    """Each fault changes the verdict of its gate, which says what was found and what to do."""
    gate = gates(facts(**changes))[name]
    assert (gate.verdict, found in gate.found, todo in gate.todo) == (verdict, True, True), gate


def test_every_gate_is_spoilt() -> None:
    """Each gate, which passes on the sample, has a row above."""
    assert {name for name, *_ in SPOILT} == set(GATES)


def test_every_gate_has_its_place_in_the_process() -> None:
    """Its title fits into a table; it holds up a step up to the merge, and completes a box of that step."""
    for kind in GATES.values():
        assert len(kind.title) <= 40
        assert 2 <= kind.step <= 7
        assert kind.box is None or box(kind.box).step == kind.step


@pytest.mark.parametrize(
    ("name", "changes"), [(name, changes) for name, changes, verdict, *_ in SPOILT if verdict != "warning"]
)
def test_a_gate_that_is_not_passed_holds_up_its_step(name: str, changes: dict[str, Any]) -> None:
    """Its step is not done, and neither is the box that it completes."""
    known = facts(**changes)
    found = status(NAME, known, record(), check(known, KROW), minutes(60))
    assert found.steps[GATES[name].step - 1].state != "done"
    assert not any(each.done for each in found.boxes if each.box.id == GATES[name].box)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("branch", {"checked_out": False, "merged": True}),
        ("main", {"merged": True, "behind": 3}),
        ("main", {"main": None, "merged": True}),
        ("one-fix", {"commits": (named("fix(app): more", BODY.replace("Crash on", "crash  on")), FIX)}),
        ("one-fix", {"commits": (named("docs: y"), named("test: z"), FIX)}),
        ("commit-message", {"commits": (named("fix: more", "Issue: crash on login"), FIX)}),
        (
            "size",
            {
                "changes": (
                    Change("apps/a.dart", 150, 50),
                    Change("pubspec.lock", 900, 900),
                    Change(CHANGELOG, 9, 0),
                )
            },
        ),
        ("scope", {"changes": (Change("apps/mobile/apps/staff/test/x.dart", 1, 0),)}),
        ("clean", {"checked_out": False}),
        ("version-files", {"at_tip": (past("0.1.1+9"),)}),
        ("changelog", {"state": state(changelog=ChangelogState("docs", "C.md", text=table("0.1.1")))}),
    ],
)
def test_a_gate_lets_pass_what_is_right(name: str, changes: dict[str, Any]) -> None:
    """Unusual but correct hotfixes pass."""
    assert gates(facts(**changes))[name].verdict == "passed"


def test_the_files_as_committed_count() -> None:
    """An uncommitted bump does not pass, and a committed one passes whatever the working tree has."""
    assert gates(facts(at_tip=(past("0.1.0+5"),)))["version-files"].verdict == "failed"
    assert gates(facts(state=state("0.1.0+5")))["version-files"].verdict == "passed"
    extra = attrs.evolve(state().files[0], path="apps/mobile/apps/staff/other/pubspec.yaml")
    found = gates(facts(state=state(files=(*state().files, extra))))["version-files"]
    assert "other/pubspec.yaml is not committed" in found.found


def test_files_of_other_repositories_count_as_they_stand() -> None:
    """A version file in another repository has no commit on this branch, so its working tree is judged."""
    product = attrs.evolve(
        KROW.product("worker-mobile"), files=(VersionFile(PUBSPEC), VersionFile("VERSION", repo="web"))
    )
    for version, verdict in (("0.1.1", "passed"), ("0.1.0", "failed")):
        other = read_file("web", "VERSION", f"{version}\n".encode(), "text", None)
        found = gates(facts(state=state(product=product, files=(*state().files, other))))["version-files"]
        assert (found.verdict, f"web:VERSION is {version}" in found.found) == (verdict, True)


def test_later_releases_do_not_move_the_target() -> None:
    """A hotfix of an older line is judged by its own base, not by newer tags."""
    tags = (production("0.1.0"), production("0.2.0", reachable=False), production("0.1.1"))
    older = facts(state=state(tags=tags))
    assert {gate.verdict for gate in gates(older).values()} == {"passed"}
    assert {gate.verdict for gate in gates(shipped(state=state(tags=tags))).values()} == {"passed"}


def test_a_shipped_branch_need_not_be_checked_out() -> None:
    """With the tag on the tip, it does not matter what is checked out, merged or not."""
    for merged in (False, True):
        assert gates(shipped(merged=merged))["branch"].verdict == "passed"


def test_without_a_branch_no_gate_can_judge() -> None:
    """Without the branch one gate fails and says how to begin; after the tag, even that is no fault."""
    found = check(facts(tip=None), KROW)
    assert [gate.verdict for gate in found] == ["failed"] + ["unknown"] * (len(GATES) - 1)
    assert "krow-versions hotfix start worker-mobile" in found[0].todo
    done = check(shipped(tip=None), KROW)
    assert {gate.verdict for gate in done} == {"unknown"}
    assert TAG in done[0].found


def test_limits_and_folders_can_be_given() -> None:
    """The caller may give the limit of lines and further paths that may change."""
    changed = facts(changes=(Change("packages/core/a.dart", 5, 5), Change("tools/x.sh", 0, 1)))
    assert gates(changed, limit=10)["size"].verdict == "failed"
    assert gates(changed, limit=11)["size"].verdict == "passed"
    assert gates(changed, limit=0)["size"].verdict == "failed"
    assert gates(changed, extra=("packages", "tools/*.sh"))["scope"].verdict == "passed"
    assert (
        gates(changed, extra=("packages/core/a.dart", "tool"))["scope"].found
        == "outside the product: tools/x.sh"
    )


def test_the_configuration_gives_them_too() -> None:
    """What the configuration allows counts; what the caller gives comes on top of it."""
    settings = Hotfix(max_lines=5, also=("packages",))
    changed = facts(changes=(Change("packages/a.dart", 3, 3), Change("tools/x.sh", 0, 0)))
    found = gates(changed, settings=settings)
    assert (found["size"].verdict, found["scope"].found) == ("failed", "outside the product: tools/x.sh")
    assert gates(changed, settings=settings, limit=6, extra=("tools",))["scope"].verdict == "passed"
    assert gates(changed, settings=settings, limit=6)["size"].verdict == "passed"


def test_a_version_file_at_the_top_makes_everything_inside() -> None:
    """A product whose version file is at the top of its repository is the repository."""
    top = PastFile("HEAD", "VERSION", "text", None, b"0.1.1\n")
    assert gates(facts(at_tip=(top,), changes=(Change("x/y", 1, 1),)))["scope"].verdict == "passed"


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("a/package-lock.json", False),
        ("npm-shrinkwrap.json", False),
        ("package.json", True),
        ("yarn.lock", False),
        ("a/generated/x.dart", False),
        ("generated.dart", True),
        ("lib/a.freezed.dart", False),
        ("lib/locker.dart", True),
        ("go.sum", False),
        (CHANGELOG, False),
        ("CHANGELOG.md", True),
    ],
)
def test_what_programs_write_is_not_counted(path: str, counted: bool) -> None:
    """Lock files, generated files and the product's CHANGELOG do not make a change large."""
    assert is_counted(path, CHANGELOG) is counted


def test_a_main_that_has_moved_on_is_no_failure() -> None:
    """The gate says by how many commits, and that finish merges."""
    found = next(gate for gate in check(facts(behind=3, main_name="trunk"), KROW) if gate.id == "main")
    assert (found.verdict, found.found) == (
        "passed",
        "trunk has moved on by 3 commits: finish merges the hotfix into it",
    )


def test_verdicts_show_as_rows() -> None:
    """The table has a row per gate, its records words without symbols; failed ones can be asked for."""
    found = check(facts(undone=True), KROW, approvals=(APPROVAL,))
    assert [gate.id for gate in failed(found)] == ["main"]
    rows = gates_table(found).to_records()
    assert [row["title"] for row in rows] == [kind.title for kind in GATES.values()]
    verdicts = {row["title"]: row["verdict"] for row in rows}
    assert verdicts.pop("main can take it") == "failed"
    assert set(verdicts.values()) == {"passed"}


@given(st.text(), st.text(), st.text())
def test_foreign_words_are_harmless(subject: str, body: str, path: str) -> None:
    """Texts of commits and paths are escaped in the rulings, and no text makes a gate fail to answer."""
    bad = facts(
        commits=(named(subject, body), named(f"fix: {subject}", body)),
        changes=(Change(path, 1, 1),),
        dirty=(path,),
        changelog_at_tip=body,
        base=TagState(BASE, "production", Version(0, 1, 0), True),
    )
    for gate in check(bad, KROW):
        assert printable(gate.found + gate.todo) == gate.found + gate.todo
