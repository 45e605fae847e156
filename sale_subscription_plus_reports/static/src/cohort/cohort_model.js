import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { Model } from "@web/model/model";
import { getGroupBy } from "@web/search/utils/group_by";
import { computeReportMeasures } from "@web/views/utils";

export const INTERVALS = {
    day: {
        description: _t("Day"),
        one: _t("day"),
        many: _t("days"),
        same: _t("on the same day"),
        later: _t("Days later"),
    },
    week: {
        description: _t("Week"),
        one: _t("week"),
        many: _t("weeks"),
        same: _t("in the same week"),
        later: _t("Weeks later"),
    },
    month: {
        description: _t("Month"),
        one: _t("month"),
        many: _t("months"),
        same: _t("in the same month"),
        later: _t("Months later"),
    },
    quarter: {
        description: _t("Quarter"),
        one: _t("quarter"),
        many: _t("quarters"),
        same: _t("in the same quarter"),
        later: _t("Quarters later"),
    },
    year: {
        description: _t("Year"),
        one: _t("year"),
        many: _t("years"),
        same: _t("in the same year"),
        later: _t("Years later"),
    },
};
export const MODES = { retention: _t("Retention"), churn: _t("Churn") };

/** So many cohorts and columns a table shows: alone, and as one of several groups. */
const LIMIT = 120;
const GROUP_LIMIT = 36;

/** What a favourite remembers: name of each setting in the context. */
const CONTEXT_KEYS = {
    interval: "cohort_interval",
    measure: "cohort_measure",
    mode: "cohort_mode",
    dateFrom: "cohort_date_from",
    dateTo: "cohort_date_to",
};

export class CohortModel extends Model {
    setup(params) {
        this.keepLast = new KeepLast();
        this.metaData = params;
        this.data = null;
        this.searchParams = null;
    }

    /** @override */
    async load(searchParams) {
        this.searchParams = searchParams;
        const remembered = {};
        for (const [name, key] of Object.entries(CONTEXT_KEYS)) {
            if (key in searchParams.context) {
                remembered[name] = searchParams.context[key];
            }
        }
        await this.fetch(this.buildMetaData(remembered));
    }

    /** @override */
    hasData() {
        return Boolean(this.data?.cohorts.length);
    }

    /**
     * Change how the cohorts are shown.
     *
     * @param {Object} params some of interval, measure, mode, dateFrom and dateTo (ISO strings or false)
     */
    async updateMetaData(params) {
        await this.fetch(this.buildMetaData(params));
        this.useSampleModel = false;
        this.notify();
    }

    /** @returns {Object} the settings, as a favourite remembers them */
    getContext() {
        const context = {};
        for (const [name, key] of Object.entries(CONTEXT_KEYS)) {
            context[key] = this.metaData[name];
        }
        return context;
    }

    /** @returns {Object} the arguments of the server's methods that are the same for table, records and file */
    getArguments(metaData = this.metaData) {
        return {
            date_start: metaData.dateStart,
            date_stop: metaData.dateStop,
            interval: metaData.interval,
            mode: metaData.mode,
            date_from: metaData.dateFrom || null,
            date_to: metaData.dateTo || null,
        };
    }

    /**
     * @param {string[]} starts first days of the cohorts
     * @param {number|null} column the interval that was chosen, or null for all who started
     * @param {Array} groupDomain
     * @returns {Promise<Array>} the domain of the records behind a number
     */
    async getDomain(starts, column, groupDomain) {
        const { context, domain } = this.searchParams;
        const { resModel } = this.metaData;
        // Pinned to the day of the table, so that the list shows what was clicked, tomorrow too.
        const args = { ...this.getArguments(), date_to: this.data.seen_on };
        const cell = await this.orm.call(resModel, "get_cohort_domain", [], {
            ...args,
            starts,
            column,
            context,
        });
        return Domain.and([domain, groupDomain, cell]).toList();
    }

    /** @returns {Object} what the server needs to write the table to a file */
    getExportData() {
        const { measure, measures, resModel, title, interval } = this.metaData;
        return {
            model: resModel,
            title,
            measure_label: measures[measure].string,
            later: INTERVALS[interval].later.toString(),
            context: this.searchParams.context,
            arguments: {
                ...this.getArguments(),
                domain: this.searchParams.domain,
                measure,
                groupby: this.getGroupBy(),
            },
        };
    }

    buildMetaData(params) {
        const metaData = { ...this.metaData, ...params };
        metaData.measures = this.getMeasures(metaData);
        if (!(metaData.measure in metaData.measures)) {
            metaData.measure = "__count";
        }
        return metaData;
    }

    getMeasures({ fields, fieldAttrs, viewMeasures, countLabel }) {
        const { __count, ...measures } = computeReportMeasures(fields, fieldAttrs, viewMeasures, {
            sumAggregatorOnly: true,
        });
        return { __count: { ...__count, string: countLabel }, ...measures };
    }

    getGroupBy() {
        return this.searchParams.groupBy.map((spec) => getGroupBy(spec, this.metaData.fields).spec);
    }

    async fetch(metaData) {
        const { context, domain } = this.searchParams;
        const groupby = this.getGroupBy();
        this.data = await this.keepLast.add(
            this.orm.call(metaData.resModel, "get_cohort_data", [], {
                ...this.getArguments(metaData),
                domain,
                measure: metaData.measure,
                groupby,
                limit: groupby.length ? GROUP_LIMIT : LIMIT,
                context,
            })
        );
        this.metaData = metaData;
    }
}
