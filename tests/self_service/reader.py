"""A customer at their pages: takes pictures of them, and has them checked for accessibility."""

from contextlib import contextmanager
from pathlib import Path

from commands.addons import ROOT

from ..portal.page import Customer

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
PICTURES = Path(__file__).resolve().parents[1] / "out" / "portal"
MANY = 150  # more things than a page has to tab through
# Of Odoo's own, on each page of its portal and out of our templates' reach: the thread of messages, a shadow tree of
# the mail add-on in which pictures have no text; and the choice of a language in the footer, grey on grey.
UNCHECKED = ["#chatterRoot", "footer .js_language_selector"]
CHECK = "exclude => axe.run({exclude}, {resultTypes: ['violations']})"
AXE = ROOT / ".local" / "npm" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def reader(browser, address, screen, locale="en-US"):
    """A :class:`Reader` who has not been here before."""
    context = browser.new_context(base_url=address, viewport=SCREENS[screen], locale=locale)
    context.set_default_timeout(30000)
    yield Reader(context.new_page(), screen)
    context.close()


class Reader(Customer):
    """A customer who looks around at each page."""

    pictures, unchecked = PICTURES, UNCHECKED

    def __init__(self, page, screen):
        super().__init__(page)
        self.screen = screen
        self._pictures = 0
        self.prefix = ""
        self.pictures.mkdir(parents=True, exist_ok=True)

    def look(self, name, *texts):
        """Expect texts on a page that fits the screen and that everybody can use; take a picture of it."""
        for text in texts:
            self.see(text)
        self._pictures += 1
        path = self.pictures / f"{self.prefix}{self._pictures:02}-{name}-{self.screen}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        violations = self.get_violations()
        assert not violations, f"{name} ({self.page.url}):\n" + "\n".join(violations)

    def log_in(self, login):
        """Log in, with the login as the password."""
        self.open("/web/login")
        self.page.get_by_label("Email").fill(login)
        self.page.get_by_label("Password").fill(login)
        self.go("Log in")

    def get_violations(self):
        """Return what axe-core finds that is serious or critical."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(CHECK, self.unchecked)
        return [
            f"{each['impact']} {each['id']}: {each['help']}: " + "; ".join(node["html"][:200] for node in each["nodes"])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    def get_language(self):
        """Return the language that the page says it is in."""
        return self.page.locator("html").get_attribute("lang")

    def go(self, name, last=False):
        """Follow a link, or press a button, that leads to another page; the first or the last of that name."""
        named = self._get_controls(name)
        with self.page.expect_navigation():
            (named.last if last else named.first).click()
        self._wait_until_ready()

    def _get_controls(self, name):
        button, link = (self.page.get_by_role(role, name=name) for role in ("button", "link"))
        return button.or_(link).locator("visible=true")

    def sign(self, name, by_keyboard=False):
        """Sign in the window in front, with a name that is typed."""
        window = self.page.get_by_role("dialog")
        field, accept = window.get_by_role("textbox").first, window.locator("button.o_portal_sign_submit")
        field.wait_for()
        with self.page.expect_navigation():
            if by_keyboard:
                self._tab_to(field)
                self.page.keyboard.type(name)
                self._tab_to(accept)
                self.page.keyboard.press("Enter")
            else:
                field.fill(name)
                accept.click()
        self._wait_until_ready()

    # === BY KEYBOARD ===#

    def reach(self, name):
        """Press the tabulator until something has the focus."""
        self._tab_to(self._get_controls(name).or_(self.page.get_by_label(name, exact=isinstance(name, str))).first)

    def use(self, name):
        """Reach a link or a button, and let it lead to another page."""
        self.reach(name)
        self.enter()

    def enter(self):
        """Press Enter, which leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self._wait_until_ready()

    def _tab_to(self, control):
        control.wait_for()
        for _press in range(MANY):
            self.page.keyboard.press("Tab")
            if control.evaluate("control => control === document.activeElement"):
                return
        raise AssertionError(f"the tabulator does not lead to {control}")

    def pay(self, state="done", details="4242", by_keyboard=False):
        """Override to pay by keyboard as well."""
        if not by_keyboard:
            super().pay(state, details)
            return
        self._tab_to(self.page.locator("#customer_input").first)
        self.page.keyboard.type(details)
        self._tab_to(self.page.locator('[name="o_payment_submit_button"]'))
        self._send_payment(lambda: self.page.keyboard.press("Enter"))
