import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryAttribute, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    saveFavorite,
    editFavoriteName,
    toggleMenuItem,
    toggleSaveFavorite,
    toggleSearchBarMenu,
} from "@web/../tests/web_test_helpers";
import { download } from "@web/core/network/download";
import { user } from "@web/core/user";
import { WebClient } from "@web/webclient/webclient";

class Member extends models.Model {
    name = fields.Char();
    since = fields.Date();
    until = fields.Date();
    fee = fields.Float({ string: "Fee", aggregator: "sum" });
    age = fields.Integer({ string: "Age", aggregator: "avg" });
    club_id = fields.Many2one({ string: "Club", relation: "club" });

    _records = [{ id: 1, name: "Ada", since: "2026-01-05" }];
    _views = { list: `<list><field name="name"/></list>` };
}

class Club extends models.Model {
    name = fields.Char();
}

defineMailModels();
defineModels([Member, Club]);

const ARCH = `<cohort string="Members" date_start="since" date_stop="until" count_label="People"><field name="fee"/></cohort>`;

function makeTable(values = {}) {
    return {
        customers: 6,
        cohort_count: 2,
        column_count: 3,
        cohorts: [
            {
                start: "2026-01-01",
                label: "January 2026",
                value: 4,
                customers: 4,
                values: [4, 3, 2],
                rates: [1, 0.75, 0.5],
            },
            {
                start: "2026-02-01",
                label: "February 2026",
                value: 2,
                customers: 2,
                values: [2, 3],
                rates: [1, 1.5],
            },
        ],
        average: [1, 1, 0.5],
        ...values,
    };
}

/** Answer the view's questions with a table, and note them. */
function mockCohorts(values = {}) {
    const asked = [];
    onRpc("get_cohort_data", ({ kwargs }) => {
        asked.push(kwargs);
        const { interval, measure, mode } = kwargs;
        const seen = { seen_on: "2026-03-15", partial: true };
        return { interval, measure, mode, ...seen, ...makeTable(values) };
    });
    return asked;
}

async function mountCohort(params = {}) {
    await mountView({ type: "cohort", resModel: "member", arch: ARCH, ...params });
}

/** The texts of the table, row by row. */
function getRows() {
    return [...document.querySelectorAll(".o_cohort_table tr")].map((row) =>
        [...row.children].map((cell) => cell.textContent.trim())
    );
}

test("a row for each cohort, a column for each interval since", async () => {
    mockCohorts();
    await mountCohort();
    expect(getRows()).toEqual([
        ["Started", "People", "Months later"],
        ["0", "1", "2"],
        ["January 2026", "4", "100%", "75%", "50%"],
        ["February 2026", "2", "100%", "150%"],
        ["Average", "", "100%", "100%", "50%"],
    ]);
});

test("the server is asked for what the arch says", async () => {
    const asked = mockCohorts();
    await mountCohort({ domain: [["name", "!=", "Bo"]] });
    expect(asked).toHaveLength(1);
    const { context, ...kwargs } = asked[0];
    expect(JSON.parse(JSON.stringify(kwargs))).toEqual({
        domain: [["name", "!=", "Bo"]],
        date_start: "since",
        date_stop: "until",
        interval: "month",
        measure: "__count",
        mode: "retention",
        date_from: null,
        date_to: null,
        groupby: [],
        limit: 120,
    });
});

test("heat follows the rate, and a cell says all in words", async () => {
    mockCohorts();
    await mountCohort();
    expect("[data-row='1'][data-col='2']").toHaveAttribute("style", /--cohort-heat: ?0\.750/);
    expect("[data-row='2'][data-col='2']").toHaveAttribute("style", /--cohort-heat: ?1\.000/);
    expect(queryAttribute("[data-row='1'][data-col='2']", "aria-label")).toBe(
        "75%: 3 of 4. Started: January 2026. Months later: 1"
    );
});

test("a rate of nothing is a dash", async () => {
    const [first] = makeTable().cohorts;
    mockCohorts({ cohorts: [{ ...first, value: 0, rates: [null, null, null] }], average: [null, null, null] });
    await mountCohort();
    expect(queryAllTexts("tbody .o_cohort_cell")).toEqual(["–", "–", "–"]);
});

test("the interval that still runs is told apart", async () => {
    mockCohorts();
    await mountCohort();
    expect(queryAllTexts(".o_cohort_running")).toEqual(["50%", "150%"]);
    expect(".o_cohort_note").toHaveCount(1);
});

test("measure, churn, interval and dates are chosen above the table", async () => {
    const asked = mockCohorts();
    await mountCohort();
    await contains(".o_cohort_renderer .dropdown-toggle:contains(Measures)").click();
    expect(queryAllTexts(".o_menu_item")).toEqual(["People", "Fee"]);
    await contains(".o_menu_item:contains(Fee)").click();
    await contains(".o_cohort_churn_button").click();
    await contains(".scale_button_selection").click();
    await contains(".o_scale_button_quarter").click();
    await contains("#o_cohort_date_from").edit("02/01/2026");
    await animationFrame();
    const { measure, mode, interval, date_from, date_to } = asked.at(-1);
    expect({ measure, mode, interval, date_from, date_to }).toEqual({
        measure: "fee",
        mode: "churn",
        interval: "quarter",
        date_from: "2026-02-01",
        date_to: null,
    });
    expect(".o_cohort_churn_button").toHaveAttribute("aria-pressed", "true");
    expect("thead th[scope=colgroup]").toHaveText("Quarters later");
});

test("groups have tables of their own", async () => {
    const asked = mockCohorts({
        group_count: 2,
        groups: [
            { ...makeTable(), name: "Chess", domain: [["club_id", "=", 1]] },
            { ...makeTable(), name: "None", domain: [["club_id", "=", false]] },
        ],
    });
    await mountCohort({
        searchViewArch: `<search><filter name="club" string="Club" context="{'group_by': 'club_id'}"/></search>`,
    });
    await toggleSearchBarMenu();
    await toggleMenuItem("Club");
    expect(asked.at(-1).groupby).toEqual(["club_id"]);
    expect(asked.at(-1).limit).toBe(36);
    expect(queryAllTexts("caption")).toEqual(["All", "Chess", "None"]);
});

test("a favourite remembers how the cohorts were shown", async () => {
    mockCohorts();
    onRpc("create_filter", ({ args }) => {
        const { cohort_interval, cohort_measure, cohort_mode } = args[0].context;
        expect.step({ cohort_interval, cohort_measure, cohort_mode });
        return [7];
    });
    await mountCohort();
    await contains(".o_cohort_churn_button").click();
    await toggleSearchBarMenu();
    await toggleSaveFavorite();
    await editFavoriteName("Churn");
    await saveFavorite();
    expect.verifySteps([{ cohort_interval: "month", cohort_measure: "__count", cohort_mode: "churn" }]);
});

test("what the context of a favourite says is shown", async () => {
    const asked = mockCohorts();
    await mountCohort({ context: { cohort_mode: "churn", cohort_interval: "year", cohort_date_to: "2025-12-31" } });
    const { mode, interval, date_to } = asked[0];
    expect({ mode, interval, date_to }).toEqual({ mode: "churn", interval: "year", date_to: "2025-12-31" });
    expect("#o_cohort_date_to").toHaveValue("12/31/2025");
});

test("a cell, a row and a column open their records", async () => {
    mockCohorts();
    onRpc("get_cohort_domain", ({ kwargs }) => {
        expect.step({ starts: kwargs.starts, column: kwargs.column, date_to: kwargs.date_to });
        return [["id", "in", [1]]];
    });
    mockService("action", {
        doAction({ domain, name, res_model }) {
            expect.step({ domain, name, res_model });
        },
    });
    await mountCohort({ domain: [["name", "=", "Ada"]] });
    const opened = (name) => ({
        domain: ["&", ["name", "=", "Ada"], ["id", "in", [1]]],
        name,
        res_model: "member",
    });
    await contains("[data-row='1'][data-col='2']").click();
    expect.verifySteps([
        { starts: ["2026-01-01"], column: 1, date_to: "2026-03-15" },
        opened("January 2026, Months later: 1"),
    ]);
    await contains("[data-row='2'][data-col='0']").click();
    expect.verifySteps([
        { starts: ["2026-02-01"], column: null, date_to: "2026-03-15" },
        opened("February 2026"),
    ]);
    await contains("[data-row='0'][data-col='3']").click();
    expect.verifySteps([
        { starts: ["2026-01-01"], column: 2, date_to: "2026-03-15" },
        opened("Months later: 2"),
    ]);
});

test("nothing opens where linking is disabled", async () => {
    mockCohorts();
    await mountCohort({ arch: ARCH.replace("<cohort ", `<cohort disable_linking="1" `) });
    expect(".o_cohort_linked").toHaveCount(0);
    await contains("[data-row='1'][data-col='2']").click();
    expect.verifySteps([]);
});

test("arrow keys move in the table, Enter opens", async () => {
    mockCohorts();
    onRpc("get_cohort_domain", ({ kwargs }) => {
        expect.step([kwargs.starts, kwargs.column]);
        return [];
    });
    mockService("action", { doAction() {} });
    await mountCohort();
    expect("[tabindex='0'][data-row]").toHaveCount(1);
    await contains("[data-row='1'][data-col='0']").focus();
    const visited = [];
    for (const key of ["ArrowRight", "End", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp", "Home", "ArrowLeft"]) {
        await press(key);
        const { row, col } = document.activeElement.dataset;
        visited.push(`${row},${col}`);
    }
    expect(visited).toEqual(["1,1", "1,3", "2,2", "1,2", "0,2", "0,2", "0,1", "0,1"]);
    expect("[tabindex='0'][data-row]").toHaveCount(1);
    await press("ArrowDown");
    await press("Enter");
    await animationFrame();
    expect.verifySteps([[["2026-01-01"], 0]]);
});

test("who may export downloads a spreadsheet", async () => {
    mockCohorts();
    patchWithCleanup(user, { hasGroup: async (group) => group === "base.group_allow_export" });
    patchWithCleanup(download, {
        _download: async ({ url, data }) => {
            const { model, measure_label, later, arguments: args } = JSON.parse(await data.data.text());
            expect.step({ url, model, measure_label, later, mode: args.mode, groupby: args.groupby });
        },
    });
    await mountCohort();
    await contains(".o_cohort_download").click();
    await animationFrame();
    expect.verifySteps([
        {
            url: "/web/cohort/export_xlsx",
            model: "member",
            measure_label: "People",
            later: "Months later",
            mode: "retention",
            groupby: [],
        },
    ]);
});

test("who may not export has no button for it", async () => {
    mockCohorts();
    patchWithCleanup(user, { hasGroup: async () => false });
    await mountCohort();
    expect(".o_cohort_download").toHaveCount(0);
});

test("without records there is an example, and a word on what to do", async () => {
    mockCohorts({ cohorts: [], average: [], cohort_count: 0, column_count: 0 });
    await mountCohort({
        arch: ARCH.replace("<cohort ", `<cohort sample="1" `),
        noContentHelp: "Nobody joined yet",
    });
    expect(".o_view_sample_data .o_cohort_table").toHaveCount(1);
    expect(".o_view_nocontent").toHaveText("Nobody joined yet");
    expect(".o_cohort_linked").toHaveCount(0);
});

test("without records and without an example there is a word only", async () => {
    mockCohorts({ cohorts: [], average: [], cohort_count: 0, column_count: 0 });
    await mountCohort({ noContentHelp: "Nobody joined yet" });
    expect(".o_cohort_table").toHaveCount(0);
    expect(".o_view_nocontent").toHaveText("Nobody joined yet");
});

test("coming back from a list the table is as it was", async () => {
    Member._views.cohort = ARCH;
    mockCohorts();
    onRpc("get_cohort_domain", () => [["id", "=", 1]]);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        name: "Members",
        res_model: "member",
        views: [[false, "cohort"]],
    });
    await contains(".o_cohort_churn_button").click();
    await contains("[data-row='1'][data-col='1']").click();
    expect(".o_list_view").toHaveCount(1);
    await contains(".o_back_button").click();
    expect(".o_cohort_churn_button").toHaveClass("active");
    expect(queryFirst("caption")).toHaveText("Churn · People");
});

test("what does not fit is said", async () => {
    mockCohorts({ cohort_count: 90, column_count: 90, group_count: 30, groups: [] });
    await mountCohort();
    expect(queryAllTexts(".o_cohort_note")).toHaveLength(3);
});
