import { patch } from "@web/core/utils/patch";

import { SaleUpdateLineButton } from "@sale_management/interactions/sale_update_line_button";

patch(SaleUpdateLineButton.prototype, {
    /**
     * Leave the quantity as it was when something else than a number was typed: Odoo would add one.
     *
     * @override method from sale_management.sale_update_line_button
     */
    async onQuantityChange(ev, currentTargetEl) {
        if (/^\d{1,9}$/.test(currentTargetEl.value.trim())) {
            return super.onQuantityChange(...arguments);
        }
        currentTargetEl.value = currentTargetEl.defaultValue;
    },
});
