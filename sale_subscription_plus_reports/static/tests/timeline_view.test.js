import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import {
    checkDatasets,
    checkLabels,
    getModeButton,
    setupChartJsForTests,
} from "@web/../tests/views/graph/graph_test_helpers";

class Movement extends models.Model {
    _name = "movement";

    date = fields.Date();
    amount = fields.Float({ string: "MRR", aggregator: "sum" });
    plan = fields.Char();
}

defineMailModels();
defineModels([Movement]);
setupChartJsForTests();

const ARCH = /* xml */ `
    <graph type="line" js_class="subscription_timeline">
        <field name="date" interval="month"/>
        <field name="amount" type="measure"/>
    </graph>
`;

/** Answer with a balance for each month, as the server does. */
function mockBalances(...balances) {
    onRpc("movement", "formatted_read_group", ({ kwargs }) => {
        expect.step(`timeline: ${kwargs.context.subscription_timeline}`);
        return balances.map((amount, month) => ({
            "date:month": [`2026-0${month + 1}-01`, `Month ${month + 1}`],
            "amount:sum": amount,
            __count: 1,
            __extra_domain: [],
        }));
    });
}

function mountTimeline(params = {}) {
    return mountView({ type: "graph", resModel: "movement", arch: ARCH, ...params });
}

test("balances are asked for, and shown as they come", async () => {
    mockBalances(12, 46, 36);
    const view = await mountTimeline();
    expect.verifySteps(["timeline: true"]);
    checkLabels(view, ["Month 1", "Month 2", "Month 3"]);
    checkDatasets(view, ["data", "label"], { data: [12, 46, 36], label: "MRR" });
});

test("filters go to the server, which knows what was before", async () => {
    onRpc("movement", "formatted_read_group", ({ kwargs }) => {
        expect.step(kwargs.domain);
        return [];
    });
    await mountTimeline({ domain: [["date", ">=", "2026-02-11"]] });
    // One question is enough: no second one for an opening.
    expect.verifySteps([[["date", ">=", "2026-02-11"]]]);
});

test("balances are not added up again, whatever a favourite says", async () => {
    mockBalances(12, 46, 36);
    const view = await mountTimeline({ context: { graph_cumulated: true, graph_mode: "line" } });
    expect.verifySteps(["timeline: true"]);
    checkDatasets(view, ["data"], { data: [12, 46, 36] });
});

test("balances can be lines or bars, but no pie, and nothing is left to cumulate or sort", async () => {
    mockBalances(12);
    await mountTimeline();
    expect.verifySteps(["timeline: true"]);
    expect(getModeButton("line")).toHaveClass("active");
    expect(getModeButton("bar")).toHaveCount(1);
    expect(".o_graph_button[data-mode=pie]").toHaveCount(0);
    expect(".o_graph_button[data-tooltip=Cumulative]").toHaveCount(0);
    expect(".o_graph_button[data-tooltip=Descending]").toHaveCount(0);
});
