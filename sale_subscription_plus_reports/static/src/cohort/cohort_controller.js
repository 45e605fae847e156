import { Component, useRef } from "@odoo/owl";

import { useModelWithSampleData } from "@web/model/model";
import { useSetupAction } from "@web/search/action_hook";
import { CogMenu } from "@web/search/cog_menu/cog_menu";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { ActionHelper } from "@web/views/action_helper";
import { standardViewProps } from "@web/views/standard_view_props";

export class CohortController extends Component {
    static template = "sale_subscription_plus_reports.CohortView";
    static components = { ActionHelper, CogMenu, Layout, SearchBar };
    static props = {
        ...standardViewProps,
        Model: Function,
        modelParams: Object,
        Renderer: Function,
        buttonTemplate: String,
    };

    setup() {
        this.model = useModelWithSampleData(this.props.Model, this.props.modelParams, this.modelOptions);
        useSetupAction({
            rootRef: useRef("root"),
            getLocalState: () => ({ metaData: this.model.metaData }),
            getContext: () => this.model.getContext(),
        });
        this.searchBarToggler = useSearchBarToggler();
    }

    get modelOptions() {
        return {
            lazy: !this.env.config.isReloadingController && !this.env.inDialog && !!this.props.display.controlPanel,
        };
    }

    get displayNoContent() {
        return !this.model.hasData() || (this.model.useSampleModel && this.props.info.noContentHelp);
    }
}
