"""YAML. Its parser, and its quick reader, are loaded when the first text needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.formats.model import Format

if TYPE_CHECKING:
    from krow_versions.formats.model import Document, Outline


def read_yaml(text: str) -> Document:
    """Parse one YAML document whose top level is a mapping without duplicate keys."""
    from krow_versions.formats.yaml_tree import parse_yaml

    return parse_yaml(text)


def quick_yaml(chosen: Format, text: str) -> Outline | None:
    """Read plain YAML without its parser, if *chosen* reads it with :func:`read_yaml`; return None if not."""
    return plain_yaml(text) if chosen.read is read_yaml else None


def plain_yaml(text: str) -> Outline | None:
    """Read plain YAML without its parser, or return None; the data is the same as that of the parser."""
    from krow_versions.formats.yaml_lines import outline_of

    return outline_of(text)


YAML = Format("yaml", read_yaml, delimited=True, quick=quick_yaml)
