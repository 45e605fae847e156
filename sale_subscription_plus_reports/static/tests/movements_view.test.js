import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import {
    checkLegend,
    getChart,
    selectMode,
    setupChartJsForTests,
} from "@web/../tests/views/graph/graph_test_helpers";

import { MOVEMENT_COLORS } from "@sale_subscription_plus_reports/dashboard/colors";

class Movement extends models.Model {
    _name = "movement";

    date = fields.Date();
    amount = fields.Float({ string: "MRR", aggregator: "sum" });
    customer_type = fields.Selection({
        selection: [
            ["new", "New"],
            ["churn", "Churn"],
            ["transfer", "Transfer"],
        ],
    });
    plan = fields.Selection({
        selection: [
            ["new", "New plan"],
            ["old", "Old plan"],
        ],
    });

    _records = [
        { id: 1, date: "2026-01-01", amount: 10, customer_type: "new", plan: "new" },
        { id: 2, date: "2026-01-02", amount: -4, customer_type: "churn", plan: "old" },
    ];
}

defineMailModels();
defineModels([Movement]);
setupChartJsForTests();

function mountMovements(...series) {
    return mountView({
        type: "graph",
        resModel: "movement",
        arch: /* xml */ `
            <graph type="bar" js_class="subscription_movements">
                <field name="date" interval="month"/>
                ${series.map((name) => `<field name="${name}"/>`).join("")}
                <field name="amount" type="measure"/>
            </graph>
        `,
    });
}

function getColors(view) {
    const bars = getChart(view).data.datasets.filter(({ type }) => type !== "line");
    return Object.fromEntries(bars.map(({ label, backgroundColor }) => [label, backgroundColor]));
}

test("each kind of movement has the colour that it has on the dashboard", async () => {
    const view = await mountMovements("customer_type");
    const { Churn, New } = getColors(view);
    expect([New, Churn]).toEqual([MOVEMENT_COLORS.new, MOVEMENT_COLORS.churn]);
    await selectMode("line");
    const lines = getChart(view).data.datasets.map(({ borderColor }) => borderColor);
    expect(lines.sort()).toEqual([MOVEMENT_COLORS.new, MOVEMENT_COLORS.churn].sort());
});

test("other groups keep their own colours", async () => {
    const view = await mountMovements("plan");
    const colors = Object.values(getColors(view));
    expect(colors).toHaveLength(2);
    expect(colors).not.toInclude(MOVEMENT_COLORS.new);
});

test("the sum of all movements is called net new", async () => {
    const view = await mountMovements("customer_type");
    checkLegend(view, ["New", "Churn", "Net new"]);
});
