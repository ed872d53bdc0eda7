"""The audit as a whole: no findings after our own commands, and always one after a fault."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.products import KROW
from support import krow
from support.audits import clean, released

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from krow_versions.audit import Report
    from support.repositories import Repo

DAY = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
NOW = DAY + dt.timedelta(days=1)
FIX = "fix: Crash on login\n\nHOTFIX for production\n\nIssue: crash\nSolution: none\nTested: by hand\n"
HOMES = {
    "worker-mobile": "apps/mobile/apps/staff",
    "client-mobile": "apps/mobile/apps/client",
    "web": "apps/web",
    "backend": "backend/api",
}
STEPS = ("nothing", "started", "bumped", "committed", "finished")


def audit(repo: Repo) -> Report:
    """Audit everything, the whole history too, on the day after."""
    return kv.Workspace.open(repo.path).audit(history=True, now=NOW)


def lines_of(report: Report) -> list[str]:
    """The findings as lines."""
    return [f"{each.code} {each.product}: {each.message}" for each in report.findings]


def hotfix(repo: Repo, name: str, until: str) -> None:
    """Do the steps of a hotfix of one product, up to and including *until*, with our own functions."""
    done = STEPS.index(until)
    if done < 1:
        return
    repo.git("switch", "--quiet", "main")
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_hotfix(name, issue="Crash", severity="high", impact="All", now=DAY))
    if done < 2:
        return
    view = workspace.hotfix(name)
    repo.write(f"{HOMES[name]}/fix.txt", f"{view.version}\n")
    repo.commit(FIX)
    workspace.apply(workspace.plan_bump(name, message="Crash on login", date=DAY.date()))
    if done < 3:
        return
    repo.commit("chore: raise the version")
    if done < 4:
        return
    view.tick(["approval"], DAY)
    if view.facts().behind:  # The way out that `hotfix finish` names: another hotfix was merged meanwhile.
        repo.git("switch", "--quiet", "main")
        repo.git("merge", "--quiet", "--no-ff", "--message=Merge the hotfix", view.facts().branch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_COMMITTER_DATE", repo.git("log", "-1", "--format=%cI"))
        workspace.apply(workspace.hotfix(name, view.version).plan_finish())


@settings(max_examples=6)
@given(
    st.lists(st.sampled_from(sorted(HOMES)), max_size=3),
    st.sampled_from(sorted(HOMES)),
    st.sampled_from(STEPS),
)
def test_what_our_own_commands_made_is_clean(
    new_repo: Callable[[], Repo], finished: list[str], last: str, until: str
) -> None:
    """After any hotfixes, the last one unfinished or not, there is no finding."""
    repo = released(new_repo())
    for name in finished:
        hotfix(repo, name, "finished")
    hotfix(repo, last, until)
    assert lines_of(audit(repo)) == []


def rewrite(path: str, old: str, new: str) -> Callable[[Repo], None]:
    """Change a text of a file."""

    def run(repo: Repo) -> None:
        text = (repo.path / path).read_text()
        assert old in text
        repo.write(path, text.replace(old, new, 1))

    return run


def removed(path: str) -> Callable[[Repo], None]:
    """Delete a file."""
    return lambda repo: (repo.path / path).unlink()


def tagged(name: str, target: str = "HEAD", *, annotated: bool = True) -> Callable[[Repo], None]:
    """Make a tag."""

    def run(repo: Repo) -> None:
        repo.tag(name, target, annotated=annotated)

    return run


def branch(name: str) -> Callable[[Repo], None]:
    """Make a branch with a commit of its own."""

    def run(repo: Repo) -> None:
        repo.git("switch", "--quiet", "--create", name)
        repo.commit("fix: something")
        repo.git("switch", "--quiet", "main")

    return run


BREAKS: dict[str, tuple[str | None, Callable[[Repo], None]]] = {
    "version lowered": ("web", rewrite(krow.WEB, '"1.4.0"', '"1.3.0"')),
    "version garbled": ("web", rewrite(krow.WEB, '"1.4.0"', '"1.4"')),
    "file garbled": ("backend", rewrite(krow.API, "{", "[")),
    "file deleted": ("client-mobile", removed(krow.CLIENT)),
    "one of two files raised": ("backend", rewrite(krow.API, "0.3.1", "0.3.2")),
    "lock out of step": ("web", rewrite(krow.WEB_LOCK, "1.4.0", "1.4.1")),
    "build lost": ("worker-mobile", rewrite(krow.STAFF, "\nversion: 0.1.0+5", "\nversion: 0.1.0")),
    "build lowered": ("worker-mobile", rewrite(krow.STAFF, "\nversion: 0.1.0+5", "\nversion: 0.1.0+4")),
    "changelog deleted": ("web", removed("apps/web/CHANGELOG.md")),
    "row doubled": ("web", rewrite("apps/web/CHANGELOG.md", "| 1.4.1 |", "| 1.4.0 |")),
    "row lost": ("web", rewrite("apps/web/CHANGELOG.md", "| 2026-01-01 | 1.4.0 | Release |\n", "")),
    "tag that does not parse": ("web", tagged("krow-withus-web/prod-1.4.0")),
    "lightweight tag": ("web", tagged("krow-withus-web/prod-v1.4.1", annotated=False)),
    "tag of another version": ("web", tagged("krow-withus-web/prod-v1.4.1")),
    "branch that does not fit": ("web", branch("hotfix/krow-withus-web-x")),
    "branch of no product": (None, branch("hotfix/crash")),
    "branch of an old version": ("web", branch("hotfix/krow-withus-web-v1.3.9")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_named(repo: Repo, name: str) -> None:
    """Breaking one thing in a clean workspace gives at least one finding, and it names the product."""
    product, break_it = BREAKS[name]
    clean(repo)
    assert lines_of(audit(repo)) == []
    break_it(repo)
    assert product in {each.product for each in audit(repo).findings}


def layouts(shared: Path) -> list[Path]:
    """The checkouts of real monorepositories."""
    return sorted((shared / "corpus" / "layouts").iterdir())


def test_it_runs_over_every_layout(
    shared: Path, new_repo: Callable[[], Repo], record_property: Callable[[str, object], None]
) -> None:
    """With what ``init`` proposes, every real layout is audited to the end; what it says is printed."""
    for layout in layouts(shared):
        repo = new_repo()
        for path in sorted(layout.rglob("*")):
            if path.is_file():
                repo.write(path.relative_to(layout).as_posix(), path.read_bytes())
        repo.commit()
        (repo.path / "krow-versions.toml").write_text(proposal(repo), encoding="utf-8")
        report = audit(repo)
        assert report.products
        codes: dict[str, int] = {}
        for each in report.findings:
            codes[each.code] = codes.get(each.code, 0) + 1
        said = ", ".join(f"{code} x{count}" for code, count in sorted(codes.items()))
        record_property("summary", f"audit of {layout.name}: {len(report.products)} products; {said}")
        json.dumps(report.to_json())


def proposal(repo: Repo) -> str:
    """What ``init`` writes for this repository."""
    from krow_versions.workspace.clock import now
    from krow_versions.workspace.proposal import init_workspace

    init_workspace(str(repo.path), now)
    return (repo.path / "krow-versions.toml").read_text(encoding="utf-8")


def test_the_built_in_products_have_homes_here() -> None:
    """The laws above cover every product of the catalog."""
    assert set(HOMES) == {product.name for product in KROW.products}
