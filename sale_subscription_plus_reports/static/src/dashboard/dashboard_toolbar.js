import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { FilterMenu } from "./filter_menu";

import { Component } from "@odoo/owl";

const { DateTime } = luxon;

/** Which days the page is about, and of which subscriptions. */
export class DashboardToolbar extends Component {
    static template = "sale_subscription_plus_reports.DashboardToolbar";
    static components = { DateTimeInput, Dropdown, DropdownItem, FilterMenu };
    static props = { data: Object, filters: Object, onPeriod: Function, onFilters: Function };

    get periodName() {
        const { period, periods } = this.props.data;
        return periods.find(({ key }) => key === period)?.name || _t("Custom Dates");
    }

    get isFiltered() {
        return Object.values(this.props.filters).some((ids) => ids.length);
    }

    toDateTime(date) {
        return DateTime.fromISO(date);
    }

    chooseCustom() {
        const { date_from, date_to } = this.props.data;
        this.props.onPeriod({ date_from, date_to });
    }

    chooseDay(name, day) {
        if (day) {
            const { date_from, date_to } = this.props.data;
            this.props.onPeriod({ date_from, date_to, [name]: serializeDate(day) });
        }
    }

    chooseIds(key, ids) {
        this.props.onFilters({ ...this.props.filters, [key]: ids });
    }
}
