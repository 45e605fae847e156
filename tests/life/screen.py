"""Odoo's web client, as people use it."""

from contextlib import contextmanager

from playwright.sync_api import expect

DESK = {"width": 1440, "height": 900}
# A part of Odoo that Debian's package leaves out, and pictures that are not there.
IGNORED = ("selfie_segmentation", "Failed to load resource")


@contextmanager
def logged_in(browser, address, login):
    """A :class:`Screen` of a user whose password is their login."""
    context = browser.new_context(base_url=address, viewport=DESK, locale="en-US")
    context.set_default_timeout(30000)
    screen = Screen(context.new_page())
    screen.page.goto("/web/login")
    screen.page.fill("#login", login)
    screen.page.fill("#password", login)
    screen.page.click("button[type=submit]")
    screen.page.wait_for_url("**/odoo**")
    yield screen
    assert not screen.errors, screen.errors
    context.close()


class Screen:
    """One browser window; it keeps the errors of the page."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, message):
        if message.type == "error" and not any(word in message.text for word in IGNORED):
            self.errors.append(message.text)

    @property
    def dialog(self):
        """The window in front."""
        return self.page.locator(".modal-dialog").last

    def open(self, order_id):
        """Open a subscription."""
        self.page.goto(f"/odoo/subscriptions/{order_id}")
        expect(self.page.locator(".o_field_widget[name=name]").first).to_be_visible()

    def press(self, name):
        """Press the button of the form that calls ``name``; a window opens or the form changes."""
        self.page.locator(f"button[name={name}]").locator("visible=true").first.click()

    def see(self, *texts, within=None):
        """Expect texts to be shown."""
        for text in texts:
            expect((within or self.page).get_by_text(text).locator("visible=true").first).to_be_visible()

    def go_to(self, tab):
        """Open a tab of the form."""
        self.page.locator(".o_notebook .nav-link", has_text=tab).click()

    def type_into_cell(self, name, value, row=0):
        """Type into a cell of the list in the window in front."""
        cell = self.dialog.locator(f"td[name={name}]").nth(row)
        cell.click()
        cell.locator("input").fill(str(value))
        self.page.keyboard.press("Tab")

    def choose(self, label):
        """Choose a radio button of the window in front."""
        self.dialog.get_by_label(label, exact=True).check()

    def tick(self, field):
        """Tick a box of the window in front."""
        self.dialog.locator(f"div[name={field}] input").check()

    def pick(self, field, option):
        """Pick an option of a drop-down of the window in front."""
        self.dialog.locator(f"div[name={field}] input").click()
        self.page.locator(".o_select_menu_item", has_text=option).click()

    def confirm(self, name):
        """Press the button of the window in front, and wait until it is gone."""
        self.dialog.locator(f"button[name={name}]").click()
        expect(self.page.locator(".modal-dialog")).to_have_count(0)
