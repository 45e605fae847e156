"""Rows become a thousand times as many, by SQL.

The n-th copy of a row is linked to the n-th copies of what the row is linked to. The copies of one row get
consecutive ids: so ids, numbers and the order of rows on disk follow time, as they do in a database that has grown.
"""

from contextlib import contextmanager

from odoo.tools import SQL

from ..common import tell


class Multiplier:
    """Copies the rows that come into being between its making and :meth:`multiply`.

    Only a superuser of PostgreSQL can use it: foreign keys are not checked row by row.
    """

    def __init__(self, cr, tables):
        self.cr = cr
        self.before = {table: self._last_id(table) for table in tables}

    def multiply(self, copies, values=None, links=None):
        """Add ``copies`` copies of each row; rows of tables that only link two records go with them.

        :param dict values: {(table, column): SQL of the value in copy ``n`` of row ``t``}; others stay the same
        :param dict links: {(table, column): table whose ids the column holds}, beside the foreign keys
        """
        self.copies = copies
        self.values = values or {}
        self.spans = {table: (last + 1, self._last_id(table)) for table, last in self.before.items()}
        self.links = self._get_foreign_keys() | (links or {})
        linking = sorted({table for table, _column in self.links if "id" not in self._get_columns(table)})
        with self._bare([*self.spans, *linking]):
            for table, (first, last) in self.spans.items():
                tell(f"{copies:,} × {last - first + 1:,} of {table}")
                self._copy(table, "id")
                self._set_sequence(table)
            for table in linking:
                self._copy(table, next(column for linked, column in self.links if linked == table))

    # === COPYING ===#

    def _copy(self, table, key):
        """Copy the rows whose column ``key`` belongs to the span."""
        columns = self._get_columns(table)
        first, last = self.spans[self._get_target(table, key)]
        self.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(columns)s)
                SELECT %(values)s
                  FROM (SELECT * FROM %(table)s WHERE %(key)s BETWEEN %(first)s AND %(last)s ORDER BY %(key)s) t
                 -- The row as a term: so that all copies of one row follow each other.
                 CROSS JOIN LATERAL generate_series(1, %(copies)s + 0 * t.%(key)s) n
                """,
                table=SQL.identifier(table),
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(self._get_value(table, column) for column in columns),
                key=SQL.identifier(key),
                first=first,
                last=last,
                copies=self.copies,
            )
        )

    def _get_value(self, table, column):
        target = self._get_target(table, column)
        if (table, column) in self.values:
            return self.values[table, column]
        if not target:
            return SQL.identifier("t", column)
        first, last = self.spans[target]
        return SQL(
            "CASE WHEN %(id)s BETWEEN %(first)s AND %(last)s"
            " THEN %(last)s + (%(id)s - %(first)s) * %(copies)s + n ELSE %(id)s END",
            id=SQL.identifier("t", column),
            first=first,
            last=last,
            copies=self.copies,
        )

    def _get_target(self, table, column):
        """Return the table whose ids the column holds, if it is one that is copied."""
        return table if column == "id" else self.links.get((table, column))

    # === WHAT POSTGRESQL KNOWS ===#

    def _select(self, query, *args):
        self.cr.execute(SQL(query, *args))
        return self.cr.fetchall()

    def _last_id(self, table):
        return self._select("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))[0][0]

    def _set_sequence(self, table):
        self._select("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", table, self._last_id(table))

    def _get_columns(self, table):
        rows = self._select(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        return [column for (column,) in rows]

    def _get_foreign_keys(self):
        rows = self._select(
            """
            SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
              FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.confrelid::regclass::text = ANY(%s)
            """,
            list(self.spans),
        )
        return {(table, column): target for table, column, target in rows}

    # === LOADING IN BULK ===#

    @contextmanager
    def _bare(self, tables):
        """Take indexes and exclusion constraints off while rows are added, and make them anew afterwards."""
        self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
        indexes = self._select(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
              FROM pg_index i
             WHERE i.indrelid::regclass::text = ANY(%s)
               AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
            """,
            tables,
        )
        exclusions = self._select(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'x' AND conrelid::regclass::text = ANY(%s)",
            tables,
        )
        for name, _definition in indexes:
            self.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
        for table, name, _definition in exclusions:
            self.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))
        yield
        tell(f"{len(indexes) + len(exclusions)} indexes")
        for _name, definition in indexes:
            self.cr.execute(definition)
        for table, name, definition in exclusions:
            self.cr.execute(
                SQL(
                    "ALTER TABLE %s ADD CONSTRAINT %s %s",
                    SQL.identifier(table),
                    SQL.identifier(name),
                    SQL(definition),
                )
            )
        self.cr.execute("SET LOCAL session_replication_role = origin")
