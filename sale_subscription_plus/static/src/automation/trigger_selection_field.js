import { useState } from "@odoo/owl";
import { TRIGGER_FILTERS } from "@base_automation/utils";
import { triggerSelectionField } from "@base_automation/base_automation_trigger_selection_field";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { SelectionField } from "@web/views/fields/selection/selection_field";

const SUBSCRIPTION = "on_subscription_";
const GROUPS = [
    { label: _t("Subscriptions"), has: (trigger) => trigger.startsWith(SUBSCRIPTION) },
    {
        label: _t("Values Updated"),
        has: (trigger) =>
            (trigger.endsWith("_set") || ["on_archive", "on_unarchive"].includes(trigger)),
    },
    { label: _t("Email Events"), has: (trigger) => trigger.startsWith("on_message_") },
    { label: _t("Timing Conditions"), has: (trigger) => trigger.startsWith("on_time") },
    { label: _t("External"), has: (trigger) => trigger === "on_webhook" },
    { label: _t("Custom"), has: () => true },
];

/**
 * The triggers of automation rules by groups, as Odoo shows them. Odoo's own field knows none but its own triggers:
 * it fails for those that an add-on brings.
 */
export class SubscriptionTriggerField extends SelectionField {
    static template = "base_automation.TriggerSelectionField";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.state = useState({ groups: [] });
        useRecordObserver(async (record) => {
            const { data, fields } = record;
            const modelId = data.model_id?.id;
            const { selection } = fields[this.props.name];
            const { model_name: model, model_is_mail_thread: hasMails } = data;
            const current = data[this.props.name];
            if (this.modelId !== modelId) {
                this.modelId = modelId;
                this.modelFields = await this.orm.searchRead(
                    "ir.model.fields",
                    [["model_id", "=", modelId]],
                    ["name", "ttype", "relation"]
                );
            }
            const choices = selection.filter(([trigger]) =>
                this.isOffered(trigger, { model, hasMails, current })
            );
            this.state.groups = this.getGroups(choices);
        });
    }

    isOffered(trigger, { model, hasMails, current }) {
        if (trigger.startsWith(SUBSCRIPTION)) {
            return model === "sale.order";
        }
        if (trigger.startsWith("on_message_")) {
            return hasMails;
        }
        if (trigger === "on_write") {
            return current === trigger; // Odoo keeps it for old rules only.
        }
        const isUsable = TRIGGER_FILTERS[trigger];
        return !isUsable || this.modelFields.some(isUsable);
    }

    getGroups(choices) {
        const groups = new Map();
        for (const [value, label] of choices) {
            const group = GROUPS.find(({ has }) => has(value));
            groups.set(group, [...(groups.get(group) || []), { value, label }]);
        }
        return GROUPS.filter((group) => groups.has(group)).map((group) => ({
            label: group.label,
            choices: groups.get(group),
        }));
    }

    get groups() {
        return this.state.groups;
    }
}

registry.category("fields").add(
    "base_automation_trigger_selection",
    {
        ...triggerSelectionField,
        component: SubscriptionTriggerField,
        fieldDependencies: [
            ...triggerSelectionField.fieldDependencies,
            { name: "model_name", type: "char" },
        ],
    },
    { force: true }
);
