import logging
import time

from odoo import api, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools.import_rows import COLUMNS, MAX_BYTES, REPORT_COLUMNS, BadFile, read_entries

_logger = logging.getLogger(__name__)

# Orders in a transaction.
BATCH_SIZE = 100
# How often a batch starts anew when other transactions get in its way.
MAX_RESTARTS = 10
# After so many rows the database's statistics are of yesterday: the first billing would plan its queries badly.
ANALYZE_FROM = 1000
# Imports go one at a time: two of the same file would make the same customers.
LOCK = SQL("hashtext('sale_subscription_plus.import')")
# New records have nothing to track, and nobody is told of what runs already.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "sale_no_log_for_new_lines": True,
}


class SubscriptionImport(models.AbstractModel):
    """Takes over subscriptions that ran elsewhere: the file, the transactions, the report.

    Nothing is sold by it: no fee, no mail, no delivery and no task. What makes a row good is in
    ``subscription_import_check.py``, what becomes of it in ``subscription_import_write.py``.
    """

    _name = "subscription.import"
    _description = "Subscription Import"

    @api.private
    def run_file(self, source, create_missing=False, progress=None, commit=True, seconds=None):
        """Import the good rows of a CSV file, and tell the others.

        All rows are checked before the first is written. A row whose reference, product and plan stand on an
        order already is left alone, so a file may be run again, also after it was interrupted.

        :param source: path or bytes
        :param bool create_missing: make plans of known names, products, close reasons and pricelists that are
            not there; customers always are made
        :param progress: called with the number of rows handled and of all good ones
        :param bool commit: commit batch by batch; else the caller commits
        :param float seconds: begin no further batch after that time
        :return: dict of ``imported``, ``already_there`` and ``left`` (numbers of rows), ``refused`` (a list of
            {line, reason, and the row's own columns}) and ``ignored_columns`` (unknown names in the file)
        :raise UserError: when the file cannot be read, or another import runs
        """
        deadline = time.monotonic() + seconds if seconds else None
        importer = self._prepare_run()
        columns, entries = importer._read_file(source)
        importer._lock_import(commit)
        try:
            groups = importer._check_entries(entries, create_missing)
            result = importer._prepare_result(columns, entries)
            todo = [group for group in groups if group.get_new()]
            importer._create_missing(todo, commit)
            importer._write_groups(todo, result, progress, commit, deadline)
            importer._finish(result, entries, commit)
        finally:
            importer._unlock_import(commit)
        return result

    @api.private
    def check_file(self, source, create_missing=False):
        """Return what :meth:`run_file` would, and write nothing: ``imported`` counts the rows that would go in."""
        importer = self._prepare_run()
        columns, entries = importer._read_file(source)
        importer._check_entries(entries, create_missing)
        result = importer._prepare_result(columns, entries)
        result["imported"] = sum(not (entry.problems or entry.is_present) for entry in entries)
        result["refused"] = importer._get_refused(entries)
        return result

    @api.model
    def _prepare_run(self):
        # In sudo mode: the wizard's right was checked; an import writes customers, ledger, dates and events.
        # Without what a screen put into the context: its defaults would reach every record.
        kept = {key: self.env.context[key] for key in ("lang", "tz", "uid") if key in self.env.context}
        companies = self._get_allowed_companies()
        return self.sudo().with_context(**{**kept, **QUIET, "allowed_company_ids": companies.ids})

    @api.model
    def _get_allowed_companies(self):
        """Return the companies to import into, the current one first."""
        user_sudo = self.env.user.sudo()  # In sudo mode: what the user may see, whatever they may read
        if self.env.uid == api.SUPERUSER_ID:
            return self.env.company | self.env["res.company"].sudo().search([])  # All, as for a scheduled action
        return self.env.company | user_sudo.company_ids

    # === THE FILE ===#

    @api.model
    def _read_file(self, source):
        """Return (columns, entries) of ``source``.

        :raise UserError: when it cannot be read; it says what to do
        """
        try:
            columns, entries = read_entries(self._read_bytes(source))
            return columns, list(entries)
        except BadFile as error:
            raise UserError(self._describe_bad_file(error)) from error

    @api.model
    def _read_bytes(self, source):
        if isinstance(source, (bytes, bytearray)):
            return bytes(source)
        try:
            with open(source, "rb") as file:
                # One byte more than allowed tells a file that is too big, and one without end.
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UserError(self.env._("The file cannot be opened: %s.", error.strerror)) from error

    @api.model
    def _describe_bad_file(self, error):
        """Return the sentence for a file that cannot be read."""
        details = error.details
        if error.problem == "encoding":
            return self.env._(
                "The file is not encoded in UTF-8 (see line %(line)s). Save it again as CSV in UTF-8.",
                line=details["line"],
            )
        if error.problem == "csv":
            return self.env._(
                "The row that begins in line %(line)s is no CSV: a quote is not closed or stands in the wrong place, "
                "or a cell has no end (%(error)s).",
                line=details["line"],
                error=details["error"],
            )
        if error.problem == "missing":
            return self.env._(
                "These columns are missing: %(columns)s. The first line of the file must name the columns; "
                "it says: %(found)s.",
                columns=", ".join(details["columns"]),
                found=", ".join(details["found"])[:200],
            )
        if error.problem == "double":
            return self.env._("These columns are there more than once: %s.", ", ".join(details["columns"]))
        if error.problem == "size":
            return self.env._("The file is bigger than %s MB. Split it.", details["megabytes"])
        return {
            "spreadsheet": self.env._("This is a spreadsheet or an archive. Save the sheet as CSV in UTF-8."),
            "binary": self.env._("The file is no text: there is a zero byte in line %s.", details.get("line")),
            "empty": self.env._("The file is empty."),
        }[error.problem]

    # === THE REPORT ===#

    @api.model
    def _prepare_result(self, columns, entries):
        return {
            "imported": 0,
            "already_there": sum(entry.is_present for entry in entries),
            "left": 0,
            "refused": [],
            "ignored_columns": [name for name in columns if name and name not in {*COLUMNS, *REPORT_COLUMNS}],
        }

    @api.model
    def _get_refused(self, entries):
        return [
            {**entry.cells, "line": entry.line, "reason": " ".join(entry.problems)}
            for entry in entries
            if entry.problems
        ]

    @api.model
    def _finish(self, result, entries, commit):
        result["refused"] = self._get_refused(entries)
        if commit and result["imported"] >= ANALYZE_FROM:
            self.env.cr.execute("ANALYZE res_partner, sale_order, sale_order_line, subscription_period")

    # === ONE IMPORT AT A TIME ===#

    @api.model
    def _lock_import(self, commit):
        """Keep other imports out: of the session where batches are committed, else of the transaction."""
        function = SQL("pg_try_advisory_lock") if commit else SQL("pg_try_advisory_xact_lock")
        [(is_free,)] = self.env.execute_query(SQL("SELECT %s(%s)", function, LOCK))
        if not is_free:
            raise UserError(self.env._("Another import runs just now. Wait until it is done."))

    @api.model
    def _unlock_import(self, commit):
        if commit:
            self.env.cr.rollback()  # What failed may have left the transaction unusable
            self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", LOCK))

    # === BATCHES ===#

    @api.model
    def _write_groups(self, groups, result, progress, commit, deadline):
        """Write orders batch by batch; add to ``result`` what went in and what was left for want of time."""
        total = sum(len(group.get_new()) for group in groups)
        done = 0
        for number in range(0, len(groups), BATCH_SIZE):
            batch = groups[number : number + BATCH_SIZE]
            entries = [entry for group in batch for entry in group.get_new()]
            if deadline and time.monotonic() > deadline:
                result["left"] += len(entries)
                continue
            self._write_batch(batch, commit)
            result["imported"] += sum(not entry.problems for entry in entries)
            done += len(entries)
            if progress:
                progress(done, total)

    @api.model
    def _write_batch(self, groups, commit):
        """Write some orders in one transaction; start anew where other transactions are in the way."""
        new = self._get_new_customers(groups)
        for attempt in range(MAX_RESTARTS if commit else 1):
            try:
                self._divide(groups)
                break
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not commit or attempt == MAX_RESTARTS - 1:
                    raise
                self.env.cr.rollback()
                self._forget_customers(new)
        if commit:
            self._commit()
        self.env.invalidate_all()

    @api.model
    def _commit(self):
        # What went in stays in, whatever becomes of the next batch or of this process.
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _divide(self, groups):
        """Write orders; where that fails, halve them until the bad one stands alone and is refused."""
        new = self._get_new_customers(groups)
        try:
            with self.env.cr.savepoint():
                self._write_orders(groups)
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self._forget_customers(new)
            if len(groups) > 1:
                middle = len(groups) // 2
                self._divide(groups[:middle])
                self._divide(groups[middle:])
                return
            _logger.info("Subscription %s cannot be imported.", groups[0].reference, exc_info=error)
            for entry in groups[0].get_new():
                entry.problems.append(self._describe_failure(error))

    @api.model
    def _get_new_customers(self, groups):
        return [group.shared.customer for group in groups if not group.shared.customer.partner]

    @api.model
    def _forget_customers(self, customers):
        """What was made in a transaction that failed is not there."""
        for customer in customers:
            customer.partner = self.env["res.partner"]

    @api.model
    def _describe_failure(self, error):
        if isinstance(error, UserError):
            return str(error.args[0])
        return self.env._(
            "It could not be saved (%(kind)s: %(message)s).",
            kind=type(error).__name__,
            message=str(error).split("\n")[0][:200],
        )
