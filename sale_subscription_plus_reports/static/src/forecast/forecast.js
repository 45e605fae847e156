import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { getForecastConfig } from "../dashboard/charts";
import { DashboardChart } from "../dashboard/dashboard_chart";
import { FilterMenu } from "../dashboard/filter_menu";
import { formatDay, formatMoney, formatMonth, formatValue } from "../dashboard/format";
import { readQuery, writeQuery } from "../dashboard/query";

import { Component, markRaw, onWillStart, useRef, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** Where the subscriptions lead to: what the contracts say for a year, and growth at the pace of the last days. */
export class SubscriptionForecast extends Component {
    static template = "sale_subscription_plus_reports.Forecast";
    static components = { DashboardChart, FilterMenu, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.root = useRef("root");
        this.state = useState({ data: null, chart: null, filters: [], loading: false });
        this.filters = this.props.state?.filters || readQuery().filters;
        useSetupAction({ rootRef: this.root, getLocalState: () => ({ filters: this.filters }) });
        onWillStart(() => Promise.all([this.load(), this.loadFilters()]));
    }

    // DATA

    async load() {
        this.state.loading = true;
        try {
            const data = await this.keepLast.add(
                this.orm.call("subscription.forecast", "get_forecast", [], { filters: this.filters })
            );
            this.state.chart = markRaw(getForecastConfig(data, data.currency_id));
            this.state.data = markRaw(data);
        } finally {
            this.state.loading = false;
        }
    }

    async loadFilters() {
        this.state.filters = markRaw(await this.orm.call("subscription.kpi", "get_filters", []));
    }

    async setFilters(filters) {
        this.filters = filters;
        this.props.updateActionState?.(writeQuery({ filters }));
        await this.load();
    }

    chooseIds(key, ids) {
        return this.setFilters({ ...this.filters, [key]: ids });
    }

    // TEXTS

    get display() {
        return { controlPanel: {} };
    }

    get isFiltered() {
        return Object.values(this.filters).some((ids) => ids.length);
    }

    get isBlank() {
        const { today, months } = this.state.data;
        return !today.mrr && months.every(({ total, starting }) => !total && !starting);
    }

    get lastMonth() {
        return this.state.data.months.at(-1);
    }

    /** What the page says, in a sentence. */
    get summary() {
        const { today } = this.state.data;
        return _t("Today your subscriptions bring in %(today)s a month. As they stand, it will be %(total)s at the end of %(month)s.", {
            today: this.money(today.mrr),
            total: this.money(this.lastMonth.total),
            month: formatDay(this.lastMonth.month, { month: "long", year: "numeric" }),
        });
    }

    get filterTexts() {
        return this.state.filters
            .map(({ key, name, options }) => {
                const names = options.filter(({ id }) => this.filters[key]?.includes(id));
                return names.length && `${name}: ${names.map((option) => option.name).join(", ")}`;
            })
            .filter(Boolean);
    }

    get range() {
        const { date_from, date_to } = this.state.data.window;
        return _t("%(from)s – %(to)s", { from: formatDay(date_from), to: formatDay(date_to) });
    }

    formatMonth(date) {
        return formatMonth(date);
    }

    money(value) {
        return formatMoney(value, this.state.data.currency_id);
    }

    value(value, unit) {
        return formatValue(value, unit, this.state.data.currency_id);
    }

    /** Growth says in which direction. */
    growth({ value, unit }) {
        return value > 0 ? `+${this.value(value, unit)}` : this.value(value, unit);
    }

    print() {
        window.print();
    }

    // RECORDS

    /** Open what starts, changes or ends in a month. */
    async openMonth(key, month) {
        const name = DateTime.fromISO(month).toLocaleString({ month: "long", year: "numeric" });
        const action = await this.orm.call("subscription.forecast", "get_records", [key, month, this.filters]);
        await this.action.doAction({ ...action, name: `${action.name}: ${name}` });
    }

    openAction(xmlid) {
        return this.action.doAction(xmlid);
    }
}

registry.category("actions").add("sale_subscription_plus_reports.forecast", SubscriptionForecast);
