"""Read git's configuration; find the programs that it makes git run and the keys that redirect a remote."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.git.process import run, unexpected
from krow_versions.regexes import regex
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# git-config(1): the keys that decide how a remote is reached, by the transport of its URL. They name a
# program, or where curl writes its cookies, whom it trusts, or the server that gets the user's credentials.
_HARMLESS = r"extraheader|postbuffer|version|lowspeedlimit|lowspeedtime|maxrequests|minsessions"
_BY_TRANSPORT = {
    "ssh": r"core\.sshcommand|ssh\.variant",
    "git": r"core\.gitproxy",
    "http": rf"core\.askpass|credential\..*|http\.(?:.*\.)?(?!(?:{_HARMLESS})$)[a-z]+",
}
# A program for the refs of the folders in `objects/info/alternates`; a place to download from first.
_FETCHING = r"core\.alternaterefscommand|fetch\.bundleuri"
_SCHEME = regex(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LIKE_SCP = regex(r"[^/:]+:(?!:)")  # git-fetch(1), "GIT URLS": host:path, no slash before the colon.
_HELPER = regex(r"[^/:]+::")  # gitremote-helpers(7): runs git-remote-NAME.
_FILTER = regex(r"filter\.(.*)\.(?:clean|smudge|process|required)", re.DOTALL)
_NUMBER = regex(r"[+-]?0*[1-9][0-9]*[kmg]?")  # But zero.
_OWN = {"local", "worktree"}


@frozen
class Setting:
    """One line of configuration.

    Attributes:
        scope: where it comes from, such as ``local``; an included file has the scope of the including one.
        key: the full name, as git prints it.
        value: the value; ``true`` for a key without one, as git takes it.
    """

    scope: str
    key: str
    value: str = field(repr=False)  # It can hold a password.


def gives_no_tags(settings: Iterable[Setting]) -> bool:
    """Whether a remote is to give no tags, as ``git clone --no-tags`` configures it."""
    keys = (each.key for each in settings if each.value == "--no-tags")
    return any(key.startswith("remote.") and key.endswith(".tagopt") for key in keys)


def flag(settings: Iterable[Setting], key: str) -> bool | None:
    """Return a key as git reads a boolean, git-config(1); None if it is not set. Its last value counts."""
    values = [each.value.lower() for each in settings if each.key == key]
    if not values:
        return None
    return values[-1] in {"true", "yes", "on"} or _NUMBER.fullmatch(values[-1]) is not None


def read_settings(root: str) -> tuple[Setting, ...]:
    """Read the configuration in force in a work tree, the user's included; one process.

    Raises:
        GitError: git failed.
    """
    arguments = ["config", "--list", "--show-scope", "--includes", "-z"]
    output = run(arguments, cwd=root)
    fields = output.split(b"\0")[:-1]
    if len(fields) % 2:
        raise unexpected(arguments, output, root)
    entries = (os.fsdecode(entry).partition("\n") for entry in fields[1::2])
    return tuple(
        Setting(scope.decode("ascii", "replace"), key, value if has_value else "true")
        for scope, (key, has_value, value) in zip(fields[::2], entries, strict=True)
    )


def without_filters(settings: Iterable[Setting]) -> dict[str, str]:
    """Return the settings that turn off every filter that *settings* name."""
    found = (_FILTER.fullmatch(each.key) for each in settings)
    names = {match[1] for match in found if match}
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    return {f"filter.{name}.{part}": value for name in sorted(names) for part, value in off.items()}


def filtered_paths(root: str, paths: Sequence[str]) -> frozenset[str]:
    """Return those of *paths* to which gitattributes(5) give a filter; one process, or none.

    Raises:
        GitError: git failed.
    """
    if not paths:
        return frozenset()
    arguments = ["check-attr", "-z", "--stdin", "filter"]
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    fields = run(arguments, cwd=root, stdin=stdin).split(b"\0")[:-1]
    rows = zip(fields[::3], fields[2::3], strict=True)
    return frozenset(os.fsdecode(path) for path, value in rows if value not in {b"unspecified", b"unset"})


def redirecting_keys(
    root: str, settings: Iterable[Setting], remote: str, *, fetching: bool = False
) -> tuple[str, ...]:
    """List the keys of the repository's own configuration that decide how a remote is reached.

    With *fetching*, also those that decide it for a fetch alone.

    They can name a program to run, a file to write (``http.cookieFile``), or a server that gets the
    user's credentials. The user's own configuration is trusted: a clone cannot change it. One process.

    Raises:
        GitError: git failed.
    """
    url = os.fsdecode(run(["ls-remote", "--get-url", "--", remote], cwd=root)).removesuffix("\n")
    own = re.escape(f"remote.{remote}.")
    more = rf"|{_FETCHING}" if fetching else ""
    keys = re.compile(rf"{own}(?:uploadpack|vcs|proxy.*)|{_keys_of(url)}{more}", re.DOTALL)
    found = [
        each.key
        for each in settings
        # An empty value resets a list of helpers: gitcredentials(7).
        if each.scope in _OWN and keys.fullmatch(each.key) and each.value
    ]
    if _HELPER.match(url):
        found.append(f"remote.{remote}.url")
    return tuple(dict.fromkeys(found))


def is_on_this_machine(url: str) -> bool:
    """Whether a URL names a repository by a path of this machine."""
    return _transport(url) == "file"


def _transport(url: str) -> str:
    scheme = _SCHEME.match(url)
    if scheme is None:
        return "ssh" if _LIKE_SCP.match(url) else "file"
    return scheme[1].lower().removeprefix("git+").removesuffix("+git").replace("https", "http")


def _keys_of(url: str) -> str:
    """Return the pattern of the keys that apply to a URL; of all keys for an unknown transport."""
    transport = _transport(url)
    if transport == "file" or (transport == "ssh" and os.environ.get("GIT_SSH_COMMAND")):
        return "(?!)"
    return _BY_TRANSPORT.get(transport, "|".join(_BY_TRANSPORT.values()))
