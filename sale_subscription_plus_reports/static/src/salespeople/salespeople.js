import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DashboardToolbar } from "../dashboard/dashboard_toolbar";
import { formatDay, formatValue } from "../dashboard/format";
import { useKpiDetails } from "../dashboard/kpi_tile";
import { readQuery, writeQuery } from "../dashboard/query";

import { Component, markRaw, onWillStart, useRef, useState } from "@odoo/owl";

const GROUPS = ["user_id", "team_id"];
const IDS = { user_id: "user_ids", team_id: "team_ids" };

/** Salespeople, or sales teams, side by side: what each did to the MRR, and the key figures of each. */
export class Salespeople extends Component {
    static template = "sale_subscription_plus_reports.Salespeople";
    static components = { DashboardToolbar, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.root = useRef("root");
        this.openDetails = useKpiDetails();
        this.state = useState({ data: null, loading: false });
        this.query = this.props.state?.query || this.readQuery();
        useSetupAction({ rootRef: this.root, getLocalState: () => ({ query: this.query }) });
        onWillStart(() => this.load());
    }

    readQuery() {
        const { by } = router.current;
        return { ...readQuery(), groupby: GROUPS.includes(by) ? by : "user_id" };
    }

    async load() {
        this.state.loading = true;
        try {
            const call = this.orm.call("subscription.kpi", "get_salespeople", [], this.query);
            this.state.data = markRaw(await this.keepLast.add(call));
        } finally {
            this.state.loading = false;
        }
    }

    async setQuery(query) {
        this.query = { ...this.query, ...query };
        this.props.updateActionState?.({ ...writeQuery(this.query), by: this.query.groupby });
        await this.load();
    }

    setPeriod({ period, date_from, date_to }) {
        return this.setQuery({ period, date_from, date_to });
    }

    setFilters(filters) {
        return this.setQuery({ filters });
    }

    setGroup(groupby) {
        return this.setQuery({ groupby });
    }

    // TEXTS

    get display() {
        return { controlPanel: {} };
    }

    get groups() {
        return [
            { key: "user_id", name: _t("Salespeople") },
            { key: "team_id", name: _t("Sales Teams") },
        ];
    }

    get range() {
        const { date_from, date_to } = this.state.data;
        return _t("%(from)s – %(to)s", { from: formatDay(date_from), to: formatDay(date_to) });
    }

    /** Losses are shown as what they take away. */
    format(row, value) {
        const signed = value === null || value === undefined ? value : row.sign * value;
        return formatValue(signed, row.unit, this.state.data.currency_id);
    }

    isZero(value) {
        return !value || Math.abs(value) < 1e-6;
    }

    /** What a button says to who does not see the table around it. */
    getLabel(row, name, value) {
        return _t("%(figure)s, %(name)s: %(value)s", { figure: row.name, name, value: this.format(row, value) });
    }

    // RECORDS

    showDetails(ev, row) {
        const { currency_id: currencyId } = this.state.data;
        this.openDetails(ev.currentTarget, { kpi: row, currencyId, onOpen: () => this.open(row) });
    }

    /** Open the records behind a figure, of all together or of one column. */
    async open(row, column) {
        const { date_from, date_to, groupby } = this.state.data;
        const filters = { ...this.query.filters };
        if (column) {
            filters[IDS[groupby]] = [column.id];
        }
        const args = [row.key, date_from, date_to, filters];
        await this.action.doAction(await this.orm.call("subscription.kpi", "get_records", args));
    }
}

registry.category("actions").add("sale_subscription_plus_reports.salespeople", Salespeople);
