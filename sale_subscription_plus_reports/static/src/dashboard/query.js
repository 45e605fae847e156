import { router } from "@web/core/browser/router";

const FILTERS = ["company_ids", "team_ids", "user_ids", "plan_ids", "product_ids", "country_ids"];

/**
 * What the page is asked to show: { period } or { date_from, date_to }, and { filters }.
 * The address of the page holds it, so that it can be sent on, and is there again after going back.
 */
export function readQuery() {
    const { period, date_from, date_to, ...rest } = router.current;
    const filters = {};
    for (const key of FILTERS) {
        const ids = String(rest[key] ?? "")
            .split(",")
            .map(Number)
            .filter(Boolean);
        if (ids.length) {
            filters[key] = ids;
        }
    }
    return { period, date_from, date_to, filters };
}

/** Return the query as keys of the page's address; what is not asked for is taken out of it. */
export function writeQuery({ period, date_from, date_to, filters }) {
    const ids = FILTERS.map((key) => [key, filters[key]?.length ? filters[key].join(",") : undefined]);
    return { period, date_from, date_to, ...Object.fromEntries(ids) };
}
