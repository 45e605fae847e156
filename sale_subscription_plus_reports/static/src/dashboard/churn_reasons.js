import { formatMoney, formatValue } from "./format";

import { Component } from "@odoo/owl";

/** Why customers left, the reason that cost most first. */
export class ChurnReasons extends Component {
    static template = "sale_subscription_plus_reports.ChurnReasons";
    static props = { reasons: Array, currencyId: Number, onOpen: Function };

    getStyle(reason) {
        const largest = Math.max(...this.props.reasons.map(({ mrr }) => mrr)) || 1;
        return `inline-size: max(${(100 * reason.mrr) / largest}%, 3px)`;
    }

    count(value) {
        return formatValue(value, "count");
    }

    money(value) {
        return formatMoney(value, this.props.currencyId);
    }
}
