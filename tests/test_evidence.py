"""What a tag object and a signers file say; ssh-keygen is asked whether it reads them in the same way."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.errors import KrowVersionsError
from krow_versions.evidence import key_of, parse_person, parse_signers, parse_tag_object
from support.signing import Key

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

# A line of allowed signers, and whether its key counts. KEY is TYPE and BLOB; CUT is a part of BLOB,
# and ONLY is a blob that has nothing but the kind.
LINES = {
    "a@x KEY": True,
    "a@x\tKEY": True,
    "  a@x   KEY  Ada's key, of 2026": True,
    "a@x,b@x KEY": True,
    '"a b,*@x" KEY': True,
    "*@x,!eve@x KEY": True,
    "# a@x KEY": False,
    'a@x namespaces="git" KEY': True,
    'a@x namespaces="git,file" KEY': True,
    'a@x NAMESPACES="git",Valid-After="20200101" KEY': True,
    'a@x valid-after="20200101",valid-before="20991231" KEY': True,
    'a@x valid-after="202001010101" KEY': True,
    'a@x valid-after="20200101010159" KEY': True,
    'a@x valid-after="2020010101" KEY': False,
    'a@x valid-after="20201301" KEY': False,
    'a@x valid-after="yesterday" KEY': False,
    "a@x namespaces=git KEY": False,
    "a@x no-touch-required KEY": False,
    'a@x namespaces="git", KEY': False,
    'a@x namespaces="git" namespaces="git" KEY': False,
    "KEY": False,
    "a@x": False,
    "a@x TYPE": False,
    "a@x TYPE AAAA": False,
    "a@x ssh-rsa BLOB": False,
    "a@x TYPE CUT": False,
    "a@x TYPE ONLY": False,
    "a@x BLOB": False,
    "hello": False,
}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return Key.make(tmp_path_factory.mktemp("evidence"), "ada")


@pytest.fixture(scope="module")
def signature(key: Key) -> bytes:
    """A signature of nothing."""
    signing = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key.path)]
    return subprocess.run(signing, input=b"", check=True, capture_output=True).stdout


@pytest.mark.parametrize(("line", "counts"), LINES.items())
def test_a_line_counts_as_for_ssh_keygen(
    key: Key, signature: bytes, tmp_path: Path, *, line: str, counts: bool
) -> None:
    """What we refuse by its line, ssh-keygen would skip: its signer would be unknown."""
    kind, blob = key.public.split(" ")
    only = base64.b64encode(len(kind).to_bytes(4, "big") + kind.encode()).decode()
    texts = {"KEY": key.public, "TYPE": kind, "BLOB": blob, "CUT": blob[:-8], "ONLY": only}
    for name, text in texts.items():
        line = line.replace(name, text)
    file, signed = tmp_path / "signers", tmp_path / "signature"
    file.write_text(f"{line}\n")
    signed.write_bytes(signature)
    asked = ["ssh-keygen", "-Y", "find-principals", "-f", str(file), "-s", str(signed)]
    assert (subprocess.run(asked, capture_output=True, check=False).returncode == 0) is counts
    if counts:
        (signer,) = parse_signers(file.read_bytes(), "signers").ssh
        assert signer.key == key_of(signature)
        return
    with pytest.raises(KrowVersionsError) as refused:
        parse_signers(file.read_bytes(), "signers")
    assert (refused.value.path, refused.value.line) == ("signers", None if line.startswith("#") else 1)


def test_the_key_of_an_authority_signs_no_tag_itself(key: Key, signature: bytes) -> None:
    """Its line is for the keys that it has signed: ssh-keygen finds no signer either."""
    signers = parse_signers(f"ada@x cert-authority {key.public}\n".encode(), "signers")
    assert [each.key for each in signers.ssh] == [key_of(signature)]
    assert signers.listed(key_of(signature)) == ()


def test_the_key_of_a_signature_is_read_whole_or_not_at_all(signature: bytes) -> None:
    """A signature that is cut off in its key is of no key; not of another one."""
    begin, *lines, end = signature.decode().strip().split("\n")
    blob = base64.b64decode("".join(lines))
    found = []
    for length in range(0, 80, 3):
        cut = base64.b64encode(blob[:length]).decode()
        found.append(key_of(f"{begin}\n{cut}\n{end}\n".encode()))
    assert {*found} == {"", key_of(signature)}
    assert found == sorted(found)


def test_the_first_of_two_headers_counts() -> None:
    """As for git, which reads an object from its beginning."""
    tag = parse_tag_object("1" * 40, b"tag v1\ntagger A <a@b> 1 +0000\ntag v2\ntagger B <b@b> 2 +0000\n\nx")
    assert (tag.name, tag.tagger) == ("v1", "A <a@b>")


def test_the_lines_of_ssh_keep_their_numbers() -> None:
    """Keys of OpenPGP, a byte order mark and carriage returns are left out of what ssh-keygen reads."""
    armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmDM=\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n"
    with pytest.raises(KrowVersionsError) as refused:
        parse_signers(f"\ufeff# Who\r\n{armor}{armor}eve\r\n".encode(), "signers")
    assert (refused.value.path, refused.value.line) == ("signers", 10)
    read = parse_signers(f"\ufeff{armor}".encode(), "signers")
    assert not read.text.strip()
    assert read.openpgp == ((1, armor.replace("\r\n", "\n").encode()),)


@given(
    st.lists(
        st.sampled_from(("tag v1", "tagger A <a@b> 1 +0000", "object 1", "gpgsig x\n y", "x y")), max_size=6
    ),
    st.lists(
        st.sampled_from(("Text", "", "-----BEGIN PGP SIGNATURE-----", " -----BEGIN SSH SIGNATURE-----"))
    ),
    st.sampled_from(("", "-----BEGIN SSH SIGNATURE-----\nx\n", "-----BEGIN SIGNED MESSAGE-----\n")),
)
def test_a_tag_object_is_its_payload_and_its_signature(head: list[str], body: list[str], end: str) -> None:
    """Nothing is lost but the header with the signature for other ids, which nobody has signed."""
    kept = [line for line in head if not line.startswith("gpgsig")]
    data, rest = ("\n".join([*lines, "", *body, end]).encode() for lines in (head, kept))
    tag = parse_tag_object("1" * 40, data)
    assert tag.payload + (tag.signature or b"") == rest
    assert (tag.signature is None) == (tag.kind is None)
    assert not end or tag.signature == end.encode()
    assert parse_tag_object("1" * 40, rest) == tag


def test_git_signs_what_we_take_for_signed(repo: Repo, key: Key, tmp_path: Path) -> None:
    """Of a tag whose message looks like a signature, and that has another header, too."""
    repo.commit()
    key.signs(repo)
    repo.git("tag", "--annotate", "--message=Release\n\n-----BEGIN SSH SIGNATURE-----\n\nx", "v1")
    data = repo.git("cat-file", "tag", "v1").replace("\ntag v1", "\ngpgsig-sha256 x\n y\ntag v1") + "\n"
    made = repo.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=data)
    signers = tmp_path / "signers"
    signers.write_text(key.line())
    repo.git("-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-tag", made)
    tag = parse_tag_object(made, data.encode())
    (tmp_path / "signature").write_bytes(tag.signature or b"")
    verifying = ["ssh-keygen", "-Y", "verify", "-n", "git", "-f", str(signers), "-I", key.mail]
    verifying += ["-s", str(tmp_path / "signature")]
    assert subprocess.run(verifying, input=tag.payload, capture_output=True, check=False).returncode == 0
    assert (tag.kind, tag.name, tag.tagger) == ("ssh", "v1", "Release Engineer <release@example.org>")


@pytest.mark.parametrize(
    "piece",
    [b"gpgsig x\n", b"gpgsig x\n x\n", b"tagger    ", b"-----BEGIN SSH SIGNATURE-----\n", b" <", b"\n "],
)
def test_a_hostile_object_is_read_in_linear_time(piece: bytes) -> None:
    """Two megabytes of anything that a pattern looks for are read at once."""
    tag = parse_tag_object("1" * 40, b"tagger " + piece * (2**21 // len(piece)))
    assert key_of(tag.signature or b"") == ""
    assert parse_person(tag.tagger) is None
