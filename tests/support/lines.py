"""Random histories of a main branch and its hotfixes, made by one process of git each.

Files are lists of *slots*: places with some lines. What git would do when it merges, picks or reverts a
change is done slot by slot, so the right contents of every commit are known without running git for each.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from random import Random

    from support.repositories import Repo

Lines = tuple[str, ...]
Tree = dict[str, tuple[Lines, ...]]  # The slots of each file.
NOISE = ("", "}", "{", "    return;", "  end()", "@override")


@attrs.frozen
class Hotfix:
    """A fix of one product, and what the oracle looks for.

    Attributes:
        product: the folder of its product.
        base: the mark of the commit that it was started from.
        commits: marks of its own commits, oldest first.
        tip: the mark of its release.
        before: the tree that it changed.
        after: the tree of its tip.
        tokens: each is in one added line.
        gone: lines that it removed, each unique.
    """

    product: str
    base: int
    commits: tuple[int, ...]
    tip: int
    before: Tree
    after: Tree
    tokens: tuple[str, ...]
    gone: tuple[str, ...]

    def is_in(self, tree: Tree) -> bool:
        """The oracle: whether a tree has every line that the fix added, and none that it removed."""
        text = "".join(contents(tree).values())
        return all(token in text for token in self.tokens) and not any(line in text for line in self.gone)


def contents(tree: Tree) -> dict[str, str]:
    """The text of each file."""
    return {path: "".join(f"{line}\n" for slot in slots for line in slot) for path, slots in tree.items()}


def merged(base: Tree, ours: Tree, theirs: Tree) -> Tree:
    """Bring the change from *base* to *theirs* into *ours*; a conflict is resolved as a person would."""
    found = dict(ours)
    for path in base.keys() | theirs.keys():
        old, new, here = base.get(path), theirs.get(path), ours.get(path)
        if old == new:
            continue
        if old is None or new is None or here is None:
            found.pop(path, None)
            if new is not None:
                found[path] = new
            continue
        found[path] = tuple(map(_resolved, old, here, new))
    return found


def _resolved(old: Lines, here: Lines, new: Lines) -> Lines:
    if old in {here, new}:
        return new if old == here else here
    gone = {line for line in old if line not in new}
    kept = [line for line in here if line not in gone and line.partition(" // ")[0] not in gone]
    added = [line for line in new if line not in old and line not in here]
    if new and old and new[0] == old[0]:
        return (*kept, *added)
    return (*added, *kept)


class History:
    """Commits that are not written yet."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.trees: list[Tree] = [{}]
        self.stream: list[bytes] = []
        self.numbers = itertools.count(1)
        self.main = self.commit("feat: begin", self._first(), ())
        self.trunk = [self.main]

    def _first(self) -> Tree:
        tree: Tree = {}
        for product in ("a", "b"):
            for name in ("one", "two"):
                slots = []
                for at in range(self.random.randint(3, 9)):
                    unique = f"{product}{name}{at} = {at}"
                    noise = self.random.choices(NOISE, k=self.random.randint(0, 3))
                    slots += [(unique,), tuple(noise)]
                tree[f"{product}/{name}"] = tuple(slots)
            tree[f"{product}/VERSION"] = (("0.1.0",),)
        tree["CHANGELOG.md"] = (("# Changes",), ())
        return tree

    def commit(self, message: str, tree: Tree, parents: tuple[int, ...]) -> int:
        """Add a commit; give its mark."""
        mark = len(self.trees)
        self.trees.append(tree)
        lines = [
            f"commit refs/heads/c{mark}",
            f"mark :{mark}",
            f"committer A <a@example.org> {10**9 + mark} +0000",
        ]
        body = [_data(message)]
        body += [f"{'from' if at == 0 else 'merge'} :{each}\n".encode() for at, each in enumerate(parents)]
        body.append(b"deleteall\n")
        for path, text in contents(tree).items():
            body.append(f"M 100644 inline {path}\n".encode() + _data(text))
        self.stream.append("\n".join(lines).encode() + b"\n" + b"".join(body))
        return mark

    def on_main(self, message: str, tree: Tree, *parents: int) -> None:
        """Add a commit to main."""
        self.main = self.commit(message, tree, (self.main, *parents))
        self.trunk.append(self.main)

    @property
    def tree(self) -> Tree:
        """The tree of main."""
        return self.trees[self.main]

    def move(self, message: str = "feat: more", *, keep: frozenset[str] = frozenset()) -> None:
        """Develop main further, anywhere, but leave the lines of fixes in place."""
        self.on_main(message, self.edited(self.tree, keep))

    def evolve(self, tokens: tuple[str, ...]) -> None:
        """Develop lines of a fix further on main."""
        found, number = dict(self.tree), next(self.numbers)
        token = self.random.choice(tokens)
        for path, slots in found.items():
            found[path] = tuple(
                tuple(f"{line} // {number}" if token in line else line for line in slot) for slot in slots
            )
        self.on_main("refactor: better", found)

    def edited(self, tree: Tree, keep: frozenset[str] = frozenset()) -> Tree:
        """Edit a slot or two of a tree, also beside the lines of a fix; lines that hold tokens stay."""
        found = dict(tree)
        for _ in range(self.random.randint(1, 2)):
            path = self.random.choice([path for path in found if "/" in path and "VERSION" not in path])
            slots = list(found[path])
            at = self.random.randrange(len(slots))
            new = f"more {next(self.numbers)}" if self.random.random() < 0.7 else self.random.choice(NOISE)
            place = self.random.randint(0, len(slots[at]))
            slot = list(slots[at])
            slot.insert(place, new)
            if len(slot) > 2 and self.random.random() < 0.5:
                victim = self.random.randrange(len(slot))
                if not any(word in slot[victim] for word in ("fix", "=", *keep)):
                    del slot[victim]
            slots[at] = tuple(slot)
            found[path] = tuple(slots)
        return found

    def fixed(self, tree: Tree, product: str, name: str) -> tuple[Tree, list[str], list[str]]:
        """Fix something in a tree: insert, replace, remove lines, or add a file."""
        found, tokens, gone = dict(tree), [], []
        for part in range(self.random.randint(1, 3)):
            token = f"fix-{name}-{part};"
            kind = self.random.choice(("insert", "insert", "replace", "block", "file"))
            if kind == "file":
                found[f"{product}/new-{name}-{part}"] = ((f"{token} new",), ("}",))
                tokens.append(token)
                continue
            path = f"{product}/{self.random.choice(('one', 'two'))}"
            slots = list(found[path])
            at = self.random.randrange(len(slots))
            slot = slots[at]
            if any("fix-" in line for line in slot):
                continue
            tokens.append(token)
            if kind == "replace" and len(slot) == 1 and "=" in slot[0]:
                gone.append(f"{slot[0]}\n")
                slots[at] = (f"{slot[0]} {token}",)
            elif kind == "block":
                slots[at] = (*slot, f"if ({token}) {{", f"    return {token}", "}")
            elif self.random.random() < 0.5:
                slots[at] = (*slot, f"  {token}")
            else:
                slots[at] = (f"  {token}", *slot)
            found[path] = tuple(slots)
        return found, tokens, gone

    def hotfix(self, product: str, name: str, base: int) -> Hotfix:
        """Make the branch of a hotfix: one fix or several, main merged into it, a bump."""
        before = self.trees[base]
        tree, tip = before, base
        commits: list[int] = []
        tokens: list[str] = []
        gone: list[str] = []
        for number in range(self.random.choice((1, 1, 2))):
            tree, own, lost = self.fixed(tree, product, f"{name}{number}")
            tokens, gone = tokens + own, gone + lost
            if self.random.random() < 0.3:
                tree = self.bumped(tree, product, name)
            tip = self.commit(f"fix: {name} {number}", tree, (tip,))
            commits.append(tip)
        bumped = self.bumped(tree, product, name)
        if bumped != tree:
            tree = bumped
            tip = self.commit(f"chore: {name}", tree, (tip,))
            commits.append(tip)
        return Hotfix(product, base, tuple(commits), tip, before, tree, tuple(tokens), tuple(gone))

    def bumped(self, tree: Tree, product: str, name: str) -> Tree:
        """Raise the version, and add a row."""
        title, rows = tree["CHANGELOG.md"]
        row = f"| 0.1.1 | {name} |"
        rows = rows if row in rows else (row, *rows)
        return {**tree, f"{product}/VERSION": ((f"0.1.1-{name}",),), "CHANGELOG.md": (title, rows)}

    def write(self, repo: Repo) -> dict[int, str]:
        """Write all commits by one process; give their ids by mark."""
        repo.git("fast-import", "--quiet", "--export-marks=marks", stdin=b"".join(self.stream))
        marks = (repo.path / "marks").read_text().split("\n")
        return {int(mark[1:]): commit for mark, commit in (line.split(" ") for line in marks if line)}


def _data(text: str) -> bytes:
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)
