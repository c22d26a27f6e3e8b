"""What CloudFormation knows, and ministack does not."""

import json
from inspect import getsource

from ministack.services import cloudtrail, cloudwatch, eventbridge
from ministack.services.cloudformation import changesets, engine, handlers, helpers, stacks
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as resource_types

TRAIL = "AWS::CloudTrail::Trail"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
EVENT_BUS_POLICY = "AWS::Events::EventBusPolicy"
for unknown in (TRAIL, COMPOSITE_ALARM, EVENT_BUS_POLICY):
    assert unknown not in resource_types, f"ministack knows {unknown} by now"


def call(operation, **request):
    status, _, body = operation(request)
    if status >= 400:
        raise ValueError(f"{operation.__name__}: {body!r}")
    return json.loads(body)


def create_trail(logical_id, props, stack_name):
    name = props["TrailName"]
    settings = {key: value for key, value in props.items() if key not in ("TrailName", "IsLogging", "EventSelectors")}
    trail = call(cloudtrail._create_trail, Name=name, **settings)
    call(cloudtrail._put_event_selectors, TrailName=name, EventSelectors=props["EventSelectors"])
    if props["IsLogging"]:
        call(cloudtrail._start_logging, Name=name)
    return name, {"Arn": trail["TrailARN"]}


def delete_trail(physical_id, props):
    call(cloudtrail._delete_trail, Name=physical_id)


resource_types[TRAIL] = {"create": create_trail, "delete": delete_trail}


def put_by_json(request):
    return cloudwatch._put_composite_alarm({}, request, False, is_json=True)


def put_composite_alarm(props):
    call(put_by_json, **props)
    name = props["AlarmName"]
    # Kept to be shown: the emulator suppresses nothing.
    for key, value in props.items():
        if key.startswith("ActionsSuppressor"):
            cloudwatch._composite_alarms[name][key] = value if key == "ActionsSuppressor" else int(value)
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def create_composite_alarm(logical_id, props, stack_name):
    return put_composite_alarm(props)


def update_composite_alarm(physical_id, old_props, new_props, stack_name):
    return put_composite_alarm(new_props)


def delete_composite_alarm(physical_id, props):
    cloudwatch._composite_alarms.pop(physical_id, None)


resource_types[COMPOSITE_ALARM] = {
    "create": create_composite_alarm,
    "update": update_composite_alarm,
    "delete": delete_composite_alarm,
}


def put_event_bus_policy(props):
    bus, statement_id = props["EventBusName"], props["StatementId"]
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    others = [each for each in policy["Statement"] if each["Sid"] != statement_id]
    policy["Statement"] = [*others, {"Sid": statement_id, **props["Statement"]}]
    eventbridge._event_bus_policies[bus] = policy
    return f"{bus}|{statement_id}", {}


def create_event_bus_policy(logical_id, props, stack_name):
    return put_event_bus_policy(props)


def update_event_bus_policy(physical_id, old_props, new_props, stack_name):
    delete_event_bus_policy(physical_id, old_props)
    return put_event_bus_policy(new_props)


def delete_event_bus_policy(physical_id, props):
    call(eventbridge._remove_permission, EventBusName=props["EventBusName"], StatementId=props["StatementId"])


resource_types[EVENT_BUS_POLICY] = {
    "create": create_event_bus_policy,
    "update": update_event_bus_policy,
    "delete": delete_event_bus_policy,
}

# A part of a parameter may be compared in a condition.
evaluate_conditions = engine._evaluate_conditions
assert "Fn::Split" not in getsource(evaluate_conditions), "ministack splits in conditions by now"


def evaluate_resolved(template, params):
    def resolved(node):
        if isinstance(node, list):
            return [resolved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "Fn::Equals" not in node:
            return {key: resolved(value) for key, value in node.items()}
        mappings = template.get("Mappings", {})
        return {"Fn::Equals": engine._resolve_refs(node["Fn::Equals"], {}, params, {}, mappings, "", "")}

    return evaluate_conditions({**template, "Conditions": resolved(template.get("Conditions", {}))}, params)


for module in (changesets, engine, handlers, stacks):
    module._evaluate_conditions = evaluate_resolved

# Patterns of parameters may name classes of Unicode, as Java's may, and Python's may not.
check_constraints = engine._check_parameter_constraints
assert "re.compile(str(pattern))" in getsource(check_constraints), "ministack reads Java's patterns by now"
CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d"}  # "_" too, which such patterns take anyway


def check_in_python(name, definition, kind, value):
    pattern = definition.get("AllowedPattern", "")
    for java, python in CLASSES.items():
        pattern = pattern.replace(java, python)
    known = {**definition, "AllowedPattern": pattern} if pattern else definition
    return check_constraints(name, known, kind, value)


engine._check_parameter_constraints = check_in_python

# There is no StackSet, which is answered with an error of its own.
assert "ListStackInstances" not in handlers._ACTION_HANDLERS, "ministack knows StackSets by now"


def list_stack_instances(params):
    return helpers._error("StackSetNotFoundException", f"StackSet {params['StackSetName'][0]} not found", 404)


handlers._ACTION_HANDLERS["ListStackInstances"] = list_stack_instances
