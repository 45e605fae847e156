import { describe, expect, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { router } from "@web/core/browser/router";

import { readQuery, writeQuery } from "@sale_subscription_plus_reports/dashboard/query";

describe.current.tags("headless");

/** Return what the page asks for with these keys in its address. */
function read(keys) {
    patchWithCleanup(router, {
        get current() {
            return keys;
        },
    });
    return readQuery();
}

test("what is asked for comes back from the address", () => {
    const query = { period: undefined, date_from: "2026-01-01", date_to: "2026-01-31", filters: { plan_ids: [2, 1] } };
    expect(read(writeQuery(query))).toEqual(query);
});

test("one id alone is a number in the address", () => {
    expect(read({ team_ids: 5 }).filters).toEqual({ team_ids: [5] });
});

test("what is no day in an address edited by hand is not asked for", () => {
    for (const day of ["soon", "2026-02-30", "2026-1-1", "2026-01", 2026, "9999-12-31", "0001-01-01", "", null]) {
        const { date_from, date_to } = read({ date_from: day, date_to: "2026-01-31" });
        expect([date_from, date_to]).toEqual([undefined, "2026-01-31"]);
    }
});

test("what is no id in an address edited by hand is not asked for", () => {
    for (const ids of ["x", "1.5", "-1", "0", 99999999999, true, ""]) {
        expect(read({ plan_ids: ids }).filters).toEqual({});
    }
    expect(read({ plan_ids: "1,x,2" }).filters).toEqual({ plan_ids: [1, 2] });
});
