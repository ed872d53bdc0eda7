"""The templates of the texts of the hotfix process, which the configuration can replace.

They are ``string.Template``s: ``$name`` and ``${name}`` are placeholders, ``$$`` is a dollar. They run
no code, and are checked when the configuration is read.
"""

from __future__ import annotations

from string import Template

from krow_versions.errors import InputError, UsageError
from krow_versions.text.escaping import quoted
from krow_versions.text.words import did_you_mean
from krow_versions.values import frozen

# The placeholders that every text may use.
PLACEHOLDERS = (
    "base", "base_version", "branch", "channel", "contacts", "decided_by", "deployed", "detected",
    "environment", "errors", "from", "impact", "issue", "label", "limit", "main", "meaning", "post_mortem",
    "product", "reason", "resolved", "rollback", "rolled_back", "service", "severity", "since", "slug",
    "solution", "stability", "started", "status", "summary", "tag", "tested", "thanks", "title", "to",
    "total", "version", "watching", "who",
)  # fmt: skip


COMMIT_LABELS = ("HOTFIX for", "Issue:", "Solution:", "Tested:")
"""Each of these must begin a line of the message of the commit that fixes."""


@frozen
class Text:
    """A text of the process.

    Attributes:
        template: the built-in template.
        kind: ``line`` (one line), ``plain``, ``commit`` or ``markdown``.
        purpose: what it is, for hints and documentation.
        allowed: the placeholders that it may use.
    """

    template: str
    kind: str
    purpose: str
    allowed: tuple[str, ...] = PLACEHOLDERS


TEXTS = {
    "commit": Text(
        "fix: $summary\n\nHOTFIX for $environment\n\nIssue: $issue\nSolution: $solution\nTested: $tested\n",
        "commit",
        "the message of the commit that fixes",
    ),
    "pr_title": Text("HOTFIX: $summary", "line", "the title of the pull request"),
    "pr_body": Text(
        "## URGENT PRODUCTION FIX\n\n**Product:** $title $base_version → $version\n"
        "**Severity:** $severity ($limit)\n**Starts from:** $base\n"
        "**Label:** $label, to be approved within 15 minutes\n"
        "**If it fails:** the Product Owner decides whether $base is deployed again: $rollback\n\n"
        "### Issue\n\n$issue\n\n### Impact\n\n$impact\n\n"
        "### Solution\n\n$solution\n\n### Testing\n\n$tested\n",
        "markdown",
        "the body of the pull request",
    ),
    "tag_message": Text(
        "HOTFIX: $summary\n\nProduct: $title $version (was $base_version)\nSeverity: $severity\n"
        "Issue: $issue\nImpact: $impact\nSolution: $solution\nTested: $tested\n",
        "plain",
        "the message of the production tag",
    ),
    "merge_message": Text(
        "Merge hotfix $slug $version into $main\n",
        "plain",
        "the message of the commit that merges the hotfix into a main that has moved on",
    ),
    "announcement": Text(
        "🚨 PRODUCTION HOTFIX DEPLOYED\n\nProduct: $title\nVersion: $version (was $base_version)\n"
        "Severity: $severity\nIssue: $issue\nImpact: $impact\nSolution: $solution\nTested: $tested\n"
        "Status: $status\nDeployed: $deployed\nTag: $tag\n\n"
        "Users need to do nothing. $service\n$watching\n",
        "plain",
        "the announcement of the deployment",
    ),
    "follow_up": Text(
        "✅ HOTFIX STATUS UPDATE\n\nProduct: $title $version\nIssue: $issue\nSolution: $solution\n"
        "Deployed: $deployed ($since ago)\nErrors since: $errors\nProduction: $stability\n"
        "From detection to resolution: $total\n\nThanks to $thanks. $post_mortem\n",
        "plain",
        "the follow-up after 24 hours",
    ),
    "rollback_notice": Text(
        "⏪ PRODUCTION ROLLED BACK\n\nProduct: $title\nFrom: $from\nTo: $to\nReason: $reason\n"
        "Decided by: $decided_by\nIssue: $issue\nImpact: $impact\nRolled back: $rolled_back\n\n"
        "Users need to do nothing. What the hotfix had fixed may happen again until the next fix.\n",
        "plain",
        "the announcement of a rollback",
    ),
    "contacts": Text("Emergency contacts\n\n  $contacts\n\nChannel: $channel\n", "plain", "whom to call"),
    "release_notes": Text(
        "## HOTFIX: $summary\n\n**$title $version** (was $base_version)\n\n### Issue\n\n$issue\n\n"
        "### Solution\n\n$solution\n",
        "markdown",
        "the notes of the GitHub Release",
    ),
}


def text(name: str) -> Text:
    """Return the text with that name.

    Raises:
        UsageError: there is no such text; the hint has the nearest name.
    """
    if name not in TEXTS:
        raise UsageError(f"there is no text {quoted(name)}", hint=did_you_mean(name, TEXTS, "texts"))
    return TEXTS[name]


def check_template(name: str, template: str) -> tuple[InputError, ...]:
    """Return the problems of a template that is to replace a built-in one; none if it is valid.

    Raises:
        UsageError: there is no text with that name.
    """
    replaced = text(name)
    found = [*_bad_dollars(template), *_unknown(replaced, template)]
    if not template.strip():
        found.append(InputError("the template is empty", hint="leave it out to keep the built-in one"))
    if replaced.kind == "line" and "\n" in template.strip():
        found.append(InputError("the template must be one line", hint=f"it is {replaced.purpose}"))
    if replaced.kind == "commit" and not found:
        lines = template.split("\n")[1:]
        missing = [label for label in COMMIT_LABELS if not any(line.startswith(label) for line in lines)]
        if missing:
            message = f"the template lacks {', '.join(missing)}, each on a line of its own"
            found.append(InputError(message, hint="krow-versions hotfix check looks for them in the commit"))
    return tuple(found)


def _bad_dollars(template: str) -> list[InputError]:
    found = []
    for match in Template.pattern.finditer(template):
        if match["invalid"] is not None:
            error = InputError("a $ that begins no placeholder", hint="write $$ for a dollar itself")
            found.append(error.located(template, match.start()))
    return found


def _unknown(replaced: Text, template: str) -> list[InputError]:
    return [
        InputError(
            f"there is no placeholder {quoted(f'${name}')}", hint=did_you_mean(name, replaced.allowed, "they")
        )
        for name in Template(template).get_identifiers()
        if name not in replaced.allowed
    ]
