"""The checks of all releases: each finds its own fault, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support import krow
from support.audits import HEADER, places_of
from support.audits import released as clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.audit import Report
    from support.repositories import Repo

NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
WEB, CLIENT = "krow-withus-web", "krow-withus-client-mobile"
FILES = {WEB: krow.WEB, CLIENT: krow.CLIENT}
LOGS = {WEB: "apps/web/CHANGELOG.md", CLIENT: "apps/mobile/apps/client/CHANGELOG.md"}


def put(repo: Repo, version: str, *, slug: str = WEB, text: str = "More") -> None:
    """Commit *version* in the files and the CHANGELOG of a product."""
    if slug == WEB:
        repo.write(krow.WEB, krow.package(version))
        repo.write(krow.WEB_LOCK, krow.lock(version))
    else:
        repo.write(FILES[slug], krow.pubspec(version))
    log = repo.path / LOGS[slug]
    bare = version.partition("+")[0]
    if f"| {bare} |" not in log.read_text():
        row = f"| 2026-01-02 | {bare} | {text} |\n"
        repo.write(LOGS[slug], log.read_text().replace(HEADER, HEADER + row))
    repo.commit(f"chore: {version}")


def ship(
    repo: Repo, version: str, name: str | None = None, *, slug: str = WEB, stage: str = "prod", text: str = ""
) -> str:
    """Commit *version* and tag it; the tag may be called otherwise."""
    put(repo, version, slug=slug, text=text or "More")
    tag = name or f"{slug}/{stage}-v{version.partition('+')[0]}"
    repo.tag(tag)
    return tag


def audited(repo: Repo) -> Report:
    return kv.Workspace.open(repo.path).audit(history=True, now=NOW)


def found(repo: Repo) -> list[tuple[str, str | None, str | None, str]]:
    """Code, product, path and subject of every finding."""
    findings = audited(repo).findings
    return [(each.code, each.product, each.path, each.about) for each in findings]


# --- one fault, one finding -------------------------------------------------------------------


def wrong_file_at_a_tag(repo: Repo) -> None:
    put(repo, "1.4.1")
    repo.write(krow.WEB, krow.package("1.4.9"))
    repo.commit()
    repo.tag(f"{WEB}/prod-v1.4.1")
    put(repo, "1.4.1")


def broken_file_at_a_tag(repo: Repo) -> None:
    repo.write(krow.WEB, '{"version": 141}')
    repo.commit()
    repo.tag(f"{WEB}/prod-v1.4.1")
    put(repo, "1.4.1")


def wrong_file_in_development(repo: Repo) -> None:
    repo.tag(f"{WEB}/dev-v1.5.0")


def contains_a_higher_one(repo: Repo) -> None:
    put(repo, "1.4.1")
    ship(repo, "1.5.0")
    put(repo, "1.4.1")
    repo.tag(f"{WEB}/prod-v1.4.1")
    put(repo, "1.5.0")


def build_of_another_version(repo: Repo) -> None:
    ship(repo, "0.2.4+17", slug=CLIENT)


def build_lowered(repo: Repo) -> None:
    ship(repo, "0.2.4+19", slug=CLIENT, stage="dev")
    ship(repo, "0.2.4+18", slug=CLIENT)


def build_raised_to_one_that_is_taken(repo: Repo) -> None:
    ship(repo, "0.2.4+18", slug=CLIENT, stage="dev")
    ship(repo, "0.3.0+19", slug=CLIENT, stage="dev")
    ship(repo, "0.2.4+19", slug=CLIENT)
    put(repo, "0.3.0+20", slug=CLIENT)


def build_lost(repo: Repo) -> None:
    ship(repo, "0.2.4", slug=CLIENT, stage="dev")
    ship(repo, "0.2.5", slug=CLIENT, stage="dev")
    ship(repo, "0.2.6+18", slug=CLIENT)


def hotfix_by_its_tag(repo: Repo) -> None:
    put(repo, "1.5.0")
    repo.git("tag", "--annotate", "--message=Hotfix: crash", f"{WEB}/prod-v1.5.0")


def hotfix_by_its_row(repo: Repo) -> None:
    ship(repo, "1.5.0", text="**HOTFIX:** crash")


def hotfix_of_nothing(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "other")
    put(repo, "1.4.1", text="HOTFIX: crash")
    repo.tag(f"{WEB}/prod-v1.4.1")
    repo.git("branch", "--force", "main", "other")
    repo.git("switch", "--quiet", "main")
    for slug, version in (("worker-mobile", "0.1.0"), ("client-mobile", "0.2.3"), ("backend", "0.3.1")):
        repo.git("tag", "--force", "-a", "-m", "again", f"krow-withus-{slug}/prod-v{version}", "main")


def gap_in_patch(repo: Repo) -> None:
    ship(repo, "1.4.2")


def gap_in_minor(repo: Repo) -> None:
    ship(repo, "1.6.0")


def gap_in_major(repo: Repo) -> None:
    ship(repo, "3.0.0")


def dated_backwards(repo: Repo) -> None:
    old = repo.git("rev-parse", "HEAD")
    repo.git("tag", "--delete", f"{WEB}/prod-v1.4.0")
    ship(repo, "1.4.1")
    repo.tag(f"{WEB}/prod-v1.4.0", old)


SEEDS = [
    (wrong_file_at_a_tag, ("KV301", "web", krow.WEB, f"{WEB}/prod-v1.4.1")),
    (broken_file_at_a_tag, ("KV301", "web", krow.WEB, f"{WEB}/prod-v1.4.1")),
    (wrong_file_in_development, ("KV301", "web", krow.WEB, f"{WEB}/dev-v1.5.0")),
    (contains_a_higher_one, ("KV302", "web", None, f"{WEB}/prod-v1.4.1")),
    (build_of_another_version, ("KV303", "client-mobile", None, f"{CLIENT}/prod-v0.2.4")),
    (build_lowered, ("KV303", "client-mobile", None, f"{CLIENT}/prod-v0.2.4")),
    (build_raised_to_one_that_is_taken, ("KV303", "client-mobile", None, f"{CLIENT}/prod-v0.2.4")),
    (build_lost, ("KV303", "client-mobile", None, f"{CLIENT}/dev-v0.2.4")),
    (hotfix_by_its_tag, ("KV304", "web", None, f"{WEB}/prod-v1.5.0")),
    (hotfix_by_its_row, ("KV304", "web", None, f"{WEB}/prod-v1.5.0")),
    (hotfix_of_nothing, ("KV304", "web", None, f"{WEB}/prod-v1.4.1")),
    (gap_in_patch, ("KV305", "web", None, f"{WEB}/prod-v1.4.2")),
    (gap_in_minor, ("KV305", "web", None, f"{WEB}/prod-v1.6.0")),
    (gap_in_major, ("KV305", "web", None, f"{WEB}/prod-v3.0.0")),
    (dated_backwards, ("KV306", "web", None, f"{WEB}/prod-v1.4.1")),
]
OF_THE_NEWEST = (wrong_file_at_a_tag, broken_file_at_a_tag)


@pytest.mark.parametrize(("seed", "expected"), SEEDS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_is_found_once(
    repo: Repo, seed: Callable[[Repo], None], expected: tuple[str, str, str | None, str]
) -> None:
    """Each fault gives exactly the finding that names it; without the history, of the newest."""
    seed(clean(repo))
    assert found(repo) == [expected]
    plain = kv.Workspace.open(repo.path).audit(now=NOW)
    assert places_of(plain) == ([(*expected[:3], None, expected[3])] if seed in OF_THE_NEWEST else [])


# --- no fault, no finding ---------------------------------------------------------------------


def nothing(_: Repo) -> None:
    """Production alone."""


def hotfixes(repo: Repo) -> None:
    """The process as it should be, by our own commands."""
    for _ in range(2):
        workspace = kv.Workspace.open(repo.path)
        plan = workspace.plan_bump("web", "client-mobile", message="Crash", date=dt.date(2026, 1, 2))
        workspace.apply(plan)
        repo.commit("fix: crash")
        for name in ("web", "client-mobile"):
            tag = f"krow-withus-{name}/prod-v{kv.Workspace.open(repo.path)[name].version.with_build(None)}"
            repo.git("tag", "--annotate", "--message=HOTFIX: Crash", tag)


def stages(repo: Repo) -> None:
    """A build goes through the stages while the next version is in development."""
    ship(repo, "0.2.4+18", slug=CLIENT, stage="dev")
    ship(repo, "0.2.4+19", slug=CLIENT, stage="staging")
    staged = repo.git("rev-parse", "HEAD")
    ship(repo, "0.3.0+20", slug=CLIENT, stage="dev")
    repo.tag(f"{CLIENT}/prod-v0.2.4", staged)


def steps_in_other_stages(repo: Repo) -> None:
    """1.4.1 and 1.4.2 never reached production."""
    ship(repo, "1.4.1", stage="dev")
    ship(repo, "1.4.2", stage="staging")
    ship(repo, "1.4.3")
    ship(repo, "1.5.0")
    ship(repo, "2.0.0")


def candidates(repo: Repo) -> None:
    """Names of other stages may carry a pre-release that files do not."""
    ship(repo, "1.5.0", f"{WEB}/staging-v1.5.0-rc.1")
    ship(repo, "1.5.0")


def older_line(repo: Repo) -> None:
    """A hotfix of an older release beside a newer one, merged afterwards."""
    repo.git("switch", "--quiet", "--create", "old")
    ship(repo, "1.4.1", text="HOTFIX: crash")
    repo.git("switch", "--quiet", "main")
    ship(repo, "1.5.0")
    repo.git("merge", "--quiet", "--strategy=ours", "old")
    log = (repo.path / LOGS[WEB]).read_text()
    row = "| 2026-01-02 | 1.4.1 | HOTFIX: crash |\n"
    repo.write(LOGS[WEB], log.replace("| 2026-01-01 |", f"{row}| 2026-01-01 |"))
    repo.commit()
    ship(repo, "1.5.1")  # 1.5.0 lacks the hotfix.


def lists_hotfixes(repo: Repo) -> None:
    """Only what begins with the word is a hotfix."""
    ship(repo, "1.5.0", text="Hotfixes of last week, and a hotfix")


@pytest.mark.parametrize(
    "seed", [nothing, hotfixes, stages, steps_in_other_stages, candidates, older_line, lists_hotfixes]
)
def test_no_fault_is_silent(repo: Repo, seed: Callable[[Repo], None]) -> None:
    """Allowed states are no findings, not even notes."""
    seed(clean(repo))
    assert found(repo) == []


def test_a_file_that_did_not_exist_yet_is_no_finding(repo: Repo) -> None:
    """Releases from before a version file, or from where it stood elsewhere, are no fault."""
    repo.commit("feat: without files")
    repo.tag(f"{WEB}/prod-v1.3.0")
    clean(repo)
    assert found(repo) == []


def test_two_tags_of_one_version_are_reported_once(repo: Repo) -> None:
    """That one contains the other is the same fault."""
    clean(repo)
    repo.commit("feat: more")
    repo.tag(f"{WEB}/prod-v1.4.0+6")
    assert [code for code, *_ in found(repo)] == ["KV207"]


def test_a_higher_release_that_was_tagged_later_is_reported_once(repo: Repo) -> None:
    """Where versions go down, dates are not reported as well."""
    clean(repo)
    put(repo, "1.4.1")
    put(repo, "1.5.0")
    higher = repo.git("rev-parse", "HEAD")
    put(repo, "1.4.1")
    repo.tag(f"{WEB}/prod-v1.4.1")
    put(repo, "1.5.0")
    repo.tag(f"{WEB}/prod-v1.5.0", higher)
    assert [(code, about) for code, _, _, about in found(repo)] == [("KV302", f"{WEB}/prod-v1.4.1")]


def test_every_release_with_a_lower_build_is_found(repo: Repo) -> None:
    """A build is compared with the highest of its version, and the message says with which."""
    clean(repo)
    ship(repo, "0.2.4+20", slug=CLIENT, stage="dev")
    ship(repo, "0.3.0+21", slug=CLIENT, stage="dev")
    ship(repo, "0.2.4+19", slug=CLIENT, stage="staging")
    repo.tag(f"{CLIENT}/prod-v0.2.4")
    put(repo, "0.3.0+21", slug=CLIENT)
    findings = audited(repo).findings
    assert [each.code for each in findings] == ["KV303", "KV303"]
    assert all("0.2.4 had build 20 before" in each.message for each in findings)


def test_a_wrong_file_is_reported_once(repo: Repo) -> None:
    """The build of a file with another version is no second finding."""
    clean(repo)
    for version, tag in (("0.2.3+16", "0.2.4"), ("0.2.3", "0.2.5")):
        put(repo, version, slug=CLIENT)
        repo.tag(f"{CLIENT}/dev-v{tag}")
    put(repo, "0.2.3+17", slug=CLIENT)
    assert [(code, about) for code, _, _, about in found(repo)] == [
        ("KV301", f"{CLIENT}/dev-v0.2.5"),
        ("KV301", f"{CLIENT}/dev-v0.2.4"),
    ]


def test_a_missing_file_is_read_at_its_tags(repo: Repo) -> None:
    """A file that is gone from the disk keeps its past: only the missing file is found."""
    clean(repo)
    ship(repo, "0.2.4+18", slug=CLIENT)
    (repo.path / krow.CLIENT).unlink()
    assert not {code for code, *_ in found(repo)} & {"KV301", "KV303"}
    history = kv.Workspace.open(repo.path).history("client-mobile")
    assert [release.build for release in history.releases] == [18, 17]


def test_two_versions_of_one_commit_are_one_step(repo: Repo) -> None:
    """Of two releases at one commit the higher contains the lower, and not the other way round."""
    clean(repo)
    repo.git("tag", "--annotate", "--message=HOTFIX: nothing", f"{WEB}/prod-v1.4.1")
    codes = [(code, about) for code, _, _, about in found(repo)]
    assert ("KV301", f"{WEB}/prod-v1.4.1") in codes
    assert not {code for code, _ in codes} & {"KV302", "KV304", "KV305", "KV306"}


@pytest.mark.parametrize("date", [978350400, 2145960000], ids=["too early", "too late"])
def test_a_wrong_clock_is_reported_once(repo: Repo, date: int) -> None:
    """The date of one tag makes no build of another wrong."""
    clean(repo)
    for version in ("0.2.4+18", "0.2.5+19", "0.2.6+20", "0.2.7+21"):
        ship(repo, version, slug=CLIENT)
    name = f"{CLIENT}/prod-v0.2.5"
    commit = repo.git("rev-parse", f"{name}^{{}}")
    tag = f"object {commit}\ntype commit\ntag {name}\ntagger A <a@b.c> {date} +0000\n\nx\n"
    repo.git("update-ref", f"refs/tags/{name}", repo.git("mktag", stdin=tag))
    assert [code for code, *_ in found(repo)] == ["KV306"]


def test_names_of_tags_are_shown_escaped(repo: Repo) -> None:
    """What a file at a tag holds reaches no terminal raw."""
    clean(repo)
    repo.write(krow.WEB, '{"version": "1.4.1\\u001b[2K\\u202e"}')
    repo.commit()
    repo.tag(f"{WEB}/dev-v1.4.1")
    put(repo, "1.4.0")
    (finding,) = audited(repo).findings
    assert finding.code == "KV301"
    assert "\x1b" not in finding.message
    assert "\u202e" not in finding.message
