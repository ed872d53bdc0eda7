"""``hotfix finish`` makes a signed tag where git is so configured, and verifies it before it pushes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.releases import BASE, PRODUCT, TAG
from support.repositories import executable
from support.servers import TAG_REF, Server
from support.signing import Key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotfix that is approved here, and a key of ssh."""
    folder = tmp_path_factory.mktemp("signed")
    Server.ready(folder)
    Key.make(folder / "keys", "release")
    Key.make(folder / "keys", "stranger")
    return folder


@pytest.fixture
def server(prepared: Path, tmp_path: Path) -> Server:
    shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)
    scene = Server.at(tmp_path)
    scene.ours.git("status")
    return scene


@pytest.fixture
def key(tmp_path: Path, server: Server) -> Key:
    """The key of the release engineer, by which git signs tags here."""
    found = Key(tmp_path / "keys/release", "release@example.org")
    found.signs(server.ours)
    return found


def test_a_tag_is_signed_where_git_is_so_configured(server: Server, key: Key, tmp_path: Path) -> None:
    """The preview says so, and the tag that both sides have is that of the key."""
    assert f"git tag --sign {TAG} " in done(server.finish("-n")).out
    assert f"git tag --sign {TAG} " in done(server.finish()).out
    allowed = tmp_path / "allowed"
    allowed.write_text(key.line())
    for repo in (server.ours, server.remote):
        repo.git("-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-tag", TAG)


def test_force_sign_annotated_signs(server: Server, key: Key) -> None:
    """The other setting that makes git sign counts, too."""
    server.ours.git("config", "--unset", "tag.gpgSign")
    server.ours.git("config", "tag.forceSignAnnotated", "yes")
    assert f"git tag --sign {TAG} " in done(server.finish()).out
    assert "BEGIN SSH SIGNATURE" in server.remote.git("cat-file", "tag", TAG)


def test_without_a_setting_nothing_is_signed(server: Server) -> None:
    """Where nobody has asked for signed tags, a release is annotated."""
    server.ours.git("config", "tag.gpgSign", "off")
    assert f"git tag --annotate {TAG} " in done(server.finish()).out
    assert "BEGIN" not in server.remote.git("cat-file", "tag", TAG)
