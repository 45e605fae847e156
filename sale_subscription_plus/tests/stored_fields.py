"""What a piece of work left behind, in a form by which two ways of doing it can be compared.

Two things are looked at: the database, all rows of all tables that the work wrote; and the cache, the stored fields
of records as the rest of the transaction sees them. Nothing is picked by hand, so that no field is forgotten.
"""

import re
from collections import Counter
from contextlib import contextmanager

from odoo.tools import SQL

# Columns that differ although the work is the same; by name, or by table and name.
DIFFERENT = {
    "id": "new rows are compared by their position",
    "create_date": "the moment",
    "write_date": "the moment",
    "access_token": "random",
    "mail_message.message_id": "random",
    "account_move_line.matching_number": "made of the id of the reconciliation, which is compared itself",
    "account_partial_reconcile.draft_caba_move_vals": "tells items by their ids; what is made of it is compared",
    "account_move.inalterable_hash": "made of the ids of the items",
}
# Stored fields that the cache may hold in another form; the database is compared whatever they are.
NOT_CACHED = {"id", "create_date", "write_date", "access_token", "inalterable_hash", "matching_number"}
# Rows that belong to others are counted within them: which of two invoices was first given its tax line is no matter.
# The column that tells the parent, and its table where that is always the same.
PARENTS = {
    "account_move_line": ("move_id", "account_move"),
    "mail_followers": ("res_id", None),
    "mail_message": ("res_id", None),
}
# Columns that hold an id without a foreign key: the column that tells the model.
REFERENCES = {"res_id": ("model", "res_model"), "record_ref": ("model",)}
LINK = re.compile(r'data-oe-model="([\w.]+)" data-oe-id="(\d+)"')


@contextmanager
def undone(env):
    """Take everything back that is done inside, the ids of new invoices too: some references are made of them."""
    env.flush_all()
    env.cr.execute("SELECT last_value FROM account_move_id_seq")
    last_id = env.cr.fetchone()[0]
    savepoint = env.cr.savepoint()
    try:
        yield
    finally:
        savepoint.rollback()
        savepoint.close(rollback=True)
        env.invalidate_all(flush=False)
        env.registry.clear_all_caches()
        env.cr.execute("SELECT setval('account_move_id_seq', %s)", [last_id])


class Footprint:
    """All rows that were written since it was made; make it inside of a savepoint.

    PostgreSQL tells for each row which (sub)transaction wrote it, and for each table how much was written.
    """

    def __init__(self, env):
        self.env = env
        self.stages = {}
        self.cached = {}
        # Rows that have an order of their own, whatever their ids are: {table: ids}.
        self.ordered = {}
        # A temporary table of our own: the first row written after the savepoint tells its number.
        env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS footprint (mark int)")
        env.cr.execute("INSERT INTO footprint VALUES (0) RETURNING xmin::text::bigint")
        self.mark = env.cr.fetchone()[0]
        self.writes = self._count_writes()

    def _count_writes(self):
        self.env.cr.execute("SELECT relname, n_tup_ins + n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        return {table: (written, deleted) for table, written, deleted in self.env.cr.fetchall()}

    def note(self, stage, moves):
        """Note what the cache tells of ``moves`` by now, under the name ``stage``.

        Where rows are deleted later, :meth:`take` the same stage, too.
        """
        self.cached[stage] = read_stored(moves)

    def order(self, records):
        """Tell new ``records`` by their position in this recordset, and not by their ids."""
        self.ordered[records._table] = records.ids

    def take(self, stage):
        """Note what is written by now, under the name ``stage``."""
        self.env.flush_all()
        self.env.cr.flush()
        tables = {}
        for table, counts in self._count_writes().items():
            if table != "footprint" and counts != self.writes.get(table, (0, 0)):
                tables[table] = self._read_rows(table)
        self.stages[stage] = {table: rows for table, rows in tables.items() if rows}

    def _read_rows(self, table):
        self.env.cr.execute(SQL("SELECT * FROM %s WHERE xmin::text::bigint >= %s", SQL.identifier(table), self.mark))
        return self.env.cr.dictfetchall()


class Reader:
    """Turns rows into what can be compared; to be used after the work was rolled back."""

    def __init__(self, env):
        self.env = env
        self.foreign_keys = self._get_foreign_keys()

    def _get_foreign_keys(self):
        self.env.cr.execute(
            """
            SELECT source.relname, attname, target.relname FROM pg_constraint
              JOIN pg_class source ON source.oid = conrelid
              JOIN pg_class target ON target.oid = confrelid
              JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
             WHERE contype = 'f'
            """
        )
        return {(table, column): target for table, column, target in self.env.cr.fetchall()}

    def compare(self, expected, actual):
        """Return the differences between two footprints, as sentences; none if they are alike."""
        differences = []
        mine, theirs = self._name_cached(expected), self._name_cached(actual)
        for stage, records in mine.items():
            differences += compare_records(f"{stage} (cache): ", records, theirs[stage])
        for stage, tables in expected.stages.items():
            mine = self._read(tables, expected.ordered)
            theirs = self._read(actual.stages[stage], actual.ordered)
            for table in sorted(mine.keys() | theirs.keys()):
                differences += [
                    f"{stage}: {table}{text}"
                    for text in self._compare_table(table, mine.get(table, {}), theirs.get(table, {}))
                ]
        return differences

    def _name_cached(self, footprint):
        """Return what the cache told, with the names of records in place of their ids."""
        last = [{}, *footprint.stages.values()][-1]
        return {
            stage: self._name_records(records, footprint.stages.get(stage, last), footprint.ordered)
            for stage, records in footprint.cached.items()
        }

    def _name_records(self, records, tables, ordered):
        positions = Positions(self.env, tables, ordered)
        return {
            positions.get(*record): {
                name: [positions.get(*other) for other in value] if isinstance(value, list) else value
                for name, value in values.items()
            }
            for record, values in records.items()
        }

    def _compare_table(self, table, mine, theirs):
        if not isinstance(mine or theirs, dict):
            missing, added = Counter(mine) - Counter(theirs), Counter(theirs) - Counter(mine)
            return [f" lacks {row}" for row in missing] + [f" has {row} too much" for row in added]
        before = self._read_before(table, mine.keys() ^ theirs.keys())
        return compare_records("", before | mine, before | theirs)

    # === ROWS ===#

    def _read(self, tables, ordered):
        """Return {table: {position or id: values}}; for tables without ids, the rows as tuples."""
        positions = Positions(self.env, tables, ordered)
        return {
            table: (
                {positions.get(table, row["id"]): self._clean(table, row, positions) for row in rows}
                if "id" in rows[0]
                else [tuple(self._clean(table, row, positions).values()) for row in rows]
            )
            for table, rows in tables.items()
        }

    def _read_before(self, table, keys):
        """Return what rows that only one of the ways changed held before."""
        ids = [key[1] for key in keys if key[0] == "old"]
        if not ids:
            return {}
        self.env.cr.execute(SQL("SELECT * FROM %s WHERE id = ANY(%s)", SQL.identifier(table), ids))
        rows = self.env.cr.dictfetchall()
        return {("old", row["id"]): self._clean(table, row, Positions(self.env, {}, {})) for row in rows}

    def _clean(self, table, row, positions):
        return {
            column: self._clean_value(table, column, value, row, positions)
            for column, value in row.items()
            if column not in DIFFERENT and f"{table}.{column}" not in DIFFERENT
        }

    def _clean_value(self, table, column, value, row, positions):
        if value is None:
            return None
        target = self.foreign_keys.get((table, column)) or self._get_target(column, row)
        if target:
            return positions.get(target, value)
        if (table, column) == ("mail_message", "body"):
            return LINK.sub(lambda link: str(positions.get(self.env[link[1]]._table, int(link[2]))), value)
        return value

    def _get_target(self, column, row):
        for name in REFERENCES.get(column, ()):
            if row.get(name):
                return self.env[row[name]]._table
        return None


class Positions:
    """Tells the rows that are new from the old ones, and gives them names that do not depend on their ids."""

    def __init__(self, env, tables, ordered):
        self.env = env
        self.names = {}
        with_ids = {table: rows for table, rows in tables.items() if "id" in rows[0]}
        # Parents first: their position is a part of their children's.
        for table in sorted(with_ids, key=lambda table: table in PARENTS):
            self.names[table] = self._get_names(table, with_ids[table], ordered.get(table, []))

    def _get_names(self, table, rows, ordered):
        ids = [row["id"] for row in rows]
        self.env.cr.execute(SQL("SELECT id FROM %s WHERE id = ANY(%s)", SQL.identifier(table), ids))
        old = {row_id for (row_id,) in self.env.cr.fetchall()}
        ranks = {row_id: rank for rank, row_id in enumerate(ordered)}
        new = [row for row in rows if row["id"] not in old]
        new.sort(key=lambda row: (ranks.get(row["id"], len(ranks)), row["id"]))
        counts, names = Counter(), {}
        for row in new:
            parent = self._get_parent(table, row)
            names[row["id"]] = ("new", *parent, counts[parent])
            counts[parent] += 1
        return names

    def _get_parent(self, table, row):
        """Return the names of the row within which ``row`` is counted."""
        if table not in PARENTS:
            return ()
        column, parent_table = PARENTS[table]
        names = self.names.get(parent_table or self._get_table(row), {})
        return (names.get(row[column], row[column]),)

    def _get_table(self, row):
        model = row.get("model") or row.get("res_model")
        return self.env[model]._table if model else None

    def get(self, table, row_id):
        """Return a name for a row: its id if it is an old one, its position if it is new."""
        return self.names.get(table, {}).get(row_id) or ("old", row_id)


# === CACHE ===#


def read_stored(moves):
    """Return the stored fields of ``moves`` and of their lines, as the cache tells them.

    :return: {(table, id): {field: value}}; records in the values are lists of (table, id)
    """
    records = [*moves, *(line for move in moves for line in move.line_ids)]
    return {(record._table, record.id): _read_record(record) for record in records}


def _read_record(record):
    return {
        name: [(record[name]._table, i) for i in record[name].ids] if field.relational else record[name]
        for name, field in record._fields.items()
        if field.store and name not in NOT_CACHED
    }


# === DIFFERENCES ===#


def compare_records(what, expected, actual):
    """Return the differences between two dicts {key: values}, as sentences."""
    differences = []
    for key in sorted(expected.keys() | actual.keys(), key=str):
        mine, theirs = expected.get(key), actual.get(key)
        if mine is None or theirs is None:
            differences.append(f"{what}{key} is {'missing' if theirs is None else 'too much'}: {mine or theirs}")
        else:
            differences += [
                f"{what}{key}.{name}: {mine.get(name)!r} became {theirs.get(name)!r}"
                for name in sorted(mine.keys() | theirs.keys())
                if mine.get(name) != theirs.get(name) or type(mine.get(name)) is not type(theirs.get(name))
            ]
    return differences
