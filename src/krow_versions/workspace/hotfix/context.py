"""The repository in which the hotfixes of a product happen, and fetching what its remote has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import Conflict, GitError, GitMissing, Unsupported
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.commands import Calls, Place
from krow_versions.planning.expectations import HeadAt, RefAt
from krow_versions.text.words import listed
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace import discovery, later_lines
from krow_versions.workspace.hotfix.sharing import ALL, SharedRecords, last_seen, received
from krow_versions.workspace.hotfix.tag_names import tags_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.hotfix import Facts
    from krow_versions.products import Catalog, Product
    from krow_versions.settings import Hotfix
    from krow_versions.version import Version
    from krow_versions.workspace.clock import Clock
    from krow_versions.workspace.protocols import Opened


@frozen
class HotfixContext:
    """The repository that a product's tags are in, with the names that hotfixes use there.

    Attributes:
        product: the product.
        repository: as it stood when it was opened.
        catalog: how tags and branches are called.
        settings: what is configured; the main branch may be left to git.
        remote: the remote's name, or None where it is not configured in this repository.
        calls: how people call krow-versions and git for the hotfix.
        place: where the command line was called.
        clock: what gives the present moment.
        main_name: the short name of the main branch; empty until :func:`consult` has found it.
    """

    product: Product
    repository: git.Repository
    catalog: Catalog
    settings: Hotfix
    remote: str | None
    calls: Calls
    place: Place
    clock: Clock = field(eq=False)
    main_name: str = ""

    @classmethod
    def of(cls, workspace: Opened, name: str) -> HotfixContext:
        """Open the repository of a product.

        Raises:
            UsageError: there is no such product.
            Unsupported: the product is in no git repository.
            UnsafePath: the repository's folder became a link meanwhile.
            GitError: git failed.
        """
        product = workspace[name].product
        discovery.require_real(workspace.repos)
        root = workspace.repos[product.repo]
        repository = git.open_repository(root)
        if repository is None:
            raise no_repository(product, root)
        names = git.remote_names(repository)
        settings = workspace.config.hotfix.of(names)
        remote = settings.remote if settings.remote in names else None
        place = workspace.place
        is_here = len(workspace.repos) == 1 and place.folder in ("", root)
        calls = Calls(product.name, options=place.options, root="" if is_here else root)
        catalog, clock = workspace.catalog, workspace.clock
        return cls(product, repository, catalog, settings, remote, calls, place, clock)

    def of_product(self, product: Product) -> HotfixContext:
        """Give the context of another product in the same repository."""
        return evolve(self, product=product, calls=evolve(self.calls, product=product.name))

    def called(self, version: Version, *, alone: bool) -> HotfixContext:
        """Give the context in which commands are of one hotfix.

        Args:
            version: what it ships.
            alone: whether a command without ``--version`` finds it where HEAD is on no hotfix branch.
        """
        found = alone if self.checked_out is None else self.checked_out == version
        return evolve(self, calls=evolve(self.calls, version="" if found else str(version)))

    @property
    def offered(self) -> str:
        """The command that was called, for this hotfix."""
        return self.calls.hotfix(self.place.command, self.place.rest)

    @property
    def checked_out(self) -> Version | None:
        """The version whose hotfix branch HEAD is on; None for any other branch."""
        return self.reserved(self.repository.branch or "")

    def reserved(self, ref: str) -> Version | None:
        """Give the version that a hotfix branch of the product is for; None for any other branch.

        Args:
            ref: the full name of a branch, here or on the remote.
        """
        name = ref.removeprefix(HEADS).removeprefix(self.tracked(""))
        parsed = self.catalog.read_branch(name)
        is_own = parsed is not None and parsed[0] == self.product.slug and not parsed[1].prerelease
        return parsed[1].with_build(None) if parsed and is_own else None

    def who(self) -> str:
        """Ask git for the name that entries of a record get here."""
        return git.identity(self.repository)

    @property
    def shared(self) -> SharedRecords | None:
        """The records of the product on the remote; None if they are not shared."""
        if not self.settings.share or self.remote is None:
            return None
        return SharedRecords(self.repository, self.remote, self.product.name, self.product.slug)

    def receive(self, version: Version, *, acts: bool = False) -> tuple[str, ...]:
        """Fetch the record of a version, if records are shared.

        Returns:
            What is wrong, for people: then what was last seen counts.
        """
        shared, reach = self.shared, git.Reach.ACT if acts else git.Reach.ASK
        return received([shared], shared.ref(version), reach) if shared else ()

    def require_remote(self) -> None:
        """Refuse to go on without a remote where there are some, but not the one that hotfixes go to.

        Raises:
            Conflict: so it is.
        """
        names = git.remote_names(self.repository)
        if self.remote is None and names:
            raise Conflict(
                f"there is no remote {self.settings.remote} here, but {listed(names)}; nothing was changed",
                hint=f'say in the configuration which one hotfixes go to: [hotfix] remote = "{names[0]}"',
            )

    @property
    def git(self) -> str:
        """How people call git in this repository: they may stand in another one."""
        return self.calls.git

    @property
    def shown_root(self) -> str:
        """The repository's folder where people do not stand in it, so that commands name it; else empty."""
        return self.calls.root

    @property
    def main(self) -> str:
        """The full name of the main branch."""
        return HEADS + self.main_name

    @property
    def tracked_main(self) -> str:
        """The full name of the remote-tracking branch of main."""
        return self.tracked(self.main)

    def tracked(self, branch: str) -> str:
        """Give the full name of the remote-tracking branch of a branch, by its full name."""
        return f"refs/remotes/{self.settings.remote}/{branch.removeprefix(HEADS)}"

    def branch(self, version: Version) -> str:
        """Give the full name of the branch of *version*."""
        return HEADS + self.catalog.branch.format(self.product.slug, version)

    def request(self, version: Version) -> str:
        """Give the full name of the branch on the remote that holds the merge of *version* into main."""
        return f"{HEADS}merge/{self.branch(version).removeprefix(HEADS)}"

    def tag(self, facts: Facts) -> str:
        """Give the full name of the production tag of a hotfix, which may not be made yet."""
        return TAGS + facts.tag_name(self.catalog)

    def expected(self, facts: Facts) -> tuple[HeadAt | RefAt, ...]:
        """Give where HEAD, the branch and the tag of a hotfix were when *facts* were gathered."""
        repo, head, tag = self.product.repo, facts.state.repo, self.tag(facts)
        return (
            HeadAt(repo, HEADS + head.branch if head.branch else None, head.head),
            RefAt(repo, HEADS + facts.branch, facts.tip_here),
            *([] if "*" in tag else [RefAt(repo, tag, facts.tag_at, facts.tag_object)]),
        )


@frozen
class Consulted:
    """What is known of the remote before a hotfix is looked at.

    Attributes:
        context: the context, with the name of the main branch; without it if the remote was not asked.
        there: what the remote has of the main branch and of the hotfix; None if it was not asked, or did
            not answer.
        unasked: why it did not answer, with a hint, or None.
        differing: the names of tags that differ here and on the remote; the local ones were kept.
        warnings: what is wrong with the shared record; then what was last seen counts.
        ahead: whether the remote lacks something that was seen of the shared record.
    """

    context: HotfixContext
    there: git.RemoteState | None = None
    unasked: str | None = None
    differing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ahead: bool = False


def consult(
    context: HotfixContext, version: Version | None, *, fetch: bool, ask: bool = True, acts: bool = False
) -> Consulted:
    """Find the main branch, ask the remote what it has, and fetch that if *fetch*.

    The main branch is the configured one, or else the one that the remote's HEAD names, or else the
    default branch of the repository.

    Args:
        context: the repository and its remote.
        version: of the hotfix whose branch and tag are asked for.
        fetch: whether to fetch main, the hotfix branches and the product's tags.
        ask: whether to ask the remote; what it has stays unknown if it does not answer.
        acts: whether programs of the repository may run to reach the remote; they may for a fetch.

    Raises:
        GitError: git failed, or the remote cannot be fetched from.
    """
    remote = context.remote
    if remote is None or not (fetch or ask):
        return Consulted(_with_main(context, None))
    reach = git.Reach.ACT if acts or fetch else git.Reach.ASK
    own = [HEADS + context.settings.main] if context.settings.main else []
    hotfix = [context.branch(version), context.request(version)] if version else []
    shared = context.shared if version else None
    own += [*hotfix, *tags_asked(context.catalog, context.product, version)] if version else []
    own += [shared.ref(version)] if shared and version else []
    lines = filter(None, later_lines.listed_for(context.settings))  # Not all branches of a server.
    own += [f"{HEADS}{each}*" if each.endswith("/") else HEADS + each for each in lines]
    try:
        context, there = _ask(context, remote, own, reach)
        later = [ref for ref in there.refs if later_lines.line_of(context.settings, ref)]
        wanted = dict.fromkeys([context.main, *hotfix, *later])
        differing = _fetch(context, remote, there, [*wanted]) if fetch else ()
    except GitMissing:
        raise
    except GitError as error:
        if not fetch:
            return _silent(context, error, shared)
        error.advise("try again, or with fetch=False, to use what is known of the remote here")
        raise
    if shared is None or version is None:
        return Consulted(context, there, differing=differing)
    ref = shared.ref(version)
    warnings = received([shared], ref, reach, there.refs)
    known = there.refs[ref].peeled if ref in there.refs else None
    ahead = git.object_ids(context.repository, [ref]).get(ref) != known
    return Consulted(context, there, differing=differing, warnings=warnings, ahead=ahead)


def consult_all(context: HotfixContext, products: Sequence[Product]) -> Consulted:
    """Ask the remote, by one process, for the main branch and all hotfixes of *products*.

    Raises:
        GitError: git failed here.
    """
    branch = context.catalog.branch
    homes = dict.fromkeys(branch.home or branch.folder(product.slug) for product in products)
    every = [context.of_product(product).shared for product in products]
    shared = [each for each in every if each]
    if context.remote is None or "" in homes:  # Not all branches of a server.
        return Consulted(context, warnings=received(shared, ALL, git.Reach.ASK))
    own = [HEADS + context.settings.main] if context.settings.main else []
    own += [f"{HEADS}{folder}{home}/*" for home in homes for folder in ("", "merge/")]
    own += [f"{TAGS}{folder}*" for folder in context.catalog.tag_folders(products)]
    own += [ALL] if shared else []
    try:
        context, there = _ask(context, context.remote, own, git.Reach.ASK)
    except GitMissing:
        raise
    except GitError as error:
        return _silent(context, error, *shared[:1])
    return Consulted(context, there, warnings=received(shared, ALL, git.Reach.ASK, there.refs))


def _ask(
    context: HotfixContext, remote: str, own: list[str], reach: git.Reach
) -> tuple[HotfixContext, git.RemoteState]:
    """Ask the remote for refs, its HEAD and main; give the context with the name of main, too."""
    there = git.ask_remote(context.repository, remote, own, head=True, reach=reach)
    context = _with_main(context, there.head)
    if context.main not in own and there.head is None:  # It has to be asked for by its name.
        own.append(context.main)
        there = git.ask_remote(context.repository, remote, own, reach=reach)
    return context, there


def _silent(context: HotfixContext, error: GitError, shared: SharedRecords | None = None) -> Consulted:
    """Say why the remote did not answer."""
    why = "\n  hint: ".join(filter(None, (error.message, error.hint)))
    missed = (last_seen(shared, error),) if shared else ()
    return Consulted(_with_main(context, None), unasked=why, warnings=missed)


def _with_main(context: HotfixContext, head: str | None) -> HotfixContext:
    """Add the name of the main branch; *head* is the full name of the branch that the remote's HEAD names."""
    named = context.settings.main or (head.removeprefix(HEADS) if head else None)
    name = named or git.default_branch(context.repository, context.remote)
    return evolve(context, main_name=name)


def _fetch(
    context: HotfixContext, remote: str, there: git.RemoteState, wanted: Sequence[str]
) -> tuple[str, ...]:
    home = context.catalog.branch.home
    refs = [f"{HEADS}{home}/*"] if home else []
    refs += [f"{TAGS}{folder}*" for folder in context.catalog.tag_folders([context.product])]
    refs += [ref for ref in wanted if ref in there.refs and not (home and ref.startswith(f"{HEADS}{home}/"))]
    differing = git.fetch(context.repository, remote, refs)
    return tuple(tag.ref.removeprefix(TAGS) for tag in differing)


def no_repository(product: Product, root: str) -> Unsupported:
    """Give the error for a product whose folder is in no git repository."""
    return Unsupported(
        f"{product.name} is in no git repository, and a hotfix is a branch of one",
        path=root,
        hint="open another workspace",
    )
