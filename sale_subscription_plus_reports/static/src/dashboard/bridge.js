import { MOVEMENT_COLORS } from "./colors";
import { formatDay, formatMoney } from "./format";
import { useKpiDetails } from "./kpi_tile";

import { Component } from "@odoo/owl";

// From here on, cents are left out.
const MANY = 1000000;

/** The way from the MRR at the start of the period to the MRR at its end: a row for each kind of movement. */
export class Bridge extends Component {
    static template = "sale_subscription_plus_reports.Bridge";
    static props = {
        bridge: Object,
        dateFrom: String,
        dateTo: String,
        currencyId: Number,
        onOpen: Function,
    };

    setup() {
        this.openDetails = useKpiDetails();
    }

    get hasTransfer() {
        return Math.abs(this.props.bridge.transfer || 0) > 1e-6;
    }

    /** Return the steps, each with a bar as long as its share of the largest. */
    get steps() {
        const { steps } = this.props.bridge;
        const largest = Math.max(...steps.map(({ value }) => Math.abs(value || 0))) || 1;
        return steps.map((step) => ({
            ...step,
            mark: step.sign > 0 ? "+" : "−",
            style: this.getStyle(Math.abs(step.value || 0) / largest, MOVEMENT_COLORS[step.key]),
        }));
    }

    getStyle(share, color) {
        // What is there can be seen, however small.
        return `inline-size: max(${100 * share}%, 3px); background-color: ${color}`;
    }

    format(value) {
        // With or without cents, but all alike: they add up.
        const { start, end } = this.props.bridge;
        const exact = Math.max(start, end) < MANY;
        return formatMoney(value || 0, this.props.currencyId, exact ? { exact } : { digits: 0 });
    }

    formatDay(date) {
        return formatDay(date);
    }

    showDetails(ev, step) {
        const { currencyId, onOpen } = this.props;
        this.openDetails(ev.currentTarget, { kpi: step, currencyId, onOpen: () => onOpen(step.key) });
    }
}
