import { usePopover } from "@web/core/popover/popover_hook";
import { describeChange, formatValue } from "./format";
import { KpiDetails } from "./kpi_details";

import { Component, useRef } from "@odoo/owl";

/** Lets a component show how a key figure is counted. */
export function useKpiDetails() {
    const button = { el: null };
    const popover = usePopover(KpiDetails, {
        position: "bottom",
        animation: false,
        popoverClass: "o_dashboard_popover",
        // Who closes it goes on from where they were.
        onClose: () => button.el?.focus(),
    });
    return (el, props) => {
        button.el = el;
        popover.open(el, props);
    };
}

/** One key figure: its value, how it changed, the records behind it, and how it is counted. */
export class KpiTile extends Component {
    static template = "sale_subscription_plus_reports.KpiTile";
    static props = { kpi: Object, currencyId: Number, onOpen: Function };

    setup() {
        this.info = useRef("info");
        this.openDetails = useKpiDetails();
    }

    get change() {
        return describeChange(this.props.kpi);
    }

    format(value) {
        return formatValue(value, this.props.kpi.unit, this.props.currencyId);
    }

    open() {
        this.props.onOpen(this.props.kpi.key);
    }

    showDetails() {
        const { kpi, currencyId } = this.props;
        this.openDetails(this.info.el, { kpi, currencyId, onOpen: () => this.open() });
    }
}
