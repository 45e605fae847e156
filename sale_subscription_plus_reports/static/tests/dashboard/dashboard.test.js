import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { keyDown, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    preloadBundle,
} from "@web/../tests/web_test_helpers";

import { router } from "@web/core/browser/router";
import { WebClient } from "@web/webclient/webclient";
import { getDashboard } from "./dashboard_data";

describe.current.tags("desktop");
defineMailModels();
preloadBundle("web.chartjs_lib");

const asked = [];

beforeEach(() => {
    asked.length = 0;
    onRpc("subscription.kpi", "get_dashboard", ({ kwargs }) => {
        const { period, date_from, date_to, filters } = kwargs;
        asked.push({ period, date_from, date_to, filters });
        return getDashboard(date_from ? { period: "custom", date_from, date_to } : {});
    });
});

async function open() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sale_subscription_plus_reports.dashboard",
        path: "subscription-dashboard",
    });
}

test("the page says in words what it is about", async () => {
    await open();
    expect(".o_dashboard_summary").toHaveText(
        "On Dec 31, 2025 your subscriptions brought in $ 120.00 a month: $ 20.00 more than before Dec 1, 2025."
    );
    expect(queryAllTexts(".o_dashboard_tile .o_value")).toEqual(["$ 120.00", "$ 120.00", "10%"]);
    expect("[data-kpi=mrr] .o_change").toHaveText(/Up 20%/);
    expect("[data-kpi=logo_churn] .o_tone_bad").toHaveText(/Up/);
});

test("the movements lead from the start to the end", async () => {
    await open();
    expect(queryAllTexts(".o_dashboard_bridge .o_sum td:nth-child(2)")).toEqual(["$ 100.00", "$ 120.00"]);
    expect(".o_dashboard_bridge [data-kpi=new] td:nth-child(2)").toHaveText("+ $ 32.00");
    expect(".o_dashboard_bridge [data-kpi=churn] td:nth-child(2)").toHaveText("− $ 12.00");
    expect(".o_dashboard_bridge [data-kpi=pause] .btn-link:not(.o_info)").toHaveCount(0);
    expect(".o_dashboard_bridge [data-kpi=transfer]").toHaveCount(0);
});

test("what others have taken over is shown where there is some", async () => {
    onRpc("subscription.kpi", "get_dashboard", () => {
        const data = getDashboard();
        return { ...data, bridge: { ...data.bridge, transfer: -5 } };
    });
    await open();
    expect(".o_dashboard_bridge [data-kpi=transfer]").toHaveText(/\$ -5.00/);
});

test("the chart's numbers are there as a table", async () => {
    await open();
    await contains(".o_dashboard_numbers summary").click();
    expect(queryAllTexts(".o_dashboard_numbers thead th")).toEqual(["Month", "NEW", "CHURN", "MRR at the end"]);
    expect(".o_dashboard_numbers tbody tr").toHaveCount(12);
    expect(queryAllTexts(".o_dashboard_numbers tbody tr:last-child > *")).toEqual([
        "Dec 2025",
        "$ 32.00",
        "$ -12.00",
        "$ 120.00",
    ]);
});

test("a key figure tells how it is counted, and the focus comes back", async () => {
    await open();
    await contains("[data-kpi=logo_churn] .o_info").click();
    expect(".o_dashboard_details").toHaveText(/The formula of logo_churn/);
    expect(".o_dashboard_details tbody tr").toHaveText(/Customers at the start\s*10/);
    await keyDown("Escape");
    await animationFrame();
    expect(".o_dashboard_details").toHaveCount(0);
    expect("[data-kpi=logo_churn] .o_info").toBeFocused();
});

test("what can be pressed opens its records", async () => {
    const opened = [];
    onRpc("subscription.kpi", ["get_records", "get_churn_reason_records", "get_cohort_records"], ({ args }) => {
        opened.push(args);
        return { type: "ir.actions.act_window", name: "Churn" };
    });
    await open();
    patchWithCleanup(getService("action"), { doAction: (action) => expect.step(action.name) });
    const days = ["2025-12-01", "2025-12-31"];
    await contains("[data-kpi=mrr] .o_open").click();
    await contains("[data-kpi=churn] .btn-link:not(.o_info)").click();
    await contains(".o_dashboard_reasons .btn-link").click();
    await contains(".o_dashboard_cohorts .btn-link:first").click();
    await contains(".o_dashboard_numbers summary").click();
    await contains(".o_dashboard_numbers tr:nth-child(11) .btn-link").click();
    expect(opened).toEqual([
        ["mrr", ...days, {}],
        ["churn", ...days, {}],
        [7, ...days, {}],
        ["2025-11-01", {}],
        ["new", "2025-11-01", "2025-11-30", {}],
    ]);
    expect.verifySteps(["Churn", "Churn", "Churn: Too dear", "Churn: Nov 2025", "Churn: Nov 2025"]);
});

test("period and filters are asked of the server, and kept in the address", async () => {
    await open();
    await contains(".o_dashboard_period").click();
    await contains(".o-dropdown-item:contains(Last Year)").click();
    await contains("[data-filter=plan_ids]").click();
    await contains(".o-dropdown-item:contains(Yearly)").click();
    await contains(".o-dropdown-item:contains(Monthly)").click();
    await animationFrame();
    expect("[data-filter=plan_ids]").toHaveText("Plan: Monthly, Yearly");
    expect(asked.at(0)).toEqual({ period: undefined, date_from: undefined, date_to: undefined, filters: {} });
    expect(asked.at(-1)).toEqual({
        period: "last_year",
        date_from: undefined,
        date_to: undefined,
        filters: { plan_ids: [2, 1] },
    });
    const { period, plan_ids } = router.current;
    expect([period, plan_ids]).toEqual(["last_year", "2,1"]);
    await contains(".o_dashboard_toolbar .btn-link").click();
    expect(asked.at(-1).filters).toEqual({});
    expect("[data-filter=plan_ids]").toHaveText("Plan");
});

test("a long list of choices can be searched", async () => {
    const options = Array.from({ length: 60 }, (_, index) => ({ id: index + 1, name: `Reader ${index + 1}` }));
    onRpc("subscription.kpi", "get_dashboard", () =>
        getDashboard({ filters: [{ key: "user_ids", name: "Salesperson", options }] })
    );
    await open();
    await contains("[data-filter=user_ids]").click();
    expect(".o_dashboard_options .o-dropdown-item").toHaveCount(50);
    expect(".o_dashboard_options").toHaveText(/Search to see more/);
    await contains(".o_dashboard_options input").edit("reader 6", { confirm: false });
    expect(queryAllTexts(".o_dashboard_options .o-dropdown-item")).toEqual(["Reader 6", "Reader 60"]);
    await contains(".o_dashboard_options .o-dropdown-item:last").click();
    expect("[data-filter=user_ids]").toHaveText("Salesperson: Reader 60");
});

test("days of one's own start from those on the screen", async () => {
    await open();
    await contains(".o_dashboard_period").click();
    await contains(".o-dropdown-item:contains(Custom Dates)").click();
    expect(asked.at(-1)).toEqual({ period: undefined, date_from: "2025-12-01", date_to: "2025-12-31", filters: {} });
    await contains("#o_dashboard_date_from").edit("11/15/2025");
    await animationFrame();
    expect(asked.at(-1).date_from).toBe("2025-11-15");
});

test("a company without subscriptions is told what to do", async () => {
    onRpc("subscription.kpi", "get_dashboard", () => ({ has_data: false, can_sell: true, periods: [], period: "last_month" }));
    await open();
    expect(".o_dashboard_welcome").toHaveText(/No subscriptions to count yet/);
    expect(".o_dashboard_welcome .btn-primary").toHaveCount(1);
    expect(".o_dashboard_tile").toHaveCount(0);
});

test("filters that leave nothing can be taken back", async () => {
    onRpc("subscription.kpi", "get_dashboard", ({ kwargs }) =>
        kwargs.filters.plan_ids
            ? getDashboard({
                  figures: { mrr_start: 0, mrr_end: 0, contracts_end: 0 },
                  movements: { ...getDashboard().movements, mrr: Array(12).fill(0) },
              })
            : getDashboard()
    );
    await open();
    await contains("[data-filter=plan_ids]").click();
    await contains(".o-dropdown-item:contains(Yearly)").click();
    expect(".o_dashboard_tile").toHaveCount(0);
    await contains(".o_dashboard_card .btn-primary").click();
    expect(".o_dashboard_tile").toHaveCount(3);
});

test("the page is printed", async () => {
    patchWithCleanup(window, { print: () => expect.step("print") });
    await open();
    await contains(".o_control_panel .btn:contains(Print)").click();
    expect.verifySteps(["print"]);
});
