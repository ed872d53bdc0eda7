"""``krow_versions.testing``, as the tests of another release tool use it; see ``values.py``."""

from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import testing


def my_set_version(text: str, version: kv.Version | str, *, format: str, key: str | None = None) -> str:
    return kv.set_version(text, version, format=format, key=key)


@given(testing.version_files(), testing.versions(builds=True))
def test_it_is_exact(sample: testing.Sample, new: kv.Version) -> None:
    testing.law_set_is_exact(sample, new)
    testing.law_set_is_exact(sample, new, my_set_version)
    testing.law_set_is_exact(sample, "x", 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def strategies() -> None:
    versions: st.SearchStrategy[kv.Version] = testing.versions()
    rows: st.SearchStrategy[kv.ChangelogRow] = testing.changelog_rows()
    wrong: st.SearchStrategy[kv.Product] = testing.versions()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(versions, rows, wrong, st.from_type(kv.Version).map(kv.Version.next_patch))
