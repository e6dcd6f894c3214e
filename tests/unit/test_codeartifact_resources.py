# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""codeartifact_domain, codeartifact_repository and their info twins on an API that lives in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import Domain, Repository
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import domain_name
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import NamedState
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_domain import (
    CodeArtifactDomains,
    DesiredDomain,
    DomainReadings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_repository import (
    CodeArtifactRepositories,
    DesiredRepository,
    RepositoryReadings,
    WantedRepositories,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.codeartifact import DesiredTags

OWNER = "123456789012"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/{KEY_ID}"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/other"


class FakeCodeArtifact:
    """Domains and repositories with tags, what was called, and failures to come, by method."""

    region = "eu-west-1"

    def __init__(self):
        self.domains, self.repositories, self.tags, self.packages = {}, {}, {}, set()
        self.calls, self.failures = [], {}

    def called(self, method, *what):
        self.calls.append(" ".join([method, *map(str, what)]))
        if self.failures.get(method):
            raise self.failures[method].pop(0)

    def found(self, name):
        domain = name.domain if isinstance(name.domain, str) else name.domain.domain
        if domain not in self.domains:
            raise ResourceMissing(f"{name} does not exist.", "domain")
        if name.kind == "domain":
            return self.domains[domain]
        if name.repository not in self.repositories:
            raise ResourceMissing(f"{name} does not exist.", "repository")
        return self.repositories[name.repository]

    def describe_domain(self, name):
        self.called("describe_domain")
        return replace(self.found(name), repository_count=len(self.repositories))

    def create_domain(self, name, key, tags):
        self.called("create_domain")
        if name.domain in self.domains:
            raise LostRace("exists")
        arn = f"arn:domain/{name.domain}"
        self.tags[arn] = dict(tags)
        self.domains[name.domain] = Domain(name.domain, OWNER, arn, key or KEY, status="Active")
        return self.domains[name.domain]

    def delete_domain(self, name):
        self.called("delete_domain")
        del self.domains[name.domain]

    def describe_repository(self, name):
        self.called("describe_repository")
        return self.found(name)

    def list_repositories(self, name):
        self.called("list_repositories")
        self.found(name)
        return list(self.repositories.values())

    def has_packages(self, name):
        self.called("has_packages")
        return name.repository in self.packages

    def check(self, upstreams):
        for upstream in upstreams:
            if upstream not in self.repositories:
                raise ResourceMissing("gone", "repository")

    def create_repository(self, name, description, upstreams, tags):
        self.called("create_repository", name.repository)
        if name.repository in self.repositories:
            raise LostRace("exists")
        self.check(upstreams)
        arn = f"arn:repository/{name.repository}"
        self.tags[arn] = dict(tags)
        return self.store(
            Repository(name.repository, "demo", OWNER, OWNER, arn, description or None, tuple(upstreams), None, "now")
        )

    def store(self, repository):
        self.repositories[repository.name] = repository
        return repository

    def update_repository(self, name, **differs):
        self.called("update_repository", *differs)
        self.check(differs.get("upstreams", ()))
        if "description" in differs:
            differs["description"] = differs["description"] or None
        return self.store(replace(self.found(name), **differs))

    def delete_repository(self, name):
        self.called("delete_repository")
        self.found(name)
        del self.repositories[name.repository]

    def connect(self, name, connection):
        self.called("connect", connection)
        if not connection.startswith("public:"):
            raise ResourceMissing("no such", "repository")
        return self.store(replace(self.found(name), external_connection=connection))

    def disconnect(self, name, connection):
        self.called("disconnect", connection)
        return self.store(replace(self.found(name), external_connection=None))

    def list_tags(self, name, arn):
        self.called("list_tags")
        self.found(name)
        return dict(self.tags[arn])

    def tag(self, name, arn, tags):
        self.called("tag", *tags)
        self.tags[arn].update(tags)

    def untag(self, name, arn, keys):
        self.called("untag", *keys)
        for key in keys:
            del self.tags[arn][key]


@pytest.fixture
def api():
    return FakeCodeArtifact()


@pytest.fixture
def full(api):
    """A domain with a repository of each kind."""
    run(api, domain())
    api.tags["arn:domain/demo"] = {"aws:stack": "x", "team": "a"}
    run(api, repository("public", external_connection="public:pypi"))
    run(api, repository("shared"))
    run(api, repository("team", description="Ours", upstreams=["public", "shared"], tags={"team": "a"}))
    api.calls.clear()
    return api


def domain(name="demo", **options):
    return DesiredDomain.from_options({"domain": name, **options})


def repository(name="python", **options):
    return DesiredRepository.from_options({"domain": "demo", "repository": name, **options})


def run_all(api, *desired, check_mode=False):
    kind = {
        DesiredDomain: CodeArtifactDomains,
        DesiredRepository: CodeArtifactRepositories,
        NamedState: DomainReadings,
        WantedRepositories: RepositoryReadings,
    }[type(desired[0])]

    def backoff(**options):
        return Backoff(**options, clock=lambda: 0, sleep=lambda _seconds: None)

    return reconcile(lambda: kind(api), desired, check_mode=check_mode, backoff=backoff)


def run(api, desired, check_mode=False):
    return run_all(api, desired, check_mode=check_mode)[0]


def writes(api):
    reads = ("describe_", "list_", "has_packages")
    return [call for call in api.calls if not call.startswith(reads)]


# Domains.


def test_a_domain_is_created_once_and_check_mode_says_so(api):
    desired = domain(tags={"team": "a"}, encryption_key=KEY)
    foreseen, made, again = run(api, desired, check_mode=True), run(api, desired), run(api, desired)

    assert [foreseen.changed, made.changed, again.changed] == [True, True, False]
    assert (
        foreseen.after
        == made.after
        == again.before
        == {"state": "present", "encryption_key": KEY, "tags": {"team": "a"}}
    )
    assert foreseen.before == made.before == {}
    assert made.result == again.result
    assert made.result["domain"]["tags"] == {"team": "a"}
    assert writes(api) == ["create_domain"]


def test_tags_of_a_domain_that_are_not_wanted_are_not_read(api):
    run(api, domain())

    assert run(api, domain()).result["domain"]["tags"] is None
    assert api.calls == ["describe_domain", "create_domain", "describe_domain"]


@pytest.mark.parametrize(
    ("options", "expected", "calls"),
    [
        ({"tags": {"team": "b", "stage": 1}}, {"aws:stack": "x", "team": "b", "stage": "1"}, ["tag team stage"]),
        ({"tags": {"stage": "1"}}, {"aws:stack": "x", "stage": "1"}, ["untag team", "tag stage"]),
        ({"tags": {"stage": "1"}, "purge_tags": False}, {"aws:stack": "x", "team": "a", "stage": "1"}, ["tag stage"]),
        ({"tags": {}}, {"aws:stack": "x"}, ["untag team"]),
        ({"tags": {}, "purge_tags": False}, {"aws:stack": "x", "team": "a"}, []),
        ({"tags": {"team": "a"}}, {"aws:stack": "x", "team": "a"}, []),
        ({"purge_tags": True}, None, []),
    ],
)
def test_tags_are_added_changed_and_purged(full, options, expected, calls):
    outcome = run(full, domain(**options))

    assert outcome.changed == bool(calls)
    assert outcome.result["domain"]["tags"] == expected
    assert writes(full) == calls


def test_what_fails_after_something_was_written_is_told_as_changed(full):
    full.failures["tag"] = [PermissionDenied("no")]
    outcome = run(full, domain(tags={"stage": "1"}))

    assert outcome.changed
    assert outcome.error.code == "permission_denied"


@pytest.mark.parametrize("wanted", [KEY, KEY_ID, "alias/packages", f"arn:aws:kms:eu-west-1:{OWNER}:alias/packages"])
def test_a_key_that_may_be_the_domains_is_left(full, wanted):
    outcome = run(full, domain(encryption_key=wanted))

    assert (outcome.changed, outcome.error) == (False, None)
    assert bool(outcome.warnings) == ("alias" in wanted)


@pytest.mark.parametrize("wanted", [OTHER_KEY, "other", KEY.upper()])
def test_another_key_is_refused_before_anything_is_written(full, wanted):
    outcome = run(full, domain(encryption_key=wanted, tags={"stage": "1"}))

    assert outcome.error.code == "immutable"
    assert writes(full) == []


def test_a_domain_with_repositories_stays(full):
    outcome = run(full, domain(state="absent"), check_mode=True)

    assert outcome.error.code == "refused"
    assert "it has repositories: 3" in str(outcome.error)
    full.repositories.clear()
    deleted, again = run(full, domain(state="absent")), run(full, domain(state="absent"))
    assert [deleted.changed, again.changed] == [True, False]
    assert deleted.result == {"domain": None}
    assert deleted.after == {}


@pytest.mark.parametrize("lost", ["tag", "untag"])
@pytest.mark.parametrize(
    "entry", [domain, lambda **options: repository("team", **options)], ids=["domain", "repository"]
)
def test_tags_are_looked_at_since_the_answers_say_nothing(full, monkeypatch, lost, entry):
    """Something in between answers the first write of tags with nothing, as the service would, and does not pass it on."""
    real, dropped = getattr(full, lost), []

    def drop_first(*args):
        if dropped:
            real(*args)
        dropped.append(args)

    monkeypatch.setattr(full, lost, drop_first)
    outcome = run(full, entry(tags={"stage": "1"}))
    assert outcome.error is None
    assert outcome.changed
    assert len(dropped) == 2
    monkeypatch.undo()
    assert not run(full, entry(tags={"stage": "1"})).changed


def test_who_loses_the_race_to_create_a_domain_tags_it(api):
    class Slow(FakeCodeArtifact):
        def create_domain(self, name, key, tags):
            if not self.domains:
                super().create_domain(name, key, {})
            return super().create_domain(name, key, tags)

    api = Slow()
    outcome = run(api, domain(tags={"team": "a"}))

    assert outcome.changed
    assert api.tags == {"arn:domain/demo": {"team": "a"}}


# Repositories.


def test_a_repository_is_created_with_all_it_has(full):
    desired = repository(
        description="Ours", upstreams=["shared", "public"], external_connection="public:npmjs", tags={"team": "a"}
    )
    foreseen, made, again = run(full, desired, check_mode=True), run(full, desired), run(full, desired)

    assert [foreseen.changed, made.changed, again.changed] == [True, True, False]
    assert foreseen.after == made.after == again.before
    assert made.after == {
        "state": "present",
        "description": "Ours",
        "upstreams": ["shared", "public"],
        "external_connection": "public:npmjs",
        "tags": {"team": "a"},
    }
    assert made.result == again.result
    assert writes(full) == ["create_repository python", "connect public:npmjs"]


@pytest.mark.parametrize(
    ("options", "doubtful"),
    [
        ({"upstreams": ["shared"], "external_connection": "public:npmjs"}, True),
        # What the other option leaves as it is counts as well.
        ({"external_connection": "public:npmjs"}, True),
        ({"description": "Ours"}, False),
        ({"upstreams": [], "external_connection": "public:npmjs"}, False),
    ],
)
def test_both_upstreams_and_a_connection_are_warned_of_until_codeartifact_has_taken_them(full, options, doubtful):
    run(full, repository(upstreams=["public"]))
    foreseen, made, again = (run(full, repository(**options), check_mode=mode) for mode in (True, False, False))
    changed = run(full, repository(**options, tags={"team": "a"}))

    assert [made.changed, again.changed, changed.changed] == [True, False, True]
    assert foreseen.warnings == made.warnings
    assert ["the one or the other" in warning for warning in made.warnings] == [True] * doubtful
    assert again.warnings == changed.warnings == ()


def test_what_codeartifact_refuses_of_both_was_warned_of(full):
    full.failures["connect"] = [InvalidInput("no")]
    outcome = run(full, repository(upstreams=["shared"], external_connection="public:npmjs"))

    assert outcome.error is not None
    assert len(outcome.warnings) == 1


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        ({}, []),
        ({"description": "Ours", "upstreams": ["public", "shared"], "tags": {"team": "a"}}, []),
        ({"description": "Theirs"}, ["update_repository description"]),
        ({"description": ""}, ["update_repository description"]),
        ({"upstreams": ["shared", "public"]}, ["update_repository upstreams"]),
        ({"upstreams": [], "description": "x"}, ["update_repository description upstreams"]),
        (
            {"upstreams": [], "external_connection": "public:pypi"},
            ["update_repository upstreams", "connect public:pypi"],
        ),
        ({"external_connection": ""}, []),
        ({"tags": {"stage": "1"}}, ["untag team", "tag stage"]),
    ],
)
def test_only_what_differs_is_written(full, options, calls):
    desired = repository("team", **options)
    foreseen, made, again = run(full, desired, check_mode=True), run(full, desired), run(full, desired)

    assert writes(full) == calls
    assert foreseen.changed == made.changed == bool(calls)
    assert not again.changed
    assert foreseen.result == made.result == again.result


def test_another_connection_takes_the_place_of_the_first_and_upstreams_that_of_the_last(full):
    run(full, repository("public", external_connection="public:npmjs"))
    run(full, repository("public", external_connection="", upstreams=["shared"]))

    assert writes(full) == [
        "disconnect public:pypi",
        "connect public:npmjs",
        "disconnect public:npmjs",
        "update_repository upstreams",
    ]


def test_a_connection_that_there_is_not_leaves_the_repository_changed(full):
    outcome = run(full, repository("public", external_connection="unknown"))

    assert outcome.changed
    assert outcome.error.code == "not_found"
    assert "there is none of that name" in str(outcome.error)


def test_a_creation_whose_answer_is_lost_goes_on_from_there(full):
    def lose(name, *arguments):
        FakeCodeArtifact.create_repository(full, name, *arguments)
        raise Unavailable("lost")

    full.create_repository = lose
    outcome = run(full, repository(external_connection="public:pypi"))

    assert outcome.changed
    assert outcome.error is None
    assert outcome.before == {}
    assert outcome.result["repository"]["external_connection"] == "public:pypi"


def test_an_upstream_that_does_not_exist_is_named(full):
    for outcome in (run(full, repository(upstreams=["nowhere"])), run(full, repository("team", upstreams=["nowhere"]))):
        assert outcome.error.code == "not_found"
        assert "cannot have the upstreams nowhere" in str(outcome.error)
        assert not outcome.changed


def test_of_several_upstreams_the_one_that_the_service_names_is_told(full):
    def lacks(_upstreams):
        raise ResourceMissing("gone", "repository", "nowhere")

    full.check = lacks
    outcome = run(full, repository(upstreams=["public", "nowhere"]))
    assert str(outcome.error).endswith(
        "cannot have the upstreams public, nowhere: nowhere does not exist in the domain."
    )


@pytest.mark.parametrize("options", [{"description": "Theirs"}, {"upstreams": ["shared"]}])
def test_a_repository_that_goes_while_it_is_written_is_not_taken_for_its_domain_or_its_upstreams(full, options):
    def gone(name, **_differs):
        raise ResourceMissing("gone", "repository", name.repository)

    full.update_repository = gone
    outcome = run(full, repository("team", **options))
    assert str(outcome.error).startswith("There is no repository demo/team in the region eu-west-1.")


def test_entries_come_after_their_upstreams(api):
    run(api, domain())
    outcomes = run_all(
        api, repository("team", upstreams=["shared"]), repository("shared", upstreams=["public"]), repository("public")
    )

    assert [(one.changed, one.error) for one in outcomes] == [(True, None)] * 3
    assert [call for call in api.calls if call.startswith("create_r")] == [
        f"create_repository {name}" for name in ("public", "shared", "team")
    ]


def test_entries_in_a_circle_are_refused_before_any_call(api):
    with pytest.raises(InvalidInput, match="in a circle"):
        run_all(api, repository("one", upstreams=["two"]), repository("two", upstreams=["one"]))
    assert api.calls == []


def test_a_repository_in_no_domain(api):
    real, foreseen = run(api, repository()), run(api, repository(), check_mode=True)
    absent = run(api, repository(state="absent"))

    assert real.error.code == "not_found"
    assert "There is no domain demo in the region" in str(real.error)
    assert foreseen.changed
    assert "as if an earlier task had created it" in foreseen.warnings[0]
    assert (absent.changed, absent.error) == (False, None)


def test_a_repository_with_packages_stays_unless_forced(full):
    full.packages.add("team")
    kept = run(full, repository("team", state="absent"))

    assert kept.error.code == "refused"
    assert "because it has packages" in str(kept.error)
    assert run(full, repository("team", state="absent", force=True)).changed
    assert not run(full, repository("team", state="absent")).changed
    assert full.calls.count("has_packages") == 1


def test_an_empty_repository_is_deleted_without_being_told_to(full):
    outcome = run(full, repository("shared", state="absent"))

    assert outcome.changed
    assert outcome.result == {"repository": None}
    assert (outcome.before["state"], outcome.after) == ("present", {})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"description": "two\nlines"}, "ends of lines"),
        ({"description": "x" * 1001}, "1000 characters"),
        ({"upstreams": ["python"]}, "its own upstream"),
        ({"upstreams": ["a1", "a1"]}, "twice"),
        ({"upstreams": ["no good"]}, "upstreams: repository 'no good'"),
        ({"upstreams": [f"r{number}" for number in range(11)]}, "up to 10"),
        ({"external_connection": "no good"}, "public:pypi"),
        ({"tags": {"aws:x": "1"}}, "not aws: at its beginning"),
        ({"tags": {"": "1"}}, "1 to 128"),
        ({"tags": {"x": None}}, "not text"),
        ({"tags": {"x": "y" * 257}}, "256"),
    ],
)
def test_wrong_options_are_refused(options, says):
    with pytest.raises(InvalidInput, match=says):
        repository(**options)


@pytest.mark.parametrize("key", ["", "with space", "x" * 1012])
def test_a_wrong_key_is_refused(key):
    with pytest.raises(InvalidInput, match="encryption_key"):
        domain(encryption_key=key)


def test_tags_are_texts():
    assert DesiredTags.from_options({"tags": {"a": 1, "c": ""}}).tags == {"a": "1", "c": ""}
    with pytest.raises(InvalidInput, match=r"tags\.b is not text"):
        DesiredTags.from_options({"tags": {"b": True}})


# Readings.


def test_a_domain_is_read_with_its_tags(full):
    there, nowhere = run_all(
        full, NamedState.of(domain_name, {"domain": "demo"}), NamedState.of(domain_name, {"domain": "nowhere"})
    )

    assert there.result["domain"]["exists"]
    assert there.result["domain"]["repository_count"] == 3
    assert there.result["domain"]["tags"] == {"aws:stack": "x", "team": "a"}
    assert nowhere.result["domain"] == dict.fromkeys(there.result["domain"]) | {"exists": False}


def test_one_and_all_repositories_are_read(full):
    def wanted(**options):
        return WantedRepositories.from_options({"domain": "demo", **options})

    everything, one, none = run_all(full, wanted(), wanted(repository="team"), wanted(repository="nowhere"))

    assert [found["name"] for found in everything.result["repositories"]] == ["public", "shared", "team"]
    assert one.result["repositories"] == [everything.result["repositories"][2]]
    assert one.result["repositories"][0]["tags"] == {"team": "a"}
    assert none.result["repositories"] == []
    assert full.calls.count("list_repositories") == 1


def test_repositories_of_no_domain_are_an_error(api):
    outcome = run(api, WantedRepositories.from_options({"domain": "demo"}))

    assert outcome.error.code == "not_found"
    assert "There is no domain demo" in str(outcome.error)


# What a write is answered with.


def answering(api, method, **fields):
    """Have a write answered with other values in these fields."""
    honest = getattr(api, method)
    setattr(api, method, lambda *args, **options: replace(honest(*args, **options), **fields))


PARTLY = " A part of the change was made."
OTHER_ANSWERS = {
    "a domain's name": (domain("new"), "create_domain", {"name": "other"}, "name", ""),
    "a domain's key": (domain("new", encryption_key=KEY), "create_domain", {"encryption_key": OTHER_KEY}, "encryption_key", ""),
    "a new description": (repository(description="A"), "create_repository", {"description": "B"}, "description", ""),
    "new upstreams": (repository(upstreams=["shared"]), "create_repository", {"upstreams": ()}, "upstreams", ""),
    "both": (repository(upstreams=["shared"], description="A"), "create_repository", {"description": None, "upstreams": ()}, "description and upstreams", ""),
    "another description": (repository("team", description="A"), "update_repository", {"description": "Ours"}, "description", ""),
    "another order": (repository("team", upstreams=["shared", "public"]), "update_repository", {"upstreams": ("public", "shared")}, "upstreams", ""),
    "a connection": (repository(external_connection="public:npmjs"), "connect", {"external_connection": None}, "external_connection", PARTLY),
    "a connection that stays": (repository("public", external_connection=""), "disconnect", {"external_connection": "public:npmjs"}, "external_connection", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("desired", "method", "fields", "what", "part"), OTHER_ANSWERS.values(), ids=OTHER_ANSWERS.keys()
)
def test_an_answer_that_has_something_else_is_no_success(full, desired, method, fields, what, part):
    answering(full, method, **fields)
    outcome = run(full, desired)

    assert outcome.error.code == "unconfirmed"
    assert outcome.changed
    assert f"its answer differs from what was asked for: {what}." in outcome.message
    assert outcome.message.endswith(part or " The change may have been made all the same.")
    assert [call.split()[0] for call in writes(full)].count(method) == 1, "the same again would be answered the same"


@pytest.mark.parametrize(
    ("desired", "method", "fields"),
    [
        # What is left alone is CodeArtifact's to say.
        (repository("team", description="A"), "update_repository", {"upstreams": ()}),
        (domain("new"), "create_domain", {"encryption_key": OTHER_KEY}),
        # Of which key an alias is, only KMS knows.
        (domain("new", encryption_key="alias/packages"), "create_domain", {"encryption_key": OTHER_KEY}),
        (repository(description=""), "create_repository", {"description": None}),
    ],
)
def test_an_answer_is_held_to_what_was_asked_for(full, desired, method, fields):
    answering(full, method, **fields)
    assert run(full, desired).error is None
