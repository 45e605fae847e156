import { Component, useRef } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

import { INTERVALS } from "./cohort_model";

const formatters = registry.category("formatters");

/**
 * One table of cohorts: a row for those who started together, a column for each interval since.
 *
 * It is a grid: one stop of the Tab key, the arrow keys move inside, Enter opens the records behind a number. Heads of
 * rows are column 0 of the grid, heads of columns row 0.
 */
export class CohortTable extends Component {
    static template = "sale_subscription_plus_reports.CohortTable";
    static props = {
        caption: { type: String },
        table: Object,
        metaData: Object,
        partial: Boolean,
        openRecords: { type: Function, optional: true },
    };

    setup() {
        this.tableRef = useRef("table");
    }

    get interval() {
        return INTERVALS[this.props.metaData.interval];
    }

    get measure() {
        const { measure, measures } = this.props.metaData;
        return measures[measure];
    }

    get columns() {
        return [...this.props.table.average.keys()];
    }

    get lastRow() {
        return this.props.table.cohorts.length + 1;
    }

    // Texts

    formatValue(value) {
        const { name, type } = this.measure;
        if (name === "__count" || type === "integer") {
            return formatters.get("integer")(Math.round(value));
        }
        const currencyId = user.activeCompany?.currency_id;
        return formatters.get(type)(value, type === "monetary" ? { currencyId } : {});
    }

    formatRate(rate) {
        return rate === null ? "–" : formatPercentage(rate, { digits: [16, 1] });
    }

    /** What a screen reader says and a tooltip shows. */
    describe(cohort, column) {
        return _t("%(rate)s: %(value)s of %(base)s. Started: %(start)s. %(later)s: %(column)s", {
            rate: this.formatRate(cohort.rates[column]),
            value: this.formatValue(cohort.values[column]),
            base: this.formatValue(cohort.value),
            start: cohort.label,
            later: this.interval.later,
            column,
        });
    }

    describeColumn(column) {
        return `${this.interval.later}: ${column}`;
    }

    /** The heat of a cell, from 0 to 1; what grew has no more of it than what stayed. */
    getHeat(rate) {
        return `--cohort-heat: ${Math.min(Math.max(rate || 0, 0), 1).toFixed(3)}`;
    }

    /** Whether the interval of this cell still runs, so that its number may change. */
    isRunning(cohort, column) {
        return this.props.partial && column === cohort.running;
    }

    // Opening

    /**
     * @param {number} row of the grid: 0 for the heads, then the cohorts, then the average
     * @param {number} col of the grid: 0 for the heads, then the columns
     */
    open(row, col, newWindow) {
        const { cohorts } = this.props.table;
        const column = col > 0 ? col - 1 : null;
        const single = cohorts[row - 1];
        const chosen = single ? [single] : cohorts.filter((cohort) => column < cohort.rates.length);
        const name = [single?.label, column === null ? null : this.describeColumn(column)];
        this.props.openRecords(
            this.props.table,
            chosen.map((cohort) => cohort.start),
            column,
            name.filter(Boolean).join(", "),
            newWindow
        );
    }

    getPosition(target) {
        const cell = target.closest("[data-col]");
        return cell && [Number(cell.dataset.row), Number(cell.dataset.col)];
    }

    onClick(ev) {
        const position = this.getPosition(ev.target);
        if (position && this.props.openRecords) {
            this.open(...position, ev.ctrlKey || ev.metaKey);
        }
    }

    // Keyboard

    onFocusin(ev) {
        const cell = ev.target.closest("[data-col]");
        if (cell) {
            this.tableRef.el.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
            cell.setAttribute("tabindex", "0");
        }
    }

    onKeydown(ev) {
        const position = this.getPosition(ev.target);
        if (!position) {
            return;
        }
        if (["Enter", " "].includes(ev.key)) {
            if (this.props.openRecords) {
                this.open(...position, ev.ctrlKey || ev.metaKey);
            }
        } else if (!this.move(ev, ...position)) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    /** @returns {boolean} whether the key is one that moves */
    move(ev, row, col) {
        const forward = document.documentElement.dir === "rtl" ? -1 : 1;
        const moves = {
            ArrowLeft: [row, col - forward],
            ArrowRight: [row, col + forward],
            ArrowUp: [row - 1, col],
            ArrowDown: [row + 1, col],
            Home: [ev.ctrlKey ? 0 : row, 0],
            End: [ev.ctrlKey ? this.lastRow : row, Infinity],
        };
        const target = moves[ev.key];
        if (target) {
            this.getCell(...target)?.focus();
        }
        return Boolean(target);
    }

    /** The cell at a place of the grid; where the row is shorter its last one, nothing outside of the grid. */
    getCell(row, col) {
        const cells = [...this.tableRef.el.querySelectorAll(`[data-row="${row}"]`)];
        if (col < 0 || !cells.length) {
            return null;
        }
        return cells.filter((cell) => Number(cell.dataset.col) <= col).at(-1) || cells[0];
    }
}
