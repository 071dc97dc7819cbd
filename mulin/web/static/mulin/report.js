// Pieces of a form a resident fills in: a draft kept on the device, and the phone's position on request.

const DRAFT_PREFIX = "mulin-draft-";
const DRAFT_LIFE_MS = 24 * 3600 * 1000;
const LOCATE_TIMEOUT_MS = 15000;
const DENIED = 1;
const NOT_KEPT = "[type=file], [type=password], [type=hidden], [data-no-draft], [name=csrfmiddlewaretoken]";

function keptFields(form) {
  return [...form.elements].filter((field) => field.name && !field.matches(NOT_KEPT) && field.matches("input, textarea, select"));
}

function readDraft(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft && Date.now() - draft.savedAt < DRAFT_LIFE_MS ? draft.values : null;
  } catch {
    return null;
  }
}

function isChoice(field) {
  return field.type === "radio" || field.type === "checkbox";
}

function saveDraft(form, key) {
  const filled = keptFields(form).filter((field) => (isChoice(field) ? field.checked : field.value.trim()));
  const values = filled.map((field) => [field.name, field.value]);
  try {
    localStorage.setItem(key, JSON.stringify({ savedAt: Date.now(), values }));
  } catch {
    // Storage full or forbidden: the form works without a draft.
  }
}

function restoreDraft(form, values) {
  let restored = false;
  for (const [name, value] of values) {
    for (const field of keptFields(form).filter((candidate) => candidate.name === name)) {
      if (isChoice(field)) restored ||= field.value === value && !field.checked;
      else restored ||= !field.value.trim();
      if (isChoice(field)) field.checked ||= field.value === value;
      else field.value ||= value;
    }
  }
  return restored;
}

function keepDraft(form) {
  const key = DRAFT_PREFIX + form.dataset.draft;
  const notice = form.querySelector("[data-draft-notice]");
  const values = readDraft(key);
  if (values?.length && restoreDraft(form, values) && notice) notice.hidden = false;
  notice?.querySelector("[data-draft-discard]").addEventListener("click", () => {
    localStorage.removeItem(key);
    form.reset();
    notice.hidden = true;
  });
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(saveDraft, 300, form, key);
  });
  window.addEventListener("pagehide", () => timer && saveDraft(form, key));
}

function clearDrafts(root) {
  for (const marker of root.querySelectorAll("[data-draft-clear]")) localStorage.removeItem(DRAFT_PREFIX + marker.dataset.draftClear);
}

function startLocating(box) {
  const button = box.querySelector("button");
  const status = box.querySelector("[role=status]");
  const [lon, lat] = [box.dataset.lon, box.dataset.lat].map((id) => document.getElementById(id));
  const done = ({ coords }) => {
    lat.value = coords.latitude.toFixed(6);
    lon.value = coords.longitude.toFixed(6);
    lon.dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = box.dataset.wordsDone.replace("{n}", Math.round(coords.accuracy));
    button.disabled = false;
  };
  const failed = ({ code }) => {
    status.textContent = code === DENIED ? box.dataset.wordsDenied : box.dataset.wordsFailed;
    button.disabled = false;
  };
  button.addEventListener("click", () => {
    if (!navigator.geolocation) return failed({});
    button.disabled = true;
    status.textContent = box.dataset.wordsWaiting;
    navigator.geolocation.getCurrentPosition(done, failed, { enableHighAccuracy: true, timeout: LOCATE_TIMEOUT_MS, maximumAge: 60000 });
  });
}

function startOnce(root, selector, mark, begin) {
  for (const element of root.querySelectorAll(selector)) {
    if (element.dataset[mark]) continue;
    element.dataset[mark] = "yes";
    begin(element);
  }
}

document.addEventListener("htmx:load", ({ detail }) => {
  clearDrafts(detail.elt);
  startOnce(detail.elt, "form[data-draft]", "draftStarted", keepDraft);
  startOnce(detail.elt, "[data-locate]", "locateStarted", startLocating);
});
