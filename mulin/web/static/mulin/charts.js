// Draws <figure data-chart> (component chart) from the data beside it; the same figures stand below as a table.

const COLOURS = ["#1d4f7c", "#b8761f", "#5f93ad", "#9b1c1f", "#6f7f4f", "#5b3e8c"];
const INK = "#4b525b";
const SMALL_TYPE = 0.9;

function axes({ categories, unit = "" }, fontSize) {
  return {
    grid: { left: 8, right: 8, top: fontSize * 3, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: categories, axisLabel: { color: INK, fontSize }, axisTick: { show: false } },
    yAxis: { type: "value", axisLabel: { color: INK, fontSize, formatter: `{value}${unit}` }, splitLine: { lineStyle: { color: "#e1ded8" } } },
  };
}

function pieSeries({ categories, series: [{ name, data }] }, fontSize) {
  return [{ type: "pie", name, radius: ["45%", "70%"], label: { color: INK, fontSize }, data: data.map((value, n) => ({ value, name: categories[n] })) }];
}

function barOrLineSeries({ kind, stacked, series }) {
  return series.map(({ name, data }) => ({ type: kind, name, data, barMaxWidth: 28, smooth: false, symbolSize: 6, ...(stacked && { stack: "all" }) }));
}

function optionFor(config, animation) {
  const isPie = config.kind === "pie";
  const { fontFamily, fontSize: bodySize } = getComputedStyle(document.body);
  const fontSize = Math.round(parseFloat(bodySize) * SMALL_TYPE);
  return {
    animation,
    color: COLOURS,
    textStyle: { fontFamily },
    legend: { top: 0, textStyle: { color: INK, fontSize } },
    tooltip: { trigger: isPie ? "item" : "axis", valueFormatter: (value) => `${value}${config.unit ?? ""}` },
    aria: { enabled: true },
    ...(isPie ? { series: pieSeries(config, fontSize) } : { ...axes(config, fontSize), series: barOrLineSeries(config) }),
  };
}

async function start(figure) {
  const id = figure.dataset.chart;
  const canvas = document.getElementById(id);
  const config = JSON.parse(document.getElementById(`${id}-config`).textContent);
  const { init } = await import(figure.dataset.library);
  const label = canvas.getAttribute("aria-label");
  const chart = init(canvas, null, { renderer: "svg" });
  chart.setOption(optionFor(config, !matchMedia("(prefers-reduced-motion: reduce)").matches));
  canvas.setAttribute("aria-label", label);
  new ResizeObserver(() => chart.resize()).observe(canvas);
}

document.addEventListener("htmx:load", ({ detail }) => {
  for (const figure of detail.elt.querySelectorAll("[data-chart]:not([data-chart-started])")) {
    figure.dataset.chartStarted = "yes";
    start(figure);
  }
});
