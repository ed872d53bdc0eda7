"""The parts of the Sphinx set-up that are code: generated pages, references, no remote assets."""

from __future__ import annotations

import pkgutil
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_of_krow import HELD, examples_of, pages
from sphinx.errors import SphinxError

import krow_versions
from krow_versions import testing

if TYPE_CHECKING:
    import click
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_DOCUMENTED: dict[str, list[str]] = {}
for _module, _names in (
    ("krow_versions", krow_versions.__all__),
    ("krow_versions.errors", vars(krow_versions.errors)),
    ("krow_versions.testing", testing.__all__),
    *HELD.items(),
):
    for _name in _names:
        _DOCUMENTED.setdefault(_name, []).append(_module)
_FUNCTION = re.compile(r"<function (?:\w+\.)*(\w+)>")
_PARAMETER = re.compile(r"<[a-z_]+>")
_REMOTE = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|icon))[^>]*\bhref=["'](?:https?:)?//"""
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect everything here."""
    app.connect("builder-inited", _generate)
    app.connect("missing-reference", _public_name)
    app.connect("autodoc-process-docstring", _whole_sentence, priority=900)
    app.connect("autodoc-process-signature", _readable)
    app.connect("sphinx-click-process-options", _placeholders)
    app.connect("sphinx-click-process-epilog", _examples)
    app.connect("build-finished", _refuse_remote_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _generate(app: Sphinx) -> None:
    """Write the pages that are made from the code; those of a command that has gone go, too."""
    folder = Path(app.srcdir, "generated")
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in pages().items():
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def _readable(*found: Any) -> tuple[str, str] | None:
    """Write a default that is a function by its name; else no part of that signature could be parsed."""
    *_, signature, returned = found
    return (_FUNCTION.sub(r"\1", signature), returned) if signature else None


def _placeholders(_: Sphinx, __: click.Context, lines: list[str]) -> None:
    """Write what stands for a value as the help does, not as the function behind the command calls it."""
    lines[:] = (_PARAMETER.sub("<VALUE>", line) if line.startswith(".. option::") else line for line in lines)


def _examples(_: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Let the page of a command end with its examples."""
    lines += examples_of(context.command)


def _public_name(app: Sphinx, env: BuildEnvironment, node: Any, content: Any) -> Any:
    """Lead a name that is documented where importers see it there, from wherever it is defined.

    A name of the library's own that is documented nowhere is shown as it is; one that is nowhere in
    the library stays an error.
    """
    parts = node.get("reftarget", "").split(".")
    for at, part in enumerate(parts):
        for module in _DOCUMENTED.get(part, ()):
            wanted = ".".join((module, *parts[at:]))
            python = env.domains.python_domain
            found = python.resolve_xref(env, node["refdoc"], app.builder, "obj", wanted, node, content)
            if found is not None:
                return found
    return content if _is_ours(parts) else None


def _is_ours(parts: list[str]) -> bool:
    """Whether a name is somewhere in the library, for importers or not."""
    if parts[0] == "krow_versions":
        try:
            pkgutil.resolve_name(".".join(parts))
        except (ImportError, AttributeError):
            return False
        return True
    ours = (module for name, module in sys.modules.items() if name.partition(".")[0] == "krow_versions")
    return any(parts[0] in vars(module) for module in ours)


def _whole_sentence(_: Sphinx, what: str, __: str, ___: Any, ____: Any, lines: list[str]) -> None:
    """Undo what napoleon takes for a type: the words before a colon in the docstring of a property."""
    said = next((line for line in lines if line.startswith(":type: ")), None)
    if what == "property" and said is not None:
        lines.remove(said)
        lines[0] = f"{said.removeprefix(':type: ')}: {lines[0]}"


def _refuse_remote_assets(app: Sphinx, error: Exception | None) -> None:
    """Let the build fail where a page would load anything from elsewhere."""
    if error is not None:
        return
    for page in sorted(Path(app.outdir).rglob("*.html")):
        if _REMOTE.search(page.read_text(encoding="utf-8")):
            raise SphinxError(f"{page.name} loads something from another machine")
