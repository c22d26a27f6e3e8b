"""What ministack lacks of queues, and what would take minutes in AWS."""

from inspect import getsource

from ministack.core import iam_actions
from ministack.services import sqs

# A message that a queue delays for five minutes is handed over after a second.
SHARE = 1 / 300
receive = sqs._receive_messages_for_esm
assert "visible_at" in getsource(sqs._collect_msgs), "ministack notes by another name when a message may be received"


def receive_sooner(queue_url, max_number):
    for message in list(sqs._get_q(queue_url)["messages"]):
        if message["receive_count"] == 0 and not message.get("is_hastened"):
            delay = message["visible_at"] - message["sent_at"]
            message.update(visible_at=message["sent_at"] + delay * SHARE, is_hastened=True)
    return receive(queue_url, max_number)


sqs._receive_messages_for_esm = receive_sooner

# Whoever may send, receive or delete messages may do so with several at a time: there is no permission of its own for that.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api.html
extract_action = iam_actions.extract_iam_action
assert "Batch" not in getsource(extract_action), "ministack knows the permissions for batches by now"


def extract_iam_action(service, *args, **kwargs):
    action = extract_action(service, *args, **kwargs)
    return action.removesuffix("Batch") if service == "sqs" and action else action


iam_actions.extract_iam_action = extract_iam_action
