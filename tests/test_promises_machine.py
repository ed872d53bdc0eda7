"""The nine promises, whatever people, servers and faults do: a state machine over three repositories.

Ann and Bo have a clone each of mobile, web and backend; each has a bare remote. They bump, edit, commit,
tag, push, pull and make hotfixes; the server merges and refuses; programs are killed, run twice, and run at
once. After every run of the command line the promises are checked by an independent reading of all files and
refs (``support/machine_promises.py``); the numbers there are those of the promises.
"""

from __future__ import annotations

import itertools
import os
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from support.machine_promises import idempotent, is_data, judge
from support.machine_reading import PRODUCTS, REPOS, STAGES, core
from support.machine_runs import at_once, killed_at_disk, killed_at_git, locks, run
from support.machine_settled import settle
from support.machine_world import PEOPLE, READABLE, UNREADABLE, World, next_minor
from support.releases import FIX
from support.repositories import defuse, fuse, hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.machine_reading import Product
    from support.machine_runs import Deed

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
people, names = st.sampled_from(PEOPLE), st.sampled_from(REPOS)
products = st.sampled_from(PRODUCTS)
# How a command is run. What each does to the command is in `Promises.does`.
plain = st.just(("plain",))
killed = st.tuples(st.just("at git"), st.integers(1, 25), st.sampled_from(["before", "after"]))
at_disk = st.tuples(st.just("at disk"), st.integers(0, 60))
hooked = st.tuples(
    st.just("hook"),
    st.sampled_from([("here", "pre-push"), ("here", "reference-transaction"), ("here", "post-checkout"),
                     ("there", "pre-receive"), ("there", "update"), ("there", "reference-transaction")]),
    st.sampled_from(["exit 1", "kill -9 $PPID; sleep 0.1; exit 1"]),
    st.integers(1, 4),
)  # fmt: skip
ways = st.one_of(plain, st.just(("shown",)), st.just(("again",)), st.just(("both",)), st.just(("twice",)), killed)
BOXES = ("review", "deployed", "smoke-tests", "logs-watched", "users-notified", "incident-documented", "launches")


class Promises(RuleBasedStateMachine):
    """Everything that people and servers do, in any order."""

    begun: Callable[[str], World]
    noted: Counter[str] = Counter()

    def note(self, what: str) -> None:
        """Count what happened: a machine that is always refused proves nothing."""
        self.noted[what] += 1

    @initialize(begun=st.sampled_from(["released", "ready", "shipped"]), protected=st.booleans())
    def begin(self, begun: str, protected: bool) -> None:
        self.world = type(self).begun(begun)
        if protected:
            self.protect("mobile")

    # --- the command line --------------------------------------------------------------------------

    @rule(
        who=people,
        chosen=st.lists(products, min_size=1, max_size=3, unique=True),
        more=st.sampled_from([(), (), ("-m", "A | crash"), ("--no-changelog",), ("--build", "40"), ("--pins",)]),
        way=ways | at_disk,
    )
    def bump(self, who: str, chosen: list[Product], more: tuple[str, ...], way: tuple) -> None:
        self.does(who, "bump-patch", *(each.name for each in chosen), *more, way=way)

    @rule(who=people, product=products, above=st.none() | st.integers(5, 60), way=ways | at_disk)
    def bump_above(self, who: str, product: Product, above: int | None, way: tuple) -> None:
        option = () if above is None else ("--above-build", f"{above}")
        self.does(who, "bump-patch", product.name, *option, way=way)

    @rule(who=people, product=products, above=st.none() | st.integers(5, 60), way=ways | at_disk)
    def bump_build(self, who: str, product: Product, above: int | None, way: tuple) -> None:
        option = () if above is None else ("--above-build", f"{above}")
        self.does(who, "bump-build", product.name, *option, way=way)

    @rule(who=people, product=products, way=ways | hooked)
    def advance(self, who: str, product: Product, way: tuple) -> None:
        """Do what the hotfix of a product needs next, as somebody who knows the process."""
        world, repo = self.world, self.world.repo(who, product)
        branch = world.under_way(who, product)
        if branch is None:
            self.start(who, product, way)
        elif repo.head != branch:
            self.switch(who, product.repo, branch)
        elif "fix: " not in repo.git("log", "--format=%s", f"refs/remotes/origin/main..{branch}"):
            world.fix(who, product)
        elif core(world.at(repo, product) or "0.0.0") != core(branch.rpartition("-v")[2]):
            self.does(who, "bump-patch", product.name, "-m", "Crash", way=way)
            repo.commit_if_changed("chore: version")
        elif repo.git("rev-parse", branch) not in world.approved[product.name]:
            repo.commit_if_changed("chore: version")
            self.approve(who, product)
        else:
            self.does(who, "hotfix", "finish", product.name, "--yes", way=way)

    @rule(who=people, product=products, way=ways | hooked)
    def start(self, who: str, product: Product, way: tuple) -> None:
        said = ("--issue", "Crash", "--severity", "critical", "--impact", "All")
        self.does(who, "hotfix", "start", product.name, *said, "--yes", way=way)

    @rule(who=people, product=products)
    def approve(self, who: str, product: Product) -> None:
        deed = self.does(who, "hotfix", "status", product.name, "--done", "approval", "--yes")
        for commit in re.findall(r"([0-9a-f]{12}) is approved", deed.result.out):
            full = self.world.repo(who, product).git("rev-parse", f"{commit}^{{commit}}")
            self.world.approved[product.name].add(full)

    @rule(who=people, product=products, way=ways | hooked)
    def finish(self, who: str, product: Product, way: tuple) -> None:
        self.does(who, "hotfix", "finish", product.name, "--yes", way=way)

    @rule(
        who=people,
        product=products,
        what=st.sampled_from(
            [
                ("check",),
                ("next", "--yes"),
                ("pr", "--run", "--yes"),
                ("deploy", "--run", "--yes"),
                ("announce", "--done", "--yes"),
                ("announce", "--follow-up", "--errors", "none", "--done", "--yes"),
                ("rollback", "--reason", "Worse", "--decided-by", "Pia", "--run", "--yes"),
                ("rollback", "--done", "--yes"),
                ("abandon", "--reason", "No need", "--yes"),
                ("status",),
                *(("status", "--done", box, "--yes") for box in BOXES),
                ("finish", "--carry-to", "main", "--yes"),
            ]
        ),
        way=plain | killed,
    )
    def goes_on(self, who: str, product: Product, what: tuple[str, ...], way: tuple) -> None:
        self.does(who, "hotfix", what[0], product.name, *what[1:], way=way)

    # --- what people do by hand --------------------------------------------------------------------

    @rule(who=people, product=products, raised=st.sampled_from(["minor", "patch", "build"]), count=st.integers(1, 2))
    def edit_version(self, who: str, product: Product, raised: str, count: int) -> None:
        """All files of a product, or only the first one."""
        version = self.world.at(self.world.repo(who, product), product)
        if not version:
            return
        number, _, build = version.partition("+")
        major, minor, patch = core(version)
        new = {"minor": next_minor(version), "patch": f"{major}.{minor}.{patch + 1}"}.get(raised, number)
        self.world.write_version(who, product, f"{new}+{int(build) + 1}" if build else new, count)

    @rule(who=people, product=products)
    def edit_log(self, who: str, product: Product) -> None:
        version = self.world.at(self.world.repo(who, product), product)
        if version:
            self.world.write_row(who, product, version.partition("+")[0])

    @rule(who=people, product=products, as_fix=st.booleans())
    def edit_code(self, who: str, product: Product, as_fix: bool) -> None:
        repo = self.world.repo(who, product)
        if as_fix:
            self.world.fix(who, product)
        else:
            login = repo.path / product.code / "login"
            repo.write(f"{product.code}/login", f"{login.read_text()}{self.world.number()}\n")

    @rule(who=people, name=names, message=st.sampled_from(["chore: change", "feat: more", FIX]))
    def commit(self, who: str, name: str, message: str) -> None:
        self.world.clones[who, name].commit_if_changed(message)

    @rule(who=people, product=products, stage=st.sampled_from([*STAGES]), annotated=st.booleans(), push=st.booleans())
    def tag(self, who: str, product: Product, stage: str, annotated: bool, push: bool) -> None:
        """Tag what is checked out as what it is; production is tagged of what main of the server has."""
        repo, remote = self.world.repo(who, product), self.world.remotes[product.repo]
        repo.git("fetch", "--quiet", "origin")
        target = "refs/remotes/origin/main" if stage == "production" else "HEAD"
        found = self.world.version_at(repo, product, repo.git("rev-parse", target))
        if found:
            ref = product.tag(found.partition("+")[0], stage)
            if repo.tries("tag", *(["-a", f"-m{ref}"] if annotated else []), ref.removeprefix("refs/tags/"), target):
                (push or stage == "production") and repo.tries("push", "--quiet", "origin", ref)
                if stage == "production" and ref not in self.world.refs(remote):
                    repo.git("tag", "--delete", ref.removeprefix("refs/tags/"))

    @rule(who=people, name=names, what=st.sampled_from([
        ("fetch", "--quiet", "--tags", "--prune", "origin"),
        ("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"),
        ("push", "--quiet", "--set-upstream", "origin", "HEAD"),
    ]))  # fmt: skip
    def sync(self, who: str, name: str, what: tuple[str, ...]) -> None:
        self.note(f"{what[0]}: {self.world.clones[who, name].tries(*what)}")

    @rule(who=people, name=names, release=st.booleans())
    def go_to_main(self, who: str, name: str, release: bool) -> None:
        """Go to main, or make a release branch of it."""
        repo = self.world.clones[who, name]
        if self.switch(who, name, "refs/heads/main") and release:
            branch = f"release/{self.world.number()}"
            repo.git("switch", "--quiet", "--create", branch)
            repo.git("push", "--quiet", "origin", branch)

    @rule(who=people, product=products)
    def release_main(self, who: str, product: Product) -> None:
        """Release the next MINOR from main, in production, as a team does."""
        repo = self.world.repo(who, product)
        repo.git("fetch", "--quiet", "--tags", "origin")
        if self.switch(who, product.repo, "refs/heads/main") and repo.tries("merge", "--quiet", "--ff-only", "origin/main"):
            self.edit_version(who, product, "minor", 9)
            repo.commit_if_changed("feat: release")
            if repo.tries("push", "--quiet", "origin", "main"):
                self.tag(who, product, "production", True, True)

    @rule(who=people, name=names)
    def put_aside(self, who: str, name: str) -> None:
        self.world.clones[who, name].git("reset", "--quiet", "--hard")

    @rule(who=people, product=products, index=st.integers(0, 1), how=st.sampled_from([*UNREADABLE, *READABLE]))
    def breaks(self, who: str, product: Product, index: int, how: str) -> None:
        self.world.breaks(who, product, index, how)

    @rule(who=people, product=products)
    def repairs(self, who: str, product: Product) -> None:
        self.world.repairs(who, product)

    @rule(who=people, product=products, mode=st.sampled_from([0o444, 0o755, 0o600]))
    def change_mode(self, who: str, product: Product, mode: int) -> None:
        for path in product.files:
            file = self.world.repo(who, product).path / path
            if file.is_file():
                file.chmod(mode)

    @rule(minutes=st.sampled_from([20, 130, 1500]))
    def wait(self, minutes: int) -> None:
        self.world.clock.minutes += minutes

    # --- what servers do ---------------------------------------------------------------------------

    @rule(name=names, pick=st.integers(0, 5), how=st.sampled_from(["merge", "squash", "rebase", "cherry-pick", "fast-forward"]))
    def server_merges(self, name: str, pick: int, how: str) -> None:
        branches = self.world.branches(name)
        if branches:
            self.note(f"{how}: {self.world.merge(name, branches[pick % len(branches)], how)}")

    @rule(product=products)
    def server_undoes(self, product: Product) -> None:
        self.world.undo(product.repo, product)

    @rule(name=names)
    def protect(self, name: str) -> None:
        """From now on main takes pull requests only; or takes pushes again."""
        remote = self.world.remotes[name]
        script = remote.path / "hooks/update"
        if script.exists():
            script.unlink()
        else:
            hook(remote, "update", '[ "$1" != refs/heads/main ] || { echo "Open a pull request." >&2; exit 1; }')

    @rule()
    def settles(self) -> None:
        settle(self.world)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            settle(self.world)

    # --- the ways to run a command -----------------------------------------------------------------

    def does(self, who: str, *args: str, way: tuple = ("plain",)) -> Deed:
        """Run a command in a way, check the promises, and give the last run."""
        self.note(f"{' '.join(args[: 2 if args[0] == 'hotfix' else 1])}, {way[0]}")
        world, judged = self.world, []
        if way[0] == "shown":
            shown = run(world, who, *args, "-n", "--json")
            deed = run(world, who, *args)
            judged = [shown, deed]
            is_data(world, shown, deed)
        elif way[0] == "again":
            deed = run(world, who, *args)
            if deed.code == 0:
                idempotent(deed, again := run(world, who, *args))
                judged = [again]
            judged = [deed, *judged]
        elif way[0] in {"both", "twice"}:
            other = who if way[0] == "twice" else next(each for each in PEOPLE if each != who)
            for each in at_once(world, (who, *args), (other, *args)):
                self.note(f"at once: {each.code}")
                judge(world, each, alone=False)
            deed = run(world, who, *args)
            judged = [deed]
        elif way[0] in {"at git", "at disk", "hook"}:
            deed = self.interrupted(who, *args, way=way)
            judged = [deed]
        else:
            deed = run(world, who, *args)
            judged = [deed]
        for each in judged:
            self.note(f"{each.command}: {each.code}")
            judge(world, each)
        return deed

    def interrupted(self, who: str, *args: str, way: tuple) -> Deed:
        """Kill it or its git, take the locks away that a git left, and run it again."""
        world = self.world
        shown = run(world, who, *args, "-n")
        if way[0] == "at git":
            deed = killed_at_git(world, who, *args, at=way[1], how=way[2])
        elif way[0] == "at disk":
            deed = killed_at_disk(world, who, *args, at=way[1])
        else:
            product = next(each for each in PRODUCTS if each.name in args)
            at = world.repo(who, product) if way[1][0] == "here" else world.remotes[product.repo]
            if (at.folder / "hooks" / way[1][1]).exists():
                return run(world, who, *args)
            burning = fuse(at, way[1][1], way[2], way[3])
            deed = run(world, who, *args)
            defuse(burning)
        self.note(f"interrupted {way[0]}: {deed.code}")
        judge(world, deed, alone=way[0] != "hook")
        for lock in (*locks(world, who), *world.folder.glob("*.git/**/*.lock")):
            lock.unlink()
        again = run(world, who, *args)
        assert again.code == 0 or shown.code != 0 or deed.args[1] in {"pr", "next"}, f"5. {shown}\n{deed}\n{again}"
        left = [path for path in again.after.files[who] if path.rpartition("/")[2].startswith(".krow-versions-")]
        assert left == [], f"5. litter after {deed}\n{again}"
        return again

    def switch(self, who: str, name: str, branch: str) -> bool:
        return self.world.clones[who, name].tries("switch", "--quiet", branch.removeprefix("refs/heads/"))


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """Makes a world at one of three points: released; a hotfix ready to be finished; one that is shipped."""
    folder, numbers = tmp_path_factory.mktemp("promises"), itertools.count()
    worlds = {"released": World.make(folder / "released")}
    for name, before, steps in (("ready", "released", 4), ("shipped", "ready", 1)):
        machine = Promises()
        machine.world = worlds[name] = worlds[before].copied(folder / name)
        for _ in range(steps):
            machine.advance("ann", PRODUCTS[0], ("plain",))
    return lambda name: worlds[name].copied(folder / f"{next(numbers)}")


def test_the_promises_hold_whatever_happens(begun: Callable[[str], World]) -> None:
    """No order of what people, servers and faults do breaks one of the nine promises."""

    class Here(Promises):
        pass

    Here.begun = staticmethod(begun)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=max(3, settings().max_examples // 16) if LONG else 3,
            stateful_step_count=50 if LONG else 12,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.explicit, Phase.generate],  # To shrink real repositories takes minutes.
            derandomize=not LONG,
            database=None,
        ),
    )
