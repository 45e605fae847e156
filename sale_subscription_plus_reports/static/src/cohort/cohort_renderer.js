import { Component, onWillStart } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, formatDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { ReportViewMeasures } from "@web/views/view_components/report_view_measures";
import { ViewScaleSelector } from "@web/views/view_components/view_scale_selector";

import { INTERVALS, MODES } from "./cohort_model";
import { CohortTable } from "./cohort_table";

export class CohortRenderer extends Component {
    static template = "sale_subscription_plus_reports.CohortRenderer";
    static components = { CohortTable, DateTimeInput, ReportViewMeasures, ViewScaleSelector };
    static props = ["model", "buttonTemplate"];

    setup() {
        this.action = useService("action");
        this.intervals = INTERVALS;
        this.modes = MODES;
        onWillStart(async () => {
            this.canExport = await user.hasGroup("base.group_allow_export");
        });
    }

    get model() {
        return this.props.model;
    }

    /** The tables that are shown: the whole, then one for each group. */
    get tables() {
        const { data } = this.model;
        const title = data.groups ? _t("All") : this.heading;
        const tables = [{ name: title, domain: [], ...data }, ...(data.groups || [])];
        return tables.map((table) => ({ ...table, cohorts: this.markRunning(table) }));
    }

    get heading() {
        const { measure, measures, mode } = this.model.metaData;
        return `${MODES[mode]} · ${measures[measure].string}`;
    }

    /** Tell each cohort its last column, which may still run; unless the table is too long to show it. */
    markRunning({ average, cohorts, column_count }) {
        const isCut = ({ rates }) => column_count > average.length && rates.length === average.length;
        return cohorts.map((cohort) => ({
            ...cohort,
            running: isCut(cohort) ? null : cohort.rates.length - 1,
        }));
    }

    get explanation() {
        const { interval, measure, measures, mode } = this.model.metaData;
        const { same, many } = INTERVALS[interval];
        const values = { same, intervals: many, measure: measures[measure].string };
        if (measure === "__count") {
            return mode === "churn"
                ? _t(
                      "Each row follows those who started %(same)s, and tells how many of them were gone 1, 2, 3… %(intervals)s later.",
                      values
                  )
                : _t(
                      "Each row follows those who started %(same)s, and tells how many of them were still there 1, 2, 3… %(intervals)s later.",
                      values
                  );
        }
        return mode === "churn"
            ? _t(
                  "Each row follows those who started %(same)s, and tells how much of their first %(measure)s was gone 1, 2, 3… %(intervals)s later.",
                  values
              )
            : _t(
                  "Each row follows those who started %(same)s, and tells how much of their first %(measure)s was there 1, 2, 3… %(intervals)s later. More than 100% means that they grew.",
                  values
              );
    }

    /** What the tables leave out, if anything. */
    get notes() {
        const { data, metaData } = this.model;
        const notes = [];
        if (data.partial) {
            notes.push(
                _t("In italics: this %(interval)s is not over, the number is as of %(day)s.", {
                    interval: INTERVALS[metaData.interval].one,
                    day: formatDate(deserializeDate(data.seen_on)),
                })
            );
        }
        if (data.cohort_count > data.cohorts.length || data.column_count > data.average.length) {
            notes.push(
                _t("There is more than fits here: the latest %(count)s rows and first columns are shown.", {
                    count: data.average.length,
                })
            );
        }
        if (data.groups && data.group_count > data.groups.length) {
            notes.push(
                _t("The %(count)s largest of %(total)s groups are shown.", {
                    count: data.groups.length,
                    total: data.group_count,
                })
            );
        }
        return notes;
    }

    get dateFrom() {
        return this.getDate("dateFrom");
    }

    get dateTo() {
        return this.getDate("dateTo");
    }

    getDate(name) {
        const value = this.model.metaData[name];
        return value ? deserializeDate(value) : false;
    }

    // Handlers

    onMeasureSelected({ measure }) {
        this.model.updateMetaData({ measure });
    }

    onIntervalSelected(interval) {
        this.model.updateMetaData({ interval });
    }

    onModeSelected(mode) {
        this.model.updateMetaData({ mode });
    }

    onDateChanged(name, value) {
        this.model.updateMetaData({ [name]: value ? serializeDate(value) : false });
    }

    onDownload() {
        return download({
            url: "/web/cohort/export_xlsx",
            data: {
                data: new Blob([JSON.stringify(this.model.getExportData())], { type: "application/json" }),
            },
        });
    }

    get openRecords() {
        const { metaData, useSampleModel } = this.model;
        return metaData.disableLinking || useSampleModel ? undefined : this.onOpenRecords.bind(this);
    }

    async onOpenRecords(table, starts, column, name, newWindow) {
        const domain = await this.model.getDomain(starts, column, table.domain);
        const title = this.model.data.groups && table.domain.length ? `${table.name}, ${name}` : name;
        const { views = [] } = this.env.config;
        const findView = (type) => views.find((view) => view[1] === type) || [false, type];
        const { context } = this.model.searchParams;
        const isDropped = (key) => key === "group_by" || /^(search_default|cohort)_/.test(key);
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: title,
                res_model: this.model.metaData.resModel,
                search_view_id: views.find((view) => view[1] === "search"),
                views: [findView("list"), findView("form")],
                domain,
                context: Object.fromEntries(Object.entries(context).filter(([key]) => !isDropped(key))),
                target: "current",
            },
            { newWindow, viewType: "list" }
        );
    }
}
