"""Pictures: what is drawn can be read, nothing overlaps, and nothing outside the picture changes."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import attrs
import matplotlib as mpl
import matplotlib.style
import nbformat
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.text import Text
from nbclient import NotebookClient

import krow_versions as kv
from krow_versions import pictures
from krow_versions.history import History, Release
from krow_versions.pictures import (
    Entry,
    Mark,
    PlannedMilestone,
    Point,
    draw_matrix,
    draw_milestones,
    draw_releases,
)
from krow_versions.pictures.canvas import DARK_INK, GREY_INK, LIGHT_INK
from krow_versions.pictures.places import spread
from krow_versions.version import Version
from support import krow
from support.audits import audit, clean
from support.displays import HOSTILE
from support.notebook import history as notebook_history
from support.reports import TEXTS, contrast
from support.samples import DEPLOYED, facts, minutes, of, record, shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from support.repositories import Repo

DAY = dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC)
STAGES = ("production", "staging", "development")
MARKS = (
    pictures.GOOD,
    pictures.DONE,
    pictures.AHEAD,
    pictures.DOUBT,
    pictures.BAD,
    pictures.NEUTRAL,
)
GROUNDS = {"white": DARK_INK, "#1e1e1e": LIGHT_INK, "#14171a": LIGHT_INK, "black": LIGHT_INK}


def points(number: int, days: float = 1.7) -> list[Point]:
    """Releases of all stages, evenly in time, versions that grow."""
    return [
        Point(STAGES[at % 3], DAY + dt.timedelta(days=at * days), f"0.{at // 9}.{at % 9}")
        for at in range(number)
    ]


def entries(number: int, name: str = "backend/api/package.json") -> list[Entry]:
    return [
        Entry(f"0.{at}.1+{at * 7}", "at production", name, MARKS[at % len(MARKS)]) for at in range(number)
    ]


def rendered(axes: Axes) -> list[tuple[Text, Bbox]]:
    """Draw it, and give every text that is seen, with its place in pixels."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    texts: list[Any] = figure.findobj(Text)
    return [
        (each, each.get_window_extent(renderer))
        for each in dict.fromkeys(texts)
        if each.get_visible() and each.get_text().strip()
    ]


def assert_readable(*several: Axes) -> list[str]:
    """No text overlaps another one, and each is within the box of its axes; give the texts."""
    found = rendered(several[0])
    x0, y0, x1, y1 = np.array([box.extents for _, box in found]).reshape(-1, 4).T
    apart = (x1[:, None] <= x0 + 1) | (y1[:, None] <= y0 + 1)
    overlaps = np.argwhere(~(apart | apart.T | np.eye(len(found), dtype=bool)))
    assert [[found[at][0].get_text() for at in pair] for pair in overlaps[:3]] == []
    for text, box in found:
        assert text.axes in several
        whole = text.axes.bbox
        inside = box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1
        assert inside, (text.get_text(), box, whole)
        assert box.y0 >= whole.y0 - 1, (text.get_text(), box, whole)
        assert box.y1 <= whole.y1 + 1, (text.get_text(), box, whole)
    return [text.get_text() for text, _ in found]


def own_axes(width: float, height: float) -> Axes:
    """The axes of a caller, with the margins that matplotlib gives them."""
    return Figure(figsize=(width, height)).add_subplot()


# --- what all pictures share ----------------------------------------------------------------------


def test_marks_differ_on_any_ground() -> None:
    """Each has a marker of its own, and a contrast of 3:1 to light and dark; so has the ink."""
    assert len({mark.marker for mark in MARKS}) == len({mark.color for mark in MARKS}) == len(MARKS)
    for ground, ink in GROUNDS.items():
        assert contrast(ink, ground) > 4.5
    for ground in (*GROUNDS, "#111111"):
        assert {
            color for color in (*(mark.color for mark in MARKS), GREY_INK) if contrast(color, ground) < 3
        } == set()


DRAWN: dict[str, Callable[[Axes | None], Axes]] = {
    "releases": lambda axes: draw_releases(points(9), "Releases", axes),
    "matrix": lambda axes: draw_matrix([("web", entries(2))], "Versions", axes),
    "milestones": lambda axes: draw_milestones(_stops(), 60, "told", "Hotfix", axes),
}


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize(("ground", "ink"), GROUNDS.items())
def test_ink_is_chosen_by_the_ground(draw: str, ground: str, ink: str) -> None:
    """On dark axes all texts are light, on light ones dark, whatever the figure is."""
    figure = Figure(figsize=(8, 4), facecolor="white")
    axes = figure.add_subplot(facecolor=ground)
    assert DRAWN[draw](axes) is axes
    assert {to_hex(text.get_color()) for text, _ in rendered(axes)} == {ink}


@pytest.mark.parametrize("draw", DRAWN)
def test_a_new_figure_is_readable_on_any_page(draw: str) -> None:
    """It has no background, and its colours have a contrast of 3:1 to a light and to a dark page."""
    axes = DRAWN[draw](None)
    figure = axes.figure
    assert isinstance(figure, Figure)
    assert [to_rgba(patch.get_facecolor())[3] for patch in (figure.patch, axes.patch)] == [0, 0]
    colors = {to_hex(text.get_color()) for text, _ in rendered(axes)}
    colors |= {to_hex(line.get_color()) for line in axes.get_lines()}
    for page in ("white", "#111111"):
        assert {color for color in colors if contrast(color, page) < 3} == set()
    # Of a picture without a background, Jupyter makes one that fits its tick labels, if it has any.
    assert not [*axes.get_xticklabels(), *axes.get_yticklabels()]


def test_a_figure_follows_a_style() -> None:
    """A style with a background and a text colour, such as `dark_background`, is kept."""
    with mpl.rc_context():
        matplotlib.style.use("dark_background")
        axes = draw_releases(points(3), "Releases")
        assert to_hex(axes.figure.get_facecolor()) == "#000000"
        assert {to_hex(text.get_color()) for text, _ in rendered(axes)} == {"#ffffff"}
    with mpl.rc_context({"text.color": "#b58900"}):
        assert {to_hex(text.get_color()) for text, _ in rendered(draw_releases(points(3), "x"))} == {
            "#b58900"
        }
    with mpl.rc_context({"text.color": "#eeeeee"}):  # Which cannot be read on the caller's ground.
        axes = draw_releases(points(3), "x", own_axes(8, 4))
        assert {to_hex(text.get_color()) for text, _ in rendered(axes)} == {DARK_INK}


@pytest.mark.parametrize("text", [*HOSTILE, r"$\frac{1}{2}$", r"$\undefined$", "a" * 300])
def test_any_text_is_only_text(text: str) -> None:
    """No text is mathematics, breaks the drawing, or leaves the picture; missing signs are escaped."""
    drawn = (
        draw_releases([Point(text or "x", DAY, text)], text),
        draw_matrix([(text, [Entry(text, text, text, pictures.BAD)])], text),
        draw_milestones([PlannedMilestone(text, text, 5.0, 9.0, True, True)], 60, text, text),
    )
    for axes in drawn:
        said = "".join(assert_readable(axes))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\ud800-\udfff日]", said)


def test_a_missing_matplotlib_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(kv.UsageError) as raised:
        History("web", ()).plot()
    assert raised.value.hint == "pip install 'krow-versions[notebook]'"


def test_nothing_global_changes() -> None:
    """Outside of IPython, drawing loads no pyplot, needs no display, and changes no settings."""
    code = (
        "import sys; from krow_versions import pictures; import krow_versions.history; "
        "assert 'matplotlib' not in sys.modules; "
        "import matplotlib; rc = matplotlib.rcParams; "
        "settings = lambda: {key: dict.__getitem__(rc, key) for key in rc if key != 'backend'}; "
        "before = settings(); "
        "axes = krow_versions.history.History('web', ()).plot(); pictures.to_svg(axes, 'a-'); "
        "assert settings() == before; print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- releases in time -----------------------------------------------------------------------------


LABELS = st.builds("{}.{}.{}".format, *[st.integers(0, 120)] * 3)
MINUTES = st.integers(0, 5) | st.integers(0, 60 * 24 * 400)
RELEASES = st.lists(
    st.builds(
        lambda stage, minute, label: Point(stage, DAY + dt.timedelta(minutes=minute), label),
        st.sampled_from(STAGES),
        MINUTES,
        LABELS,
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=20)  # Each draws a picture, which takes a tenth of a second.
@given(RELEASES, TEXTS)
@example(points(60, 0.0), "Releases")
@example([Point("production", DAY, f"0.1.{at}") for at in range(60)], "Releases")
@example(points(6, 0.01), "a-very-long-name-" * 20)
def test_every_release_is_labelled(shown: list[Point], title: str) -> None:
    """Up to 60 releases, however close, are all labelled, and nothing overlaps or is cut."""
    said = assert_readable(draw_releases(shown, title or "x"))
    wanted = Counter(point.label for point in shown)
    assert not wanted - Counter(said)
    assert {point.stage for point in shown} <= set(said)


@settings(max_examples=20)
@given(RELEASES, st.floats(3, 12), st.floats(2, 8))
@example(points(6, 0.01), 3.0, 2.0)
@example(points(60, 0.01), 3.0, 2.0)
def test_what_is_written_on_axes_of_a_caller_can_be_read(
    shown: list[Point], width: float, height: float
) -> None:
    """On axes of any size from 3 to 2 inches, nothing overlaps or is cut, and what is left out is said."""
    said = assert_readable(draw_releases(shown, "Releases of worker-mobile", own_axes(width, height)))
    labels = [point.label for point in shown]
    written = sum((Counter(labels) & Counter(said)).values())
    note = f"{written} of {len(shown)} are labelled"
    assert (note in said) == (written < len(shown))
    newest = {point.stage: point.label for point in sorted(shown, key=lambda each: each.date)}
    assert {*newest, *newest.values()} <= set(said)


@pytest.mark.parametrize("size", [(3, 2), (4, 3), (6.4, 4.8), (9, 2)])
@pytest.mark.parametrize("days", [0.0, 0.001, 0.3, 20])
def test_close_releases_are_labelled_on_axes_of_a_caller(size: tuple[float, float], days: float) -> None:
    """Six close releases of three stages are all labelled on axes of three by two inches."""
    said = assert_readable(draw_releases(points(6, days), "Releases of worker-mobile", own_axes(*size)))
    assert {f"0.0.{at}" for at in range(6)} <= set(said)


def test_pictures_beside_each_other_do_not_overlap() -> None:
    """Subplots with the distances that matplotlib gives them need no others."""
    figure = Figure(figsize=(9, 6))
    several = [figure.add_subplot(3, 1, at) for at in (1, 2, 3)]
    draw_releases(points(6), "Releases", several[0])
    draw_milestones(_stops(), 60, "told", "Hotfix", several[1])
    draw_matrix([("web", entries(2))], "Versions", several[2])
    assert_readable(*several)


def test_labels_thin_out_only_where_they_must() -> None:
    """A figure of its own is wider for hundreds of releases; of thousands it says how many it labels."""
    assert len(assert_readable(draw_releases(points(500), "Releases"))) > 500
    said = assert_readable(draw_releases(points(2000), "Releases"))
    (note,) = (each for each in said if "labelled" in each)
    number = int(note.removesuffix(" of 2000 are labelled"))
    assert 300 < number < 700
    assert number == sum(1 for each in said if re.fullmatch(r"0\.\d+\.\d", each))


def test_every_release_has_its_marker() -> None:
    """Thinning out labels leaves out no release, and each stage has colour, marker and word of its own."""
    axes = draw_releases(points(200), "Releases")
    rows = [line for line in axes.get_lines() if line.get_marker() != "None"]
    assert [len(line.get_xydata()) for line in rows] == [67, 67, 66]  # type: ignore[arg-type]
    assert len({(line.get_marker(), line.get_color()) for line in rows}) == 3
    assert set(STAGES) <= {text.get_text() for text, _ in rendered(axes)}


def test_a_caller_can_add_to_the_time_axis() -> None:
    """x is the time, as in other pictures of matplotlib: markers are at their dates."""
    axes = draw_releases(points(3, 30.0), "Releases")
    (first, *_) = (line for line in axes.get_lines() if line.get_marker() == pictures.GOOD.marker)
    assert float(first.get_xdata()[0]) == pytest.approx(date2num(DAY))  # type: ignore[index, no-untyped-call, arg-type]
    axes.axvline(DAY + dt.timedelta(days=10))  # type: ignore[arg-type]
    low, high = axes.get_xlim()
    assert low < date2num(DAY) < date2num(DAY + dt.timedelta(days=60)) < high  # type: ignore[no-untyped-call]
    assert_readable(axes)


def test_no_release_is_said() -> None:
    """An empty picture says why it is empty."""
    assert set(assert_readable(draw_releases([], "Releases"))) == {"Releases", "no releases yet"}


@pytest.mark.parametrize("dates", [(dt.date.min, dt.date.max), (dt.date.max,), (dt.date.min,)])
def test_the_ends_of_the_calendar_are_drawn(dates: tuple[dt.date, ...]) -> None:
    """A clock that was wrong breaks no picture."""
    shown = [
        Point("production", dt.datetime(*each.timetuple()[:3], tzinfo=dt.UTC), "1.0.0") for each in dates
    ]
    rendered(draw_releases([*shown, *points(3)], "Releases"))
    rendered(draw_releases(shown, "Releases"))


def test_a_history_draws_its_releases() -> None:
    """What has a date is drawn, what has none is counted."""
    releases = tuple(
        Release(f"t{at}", "production", Version(0, 1, at), None, DAY if at else None, "") for at in range(3)
    )
    figure = Figure()
    axes = figure.add_subplot()
    assert History("web", releases).plot(axes) is axes
    said = [text.get_text() for text, _ in rendered(axes)]
    assert "Releases of web (1 without a date)" in said
    assert "0.1.2" in said


# --- the drift matrix -----------------------------------------------------------------------------


@pytest.mark.parametrize(("products", "files"), [(1, 1), (4, 3), (9, 12), (1, 40)])
@pytest.mark.parametrize("name", ["web", "a-very-long-name-" * 9])
def test_every_file_of_the_matrix_can_be_read(products: int, files: int, name: str) -> None:
    """Every version is written whole beside its state, whatever products and files are called."""
    rows = [
        (f"{at}-{name}", entries(1 + (at * 5 + files - 1) % files, f"{name}/package.json"))
        for at in range(products)
    ]
    said = assert_readable(draw_matrix(rows, "Versions"))
    versions = [entry.version for _, found in rows for entry in found]
    assert sorted(each for each in said if re.fullmatch(r"0\.\d+\.1\+\d+", each)) == sorted(versions)
    assert said.count("at production") == len(versions)


def test_no_product_is_said() -> None:
    """An empty matrix says so, and a product without files has an empty row."""
    assert "no product" in assert_readable(draw_matrix([], "Versions"))
    assert "web" in assert_readable(draw_matrix([("web", [])], "Versions"))


def test_a_report_draws_how_its_files_stand(repo: Repo) -> None:
    """Each file is at production, at target, behind, ahead, or cannot be read; and so it is drawn."""
    clean(repo)
    repo.write(krow.STAFF, krow.pubspec("0.0.9+4"))
    repo.write(krow.CLIENT, "version: [\n")
    repo.write(krow.WEB, krow.package("1.5.0"))
    repo.write(krow.API, krow.package("0.3.2"))
    report = audit(repo.path)
    axes = report.plot()
    names = {*report.products, "Versions against production"}
    said = [each for each in assert_readable(axes) if each not in names]
    cells = list(zip(said[::3], said[1::3], said[2::3], strict=True))
    assert [(version, state) for version, state, _ in cells] == [
        ("0.0.9+4", "behind"),
        ("?", "unreadable"),
        ("1.4.0", "at production"),
        ("1.5.0", "ahead"),
        ("0.3.2", "at target"),
        ("0.3.1", "at production"),
    ]
    drawn = [(line.get_color(), line.get_marker()) for line in axes.get_lines()]
    looks = (pictures.BAD, pictures.DOUBT, pictures.GOOD, pictures.AHEAD, pictures.DONE, pictures.GOOD)
    assert drawn == [(mark.color, mark.marker) for mark in looks]


def test_what_was_never_released_is_said(repo: Repo) -> None:
    """Without a production tag, no file is called behind or ahead."""
    said = [text.get_text() for text, _ in rendered(audit(clean(repo, tagged=False).path).plot())]
    assert said.count("never released") == 6


def test_the_lowest_build_of_production_is_behind(repo: Repo) -> None:
    """A file at the version of production, with a lower build, is behind, as the audit says, too."""
    clean(repo).write(krow.STAFF, krow.pubspec("0.1.0+4"))
    report = audit(repo.path)
    assert "KV202" in {each.code for each in report.findings}
    assert "behind" in {text.get_text() for text, _ in rendered(report.plot())}


# --- a hotfix against its limit -------------------------------------------------------------------


def _stops() -> list[PlannedMilestone]:
    return [
        PlannedMilestone("fault detected", "in time", 0.0, 0.0, reached=True, late=False),
        PlannedMilestone("deployed", "4 h late", 45.0, 285.0, reached=True, late=True),
        PlannedMilestone("verified", "3 h late, still open", 60.0, 240.0, reached=False, late=True),
        PlannedMilestone("followed up", "open", 1440.0, None, reached=False, late=False),
    ]


def limits_of(axes: Axes) -> list[Any]:
    return [line for line in axes.get_lines() if line.get_linestyle() == "--"]


@pytest.mark.parametrize("now", [1, 60, 600, 60 * 24 * 400])
def test_a_hotfix_is_drawn_against_its_limit(now: int) -> None:
    """Each milestone and how it stands is written whole, the limit is one line, where it is due."""
    found = of(shipped(), DEPLOYED, now)
    axes = found.plot()
    said = "\n".join(assert_readable(axes))
    assert found.timeline
    assert all(row.milestone.label in said for row in found.timeline.rows)
    assert str(found.timeline.limit) in said
    assert len(limits_of(axes)) == 1
    assert "limit" in said


@pytest.mark.parametrize("size", [(3, 2), (6.4, 4.8), (12, 3)])
@pytest.mark.parametrize("now", [1, 600, 60 * 24 * 400])
def test_a_hotfix_on_axes_of_a_caller(size: tuple[float, float], now: int) -> None:
    """Every milestone has its line, its marker, and nothing is cut or overlaps; a figsize does the same."""
    found = of(shipped(), DEPLOYED, now)
    assert found.timeline
    axes = found.plot(own_axes(*size))
    for drawn in (axes, found.plot(figsize=size)):
        assert_readable(drawn)
        planned = [line for line in drawn.get_lines() if line.get_marker() == pictures.canvas.PLANNED.marker]
        assert len(planned) == len(found.timeline.rows)
    figure = drawn.figure
    assert isinstance(figure, Figure)
    assert tuple(figure.get_size_inches()) == pytest.approx(size)


def test_milestones_are_drawn_where_they_were_reached() -> None:
    """What was reached has its marker there; what is late and open has that of now."""
    found = of(facts(), record(), 600)
    assert found.timeline
    marks = {pictures.GOOD.marker, pictures.DOUBT.marker, pictures.BAD.marker}
    drawn = [
        (float(line.get_xdata()[0]), line.get_marker())  # type: ignore[index, arg-type]
        for line in found.plot().get_lines()
        if line.get_marker() in marks
    ]
    wanted = []
    for row in found.timeline.rows:
        if row.actual:
            late = pictures.DOUBT if row.late else pictures.GOOD
            wanted.append(((row.actual - minutes(0)).total_seconds() / 60, late.marker))
        elif row.late:
            wanted.append((600.0, pictures.BAD.marker))
    assert [marker for _, marker in drawn] == [marker for _, marker in wanted]
    places = [place for place, _ in drawn]
    assert sorted(range(len(places)), key=places.__getitem__) == sorted(
        range(len(wanted)), key=lambda each: wanted[each][0]
    )


def test_a_hotfix_without_record_or_limit() -> None:
    """Without a record that is said; without a limit there is no line."""
    assert any("nothing is recorded" in each for each in assert_readable(of(facts(), None).plot()))
    axes = draw_milestones(_stops(), None, "no limit", "Hotfix")
    assert "limit" not in assert_readable(axes)
    assert limits_of(axes) == []


# --- inside a page --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axes",
    [
        draw_releases(points(500), "<script>alert(1)</script>"),
        draw_matrix([("]]>", entries(7))], "--><b>"),
        draw_milestones(_stops(), 60, "told", "Hotfix"),
    ],
    ids=["releases", "matrix", "milestones"],
)
def test_a_picture_in_a_page(axes: Axes) -> None:
    """It is well-formed, the same in every run, refers to nothing but itself, and has the page's ink."""
    svg = pictures.to_svg(axes, "kv-x-")
    assert svg == pictures.to_svg(axes, "kv-x-")
    tree = ET.fromstring(svg)
    elements = list(tree.iter())
    assert {each.tag for each in elements} <= {"svg", "g", "defs", "path", "use", "clipPath", "rect"}
    ids = [each.attrib["id"] for each in elements if "id" in each.attrib]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("kv-x-") for each in ids)
    referred = {value[1:] for each in elements for name, value in each.attrib.items() if name == "href"}
    referred |= set(re.findall(r"url\(#([^)]*)\)", svg))
    assert referred
    assert referred <= set(ids)
    assert not re.search("http|xlink|xmlns|<style|<metadata|script", svg)
    assert "currentColor" in svg
    assert not {DARK_INK, LIGHT_INK, GREY_INK} & set(re.findall("#[0-9a-f]{6}", svg))


def test_marks_are_values() -> None:
    """A mark cannot be changed by who draws with it."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        pictures.GOOD.color = "red"  # type: ignore[misc]
    assert Mark("#ffffff", "o") == Mark("#ffffff", "o")


# --- alternative text, and Jupyter ----------------------------------------------------------------


def test_a_picture_has_an_alternative_text(tmp_path: Path) -> None:
    """It says what is drawn, is the `repr`, and is in the files that have a place for it."""
    releases = tuple(
        Release(f"t{at}", STAGES[at % 2], Version(0, 1, 2 - at), None, DAY, "") for at in range(3)
    )
    history = History("web", releases)
    said = (
        "Releases of web over time: 2 releases to production, the newest 0.1.2 on 2026-03-05; "
        "1 release to staging, the newest 0.1.1 on 2026-03-05."
    )
    assert history.alt_text == said
    axes = history.plot()
    assert repr(axes) == f"<Axes: {said}>"
    assert repr(axes.figure) == f"<Figure: {said}>"
    assert History("web", ()).alt_text == "Releases of web over time: none yet."
    for name, text in (("a.png", said), ("a.svg", said), ("a.pdf", said), ("a.jpg", "")):
        axes.figure.figure.savefig(tmp_path / name)
        assert text.encode()[:40] in (tmp_path / name).read_bytes(), name
    axes.figure.figure.savefig(tmp_path / "b.svg", metadata={"Title": "Mine", "Description": "Other"})
    assert "Other" in (tmp_path / "b.svg").read_text(encoding="utf-8")
    status = of(shipped(), DEPLOYED, 600)
    assert status.timeline
    assert all(row.milestone.label in status.alt_text for row in status.timeline.rows)
    assert status.alt_text.endswith(f"Limit: {status.timeline.limit}.")
    assert "nothing is recorded" in of(facts(), None).alt_text


def test_a_size_is_of_a_new_figure() -> None:
    """A size together with axes, and a size that is none, are refused."""
    for options in ({"ax": own_axes(3, 2), "figsize": (3, 2)}, {"figsize": (3, 0)}):
        with pytest.raises(kv.UsageError, match="figsize"):
            History("web", ()).plot(**options)


@given(st.lists(st.floats(0, 100), max_size=8).map(sorted), st.floats(0.5, 10))
def test_labels_are_spread_in_their_order(wanted: list[float], pitch: float) -> None:
    """They stay in order and apart, within the row if they fit, and stay where they are if they are apart."""
    low, high = 0.0, 100.0
    found = spread(wanted, pitch, low, high)
    assert all(b - a >= pitch - 1e-6 for a, b in itertools.pairwise(found))
    if found and (len(found) - 1) * pitch <= high - low:
        assert found[0] >= low - 1e-6
        assert found[-1] <= high + 1e-6
    if all(b - a >= pitch for a, b in itertools.pairwise(wanted)):
        assert found == pytest.approx(wanted)


CELLS = (
    "from support.notebook import history; import matplotlib.pyplot as plt; releases = history()",
    "releases.plot();",
    "releases.plot()",
    "figure, axes = plt.subplots(); assert releases.plot(axes) is axes",
    "plt.get_fignums()",
    "plt.style.use('dark_background'); releases.plot();",
)


def test_jupyter_shows_a_picture_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a semicolon or without, and on own axes: one picture each, and no figure stays open."""
    v4: Any = nbformat.v4  # Without types.
    notebook = v4.new_notebook(cells=[v4.new_code_cell(each) for each in CELLS])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(each for each in sys.path if each))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells]
    shown = [[each for each in found if "image/png" in each.get("data", {})] for found in outputs]
    assert [len(each) for each in shown] == [0, 1, 1, 1, 0, 1]
    assert outputs[4][0]["data"]["text/plain"] == "[]"
    said = notebook_history().alt_text
    for at in (1, 2, 5):
        picture = shown[at][0]
        assert picture["metadata"]["image/png"]["alt"] == said
        assert picture["data"]["text/plain"] == f"<Figure: {said}>"
        assert "needs_background" not in picture["metadata"]
    results = [
        [each["data"]["text/plain"] for each in found if each["output_type"] == "execute_result"]
        for found in outputs
    ]
    assert results == [[], [], [f"<Axes: {said}>"], [], ["[]"], []]
