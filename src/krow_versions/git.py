"""The one door to git: a few questions, each one process of the ``git`` program.

The program is used, and no library, because users' configuration, credentials, worktrees and (in
rooms to come) hooks and signing must work. Every process that starts here

- sees no ``GIT_*`` variable that would turn it to another repository, speaks the C locale, cannot
  prompt, page or open an editor, and runs no file system monitor of a hostile configuration;
- gets names from outside only as full ``refs/…`` names, object ids or lines of standard input, so
  that no name can become an option;
- lives in a process group of its own, which is stopped as a whole when it takes too long.

Git 2.31 or newer is needed. Its version is not asked for unless something failed that an old git
would explain, so the ordinary case costs no process.

Limitations: in a partial clone, :meth:`Repository.blobs` makes git fetch what is missing, one blob
at a time. A repository is trusted as far as git trusts it (``safe.directory``).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import (
    GitError,
    GitMissing,
    KrowVersionsError,
    UnsupportedRepository,
    UsageError,
    printable,
    quoted,
    without_credentials,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TIME_LIMIT = 60.0
"""Seconds that a process may take unless its caller knows better."""


@attrs.frozen
class Tag:
    """A tag as git knows it.

    Attributes:
        name: the name without ``refs/tags/``.
        object_id: the object that the tag names, not peeled; empty when the ref itself is broken.
        object_type: ``commit`` (a lightweight tag), ``tag`` (annotated), ``blob``, ``tree``, or
            ``missing`` when the tag or what it stands on cannot be read: it may be the newest
            release all the same, so never overlook it.
        reachable: whether HEAD contains it. Unreliable in a shallow repository.
    """

    name: str
    object_id: str
    object_type: str
    reachable: bool


@attrs.frozen
class Repository:
    """A work tree and where its HEAD stood when :func:`open_repository` looked.

    Attributes:
        root: absolute path of the work tree, symbolic links resolved.
        common_dir: absolute path of git's own folder, the same for all linked worktrees: where
            locks and records live.
        head: commit id of HEAD, None on a branch without a commit.
        branch: full name such as ``refs/heads/main``, None when HEAD is detached.
        shallow: whether history was cut off, so that ancestry cannot be relied on.
    """

    root: str
    common_dir: str
    head: str | None
    branch: str | None
    shallow: bool

    def tags(self, prefixes: Sequence[str]) -> tuple[Tag, ...]:
        """List the tags below some folders of tags, in order of their names.

        Two processes; damaged tags and tags of tags take a few more, and none hides the others.

        Args:
            prefixes: folders below ``refs/tags/``, such as ``krow-withus-web`` for
                ``krow-withus-web/prod-v0.1.0``; the empty string stands for all tags.

        Returns:
            Each tag once.

        Raises:
            UsageError: a prefix could not be part of a tag's name.
            GitError: git failed, or the history of HEAD is damaged.
        """
        folders = tuple(sorted({_tag_folder(prefix) for prefix in prefixes}))
        if not folders:
            return ()  # No pattern would mean every ref.
        listing = execute(["for-each-ref", f"--format={_FIELDS}", *folders], cwd=self.root)
        rows = [_row(line) for line in listing.stdout.splitlines()]
        if listing.returncode or any(row.peeled_kind == b"tag" for row in rows):
            arguments = ["for-each-ref", "--format=%(objectname)    %(refname)", *folders]
            listing = execute(arguments, cwd=self.root)
            if listing.returncode:
                raise failure(arguments, listing, self.root)
            rows = self._inspected([_row(line) for line in listing.stdout.splitlines()])
        history = self._history() if rows else frozenset()
        tags = [row.tag(reachable=row.peeled in history) for row in rows]
        return tuple(sorted(tags + _broken(listing, folders), key=lambda tag: tag.name))

    def blobs(self, wanted: Sequence[tuple[str, str]]) -> tuple[bytes | None, ...]:
        """Read files as they are in commits; one process, however many there are.

        A symbolic link gives the text of the link, as git keeps it.

        Args:
            wanted: pairs of a revision (``HEAD``, a full ``refs/…`` name or a full object id; tags
                are peeled) and a path from the top of the repository. A line break in a path
                takes git 2.38.

        Returns:
            The content for each pair, in their order. None where the revision has no such file;
            also where the revision does not exist, so ask only for what :meth:`tags` listed as
            readable.

        Raises:
            UsageError: a revision or path of another form.
            GitError: git failed, or an object is corrupt.
        """
        requests = {pair: _request(*pair) for pair in wanted}
        if not requests:
            return ()
        arguments = ["cat-file", "--batch", "--buffer"]
        end = b"\n"
        if any(b"\n" in request for request in requests.values()):
            arguments.append("-z")
            end = b"\0"
        stdin = b"".join(request + end for request in requests.values())
        finished = execute(arguments, cwd=self.root, stdin=stdin)
        if finished.returncode or _COMPLAINT.search(finished.stderr):
            # A corrupt object is `missing` to git, with exit code 0 and an error beside it.
            raise failure(arguments, finished, self.root)
        contents = _contents(finished.stdout, requests.values())
        if contents is None:
            raise _unexpected(arguments, finished.stdout, self.root)
        found = dict(zip(requests, contents, strict=True))
        return tuple(found[pair] for pair in wanted)

    def _history(self) -> frozenset[bytes]:
        """List all commits of HEAD.

        Not by ``for-each-ref --merged``: it takes as long, and when a commit of the history is
        missing it silently calls everything behind that unreachable, where this fails.
        """
        if self.head is None:
            return frozenset()
        return frozenset(run(["rev-list", self.head, "--"], cwd=self.root).splitlines())

    def _inspected(self, rows: Sequence[_Row]) -> list[_Row]:
        """Find out the types one by one, and peel tags of tags to the end.

        ``for-each-ref`` dies on one unreadable object as soon as it has to look at objects, and
        peels once only before git 2.45. Names and ids it always gives.
        """
        answers = self._inspect([each for row in rows for each in (row.object_id, row.object_id + b"^{}")])
        inspected = []
        for row, answer, answer_peeled in zip(rows, answers[::2], answers[1::2], strict=True):
            own, peeled = _CHECKED.fullmatch(answer), _CHECKED.fullmatch(answer_peeled)
            kind, end = (own[2], peeled[1]) if own and peeled else (b"missing", b"")
            inspected.append(attrs.evolve(row, kind=kind, peeled=end))
        return inspected

    def _inspect(self, requests: Sequence[bytes]) -> list[bytes]:
        """Ask for each object's type; nothing is the answer where git dies of the question."""
        arguments = ["cat-file", "--batch-check", "--buffer"]
        answers: list[bytes] = []
        while len(answers) < len(requests):
            stdin = b"".join(request + b"\n" for request in requests[len(answers) :])
            finished = execute(arguments, cwd=self.root, stdin=stdin)
            answers += finished.stdout.splitlines()
            if len(answers) < len(requests):
                if finished.returncode != _DIED:
                    raise failure(arguments, finished, self.root)
                answers.append(b"")
        return answers


def open_repository(path: str) -> Repository | None:
    """Find the repository around a folder.

    One process, unless HEAD has no commit yet. Linked worktrees, submodules, a detached HEAD and
    a branch without a commit are all fine.

    Args:
        path: an existing folder.

    Returns:
        The repository; None when the folder is in none.

    Raises:
        UsageError: there is no such folder.
        UnsupportedRepository: the folder has no work tree: a bare repository, or git's own folder.
        GitMissing: there is no git program.
        GitError: git refuses the repository (``safe.directory``) or cannot read it.
    """
    finished = execute(_LOOK, cwd=path)
    if finished.returncode:
        if b"not a git repository (or any" in finished.stderr:
            return None
        raise _refusal(finished, path)
    match = _LOOKED.fullmatch(finished.stdout)
    if match is None:
        raise _unexpected(_LOOK, finished.stdout, path)
    root = os.fsdecode(match["root"])
    found = match["head"] or b""
    head = found.decode("ascii") if found.strip(b"0") else None  # Zeros are what git takes for a broken ref.
    name = os.fsdecode(match["branch"] or b"") if head else ""
    if not name:
        name = _symbolic_head(root, born=head is not None)
    return Repository(
        root=root,
        common_dir=os.fsdecode(match["common"]),
        head=head,
        branch=name if name.startswith("refs/heads/") else None,
        shallow=match["shallow"] == b"true",
    )


@attrs.frozen
class Finished:
    """What a git process left: its exit code, output and words, undecoded."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run(args: Sequence[str], *, cwd: str, stdin: bytes | None = None, timeout: float = TIME_LIMIT) -> bytes:
    """Run git and give its output; like :func:`execute`, but a failure is an exception.

    Raises:
        GitError: git failed; the message holds its own last words.
    """
    finished = execute(args, cwd=cwd, stdin=stdin, timeout=timeout)
    if finished.returncode:
        raise failure(args, finished, cwd)
    return finished.stdout


def execute(
    args: Sequence[str], *, cwd: str, stdin: bytes | None = None, timeout: float = TIME_LIMIT
) -> Finished:
    """Run git to its end, whatever its exit code.

    When it takes too long or the user interrupts, its whole process group is stopped: hooks and
    helpers too, which would otherwise outlive it (``subprocess.run`` ends only the first process).

    Args:
        args: subcommand and arguments. What comes from outside must be a full ref name, an object
            id, or stand behind ``--``.
        cwd: the folder to run in.
        stdin: what git reads; None for nothing at all.
        timeout: seconds after which the group is stopped.

    Raises:
        UsageError: an argument cannot be given to a program, or *cwd* is no folder.
        GitMissing: there is no git program.
        GitError: git could not be started, or took too long.
    """
    command = [_encoded(each) for each in ("git", *_ALWAYS, *args)]
    folder = os.path.abspath(os.fsdecode(_encoded(cwd)))
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(os.environ),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_started(error, folder) from error
    with process:
        try:
            output, words = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as error:
            _stop(process)
            said = _last_words(error.stderr or b"")
            raise GitError(
                f"git {printable(args[0])} was stopped after {timeout:g} s{f': {said}' if said else ''}",
                hint="see whether a hook, a credential helper or the file system hangs",
            ) from error
        except BaseException:
            _stop(process)
            raise
    return Finished(process.returncode, output, words)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Derive the variables that git may see.

    ``git rev-parse --local-env-vars`` names what belongs to one repository; git itself sets these
    for hooks, where they would turn every later ``git`` to the hook's repository.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if name not in LOCAL_VARIABLES and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    return kept | _FORCED


def failure(args: Sequence[str], finished: Finished, cwd: str) -> GitError:
    """Make the error for a process that failed, in git's own words."""
    said = _last_words(finished.stderr)
    if not said:
        ending = "signal" if finished.returncode < 0 else "exit code"
        said = f"{ending} {abs(finished.returncode)}, without a word"
    message = f"git {printable(args[0])} failed: {said}"
    if finished.returncode == _USAGE or _TOO_OLD.search(finished.stderr):
        return GitError(f"{message} ({_version(cwd)})", hint=_UPDATE)
    return GitError(message)


LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What ``git rev-parse --local-env-vars`` prints, any version, and GIT_NAMESPACE."""

_FORCED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    # Never a file: `info/grafts` forges ancestry as replacements do, and has no switch.
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
}
_ALWAYS = ("-c", "core.fsmonitor=false", "--no-replace-objects", "--no-optional-locks")
_UPDATE = "krow-versions needs git 2.31 or newer (2.38 for file names with a line break)"
_TOO_OLD = re.compile(rb"unknown (?:option|switch)|is not a git command")
_DIED = 128  # git's exit code when it gives up by itself, `die()` in usage.c
_USAGE = 129  # and when it does not understand its arguments

# `--revs-only` passes over a HEAD that has no commit instead of failing; `true` parts the two paths.
_LOOK = (
    "rev-parse",
    "--is-bare-repository",
    "--is-inside-git-dir",
    "--is-shallow-repository",
    "--path-format=absolute",
    "--git-common-dir",
    "--is-inside-work-tree",
    "--show-toplevel",
    "--revs-only",
    "HEAD",
    "--symbolic-full-name",
    "HEAD",
)
_LOOKED = re.compile(
    rb"false\nfalse\n(?P<shallow>true|false)\n(?P<common>/.*?)\ntrue\n(?P<root>/.*?)\n"
    rb"(?:(?P<head>[0-9a-f]{40,64})\n(?:(?P<branch>HEAD|refs/[^\n]+)\n)?)?",
    re.DOTALL,
)
_FIELDS = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
_HEADER = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+) ([0-9]+)\n")
_CHECKED = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+) [0-9]+")
_COMPLAINT = re.compile(rb"^(?:error|fatal): ", re.MULTILINE)
_WARNED = re.compile(rb"^warning: ignoring (?:broken ref|ref with broken name) (refs/.+)$", re.MULTILINE)

# git-check-ref-format(1); what it allows and is awkward in `<revision>:<path>` does not get here.
_NOT_IN_REFS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHOWN_LINES = 6
_SHOWN_BYTES = 2000


def _symbolic_head(root: str, *, born: bool) -> str:
    """Name the branch that HEAD is on; make sure that one without a commit is new, not broken."""
    arguments = ["symbolic-ref", "-q", "HEAD"]
    finished = execute(arguments, cwd=root)
    if born:
        if finished.returncode not in {0, 1}:
            raise failure(arguments, finished, root)
        return os.fsdecode(finished.stdout.removesuffix(b"\n"))  # Empty when detached.
    name = os.fsdecode(finished.stdout.removesuffix(b"\n"))
    if not finished.returncode:
        finished = execute(["for-each-ref", "--format=%(refname)", name], cwd=root)
        if not finished.stdout and not _WARNED.search(finished.stderr):
            return name
    raise GitError(
        f"HEAD cannot be read: {_last_words(finished.stderr) or quoted(name)}",
        hint="git fsck tells what is broken",
    )


def _refusal(finished: Finished, path: str) -> KrowVersionsError:
    """Tell why `rev-parse` found no work tree."""
    bare, _, rest = finished.stdout.partition(b"\n")
    if bare == b"true":
        return UnsupportedRepository(
            f"{quoted(path)} is a bare repository, without a work tree whose files could be read",
            hint="run this in a clone or a linked worktree of it (git worktree list)",
        )
    if b"must be run in a work tree" in finished.stderr:
        inside = "is inside git's own folder" if rest.startswith(b"true\n") else "is outside the work tree"
        return UnsupportedRepository(
            f"{quoted(path)} {inside}, so there are no files to version",
            hint="run this in the repository's work tree",
        )
    if b"dubious ownership" in finished.stderr:
        advice = re.search(rb"git config --global --add safe\.directory .+", finished.stderr)
        command = printable(os.fsdecode(advice[0])) if advice else "see safe.directory in git help config"
        said = _last_words(finished.stderr.partition(b"\n")[0])
        return GitError(f"git does not trust this repository: {said}", hint=f"if you do trust it: {command}")
    return failure(_LOOK, finished, path)


def _not_started(error: OSError, folder: str) -> KrowVersionsError:
    """Tell why no process came to be; the same error stands for a missing program or folder."""
    if error.filename == folder:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return UsageError(f"there is no folder {quoted(folder)}")
        return GitError(f"git cannot be run in {quoted(folder)}: {error.strerror}")
    if isinstance(error, FileNotFoundError):
        return GitMissing("there is no git program on PATH", hint=f"install git; {_UPDATE}")
    return GitError(f"git cannot be started: {error.strerror}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and all that it started: politely, so that git removes its locks, then surely."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        try:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _last_words(stderr: bytes) -> str:
    """Give the end of what git said, on one line and safe to show."""
    text = stderr[-_SHOWN_BYTES:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return printable(without_credentials("; ".join(lines[-_SHOWN_LINES:])))


def _unexpected(args: Sequence[str], output: bytes, cwd: str) -> GitError:
    """Make the error for an answer of a form that no supported git gives."""
    said = quoted(without_credentials(output[:_SHOWN_BYTES].decode("utf-8", "replace")))
    return GitError(f"git {args[0]} gave an answer of another form: {said} ({_version(cwd)})", hint=_UPDATE)


def _version(cwd: str) -> str:
    """Say which git this is, for an error message: in its own words, whatever they are."""
    try:
        said = execute(["--version"], cwd=cwd, timeout=5).stdout
    except KrowVersionsError:
        said = b""
    return f"git --version says {quoted(said.decode('utf-8', 'replace').strip())}"


def _encoded(argument: str) -> bytes:
    """Encode what a program is given, as the operating system wants it."""
    try:
        encoded = os.fsencode(argument)
    except UnicodeEncodeError:
        raise UsageError(f"{quoted(argument)} holds a character that no program can be given") from None
    if b"\0" in encoded:
        raise UsageError(f"{quoted(argument)} holds a NUL, which no program can be given")
    return encoded


def _tag_folder(prefix: str) -> str:
    """Make the pattern of `for-each-ref` that matches all below a folder, and nothing else."""
    if _NOT_IN_REFS.search(prefix):
        raise UsageError(f"{quoted(prefix)} cannot be the beginning of a tag's name")
    return f"refs/tags/{prefix}/" if prefix else "refs/tags/"


@attrs.frozen
class _Row:
    """What `for-each-ref` says of one tag."""

    object_id: bytes
    kind: bytes
    peeled: bytes
    peeled_kind: bytes
    ref: bytes

    def tag(self, *, reachable: bool) -> Tag:
        name = os.fsdecode(self.ref.removeprefix(b"refs/tags/"))
        return Tag(name, self.object_id.decode("ascii"), self.kind.decode("ascii"), reachable)


def _row(line: bytes) -> _Row:
    object_id, kind, peeled, peeled_kind, ref = line.split(b" ")  # No field can hold a space.
    return _Row(object_id, kind, peeled or object_id, peeled_kind, ref)


def _broken(listing: Finished, folders: tuple[str, ...]) -> list[Tag]:
    """Find the refs that git leaves out with a warning: empty or garbled files."""
    below = tuple(os.fsencode(folder) for folder in folders)
    return [
        _Row(b"", b"missing", b"", b"", ref).tag(reachable=False)
        for ref in _WARNED.findall(listing.stderr)
        if ref.startswith(below)
    ]


def _request(revision: str, path: str) -> bytes:
    """Write what `cat-file` calls an object: see gitrevisions(7), `<rev>:<path>`."""
    full = revision == "HEAD" or revision.startswith("refs/") or _OBJECT_ID.fullmatch(revision)
    if not full or _NOT_IN_REFS.search(revision):
        raise UsageError(f"{quoted(revision)} is no full ref name or object id")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise UsageError(f"{quoted(path)} is no path from the top of a repository")
    return _encoded(f"{revision}:{path}")


def _contents(output: bytes, requests: Iterable[bytes]) -> list[bytes | None] | None:
    """Take the answers of `cat-file --batch` apart; None when they are not of its form.

    Files that are equal in many commits become one object in memory.
    """
    contents: list[bytes | None] = []
    seen: dict[bytes, bytes] = {}
    at = 0
    for request in requests:
        content = None
        if header := _HEADER.match(output, at):
            object_id, kind, size = header.groups()
            end = header.end() + int(size)
            if output[end : end + 1] != b"\n":
                return None
            if kind == b"blob":
                content = seen.get(object_id)
                if content is None:
                    content = seen[object_id] = output[header.end() : end]
            at = end + 1
        elif output.startswith(missing := request + b" missing\n", at):
            at += len(missing)
        elif submodule := _SUBMODULE.match(output, at):
            at = submodule.end()
        else:
            return None
        contents.append(content)
    return contents if at == len(output) else None


_SUBMODULE = re.compile(rb"[0-9a-f]{40,64} (?:submodule|missing)\n")
