import { patch } from "@web/core/utils/patch";
import { setElementContent } from "@web/core/utils/html";
import { patchDynamicContent } from "@web/public/utils";
import { markup } from "@odoo/owl";
import { WebsiteSale } from "@website_sale/interactions/website_sale";

/** The plan that a visitor chose in a form: an id, 0 to buy once; undefined where there is none to choose. */
function getChosenPlanId(el) {
    const input = el.querySelector('input[name="subscription_plan_id"]:checked');
    return input ? parseInt(input.value) : undefined;
}

patch(WebsiteSale.prototype, {
    setup() {
        super.setup();
        // The last change of each product on the page: answers to earlier ones come too late.
        this.lastChanges = new WeakMap();
        patchDynamicContent(this.dynamicContent, {
            // On the box, not on what is in there: that is rendered again with each change.
            ".js_main_product .o_subscription_choice": { "t-on-change": this.onChangeAddQuantity.bind(this) },
        });
    },

    _getOptionalCombinationInfoParam(product) {
        return {
            ...super._getOptionalCombinationInfoParam(product),
            subscription_plan_id: getChosenPlanId(product),
        };
    },

    _getCombinationInfo(ev) {
        const parent = ev.target.closest(".js_product");
        if (parent) {
            this.lastChanges.set(parent, ev);
        }
        return super._getCombinationInfo(ev);
    },

    _onChangeCombination(ev, parent, combination) {
        if (this.lastChanges.get(parent) !== ev) {
            return;
        }
        super._onChangeCombination(ev, parent, combination);
        this._showSubscriptionChoice(parent, combination);
    },

    _showSubscriptionChoice(parent, combination) {
        const choice = parent.querySelector(".o_subscription_choice");
        if (!choice || !combination.subscription_choice) {
            return;
        }
        const focused = choice.contains(document.activeElement) && document.activeElement.value;
        setElementContent(choice, markup(combination.subscription_choice));
        if (focused) {
            choice.querySelector(`input[value="${focused}"]`)?.focus();
        }
        const period = combination.subscription_period;
        for (const el of parent.querySelectorAll(".o_subscription_period")) {
            el.textContent = period ? `/ ${period}` : "";
        }
        if (period) {
            // It compares with the price of buying once.
            parent.querySelector(".oe_compare_list_price")?.classList.add("d-none");
        }
    },

    _updateRootProduct(form) {
        super._updateRootProduct(form);
        const planId = getChosenPlanId(form);
        if (planId !== undefined) {
            this.rootProduct.subscription_plan_id = planId;
        }
    },
});
