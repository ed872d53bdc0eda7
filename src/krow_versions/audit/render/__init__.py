"""A report as text: for people and editors, for programs, for code scanning, for GitHub's annotations.

Findings quote files, tags, branches and commits. Whatever those hold, one finding is one line, and no
control, bidirectional or invisible character comes out raw.
"""

from krow_versions.audit.render.document import written
from krow_versions.audit.render.github import summary_of, to_github
from krow_versions.audit.render.sarif import to_sarif
from krow_versions.audit.render.text import to_text

__all__ = ["summary_of", "to_github", "to_sarif", "to_text", "written"]
