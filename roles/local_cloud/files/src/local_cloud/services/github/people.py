# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, organizations and teams, looked up by their names."""

from __future__ import annotations

from local_cloud.services.github import accounts
from local_cloud.services.github.accounts import Account
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import not_found


def get_authenticated(call: Call) -> Reply:
    user = call.user()
    return Reply(accounts.show_user(user, call.links, call.state.public_repositories(user)))


def get_user(call: Call) -> Reply:
    """Organizations, too, are found here."""
    account = call.state.account(call.path["username"])
    if account is None:
        raise not_found()
    return Reply(accounts.show_user(account, call.links, call.state.public_repositories(account)))


def get_organization(call: Call) -> Reply:
    organization = _organization(call)
    return Reply(accounts.show_organization(organization, call.links, call.state.public_repositories(organization)))


def list_teams(call: Call) -> Reply:
    organization = _organization_of_member(call)
    return call.page_of(
        [organization.teams[slug] for slug in sorted(organization.teams)],
        lambda team: accounts.show_team(team, organization, call.links),
    )


def get_team(call: Call) -> Reply:
    organization = _organization_of_member(call)
    team = organization.teams.get(call.path["team_slug"].lower())
    if team is None:
        raise not_found()
    public = call.state.public_repositories(organization)
    repositories = [found for found in call.state.repositories.values() if team.slug in found.teams]
    shown = accounts.show_team(team, organization, call.links)
    return Reply({
        **shown,
        "created_at": accounts.timestamp(organization.created),
        "updated_at": accounts.timestamp(organization.created),
        "members_count": len(team.members),
        "repos_count": len(repositories),
        "organization": accounts.show_organization(organization, call.links, public),
    })  # fmt: skip


def get_rate_limit(call: Call) -> Reply:
    """It costs nothing to ask."""
    counts = call.state.rates.of(str(call.caller), call.now).counts
    return Reply({"resources": {"core": counts, "search": counts}, "rate": counts})


def get_meta(call: Call) -> Reply:
    """What tells clients that they talk to an enterprise server, and to which version."""
    return Reply({"verifiable_password_authentication": False, "installed_version": call.state.version})


def _organization(call: Call) -> Account:
    found = call.state.account(call.path["org"])
    if found is None or not found.organization:
        raise not_found()
    return found


def _organization_of_member(call: Call) -> Account:
    """Teams are seen by members, with a token that may read the organization."""
    organization, user = _organization(call), call.user()
    token = call.caller.token
    hidden = token is not None and (
        not token.permits("members", "read")
        if token.fine_grained
        else not {"admin:org", "read:org"} & set(token.scopes)
    )
    if hidden or user.login not in organization.members | organization.owners:
        raise not_found()
    return organization
