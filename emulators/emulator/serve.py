"""Serves ministack over TLS on a free port of 127.0.0.1, and reports the port by file descriptor 3.

Its own command would take a given port, and listen on 443 as well. This ends with whoever started it, however that
ended: when standard input closes, the whole process group is killed, the functions' processes included.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import threading

listener = socket.create_server(("127.0.0.1", 0), backlog=128)
port = listener.getsockname()[1]
os.environ["GATEWAY_PORT"] = str(port)  # read when ministack is imported

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.core.tls import resolve_tls_material
from ministack.services import cloudtrail, cloudwatch, eventbridge
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as handlers

# CloudTrail is played from outside, and the sources of its events are AWS's own, which PutEvents refuses.
assert eventbridge._put_events.__defaults__ == (False,), "PutEvents has no switch for AWS's sources any more"
eventbridge._put_events.__defaults__ = (True,)


# CloudFormation does not know these types, but there are a CloudTrail and composite alarms.
TRAIL = "AWS::CloudTrail::Trail"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
for unknown in (TRAIL, COMPOSITE_ALARM):
    assert unknown not in handlers, f"ministack knows {unknown} by now"


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


handlers[TRAIL] = {"create": create_trail, "delete": delete_trail}


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


handlers[COMPOSITE_ALARM] = {
    "create": create_composite_alarm,
    "update": update_composite_alarm,
    "delete": delete_composite_alarm,
}


def end_with_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()

config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.certfile, config.keyfile = resolve_tls_material()
with os.fdopen(3, "w") as answer:  # requests wait at the listener until it serves
    json.dump({"endpoint": f"https://127.0.0.1:{port}", "certificate": config.certfile}, answer)
asyncio.run(serve(app, config))
