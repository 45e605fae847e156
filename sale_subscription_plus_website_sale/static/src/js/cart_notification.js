import { patch } from "@web/core/utils/patch";

import { AddToCartNotification } from "@website_sale/js/notification/add_to_cart_notification/add_to_cart_notification";
import { CartNotification } from "@website_sale/js/notification/cart_notification/cart_notification";

for (const { props } of [AddToCartNotification, CartNotification]) {
    props.lines.element.shape.subscription_period = { type: String, optional: true };
}

patch(AddToCartNotification.prototype, {
    /**
     * @override method from website_sale: what recurs says for how long its price is
     */
    getFormattedPrice(line) {
        const price = super.getFormattedPrice(line);
        return line.subscription_period ? `${price} / ${line.subscription_period}` : price;
    },
});
