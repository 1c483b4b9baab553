"""Tells the rotator which key is in use, and reads the keys again when it notifies."""
import base64
import hmac
import os
import time

import paddle_keys

SECRET = base64.b64decode(os.environ["PADDLE_KEY_SECRET"].removeprefix("whsec_"))
if len(SECRET) < 24:
    raise RuntimeError("PADDLE_KEY_SECRET must be the secret of this consumer: whsec_…")


def paddle_key(application):
    """WSGI middleware, for Flask, Django and others: application = paddle_key(application)"""
    def answer(environ, start_response):
        route = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if route == "POST /paddle-key/reload":
            start_response("204 No Content" if notified(environ) else "401 Unauthorized", [])
            return []
        if route != "GET /paddle-key":
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"fingerprint":"%s"}' % paddle_keys.fingerprint().encode()]
    return answer


def notified(environ):
    """Signed as https://www.standardwebhooks.com has it. One that comes again does no harm."""
    sent_at, given = environ.get("HTTP_WEBHOOK_TIMESTAMP"), environ.get("HTTP_WEBHOOK_SIGNATURE", "")
    body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), 16_384))
    content = f"{environ.get('HTTP_WEBHOOK_ID')}.{sent_at}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(SECRET, content, "sha256"))
    is_signed = any([hmac.compare_digest(each, expected) for each in given.encode().split()])
    return is_signed and abs(time.time() - int(sent_at)) < 300 and paddle_keys.reload() is not None
