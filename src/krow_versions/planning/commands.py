"""How commands are shown: each is exactly what people type where they stand."""

from __future__ import annotations

from krow_versions.regexes import regex
from krow_versions.text.escaping import shell_command, shell_word
from krow_versions.values import frozen

DECLARING = "--issue TEXT --severity LEVEL --impact TEXT"
"""What ``hotfix start`` needs besides the product."""
DECIDING = "--reason TEXT --decided-by NAME --run"
"""What ``hotfix rollback`` needs besides the product."""


@frozen
class Calls:
    """How people call krow-versions and git for one hotfix; every command that is printed is made here.

    Attributes:
        product: the product's name.
        version: what the hotfix ships, where a command without ``--version`` would not find this hotfix; else
            empty.
        options: the options with which krow-versions was called, such as ``("-C", "web")``.
        root: the folder of the repository where people do not stand in it; else empty.
    """

    product: str = "PRODUCT"
    version: str = ""
    options: tuple[str, ...] = ()
    root: str = ""

    @property
    def git(self) -> str:
        """How people call git in the repository."""
        return git_in(self.root)

    @property
    def named(self) -> tuple[str, ...]:
        """The words that name this hotfix on a command line."""
        return (self.product, "--version", self.version) if self.version else (self.product,)

    def hotfix(self, command: str, rest: str = "") -> str:
        """Give the command that does something with this hotfix.

        Args:
            command: its name, such as ``finish``.
            rest: further words, quoted for the shell.

        >>> Calls("my web", "1.4.1", ("-C", "../web")).hotfix("status", "--done approval")
        "krow-versions hotfix status 'my web' --version 1.4.1 -C ../web --done approval"
        """
        return self._of(f"hotfix {command}", [*self.named], rest)

    def other(self, command: str, rest: str = "") -> str:
        """Give a command for the product that is about no hotfix that exists, such as ``bump-patch``."""
        return self._of(command, [self.product], rest)

    def listing(self) -> str:
        """Give the command that lists all hotfixes."""
        return self._of("hotfix list", [])

    def start(self, rest: str = DECLARING) -> str:
        """Give the command that starts a hotfix."""
        return self.other("hotfix start", rest)

    def tick(self, box: str) -> str:
        """Give the command that ticks a box."""
        return self.hotfix("status", f"--done {box}")

    def _of(self, command: str, words: list[str], rest: str = "") -> str:
        parts = (f"krow-versions {command}", shell_command([*words, *self.options]), rest)
        return " ".join(filter(None, parts))


@frozen
class Place:
    """Where and how a command line was called; empty for a call from Python.

    Attributes:
        command: the command, such as ``finish``; commands that are offered instead are of the same name.
        options: as :attr:`Calls.options`.
        rest: the options of the command itself as they were typed, quoted for the shell.
        folder: the folder that people stand in, or empty: then a repository is named only where the workspace
            has several.
    """

    command: str = "status"
    options: tuple[str, ...] = ()
    folder: str = ""
    rest: str = ""


FROM_PYTHON = Place()


def joining(git: str, remote: str, branch: str) -> str:
    """Give the command that brings a colleague's branch here, and switches to it.

    >>> joining("git", "origin", "hotfix/web-v1.4.1")
    'git fetch origin hotfix/web-v1.4.1:hotfix/web-v1.4.1 && git switch hotfix/web-v1.4.1'
    """
    name = shell_word(branch)
    return f"{git} fetch {shell_word(remote)} {shell_word(f'{branch}:{branch}')} && {git} switch {name}"


def git_in(root: str) -> str:
    """Give how people call git in the repository at *root*; where that is empty, they stand in it."""
    return f"git -C {shell_word(root)}" if root else "git"


def short_id(source: str) -> str:
    """Shorten an id for display; a name stays whole."""
    return source[:12] if _OBJECT_ID.fullmatch(source) else source


def pathspec(path: str) -> str:
    """Write a path so that git takes none of its characters for a pattern: gitglossary(7), "pathspec"."""
    return f":(literal){path}" if {*path} & {*"*?[\\:"} else path


_OBJECT_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
