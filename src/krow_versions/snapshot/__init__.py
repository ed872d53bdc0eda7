"""The state of files and git at one moment, as plain data; plans and audits are computed from it."""

from krow_versions.snapshot.evidence import SignersState, TagEvidence
from krow_versions.snapshot.files import FileState, PastFile, PinState, read_file
from krow_versions.snapshot.incidents import IncidentState, OpenAction
from krow_versions.snapshot.lines import Lacked, LineState, OpenLine
from krow_versions.snapshot.overrides import OverrideState
from krow_versions.snapshot.remote import RemoteState
from krow_versions.snapshot.state import (
    BranchState,
    ChangelogState,
    ProductState,
    RepoState,
    Snapshot,
    TagState,
    tag_state,
)

__all__ = [
    "BranchState",
    "ChangelogState",
    "FileState",
    "IncidentState",
    "Lacked",
    "LineState",
    "OpenAction",
    "OpenLine",
    "OverrideState",
    "PastFile",
    "PinState",
    "ProductState",
    "RemoteState",
    "RepoState",
    "SignersState",
    "Snapshot",
    "TagEvidence",
    "TagState",
    "read_file",
    "tag_state",
]
