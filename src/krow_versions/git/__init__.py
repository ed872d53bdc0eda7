"""The only door to git: questions and effects, each one or a few processes of the ``git`` program.

The program is used, not a library, because the user's configuration, credentials, worktrees, hooks and
signing must work. Every process that starts here

- has no ``GIT_*`` variable that selects another repository, uses the C locale, cannot prompt, page or
  open an editor, and runs no file system monitor (``core.fsmonitor``);
- gets values from outside only as full ``refs/…`` names, object ids or lines of standard input, so
  that no value can become an option;
- runs no program that the repository names unless it has an effect (:class:`Reach`): no hook, no filter,
  no fetch of missing objects in a partial clone. A repository that is plain files in another is not used;
- has its own process group, which is stopped as a whole after a time limit.

Git 2.31 or newer is needed. The version is read only after a failure that an old git would explain, so
the usual run costs no process for it.

Limitations: git itself is trusted to read any repository that it accepts (``safe.directory``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.git.ancestry import Graph, Marks, damaged, read_graph
from krow_versions.git.opening import open_repository
from krow_versions.git.process import (
    LOCAL_VARIABLES,
    TIME_LIMIT,
    Finished,
    Reach,
    environment,
    execute,
    failure,
    run,
)
from krow_versions.git.ref_list import Ref, list_refs
from krow_versions.git.repository import Repository, Tag, subjects
from krow_versions.lazy import attributes

if TYPE_CHECKING:
    from krow_versions.git.committing import commit
    from krow_versions.git.comparing import Comparison, compare
    from krow_versions.git.configuration import gives_no_tags
    from krow_versions.git.index import matching, present, skipped, tracked
    from krow_versions.git.locks import Lock, remedy, require_unlocked, standing
    from krow_versions.git.log import changes, commits, count, cut_off, is_ancestor, known_commits, trees
    from krow_versions.git.main_branch import (
        default_branch,
        evident_branch,
        fetched_remotes,
        read_on_main,
        refs_of_head,
    )
    from krow_versions.git.merging import MergePreview, merge, merge_base, preview_merge
    from krow_versions.git.objects import GitObject, read_objects
    from krow_versions.git.own_folder import alone_in
    from krow_versions.git.pushing import push
    from krow_versions.git.refs import (
        branches,
        committer,
        create_tag,
        identity,
        object_ids,
        read_ref,
        read_refs,
        resolve,
        tag_message,
        update_refs,
    )
    from krow_versions.git.remotes import (
        DifferingTag,
        RemoteRef,
        RemoteState,
        ask_remote,
        fetch,
        remote_names,
        remote_refs,
        require_remote,
    )
    from krow_versions.git.resuming import Unfinished, unfinished
    from krow_versions.git.switching import create_branch, fast_forward, switch
    from krow_versions.git.tag_objects import read_made_tag, read_tag_objects
    from krow_versions.git.tagging import require_taggable, set_tag, signs_tags, tag_object, verify_tag
    from krow_versions.git.text_refs import commit_text, fetch_texts, kind_of, note_texts, parents_of
    from krow_versions.git.working_tree import ChangedPaths, CheckoutResult, changed_paths

# A bump needs none of these: importing them takes 5 % of its time.
if not TYPE_CHECKING:  # A checker sees the imports above, so that a name which is not there is an error.
    __getattr__ = attributes(
        __name__,
        {
            "configuration": "gives_no_tags",
            "main_branch": "default_branch evident_branch fetched_remotes read_on_main refs_of_head",
            "own_folder": "alone_in",
            "index": "matching present skipped tracked",
            "log": "changes commits count cut_off is_ancestor known_commits trees",
            "merging": "MergePreview merge merge_base preview_merge",
            "objects": "GitObject read_objects",
            "pushing": "push",
            "refs": (
                "branches committer create_tag identity object_ids read_ref read_refs resolve tag_message "
                "update_refs"
            ),
            "remotes": (
                "DifferingTag RemoteRef RemoteState ask_remote fetch remote_names remote_refs require_remote"
            ),
            "switching": "create_branch fast_forward switch",
            "committing": "commit",
            "comparing": "Comparison compare",
            "tag_objects": "read_made_tag read_tag_objects",
            "tagging": "require_taggable set_tag signs_tags tag_object verify_tag",
            "text_refs": "commit_text fetch_texts kind_of note_texts parents_of",
            "resuming": "Unfinished unfinished",
            "locks": "Lock remedy require_unlocked standing",
            "working_tree": "ChangedPaths CheckoutResult changed_paths",
        },
    )


__all__ = [
    "LOCAL_VARIABLES",
    "TIME_LIMIT",
    "ChangedPaths",
    "CheckoutResult",
    "Comparison",
    "DifferingTag",
    "Finished",
    "GitObject",
    "Graph",
    "Lock",
    "Marks",
    "MergePreview",
    "Reach",
    "Ref",
    "RemoteRef",
    "RemoteState",
    "Repository",
    "Tag",
    "Unfinished",
    "alone_in",
    "ask_remote",
    "branches",
    "changed_paths",
    "changes",
    "commit",
    "commit_text",
    "commits",
    "committer",
    "compare",
    "count",
    "create_branch",
    "create_tag",
    "cut_off",
    "damaged",
    "default_branch",
    "environment",
    "evident_branch",
    "execute",
    "failure",
    "fast_forward",
    "fetch",
    "fetch_texts",
    "fetched_remotes",
    "gives_no_tags",
    "identity",
    "is_ancestor",
    "kind_of",
    "known_commits",
    "list_refs",
    "matching",
    "merge",
    "merge_base",
    "note_texts",
    "object_ids",
    "open_repository",
    "parents_of",
    "present",
    "preview_merge",
    "push",
    "read_graph",
    "read_made_tag",
    "read_objects",
    "read_on_main",
    "read_ref",
    "read_refs",
    "read_tag_objects",
    "refs_of_head",
    "remedy",
    "remote_names",
    "remote_refs",
    "require_remote",
    "require_taggable",
    "require_unlocked",
    "resolve",
    "run",
    "set_tag",
    "signs_tags",
    "skipped",
    "standing",
    "subjects",
    "switch",
    "tag_message",
    "tag_object",
    "tracked",
    "trees",
    "unfinished",
    "update_refs",
    "verify_tag",
]
