// Shrinks photos before they are sent (component file_picker) and shows what was chosen. A file the browser
// cannot read is sent as it is; the server decides.

const LONGEST_EDGE_PX = 1600;
const JPEG_QUALITY = 0.82;

async function shrunk(file, number) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_EDGE_PX / Math.max(image.width, image.height));
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(image.width * scale),
      height: Math.round(image.height * scale),
    });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
    return blob ? new File([blob], `photo-${number}.jpg`, { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

function start(picker) {
  const input = picker.querySelector("input[type=file]");
  const list = picker.querySelector("[data-photos-list]");
  const status = picker.querySelector("[data-photos-status]");
  const most = Number(picker.dataset.most);
  let chosen = [];

  const writeFiles = () => {
    const transfer = new DataTransfer();
    chosen.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
  };

  const thumbnail = (file) => {
    const item = document.createElement("li");
    const image = Object.assign(document.createElement("img"), { src: URL.createObjectURL(file), alt: file.name });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `${picker.dataset.removeWord} ${chosen.indexOf(file) + 1}`);
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      show();
      input.focus();
    });
    item.append(image, remove);
    return item;
  };

  const show = (tooMany = false) => {
    writeFiles();
    list.replaceChildren(...chosen.map(thumbnail));
    const count = chosen.length ? picker.dataset.countWords.replace("{n}", chosen.length) : "";
    status.textContent = tooMany ? picker.dataset.tooMany : count;
  };

  input.addEventListener("change", async () => {
    const added = [...input.files];
    const room = most - chosen.length;
    picker.setAttribute("aria-busy", "true");
    const ready = [];
    // One after the other: six photos decoded at once exhaust a cheap phone's memory.
    for (const file of added.slice(0, Math.max(room, 0))) ready.push(await shrunk(file, chosen.length + ready.length + 1));
    picker.removeAttribute("aria-busy");
    chosen = [...chosen, ...ready];
    show(added.length > room);
  });
}

document.addEventListener("htmx:load", ({ detail }) => {
  for (const picker of detail.elt.querySelectorAll("[data-photos]:not([data-photos-started])")) {
    picker.dataset.photosStarted = "yes";
    start(picker);
  }
});
