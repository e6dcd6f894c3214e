# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads compared by fingerprints: a run may be stopped, or overtaken, at any call, and no rotation is skipped or made twice."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    IntegrityError,
    InvalidInput,
    LostRace,
    NotFound,
    PermissionDenied,
    Refused,
    Stranger,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.values import format_time
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import (
    Payload,
    Secret,
    Version,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.fingerprints import (
    TURN,
    Fingerprint,
    annotated,
    fingerprints_in,
    fitting,
    other_annotations,
    size_of,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_secret import DesiredSecret, Secrets
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_secret_version import SecretVersions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.secret_versions import (
    DesiredVersion,
)

NAME = "projects/123456789012/secrets/s"
PLACE = {"secret": "s", "project": "demo-project"}
OLD, NEW = "the-old-token-of-the-index", "the-new-token-of-the-index"
KEY = "registry-auth-sha256.{}"


class Stop(BaseException):
    """The end of a process."""


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self, now=1_800_000_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Service:
    """Secret Manager with one secret in it. C(hooks): what happens before and after a call, by its position and "before" or "after"."""

    def __init__(self, clock, *payloads):
        self.clock = clock
        self.annotations = {"why": "test"}
        self.etag = 1
        self.versions = {}
        self.calls = []
        self.hooks = {}
        for payload in payloads:
            self._add(payload.encode())

    def _add(self, data, *, confirmed=True, created=None):
        number = len(self.versions) + 1
        self.versions[number] = [data, "ENABLED", confirmed, self.clock() if created is None else created]
        return self._version(number)

    def _version(self, number):
        if number not in self.versions:
            raise NotFound("no such version")
        _data, state, confirmed, created = self.versions[number]
        time = format_time(datetime.fromtimestamp(created, UTC))
        return Version(f"{NAME}/versions/{number}", number, state, time, checksum_confirmed=confirmed)

    def _call(self, name, do):
        position = len(self.calls)
        self.calls.append(name)
        self.hooks.get((position, "before"), lambda: None)()
        try:
            return do()
        finally:
            self.hooks.get((position, "after"), lambda: None)()

    def list_versions(self, _secret):
        return self._call("list", lambda: [self._version(number) for number in sorted(self.versions, reverse=True)])

    def get_secret(self, _secret):
        return self._call("get", lambda: Secret(NAME, annotations=dict(self.annotations), etag=str(self.etag)))

    def get_version(self, version):
        return self._call("get version", lambda: self._version(int(version.version)))

    def access(self, version):
        number = len(self.versions) if version.version == "latest" else int(version.version)
        return self._call("access", lambda: Payload(f"{NAME}/versions/{number}", number, self.versions[number][0]))

    access_enabled = access

    def update_secret(self, _secret, wanted, mask, etag):
        assert list(mask) == ["annotations"]

        def update():
            if etag != str(self.etag):
                raise LostRace("stale etag")
            self.annotations, self.etag = dict(wanted.annotations), self.etag + 1
            return Secret(NAME, annotations=dict(self.annotations), etag=str(self.etag))

        return self._call("update", update)

    def add_version(self, _secret, data):
        return self._call("add", lambda: self._add(data))

    def tell(self):
        return [data.decode() for data, _state, _confirmed, _created in self.versions.values()]


def desire(payload=NEW, compare="fingerprint", **options):
    return DesiredVersion.from_options({**PLACE, "payload": payload, "compare": compare, **options})


def run(service, *, check_mode=False, **options):
    """One run of the task, as a process of its own."""

    def connect():
        return SecretVersions(service, clock=service.clock)

    def backoff(**given):
        return Backoff(clock=service.clock, sleep=service.clock.sleep, **given)

    (outcome,) = reconcile(connect, [desire(**options)], check_mode=check_mode, backoff=backoff)
    return outcome


@pytest.fixture
def service():
    """A secret whose version 1 has a fingerprint."""
    made = Service(Clock(), OLD)
    assert run(made, payload=OLD, compare="both").changed
    made.calls.clear()
    made.clock.now += 100_000
    return made


def test_a_fingerprint_is_what_the_documentation_says(service):
    value = service.annotations[KEY.format(1)]
    salt, digest = value.split(":")
    assert digest == hashlib.sha256(f"{salt}:{NAME}/versions/1:{OLD}".encode()).hexdigest()
    assert run(service).changed
    salt, digest, announced = service.annotations[KEY.format(2)].split(":")
    assert digest == hashlib.sha256(f"{salt}:{NAME}/versions/2:{NEW}".encode()).hexdigest()
    assert int(announced) == int(service.clock())
    assert service.annotations["why"] == "test"
    assert len({one.split(":")[0] for key, one in service.annotations.items() if key != "why"}) == 2


def test_two_calls_show_that_nothing_differs(service):
    assert not run(service, payload=OLD).changed
    assert service.calls == ["list", "get"]


def test_a_rotation_takes_three_more_and_reads_no_payload(service):
    outcome = run(service)
    assert outcome.changed
    assert outcome.result["secret_version"]["version"] == 2
    assert service.calls == ["list", "get", "get version", "update", "add"]
    service.calls.clear()
    assert not run(service).changed
    assert service.calls == ["list", "get"]
    assert service.tell() == [OLD, NEW]


def test_check_mode_says_what_a_run_does_and_writes_nothing(service):
    foreseen = run(service, check_mode=True)
    assert service.calls == ["list", "get", "get version"]
    done = run(service)
    assert (foreseen.changed, foreseen.before, foreseen.after, foreseen.result) == (
        done.changed,
        done.before,
        done.after,
        done.result,
    )
    assert done.before["versions_with_fingerprints"] == [1]
    assert done.after["versions_with_fingerprints"] == [1, 2]
    assert done.after["payload"] == "(hidden, the one given)"
    shown = json.dumps([done.before, done.after, done.result])
    assert not any(part in shown for value in service.annotations.values() for part in value.split(":") if ":" in value)


def test_without_a_fingerprint_nothing_is_written_and_the_way_on_is_told():
    service = Service(Clock(), OLD)
    for payload in (OLD, NEW):
        for check_mode in (True, False):
            outcome = run(service, payload=payload, check_mode=check_mode)
            assert outcome.error.code == "no_fingerprint"
            assert not outcome.changed
    for words in (f"{NAME}/versions/1", "compare=both", "without_fingerprint=add", "secret_version_compare"):
        assert words in outcome.message
    assert not {"update", "add", "access"} & set(service.calls)
    assert run(service, payload=OLD, compare="both").changed
    assert not run(service, payload=OLD, compare="both").changed
    assert not run(service, payload=OLD).changed
    assert service.tell() == [OLD]


def test_whoever_says_so_adds_a_version_where_there_is_no_fingerprint():
    service = Service(Clock(), OLD)
    assert run(service, payload=OLD, without_fingerprint="add").changed
    assert not run(service, payload=OLD, without_fingerprint="add").changed
    assert service.tell() == [OLD, OLD]


def test_a_secret_without_an_enabled_version_needs_no_fingerprint():
    service = Service(Clock())
    assert run(service).changed
    service.versions[1][1] = "DISABLED"
    assert run(service).changed
    assert service.tell() == [NEW, NEW]


def test_both_replaces_what_is_wrong_and_adds_what_differs(service):
    service.versions[1][0] = b"another payload than the fingerprint says"
    assert run(service, compare="both").changed
    assert service.tell()[-1] == NEW
    assert not run(service, compare="both").changed
    assert not run(service).changed
    service.annotations[KEY.format(2)] = f"{'0' * 32}:{'0' * 64}"
    assert run(service, compare="both").changed
    assert not run(service).changed
    assert len(service.tell()) == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", range(5))
def test_a_run_that_is_stopped_at_any_call_is_completed_by_the_next(service, position, when):
    def stop():
        raise Stop

    service.hooks[position, when] = stop
    with pytest.raises(Stop):
        run(service)
    service.hooks.clear()
    assert run(service).error is None
    assert service.tell() == [OLD, NEW]
    assert not run(service).changed
    assert "access" not in service.calls


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", range(5))
def test_a_failure_that_passes_changes_nothing_about_the_end(service, position, when):
    def fail():
        service.hooks.clear()
        raise Unavailable("out of service")

    service.hooks[position, when] = fail
    outcome = run(service)
    assert outcome.error is None
    assert outcome.changed
    assert service.tell() == [OLD, NEW]
    assert not run(service).changed


@pytest.mark.parametrize("payload", [NEW, "the-third-token-of-the-index"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", range(5))
def test_a_failure_for_good_leaves_nothing_that_the_next_run_cannot_settle(service, position, when, payload):
    """An answer that is nobody's, before or after the service did its work: nothing waits for longer than one turn."""

    def fail():
        service.hooks.clear()
        raise Stranger("not the service")

    service.hooks[position, when] = fail
    first = run(service)
    assert first.error.code == "refused"
    began, added = service.clock.now, service.tell()[1:]
    assert first.changed or not added
    second = run(service, payload=payload)
    assert second.error is None
    assert service.clock.now - began <= TURN + 3
    assert service.tell() == [OLD, *added, *([] if added == [payload] else [payload])]
    assert not run(service, payload=payload).changed
    assert "access" not in service.calls
    assert_fingerprints_are_right(service)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("payload", [NEW, "the-third-token-of-the-index"])
def test_of_two_runs_at_once_each_payload_is_added_once(service, position, when, payload):
    """The second one runs as a whole while the first one stands still; for as long as that may be adding a version, it waits."""
    ended = []

    def meanwhile():
        service.hooks.clear()
        frozen = service.clock.sleep
        # The time of a run that waits is another one's moment.
        began, waits = service.clock.now, []

        def sleep(seconds):
            waits.append(seconds)
            if sum(waits) > 5:
                raise Stop
            service.clock.now = began

        service.clock.sleep = sleep
        try:
            ended.append(run(service, payload=payload))
        except Stop:
            ended.append(None)
        service.clock.sleep = frozen

    service.hooks[position, when] = meanwhile
    first = run(service)
    assert first.error is None
    if ended[0] is None:
        assert run(service, payload=payload).error is None
    told = service.tell()
    assert sorted(told) == sorted({OLD, NEW, payload})
    assert not run(service, payload=told[-1]).changed
    assert_fingerprints_are_right(service)


def assert_fingerprints_are_right(service):
    for number, found in fingerprints_in(service.annotations).items():
        if number in service.versions:
            assert found.matches(service.versions[number][0], f"{NAME}/versions/{number}"), number


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", range(6))
def test_what_somebody_else_adds_meanwhile_is_never_taken_for_ours(service, position, when, confirmed):
    """As by hand with gcloud, which announces nothing."""
    service.hooks[position, when] = lambda: service._add(b"by hand", confirmed=confirmed)
    first = run(service)
    service.hooks.clear()
    assert_fingerprints_are_right(service)
    if service.tell()[-1] == "by hand":
        assert run(service).error.code == "no_fingerprint"
        assert run(service, compare="both").changed
    else:
        assert first.error is None or first.error.code == "no_fingerprint"
        assert run(service).error is None
    assert service.tell()[-1] == NEW
    assert service.tell().count(NEW) <= 2


@pytest.mark.parametrize(
    ("late", "confirmed", "ours"), [(30, True, True), (900, True, False), (-900, True, False), (30, False, False)]
)
def test_an_announcement_counts_for_what_was_added_right_then(service, late, confirmed, ours):
    """A run is stopped before it adds the version that it has announced, and one of that number comes from elsewhere."""

    def stop():
        raise Stop

    service.hooks[4, "before"] = stop
    with pytest.raises(Stop):
        run(service)
    service._add(NEW.encode(), confirmed=confirmed, created=service.clock() + late)
    outcome = run(service)
    assert (outcome.error is None) == ours
    if not ours:
        assert outcome.error.code == "no_fingerprint"
    assert len(service.tell()) == 2


def test_a_wrong_clock_is_no_reason_to_fail_later(service):
    """The service's clock is hours away from ours, so that an announcement would not count."""
    real = service._add
    service._add = lambda data: real(data, created=service.clock() + 7200)
    assert run(service).changed
    assert service.calls[-2:] == ["add", "update"]
    assert not run(service).changed
    assert_fingerprints_are_right(service)


def test_a_fingerprint_that_cannot_be_written_after_the_fact_is_written_by_the_next_try(service):
    """Another one was faster, and then the secret changes once more: the run knows which number it was given."""
    service.hooks[4, "before"] = lambda: service._add(b"by hand")

    def relabel():
        service.etag += 1

    service.hooks[5, "before"] = relabel
    outcome = run(service)
    assert outcome.error is None
    assert outcome.result["secret_version"]["version"] == 3
    assert service.tell() == [OLD, "by hand", NEW]
    assert not run(service).changed
    assert_fingerprints_are_right(service)


@pytest.mark.parametrize(
    ("error", "changed"), [(PermissionDenied("no"), False), (Refused("no"), False), (IntegrityError("damaged"), False)]
)
def test_what_cannot_be_added_is_announced_no_longer(service, error, changed):
    before = dict(service.annotations)

    def refuse():
        raise error

    service.hooks[4, "before"] = refuse
    outcome = run(service)
    assert outcome.error is error
    assert outcome.changed == changed
    assert service.annotations == before


def test_a_version_that_may_be_damaged_gets_no_fingerprint(service):
    """It exists, and the service did not confirm its checksum."""
    error = IntegrityError("not confirmed")
    error.partially_applied = True
    before = dict(service.annotations)

    def damage():
        service.versions[2][2] = False
        raise error

    service.hooks[4, "after"] = damage
    outcome = run(service)
    assert outcome.error is error
    assert outcome.changed
    assert service.annotations == before
    assert run(service).error.code == "no_fingerprint"


def test_fingerprints_of_destroyed_versions_are_dropped(service):
    assert run(service).changed
    service.versions[1][1] = "DESTROYED"
    assert not run(service).changed
    assert KEY.format(1) in service.annotations
    assert run(service, payload="the-third-token-of-the-index").changed
    assert sorted(fingerprints_in(service.annotations)) == [2, 3]


def test_a_version_that_becomes_the_newest_enabled_one_again_is_known(service):
    assert run(service).changed
    service.versions[2][1] = "DISABLED"
    outcome = run(service, payload=OLD)
    assert not outcome.changed
    assert outcome.result["secret_version"]["version"] == 1


def test_fingerprints_of_another_secret_match_nothing(service):
    other = "projects/123456789012/secrets/other"
    found = fingerprints_in(service.annotations)[1]
    assert found.matches(OLD.encode(), f"{NAME}/versions/1")
    assert not found.matches(OLD.encode(), f"{other}/versions/1")
    assert not found.matches(OLD.encode(), f"{NAME}/versions/2")


@pytest.mark.parametrize("value", ["", "sha256", "0" * 97, f"{'g' * 32}:{'0' * 64}", f"{'0' * 32}:{'0' * 64}:soon"])
def test_a_fingerprint_that_cannot_be_read_says_nothing(service, value):
    service.annotations[KEY.format(1)] = value
    assert run(service, payload=OLD).error.code == "no_fingerprint"


def test_annotations_stay_below_their_limit():
    """Source of the limit and of what counts: the comments on Secret.annotations in google/cloud/secretmanager/v1/resources.proto."""
    many = {number: Fingerprint("0" * 32, "0" * 64) for number in range(1, 1001)}
    kept = fitting({}, many, secret=NAME)
    assert size_of(annotated({}, kept)) < 16 * 1024
    assert len(kept) > 100
    assert list(kept) == list(range(1001 - len(kept), 1001))
    crowded = {"notes": "x" * (16 * 1024 - 200)}
    assert list(fitting(crowded, many, secret=NAME)) == [1000]
    with pytest.raises(Refused, match="no room for a fingerprint"):
        fitting({"notes": "x" * (16 * 1024 - 100)}, many, secret=NAME)


def test_no_room_is_said_before_anything_is_written(service):
    service.annotations["notes"] = "x" * (16 * 1024 - 120)
    assert "no room" in run(service).message
    assert not {"update", "add"} & set(service.calls)


@pytest.mark.parametrize("options", [{"compare": "payload"}, {"compare": "both"}])
def test_what_to_do_without_a_fingerprint_is_asked_only_where_they_are_compared(options):
    with pytest.raises(InvalidInput, match="without_fingerprint is for compare=fingerprint only"):
        desire(without_fingerprint="add", **options)


def test_a_payload_that_can_be_guessed_gives_a_warning():
    (warning,) = desire(payload="hunter2").warnings
    assert "hunter2" not in warning
    assert desire().warnings == desire(payload="hunter2", compare="payload").warnings == ()


@pytest.mark.parametrize("options", [{"purge_annotations": True}, {}])
def test_gcp_secret_leaves_fingerprints_alone_and_does_not_show_them(service, options):
    current = Secret(NAME, annotations=dict(service.annotations))
    resource = Secrets(api=None)
    same = DesiredSecret.from_options({**PLACE, "annotations": {"why": "test"}, **options})
    assert resource.plan(current, same) is None
    other = DesiredSecret.from_options({**PLACE, "annotations": {"who": "me"}, **options})
    change = resource.plan(current, other)
    assert fingerprints_in(change.after.annotations) == fingerprints_in(current.annotations)
    kept = {} if options else {"why": "test"}
    assert resource.diff(change.after, other)["annotations"] == {"who": "me", **kept}
    assert other_annotations(change.after.annotations) == {"who": "me", **kept}


def test_gcp_secret_takes_no_fingerprint_as_an_annotation():
    with pytest.raises(InvalidInput, match="keeps the fingerprint of a version"):
        DesiredSecret.from_options({**PLACE, "annotations": {KEY.format(3): "x"}})
