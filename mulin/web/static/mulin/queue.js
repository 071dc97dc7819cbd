// A table worked by keyboard and in bulk: inside [data-queue], j and k move, x selects, Enter opens,
// Shift-click selects a range, / goes to the search. Keys act only while the focus is inside or nowhere, so that
// they disturb no other input.

const rowsOf = (queue) => [...queue.querySelectorAll("[data-row]")];
const boxOf = (row) => row.querySelector("input[type=checkbox]");

function showSelection(queue) {
  const rows = rowsOf(queue);
  const selected = rows.filter((row) => boxOf(row)?.checked);
  rows.forEach((row) => row.toggleAttribute("data-selected", Boolean(boxOf(row)?.checked)));
  const bar = queue.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = selected.length === 0;
  queue.querySelectorAll("[data-bulk-count]").forEach((count) => { count.textContent = selected.length; });
  const all = queue.querySelector("[data-queue-all]");
  if (all) {
    all.checked = rows.length > 0 && selected.length === rows.length;
    all.indeterminate = selected.length > 0 && !all.checked;
  }
}

function move(queue, step) {
  const rows = rowsOf(queue);
  const current = rows.indexOf(document.activeElement.closest("[data-row]"));
  const next = current < 0 ? 0 : Math.min(Math.max(current + step, 0), rows.length - 1);
  rows[next]?.focus();
}

function toggle(row) {
  const box = row && boxOf(row);
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function onKeydown(event) {
  const isTyping = event.target.matches("textarea, select, input:not([type=checkbox])");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search && !isTyping) {
    event.preventDefault();
    search.focus();
    return;
  }
  // From the page itself the first key goes to the one list there is.
  const queue = event.target === document.body ? document.querySelector("[data-queue]") : event.target.closest("[data-queue]");
  if (!queue || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("[data-row]");
  const actions = {
    j: () => move(queue, 1),
    k: () => move(queue, -1),
    ArrowDown: () => move(queue, 1),
    ArrowUp: () => move(queue, -1),
    x: () => toggle(row),
  };
  if (event.key === "Enter" && event.target === row) actions.Enter = () => row.querySelector("[data-row-open]")?.click();
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

function selectRange(queue, box) {
  const rows = rowsOf(queue);
  const [from, to] = [queue.lastBox, box].map((edge) => rows.indexOf(edge?.closest("[data-row]"))).sort((a, b) => a - b);
  if (from >= 0) rows.slice(from, to + 1).forEach((row) => { boxOf(row).checked = box.checked; });
}

document.addEventListener("keydown", onKeydown);
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-queue] [data-row] input[type=checkbox]");
  if (!box) return;
  const queue = box.closest("[data-queue]");
  if (event.shiftKey) selectRange(queue, box);
  queue.lastBox = box;
  showSelection(queue);
});
document.addEventListener("change", ({ target }) => {
  const queue = target.closest("[data-queue]");
  if (!queue) return;
  if (target.matches("[data-queue-all]")) rowsOf(queue).forEach((row) => { boxOf(row).checked = target.checked; });
  showSelection(queue);
});
document.addEventListener("htmx:load", ({ detail }) => {
  const queues = [detail.elt.closest("[data-queue]"), ...detail.elt.querySelectorAll("[data-queue]")];
  queues.filter(Boolean).forEach((queue) => {
    rowsOf(queue)[0]?.setAttribute("tabindex", "0");
    showSelection(queue);
  });
});
