"""A model: several clones, one remote and a store, in any order of releases, hotfixes, merges and fetches.

The law: who looks for findings after a fresh fetch, and follows the hint, is never refused by the store. The
store knows nothing of tags or of rules: it refuses a build that is below what it has seen, or that it has
seen under another version.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from krow_versions.errors import KrowVersionsError
from krow_versions.formats import BUILT_IN
from krow_versions.version import Version
from krow_versions.workspace import Workspace
from support.krow import pubspec
from support.repositories import Repo, refs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from krow_versions.audit import Finding
    from krow_versions.planning.plan import Plan

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
FOUND = ("KV202", "KV211", "KV212")  # What an audit says about the build, or the version, of a line.
TAGS, HEADS = "refs/tags/", "refs/heads/"
STAGES = {"production": "prod", "staging": "staging", "development": "dev"}


@attrs.frozen
class App:
    """How version and build stand in the files of an app.

    Attributes:
        files: as they are configured.
        write: makes the text of each file.
        held: finds the version and the build in the text of all files.
    """

    files: tuple[str, ...]
    write: Callable[[str, int], dict[str, str]]
    held: re.Pattern[str]


APPS = {
    "in one place": App(
        ("pubspec.yaml",),
        lambda version, build: {"pubspec.yaml": pubspec(f"{version}+{build}")},
        re.compile(r"^version: (?P<version>[0-9.]+)\+(?P<build>[0-9]+)", re.MULTILINE),
    ),
    "in two files": App(
        ("a/pubspec.yaml", "b/pubspec.yaml"),
        lambda version, build: {
            f"{folder}/pubspec.yaml": pubspec(f"{version}+{build if folder == 'a' else max(build - 1, 0)}")
            for folder in "ab"
        },
        re.compile(r"^version: (?P<version>[0-9.]+)\+(?P<build>[0-9]+)", re.MULTILINE),
    ),
}
if "gradle" in BUILT_IN:
    GRADLE = 'android {\n    defaultConfig {\n        versionCode %d\n        versionName "%s"\n    }\n}\n'
    APPS["beside the version"] = App(
        ("app/build.gradle", "pubspec.yaml"),
        lambda version, build: {
            "app/build.gradle": GRADLE % (build, version),
            "pubspec.yaml": pubspec(f"{version}+{build}"),
        },
        re.compile(
            r"^(?:version: |\s+versionName \")(?P<version>[0-9.]+)|^\s+versionCode (?P<build>[0-9]+)",
            re.MULTILINE,
        ),
    )


class Store:
    """Takes a build that is above all that it has seen, or the newest one again for another stage."""

    def __init__(self) -> None:
        self.newest: tuple[int, str] = (-1, "")
        self.burned = False

    def take(self, version: str, build: int) -> None:
        highest, its_version = self.newest
        assert build > highest or (build, version) == (highest, its_version), (
            f"the store refuses {version}+{build}: it has seen {its_version}+{highest}"
        )
        self.newest = (build, version)

    def burn(self, more: int) -> None:
        """See a build that is never tagged."""
        self.newest, self.burned = (self.newest[0] + more, "burned"), True


class Builds(RuleBasedStateMachine):
    """An app, its lines, and two people who do not always fetch."""

    app: App
    make: Callable[[], Path]

    @initialize()
    def begin(self) -> None:
        folder = type(self).make()
        self.remote = Repo(folder / "remote.git")
        self.clones = [Repo(folder / name) for name in ("ours", "theirs")]
        self.store = Store()
        self.store.take("0.1.0", 5)

    clone = st.integers(0, 1)
    pick = st.integers(0, 9)

    # --- what people do --------------------------------------------------------------------------------

    @rule(clone=clone)
    def fetch(self, clone: int) -> None:
        self.clones[clone].git("fetch", "--quiet", "--tags", "--prune")

    @rule(clone=clone, more=st.integers(0, 1))
    def develop(self, clone: int, more: int) -> None:
        """Main gets the next MINOR, with the build that it has, or the next one."""
        repo = self.newest(clone, "main")
        version, build = self.held(repo)
        major, minor, _ = version.split(".")
        self.write(repo, f"{major}.{int(minor) + 1}.0", build + more)
        self.push(repo)

    @rule(clone=clone)
    def cut(self, clone: int) -> None:
        """Make a release branch of what main has."""
        repo = self.newest(clone, "main")
        name = f"release/{self.held(repo)[0]}"
        if HEADS + name not in refs(self.remote):
            repo.git("switch", "--quiet", "--force-create", name)
            self.push(repo)

    @rule(clone=clone, pick=pick, fresh=st.booleans())
    def start(self, clone: int, pick: int, fresh: bool) -> None:
        """Start a hotfix from any release, by what this clone knows of builds."""
        repo = self.clones[clone]
        if fresh:
            self.fetch(clone)
        tags = sorted(name for name in refs(repo, TAGS) if "/prod-v" in name)
        tag = tags[pick % len(tags)]
        target = str(Version.parse(tag.rpartition("-v")[2]).next_patch())
        branch = f"hotfix/app-v{target}"
        if HEADS + branch in refs(self.remote) or f"{TAGS}app/prod-v{target}" in refs(self.remote):
            return
        repo.git("switch", "--quiet", "--force-create", branch, tag)
        repo.write(f"fixes/{target}", "fixed\n")
        repo.commit("fix: crash")
        if self.apply(repo, lambda workspace: workspace.plan_bump("app", changelog=False)):
            self.push(repo)

    @rule(clone=clone, pick=pick, theirs=st.booleans())
    def merge(self, clone: int, pick: int, theirs: bool) -> None:
        """Merge a release or a line into main, which keeps its version, and the build of either."""
        repo = self.newest(clone, "main")
        names = sorted(name for name in refs(repo, TAGS, "refs/remotes/origin") if not name.endswith("/HEAD"))
        name = names[pick % len(names)]
        version, build = self.held(repo)
        repo.git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy-option=ours", name)
        other = self.held_at(repo, name)
        self.write(repo, version, other[1] if theirs else build)
        self.push(repo)

    @rule(clone=clone, pick=pick)
    def raise_build(self, clone: int, pick: int) -> None:
        """Raise the build of a line, whether there is a reason or not."""
        repo = self.newest(clone, self.line(pick))
        if self.apply(repo, lambda workspace: workspace.plan_build("app")):
            self.push(repo)

    @rule(often=st.integers(0, 3), more=st.integers(1, 3))
    def burn(self, often: int, more: int) -> None:
        """Now and then, upload something that is never tagged."""
        if not often:
            self.store.burn(more)

    @rule(clone=clone, stage=st.sampled_from([*STAGES]))
    def ship_main(self, clone: int, stage: str) -> None:
        self.ship(clone, "main", stage)

    @rule(clone=clone, pick=pick)
    def ship_hotfix(self, clone: int, pick: int) -> None:
        self.ship(clone, self.line(pick, "hotfix"), "production")

    @rule(clone=clone, pick=pick, stage=st.sampled_from([*STAGES]))
    def ship_release(self, clone: int, pick: int, stage: str) -> None:
        self.ship(clone, self.line(pick, "release"), stage)

    # --- what the rules need ---------------------------------------------------------------------------

    def ship(self, clone: int, line: str, stage: str) -> None:
        """Ship a line to a stage: fetch, look for findings, follow the hints, and upload."""
        self.fetch(clone)
        repo = self.newest(clone, line)
        version, _ = self.held(repo)
        shipped = refs(self.remote, TAGS)
        if {f"{TAGS}app/prod-v{version}", f"{TAGS}app/{STAGES[stage]}-v{version}"} & shipped.keys():
            return  # That version is out.
        if self.store.burned:
            number = self.store.newest[0]
            self.apply(repo, lambda workspace: workspace.plan_build("app", above_build=number))
            self.push(repo)
        found = self.findings(repo, line)
        if "KV202" in found:
            event("behind production")
            return
        if "KV211" in found:
            event("followed the hint")
            assert "krow-versions bump-build app" in found["KV211"].hint
            assert self.apply(repo, lambda workspace: workspace.plan_build("app"))
            self.push(repo)
            assert "KV211" not in self.findings(repo, line)
        event(f"shipped from {line.partition('/')[0]}")
        self.store.take(*self.held(repo))
        self.store.burned = False
        name = f"app/{STAGES[stage]}-v{version}"
        repo.tag(name)
        repo.git("push", "--quiet", "origin", TAGS + name)

    def line(self, pick: int, folder: str = "") -> str:
        """Choose one of the lines that the remote has in a folder, or main if there is none."""
        lines = sorted(refs(self.remote, f"{HEADS}{folder}")) or [f"{HEADS}main"]
        return lines[pick % len(lines)].removeprefix(HEADS)

    def newest(self, clone: int, line: str) -> Repo:
        """Check a line out as it is on the remote; the tags of others stay unknown."""
        repo = self.clones[clone]
        repo.git("fetch", "--quiet", "--no-tags", "origin", f"+refs/heads/{line}:refs/remotes/origin/{line}")
        repo.git("switch", "--quiet", "--force-create", line, f"refs/remotes/origin/{line}")
        return repo

    def write(self, repo: Repo, version: str, build: int) -> None:
        for path, text in type(self).app.write(version, build).items():
            repo.write(path, text)

    def push(self, repo: Repo) -> None:
        repo.commit("chore: change")
        repo.git("push", "--quiet", "origin", "HEAD")

    def apply(self, repo: Repo, plan: Callable[[Workspace], Plan]) -> bool:
        """Do what our library plans, if that is not refused."""
        workspace = Workspace.open(repo.path)
        try:
            workspace.apply(plan(workspace))
        except KrowVersionsError as error:
            event(f"refused: {type(error).__name__}")
            return False
        return True

    def findings(self, repo: Repo, line: str) -> dict[str, Finding]:
        """What an audit says about the build of a line, by its id."""
        report = Workspace.open(repo.path).audit("app")
        return {
            each.code: each
            for each in report.findings
            if each.code in FOUND and (each.code == "KV202" or line in each.about.split(" and "))
        }

    def held(self, repo: Repo) -> tuple[str, int]:
        """Find version and build, the highest of all files, as a store does in what was built."""
        return self.read((repo.path / path).read_text() for path in type(self).app.files)

    def held_at(self, repo: Repo, name: str) -> tuple[str, int]:
        return self.read(repo.git("show", f"{name}:{path}") for path in type(self).app.files)

    def read(self, texts: Iterable[str]) -> tuple[str, int]:
        text = "\n".join(texts)
        builds = [int(found["build"]) for found in self.app.held.finditer(text) if found["build"]]
        (version,) = {found["version"] for found in self.app.held.finditer(text) if found["version"]}
        return version, max(builds)


@pytest.mark.parametrize("app", APPS)
def test_no_build_is_refused_where_findings_are_followed(
    tmp_path_factory: pytest.TempPathFactory, app: str
) -> None:
    """In any order of what two people do, the store takes every build that has no finding."""
    folder, numbers = tmp_path_factory.mktemp("builds"), itertools.count()
    begun = first_release(folder / "begun", APPS[app])

    def made() -> Path:
        here = folder / str(next(numbers))
        shutil.copytree(begun, here, symlinks=True)
        return here

    class Here(Builds):
        make = staticmethod(made)

    Here.app = APPS[app]
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=settings().max_examples // 25 if LONG else 4,
            stateful_step_count=30 if LONG else 14,
            suppress_health_check=[*HealthCheck],
            phases=[*{*Phase} - {Phase.explain}] if LONG else [Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )


def first_release(folder: Path, app: App) -> Path:
    """Make a remote and two clones, in which 0.1.0+5 is in production."""
    remote, ours = Repo(folder / "remote.git", bare=True), Repo(folder / "ours")
    listed = ", ".join(f'"{path}"' for path in app.files)
    ours.write(
        "krow-versions.toml",
        f'[products.app]\nslug = "app"\nfiles = [{listed}]\n[hotfix]\nlines = ["release/*"]\n',
    )
    for path, text in app.write("0.1.0", 5).items():
        ours.write(path, text)
    ours.commit("feat: first release")
    ours.tag("app/prod-v0.1.0")
    ours.git("remote", "add", "origin", "../remote.git")
    ours.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
    theirs = remote.clone(folder / "theirs")
    theirs.git("remote", "set-url", "origin", "../remote.git")
    return folder
