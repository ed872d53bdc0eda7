"""KV0xx: what could not be looked at."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh, toml

KINDS = (
    FindingKind(
        "KV001",
        "error",
        "git cannot be asked",
        what=(
            "git refuses to answer for the repository of a product, or the product is in no git "
            "repository. Its tags, branches and history are unknown."
        ),
        why=("Files were not compared with releases, so an audit without other findings proves little."),
        how=(
            "Run git there, and do what it says:",
            sh("git -C krow-web status"),
            (
                "For a folder of another user, git prints the `safe.directory` to configure. Without a "
                "repository, run the audit in a clone."
            ),
        ),
        example=("web: error: Web is in no git repository, so what was released of it is not known [KV001]"),
    ),
    FindingKind(
        "KV002",
        "warning",
        "the clone lacks history or tags",
        what=(
            "The clone has a cut-off history (`git clone --depth`), as CI systems make it, or was made "
            "without tags (`--no-tags`). `--fail-on` cannot switch this off: what was not checked is "
            "not known to be right."
        ),
        why=(
            "Tags and commits may be missing. The version in production may seem older than it is, and "
            "builds that were shipped may not be counted."
        ),
        how=(
            "Fetch the rest:",
            sh("git fetch --tags --unshallow"),
            "If the clone is not shallow:",
            sh("git fetch --tags"),
            "In a GitHub workflow, give `actions/checkout` the input `fetch-depth: 0`.",
        ),
        example=(
            ".: warning: this clone is shallow: tags and history, and with them what was released, may "
            "be missing [KV002]"
        ),
        of_repository=True,
    ),
    FindingKind(
        "KV003",
        "note",
        "the main branch is not here",
        what=(
            "The branch that hotfixes are merged to is neither a branch of this clone nor known from the "
            "remote."
        ),
        why=(
            "Whether production is on it (KV204) and where hotfix branches come from (KV502) cannot be "
            "checked."
        ),
        how=(
            "Ask the remote which branch it is, and fetch it:",
            sh("git remote set-head origin --auto", "git fetch origin"),
            "or configure its name:",
            toml(
                "[hotfix]",
                'main   = "trunk"',
                'remote = "origin"',
            ),
        ),
        example=(
            ".: note: the main branch is neither here nor known from the remote: what is on it is "
            "not known [KV003]"
        ),
        of_repository=True,
    ),
)
