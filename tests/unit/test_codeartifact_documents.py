# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact policy documents: which are accepted, and which say the same."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.storable import (
    MAX_LENGTH,
    compact,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import (
    canonical,
    in_order,
    parse_document,
    read_document,
    same_meaning,
)
from hypothesis import given, settings
from hypothesis import strategies as st

STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "codeartifact:ReadFromRepository",
    "Resource": "*",
}


def document(**changes):
    """A document with one statement, changed; a change to None takes the element away."""
    changed = {**STATEMENT, **changes}
    return {
        "Version": "2012-10-17",
        "Statement": [{name: value for name, value in changed.items() if value is not None}],
    }


def principal(value):
    return document(Principal={"AWS": value})


BAD = {
    "not JSON": ("{", "policy is not JSON: Expecting property name"),
    "empty text": ("", "policy is not JSON"),
    "JSON text": ('"x"', "policy is a text"),
    "a list": ([STATEMENT], "policy is a list: give a mapping with Version and Statement"),
    "a number": (1, "policy is a number"),
    "a boolean": ("true", "policy is a boolean"),
    "nothing": ("null", "policy is a null"),
    "an element twice": ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "has the element 'Version' twice"),
    "nested without end": ("[" * 100_000, "nested too deep"),
    "no number": ('{"Statement": NaN}', "policy is 'nan'"),
    "a huge number": ('{"Statement": [{"Condition": 1e999}]}', "policy is 'inf'"),
    "names that are not text": ({1: 2}, "policy has the name 1"),
    "a date": ({"Version": date(2012, 10, 17)}, "policy.Version is '2012-10-17', which JSON does not have"),
    "unknown element": ({"Statements": []}, "has the element 'Statements'"),
    "unknown version": ({"Version": "2012-10-18", "Statement": [STATEMENT]}, "Version is '2012-10-18'"),
    "numeric Id": ({"Id": 1, "Statement": [STATEMENT]}, "policy.Id is a number"),
    "no statement": ({"Version": "2012-10-17"}, "policy has no Statement: to remove a policy use state absent"),
    "no statements": ({"Statement": []}, "policy has no Statement"),
    "text for a statement": ({"Statement": ["x"]}, "policy.Statement[0] is a text"),
    "unknown part": (document(Actions="x"), "Statement[0] has the element 'Actions'"),
    "numeric Sid": (document(Sid=1), "Statement[0].Sid is a number: put it in quotes"),
    "no effect": (document(Effect=None), "Statement[0].Effect is None"),
    "wrong effect": (document(Effect="allow"), "Effect is 'allow': Allow and Deny are accepted"),
    "no principal": (document(Principal=None), "needs one of Principal and NotPrincipal"),
    "no action": (document(Action=[]), "needs one of Action and NotAction"),
    "both actions": (document(NotAction="x"), "needs one of Action and NotAction"),
    "no resource": (document(Resource=""), "needs one of Resource and NotResource"),
    "numeric action": (document(Action=[1]), "Statement[0].Action has 1"),
    "condition as list": (document(Condition=[]), "Condition must be a mapping of operators"),
    "condition without operator": (document(Condition={"aws:SourceIp": "10.0.0.0/8"}), "Condition must be a mapping"),
    "condition without value": (document(Condition={"StringEquals": {"aws:PrincipalOrgID": []}}), "must be a value"),
    "condition with mapping": (document(Condition={"StringEquals": {"k": {"a": "b"}}}), "StringEquals.k must be a value"),
    "one Sid twice": ({"Statement": [{**STATEMENT, "Sid": "A"}, {**STATEMENT, "Sid": "A"}]}, "both have the Sid 'A'"),
    "bare principal": (document(Principal="111122223333"), '"AWS": "111122223333"}'),
    "principals as list": (document(Principal=["*"]), 'must be "*" or a mapping'),
    "unknown kind": (document(Principal={"Aws": "111122223333"}), "has the kind 'Aws'"),
    "no principal of a kind": (document(Principal={"AWS": []}), "Principal.AWS is empty"),
    "short account": (principal("11112222333"), "is not a principal"),
    "short number": (principal([11112222333]), "has 11112222333: text is accepted"),
    "empty principal": (principal(""), "Principal.AWS has ''"),
    "blank principal": (principal([" "]), "has ' '"),
    "user by name": (principal("ada"), "has 'ada', which is not a principal"),
    "arn of no principal": (principal("arn:aws:iam::111122223333:policy/x"), "is not a principal"),
    "arn with a region": (principal("arn:aws:iam:eu-west-1:111122223333:root"), "is not a principal"),
    "a group": (principal("arn:aws:iam::111122223333:group/devs"), "a group cannot be a principal"),
    "part of a name": (principal("arn:aws:iam::111122223333:user/*"), "a wildcard cannot stand for a part"),
    "role by sts": (principal("arn:aws:sts::111122223333:role/x"), "is not a principal"),
    "session without name": (principal("arn:aws:sts::111122223333:assumed-role/x"), "is not a principal"),
    "deleted user": (principal("AIDACKCEVSQ6C2EXAMPLE"), "stands for a deleted one"),
    "deleted role": (principal(["111122223333", "AROADBQP57FF2AEXAMPLE"]), "AROADBQP57FF2AEXAMPLE"),
    "deleted role's session": (principal("AROADBQP57FF2AEXAMPLE:ci"), "stands for a deleted one"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_is_no_document_is_refused_with_a_sentence(policy, sentence):
    with pytest.raises(InvalidInput) as error:
        parse_document(policy)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


GOOD_PRINCIPALS = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws-us-gov:iam::111122223333:root",
    "arn:aws-cn:iam::111122223333:user/ada",
    "arn:aws:iam::111122223333:role/path/to/ci",
    "arn:aws:sts::111122223333:assumed-role/ci/session@example",
    "arn:aws:sts::111122223333:federated-user/ada",
]


@pytest.mark.parametrize("value", GOOD_PRINCIPALS)
def test_every_form_of_a_principal_is_accepted(value):
    assert parse_document(principal(value)) == principal(value)


def test_other_kinds_of_principals_are_accepted():
    policy = document(Principal={"Service": "codebuild.amazonaws.com", "Federated": ["cognito-identity.amazonaws.com"]})
    assert parse_document(policy) == policy


def test_what_the_user_wrote_is_kept():
    policy = {"Id": "x", "Statement": {**STATEMENT, "Condition": {"Bool": {"AWS:SecureTransport": True}}}}
    assert parse_document(policy) == policy
    assert parse_document(json.dumps(policy)) == policy


def test_accounts_that_yaml_took_for_numbers_become_text_in_a_copy():
    policy = principal([111122223333, "444455556666"])
    assert parse_document(policy) == principal(["111122223333", "444455556666"])
    assert policy == principal([111122223333, "444455556666"])


def test_a_document_is_sent_without_white_space_and_in_its_own_order():
    assert compact({"Version": "2012-10-17", "Statement": []}) == '{"Version":"2012-10-17","Statement":[]}'


def test_the_length_of_the_compact_form_counts():
    fits = document(Sid="x" * (MAX_LENGTH - len(compact(document(Sid="")))))
    assert len(compact(fits)) == MAX_LENGTH
    with pytest.raises(InvalidInput, match=f"policy has {MAX_LENGTH + 1} characters as compact JSON"):
        compact(document(Sid=fits["Statement"][0]["Sid"] + "x"))


@pytest.mark.parametrize("character", ["\u200b", "\ud800", "\ufeff"])
def test_invisible_characters_are_refused(character):
    with pytest.raises(InvalidInput, match="invisible character U\\+"):
        compact(document(Sid=f"a{character}b"))


@pytest.mark.parametrize("text", ["", "[]", "<html>", "{"])
def test_an_answer_that_is_no_document_is_none(text):
    assert read_document(text) is None


#: In place of an element of a statement, what no service that AWS's clients ask has ever stored.
NO_STATEMENTS = [
    5,
    "x",
    {},
    {"Effect": "Maybe"},
    *({"Effect": "Allow", name: value} for name in ("Action", "NotAction", "Resource", "Sid") for value in (5, {}, [None], [["x"]])),
    *({"Effect": "Allow", name: value} for name in ("Principal", "NotPrincipal") for value in (5, ["x"], {"AWS": 5}, {"AWS": [{}]})),
    *({"Effect": "Allow", "Condition": value} for value in (5, [{}], {"Bool": []}, {"Bool": {"a": {}}}, {"Bool": {"a": [[]]}})),
]  # fmt: skip


@pytest.mark.parametrize("statement", NO_STATEMENTS)
def test_an_answer_with_what_is_no_statement_is_none(statement):
    assert read_document(json.dumps({"Version": "2012-10-17", "Statement": [statement]})) is None


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal", "Condition"])
@pytest.mark.parametrize("nothing", [False, 0, []])
def test_what_counts_as_nothing_in_python_is_no_element(element, nothing):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", element: nothing}
    assert read_document(json.dumps({"Version": "2012-10-17", "Statement": [statement]})) is None


def test_an_answer_that_is_nested_without_end_is_none():
    assert read_document("[" * 100_000) is None


def test_what_aws_leaves_in_a_policy_is_read():
    """Source: IAM User Guide, "Grammar of the IAM JSON policy language", and the ids that it leaves of deleted users."""
    stored = {
        "Effect": "Deny",
        "Principal": {"AWS": ["AIDAEXAMPLE", "111122223333"], "Service": "s.amazonaws.com"},
        "NotAction": ["codeartifact:*"],
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": False}, "NumericLessThan": {"a": [1, "2"]}},
    }
    assert read_document(json.dumps({"Statement": stored})) == {"Statement": stored}
    assert read_document('{"Version": "2012-10-17", "Statement": []}') is not None


# The comparison

ACCOUNTS = st.sampled_from(["111122223333", "444455556666", "777788889999"])
PARTITIONS = st.sampled_from(["aws", "aws-cn", "aws-us-gov", "aws-iso-b"])
PRINCIPALS = st.one_of(
    ACCOUNTS,
    st.builds("arn:aws:iam::{}:role/ci".format, ACCOUNTS),
    st.builds("arn:aws:iam::{}:user/Ada".format, ACCOUNTS),
    st.sampled_from(["AROADBQP57FF2AEXAMPLE", "arn:aws:iam::111122223333:user/ada"]),
)
ACTIONS = st.sampled_from(
    ["codeartifact:ReadFromRepository", "codeartifact:List*", "codeartifact:Describe?ackage", "codeartifact:*"]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:codeartifact:eu-west-1:111122223333:repository/demo/python",
        "arn:aws:codeartifact:*:*:package/demo/*",
    ]
)
VALUES = st.sampled_from(["o-example", "O-example", "10.0.0.0/8", True, False, 5])
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "Bool"]),
    st.dictionaries(
        st.sampled_from(["aws:PrincipalOrgID", "aws:SecureTransport", "aws:PrincipalTag/Team"]),
        st.lists(VALUES, min_size=1, max_size=3),
        min_size=1,
        max_size=2,
    ),
    min_size=1,
    max_size=2,
)


def some(values):
    return st.lists(values, min_size=1, max_size=3, unique=True)


@st.composite
def statements(draw):
    statement = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Principal", "NotPrincipal"])): draw(
            st.one_of(st.just({"AWS": ["*"]}), st.builds(lambda names: {"AWS": names}, some(PRINCIPALS)))
        ),
        draw(st.sampled_from(["Action", "NotAction"])): draw(some(ACTIONS)),
        draw(st.sampled_from(["Resource", "NotResource"])): draw(some(RESOURCES)),
    }
    if draw(st.booleans()):
        statement["Sid"] = draw(st.sampled_from(["Read", "Write", ""]))
    if draw(st.booleans()):
        statement["Condition"] = draw(CONDITIONS)
    return statement


DOCUMENTS = st.builds(
    lambda version, identity, found: {"Version": version, **identity, "Statement": found},
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.sampled_from([{}, {"Id": "one"}]),
    st.lists(statements(), min_size=1, max_size=3, unique_by=lambda one: canonical({"Statement": one})),
)


class Respelling:
    """Writes a document in another of the ways that mean the same."""

    def __init__(self, draw):
        self.draw = draw

    def maybe(self):
        return self.draw(st.booleans())

    def document(self, given):
        found = self.listed([self.statement(statement) for statement in given["Statement"]])
        respelled = {**given, "Statement": found}
        if given["Version"] == "2008-10-17" and self.maybe():
            del respelled["Version"]
        return respelled

    def listed(self, values, plain=True):
        values = self.draw(st.permutations(values + ([copy.deepcopy(values[0])] if self.maybe() else [])))
        return values[0] if plain and len(values) == 1 and self.maybe() else list(values)

    def cased(self, text):
        return self.draw(st.sampled_from([text, text.lower(), text.upper(), text.swapcase()]))

    def statement(self, given):
        kinds = {
            "Principal": self.principals,
            "NotPrincipal": self.principals,
            "Action": lambda values: self.listed([self.cased(value) for value in values]),
            "NotAction": lambda values: self.listed([self.cased(value) for value in values]),
            "Resource": self.listed,
            "NotResource": self.listed,
            "Condition": self.condition,
        }
        items = [(name, kinds.get(name, lambda value: value)(value)) for name, value in given.items()]
        if "Sid" not in given and self.maybe():
            items.append(("Sid", ""))
        if "Condition" not in given and self.maybe():
            items.append(("Condition", self.draw(st.sampled_from([{}, {"Bool": {}}]))))
        return dict(self.draw(st.permutations(items)))

    def principals(self, element):
        if element == {"AWS": ["*"]} and self.maybe():
            return "*"
        return {"AWS": self.listed([self.root(name) for name in element["AWS"]])}

    def root(self, name):
        if name.isdigit() and self.maybe():
            return f"arn:{self.draw(PARTITIONS)}:iam::{name}:root"
        return name

    def condition(self, given):
        return {
            operator: {self.cased(key): self.listed([self.value(value) for value in values]) for key, values in tests.items()}
            for operator, tests in given.items()
        }  # fmt: skip

    def value(self, value):
        return json.dumps(value) if not isinstance(value, str) and self.maybe() else value


@given(DOCUMENTS, st.data())
def test_a_respelled_document_says_the_same(one, data):
    other = Respelling(data.draw).document(one)
    assert same_meaning(one, other)
    assert same_meaning(read_document(compact(other)), one), "nothing is lost on the way to the service and back"


def change_effect(statement):
    statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"


def rename(one, other):
    def change(statement):
        old, new = (one, other) if one in statement else (other, one)
        statement[new] = statement.pop(old)

    return change


def of(names, edit):
    def change(statement):
        name = next(name for name in names if name in statement)
        statement[name] = edit(statement[name])

    return change


def change_condition(edit):
    def change(statement):
        condition = statement.setdefault("Condition", {})
        operator = next(iter(condition), None)
        if operator is None:
            condition["StringEquals"] = {"aws:PrincipalOrgID": ["o-new"]}
        else:
            edit(condition, operator, next(iter(condition[operator])))

    return change


def other_operator(condition, operator, key):
    condition.setdefault("StringNotEquals", {})[key] = condition[operator].pop(key)


def other_value(condition, operator, key):
    condition[operator][key] = [*condition[operator][key], "new"]


def other_key(condition, operator, key):
    condition[operator]["aws:New"] = condition[operator].pop(key)


def no_key(condition, operator, key):
    del condition[operator][key]


ACTION, RESOURCE, PRINCIPAL = ("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")
CHANGES = {
    "effect": change_effect,
    "one more action": of(ACTION, lambda values: [*values, "codeartifact:New"]),
    "other actions": of(ACTION, lambda _values: ["codeartifact:New"]),
    "wider action": of(ACTION, lambda values: [*values[:-1], values[-1] + "*New"]),
    "action turned round": rename("Action", "NotAction"),
    "one more resource": of(RESOURCE, lambda values: [*values, "arn:aws:codeartifact:eu-west-1:111122223333:new"]),
    "resource in another case": of(RESOURCE, lambda values: [*values, "arn:aws:codeartifact:*:*:package/DEMO/*"]),
    "resource turned round": rename("Resource", "NotResource"),
    "one more principal": of(PRINCIPAL, lambda value: {"AWS": [*value["AWS"], "123412341234"]}),
    "role for account": of(PRINCIPAL, lambda _value: {"AWS": ["arn:aws:iam::123412341234:role/ci"]}),
    "other kind of principal": of(PRINCIPAL, lambda value: {"Service": value["AWS"]}),
    "principal turned round": rename("Principal", "NotPrincipal"),
    "Sid": lambda statement: statement.update(Sid="New"),
    "condition operator": change_condition(other_operator),
    "condition value": change_condition(other_value),
    "condition key": change_condition(other_key),
    "condition gone": change_condition(no_key),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@settings(max_examples=25)
@given(one=DOCUMENTS, data=st.data())
def test_a_changed_statement_says_something_else(change, one, data):
    other = copy.deepcopy(one)
    change(data.draw(st.sampled_from(other["Statement"])))
    assert not same_meaning(one, other)
    assert not same_meaning(Respelling(data.draw).document(one), other)


@given(DOCUMENTS, st.data())
def test_a_document_with_other_statements_version_or_id_says_something_else(one, data):
    less = {**one, "Statement": list(one["Statement"])}
    less["Statement"].remove(data.draw(st.sampled_from(less["Statement"])))
    version = "2008-10-17" if one["Version"] == "2012-10-17" else "2012-10-17"
    for other in (less, {**one, "Version": version}, {**one, "Id": "other"}):
        assert not same_meaning(one, other)


def test_what_one_statement_covers_already_counts_all_the_same():
    wide, narrow = {**STATEMENT, "Action": "codeartifact:*"}, STATEMENT
    assert not same_meaning({"Statement": [wide, narrow]}, {"Statement": [wide]})


def test_an_empty_id_is_none():
    assert same_meaning(document(), {**document(), "Id": ""})
    assert not same_meaning({**document(), "Id": "a"}, {**document(), "Id": ""})


def test_no_policy_equals_no_policy_only():
    assert same_meaning(None, None)
    assert not same_meaning(None, document())
    assert not same_meaning(document(), None)


@given(DOCUMENTS, st.data())
def test_for_a_diff_the_order_in_which_a_document_was_written_does_not_matter(one, data):
    found = [
        {name: data.draw(st.permutations(value)) if isinstance(value, list) else value for name, value in each.items()}
        for each in data.draw(st.permutations(one["Statement"]))
    ]
    assert in_order({**one, "Statement": found}) == in_order(one)
    assert same_meaning(in_order(one), one)
