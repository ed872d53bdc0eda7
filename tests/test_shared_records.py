"""The record of a hotfix in several clones: whatever they say, push, fetch and miss, all get the same."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from krow_versions import git
from krow_versions.errors import Conflict, GitError, PushRejected
from krow_versions.hotfix import Done, Record, Said, record_text
from krow_versions.version import Version
from krow_versions.workspace.hotfix.sharing import ALL, FILE, SharedRecords
from support.repositories import Repo, hook, opened, refs
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
PRODUCT, SLUG, VERSION = "web", "krow-withus-web", Version(1, 4, 1)
REF = f"refs/krow-versions/hotfix/{SLUG}-v1.4.1"
NOTHING = Record(PRODUCT, SLUG, VERSION)
NOON = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
LIMIT_OF_A_COMMAND = 12


def said(text: str, minute: int = 0) -> Said:
    return Said(at=NOON + dt.timedelta(minutes=minute), who="Ann", field="notes", text=text)


class Clone:
    """A clone with the record that was said in it."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.shared = SharedRecords(opened(repo), "origin", PRODUCT, SLUG)
        self.local = NOTHING

    @property
    def record(self) -> Record:
        """What the record is here: what was said here, and what was last seen."""
        return self.local.merged(self.shared.seen(VERSION))

    def say(self, text: str, minute: int = 0) -> None:
        self.local = self.record.adding(said(text, minute))

    def look(self) -> tuple[str, ...]:
        """Do what a command that looks does, and give what it complains of."""
        there = git.remote_refs(self.shared.repository, "origin", [ALL])
        return tuple(map(str, self.shared.receive(there)))

    def share(self) -> None:
        self.shared.share(VERSION, self.record)

    def notes(self) -> set[str]:
        return {each.text for each in self.record.entries if isinstance(each, Said)}


def scene(folder: Path, count: int) -> tuple[Repo, list[Clone]]:
    """A bare remote, and clones of it."""
    remote = Repo(folder / "remote.git", bare=True)
    first = Repo(folder / "first")
    first.commit("first")
    first.git("push", "--quiet", remote.path.as_uri(), "main")
    return remote, [Clone(remote.clone(folder / f"clone{number}")) for number in range(count)]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Repo, Clone, Clone]:
    remote, (ours, theirs) = scene(tmp_path, 2)
    return remote, ours, theirs


def pushed(clone: Clone, data: str | bytes, name: str = FILE) -> str:
    """Push some bytes as the record, past all that we check; give the commit."""
    blob = clone.repo.git("hash-object", "-w", "--stdin", stdin=data)
    tree = clone.repo.git("mktree", stdin=f"100644 blob {blob}\t{name}\n")
    old = refs(clone.repo, "refs/krow-versions").get(REF)
    commit = clone.repo.git("commit-tree", tree, *(["-p", old] if old else []), "-m", "x")
    clone.repo.git("push", "--quiet", "origin", f"{commit}:{REF}")
    return commit


class Clones(RuleBasedStateMachine):
    """Three clones say, share and look in any order, while the remote answers, refuses, or forgets."""

    make: Callable[[], Path]

    @initialize()
    def begin(self) -> None:
        self.remote, self.clones = scene(type(self).make(), 3)
        self.said: set[str] = set()
        self.known: dict[int, set[str]] = {number: set() for number in range(3)}
        self.offline = False

    which = st.integers(0, 2)

    @rule(which=which, minute=st.integers(-2, 2))
    def say(self, which: int, minute: int) -> None:
        text = f"note {len(self.said)}"
        self.clones[which].say(text, minute)
        self.said.add(text)

    @rule(which=which)
    def share(self, which: int) -> None:
        if self.offline:
            with pytest.raises(GitError):
                self.clones[which].share()
        else:
            self.clones[which].share()

    @rule(which=which)
    def look(self, which: int) -> None:
        if not self.offline:
            assert self.clones[which].look() == ()

    @rule()
    def toggle(self) -> None:
        """The network comes and goes."""
        moved = self.remote.path.with_name("gone.git")
        here, there = (moved, self.remote.path) if self.offline else (self.remote.path, moved)
        here.rename(there)
        self.offline = not self.offline

    @precondition(lambda self: not self.offline)
    @rule(back=st.booleans())
    def forget(self, back: bool) -> None:
        """The server loses the ref, or gets an older one from a backup."""
        for ref, commit in refs(self.remote, "refs/krow-versions").items():
            older = self.remote.git("rev-list", "--max-parents=0", commit).split()[0]
            self.remote.git(*(["update-ref", ref, older] if back else ["update-ref", "-d", ref]))

    @invariant()
    def nothing_is_lost(self) -> None:
        for number, clone in enumerate(getattr(self, "clones", ())):
            notes = clone.notes()
            assert self.known[number] <= notes <= self.said
            self.known[number] = notes

    def teardown(self) -> None:
        if not hasattr(self, "clones"):
            return
        if self.offline:
            self.toggle()
        for clone in (*self.clones, *self.clones):
            clone.share()
        late = Clone(self.remote.clone(self.remote.path.with_name("late")))
        for clone in (*self.clones, late):
            assert clone.look() == ()
        records = [clone.record for clone in (*self.clones, late)]
        assert [each for each in records if each != records[0]] == []
        assert self.clones[0].notes() == self.said


def test_all_clones_get_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any interleaving of what three clones say, push, fetch and miss ends in one record, nothing lost."""
    folder, numbers = tmp_path_factory.mktemp("clones"), itertools.count()

    class Here(Clones):
        make = staticmethod(lambda: folder / str(next(numbers)))

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=200 if LONG else 6,
            stateful_step_count=30 if LONG else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Clones that share at the same moment merge again, until all is there."""
    _, clones = scene(tmp_path, 3)
    for number, clone in enumerate(clones):
        clone.say(f"{number}")
    threads = [threading.Thread(target=clone.share) for clone in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for clone in clones:
        clone.look()
    assert [clone.notes() for clone in clones] == [{"0", "1", "2"}] * 3


def test_who_always_comes_late_gets_there(pair: tuple[Repo, Clone, Clone]) -> None:
    """Twenty colleagues who are each a little faster are waited for: nothing is given up, nothing is lost."""
    remote, ours, theirs = pair
    states = []
    for number in range(20):
        theirs.say(f"{number}")
        theirs.share()
        states.append(refs(remote)[REF])
    remote.git("update-ref", "-d", REF)
    left = remote.path / "left"
    left.write_text("".join(f"{each}\n" for each in states))
    # Before each push of ours, the next of theirs arrives.
    script = f'next=$(head -n 1 {left}); [ -n "$next" ] || exit 0; sed -i 1d {left}\n'
    hook(ours.repo, "pre-push", f"{script}git --git-dir={remote.path} update-ref {REF} $next")
    ours.say("ours")
    ours.share()
    theirs.look()
    assert theirs.notes() == {"ours", *map(str, range(20))}


def test_looking_pushes_nothing(pair: tuple[Repo, Clone, Clone]) -> None:
    """Neither what was said here, nor what the remote has lost."""
    remote, ours, theirs = pair
    ours.say("ours")
    ours.share()
    theirs.say("theirs")
    with untouched(remote):
        theirs.look()
    assert theirs.notes() == {"ours", "theirs"}
    remote.git("update-ref", "-d", REF)
    with untouched(remote):
        ours.look()
    assert ours.notes() == {"ours"}


def test_what_the_remote_lost_is_kept_and_comes_back(pair: tuple[Repo, Clone, Clone]) -> None:
    """A ref that somebody has made anew takes nothing away here, and the next push joins both."""
    remote, ours, theirs = pair
    ours.say("before")
    ours.share()
    theirs.look()
    remote.git("update-ref", "-d", REF)
    ours.repo.git("update-ref", "-d", REF)
    ours.local = NOTHING
    ours.say("anew")
    ours.share()
    for _ in range(2):
        theirs.look()
        before = refs(theirs.repo)
    theirs.look()
    assert refs(theirs.repo) == before  # Looking again makes nothing more.
    assert theirs.notes() == {"before", "anew"}
    theirs.share()
    ours.look()
    assert ours.notes() == {"before", "anew"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "schema"),
        ("schema = 2", "product"),
        ("\x00\x1b[2J", "cannot be read"),
        (b"\xff\xfe", "UTF-8"),
        ("a = 1\n" * 200_000, "limit"),
        ("a = 1\n" * 60_000, "longer than any record"),
        ("a = " + "[" * 5000, "cannot be read"),
        (record_text(Record(PRODUCT, SLUG, Version(9, 9, 9))), "9.9.9"),
        (record_text(Record(PRODUCT, "krow-withus-other", VERSION)), "krow-withus-other"),
        (record_text(NOTHING).replace("schema = 2", "schema = 1"), "cannot be read"),
    ],
)
def test_a_broken_record_is_named_and_replaced(
    pair: tuple[Repo, Clone, Clone], data: str | bytes, words: str
) -> None:
    """Whatever is in the place of a record: what was seen before counts, and the next push repairs it."""
    remote, ours, theirs = pair
    ours.say("before")
    ours.share()
    theirs.look()
    broken = pushed(ours, data)
    for _ in range(2):
        (found,) = theirs.look()
        assert REF in found
        assert "replaces it" in found
        assert words in found
        assert "\x1b" not in found
    assert theirs.notes() == {"before"}
    theirs.say("after")
    theirs.share()
    assert broken in remote.git("rev-list", REF)
    ours.look()
    assert ours.notes() == {"before", "after"}
    late = Clone(remote.clone(remote.path.with_name("late")))
    assert late.look() == ()
    assert late.notes() == {"before", "after"}


def test_a_broken_record_that_was_never_seen(pair: tuple[Repo, Clone, Clone]) -> None:
    """Also in a clone that knows nothing of it, what is said is shared."""
    _, ours, theirs = pair
    pushed(ours, "?")
    theirs.look()
    assert theirs.notes() == set()
    theirs.say("first")
    theirs.share()
    ours.look()
    assert ours.notes() == {"first"}


def test_a_record_of_a_newer_version_is_left_alone(pair: tuple[Repo, Clone, Clone]) -> None:
    """It is named with the way out; nothing is pushed in its place, since entries could be lost."""
    remote, ours, theirs = pair
    pushed(ours, record_text(NOTHING).replace("schema = 2", "schema = 3\nmood = 1"))
    (found,) = theirs.look()
    assert "newer krow-versions" in found
    theirs.say("here")
    with untouched(remote), pytest.raises(Conflict, match="newer krow-versions"):
        theirs.share()
    assert theirs.notes() == {"here"}


def test_what_is_no_commit_is_no_record(pair: tuple[Repo, Clone, Clone]) -> None:
    """A blob in the place of the record is named; nothing is forced over it."""
    remote, ours, theirs = pair
    blob = ours.repo.git("hash-object", "-w", "--stdin", stdin="x")
    ours.repo.git("push", "--quiet", "origin", f"{blob}:{REF}")
    (found,) = theirs.look()
    assert "no commit" in found
    theirs.say("here")
    with untouched(remote), pytest.raises(Conflict, match="no commit"):
        theirs.share()


def test_a_tag_in_its_place_counts_as_what_it_names(pair: tuple[Repo, Clone, Clone]) -> None:
    """Somebody has put an annotated tag there: it is read, and the next push goes on from it."""
    remote, ours, theirs = pair
    ours.say("first")
    ours.share()
    remote.git("tag", "--annotate", "-m", "x", "x", REF)
    remote.git("update-ref", REF, "refs/tags/x")
    assert theirs.look() == ()
    theirs.say("second")
    theirs.share()
    ours.look()
    assert ours.notes() == {"first", "second"}


def test_a_server_that_refuses_is_asked_once(pair: tuple[Repo, Clone, Clone]) -> None:
    """A hook that refuses such refs is quoted, and nothing is tried again."""
    remote, ours, _ = pair
    calls = remote.path / "calls"
    hook(remote, "update", f'echo >> {calls}; echo "no such refs here" >&2; exit 1')
    ours.say("here")
    with pytest.raises(PushRejected, match="no such refs here"):
        ours.share()
    assert calls.read_text() == "\n"
    assert ours.notes() == {"here"}


def test_the_number_of_processes_is_bounded(
    pair: tuple[Repo, Clone, Clone], spy: Callable[[], list[list[str]]]
) -> None:
    """Looking at what is known takes three processes, at what is new seven; whatever has been said before."""
    _, ours, theirs = pair
    ours.say("first")
    ours.share()
    theirs.look()
    counts = []
    for number in range(3):
        for more in range(10**number):
            ours.say(f"{number} {more}")
        ours.share()
        spy()
        theirs.look()
        new = len(spy())
        theirs.look()
        counts.append((new, len(spy())))
        ours.say(f"{number}")
        spy()
        ours.share()
        assert len(spy()) <= LIMIT_OF_A_COMMAND
        theirs.look()
    assert counts == [(7, 3)] * 3


def test_records_of_others_are_let_alone(pair: tuple[Repo, Clone, Clone]) -> None:
    """Only refs of the product are taken: none of another whose name begins alike, and no other name."""
    _, ours, theirs = pair
    ours.say("web")
    ours.share()
    commit = ours.repo.git("rev-parse", REF)
    names = (
        "krow-withus-web-v2-v1.4.1",
        "krow-withus-web-v1.4.1-rc.1",
        "krow-withus-web-v1.4.1+5",
        "other-v1.0.0",
    )
    for name in names:
        ours.repo.git("push", "--quiet", "origin", f"{commit}:refs/krow-versions/hotfix/{name}")
    assert theirs.look() == ()
    assert [*refs(theirs.repo, "refs/krow-versions")] == [REF]
    assert theirs.shared.versions() == (VERSION,)


def test_ticks_are_entries_as_all_others(pair: tuple[Repo, Clone, Clone]) -> None:
    """Two people tick different boxes, one of them offline: both ticks are there."""
    _, ours, theirs = pair
    ours.local = ours.record.adding(Done(at=NOON, who="Ann", box="review"))
    theirs.local = theirs.record.adding(Done(at=NOON, who="Bo", box="smoke-tests"))
    for clone in (ours, theirs, ours):
        clone.share()
    for clone in (ours, theirs):
        ticks = clone.record.ticks
        assert (ticks["review"].who, ticks["smoke-tests"].who) == ("Ann", "Bo")
