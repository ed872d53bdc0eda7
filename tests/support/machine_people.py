"""The rules of the state machine in which no command of ours runs: people with git, and servers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from support.machine_reading import PRODUCTS, REPOS, STAGES, core, next_minor, refs_of
from support.machine_world import MERGES, PEOPLE, READABLE, UNREADABLE
from support.releases import FIX
from support.repositories import hook

if TYPE_CHECKING:
    from support.machine_reading import Product
    from support.machine_world import World

people, names, products = st.sampled_from(PEOPLE), st.sampled_from(REPOS), st.sampled_from(PRODUCTS)
SYNCS = (
    ("fetch", "--quiet", "--tags", "--prune", "origin"),
    ("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"),
    ("push", "--quiet", "--set-upstream", "origin", "HEAD"),
)


class ByHand(RuleBasedStateMachine):
    """Two people with a text editor and git, and a server that merges and refuses.

    Attributes:
        noted: how often what happened, in all examples: a machine that is always refused proves nothing.
    """

    world: World
    noted: ClassVar[Counter[str]] = Counter()

    def note(self, what: str) -> None:
        self.noted[what] += 1

    # --- files -------------------------------------------------------------------------------------

    @rule(
        who=people,
        product=products,
        raised=st.sampled_from(["minor", "patch", "build"]),
        count=st.integers(1, 2),
    )
    def edit_version(self, who: str, product: Product, raised: str, count: int) -> None:
        """All files of a product, or only the first one."""
        version = self.world.at(who, product)
        if version:
            number, _, build = version.partition("+")
            major, minor, patch = core(version)
            raises = {"minor": next_minor(version), "patch": f"{major}.{minor}.{patch + 1}", "build": number}
            new = raises[raised]
            self.world.write_version(who, product, f"{new}+{int(build) + 1}" if build else new, count)

    @rule(who=people, product=products)
    def edit_log(self, who: str, product: Product) -> None:
        version = self.world.at(who, product)
        if version:
            self.world.write_row(who, product, version.partition("+")[0])

    @rule(who=people, product=products, as_fix=st.booleans())
    def edit_code(self, who: str, product: Product, as_fix: bool) -> None:
        if as_fix:
            self.world.fix(who, product)
        else:
            repo, path = self.world.repo(who, product), f"{product.code}/login"
            repo.write(path, f"{(repo.path / path).read_text()}{self.world.number()}\n")

    @rule(
        who=people,
        product=products,
        index=st.integers(0, 1),
        how=st.sampled_from([*UNREADABLE, *READABLE]),
    )
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

    # --- git ---------------------------------------------------------------------------------------

    @rule(who=people, name=names, message=st.sampled_from(["chore: change", "feat: more", FIX]))
    def commit(self, who: str, name: str, message: str) -> None:
        self.world.clones[who, name].commit_if_changed(message)

    @rule(who=people, name=names)
    def put_aside(self, who: str, name: str) -> None:
        self.world.clones[who, name].git("reset", "--quiet", "--hard")

    @rule(who=people, name=names, what=st.sampled_from(SYNCS))
    def sync(self, who: str, name: str, what: tuple[str, ...]) -> None:
        self.note(f"{what[0]}: {self.world.clones[who, name].tries(*what)}")

    @rule(
        who=people,
        product=products,
        stage=st.sampled_from([*STAGES]),
        annotated=st.booleans(),
        push=st.booleans(),
    )
    def tag(self, who: str, product: Product, stage: str, annotated: bool, push: bool) -> None:
        """Tag what is checked out; for production, what main of the server has."""
        repo = self.world.repo(who, product)
        repo.git("fetch", "--quiet", "origin")
        production = stage == "production"
        target = repo.git("rev-parse", "refs/remotes/origin/main" if production else "HEAD")
        version = self.world.version_at(repo, product, target)
        if version:
            ref = product.tag(version.partition("+")[0], stage)
            name = ref.removeprefix("refs/tags/")
            made = repo.tries(
                "tag", *(["--annotate", f"--message={name}"] if annotated else []), name, target
            )
            if made and (push or production) and not repo.tries("push", "--quiet", "origin", ref):
                repo.git("tag", "--delete", name)
            self.note(f"{stage} tag: {made}")

    @rule(who=people, name=names, release=st.booleans())
    def go_to_main(self, who: str, name: str, release: bool) -> None:
        """Go to main, or on to a release branch that is made of it."""
        repo = self.world.clones[who, name]
        if repo.tries("switch", "--quiet", "main") and release:
            branch = f"release/{self.world.number()}"
            repo.git("switch", "--quiet", "--create", branch)
            repo.git("push", "--quiet", "origin", branch)

    @rule(who=people, product=products)
    def release_main(self, who: str, product: Product) -> None:
        """Release the next MINOR from main, in production, as a team does."""
        repo = self.world.repo(who, product)
        repo.git("fetch", "--quiet", "--tags", "origin")
        steps = (("switch", "--quiet", "main"), ("merge", "--quiet", "--ff-only", "origin/main"))
        if all(repo.tries(*step) for step in steps):
            self.edit_version(who, product, "minor", 9)
            repo.commit_if_changed("feat: release")
            if repo.tries("push", "--quiet", "origin", "main"):
                self.tag(who, product, "production", annotated=True, push=True)

    @rule(minutes=st.sampled_from([20, 130, 1500]))
    def wait(self, minutes: int) -> None:
        self.world.clock.minutes += minutes

    # --- servers -----------------------------------------------------------------------------------

    @rule(name=names, pick=st.integers(0, 5), how=st.sampled_from(MERGES))
    def server_merges(self, name: str, pick: int, how: str) -> None:
        """Merge a branch as the server merges a pull request."""
        found = sorted(refs_of(self.world.remotes[name].folder))
        branches = [ref.removeprefix("refs/heads/") for ref in found if ref.startswith("refs/heads/")]
        branches.remove("main")
        if branches:
            self.note(f"{how}: {self.world.merge(name, branches[pick % len(branches)], how)}")

    @rule(product=products)
    def server_undoes(self, product: Product) -> None:
        """Somebody takes the newest fix out of main."""
        self.world.undo(product)

    @rule(name=names)
    def protect(self, name: str) -> None:
        """From now on main takes pull requests only; or takes pushes again."""
        remote = self.world.remotes[name]
        script = remote.path / "hooks/update"
        if script.exists():
            script.unlink()
        else:
            refuse = 'echo "Open a pull request." >&2; exit 1'
            hook(remote, "update", f'[ "$1" != refs/heads/main ] || {{ {refuse}; }}')
