"""Who comes to the pages: their browser, with or without a login."""

import re

import requests
from lxml import html

REDIRECTS_HOME = re.compile(r"(https?://[^/]+)?/(my|my/home|web/login|odoo)?([?#]|$)")
# What a customer is told in a sentence; any other class is a fault that nobody thought of.
EXPECTED_ERRORS = ("odoo.exceptions.", "werkzeug.exceptions.", "odoo.http.SessionExpiredException")


class Answer:
    """What the server answered; no response: it hung up."""

    def __init__(self, response=None):
        if response is None:
            self.status, self.location, self.is_page, self.text, self.error = 0, "", False, "", None
            return
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.is_page = "text/html" in response.headers.get("Content-Type", "")
        self.text = response.text
        self.error = self._get_error(response)

    def _get_error(self, response):
        if "json" not in response.headers.get("Content-Type", ""):
            return None
        answer = response.json()
        return answer.get("error") if isinstance(answer, dict) else None

    @property
    def is_refused(self):
        """Whether the visitor is told no."""
        return bool(self.error) or self.status >= 400 or (self.status in (302, 303) and self.leads_home)

    @property
    def leads_home(self):
        """Whether the visitor is sent away from the page."""
        return bool(REDIRECTS_HOME.match(self.location))

    @property
    def is_fault(self):
        """Whether the server did not know what to answer."""
        if self.error and not self.error["data"]["name"].startswith(EXPECTED_ERRORS):
            return True
        return self.status >= 500 or not self.status

    def __str__(self):
        error = self.error and f"{self.error['data']['name']}: {self.error['data']['message']}"
        return " ".join(map(str, filter(None, [self.status, self.location, error])))


class Visitor:
    """Somebody in front of a browser.

    :param str login: of a user whose password is the same; none: nobody is logged in
    :param set knows: names of customers that this one may read
    """

    def __init__(self, name, address, login=None, knows=(), token=None):
        self.name, self.address, self.login, self.token = name, address, login, token
        self.knows = set(knows)
        self._session = requests.Session()
        self._csrf = None
        if login:
            self._log_in()

    def _log_in(self):
        answer = self._session.post(
            f"{self.address}/web/login",
            data={"login": self.login, "password": self.login, "csrf_token": self._get_csrf()},
            allow_redirects=False,
            timeout=60,
        )
        assert answer.status_code == 303, f"{self.login} cannot log in"
        self._csrf = None

    def _get_csrf(self):
        if not self._csrf:
            page = self._session.get(f"{self.address}{'/my' if self._csrf == '' else '/web/login'}", timeout=60).text
            self._csrf = re.search(r'csrf_token: "(\w+)"', page)[1]
        return self._csrf

    def open(self, path, **params):
        """Open a page, and follow where it leads; return the response."""
        return self._session.get(f"{self.address}{path}", params=params, timeout=120)

    def fill_in(self, path, **entered):
        """Send a form; return the hidden fields of the forms on the page that comes next: {action: {name: value}}."""
        data = {"csrf_token": self._get_csrf(), **entered}
        return self._get_forms(self._session.post(f"{self.address}{path}", data=data, timeout=120))

    def read_forms(self, path, **params):
        """Open a page; return the hidden fields of its forms, as above."""
        return self._get_forms(self.open(path, **params))

    def _get_forms(self, page):
        forms = html.fromstring(page.text).xpath("//form[@action]")
        return {
            form.get("action").partition("?")[0]: {
                field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")
            }
            for form in forms
        }

    def send(self, call, follow=False):
        """Make a call; return the :class:`Answer`."""
        data, headers = {}, dict(call.headers)
        if call.method in ("GET", "HEAD", "OPTIONS"):
            data["params"] = call.params
        else:
            data["data"] = call.params if call.forged else {"csrf_token": self._get_csrf(), **call.params}
        if call.body is not None:
            data = {"data": call.body.encode()}
            headers.setdefault("Content-Type", "application/json")
        method, url = "POST" if call.method == "JSON" else call.method, f"{self.address}{call.path}"
        try:
            response = self._session.request(method, url, headers=headers, allow_redirects=follow, timeout=120, **data)
        except requests.ConnectionError:
            return Answer()
        return Answer(response)

    def __str__(self):
        return self.name
