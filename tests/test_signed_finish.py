"""``hotfix finish`` makes a signed tag where git is so configured, and verifies it before it pushes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.releases import TAG
from support.repositories import executable
from support.servers import TAG_REF, Server
from support.signing import Key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotfix that is approved here, and keys of ssh."""
    folder = tmp_path_factory.mktemp("signed")
    Server.ready(folder)
    for name in ("release", "stranger"):
        Key.make(folder / "keys", name)
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


def refused(server: Server, *words: str, code: int = 3, more: tuple[str, ...] = ()) -> None:
    """Finish is refused with these words; the server has nothing new, and here is no tag."""
    before = server.refs()
    assert_told(server.finish(*more), code, *words)
    assert server.refs() == before
    assert server.here(TAG_REF) is None


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


def test_a_signature_that_does_not_fit_is_not_pushed(server: Server, key: Key, tmp_path: Path) -> None:
    """A program that signs something else is found out before the push."""
    (tmp_path / "other").write_text("something else\n")
    sign = (
        f'ssh-keygen -Y sign -n git -f "{key.path}" {tmp_path}/other && mv {tmp_path}/other.sig "$last.sig"'
    )
    script = f"#!/bin/sh\nfor last; do :; done\n{sign}\n"
    server.ours.git("config", "gpg.ssh.program", str(executable(tmp_path / "bin/signer", script)))
    refused(server, "does not fit the content", "nothing was pushed")
    server.ours.git("config", "--unset", "gpg.ssh.program")
    done(server.finish())


def test_a_key_that_is_not_there_is_named(server: Server, key: Key) -> None:
    """Where git cannot sign, nothing is pushed, and what git says is shown."""
    server.ours.git("config", "user.signingKey", "/nonexistent/key")
    refused(server, "/nonexistent/key", code=4)
    server.ours.git("config", "--unset", "user.signingKey")
    refused(server, "user.signingkey", code=4)
