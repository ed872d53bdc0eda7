"""What the same bump costs with other programs: the PATCH of one file raised, nothing committed or tagged.

Each program is installed into an environment of its own, once, and works in its own copy of one krow.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from krow import git, restore
from measure import BARE, SCRIPT, Case, Options, Report, Sample, headline, process, python

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "krow-versions"
CONFIGURED = f"{OURS}, configured"
MOBILE, WEB, API = (
    "apps/mobile/apps/staff/pubspec.yaml",
    "apps/web/package.json",
    "backend/api/pyproject.toml",
)
FILES = {
    MOBILE: "name: staff\ndescription: The staff app.\nversion: 0.1.0\n\nenvironment:\n  sdk: ^3.5.0\n",
    WEB: '{\n  "name": "web",\n  "version": "0.1.0",\n  "private": true\n}\n',
    API: '[project]\nname = "api"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n',
    # One configuration each, with as little to do as it can have.
    "tbump.toml": """\
[version]
current = "0.1.0"
regex = '(?P<major>\\d+)\\.(?P<minor>\\d+)\\.(?P<patch>\\d+)'
[git]
message_template = "Bump to {new_version}"
tag_template = "v{new_version}"
[[file]]
src = "apps/mobile/apps/staff/pubspec.yaml"
search = "version: {current_version}"
""",
    ".bumpversion.cfg": """\
[bumpversion]
current_version = 0.1.0
[bumpversion:file:apps/mobile/apps/staff/pubspec.yaml]
search = version: {current_version}
replace = version: {new_version}
""",
    ".bumpversion.toml": """\
[tool.bumpversion]
current_version = "0.1.0"
[[tool.bumpversion.files]]
filename = "apps/mobile/apps/staff/pubspec.yaml"
search = "version: {current_version}"
replace = "version: {new_version}"
""",
    ".cz.toml": """\
[tool.commitizen]
version = "0.1.0"
version_files = ["apps/mobile/apps/staff/pubspec.yaml:version"]
tag_format = "v$version"
""",
    "releaserc.toml": """\
[semantic_release]
version_variables = ["apps/mobile/apps/staff/pubspec.yaml:version"]
""",
}
# KROW's products need no configuration; others do.
CONFIGURATION = """\
[products.worker-mobile]
slug = "krow-withus-worker-mobile"
files = ["apps/mobile/apps/staff/pubspec.yaml"]
[products.api]
slug = "krow-withus-api"
files = ["backend/api/pyproject.toml"]
"""


@frozen
class Peer:
    """A program that bumps: its package on PyPI, the file that it bumps, and its command."""

    name: str
    file: str
    command: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.file.rpartition("/")[2]

    @property
    def title(self) -> str:
        return f"{self.kind}: {self.name}"


PEERS = (
    Peer(OURS, MOBILE, (SCRIPT, "bump-patch", "worker-mobile")),
    Peer(CONFIGURED, MOBILE, (SCRIPT, "bump-patch", "worker-mobile")),
    Peer("bump2version", MOBILE, ("bump2version", "--config-file", ".bumpversion.cfg", "patch")),
    Peer("tbump", MOBILE, ("tbump", "--only-patch", "--non-interactive", "0.1.1")),
    Peer(
        "bump-my-version",
        MOBILE,
        ("bump-my-version", "bump", "--config-file", ".bumpversion.toml", "patch"),
    ),
    Peer("commitizen", MOBILE, ("cz", "bump", "--increment", "PATCH", "--files-only", "--yes")),
    Peer(
        "python-semantic-release",
        MOBILE,
        (
            "semantic-release", "-c", "releaserc.toml", "version", "--patch", "--no-commit", "--no-tag",
            "--no-push", "--no-changelog", "--no-vcs-release", "--skip-build",
        ),
    ),
    Peer(OURS, WEB, (SCRIPT, "bump-patch", "web")),
    Peer("npm", WEB, ("npm", "version", "patch", "--no-git-tag-version")),
    Peer(CONFIGURED, API, (SCRIPT, "bump-patch", "api")),
    Peer("uv", API, ("uv", "version", "--bump", "patch", "--frozen")),
    Peer("poetry", API, ("poetry", "version", "patch")),
)  # fmt: skip


def run(options: Options) -> list[Report]:
    absent: dict[str, str] = {}
    cases = [Case(BARE, python(options.folder, "-I", "-c", "pass"), ours=False)]
    for peer in PEERS:
        program, note = find(peer, options.build / "peers")
        if program is None:
            absent[peer.name] = note
        else:
            cases.append(case(options, evolve(peer, command=(program, *peer.command[1:])), note))
    measured = options.measure(cases, 5)
    return [Report("peers", headline(__doc__), measured, BARE, against="ours", absent=absent)]


def case(options: Options, peer: Peer, note: str) -> Case:
    path = make(options.folder / peer.title.replace(": ", "-"), configured=peer.name == CONFIGURED)
    bump, base = bumped(peer, path), f"{peer.kind}: {CONFIGURED if peer.file == API else OURS}"
    wanted = "below tbump" if peer.name == OURS and peer.file == MOBILE else ""
    return Case(
        peer.title, bump, base, wanted, note=note, ours=peer.command[0] == SCRIPT, reset=lambda: restore(path)
    )


def bumped(peer: Peer, path: Path) -> Callable[[], Sample]:
    """Run it, and see that the file has really been bumped."""
    file = path / peer.file
    folder = file.parent if peer.file != MOBILE else path  # The package managers work in their package.

    def run() -> Sample:
        taken = process(peer.command, folder)
        if "0.1.1" not in file.read_text(encoding="utf-8"):
            sys.exit(f"bench: {' '.join(peer.command)}: {peer.file} has not been bumped")
        return taken

    return run


def make(path: Path, *, configured: bool) -> Path:
    git(path.parent, "init", "--quiet", "--initial-branch=main", str(path))
    for name, text in (FILES | ({"krow-versions.toml": CONFIGURATION} if configured else {})).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    git(path, "config", "user.name", "Release Engineer")
    git(path, "config", "user.email", "release@example.com")
    git(
        path, "remote", "add", "origin", "https://example.com/krow/krow.git"
    )  # Asked for its name, never called.
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "feat: first release")
    git(path, "tag", "v0.1.0")
    for product in ("worker-mobile", "web", "api"):
        git(path, "tag", f"krow-withus-{product}/prod-v0.1.0")
    return path


def find(peer: Peer, folder: Path) -> tuple[str | None, str]:
    """The path of the program and its version; or None, and why there is none."""
    if peer.command[0] == SCRIPT:
        return SCRIPT, ""
    if peer.name == "npm":
        found = shutil.which("npm")
        if found is None:
            return None, "not on the PATH"
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        return found, said.stdout.strip()
    home = folder / peer.name
    program = home / "bin" / peer.command[0]
    if not program.exists():
        why = install(peer.name, home)
        if why or not program.exists():
            return None, why or "its package has no such program"
    spelled = peer.name.replace("-", "_")
    for info in home.glob(f"lib/python*/site-packages/{spelled}-*.dist-info"):
        return str(program), info.name.removesuffix(".dist-info").rpartition("-")[2]
    return str(program), ""


def install(package: str, home: Path) -> str:
    """Install a package into an environment of its own; give the reason if that fails."""
    sys.stderr.write(f"bench: installing {package}\n")
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    inner = str(home / "bin" / "python")
    # A bare Debian can make no environment with pip, but its own pip installs into one without.
    has_pip = (
        subprocess.run([base, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )
    pip = [str(base), "-m", "pip", "--python", inner] if has_pip else [inner, "-m", "pip"]
    for command in (
        [str(base), "-m", "venv", *(["--without-pip"] if has_pip else []), str(home)],
        [*pip, "install", "-qq", "--no-input", "--disable-pip-version-check", package],
    ):
        done = subprocess.run(command, capture_output=True, text=True, env=usual(), check=False)
        if done.returncode:
            shutil.rmtree(home, ignore_errors=True)
            return (done.stderr or done.stdout).strip().rpartition("\n")[2] or "cannot be installed"
    return ""


def usual() -> dict[str, str]:
    """The surroundings with the user's own settings of pip."""
    return os.environ | {"HOME": pwd.getpwuid(os.getuid()).pw_dir}
