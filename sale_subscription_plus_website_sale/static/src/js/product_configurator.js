import { Product } from "@sale/js/product/product";
import { ProductConfiguratorDialog } from "@sale/js/product_configurator_dialog/product_configurator_dialog";
import { formatCurrency } from "@web/core/currency";
import { patch } from "@web/core/utils/patch";

patch(ProductConfiguratorDialog, {
    props: {
        ...ProductConfiguratorDialog.props,
        subscription_plan_id: { type: Number, optional: true },
    },
});

patch(ProductConfiguratorDialog.prototype, {
    _getAdditionalRpcParams() {
        const params = super._getAdditionalRpcParams();
        if (this.props.isFrontend) {
            params.subscription_plan_id = this.props.subscription_plan_id;
        }
        return params;
    },

    async _updateCombination(product) {
        const values = await super._updateCombination(...arguments);
        // A plan may be offered from some quantity on only.
        if ("subscription_period" in values) {
            product.subscription_period = values.subscription_period;
        }
        return values;
    },

    /** What is paid once, each month, each year.. does not add up. */
    getFormattedTotal() {
        const products = this.state.products || [];
        if (!products.some((product) => product.subscription_period)) {
            return super.getFormattedTotal();
        }
        const totals = new Map();
        for (const product of products) {
            const period = product.subscription_period || "";
            totals.set(period, (totals.get(period) || 0) + product.price * product.quantity);
        }
        return [...totals]
            .map(([period, total]) => `${formatCurrency(total, this.currency.id)} ${period}`.trim())
            .join(" + ");
    },
});

patch(Product, {
    props: {
        ...Product.props,
        subscription_period: { type: String, optional: true },
    },
});

patch(Product.prototype, {
    getFormattedPrice() {
        return `${super.getFormattedPrice()} ${this.props.subscription_period || ""}`.trim();
    },
});
