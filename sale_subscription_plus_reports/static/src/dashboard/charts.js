import { _t } from "@web/core/l10n/translation";
import { COMMITTED_COLOR, MOVEMENT_COLORS, MRR_COLOR, RENEWING_COLOR } from "./colors";
import { formatMoney, formatMonth } from "./format";

const GAINS = ["new", "expansion", "reactivation", "resume"];
const LOSSES = ["churn", "contraction", "pause"];

/** Return the words of the movements, as legend and tables show them. */
export function getMovementNames() {
    return {
        new: _t("New"),
        expansion: _t("Expansion"),
        reactivation: _t("Reactivation"),
        resume: _t("Resume"),
        churn: _t("Churn"),
        contraction: _t("Contraction"),
        pause: _t("Pause"),
        transfer: _t("Transfer"),
    };
}

/** Return [{key, name, values}] of the movements that took place; losses are below zero. */
export function getMovementRows({ types }) {
    const names = getMovementNames();
    return [...GAINS, ...LOSSES, "transfer"]
        .filter((key) => types[key]?.some((value) => Math.abs(value) > 1e-6))
        .map((key) => ({
            key,
            name: names[key],
            values: LOSSES.includes(key) ? types[key].map((value) => -Math.abs(value)) : types[key],
        }));
}

/** Chart of MRR at each month's end, and below it what moved it: gains above the line, losses below. */
export function getMovementConfig(movements, currencyId, onOpen) {
    const rows = getMovementRows(movements);
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
        tension: 0.25,
        yAxisID: "mrr",
    };
    const options = getOptions(currencyId);
    options.scales = {
        x: { stacked: true, grid: { display: false } },
        mrr: getAxis(currencyId, _t("MRR"), { stack: "panels", stackWeight: 3, beginAtZero: true, weight: 2 }),
        change: getAxis(currencyId, _t("Change"), { stack: "panels", stackWeight: 3, stacked: true, weight: 1 }),
    };
    options.onClick = (_event, elements, chart) => {
        const [element] = elements;
        if (element) {
            onOpen(chart.data.datasets[element.datasetIndex].key, movements.months[element.index]);
        }
    };
    return { data: { labels: movements.months.map(formatMonth), datasets: [line, ...bars] }, options };
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
    const options = getOptions(currencyId);
    options.scales = {
        x: { stacked: true, grid: { display: false } },
        y: getAxis(currencyId, _t("MRR"), { stacked: true, beginAtZero: true }),
    };
    return {
        data: {
            labels: months.map(({ month }) => formatMonth(month)),
            datasets: [
                dataset("committed", _t("Bound by a term"), COMMITTED_COLOR),
                dataset("renewing", _t("Expected to go on"), RENEWING_COLOR),
            ],
        },
        options,
    };
}

function getAxis(currencyId, text, options) {
    const callback = (value) => formatMoney(value, currencyId, { exact: !Number.isInteger(value) });
    return { ...options, title: { display: true, text }, ticks: { callback, maxTicksLimit: 6 } };
}

function getOptions(currencyId) {
    const label = ({ dataset, parsed }) => ` ${dataset.label}: ${formatMoney(parsed.y, currencyId)}`;
    return {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", intersect: true },
        plugins: {
            legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 8 } },
            tooltip: { callbacks: { label }, filter: ({ parsed }) => Math.abs(parsed.y) > 1e-6 },
        },
    };
}
