"""What billing came to, order by order, in a form in which two databases can be compared.

Of two copies of one database, that is: what was there before has the same ids. What billing makes is told without
its ids, its numbers and the time of day: these differ from run to run.
"""

import json
from collections import defaultdict
from contextlib import closing

import psycopg2

# What is told of each order: rows as JSON, all their stored columns but some.
QUERIES = {
    "order": "SELECT o.name, to_jsonb(o) - '{write_date,write_uid}'::text[] FROM sale_order o",
    "order line": """
        SELECT o.name, to_jsonb(l) - '{write_date,write_uid}'::text[]
          FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id""",
    "ledger": """
        SELECT o.name, to_jsonb(p) - '{id,create_date,write_date,invoice_line_id,move_id,source_id,basis_id}'::text[]
                       - '{change_id,ended_by_id}'::text[]
                       || jsonb_build_object('invoiced', l.name, 'change', c.kind, 'ended_by', e.kind, 'basis', b.start)
          FROM subscription_period p JOIN sale_order o ON o.id = p.order_id
          LEFT JOIN account_move_line l ON l.id = p.invoice_line_id
          LEFT JOIN subscription_change c ON c.id = p.change_id
          LEFT JOIN subscription_change e ON e.id = p.ended_by_id
          LEFT JOIN subscription_period b ON b.id = p.basis_id""",
    "change": """
        SELECT o.name, to_jsonb(c) - '{id,create_date,write_date,write_uid}'::text[]
          FROM subscription_change c JOIN sale_order o ON o.id = c.order_id""",
    "event": """
        SELECT o.name, to_jsonb(e) - '{id,create_date,write_date}'::text[]
          FROM subscription_event e JOIN sale_order o ON o.id = e.order_id""",
    "invoice": """
        SELECT s.names, to_jsonb(m) - '{id,create_date,write_date,name,sequence_number,payment_reference,access_token}'
                        ::text[]
          FROM account_move m JOIN sold s ON s.move_id = m.id""",
    "invoice line": """
        SELECT s.names, to_jsonb(l) - '{id,create_date,write_date,move_id,move_name,name}'::text[]
                       || jsonb_build_object(
                   'name', CASE WHEN l.display_type != 'payment_term' THEN l.name END,
                   'taxes', (SELECT array_agg(t.account_tax_id ORDER BY t.account_tax_id)
                               FROM account_move_line_account_tax_rel t WHERE t.account_move_line_id = l.id),
                   'sold', (SELECT array_agg(r.order_line_id ORDER BY r.order_line_id)
                              FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = l.id))
          FROM account_move_line l JOIN sold s ON s.move_id = l.move_id""",
    "message": """
        SELECT o.name, jsonb_build_array(g.subject, g.body, g.message_type)
          FROM mail_message g JOIN sale_order o ON g.model = 'sale.order' AND g.res_id = o.id""",
    "activity": """
        SELECT o.name, jsonb_build_array(a.summary, a.note, a.user_id)
          FROM mail_activity a JOIN sale_order o ON a.res_model = 'sale.order' AND a.res_id = o.id""",
}
# Whose orders an invoice is, by what was sold on it; an invoice of nobody belongs to the order named ''.
SOLD = """
    WITH sold AS (
        SELECT m.id AS move_id, COALESCE(string_agg(DISTINCT o.name, ' + ' ORDER BY o.name), '') AS names
          FROM account_move m
          LEFT JOIN account_move_line l ON l.move_id = m.id
          LEFT JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
          LEFT JOIN sale_order_line s ON s.id = r.order_line_id
          LEFT JOIN sale_order o ON o.id = s.order_id
         WHERE m.move_type IN ('out_invoice', 'out_refund')
         GROUP BY m.id)
"""


def select(db, query, **connection):
    """Return the rows of a query on a database."""
    with closing(psycopg2.connect(dbname=db, **connection)) as connected, connected.cursor() as cr:
        cr.execute(query)
        return cr.fetchall()


def get_outcome(db, **connection):
    """Return {order name: what there is of it, sorted}; orders that share an invoice are one entry, too."""
    outcome = defaultdict(list)
    for kind, query in QUERIES.items():
        for names, row in select(db, f"{SOLD} SELECT t.names, t.row::text FROM ({query}) t(names, row)", **connection):
            outcome[names].append((kind, row))
    return {names: sorted(rows) for names, rows in outcome.items()}


def by_unit(outcome, expected):
    """Return ``outcome`` with those orders together that share an invoice in ``expected``."""
    homes = {name: names for names in expected if " + " in names for name in names.split(" + ")}
    units = defaultdict(list)
    for names, rows in outcome.items():
        units[homes.get(names.split(" + ")[0], names)] += rows
    return {unit: sorted(rows) for unit, rows in units.items()}


def assert_same(outcome, expected):
    """Fail where two outcomes differ, and show the first difference."""
    names = sorted(name for name in outcome | expected if outcome.get(name) != expected.get(name))
    if names:
        lines = _describe(outcome.get(names[0], []), expected.get(names[0], []))
        raise AssertionError("\n  ".join([f"{len(names)} orders differ; the first is {names[0]}:", *lines]))


def _describe(found, expected):
    """Tell how two lists of rows differ: in number, or in which columns."""
    for kind in QUERIES:
        rows, wanted = ([row for name, row in side if name == kind] for side in (found, expected))
        if len(rows) != len(wanted):
            yield f"{len(rows)} {kind} instead of {len(wanted)}"
        for row, other in zip(map(json.loads, rows), map(json.loads, wanted), strict=False):
            if isinstance(row, list):
                row, other = dict(enumerate(row)), dict(enumerate(other))
            for column in row:
                if row[column] != other[column]:
                    yield f"{kind}: {column} is {row[column]!r} instead of {other[column]!r}"


def get_faults(db, **connection):
    """Return what must never be, whatever a run did: [(what, how many)]."""
    queries = {
        "numbers taken twice, or left out": """
            SELECT journal_id, sequence_prefix FROM account_move WHERE state = 'posted' GROUP BY 1, 2
            HAVING COUNT(*) != MAX(sequence_number) OR COUNT(DISTINCT sequence_number) != COUNT(*)""",
        "invoices without an order": f"{SOLD} SELECT 1 FROM sold WHERE names = ''",
        "billed periods without an invoice": """
            SELECT 1 FROM subscription_period
             WHERE invoice_line_id IS NULL AND kind IN ('regular', 'stub') AND quantity != 0""",
        "money of changes without a document": """
            SELECT 1 FROM subscription_period p JOIN sale_order o ON o.id = p.order_id
             WHERE p.invoice_line_id IS NULL AND p.kind IN ('proration', 'credit')
               AND o.subscription_pending_on IS NULL""",
    }
    counts = {what: len(select(db, query, **connection)) for what, query in queries.items()}
    return [(what, count) for what, count in counts.items() if count]
