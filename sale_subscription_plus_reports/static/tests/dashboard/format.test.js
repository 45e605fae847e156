import { describe, expect, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";

import { describeChange, formatAxis, formatValue } from "@sale_subscription_plus_reports/dashboard/format";
import { getKpi } from "./dashboard_data";

describe.current.tags("headless");

test("a value reads as its unit", async () => {
    await makeMockEnv();
    expect(formatValue(12.5, "money", 1)).toBe("$\u00a012.50");
    expect(formatValue(12345.6, "money", 1)).toBe("$\u00a012,346");
    expect(formatValue(0.1234, "percent")).toBe("12.3%");
    expect(formatValue(2.345, "ratio")).toBe("2.35");
    expect(formatValue(1234.0, "count")).toBe("1,234");
    expect(formatValue(null, "money", 1)).toBe("–");
    expect(formatValue(-1e-12, "money", 1)).toBe("$\u00a00.00");
});

test("a change is told by an arrow, a word and whether it is good", async () => {
    await makeMockEnv();
    const up = describeChange(getKpi("mrr"));
    expect([up.icon, up.word, up.tone]).toEqual(["fa-arrow-up", "Up 20%", "good"]);
    const down = describeChange(getKpi("churn", { value: 80, change: -0.2, good: "down" }));
    expect([down.icon, down.word, down.tone]).toEqual(["fa-arrow-down", "Down 20%", "good"]);
    expect(describeChange(getKpi("churn", { good: "down" })).tone).toBe("bad");
    expect(describeChange(getKpi("non_recurring_revenue", { good: "none" })).tone).toBe("none");
});

test("a change has no percentage where none makes sense", async () => {
    await makeMockEnv();
    const word = (values) => describeChange(getKpi("mrr", values)).word;
    expect(word({ value: 100 })).toBe("Unchanged");
    expect(word({ before: 0, change: null })).toBe("Up");
    expect(word({ before: -50, change: 3.4 })).toBe("Up");
    expect(word({ unit: "percent", value: 0.01, before: 0.02, change: -0.5 })).toBe("Down");
    expect(describeChange(getKpi("lifetime_value", { value: null }))).toBe(false);
    expect(describeChange(getKpi("lifetime_value", { before: null }))).toBe(false);
});

test("an axis says the year where it begins", async () => {
    await makeMockEnv();
    expect(formatAxis(["2025-11-01", "2025-12-01", "2026-01-01"])).toEqual([["Nov", "2025"], ["Dec"], ["Jan", "2026"]]);
});
