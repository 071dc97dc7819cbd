// Passkeys: ask the server what to ask the device for, ask the device, send its answer back.
// Markup: data-passkey="sign-in" or "add" with data-ask, data-finish, data-refused; shown only where the browser can.

const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function toBytes(text) {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const withIds = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));

function forDevice(options) {
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = withIds(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = withIds(options.allowCredentials);
  return read;
}

function forServer(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => credential.response[name]);
  const response = Object.fromEntries(given.map((name) => [name, toText(credential.response[name])]));
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

async function post(url, body) {
  const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error([content.message, content.remedy].filter(Boolean).join(" "));
  return content;
}

async function go(box) {
  const publicKey = forDevice(await post(box.dataset.ask, {}));
  const asks = box.dataset.passkey === "add" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey });
  const credential = await asks.catch(() => {
    throw new Error(box.dataset.refused);
  });
  const name = box.querySelector("[data-passkey-name]")?.value ?? "";
  const { url } = await post(box.dataset.finish, { credential: forServer(credential), name, next: box.dataset.next ?? "" });
  location.assign(url);
}

function start(box) {
  const button = box.querySelector("[data-passkey-go]");
  const error = box.querySelector("[data-passkey-error]");
  box.hidden = false;
  button.addEventListener("click", async () => {
    error.hidden = true;
    button.setAttribute("aria-busy", "true");
    try {
      await go(box);
    } catch (failure) {
      error.textContent = failure.message || box.dataset.refused;
      error.hidden = false;
      button.removeAttribute("aria-busy");
    }
  });
}

if (window.isSecureContext && window.PublicKeyCredential) document.querySelectorAll("[data-passkey]").forEach(start);
