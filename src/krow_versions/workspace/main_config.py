"""The configuration on the default branch, for hotfixes whose commit lacks it.

A hotfix branch has the files of its production tag. In the clone that starts the hotfix, the configuration in
force is kept for it (see ``hotfix.storage``); in another clone, or where HEAD is detached, only git has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import config, files, git, lazy
from krow_versions.config import FILE_NAME, SECTION
from krow_versions.encoding import BOM, decode
from krow_versions.errors import EncodingError, FileFormatError, FileTooLarge
from krow_versions.files import relative
from krow_versions.formats import MIB, value_at
from krow_versions.names import TAGS
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.formats import toml
    from krow_versions.products import Catalog
    from krow_versions.settings import Config
else:
    (toml,) = lazy.modules("krow_versions.formats", "toml")

PYPROJECT = "pyproject.toml"


@frozen
class MainConfig:
    """A configuration that was read from git.

    Attributes:
        place: where it was read, such as ``origin/main:krow-versions.toml``.
        folder: the folder of its file, relative to the top of the working tree.
        config: what it says.
    """

    place: str
    folder: str
    config: Config


def for_head(top: str, start: str) -> MainConfig | None:
    """Read the configuration on the default branch, if it knows HEAD as a hotfix.

    HEAD is on a hotfix branch; or it is detached, as for a CI job, at the tip of one or at a production tag.
    Git is asked only where HEAD is detached, or the name of its branch has a version in it.

    Args:
        top: the top of the working tree.
        start: a folder inside it; the nearest configuration from there upwards counts.

    Raises:
        ConfigError: it is wrong.
        GitError: git failed.
    """
    refs = [ref for ref in git.refs_of_head(top) if _VERSION.search(ref)]
    found = read(top, start) if refs else None
    return found if found and any(_is_known(found.config.catalog, ref) for ref in refs) else None


def _is_known(catalog: Catalog, ref: str) -> bool:
    """Whether a ref is the hotfix branch, here or on a remote, or the production tag of a product."""
    name = _SHORT.sub("", ref)
    if not ref.startswith(TAGS):
        return catalog.read_branch(name) is not None
    found = catalog.tag_reader(*catalog.products).read(name)
    return found is not None and found[1] == "production"


def read(top: str, start: str) -> MainConfig | None:
    """Read the configuration on the default branch, if there is one; raises as :func:`for_head`."""
    inside = relative(start, top)
    parts = [] if inside == "." else inside.split("/")
    folders = ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]
    paths = [f"{folder}/{name}".lstrip("/") for folder in folders for name in (FILE_NAME, PYPROJECT)]
    for ref, path, data in git.read_on_main(top, paths):
        place = f"{_SHOWN.sub('', ref)}:{path}"
        is_shared = path.endswith(PYPROJECT)
        if len(data) > MIB:
            raise FileTooLarge("this is longer than any configuration", path=place)
        text = section_text(data) if is_shared else decode(data)
        if text is not None:
            settings = config.load(text, path=place, section=SECTION if is_shared else ())
            return MainConfig(place, path.rpartition("/")[0], settings)
    return None


def is_edited(top: str, path: str) -> bool:
    """Whether a configuration in the working tree is not as it is in HEAD; False if there is no such file.

    Args:
        top: the top of the working tree.
        path: its absolute path.

    Raises:
        GitError: git failed.
        FileSystemError: it cannot be read.
    """
    inside = relative(path, top)
    if not files.exists(top, inside):
        return False
    (committed,) = git.read_objects(top, [f"HEAD:{inside}"])
    return committed is None or committed.data != files.read(top, inside, limit=MIB).data


def section_text(data: bytes) -> str | None:
    """Decode a ``pyproject.toml`` that has our section; None for any other, also one with broken TOML."""
    # Most do not contain our name, and need no parsing.
    if SECTION[-1].encode() not in data:
        return None
    try:
        text = decode(data)
        return text if value_at(toml.read_toml(text.removeprefix(BOM)).data, SECTION) is not None else None
    except (EncodingError, FileFormatError):
        return None


_VERSION = regex(r"(?<![0-9])[0-9]++\.[0-9]++\.[0-9]")
_SHOWN = regex("^refs/(?:heads|remotes)/")
_SHORT = regex("^refs/(?:heads|tags|remotes/[^/]+)/")
