import { registry } from "@web/core/registry";
import { usePopover } from "@web/core/popover/popover_hook";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getScale, ZOOMS } from "./timeline_scale";

import { Component, useEffect, useRef, useState } from "@odoo/owl";

const WINDOW_MONTHS = 24;
// The arrow keys go along a row, and from row to row.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** What a bar or a mark stands for, beside the pointer or the focus. */
export class TimelineDetails extends Component {
    static template = "sale_subscription_plus.TimelineDetails";
    static props = { item: Object, close: { type: Function, optional: true } };
}

/** A picture of a subscription's life: a row for each line, from the ledger, the schedule and the changes. */
export class SubscriptionTimeline extends Component {
    static template = "sale_subscription_plus.Timeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.popover = usePopover(TimelineDetails, { position: "top", animation: false });
        this.scroller = useRef("scroller");
        this.zooms = Object.entries(ZOOMS).map(([key, zoom]) => ({ key, name: zoom.name.toString() }));
        this.state = useState({ data: false, zoom: "quarter", months: WINDOW_MONTHS });
        useRecordObserver(async (record) => {
            // Whatever moves the subscription moves one of these.
            const { subscription_status, subscription_next_invoice_date, amount_total } = record.data;
            await this.load(record.resId, subscription_status, subscription_next_invoice_date, amount_total);
        });
        useEffect(
            () => this.showToday(),
            () => [this.state.zoom, Boolean(this.state.data)]
        );
    }

    async load(orderId) {
        this.orderId = orderId;
        if (orderId) {
            const data = await this.orm.call("sale.order", "get_subscription_timeline", [orderId], {
                months: this.state.months,
            });
            this.state.data = orderId === this.orderId ? data : this.state.data;
        }
    }

    async showEarlier() {
        this.state.months += WINDOW_MONTHS;
        await this.load(this.orderId);
    }

    showToday() {
        this.scroller.el
            ?.querySelector(".o_timeline_today")
            ?.scrollIntoView({ inline: "center", block: "nearest" });
    }

    computeScale() {
        return getScale(this.state.data.start, this.state.data.end, this.state.zoom);
    }

    // POINTER AND KEYBOARD

    showDetails(ev, item) {
        this.popover.open(ev.currentTarget, { item });
    }

    hideDetails() {
        this.popover.close();
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            this.hideDetails();
        }
        const step = STEPS[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const [down, along] = step;
        const row = ev.target.closest("[data-row]");
        const items = [...row.querySelectorAll("[data-item]")];
        const sign = getComputedStyle(row).direction === "rtl" ? -1 : 1;
        const target = along
            ? items[items.indexOf(ev.target) + along * sign]
            : this.getNeighbour(row, down, Number(ev.target.dataset.item));
        target?.focus();
    }

    /** Return the item of the next row that has any, nearest to ``day``. */
    getNeighbour(row, down, day) {
        const rows = [...this.scroller.el.querySelectorAll("[data-row]")];
        for (let index = rows.indexOf(row) + down; rows[index]; index += down) {
            const items = [...rows[index].querySelectorAll("[data-item]")];
            const distance = (item) => Math.abs(Number(item.dataset.item) - day);
            const [nearest] = items.sort((a, b) => distance(a) - distance(b));
            if (nearest) {
                return nearest;
            }
        }
    }

    /** Return whether the Tab key stops here: once in each row, at what is going on today. */
    isTabStop(items, item) {
        const current = items.findLast((each) => each.start <= this.state.data.today) || items[0];
        return item.key === current.key;
    }

    async openDocument(item) {
        if (!item.res_id) {
            return;
        }
        this.hideDetails();
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: item.res_model,
            res_id: item.res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("subscription_timeline", { component: SubscriptionTimeline });
