// What every page does: asks before grave steps, opens dialogs, keeps a form from being sent twice,
// refreshes live regions, and says so when a request fails.

const confirmDialog = document.getElementById("confirm-dialog");
const SEND_AGAIN_AFTER_MS = 10000;
// A touch becomes a click a moment after the finger is lifted.
const CLICK_AFTER_TOUCH_MS = 350;

function askFirst(sentence) {
  document.getElementById("confirm-sentence").textContent = sentence;
  confirmDialog.returnValue = "no";
  confirmDialog.showModal();
  return new Promise((resolve) => {
    confirmDialog.addEventListener("close", () => resolve(confirmDialog.returnValue === "yes"), { once: true });
  });
}

async function confirmThenSubmit(form, submitter) {
  if (!(await askFirst(form.dataset.confirm))) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
}

function onSubmit(event) {
  const form = event.target;
  if (form.dataset.confirm && form.dataset.confirmed !== "yes") {
    event.preventDefault();
    event.stopImmediatePropagation();
    confirmThenSubmit(form, event.submitter);
    return;
  }
  delete form.dataset.confirmed;
  if (form.method !== "post") return;
  if (form.dataset.sending === "yes") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(allowSendingAgain, SEND_AGAIN_AFTER_MS, form);
}

function allowSendingAgain(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

function showNotice(sentence, remedy = "") {
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  const words = document.createElement("span");
  words.textContent = [sentence, remedy].filter(Boolean).join(" ");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-ghost";
  close.textContent = confirmDialog.dataset.closeWord;
  close.addEventListener("click", () => notice.remove());
  notice.append(words, close);
  document.getElementById("notices").replaceChildren(notice);
}

function refusalIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const text = (name) => page.querySelector(`[data-refusal-${name}]`)?.textContent.trim() ?? "";
  return { sentence: text("sentence"), remedy: text("remedy") };
}

function onHtmxRefused(event) {
  if (event.detail.elt.matches("[data-live-seconds]")) return;
  const { sentence, remedy } = refusalIn(event.detail.xhr.responseText);
  showNotice(sentence || confirmDialog.dataset.failedSentence, remedy);
}

function isBusy(region) {
  return document.hidden || region.contains(document.activeElement) || region.querySelector("input:checked, details[open], dialog[open]");
}

function keepLive(root) {
  for (const region of root.querySelectorAll("[data-live-seconds]:not([data-live-started])")) {
    region.dataset.liveStarted = "yes";
    const timer = setInterval(() => {
      if (!region.isConnected) clearInterval(timer);
      else if (!isBusy(region)) htmx.trigger(region, "live");
    }, Number(region.dataset.liveSeconds) * 1000);
  }
}

let pressed = null;
const swapsWaiting = new Map();

function release() {
  pressed = null;
  for (const [target, html] of swapsWaiting) if (target.isConnected) htmx.swap(target, html, { swapStyle: "innerHTML" });
  swapsWaiting.clear();
}

// What a person presses must not be replaced under the finger, and nothing by its equal: it would lose the focus.
function onBeforeSwap(event) {
  const { elt, target, serverResponse, shouldSwap, swapOverride } = event.detail;
  const style = swapOverride ?? elt.closest("[hx-swap]")?.getAttribute("hx-swap") ?? "innerHTML";
  if (!shouldSwap || style !== "innerHTML") return;
  const fresh = document.createElement("template");
  fresh.innerHTML = serverResponse;
  const isSame = fresh.innerHTML.trim() === target.innerHTML.trim();
  const isPressed = pressed && target.contains(pressed);
  event.detail.shouldSwap = !isSame && !isPressed;
  swapsWaiting.delete(target);  // an older answer must not come after this one
  if (!isSame && isPressed) swapsWaiting.set(target, serverResponse);
}

function onClick(event) {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
  if (event.target.closest("[data-back]")) history.back();
  if (event.target.closest("[data-print]")) window.print();
  if (event.target instanceof HTMLDialogElement) event.target.close();
  closeMenus(event.target);
}

function closeMenus(keep = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(keep)) menu.open = false;
  }
}

function onKeydown(event) {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
}

document.addEventListener("submit", onSubmit, true);
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKeydown);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit] *")) event.target.form?.requestSubmit();
});
// A page that refreshes itself is nobody at the desk: it must not keep a session awake.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("[data-live-seconds]")) event.detail.headers["X-Mulin-Live"] = "1";
});
document.addEventListener("htmx:responseError", onHtmxRefused);
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("[data-live-seconds]")) showNotice(confirmDialog.dataset.offlineSentence);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt instanceof HTMLFormElement) allowSendingAgain(event.detail.elt);
});
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  askFirst(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});
document.addEventListener("htmx:beforeSwap", onBeforeSwap);
document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(release, CLICK_AFTER_TOUCH_MS), true);
document.addEventListener("htmx:load", (event) => keepLive(event.detail.elt));
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(allowSendingAgain));

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register(document.documentElement.dataset.serviceWorker, { scope: "/" }).catch(() => {});
}
