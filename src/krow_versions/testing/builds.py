"""Samples of version files whose builds stand in places of their own, beside the version or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from krow_versions.testing.sample import Sample, filled, version_texts
from krow_versions.testing.texts import TEXT_LINES, one, some

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


def build_files(texts: SearchStrategy[str] | None = None, *, alone: bool = False) -> SearchStrategy[Sample]:
    """Draw version files with builds in places of their own: Expo's, marked lines, and lines of a template.

    Args:
        texts: the versions in them, each with a build.
        alone: whether the files have no version, only its build.
    """
    texts = version_texts(builds=True) if texts is None else texts
    return _expos(texts, alone) | _marked(texts, alone) | _templates(texts, alone)


@st.composite
def _expos(draw: DrawFn, texts: SearchStrategy[str], alone: bool) -> Sample:
    """Draw an app.json with one build or both."""
    ios, android = draw(one([(True, True), (True, False), (False, True)]))
    members = ['"runtimeVersion": "@V@"', '"extra": {"buildNumber": "7", "versionCode": 7}']
    members += [] if alone else ['"version": "\0"']
    # A zero-padded build would be no number of JSON, so Expo's string has no zeros here, too.
    members += ['"ios": {"bundleIdentifier": "org.krow", "buildNumber": "\2"}'] if ios else []
    members += ['"android": {"versionCode"\t: \2, "minSdkVersion": 21}'] if android else []
    body = draw(one([", ", ",\n  "])).join(draw(st.permutations(members)))
    return filled(draw, "expo", f'{{"name": "app", "expo": {{{body}}}}}\n', texts, alone=alone)


@st.composite
def _marked(draw: DrawFn, texts: SearchStrategy[str], alone: bool) -> Sample:
    """Draw a source with marked lines."""
    lines = ["versionCode \1 // krow-versions"]
    lines += draw(some(["CODE=\1 # krow-versions", "\tcode: '\1', /* krow-versions */"]))
    lines += [] if alone else ['versionName "\0" // krow-versions', *draw(some(["V='\0' # krow-versions"]))]
    return _lines(draw, lines, texts, alone, None)


@st.composite
def _templates(draw: DrawFn, texts: SearchStrategy[str], alone: bool) -> Sample:
    """Draw a source whose lines are found by templates."""
    pools = [["        versionCode {build}"], ["code: {build},", "build ({build})"]]
    if not alone:
        pools += [['        versionName "{version}"'], ["v{version} ({build})", "NAME={version}+{build}"]]
    found = [draw(one(pool)) for pool in pools]
    templates = draw(st.permutations(found))[: draw(st.integers(1, len(found)))]
    if not alone and not any("{version}" in template for template in templates):
        templates = [*templates, "name: {version}"]
    if not any("{build}" in template for template in templates):
        templates = [*templates, "b{build}"]
    lines = [each.replace("{version}", "\0").replace("{build}", "\1") for each in templates]
    return _lines(draw, lines, texts, alone, "\n".join(templates))


def _lines(
    draw: DrawFn, lines: list[str], texts: SearchStrategy[str], alone: bool, key: str | None
) -> Sample:
    others = [line for line in draw(some(TEXT_LINES)) if key is None or line]
    body = "\n".join([*draw(st.permutations([*others, *lines])), "# end", ""])
    return filled(draw, "text", body, texts, alone=alone, key=key)
