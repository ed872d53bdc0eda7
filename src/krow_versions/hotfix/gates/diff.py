"""The gates of what the branch changes: how much, and where."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from krow_versions.formats import BUILT_IN
from krow_versions.hotfix.gates.model import FAILED, PASSED, WARNING, GateKind, Ruling
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject

# What programs write, not people: nobody reviews it line by line.
_LOCKS = {"pnpm-lock.yaml", "bun.lockb", "go.sum", "Package.resolved"}
_LOCKS |= {name for known in BUILT_IN.values() if known.is_lock for name in known.filenames}
_GENERATED = (
    *(".lock", ".min.js", ".min.css", ".map", ".pb.go", "_pb2.py", "_pb2.pyi"),
    *(".g.dart", ".freezed.dart", ".mocks.dart", ".gr.dart", ".pb.dart"),
)
_GENERATED_FOLDERS = {"generated", "__generated__"}


def product_folders(facts: Facts) -> set[str]:
    """Give the folders of the product's version files in the repository of its tags."""
    repo = facts.state.product.repo
    files = {file.path for file in facts.state.files if file.repo == repo}
    files |= {past.path for past in facts.at_tip}
    return {path.rpartition("/")[0] for path in files}


def is_counted(path: str, changelog: str | None) -> bool:
    """Tell whether people review the file: no lock, nothing generated, not the CHANGELOG.

    >>> is_counted("lib/login.dart", None), is_counted("lib/login.g.dart", None)
    (True, False)
    """
    *folders, name = path.split("/")
    generated = name.endswith(_GENERATED) or not _GENERATED_FOLDERS.isdisjoint(folders)
    return not (generated or name in _LOCKS or path == changelog)


def is_in(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or in it, both as the product's files are named."""
    folder = folder.strip("/")
    if folder in ("", "."):
        return not path.startswith("../")
    return path == folder or path.startswith(f"{folder}/")


def _size(subject: Subject) -> Ruling:
    facts, limit = subject.facts, subject.settings.max_lines
    counted = [change for change in facts.changes if is_counted(change.path, _changelog(facts))]
    lines = sum((change.added or 0) + (change.deleted or 0) for change in counted)
    binary = [change.path for change in counted if change.added is None or change.deleted is None]
    found = f"{lines} changed lines, of at most {limit}"
    if lines > limit:
        largest = sorted(counted, key=lambda change: -((change.added or 0) + (change.deleted or 0)))
        hint = f"keep to what the fix needs; the most is in {listed([c.path for c in largest], 3)}"
        return Ruling(FAILED, found, hint)
    if binary:
        return Ruling(WARNING, f"{found}; binary: {listed(binary)}", "see that the fix needs them")
    return Ruling(PASSED, found)


def _scope(subject: Subject) -> Ruling:
    facts, also = subject.facts, subject.settings.also
    folders = product_folders(facts)
    outside = [
        change.path
        for change in facts.changes
        if not any(is_in(change.path, folder) for folder in folders)
        and change.path != _changelog(facts)
        and not any(is_in(change.path, part) or fnmatch.fnmatchcase(change.path, part) for part in also)
    ]
    if not outside:
        return Ruling(PASSED, f"all inside {listed(sorted(folder or '.' for folder in folders))}")
    hint = "leave it out of the hotfix, or list its folder in the configuration if the product needs it"
    return Ruling(FAILED, f"outside the product: {listed(outside)}", hint)


GATES = (
    GateKind("size", "the change is small", 3, _size),
    GateKind("scope", "it changes nothing outside the product", 3, _scope),
)


def _changelog(facts: Facts) -> str | None:
    changelog = facts.state.changelog
    return changelog.path if changelog and changelog.repo == facts.state.product.repo else None
