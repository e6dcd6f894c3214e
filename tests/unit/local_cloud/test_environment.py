# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables by which clients find the local cloud."""

from __future__ import annotations

import subprocess

from local_cloud.environment import shell_commands, variables


def test_a_shell_takes_them_as_they_are():
    settings = variables("http://127.0.0.1:8085", "demo-project", "user:it's me@example.com")
    script = shell_commands(settings) + 'printf "%s|%s" "$GCP_ACCESS_TOKEN" "$(cat "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE")"'
    script += '; rm "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"'
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "user:it's me@example.com|user:it's me@example.com"


def test_each_service_has_its_endpoint():
    settings = variables("http://127.0.0.1:8085", "demo-project", "user:owner@example.com")
    assert settings["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"] == "http://127.0.0.1:8085/secretmanager/"
    assert settings["GITHUB_API_URL"] == "http://127.0.0.1:8085/github/api/v3"
    assert settings["AWS_ENDPOINT_URL_CODEARTIFACT"] == "http://127.0.0.1:8085/codeartifact"
