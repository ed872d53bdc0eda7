r"""Hypothesis strategies and laws, for tests of code that reads or writes version files.

A strategy draws a sample: a document built around its version, so that the correct result of an edit is
known without an editor::

    from hypothesis import given
    from krow_versions import testing

    @given(testing.version_files(), testing.versions())
    def test_my_bump(sample, new):
        assert my_bump(sample.text, new) == sample.with_version(new)

The documents are difficult on purpose: the same number is in comments, in other keys and inside longer
numbers; quotes, spacing, line ends and byte order marks are mixed. Each is valid in its format.

A build may stand in places of its own, or alone: :func:`build_files`. Such a sample may have a ``key``, which
a function under test is given as :func:`krow_versions.set_version` is.

A law is a function that raises AssertionError if it does not hold, also under ``python -O``. It tests
this library, or another function that it is given::

    @given(testing.changelogs(), testing.changelog_rows())
    def test_my_rows(sample, row):
        testing.law_insert_adds_one_line(sample, row, my_insert)

Workspaces are data until :func:`make` creates them on disk, with the real git program::

    @settings(max_examples=15, deadline=None)
    @given(testing.workspaces())
    def test_my_release_tool(folder, workspace):
        testing.law_bump_converges(workspace, folder, my_bump)
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401 (imported first for the error below)
except ImportError as _missing:
    raise ImportError(
        "krow_versions.testing needs hypothesis: pip install 'krow-versions[testing]'"
    ) from _missing

from krow_versions.testing.builds import build_files
from krow_versions.testing.bump import law_bump_converges, law_bump_is_patch_only, make
from krow_versions.testing.changelog import (
    ChangelogSample,
    changelog_rows,
    changelogs,
    law_insert_adds_one_line,
    law_insert_is_idempotent,
    law_inserted_row_reads_back,
    law_read_sees_the_rows,
)
from krow_versions.testing.laws import (
    EditSample,
    assert_only_version_changed,
    edit_samples,
    law_apply_edits_commutes,
    law_apply_edits_is_exact,
    law_next_patch_raises_only_patch,
    law_order_is_total,
    law_places_agree,
    law_read_sees_the_version,
    law_set_can_be_undone,
    law_set_is_exact,
    law_set_is_idempotent,
)
from krow_versions.testing.locks import cargo_locks, uv_locks
from krow_versions.testing.sample import Sample, version_texts, versions
from krow_versions.testing.samples import (
    app_jsons,
    cargo_manifests,
    charts,
    package_jsons,
    package_locks,
    plists,
    pubspecs,
    pyprojects,
    text_files,
    version_files,
    xcode_projects,
)
from krow_versions.testing.sections import (
    SectionsSample,
    heading_changelogs,
    law_section_is_idempotent,
    law_section_is_in_style,
    law_section_reads_back,
)
from krow_versions.testing.workspace import FileSample, ProductSample, TagSample, WorkspaceSample, workspaces

__all__ = [
    "ChangelogSample",
    "EditSample",
    "FileSample",
    "ProductSample",
    "Sample",
    "SectionsSample",
    "TagSample",
    "WorkspaceSample",
    "app_jsons",
    "assert_only_version_changed",
    "build_files",
    "cargo_locks",
    "cargo_manifests",
    "changelog_rows",
    "changelogs",
    "charts",
    "edit_samples",
    "heading_changelogs",
    "law_apply_edits_commutes",
    "law_apply_edits_is_exact",
    "law_bump_converges",
    "law_bump_is_patch_only",
    "law_insert_adds_one_line",
    "law_insert_is_idempotent",
    "law_inserted_row_reads_back",
    "law_next_patch_raises_only_patch",
    "law_order_is_total",
    "law_places_agree",
    "law_read_sees_the_rows",
    "law_read_sees_the_version",
    "law_section_is_idempotent",
    "law_section_is_in_style",
    "law_section_reads_back",
    "law_set_can_be_undone",
    "law_set_is_exact",
    "law_set_is_idempotent",
    "make",
    "package_jsons",
    "package_locks",
    "plists",
    "pubspecs",
    "pyprojects",
    "text_files",
    "uv_locks",
    "version_files",
    "version_texts",
    "versions",
    "workspaces",
    "xcode_projects",
]
