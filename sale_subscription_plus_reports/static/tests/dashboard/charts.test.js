import { describe, expect, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";

import { getForecastConfig, getMovementConfig, getMovementRows } from "@sale_subscription_plus_reports/dashboard/charts";
import { getDashboard } from "./dashboard_data";

describe.current.tags("headless");

function getRows({ movements, bridge }) {
    return getMovementRows(movements, bridge.steps);
}

test("only movements that took place have bars", async () => {
    await makeMockEnv();
    expect(getRows(getDashboard()).map(({ key, name }) => [key, name])).toEqual([
        ["new", "NEW"],
        ["churn", "CHURN"],
    ]);
});

test("what is lost goes down from the axis, and MRR is a line of its own", async () => {
    await makeMockEnv();
    const { movements, bridge } = getDashboard();
    const config = getMovementConfig(movements, getRows({ movements, bridge }), 1, () => {});
    const [line, gains, losses] = config.data.datasets;
    expect([line.type, line.data.at(-1), line.yAxisID]).toEqual(["line", 120, "mrr"]);
    expect([gains.type, gains.data.at(-1), gains.yAxisID]).toEqual(["bar", 32, "change"]);
    expect([losses.type, losses.data.at(-1)]).toEqual(["bar", -12]);
    expect(config.data.labels.at(-1)).toEqual(["Dec"]);
});

test("a bar opens what it stands for", async () => {
    await makeMockEnv();
    const { movements, bridge } = getDashboard();
    const onOpen = (key, month) => expect.step(`${key} ${month}`);
    const config = getMovementConfig(movements, getRows({ movements, bridge }), 1, onOpen);
    config.options.onClick({}, [{ datasetIndex: 2, index: 11 }], config);
    config.options.onClick({}, [], config);
    expect.verifySteps(["churn 2025-12-01"]);
});

test("the months ahead are bound, or expected to go on", async () => {
    await makeMockEnv();
    const config = getForecastConfig(getDashboard().forecast, 1);
    expect(config.data.datasets.map(({ label, data }) => [label, data[0]])).toEqual([
        ["Bound by a term", 50],
        ["Expected to go on", 70],
    ]);
});
