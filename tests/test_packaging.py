"""What is built of this checkout: the wheel, the sdist and the page that a package index shows."""

from __future__ import annotations

import email
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import cmarkgfm  # type: ignore[import-untyped]  # It brings no types.
import pytest
import tomlkit

import krow_versions as kv

if TYPE_CHECKING:
    from email.message import Message

TOP = Path(__file__).parents[1]
PROJECT = tomlkit.parse((TOP / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["project"]
URLS: dict[str, str] = PROJECT["urls"]
# What git ignores here, and git's own folder.
LEFT = shutil.ignore_patterns(
    ".git",
    ".venv",
    "build",
    "dist",
    "generated",
    "mutants",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    ".coverage*",
)
BUILD = "import hatchling.build as b, sys; b.build_sdist(sys.argv[1]); b.build_wheel(sys.argv[1])"


@attrs.frozen
class Built:
    """What one build gave, and the files of the folder that it was built from."""

    sdist: Path
    wheel: Path
    sources: dict[str, Path]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Built]:
    """This checkout, built from two copies that differ in all but content, and from the sdist of one."""
    folder = tmp_path_factory.mktemp("packaging")
    one, other = folder / "one", folder / "an other place"
    shutil.copytree(TOP, one, ignore=LEFT)
    shutil.copytree(TOP, other, ignore=LEFT, copy_function=_otherwise)
    first = _build(one, umask=0o022)
    with tarfile.open(first.sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / first.sdist.name.removesuffix(".tar.gz")
    return [first, _build(other, umask=0o077), _build(unpacked, umask=0o022)]


def _otherwise(source: str, target: str) -> None:
    """Copy a file with another time and with rights for its owner alone."""
    shutil.copyfile(source, target)
    os.utime(target, (1_000_000_000, 1_000_000_000))
    os.chmod(target, 0o700 if os.stat(source).st_mode & stat.S_IXUSR else 0o600)


def _build(source: Path, *, umask: int) -> Built:
    sources = {path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.is_file()}
    target = source.with_name(f"{source.name} built")
    target.mkdir()
    command = [sys.executable, "-c", BUILD, str(target)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=source, env=environment, umask=umask, stdout=subprocess.DEVNULL, check=True)
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return Built(sdist, wheel, sources)


def test_builds_of_the_same_sources_are_the_same_bytes(builds: list[Built]) -> None:
    """Neither folder, times and rights of files, nor the umask shows; nor does the way by the sdist."""
    assert len({built.wheel.read_bytes() for built in builds}) == 1
    assert len({built.sdist.read_bytes() for built in builds}) == 1


def test_the_wheel_has_the_package_alone_and_the_sdist_everything(builds: list[Built]) -> None:
    """Templates, answers and py.typed are installed, tests are not; who has the sdist can run all checks."""
    first = builds[0]
    with zipfile.ZipFile(first.wheel) as wheel:
        installed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert installed == {name.removeprefix("src/") for name in first.sources if name.startswith("src/")}
    assert {"krow_versions/py.typed", "krow_versions/cli/answers.txt"} < installed
    with tarfile.open(first.sdist) as sdist:
        packed = {name.partition("/")[2] for name in sdist.getnames()}
    assert packed == first.sources.keys() | {"PKG-INFO"}


# --- the page of a package index --------------------------------------------------------------


@pytest.fixture(scope="module")
def metadata(builds: list[Built]) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(builds[0].wheel) as wheel:
        (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(path))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.targets += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_readme_leads_somewhere_from_outside_of_the_checkout(metadata: Message) -> None:
    """Each link of the long description is absolute, and what it names of ours is in this checkout."""
    page, links = metadata.get_payload(), _Links()
    assert isinstance(page, str)
    links.feed(cmarkgfm.github_flavored_markdown_to_html(page))
    source = re.compile(rf"{re.escape(URLS['Source'])}/(?:blob|raw)/v{re.escape(kv.__version__)}/(.+)")
    site = re.compile(rf"{re.escape(URLS['Documentation'])}/([\w/-]+)\.html(?:#[\w-]+)?")
    named = []
    for target in links.targets:
        assert target.startswith("https://")
        if found := source.fullmatch(target):
            named.append(found[1])
        elif found := site.fullmatch(target):
            named.append(f"docs/{found[1]}.md")
        else:  # It is a stranger's, or a link that no pattern in pyproject.toml knows.
            assert not target.startswith((URLS["Source"], URLS["Documentation"]))
    assert [path for path in named if not (TOP / path).is_file()] == []
    assert named.count("docs/_static/releases.svg") == 1
    assert len(named) == len(re.findall(r"\]\((?!https?:)", (TOP / "README.md").read_text(encoding="utf-8")))


def test_the_metadata_says_where_the_project_is_and_what_it_runs_on(metadata: Message) -> None:
    """The addresses are well-formed and of one place; no Python from the lowest to the newest is left out."""
    said = dict(each.split(", ", 1) for each in metadata.get_all("Project-URL", []))
    assert said == URLS
    assert {*URLS} == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+(/[\w.-]+)+", each) for each in URLS.values())
    assert all(URLS[name].startswith(URLS["Source"]) for name in ("Homepage", "Changelog", "Issues"))
    minors = [int(each.rpartition(".")[2]) for each in PROJECT["classifiers"] if ":: 3." in each]
    assert minors == [*range(int(PROJECT["requires-python"].removeprefix(">=3.")), minors[-1] + 1)]
