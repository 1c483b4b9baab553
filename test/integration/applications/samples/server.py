"""An application that passes /call/… on to Paddle."""
import json
import os
import sys
from pathlib import Path
from wsgiref.simple_server import make_server

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).parents[4] / "docs/applications/python"))
from paddle_client import paddle
from paddle_endpoint import paddle_key

if os.environ.get("ROTATOR_URL"):
    import paddle_attest


def application(environ, start_response):
    _, call, path = environ["PATH_INFO"].partition("/call")
    if not call:
        start_response("404 Not Found", [])
        return []
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    status, answer = paddle(environ["REQUEST_METHOD"], path, json.loads(body) if body else None)
    start_response(f"{status} Paddle", [])
    return [answer]


make_server("127.0.0.1", int(os.environ["PORT"]), paddle_key(application)).serve_forever()
