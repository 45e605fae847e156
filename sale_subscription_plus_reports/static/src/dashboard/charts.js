import { _t } from "@web/core/l10n/translation";
import { COMMITTED_COLOR, MOVEMENT_COLORS, MRR_COLOR, RENEWING_COLOR } from "./colors";
import { formatAxis, formatMoney, formatMonth } from "./format";

// From the axis outwards: gains go up from it, losses down.
const ORDER = ["new", "expansion", "reactivation", "resume", "churn", "contraction", "pause", "transfer"];

/** Return [{key, name, values}] of the movements that took place; losses are below zero. */
export function getMovementRows({ types }, steps) {
    const names = { transfer: _t("Carried over") };
    for (const { key, name } of steps) {
        names[key] = name;
    }
    return ORDER.filter((key) => types[key].some((value) => Math.abs(value) > 1e-6)).map((key) => ({
        key,
        name: names[key],
        values: types[key],
    }));
}

/** Chart of MRR at each month's end, and below it what moved it: gains above the line, losses below. */
export function getMovementConfig(movements, rows, currencyId, onOpen) {
    const bars = rows.map(({ key, name, values }) => ({
        type: "bar",
        key,
        label: name,
        data: values,
        backgroundColor: MOVEMENT_COLORS[key],
        yAxisID: "change",
        stack: "change",
        maxBarThickness: 40,
    }));
    const line = {
        type: "line",
        key: "mrr",
        label: _t("MRR at the end of the month"),
        data: movements.mrr,
        borderColor: MRR_COLOR,
        backgroundColor: `${MRR_COLOR}26`,
        fill: "origin",
        pointRadius: 3,
        pointBackgroundColor: MRR_COLOR,
        cubicInterpolationMode: "monotone", // A smooth line that never swings below zero.
        yAxisID: "mrr",
    };
    const options = getOptions(currencyId, movements.months);
    const change = getAxis(currencyId, _t("Change"), { stack: "panels", stackWeight: 1, stacked: true, weight: 1 });
    const format = change.ticks.callback;
    // The highest label would stand on the lowest one of the panel above.
    change.ticks.callback = (value, index, ticks) => (index < ticks.length - 1 ? format(value) : null);
    options.scales = {
        x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0 } },
        mrr: getAxis(currencyId, _t("MRR"), { stack: "panels", stackWeight: 1, beginAtZero: true, weight: 2 }),
        change,
    };
    options.onClick = (_event, elements, chart) => {
        const [element] = elements;
        if (element) {
            onOpen(chart.data.datasets[element.datasetIndex].key, movements.months[element.index]);
        }
    };
    return { data: { labels: formatAxis(movements.months), datasets: [line, ...bars] }, options };
}

/** Chart of the MRR of the next months: what is bound, and on top of it what is expected to be renewed. */
export function getForecastConfig({ months }, currencyId) {
    const dataset = (key, label, backgroundColor) => ({
        type: "bar",
        label,
        data: months.map((month) => month[key]),
        backgroundColor,
        stack: "mrr",
        maxBarThickness: 40,
    });
    const options = getOptions(
        currencyId,
        months.map(({ month }) => month)
    );
    options.scales = {
        x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0 } },
        y: getAxis(currencyId, _t("MRR"), { stacked: true, beginAtZero: true }),
    };
    return {
        data: {
            labels: formatAxis(months.map(({ month }) => month)),
            datasets: [
                dataset("committed", _t("Bound by a term"), COMMITTED_COLOR),
                dataset("renewing", _t("Expected to go on"), RENEWING_COLOR),
            ],
        },
        options,
    };
}

function getAxis(currencyId, text, options) {
    const callback = (value) => formatMoney(value, currencyId, { digits: Number.isInteger(value) ? 0 : 2 });
    return { ...options, title: { display: true, text }, ticks: { callback, maxTicksLimit: 6 } };
}

function getOptions(currencyId, months) {
    const title = ([{ dataIndex }]) => formatMonth(months[dataIndex]);
    const label = ({ dataset, parsed }) => ` ${dataset.label}: ${formatMoney(parsed.y, currencyId)}`;
    return {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", intersect: true },
        plugins: {
            legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 8 } },
            tooltip: { callbacks: { label, title }, filter: ({ parsed }) => Math.abs(parsed.y) > 1e-6 },
        },
    };
}
