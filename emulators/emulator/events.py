"""What EventBridge does with CloudTrail's events, and with a bus of another account or Region, and ministack does not."""

import json
from inspect import getsource

from ministack.core.arn import parse_arn
from ministack.core.iam_evaluator import (
    EvalContext,
    _gather_role_policies,
    combine_resource_policy,
    evaluate,
    evaluate_resource_policy,
)
from ministack.core.responses import request_scope
from ministack.services import eventbridge, iam, sqs
from ministack.services.lambda_svc import function_policy_for_arn

# CloudTrail is played from outside, and the sources of its events are AWS's own, which PutEvents refuses.
assert eventbridge._put_events.__defaults__ == (False,), "PutEvents has no switch for AWS's sources any more"
eventbridge._put_events.__defaults__ = (True,)

ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
assert '!= "ENABLED"' in getsource(eventbridge._dispatch_event), "ministack knows that state of a rule by now"


def is_read(view):
    event = view.event_with_detail()
    return event["detail-type"] == "AWS API Call via CloudTrail" and event["detail"].get("readOnly") is True


def dispatch_event(event, view=None):
    """Calls that only read reach only the rules in the state for them."""
    view = view or eventbridge._pattern_event_view(event)
    states = (ALL,) if is_read(view) else ("ENABLED", ALL)
    for key, rule in list(eventbridge._rules.items()):
        if rule["EventBusName"] != event["EventBusName"] or rule["State"] not in states or not rule["EventPattern"]:
            continue
        if eventbridge._matches_pattern_view(rule["EventPattern"], view, f"rule {key}"):
            for target in eventbridge._targets.get(key, []):
                eventbridge._invoke_target(target, event, rule, view)


eventbridge._dispatch_event = dispatch_event

invoke_target = eventbridge._invoke_target
assert "event bus %s not found" in getsource(eventbridge._dispatch_to_event_bus), "ministack forwards by now"
assert "policy" not in getsource(eventbridge._dispatch_to_lambda), "ministack looks at a function's policy by now"
assert "policy" not in getsource(eventbridge._dispatch_to_sqs), "ministack looks at a queue's policy by now"


def invoke_or_forward(target, event, rule, view=None):
    """A target gets what it may, once over accounts and Regions; its dead-letter queue the rest."""
    arn = parse_arn(target["Arn"])
    if arn.service == "events" and arn.resource.startswith("event-bus/"):
        is_delivered = event.get("Forwarded") or forward(target, arn, event)
    elif is_delivered := may_deliver(arn, rule["Arn"]):
        invoke_target(target, event, rule, view)
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    if queue and not is_delivered:
        payload = eventbridge._pattern_event_view(event).event_with_detail()
        eventbridge._dispatch_to_sqs(parse_arn(queue), json.dumps(payload))


eventbridge._invoke_target = invoke_or_forward


def may_deliver(arn, source):
    """Whether the policy of a function or a queue lets EventBridge deliver to it for that rule."""
    service = "events.amazonaws.com"
    if arn.service == "lambda":
        return may_invoke(arn, service, source)
    return arn.service != "sqs" or sqs.queue_policy_allows(str(arn), service, source, parse_arn(source).account_id)


def forward(target, bus, event):
    """Puts an event on a bus as it is, with its sender's account and Region. Returns whether it may."""
    name = bus.resource.split("/", 1)[1]
    with request_scope(bus.account_id, bus.region):
        if name not in eventbridge._event_buses or not may_put(target, bus, event):
            return False
        dispatch_event({**event, "EventBusName": name, "Forwarded": True})
        return True


def may_invoke(function, service, source):
    """Whether the function's policy lets a service invoke it for that rule, or that topic."""
    policy, owner = function_policy_for_arn(str(function)) or (None, None)
    context = EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=str(function),
        region=function.region,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": owner},
    )
    return evaluate_resource_policy(policy, context, service=service).decision == "Allow"


def may_put(target, bus, event):
    """Whether EventBridge may be the target's role, and that may put events of this source, and the bus lets it."""
    role = parse_arn(target["RoleArn"])
    name = role.resource.split("/")[-1]

    def context(action, resource):
        return EvalContext(
            principal_arn=f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{name}/events",
            principal_type="AssumedRole",
            principal_account=role.account_id,
            action=action,
            resource_arn=resource,
            region=bus.region,
            service_context={"events:source": event["Source"], "events:detail-type": event["DetailType"]},
        )

    document = (iam._roles.get_scoped(role.account_id, None, name) or {}).get("AssumeRolePolicyDocument")
    trust = evaluate_resource_policy(document, context("sts:AssumeRole", str(role)), service="events.amazonaws.com")
    put = context("events:PutEvents", str(bus))
    allowed = evaluate(put, _gather_role_policies(name, role.account_id))
    policy = eventbridge._event_bus_policies.get(bus.resource.split("/", 1)[1])
    allowed = combine_resource_policy(allowed, put, policy, bus.account_id)
    return trust.decision == "Allow" and allowed.decision == "Allow"
