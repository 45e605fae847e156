import { _t } from "@web/core/l10n/translation";
import { exprToBoolean } from "@web/core/utils/strings";
import { visitXML } from "@web/core/utils/xml";

/** Reads `<cohort>`: which dates begin and end, what is counted, and how it is shown at first. */
export class CohortArchParser {
    parse(arch, fields = {}) {
        const archInfo = { fieldAttrs: {}, measures: [] };
        visitXML(arch, (node) => {
            if (node.tagName === "cohort") {
                Object.assign(archInfo, this.parseRoot(node, fields));
            } else if (node.tagName === "field") {
                this.parseField(node, archInfo);
            }
        });
        return archInfo;
    }

    parseRoot(node, fields) {
        for (const attribute of ["date_start", "date_stop"]) {
            const type = fields[node.getAttribute(attribute)]?.type;
            if (!["date", "datetime"].includes(type)) {
                throw new Error(`The ${attribute} of a cohort names a field with a date.`);
            }
        }
        return {
            dateStart: node.getAttribute("date_start"),
            dateStop: node.getAttribute("date_stop"),
            countLabel: node.getAttribute("count_label") || _t("Count"),
            disableLinking: exprToBoolean(node.getAttribute("disable_linking"), false),
            interval: node.getAttribute("interval") || "month",
            measure: node.getAttribute("measure") || "__count",
            mode: node.getAttribute("mode") || "retention",
            title: node.getAttribute("string") || _t("Cohort"),
        };
    }

    parseField(node, archInfo) {
        const name = node.getAttribute("name");
        const string = node.getAttribute("string");
        archInfo.fieldAttrs[name] = string ? { string } : {};
        if (["1", "True", "true"].includes(node.getAttribute("invisible"))) {
            archInfo.fieldAttrs[name].isInvisible = true;
        } else {
            archInfo.measures.push(name);
        }
    }
}
