"""Somebody at a screen of ours; pictures of what they see, checked for accessibility."""

import re
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from ..reports import viewer as reports
from ..reports.viewer import Viewer

# What Odoo's own widgets lack is Odoo's: the boxes of lists, their menu of columns, colours of badges and muted texts.
ODOOS = re.compile(
    r"form-check-input|o_optional_columns_dropdown|text-bg-|o_data_cell|text-muted|o_field_|o_tree_editor|o_select_menu|o_input|text-primary|avatar_128"
)
PICTURES = Path(__file__).resolve().parents[1] / "out" / "care"


@contextmanager
def carer(browser, address, login):
    """A :class:`Carer` whose password is their login."""
    context = browser.new_context(base_url=address, viewport=reports.SCREENS["desk"], locale="en-US", timezone_id="UTC")
    context.set_default_timeout(30000)
    screen = Carer(context.new_page(), "desk")
    screen.log_in(login)
    yield screen
    assert not screen.errors, screen.errors
    context.close()


@contextmanager
def visitor(browser, address):
    """The page of somebody who has no login."""
    context = browser.new_context(base_url=address, viewport=reports.SCREENS["phone"], locale="en-US")
    context.set_default_timeout(30000)
    yield Carer(context.new_page(), "phone")
    context.close()


class Carer(Viewer):
    """Somebody who sets rules up, or sees what they did."""

    pictures = PICTURES

    def is_ours(self, node):
        """Whether an element that axe-core complains of is ours."""
        return not ODOOS.search(node["html"])

    def choose_field(self, name, label):
        """Choose a field of the last condition of the domain."""
        selector = self.page.locator(".o_model_field_selector").last
        selector.click()
        popover = self.page.locator(".o_model_field_selector_popover")
        popover.locator("input").first.fill(label)
        popover.locator(f"li[data-name={name}] .o_model_field_selector_popover_item_name").click()
        expect(popover).to_have_count(0)
        expect(selector).to_contain_text(label)

    def card(self, name):
        """The card of a customer on the board."""
        return self.page.locator(".o_kanban_record", has_text=name)

    def switch(self, name):
        """Switch an automated action on or off on its page."""
        self.go("/odoo/subscription-automations", ".o_data_row, .o_kanban_record")
        line = self.page.locator(".o_data_row, .o_kanban_record", has_text=name).first
        line.locator(".o_field_boolean_toggle input").click()
        expect(line.locator(".o_field_boolean_toggle input")).to_be_checked()
