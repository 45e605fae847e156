const MONTHS = Array.from({ length: 12 }, (_, index) => `2025-${String(index + 1).padStart(2, "0")}-01`);

export function getKpi(key, values = {}) {
    const figures = { unit: "money", value: 120, before: 100, change: 0.2, good: "up" };
    return {
        key,
        name: key.toUpperCase(),
        hint: `About ${key}`,
        formula: `The formula of ${key}`,
        numbers: [{ label: "Customers at the start", value: 10, unit: "count" }],
        ...figures,
        ...values,
    };
}

function getStep(key, sign, value = 0) {
    return { ...getKpi(key, { value, before: 0 }), sign };
}

function getPart(length, values) {
    return [...Array(length - values.length).fill(0), ...values];
}

/** What the server answers, of a company that lost one of ten customers in December. */
export function getDashboard(values = {}) {
    const types = ["reactivation", "resume", "expansion", "contraction", "pause"].map((key) => [key, getPart(12, [])]);
    return {
        period: "last_month",
        periods: [
            { key: "last_month", name: "Last Month", date_from: "2025-12-01", date_to: "2025-12-31" },
            { key: "last_year", name: "Last Year", date_from: "2024-01-01", date_to: "2024-12-31" },
        ],
        today: "2026-01-01",
        date_from: "2025-12-01",
        date_to: "2025-12-31",
        before_from: "2025-11-01",
        before_to: "2025-11-30",
        company: "Readers",
        currency_id: 1,
        has_data: true,
        filters: [
            {
                key: "plan_ids",
                name: "Plan",
                options: [
                    { id: 1, name: "Monthly" },
                    { id: 2, name: "Yearly" },
                ],
            },
        ],
        figures: { mrr_start: 100, mrr_end: 120, contracts_end: 9 },
        sections: [
            { key: "size", name: "Where you stand", kpis: [getKpi("mrr"), getKpi("run_rate")] },
            {
                key: "loyalty",
                name: "Do customers stay?",
                kpis: [getKpi("logo_churn", { unit: "percent", value: 0.1, before: 0.05, good: "down" })],
            },
        ],
        bridge: {
            start: 100,
            end: 120,
            transfer: 0,
            steps: [getStep("new", 1, 32), ...types.map(([key]) => getStep(key, 1)), getStep("churn", -1, 12)],
        },
        movements: {
            months: MONTHS,
            mrr: getPart(12, [100, 120]),
            types: Object.fromEntries([
                ...types,
                ["new", getPart(12, [100, 32])],
                ["churn", getPart(12, [-12])],
                ["transfer", getPart(12, [])],
            ]),
        },
        cohorts: {
            cohorts: [
                { start: "2025-11-01", customers: 10, value: 10, values: [10, 9], rates: [1, 0.9] },
                { start: "2025-12-01", customers: 3, value: 3, values: [3], rates: [1] },
            ],
        },
        reasons: [{ id: 7, name: "Too dear", customers: 1, mrr: 12 }],
        forecast: {
            window: { date_from: "2025-12-02", date_to: "2025-12-31", days: 30 },
            yearly: [{ key: "mrr", name: "MRR growth in a year", value: 240, unit: "money", formula: "20 × 12" }],
            months: MONTHS.map((month) => ({ month, committed: 50, renewing: 70, total: 120 })),
            assumptions: ["Nothing new is sold."],
        },
        ...values,
    };
}
