"""The first audit of a healthy repository of another kind: nothing is wrong, and nothing is noise."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.workspace.display import look_at
from krow_versions.workspace.proposal import init_workspace
from support.commands import run
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SINCE = '\n[audit]\nsince = "2026-06-01"\n'


@attrs.frozen
class Kind:
    """A kind of repository: its configuration, and the files and tags of each release."""

    config: str
    pattern: str
    files: Mapping[str, str]
    slugs: tuple[str, ...]
    versions: tuple[str, ...]
    annotated: bool = False


PUB = "name: {name}\nhomepage: https://example.com\nversion: {version}\n"
KINDS = {
    "pub with melos": Kind(
        '[products.core]\nfiles = ["packages/core/pubspec.yaml"]\n'
        '[products.shelf]\nfiles = ["packages/shelf/pubspec.yaml"]\n'
        '[tags]\nproduction = "{slug}-v{version}"\n',
        "{slug}-v{version}",
        {f"packages/{name}/pubspec.yaml": PUB.replace("{name}", name) for name in ("core", "shelf")},
        ("core", "shelf"),
        ("1.0.0-dev.1", "1.0.0", "1.0.0+1", "1.2.0", "1.2.0+1"),
    ),
    "npm with changesets": Kind(
        '[products.cli]\nslug = "@shop/cli"\nfiles = ["packages/cli/package.json"]\n'
        'tags = { production = "{slug}@{version}" }\n',
        "{slug}@{version}",
        {"packages/cli/package.json": '{"name": "@shop/cli", "version": "{version}"}\n'},
        ("@shop/cli",),
        ("1.0.0", "2.0.0-next.0", "2.0.0", "2.3.0"),
    ),
    "a workspace of Cargo": Kind(
        '[products.fast]\nfiles = ["fast/Cargo.toml"]\n[tags]\nproduction = "{slug}-{version}"\n',
        "{slug}-{version}",
        {"fast/Cargo.toml": '[package]\nname = "fast"\nversion = "{version}"\n'},
        ("fast",),
        ("0.1.0", "0.1.2", "0.2.0-alpha.1", "0.2.0"),
    ),
    "one Python project": Kind(
        '[products.tool]\nfiles = ["pyproject.toml"]\ntags = { production = "{version}" }\n',
        "{version}",
        {"pyproject.toml": '[project]\nname = "tool"\nversion = "{version}"\n'},
        ("tool",),
        ("1.0.0", "1.1.0", "1.3.1"),
        annotated=True,
    ),
    "fixed versions of Lerna": Kind(
        '[products.all]\nfiles = [\n{ path = "lerna.json", format = "json", key = "version" },\n'
        '"packages/a/package.json"]\n'
        'tags = { production = "v{version}" }\n',
        "v{version}",
        {
            "lerna.json": '{"version": "{version}"}\n',
            "packages/a/package.json": '{"name": "a", "version": "{version}"}\n',
        },
        ("all",),
        ("3.0.0", "3.0.1", "4.0.0"),
    ),
}


def made(folder: Path, kind: Kind) -> Repo:
    """A repository of some kind, released before its adoption and not since."""
    repo = Repo(folder)
    for version in kind.versions:
        for path, text in kind.files.items():
            repo.write(path, text.replace("{version}", version))
        repo.commit(f"chore: {version}")
        for slug in kind.slugs:
            name = kind.pattern.replace("{slug}", slug).replace("{version}", version)
            repo.tag(name, annotated=kind.annotated)
    repo.write("krow-versions.toml", kind.config + SINCE)
    repo.commit("chore: adopt krow-versions")
    return repo


@pytest.mark.parametrize("args", [(), ("--history",)], ids=["now", "history"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_healthy_repository_has_no_finding_but_notes(
    tmp_path: Path, kind: Kind, args: tuple[str, ...]
) -> None:
    """With the day of adoption, the first audit ends with 0, and says only that there is no CHANGELOG."""
    repo = made(tmp_path / "repo", kind)
    clone = repo.clone(tmp_path / "clone")
    for place in (repo, clone):
        done = run("audit", *args, cwd=place.path)
        assert (done.code, done.out.count("[KV")) == (0, done.out.count("[KV401]")), done.out


def test_builds_of_a_library_are_no_builds_of_a_store(tmp_path: Path) -> None:
    """Without the day, too: of a package that pub.dev shows, +1 is a version of its own."""
    kind = KINDS["pub with melos"]
    repo = made(tmp_path / "library", kind)
    repo.write("krow-versions.toml", kind.config)
    out = run("audit", "--history", cwd=repo.path).out
    assert not [code for code in ("KV107", "KV206", "KV207", "KV211", "KV303") if f"[{code}]" in out]
    for path in kind.files:
        text = (repo.path / path).read_text()
        repo.write(path, text.replace("homepage: https://example.com", "publish_to: none"))
    out = run("audit", "--history", cwd=repo.path).out
    assert all(f"[{code}]" in out for code in ("KV207", "KV303"))


def test_a_product_with_pre_releases_alone_has_tags(tmp_path: Path) -> None:
    """What is said of the tags is true: there are some, and none is a release."""
    repo = made(tmp_path / "early", attrs.evolve(KINDS["pub with melos"], versions=("1.0.0-dev.1",)))
    done = run("audit", cwd=repo.path)
    assert done.code == 0
    assert "only pre-releases have tags, such as core-v1.0.0-dev.1 [KV201]" in done.out


def test_pre_releases_are_named_where_stages_differ(tmp_path: Path) -> None:
    """Where another stage has a pattern of its own, a pre-release in production is a mistake."""
    kind = KINDS["pub with melos"]
    repo = made(tmp_path / "staged", kind)
    repo.write("krow-versions.toml", f'{kind.config}staging = "{{slug}}-s{{version}}"\n')
    assert "[KV206]" in run("audit", cwd=repo.path).out


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_init_writes_is_healthy(tmp_path: Path, kind: Kind) -> None:
    """It has the day itself, each baseline is the newest release, and the audit after it has notes only."""
    repo = made(tmp_path / "repo", kind)
    (repo.path / "krow-versions.toml").unlink()
    repo.commit("chore: without a configuration")
    today = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    init_workspace(str(repo.path), lambda: today)
    workspace = kv.Workspace.open(repo.path)
    assert workspace.config.audit.since == today.date()
    baselines = {each.baseline and each.baseline.version.core for each in look_at(workspace.snapshot())}
    assert baselines == {max(kv.Version.parse(each).core for each in kind.versions if "-" not in each)}
    for history in (False, True):
        report = workspace.audit(history=history, now=today)
        assert {each.severity for each in report.findings} <= {"note"}
        assert report.ok
