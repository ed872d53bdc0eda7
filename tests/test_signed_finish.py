"""``hotfix finish`` makes a signed tag where git is so configured, and verifies it before it pushes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.openpgp import keyring
from support.releases import BASE, BRANCH, TAG
from support.repositories import executable
from support.servers import TAG_REF, Server
from support.signing import Key

if TYPE_CHECKING:
    from collections.abc import Callable
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


@pytest.mark.fault(91)
def test_a_key_that_is_not_there_releases_nothing(server: Server, key: Key) -> None:
    """Some versions of git make an unsigned tag, and no error, where they cannot read the key of ssh."""
    server.ours.git("config", "user.signingKey", "/nonexistent/key")
    before = server.refs()
    result = server.finish()
    assert (result.code in {3, 4}, "user.signingKey" in result.err) == (True, True), result
    assert server.refs() == before
    server.ours.git("config", "--unset", "user.signingKey")
    refused(server, "user.signingkey", code=4)


SIGNED = "[tags]\nsigned = true\n"
BY_SIGNERS = f'{SIGNED}signers = "signers"\n'


def configure(server: Server, text: str, *signers: str) -> None:
    """Configure the workspace by files that git does not track."""
    server.ours.write("krow-versions.toml", text)
    server.ours.write("signers", "".join(signers) or "# nobody\n")


@pytest.mark.fault(91)
@pytest.mark.parametrize("options", [(), ("-n",)])
def test_a_git_that_does_not_sign_is_refused_before(server: Server, options: tuple[str, ...]) -> None:
    """Where tags are to be signed and git signs none, nothing is pushed; the preview says so already."""
    configure(server, SIGNED)
    refused(server, "[tags] signed", "git config --global tag.gpgSign true", more=options)


def test_what_the_refusal_advises_works(server: Server, key: Key) -> None:
    """With git configured as the hint says, the same command makes a signed tag."""
    configure(server, SIGNED)
    server.ours.git("config", "--unset", "tag.gpgSign")
    refused(server, "tag.gpgSign true", "gpg.format ssh", "user.signingKey")
    server.ours.git("config", "tag.gpgSign", "true")
    done(server.finish())
    assert server.there(TAG_REF) == server.here(TAG_REF) is not None


def test_a_known_signer_releases(server: Server, key: Key) -> None:
    """A tag that verifies against the signers file of the configuration is pushed."""
    configure(server, BY_SIGNERS, key.line())
    done(server.finish())
    assert server.there(TAG_REF) is not None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            lambda _, other: other.line(),
            ("does not list", "SHA256:", "to signers a line with release@"),
        ),
        (lambda key, _: key.line('valid-before="20200101"'), ("not valid", "renew its line in signers")),
        (lambda *_: "# nobody\n", ("names no signer",)),
        (lambda *_: "release@example.org ssh-ed25519 AAAA\n", ("signers:1",)),
    ],
    ids=["stranger", "expired", "empty", "broken"],
)
def test_who_is_no_known_signer_does_not_release(
    server: Server, key: Key, line: Callable[[Key, Key], str], words: tuple[str, ...]
) -> None:
    """A signature that the signers file does not vouch for is refused; with the right line it is pushed."""
    stranger = Key(key.path.with_name("stranger"), "stranger@example.org")
    configure(server, BY_SIGNERS, line(key, stranger))
    refused(server, *words)
    configure(server, BY_SIGNERS, key.line())
    done(server.finish())


def test_a_signer_may_be_added_on_main(server: Server, key: Key) -> None:
    """A hotfix branch has the file of its base, and takes no other: main says who may sign today."""
    stranger = Key(key.path.with_name("stranger"), "stranger@example.org")
    configure(server, BY_SIGNERS, stranger.line())
    unlisted = ("does not list", "add to signers on main a line")
    for line, words in ((stranger.line(), unlisted), (key.line(), ())):
        server.theirs.git("pull", "--quiet", "origin", "main")
        server.theirs.write("signers", line)
        server.theirs.commit("chore: who may sign")
        server.theirs.git("push", "--quiet", "origin", "HEAD:main")
        if words:
            refused(server, *words)
        else:
            done(server.finish())


def test_a_tag_that_is_here_already_is_verified_too(server: Server, key: Key) -> None:
    """A tag made by hand, without a signature, is not pushed where tags are to be signed."""
    configure(server, BY_SIGNERS, key.line())
    server.ours.git("-c", "tag.gpgSign=false", "tag", "--annotate", "--message=x", TAG, BRANCH)
    before = server.refs()
    for options in ((), ("-n",)):
        assert_told(server.finish(*options), 3, "there is none", "nothing was pushed")
    assert server.refs() == before
    server.ours.git("tag", "--delete", TAG)
    done(server.finish())


def test_without_a_remote_a_bad_tag_does_not_stay(server: Server, key: Key) -> None:
    """Where nothing is pushed, a tag whose signature is not that of a known signer is taken back."""
    server.ours.git("remote", "remove", "origin")
    configure(server, BY_SIGNERS, Key(key.path.with_name("stranger"), "stranger@example.org").line())
    assert_told(server.finish(), 3, "does not list")
    assert server.here(TAG_REF) is None
    configure(server, BY_SIGNERS, key.line())
    done(server.finish())
    assert server.here(TAG_REF) is not None


def test_a_key_of_openpgp_signs_and_verifies(server: Server, tmp_path: Path) -> None:
    """The user's own gpg vouches for the tag where no signers are named; where they are, they count alone."""
    with keyring(tmp_path) as keys:
        keys.make("release@example.org")
        keys.signs(server.ours, "release@example.org")
        server.ours.git("config", "tag.gpgSign", "true")
        configure(server, BY_SIGNERS, Key(tmp_path / "keys/stranger", "stranger@example.org").line())
        refused(server, "does not list", "add to signers what gpg --armor --export")
        configure(server, SIGNED)
        done(server.finish())
    assert "BEGIN PGP SIGNATURE" in server.remote.git("cat-file", "tag", TAG)


# --- tags that were made anew on the server ---------------------------------------------------------


def made_anew(server: Server, name: str, target: str) -> None:
    """A colleague makes a tag anew at a commit, and forces it onto the server."""
    server.theirs.git("fetch", "--quiet", "origin")
    server.theirs.git("tag", "--force", "--annotate", "--message=anew", name, target)
    server.theirs.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}")


@pytest.mark.fault(97)
def test_a_base_that_was_made_anew_is_named(server: Server) -> None:
    """A base that is another object on the server, at the same commit, is named; the one here stays."""
    made_anew(server, BASE, f"{BASE}^{{commit}}")
    here = server.refs()[1][f"refs/tags/{BASE}"]
    assert f"the tag {BASE} is not the same here and on origin; ours was kept" in done(server.finish()).err
    assert server.refs()[1][f"refs/tags/{BASE}"] == here != server.refs()[0][f"refs/tags/{BASE}"]


@pytest.mark.fault(79)
def test_a_release_that_differs_at_the_same_commit_is_refused(server: Server) -> None:
    """The tag of this hotfix here, and another object of that name on the server: neither is replaced."""
    server.push_branch()
    made_anew(server, TAG, f"origin/{BRANCH}")
    server.ours.tag(TAG, BRANCH)
    before = server.refs()
    assert_told(server.finish(), 3, f"the tag {TAG} is not the same here and on origin")
    assert server.refs() == before


def test_an_unsigned_tag_that_is_out_is_named(server: Server, key: Key) -> None:
    """Somebody else has tagged the tip on the server, without a signature: finish goes on, and says so."""
    configure(server, BY_SIGNERS, key.line())
    server.push_branch()
    made_anew(server, TAG, f"origin/{BRANCH}")
    assert f"the signature of {TAG}: there is none\n" in done(server.finish()).err
