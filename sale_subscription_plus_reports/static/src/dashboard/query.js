import { router } from "@web/core/browser/router";

const { DateTime } = luxon;

const FILTERS = ["company_ids", "team_ids", "user_ids", "plan_ids", "product_ids", "country_ids"];

const FIRST_DAY = "1900-01-01";
const LAST_DAY = "2999-12-31";
const LARGEST_ID = 2 ** 31 - 1;

/** Return what an address says as a day, if it is one to count from: addresses are edited by hand, too. */
function readDay(text) {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text).isValid;
    return isDay && text >= FIRST_DAY && text <= LAST_DAY ? text : undefined;
}

/**
 * What the page is asked to show: { period } or { date_from, date_to }, and { filters }.
 * The address of the page holds it, so that it can be sent on, and is there again after going back. What is no day or
 * no id there is as if it were not asked for.
 */
export function readQuery() {
    const { period, date_from, date_to, ...rest } = router.current;
    const filters = {};
    for (const key of FILTERS) {
        const ids = String(rest[key] ?? "")
            .split(",")
            .map(Number)
            .filter((id) => Number.isInteger(id) && id > 0 && id <= LARGEST_ID);
        if (ids.length) {
            filters[key] = ids;
        }
    }
    return { period, date_from: readDay(date_from), date_to: readDay(date_to), filters };
}

/** Return the query as keys of the page's address; what is not asked for is taken out of it. */
export function writeQuery({ period, date_from, date_to, filters }) {
    const ids = FILTERS.map((key) => [key, filters[key]?.length ? filters[key].join(",") : undefined]);
    return { period, date_from, date_to, ...Object.fromEntries(ids) };
}
