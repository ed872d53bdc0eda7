"""A hotfix on a real server: a bare remote with hooks, our clone of it, and a colleague's.

What a server does itself (merges a pull request, deletes a branch) is done in the bare repository, past its
own hooks; what people do goes through a push.
"""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING, Self

import attrs

from support.commands import done, run
from support.krow import SLUG, STAFF, pubspec
from support.releases import BASE, BRANCH, CHANGELOG, FINISH, FOLDER, PRODUCT, START, TAG, Released
from support.repositories import Repo, hook, refs

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

TAG_REF, BRANCH_REF = f"refs/tags/{TAG}", f"refs/heads/{BRANCH}"
MERGES = ("merge", "squash", "rebase", "fast-forward")
"""The ways in which a server merges a pull request."""
Refs = tuple[dict[str, str], dict[str, str]]


@attrs.frozen
class Server(Released):
    """A server with ``worker-mobile`` 0.1.0 and ``web`` 1.4.0 in production, and two clones of it.

    Attributes:
        main: the name of the server's default branch, the only one that it has at first.
    """

    main: str = "main"

    @classmethod
    def make(cls, folder: Path, main: str = "main") -> Self:
        """Make them below *folder*; they find each other wherever that is copied to."""
        first = Released.make(folder)
        if main != "main":
            first.remote.git("branch", "--move", "main", main)
        for repo in (first.ours, first.theirs):
            shutil.rmtree(repo.path)
            first.remote.clone(repo.path).git("remote", "set-url", "origin", "../remote.git")
        return cls.at(folder, main)

    @classmethod
    def at(cls, folder: Path, main: str = "main") -> Self:
        """Give those that are there."""
        remote, ours, theirs = (Repo(folder / name) for name in ("remote.git", "ours", "theirs"))
        for number, repo in enumerate((remote, ours, theirs), start=1):
            repo._minutes = 1000 * number  # So that no two of them make the same commit.
        return cls(remote, ours, theirs, main)

    @classmethod
    def ready(cls, folder: Path, main: str = "main") -> Self:
        """Make them with a hotfix of ``worker-mobile`` that is approved here, and not pushed yet."""
        scene = cls.make(folder, main)
        done(scene.hotfix(*START))
        scene.fix()
        scene.approve()
        return scene

    @classmethod
    def older(cls, folder: Path) -> Self:
        """Make them with a hotfix of 0.1.0 that is approved here, while 0.2.0 is in production."""
        scene = cls.make(folder)
        scene.release_main()
        scene.theirs.tag(f"{SLUG}/prod-v0.2.0")
        scene.theirs.git("push", "--quiet", "origin", "--tags")
        done(scene.hotfix(*START, "--from", BASE))
        scene.fix(build=8)
        scene.approve()
        return scene

    # --- what people do ----------------------------------------------------------------------------

    def hotfix(self, *args: str, **env: str | None) -> Result:
        """Run a command of ``hotfix`` here."""
        return run("hotfix", *args, cwd=self.ours.path, env=env)

    def approve(self) -> None:
        """Say that the hotfix at its present tip is reviewed and approved."""
        done(self.hotfix("status", PRODUCT, "--done", "review", "--done", "approval"))

    def finish(self, *options: str, **env: str | None) -> Result:
        """Run ``hotfix finish`` here."""
        return self.hotfix(*FINISH, *options, **env)

    def push_branch(self) -> None:
        """Push the hotfix's branch as people do, with an upstream."""
        self.ours.git("push", "--quiet", "--set-upstream", "origin", BRANCH)

    def move_main(self, path: str = "notes.txt") -> str:
        """A colleague's feature arrives on the server's main; give its commit."""
        self._their(self.main)
        file = self.theirs.path / path
        before = file.read_text() if file.exists() else ""
        self.theirs.write(path, f"{before}more\n")
        return self._onto_main(self.theirs.commit("feat: more"))

    def release_main(self) -> str:
        """A colleague's next version is on the server's main: x.y.z, a row, and code; give its commit."""
        self._their(self.main)
        self.theirs.write(STAFF, pubspec("0.2.0+6"))
        text = (self.theirs.path / CHANGELOG).read_text()
        row = "|---|---|---|\n| 2026-03-04 | 0.2.0 | Second |\n"
        self.theirs.write(CHANGELOG, text.replace("|---|---|---|\n", row))
        self.theirs.write(f"{FOLDER}/lib/second.dart", "second()\n")
        return self._onto_main(self.theirs.commit("feat: 0.2.0"))

    def colleague_commits(self, path: str = "apps/mobile/apps/staff/lib/more.dart") -> str:
        """A colleague adds a commit to the hotfix's branch on the server."""
        self._their(BRANCH)
        self.theirs.write(path, "more()\n")
        commit = self.theirs.commit("test: cover it")
        self.theirs.git("push", "--quiet", "origin", BRANCH)
        return commit

    def colleague_rebases(self) -> str:
        """A colleague writes the hotfix's branch on the server anew: other commits, the same content."""
        self._their(BRANCH)
        self.theirs._minutes += 1
        self.theirs.git("commit", "--quiet", "--amend", "--message", "chore: said better")
        self.theirs.git("push", "--quiet", "--force", "origin", BRANCH)
        return self.theirs.git("rev-parse", "HEAD")

    def another(self, folder: Path) -> Server:
        """Give the same server with a further clone in the place of ours, as a second engineer has it."""
        self.remote.clone(folder).git("switch", "--quiet", "--track", f"origin/{BRANCH}")
        return attrs.evolve(self, ours=Repo(folder))

    # --- what the server does ------------------------------------------------------------------------

    def protect(self) -> Path:
        """Let the server refuse pushes to its main, as a protected branch does; give the hook."""
        ref = shlex.quote(f"refs/heads/{self.main}")
        refuse = 'echo "Changes must be made through a pull request." >&2; exit 1'
        return hook(
            self.remote,
            "pre-receive",
            f'while read -r a b ref; do [ "$ref" != {ref} ] || {{ {refuse}; }}; done',
        )

    def merge(self, how: str, branch: str = BRANCH) -> str:
        """Merge a branch that the server has, as a pull request is merged; give the new main."""
        self._their(self.main)
        there = f"refs/remotes/origin/{branch}"
        self.theirs.git("fetch", "--quiet", "origin")
        self.theirs._minutes += 1
        if how == "squash":
            self._keeping_mains("merge", "--quiet", "--squash", there)
            commit = self.theirs.commit("HOTFIX: Crash on login (#1)")
        elif how == "rebase":
            self.theirs.git("checkout", "--quiet", "--detach", there)
            self._keeping_mains("rebase", "--quiet", "--no-ff", f"refs/heads/{self.main}")
            commit = self.theirs.git("rev-parse", "HEAD")
            self.theirs.git("switch", "--quiet", self.main)
            self.theirs.git("reset", "--quiet", "--hard", commit)
        else:
            option = "--ff-only" if how == "fast-forward" else "--no-ff"
            self._keeping_mains("merge", "--quiet", "--no-edit", option, there)
            commit = self.theirs.git("rev-parse", "HEAD")
        return self._onto_main(commit)

    def _keeping_mains(self, *args: str) -> None:
        """Merge or rebase; in conflicts, of versions and rows, main's side is kept."""
        self.theirs.git(*args, "-X", "ours")

    def revert_main(self, *commits: str) -> str:
        """A colleague undoes commits on the server's main; give the last commit."""
        self._their(self.main)
        self.theirs._minutes += 1
        for commit in commits:
            mainline = ["-m", "1"] if " " in self.theirs.git("log", "-1", "--format=%P", commit) else []
            self.theirs.git("revert", "--no-edit", *mainline, commit)
        return self._onto_main(self.theirs.git("rev-parse", "HEAD"))

    def update_branch(self) -> str:
        """Merge main into the hotfix's branch, as the button "Update branch" does; give its new tip."""
        self._their(BRANCH)
        self.theirs._minutes += 1
        self.theirs.git("merge", "--quiet", "--no-edit", f"refs/remotes/origin/{self.main}")
        return self._set(BRANCH_REF, self.theirs.git("rev-parse", "HEAD"))

    def delete_branch(self) -> None:
        """Delete the hotfix's branch on the server."""
        self.remote.git("update-ref", "-d", BRANCH_REF)

    # --- what there is -------------------------------------------------------------------------------

    def refs(self) -> Refs:
        """Every ref of the server, and every branch and tag here: remote-tracking branches follow a fetch."""
        return refs(self.remote), refs(self.ours, "refs/heads/", "refs/tags/")

    def there(self, ref: str) -> str | None:
        """The commit that a ref of the server leads to, or None."""
        return self._peeled(self.remote, ref)

    def here(self, ref: str) -> str | None:
        """The commit that a ref of our clone leads to, or None."""
        return self._peeled(self.ours, ref)

    @property
    def there_main(self) -> str | None:
        """The commit of the server's main."""
        return self.there(f"refs/heads/{self.main}")

    @staticmethod
    def _peeled(repo: Repo, ref: str) -> str | None:
        if ref not in refs(repo):
            return None
        return repo.git("rev-parse", f"{ref}^{{commit}}")

    def _their(self, branch: str) -> None:
        """Bring the colleague's clone to a branch as the server has it."""
        self.theirs.git("fetch", "--quiet", "--prune", "origin")
        self.theirs.git("switch", "--quiet", "--force-create", branch, f"refs/remotes/origin/{branch}")

    def _onto_main(self, commit: str) -> str:
        return self._set(f"refs/heads/{self.main}", commit)

    def _set(self, ref: str, commit: str) -> str:
        self.remote.git("fetch", "--quiet", self.theirs.path.as_uri(), f"+{commit}:{ref}")
        return commit
