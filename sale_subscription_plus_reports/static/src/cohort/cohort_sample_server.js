import { serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";

const COHORTS = 8;
const FORMATS = {
    day: "dd LLL yyyy",
    week: "'W'W kkkk",
    month: "LLLL yyyy",
    quarter: "'Q'q yyyy",
    year: "yyyy",
};

/** An example of a table, for a model that has no records yet. */
function getSampleCohorts({ interval, measure, mode }) {
    const today = luxon.DateTime.local();
    const cohorts = [];
    for (let age = COHORTS - 1; age >= 0; age--) {
        const start = today.minus({ [interval]: age }).startOf(interval);
        const value = 20 + ((age * 7) % 13);
        const left = [...Array(age + 1).keys()].map((column) => 0.94 ** column);
        const rates = left.map((rate) => (mode === "churn" ? 1 - rate : rate));
        cohorts.push({
            start: serializeDate(start),
            label: start.toFormat(FORMATS[interval]),
            value,
            customers: value,
            values: rates.map((rate) => Math.round(rate * value)),
            rates,
        });
    }
    return {
        interval,
        measure,
        mode,
        seen_on: serializeDate(today),
        partial: false,
        customers: cohorts.reduce((sum, cohort) => sum + cohort.customers, 0),
        cohort_count: COHORTS,
        column_count: COHORTS,
        cohorts,
        average: cohorts[0].rates,
    };
}

registry.category("sample_server").add("get_cohort_data", getSampleCohorts);
