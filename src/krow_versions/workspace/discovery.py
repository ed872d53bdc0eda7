"""Finding a workspace: its configuration on disk, or KROW's own products in the folders around."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from krow_versions import config, files, git
from krow_versions.config import FILE_NAME, SECTION
from krow_versions.encoding import decode
from krow_versions.errors import (
    EncodingError,
    FileSystemError,
    GitMissing,
    KrowVersionsError,
    ProductNotFound,
    UnsafePath,
    UsageError,
)
from krow_versions.files import top_of, upwards
from krow_versions.formats import MIB
from krow_versions.products import HOME, KROW
from krow_versions.text.escaping import quoted, quoted_whole
from krow_versions.values import FrozenDict, frozen
from krow_versions.workspace import file_state, main_config, sparse
from krow_versions.workspace.hotfix.storage import kept_config, was_started
from krow_versions.workspace.main_config import PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.products import Product
    from krow_versions.settings import Config


@frozen
class LocatedConfig:
    """A configuration and the file that it is in.

    Attributes:
        path: absolute path of the file; its folder is a real path, and the root of the workspace.
        config: what the file says.
        repos: the real path of each repository's folder, inside that root.
        found_at: where git has it, if there is no such file in the working tree; else empty.
    """

    path: str
    config: Config
    repos: Mapping[str, str]
    found_at: str = ""

    @classmethod
    def of(cls, path: str, settings: Config, found_at: str = "") -> LocatedConfig:
        """Resolve the folder of every repository.

        Raises:
            UnsafePath: one leads out of the workspace, or into git's own folder.
            UsageError: two are the same folder.
        """
        root = os.path.dirname(path)
        repos: dict[str, str] = {}
        for name, folder in settings.repos.items():
            repos[name] = real = _inside(root, folder, path, f"repos.{name}")
            other = next(each for each in repos if repos[each] == real)
            if other != name:
                raise UsageError(
                    f"the repository {other} is in the same folder, {quoted_whole(real)}",
                    path=path,
                    key=f"repos.{name}",
                    hint="leave one of them out",
                )
        return cls(path, settings, repos, found_at)


def folder_of(path: str) -> str:
    """Return the real path of the folder to start from.

    Raises:
        UsageError: there is no such folder.
    """
    start = files.real_path(path)
    if not path or not files.is_folder(start):
        raise UsageError(f"there is no folder {quoted(path)}", hint="name a folder that is there")
    return start


def find(start: str) -> LocatedConfig | None:
    """Find the configuration of the folder *start*: by :func:`above`, or else by :func:`on_main`."""
    return above(start) or on_main(start)


def above(start: str) -> LocatedConfig | None:
    """Find the nearest configuration from the folder *start* upwards, or the one saved for its branch.

    Raises:
        UsageError: a folder has both forms of a configuration, or it cannot be read.
        ConfigError: it is wrong.
        UnsafePath: a repository leads out of the workspace.
        FileSystemError: a folder cannot be read.
    """
    for folder in upwards(start):
        own, shared = os.path.join(folder, FILE_NAME), os.path.join(folder, PYPROJECT)
        is_there = files.status(own) is not None
        text = _with_section(shared, needed=not is_there)
        if is_there and text is not None:
            raise UsageError(
                f"there are two configurations: {FILE_NAME} and [{'.'.join(SECTION)}] in {PYPROJECT}",
                path=folder,
                hint="keep one of the two",
            )
        if is_there:
            return at(own)
        if text is not None:
            return _loaded(shared, text)
    top = top_of(start)
    kept = kept_config(top) if top else None
    if top is None or kept is None:
        return None
    folder, settings = kept
    return LocatedConfig.of(os.path.join(top, folder, FILE_NAME), settings)


def on_main(start: str) -> LocatedConfig | None:
    """Find the configuration on the default branch, for a hotfix that has none; asks git.

    Not where the hotfix was started: there it would have been kept.

    Raises:
        ConfigError: it is wrong.
        UnsafePath: a repository leads out of the workspace.
        GitError: git failed.
    """
    top = top_of(start)
    if top is None or was_started(top):
        return None
    try:
        found = main_config.for_head(top, start)
    except GitMissing:
        return None
    if found is None:
        return None
    return LocatedConfig.of(os.path.join(top, found.folder, FILE_NAME), found.config, found.place)


def is_configured(folder: str) -> bool:
    """Whether a file in *folder* is a configuration, or may be one that cannot be read: opening says why."""
    try:
        own = files.status(FILE_NAME, root=folder)
        return own is not None or _with_section(os.path.join(folder, PYPROJECT), needed=True) is not None
    except KrowVersionsError:
        return True


def has_products(folder: str) -> bool:
    """Whether *folder* is a workspace without a file of its own, or may be one: opening says why not.

    Args:
        folder: the real path of the top of a working tree, or of a folder without git.
    """
    try:
        return find(folder) is not None or _has_krow(folder)
    except KrowVersionsError:
        return True


def at(path: str) -> LocatedConfig:
    """Read the configuration *path*, a ``pyproject.toml`` or any other TOML file.

    Raises:
        UsageError: the file or a repository does not exist, or the file is not readable text.
        FileSystemError: it cannot be read.
        ConfigError: it is wrong.
        UnsafePath: a repository leads out of the folder of the configuration.
    """
    folder, name = os.path.split(files.absolute(path))
    path = os.path.join(files.real_path(folder), name)
    return _loaded(path, _read(path))


def find_krow(start: str) -> str:
    """Find the folder of KROW's products: the top of the repository around *start*, or any without git.

    Raises:
        UsageError: there are no files of the products.
        UnsafePath: the folder became a link meanwhile.
        Unsupported: the repository is bare, or *start* is inside git's own folder; or the configuration is
            in git, and a sparse checkout leaves it out.
        GitError: git refuses to read the repository.
    """
    top = top_of(start)
    sparse.require(top or start, FILE_NAME)
    if ".git" in start.split(os.sep):
        _ask_git(start)  # Git refuses its own folder with a better message.
    for root in [top] if top else upwards(start):
        if _has_krow(root):
            return root
    if top is None:
        _ask_git(start)  # For a bare repository git has a message of its own.
    looked = ", ".join(file.path for product in KROW.products for file in product.files)
    raise UsageError(
        f"there is no workspace at {quoted(top or start)}: none of these files is there: {looked}",
        hint="open a KROW checkout, or describe this folder: krow-versions init",
    )


def check(repos: Mapping[str, str], path: str) -> None:
    """Check that the folder of every repository exists.

    Raises:
        UsageError: one does not.
        FileSystemError: one cannot be read.
    """
    for name, folder in repos.items():
        try:
            is_there = files.is_folder(folder)
        except FileSystemError as error:
            raise error.in_file(path, f"repos.{name}") from None
        if not is_there:
            hint = "clone the repository there, or correct its path"
            raise UsageError(f"there is no folder {folder}", path=path, key=f"repos.{name}", hint=hint)


def real(repos: Mapping[str, str]) -> dict[str, str]:
    """Return the real path of every folder."""
    return {name: files.real_path(folder) for name, folder in repos.items()}


class Followed(FrozenDict[str, str]):
    """Folders of repositories whose links were followed once: a link that comes later must not count."""


def followed(repos: Mapping[str, str]) -> Followed:
    """Return the real path of every folder; what was followed before stays as it is."""
    return repos if isinstance(repos, Followed) else Followed(real(repos))


def require_real(repos: Mapping[str, str]) -> None:
    """Check that no folder has become a link since it was found; raises as :func:`require_same`."""
    require_same(repos, real(repos))


def require_same(checked: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Check that no repository was replaced by a link since its path was checked.

    Raises:
        UnsafePath: one was.
    """
    for name, folder in checked.items():
        if now[name] != folder:
            said = (
                f"the folder of the repository {name} became a link meanwhile, to {quoted_whole(now[name])}"
            )
            raise UnsafePath(said, path=folder, hint="see who changes it, then run the command again")


def absent(product: Product) -> ProductNotFound:
    """Make the error of a product that has no file here."""
    looked = ", ".join(file.path for file in product.files)
    return ProductNotFound(
        f"{product.name} is not in this workspace: there is no {looked}",
        hint="open another workspace",
    )


def _has_krow(root: str) -> bool:
    """Whether *root* holds a file of KROW's products, or a folder that cannot be read and may hold one."""
    repos = real({HOME: root})
    require_same({HOME: root}, repos)
    faults: list[FileSystemError] = []
    return any(
        file_state.find_files(repos, product, None, faults=faults) or faults for product in KROW.products
    )


def _loaded(path: str, text: str) -> LocatedConfig:
    section = SECTION if os.path.basename(path) == PYPROJECT else ()
    found = LocatedConfig.of(path, config.load(text, path=path, section=section))
    check(found.repos, path)
    return found


def _inside(root: str, folder: str, path: str, key: str) -> str:
    """Return the real path of a repository's folder; refuse one outside of the workspace."""
    named = os.path.join(root, folder)
    try:
        real_root, parts = files.resolve(root, folder)
    except UnsafePath:
        target = files.real_path(named)
        is_git = any(map(files.is_git_folder, files.below(root, target) or ()))
        where = "into git's own folder" if is_git else "out of the workspace"
        hint = (
            "put the repository itself there, with git clone or git worktree add, or put the configuration "
            "into the folder that holds all repositories"
        )
        said = f"the repository {quoted_whole(named)} leads {where}, to {quoted_whole(target)}"
        raise UnsafePath(said, path=path, key=key, hint=hint) from None
    return os.path.join(real_root, *parts)


def _with_section(path: str, *, needed: bool) -> str | None:
    """Read a ``pyproject.toml`` that has our section, else None; one with broken TOML is ignored.

    One that cannot be read is an error if it is *needed*: it may be the configuration.
    """
    found = files.status(path, follow=True)
    if found is None or not stat.S_ISREG(found.st_mode) or _leads_to_own(path):
        return None
    try:
        data = _bytes(path)
    except KrowVersionsError as error:
        if not needed:
            return None
        error.advise(f"where a {FILE_NAME} is beside it, that one counts: krow-versions init makes one")
        raise
    return main_config.section_text(data)


def _ask_git(folder: str) -> None:
    """Raise git's own error if *folder* has no working tree; do nothing without git."""
    with contextlib.suppress(GitMissing):
        git.open_repository(folder)


def _leads_to_own(path: str) -> bool:
    """Whether a file is a link to another folder of its repository, where it is found itself."""
    top, real = top_of(os.path.dirname(path)), files.real_path(path)
    elsewhere = os.path.dirname(real) != os.path.dirname(path)
    return elsewhere and top is not None and files.below(top, real) is not None


def _read(path: str) -> str:
    try:
        return decode(_bytes(path))
    except EncodingError as error:
        raise UsageError(error.message, path=path, hint=error.hint) from None


def _bytes(path: str) -> bytes:
    folder, name = os.path.split(path)
    try:
        return files.read(folder, name, limit=MIB).data
    except UnsafePath as error:
        raise UsageError(error.message, path=path, hint="put the file itself there") from None
    except KrowVersionsError as error:
        is_there = not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError)
        kind = FileSystemError if isinstance(error, FileSystemError) and is_there else UsageError
        raise kind(error.message, path=path, hint=error.hint) from None
