"""Many workspaces: each is found, audited by any executor, and reported as soon as it is done."""

from krow_versions.fleet.report import FleetProduct, WorkspaceReport
from krow_versions.fleet.running import audit_many

__all__ = ["FleetProduct", "WorkspaceReport", "audit_many"]
