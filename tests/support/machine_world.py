"""Three repositories of a workspace, a bare remote of each, two people with a clone of each, and the server.

What people do by hand is here, and what a server does; what the package does is in ``machine_runs``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from typing import TYPE_CHECKING

import attrs

from support.krow import files as version_files
from support.machine_reading import (
    PRODUCTS,
    REPOS,
    Trees,
    held,
    products_in,
    refs_of,
    spliced,
    versions,
)
from support.releases import FIX
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.machine_reading import Product

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PEOPLE = ("ann", "bo")
MERGES = ("merge", "squash", "rebase", "cherry-pick", "fast-forward")
CONFIG = """\
[repos]
mobile = "mobile"
web = "web"
backend = "backend"

[products.worker-mobile]
repo = "mobile"
deploy = ["true", "{{tag}}"]
[products.client-mobile]
repo = "mobile"
[products.web]
repo = "web"
[products.backend]
repo = "backend"

[hotfix]
lines = ["release/*"]
share = {share}
"""
TABLE = "# Log\n\n| Date | Version | Changes |\n|---|---|---|\n| 2026-01-01 | {} | First |\n"
SECTIONS = "# Log\n\n## [Unreleased]\n\n## [{}] - 2026-01-01\n\n### Added\n\n- First\n"
# Each product's CHANGELOG in a style of its own, and each file with something that an editor would lose.
LOGS = {
    "worker-mobile": TABLE,
    "client-mobile": TABLE.replace("| ", "").replace(" |\n", "\n").replace("|---|---|---|", "---|---|---"),
    "web": SECTIONS,
    "backend": TABLE.replace("\n", "\r\n"),
}
DRESSES: dict[str, Callable[[str], bytes]] = {
    "worker-mobile": lambda text: text.replace("\n", "\r\n").encode(),
    "client-mobile": lambda text: b"\xef\xbb\xbf" + text.rstrip("\n").encode(),
    "web": lambda text: text.replace("  ", "\t").encode(),
    "backend": lambda text: text.replace(",\n", ",\r\n").encode(),
}
UNREADABLE: dict[str, Callable[[bytes], bytes | None]] = {
    "conflict markers": lambda data: b"<<<<<<< ours\n" + data + b"\n=======\n>>>>>>> theirs\n",
    "no syntax": lambda data: data + b"\n{{ [: - }\n",
    "no UTF-8": lambda data: data + b"# \xff\n",
    "no version": lambda data: data.replace(b"version", b"vision"),
    "deleted": lambda _: None,
}
READABLE: dict[str, Callable[[bytes], bytes | None]] = {
    "with a BOM": lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
    "with CRLF": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "without the last line break": lambda data: data.rstrip(b"\r\n"),
}


@attrs.define
class Clock:
    """The one clock of a world; each commit and each command takes a minute of it."""

    minutes: int = 1000

    def __call__(self) -> dt.datetime:
        return BEGIN + dt.timedelta(minutes=self.minutes)


class Timed(Repo):
    """A repository whose commits and tags have the time of a clock."""

    def __init__(self, path: Path, clock: Clock, *, bare: bool = False) -> None:
        self.clock = clock
        super().__init__(path, bare=bare)

    @property
    def _minutes(self) -> int:
        return self.clock.minutes

    @_minutes.setter
    def _minutes(self, minutes: int) -> None:
        self.clock.minutes = max(self.clock.minutes, minutes)

    @property
    def folder(self) -> Path:
        """The folder of git itself."""
        inner = self.path / ".git"
        return inner if inner.exists() else self.path

    @property
    def head(self) -> str:
        """The ref that is checked out; empty where HEAD is detached."""
        return refs_of(self.folder)["HEAD"].partition("ref: ")[2]

    def tries(self, *args: str) -> bool:
        """Whether git did it; else it has left all as it was, or a merge that is given up."""
        with contextlib.suppress(AssertionError):
            self.git(*args)
            return True
        for what in ("merge", "rebase", "cherry-pick", "revert"):
            with contextlib.suppress(AssertionError):
                self.git(what, "--abort")
        return False

    def commit_if_changed(self, message: str) -> bool:
        changed = bool(self.git("status", "--porcelain"))
        if changed:
            self.commit(message)
        return changed


class World:
    """All of it, below one folder."""

    def __init__(self, folder: Path, minutes: int = 1000) -> None:
        self.folder, self.clock = folder, Clock(minutes)
        self.trees = Trees()
        self.remotes = {name: Timed(folder / f"{name}.git", self.clock, bare=True) for name in REPOS}
        self.clones = {
            (who, name): Timed(folder / who / name, self.clock)
            for who in (*PEOPLE, "server")
            for name in REPOS
        }
        self.approved: dict[str, set[str]] = {each.name: set() for each in PRODUCTS}
        self.broken: dict[Path, bytes | None] = {}
        self.numbers = 0

    @classmethod
    def make(cls, folder: Path) -> World:
        """The first release of all four products, in production."""
        world = cls(folder)
        texts = version_files()
        for name in REPOS:
            repo = world.clones["ann", name]
            for product in products_in(name):
                for path in product.files:
                    repo.write(path, DRESSES[product.name](texts[path]))
                version = world.at("ann", product)
                repo.write(product.log, LOGS[product.name].format(version.partition("+")[0]))
                repo.write(f"{product.code}/login", "login\n")
            repo.commit("feat: first release")
            for product in products_in(name):
                repo.tag(product.tag(world.at("ann", product).partition("+")[0]).removeprefix("refs/tags/"))
            repo.git("remote", "add", "origin", f"../../{name}.git")
            repo.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
            for who in ("bo", "server"):
                shutil.rmtree(folder / who / name)
                clone = world.remotes[name].clone(folder / who / name)
                clone.git("remote", "set-url", "origin", f"../../{name}.git")
            for who in (*PEOPLE, "server"):  # The index of a copy is right, too: copies keep size and time.
                config = world.clones[who, name].folder / "config"
                config.write_text(
                    f"{config.read_text()}[core]\n\tcheckStat = minimal\n\ttrustctime = false\n"
                )
        for who in PEOPLE:
            (folder / who / "krow-versions.toml").write_text(CONFIG.format(share="false"))
        return world

    def copied(self, to: Path) -> World:
        """The same world, in another folder."""
        shutil.copytree(self.folder, to, symlinks=True)
        world = World(to, self.clock.minutes)
        world.approved = {name: set(commits) for name, commits in self.approved.items()}
        world.trees, world.numbers = self.trees, self.numbers
        return world

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    # --- what people look at -----------------------------------------------------------------------

    def repo(self, who: str, product: Product) -> Timed:
        return self.clones[who, product.repo]

    def at(self, who: str, product: Product) -> str:
        """The version in the first file of a product, as a person has it, or an empty text."""
        path = self.repo(who, product).path / product.files[0]
        found = versions(product.files[0], path.read_bytes()) if path.is_file() else set()
        return min(found, default="")

    def version_at(self, repo: Timed, product: Product, commit: str) -> str | None:
        return held(product, self.trees.files(repo, commit))

    def under_way(self, who: str, product: Product) -> str | None:
        """The branch of a hotfix that is here, of a version that the server has no production tag of."""
        start = product.branch("")
        there = refs_of(self.remotes[product.repo].folder)
        for name in sorted(refs_of(self.repo(who, product).folder)):
            if name.startswith(start) and product.tag(name.removeprefix(start)) not in there:
                return name
        return None

    # --- what people do ----------------------------------------------------------------------------

    def fix(self, who: str, product: Product) -> None:
        """Commit a fix, which is a file of its own and a line of a file that all change."""
        repo = self.repo(who, product)
        number = self.number()
        repo.write(f"{product.code}/fix_{number}", f"fix {number}\n")
        repo.git("add", "--", product.code)
        repo.git("commit", "--quiet", f"--message={FIX}", "--", product.code)

    def write_version(self, who: str, product: Product, version: str, count: int = 9) -> None:
        """Write a version into the first files of a product, by hand."""
        repo = self.repo(who, product)
        for path in product.files[:count]:
            file = repo.path / path
            if file.is_file() and not file.is_symlink():
                text = version if file.suffix == ".yaml" else version.partition("+")[0]
                file.write_bytes(spliced(path, file.read_bytes(), text))

    def write_row(self, who: str, product: Product, version: str) -> None:
        """Write a row, or a section, for a version into a CHANGELOG, by hand."""
        file = self.repo(who, product).path / product.log
        text = file.read_bytes().decode()
        number = self.number()
        if "## [" in text:
            before, heading, after = text.partition("## [Unreleased]\n")
            text = f"{before}{heading}\n## [{version}] - 2026-02-01\n\n- By hand {number}\n{after}"
        else:
            rule = "---|---|---"
            before, _, after = text.partition(rule)
            line, _, rest = after.partition("\n")
            pipe = "|" if line.startswith("|") else ""
            row = f"{pipe} 2026-02-01 | {version} | By hand {number} {pipe}".strip()
            end = "\r\n" if line.endswith("\r") else "\n"
            text = f"{before}{rule}{line}\n{row}{end}{rest}"
        file.write_bytes(text.encode())

    def breaks(self, who: str, product: Product, index: int, how: str) -> None:
        """Change a version file by hand so that it cannot be read, or only looks otherwise."""
        path = self.repo(who, product).path / product.files[index % len(product.files)]
        if not path.is_file() or path in self.broken:
            return
        data = (UNREADABLE | READABLE)[how](path.read_bytes())
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
        if how in UNREADABLE:
            self.broken[path] = data

    def is_broken(self, who: str, product: Product) -> list[str]:
        """The version files of a product that were broken, and that nobody has changed since."""
        found = []
        for name in product.files:
            path = self.repo(who, product).path / name
            if path in self.broken and self.broken[path] == (path.read_bytes() if path.exists() else None):
                found.append(name)
            else:
                self.broken.pop(path, None)
        return found

    def repairs(self, who: str, product: Product) -> None:
        """Take the version files again as they are committed."""
        repo = self.repo(who, product)
        for path in self.is_broken(who, product):
            repo.tries("checkout", "--quiet", "HEAD", "--", path)
            self.broken.pop(repo.path / path, None)

    # --- what the server does ----------------------------------------------------------------------

    def merge(self, name: str, branch: str, how: str) -> bool:
        """Merge a branch into main as a server merges a pull request; False where that conflicts."""
        repo = self._server_at_main(name)
        there = f"refs/remotes/origin/{branch}"
        self.clock.minutes += 1
        if how == "squash":
            done = repo.tries("merge", "--quiet", "--squash", there)
            if done:
                repo.commit(f"squashed {branch}")
            else:
                repo.git("reset", "--quiet", "--hard")
        elif how == "rebase":
            repo.git("switch", "--quiet", "--detach", there)
            done = repo.tries("rebase", "--quiet", "--no-ff", "main")
            repo.git("switch", "--quiet", "--force-create", "main", "HEAD" if done else "main")
        elif how == "cherry-pick":
            done = repo.tries("cherry-pick", "--allow-empty", "--keep-redundant-commits", f"main..{there}")
        else:
            option = "--ff-only" if how == "fast-forward" else "--no-ff"
            done = repo.tries("merge", "--quiet", "--no-edit", option, there)
        if done:
            self._onto_main(name)
        return done

    def undo(self, product: Product) -> None:
        """Take the newest fix of a product out of the server's main."""
        repo = self._server_at_main(product.repo)
        for path in sorted(self.trees.fixes(repo, repo.git("rev-parse", "HEAD"), product))[-1:]:
            repo.git("rm", "--quiet", path)
            repo.commit("revert: a fix")
            self._onto_main(product.repo)

    def _server_at_main(self, name: str) -> Timed:
        repo = self.clones["server", name]
        repo.git("fetch", "--quiet", "--prune", "origin")
        repo.git("switch", "--quiet", "--force-create", "main", "refs/remotes/origin/main")
        return repo

    def _onto_main(self, name: str) -> None:
        place = self.clones["server", name].path.as_uri()
        self.remotes[name].git("fetch", "--quiet", "--no-tags", place, "+HEAD:refs/heads/main")
