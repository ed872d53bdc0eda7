"""Errors, alone and in groups, as an importer catches them; see ``values.py``."""

from typing import assert_type

import krow_versions as kv


def one(ws: kv.Workspace) -> None:
    try:
        ws.plan_bump("web")
    except kv.Busy as error:
        assert_type(error.lock, str | None)
    except kv.Problems as error:
        assert_type(error.hint, str | None)
    except (kv.InputError, kv.Unsupported, kv.OperationFailed) as error:
        assert_type(error.message, str)
        assert_type(error.path, str | None)
        assert_type(error.line, int | None)
        assert_type(error.where, str)
    except kv.KrowVersionsError as error:
        assert_type(error.hint, str | None)


def several(ws: kv.Workspace) -> None:
    try:
        ws.plan_bump("web")
    except* kv.Conflict as group:
        assert_type(group, ExceptionGroup[kv.Conflict])
        for conflict in group.exceptions:
            assert_type(conflict, kv.Conflict | ExceptionGroup[kv.Conflict])
    except* (kv.UsageError, kv.GitError) as group:
        assert_type(group, ExceptionGroup[kv.UsageError | kv.GitError])


def families(errors: tuple[kv.ConfigError, kv.InvalidVersion, kv.GitError, kv.InternalError]) -> None:
    usage: kv.UsageError = errors[0]
    value: ValueError = errors[1]
    failed: kv.OperationFailed = errors[2]
    wrong: kv.InputError = errors[3]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(usage, value, failed, wrong)
