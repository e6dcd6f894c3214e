# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CodeArtifact repository opens to one account and to no other, by policies, judged by the AWS CLI, pip and twine."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from narration import BUILD, LOG, PACKAGE, Cloud, build, clean_environment, expect, pip, say, step, twine, workflow

#: Installed by `make demo`, apart from the machine's own.
AWS = BUILD / "aws" / "bin" / "aws"
REGION = "eu-west-1"
ACCOUNT, READERS, STRANGERS = "123456789012", "111122223333", "444455556666"
DOMAIN = ["--domain=demo", f"--domain-owner={ACCOUNT}"]
REPOSITORY = [*DOMAIN, "--repository=python"]
OURS = "our-package"
#: Access keys: the local cloud tells by them who calls.
KEYS = {
    "owner": "AKIALOCALOWNER000000",
    "reader": "AKIALOCALREADER00000",
    "publisher": "AKIALOCALPUBLISHER00",
    "stranger": "AKIALOCALSTRANGER000",
}
ARNS = {
    "reader": f"arn:aws:iam::{READERS}:user/reader",
    "publisher": f"arn:aws:iam::{READERS}:user/publisher",
    "stranger": f"arn:aws:iam::{STRANGERS}:user/stranger",
}

#: As the owner has put it with the AWS CLI. In the inventory, the same is spelled in another way.
DOMAIN_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": [STRANGERS, READERS]},
        "Action": ["codeartifact:getauthorizationtoken"],
        "Resource": "*",
    },
}
INVENTORY = f"""\
codeartifact:
  hosts:
    demo:
      codeartifact_domain: demo
      codeartifact_region: {REGION}
      codeartifact_domain_policy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: ["arn:aws:iam::{READERS}:root", "arn:aws:iam::{STRANGERS}:root"]
            Action: codeartifact:GetAuthorizationToken
            Resource: "*"
      codeartifact_repositories:
        - repository: python
          policy:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Principal:
                  AWS: arn:aws:iam::{READERS}:root
                Action: codeartifact:ReadFromRepository
                Resource: "*"
              - Effect: Allow
                Principal:
                  AWS: {ARNS["publisher"]}
                Action: codeartifact:PublishPackageVersion
                Resource: arn:aws:codeartifact:{REGION}:{ACCOUNT}:package/demo/python/pypi//{OURS}
"""


def announce(caller: str, command: str) -> None:
    say(f"{caller + ':':<11}$ {command}")


@dataclass
class CodeArtifactDemo:
    cloud: Cloud
    directory: Path
    tokens: dict[str, str] = field(default_factory=dict)
    installed: int = 0
    #: Of the repository, for Python.
    endpoint: str = ""

    def environment(self, caller: str) -> dict[str, str]:
        """What lets clients of AWS call the local cloud as somebody, without the user's own settings."""
        return {
            "AWS_ENDPOINT_URL_CODEARTIFACT": f"{self.cloud.url}/codeartifact",
            "AWS_ENDPOINT_URL_STS": f"{self.cloud.url}/sts",
            "AWS_ACCESS_KEY_ID": KEYS[caller],
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.directory / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.directory / "none"),
        }

    def aws(self, caller: str, *arguments: str) -> str:
        """What the AWS CLI answers. It may be a token, so it is kept out of the log."""
        command = [str(AWS), "codeartifact", *arguments, "--output=text"]
        environment = clean_environment() | self.environment(caller)
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        expect(done.returncode == 0, f"aws codeartifact {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def log_in(self, caller: str) -> None:
        command = ["get-authorization-token", *DOMAIN]
        announce(caller, f"aws codeartifact {' '.join(command)}")
        self.tokens[caller] = self.aws(caller, *command, "--query=authorizationToken")

    def install(self, caller: str, endpoint: str, package: str = PACKAGE) -> str | None:
        """What pip installs with the token of a caller, as NAME-VERSION. None when it was refused."""
        self.installed += 1
        target = self.directory / f"installed-{self.installed}"
        options = [package, f"--index-url={endpoint}simple/", f"--target={target}"]
        announce(caller, f"pip install {package}")
        refusal = pip(self.directory, "aws", self.tokens[caller], "install", *options)
        installed = None if refusal else next(target.glob("*.dist-info")).stem
        say(f"  installed {installed}" if installed else f"  refused: {refusal}")
        return installed

    def upload(self, caller: str, endpoint: str, wheel: Path) -> bool:
        """Whether twine publishes the wheel with the token of a caller."""
        announce(caller, f"twine upload {wheel.name}")
        refusal = twine(wheel, endpoint, "aws", self.tokens[caller])
        say(f"  refused: {refusal}" if refusal else "  published")
        return refusal is None

    def workflow(self) -> int:
        return workflow(self.directory, INVENTORY, self.environment("owner"))

    def run(self) -> None:
        """Raises DemoError."""
        expect(AWS.exists(), "The AWS CLI is not there: `make demo` installs it.")
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        callers = {KEYS[caller]: {"arn": arn, "policies": [everything]} for caller, arn in ARNS.items()}
        self.cloud.call("PUT", "_local/aws/identities", callers)
        self.aws("owner", "create-domain", "--domain=demo")
        self.aws("owner", "create-repository", *REPOSITORY)
        self.aws("owner", "associate-external-connection", *REPOSITORY, "--external-connection=public:pypi")
        self.aws("owner", "put-domain-permissions-policy", *DOMAIN, f"--policy-document={json.dumps(DOMAIN_POLICY)}")
        query = ["--format=pypi", "--query=repositoryEndpoint"]
        endpoint = self.endpoint = self.aws("owner", "get-repository-endpoint", *REPOSITORY, *query)
        wheel = build(self.directory, OURS, "1.0.0", "Ours.")

        step(8, "A CodeArtifact domain lets two other accounts log in, but its repository has no policy that opens it.")
        for caller in ARNS:
            self.log_in(caller)
        expect(not self.install("reader", endpoint), "The reader read without a policy.")
        expect(not self.install("stranger", endpoint), "The stranger read without a policy.")
        expect(not self.upload("publisher", endpoint, wheel), "The publisher published without a policy.")

        step(
            9,
            "The workflow opens the repository to one account. The domain's policy means what is wanted, and stays as it is.",
        )
        expect(self.workflow() == 1, "Something else changed than the repository's policy.")

        step(10, "Users of that account can install, and one of them can publish. The other account can do neither.")
        expect(self.install("reader", endpoint), "The reader cannot read.")
        expect(not self.install("stranger", endpoint), "The stranger can read.")
        expect(self.upload("publisher", endpoint, wheel), "The publisher cannot publish.")
        expect(not self.upload("reader", endpoint, wheel), "The reader can publish.")

        step(11, "A second run changes nothing.")
        expect(self.workflow() == 0, "The second run changed something.")
        expect(not any(token in LOG.read_text() for token in self.tokens.values()), "A token is in the log.")
