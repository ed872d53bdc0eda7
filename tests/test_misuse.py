"""What a program does wrong with the library is refused at once, in words that name the argument."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from matplotlib import pyplot as plt

import krow_versions as kv
from support.krow import checkout

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

WRONG = [b"1.4.0", Path("1.4.0"), ["1.4.0"], 1.4, dt.date(2026, 3, 5), object()]
ROW = kv.ChangelogRow(dt.date(2026, 3, 5), kv.Version(1, 0, 0), "x")
CALLS: dict[str, Callable[[kv.Workspace, Any], object]] = {
    "from_": lambda ws, wrong: ws.plan_bump("web", from_=wrong),
    "version": lambda ws, wrong: ws.plan_row("web", version=wrong, message="x"),
    "apply": lambda ws, wrong: ws.apply(wrong),
    "text": lambda _, wrong: kv.read_version(wrong, format="pubspec"),
    "text ": lambda _, wrong: kv.set_version(wrong, "1.0.0", format="pubspec"),
    "format": lambda _, wrong: kv.read_version("version: 1.0.0\n", format=wrong),
    "text of a CHANGELOG": lambda _, wrong: kv.insert_row(wrong, ROW),
    "row": lambda _, wrong: kv.insert_row("| Version | Change |\n|---|---|\n", wrong),
    "date": lambda _, wrong: kv.Release("t", "production", kv.Version(1, 0, 0), None, wrong, ""),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_value_of_another_type_is_named(name: str, repo: Repo) -> None:
    """The error says which argument it is and what its type is, not which attribute that type lacks."""
    checkout(repo)
    ws = kv.Workspace.open(repo.path)
    for wrong in WRONG:
        with pytest.raises(TypeError, match=rf"\b{name.strip()}\b"):
            CALLS[name](ws, wrong)


def test_a_release_has_a_zone() -> None:
    """A naive date is the caller's mistake, when the release is made, not a bug when it is shown."""
    with pytest.raises(kv.UsageError, match=r"date: .* has no time zone"):
        kv.Release("t", "production", kv.Version(1, 0, 0), None, dt.datetime(2026, 3, 5), "")  # noqa: DTZ001 - Refused.


def test_a_plan_writes_what_it_shows_or_nothing(repo: Repo) -> None:
    """What is left of a plan that was changed is not applied: it would not show what it does."""
    checkout(repo)
    ws = kv.Workspace.open(repo.path)
    plan = ws.plan_bump("web", "backend")
    for changed in (
        attrs.evolve(plan, products=plan.products[:1]),
        attrs.evolve(plan, products=()),
        attrs.evolve(plan, actions=plan.actions[:1]),
        attrs.evolve(plan, actions=()),
    ):
        with pytest.raises(kv.UsageError, match="changed after it was made"):
            ws.apply(changed)
    assert repo.git("status", "--porcelain") == ""
    assert len(ws.apply(pickle.loads(pickle.dumps(plan))).changes) == len(plan.changes)


def test_a_value_is_shown_without_control_characters() -> None:
    """The line of a value stays one line, and moves no cursor, whatever its names are."""
    history = kv.History("web\n\x1b[2K\u202e", ())
    assert repr(history) == "<History of web\\n\\x1b[2K\\u202e: 0 releases>"


@pytest.mark.parametrize("projection", ["polar", "3d"])
def test_a_picture_is_drawn_on_plain_axes(projection: str) -> None:
    """On other axes it could not be read, so it is refused before anything is drawn."""
    figure = plt.figure()
    with pytest.raises(kv.UsageError, match=projection):
        kv.History("web", ()).plot(figure.add_subplot(projection=projection))
    plt.close(figure)


@pytest.mark.parametrize("axes", ["x", [1], object()])
def test_what_is_no_axes_is_named(axes: Any) -> None:
    """As a figure, or the array of axes that subplots gives."""
    with pytest.raises(TypeError, match="ax must be one Axes"):
        kv.History("web", ()).plot(axes)


@pytest.mark.parametrize("figsize", ["x", (1,), (1, 2, 3), (0, 1), (float("nan"), 3), (float("inf"), 3), 5])
def test_what_is_no_size_is_named(figsize: Any) -> None:
    """Of a new figure."""
    with pytest.raises(kv.UsageError, match="figsize"):
        kv.History("web", ()).plot(figsize=figsize)
