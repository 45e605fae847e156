"""People at their screens: an Odoo server in a process of its own, called over HTTP as the web client does."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager

import requests

from ..bills import wait_for


class Refused(Exception):
    """The server answered with an error that the web client would show."""


@contextmanager
def odoo_server(db, *options):
    """The address of a server for one database; ended at the end. ``options`` are more of Odoo's."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = ["-d", db, "--http-port", str(port), "--max-cron-threads=0", "--log-level=critical", *options]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "odoo", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ,
        )
        try:
            wait_for(lambda: _answers(address))
            yield address
        finally:
            server.kill()
            server.wait()


def _answers(address):
    try:
        return requests.get(f"{address}/web/health", timeout=5).ok
    except requests.RequestException:
        return False


class Screen:
    """One user's web client."""

    def __init__(self, address, db, login):
        self._address = address
        self._session = requests.Session()
        self._post("/web/session/authenticate", db=db, login=login, password=login)

    def call(self, model, method, *args, **kwargs):
        """Call a method as a button or a form does."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self._post(path, model=model, method=method, args=args, kwargs=kwargs)

    def _post(self, path, **params):
        answer = self._session.post(f"{self._address}{path}", json={"jsonrpc": "2.0", "params": params}, timeout=300)
        answer = answer.json()
        if "error" in answer:
            raise Refused(answer["error"]["data"]["debug"])
        return answer["result"]
