import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");
defineMailModels();

const asked = [];

function getRow(key, unit, value, sign = 1, formula = `The formula of ${key}`) {
    return { key, name: key.toUpperCase(), unit, value, sign, formula, before: null, numbers: [] };
}

function getSalespeople(values = {}) {
    return {
        period: "last_30_days",
        periods: [
            { key: "last_30_days", name: "Last 30 Days" },
            { key: "this_year", name: "This Year" },
        ],
        date_from: "2026-01-02",
        date_to: "2026-01-31",
        before_from: "2025-12-03",
        before_to: "2026-01-01",
        currency_id: 1,
        filters: [],
        groupby: "user_id",
        sections: [
            {
                key: "movements",
                name: "From start to end",
                rows: [
                    getRow("mrr_start", "money", 100, 1, false),
                    getRow("new", "money", 30),
                    getRow("churn", "money", 12, -1),
                    getRow("mrr", "money", 118),
                ],
            },
            { key: "loyalty", name: "Do they stay?", rows: [getRow("logo_churn", "percent", 0.1)] },
        ],
        people: [
            { id: 7, name: "Anna", values: { mrr_start: 60, new: 30, churn: 0, mrr: 90, logo_churn: 0 } },
            { id: false, name: "Nobody", values: { mrr_start: 40, new: 0, churn: 12, mrr: 28, logo_churn: null } },
        ],
        ...values,
    };
}

beforeEach(() => {
    asked.length = 0;
    onRpc("subscription.kpi", "get_salespeople", ({ kwargs }) => {
        const { period, groupby } = kwargs;
        asked.push({ period, groupby });
        return getSalespeople({ period: period || "last_30_days", groupby });
    });
});

async function open() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sale_subscription_plus_reports.salespeople",
        path: "subscription-salespeople",
    });
}

test("each stands beside the others, and all together come first", async () => {
    await open();
    expect(asked).toEqual([{ period: undefined, groupby: "user_id" }]);
    expect(queryAllTexts(".o_salespeople_table thead th")).toEqual(["Figure", "All", "Anna", "Nobody"]);
    expect(queryAllTexts("[data-kpi=new] td")).toEqual(["$ 30.00", "$ 30.00", "$ 0.00"]);
    expect(queryAllTexts("[data-kpi=logo_churn] td")).toEqual(["10%", "0%", "–"]);
});

test("what was lost takes away", async () => {
    await open();
    expect(queryAllTexts("[data-kpi=churn] td")).toEqual(["$ -12.00", "$ 0.00", "$ -12.00"]);
});

test("a figure opens its records, of one or of all", async () => {
    onRpc("subscription.kpi", "get_records", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window_close" };
    });
    await open();
    await contains("[data-kpi=churn] td:last-child button").click();
    await contains("[data-kpi=new] .o_whole button").click();
    expect.verifySteps([
        ["churn", "2026-01-02", "2026-01-31", { user_ids: [false] }],
        ["new", "2026-01-02", "2026-01-31", {}],
    ]);
    // There is nothing behind a zero, and no record that is the MRR at the start.
    expect("[data-kpi=churn] td:nth-child(3) button").toHaveCount(0);
    expect("[data-kpi=mrr_start] button").toHaveCount(0);
});

test("sales teams can be compared as well, in any period", async () => {
    await open();
    await contains("[data-group=team_id]").click();
    expect("[data-group=team_id]").toHaveAttribute("aria-pressed", "true");
    await contains(".o_dashboard_period").click();
    await contains(".o-dropdown-item:contains(This Year)").click();
    await animationFrame();
    expect(asked.slice(1)).toEqual([
        { period: undefined, groupby: "team_id" },
        { period: "this_year", groupby: "team_id" },
    ]);
});

test("a figure tells how it is counted", async () => {
    await open();
    await contains("[data-kpi=churn] .o_info").click();
    expect(".o_dashboard_details").toHaveText(/The formula of churn/);
});

test("where there is nobody, the page says so", async () => {
    onRpc("subscription.kpi", "get_salespeople", () => getSalespeople({ people: [] }));
    await open();
    expect(".o_salespeople_table").toHaveCount(0);
    expect("[role=status]").toHaveText(/Nothing to compare yet/);
});
