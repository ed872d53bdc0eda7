"""The registry of findings: nothing is left out, and every example is what an audit prints."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.audit.checks import CHECKS
from krow_versions.audit.render.text import to_text
from krow_versions.cli.demo import make_workspace
from krow_versions.findings import FINDINGS, GROUPS, FindingKind, group_of
from krow_versions.hotfix import HIGH, ActionItem, Declared, Done, Entry, Record, record_text
from krow_versions.hotfix.postmortem import action_id
from support.repositories import Repo
from support.signing import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    Seed = Callable[[Repo], Repo | None]

NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
EVERY = pytest.mark.parametrize("kind", FINDINGS.values(), ids=FINDINGS)
STAFF = "apps/mobile/apps/staff/pubspec.yaml"
WEB, LOCK, LOG = "apps/web/package.json", "apps/web/package-lock.json", "apps/web/CHANGELOG.md"
COMMAND, CORE = "backend/command-api/package.json", "backend/core-api/package.json"
APP, SLUG = "krow-withus-worker-mobile", "krow-withus-web"
_VERSION = re.compile(r'(\bversion(?:": "|: ))[0-9][^" ]*')
HOTFIX = f"hotfix/{SLUG}-v1.4.1"


def test_ids_are_those_of_their_group() -> None:
    """Each id begins as its group's, stands in its order, and is there once."""
    codes = [kind.code for group in GROUPS for kind in group.kinds]
    assert codes == sorted(set(codes)) == list(FINDINGS)
    for kind in FINDINGS.values():
        assert re.fullmatch("KV[0-9]{3}", kind.code)
        assert kind in group_of(kind.code).kinds


def test_every_finding_is_looked_for() -> None:
    """Each has one check, in the same order."""
    assert [check.code for check in CHECKS] == list(FINDINGS)


@EVERY
def test_a_page_says_what_why_and_how(kind: FindingKind) -> None:
    """The title is a few words, the texts are sentences, and there is something to type or to write."""
    assert 10 < len(kind.title) <= 48
    assert kind.title[-1].isalpha()
    for text in (kind.what, kind.why):
        assert text.endswith(".")
        assert "\n" not in text
    assert any(block.startswith(("```sh\n", "```toml\n", "```yaml\n")) for block in kind.how)
    for part in (f"Severity: {kind.severity}.", kind.what, kind.why, *kind.how, kind.example):
        assert part in kind.to_markdown()


@EVERY
def test_an_example_is_what_an_audit_prints(kind: FindingKind, demo: Path, tmp_path: Path) -> None:
    """Each finding is found where its fault is put into the demo, in exactly the words of its example."""
    shutil.copytree(demo, tmp_path / "krow", symlinks=True)
    repo = Repo(tmp_path / "krow")
    set_time(repo, "2026-02-01T12:00")
    repo = FAULTS[kind.code](repo) or repo
    remote, incidents = kind.code.startswith("KV6"), kind.code.startswith("KV7")
    report = kv.Workspace.open(repo.path).audit(history=True, remote=remote, incidents=incidents, now=NOW)
    assert kind.example in to_text(report).split("\n")
    assert next(each for each in report.findings if each.code == kind.code).severity == kind.severity


# --- one fault for each finding -------------------------------------------------------------------

FAULTS: dict[str, Seed] = {}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demo, with commit and tags of the first day of the year."""
    folder = Path(make_workspace(str(tmp_path_factory.mktemp("findings") / "krow")))
    repo = Repo(folder)
    repo.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit")
    for name in repo.git("tag", "--list").split():
        repo.git("tag", "--delete", name)
        repo.tag(name)
    assert kv.Workspace.open(folder).audit(history=True, now=NOW).findings == ()
    return folder


def fault_of(code: str) -> Callable[[Seed], Seed]:
    """Register what puts a fault into a workspace; a repository that it returns is audited in its place."""

    def register(seed: Seed) -> Seed:
        assert FAULTS.setdefault(code, seed) is seed
        return seed

    return register


def change(repo: Repo, path: str, old: str, new: str) -> None:
    text = (repo.path / path).read_text()
    assert old in text
    repo.write(path, text.replace(old, new))


def say(repo: Repo, version: str, *paths: str) -> None:
    """Let files say a version; those of the web where none is named."""
    for path in paths or (WEB, LOCK):
        text = (repo.path / path).read_text()
        repo.write(path, _VERSION.sub(rf"\g<1>{version}", text, count=2 if path == LOCK else 1))


def list_rows(repo: Repo, *rows: str, text: str = "More") -> None:
    """Let the CHANGELOG of the web have these dates and versions."""
    head = "# Changelog\n\n| Date | Version | Change |\n|---|---|---|\n"
    repo.write(LOG, head + "".join(f"| {row} | {text} |\n" for row in rows))


def set_time(repo: Repo, moment: str) -> None:
    """Let the next commit, or the next tag, be of this time."""
    since = dt.datetime.fromisoformat(moment) - dt.datetime(2026, 1, 1)  # noqa: DTZ001
    repo._minutes = since // dt.timedelta(minutes=1) - 1


def configure(repo: Repo, tags: str) -> None:
    """Add settings to [tags]."""
    repo.write("krow-versions.toml", f"[tags]\n{tags}\n")


def ship(repo: Repo, version: str, name: str = "", *paths: str) -> None:
    """Commit a version and tag it."""
    say(repo, version, *paths)
    repo.commit(f"chore: {version}")
    repo.tag(name or f"{SLUG}/prod-v{version}")


def release_line(repo: Repo) -> None:
    """Cut a release branch, then ship a hotfix that main gets, and the branch does not."""
    repo.git("switch", "--quiet", "--create", "release/1.5")
    say(repo, "1.5.0")
    repo.commit("chore: 1.5.0")
    repo.git("switch", "--quiet", "main")
    repo.write("apps/web/src/login.ts", "fixed\n")
    repo.commit("fix: crash")
    ship(repo, "1.4.1")


def branch_off(repo: Repo, name: str = HOTFIX, *, stay: bool = False) -> None:
    """Make a branch with a commit."""
    repo.git("switch", "--quiet", "--create", name)
    repo.commit("fix: crash")
    if not stay:
        repo.git("switch", "--quiet", "main")


@fault_of("KV001")
def _no_git(repo: Repo) -> None:
    shutil.rmtree(repo.path / ".git")


@fault_of("KV002")
def _shallow(repo: Repo) -> Repo:
    repo.commit()
    return repo.clone(repo.path.parent / "clone", "--depth=1")


@fault_of("KV003")
def _no_main(repo: Repo) -> None:
    repo.git("branch", "--move", "develop")
    repo.git("branch", "next")  # The only branch would be main.


@fault_of("KV101")
def _missing(repo: Repo) -> None:
    (repo.path / WEB).unlink()


@fault_of("KV102")
def _not_utf_8(repo: Repo) -> None:
    repo.write(WEB, b"\xff")


@fault_of("KV103")
def _merge_conflict(repo: Repo) -> None:
    repo.write(STAFF, "name: krow\n\n<<<<<<< HEAD\nversion: 0.1.0+5\n")


@fault_of("KV104")
def _two_numbers(repo: Repo) -> None:
    say(repo, "1.4")


@fault_of("KV105")
def _one_of_two(repo: Repo) -> None:
    say(repo, "0.3.2", COMMAND)


@fault_of("KV106")
def _package_without_its_lock(repo: Repo) -> None:
    change(repo, WEB, '"version": "1.4.0"', '"version": "1.4.1"')


@fault_of("KV107")
def _no_build(repo: Repo) -> None:
    say(repo, "0.1.1", STAFF)


@fault_of("KV108")
def _huge_build(repo: Repo) -> None:
    say(repo, "0.1.1+2100000001", STAFF)


@fault_of("KV109")
def _written_in_gradle(repo: Repo) -> None:
    path = f"{STAFF.rpartition('/')[0]}/android/app/build.gradle"
    repo.write(path, "android {\n    defaultConfig {\n        versionCode 4\n    }\n}\n")


@fault_of("KV201")
def _no_tag(repo: Repo) -> None:
    repo.git("tag", "--delete", f"{SLUG}/prod-v1.4.0")


@fault_of("KV202")
def _behind(repo: Repo) -> None:
    say(repo, "1.3.9")


@fault_of("KV203")
def _ahead(repo: Repo) -> None:
    branch_off(repo, stay=True)
    say(repo, "1.5.0")


@fault_of("KV204")
def _off_main(repo: Repo) -> None:
    branch_off(repo, stay=True)
    ship(repo, "1.4.1")
    repo.git("switch", "--quiet", "main")


@fault_of("KV205")
def _lightweight(repo: Repo) -> None:
    repo.git("tag", "--force", f"{SLUG}/prod-v1.4.0", "HEAD")


@fault_of("KV206")
def _misspelt_tag(repo: Repo) -> None:
    repo.tag(f"{SLUG}/production-1.4.1")


@fault_of("KV207")
def _two_tags(repo: Repo) -> None:
    repo.tag(f"{APP}/prod-v0.1.0+6")


@fault_of("KV208")
def _tag_of_a_file(repo: Repo) -> None:
    repo.tag(f"{SLUG}/prod-v1.3.0", "HEAD:CHANGELOG.md", annotated=False)


@fault_of("KV209")
def _line_lacks(repo: Repo) -> None:
    release_line(repo)
    repo.write("krow-versions.toml", '[hotfix]\nlines = ["release/*"]\n')


@fault_of("KV210")
def _release_lacks(repo: Repo) -> None:
    release_line(repo)
    repo.git("switch", "--quiet", "release/1.5")
    repo.tag(f"{SLUG}/prod-v1.5.0")


@fault_of("KV211")
def _build_has_shipped(repo: Repo) -> None:
    branch_off(repo, f"hotfix/{APP}-v0.1.1", stay=True)
    ship(repo, "0.1.1+6", f"{APP}/prod-v0.1.1", STAFF)
    repo.git("switch", "--quiet", "main")
    say(repo, "0.2.0+6", STAFF)
    repo.commit("chore: 0.2.0")


@fault_of("KV212")
def _build_twice(repo: Repo) -> None:
    branch_off(repo, f"hotfix/{APP}-v0.1.1", stay=True)
    say(repo, "0.1.1+6", STAFF)
    repo.commit("chore: 0.1.1")
    repo.git("switch", "--quiet", "main")
    say(repo, "0.2.0+6", STAFF)
    repo.commit("chore: 0.2.0")


@fault_of("KV213")
def _unsigned(repo: Repo) -> None:
    configure(repo, "signed = true")


@fault_of("KV214")
def _strange_tagger(repo: Repo) -> None:
    configure(repo, 'taggers = ["ada@example.org"]')


@fault_of("KV216")
def _no_signers(repo: Repo) -> None:
    configure(repo, "signed = true")


@fault_of("KV217")
def _signers_inside(repo: Repo) -> None:
    key = Key.make(repo.path.parent / "keys", "ada")
    repo.write("signers", key.line())
    configure(repo, 'signers = "signers"')


@fault_of("KV215")
def _second_name(repo: Repo) -> None:
    repo.git("tag", f"{SLUG}/prod-v1.4.1", f"{SLUG}/prod-v1.4.0")


@fault_of("KV301")
def _wrong_file_at_a_tag(repo: Repo) -> None:
    change(repo, WEB, '"version": "1.4.0"', '"version": "1.3.9"')
    repo.commit()
    repo.git("tag", "--delete", f"{SLUG}/prod-v1.4.0")
    repo.tag(f"{SLUG}/prod-v1.4.0")


@fault_of("KV302")
def _lower_version_later(repo: Repo) -> None:
    ship(repo, "1.3.5")


@fault_of("KV303")
def _lower_build_later(repo: Repo) -> None:
    ship(repo, "0.1.1+9", f"{APP}/prod-v0.1.1", STAFF)
    ship(repo, "0.1.2+8", f"{APP}/staging-v0.1.2", STAFF)


@fault_of("KV304")
def _minor_in_a_hotfix(repo: Repo) -> None:
    list_rows(repo, "2026-03-01 | 1.5.0", "2026-02-12 | 1.4.0", text="HOTFIX: Crash")
    ship(repo, "1.5.0")


@fault_of("KV305")
def _patch_left_out(repo: Repo) -> None:
    ship(repo, "1.4.1")
    ship(repo, "1.4.3")


@fault_of("KV306")
def _earlier_than_what_it_contains(repo: Repo) -> None:
    repo.git("tag", "--delete", f"{SLUG}/prod-v1.4.0")
    set_time(repo, "2026-02-12T10:00")
    repo.tag(f"{SLUG}/prod-v1.4.0")
    say(repo, "1.4.1")
    repo.commit()
    set_time(repo, "2026-02-10T10:00")
    repo.tag(f"{SLUG}/prod-v1.4.1")


@fault_of("KV401")
def _no_changelog(repo: Repo) -> None:
    (repo.path / LOG).unlink()
    (repo.path / "CHANGELOG.md").unlink()


@fault_of("KV402")
def _no_row_for_the_files(repo: Repo) -> None:
    say(repo, "1.4.1")


@fault_of("KV403")
def _no_row_for_production(repo: Repo) -> None:
    list_rows(repo, "2026-01-12 | 1.3.0")


@fault_of("KV404")
def _two_rows(repo: Repo) -> None:
    list_rows(repo, "2026-02-12 | 1.4.0", "2026-02-12 | 1.4.0")


@fault_of("KV405")
def _rows_in_another_order(repo: Repo) -> None:
    list_rows(repo, "2026-01-20 | 1.3.2", "2026-02-12 | 1.4.0", "2026-01-12 | 1.3.1", "2026-01-02 | 1.3.0")


@fault_of("KV406")
def _no_such_date(repo: Repo) -> None:
    list_rows(repo, "2026-02-20 | 1.4.1", "2026-13-45 | 1.4.0")


@fault_of("KV407")
def _future(repo: Repo) -> None:
    list_rows(repo, "2036-03-05 | 1.4.1", "2026-02-12 | 1.4.0")


@fault_of("KV501")
def _branch_of_no_product(repo: Repo) -> None:
    branch_off(repo, "hotfix/web-login")


@fault_of("KV502")
def _branch_from_main(repo: Repo) -> None:
    for number in range(12):
        repo.commit(f"feat: {number}")
    branch_off(repo)


@fault_of("KV503")
def _taken(repo: Repo) -> None:
    branch_off(repo)
    ship(repo, "1.4.1")


@fault_of("KV504")
def _diverged(repo: Repo) -> Repo:
    branch_off(repo)
    clone = repo.clone(repo.path.parent / "clone")
    clone.git("switch", "--quiet", HOTFIX)
    clone.git("reset", "--quiet", "--hard", "HEAD~1")
    clone.commit("fix: otherwise")
    return clone


@fault_of("KV505")
def _stale(repo: Repo) -> None:
    set_time(repo, "2026-02-03T12:00")
    branch_off(repo)


def cloned(repo: Repo) -> Repo:
    """A clone, of which *repo* is the remote."""
    clone = repo.clone(repo.path.parent / "clone")
    clone._minutes = repo._minutes
    return clone


@fault_of("KV601")
def _no_remote(_: Repo) -> None:
    """The demo has none."""


@fault_of("KV602")
def _tagged_otherwise(repo: Repo) -> Repo:
    clone = cloned(repo)
    clone.commit("fix: otherwise")
    clone.git("tag", "--delete", f"{SLUG}/prod-v1.4.0")
    clone.tag(f"{SLUG}/prod-v1.4.0")
    return clone


@fault_of("KV603")
def _tag_not_pushed(repo: Repo) -> Repo:
    clone = cloned(repo)
    ship(clone, "1.4.1")
    return clone


@fault_of("KV604")
def _tag_not_fetched(repo: Repo) -> Repo:
    clone = cloned(repo)
    ship(repo, "1.4.1")
    return clone


@fault_of("KV605")
def _main_not_fetched(repo: Repo) -> Repo:
    clone = cloned(repo)
    repo.commit("feat: more")
    return clone


def keep(repo: Repo, *entries: Entry) -> None:
    """Record of a hotfix of the web what was declared on the second of February, and more."""
    when = dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)
    declared = Declared(
        at=when, base=f"{SLUG}/prod-v1.4.0", branch=HOTFIX, issue="Blank page", severity=HIGH, impact="All"
    )
    record = Record("web", SLUG, kv.Version.parse("1.4.1"), (declared, *entries))
    repo.write(f".git/krow-versions/hotfix/{SLUG}-v1.4.1.toml", record_text(record))


@fault_of("KV701")
def _undocumented(repo: Repo) -> None:
    at = dt.datetime(2026, 2, 2, 16, tzinfo=dt.UTC)
    keep(repo, Done(at=at, box="logs-watched"), Done(at=at, box="users-notified"))


@fault_of("KV702")
def _action_forgotten(repo: Repo) -> None:
    what = "Test the login with an expired token"
    at, due = dt.datetime(2026, 2, 3, tzinfo=dt.UTC), dt.date(2026, 2, 20)
    item = ActionItem(
        at=at, id=action_id(what), what=what, kind="prevent", area="tests", owner="Ada", due=due
    )
    keep(repo, item)


@fault_of("KV703")
def _damaged_record(repo: Repo) -> None:
    keep(repo)
    path = repo.path / f".git/krow-versions/hotfix/{SLUG}-v1.4.1.toml"
    path.write_text(path.read_text().replace("schema = 2", "schema = 0"))
