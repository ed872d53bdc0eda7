"""``demo``: a workspace like KROW's with real git history, and one bump in it, for newcomers and tests."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

import click

from krow_versions import files, git
from krow_versions.cli.helping import command
from krow_versions.cli.options import common, offered_folders, pass_settings
from krow_versions.cli.writing import keep_inside
from krow_versions.errors import FileSystemError, UsageError
from krow_versions.files import top_of
from krow_versions.text.escaping import printable, quoted, shell_word
from krow_versions.workspace import Workspace, discovery

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

_PUBSPEC = """\
name: {name}
description: "{title} of KROW Workforce"
publish_to: none

# The build number after the + is what the app stores count by.
version: {version} # keep in step with the stores

environment:
  sdk: ">=3.4.0 <4.0.0"

dependencies:
  flutter:
    sdk: flutter
  intl: ^0.19.0
"""
_PACKAGE = """\
{{
  "name": "@krow/{name}",
  "version": "{version}",
  "private": true,
  "dependencies": {{ "left-pad": "^{version}" }}
}}
"""
_LOCK = """\
{{
  "name": "@krow/{name}",
  "version": "{version}",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {{
    "": {{ "name": "@krow/{name}", "version": "{version}" }},
    "node_modules/left-pad": {{ "version": "{version}" }}
  }}
}}
"""
_CHANGELOG = """\
# Changelog

| Date | Version | Change |
|---|---|---|
| 2026-02-12 | {version} | First release to production |
"""
_STAFF = "apps/mobile/apps/staff"
_CLIENT = "apps/mobile/apps/client"
_FILES = {
    f"{_STAFF}/pubspec.yaml": _PUBSPEC.format(name="krow_staff", title="Worker Mobile", version="0.1.0+5"),
    f"{_STAFF}/CHANGELOG.md": _CHANGELOG.format(version="0.1.0"),
    f"{_CLIENT}/pubspec.yaml": _PUBSPEC.format(name="krow_client", title="Client Mobile", version="0.2.3+17"),
    f"{_CLIENT}/CHANGELOG.md": _CHANGELOG.format(version="0.2.3"),
    "apps/web/package.json": _PACKAGE.format(name="web", version="1.4.0"),
    "apps/web/package-lock.json": _LOCK.format(name="web", version="1.4.0"),
    "apps/web/CHANGELOG.md": _CHANGELOG.format(version="1.4.0"),
    "backend/command-api/package.json": _PACKAGE.format(name="command-api", version="0.3.1"),
    "backend/command-api/package-lock.json": _LOCK.format(name="command-api", version="0.3.1"),
    "backend/core-api/package.json": _PACKAGE.format(name="core-api", version="0.3.1"),
    "CHANGELOG.md": _CHANGELOG.format(version="0.3.1"),
}
_TAGS = (
    "krow-withus-worker-mobile/dev-v0.1.0",
    "krow-withus-worker-mobile/prod-v0.1.0",
    "krow-withus-client-mobile/prod-v0.2.3",
    "krow-withus-web/prod-v1.4.0",
    "krow-withus-backend/prod-v0.3.1",
)
# Keep the user's hooks, signing and name out of the example.
_GIT = (
    "-c", "user.name=KROW demo", "-c", "user.email=demo@krow.invalid", "-c", "commit.gpgSign=false",
    "-c", "tag.gpgSign=false", "-c", f"core.hooksPath={os.devnull}", "-c", "init.templateDir=",
    "-c", "init.defaultBranch=main", "-c", "core.autocrlf=false",
    "-c", "core.attributesFile=",
)  # fmt: skip


@command(
    examples=[
        ("krow-versions demo", "in a new temporary folder"),
        ("krow-versions demo ~/krow-demo", "in a folder of this name"),
    ]
)
@click.argument("folder", metavar="[DIR]", required=False, shell_complete=offered_folders)
@common
@pass_settings
def demo(settings: Settings, folder: str | None) -> None:
    """Make a workspace like KROW's with real git history, and bump worker-mobile in it.

    The workspace is made in DIR, which must be empty or not exist, else in a new temporary folder.
    Nothing else is changed.
    """
    root = make_workspace(folder)
    settings.note(f"made a workspace like KROW's with production tags in {root}")
    settings.data("$ krow-versions bump-patch worker-mobile --dry-run")
    workspace = Workspace.open(root)
    plan = workspace.plan_bump("worker-mobile")
    settings.data(str(plan))
    settings.diff(plan.diff())
    settings.data("$ krow-versions bump-patch worker-mobile")
    workspace.apply(plan)
    settings.data(str(plan))
    settings.data("$ krow-versions bump-patch worker-mobile   # once more: there is nothing left to do")
    settings.data(str(workspace.plan_bump("worker-mobile")))
    shown = printable(shell_word(root))
    settings.data(f"The workspace is in {printable(root)}; look around: git -C {shown} diff")


def make_workspace(folder: str | None = None) -> str:
    """Make a repository with the files, the history and the production tags of a KROW checkout.

    Returns:
        The absolute path of the folder: *folder*, or a new temporary one.
    """
    git.run(["version"], cwd="/")  # Fails without git, before a folder is made.
    try:
        root = _new_folder(folder)
        for path, text in _FILES.items():
            files.make_folder(root, os.path.dirname(path) or ".")
            files.create(root, path, text.encode())
    except FileSystemError as error:
        error.path = folder or error.path
        error.message = f"the demo could not be made: {error.message}"
        error.advise("name a folder that can be written, or leave it out")
        raise
    git.run([*_GIT, "init", "--quiet"], cwd=root)
    git.run([*_GIT, "add", "--all"], cwd=root)
    git.run([*_GIT, "commit", "--quiet", "-m", "feat: first release to production"], cwd=root)
    for tag in _TAGS:
        git.run([*_GIT, "tag", "--annotate", "-m", f"Release {tag}", tag], cwd=root)
    return root


def _new_folder(folder: str | None) -> str:
    """Make *folder*, or a temporary one; an empty folder is used as it is. Return the real path."""
    files.require_writing()
    if folder is None:
        _keep_out_of_workspaces(tempfile.gettempdir())
        try:
            return files.real_path(tempfile.mkdtemp(prefix="krow-demo-"))
        except OSError as error:
            raise FileSystemError(f"no temporary folder: {error.strerror}") from None
    spelled = files.absolute(folder)
    root = files.real_path(spelled)
    top = top_of(spelled)
    keep_inside(folder, root, [files.real_path(top)] if top else [])
    found = files.status(root)
    if found is not None and not stat.S_ISDIR(found.st_mode):
        raise UsageError(
            f"{quoted(folder)} is a file, not a folder", hint="name a folder that is empty or new"
        )
    _keep_out_of_workspaces(root)
    files.make_folder("/", root.removeprefix("/") or ".")
    if files.names(root, "."):
        raise UsageError(f"the folder {quoted(folder)} is not empty", hint="name one that is empty or new")
    return root


def _keep_out_of_workspaces(folder: str) -> None:
    """Refuse a folder below a configuration, which would be in force there instead of KROW's products."""
    found = discovery.above(files.real_path(folder))
    if found is not None and files.status(found.path) is not None:
        raise UsageError(
            f"{quoted(folder)} is in a workspace, whose configuration would be that of the demo",
            path=found.path,
            hint="name a folder outside of it: krow-versions demo DIR",
        )
