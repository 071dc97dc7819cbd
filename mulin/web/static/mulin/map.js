// Draws <div data-map> (component map_view): our own layers, points with status colours, optional raster tiles,
// and the same content as a list. Works without any network beyond our own server.

const PAPER = "#f3f1ec";
const NEEDS_ZOOM = { building: 14.5, street: 12, grid: 11 };
const LABEL_FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const TYPE_SCALE = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const TONES = ["neutral", "info", "progress", "good", "warn", "bad"];

const PAINT = {
  area: { fill: "#faf9f6", line: "#b9b3a7", width: 1.5 },
  green: { fill: "#dde9d5" },
  water: { fill: "#cfe0ec" },
  block: { fill: "#ebe8e1" },
  building: { fill: "#d6d0c5", line: "#b9b3a7", width: 0.6 },
  grid: { line: "#1d4f7c", width: 1.2, dash: [3, 2] },
  gap: { fill: "#a81c1c", opacity: 0.35, line: "#a81c1c", width: 1.5 },
  link: { line: "#1d4f7c", width: 2.5 },
};
const NOTHING = { type: "FeatureCollection", features: [] };
const VIEW_STEP_DEG = 0.01;
const LABELLED = { area: 13, grid: 15, building: 16.5, gap: 14 };

function toneColours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(TONES.map((tone) => [tone, style.getPropertyValue(`--${tone}`).trim()]));
}

function byTone(colours) {
  return ["match", ["get", "tone"], ...Object.entries(colours).flat(), colours.neutral];
}

function source(part) {
  if (part.by_view) return { type: "geojson", data: NOTHING };
  const plain = { type: "geojson", data: part.data ?? new URL(part.url, location.href).href };
  if (!part.cluster) return plain;
  const worst = ["max", ["match", ["get", "tone"], ...TONES.flatMap((tone, n) => [tone, n]), 0]];
  return { ...plain, cluster: true, clusterRadius: 44, clusterMaxZoom: 15, clusterProperties: { worst } };
}

// Parts too large to load at once are fetched for what is in view, on a lattice so that small moves ask nothing new.
function loadByView(map, id, part) {
  const lattice = (value, round) => (round(value / VIEW_STEP_DEG) * VIEW_STEP_DEG).toFixed(2);
  let shown = "";
  const load = async () => {
    if (map.getZoom() < (NEEDS_ZOOM[part.kind] ?? 0)) return;
    const [west, south, east, north] = map.getBounds().toArray().flat();
    const url = new URL(part.url, location.href);
    url.searchParams.set("bbox", [lattice(west, Math.floor), lattice(south, Math.floor), lattice(east, Math.ceil), lattice(north, Math.ceil)].join());
    if (url.href === shown) return;
    shown = url.href;
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.ok && url.href === shown) map.getSource(id).setData(await answer.json());
  };
  const loadQuietly = () => load().catch(() => { shown = ""; });
  map.on("moveend", loadQuietly);
  loadQuietly();
}

function polygonLayers({ id, kind }, colours) {
  const { fill, line, width, opacity = 1, dash } = PAINT[kind];
  const shared = { source: id, minzoom: NEEDS_ZOOM[kind] ?? 0 };
  const toned = (plain) => ["case", ["has", "tone"], byTone(colours), plain];
  const layers = [];
  if (fill) layers.push({ ...shared, id: `${id}-fill`, type: "fill", filter: ["!=", ["geometry-type"], "LineString"], paint: { "fill-color": toned(fill), "fill-opacity": ["case", ["has", "tone"], 0.45, opacity] } });
  if (kind === "water") layers.push({ ...shared, id: `${id}-stream`, type: "line", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": fill, "line-width": 3 } });
  if (line) layers.push({ ...shared, id: `${id}-line`, type: "line", paint: { "line-color": kind === "link" ? toned(line) : line, "line-width": width, ...(dash && { "line-dasharray": dash }) } });
  return layers;
}

// Roads carry `rank` from 1 (main road) to 5 (track); railways share their layer.
function streetLayers({ id }) {
  const shared = { source: id, type: "line", layout: { "line-cap": "round", "line-join": "round" } };
  const share = ["match", ["get", "rank"], 1, 1, 2, 0.8, 3, 0.6, 4, 0.45, 5, 0.25, 0.6];
  const width = (small, large) => ["interpolate", ["linear"], ["zoom"], 11, ["*", small, share], 17, ["*", large, share]];
  const isRailway = ["==", ["get", "kind"], "RAILWAY"];
  return [
    { ...shared, id: `${id}-case`, filter: ["!", isRailway], paint: { "line-color": "#cfc9bd", "line-width": width(2, 16) } },
    { ...shared, id: `${id}-line`, filter: ["!", isRailway], paint: { "line-color": "#ffffff", "line-width": width(1, 13) } },
    { ...shared, id: `${id}-rail`, filter: isRailway, layout: {}, paint: { "line-color": "#8b867d", "line-width": 1.5, "line-dasharray": [4, 3] } },
  ];
}

function labelLayer({ id, kind }) {
  const alongStreet = kind === "street";
  return {
    id: `${id}-label`, type: "symbol", source: id, minzoom: alongStreet ? 14 : LABELLED[kind],
    layout: { "text-field": ["coalesce", ["get", "label"], ""], "text-size": 13 * TYPE_SCALE, "text-max-width": 8, "symbol-placement": alongStreet ? "line" : "point" },
    paint: { "text-color": "#4b525b", "text-halo-color": PAPER, "text-halo-width": 1.5 },
  };
}

function pointLayers(colours) {
  return [
    { id: "points-dot", type: "circle", source: "points",
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 4, 16, 9], "circle-color": byTone(colours), "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
    { id: "points-label", type: "symbol", source: "points", minzoom: 15.5,
      layout: { "text-field": ["coalesce", ["get", "label"], ""], "text-size": 12 * TYPE_SCALE, "text-offset": [0, 1.1], "text-anchor": "top", "text-max-width": 9, "text-optional": true },
      paint: { "text-color": "#20242a", "text-halo-color": "#fff", "text-halo-width": 1.5 } },
  ];
}

function clusterLayers(colours) {
  const worst = ["match", ["get", "worst"], ...TONES.flatMap((tone, n) => [n, colours[tone]]), colours.neutral];
  const radius = ["step", ["get", "point_count"], 14, 10, 18, 50, 23, 200, 28];
  return [
    { id: "points-cluster", type: "circle", source: "points", filter: ["has", "point_count"],
      paint: { "circle-radius": radius, "circle-color": worst, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
    { id: "points-count", type: "symbol", source: "points", filter: ["has", "point_count"],
      layout: { "text-field": ["to-string", ["get", "point_count"]], "text-size": 12, "text-allow-overlap": true },
      paint: { "text-color": "#fff" } },
  ];
}

function styleFor({ layers = [], points, tiles }, colours) {
  const style = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": PAPER } }] };
  if (tiles) {
    style.sources.tiles = { type: "raster", tiles: tiles.urls, tileSize: 256, attribution: tiles.attribution ?? "" };
    style.layers.push({ id: "tiles", type: "raster", source: "tiles" });
  }
  for (const part of layers) {
    style.sources[part.id] = source(part);
    style.layers.push(...(part.kind === "street" ? streetLayers(part) : polygonLayers(part, colours)));
  }
  style.layers.push(...layers.filter(({ kind }) => kind === "street" || kind in LABELLED).map(labelLayer));
  if (points) {
    style.sources.points = source(points);
    const dots = pointLayers(colours);
    style.layers.push(...(points.cluster ? dots.map((layer) => ({ ...layer, filter: ["!", ["has", "point_count"]] })) : dots));
    if (points.cluster) style.layers.push(...clusterLayers(colours));
  }
  return style;
}

function loadStyleSheet(href) {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
}

function openFeature({ url, part_url: partUrl }, target) {
  if (partUrl && target) htmx.ajax("GET", partUrl, { target, swap: "innerHTML" });
  else if (url) location.assign(url);
}

function makeClickable(map, config) {
  const clickable = [...(config.layers ?? []).flatMap(({ id }) => [`${id}-fill`]), "points-dot"].filter((id) => map.getLayer(id));
  const featureAt = (event) => map.queryRenderedFeatures(event.point, { layers: clickable }).find(({ properties }) => properties.url || properties.part_url);
  map.on("click", (event) => {
    const feature = featureAt(event);
    if (feature) openFeature(feature.properties, config.points?.target);
  });
  map.on("mousemove", (event) => { map.getCanvas().style.cursor = featureAt(event) ? "pointer" : ""; });
}

// The frame's points and the list beside the map are asked for again when the map has been moved.
function followView(map, { url, list }) {
  map.on("moveend", (event) => {
    if (!event.originalEvent && !event.fromCluster) return;
    const frame = map.getBounds().toArray().flat().map((degree) => degree.toFixed(5)).join();
    const cut = (address) => { const at = new URL(address, location.href); at.searchParams.set("bbox", frame); return at.href; };
    map.getSource("points").setData(cut(url));
    htmx.ajax("GET", cut(list.url), { target: list.target, swap: "innerHTML" });
  });
}

function openClusters(map) {
  map.on("click", "points-cluster", async ({ features: [cluster] }) => {
    const zoom = await map.getSource("points").getClusterExpansionZoom(cluster.properties.cluster_id);
    map.easeTo({ center: cluster.geometry.coordinates, zoom, duration: 200 }, { fromCluster: true });
  });
  map.on("mouseenter", "points-cluster", () => { map.getCanvas().style.cursor = "pointer"; });
}

function listEntry({ properties }, frame, target) {
  const item = document.createElement("li");
  const entry = document.createElement(properties.url || properties.part_url ? "a" : "span");
  const dot = Object.assign(document.createElement("span"), { className: `dot tone-${properties.tone ?? "neutral"}` });
  entry.append(dot, properties.label ?? frame.dataset.wordsUnnamed);
  if (entry.tagName === "A") {
    entry.href = properties.url ?? "#";
    if (properties.part_url && target) entry.addEventListener("click", (event) => { event.preventDefault(); openFeature(properties, target); });
  }
  item.append(entry);
  return item;
}

async function fillList(frame, config) {
  const list = frame.querySelector("[data-map-list]");
  const lines = (config.layers ?? []).flatMap(({ kind, data }) => (kind === "link" && data ? data.features : []));
  const listed = config.points ?? (lines.length ? { data: { features: lines } } : (config.layers ?? []).findLast(({ kind }) => kind === "area" || kind === "gap" || kind === "grid"));
  if (!list || !listed) return;
  if (listed.by_view) {
    list.closest("details").hidden = true;
    return;
  }
  const { features } = listed.data ?? (await (await fetch(listed.url, { headers: { Accept: "application/json" } })).json());
  list.replaceChildren(...features.map((feature) => listEntry(feature, frame, config.points?.target)));
}

function startPicking(map, frame, { lon, lat }) {
  const status = frame.querySelector("[data-map-status]");
  const inputs = [document.getElementById(lon), document.getElementById(lat)];
  let lastWritten = "";
  const write = () => {
    const { lng, lat: latitude } = map.getCenter();
    [lng, latitude].forEach((value, n) => { inputs[n].value = value.toFixed(6); });
    lastWritten = inputs.map((input) => input.value).join();
    inputs[0].dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = frame.dataset.wordsPicked;
  };
  map.on("moveend", (event) => { if (event.originalEvent) write(); });
  // A tap brings its spot under the pin; carrying the tap along makes it a move of the person's own.
  map.on("click", ({ lngLat, originalEvent }) => { map.easeTo({ center: lngLat }, { originalEvent }); });
  inputs[0].addEventListener("change", () => {
    if (inputs.map((input) => input.value).join() === lastWritten || !inputs[1].value) return;
    map.jumpTo({ center: inputs.map((input) => Number(input.value)), zoom: Math.max(map.getZoom(), 16) });
  });
}

function fail(frame, canvas) {
  canvas.classList.add("map-failed");
  canvas.textContent = frame.dataset.wordsFailed;
  frame.querySelector(".map-list")?.setAttribute("open", "");
}

async function createMap(frame, canvas, config) {
  loadStyleSheet(frame.dataset.styleSheet);
  const library = await import(frame.dataset.library);
  library.setWorkerUrl(new URL(frame.dataset.worker, location.href).href);
  const view = config.bounds ? { bounds: config.bounds, fitBoundsOptions: { padding: 24 } } : { center: config.center, zoom: config.zoom ?? 15 };
  const map = new library.Map({
    ...view,
    container: canvas,
    style: styleFor(config, toneColours(canvas)),
    localIdeographFontFamily: LABEL_FONT,
    attributionControl: config.tiles ? { compact: true } : false,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": frame.dataset.wordsZoomIn, "NavigationControl.ZoomOut": frame.dataset.wordsZoomOut, "Map.Title": canvas.dataset.label },
  });
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.touchZoomRotate.disableRotation();
  return map;
}

async function start(frame) {
  const id = frame.dataset.map;
  const canvas = document.getElementById(id);
  const config = JSON.parse(document.getElementById(`${id}-config`).textContent);
  fillList(frame, config).catch(() => {});
  try {
    const map = await createMap(frame, canvas, config);
    map.on("load", () => {
      const parts = [...(config.layers ?? []).map((part) => [part.id, part]), ...(config.points ? [["points", config.points]] : [])];
      parts.filter(([, part]) => part.by_view).forEach(([id, part]) => loadByView(map, id, part));
      if (config.pick) startPicking(map, frame, config.pick);
      else makeClickable(map, config);
      if (config.points?.cluster) openClusters(map);
      if (config.points?.list) followView(map, config.points);
      frame.dataset.mapReady = "yes";
    });
  } catch {
    fail(frame, canvas);
  }
}

document.addEventListener("htmx:load", ({ detail }) => {
  for (const frame of detail.elt.querySelectorAll("[data-map]:not([data-map-started])")) {
    frame.dataset.mapStarted = "yes";
    start(frame);
  }
});
