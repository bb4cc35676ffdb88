import { type Board, GRAPHS, type Graph } from "../graphs.ts";

const WIDTH = 12;
const HEIGHT = 8;
const SOURCE = { type: "prometheus", uid: "${source}" };

function panel({ title, unit, queries = [], objective }: Graph, index: number) {
  const line = [
    { color: "green", value: null },
    { color: "red", value: objective },
  ];
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource: SOURCE,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(objective === undefined
          ? {}
          : { custom: { thresholdsStyle: { mode: "dashed" } }, thresholds: { mode: "absolute", steps: line } }),
      },
      overrides: [],
    },
    options: { tooltip: { mode: "multi" } },
    targets: queries.map(([legendFormat, expr], position) => ({
      refId: String.fromCodePoint(65 + position),
      datasource: SOURCE,
      legendFormat,
      expr,
    })),
  };
}

/** Builds a dashboard for servers and pods in the format of Grafana's import and provisioning (schema 41, Grafana 12). */
const dashboardOf = (uid: string, title: string, graphs: readonly Graph[]) => ({
  uid,
  title,
  tags: ["gotong-royong"],
  schemaVersion: 41,
  editable: true,
  refresh: "1m",
  time: { from: "now-6h", to: "now" },
  templating: { list: [{ name: "source", label: "Data source", type: "datasource", query: "prometheus" }] },
  panels: graphs.filter(({ queries }) => queries !== undefined).map(panel),
});

const ofBoard = (name: Board) =>
  dashboardOf(
    `gotong-royong-${name}`,
    `Gotong Royong: ${name}`,
    GRAPHS.filter(({ board }) => board === name),
  );

/** The dashboard with all graphs, and one dashboard for each board, by file name. */
export const DASHBOARDS: Readonly<Record<"overview" | Board, ReturnType<typeof dashboardOf>>> = {
  overview: dashboardOf("gotong-royong", "Gotong Royong", GRAPHS),
  application: ofBoard("application"),
  delivery: ofBoard("delivery"),
  database: ofBoard("database"),
  evidence: ofBoard("evidence"),
};
