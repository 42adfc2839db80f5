/** The files of the page. They are part of the program, so that no file of the machine is ever opened for a visitor. */
import uplotCss from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplotJs from "uplot/dist/uPlot.esm.js" with { type: "text" };
import connectionJs from "./page/connection.js" with { type: "text" };
import dialogsJs from "./page/dialogs.js" with { type: "text" };
import flowPanelJs from "./page/flow_panel.js" with { type: "text" };
import formatJs from "./page/format.js" with { type: "text" };
import functionsPanelJs from "./page/functions_panel.js" with { type: "text" };
import heatColorsJs from "./page/heat_colors.js" with { type: "text" };
import heatMapJs from "./page/heat_map.js" with { type: "text" };
import histogramPanelJs from "./page/histogram_panel.js" with { type: "text" };
import indexHtml from "./page/index.html" with { type: "text" };
import logPanelJs from "./page/log_panel.js" with { type: "text" };
import mainJs from "./page/main.js" with { type: "text" };
import panelJs from "./page/panel.js" with { type: "text" };
import plainPanelsJs from "./page/plain_panels.js" with { type: "text" };
import plotPanelJs from "./page/plot_panel.js" with { type: "text" };
import ratesPanelJs from "./page/rates_panel.js" with { type: "text" };
import recordsPanelJs from "./page/records_panel.js" with { type: "text" };
import ringsPanelJs from "./page/rings_panel.js" with { type: "text" };
import runPanelJs from "./page/run_panel.js" with { type: "text" };
import scopeCursorsJs from "./page/scope_cursors.js" with { type: "text" };
import scopeMouseJs from "./page/scope_mouse.js" with { type: "text" };
import scopePanelJs from "./page/scope_panel.js" with { type: "text" };
import scopeViewJs from "./page/scope_view.js" with { type: "text" };
import styleCss from "./page/style.css" with { type: "text" };
import themeJs from "./page/theme.js" with { type: "text" };
import waveFrameJs from "./page/wave_frame.js" with { type: "text" };

/** One file. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const SCRIPTS: Readonly<Record<string, string>> = {
  "uplot.js": uplotJs,
  "connection.js": connectionJs,
  "dialogs.js": dialogsJs,
  "flow_panel.js": flowPanelJs,
  "format.js": formatJs,
  "functions_panel.js": functionsPanelJs,
  "heat_colors.js": heatColorsJs,
  "heat_map.js": heatMapJs,
  "histogram_panel.js": histogramPanelJs,
  "log_panel.js": logPanelJs,
  "main.js": mainJs,
  "panel.js": panelJs,
  "plain_panels.js": plainPanelsJs,
  "plot_panel.js": plotPanelJs,
  "rates_panel.js": ratesPanelJs,
  "records_panel.js": recordsPanelJs,
  "rings_panel.js": ringsPanelJs,
  "run_panel.js": runPanelJs,
  "scope_cursors.js": scopeCursorsJs,
  "scope_mouse.js": scopeMouseJs,
  "scope_panel.js": scopePanelJs,
  "scope_view.js": scopeViewJs,
  "theme.js": themeJs,
  "wave_frame.js": waveFrameJs,
};

/** Files by the path in the address. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/", { type: "text/html; charset=utf-8", text: indexHtml }],
  ["/page/style.css", { type: "text/css; charset=utf-8", text: styleCss }],
  ["/page/uplot.css", { type: "text/css; charset=utf-8", text: uplotCss }],
  ...Object.entries(SCRIPTS).map(([name, text]): [string, Asset] => [
    `/page/${name}`,
    { type: "text/javascript; charset=utf-8", text },
  ]),
]);
