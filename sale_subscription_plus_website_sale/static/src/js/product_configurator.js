import { Product } from "@sale/js/product/product";
import { ProductConfiguratorDialog } from "@sale/js/product_configurator_dialog/product_configurator_dialog";
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
            params.subscription_main_template_id = this.props.productTemplateId;
        }
        return params;
    },
});

patch(Product, {
    props: {
        ...Product.props,
        subscription_period: { type: String, optional: true },
    },
});
