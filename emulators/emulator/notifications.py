"""What SNS does with a function that subscribes to a topic, and ministack does not."""

import json
from inspect import getsource

from events import may_invoke
from ministack.core.arn import parse_arn
from ministack.services import sns
from ministack.services.lambda_svc import (
    _execution_record_for_config,
    _get_func_record_for_ref,
    invoke_async_with_retry,
)

assert "_execute_function_with_config_scope" in getsource(sns._deliver_to_lambda), "ministack invokes as Event by now"


def deliver_to_lambda(endpoint, envelope, topic_arn, sub_arn, msg_id, raw_message, message_attributes):
    """A function that SNS may invoke is invoked as Event: what it fails on is tried again, and then kept."""
    function, config, _ = _get_func_record_for_ref(endpoint)
    if not function or not may_invoke(parse_arn(endpoint), "sns.amazonaws.com", topic_arn):
        sns.logger.warning("SNS may not invoke %s for %s", endpoint, topic_arn)
        return
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": sub_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    invoke_async_with_retry(_execution_record_for_config(function, config), {"Records": [record]})


sns._deliver_to_lambda = deliver_to_lambda
