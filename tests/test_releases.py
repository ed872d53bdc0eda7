"""Which tags are releases to production, and which of them HEAD contains."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from krow_versions import releases
from krow_versions.snapshot import TagState
from krow_versions.version import Version

_VERSIONS = (
    st.builds(Version, *[st.integers(0, 2)] * 3, prerelease=st.sampled_from([None, None, "rc.1"])) | st.none()
)
_STAGES = st.sampled_from(["production", "production", "staging", None])
TAGS = st.lists(st.builds(TagState, st.text("ab", max_size=3), _STAGES, _VERSIONS, st.booleans()), max_size=6)


@given(TAGS)
def test_the_highest_is_a_release_and_no_release_is_above_it(tags: list[TagState]) -> None:
    """The highest release to production is a final version with a production tag; none is higher."""
    found = releases.highest(tags)
    finals = [
        tag.version
        for tag in tags
        if tag.stage == "production" and tag.version is not None and "-" not in str(tag.version)
    ]
    assert (found.version if found else None) == max(finals, default=None)
    assert found is None or found in tags


@given(TAGS)
def test_the_highest_contained_is_no_tag_from_elsewhere(tags: list[TagState]) -> None:
    """Of the tags that HEAD contains, the highest is found as if there were no others."""
    assert releases.highest(releases.contained(tags)) == releases.highest(
        tag for tag in tags if tag.reachable
    )


@given(TAGS, st.tuples(*[st.integers(0, 2)] * 3))
def test_a_version_is_released_by_a_production_tag_alone(
    tags: list[TagState], core: tuple[int, int, int]
) -> None:
    """A version is released where a production tag names it; a pre-release of it does not count."""
    found = releases.of_version(tags, core)
    cores = [tag.version.core for tag in releases.production(tags) if tag.version]
    assert (found is not None) == (core in cores)
    assert found is None or (found.version and found.version.core == core)


def test_a_pre_release_is_called_like_production_but_is_not() -> None:
    """A pre-release with a production tag is a mistake that the audit finds, never a release."""
    tag = TagState("p/prod-v1.0.0-rc.1", "production", Version(1, 0, 0, prerelease="rc.1"), reachable=True)
    assert releases.is_named_production(tag)
    assert not releases.is_production(tag)
