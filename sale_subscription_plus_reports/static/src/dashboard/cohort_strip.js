import { formatPercentage } from "@web/views/fields/formatters";
import { formatMonth, formatValue } from "./format";

import { Component } from "@odoo/owl";

/** Of those who started in a month, how many are still there n months later: a small heat table. */
export class CohortStrip extends Component {
    static template = "sale_subscription_plus_reports.CohortStrip";
    static props = { cohorts: Object, onOpen: Function };

    get columns() {
        return Math.max(...this.props.cohorts.cohorts.map(({ rates }) => rates.length), 0);
    }

    month(cohort) {
        return formatMonth(cohort.start);
    }

    count(value) {
        return formatValue(value, "count");
    }

    percent(rate) {
        return rate === null ? formatValue(rate) : formatPercentage(rate, { digits: [false, 0] });
    }

    getHeat(rate) {
        return `--heat: ${Math.min(Math.max(rate || 0, 0), 1)}`;
    }
}
