import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";

const { DateTime } = luxon;

// Above this amount nobody reads cents.
const LARGE = 10000;
const NOTHING = "–";

/** Return ``value`` as people read it; ``unit`` is money (of ``currencyId``), percent, count or ratio. */
export function formatValue(value, unit, currencyId) {
    if (value === null || value === undefined || value === false) {
        return NOTHING;
    }
    // Never minus zero.
    value = Math.abs(value) < 1e-9 ? 0 : value;
    switch (unit) {
        case "money":
            return formatMoney(value, currencyId);
        case "percent":
            return formatPercentage(value, { digits: [false, 1] });
        case "ratio":
            return formatFloat(value, { digits: [false, 2] });
        default:
            return formatInteger(Math.round(value));
    }
}

/** Return an amount; a large one without cents, unless it is ``exact`` or the number of ``digits`` is told. */
export function formatMoney(value, currencyId, { exact = false, digits } = {}) {
    if (digits === undefined && !exact && Math.abs(value) >= LARGE) {
        digits = 0;
    }
    return formatMonetary(value, { currencyId, ...(digits !== undefined && { digits: [false, digits] }) });
}

/** Return an ISO date in words of the user's language. */
export function formatDay(date, format = DateTime.DATE_MED) {
    return DateTime.fromISO(date).toLocaleString(format);
}

/** Return the month of an ISO date. */
export function formatMonth(date) {
    return DateTime.fromISO(date).toFormat("LLL yyyy");
}

/** Return the months of ISO dates as labels of an axis, the year below where it begins. */
export function formatAxis(dates) {
    return dates.map((date, index) => {
        const month = DateTime.fromISO(date);
        return [month.toFormat("LLL"), ...(!index || month.month === 1 ? [month.toFormat("yyyy")] : [])];
    });
}

/**
 * Say how a key figure changed against the period before: an arrow, a word, and whether that is good.
 *
 * @returns {{ icon: string, word: string, tone: string, verdict: string } | false} false where there is nothing to
 *     compare
 */
export function describeChange({ value, before, change, unit, good }) {
    if (value === null || before === null || value === undefined || before === undefined) {
        return false;
    }
    if (Math.abs(value - before) < 1e-6) {
        return { icon: "fa-arrows-h", word: _t("Unchanged"), tone: "none", verdict: "" };
    }
    const isUp = value > before;
    // A rate that doubles from 1 % to 2 % is not "up by 100 %" to most readers: they see both rates.
    // Nor is it of use where an amount changes its sign.
    const isRelative = ["money", "count"].includes(unit) && value > 0 && before > 0;
    const share = isRelative && formatValue(Math.abs(change), "percent");
    const up = share ? _t("Up %s", share) : _t("Up");
    const down = share ? _t("Down %s", share) : _t("Down");
    return { icon: isUp ? "fa-arrow-up" : "fa-arrow-down", word: isUp ? up : down, ...judge(isUp, good) };
}

function judge(isUp, good) {
    if (!["up", "down"].includes(good)) {
        return { tone: "none", verdict: "" };
    }
    return isUp === (good === "up")
        ? { tone: "good", verdict: _t("This is good.") }
        : { tone: "bad", verdict: _t("This is not good.") };
}
