"""A customer in front of a page, with a real browser: on a phone, or at a desk."""

import resource
from contextlib import contextmanager

from playwright.sync_api import expect, sync_playwright

SCREENS = {"phone": {"width": 375, "height": 812}, "desk": {"width": 1280, "height": 800}}
# Without a screen, a graphics card, and the shared memory that containers are short of.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
expect.set_options(timeout=20000)


@contextmanager
def running_browser():
    """The system's Chromium."""
    with _memory_unlimited(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _memory_unlimited():
    """Lift the limit that Odoo's server sets to the process that it runs in: a browser asks for far more addresses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def customer(browser, address, screen):
    """A :class:`Customer` who has not been here before."""
    context = browser.new_context(base_url=address, viewport=SCREENS[screen], locale="en-US")
    context.set_default_timeout(30000)
    yield Customer(context.new_page())
    context.close()


class Customer:
    """Who opens the links that they were sent; and complains of pages wider than the screen, and of errors."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, message):
        # Pictures of payment methods may be missing.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)

    def open(self, link):
        """Open a link, and wait until the page can be used."""
        self.page.goto(link)
        self._wait_until_ready()

    def _wait_until_ready(self):
        self.page.wait_for_load_state("load")
        self.page.locator('body[is-ready="true"]').wait_for(state="attached")

    def see(self, text):
        """Expect ``text`` somewhere on the page, and the page to fit the screen."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()
        width = self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"the page is {width} pixels wider than the screen"
        assert not self.errors, self.errors

    def press(self, name):
        """Press a button or a link that is on the screen."""
        self.page.locator("a, button").filter(has_text=name).locator("visible=true").first.click()

    def choose(self, method="Demo"):
        """Choose a way to pay."""
        self.page.locator("label.o_payment_option_label").filter(has_text=method).click()
        expect(self.get_method(method)).to_be_checked()

    def get_method(self, name):
        """Return the radio button of a way to pay."""
        return self.page.get_by_role("radio", name=name)

    def pay(self, state="done", details="4242"):
        """Fill in the form of the demo provider, send it, and wait for the page after it."""
        self.page.locator("#customer_input").first.fill(details)
        self.page.locator("#simulated_payment_state").first.select_option(state)
        self._send_payment(self.page.locator('[name="o_payment_submit_button"]').click, state)

    def _send_payment(self, press, state="done"):
        """Press the button that pays, and wait for the page after it."""
        press()
        with self.page.expect_response("**/payment/status/poll"):
            self.page.wait_for_url("**/payment/status", wait_until="commit")
        if state == "pending":
            # That page waits for the provider; people do not.
            self.page.locator("a[href^='/my/']").filter(has_text="Skip").click()
        self.page.wait_for_url("**/my/**", wait_until="load")
        self._wait_until_ready()
