# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to find in policies of Artifact Registry's repositories, from Google's advice on them, and what is left alone."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import (
    Binding,
    Condition,
    Policy,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.repository_access import (
    Governed,
    Matrix,
    Scope,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.repository_findings import find, warnings

HERE = RepositoryName("demo-project", "us-central1", "python")
READER, WRITER = "roles/artifactregistry.reader", "roles/artifactregistry.writer"
ADA = "user:ada@example.com"
COMPUTE = "serviceAccount:1-compute@developer.gserviceaccount.com"
AGENT = "serviceAccount:1@cloudservices.gserviceaccount.com"
POOL = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci"
BUCKETS = Condition("request.time < x", "soon")


def found(own=(), project=(), *, mode="STANDARD_REPOSITORY", others=(), roles=None):
    repository = Governed(HERE, Policy(tuple(Binding(*one) for one in own)), mode)
    policy = Policy(tuple(Binding(*one) for one in project))
    scope = Scope("demo-project", policy, (repository, *others), "1", roles or {})
    return find(Matrix(scope), {HERE})


OWN = [
    # (role, member) in the repository's own policy, and the codes with their severities
    ((READER, "allUsers"), [("public_access", "high")]),
    ((READER, "allAuthenticatedUsers"), [("public_access", "high")]),
    ((WRITER, "domain:example.com"), [("wide_publish", "medium")]),
    ((WRITER, f"{POOL}/*"), [("wide_publish", "medium")]),
    ((WRITER, "group:ops@example.com"), [("wide_publish", "low")]),
    ((WRITER, COMPUTE), [("default_account", "medium")]),
    ((READER, COMPUTE), [("default_account", "low")]),
    ((READER, "deleted:user:ada@example.com?uid=1"), [("dead_principal", "low")]),
    (("projects/p/roles/ours", ADA), [("unjudged_role", "low")]),
    (("roles/run.builder", ADA), [("unexpected_role", "low")]),
    # What is meant
    ((READER, "group:ops@example.com"), []),
    ((READER, "domain:example.com"), []),
    ((WRITER, ADA), []),
    ((WRITER, f"{POOL}/attribute.repository/octo-org/app"), []),
    (("roles/artifactregistry.admin", ADA), []),
    (("roles/storage.admin", "allUsers"), []),
    (("roles/run.serviceAgent", AGENT), []),
]


@pytest.mark.parametrize(("binding", "wanted"), OWN)
def test_bindings_of_a_repository(binding, wanted):
    role, member = binding
    assert [(one.code, one.severity) for one in found([(role, (member,))])] == wanted


PROJECT = [
    (("roles/editor", ADA), [("basic_role", "medium")]),
    (("roles/editor", COMPUTE), [("basic_role", "medium"), ("default_account", "medium")]),
    (("roles/viewer", ADA), [("basic_role", "low")]),
    (("roles/owner", ADA), []),
    (("roles/editor", AGENT), []),
    ((WRITER, ADA), []),
    (("roles/storage.admin", ADA), []),
]


@pytest.mark.parametrize(("binding", "wanted"), PROJECT)
def test_bindings_of_a_project(binding, wanted):
    role, member = binding
    findings = found(project=[(role, (member,))])
    assert sorted((one.code, one.severity) for one in findings) == wanted
    for one in findings:
        assert one.where == f"project demo-project, {role}"
        assert f"gcloud projects remove-iam-policy-binding demo-project --role={role} --member={member}" in one.remedy


@pytest.mark.parametrize("mode", ["REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY"])
def test_nobody_publishes_to_what_takes_nothing(mode):
    assert [one.code for one in found([(WRITER, (ADA,))], mode=mode)] == ["idle_writer"]
    assert found([(READER, (ADA,))], mode=mode) == []
    assert found([("roles/artifactregistry.admin", (ADA,))], mode=mode) == []


@pytest.mark.parametrize(("mode", "severity"), [("STANDARD_REPOSITORY", "high"), ("REMOTE_REPOSITORY", "medium")])
def test_a_private_repository_behind_a_public_one(mode, severity):
    virtual = Governed(
        RepositoryName("demo-project", "us-central1", "all"),
        Policy((Binding(READER, ("allUsers",)),)),
        "VIRTUAL_REPOSITORY",
        (str(HERE),),
    )
    (one,) = found(others=[virtual], mode=mode)
    assert (one.code, one.severity, one.about["members"]) == ("public_through_virtual", severity, ["allUsers"])
    assert [one.code for one in found([(READER, ("allUsers",))], others=[virtual])] == ["public_access"]


def test_a_remedy_is_the_task_that_takes_it_away():
    (one,) = found([(READER, ("allUsers", ADA), BUCKETS)])
    assert "under the condition 'soon'" in one.message
    (task,) = yaml.safe_load(one.remedy.replace("!unsafe ", ""))
    assert task["pkgops.registry_auth.gcp_repository_iam_binding"] == {
        "project": "demo-project",
        "location": "us-central1",
        "repository": "python",
        "role": READER,
        "members": ["allUsers"],
        "state": "absent",
        "condition": {"title": "soon", "expression": "request.time < x"},
    }


NAME = 'resource.name == "projects/demo-project/locations/us-central1/repositories/{}"'


@pytest.mark.parametrize(
    ("expression", "reaches"),
    [
        (NAME.format("python"), True),
        (NAME.format("other"), False),
        ('resource.type == "storage.googleapis.com/Bucket"', False),
        ('resource.name.extract("/repositories/{name}") == "python"', True),
        ("request.time < timestamp('2030-01-01T00:00:00Z')", True),
    ],
)
def test_what_a_project_grants_under_a_condition_is_told_of_what_it_holds_for(expression, reaches):
    """The rows of the same result say of any other repository that it is denied."""
    findings = found(project=[(WRITER, ("domain:example.com",), Condition(expression, "some"))])
    assert [(one.code, one.severity) for one in findings] == [("wide_publish", "medium")] * reaches
    for one in findings:
        assert one.message == (
            f"The policy of project demo-project grants {WRITER} under the condition 'some' to domain:example.com: every account of the "
            "domain may install and publish in the repositories for which that holds."
        )


def test_a_custom_role_that_is_known_is_judged():
    custom = "projects/p/roles/ours"
    roles = {custom: ["artifactregistry.repositories.uploadArtifacts"]}
    assert [one.code for one in found([(custom, ("domain:example.com",))], roles=roles)] == ["wide_publish"]


def test_a_writer_is_warned_of_what_matters():
    assert len(warnings(HERE, Binding(READER, ("allUsers",)))) == 1
    assert warnings(HERE, Binding(WRITER, ("group:ops@example.com",))) == []
    assert warnings(HERE, Binding("projects/p/roles/ours", (ADA,))) == []


def test_grave_ones_come_first():
    findings = found([(WRITER, ("group:g@example.com",)), (READER, ("allUsers",))], [("roles/editor", (ADA,))])
    assert [one.severity for one in findings] == ["high", "medium", "low"]
