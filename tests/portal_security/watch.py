"""What a request wrote, to whatever table; and how to take it back, so that each attack meets the same database."""

from collections import Counter
from dataclasses import dataclass

import psycopg2
from psycopg2.extras import Json

from odoo.sql_db import connection_info_for
from odoo.tools import SQL

# Written by Odoo whoever comes: who was seen with which device, what is sent to open browsers.
NOISE = (
    "res_device_log",
    "res_users_log",
    "mail_presence",
    "bus_bus",
    "ir_logging",
    "ir_profile",
    "orm_signaling_%",
    "attack_%",
)
# Who wrote a row and when says nothing of what was written.
NOISY_COLUMNS = ("write_date", "write_uid")

LOG = """
    CREATE TABLE attack_log (
        number BIGSERIAL PRIMARY KEY, name TEXT, kind TEXT, before JSONB, after JSONB
    );
    CREATE FUNCTION attack_note() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV::text[] = to_jsonb(NEW) - TG_ARGV::text[] THEN
            RETURN NULL;
        END IF;
        IF current_setting('attack.off', true) = 'on' THEN
            RETURN NULL;
        END IF;
        INSERT INTO attack_log (name, kind, before, after) VALUES (
            TG_TABLE_NAME, TG_OP,
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
        );
        RETURN NULL;
    END $$ LANGUAGE plpgsql
"""


@dataclass(frozen=True)
class Written:
    """One row that was inserted, updated or deleted."""

    table: str
    kind: str
    before: dict | None
    after: dict | None

    @property
    def columns(self):
        """The columns that differ, of a row that was updated."""
        if self.kind != "UPDATE":
            return []
        return sorted(name for name in self.after if self.after[name] != self.before[name])

    def __str__(self):
        return f"{self.kind.lower()} of {self.table}{' ' if self.columns else ''}{', '.join(self.columns)}"


class Watch:
    """Triggers on all tables of a database note each row that is written."""

    def __init__(self, db):
        # Not by Odoo's pool, which the tests close now and then.
        self._connection = psycopg2.connect(**connection_info_for(db)[1])
        self._cr = self._connection.cursor()
        self._cr.execute(LOG)
        for table in self._get_tables():
            self._execute(
                SQL(
                    "CREATE TRIGGER zz_attack_note AFTER INSERT OR UPDATE OR DELETE ON %s"
                    " FOR EACH ROW EXECUTE FUNCTION attack_note(%s)",
                    SQL.identifier(table),
                    SQL(", ").join(NOISY_COLUMNS),
                )
            )
        self._seen = 0
        self._connection.commit()

    def close(self):
        """Let go of the database."""
        self._connection.close()

    def _execute(self, query):
        self._cr.execute(query.code, query.params)

    def _get_tables(self):
        self._cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename LIKE ANY(%s)", [list(NOISE)]
        )
        return [name for (name,) in self._cr.fetchall()]

    def take(self):
        """Return what was written since the last call: a list of :class:`Written`."""
        self._cr.execute(
            "SELECT number, name, kind, before, after FROM attack_log WHERE number > %s ORDER BY number", [self._seen]
        )
        rows = self._cr.fetchall()
        self._connection.commit()
        if rows:
            self._seen = rows[-1][0]
        return [Written(*row[1:]) for row in rows if not _is_asset(row)]

    def undo(self):
        """Take back all that was written, the last first."""
        self._cr.execute("SELECT name, kind, before, after FROM attack_log ORDER BY number DESC")
        rows = self._cr.fetchall()
        if rows:
            self._cr.execute("SET LOCAL attack.off = 'on'")
            for row in rows:
                self._undo(*row)
            self._cr.execute("DELETE FROM attack_log")
        self._connection.commit()

    def _undo(self, table, kind, before, after):
        table = SQL.identifier(table)
        if kind != "INSERT":
            columns = SQL(", ").join(map(SQL.identifier, before))
            old = SQL("SELECT %s FROM jsonb_populate_record(NULL::%s, %s)", columns, table, _json(before))
        if kind == "DELETE":
            self._execute(SQL("INSERT INTO %s (%s) %s", table, columns, old))
        elif kind == "UPDATE":
            self._execute(SQL("UPDATE %s t SET (%s) = (%s) WHERE %s", table, columns, old, _is_row(after)))
        else:
            self._execute(SQL("DELETE FROM %s t WHERE %s", table, _is_row(after)))

    def write(self, query):
        """Change the database before an attack; it is taken back with what the attack wrote."""
        self._execute(query)
        self._connection.commit()
        self.take()


def _is_row(values):
    # Tables of pairs have no id.
    if "id" in values:
        return SQL("t.id = %s", values["id"])
    return SQL("to_jsonb(t) = %s", _json(values))


def _json(values):
    return SQL("%s::jsonb", Json(values))


def _is_asset(row):
    values = row[4] or row[3]
    return row[1] == "ir_attachment" and (values["url"] or "").startswith("/web/assets/")


def count(written):
    """Return how many rows of which table were inserted and deleted."""
    return Counter((each.table, each.kind) for each in written if each.kind != "UPDATE")
