import { browser } from "@web/core/browser/browser";
import { rpc, RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";
import { redirect } from "@web/core/utils/urls";

import { CartLine } from "@website_sale/interactions/cart_line";
import wSaleUtils from "@website_sale/js/website_sale_utils";

patch(CartLine.prototype, {
    setup() {
        super.setup();
        this.dynamicContent[".o_cart_line_plan select"] = {
            "t-on-change.withTarget": this.locked(this.changePlan),
        };
    },

    /**
     * Put the line on the chosen plan; where that is refused, tell why and show the plan that it has.
     *
     * @param {Event} ev
     * @param {HTMLSelectElement} select
     */
    async changePlan(ev, select) {
        let data;
        try {
            data = await this.waitFor(
                rpc("/shop/cart/plan", {
                    line_id: parseInt(select.dataset.lineId),
                    subscription_plan_id: parseInt(select.value),
                })
            );
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            select.closest("form").reset();
            this.services.notification.add(error.data.message, { type: "warning" });
            return;
        }
        this._showCart(data);
    },

    /**
     * Show the cart as the server says it is now, and leave the visitor where they were.
     *
     * @param {Object} data
     */
    _showCart(data) {
        if (!data.cart_quantity) {
            browser.sessionStorage.setItem("website_sale_cart_quantity", 0);
            redirect("/shop/cart");
            return;
        }
        const { bus } = this.env;
        const cart = this.el.closest("#shop_cart");
        const interactions = this.services["public.interactions"];
        interactions.stopInteractions(cart);
        wSaleUtils.updateCartNavBar(data);
        wSaleUtils.updateQuickReorderSidebar(data);
        interactions.startInteractions(cart);
        cart.querySelector(`.o_cart_line_plan select[data-line-id="${data.line_id}"]`)?.focus();
        bus.trigger("cart_amount_changed", [data.amount, data.minor_amount]);
    },
});
