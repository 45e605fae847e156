import { formatMoney, formatValue } from "./format";

import { Component } from "@odoo/owl";

/** How a key figure is counted: its formula, and the numbers that went in. */
export class KpiDetails extends Component {
    static template = "sale_subscription_plus_reports.KpiDetails";
    static props = {
        kpi: Object,
        currencyId: Number,
        onOpen: Function,
        close: { type: Function, optional: true },
    };

    format(value, unit) {
        return unit === "money" && value !== null
            ? formatMoney(value, this.props.currencyId, { exact: true })
            : formatValue(value, unit, this.props.currencyId);
    }

    open() {
        this.props.close?.();
        this.props.onOpen();
    }
}
