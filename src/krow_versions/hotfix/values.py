"""The values of the placeholders: what record, commits, tag and configuration say of a hotfix."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import UsageError
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.deployments import departed, version_in
from krow_versions.hotfix.entries import FOLLOW_UP, Entry
from krow_versions.hotfix.messages import (
    form_of,
    form_of_tag,
    main_fix,
    summary_of,
    summary_of_tag,
)
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER, POST_MORTEM, WATCH, between, total
from krow_versions.hotfix.people import channel_of, contacts
from krow_versions.hotfix.severity import Severity
from krow_versions.regexes import regex
from krow_versions.text.escaping import one_line, shell_word
from krow_versions.text.times import UNKNOWN, at, lasting
from krow_versions.text.words import counted
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.milestones import Times
    from krow_versions.hotfix.record import Declaration, Record
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

_HOUR = dt.timedelta(hours=1)
# What people write for no errors at all; anything else does not show that production is stable.
_NO_ERRORS = regex(r"(?:0|none|(?:0|no|zero) (?:new )?errors?)\.?", re.IGNORECASE)


@frozen
class Sourced:
    """A value, and what says so: ``record``, ``commit`` or ``tag``."""

    value: str
    source: str


def sourced(facts: Facts | None, record: Record) -> dict[str, Sourced]:
    """Give what was wrong and what was done, each with its source; what is not known is left out.

    What people said in the record takes precedence over the commit message, and that over the tag's.
    """
    fix, declared = main_fix(facts), record.declaration
    said = {
        "record": _texts_of(declared) if declared else {},
        "commit": attrs.asdict(form_of(facts, fix)) if facts and fix else {},
        "tag": attrs.asdict(form_of_tag(facts.tag_message)) if facts else {},
    }
    return {
        name: Sourced(texts[name], source)
        for name in ("issue", "impact", "severity", "solution", "tested")
        for source, texts in reversed(said.items())
        if texts.get(name, "").strip() not in ("", UNKNOWN)
    }


def values(
    facts: Facts,
    record: Record,
    catalog: Catalog,
    settings: Hotfix,
    *,
    now: dt.datetime | None = None,
    errors: str = "",
) -> dict[str, str]:
    """Give the value of each placeholder; unknown ones are left out.

    Args:
        facts: what git and the files say.
        record: what people said.
        catalog: the patterns of names.
        settings: contacts, channel and label.
        now: the present moment, for the texts that count from the deployment.
        errors: the errors since the deployment, as people counted them.
    """
    product, fix, declared = facts.state.product, main_fix(facts), record.declaration
    rollback = f"krow-versions hotfix rollback {shell_word(product.name)} --version {facts.version}"
    found = {
        "branch": facts.branch,
        "channel": channel_of(settings.channel),
        "contacts": "\n".join(map(str, contacts(settings))),
        "environment": "production",
        "label": settings.label,
        "main": facts.main_name,
        "product": product.name,
        "rollback": f"{rollback} --reason TEXT --decided-by NAME",
        "slug": product.slug,
        "summary": summary_of(fix) if fix else summary_of_tag(facts.tag_message),
        "tag": facts.tag_name(catalog),
        "title": product.title or product.name,
        "version": str(facts.version),
    }
    if facts.base and facts.base.version:
        found |= {"base": facts.base.name, "base_version": str(facts.base.version)}
    found |= {name: each.value for name, each in sourced(facts, record).items()}
    found |= _of_severity(found.get("severity", ""))
    found |= _declared(declared) if declared else {}
    times = times_of(record, facts)
    found |= _deployed(record, times, now) | _followed_up(record, times, now, errors) | _rolled_back(record)
    found["total"] = total(times)
    if not found["summary"]:
        found["summary"] = one_line(found.get("issue", ""))
    return {name: value for name, value in found.items() if value.strip(" \n") not in ("", UNKNOWN)}


def _texts_of(declared: Declaration) -> dict[str, str]:
    return {"issue": declared.issue, "impact": declared.impact, "severity": declared.severity.name}


def _declared(declared: Declaration) -> dict[str, str]:
    found = {"environment": declared.environment, "who": declared.who}
    found |= {"started": at(declared.started), "detected": at(declared.zero)}
    return {name: value for name, value in found.items() if value.strip()}


def _of_severity(name: str) -> dict[str, str]:
    severity = _severity(name)
    if severity is None:
        return {}
    limit = f"to be fixed in less than {lasting(severity.limit)}" if severity.limit else "no limit"
    return {"limit": limit, "meaning": severity.meaning}


def meaning_of(name: str) -> str:
    """Give what a severity means; empty if it is none: a tag may say anything."""
    severity = _severity(name)
    return severity.meaning if severity else ""


def _severity(name: str) -> Severity | None:
    try:
        return Severity.parse(name)
    except UsageError:
        return None


def since_deployment(record: Record, box: str) -> dt.datetime | None:
    """Give when a box was ticked of the deployment that counts, or None."""
    tick = record.ticks.get(box)
    return tick.at if tick and record.is_deployed else None


def _deployed(record: Record, times: Times, now: dt.datetime | None) -> dict[str, str]:
    """Say whether it is in production, verified and watched."""
    if record.rollback is not None:
        service = "The hotfix is not in production any more."
        deployed = times.get("deployed")
        return {
            "deployed": at(deployed.at) if deployed else "",
            "status": "rolled back" if record.rollback.is_done else "to be rolled back",
            "service": service if record.rollback.is_done else "Its rollback is decided, and not done yet.",
            "watching": "Logs are watched after the rollback.",
        }
    if record.left is not None:
        return {
            "status": departed(record.left),
            "service": "The hotfix is not in production any more.",
            "watching": f"Logs are watched for {version_in(record.left.tag)}.",
        }
    if record.deployed is None:
        known = {"status": "not deployed", "service": "The fix is not deployed yet."}
        unknown = {"service": "Whether the fix is deployed is not known here."}
        return (known if record.is_tracked else unknown) | {
            "watching": f"Logs are watched for {counted(WATCH // _HOUR, 'hour')} after the deployment."
        }
    verified = since_deployment(record, "smoke-tests") is not None
    watched, until = since_deployment(record, "logs-watched"), record.deployed + WATCH
    watching = "are watched" if now is None or now < until else "were to be watched"
    return {
        "deployed": at(record.deployed),
        "status": "deployed & verified" if verified else "deployed",
        "service": "The service is back to normal." if verified else "The fix is not verified yet.",
        "watching": f"Logs were watched until {at(watched)}."
        if watched
        else f"Logs {watching} until {at(until)}.",
    }


def _followed_up(record: Record, times: Times, now: dt.datetime | None, errors: str) -> dict[str, str]:
    """Say how production has been since the deployment, by whom, and what follows."""
    sent, deployed = record.sent(FOLLOW_UP), times.get("deployed")
    counted_ = errors or (sent.errors if sent else "")
    found = {"errors": counted_, "stability": "under observation", "thanks": _thanks(record)}
    passed = between(deployed.at, now) if now is not None and deployed is not None else None
    if passed is not None:
        found["since"] = lasting(passed) if passed < _HOUR else counted(passed // _HOUR, "hour")
    ticked = {box: since_deployment(record, box) for box in ("smoke-tests", "logs-watched")}
    if (
        passed is not None
        and passed >= FOLLOWED_UP_AFTER
        and all(ticked.values())
        and _NO_ERRORS.fullmatch(counted_.strip())
    ):
        found["stability"] = "stable"
    if record.rollback is not None:
        found["stability"] = "rolled back" if record.rollback.is_done else "to be rolled back"
    resolved = times.get("resolved")
    if resolved:
        found["resolved"] = at(resolved.at)
    due = f"by {at(resolved.at + POST_MORTEM)}" if resolved else "24 hours after it is resolved"
    written = record.is_ticked("incident-documented")
    found["post_mortem"] = "The post-mortem is written." if written else f"The post-mortem is due {due}."
    return found


def _thanks(record: Record) -> str:
    """List those who did something, in the order in which they did it."""
    names = list(dict.fromkeys(name for each in record.of(Entry) if (name := one_line(each.who))))
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return names[0] if names else "all who helped"


def _rolled_back(record: Record) -> dict[str, str]:
    if record.rollback is None:
        return {}
    decision, deployment = record.rollback.decision, record.rollback.deployment
    found = {"from": decision.from_, "to": decision.to, "reason": decision.reason}
    found["decided_by"] = decision.decided_by
    if record.rollback.is_done and deployment is not None:
        found["rolled_back"] = at(deployment.ended)
    return found
