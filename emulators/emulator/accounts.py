"""What IAM and STS look at between accounts, and ministack does not."""

import json
import os
from inspect import getsource

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import _role_name_from_assumed_arn
from ministack.core.responses import request_scope
from ministack.services import iam, organizations, sts

# Accounts are in one organization; ministack has one for each. That of the service may list them.
assert "_orgs.get_scoped(account_id" in getsource(iam_evaluator._principal_org_id), "ministack knows members by now"
organization = json.loads(os.environ["ORGANIZATION"])
members = organization["accounts"]
iam_evaluator._principal_org_id = lambda account_id: organization["id"] if account_id in members else None
with request_scope(os.environ["AWS_ACCESS_KEY_ID"], os.environ["MINISTACK_REGION"]):
    organizations._ensure_org()
    organizations._orgs["self"]["Id"] = organization["id"]
    for account_id, name in members.items():
        organizations._accounts[account_id] = {"Id": account_id, "Name": name, "Status": "ACTIVE"}

# aws:PrincipalArn of a role's session is the role's ARN, with its path.
condition_key = iam_evaluator._resolve_condition_key
assert "return ctx.principal_arn\n" in getsource(condition_key), "ministack knows aws:PrincipalArn by now"


simulated = {}  # by SimulatePrincipalPolicy, while it is answered


def resolve_condition_key(key, context):
    if key.lower() in simulated:
        return simulated[key.lower()]
    if key.lower() == "aws:principalarn" and context.principal_type == "AssumedRole":
        return iam._roles.get_scoped(
            context.principal_account, None, _role_name_from_assumed_arn(context.principal_arn)
        )["Arn"]
    return condition_key(key, context)


iam_evaluator._resolve_condition_key = resolve_condition_key

# A role is found by its whole ARN, not by its name alone.
trust = iam_evaluator.evaluate_trust_policy
assert 'role_arn.split("/")[-1]' in getsource(sts.handle_request), "ministack looks at a role's path by now"


def evaluate_trust_policy(document, caller_arn, context=None):
    _, _, _, _, account, resource = context.resource_arn.split(":", 5)
    role = iam._roles.get_scoped(account, None, resource.split("/")[-1])
    return role["Arn"] == context.resource_arn and trust(document, caller_arn, context)


iam_evaluator.evaluate_trust_policy = evaluate_trust_policy

# SimulatePrincipalPolicy knows roles that have a path, and the values of conditions that it is given.
gather_role_policies = iam_evaluator._gather_role_policies
simulate = iam._IAM_HANDLERS["SimulatePrincipalPolicy"]
assert 'resource.split("/", 1)[1]' in getsource(simulate), "ministack knows paths there by now"
assert "ContextEntries" not in getsource(iam), "ministack knows values there by now"


def simulate_principal_policy(params):
    for name in [each for each in params if each.endswith(".ContextKeyName")]:
        value = name.replace("ContextKeyName", "ContextKeyValues.member.1")
        simulated[iam._p(params, name).lower()] = iam._p(params, value)
    try:
        return simulate(params)
    finally:
        simulated.clear()


iam_evaluator._gather_role_policies = lambda name, account_id: gather_role_policies(name.split("/")[-1], account_id)
iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_principal_policy

# A policy of the caller may depend on the name of the session that it asks for.
tag_context = iam_actions.request_tag_context
assert "sts" not in getsource(tag_context), "ministack knows sts:RoleSessionName in a caller's policy by now"


def request_tag_context(service, action, body, params):
    context = tag_context(service, action, body, params)
    if action == "sts:AssumeRole":
        context["sts:RoleSessionName"] = iam_actions._param(body, params, "RoleSessionName")
    return context


iam_actions.request_tag_context = request_tag_context
