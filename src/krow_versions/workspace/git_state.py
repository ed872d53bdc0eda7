"""What git knows of products at one moment, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, lazy
from krow_versions.errors import GitError, GitMissing, KrowVersionsError, Unsupported
from krow_versions.files import top_of
from krow_versions.names import HEADS, TAGS
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.snapshot import RepoState, tag_state
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace import contained_tags
from krow_versions.workspace.containment import FILE_LIMIT, TOTAL_LIMIT, Question, ask
from krow_versions.workspace.logs import commits_of_log, subjects_since_release
from krow_versions.workspace.owned_tags import owned_tags, tag_homes
from krow_versions.workspace.revisions import Revisions, below_top

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from krow_versions.containment import Answer
    from krow_versions.products import Catalog, Product
    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import PastFile, ProductState
    from krow_versions.version import Version
    from krow_versions.workspace import later_lines, open_lines
    from krow_versions.workspace.contained_tags import Key
    from krow_versions.workspace.containment import Asked

    Questions = Callable[["RepositoryState", Sequence[ProductState]], Iterable[Question]]
else:
    later_lines, open_lines = lazy.modules("krow_versions.workspace", "later_lines open_lines")


@frozen
class RepositoryState:
    """What git knows of one repository, for all products in it.

    Attributes:
        repository: its state when it was opened.
        branches: those that were asked for, damaged ones included.
        graph: the commits of HEAD, of those branches and of production tags.
        history: the commits of HEAD.
        tags: the tags of each product, by its slug.
        detached_at, untagged: as in :class:`RepoState`.
        main: the short name of the main branch, if that was asked for; else empty.
    """

    repository: git.Repository
    branches: tuple[git.Ref, ...]
    graph: git.Graph
    history: Container[str]
    tags: Mapping[str, Sequence[git.Ref]]
    detached_at: tuple[str, ...] = ()
    main: str = ""
    untagged: bool = False

    def commit(self, ref: str) -> str | None:
        """Return the commit of a listed branch by its full name; None if there is none.

        Raises:
            GitError: it exists but cannot be read.
        """
        found = next((branch for branch in self.branches if branch.ref == ref), None)
        if found is not None and not found.commit:
            raise GitError(
                f"{quoted(ref)} leads to no commit that is here", hint="git fsck shows what is broken"
            )
        return found.commit if found else None


@frozen
class GitReader:
    """Reads each repository once, whatever the number of products in it.

    Attributes:
        catalog: all products and the patterns of their tags.
        repos: the folder of each repository, by its name.
        products: those to read.
        also: further branches to list: full names, and folders with a slash at the end.
        auditing: whether files are read at tags for an audit, as in :class:`Revisions`.
        hotfix: names main and the remote, if the main branch of each repository is to be listed, too.
        answers: which lines contain which releases, of all that was asked.
        progress: sees the steps.
    """

    catalog: Catalog
    repos: Mapping[str, str]
    products: Sequence[Product]
    also: Sequence[str] = ()
    auditing: bool = False
    hotfix: Hotfix | None = None
    progress: Progress = unseen
    _opened: dict[str, tuple[RepoState, git.Repository | None]] = field(factory=dict, init=False)
    _seen: dict[str, RepositoryState] = field(factory=dict, init=False)
    answers: dict[Question, Answer] = field(factory=dict, init=False)

    def look(self, name: str) -> tuple[RepoState, git.Repository | None]:
        """Open a repository, once; None if there is no git repository."""
        if name not in self._opened:
            self._opened[name] = _look(name, self.repos[name])
        return self._opened[name]

    def seen(self, name: str) -> RepositoryState | None:
        """List the refs of a repository and read its history, once; None if there is no git repository.

        Two processes, and one more to find the main branch; folders of one working tree are one repository.

        Raises:
            GitError: git failed.
        """
        _, repository = self.look(name)
        if repository is None:
            return None
        if repository.root not in self._seen:
            self._seen[repository.root] = self._ask(repository)
        return self._seen[repository.root]

    def prefixes(self, repository: git.Repository) -> dict[str, str]:
        """Return the prefix of the paths of each repository of the workspace, as git sees them."""
        return {name: below_top(repository, folder) for name, folder in self.repos.items()}

    def states(
        self,
        drafts: Sequence[ProductState],
        *,
        since: Version | None = None,
        whole: bool = False,
        log: bool = True,
        beside: Mapping[str, str] | None = None,
        more: Questions | None = None,
    ) -> tuple[ProductState, ...]:
        """Complete *drafts* with what git knows; four processes per repository in addition to :meth:`seen`.

        Args:
            drafts: the products, with files and CHANGELOG read already.
            since: commits are listed from the production tag of this version, or else from the highest.
            whole: whether version files are read at every tag, not only those that carry builds.
            log: whether commits are listed.
            beside: further commits in the product's own repository, by a label; files and CHANGELOG are
                read there, too.
            more: gives further questions of which :attr:`answers` is to have the answers.

        Raises:
            GitError: git failed.
        """
        tagged = [self._tagged(each) for each in steps_of(drafts, "reading tags and commits", self.progress)]
        keys, asked = self._asked(tagged, since=since, more=more)
        revisions = Revisions(self.repos, auditing=self.auditing, whole=whole)
        for draft in tagged:
            home = draft.product.repo
            for name in dict.fromkeys([home, *(file.repo for file in draft.files)]):
                if seen := self.seen(name):
                    tags = seen.tags[draft.product.slug]
                    commits = dict(beside or {}) if name == home else {}
                    commits |= {each.ref: each.commit for each in seen.branches if self._is_line(each.ref)}
                    ends = self._ends(seen, draft.product) if name == home else {}
                    revisions.add(draft, name, seen.repository, tags, commits, ends=ends)
        ids = {repository: each.ids for repository, each in asked.items()}
        past, contents = revisions.read(ids, limit=FILE_LIMIT, total=TOTAL_LIMIT, progress=self.progress)
        for repository, each in asked.items():
            self.answers.update(each.answers(contents[repository], self.progress))
        tagged = [self._judged(state, keys) for state in tagged]
        logs: dict[str, tuple[str, ...]] = {}
        for repository in dict.fromkeys(seen.repository for seen in map(self._home, tagged) if seen and log):
            seen, known = self._seen[repository.root], asked[repository].subjects
            logs |= subjects_since_release(seen, self._of(seen, tagged), since, known)
        return tuple(_completed(state, past.get(state.product.name, {}), logs) for state in tagged)

    def _asked(
        self, states: Sequence[ProductState], *, since: Version | None, more: Questions | None
    ) -> tuple[dict[Key, Question], dict[git.Repository, Asked]]:
        """Ask which production tags HEAD contains, and what else is wanted; nothing in a shallow clone."""
        keys: dict[Key, Question] = {}
        asked: dict[git.Repository, Asked] = {}
        for seen in {id(seen): seen for seen in map(self._home, states) if seen}.values():
            own, repository = self._of(seen, states), seen.repository
            questions: list[Question] = []
            if not repository.shallow:
                head = [repository.head] if repository.head else []
                found = contained_tags.questions(seen.graph, own, head, self.prefixes(repository))
                keys |= found
                questions = [*found.values(), *(more(seen, own) if more else ())]
            commits = (each for state in own for each in commits_of_log(seen, state, since))
            asked[repository] = ask(repository, seen.graph, questions, commits, self.progress)
        return keys, asked

    def _judged(self, state: ProductState, keys: Mapping[Key, Question]) -> ProductState:
        return contained_tags.judged(state, state.repo.head or "", keys, self.answers)

    def _of(self, seen: RepositoryState, states: Sequence[ProductState]) -> list[ProductState]:
        return [state for state in states if self._home(state) is seen]

    def _ask(self, repository: git.Repository) -> RepositoryState:
        own = [product for product in self.products if repository.root in self._roots(product)]
        home = f"{HEADS}{self.catalog.branch.home}/".replace("//", "/")
        is_detached = bool(repository.head) and not repository.branch
        around = [home, _REMOTES] if is_detached else []
        main = ""
        also = [*self.also]
        if self.hotfix is not None:
            main = self.hotfix.main or git.default_branch(repository, self.hotfix.remote)
            also += [side + main for side in later_lines.sides(self.hotfix)]
            lines = later_lines.listed_for(self.hotfix)
            around += [side + each for side in later_lines.sides(self.hotfix) for each in lines]
        patterns = [*also, *around, *tag_homes(self.catalog, own)]
        refs = git.list_refs(repository.root, patterns, common=repository.common_dir)
        at_head = (each.ref for each in refs if is_detached and each.commit == repository.head)
        branches = tuple(each for each in refs if _is_one(each.ref, also) or self._is_line(each.ref))
        head = [repository.head] if repository.head else []
        found = owned_tags(self.catalog, refs, own)
        released = {each.commit for some in found.values() for each, stage in some if stage == "production"}
        released.discard("")
        tips = {*head, *(each.commit for each in branches if each.commit)}
        graph, broken = _graph(repository.root, tips if refs else set(), released)
        tags = {
            slug: [evolve(each, commit="") if each.commit in broken else each for each, _ in some]
            for slug, some in found.items()
        }
        tips |= released
        history = graph.ancestors(head) if len(tips) > 1 else graph.parents
        untagged = not any(tags.values()) and git.gives_no_tags(repository.settings())
        hotfixes = self._hotfixes(at_head)
        return RepositoryState(repository, branches, graph, history, tags, hotfixes, main, untagged)

    def _hotfixes(self, refs: Iterable[str]) -> tuple[str, ...]:
        """Return the names of hotfix branches among *refs*; the name of a remote may have slashes."""
        names = []
        for ref in refs:
            parts = ref.removeprefix(HEADS).removeprefix(_REMOTES).split("/")
            names += ["/".join(parts[at:]) for at in range(len(parts))]
        return tuple(dict.fromkeys(name for name in names if self.catalog.read_branch(name)))

    def _ends(self, seen: RepositoryState, product: Product) -> dict[str, str]:
        lines = self.hotfix and open_lines.OpenLines(self.catalog, self.hotfix, seen.branches, seen.graph)
        return lines.ends(product, seen.main) if lines else {}

    def _is_line(self, ref: str) -> bool:
        return self.hotfix is not None and later_lines.line_of(self.hotfix, ref) is not None

    def _roots(self, product: Product) -> set[str]:
        """Return the roots of the repositories that a product has tags or files in."""
        names = {product.repo, *(file.repo or product.repo for file in product.files)}
        found = (self.look(name)[1] for name in sorted(names))
        return {repository.root for repository in found if repository is not None}

    def _tagged(self, draft: ProductState) -> ProductState:
        product, seen = draft.product, self.seen(draft.product.repo)
        if seen is None:
            return draft
        reader = self.catalog.tag_reader(product)
        tags = tuple(
            tag_state(
                reader,
                each.ref.removeprefix(TAGS),
                reachable=each.commit in seen.history,
                readable=bool(each.commit),
                annotated=each.object_type == "tag",
                commit=each.commit,
                object_id=each.object_id,
                named=each.named,
                dated=each.dated,
                subject=each.subject,
            )
            for each in seen.tags[product.slug]
        )
        return evolve(
            draft,
            repo=evolve(draft.repo, detached_at=seen.detached_at, untagged=seen.untagged),
            tags=tags,
        )

    def _home(self, state: ProductState) -> RepositoryState | None:
        return self.seen(state.product.repo)


def _graph(root: str, tips: set[str], released: set[str]) -> tuple[git.Graph, frozenset[str]]:
    """Read the commits of *tips* and *released*; and return those of *released* whose history is damaged."""
    try:
        return git.read_graph(root, tips | released), frozenset()
    except GitError:
        graph = git.read_graph(root, tips)
    broken = git.damaged(root, released - tips, graph)
    return git.read_graph(root, released - broken, graph), broken


_REMOTES = "refs/remotes/"


def _is_one(ref: str, patterns: Iterable[str]) -> bool:
    """Whether *ref* is one of some full names, or in one of some folders."""
    return any(ref.startswith(each) if each.endswith("/") else ref == each for each in patterns)


def _look(name: str, root: str) -> tuple[RepoState, git.Repository | None]:
    """Open a repository; the state holds the error if git is missing or cannot read it."""
    error: KrowVersionsError | None = None
    try:
        repository = git.open_repository(root)
    except GitMissing as missing:
        repository, error = None, missing
    if repository is not None:
        branch = repository.branch.removeprefix(HEADS) if repository.branch else None
        state = RepoState(
            name,
            root,
            head=repository.head,
            branch=branch,
            shallow=repository.shallow,
            under_way=repository.under_way(),
        )
        return state, repository
    if top_of(root) is None:
        return RepoState(name, root), None
    unknown = Unsupported(
        "there is a .git here that git does not recognise",
        path=root,
        hint="run git status there; git fsck may show more",
    )
    return RepoState(name, root, error=error or unknown), None


def _completed(
    state: ProductState, past: Mapping[str, Sequence[PastFile]], logs: Mapping[str, tuple[str, ...]]
) -> ProductState:
    return evolve(
        state,
        committed=tuple(past.get("committed", ())),
        released=tuple(past.get("released", ())),
        past=tuple(past.get("past", ())),
        beside=tuple(past.get("beside", ())),
        pins_beside=tuple(past.get("pins_beside", ())),
        subjects=logs.get(state.product.name),
    )
