"""The way in: from a text to a configuration, or to everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.config.building import meaning
from krow_versions.config.parsing import read_data, read_shape
from krow_versions.config.problems import Mistakes
from krow_versions.encoding import BOM

if TYPE_CHECKING:
    from krow_versions.settings import Config


def load(text: str, *, path: str, section: tuple[str, ...] = ()) -> Config:
    r"""Read a configuration.

    A product called as one of KROW's takes from it what the text leaves out. A text with
    ``[products]`` has the products that it names and no others; one without keeps KROW's four.

    Args:
        text: the whole file, as decoded.
        path: the file, for messages.
        section: where in the file it is: ``("tool", "krow-versions")`` in a ``pyproject.toml``.

    Raises:
        ConfigError: what is wrong, all of it at once, with line and key path.

    Not seen here, but on disk: what globs match, links that lead out of a repository, two names of
    one file on a disk that takes upper and lower case for the same.

    >>> config = load('[products.web]\ntitle = "Shop"\n', path="krow-versions.toml")
    >>> [(product.title, product.slug) for product in config.catalog.products]
    [('Shop', 'krow-withus-web')]
    """
    mistakes = Mistakes(path, text.removeprefix(BOM), section)
    data = read_data(mistakes)
    file = read_shape(data, mistakes)
    config = None
    if file is not None:
        named = {key: tuple(value) if isinstance(value, dict) else () for key, value in data.items()}
        config = meaning(file, mistakes, named=named)
    mistakes.raise_all()
    if config is None:  # pragma: no cover
        raise AssertionError("a file that is refused has a mistake")
    return config
