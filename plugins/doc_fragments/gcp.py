# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of the Google authentication options."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of gcp_argument_spec() in module_utils/_options/gcp.py."""

    DOCUMENTATION = r"""
options:
  auth_kind:
    description:
      - Which credentials to use.
      - V(application) means application default credentials, which cover C(gcloud auth application-default login),
        E(GOOGLE_APPLICATION_CREDENTIALS), workload identity federation and the service account of a machine.
      - When not set, it is V(accesstoken) if O(access_token) is given, V(serviceaccount) if a service account's key is
        given, and V(application) otherwise.
      - Falls back to the environment variable E(GCP_AUTH_KIND). When a key or token is given as an option, no other is taken from the
        environment, and neither is this.
    type: str
    choices: [application, serviceaccount, accesstoken, machineaccount]
  service_account_file:
    description:
      - Path of a service account's key in JSON, on the machine that runs the module.
      - Falls back to the environment variable E(GCP_SERVICE_ACCOUNT_FILE), then to E(GCE_CREDENTIALS_FILE_PATH). AWX's credential
        of type Google Compute Engine sets the latter in all releases.
    type: path
  service_account_contents:
    description:
      - A service account's key, preferably as JSON text. As a mapping it works too, but then each of its values is hidden
        wherever it appears in the output, the project's id among them.
      - Falls back to the environment variable E(GCP_SERVICE_ACCOUNT_CONTENTS).
    type: raw
  service_account_email:
    description:
      - Which of a machine's service accounts to use with O(auth_kind=machineaccount). Its default one when not set.
      - Falls back to the environment variable E(GCP_SERVICE_ACCOUNT_EMAIL).
    type: str
  access_token:
    description:
      - An OAuth 2.0 access token, for example the output of C(gcloud auth print-access-token).
      - Falls back to the environment variable E(GCP_ACCESS_TOKEN).
    type: str
  impersonate_service_account:
    description:
      - E-mail address of the service account to act as. The other options then say whose credentials ask for this. Their
        identity needs the permission C(iam.serviceAccounts.getAccessToken) on the account.
      - With several, each one impersonates the next, and the last one is the account to act as.
      - Falls back to the environment variable E(GCP_IMPERSONATE_SERVICE_ACCOUNT), with commas between several. When a key or token is
        given as an option, whom to act as is not taken from the environment either.
    type: list
    elements: str
  api_endpoint:
    description:
      - URL of the API in place of Google's, for example of a private service endpoint or of the local cloud that comes with
        this collection. C(http) is accepted for the machine's loopback only.
      - Falls back to the environment variable that C(gcloud) uses for the same purpose,
        E(CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER), E(CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY) or
        E(CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE), depending on the API that the module calls.
    type: str
requirements:
  - requests >= 2.32.4
"""
