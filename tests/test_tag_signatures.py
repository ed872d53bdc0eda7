"""Who made and signed a production tag, with real keys of ssh and OpenPGP: only what is proved counts."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import git, signatures
from krow_versions.errors import FileFormatError, UsageError
from krow_versions.evidence import Standing, TagObject, parse_signers, parse_tag_object
from krow_versions.signatures.openpgp import _judged
from support.commands import run
from support.openpgp import Keyring, keyring
from support.repositories import Repo, executable
from support.signing import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
NAME = "shop/v1.0.0"
EVIDENCE = {"KV213", "KV214", "KV216", "KV217"}
CONFIG = """\
[products.shop]
files = ["package.json"]
[tags]
production = "{slug}/v{version}"
"""
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="there is no gpg here")


@attrs.frozen
class Keys:
    """The key of a known signer, that of a stranger, and that of an authority with one that it has signed."""

    ada: Key
    stranger: Key
    authority: Key
    member: Key


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    return Keys(*(Key.make(folder, name) for name in ("ada", "stranger", "authority", "member")))


@pytest.fixture(scope="session")
def pgp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyring]:
    """Keys of OpenPGP: of ada, of a stranger, one that ended in 2025, one that ends later, one revoked."""
    with keyring(tmp_path_factory.mktemp("openpgp")) as made:
        made.make("ada@example.org")
        made.make("stranger@example.org")
        made.make("old@example.org", "20250601T000000")
        made.make("later@example.org", "20260201T000000")
        made.revoke(made.make("revoked@example.org"))
        yield made


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """A product without tags."""
    return stocked(repo)


def stocked(repo: Repo) -> Repo:
    repo.write("package.json", '{"name": "shop", "version": "1.0.0"}\n')
    repo.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | 1.0.0 | First |\n")
    repo.write("krow-versions.toml", CONFIG)
    repo.commit("feat: first")
    return repo


def configure(repo: Repo, *lines: str) -> None:
    repo.write("krow-versions.toml", CONFIG + "".join(f"{line}\n" for line in lines))


def sign(repo: Repo, key: Key, name: str = NAME, message: str = "Release") -> str:
    """Sign a tag of HEAD by a key of ssh; give the id of its object."""
    repo._minutes += 1
    options = [part for name, value in key.settings().items() for part in ("-c", f"{name}={value}")]
    repo.git(*options, "tag", "--sign", f"--message={message}", name)
    return repo.git("rev-parse", f"refs/tags/{name}")


def replace(repo: Repo, content: bytes, name: str = NAME) -> None:
    """Put another object behind a tag, whatever it holds."""
    made = repo.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=content)
    repo.git("update-ref", f"refs/tags/{name}", made)


def content(repo: Repo, name: str = NAME) -> bytes:
    (found,) = git.read_objects(str(repo.path), [f"refs/tags/{name}"])
    assert found is not None
    return found.data


def found(repo: Repo, signers: Path | str | None = None) -> list[tuple[str, str]]:
    """Code and message of what an audit finds of tags as evidence."""
    report = kv.Workspace.open(repo.path).audit(signers=signers, now=NOW)
    return [(each.code, each.message) for each in report.findings if each.code in EVIDENCE]


@pytest.fixture
def allowed(tmp_path: Path, keys: Keys) -> Path:
    """A signers file outside of the checkout, with ada."""
    file = tmp_path / "allowed signers"
    file.write_text(f"# Who may release\n\n{keys.ada.line()}")
    return file


# --- ssh ------------------------------------------------------------------------------------------


def _signed(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada)


def _plain(repo: Repo, _: Keys) -> None:
    repo.tag(NAME)


def _lightweight(repo: Repo, _: Keys) -> None:
    repo.tag(NAME, annotated=False)


def _by_a_stranger(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.stranger)


def _changed(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada)
    replace(repo, content(repo).replace(b"\n\nRelease", b"\n\nReleased"))


def _of_another_tag(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada, "other")
    sign(repo, keys.ada)
    cut = b"-----BEGIN SSH"
    replace(repo, content(repo).partition(cut)[0] + cut + content(repo, "other").partition(cut)[2])


def _followed(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada)
    replace(repo, content(repo) + b"Approved by: everybody\n")


def _garbled(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada)
    replace(repo, content(repo).replace(b"U1NIU0lH", b"U1NIU0lI"))


def _undated(repo: Repo, keys: Keys) -> None:
    sign(repo, keys.ada)
    lines = content(repo).split(b"\n")
    replace(repo, b"\n".join(line for line in lines if not line.startswith(b"tagger ")))


def _of_x509(repo: Repo, _: Keys) -> None:
    repo.tag(NAME)
    replace(repo, content(repo) + b"-----BEGIN SIGNED MESSAGE-----\nMII\n-----END SIGNED MESSAGE-----\n")


SSH: dict[str, tuple[Callable[[Repo, Keys], None], str]] = {
    "signed": (_signed, ""),
    "not signed": (_plain, f"{NAME} is not signed"),
    "lightweight": (_lightweight, f"{NAME} is not signed: it is a lightweight tag"),
    "by a stranger": (_by_a_stranger, f"{NAME} is signed by the key SHA256:KEY, which is of no known signer"),
    "changed": (_changed, f"the signature of {NAME} does not fit its content"),
    "of another tag": (_of_another_tag, f"the signature of {NAME} does not fit its content"),
    "followed": (
        _followed,
        f"the signature of {NAME} does not fit its content: it is not whole, or text follows it",
    ),
    "garbled": (_garbled, f"the signature of {NAME} does not fit its content: it cannot be read"),
    "undated": (_undated, f"the signature of {NAME} does not fit its content: the tag has no date"),
    "x509": (
        _of_x509,
        f"the signature of {NAME} was not verified: signatures of X.509 are not supported",
    ),
}


def fingerprint(key: Key) -> str:
    return parse_signers(key.line().encode(), "x").ssh[0].key


@pytest.mark.parametrize("case", SSH)
def test_only_a_good_signature_of_a_known_signer_is_accepted(
    shop: Repo, keys: Keys, allowed: Path, case: str
) -> None:
    """Each other way in which a tag stands is KV213, with its reason."""
    make, message = SSH[case]
    make(shop, keys)
    wanted = message.replace("SHA256:KEY", fingerprint(keys.stranger))
    assert found(shop, allowed) == ([("KV213", wanted)] if wanted else [])


@pytest.mark.parametrize(
    ("option", "is_good"),
    [
        ('valid-before="20251231"', False),
        ('valid-after="20260102"', False),
        ('namespaces="file"', False),
        ('valid-after="20251231",valid-before="20260102"', True),  # It has ended since.
        ('namespaces="file,git"', True),
    ],
)
def test_a_key_counts_on_the_day_of_the_tag(
    shop: Repo, keys: Keys, tmp_path: Path, option: str, is_good: bool
) -> None:
    """A key that was not valid when the tag was made is named, with the limits that the file sets."""
    sign(shop, keys.ada)
    file = tmp_path / "signers"
    file.write_text(f"{keys.ada.mail} {option} {keys.ada.public}\n")
    shown = option.replace(",v", ", v")
    key = fingerprint(keys.ada)
    signer = f"'{keys.ada.mail}' ({key})"
    message = f"{NAME} is signed by {signer}, whose key was not valid for it on 2026-01-01 ({shown})"
    assert found(shop, file) == ([] if is_good else [("KV213", message)])


def test_a_key_that_an_authority_has_signed_counts(shop: Repo, keys: Keys, tmp_path: Path) -> None:
    """A line ``cert-authority`` lets in whom the authority has signed, and nobody else."""
    folder, member = keys.member.path.parent, keys.member
    certificate = folder / "member-cert.pub"
    command = f"ssh-keygen -q -s {keys.authority.path} -I member -n {member.mail} {member.path}.pub"
    assert os.system(command) == 0
    file = tmp_path / "signers"
    file.write_text(f"*@example.org cert-authority {keys.authority.public}\n")
    sign(shop, attrs.evolve(member, path=certificate))
    assert found(shop, file) == []
    shop.git("tag", "--delete", NAME)
    sign(shop, keys.authority)
    assert [code for code, _ in found(shop, file)] == ["KV213"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_byte_of_what_is_signed_can_change(signed: tuple[TagObject, bytes], data: st.DataObject) -> None:
    """The signature fits the object as it was made, and no object that differs in one byte before it."""
    tag, lines = signed
    signers = parse_signers(lines, "signers")
    assert signatures.verify([tag], signers)[0].is_good
    at = data.draw(st.integers(0, len(tag.payload) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != tag.payload[at]))
    payload = tag.payload[:at] + bytes([other]) + tag.payload[at + 1 :]
    changed = parse_tag_object(tag.object_id, payload + (tag.signature or b""))
    assert not signatures.verify([changed], signers)[0].is_good


@pytest.fixture(scope="session")
def signed(keys: Keys, new_repo: Callable[[], Repo]) -> tuple[TagObject, bytes]:
    """A signed tag, and the lines of those who may sign."""
    repo = stocked(new_repo())
    sign(repo, keys.ada)
    (tag,) = git.read_tag_objects(str(repo.path), [f"refs/tags/{NAME}"])
    assert tag is not None
    return tag, keys.ada.line().encode()


def test_a_tag_that_leads_to_no_commit_is_no_evidence(shop: Repo, allowed: Path) -> None:
    """Another finding names it, once: it is no release, so nobody has to have signed or made it."""
    shop.git("tag", NAME, "HEAD:package.json")
    configure(shop, 'taggers = ["release@example.org"]')
    assert found(shop, allowed) == []
    report = kv.Workspace.open(shop.path).audit(now=NOW)
    assert [each.code for each in report.findings if NAME in each.message]


# --- OpenPGP --------------------------------------------------------------------------------------


@needs_gpg
@pytest.mark.parametrize(
    ("mail", "message"),
    [
        ("ada", ""),
        ("later", ""),  # Its key has ended since the tag was made.
        ("stranger", f"{NAME} is signed by the key KEY, which is of no known signer"),
        (
            "old",
            f"{NAME} is signed by 'Somebody <old@example.org>' (KEY), whose key was not valid for it on ",
        ),
    ],
)
def test_a_key_of_openpgp_counts_on_the_day_of_the_tag(
    shop: Repo, pgp: Keyring, tmp_path: Path, mail: str, message: str
) -> None:
    """The keys are those of the file alone: neither the user's keyring nor an agent is asked."""
    pgp.signs(shop, f"{mail}@example.org")
    shop.git("tag", "--sign", "--message=Release", NAME)
    file = tmp_path / "signers"
    file.write_text(pgp.public(*(f"{each}@example.org" for each in ("ada", "old", "later"))))
    key = (
        pgp.gpg("--with-colons", "--list-keys", f"{mail}@example.org").decode().split("fpr")[1].split(":")[9]
    )
    (result,) = found(shop, file) or [("", "")]
    assert result[1].startswith(message.replace("KEY", key))
    assert bool(result[1]) == bool(message)


@needs_gpg
def test_a_revoked_key_of_openpgp_is_none(shop: Repo, pgp: Keyring, tmp_path: Path) -> None:
    """Whenever the tag was made: a thief can set any date."""
    mail, file = "stolen@example.org", tmp_path / "signers"
    fingerprint = pgp.make(mail)
    pgp.signs(shop, mail)
    shop.git("tag", "--sign", "--message=Release", NAME)
    file.write_text(pgp.public(mail))
    assert found(shop, file) == []
    pgp.revoke(fingerprint)
    file.write_text(pgp.public(mail))
    said = f"{NAME} is signed by 'Somebody <{mail}>' ({fingerprint}), whose key is revoked"
    assert found(shop, file) == [("KV213", said)]


@needs_gpg
@pytest.mark.parametrize(
    "change",
    [
        lambda tag: tag.replace(b"\n\nRelease", b"\n\nReleased"),
        lambda tag: tag + tag[tag.index(b"-----BEGIN") :],
        lambda tag: tag.replace(b"-----END", b"-----end"),
        lambda tag: tag + b"Approved by everybody\n",
    ],
    ids=["changed", "twice", "cut off", "followed"],
)
def test_a_changed_tag_of_openpgp_is_found(
    shop: Repo, pgp: Keyring, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    """Content that was changed, a second signature, one that is cut off, and text after it."""
    pgp.signs(shop, "ada@example.org")
    shop.git("tag", "--sign", "--message=Release", NAME)
    replace(shop, change(content(shop)))
    file = tmp_path / "signers"
    file.write_text(pgp.public("ada@example.org"))
    ((code, message),) = found(shop, file)
    assert (code, "does not fit its content" in message) == ("KV213", True)


@needs_gpg
def test_a_second_signature_in_the_same_armor_is_none(shop: Repo, pgp: Keyring, tmp_path: Path) -> None:
    """gpg calls it good if one of the two is that of a known signer, and does not say so of which."""
    shop.tag(NAME)
    payload = content(shop)
    both = [f"--local-user={each}@example.org" for each in ("ada", "stranger")]
    replace(shop, payload + pgp.gpg("--armor", "--detach-sign", *both, stdin=payload))
    file = tmp_path / "signers"
    file.write_text(pgp.public("ada@example.org", "stranger@example.org"))
    said = f"the signature of {NAME} does not fit its content: it is not one signature"
    assert found(shop, file) == [("KV213", said)]


NEW, GOOD = "NEWSIG", "GOODSIG 0123456789ABCDEF Ada <ada@example.org>"
VALID = f"VALIDSIG {'1' * 40} 2026-01-01 1767225600 0 4 0 22 8 00 {'2' * 40}"


@pytest.mark.parametrize(
    ("lines", "standing"),
    [
        ([NEW, GOOD, VALID], Standing.GOOD),
        ([NEW, GOOD, VALID, NEW], Standing.UNFIT),
        ([GOOD, VALID], Standing.UNFIT),
        ([NEW, GOOD], Standing.UNFIT),
        (["PLAINTEXT 62 1767225600 ", NEW, GOOD, VALID], Standing.UNFIT),
        ([NEW, GOOD, GOOD, VALID], Standing.UNFIT),
        ([NEW, GOOD.replace("GOODSIG", "BADSIG")], Standing.UNFIT),
        ([NEW, GOOD.replace("GOODSIG", "EXPSIG"), VALID], Standing.EXPIRED),
        ([NEW, GOOD.replace("GOODSIG", "EXPKEYSIG"), VALID], Standing.EXPIRED),
        (["KEYEXPIRED 5", NEW, GOOD.replace("GOODSIG", "EXPKEYSIG"), VALID], Standing.EXPIRED),
        (["KEYEXPIRED 5", NEW, GOOD.replace("GOODSIG", "EXPKEYSIG")], Standing.EXPIRED),
        (["KEYEXPIRED 7", NEW, GOOD.replace("GOODSIG", "EXPKEYSIG"), VALID], Standing.GOOD),
        (["KEYEXPIRED 7", NEW, GOOD.replace("GOODSIG", "EXPKEYSIG")], Standing.UNFIT),
        ([NEW, GOOD.replace("GOODSIG", "REVKEYSIG"), VALID], Standing.REVOKED),
        ([NEW, "ERRSIG 0123456789ABCDEF 22 8 00 5 9 -", "NO_PUBKEY 0123456789ABCDEF"], Standing.UNKNOWN),
        ([NEW, "ERRSIG 0123456789ABCDEF 99 8 00 5 4 -"], Standing.UNVERIFIED),
        ([], Standing.UNFIT),
    ],
)
def test_one_whole_and_valid_signature_is_good_and_nothing_else(lines: list[str], standing: Standing) -> None:
    """Whatever a gpg says on its status lines, which GnuPG describes in doc/DETAILS."""
    tag = parse_tag_object("1" * 40, b"object 2\ntype commit\ntag v1\ntagger A <a@b> 6 +0000\n\nText\n")
    said = "".join(f"[GNUPG:] {line}\n" for line in lines).encode()
    assert _judged(tag, git.Finished(0, said, b"")).standing is standing


@needs_gpg
def test_one_file_may_hold_keys_of_both_kinds(shop: Repo, keys: Keys, pgp: Keyring, tmp_path: Path) -> None:
    """Lines of ssh may stand before and after armored keys."""
    sign(shop, keys.ada)
    pgp.signs(shop, "ada@example.org")
    shop.git("tag", "--sign", "--message=Release", "shop/v0.9.0")
    file = tmp_path / "signers"
    file.write_text(f"# ssh\n{keys.stranger.line()}{pgp.public('ada@example.org')}\n# ssh\n{keys.ada.line()}")
    assert found(shop, file) == []


@needs_gpg
def test_a_key_that_gpg_cannot_read_is_named_by_its_line(shop: Repo, pgp: Keyring, tmp_path: Path) -> None:
    """A signer is never silently unknown because his key was cut."""
    pgp.signs(shop, "ada@example.org")
    shop.git("tag", "--sign", "--message=Release", NAME)
    lines = pgp.public("ada@example.org").split("\n")
    text = "# keys\n" + "\n".join([*lines[:3], *lines[4:]])
    file = tmp_path / "signers"
    file.write_text(text)
    with pytest.raises(FileFormatError, match="gpg cannot read this key") as refused:
        found(shop, file)
    assert (refused.value.path, refused.value.line) == (str(file), 2)
    shop.write("signers", text)
    configure(shop, 'signers = "signers"')
    ((code, message),) = found(shop)
    assert (code, message.startswith("no signature was verified: signers:2: gpg cannot read")) == (
        "KV216",
        True,
    )


# --- who made it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taggers", "is_named"),
    [
        ('"release@example.org"', True),
        ('"RELEASE@example.org"', True),
        ('"ada@example.org", "Release Engineer <release@example.org>"', True),
        ('"Ada <release@example.org>"', False),
        ('"ada@example.org"', False),
    ],
)
def test_a_tag_is_made_by_somebody_whom_the_configuration_names(
    shop: Repo, taggers: str, is_named: bool
) -> None:
    """By the mail address, and where the configuration has a name, by that, too."""
    shop.tag(NAME)
    configure(shop, f"taggers = [{taggers}]")
    who = "'Release Engineer <release@example.org>'"
    said = f"{NAME} was made by {who}, whom [tags] taggers does not name"
    assert found(shop) == ([] if is_named else [("KV214", said)])


def test_a_lightweight_tag_does_not_say_who_made_it(shop: Repo) -> None:
    """It has no tagger: that of its commit does not count."""
    shop.tag(NAME, annotated=False)
    configure(shop, 'taggers = ["release@example.org"]')
    said = f"{NAME} does not say who made it, and [tags] taggers names who may"
    assert found(shop) == [("KV214", said)]


@pytest.mark.parametrize(
    "tagger",
    [
        b"Release Engineer <release@example.org> <eve@example.org>",
        b"Eve <eve@example.org> <release@example.org>",
        b"Eve\x1b[2K\xe2\x80\xae <eve@example.org>",
        b"release@example.org",
        b"<release@example.org",
        b"\xff\xfe <eve@example.org>",
        b"",
    ],
)
def test_a_hostile_tagger_is_nobody_and_is_escaped(shop: Repo, tagger: bytes) -> None:
    """No form of the header passes for a person, and nothing of it reaches a terminal."""
    shop.tag(NAME)
    who = b"Release Engineer <release@example.org>"
    replace(shop, content(shop).replace(b"tagger " + who, b"tagger " + tagger))
    configure(shop, 'taggers = ["release@example.org"]')
    ((code, message),) = found(shop)
    assert code == "KV214"
    assert message.isprintable()


# --- the signers file -----------------------------------------------------------------------------


def test_signers_in_the_checkout_prove_what_the_checkout_can(shop: Repo, keys: Keys, allowed: Path) -> None:
    """A note says so, of the file of the configuration and of one that is named there; it fails nothing."""
    sign(shop, keys.ada)
    shop.write("keys/signers", keys.ada.line())
    configure(shop, 'signers = "keys/signers"')
    said = "the known signers are from '{}' in the checkout: who can push a commit can add a key there"
    assert found(shop) == [("KV217", said.format("keys/signers"))]
    result = run("audit", cwd=shop.path)
    assert (result.code, "keys/signers: note: the known signers are from" in result.out) == (0, True)
    assert run("audit", "--signers", str(allowed), cwd=shop.path).out == ""
    there = str(shop.path / "keys/signers")
    assert found(shop, there) == [("KV217", said.format(there))]
    result = run("audit", "--signers", "signers", cwd=shop.path / "keys")
    assert "signers: note: the known signers are from 'signers' in the checkout" in result.out


def test_a_link_outside_that_leads_into_the_checkout_is_inside(
    shop: Repo, keys: Keys, tmp_path: Path
) -> None:
    """What counts is where the file is."""
    sign(shop, keys.ada)
    shop.write("signers", keys.ada.line())
    (tmp_path / "link").symlink_to(shop.path / "signers")
    assert [code for code, _ in found(shop, tmp_path / "link")] == ["KV217"]


@pytest.mark.parametrize("named", ["link", "folder/signers", "up/../link", "outer"])
def test_a_link_in_the_checkout_that_leads_outside_is_inside(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, named: str
) -> None:
    """Who can push a commit can lead it to another file."""
    sign(shop, keys.ada)
    (tmp_path / "far").mkdir()
    allowed.rename(tmp_path / "far/signers")
    (shop.path / "link").symlink_to("../far/signers")
    (shop.path / "folder").symlink_to(tmp_path / "far")
    (shop.path / "up").mkdir()
    (tmp_path / "outer").symlink_to(shop.path / "folder/signers")
    given = tmp_path / named if named == "outer" else shop.path / named
    assert [code for code, _ in found(shop, given)] == ["KV217"]
    assert found(shop, shop.path / "../far/signers") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "signers: there is no such file"),
        ("", "signers: it names no signer"),
        ("# ada@example.org ssh-ed25519 AAAA\n\n", "signers: it names no signer"),
        ("# Keys\nada@example.org\n", "signers:2: 'ada@example.org' is no allowed signer"),
        ("ada@example.org ssh-ed25519 AAAA\n", "signers:1: this is no whole 'ssh-ed25519' key"),
        ("\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDM\n", "signers:2: this key has no line -----END"),
        (
            "-----BEGIN PGP SIGNATURE-----\n",
            "signers:1: '-----BEGIN PGP SIGNATURE-----' begins no public key",
        ),
        ("\0", "signers:1: there is a NUL byte at offset 0"),
    ],
)
def test_a_signers_file_that_cannot_be_used_is_never_all_good(
    shop: Repo, keys: Keys, text: str | None, said: str
) -> None:
    """One finding names the file and the line; a signed tag is not accused, an unsigned one is."""
    sign(shop, keys.ada)
    shop.tag("shop/v0.9.0")
    if text is not None:
        shop.write("signers", text)
    configure(shop, 'signers = "signers"')
    first, second = sorted(found(shop))
    assert first == ("KV213", "shop/v0.9.0 is not signed")
    assert second[0] == "KV216"
    assert second[1].startswith(f"no signature was verified: {said}")
    assert run("audit", cwd=shop.path).code == 1


def test_signers_of_the_configuration_stay_in_the_workspace(shop: Repo, allowed: Path, keys: Keys) -> None:
    """A link in a clone cannot make an audit read, or quote, a file elsewhere."""
    sign(shop, keys.ada)
    (shop.path / "signers").symlink_to(allowed)
    configure(shop, 'signers = "signers"')
    ((code, message),) = found(shop)
    assert (code, "leads out of its repository" in message) == ("KV216", True)


def test_signed_without_signers_says_that_none_are_named(shop: Repo, keys: Keys, allowed: Path) -> None:
    """Until the caller names a file."""
    sign(shop, keys.ada)
    configure(shop, "signed = true")
    assert found(shop) == [("KV216", "no signature was verified: no signers are named")]
    assert found(shop, allowed) == []


def test_signed_false_turns_the_file_of_the_configuration_off(shop: Repo, keys: Keys) -> None:
    """The file may be there before all tags are signed; ``--signers`` asks all the same."""
    shop.tag(NAME)
    shop.write("signers", keys.ada.line())
    configure(shop, 'signers = "signers"', "signed = false")
    assert found(shop) == []
    assert [code for code, _ in found(shop, shop.path / "signers")] == ["KV213", "KV217"]


@pytest.mark.parametrize(("name", "code"), [("none", 2), ("", 2), (".", 3), ("wrong", 3)])
def test_a_file_that_the_caller_names_must_be_usable(
    shop: Repo, tmp_path: Path, name: str, code: int
) -> None:
    """What is wrong with it ends the audit, with its name as it was given."""
    (tmp_path / "wrong").write_text("ada@example.org\n")
    given = str(tmp_path / name) if name else ""
    result = run("audit", "--signers", given, cwd=shop.path)
    assert (result.code, result.out) == (code, "")
    if name != ".":
        assert given in result.err
    if code == 2:
        with pytest.raises(UsageError):
            found(shop, given)


def test_signers_are_read_where_git_has_the_configuration(shop: Repo, keys: Keys, tmp_path: Path) -> None:
    """On a hotfix branch of a release from before both, they are those of the main branch."""
    sign(shop, keys.ada)
    shop.git("rm", "--quiet", "--cached", "krow-versions.toml")
    (shop.path / "krow-versions.toml").unlink()
    shop.commit("chore: no configuration yet")
    shop.git("branch", "hotfix/shop-v1.0.1")
    shop.write("signers", keys.ada.line())
    configure(shop, 'signers = "signers"')
    shop.commit("chore: configure")
    clone = shop.clone(tmp_path / "clone", "--branch=hotfix/shop-v1.0.1")
    assert not (clone.path / "signers").exists()
    assert [code for code, _ in found(clone)] == ["KV217"]


# --- what runs ------------------------------------------------------------------------------------


def test_no_program_that_the_checkout_names_verifies(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what its configuration calls a program, nor a program in it, even with its folder on PATH."""
    notes = tmp_path / "notes"
    script = f'#!/bin/sh\necho "$0" >> {notes}\necho "[GNUPG:] GOODSIG x"\nexit 0\n'
    canary = executable(tmp_path / "canary", script)
    for name in ("ssh-keygen", "gpg"):
        executable(shop.path / "bin" / name, script)
    sign(shop, keys.stranger)
    sign(shop, keys.ada, "shop/v0.9.0")
    for key in ("gpg.program", "gpg.ssh.program", "gpg.openpgp.program", "gpg.ssh.defaultKeyCommand"):
        shop.git("config", key, str(canary))
    shop.write(".git/allowed", keys.stranger.line())
    shop.git("config", "gpg.ssh.allowedSignersFile", str(shop.path / ".git/allowed"))
    usual = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{shop.path}/bin{os.pathsep}bin{os.pathsep}{usual}")
    monkeypatch.chdir(shop.path)
    assert [code for code, _ in found(shop, allowed)] == ["KV213"]
    configure(shop, "signed = true")
    assert [code for code, _ in found(shop, allowed)] == ["KV213"]
    monkeypatch.setenv("PATH", f"bin{os.pathsep}{usual}")
    (tag,) = git.read_tag_objects(str(shop.path), ["refs/tags/shop/v0.9.0"])
    assert tag is not None
    assert signatures.verify([tag], parse_signers(allowed.read_bytes(), "signers"))[0].is_good
    assert not notes.exists()


def test_without_the_program_nothing_is_verified(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without OpenSSH says so of each tag; that is an error, not silence."""
    sign(shop, keys.ada)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    said = f"the signature of {NAME} was not verified: there is no ssh-keygen in an absolute folder of PATH"
    assert found(shop, allowed) == [("KV213", said)]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no such option >&2; exit 1", "no such option"),
        ("kill -9 $$", "exit code -9"),
        ("head -c 3000000 /dev/zero", "ssh-keygen was stopped, because it printed more than 1 MiB"),
    ],
)
def test_a_program_that_fails_verifies_nothing(
    signed: tuple[TagObject, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """An ssh-keygen that is too old, is killed or prints without end is no verdict on the signature."""
    executable(tmp_path / "bin/ssh-keygen", f"#!/bin/sh\n{script}\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)
    (verdict,) = signatures.verify([signed[0]], parse_signers(signed[1], "signers"))
    assert (verdict.standing, verdict.said) == (Standing.UNVERIFIED, said)


@pytest.mark.fault(90)
def test_a_program_that_hangs_is_stopped(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is bounded, and what it has started ends with it."""
    sign(shop, keys.ada)
    executable(tmp_path / "bin/ssh-keygen", "#!/bin/sh\nsleep 300\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)
    monkeypatch.setattr(signatures.programs, "TIME_LIMIT", 0.2)
    said = "ssh-keygen was stopped after 0.2 s"
    assert found(shop, allowed) == [("KV213", f"the signature of {NAME} was not verified: {said}")]


def test_nothing_is_read_unless_it_is_asked_for(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process of git more for all tags, and one of ssh-keygen for each signed tag of production."""
    sign(shop, keys.ada)
    sign(shop, keys.ada, "shop/v0.9.0")
    shop.tag("shop/v0.8.0")
    sign(shop, keys.ada, "elsewhere")
    log = tmp_path / "log"
    for name in ("git", "ssh-keygen"):
        executable(
            tmp_path / "bin" / name, f'#!/bin/sh\necho {name} >> {log}\nexec {shutil.which(name)} "$@"\n'
        )
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)

    def processes(signers: Path | None = None) -> tuple[int, int]:
        log.write_text("")
        found(shop, signers)
        started = log.read_text().split()
        return started.count("git"), started.count("ssh-keygen")

    usual = processes()
    assert usual[1] == 0
    assert processes(allowed) == (usual[0] + 1, 2)
    configure(shop, 'taggers = ["release@example.org"]')
    assert processes() == (usual[0] + 1, 0)
    configure(shop, "[audit]", "since = 2026-02-01")
    assert processes(allowed) == (usual[0], 0)


def test_no_temporary_file_stays(
    shop: Repo, keys: Keys, allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the programs read is removed; where it cannot be written, that is the error."""
    sign(shop, keys.ada)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    assert run("audit", "--signers", str(allowed), cwd=shop.path).code == 0
    assert os.listdir(tmp_path / "tmp") == []


# --- the standing of a verdict --------------------------------------------------------------------


def test_a_tag_made_here_can_be_verified_before_anybody_has_it(shop: Repo, keys: Keys) -> None:
    """The object alone is enough: no ref has to name it."""
    made = sign(shop, keys.ada)
    shop.git("update-ref", "-d", f"refs/tags/{NAME}")
    (tag,) = git.read_tag_objects(str(shop.path), [made])
    assert tag is not None
    assert (tag.name, tag.tagger, tag.target) == (
        NAME,
        "Release Engineer <release@example.org>",
        shop.git("rev-parse", "HEAD"),
    )
    known, unknown = (parse_signers(key.line().encode(), "x") for key in (keys.ada, keys.stranger))
    assert signatures.verify([tag], known)[0].standing is Standing.GOOD
    assert signatures.verify([tag], unknown)[0].standing is Standing.UNKNOWN
