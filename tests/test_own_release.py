"""The project moves its own version by its own command, and is audited by it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import krow_versions as kv
from release import place
from support.commands import run
from support.repositories import Repo, executable

TOP = Path(__file__).parents[1]
OWN = ("krow-versions.toml", "pyproject.toml", "CHANGELOG.md")
VERSION = kv.Version.parse(kv.__version__)
NEXT = VERSION.next_patch()


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository with the files of ours that have the version, as they are in this checkout."""
    for name in OWN:
        shutil.copyfile(TOP / name, repo.path / name)
    repo.commit()
    return repo


def contents(repo: Repo) -> dict[str, str]:
    """The text of each file of ours."""
    return {name: (repo.path / name).read_text(encoding="utf-8") for name in OWN}


@pytest.mark.parametrize("released", [True, False])
def test_our_own_version_is_bumped_by_our_own_command(project: Repo, released: bool) -> None:
    """The version moves in its one file, the table gets its row, and every other byte stays; once only.

    So it is with the tag of the release before, and without one, as in a clone that has never had any.
    """
    if released:
        project.tag(f"v{VERSION}")
    before = contents(project)
    bump = ("bump-patch", "krow-versions", "-m", "Read a tab", "--date", "2026-12-01")
    assert run(*bump, cwd=project.path).code == 0
    after = contents(project)
    (number, row), *_ = [
        (number, line) for number, line in enumerate(after["CHANGELOG.md"].splitlines()) if str(NEXT) in line
    ]
    assert row == f"| 2026-12-01 | {NEXT} | HOTFIX: Read a tab |"
    lines = after["CHANGELOG.md"].splitlines(keepends=True)
    assert "".join(lines[:number] + lines[number + 1 :]) == before["CHANGELOG.md"]
    said = (f'version = "{VERSION}"', f'version = "{NEXT}"')
    assert before["pyproject.toml"].count(said[0]) == 1
    assert after["pyproject.toml"] == before["pyproject.toml"].replace(*said)
    assert after["krow-versions.toml"] == before["krow-versions.toml"]
    assert run(*bump, cwd=project.path).code == 0
    assert contents(project) == after


def test_our_own_audit_finds_nothing_before_and_after_a_release(project: Repo) -> None:
    """Where CI clones us without a tag, and at each step of the next release, nothing is to be corrected."""
    audit = ("audit", "--history", "--fail-on", "warning")
    assert run(*audit, cwd=project.path).code == 0
    project.tag(f"v{VERSION}")
    assert run(*audit, cwd=project.path).code == 0
    assert run("bump-patch", "krow-versions", "-m", "Read a tab", cwd=project.path).code == 0
    project.commit()
    assert run(*audit, cwd=project.path).code == 0
    project.tag(f"v{NEXT}")
    assert run(*audit, cwd=project.path).err.startswith("no findings")


def test_pages_name_releases_that_are_out() -> None:
    """Whoever copies an example with a release of ours gets one that is in the CHANGELOG."""
    released = {str(row.version) for row in kv.read_rows((TOP / "CHANGELOG.md").read_text(encoding="utf-8"))}
    pages = [path.read_text(encoding="utf-8") for path in (TOP / "docs").glob("*.md")]
    named = re.findall(r"(?:/krow-versions@|\brev: )v?(\S+?)[\s\"'`]", "\n".join(pages))
    assert named
    assert {*named} <= released


# --- ./dev release ----------------------------------------------------------------------------

# Stands for the tool: it says what it was asked for, and `package` leaves what was built.
STAND_IN = """#!/bin/sh
echo "$1" >> ../asked
[ "$1" = package ] && mkdir -p build/dist && echo wheel > build/dist/krow_versions-$VERSION-py3-none-any.whl
test ! -e ../red
"""


@pytest.fixture
def clean(project: Repo, tmp_path: Path) -> Repo:
    """A clone of a bare remote in which the next version is ready, and only its tag is missing."""
    Repo(tmp_path / "server.git", bare=True)
    project.write(".gitignore", "build/\n")
    text = (project.path / "pyproject.toml").read_text(encoding="utf-8")
    source = (tmp_path / "server").as_uri()
    project.write("pyproject.toml", re.sub("(?m)^Source = .*$", f'Source = "{source}"', text))
    project.write("ship/release.py", (TOP / "ship/release.py").read_bytes())
    executable(project.path / "dev", STAND_IN)
    project.git("remote", "add", "origin", f"{source}.git")
    assert run("bump-patch", "krow-versions", "-m", "Tabs", cwd=project.path).code == 0
    text = (project.path / "CHANGELOG.md").read_text(encoding="utf-8")
    project.write("CHANGELOG.md", text.replace("## Unreleased", heading(text), 1))
    project.commit()
    project.git("push", "--quiet", "origin", "main")
    return project


def heading(text: str) -> str:
    """The heading of the next version's changes, of the day that its row has."""
    return f"## {NEXT} - {kv.read_rows(text)[0].date}"


def release(repo: Repo, *args: str) -> tuple[int, str]:
    """Run it without a terminal; give the exit status and what was said."""
    command = [sys.executable, "ship/release.py", *args]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "VERSION": str(NEXT)}
    environment |= {"PYTHONPATH": str(TOP / "src")}
    done = subprocess.run(
        command, cwd=repo.path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_release_is_an_annotated_tag_that_is_pushed_after_a_yes(clean: Repo, tmp_path: Path) -> None:
    """It proves, shows and does, once; where a push failed, it goes on without proving the commit again.

    What failed is no proof, and neither is one of another commit.
    """
    server, tag = Repo(tmp_path / "server.git"), f"v{NEXT}"
    (tmp_path / "red").touch()
    assert release(clean, "--yes") == (1, "release: ./dev check failed: nothing was done\n")
    (tmp_path / "red").unlink()
    code, words = release(clean)
    assert (code, f"git push origin refs/tags/{tag}\n" in words, clean.git("tag")) == (1, True, "")
    clean.commit()
    clean.git("push", "--quiet", "origin", "main")
    executable(server.path / "hooks/update", "#!/bin/sh\nexit 1\n")
    code, words = release(clean, "--yes")
    assert (code, server.git("tag")) == (1, "")
    assert "run the same command again" in words
    (server.path / "hooks/update").unlink()
    code, words = release(clean, "--yes")
    assert (code, "the checks have passed for this commit" in words) == (0, True)
    assert server.git("cat-file", "-t", tag) == "tag"
    assert server.git("rev-parse", f"{tag}^{{}}") == clean.git("rev-parse", "HEAD")
    assert words.endswith(f"twine upload build/dist/krow_versions-{NEXT}-py3-none-any.whl\n")
    assert (tmp_path / "asked").read_text(encoding="utf-8").split() == ["check", *["check", "package"] * 2]
    assert release(clean, "--yes") == (
        0,
        f"{tag} is released already, at this commit\n{words.splitlines()[-1]}\n",
    )


def test_what_is_not_clean_is_not_released(clean: Repo, tmp_path: Path) -> None:
    """Each reason is said, with what to do; then nothing is proven, tagged or pushed."""
    server = Repo(tmp_path / "server.git")
    other = server.clone(tmp_path / "other")
    other.commit()
    other.tag(f"v{NEXT}")
    other.git("push", "--quiet", "--tags", "origin", "main")
    before = server.git("show-ref")
    text = (clean.path / "CHANGELOG.md").read_text(encoding="utf-8")
    clean.git("switch", "--quiet", "--create", "work")
    clean.git("remote", "set-url", "--push", "origin", (tmp_path / "fork.git").as_uri())
    clean.write("CHANGELOG.md", text.replace(heading(text), "## Unreleased"))
    code, words = release(clean, "--yes")
    assert (code, words.splitlines()[-1]) == (1, "release: nothing was done")
    for reason in (
        "the work tree is not clean", " M CHANGELOG.md", "this is work, and a release is made of main",
        "origin is not the Source of pyproject.toml", "main of origin is not at this commit",
        f"v{NEXT} is released, at another commit", f"no section '{heading(text)}'",
        "entries under Unreleased",
    ):  # fmt: skip
        assert reason in words
    clean.git("remote", "remove", "origin")
    clean.tag(f"v{NEXT}", "HEAD~1", annotated=False)
    clean.write("CHANGELOG.md", re.sub(rf"(?m)^.*\| {NEXT} \|.*\n", "", text))
    code, words = release(clean, "--yes")
    assert (code, words.splitlines()[-1]) == (1, "release: nothing was done")
    assert "there is no remote" in words
    assert f"no row for {NEXT}" in words
    assert "krow-versions audit --history: " in words
    assert not (tmp_path / "asked").exists()
    assert server.git("show-ref") == before


@pytest.mark.parametrize(
    "url",
    ["git@github.com:krow/app.git", "ssh://git@github.com/krow/app", "https://u@GitHub.com/krow/app/"],
)
def test_addresses_of_one_repository_are_one_place(url: str) -> None:
    """However a remote is written, it is compared with the Source by host and path."""
    assert place(url) == place("https://github.com/krow/app") != place("https://github.com/krow/application")
