import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * What movements sum up to, interval by interval, since the very first of them. The server sums up: it alone knows
 * what happened before the first day that is shown, and which lines stand still.
 */
export class TimelineModel extends GraphModel {
    /** @override */
    async load(searchParams) {
        const context = { ...searchParams.context, subscription_timeline: true };
        return super.load({ ...searchParams, context });
    }

    /**
     * Sums that are sums already must not be added up again, whatever a favourite of another graph says.
     * @override
     */
    _buildMetaData(params) {
        const metaData = super._buildMetaData(params);
        metaData.cumulated = false;
        return metaData;
    }
}

export const timelineView = {
    ...graphView,
    Model: TimelineModel,
    buttonTemplate: "sale_subscription_plus_reports.TimelineView.Buttons",
};

registry.category("views").add("subscription_timeline", timelineView);
