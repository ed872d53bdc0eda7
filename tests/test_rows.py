"""The CHANGELOG row of a bump: whose text, which day, one plan with the versions."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.changelog import cell_text
from krow_versions.errors import Conflict, InputError
from support import child, krow

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.child import Result
    from support.repositories import Repo

DAY = dt.date(2026, 3, 5)
TABLE = "# Changes\n\n| Date | Version | Change |\n|---|---|---|\n| 2026-02-12 | 0.1.0 | First |\n"
CHANGELOG = "apps/mobile/apps/staff/CHANGELOG.md"
WORKER = "worker-mobile"


def with_row(text: str = "HOTFIX: Crash on login", version: str = "0.1.1") -> str:
    return TABLE.replace("|---|---|---|\n", f"|---|---|---|\n| 2026-03-05 | {version} | {text} |\n")


@pytest.fixture
def hotfix(repo: Repo) -> Repo:
    """A checkout whose worker app has a CHANGELOG, tagged in production."""
    repo.write(CHANGELOG, TABLE)
    return krow.checkout(repo)


def bump(repo: Repo, *products: str, message: str | None = None, date: dt.date = DAY) -> kv.Plan:
    workspace = kv.Workspace.open(repo.path)
    plan = workspace.plan_bump(*(products or (WORKER,)), message=message, date=date)
    workspace.apply(plan)
    return plan


def run(repo: Repo, *args: str, **env: str) -> Result:
    return child.run(repo.path, *args, env=env)


def text_of(repo: Repo, path: str = CHANGELOG) -> str:
    return (repo.path / path).read_text(encoding="utf-8")


def test_versions_and_row_are_one_plan(hotfix: Repo) -> None:
    """One run writes both, and its JSON has both."""
    plan = bump(hotfix, message="Crash on login")
    assert text_of(hotfix, krow.STAFF) == krow.pubspec("0.1.1+6")
    assert text_of(hotfix) == with_row()
    assert plan.to_json()["products"][0]["changelog"] == {
        "repo": ".",
        "path": CHANGELOG,
        "date": "2026-03-05",
        "version": "0.1.1",
        "text": "HOTFIX: Crash on login",
        "changed": True,
    }


@pytest.mark.fault(36, 113)
def test_a_second_run_on_another_day_with_another_text_changes_nothing(hotfix: Repo) -> None:
    """The row is the version's: whatever is said later, there is nothing to do."""
    bump(hotfix, message="Crash on login")
    plan = bump(hotfix, message="something else", date=dt.date(2027, 1, 1))
    assert plan.is_empty
    assert text_of(hotfix) == with_row()


def test_a_row_that_is_missing_after_a_crash_is_added(hotfix: Repo) -> None:
    """When only the version was written, the next run writes the row and nothing else."""
    hotfix.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    plan = bump(hotfix, message="Crash on login")
    assert [change.path for change in plan.changes] == [CHANGELOG]
    assert text_of(hotfix) == with_row()


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("fix: crash on login", "HOTFIX: crash on login"),
        ("fix(auth)!: crash | on login", r"HOTFIX: crash \| on login"),
        ("Fix:crash", "HOTFIX: crash"),
        ("fix: HOTFIX: crash", "HOTFIX: crash"),
    ],
)
def test_the_only_fix_commit_gives_the_text(hotfix: Repo, subject: str, text: str) -> None:
    """Without ``-m`` the subject of the one fix since the baseline is taken, without its type."""
    hotfix.commit("chore: unrelated")
    hotfix.commit(subject)
    hotfix.commit("prefix: no fix")
    bump(hotfix)
    assert text_of(hotfix) == with_row(text)


@pytest.mark.parametrize("subjects", [[], ["fix: one", "fix: two"], ["fixed: no", "feat: fix: no", "fix:"]])
def test_no_fix_or_several_write_no_row_and_say_so(hotfix: Repo, subjects: list[str]) -> None:
    """Without one clear text, versions are raised, no row is written, and a warning asks for ``-m``."""
    for subject in subjects:
        hotfix.commit(subject)
    plan = bump(hotfix)
    assert text_of(hotfix) == TABLE
    assert text_of(hotfix, krow.STAFF) == krow.pubspec("0.1.1+6")
    assert "no row is written" in plan.products[0].warnings[-1]
    assert "say what changed" in plan.products[0].warnings[-1]


def test_fixes_before_the_baseline_do_not_count(repo: Repo) -> None:
    """A fix that is in production already is not this hotfix."""
    repo.write(CHANGELOG, TABLE)
    repo.commit("fix: shipped long ago")
    krow.checkout(repo)
    repo.commit("fix: crash on login")
    bump(repo)
    assert text_of(repo) == with_row("HOTFIX: crash on login")


def test_no_changelog_needs_a_word(repo: Repo) -> None:
    """Without a file, ``-m`` is an error that names ``changelog init``; without ``-m`` it is a note."""
    krow.checkout(repo)
    with pytest.raises(InputError, match="changelog init worker-mobile"):
        bump(repo, message="Crash")
    assert text_of(repo, krow.STAFF) == krow.pubspec("0.1.0+5")
    assert "there is no CHANGELOG" in bump(repo).products[0].notes[-1]


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    ("text", "error"), [("# Changes\n\nnothing\n", InputError), (TABLE + "\n" + TABLE, InputError)]
)
def test_a_table_that_is_not_clear_stops_everything(hotfix: Repo, text: str, error: type[InputError]) -> None:
    """No table, or two, with a text to write: refused with the file, and no version is raised."""
    hotfix.write(CHANGELOG, text)
    with pytest.raises(error) as caught:
        bump(hotfix, message="Crash")
    assert caught.value.path == CHANGELOG
    assert (text_of(hotfix), text_of(hotfix, krow.STAFF)) == (text, krow.pubspec("0.1.0+5"))


@pytest.mark.fault(1, 2)
def test_a_changelog_that_is_not_utf8_is_refused(hotfix: Repo) -> None:
    """An encoding that is not ours is named with the file, and nothing is written."""
    hotfix.write(CHANGELOG, TABLE.encode("utf-16"))
    with pytest.raises(InputError, match="UTF-16"):
        bump(hotfix, message="Crash")


@pytest.mark.fault(116)
def test_products_may_share_a_changelog(repo: Repo) -> None:
    """Two products in one file get both rows in one plan, as if bumped one after the other."""
    repo.write("CHANGELOG.md", TABLE)
    krow.checkout(repo)
    plan = bump(repo, WORKER, "web", message="Crash on login")
    both = with_row().replace(
        "|---|---|---|\n", "|---|---|---|\n| 2026-03-05 | 1.4.1 | HOTFIX: Crash on login |\n"
    )
    assert text_of(repo, "CHANGELOG.md") == both
    assert plan.diff().count("+++ b/CHANGELOG.md") == 1
    assert bump(repo, WORKER, "web", message="Crash on login").is_empty


def test_a_prerelease_row_is_not_the_row(hotfix: Repo) -> None:
    """The row of a pre-release of the target does not stand for the target's own."""
    before = TABLE.replace("| 2026-02-12", "| 2026-03-01 | 0.1.1-rc.1 | Try |\n| 2026-02-12")
    hotfix.write(CHANGELOG, before)
    bump(hotfix, message="Crash on login")
    assert [str(row.version) for row in kv.read_rows(text_of(hotfix))] == ["0.1.1", "0.1.1-rc.1", "0.1.0"]


def test_a_decorated_row_is_the_row(hotfix: Repo) -> None:
    """However the version is written, it has its row, and the data say what that row says."""
    hotfix.write(
        CHANGELOG, TABLE.replace("| 2026-02-12", "| 2026-03-01 | **v0\\.1\\.1** | Old |\n| 2026-02-12")
    )
    change = bump(hotfix).products[0].changelog
    assert change is not None
    assert (change.changed, change.row.text) == (False, "Old")


def test_one_row_for_two_products_is_a_warning(repo: Repo) -> None:
    """Two products at one version in one table: the second gets no row, and that is a warning."""
    repo.write("CHANGELOG.md", TABLE)
    krow.checkout(repo, api="1.4.0")
    plan = bump(repo, "web", "backend", message="Crash")
    assert "another product's" in plan.products[1].warnings[-1]


def test_commits_count_from_the_given_baseline(hotfix: Repo) -> None:
    """With ``--from`` the fixes are those since that version's tag; unknown, when it has none."""
    hotfix.commit("fix: old")
    hotfix.tag(f"{krow.SLUG}/prod-v0.1.1")
    hotfix.commit("fix: new")
    workspace = kv.Workspace.open(hotfix.path)
    state = workspace.snapshot([WORKER], since=kv.Version.parse("0.1.0")).products[0]
    assert state.subjects == ("fix: new", "fix: old")
    assert workspace.snapshot([WORKER]).products[0].subjects == ("fix: new",)
    assert workspace.snapshot([WORKER], since=kv.Version.parse("0.0.7")).products[0].subjects is None


def test_merges_are_no_fixes_and_each_product_has_its_own_commits(repo: Repo) -> None:
    """A merge says what others say; what another product has released since counts for its own only."""
    repo.write("CHANGELOG.md", TABLE)
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("fix: aside")
    repo.git("switch", "--quiet", "main")
    repo.commit("feat: more")
    repo.git("merge", "--quiet", "--no-ff", "--message=fix: no fix", "side")
    repo.tag("krow-withus-web/prod-v1.4.1")
    repo.commit("fix: later")
    states = kv.Workspace.open(repo.path).snapshot([WORKER, "web"]).products
    assert sorted(states[0].subjects or ()) == ["feat: more", "fix: aside", "fix: later"]
    assert states[1].subjects == ("fix: later",)
    assert kv.Workspace.open(repo.path).snapshot(log=False).products[0].subjects is None


def test_no_commits_are_looked_for_without_a_tag(repo: Repo) -> None:
    """Without a production tag nobody knows what the fixes since the baseline are, and that is said."""
    repo.write(CHANGELOG, TABLE)
    krow.checkout(repo, tagged=False)
    repo.commit("fix: something")
    assert "are not known" in bump(repo).products[0].warnings[-1]


def test_changelog_add_minds_what_bump_minds(hotfix: Repo) -> None:
    """A row is not added for a version that a bump would refuse, unless its version is named."""
    hotfix.write(krow.STAFF, krow.pubspec("0.3.0+5"))
    workspace = kv.Workspace.open(hotfix.path)
    with pytest.raises(Conflict):
        workspace.plan_row(WORKER, message="x", date=DAY)
    assert workspace.plan_row(WORKER, message="x", date=DAY, version="0.0.9").changes


def test_the_changelog_is_that_beside_the_version_file(repo: Repo) -> None:
    """The file beside the pubspec is taken before the repository's."""
    repo.write("CHANGELOG.md", TABLE)
    repo.write(CHANGELOG, TABLE)
    bump(krow.checkout(repo), message="Crash on login")
    assert (text_of(repo), text_of(repo, "CHANGELOG.md")) == (with_row(), TABLE)


def test_the_changelog_can_be_left_alone(hotfix: Repo) -> None:
    """``changelog=False`` looks at no CHANGELOG, not even at a broken one."""
    hotfix.write(CHANGELOG, b"\xff")
    workspace = kv.Workspace.open(hotfix.path)
    plan = workspace.plan_bump(WORKER, changelog=False)
    assert [change.path for change in plan.changes] == [krow.STAFF]
    assert run(hotfix, "bump-patch", WORKER, "--no-changelog").code == 0


@pytest.mark.fault(34, 37)
@settings(max_examples=25)
@given(
    message=st.text(min_size=1).filter(lambda text: cell_text(text).upper().strip(" :") not in {"", "HOTFIX"})
)
def test_any_text_becomes_one_row(new_repo: Callable[[], Repo], message: str) -> None:
    """Any text of ``-m`` adds one line, which is read back as one row."""
    repo = new_repo()
    repo.write(CHANGELOG, TABLE)
    krow.checkout(repo)
    bump(repo, message=message)
    rows = kv.read_rows((repo.path / CHANGELOG).read_bytes().decode())
    assert [str(row.version) for row in rows] == ["0.1.1", "0.1.0"]
    assert len(text_of(repo).split("\n")) == len(TABLE.split("\n")) + 1


@pytest.mark.fault(3, 6, 7, 8)
def test_line_ends_and_bom_of_the_changelog_stay(hotfix: Repo) -> None:
    """CRLF, a BOM and a missing final newline are kept by the whole way to the disk."""
    old = b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode().removesuffix(b"\r\n")
    hotfix.write(CHANGELOG, old)
    bump(hotfix, message="Crash on login")
    new = (hotfix.path / CHANGELOG).read_bytes()
    assert new == old.replace(
        b"|---|---|---|\r\n", b"|---|---|---|\r\n| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |\r\n"
    )


@pytest.mark.fault(113)
@pytest.mark.parametrize(
    ("env", "args", "day"),
    [
        ({"SOURCE_DATE_EPOCH": "1772668799"}, (), "2026-03-04"),
        ({"SOURCE_DATE_EPOCH": "1772668800", "TZ": "Pacific/Pago_Pago"}, (), "2026-03-05"),
        ({"SOURCE_DATE_EPOCH": "1772668800"}, ("--date", "2026-12-31"), "2026-12-31"),
    ],
)
def test_the_day_is_given_or_the_source_date(
    hotfix: Repo, env: dict[str, str], args: tuple[str, ...], day: str
) -> None:
    """``--date``, else ``SOURCE_DATE_EPOCH`` in UTC, whatever the time zone."""
    assert run(hotfix, "bump-patch", WORKER, "-m", "x", *args, **env).code == 0
    assert f"| {day} | 0.1.1 | HOTFIX: x |" in text_of(hotfix)


@pytest.mark.fault(113)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_local_day(hotfix: Repo, zone: str) -> None:
    """Without a given day it is today where the engineer sits."""
    code = "import datetime; print(datetime.datetime.now().astimezone().date())"
    before = subprocess.check_output([sys.executable, "-c", code], env=os.environ | {"TZ": zone}, text=True)
    assert run(hotfix, "bump-patch", WORKER, "-m", "x", TZ=zone).code == 0
    after = subprocess.check_output([sys.executable, "-c", code], env=os.environ | {"TZ": zone}, text=True)
    assert any(f"| {day.strip()} | 0.1.1 |" in text_of(hotfix) for day in (before, after))


@pytest.mark.parametrize(("args", "env"), [(("--date", "5.3.26"), {}), ((), {"SOURCE_DATE_EPOCH": "soon"})])
def test_a_day_that_is_none_is_wrong_usage(hotfix: Repo, args: tuple[str, ...], env: dict[str, str]) -> None:
    """A bad date is named with its source, and nothing is written."""
    done = run(hotfix, "bump-patch", WORKER, "-m", "x", *args, **env)
    assert (done.code, text_of(hotfix)) == (2, TABLE)
    assert "is no day" in done.err


def test_changelog_add_touches_nothing_else(hotfix: Repo) -> None:
    """``changelog add`` writes the row of the next PATCH, once, and leaves versions alone."""
    add = ("changelog", "add", WORKER, "-m", "Crash on login", "--date", "2026-03-05")
    assert run(hotfix, *add, "--check").code == 1
    assert run(hotfix, *add, "--dry-run").code == 0
    assert text_of(hotfix) == TABLE
    assert run(hotfix, *add).out == f"{CHANGELOG}: 2026-03-05 0.1.1 HOTFIX: Crash on login\n"
    assert run(hotfix, *add).out == f"{CHANGELOG}: already has a row for 0.1.1\n"
    assert (text_of(hotfix), text_of(hotfix, krow.STAFF)) == (with_row(), krow.pubspec("0.1.0+5"))
    assert run(hotfix, *add, "--version", "0.0.9").code == 0
    assert "| 0.0.9 |" in text_of(hotfix)


def test_changelog_add_needs_a_text(hotfix: Repo) -> None:
    """With nothing to say there is no row to add: an error, not silence."""
    done = run(hotfix, "changelog", "add", WORKER)
    assert (done.code, text_of(hotfix)) == (3, TABLE)
    assert "-m" in done.err


def test_changelog_init_makes_a_table_and_never_replaces(repo: Repo) -> None:
    """A new file has an empty table that takes a row; an existing file stays (exit 3)."""
    krow.checkout(repo)
    view = kv.Workspace.open(repo.path)[WORKER]
    assert view.init_changelog() == CHANGELOG
    assert text_of(repo) == kv.new_changelog("Worker Mobile")
    with pytest.raises(Conflict):
        view.init_changelog()
    assert text_of(repo) == kv.new_changelog("Worker Mobile")
    assert [path.name for path in (repo.path / CHANGELOG).parent.iterdir()] == [
        "pubspec.yaml",
        "CHANGELOG.md",
    ]
    bump(repo, message="Crash on login")
    assert "| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |" in text_of(repo)


def test_our_own_changelog_takes_its_next_row(tmp_path: Path) -> None:
    """The project's own CHANGELOG.md is such a table: it names this version and takes the next."""
    text = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    rows = kv.read_rows(text)
    assert str(rows[0].version) == kv.__version__
    nxt = kv.Version.parse(kv.__version__).next_patch()
    after = kv.insert_row(text, kv.ChangelogRow(DAY, nxt, "HOTFIX: x"))
    assert [str(row.version) for row in kv.read_rows(after)] == [
        str(nxt),
        *(str(row.version) for row in rows),
    ]
