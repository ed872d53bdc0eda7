"""How many version files a second are read, beside the parser of their format alone."""

from __future__ import annotations

import importlib
import json
import tomllib
from io import StringIO
from statistics import median
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

import documents
import krow_versions as kv
from krow_versions.formats import find_version, format_named, known_by_name
from measure import Case, Options, Report, call, headline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

PLAIN = 200
WANTED = {
    "pubspec": "10,000/s",
    "pyproject": "10,000/s",
    "cargo": "10,000/s",
    "package-json": "20,000/s",
}


def run(options: Options) -> list[Report]:
    groups = {kind: documents.plain(kind, PLAIN) for kind in documents.KINDS}
    cases = [case for kind, texts in groups.items() for case in cases_of(kind, kind, texts)]
    if options.corpus is not None:
        for kind, texts in sorted(corpus(options.corpus).items()):
            cases += cases_of(f"{kind} of {options.corpus.name}", kind, texts)
    return [Report("readers", headline(__doc__), options.measure(cases, 5), unit="files", against="parser")]


def cases_of(name: str, kind: str, texts: Sequence[str]) -> Iterator[Case]:
    """Reading a version, and each parser that may read the same text."""
    chosen = format_named(kind)
    size = median(len(text.encode()) for text in texts)
    note = f"{size / 1000:.1f} kB"
    if chosen.quick is not None:
        share = sum(find_version(text, chosen).quick for text in texts) / len(texts)
        note += f", {share:.0%} quick"
    parsers = parsers_of(kind)
    for parser, parse in parsers.items():
        yield Case(f"{name}: {parser}", call(each(parse, texts)), count=len(texts), ours=False)
    first = f"{name}: {next(iter(parsers))}"
    read = each(lambda text: kv.read_version(text, format=kind), texts)
    yield Case(f"{name}: read_version", call(read), first, WANTED.get(kind, ""), len(texts), note=note)


def each(function: Callable[[str], object], texts: Sequence[str]) -> Callable[[], None]:
    def run() -> None:
        for text in texts:
            function(text)

    return run


def parsers_of(kind: str) -> dict[str, Callable[[str], object]]:
    """What a program would read such a file with, the one that we stand on first."""
    if kind in ("pubspec", "chart"):
        return {"ruamel.yaml": ruamel} | pyyaml()
    if kind in ("pyproject", "cargo"):
        return {"tomllib": tomllib.loads}
    return {"json": json.loads}


def ruamel(text: str) -> object:
    return YAML(typ="safe", pure=True).load(StringIO(text))


def pyyaml() -> dict[str, Callable[[str], object]]:
    """PyYAML with the parser in C, where it is installed."""
    try:
        yaml = importlib.import_module("yaml")
        loader = yaml.CSafeLoader
    except (ImportError, AttributeError):
        return {}
    return {"PyYAML in C": lambda text: yaml.load(text, loader)}


def corpus(folder: Path) -> dict[str, list[str]]:
    """The texts of a folder that can be read, by format. `OWNER__REPO__NAME` is a file NAME, too."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        chosen = known_by_name(path.name.rpartition("__")[2])
        if chosen is None or chosen.name not in documents.KINDS or not path.is_file():
            continue
        try:
            text = path.read_bytes().decode()
            kv.read_version(text, format=chosen.name)
            parse = next(iter(parsers_of(chosen.name).values()))
            parse(text)
        except Exception:  # noqa: BLE001, S112 - what either refuses is not compared.
            continue
        found.setdefault(chosen.name, []).append(text)
    return found
