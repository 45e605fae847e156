"""A server, and people who are logged in to it."""

import socket
import subprocess
import time
from contextlib import closing, contextmanager

import requests

from odoo.tools.safe_eval import safe_eval

from commands.addons import ROOT


@contextmanager
def server(db):
    """The address of an Odoo that serves ``db``, with one process and without scheduled actions."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    options = ["-d", db, "--http-port", str(port), "--max-cron-threads=0", "--log-level=error"]
    process = subprocess.Popen([ROOT / "setup" / "odoo.sh", *options], stdin=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address, process):
    while process.poll() is None:
        try:
            requests.get(f"{address}/web/health", timeout=60)
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise RuntimeError("Odoo did not start: its log is above.")


class Session:
    """A user who is logged in, and what their web client says to the server."""

    def __init__(self, address, db, login, password):
        self.address = address
        self.http = requests.Session()
        answer = self._post("/web/session/authenticate", db=db, login=login, password=password)
        self.uid = answer["uid"]
        self.context = {**answer["user_context"], "allowed_company_ids": [answer["user_companies"]["current_company"]]}

    def call(self, call):
        """Make a :class:`Call`, and return what it returns."""
        kwargs = {**call.kwargs, "context": self.context | call.kwargs.get("context", {})}
        path = f"/web/dataset/call_kw/{call.model}/{call.method}"
        return self._post(path, model=call.model, method=call.method, args=call.args, kwargs=kwargs)

    def get_menus(self):
        """Return {menu id: {name, children, actionID …}} of all that the user sees."""
        return self.http.get(f"{self.address}/web/webclient/load_menus").json()

    def get_action(self, action):
        """Return the description of an action, by id or xmlid."""
        return self._post("/web/action/load", action_id=action, context=self.context)

    def evaluate(self, expression, /, **values):
        """Return the value of a domain or context as it stands in a view or an action."""
        return safe_eval(expression, {"uid": self.uid, **values}) if isinstance(expression, str) else expression

    def _post(self, path, **params):
        answer = self.http.post(self.address + path, json={"jsonrpc": "2.0", "params": params}).json()
        if "error" in answer:
            raise RuntimeError(f"{path}: {answer['error']['data']['message']}")
        return answer["result"]
