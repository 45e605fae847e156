"""People who look at the numbers, at a desk or on a phone; pictures of what they see, checked for accessibility."""

from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from commands.addons import ROOT

from ..life.screen import Screen

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
PICTURES = Path(__file__).resolve().parents[1] / "out" / "reports"
AXE = ROOT / ".local" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
# The bar on top of the page is Odoo's.
CHECK = "selector => axe.run(document.querySelector(selector), {resultTypes: ['violations']})"


@contextmanager
def viewer(browser, address, login, screen="desk"):
    """A :class:`Viewer` whose password is their login."""
    context = browser.new_context(base_url=address, viewport=SCREENS[screen], locale="en-US", timezone_id="UTC")
    context.set_default_timeout(30000)
    page = Viewer(context.new_page(), screen)
    page.log_in(login)
    yield page
    assert not page.errors, page.errors
    context.close()


class Viewer(Screen):
    """Somebody at one of the pages of ours."""

    pictures = PICTURES

    def __init__(self, page, screen):
        super().__init__(page)
        self.screen = screen
        self.pictures.mkdir(parents=True, exist_ok=True)

    def log_in(self, login):
        """Log in, with the login as the password."""
        self.page.goto("/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", login)
        self.page.click("button[type=submit]")
        self.page.wait_for_url("**/odoo**")

    def go(self, path, selector):
        """Go to a page of the web client, until ``selector`` is there."""
        self.page.goto(path)
        expect(self.page.locator(selector).first).to_be_visible()

    def look(self, name, selector):
        """Take a picture of the whole page; expect it to fit the screen, and ``selector`` to be for everybody."""
        size = SCREENS[self.screen]
        height = self.page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('body, .o_action, .o_content')].map(e => e.scrollHeight))"
        )
        self.page.set_viewport_size({**size, "height": height + 150})
        self.page.screenshot(path=self.pictures / f"{name}-{self.screen}.png", animations="disabled")
        self.page.set_viewport_size(size)
        width = self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"the page is {width} pixels wider than the screen"
        violations = self.get_violations(selector)
        assert not violations, f"{name}:\n" + "\n".join(violations)

    def get_violations(self, selector):
        """Return what axe-core finds that is serious or critical."""
        self.page.evaluate(AXE.read_text())
        found = [
            (each, [node["html"][:200] for node in each["nodes"] if self.is_ours(node)])
            for each in self.page.evaluate(CHECK, selector)["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        return [f"{each['impact']} {each['id']}: {each['help']}: {'; '.join(nodes)}" for each, nodes in found if nodes]

    def is_ours(self, node):
        """Whether an element that axe-core complains of counts."""
        return True

    def print(self, name):
        """Return the page as it is printed on A4: a PDF, kept with the pictures."""
        margin = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")
        path = self.pictures / f"{name}.pdf"
        return self.page.pdf(path=path, format="A4", margin=margin, print_background=True)
