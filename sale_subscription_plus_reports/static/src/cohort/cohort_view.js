import { registry } from "@web/core/registry";

import { CohortArchParser } from "./cohort_arch_parser";
import { CohortController } from "./cohort_controller";
import { CohortModel } from "./cohort_model";
import { CohortRenderer } from "./cohort_renderer";

export const cohortView = {
    type: "cohort",
    ArchParser: CohortArchParser,
    Controller: CohortController,
    Model: CohortModel,
    Renderer: CohortRenderer,
    buttonTemplate: "sale_subscription_plus_reports.CohortView.Buttons",
    searchMenuTypes: ["filter", "groupBy", "favorite"],

    props: (genericProps, view) => {
        const { arch, fields, resModel, state } = genericProps;
        let modelParams = state?.metaData;
        if (!modelParams) {
            const { measures, ...archInfo } = new view.ArchParser().parse(arch, fields);
            modelParams = { ...archInfo, dateFrom: false, dateTo: false, fields, resModel, viewMeasures: measures };
        }
        return {
            ...genericProps,
            modelParams,
            Model: view.Model,
            Renderer: view.Renderer,
            buttonTemplate: view.buttonTemplate,
        };
    },
};

registry.category("views").add("cohort", cohortView);
