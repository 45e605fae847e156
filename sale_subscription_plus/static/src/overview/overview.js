import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillStart, useExternalListener, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** What needs attention, on one page. Each card opens the list of what it counts. */
export class SubscriptionOverview extends Component {
    static template = "sale_subscription_plus.Overview";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ groups: [], currencyId: false, loadedAt: "", loading: false });
        onWillStart(() => this.load());
        // Who comes back to this tab sees what is true now.
        useExternalListener(document, "visibilitychange", () => {
            if (!document.hidden) {
                this.load();
            }
        });
    }

    get display() {
        return { controlPanel: {} };
    }

    get isAllWell() {
        return this.state.groups.every((group) => group.cards.every((card) => !card.count));
    }

    async load() {
        this.state.loading = true;
        try {
            const overview = await this.orm.call("subscription.overview", "get_overview", []);
            this.state.groups = overview.groups;
            this.state.currencyId = overview.currency_id;
            this.state.loadedAt = DateTime.now().toLocaleString(DateTime.TIME_SIMPLE);
        } finally {
            this.state.loading = false;
        }
    }

    formatCount(card) {
        return card.count.toLocaleString();
    }

    formatAmount(card) {
        return formatMonetary(card.amount, { currencyId: this.state.currencyId });
    }

    /** Open the list behind a card, with its filters instead of the list's own. */
    async openCard(card) {
        const action = await this.action.loadAction(card.action);
        const kept = Object.entries(action.context).filter(([key]) => !key.startsWith("search_default_"));
        const filters = card.filters.map((name) => [`search_default_${name}`, 1]);
        return this.action.doAction({ ...action, context: Object.fromEntries([...kept, ...filters]) });
    }
}

registry.category("actions").add("sale_subscription_plus.overview", SubscriptionOverview);
