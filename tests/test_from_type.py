"""``st.from_type`` of the public values, for who has not imported ``krow_versions.testing``."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.from_type import NAMES
from krow_versions.testing.values import STRATEGIES
from support.hang import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
{first}
import hypothesis
loaded = sorted(name for name in sys.modules if name.startswith("krow_versions"))
assert loaded == {loaded}, loaded
from hypothesis import strategies as st
import krow_versions as kv
assert "krow_versions.testing" not in sys.modules

@hypothesis.settings(max_examples=5, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(st.from_type(kv.Version), st.from_type(kv.Catalog))
def law(version, catalog):
    assert kv.Version.parse(str(version)) == version
    assert all(catalog.product(each.name) == each for each in catalog.products)
    assert "krow_versions.testing" in sys.modules
law()
print("drawn")
"""
ALONE = ["krow_versions", "krow_versions.from_type"]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with the entry point, as pip makes it from pyproject.toml."""
    metadata = tmp_path / "krow_versions_hook-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: krow-versions-hook\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[hypothesis]\nhook = krow_versions.from_type:register\n")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "loaded"), [("", ALONE), ("from krow_versions import Version", None)], ids=["before", "after"]
)
def test_hypothesis_finds_the_strategies_itself(
    installed: Path, first: str, loaded: list[str] | None
) -> None:
    """Importing Hypothesis loads nothing of the package but its hook; then from_type draws valid values."""
    code = PROGRAM.format(first=first, loaded=loaded if loaded is not None else "loaded")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=installed,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.stdout, done.stderr) == ("drawn\n", "")


def test_each_value_with_a_strategy_is_registered() -> None:
    """The names of the hook are those of the strategies, and public."""
    assert set(NAMES) == set(STRATEGIES)
    assert set(NAMES) <= set(kv.__all__)


@given(st.data())
def test_what_is_drawn_is_a_value(data: st.DataObject) -> None:
    """It is of its class, equal to itself after pickling, hashable, and written on one line."""
    name = data.draw(st.sampled_from(NAMES))
    value = data.draw(STRATEGIES[name]())
    assert type(value) is getattr(kv, name)
    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(value) == hash(pickle.loads(pickle.dumps(value)))
    assert "\n" not in repr(value)
