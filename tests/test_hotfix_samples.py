"""A hotfix as it should be, to be spoilt by the other tests of the process, and a test that it is."""

from __future__ import annotations

from support.samples import facts, gates


def test_the_sample_passes_every_gate() -> None:
    """A hotfix as the process wants it passes all gates: what fails elsewhere is what was spoilt."""
    assert {gate.verdict for gate in gates(facts()).values()} == {"passed"}
