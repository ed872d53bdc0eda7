"""The eleven steps of the process: what each still needs, and the command for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.approval import consent_of, is_out
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.deployments import departed, described, rolled_back, still_running
from krow_versions.hotfix.done import is_done
from krow_versions.hotfix.entries import ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE
from krow_versions.hotfix.gates import FAILED, left, new_files, renewing
from krow_versions.hotfix.landing import difference, seeing_undone, undone, unfetched
from krow_versions.hotfix.messages import fixes
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER, WATCH
from krow_versions.hotfix.postmortem import DOCUMENTED, documenting
from krow_versions.hotfix.production import deciding
from krow_versions.hotfix.sending import sending, sent_before, when_begun
from krow_versions.hotfix.step_context import OpenPoint
from krow_versions.hotfix.tasks import Task, TaskKind, announce_call, text_options
from krow_versions.planning.commands import DECIDING, DECLARING
from krow_versions.text.escaping import shell_command, shell_word
from krow_versions.text.times import at
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.step_context import StepContext

_THERE = "the remote has its branch, and it is not here"
_UNRECORDED = "not known: it is out, and nothing is recorded here of what people did since"


def declare(case: StepContext) -> OpenPoint | None:
    """Step 1: recorded with issue and impact."""
    facts = case.facts
    older = facts.base if facts and facts.newer else None  # Else it would start from the newest.
    command = case.calls.start(f"--from {shell_word(older.name)} {DECLARING}" if older else DECLARING)
    if case.record.declaration is None:
        begun = case.facts is not None and case.facts.tip is not None
        if case.facts is not None and (case.facts.merged or case.facts.tag or case.facts.tag_there):
            return OpenPoint("nothing is recorded here; another checkout may have it", command, past=True)
        if case.facts is not None and begun and case.facts.tip_here is None:
            name = case.facts.branch
            return OpenPoint(
                f"{name} is not here, but {case.facts.found_as} is", f"{case.git} switch {shell_word(name)}"
            )
        if case.join:
            return OpenPoint(_THERE, case.join)
        why = "the branch is there, but nothing is recorded here" if begun else "nothing is declared"
        return OpenPoint(why, command)
    if not is_done(case.boxes, "severity"):
        return OpenPoint("issue or impact is not said", command)
    return None


def branch(case: StepContext) -> OpenPoint | None:
    """Step 2: made from the production tag."""
    facts = case.facts
    if case.shipped:
        return None
    if facts is None or facts.tip is None:
        if case.join:
            return OpenPoint(_THERE, case.join)
        declared = case.record.declaration
        if declared and case.elsewhere:
            why = f"{declared.branch} is not pushed, as far as is known here: {declared.holder} has it"
            until = f"when {declared.holder} has pushed the branch"
            return OpenPoint(why, case.run("hotfix status"), blocked=True, until=until)
        if declared:
            making = f"{case.git} branch {shell_word(declared.branch)} COMMIT"
            why = f"{declared.branch} is recorded, but not here: find its last commit, then {making}"
            return OpenPoint(why, f"{case.git} reflog", blocked=True)
        return OpenPoint("there is no branch yet", case.calls.start())
    if facts.left:
        return OpenPoint(left(facts), renewing(facts), blocked=True)
    found = case.wrong(2)
    if found and not facts.merged:
        return OpenPoint(_reason(found), case.run("hotfix check"), blocked=True)
    return None


def fix(case: StepContext) -> OpenPoint | None:
    """Step 3: one committed fix with a complete message, small, inside the product."""
    facts = case.facts
    if facts is None or case.shipped or facts.merged:
        return None
    under_way = facts.state.repo.under_way
    if under_way:
        why = f"a {under_way} is under way: finish or abort it"
        return OpenPoint(why, f"{case.git} status", blocked=True)
    if not facts.checked_out and case.wrong(3, 4, 5):
        return OpenPoint(
            f"{facts.branch} is not checked out", f"{case.git} switch {shell_word(facts.branch)}"
        )
    if not fixes(facts):
        why = f"not committed: {listed(facts.dirty)}" if facts.dirty else "there is no fix: commit yet"
        return OpenPoint(why, case.commit_fix)
    others = {path for path in facts.dirty if path not in own_paths(facts)}
    new = new_files(facts)
    found = case.wrong(3, without="" if others or new else "clean")
    if found is None:
        return None
    if found.id == "clean" and facts.dirty:
        return OpenPoint(_reason(found), case.commit)
    if found.id == "commit-message" and found.todo == f"{case.git} commit --amend":
        return OpenPoint(found.found, f"{case.git} commit --amend")
    return OpenPoint(_reason(found), case.run("hotfix check"), blocked=True)


def version(case: StepContext) -> OpenPoint | None:
    """Step 4: every version file committed at the target."""
    return _files_step(case, case.run("bump-patch"), 4)


def changelog(case: StepContext) -> OpenPoint | None:
    """Step 5: the row committed."""
    return _files_step(case, case.run("changelog add", "-m TEXT"), 5)


def review(case: StepContext) -> OpenPoint | None:
    """Step 6: pushed, asked for, approved."""
    facts = case.facts
    if facts is None or is_out(facts) is not False or consent_of(facts, case.record.approvals).given:
        return None
    when = f"when {str(facts.tip or facts.tag_at)[:12]} is approved"
    waiting = OpenPoint(_waiting(case), case.tick("approval"), blocked=True, until=when)
    if facts.merged or case.shipped:
        return waiting
    # What main has undone is for the merge: the review looks at the tip in any case.
    failing = next((gate for gate in case.gates if gate.verdict == FAILED and gate.id != "main"), None)
    if failing:
        return OpenPoint(_reason(failing), case.run("hotfix check"), blocked=True)
    if facts.branch_there and facts.lacking != 0 and (found := difference(facts)):
        return OpenPoint(found.why, found.task, blocked=True)
    if facts.branch_pushed is False:
        return OpenPoint("the branch is not pushed, or was changed since", case.task(TaskKind.REQUEST))
    if not is_done(case.boxes, "review") and facts.remote is None:
        return OpenPoint("there is no remote: ask for the review yourself, and say so", case.tick("review"))
    if not is_done(case.boxes, "review") and not (facts.pull_request and facts.pull_request.asks):
        if facts.unseen is not None:
            why = "the branch is pushed: open the pull request, and say so"
            return OpenPoint(f"{why} ({facts.unseen})", case.tick("review"))
        return OpenPoint("the review is not asked for", case.task(TaskKind.REQUEST))
    return waiting


def merge(case: StepContext) -> OpenPoint | None:
    """Step 7: main contains the branch, here and on the remote."""
    facts, finishing = case.facts, case.task(TaskKind.FINISH)
    if facts is None:
        return None
    if facts.newer is not None:  # Of an older line: main stays as it is.
        return None
    if facts.undone:
        is_out = case.shipped and facts.tag_pushed is True
        return OpenPoint(undone(facts), seeing_undone(facts), blocked=True, past=is_out)
    if not facts.merged and facts.main_moved and (lacking := unfetched(facts)):
        return OpenPoint(f"whether {facts.main_name} contains it is not known here", lacking.task)
    if not facts.merged and not (case.shipped and facts.tip is None):
        failing = next((gate for gate in case.gates if gate.verdict == FAILED), None)
        if failing:
            return OpenPoint(_reason(failing), case.run("hotfix check"), blocked=True)
        if differing := difference(facts):
            return OpenPoint(differing.why, differing.task, blocked=True)
        moved = f", and has moved on by {counted(facts.behind, 'commit')}" if facts.behind else ""
        why = f"{facts.main_name} does not contain the hotfix{moved}"
        # A main that has moved since the last fetch may have it: finish fetches, and sees.
        if case.reviewed and not facts.main_moved and (facts.branch_pushed or facts.requested):
            why += f": waiting for the merge of the pull request on {facts.remote}; then: {finishing.command}"
            return OpenPoint(why, case.run("hotfix pr"), blocked=True)
        return OpenPoint(why, finishing)
    if facts.main_pushed is False:
        return OpenPoint(f"merged here, but {facts.main_name} is not pushed", finishing)
    return None


def tag(case: StepContext) -> OpenPoint | None:
    """Step 8: the annotated tag on the tip, pushed, and its GitHub Release."""
    facts, finishing = case.facts, case.task(TaskKind.FINISH)
    if facts is None:
        return None
    if lacking := unfetched(facts):
        return OpenPoint(lacking.why, lacking.task)
    if facts.tag is None:
        return OpenPoint("merged, but not tagged" if facts.merged else "not tagged", finishing)
    name = facts.tag.name
    is_lightweight = not facts.tag_annotated and not facts.tag_pushed
    if not facts.finished or is_lightweight:
        what = "is no annotated tag, and a tag never moves"
        what = what if facts.finished else "is elsewhere, and a tag never moves: the version is taken"
        return OpenPoint(f"{name} {what}", f"{case.git} show {shell_word(name)}", blocked=True)
    if facts.remote is None:
        return None
    if facts.tag_pushed is None:
        why = f"whether {facts.remote} has {name} is not known: it could not be asked"
        return OpenPoint(why, case.run("hotfix status"), blocked=True)
    if not facts.tag_pushed:
        return OpenPoint(f"{name} is made, but not pushed", finishing)
    if not is_done(case.boxes, "github-release") and case.record.is_tracked:
        ticking = case.tick("github-release")
        why = f"{name} is pushed, but its GitHub Release is not ticked: {ticking.command}"
        releasing = ticking if facts.unseen else case.task(TaskKind.RELEASE)
        return OpenPoint(why, releasing, past=not _is_calm(case))
    return None


def deploy(case: StepContext) -> OpenPoint | None:
    """Step 9: the last deployment succeeded."""
    if is_done(case.boxes, "deployed"):
        return None
    record = case.record
    deploying = case.task(TaskKind.DEPLOY) if case.deploys else case.tick("deployed")
    if record.rollback is not None and not record.rollback.is_done:
        running = still_running(record, case.now)
        again = " --again" if running and running.tag == record.rollback.decision.to else ""
        going_on = case.run("hotfix rollback", f"--run{again}" if case.deploys else "--done")
        until = "if that died" if again else ""
        return OpenPoint(rolled_back(record.rollback), going_on, blocked=True, until=until)
    if record.rollback is not None and _is_back(case):
        return OpenPoint(rolled_back(record.rollback), deploying, past=True)
    if record.left is not None:
        return OpenPoint(departed(record.left), case.run("hotfix report"), past=True)
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, deploying, past=True)
    if case.above:
        rest = f"--to {record.version} {DECIDING}"
        why = f"{case.above}: what is older is deployed only by a rollback"
        return OpenPoint(why, deciding(case.calls, case.above, rest), blocked=True)
    if not case.deploys:
        return OpenPoint("deploy it by hand (no command is configured), then tick it", deploying)
    if running := still_running(record, case.now):
        again = case.run("hotfix deploy", "--run --again")
        why = f"{described(running)}; wait for its end, or repeat it if it died"
        return OpenPoint(why, again, blocked=True, until="if that died")
    last = record.last_attempt
    if last is not None:
        return OpenPoint(described(last), deploying, blocked=True)
    return OpenPoint("not deployed, as far as is recorded here", deploying)


def verify(case: StepContext) -> OpenPoint | None:
    """Step 10: smoke tests passed, logs watched."""
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, case.run("hotfix report"), past=True)
    if _is_back(case) or case.record.left:
        return OpenPoint("it is not in production any more", case.run("hotfix report"), past=True)
    box = next((box for box in ("smoke-tests", "logs-watched") if not is_done(case.boxes, box)), None)
    if box is None:
        return None
    due = case.record.deployed + WATCH if box == "logs-watched" and case.record.deployed else case.now
    if case.now >= due:
        return OpenPoint(f"{box} is not ticked", case.tick(box))
    why, until = f"logs are watched until {at(due)}", f"at {at(due)}"
    meanwhile = not is_done(case.boxes, "users-notified")  # Users hear of it before that is over.
    return OpenPoint(why, case.tick(box), blocked=True, past=meanwhile, until=until, due=due)


def notify(case: StepContext) -> OpenPoint | None:
    """Step 11: users notified, status update after a day, incident documented."""
    record = case.record
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, case.run("hotfix announce", "--draft"), past=True)
    way, is_back = TaskKind.SEND if case.notifies else TaskKind.ANNOUNCE, _is_back(case)
    serves, text = not (is_back or record.left), ROLLBACK_NOTICE if is_back else ANNOUNCEMENT
    if (serves or is_back) and sent_before(record, text) is None:
        if begun := sending(record, text):
            done = announce_call(case.calls, text, "--done")
            return OpenPoint(when_begun(begun), done, blocked=True, until="if it has arrived")
        shown = case.run("hotfix announce", shell_command(text_options(text)))
        by_hand = "" if case.notifies else f": send what {shown} prints"
        what = " of the rollback" if is_back else ""
        return OpenPoint(f"users are not notified{what}{by_hand}", case.task(way, text))
    if serves and sent_before(record, FOLLOW_UP) is None:
        due = (record.deployed or case.now) + FOLLOWED_UP_AFTER
        waiting = case.now < due
        why = f"the status update {'is' if waiting else 'was'} due at {at(due)}"
        announcing = case.task(way, FOLLOW_UP)
        if not waiting:
            return OpenPoint(why, announcing)
        return OpenPoint(why, announcing, blocked=True, until=f"at {at(due)}", due=due)
    if not is_done(case.boxes, DOCUMENTED):
        return OpenPoint(*documenting(record, times_of(record, case.facts), case.now, case.calls))
    return None


STEPS = {
    "Declare": declare,
    "Branch": branch,
    "Fix": fix,
    "Version": version,
    "CHANGELOG": changelog,
    "Review": review,
    "Merge": merge,
    "Tag": tag,
    "Deploy": deploy,
    "Verify": verify,
    "Tell": notify,
}
"""The steps by title, in order."""


def own_paths(facts: Facts) -> set[str]:
    """Give the paths that steps 4 and 5 change."""
    own = {file.path for file in facts.state.files if file.repo == facts.state.product.repo}
    return own | ({facts.state.changelog.path} if facts.state.changelog else set())


def _is_back(case: StepContext) -> bool:
    """Whether it was deployed, and production went back to an older version since."""
    rollback = case.record.rollback
    return rollback is not None and rollback.is_done and case.record.last_attempt is not None


def _is_calm(case: StepContext) -> bool:
    """Whether production works, as far as people say, and users know it: until then other things wait."""
    if _is_back(case):
        return sent_before(case.record, ROLLBACK_NOTICE) is not None
    return is_done(case.boxes, "smoke-tests") and sent_before(case.record, ANNOUNCEMENT) is not None


def _waiting(case: StepContext) -> str:
    """Say that the approval is missing, and what was approved instead."""
    found = next((each.note for each in case.boxes if each.box.id == "approval"), "")
    return f"waiting for the approval{f': {found}' if 'approv' in found else ''}"


def _files_step(case: StepContext, command: str, step: int) -> OpenPoint | None:
    facts = case.facts
    if facts is None or case.shipped or facts.merged:
        return None
    found = case.wrong(step)
    if found is None:
        return None
    if facts.checked_out and any(path in own_paths(facts) for path in facts.dirty):
        here = [f.version for f in facts.state.files if f.version]
        if here and all(str(version.with_build(None)) == str(facts.version) for version in here):
            why = f"changed, but not committed: {listed(facts.dirty)}"
            return OpenPoint(why, Task(case.commit, TaskKind.VERSION))
    if found.verdict != FAILED:
        return OpenPoint(found.found, case.run("hotfix check"), blocked=True)
    return OpenPoint(found.found, Task(command, TaskKind.VERSION))


def _reason(gate: Gate) -> str:
    return f"{gate.found}{f'; {gate.todo}' if gate.todo else ''}"
