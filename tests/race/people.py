"""Who works while subscriptions are billed: sales managers change them, an accountant posts other invoices."""

import threading
import time

from dateutil.relativedelta import relativedelta

from odoo.fields import Command

from ..bills import Watch
from ..crowd import DAY, get_plain_orders
from ..outcome import select
from .screens import Screen

MANAGER, ACCOUNTANT = "manager", "accountant"


def hire(env):
    """Create the users; their password is their login."""
    groups = {
        MANAGER: "sales_team.group_sale_manager",
        ACCOUNTANT: "account.group_account_invoice",
    }
    for login, group in groups.items():
        groups = env.ref("base.group_user") + env.ref(group)
        env["res.users"].create({"name": login, "login": login, "password": login, "group_ids": groups.ids})


class Person(threading.Thread):
    """Works at a screen, one thing after the other, until told to stop."""

    def __init__(self, address, db, login):
        super().__init__(daemon=True)
        self.db = db
        self.screen = Screen(address, db, login)
        self.error = None
        self._stopped = threading.Event()

    def run(self):
        try:
            while not self._stopped.is_set():
                self.work()
        except Exception as error:
            self.error = error

    def stop(self):
        """Let the thread end what it does just now, and raise what it could not do."""
        self._stopped.set()
        self.join()
        if self.error:
            raise self.error

    def work(self):
        """Do one thing."""
        raise NotImplementedError


class Accountant(Person):
    """Posts ordinary invoices in the journal that subscriptions are invoiced in."""

    def __init__(self, address, db):
        super().__init__(address, db, ACCOUNTANT)
        self.invoices = []
        self.seconds = []

    def work(self):
        customer = self.screen.call("res.partner", "name_search", "Reader", limit=1)[0][0]
        line = {"name": "Advice", "quantity": 1, "price_unit": 100.0}
        values = {"move_type": "out_invoice", "partner_id": customer, "invoice_line_ids": [Command.create(line)]}
        invoice = self.screen.call("account.move", "create", values)
        started = time.monotonic()
        self.screen.call("account.move", "action_post", [invoice])
        self.seconds.append(time.monotonic() - started)
        self.invoices.append(invoice)


class Seller(Person):
    """Makes one kind of change to subscriptions, each once, and those first that are being billed just then."""

    proof = ""  # By what an order shows the change, as SQL.

    def __init__(self, address, db, orders):
        """
        :param orders: pairs of ids, of the orders that may be changed and of their lines
        """
        super().__init__(address, db, MANAGER)
        self._orders = dict(orders)
        self._watch = Watch(db)
        self.changed = []
        self.collisions = 0

    def work(self):
        busy = [order for chunk in self._watch.get_chunks() for order in chunk if order in self._orders]
        order = next(iter(busy or self._orders), None)
        if order:
            self.change(order, self._orders.pop(order))
            self.changed.append(order)
            self.collisions += bool(busy)

    def find_proven(self):
        """Return the ids of the orders that show this kind of change."""
        query = "SELECT o.id FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id WHERE "
        return {order for (order,) in select(self.db, query + self.proof)}

    def save(self, order, **values):
        """Save the form of an order."""
        self.screen.call("sale.order", "web_save", [order], values, specification={})

    def change(self, order, line):
        """Change one order, which has one line."""
        raise NotImplementedError


class ChangesQuantity(Seller):
    proof = "l.product_uom_qty = 7"

    def change(self, order, line):
        self.save(order, order_line=[Command.update(line, {"product_uom_qty": 7})])


class ChangesPrice(Seller):
    proof = "l.price_unit = 77"

    def change(self, order, line):
        self.save(order, order_line=[Command.update(line, {"price_unit": 77.0})])


class WritesNotes(Seller):
    proof = "o.note LIKE '%Glad%' AND l.name = 'Glossy'"

    def change(self, order, line):
        self.save(order, note="<p>Glad</p>", order_line=[Command.update(line, {"name": "Glossy"})])


class AddsLines(Seller):
    proof = "(SELECT COUNT(*) FROM sale_order_line x WHERE x.order_id = o.id) = 2"

    def __init__(self, *args):
        super().__init__(*args)
        self._product = self.screen.call("product.product", "name_search", "Archive", limit=1)[0][0]

    def change(self, order, line):
        self.save(order, order_line=[Command.create({"product_id": self._product})])


class Closes(Seller):
    proof = "o.subscription_closed_on IS NOT NULL AND l.subscription_end = o.subscription_closed_on"

    def __init__(self, *args):
        super().__init__(*args)
        self._reason = self.screen.call("subscription.close.reason", "search", [], limit=1)[0]

    def change(self, order, line):
        # On the day to which it is billed in this run: the close changes nothing about that.
        day = (DAY + relativedelta(months=1)).isoformat()
        values = {"order_ids": [Command.set([order])], "reason_id": self._reason, "moment": "date", "date": day}
        wizard = self.screen.call("subscription.close.wizard", "create", values)
        self.screen.call("subscription.close.wizard", "action_close", [wizard])


SELLERS = (ChangesQuantity, ChangesPrice, WritesNotes, AddsLines, Closes)


def get_sellers(address, db):
    """Return one seller of each kind; each has subscriptions of their own, of one magazine a month."""
    orders = get_plain_orders(db)
    return [seller(address, db, orders[number :: len(SELLERS)]) for number, seller in enumerate(SELLERS)]
