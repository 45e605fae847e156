import logging
from collections import Counter

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .base_automation import PARAMETERS
from .base_automation_facts import LEVEL_TRIGGERS
from .ir_actions_server import NothingDone

_logger = logging.getLogger(__name__)

# How many subscriptions a transaction has in hand.
BATCH_SIZE = 50
# After as many transactions in which all failed, a run gives the rule up for the day.
MAX_FAILED_BATCHES = 10
# How often what failed is tried, once a day.
MAX_ATTEMPTS = 3
# When one of these changes, the rule asks for something else: it counts anew from then on.
ASKED_FIELDS = {"active", "trigger", "filter_domain", *PARAMETERS}
EDITED_FIELDS = ASKED_FIELDS | {"action_server_ids", "filter_pre_domain", "model_id"}


class BaseAutomation(models.Model):
    """Rules that count from the day they are switched on, and fire at most once for each fact."""

    _inherit = "base.automation"

    subscription_firing_ids = fields.One2many(comodel_name="subscription.firing", inverse_name="automation_id")

    # === SWITCHED ON, OR EDITED ===#

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._filter_subscription()._subscription_begin()
        return rules

    def write(self, vals):
        asked = ASKED_FIELDS & vals.keys()
        open_facts = {rule.id: rule._get_open_facts() for rule in self._filter_subscription()} if asked else {}
        result = super().write(vals)
        if EDITED_FIELDS & vals.keys():
            self._subscription_try_again()
        if asked:
            self._filter_subscription()._subscription_begin(open_facts)
        return result

    def _subscription_begin(self, open_facts=None):
        """Let rules that are on count from now on: what holds already is noted, and nothing is done about it.

        :param dict open_facts: what came about since the last run, by the rules' ids: that still counts
        """
        # In sudo mode: what was done is written by no user.
        self.env["subscription.firing"].sudo().search(
            [("automation_id", "in", self.ids), ("state", "=", "before")]
        ).unlink()
        for rule in self.filtered("active"):
            rule.sudo().write(rule._prepare_beginning())  # as above
            try:
                with self.env.cr.savepoint():
                    rule._subscription_note_before()
                    rule._subscription_forget_before((open_facts or {}).get(rule.id))
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:  # Whatever a filter may raise; it is told on the rule.
                rule._subscription_park(error)
        if self.filtered("active"):
            self.env["subscription.care.run"]._trigger()

    def _get_open_facts(self):
        """Return the facts that the next run would see to, of a rule that is on, as a list of (order id, fact)."""
        if not self.active:
            return []
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                return self.env.execute_query(self._get_open_query(self._get_facts(), self._get_filtered_orders()))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:  # Its filter cannot be read: whatever came about since it could, as far as that can be told.
            _logger.info("The filter of automation rule %s cannot be read.", self.id, exc_info=True)
        return self._get_facts_since_last_run()

    def _get_facts_since_last_run(self):
        days = (fields.Datetime.now() - self.last_run).days + 1 if self.last_run else 1
        facts = SQL("SELECT * FROM (%s) now EXCEPT %s", self._get_facts(), self._get_facts(days_ago=days))
        return self.env.execute_query(self._get_open_query(facts))

    def _get_open_query(self, facts, filtered=None):
        """Return SQL of those of ``facts`` about which nothing was noted yet."""
        return SQL(
            """
            SELECT fact.order_id, fact.fact FROM (%s) fact
             WHERE NOT EXISTS (SELECT FROM subscription_firing past
                                WHERE past.automation_id = %s AND past.order_id = fact.order_id
                                  AND past.fact = fact.fact AND past.released_on IS NULL) AND %s
            """,
            facts,
            self.id,
            SQL("fact.order_id IN (%s)", filtered) if filtered else SQL("TRUE"),
        )

    def _subscription_forget_before(self, facts):
        """Let ``facts``, a list of (order id, fact), count after all."""
        if facts:
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM subscription_firing firing USING unnest(%s, %s) AS open(order_id, fact)
                     WHERE firing.automation_id = %s AND firing.state = 'before'
                       AND firing.order_id = open.order_id AND firing.fact = open.fact
                    """,
                    [order_id for order_id, _fact in facts],
                    [fact for _order_id, fact in facts],
                    self.id,
                )
            )

    def _prepare_beginning(self):
        now = fields.Datetime.now()
        return {"last_run": now, "subscription_switched_on": now, "subscription_switched_by_id": self.env.uid}

    def _subscription_note_before(self, orders=None):
        """Note what holds already. Of dates, what held yesterday: what comes about today still counts.

        :param orders: of these subscriptions only; of all if not given
        """
        self.env.flush_all()
        self._subscription_release()
        ahead = self.trigger == "on_subscription_date" and self.subscription_date_mode == "before"
        # A day that lies ahead may be met by what changes on the order: only what fits already is left out.
        filtered = self._get_filtered_orders()
        condition = SQL("fact.order_id IN (%s)", filtered) if ahead and filtered else SQL("TRUE")
        if orders is not None:
            condition = SQL("%s AND fact.order_id = ANY(%s)", condition, orders.ids)
        days_ago = 1 if self.trigger == "on_subscription_date" else 0
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO subscription_firing (automation_id, order_id, company_id, fact, fired_on, state, attempts)
                SELECT %s, fact.order_id, sale_order.company_id, fact.fact, %s, 'before', 0
                  FROM (%s) fact JOIN sale_order ON sale_order.id = fact.order_id WHERE %s
                    ON CONFLICT (automation_id, order_id, fact) WHERE released_on IS NULL DO NOTHING
                """,
                self.id,
                self._get_today_sql(SQL("sale_order.company_id")),
                self._get_facts(days_ago),
                condition,
            )
        )

    def _subscription_try_again(self):
        """Take rules out of the parked ones; what failed is tried anew."""
        # In sudo mode: the rights to edit the rule were checked.
        self.sudo().filtered("subscription_parked_reason").write(self._get_blank_parking())
        failed = (
            self.env["subscription.firing"]
            .sudo()  # as above
            .search([("automation_id", "in", self.ids), ("state", "=", "failed")])
        )
        failed.attempts = 0

    # === THE RUN ===#

    @api.model
    def _subscription_note_imported(self, orders):
        """Leave what holds for imported ``orders`` alone: it came about elsewhere."""
        # In sudo mode: whoever imports.
        for rule in self.sudo().search([])._filter_subscription():
            if not rule.subscription_parked_reason:
                rule._subscription_note_before(orders)

    def _subscription_release(self):
        """Let go of levels that do not hold any more: when they come about again, the rule fires again."""
        if self.trigger not in LEVEL_TRIGGERS:
            return
        self.env.flush_all()
        query = SQL(
            """
            WITH fact AS MATERIALIZED (%s), over AS (
                 SELECT firing.id FROM subscription_firing firing
                   LEFT JOIN fact ON fact.order_id = firing.order_id AND fact.fact = firing.fact
                  WHERE firing.automation_id = %s AND firing.released_on IS NULL AND fact.fact IS NULL
                  ORDER BY firing.id FOR UPDATE OF firing),
            forgotten AS (
                 DELETE FROM subscription_firing WHERE id IN (SELECT id FROM over) AND state = 'before')
            UPDATE subscription_firing firing SET released_on = %s
             WHERE id IN (SELECT id FROM over) AND state != 'before'
            """,
            self._get_facts(),
            self.id,
            self._get_today_sql(SQL("firing.company_id")),
        )
        self.env.cr.execute(query, log_exceptions=False)  # The run starts anew, or parks the rule with the reason.
        self.env["subscription.firing"].invalidate_model()

    def _subscription_fire_next(self):
        """Do what the rule says for the next few subscriptions of which its fact holds.

        :return: Counter of ``fired``, ``failed`` and, where nothing was to be done, ``refused``
        """
        claims = self._subscription_claim_next()
        result = Counter()
        for firing in claims:
            error = self._subscription_fire(firing.order_id)
            result["fired" if not error else "refused" if isinstance(error, NothingDone) else "failed"] += 1
            if error:
                firing.write({"state": "failed", "reason": self._describe_failure(error)})
        return result

    def _subscription_claim_next(self):
        """Write down what is done next, in the transaction that does it: nobody else does it then.

        :return: the ``subscription.firing`` records
        """
        self.env.flush_all()
        filtered = self._get_filtered_orders()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO subscription_firing AS firing
                       (automation_id, order_id, company_id, fact, fired_on, state, attempts)
                SELECT %(rule)s, fact.order_id, sale_order.company_id, fact.fact, %(today)s, 'done', 1
                  FROM (%(facts)s) fact
                  JOIN sale_order ON sale_order.id = fact.order_id
                  LEFT JOIN subscription_firing past
                         ON past.automation_id = %(rule)s AND past.order_id = fact.order_id AND past.fact = fact.fact
                        AND past.released_on IS NULL
                 WHERE (past.id IS NULL
                        OR past.state = 'failed' AND past.attempts < %(attempts)s
                           AND (past.attempts = 0 OR past.fired_on < %(today)s))
                   AND %(filter)s
                 ORDER BY past.attempts NULLS FIRST, fact.order_id LIMIT %(limit)s
                    ON CONFLICT (automation_id, order_id, fact) WHERE released_on IS NULL
                    DO UPDATE SET state = 'done', reason = NULL, fired_on = EXCLUDED.fired_on,
                                  attempts = firing.attempts + 1
                RETURNING id
                """,
                rule=self.id,
                today=self._get_today_sql(SQL("sale_order.company_id")),
                facts=self._get_facts_to_try(),
                attempts=MAX_ATTEMPTS,
                filter=SQL("fact.order_id IN (%s)", filtered) if filtered else SQL("TRUE"),
                limit=BATCH_SIZE,
            ),
            log_exceptions=False,  # as above
        )
        ids = [firing_id for (firing_id,) in self.env.cr.fetchall()]
        self.env["subscription.firing"].invalidate_model()
        return self.env["subscription.firing"].browse(ids)

    def _get_facts_to_try(self):
        """Return the facts that hold, and those that failed and stay true however long ago they came about."""
        stays = self.trigger == "on_subscription_rating" or (
            self.trigger == "on_subscription_date" and self.subscription_date_mode == "after"
        )
        if not stays:
            return self._get_facts()
        return SQL(
            "%s UNION SELECT order_id, fact FROM subscription_firing WHERE automation_id = %s AND state = 'failed'",
            self._get_facts(),
            self.id,
        )

    def _subscription_fire(self, order):
        """Run the rule's actions for an order; what they did is undone when one fails.

        :return: the error, or None
        """
        try:
            with self.env.cr.savepoint():
                # In sudo mode: a rule does for anybody what its author said.
                for action in self.sudo().action_server_ids:
                    action.with_company(order.company_id).with_context(
                        active_model="sale.order", active_ids=order.ids, active_id=order.id
                    ).run()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # Whatever an action may raise; it is told on its firing.
            _logger.info("Automation rule %s failed for subscription %s.", self.id, order.id, exc_info=error)
            return error
        return None

    def _get_last_failure(self):
        """Return why the rule failed last, of what it will try again or gave up; False where nothing failed."""
        return (
            self.env["subscription.firing"]
            .search(
                [("automation_id", "=", self.id), ("state", "=", "failed")], order="fired_on desc, id desc", limit=1
            )
            .reason
        )
