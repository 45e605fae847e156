import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { MOVEMENT_COLORS } from "../dashboard/colors";

const MOVEMENTS = ["customer_type", "type"];

export class MovementsModel extends GraphModel {
    /** @override */
    _getLineOverlayDataset() {
        const dataset = super._getLineOverlayDataset();
        return dataset && { ...dataset, label: _t("Net new") };
    }
}

/** The graph of movements: each kind has its colour, the same as on the dashboard. */
export class MovementsRenderer extends GraphRenderer {
    /** @override */
    getBarChartData() {
        const data = super.getBarChartData();
        for (const dataset of data.datasets) {
            const color = this.getMovementColor(dataset);
            if (color) {
                Object.assign(dataset, { backgroundColor: color, hoverBackgroundColor: color });
            }
        }
        return data;
    }

    /** @override */
    getLineChartData() {
        const data = super.getLineChartData();
        for (const dataset of data.datasets) {
            const color = this.getMovementColor(dataset);
            if (color) {
                Object.assign(dataset, {
                    backgroundColor: `${color}80`,
                    borderColor: color,
                    hoverBackgroundColor: color,
                    pointBackgroundColor: color,
                });
            }
        }
        return data;
    }

    /** Return the colour of the one movement that a dataset shows, if it is so. */
    getMovementColor({ identifiers }) {
        const [identifier] = identifiers || [];
        const [, ...series] = identifier ? JSON.parse(identifier) : [];
        const values = series.flatMap((value) => MOVEMENTS.map((name) => value[name])).filter(Boolean);
        return series.length === 1 && MOVEMENT_COLORS[values[0]];
    }
}

export const movementsView = { ...graphView, Model: MovementsModel, Renderer: MovementsRenderer };

registry.category("views").add("subscription_movements", movementsView);
