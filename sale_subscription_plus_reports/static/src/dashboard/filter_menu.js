import { CheckboxItem } from "@web/core/dropdown/checkbox_item";
import { Dropdown } from "@web/core/dropdown/dropdown";

import { Component, useState } from "@odoo/owl";

// A list longer than this is searched, and only so much of it is shown.
const SHORT = 8;
const MOST = 50;

/** A button that opens a list of things to look at alone: one sales team, two plans … */
export class FilterMenu extends Component {
    static template = "sale_subscription_plus_reports.FilterMenu";
    static components = { CheckboxItem, Dropdown };
    static props = { filter: Object, selected: Array, onChange: Function };

    setup() {
        this.state = useState({ search: "" });
    }

    get isLong() {
        return this.props.filter.options.length > SHORT;
    }

    get options() {
        const search = this.state.search.trim().toLowerCase();
        const { options } = this.props.filter;
        return options.filter(({ name }) => name.toLowerCase().includes(search)).slice(0, MOST);
    }

    get isCut() {
        return !this.state.search && this.props.filter.options.length > MOST;
    }

    get label() {
        const { filter, selected } = this.props;
        const names = filter.options.filter(({ id }) => selected.includes(id)).map(({ name }) => name);
        return names.length ? `${filter.name}: ${names.join(", ")}` : filter.name;
    }

    toggle(id) {
        const { selected, onChange } = this.props;
        onChange(selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id]);
    }
}
