"""The nine promises, whatever people, servers and faults do: a state machine over three repositories.

Ann and Bo have a clone each of mobile, web and backend; each has a bare remote. They bump, edit, commit, tag,
push, pull and make hotfixes; the server merges and refuses (``support/machine_people.py``). Programs are
killed, run again, and run at once. After every run of the command line each promise is checked by an
independent reading of all files and refs: ``support/machine_promises.py`` and ``support/machine_server.py``.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from support.machine_people import ByHand, people, products
from support.machine_promises import idempotent, is_data, judge
from support.machine_reading import PRODUCTS, core, refs_of
from support.machine_runs import at_once, killed_at_disk, killed_at_git, litter, locks, run
from support.machine_settled import settle
from support.machine_world import PEOPLE, World
from support.repositories import defuse, fuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.machine_reading import Product
    from support.machine_runs import Deed

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
BOXES = (
    "review",
    "deployed",
    "smoke-tests",
    "logs-watched",
    "users-notified",
    "incident-documented",
    "launches",
)
STEPS = (
    ("check",),
    ("status",),
    ("next", "--yes"),
    ("pr", "--run", "--yes"),
    ("deploy", "--run", "--yes"),
    ("announce", "--done", "--yes"),
    ("announce", "--follow-up", "--errors", "none", "--done", "--yes"),
    ("rollback", "--reason", "Worse", "--decided-by", "Pia", "--run", "--yes"),
    ("rollback", "--done", "--yes"),
    ("abandon", "--reason", "No need", "--yes"),
    ("finish", "--carry-to", "main", "--yes"),
    *(("status", "--done", box, "--yes") for box in BOXES),
)


@attrs.frozen
class Way:
    """How a command is run.

    Attributes:
        name: ``plain``; ``shown`` (``-n`` before it); ``again`` (once more after it); ``both`` (the other
            person at the same time); ``twice`` (the same person at the same time); or where it is
            interrupted: ``git`` and ``disk`` kill the command, ``here`` and ``there`` are hooks.
        at: the n-th call of git, operation on the disk, or call of the hook.
        what: which moment of that call, or the hook and what it does.
    """

    name: str
    at: int = 0
    what: tuple[str, ...] = ()


PLAIN = Way("plain")
HERE = st.tuples(st.sampled_from(["pre-push", "reference-transaction", "post-checkout"]))
THERE = st.tuples(st.sampled_from(["pre-receive", "update", "reference-transaction"]))
DEEDS = st.tuples(st.sampled_from(["exit 1", "kill -9 $PPID; sleep 0.1; exit 1"]))
at_git = st.builds(Way, st.just("git"), st.integers(1, 25), st.tuples(st.sampled_from(["before", "after"])))
at_disk = st.builds(Way, st.just("disk"), st.integers(0, 60))
by_hook = st.one_of(
    [
        st.builds(Way, st.just(where), st.integers(1, 4), st.builds(lambda *two: sum(two, ()), hooks, DEEDS))
        for where, hooks in (("here", HERE), ("there", THERE))
    ]
)
ways = st.sampled_from([PLAIN, Way("shown"), Way("again"), Way("both"), Way("twice")]) | at_git


class Promises(ByHand):
    """What people do by hand and what servers do, and in between the commands."""

    begun: Callable[[str], World]

    @initialize(
        begun=st.sampled_from(["released", "ready", "shipped"]), protected=st.booleans(), share=st.booleans()
    )
    def begin(self, begun: str, protected: bool, share: bool) -> None:
        self.world = type(self).begun(begun)
        self.world.configure(share=share)
        if protected:
            self.protect("mobile")

    def teardown(self) -> None:
        if hasattr(self, "world"):
            settle(self.world)
            shutil.rmtree(self.world.folder)

    # --- bumps -------------------------------------------------------------------------------------

    @rule(
        who=people,
        chosen=st.lists(products, min_size=1, max_size=3, unique=True),
        more=st.sampled_from(["", "", "-m A|crash", "--no-changelog", "--build 40", "--pins"]),
        way=ways | at_disk,
    )
    def bump(self, who: str, chosen: list[Product], more: str, way: Way) -> None:
        self.does(who, "bump-patch", *(each.name for each in chosen), *more.split(), way=way)

    @rule(
        who=people,
        product=products,
        command=st.sampled_from(["bump-patch", "bump-build"]),
        above=st.none() | st.integers(5, 60),
        way=ways | at_disk,
    )
    def bump_above(self, who: str, product: Product, command: str, above: int | None, way: Way) -> None:
        option = () if above is None else ("--above-build", f"{above}")
        self.does(who, command, product.name, *option, way=way)

    # --- hotfixes ----------------------------------------------------------------------------------

    @rule(who=people, product=products, way=ways | by_hook)
    def advance(self, who: str, product: Product, way: Way) -> None:
        """Do what the hotfix of a product needs next, as somebody who knows the process."""
        repo = self.world.repo(who, product)
        branch = self.world.under_way(who, product)
        if branch is None:
            self.start(who, product, way)
        elif repo.head != branch:
            repo.tries("switch", "--quiet", branch.removeprefix("refs/heads/"))
        elif "fix: " not in repo.git("log", "--format=%s", f"refs/remotes/origin/main..{branch}"):
            self.world.fix(who, product)
        elif core(self.world.at(who, product) or "0.0.0") != core(branch.rpartition("-v")[2]):
            self.does(who, "bump-patch", product.name, "-m", "Crash", way=way)
            repo.commit_if_changed("chore: version")
        elif repo.git("rev-parse", branch) not in self.world.approved[product.name]:
            repo.commit_if_changed("chore: version")
            self.approve(who, product)
        else:
            self.finish(who, product, way)

    @rule(who=people, product=products, steps=st.integers(1, 5))
    def progress(self, who: str, product: Product, steps: int) -> None:
        """Some steps in which nothing is in the way: what lies about is put aside before."""
        product = self.worked_on(who, product)
        self.put_aside(who, product.repo)
        for _ in range(steps):
            self.advance(who, product, PLAIN)

    def worked_on(self, who: str, product: Product) -> Product:
        """A product with a hotfix branch that the person has checked out, or else this one."""
        heads = {each: self.world.repo(who, each).head for each in (product, *PRODUCTS)}
        return next((each for each, head in heads.items() if head.startswith(each.branch(""))), product)

    @rule(who=people, product=products, way=ways | by_hook)
    def start(self, who: str, product: Product, way: Way) -> None:
        said = ("--issue", "Crash", "--severity", "critical", "--impact", "All")
        self.does(who, "hotfix", "start", product.name, *said, "--yes", way=way)

    @rule(who=people, product=products)
    def approve(self, who: str, product: Product) -> None:
        product = self.worked_on(who, product)
        deed = self.does(who, "hotfix", "status", product.name, "--done", "approval", "--yes")
        for commit in re.findall(r"([0-9a-f]{12}) is approved", deed.result.out):
            full = self.world.repo(who, product).git("rev-parse", f"{commit}^{{commit}}")
            self.world.approved[product.name].add(full)

    @rule(who=people, product=products, way=ways | by_hook)
    def finish(self, who: str, product: Product, way: Way) -> None:
        self.does(who, "hotfix", "finish", self.worked_on(who, product).name, "--yes", way=way)

    @rule(who=people, other=people, product=products)
    def finish_meets_bump(self, who: str, other: str, product: Product) -> None:
        """One finishes while a bump runs: of the other person, or in the same clone."""
        on_branch = self.world.repo(who, product).head == self.world.under_way(who, product)
        finish = (who, "hotfix", "finish", product.name, "--yes")
        for each in at_once(self.world, finish, (other, "bump-patch", product.name)) if on_branch else ():
            self.judged(each, "meets")

    @rule(who=people, product=products, step=st.sampled_from(STEPS), way=st.just(PLAIN) | at_git)
    def goes_on(self, who: str, product: Product, step: tuple[str, ...], way: Way) -> None:
        self.does(who, "hotfix", step[0], self.worked_on(who, product).name, *step[1:], way=way)

    # --- the ways to run a command -----------------------------------------------------------------

    def does(self, who: str, *args: str, way: Way = PLAIN) -> Deed:
        """Run a command in a way, check the promises, and give its last run."""
        if way.name == "shown":
            shown = self.judged(run(self.world, who, *args, "-n", "--json"))
            done = self.judged(run(self.world, who, *args))
            is_data(shown, done)
            return done
        if way.name in {"both", "twice"}:
            other = who if way.name == "twice" else next(each for each in PEOPLE if each != who)
            for each in at_once(self.world, (who, *args), (other, *args)):
                self.judged(each, way.name)
        elif way.name in {"git", "disk", "here", "there"}:
            self.interrupted(who, args, way)
        done = self.judged(run(self.world, who, *args))
        if way.name == "again" and done.code == 0:
            idempotent(done, self.judged(run(self.world, who, *args)))
        return done

    def interrupted(self, who: str, args: tuple[str, ...], way: Way) -> None:
        """Kill it or its git; take away the locks that a git has left; the next run does the rest."""
        world = self.world
        shown = run(world, who, *args, "-n")
        if way.name == "git":
            deed = killed_at_git(world, who, args, at=way.at, how=way.what[0])
        elif way.name == "disk":
            deed = killed_at_disk(world, who, args, at=way.at)
        else:
            product = next(each for each in PRODUCTS if each.name in args)
            repo = world.repo(who, product) if way.name == "here" else world.remotes[product.repo]
            kept = repo.folder / "hooks" / way.what[0]
            if kept.exists():
                return
            fuse(repo, way.what[0], way.what[1], way.at)
            deed = run(world, who, *args)
            defuse(kept)
        self.judged(deed, way.name)
        for lock in locks(world):
            lock.unlink()
        again = self.judged(run(world, who, *args))
        works = shown.code == 0 and (deed.is_bump or args[1] in {"start", "finish"})
        if works and shown.knows_all({each.repo for each in shown.products}):
            refused = "Open a pull request." in again.result.err
            assert again.code == 0 or refused, f"5. it does not converge: {shown}\n{deed}\n{again}"
        assert litter(again) == [], f"5. litter: {deed}\n{again}"

    def judged(self, deed: Deed, way: str = "alone") -> Deed:
        self.note(f"{deed.command} {way}: {deed.code}")
        judge(self.world, deed, alone=way not in {"both", "twice", "here", "there", "meets"})
        return deed


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """Makes a world at one of three points: released; a hotfix ready to be finished; one that has shipped."""
    folder, numbers = tmp_path_factory.mktemp("promises"), itertools.count()
    machine = Promises()
    worlds = {"released": World.make(folder / "released")}
    for name, before, steps in (("ready", "released", 4), ("shipped", "ready", 1)):
        machine.world = worlds[name] = worlds[before].copied(folder / name)
        for _ in range(steps):
            machine.advance("ann", PRODUCTS[0], PLAIN)
    there = refs_of(machine.world.remotes["mobile"].folder)
    assert PRODUCTS[0].tag("0.1.1") in there, "the hotfix that others begin with has not shipped"
    return lambda name: worlds[name].copied(folder / f"{next(numbers)}")


def test_the_promises_hold_whatever_happens(
    begun: Callable[[str], World], record_property: Callable[[str, object], None]
) -> None:
    """No order of what people, servers and faults do breaks one of the nine promises."""
    worlds = []

    class Here(Promises):
        @staticmethod
        def begun(name: str) -> World:
            worlds.append(begun(name))
            return worlds[-1]

    try:
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=settings().max_examples // 16 if LONG else 3,
                stateful_step_count=50 if LONG else 12,
                suppress_health_check=[*HealthCheck],
                phases=[Phase.explicit, Phase.generate],  # To shrink real repositories takes minutes.
                derandomize=not LONG,
                database=None,
            ),
        )
    finally:
        counts = ", ".join(f"{what} {count}" for what, count in sorted(Promises.noted.items()))
        record_property("summary", f"the promises, {len(worlds)} examples: {counts}")
