"""What an audit finds about files against production, and about tags: each fault alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.audit import audit as audited
from krow_versions.products import KROW
from krow_versions.settings import Audit
from krow_versions.snapshot import ProductState, RepoState, Snapshot, tag_state
from support import krow
from support.audits import NOW, audit, clean, places_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

    Place = tuple[str, str | None, str | None, int | None, str]

WEB_TAG = "krow-withus-web/prod-v1.4.0"
WEB_HOTFIX = "hotfix/krow-withus-web-v1.4.1"


def say(repo: Repo, web: str) -> None:
    """Write the web's version into both of its files."""
    repo.write(krow.WEB, krow.package(web))
    repo.write(krow.WEB_LOCK, krow.lock(web))


def saying(web: str, *, branch: str | None = None) -> Callable[[Repo], None]:
    def seed(repo: Repo) -> None:
        if branch:
            repo.git("switch", "--quiet", "--create", branch)
        say(repo, web)

    return seed


def tagging(name: str, *, annotated: bool = True, target: str = "HEAD") -> Callable[[Repo], None]:
    return lambda repo: (repo.tag(name, target, annotated=annotated), None)[1]


def retag(repo: Repo) -> None:
    repo.git("tag", "--delete", WEB_TAG)
    repo.tag(WEB_TAG, annotated=False)


def off_main(repo: Repo) -> None:
    """Tag a hotfix of the web on its branch, which is never merged, while the main branch goes on."""
    repo.git("switch", "--quiet", "--create", WEB_HOTFIX)
    say(repo, "1.4.1")
    repo.commit("fix: crash")
    repo.tag("krow-withus-web/prod-v1.4.1")
    repo.git("switch", "--quiet", "main")


def off_main_and_ahead(repo: Repo) -> None:
    off_main(repo)
    say(repo, "1.5.0")
    repo.commit("feat: more")


def one_of_two_off_main(repo: Repo) -> None:
    repo.tag(f"{WEB_TAG}+6")
    repo.git("tag", "--delete", WEB_TAG)
    repo.tag(WEB_TAG, repo.git("commit-tree", "-m", "aside", "-p", "HEAD", "HEAD^{tree}"))


def blob(name: str) -> Callable[[Repo], None]:
    def seed(repo: Repo) -> None:
        repo.tag(name, repo.git("hash-object", "-w", "--stdin", stdin="no commit"), annotated=False)

    return seed


def garble(repo: Repo) -> None:
    """Leave a ref of the newest release as a crash of a machine does."""
    repo.write(".git/refs/tags/krow-withus-web/prod-v1.5.0", "")


def about(code: str, name: str) -> Place:
    return (code, "web", None, None, name)


FAULTS = [
    pytest.param(saying("1.3.9"), ("KV202", "web", krow.WEB, 3, ""), id="behind"),
    pytest.param(saying("1.4.0-rc.1"), ("KV202", "web", krow.WEB, 3, ""), id="a pre-release of production"),
    pytest.param(
        lambda repo: repo.write(krow.CLIENT, krow.pubspec("0.2.3+16")),
        ("KV202", "client-mobile", krow.CLIENT, 3, ""),
        id="a lower build",
    ),
    pytest.param(
        lambda repo: repo.write(krow.API, krow.package("0.3.0")),
        ("KV202", "backend", krow.API, 3, ""),
        id="one of two files behind",
    ),
    pytest.param(
        saying("1.4.2", branch=WEB_HOTFIX), ("KV203", "web", krow.WEB, 3, ""), id="above the branch"
    ),
    pytest.param(
        saying("1.5.0", branch=WEB_HOTFIX), ("KV203", "web", krow.WEB, 3, ""), id="a MINOR in a hotfix"
    ),
    pytest.param(
        saying("1.4.1-rc.1", branch=WEB_HOTFIX), ("KV203", "web", krow.WEB, 3, ""), id="a candidate"
    ),
    pytest.param(saying("1.3.9", branch=WEB_HOTFIX), ("KV202", "web", krow.WEB, 3, ""), id="below the base"),
    pytest.param(off_main_and_ahead, about("KV204", "krow-withus-web/prod-v1.4.1"), id="not on main"),
    pytest.param(off_main, about("KV204", "krow-withus-web/prod-v1.4.1"), id="not on main, files behind"),
    pytest.param(retag, about("KV205", WEB_TAG), id="lightweight"),
    *(
        pytest.param(tagging(f"krow-withus-web/{name}"), about("KV206", f"krow-withus-web/{name}"), id=name)
        for name in ("prod-1.3.0", "prod-v1.3", "prod-v1.3.0+x", "production-v1.3.0", "prod-v1.5.0-rc.1", "x")
    ),
    pytest.param(tagging(f"{WEB_TAG}+6"), about("KV207", f"{WEB_TAG}+6"), id="two of production"),
    pytest.param(
        blob("krow-withus-web/prod-v1.3.0"), about("KV208", "krow-withus-web/prod-v1.3.0"), id="blob"
    ),
    pytest.param(blob(f"{WEB_TAG}+6"), about("KV208", f"{WEB_TAG}+6"), id="a second tag that is none"),
    pytest.param(one_of_two_off_main, about("KV207", f"{WEB_TAG}+6"), id="two of production, one off main"),
    pytest.param(garble, about("KV208", "krow-withus-web/prod-v1.5.0"), id="a garbled ref of the newest"),
]


@pytest.mark.parametrize(("seed", "expected"), FAULTS)
def test_one_fault_gives_one_finding(repo: Repo, seed: Callable[[Repo], object], expected: Place) -> None:
    """What does not agree with production, or a tag that does not fit, is found once, under one id."""
    seed(clean(repo))
    report = audit(repo.path)
    assert places_of(report) == [expected]
    assert report.findings[0].hint


def older_line(repo: Repo) -> None:
    """A hotfix on what is in production of an older line, while a newer one is there."""
    repo.git("switch", "--quiet", "--detach")
    repo.git("switch", "--quiet", "main")
    say(repo, "2.0.0")
    repo.commit("feat: all new")
    repo.tag("krow-withus-web/prod-v2.0.0")
    repo.git("switch", "--quiet", "--create", WEB_HOTFIX, WEB_TAG)
    say(repo, "1.4.1")


def hotfix_of_another(repo: Repo) -> None:
    """On a hotfix branch of the web, the other products are as old as the web's release."""
    repo.write(krow.CLIENT, krow.pubspec("0.2.4+18"))
    repo.commit("feat: more")
    repo.tag("krow-withus-client-mobile/prod-v0.2.4")
    repo.git("switch", "--quiet", "--create", WEB_HOTFIX, WEB_TAG)


def two_stages(repo: Repo) -> None:
    for stage in ("staging", "dev"):
        repo.tag(f"krow-withus-web/{stage}-v1.4.0", annotated=False)
    repo.tag("krow-withus-web/staging-v1.5.0-rc.1")


def of_others(repo: Repo) -> None:
    for name in ("v1.4.0", "krow-withus-webshop/x", "krow-withus-web-old/prod-v1", "prod-v9.9.9"):
        repo.tag(name)


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(saying("1.4.1"), id="a PATCH ahead"),
        pytest.param(saying("2.0.0"), id="a MAJOR ahead"),
        pytest.param(saying("1.4.0", branch=WEB_HOTFIX), id="a hotfix at its base"),
        pytest.param(saying("1.4.1", branch=WEB_HOTFIX), id="a hotfix at its target"),
        pytest.param(
            lambda repo: repo.write(krow.CLIENT, krow.pubspec("0.2.3+99")), id="a higher build of the same"
        ),
        pytest.param(older_line, id="a hotfix of an older line"),
        pytest.param(hotfix_of_another, id="a hotfix of another product"),
        pytest.param(two_stages, id="other stages"),
        pytest.param(of_others, id="tags of others"),
    ],
)
def test_what_is_no_fault_is_not_found(repo: Repo, seed: Callable[[Repo], object]) -> None:
    """Development ahead of production, hotfixes as they should be and names of others are no faults."""
    seed(clean(repo))
    assert places_of(audit(repo.path)) == []


def test_a_product_without_a_release_is_a_note(repo: Repo) -> None:
    """Each product without a production tag is a note, and the exit code is 0."""
    clean(repo, tagged=False)
    repo.tag("krow-withus-web/staging-v1.4.0")
    report = audit(repo.path)
    names = ("backend", "client-mobile", "web", "worker-mobile")
    assert places_of(report) == [("KV201", name, None, None, "") for name in names]
    assert report.ok


def test_files_of_a_product_without_a_release_may_disagree(repo: Repo) -> None:
    """Without a release there is nothing to be behind, but files of one product still have to agree."""
    clean(repo, tagged=False).write(krow.API, krow.package("0.3.0"))
    assert places_of(audit(repo.path, "backend")) == [
        ("KV105", "backend", krow.API, 3, ""),
        ("KV201", "backend", None, None, ""),
    ]


def test_a_misnamed_release_is_found_for_its_name_alone(repo: Repo) -> None:
    """A product whose only release has a name that does not parse is not called unreleased, too."""
    clean(repo, tagged=False).tag("krow-withus-web/prod-1.4.0")
    assert places_of(audit(repo.path, "web")) == [about("KV206", "krow-withus-web/prod-1.4.0")]


def test_a_branch_without_the_newest_release_gets_the_hint_to_merge_it(repo: Repo) -> None:
    """Of a branch that is older than the release, the hint is not to write another version."""
    clean(repo).git("switch", "--quiet", "--create", "feature")
    repo.git("switch", "--quiet", "main")
    say(repo, "1.4.1")
    repo.commit("fix: crash")
    repo.tag("krow-withus-web/prod-v1.4.1")
    repo.git("switch", "--quiet", "feature")
    report = audit(repo.path)
    assert places_of(report) == [("KV202", "web", krow.WEB, 3, "")]
    assert report.findings[0].message == (
        f"{krow.WEB} says 1.4.0, but 1.4.1 is in production (krow-withus-web/prod-v1.4.1)"
    )
    assert report.findings[0].hint.endswith("git merge krow-withus-web/prod-v1.4.1")


def test_a_production_that_is_merged_is_on_main(repo: Repo) -> None:
    """A finished hotfix has no findings."""
    off_main(clean(repo))
    repo.git("merge", "--quiet", "--ff-only", WEB_HOTFIX)
    repo.git("branch", "--delete", WEB_HOTFIX)
    assert places_of(audit(repo.path)) == []


def test_a_bump_of_every_product_leaves_nothing_to_find(repo: Repo) -> None:
    """A bump on the main branch or on a hotfix branch has no findings."""
    clean(repo).git("switch", "--quiet", "--create", WEB_HOTFIX)
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_bump("web", message="Crash on login"))
    assert places_of(audit(repo.path, history=True)) == []
    repo.git("switch", "--quiet", "main")
    workspace.apply(workspace.plan_bump("client-mobile", "backend", message="Crash on login"))
    assert places_of(audit(repo.path, history=True)) == []


def test_twenty_thousand_tags_are_reported_one_by_one() -> None:
    """Each faulty tag is a finding of its own, however many there are."""
    web = KROW.product("web")
    reader = KROW.tag_reader(web)
    names = [f"{web.slug}/prod-v1.{number}.0{end}" for number in range(10_000) for end in ("", "+1")]
    tags = tuple(tag_state(reader, name, annotated=False, commit=name) for name in names)
    state = ProductState(web, RepoState(".", "/", head="0", branch="main", main="main"), (), tags)
    report = audited(Snapshot(KROW, (state,)), Audit(), NOW)
    assert len([each for each in report.findings if each.code == "KV205"]) == 20_000
    assert len([each for each in report.findings if each.code == "KV207"]) == 10_000
