"""Which programs run: a canary for every way in which a repository can name one, under every command.

A canary is a program that notes its name. Where one has run although nobody asked for it, a stranger's
clone runs a stranger's code.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions import git
from krow_versions.cli.app import app
from krow_versions.cli.commands import COMMANDS
from krow_versions.cli.hotfix import hotfix
from krow_versions.errors import Unsupported
from support.commands import RAW, assert_refused, done
from support.krow import SLUG, STAFF, WEB
from support.repositories import Repo, executable, opened
from support.scenes import BRANCH, CODE, DECLARED, NAME, Scene, copy
from support.signing import Key
from support.untouched import as_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

# What git's configuration can name as a program: git-config(1), by `git help --config`. {} is the program.
KEYS = {
    "alias.*": "!{}",
    "browser.<tool>.cmd": "{}",
    "browser.<tool>.path": "{}",
    "core.alternateRefsCommand": "{}",
    "core.askPass": "{}",
    "core.editor": "{}",
    "core.fsmonitor": "{}",
    "core.gitProxy": "{}",
    "core.hooksPath": "{hooks}",
    "core.pager": "{}",
    "core.sshCommand": "{}",
    "credential.helper": "!{}",
    "diff.<driver>.command": "{}",
    "diff.<driver>.textconv": "{}",
    "diff.external": "{}",
    "difftool.<tool>.cmd": "{}",
    "difftool.<tool>.path": "{}",
    "filter.<driver>.clean": "{}",
    "filter.<driver>.smudge": "{}",
    "gpg.<format>.program": "{}",
    "gpg.program": "{}",
    "gpg.ssh.defaultKeyCommand": "{}",
    "guitool.<name>.cmd": "{}",
    "help.browser": "{}",
    "imap.tunnel": "{}",
    "instaweb.browser": "{}",
    "instaweb.httpd": "{}",
    "interactive.diffFilter": "{}",
    "man.<tool>.cmd": "{}",
    "man.<tool>.path": "{}",
    "merge.<driver>.driver": "{}",
    "mergetool.<tool>.cmd": "{}",
    "mergetool.<tool>.path": "{}",
    "pager.<cmd>": "{}",
    "remote.<name>.receivepack": "{}",
    "remote.<name>.uploadpack": "{}",
    "remote.<name>.vcs": None,  # A test of its own: with it, no other way to the remote is tried.
    "sendemail.ccCmd": "{}",
    "sendemail.smtpServer": "{}",
    "sendemail.tocmd": "{}",
    "sequence.editor": "{}",
    "submodule.<name>.update": "!{}",
    "uploadpack.packObjectsHook": "{}",
    "web.browser": "{}",
}
# Not listed by every git, or in no list of keys.
MORE = {
    "credential.https://example.org.helper": "!{}",
    "filter.evil.required": "true",
    # `-c name=value` would take these apart at the first `=`.
    "filter.a=b.clean": "{}",
    "filter.a=b.smudge": "{}",
    "gc.recentObjectsHook": "{}",
    "protocol.allow": "always",
    "protocol.ext.allow": "always",
    "remote.origin.proxy": "{}",
    "sendemail.headerCmd": "{}",
    "sendemail.sendmailCmd": "{}",
    "tar.evil.command": "{}",
    "trailer.evil.cmd": "{}",
    "trailer.evil.command": "{}",
}
NAMES = {
    "*": "status",
    "<cmd>": "status",
    "<driver>": "evil",
    "<name>": "origin",
    "<tool>": "evil",
    "<format>": "x509",
}
# Keys that look like one of a program, and name none.
NO_PROGRAM = re.compile(
    r"advice\..*|color\..*|fsck\..*|receive\.fsck\..*|.*\.(?:quotePath|fullPathname|relativePaths|htmlPath)"
    r"|clean\.requireForce|column\.clean|completion\.commands|diff\.(?:guitool|tool|<driver>\.cachetextconv)"
    r"|gui\..*|help\.autoCorrect|http\..*|include.*\.path|instaweb\.(?:local|modulePath|port)"
    r"|merge\.(?:guitool|tool)|mergetool\.(?!<tool>\.(?:cmd|path)$).*|difftool\.(?:prompt|trustExitCode)"
    r"|commitGraph\..*|core\.fsmonitorHookVersion|credential\.useHttpPath|fsmonitor\..*|gitcvs\.dbDriver"
    r"|guitool\.<name>\.(?!cmd$).*|gpg\.ssh\.(?:allowedSignersFile|revocationFile)|interactive\.singleKey"
    r"|notes\.rewrite.*|rebase\.abbreviateCommands|remote\.<name>\.(?:proxy|proxyAuthMethod|partialclonefilter)"
    r"|sendemail\.(?!ccCmd$|tocmd$|smtpServer$).*|clone\.filterSubmodules|uploadpackfilter\..*|status\..*"
    r"|extensions\..*|gitweb\..*|bundle\..*|feature\..*|credential\.<url>\.\*|uploadpack\.allowFilter"
)
PROGRAM = re.compile(
    r"\*|(?:^|\.)(?:.*command|.*cmd|.*program|.*helper|.*hook|.*hookspath|.*editor|.*pager|.*proxy|.*tool"
    r"|.*driver|.*textconv|clean|smudge|process|tunnel|.*browser|vcs|.*askpass|fsmonitor|.*filter|.*pack"
    r"|external|httpd|smtpserver|path)$|^pager\.|submodule\.<name>\.update",
    re.IGNORECASE,
)
HOOKS = (
    "post-checkout", "post-commit", "post-index-change", "post-merge", "pre-auto-gc", "pre-commit",
    "pre-push", "prepare-commit-msg", "commit-msg", "reference-transaction", "pre-merge-commit",
    "fsmonitor-watchman", "push-to-checkout", "post-rewrite", "pre-rebase", "sendemail-validate",
)  # fmt: skip
VARIABLES = (
    "GIT_ASKPASS", "GIT_EDITOR", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR",
    "GIT_SSH", "GIT_SSH_COMMAND", "SSH_ASKPASS",
)  # fmt: skip
RECORD = f"refs/krow-versions/hotfix/{SLUG}-v0.1.1"
DECIDED = ("--reason", "x", "--decided-by", "y")
WEB_ROW = ("changelog", "add", "web", "-m", "x")
LOOKS = (
    ("products",),
    ("show",),
    ("bump-patch", "web", "-n"),
    ("bump-patch", "web", NAME, "--check"),
    ("bump-patch", "web", "-m", "x"),
    ("bump-build", NAME, "-n"),
    ("bump-build", NAME, "--above-build", "9", "--check"),
    ("changelog", "show", "web"),
    (*WEB_ROW, "-n"),
    WEB_ROW,
    ("audit",),
    ("agree",),
    ("audit", "--history", "--format", "sarif"),
    ("audit", "--remote"),
    ("fleet", "audit", "."),
    ("fleet", "show", ".", "--jobs", "1"),
    ("history", NAME),
    ("config", "show"),
    ("config", "check"),
    ("init",),
    ("completion", "bash"),
    ("explain", "KV202"),
    ("hotfix", "start", "web", *DECLARED, "-n"),
    ("hotfix", "amend", NAME, "--impact", "x", "-n"),
    ("hotfix", "abandon", NAME, "--reason", "x", "-n"),
    ("hotfix", "check", NAME),
    ("hotfix", "pr", NAME),
    ("hotfix", "finish", NAME, "-n"),
    ("hotfix", "deploy", NAME),
    ("hotfix", "rollback", NAME, *DECIDED),
    ("hotfix", "announce", NAME, "--draft"),
    ("hotfix", "status", NAME),
    ("hotfix", "report", NAME),
    ("hotfix", "report", NAME, "--say", "summary=x", "-n"),
    ("hotfix", "status", NAME, "--done", "review", "-n"),
    ("hotfix", "list"),
    ("hotfix", "next", NAME, "-n"),
)


@attrs.frozen
class Canaries:
    """Programs that note their names, and settings that name them."""

    folder: Path

    def program(self, name: str, folder: str = ".") -> str:
        """Make a canary; it fails, so that the program that runs it stops."""
        name = re.sub(r"[^A-Za-z0-9.=-]", "_", name)
        note = shlex.quote(str(self.notes / name))
        return str(executable(self.folder / folder / name, f"#!/bin/sh\ntouch {note}\nexit 1\n"))

    @property
    def notes(self) -> Path:
        path = self.folder / "ran"
        path.mkdir(exist_ok=True)
        return path

    def ran(self) -> set[str]:
        """Return the canaries that have run since the last call."""
        found = {path.name for path in self.notes.iterdir()}
        for name in found:
            (self.notes / name).unlink()
        return found

    def settings(self) -> dict[str, str]:
        """Every key that names a program, with a canary of its own."""
        hooks = self.folder / "hooks"
        for hook in HOOKS:
            self.program(hook, "hooks")
        found = {}
        for key, value in {**KEYS, **MORE}.items():
            if value is not None:
                for part, name in NAMES.items():
                    key = key.replace(part, name)  # noqa: PLW2901
                found[key] = value.replace("{hooks}", str(hooks)).replace("{}", self.program(key))
        return found

    def configure(self, repo: Repo, *options: str) -> None:
        """Set them all."""
        for key, value in self.settings().items():
            repo.git("config", *options, key, value)


@pytest.fixture
def canaries(tmp_path: Path) -> Canaries:
    folder = tmp_path / "canaries"
    folder.mkdir()
    return Canaries(folder)


def attributed(repo: Repo) -> None:
    """Put all files under the filters and drivers, as a commit of a stranger would, and touch them."""
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil\n*.dart filter=a=b diff=evil\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "--quiet", "--message=attributes")
    for path in (STAFF, WEB, CODE):
        (repo.path / path).write_bytes((repo.path / path).read_bytes())
        os.utime(repo.path / path, (1, 1))


@pytest.fixture
def look(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, tuple[int, str]]]:
    """Run every command that looks or plans; return exit code and output of each. Nothing else may run."""

    def looking(at: Path, commands: Sequence[tuple[str, ...]] = LOOKS) -> dict[str, tuple[int, str]]:
        monkeypatch.chdir(at)
        canaries.ran()
        ends = {}
        sung = {}
        for command in commands:
            with pytest.raises(SystemExit) as ended:
                app(list(command))
            code, said = ended.value.code, capsys.readouterr().err
            assert isinstance(code, int)
            assert code < 4, (command, said)
            ends[" ".join(command)] = (code, said)
            sung[command] = canaries.ran()
        assert {command: names for command, names in sung.items() if names} == {}
        return ends

    return looking


def test_every_key_that_can_name_a_program_has_a_canary() -> None:
    """`git help --config` knows no such key that is not tried here; a newer git may bring one."""
    listed = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout
    keys = [line for line in listed.splitlines() if "." in line and " " not in line]
    suspects = {key for key in keys if PROGRAM.search(key) and not NO_PROGRAM.fullmatch(key)}
    assert len(keys) > 500
    assert suspects - {*KEYS, *MORE} == set()
    assert "core.sshCommand" in suspects


def test_every_command_is_tried() -> None:
    """No command is left out of this file."""
    tried = {command[0] for command in LOOKS}
    assert {*COMMANDS} - tried == {"demo"}  # It makes its own repositories.
    assert {*hotfix.commands} == {each[1] for each in LOOKS if len(each) > 1 and each[0] == "hotfix"}


def test_git_alone_runs_the_canaries(ready: Scene, canaries: Canaries) -> None:
    """Plain git runs the canaries, so the tests below can fail."""
    attributed(ready.ours)
    canaries.configure(ready.ours)
    ready.ours.git("config", "filter.evil.required", "false")  # Else git stops at the first.
    for command in (["status"], ["diff", "HEAD~1"], ["fetch"], ["push", "origin", "HEAD:x"]):
        subprocess.run(["git", *command], cwd=ready.ours.path, capture_output=True, check=False)
    expected = {
        "core.fsmonitor",
        "diff.evil.command",
        "filter.a=b.clean",
        "filter.evil.clean",
        "remote.origin.uploadpack",
        "remote.origin.receivepack",
    }
    assert expected - canaries.ran() == set()


@pytest.mark.fault(100)
def test_looking_runs_nothing_that_a_repository_names(
    ready: Scene, canaries: Canaries, look: Callable[[Path], dict[str, tuple[int, str]]]
) -> None:
    """Configuration, hooks and attributes of a repository make no command run that looks or plans."""
    attributed(ready.ours)
    canaries.configure(ready.ours)
    look(ready.ours.path)


def test_a_shared_record_is_fetched_and_runs_nothing(
    ready: Scene, canaries: Canaries, look: Callable[..., dict[str, tuple[int, str]]]
) -> None:
    """With `share`, each command of a hotfix fetches what others have said, and nothing runs for that."""
    attributed(ready.ours)
    text = (ready.ours.path / "krow-versions.toml").read_text(encoding="utf-8")
    ready.ours.write("krow-versions.toml", f"{text}share = true\n")
    ready.ours.git("commit", "--quiet", "--message=share", "krow-versions.toml")
    others = shutil.copytree(ready.ours.path, ready.bin.parent / "others")
    done(ready.run("hotfix", "report", NAME, "--say", "summary=x", "--yes", cwd=others))
    there = ready.there(RECORD)
    canaries.configure(ready.ours)
    for hook in HOOKS:
        shutil.copy(canaries.program(hook, "hooks"), ready.ours.path / ".git/hooks" / hook)
    assert "was not asked" in look(ready.ours.path)[f"hotfix status {NAME}"][1]
    probe = shutil.copytree(ready.ours.path, ready.bin.parent / "probe")
    unset = r"git config --unset-all ([^\s;]+)"
    while keys := re.findall(unset, ready.run("hotfix", "status", NAME, cwd=probe).err):
        for key in dict.fromkeys(keys):
            for repo in (Repo(probe), ready.ours):
                repo.git("config", "--unset-all", *shlex.split(key))
    for number, command in enumerate(LOOKS):
        fresh = Repo(shutil.copytree(ready.ours.path, ready.bin.parent / f"fresh{number}"))
        canaries.ran()
        look(fresh.path, [command])
        fetches = command[:1] == ("hotfix",) and command[:2] != ("hotfix", "start")
        found = fresh.git("for-each-ref", "--format=%(objectname)", RECORD)
        assert found == (there if fetches else ""), command


def test_looking_runs_nothing_that_an_included_file_names(
    ready: Scene, canaries: Canaries, look: Callable[[Path], dict[str, tuple[int, str]]]
) -> None:
    """`include.path` leads to a file of the work tree: what it names does not run either."""
    attributed(ready.ours)
    file = ready.ours.path / "evil.gitconfig"
    file.write_text("")
    canaries.configure(ready.ours, f"--file={file}")
    ready.ours.git("config", "include.path", "../evil.gitconfig")
    look(ready.ours.path)


def test_looking_runs_nothing_that_a_linked_worktree_names(
    ready: Scene, canaries: Canaries, look: Callable[[Path], dict[str, tuple[int, str]]]
) -> None:
    """`config.worktree` counts in its working tree alone, and runs nothing there."""
    ready.ours.git("switch", "--quiet", "main")
    ready.ours.git("worktree", "add", "--quiet", str(ready.bin.parent / "linked"), BRANCH)
    linked = Repo(ready.bin.parent / "linked")
    linked.git("config", "extensions.worktreeConfig", "true")
    attributed(linked)
    canaries.configure(linked, "--worktree")
    look(linked.path)


def test_looking_runs_nothing_that_a_submodule_names(
    ready: Scene, canaries: Canaries, look: Callable[[Path], dict[str, tuple[int, str]]]
) -> None:
    """Git reads submodules with their own configuration; here it does not."""
    part = Repo(ready.bin.parent / "part")
    part.write("file", "1")
    part.commit()
    ready.ours.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part.path.as_uri(), "part"
    )
    ready.ours.commit("submodule")
    inner = Repo(ready.ours.path / "part")
    inner.write(".gitattributes", "* filter=evil diff=evil\n")
    canaries.configure(inner)
    os.utime(inner.path / "file", (1, 1))
    look(ready.ours.path)


def test_looking_runs_nothing_that_the_environment_names(
    ready: Scene,
    canaries: Canaries,
    look: Callable[[Path], dict[str, tuple[int, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Programs that the user's own variables name do not run either."""
    attributed(ready.ours)
    for name in VARIABLES:
        monkeypatch.setenv(name, canaries.program(name))
    for number, (key, value) in enumerate(canaries.settings().items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
        monkeypatch.setenv("GIT_CONFIG_COUNT", str(number + 1))
    look(ready.ours.path)


def test_verifying_tags_runs_nothing_that_a_repository_names(
    ready: Scene, canaries: Canaries, look: Callable[..., dict[str, tuple[int, str]]], tmp_path: Path
) -> None:
    """Git would verify with the program, and by the keys, that the repository's configuration names."""
    key, signers = Key.make(tmp_path / "keys", "ada"), tmp_path / "signers"
    signers.write_text(key.line())
    key.signs(ready.ours)
    ready.ours.git("tag", "--annotate", "--message=x", f"{SLUG}/prod-v0.0.9", "HEAD")
    canaries.configure(ready.ours)
    for name in ("gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "gpg.openpgp.program"):
        ready.ours.git("config", name, canaries.program(name))
    ready.ours.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "none"))
    report = kv.Workspace.open(ready.ours.path).audit(NAME, signers=signers)
    accused = {each.about for each in report.findings if each.code == "KV213"}
    assert accused == {f"{SLUG}/prod-v0.1.0"}
    look(ready.ours.path, [("audit", "--signers", str(signers))])


@pytest.mark.parametrize("url", ["file", "ext::{}", "ssh://example.org/x"])
def test_a_partial_clone_fetches_nothing(
    ready: Scene,
    canaries: Canaries,
    look: Callable[[Path], dict[str, tuple[int, str]]],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
) -> None:
    """Missing objects of a partial clone are an error with a working command; git does not fetch them."""
    ready.ours.git("push", "--quiet", "origin", BRANCH)
    ready.remote.git("config", "uploadpack.allowFilter", "true")
    partial = ready.remote.clone(
        ready.bin.parent / "partial", "--filter=blob:none", f"--branch={BRANCH}", "--origin=up"
    )
    before = partial.git("rev-parse", "HEAD~1")
    address = partial.git("config", "remote.up.url")
    canaries.configure(partial)
    partial.git("config", "remote.up.uploadpack", canaries.program("remote.up.uploadpack"))
    if url != "file":
        partial.git("config", "remote.up.url", url.format(canaries.program("url")))
    with monkeypatch.context() as allowing:
        allowing.setenv("GIT_ALLOW_PROTOCOL", "file:ext:ssh")
        ends = look(partial.path)
    for command in ("show", "audit", f"history {NAME}", f"bump-patch web {NAME} --check"):
        code, said = ends[command]
        assert (code, "this clone is partial" in said) == (3, True), (command, said)
    with pytest.raises(Unsupported, match="this clone is partial") as refused:
        opened(partial.path).blobs([(before, STAFF)])
    for key in (*canaries.settings(), "remote.up.uploadpack"):
        partial.git("config", "--unset-all", key)
    partial.git("config", "remote.up.url", address)
    fetching = re.search(r"with: (.*) \(git 2", str(refused.value.hint))
    assert fetching
    subprocess.run(["sh", "-c", fetching[1]], cwd="/", check=True)
    assert look(partial.path)["show"][0] == 0


@pytest.mark.parametrize("worktree", [".", "../..", None])
@pytest.mark.parametrize("place", ["vendor/evil", "vendor/evil/objects", "vendor/evil.git"])
def test_a_repository_in_plain_files_of_another_is_refused(
    ready: Scene,
    canaries: Canaries,
    look: Callable[[Path], dict[str, tuple[int, str]]],
    place: str,
    worktree: str | None,
) -> None:
    """A clone brings such a repository with its configuration: it is named, and nothing of it runs."""
    clone, folder = _embedded(ready, canaries, place, worktree)
    with as_before(clone):
        ends = look(clone.path)
    for command in ("show", "audit", "bump-patch web -n", "changelog add web -m x -n"):
        code, said = ends[command]
        assert (code, str(folder) in said, "lies as plain files" in said) == (3, True, True), said


def _embedded(ready: Scene, canaries: Canaries, place: str, worktree: str | None) -> tuple[Repo, Path]:
    """Push a tree with a repository as plain files, and clone it; return the clone and that folder."""
    ready.remote.git("config", "uploadpack.allowFilter", "true")
    ready.ours.git("switch", "--quiet", "main")
    folder = place.removesuffix("/objects")
    evil = ready.remote.clone(ready.ours.path / folder, "--bare", "--filter=blob:none")
    if worktree is not None:
        evil.git("config", "core.bare", "false")
        evil.git("config", "core.worktree", worktree)
    canaries.configure(evil)
    shutil.rmtree(evil.path / "hooks")
    evil.path.joinpath("refs/keep").write_text("")
    text = (ready.ours.path / "krow-versions.toml").read_text()
    products = (
        f'[repos]\nhome = "."\ne = "{place}"\n\n'
        '[products.web]\nrepo = "e"\nslug = "krow-withus-web"\nfiles = ["home:apps/web/package.json"]\n\n'
        f'[products.worker-mobile]\nrepo = "home"\nfiles = ["{STAFF}"]\nslug = "{SLUG}"\n\n'
    )
    ready.ours.write("krow-versions.toml", products + text[text.index("[hotfix]") :])
    ready.ours.git("add", "--force", "--all")
    ready.ours.git("commit", "--quiet", "--message=evil")
    ready.ours.git("push", "--quiet", "origin", "HEAD:main")
    clone = ready.remote.clone(ready.bin.parent / "clone", "--branch=main")
    (clone.path / place).mkdir(exist_ok=True)
    return clone, clone.path / folder


@pytest.mark.parametrize("worktree", ["../..", "../../..", "../../elsewhere"])
def test_a_work_tree_elsewhere_is_refused(ready: Scene, worktree: str) -> None:
    """With a configured work tree elsewhere, `hotfix start` would write there."""
    (ready.bin.parent / "elsewhere").mkdir()
    ready.ours.git("config", "core.worktree", worktree)
    for command in (["show"], ["hotfix", "start", "web", *DECLARED, "--yes"]):
        result = ready.run(*command)
        assert_refused(result, "work tree")


def test_a_separate_git_folder_is_no_stranger(tmp_path: Path) -> None:
    """`.git` may be a file that names its folder, beside it or elsewhere; linked worktrees follow it."""
    source = Repo(tmp_path / "source")
    source.commit()
    project = tmp_path / "project"
    bare = source.clone(project / ".bare", "--bare")
    (project / ".git").write_text("gitdir: ./.bare\n")
    bare.git("worktree", "add", "--quiet", "../linked", "main")
    assert opened(project / "linked").root == str(project / "linked")
    own = tmp_path / "own"
    source.git("init", "--quiet", f"--separate-git-dir={tmp_path / 'apart'}", str(own))
    assert opened(own).root == str(own)
    nested = Repo(own / "nested")
    assert opened(nested.path).root == str(nested.path)


@pytest.mark.parametrize(
    ("url", "key", "value"),
    [
        ("file", "remote.origin.vcs", "evil"),
        ("file", "remote.origin.uploadpack", "x"),
        ("evil::x", "remote.origin.url", "evil::x"),
        ("git@example.org:a/b.git", "core.sshCommand", "x"),
        ("ssh://example.org/a", "core.sshCommand", "x"),
        ("git+ssh://example.org/a", "core.sshCommand", "x"),
        ("https://example.org/a", "credential.helper", "store"),
        ("https://example.org/a", "credential.https://example.org.helper", "store"),
        ("https://example.org/a", "core.askPass", "x"),
        ("git://example.org/a", "core.gitProxy", "x"),
        ("strange://example.org/a", "core.gitProxy", "x"),
        # No programs, and no better: a file that curl writes, a server that gets the user's credentials.
        ("https://example.org/a", "http.cookieFile", "x"),
        ("https://example.org/a", "http.https://example.org/.cookieFile", "x"),
        ("http://example.org/a", "http.curloptResolve", "example.org:80:127.0.0.1"),
        ("https://example.org/a", "http.https://example.org/;$(touch+x).cookieFile", "x"),
        ("https://example.org/a", "http.sslVerify", "false"),
        ("https://example.org/a", "http.proxy", "http://127.0.0.1:1"),
        ("https://example.org/a", "remote.origin.proxy", "http://127.0.0.1:1"),
    ],
)
def test_a_remote_that_takes_a_strangers_program_is_not_asked(
    ready: Scene, url: str, key: str, value: str
) -> None:
    """A remote is asked only with programs that the user chose; the hint removes the key."""
    if url != "file":
        ready.ours.git("config", "remote.origin.url", url)
    ready.ours.git("config", key, value)
    view = kv.Workspace.open(ready.ours.path).hotfix(NAME)
    said = str(view.status().unasked)
    assert "was not asked" in said
    assert key.lower() in said.lower()
    result = ready.hotfix("status")
    assert (result.code, "was not asked" in result.err) == (0, True)
    taken_out = re.search(r"(config --unset-all \S+)$", said)
    assert taken_out
    ready.ours.git(*shlex.split(taken_out[1]))
    if url == "file":
        assert "was not asked" not in ready.hotfix("status").err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.sshCommand", "x"),  # The remote is a folder.
        ("credential.helper", "store"),
        ("remote.other.uploadpack", "x"),
    ],
)
def test_a_key_that_does_not_count_for_the_remote_stops_nothing(ready: Scene, key: str, value: str) -> None:
    """A key that does not apply to the remote's URL is ignored."""
    ready.ours.git("config", key, value)
    assert kv.Workspace.open(ready.ours.path).hotfix(NAME).status().unasked is None


def test_what_a_runner_of_ci_sets_stops_nothing(ready: Scene) -> None:
    """A header with a token is written into the repository's configuration by checkouts in CI."""
    ready.ours.git("config", "remote.origin.url", "https://127.0.0.1:1/a")
    ready.ours.git("config", "http.https://127.0.0.1:1/.extraheader", "x: y")
    result = ready.run("hotfix", "status", NAME, GIT_ALLOW_PROTOCOL="https")
    assert ("was not asked" in result.err, "ls-remote failed" in result.err) == (False, True)


def test_a_deployment_is_shown_as_it_is(ready: Scene) -> None:
    """No escape sequence in a command can hide what it would run, neither shown nor asked."""
    done(ready.hotfix("finish", "--yes"))
    text = (ready.ours.path / "krow-versions.toml").read_text()
    hidden = r"touch x #\r\u001b[2K make deploy\u001b[8m"
    text = text.replace("./scripts/deploy.sh", hidden).replace('"{tag}", "{version}"', '"{tag}"')
    ready.ours.write("krow-versions.toml", text)
    shown = ready.hotfix("deploy")
    asked = ready.at_terminal("hotfix", "deploy", NAME, "--run", answer="n\n")
    for said in (shown.out, asked.out):
        assert "touch x #" in said
        assert not RAW.search(said)


def test_hotfixes_that_cannot_be_seen_are_not_said_to_be_none(ready: Scene, canaries: Canaries) -> None:
    """`hotfix list` refuses where a repository cannot be used, as every other command does."""
    clone, folder = _embedded(ready, canaries, "vendor/evil", ".")
    result = ready.run("hotfix", "list", cwd=clone.path)
    assert_refused(result, str(folder))


def test_a_url_that_is_rewritten_counts_as_what_it_becomes(ready: Scene) -> None:
    """`insteadOf` can turn any URL into one that runs a program."""
    ready.ours.git("config", "url.evil::.insteadOf", "file://")
    assert "remote.origin.url" in str(kv.Workspace.open(ready.ours.path).hotfix(NAME).status().unasked)


def test_no_program_of_the_checkout_is_run_as_git(ready: Scene, canaries: Canaries) -> None:
    """A relative folder on PATH would be a folder of the current checkout."""
    shutil.copy(canaries.program("git"), ready.ours.path / "git")
    path = f"{os.pathsep}.{os.pathsep}{ready.env()['PATH']}"
    assert (ready.run("show", PATH=path).code, canaries.ran()) == (0, set())
    for path in (".", ""):
        result = ready.run("show", PATH=path)
        assert ("there is no git program on PATH" in result.err, canaries.ran()) == (True, set())


@pytest.mark.parametrize("folder", [".", ""])
def test_acting_runs_no_program_of_the_checkout_as_git(ready: Scene, canaries: Canaries, folder: str) -> None:
    """What acts keeps the user's PATH for hooks, and takes git from an absolute folder all the same."""
    shutil.copy(canaries.program("git"), ready.ours.path / "git")
    ready.ours.write(".git/info/exclude", "git\n")
    path = f"{folder}{os.pathsep}{ready.env()['PATH']}"
    result = ready.run("hotfix", "start", "web", *DECLARED, "--yes", PATH=path)
    assert (result.code, canaries.ran()) == (0, set()), result


def test_what_the_user_configures_may_ask(ready: Scene, tmp_path: Path) -> None:
    """The user's own configuration is trusted."""
    own = tmp_path / "gitconfig"
    own.write_text("[credential]\n\thelper = store\n")
    ready.ours.git("config", "remote.origin.url", "https://127.0.0.1:1/a")
    result = ready.run("hotfix", "status", NAME, GIT_CONFIG_GLOBAL=str(own), GIT_ALLOW_PROTOCOL="https")
    assert (result.code, "was not asked" in result.err, "ls-remote failed" in result.err) == (0, False, True)


def test_acting_runs_what_plain_git_runs(ready: Scene, canaries: Canaries, made: tuple[Path, Path]) -> None:
    """`start` and `finish` run no more of a repository's programs than fetch, switch, merge, tag and push."""
    settings = {
        key: value for key, value in canaries.settings().items()
        if not key.startswith(("gpg.", "alias.", "filter.")) and key != "core.fsmonitor"
    }  # fmt: skip
    for key, value in settings.items():
        ready.ours.git("config", key, value)
    plain = copy(made[1], ready.bin.parent / "plain")
    for key, value in settings.items():
        plain.ours.git("config", key, value)
    for command in (
        ["fetch", "origin"], ["ls-remote", "origin"], ["switch", "main"], ["merge", "--ff-only", BRANCH],
        ["tag", "-a", "-m", "x", "x"], ["push", "origin", "main"], ["update-ref", "refs/heads/x", "HEAD"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=plain.ours.path, capture_output=True, check=False)
    usual = canaries.ran()
    ready.hotfix("finish", "--yes")
    ready.run("hotfix", "start", "web", *DECLARED, "--yes")
    acted = canaries.ran()
    assert acted - usual == set()
    assert "remote.origin.uploadpack" in acted


def test_ext_is_never_allowed(ready: Scene, canaries: Canaries) -> None:
    """A repository that allows `ext::` for itself gets no command run, not even by `start` and `finish`."""
    ready.ours.git("config", "protocol.ext.allow", "always")
    ready.ours.git("config", "remote.origin.url", f"ext::{canaries.program('ext')}")
    env = {"GIT_ALLOW_PROTOCOL": None}
    result = ready.run("hotfix", "finish", NAME, "--yes", **env)
    assert (result.code, canaries.ran()) == (4, set())
    assert "'ext' not allowed" in result.err


def test_a_filtered_file_is_settled_by_git_status(ready: Scene) -> None:
    """Without its filter git cannot know whether a touched file differs; `git status` settles it."""
    ours = ready.ours
    ours.git("config", "filter.rot.clean", "tr a-z n-za-m")
    ours.git("config", "filter.rot.smudge", "tr a-z n-za-m")
    ours.write(".gitattributes", "*.dart filter=rot\n")
    os.utime(ours.path / CODE, (2, 2))  # Git trusts no time of the second in which it writes the index.
    ours.git("add", ".gitattributes")
    ours.git("add", "--all", "--renormalize")
    ours.git("commit", "--quiet", "--message=filtered")
    ours.git("status")
    nothing = git.ChangedPaths((), ())
    assert git.changed_paths(opened(ours.path)) == nothing
    os.utime(ours.path / CODE, (1, 1))
    assert git.changed_paths(opened(ours.path)) == git.ChangedPaths((), (), (CODE,))
    assert git.changed_paths(opened(ours.path), reach=git.Reach.ACT) == nothing
    checked = ready.hotfix("check")
    assert "not known without their filter: " + CODE in checked.out
    planned = ready.run("hotfix", "start", "web", *DECLARED, "-n")
    assert (planned.code, "git status shows it: " + CODE in planned.err) == (0, True)
    ours.git("status")
    assert git.changed_paths(opened(ours.path)) == nothing
    ours.write(CODE, "changed();\n")
    assert git.changed_paths(opened(ours.path), reach=git.Reach.ACT).tracked == (CODE,)
