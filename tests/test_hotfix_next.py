"""``hotfix next``: from the committed fix to "nothing is left to do", one question a time."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support import child
from support.commands import MODULE, assert_refused, assert_told, at_terminal, done, run
from support.krow import STAFF
from support.releases import CHANGELOG, FIX, FIXED, PRODUCT, START
from support.repositories import hook
from support.servers import BRANCH_REF, TAG_REF, Server
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

CONFIG = """\
[products.worker-mobile]
slug = "krow-withus-worker-mobile"
files = ["apps/mobile/apps/staff/pubspec.yaml"]
deploy = ["sh", "-c", "echo deploying {tag}"]

[hotfix]
channel = "#emergency-releases"
"""
HOURS = dt.timedelta(hours=1)
NEXT = ("hotfix", "next")


@pytest.fixture
def fixed(tmp_path: Path) -> Server:
    """A hotfix that is declared, and whose fix is committed."""
    server = Server.make(tmp_path)
    server.ours.write("krow-versions.toml", CONFIG)
    done(server.hotfix(*START))
    server.ours.write(FIXED, "fixed()\n")
    server.ours.git("commit", "--quiet", "--message", FIX, "--", FIXED)
    return server


def typed(server: Server, answer: str, *options: str, later: dt.timedelta = dt.timedelta()) -> Result:
    """Type `hotfix next` on a terminal, and an answer to its question."""
    master, terminal = os.openpty()
    try:
        os.write(master, answer.encode())
        return child.run(server.ours.path, *NEXT, *options, stdin=terminal, later=later)
    finally:
        os.close(terminal)
        os.close(master)


def test_walk(fixed: Server) -> None:
    later = dt.timedelta()
    for _ in range(20):
        r = typed(fixed, "y\n", later=later)
        print("=====", r.code); print(r.out); print("--"); print(r.err)
        if "waits for" in r.err: later += 25*HOURS
    assert 0
