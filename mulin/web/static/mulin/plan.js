// The plan of grids on the map (planning/draft.html): buildings coloured by grid, dragged, circled or picked from a
// list into another one; the server answers what is different and what rule bends.

const PALETTE = ["#8fb8de", "#f2b880", "#9ccc9c", "#d8a7d3", "#e6d36f", "#92d0c9", "#e79c97", "#b9b2e0"];
const NO_GRID = "#c9c4ba";
const POLL_MS = 1000;
const NEW_GRID = -1;

const frame = document.querySelector("[data-plan]");
const config = JSON.parse(document.getElementById("plan-config").textContent);
const part = (name) => frame.querySelector(`[data-plan-${name}]`);
const words = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const plan = { head: null, labels: [], grids: new Map(), names: [], households: [], bent: {}, outlines: { type: "FeatureCollection", features: [] } };
const chosen = new Set();
let map = null;
let isLassoing = false;

function headers() {
  return { Accept: "application/json", "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") };
}

async function ask(url, body) {
  const answer = await fetch(url, body ? { method: "POST", headers: headers(), body: JSON.stringify(body) } : { headers: { Accept: "application/json" } });
  const data = await answer.json();
  if (!answer.ok) throw new Error([data.message, data.remedy].filter(Boolean).join(" "));
  return data;
}

function say(sentence) {
  part("status").textContent = sentence;
}

// ---- the map ----------------------------------------------------------------------------------------------------

function style() {
  const byColour = ["match", ["coalesce", ["feature-state", "colour"], -1], ...PALETTE.flatMap((colour, n) => [n, colour]), NO_GRID];
  const sources = {
    buildings: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    outlines: { type: "geojson", data: plan.outlines },
    names: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    lasso: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
  };
  for (const { id, url } of config.layers) sources[id] = { type: "geojson", data: new URL(`${url}?bbox=${config.bounds}`, location.href).href };
  return {
    version: 8,
    sources,
    layers: [
      { id: "paper", type: "background", paint: { "background-color": "#f3f1ec" } },
      ...config.layers.map(({ id, kind }) => (kind === "street"
        ? { id, type: "line", source: id, paint: { "line-color": "#fff", "line-width": ["match", ["get", "rank"], 1, 5, 2, 4, 2] } }
        : { id, type: "fill", source: id, filter: ["!=", ["geometry-type"], "LineString"], paint: { "fill-color": "#cfe0ec" } })),
      { id: "grounds", type: "fill", source: "outlines", paint: { "fill-color": byColour, "fill-opacity": 0.28 } },
      { id: "buildings", type: "fill", source: "buildings", paint: { "fill-color": byColour, "fill-outline-color": "#6b665d" } },
      { id: "chosen", type: "line", source: "buildings", paint: { "line-color": "#20242a", "line-width": 3, "line-opacity": ["case", ["boolean", ["feature-state", "chosen"], false], 1, 0] } },
      { id: "borders", type: "line", source: "outlines", paint: { "line-color": "#1d4f7c", "line-width": ["case", ["boolean", ["feature-state", "shown"], false], 4, 1.5] } },
      { id: "bent", type: "line", source: "outlines", paint: { "line-color": ["match", ["coalesce", ["feature-state", "bent"], ""], "bad", "#a81c1c", "#8a5100"], "line-width": 3.5, "line-opacity": ["case", ["in", ["coalesce", ["feature-state", "bent"], ""], ["literal", ["bad", "warn"]]], 1, 0] } },
      { id: "names", type: "symbol", source: "names", layout: { "text-field": ["get", "label"], "text-size": 13 }, paint: { "text-color": "#20242a", "text-halo-color": "#fff", "text-halo-width": 1.5 } },
      { id: "lasso", type: "line", source: "lasso", paint: { "line-color": "#a81c1c", "line-width": 2, "line-dasharray": [2, 2] } },
    ],
  };
}

async function createMap() {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: frame.dataset.styleSheet });
  document.head.append(link);
  const library = await import(frame.dataset.library);
  library.setWorkerUrl(new URL(frame.dataset.worker, location.href).href);
  const canvas = document.getElementById("plan-map");
  map = new library.Map({
    container: canvas, style: style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, boxZoom: false,
    localIdeographFontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
    ...(config.bounds ? { bounds: config.bounds, fitBoundsOptions: { padding: 24 } } : { center: [105, 35], zoom: 4 }),
    locale: { "NavigationControl.ZoomIn": frame.dataset.wordsZoomIn, "NavigationControl.ZoomOut": frame.dataset.wordsZoomOut, "Map.Title": canvas.dataset.label },
  });
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.touchZoomRotate.disableRotation();
  await new Promise((resolve) => { map.on("load", resolve); });
}

function colourOf(label) {
  return plan.grids.get(label)?.colour ?? -1;
}

function paintBuilding(index) {
  map?.setFeatureState({ source: "buildings", id: index }, { colour: colourOf(plan.labels[index]) });
}

function paintOutlines() {
  map?.getSource("outlines").setData(plan.outlines);
  const points = plan.outlines.features.map(({ properties }) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: properties.at } }));
  map?.getSource("names").setData({ type: "FeatureCollection", features: points });
  for (const { id } of plan.outlines.features) map?.setFeatureState({ source: "outlines", id }, { colour: colourOf(id), bent: plan.bent[id] ?? "" });
}

// ---- the plan ---------------------------------------------------------------------------------------------------

async function loadGround() {
  const ground = await ask(config.urls.ground);
  plan.names = ground.features.map(({ properties }) => properties.label);
  plan.households = ground.features.map(({ properties }) => properties.households);
  map?.getSource("buildings").setData(ground);
}

function takePlan(data) {
  plan.head = data.head;
  plan.grids = new Map((data.grids ?? []).map((grid) => [grid.label, grid]));
  plan.labels = data.labels;
  plan.bent = data.bent;
  if (data.outlines) plan.outlines = data.outlines;
  plan.labels.forEach((_, index) => paintBuilding(index));
  paintOutlines();
  showPanel(data.panel);
  fillLists();
}

function takeMove(data) {
  plan.head = data.head;
  plan.bent = data.bent;
  for (const row of data.grids) {
    const known = plan.grids.get(row.label);
    plan.grids.set(row.label, { ...row, colour: known && !data.fresh.includes(row.label) ? known.colour : row.colour });
  }
  data.gone.forEach((label) => plan.grids.delete(label));
  for (const [label, grid] of plan.grids) grid.locked = data.locked.includes(label);
  for (const [index, label] of data.changes) { plan.labels[index] = label; paintBuilding(index); }
  const redrawn = new Set([...data.outlines.features.map(({ id }) => id), ...data.gone]);
  plan.outlines = { type: "FeatureCollection", features: [...plan.outlines.features.filter(({ id }) => !redrawn.has(id)), ...data.outlines.features] };
  paintOutlines();
  showPanel(data.panel);
  fillLists();
}

function showPanel(html) {
  const panel = part("panel");
  // A button under somebody's finger stays until the finger is lifted; the next second brings the news.
  if (panel.matches(":active") && config.is_at_work) return;
  const focused = [...(document.activeElement?.attributes ?? [])].find(({ name }) => name.startsWith("data-plan-"))?.name;
  panel.innerHTML = html;
  htmx.process(panel);
  if (focused && panel.querySelector(`[${focused}]`)) panel.querySelector(`[${focused}]`).focus();
  part("tools").hidden = !config.may_edit;
}

async function edit(name, body) {
  try {
    takeMove(await ask(config.urls[name], { seen: plan.head, ...body }));
    frame.dataset.planMoves = String(Number(frame.dataset.planMoves ?? 0) + 1);
    return true;
  } catch (problem) {
    say(problem.message || config.words.failed);
    return false;
  }
}

async function moveTo(label) {
  if (!chosen.size) return;
  if (await edit("move", { buildings: [...chosen], to: label })) {
    clearChosen();
    const bend = part("panel").querySelector("[data-plan-show]")?.textContent ?? "";
    say(`${config.words.moved} ${bend}`.trim());
  }
}

// ---- choosing buildings -----------------------------------------------------------------------------------------

function choose(indices, on = true) {
  for (const index of indices) {
    if (on) chosen.add(index); else chosen.delete(index);
    map?.setFeatureState({ source: "buildings", id: index }, { chosen: on });
  }
  tellChosen();
}

function clearChosen() {
  choose([...chosen], false);
}

function tellChosen() {
  const households = [...chosen].reduce((sum, index) => sum + plan.households[index], 0);
  part("chosen").textContent = chosen.size ? words(config.words.chosen, { count: chosen.size, households }) : config.words.none_chosen;
  part("move").disabled = !chosen.size;
}

function indexAt(point) {
  const box = [[point.x - 3, point.y - 3], [point.x + 3, point.y + 3]];
  return map.queryRenderedFeatures(box, { layers: ["buildings"] })[0]?.id;
}

function gridAt(point) {
  const building = indexAt(point);
  return building !== undefined ? plan.labels[building] : map.queryRenderedFeatures(point, { layers: ["grounds"] })[0]?.id;
}

function inside([x, y], ring) {
  let is = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) is = !is;
  }
  return is;
}

function startEditing() {
  let dragged = null;
  let ring = null;
  const begin = (event) => {
    if (event.originalEvent.touches?.length > 1) return;
    if (isLassoing) {
      event.preventDefault();
      ring = [event.lngLat.toArray()];
    } else {
      const index = indexAt(event.point);
      if (index === undefined) return;
      event.preventDefault();
      dragged = { index, from: event.point };
    }
  };
  const move = (event) => {
    if (ring) {
      ring.push(event.lngLat.toArray());
      map.getSource("lasso").setData({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring } });
    }
    map.getCanvas().style.cursor = dragged ? "grabbing" : isLassoing ? "crosshair" : indexAt(event.point) === undefined ? "" : "grab";
  };
  const end = (event) => {
    // A touch would come again as a click of the mouse.
    if (event.type === "touchend") event.originalEvent.preventDefault();
    if (ring) {
      const around = ring;
      ring = null;
      map.getSource("lasso").setData({ type: "FeatureCollection", features: [] });
      choose(middles().flatMap((at, index) => (at && inside(at, around) ? [index] : [])));
      setLasso(false);
    } else if (dragged) {
      const { index, from } = dragged;
      dragged = null;
      const far = Math.hypot(event.point.x - from.x, event.point.y - from.y) > 6;
      const label = gridAt(event.point);
      if (!far) choose([index], !chosen.has(index));
      else if (label !== undefined && label !== plan.labels[index]) {
        choose([index]);
        moveTo(label);
      }
    }
  };
  map.on("mousedown", begin); map.on("touchstart", begin);
  map.on("mousemove", move); map.on("touchmove", move);
  map.on("mouseup", end); map.on("touchend", end);
}

function middles() {
  const found = [];
  for (const { id, geometry } of map.querySourceFeatures("buildings")) {
    const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
    found[id] = [0, 1].map((axis) => ring.reduce((sum, at) => sum + at[axis], 0) / ring.length);
  }
  return found;
}

function setLasso(on) {
  isLassoing = on;
  part("lasso").setAttribute("aria-pressed", String(on));
}

// ---- lists, for hands without a mouse ---------------------------------------------------------------------------

function option(value, text) {
  return Object.assign(document.createElement("option"), { value, textContent: text });
}

function named(grid) {
  const lock = grid.locked ? ` · ${config.words.locked}` : "";
  return words(config.words.grid_households, grid) + lock;
}

function refill(select, options) {
  const before = select.value;
  select.replaceChildren(...options);
  if ([...select.options].some(({ value }) => value === before)) select.value = before;
}

function fillLists() {
  const grids = [...plan.grids.values()].sort((a, b) => a.code.localeCompare(b.code));
  refill(part("to"), [option(NEW_GRID, config.words.new_grid), ...grids.map((grid) => option(grid.label, named(grid)))]);
  refill(part("grid"), grids.map((grid) => option(grid.label, named(grid))));
  const whole = part("comment-grid").options[0];
  refill(part("comment-grid"), [whole, ...grids.map((grid) => option(grid.label, grid.name))]);
  fillBuildings();
  fillTable(grids);
  tellChosen();
}

// ---- every grid in a table ----------------------------------------------------------------------------------------

function cell(text, isNumber) {
  const made = Object.assign(document.createElement("td"), { textContent: text });
  if (isNumber) made.style.textAlign = "end";
  return made;
}

function tableRow(grid) {
  const row = document.createElement("tr");
  const head = Object.assign(document.createElement("th"), { scope: "row" });
  const show = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-ghost", textContent: grid.name });
  show.dataset.planShow = grid.label;
  head.append(show);
  const state = [grid.locked && config.words.locked, ["bad", "warn"].includes(plan.bent[grid.label]) && config.words.bent];
  row.append(head, cell(grid.code), cell(grid.households, true), cell(grid.buildings, true), cell(state.filter(Boolean).join(" · ")));
  return row;
}

function fillTable(grids) {
  const body = part("table");
  const focused = document.activeElement?.closest?.("[data-plan-table] [data-plan-show]")?.dataset.planShow;
  body.replaceChildren(...grids.map(tableRow));
  body.closest("details").hidden = !grids.length;
  if (focused) body.querySelector(`[data-plan-show="${focused}"]`)?.focus();
}

function showAsked({ target }) {
  const shown = target.closest("[data-plan-show]");
  if (shown) showGrid(Number(shown.dataset.planShow));
}

function fillBuildings() {
  const label = Number(part("grid").value);
  const here = plan.labels.flatMap((one, index) => (one === label ? [index] : []));
  part("buildings").replaceChildren(...here.map((index) => option(index, words(config.words.building_households, { name: plan.names[index] || index, households: plan.households[index] }))));
  part("lock").setAttribute("aria-pressed", String(Boolean(plan.grids.get(label)?.locked)));
}

function showGrid(label) {
  for (const { id } of plan.outlines.features) map?.setFeatureState({ source: "outlines", id }, { shown: id === label });
  const feature = plan.outlines.features.find(({ id }) => id === label);
  if (!map || !feature) return;
  const at = feature.geometry.coordinates.flat(feature.geometry.type === "Polygon" ? 1 : 2);
  const [xs, ys] = [0, 1].map((axis) => at.map((one) => one[axis]));
  map.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], { padding: 80, maxZoom: 17, duration: 300 });
}

function listen() {
  part("grid").addEventListener("change", () => { fillBuildings(); showGrid(Number(part("grid").value)); });
  part("choose").addEventListener("click", () => choose([...part("buildings").selectedOptions].map(({ value }) => Number(value))));
  part("clear").addEventListener("click", clearChosen);
  part("lasso").addEventListener("click", () => setLasso(!isLassoing));
  part("move").addEventListener("click", () => moveTo(Number(part("to").value)));
  part("lock").addEventListener("click", () => {
    const label = Number(part("grid").value);
    edit("lock", { grid: label, locked: !plan.grids.get(label)?.locked });
  });
  part("panel").addEventListener("click", ({ target }) => {
    if (target.closest("[data-plan-undo]")) edit("undo", {});
    if (target.closest("[data-plan-redo]")) edit("redo", {});
  });
  part("panel").addEventListener("click", showAsked);
  part("table").addEventListener("click", showAsked);
}

// While it is computed the plan grows: the last one saved is fetched every second. Returns whether the page stays: one
// that was made while the plan was computed is asked for again, because more can be done with a finished plan.
async function follow() {
  let hasGround = false;
  for (;;) {
    const data = await ask(config.urls.plan).catch(() => null);
    if (data && !hasGround && data.labels.length) {
      await loadGround();
      hasGround = true;
    }
    if (data) takePlan(data);
    if (data && !data.at_work) {
      if (config.is_at_work) location.reload();
      return !config.is_at_work;
    }
    await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
  }
}

async function start() {
  listen();
  try {
    await createMap();
  } catch {
    map = null;
    document.getElementById("plan-map").textContent = frame.dataset.wordsFailed;
  }
  if (!(await follow())) return;
  if (map && config.may_edit) startEditing();
  frame.dataset.planReady = "yes";
}

start();
