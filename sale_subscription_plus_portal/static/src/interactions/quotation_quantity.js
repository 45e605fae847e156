import { patch } from "@web/core/utils/patch";
import { RPCError } from "@web/core/network/rpc";

import { SaleUpdateLineButton } from "@sale_management/interactions/sale_update_line_button";

patch(SaleUpdateLineButton.prototype, {
    /**
     * Leave the quantity as it was when something else than a number was typed (Odoo would add one), and tell why
     * when it is refused.
     *
     * @override method from sale_management.sale_update_line_button
     */
    async onQuantityChange(ev, currentTargetEl) {
        if (!/^\d{1,9}$/.test(currentTargetEl.value.trim())) {
            currentTargetEl.value = currentTargetEl.defaultValue;
            return;
        }
        try {
            await super.onQuantityChange(...arguments);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            currentTargetEl.value = currentTargetEl.defaultValue;
            this.services.notification.add(error.data.message, { type: "warning" });
        }
    },
});
