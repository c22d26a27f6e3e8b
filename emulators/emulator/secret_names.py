"""What Secrets Manager says of a name whose secret is scheduled for deletion, and ministack does not."""

from inspect import getsource

from ministack.core.responses import error_response_json
from ministack.services import secretsmanager

create_secret = secretsmanager._create_secret
assert "scheduled for deletion" not in getsource(create_secret), "ministack says that a name is taken by now"


def create(data):
    if secretsmanager._secrets.get(data.get("Name"), {}).get("DeletedDate"):
        return error_response_json(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
            400,
        )
    return create_secret(data)


secretsmanager._create_secret = create
