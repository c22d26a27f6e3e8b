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

# What ministack lacks: each module asserts that it does still.
import accounts
import cloudformation
import events
import notifications
import queues
import secret_names


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
