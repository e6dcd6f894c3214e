# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What roles let their holders do with repositories of Artifact Registry, in the words of people. Pure.

Source of what the predefined roles hold: Google's role reference, as the public data set iam-dataset had it on 2026-08-22; of what each
permission is for: Artifact Registry's documentation, "Configure roles and permissions". The kinds of access are those of CodeArtifact.
"""

from __future__ import annotations

import typing as t

from ..iam.answers import NO, Answer, yes_or_no
from .repository_grants import ADMINISTER, MAINTAIN, PUBLISH, READ

PREFIX = "artifactregistry."
DOWNLOAD, UPLOAD = "repositories.downloadArtifacts", "repositories.uploadArtifacts"
_DELETE_CONTENT, _DELETE_PACKAGE, _DELETE_VERSION = (
    "repositories.deleteArtifacts",
    "packages.delete",
    "versions.delete",
)
_RULES = ("rules.create", "rules.update", "rules.delete")
SET_POLICY, _UPDATE, _DELETE = "repositories.setIamPolicy", "repositories.update", "repositories.delete"

#: The permissions of each kind of access, without their prefix. Who holds one of them has that access.
TO_REPOSITORIES: dict[str, tuple[str, ...]] = {
    READ: (DOWNLOAD,),
    PUBLISH: (UPLOAD,),
    # To change what others get, without publishing.
    MAINTAIN: (_DELETE_CONTENT, _DELETE_PACKAGE, _DELETE_VERSION, *_RULES),
    # By an update, a virtual repository gets other upstreams.
    ADMINISTER: (SET_POLICY, _UPDATE, _DELETE),
}
PERMISSIONS = tuple(permission for permissions in TO_REPOSITORIES.values() for permission in permissions)

_READS = frozenset({DOWNLOAD})
_WRITES = frozenset({DOWNLOAD, UPLOAD})
_BUILDS = _WRITES | {_DELETE_CONTENT}
_KEEPS = frozenset({DOWNLOAD, UPLOAD, *TO_REPOSITORIES[MAINTAIN]})
_EDITS = _KEEPS | {_UPDATE, _DELETE}
_ALL = frozenset(PERMISSIONS)

#: By role. Every predefined role that held one of these permissions on that day is here.
_TABLE: tuple[tuple[frozenset[str], str], ...] = (
    (_ALL, "artifactregistry.admin cloudfunctions.serviceAgent composer.worker owner visualinspection.serviceAgent"),
    (_EDITS, "artifactregistry.editor editor"),
    (_KEEPS, "artifactregistry.createOnPushRepoAdmin artifactregistry.repoAdmin"),
    (_BUILDS | {_UPDATE, _DELETE}, "composer.serviceAgent"),
    (_WRITES | {_DELETE_VERSION, SET_POLICY}, "configdelivery.serviceAgent"),
    (_READS | {_DELETE_CONTENT, _UPDATE, _DELETE}, "firebaseapphosting.serviceAgent"),
    (
        _BUILDS,
        "appengine.appAdmin appengine.deployer cloudbuild.builds.builder cloudbuild.serviceAgent run.builder",
    ),
    (_WRITES | {SET_POLICY}, "artifactregistry.containerRegistryMigrationAdmin"),
    (
        _WRITES,
        "aiplatform.serviceAgent appengine.serviceAgent appengineflex.serviceAgent artifactregistry.createOnPushWriter "
        "artifactregistry.writer firebaseapphosting.computeRunner iam.devOps run.serviceAgent saasservicemgmt.serviceAgent",
    ),
    (_READS | {_DELETE_VERSION}, "artifactregistry.serviceAgent"),
    (
        _READS,
        "aiplatform.agentSandboxServiceAgent aiplatform.customCodeServiceAgent artifactregistry.reader artifactregistry.viewer "
        "assuredoss.admin assuredoss.projectAdmin assuredoss.reader assuredoss.user binaryauthorization.serviceAgent "
        "cloudfunctions.admin cloudfunctions.developer cloudfunctions.editor compliancescanning.serviceAgent "
        "containeranalysis.ServiceAgent containerscanning.ServiceAgent firebase.admin firebase.developAdmin "
        "gkemulticloud.controlPlaneMachineServiceAgent gkemulticloud.nodePoolMachineServiceAgent iam.dataScientist "
        "iam.securityAuditor iam.supportUser ml.serviceAgent networkactions.serviceAgent ondemandscanning.serviceAgent "
        "run.sourceDeveloper securitycenter.admin securitycenter.adminEditor securitycenter.adminViewer "
        "serverless.serviceAgent viewer",
    ),
    (frozenset({_UPDATE, _DELETE}), "clouddeploymentmanager.serviceAgent"),
    (frozenset({_DELETE_PACKAGE}), "firebasemods.serviceAgent"),
    (frozenset({SET_POLICY}), "iam.securityAdmin"),
    # Of Artifact Registry, and with none of them.
    (frozenset(), "artifactregistry.attachmentReader artifactregistry.attachmentWriter"),
)
ROLES: dict[str, frozenset[str]] = {f"roles/{name}": held for held, names in _TABLE for name in names.split()}
#: The roles that are older than IAM, and hold much more than a team of packages means to give.
BASIC = ("roles/owner", "roles/editor", "roles/viewer")


def holds(role: str, permission: str, custom: t.Mapping[str, t.Collection[str]]) -> Answer:
    """Whether a role holds a permission.

    :param permission: one of PERMISSIONS
    :param custom: the permissions of roles that are known besides, with their prefix
    """
    if role in custom:
        return yes_or_no(f"{PREFIX}{permission}" in custom[role])
    if role in ROLES:
        return yes_or_no(permission in ROLES[role])
    if role.startswith("roles/") and not role.startswith(f"roles/{PREFIX}"):
        # A predefined role of another service, which held none of them on that day.
        return NO
    return (f"on what the role {role} holds, which is not known here",)


def may_hold(role: str, custom: t.Mapping[str, t.Collection[str]]) -> bool:
    """Whether a role holds any of PERMISSIONS, or may."""
    return any(holds(role, permission, custom) is not None for permission in PERMISSIONS)
