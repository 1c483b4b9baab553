"""Calls Paddle with the active key. If Paddle refuses it: with the one that is active now, then with the old one."""
import http.client
import json
import os
import re
from urllib.parse import urlsplit

import paddle_keys

API = urlsplit(os.environ.get("PADDLE_API_URL", "https://api.paddle.com"))
Connection = http.client.HTTPConnection if API.scheme == "http" else http.client.HTTPSConnection


def paddle(method, path, body=None):
    """Returns the status and the answer, in bytes. A refused request has done nothing: sending it again is safe."""
    tried = [paddle_keys.in_use]
    while True:
        status, answer = send(tried[-1], method, path, body)
        # Paddle answers a dead key with 403, as it does a lack of permission.
        is_refused = status == 403 and re.search(rb'"code"\s*:\s*"invalid_token"', answer)
        other = paddle_keys.reload(tried) if is_refused and len(tried) < 3 else None
        if not other:
            return status, answer
        tried.append(other)


def send(key, method, path, body):
    connection = Connection(API.netloc, timeout=10)  # It follows no redirects.
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request(method, path, body and json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
