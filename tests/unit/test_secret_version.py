# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for versions: bytes compared, states changed, nothing shown."""

from __future__ import annotations

import base64

import pytest
from ansible.plugins.loader import lookup_loader
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    ImmutableDifference,
    InvalidInput,
    NotFound,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import FailedPrecondition
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import Payload, Version
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_secret_version import SecretVersions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.secret_versions import (
    DesiredVersion,
    VersionState,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = "projects/123456789012/secrets/s"
PLACE = {"secret": "s", "project": "demo-project"}
RESOURCE = SecretVersions(api=None)

STATES = ["ENABLED", "DISABLED", "DESTROYED"]
OPTION = {"ENABLED": "enabled", "DISABLED": "disabled", "DESTROYED": "destroyed"}


def desire(**options):
    return DesiredVersion.from_options({**PLACE, **options})


# Not text, so that it is no part of a name, and as base64 neither: that ends in a sign that names do not have.
PAYLOADS = st.binary(max_size=1).map(lambda data: b"\xff" + data)


@given(st.none() | PAYLOADS, st.integers(0, 9), PAYLOADS)
def test_a_payload_is_added_once(held, older, wanted):
    current = VersionState(NAME, older + 1 if held else None, "ENABLED" if held else None, held, older + 1)
    desired = desire(payload_base64=base64.b64encode(wanted).decode())
    change = RESOURCE.plan(current, desired)
    assert (change is None) == (held == wanted)
    after = change.after if change else current
    assert after.payload == wanted
    assert after.state == "ENABLED"
    assert RESOURCE.plan(after, desired) is None
    if change:
        assert after.version == current.newest + 1


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wanted", STATES)
def test_states(state, wanted):
    current = VersionState(NAME, 3, state)
    desired = desire(version=3, state=OPTION[wanted])
    if state == "DESTROYED" != wanted:
        with pytest.raises(ImmutableDifference, match="is destroyed and cannot become"):
            RESOURCE.plan(current, desired)
        return
    change = RESOURCE.plan(current, desired)
    assert (change is None) == (state == wanted)
    if change:
        assert RESOURCE.plan(change.after, desired) is None


def test_a_version_that_will_be_destroyed_counts_as_destroyed():
    current = VersionState(NAME, 3, "DISABLED", scheduled_destroy_time="2031-01-01T00:00:00Z")
    assert RESOURCE.plan(current, desire(version=3, state="destroyed")) is None
    assert RESOURCE.plan(current, desire(version=3, state="enabled")) is not None


def test_text_and_base64_are_the_same_bytes():
    assert desire(payload="pässword").payload == desire(payload_base64="cMOkc3N3b3Jk").payload
    assert desire(payload_base64="cMOk\nc3N3b3Jk\n").payload == "pässword".encode()


class Lagging:
    """Secret Manager whose alias "latest" and lists show only the first versions; numbers show all."""

    def __init__(self, *payloads, seen):
        self.payloads = payloads
        self.seen = seen
        self.calls = []

    def access(self, version):
        self.calls.append(version.version)
        number = self.seen if version.version == "latest" else int(version.version)
        if not 1 <= number <= len(self.payloads):
            raise NotFound("no such version")
        if self.payloads[number - 1] is None:
            raise FailedPrecondition("disabled")
        return Payload(f"{NAME}/versions/{number}", number, self.payloads[number - 1])

    access_enabled = access

    def list_versions(self, _secret):
        return [
            Version(f"{NAME}/versions/{number}", number, "ENABLED" if self.payloads[number - 1] else "DISABLED")
            for number in range(self.seen, 0, -1)
        ]


@pytest.mark.parametrize(
    ("payloads", "seen", "found", "newest", "calls"),
    [
        ([b"sesame"], 1, 1, 1, ["latest"]),
        ([b"old"], 1, 1, 1, ["latest", "2"]),
        ([b"old", b"sesame"], 1, 2, 2, ["latest", "2"]),
        ([b"old", None, b"sesame"], 1, 3, 3, ["latest", "2", "3"]),
        ([b"sesame"], 0, 1, 1, ["latest", "1"]),
        ([], 0, None, 0, ["latest", "1"]),
        ([b"sesame", None], 2, 1, 2, ["latest", "1"]),
    ],
)
def test_a_version_that_is_not_yet_seen_is_found_by_its_number(payloads, seen, found, newest, calls):
    api = Lagging(*payloads, seen=seen)
    state = SecretVersions(api).read(desire(payload="sesame"))
    assert (state.version, state.newest) == (found, newest)
    assert api.calls == calls


def test_payloads_are_never_shown():
    desired = desire(payload="sesame-open")
    current = VersionState(NAME, 1, "ENABLED", b"sesame-closed", 1)
    change = RESOURCE.plan(current, desired)
    everything = [desired, change, RESOURCE.result(change.after, desired)]
    everything += [RESOURCE.diff(change.before, desired), RESOURCE.diff(change.after, desired)]
    assert "sesame" not in repr(everything)
    assert RESOURCE.diff(change.before, desired)["payload"] == "(hidden, another one)"
    assert RESOURCE.diff(change.after, desired)["payload"] == "(hidden, the one given)"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "either as payload or as payload_base64"),
        ({"payload": "a", "payload_base64": "YQ=="}, "either as payload or as payload_base64"),
        ({"payload": ""}, "empty"),
        ({"payload_base64": ""}, "empty"),
        ({"payload_base64": "sesame!"}, "not base64"),
        ({"payload": "sesame\udc80"}, "not text in UTF-8"),
        ({"payload": "x" * 65537}, "65537 bytes"),
        ({"payload": "demo-project"}, "part of the secret's own name"),
        ({"payload": "sesame", "version": 3}, "version cannot be chosen"),
        ({"state": "disabled"}, "version is missing"),
        ({"state": "enabled", "version": 0}, "numbered from 1"),
        ({"state": "destroyed", "version": 1, "payload": "sesame"}, "takes no payload"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(options, says):
    with pytest.raises(InvalidInput) as refusal:
        desire(**options)
    assert says in str(refusal.value)
    assert "sesame" not in str(refusal.value)


def refused(*entries, **options):
    """What the lookup says of entries."""
    return lookup_loader.get("pkgops.registry_auth.refused_payloads").run(list(entries), **options)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"secret": "s"}, "batch[1] (s): Give the payload either as payload or as payload_base64."),
        ({"secret": "s", "payload": None}, "batch[1] (s): Give the payload either"),
        ({"secret": "s", "payload": ""}, "batch[1] (s): The payload is empty"),
        ({"secret": "s", "payload_base64": "sesame!"}, "batch[1] (s): payload_base64 is not base64."),
        ({"secret": "s", "payload": "x" * 65537}, "batch[1] (s): The payload has 65537 bytes"),
        (
            {"secret": "sesame", "payload": "sesame"},
            "batch[1] (sesame): The payload is a part of the secret's own name",
        ),
        ({"secret": "s", "payload": 12345678}, "batch[1]: payload is a number, not text."),
        ({"secret": "s", "payload": {"text": "open"}}, "batch[1]: payload is a mapping, not text."),
        ({"secret": "s", "payload_base64": ["open"]}, "batch[1]: payload_base64 is a list, not text."),
        ("secret=s payload=open", "batch[1] must be a mapping of options, not text."),
        ({"payload": "open"}, "batch[1]: secret is missing"),
    ],
)
def test_payloads_are_refused_before_anything_is_stored(entry, says):
    found = refused({"secret": "other", "payload": "sesame-open", "labels": {"team": "a"}}, entry)

    assert [sentence.startswith(says) for sentence in found] == [True]
    assert "open" not in found[0]


def test_what_holds_for_all_entries_is_refused_too():
    entries = [
        {"secret": "s", "payload": "open sesame"},
        {"secret": "s2", "project": "other-project", "payload": "project"},
    ]

    assert refused(*entries[:1], project="demo-project", compare="fingerprint", without_fingerprint="add") == []
    assert [one[:9] for one in refused(*entries[:1], of="all", without_fingerprint="add")] == ["all[0] (s"]
    # A payload in the name of the project, wherever that is said.
    assert len(refused(*entries)) == 1
    assert refused({"secret": "s", "payload": "demo"}) == []
    assert len(refused({"secret": "s", "payload": "demo"}, project="demo-project")) == 1


def test_bytes_that_are_no_part_of_the_output_as_they_were_given_may_be_part_of_a_name():
    assert desire(payload_base64=base64.b64encode(b"demo").decode()).payload == b"demo"


def test_the_largest_payload_is_accepted():
    assert len(desire(payload="x" * 65536).payload) == 65536


class Shared:
    """Secret Manager that several runs write to."""

    def __init__(self):
        self.payloads = []
        self.calls = []

    def access(self, version):
        self.calls.append(f"access {version.version}")
        number = len(self.payloads) if version.version == "latest" else int(version.version)
        if not 1 <= number <= len(self.payloads):
            raise NotFound("no such version")
        return Payload(f"{NAME}/versions/{number}", number, self.payloads[number - 1])

    access_enabled = access

    def list_versions(self, _secret):
        self.calls.append("list")
        return [Version(f"{NAME}/versions/{number}", number, "ENABLED") for number in range(len(self.payloads), 0, -1)]

    def add_version(self, _secret, data):
        self.calls.append("add")
        self.payloads.append(data)
        return Version(f"{NAME}/versions/{len(self.payloads)}", len(self.payloads), "ENABLED")


def test_two_runs_at_once_may_add_twice_and_later_ones_add_nothing():
    """Each has the number that it was given, both stay enabled, and neither of them pays for looking after."""
    service, wanted = Shared(), desire(payload="sesame!")
    one, other = SecretVersions(service), SecretVersions(service)
    changes = [run.plan(run.read(wanted), wanted) for run in (one, other)]
    before = list(service.calls)
    numbers = [run.apply(change, wanted).version for run, change in zip((one, other), changes, strict=True)]

    assert numbers == [1, 2]
    assert service.calls == [*before, "add", "add"]
    later = one.read(wanted)
    assert one.plan(later, wanted) is None
    assert later.version == 2
    assert service.calls[-1] == "access latest"


# Payloads within names. Ansible hides an option with no_log wherever it is in a result: remove_values in ansible-core's
# module_utils/common/parameters.py. Google answers names with the project's number: the Secret resource in Secret Manager's reference.

HIDDEN = "part of the name of its version"


def reconciled(service, desired, check_mode=False):
    (outcome,) = reconcile(lambda: SecretVersions(service), [desired], check_mode=check_mode)
    return outcome


@pytest.mark.parametrize(
    ("payload", "newest"),
    [
        # NAME has the project's number, which nobody gave.
        ("56789012", 6),
        ("12/secrets/s/versions/7", 6),
        # What a new version's number would be, or have in it.
        ("35", 34),
        ("50", 1499),
    ],
)
@pytest.mark.parametrize("held", [False, True])
def test_a_payload_within_a_name_that_was_read_is_refused(payload, newest, held):
    """Before it is stored, and also where it is stored already: the next task could not use the name."""
    number = newest + 1 if held else newest
    current = VersionState(NAME, number, "ENABLED", payload.encode() if held else b"other", number)
    with pytest.raises(InvalidInput, match=HIDDEN) as refusal:
        RESOURCE.plan(current, desire(payload=payload))
    assert payload not in str(refusal.value)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_payload_within_the_number_of_the_project_is_not_stored_again(check_mode):
    service = Shared()
    service.payloads = [b"other"]
    outcome = reconciled(service, desire(payload="56789012"), check_mode)
    assert (outcome.error.code, outcome.changed) == ("invalid_input", False)
    assert service.payloads == [b"other"]


def test_that_a_payload_within_a_name_was_stored_is_said():
    """The first answer with the number is that of the write, where the secret has no version yet."""
    service = Shared()
    outcome = reconciled(service, desire(payload="56789012"))
    assert HIDDEN in outcome.message
    assert outcome.message.endswith(" The change was made.")
    assert "56789012" not in outcome.message
    assert outcome.changed
    assert service.payloads == [b"56789012"]
    again = reconciled(service, desire(payload="56789012"))
    assert (HIDDEN in again.message, again.changed, len(service.payloads)) == (True, False, 1)
    assert not again.message.endswith("The change was made.")


def test_a_number_that_another_run_took_is_looked_at_when_it_is_known():
    """The plan was for version 34. Somebody else was faster, so it is version 35, which is the payload."""

    class Faster(Shared):
        def add_version(self, secret, data):
            super().add_version(secret, b"theirs")
            return super().add_version(secret, data)

    service = Faster()
    service.payloads = [b"other"] * 33
    outcome = reconciled(service, desire(payload="35"))
    assert outcome.message.endswith(" The change was made.")
    assert outcome.changed


def test_only_what_was_given_is_hidden():
    """Bytes whose base64 was given are not known to Ansible."""
    current = VersionState(NAME, 6, "ENABLED", b"other", 6)
    encoded = base64.b64encode(b"56789012").decode()
    assert RESOURCE.plan(current, desire(payload_base64=encoded)).after.version == 7
    assert RESOURCE.plan(VersionState(NAME, 56, "ENABLED"), desire(version=56, state="disabled")) is not None
