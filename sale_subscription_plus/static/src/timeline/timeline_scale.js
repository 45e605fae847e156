import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

// Marks are round buttons: side by side, where their days are closer than that.
const MARK_PIXELS = 26;
// What an amount needs at least to be read.
const AMOUNT_PIXELS = 48;

/** How many pixels a day has, and after how many months there is a label. */
export const ZOOMS = {
    month: { name: _t("Month"), pixels: 8, months: 1, format: "LLLL yyyy" },
    quarter: { name: _t("Quarter"), pixels: 3, months: 1, format: "LLL yyyy" },
    year: { name: _t("Year"), pixels: 1, months: 3, format: "LLL yyyy" },
};

/**
 * Return where the days between ``start`` and ``end`` (ISO dates) are, in pixels.
 *
 * @returns {{ width: number, ticks: Array, day: function, at: function, place: function, isWide: function,
 *     spread: function }}
 */
export function getScale(start, end, zoom) {
    const { pixels, months, format } = ZOOMS[zoom];
    const origin = DateTime.fromISO(start, { zone: "utc" });
    const day = (date) => DateTime.fromISO(date, { zone: "utc" }).diff(origin, "days").days;
    const last = day(end);
    const clamp = (number) => Math.min(Math.max(number, 0), last);
    return {
        day,
        width: last * pixels,
        ticks: getTicks(origin, end, months, format).map((tick) => ({ ...tick, x: day(tick.date) * pixels })),
        at: (date) => `inset-inline-start: ${clamp(day(date)) * pixels}px`,
        place(item) {
            const from = clamp(day(item.start));
            const width = Math.max((clamp(day(item.end)) - from) * pixels, 3);
            return `inset-inline-start: ${from * pixels}px; inline-size: ${width}px`;
        },
        isWide: (item) => (clamp(day(item.end)) - clamp(day(item.start))) * pixels >= AMOUNT_PIXELS,
        /** Return ``marks`` with an x of their own each, none over the other. */
        spread(marks) {
            let free = -Infinity;
            return marks.map((mark) => {
                const x = Math.max(day(mark.start) * pixels, free);
                free = x + MARK_PIXELS;
                return { ...mark, x };
            });
        },
    };
}

function getTicks(origin, end, months, format) {
    const ticks = [];
    let tick = origin.startOf(months === 3 ? "quarter" : "month");
    for (; tick.toISODate() < end; tick = tick.plus({ months })) {
        if (tick >= origin) {
            ticks.push({ date: tick.toISODate(), name: tick.setLocale(luxon.Settings.defaultLocale).toFormat(format) });
        }
    }
    return ticks;
}
