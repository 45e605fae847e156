import { patch } from "@web/core/utils/patch";

import { PaymentForm } from "@payment/interactions/payment_form";

patch(PaymentForm.prototype, {
    // #=== INTERACTION LIFECYCLE ===#

    /**
     * Find the boxes beside the form by which the customer enrols in automatic payment.
     *
     * @override method from payment.payment_form
     */
    setup() {
        super.setup();
        const scope = this.el.closest(".modal-body, .o_subscription_payment_method");
        this.enrolBox = scope?.querySelector('[name="subscription_enrol"]');
        this.enrolAllBox = scope?.querySelector('[name="subscription_enrol_all"]');
        if (this.enrolBox) {
            this.el.classList.add("o_subscription_form");
            this.savableMethodIds = JSON.parse(this.enrolBox.dataset.savableMethodIds);
        }
    },

    /**
     * @override method from payment.payment_form
     */
    start() {
        super.start(...arguments);
        if (this.enrolBox) {
            this.addListener(this.enrolBox, "change", () => this._offerSavableMethods());
            // It may have been ticked before this ran, and stays so when the page is reloaded.
            this._offerSavableMethods();
        }
    },

    // #=== DOM MANIPULATION ===#

    /**
     * Offer only what can be saved to a customer who enrols, and have it saved.
     *
     * Each method keeps Odoo's own box to save it, out of sight: providers listen to that one.
     *
     * @private
     * @return {void}
     */
    _offerSavableMethods() {
        const enrolling = this.enrolBox.checked;
        for (const radio of this.el.querySelectorAll(
            '[name="o_payment_radio"][data-payment-option-type="payment_method"]'
        )) {
            const option = radio.closest('[name="o_payment_option"]');
            const hidden = enrolling && !this.savableMethodIds.includes(this._getPaymentOptionId(radio));
            option.classList.toggle("d-none", hidden);
            if (hidden && radio.checked) {
                radio.checked = false;
                this._collapseInlineForms();
                this._disableButton();
            }
            const saveBox = option.querySelector('[name="o_payment_tokenize_checkbox"]');
            if (saveBox && saveBox.checked !== enrolling) {
                saveBox.checked = enrolling;
                saveBox.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }
        for (const details of this.enrolBox
            .closest(".o_subscription_enrol")
            .querySelectorAll(".o_subscription_enrol_details")) {
            details.classList.toggle("d-none", !enrolling);
        }
    },

    // #=== PAYMENT FLOW ===#

    /**
     * Add what the customer ticked.
     *
     * @override method from payment.payment_form
     * @private
     * @return {object} The transaction route params.
     */
    _prepareTransactionRouteParams() {
        const params = super._prepareTransactionRouteParams(...arguments);
        const enrolling = this.enrolBox?.checked;
        if (enrolling) {
            params.subscription_enrol = true;
        }
        if (this.enrolAllBox?.checked && (enrolling || !this.enrolBox)) {
            params.subscription_enrol_all = true;
        }
        return params;
    },

    /**
     * Assign a saved method to all subscriptions if the customer ticked that.
     *
     * @override method from payment.payment_form
     * @private
     * @param {number} tokenId - The id of the token to assign.
     * @return {void}
     */
    async _assignToken(tokenId) {
        if (this.enrolAllBox?.checked) {
            this.paymentContext["assignTokenRoute"] = this.enrolAllBox.dataset.assignAllRoute;
        }
        return super._assignToken(...arguments);
    },
});
