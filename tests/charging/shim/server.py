"""The HTTP server: Stripe's API below ``/v1``, and below ``/shim`` what tests ask for and tell it to do."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import requests

from .dialect import Localstripe
from .faults import Faults
from .keys import Keys, Refused

BROKEN = {"type": "api_error", "message": "Something went wrong on Stripe's end."}


class Cut(Exception):
    """The connection is cut without an answer."""


class Shim(ThreadingHTTPServer):
    """The server, and what it keeps from one request to the next."""

    daemon_threads = True

    def __init__(self, port, upstream):
        super().__init__(("127.0.0.1", port), Handler)
        self.upstream = upstream
        self.keys = Keys()
        self.faults = Faults()
        self.requests = []
        self.events = []
        hook = {"url": f"http://127.0.0.1:{port}/shim/event", "secret": "localstripe"}
        requests.post(f"{upstream}/_config/webhooks/shim", json=hook, timeout=60).raise_for_status()

    def handle_error(self, request, client_address):
        """Override: a client that was killed while it waited is nothing to speak of."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self):
        self._answer_somehow("GET")

    def do_POST(self):
        self._answer_somehow("POST")

    def log_message(self, *args):
        """Override: tests look at what was recorded."""

    def _answer_somehow(self, method):
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            if url.path.startswith("/shim/"):
                status, body = 200, self._do(url.path.removeprefix("/shim/"), json.loads(sent or "{}"))
            else:
                params = parse_qsl(url.query) + parse_qsl(sent, keep_blank_values=True)
                status, body = self._answer(method, url.path, params)
        except Cut:
            self.close_connection = True
        else:
            self._send(status, body)

    def _send(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    # === STRIPE ===#

    def _answer(self, method, path, params):
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        record = {"method": method, "path": path, "params": dict(params), "key": key}
        self.server.requests.append(record)
        try:
            # A key is one account's.
            key = key and (self.headers["Authorization"], key)
            record["status"], body = self._answer_once(key, method, path, params)
        except Refused as refusal:
            record["status"], body = refusal.answer
        return record["status"], body

    def _answer_once(self, key, method, path, params):
        """Answer a request, in the way that it was answered before under the same key."""
        self._meet("edge", method, path)
        kept = key and self.server.keys.begin(key, (path, params))
        if kept:
            return kept
        self._meet("before", method, path, key)
        answer = Localstripe(self.server.upstream, self.headers["Authorization"]).answer(method, path, params)
        if key:
            self.server.keys.end(key, *answer)
        self._meet("after", method, path, key)
        return answer

    def _meet(self, at, method, path, key=None):
        """Let go wrong what is to go wrong with this request."""
        fault = self.server.faults.meet(at, method, path)
        if not fault or fault.do not in ("cut", "500"):
            return
        broken = Refused(500, **BROKEN)
        if key and fault.do == "500" and fault.kept:
            self.server.keys.end(key, *broken.answer)
        elif key and at == "before":
            self.server.keys.give_up(key)
        raise Cut if fault.do == "cut" else broken

    # === TESTS ===#

    def _do(self, name, values):
        """Do what a test, a checkpoint or localstripe wants; return what it wants to know."""
        return getattr(self, f"_do_{name}")(**values)

    def _do_arm(self, **values):
        self.server.faults.arm(**values)

    def _do_disarm(self):
        self.server.faults.disarm()

    def _do_release(self):
        self.server.faults.release()

    def _do_holding(self):
        return self.server.faults.holding()

    def _do_requests(self):
        return [dict(record) for record in self.server.requests]

    def _do_forget_keys(self):
        self.server.keys.forget()

    def _do_events(self):
        return list(self.server.events)

    def _do_event(self, **event):
        """Take an event from localstripe, complete it, and keep it until a test delivers it."""
        self.server.events.append(Localstripe(self.server.upstream).complete(event))

    def _do_checkpoint(self, name):
        """Keep a client waiting where a test wants to have it."""
        self.server.faults.meet(name)
