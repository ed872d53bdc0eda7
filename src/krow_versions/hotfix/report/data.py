"""The incident document as data, and the JSON Schema of it: both follow from one description."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.hotfix.postmortem import AREAS, KINDS, QUESTIONS, STAGES
from krow_versions.hotfix.report.events import DECISIONS, SENT, SOURCES
from krow_versions.hotfix.report.model import HEAD, MOMENTS
from krow_versions.text.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.report.model import Incident

SCHEMA = 1


def _or_null(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(of), {"type": "null"}]}


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"enum": list(values)}


TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
WHEN, DAY = {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}
NUMBER, COUNT = {"type": "integer"}, {"type": "integer", "minimum": 0}
# The keys of each kind of object are the names of the attributes that their values come from.
STATUS = {"state": _one_of(STAGES), "at": _or_null(WHEN), "who": TEXT}
EVENT = {"at": WHEN, "source": _one_of(SOURCES), "what": TEXT, "who": TEXT, "noted": _or_null(WHEN)}
FACT = {"text": TEXT, "at": WHEN, "who": TEXT}
ACTION = {
    "id": TEXT,
    "what": TEXT,
    "kind": _one_of(KINDS),
    "area": _one_of(AREAS),
    "owner": TEXT,
    "due": _or_null(DAY),
    "done": FLAG,
    "at": WHEN,
    "who": TEXT,
}
DEPLOYMENT = {
    "tag": TEXT,
    "at": WHEN,
    "ended": _or_null(WHEN),
    "exit_code": _or_null(NUMBER),
    "by_hand": FLAG,
    "rollback": FLAG,
    "who": TEXT,
}
DECISION = {"at": WHEN, "kind": _one_of(DECISIONS), "what": TEXT, "reason": TEXT, "who": TEXT}
CHECKED = {"done": _or_null(FLAG), "at": _or_null(WHEN), "note": TEXT}
ITEM = {"id": TEXT, "label": TEXT, "at": _or_null(WHEN)}
COMMIT = {"id": TEXT, "date": WHEN, "subject": TEXT}
FILE = {"path": TEXT, "added": _or_null(COUNT), "deleted": _or_null(COUNT)}
ANNOUNCEMENT = {"name": _one_of(SENT), "text": TEXT, "sent": _or_null(WHEN)}
ANNOUNCEMENT |= {"by_hand": FLAG, "who": TEXT, "errors": TEXT, "as_sent": FLAG}
CONTACT = {"role": TEXT, "does": TEXT, "reach": _or_null(TEXT)}
DETECTION = {"detected": WHEN, "declared": WHEN, "seconds_until_declared": COUNT}


def to_json(incident: Incident) -> dict[str, Any]:
    """Give the document as data; what nobody has said is null, and in ``lacking`` if it must be said."""
    declared = incident.declaration
    detection = {
        "detected": iso(declared.zero),
        "declared": iso(declared.started),
        "seconds_until_declared": int((declared.started - declared.zero).total_seconds()),
    } if declared else None  # fmt: skip
    return {
        "schema": SCHEMA,
        "product": incident.product,
        "title": incident.title,
        "version": incident.version,
        "date": iso(incident.date),
        "written": iso(incident.written),
        "status": _data(incident.stage, STATUS),
        "authors": list(incident.authors),
        "head": {
            name: iso(incident.moments.get(name)) if name in MOMENTS else incident.head.get(name)
            for name in HEAD
        },
        "impact": incident.impact or None,
        "timeline": [_data(each, EVENT) for each in incident.events],
        "plan": incident.plan.to_json() if incident.plan else None,
        "detection": detection,
        "facts": {each.question.field: each.said and _data(each.said, FACT) for each in incident.answers},
        "actions": [_data(each, ACTION) for each in incident.actions],
        "lacking": [each.what for each in incident.lacking],
        "deployments": [_data(each, DEPLOYMENT) for each in incident.deployments],
        "decisions": [_data(each, DECISION) for each in incident.decisions],
        "checklist": [_box(each) for each in incident.boxes],
        "commits": [_data(each, COMMIT) for each in incident.commits],
        "files": [_data(each, FILE) for each in incident.changes],
        "announcements": [_data(each, ANNOUNCEMENT) for each in incident.announcements],
        "contacts": [_data(each, CONTACT) for each in incident.contacts],
        "channel": incident.channel,
    }


def _box(each: Checked) -> dict[str, Any]:
    items = [{"id": item.id, "label": item.label, "at": iso(when)} for item, when in each.items]
    return {"id": each.box.id, "label": each.box.label} | _data(each, CHECKED) | {"items": items}


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of what :func:`to_json` returns.

    It allows more keys, which later versions may have.
    """
    fact = _or_null(_object(FACT))
    properties = {
        "schema": {"const": SCHEMA},
        "product": TEXT,
        "title": TEXT,
        "version": TEXT,
        "date": DAY,
        "written": WHEN,
        "status": _object(STATUS),
        "authors": {"type": "array", "items": TEXT},
        "head": _object({name: _or_null(WHEN if name in MOMENTS else TEXT) for name in HEAD}),
        "impact": _or_null(TEXT),
        "timeline": _list_of(EVENT),
        "plan": {"type": ["object", "null"]},
        "detection": _or_null(_object(DETECTION)),
        "facts": _object(dict.fromkeys((each.field for each in QUESTIONS), fact)),
        "actions": _list_of(ACTION),
        "lacking": {"type": "array", "items": TEXT},
        "deployments": _list_of(DEPLOYMENT),
        "decisions": _list_of(DECISION),
        "checklist": _list_of({"id": TEXT, "label": TEXT} | CHECKED | {"items": _list_of(ITEM)}),
        "commits": _list_of(COMMIT),
        "files": _list_of(FILE),
        "announcements": _list_of(ANNOUNCEMENT),
        "contacts": _list_of(CONTACT),
        "channel": TEXT,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The incident document of krow-versions hotfix report --format json",
        **_object(properties),
    }


def _data(value: object, keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain(getattr(value, key)) for key in keys}


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, dt.date) else value


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _list_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}
