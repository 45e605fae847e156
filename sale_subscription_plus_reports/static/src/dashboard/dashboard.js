import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Bridge } from "./bridge";
import { getForecastConfig, getMovementConfig, getMovementRows } from "./charts";
import { ChurnReasons } from "./churn_reasons";
import { CohortStrip } from "./cohort_strip";
import { DashboardChart } from "./dashboard_chart";
import { DashboardToolbar } from "./dashboard_toolbar";
import { formatDay, formatMoney, formatMonth, formatValue } from "./format";
import { KpiTile } from "./kpi_tile";
import { readQuery, writeQuery } from "./query";

import { Component, markRaw, onWillStart, useRef, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** How the subscriptions do, on one page: for people who may never have heard of MRR. */
export class SubscriptionDashboard extends Component {
    static template = "sale_subscription_plus_reports.Dashboard";
    static components = {
        Bridge,
        ChurnReasons,
        CohortStrip,
        DashboardChart,
        DashboardToolbar,
        KpiTile,
        Layout,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.root = useRef("root");
        this.state = useState({ data: null, charts: null, loading: false });
        this.query = this.props.state?.query || readQuery();
        this.props.updateActionState?.(writeQuery(this.query));
        this.open = this.open.bind(this);
        useSetupAction({ rootRef: this.root, getLocalState: () => ({ query: this.query }) });
        onWillStart(() => this.load());
    }

    // DATA

    async load() {
        this.state.loading = true;
        try {
            const data = await this.keepLast.add(
                this.orm.call("subscription.kpi", "get_dashboard", [], this.query)
            );
            this.state.charts = data.has_data && markRaw(this.getCharts(data));
            this.state.data = markRaw(data);
        } finally {
            this.state.loading = false;
        }
    }

    getCharts(data) {
        const rows = getMovementRows(data.movements, data.bridge.steps);
        const onOpen = (key, month) => this.openMonth(key, month);
        return {
            rows,
            movements: getMovementConfig(data.movements, rows, data.currency_id, onOpen),
            forecast: getForecastConfig(data.forecast, data.currency_id),
        };
    }

    async setQuery(query) {
        this.query = query;
        this.props.updateActionState?.(writeQuery(query));
        await this.load();
    }

    setPeriod(period) {
        return this.setQuery({ ...period, filters: this.query.filters });
    }

    setFilters(filters) {
        return this.setQuery({ ...this.query, filters });
    }

    // TEXTS

    get display() {
        return { controlPanel: {} };
    }

    get isFiltered() {
        return Object.values(this.query.filters).some((ids) => ids.length);
    }

    /** Whether the filters leave anything to show. */
    get isBlank() {
        const { mrr, figures } = { mrr: this.state.data.movements.mrr, figures: this.state.data.figures };
        return this.isFiltered && !figures.contracts_end && [...mrr, figures.mrr_start].every((value) => !value);
    }

    get hasCompanies() {
        return user.activeCompanies.length > 1;
    }

    get range() {
        const { date_from, date_to } = this.state.data;
        return _t("%(from)s – %(to)s", { from: formatDay(date_from), to: formatDay(date_to) });
    }

    get comparison() {
        const { before_from, before_to } = this.state.data;
        return _t("compared with %(from)s – %(to)s", { from: formatDay(before_from), to: formatDay(before_to) });
    }

    /** What the page says, in a sentence. */
    get summary() {
        const { date_from, date_to, today, figures } = this.state.data;
        const change = figures.mrr_end - figures.mrr_start;
        const values = {
            mrr: this.money(figures.mrr_end),
            change: this.money(Math.abs(change)),
            since: formatDay(date_from),
            day: formatDay(date_to),
        };
        const total =
            date_to < today
                ? _t("On %(day)s your subscriptions brought in %(mrr)s a month:", values)
                : _t("Your subscriptions bring in %(mrr)s a month:", values);
        return `${total} ${this.getChangeText(change, values)}`;
    }

    getChangeText(change, values) {
        if (Math.abs(change) < 0.005) {
            return _t("as much as before %(since)s.", values);
        }
        return change > 0
            ? _t("%(change)s more than before %(since)s.", values)
            : _t("%(change)s less than before %(since)s.", values);
    }

    get filterTexts() {
        return this.state.data.filters
            .map(({ key, name, options }) => {
                const names = options.filter(({ id }) => this.query.filters[key]?.includes(id));
                return names.length && `${name}: ${names.map((option) => option.name).join(", ")}`;
            })
            .filter(Boolean);
    }

    get allKpis() {
        const { sections, bridge } = this.state.data;
        return [...sections.flatMap(({ kpis }) => kpis), ...bridge.steps];
    }

    formatMonth(date) {
        return formatMonth(date);
    }

    formatDay(date) {
        return formatDay(date);
    }

    money(value) {
        return formatMoney(value, this.state.data.currency_id);
    }

    value(value, unit) {
        return formatValue(value, unit, this.state.data.currency_id);
    }

    print() {
        window.print();
    }

    // RECORDS

    /** Open the records behind a key figure. */
    async open(key) {
        const { date_from, date_to } = this.state.data;
        await this.openRecords("get_records", [key, date_from, date_to]);
    }

    /** Open what a bar of the chart stands for: a movement (its key) in a month (its first day). */
    async openMonth(key, month) {
        const last = DateTime.fromISO(month).endOf("month").toISODate();
        const { date_to } = this.state.data;
        await this.openRecords("get_records", [key, month, last < date_to ? last : date_to], formatMonth(month));
    }

    async openReason(reason) {
        const { date_from, date_to } = this.state.data;
        await this.openRecords("get_churn_reason_records", [reason.id, date_from, date_to], reason.name);
    }

    async openCohort(month) {
        await this.openRecords("get_cohort_records", [month], formatMonth(month));
    }

    async openRecords(method, args, detail) {
        const action = await this.orm.call("subscription.kpi", method, [...args, this.query.filters]);
        await this.action.doAction(detail ? { ...action, name: `${action.name}: ${detail}` } : action);
    }

    openReport(name) {
        return this.action.doAction(`sale_subscription_plus_reports.${name}`);
    }
}

registry.category("actions").add("sale_subscription_plus_reports.dashboard", SubscriptionDashboard);
