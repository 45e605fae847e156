import { loadBundle } from "@web/core/assets";

import { Component, onWillStart, useEffect, useExternalListener, useRef, xml } from "@odoo/owl";

/** A chart of Chart.js. Who does not see it reads ``label``, and the table that goes with it. */
export class DashboardChart extends Component {
    static template = xml`
        <div t-attf-class="o_dashboard_chart {{ props.class }}">
            <canvas t-ref="canvas" role="img" t-att-aria-label="props.label"/>
        </div>`;
    static props = {
        config: Object,
        label: String,
        class: { type: String, optional: true },
        // Width and height on paper in pixels, of which browsers put 96 on an inch.
        paper: { type: Array, optional: true },
    };
    // A4, less its margins.
    static defaultProps = { class: "", paper: [660, 250] };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (config) => {
                this.chart = new window.Chart(this.canvas.el, config);
                return () => this.chart.destroy();
            },
            () => [this.props.config]
        );
        // Paper has a width of its own.
        useExternalListener(window, "beforeprint", () => this.chart.resize(...this.props.paper));
        useExternalListener(window, "afterprint", () => this.chart.resize());
    }
}
