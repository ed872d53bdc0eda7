"""Findings and reports of an audit: of awkward texts, of attacks, of a checkout with faults."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from krow_versions.audit import Finding, Report
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.history import History, Release
from krow_versions.products import KROW, Product, VersionFile
from krow_versions.settings import Ignore
from krow_versions.snapshot import FileState, ProductState, RepoState, Snapshot
from krow_versions.version import Version
from support import krow
from support.audits import NOW, clean
from support.displays import HOSTILE

if TYPE_CHECKING:
    from support.repositories import Repo

AWKWARD = (
    "\x1b[2K\x1b]0;x\x07", "a\nb: error: x [KV101]", "a\r\nb", "\u202egnp\u2066", "\x9b31m", "\udcff\udc80",
    "<script>alert(1)</script>", "100%, done: a,b::error::x", "\u2028x\x85y\x0cz", "](https://evil.example)",
    "|`*_[x](y)", "https://me:secret@example.org/r.git", "", " ", "x" * 3000,
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=40), st.text(st.characters(), max_size=10))
ONE: dict[str, str | None] = {".": ""}
"""The folders of a workspace that is one repository."""
WHEN = dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC)
ATTACKS = (
    *HOSTILE,
    "<script>document.title = 'attacked'; alert(1)</script>",
    "<svg onload=\"document.title = 'attacked'\">",
    "{{ 7 * 7 }}{% raw %}",
    "https://me:secret@example.org/r.git",
    "javascript:alert(1)",
)


def finding(code: str = "KV101", **changes: Any) -> Finding:
    """A finding about a file of web, but for what is said."""
    severity, message = FINDINGS[code].severity, f"{krow.WEB} says 1.3.9, but 1.4.0 is out"
    about = Finding(code, severity, "web", ".", krow.WEB, 3, message, "krow-versions show")
    return attrs.evolve(about, **changes)


def report(*findings: Finding, ignored: tuple[tuple[Finding, Ignore], ...] = ()) -> Report:
    """A report over worker-mobile and web."""
    states = (
        ProductState(KROW.product(name), RepoState(".", "/r"), (FileState(".", path, format_),))
        for name, path, format_ in (
            ("worker-mobile", krow.STAFF, "pubspec"),
            ("web", krow.WEB, "package-json"),
        )
    )
    return Report(findings, ignored, ("worker-mobile", "web"), WHEN, Snapshot(KROW, tuple(states)))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """A finding of any kind whose every text is awkward."""
    return Finding(
        draw(st.sampled_from(sorted(FINDINGS))),
        draw(st.sampled_from(SEVERITIES)),
        draw(st.sampled_from(["worker-mobile", "web", None])),
        draw(TEXTS.filter(bool)),
        draw(st.none() | TEXTS),
        draw(st.none() | st.integers(1, 10**9)),
        draw(TEXTS),
        draw(TEXTS),
        draw(TEXTS),
    )


def hostile() -> Report:
    """A report whose every name, message, path, tag and reason is an attack."""
    states, found, histories = [], [], []
    for at, text in enumerate(ATTACKS):
        name = f"{text}{at}"
        product = Product(name, name, (VersionFile(text),), title=text)
        states.append(ProductState(product, RepoState(".", "/r"), (FileState(text, text, "pubspec"),)))
        severity, code = SEVERITIES[at % 3], list(FINDINGS)[at]
        found.append(Finding(code, severity, name, text, text or None, at, text, text, text))
        release = Release(text, text, Version(1, 0, at), at, NOW + dt.timedelta(days=at), text)
        histories.append(History(name, (release, attrs.evolve(release, stage="production"))))
    ignored = tuple((each, Ignore(each.code, each.message, dt.date(2027, 1, 1))) for each in found)
    return Report(
        (*found, attrs.evolve(found[0], product=None)),
        ignored,
        tuple(state.product.name for state in states),
        NOW,
        Snapshot(KROW, tuple(states)),
        tuple(histories),
    )


def broken(repo: Repo) -> Repo:
    """A checkout with findings of several products and severities."""
    clean(repo).write(krow.STAFF, krow.pubspec("0.0.9+4"))
    repo.write(krow.WEB, krow.package("1.4.1"))
    repo.write(krow.CLIENT, "version: [\n")
    repo.commit()
    repo.tag("krow-withus-web/prod-v1.4.1", annotated=False)
    repo.git("branch", "hotfix/nonsense")
    return repo


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2."""

    def luminance(color: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
