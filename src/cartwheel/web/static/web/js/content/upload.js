/* Sends files one after the other, as they are chosen or dropped, and tells how far each is.
 * A single one leads on to the page of its import; of several, the list below shows how they go.
 */
const form = document.querySelector("#upload");
const input = form.querySelector("input[type=file]");
const section = document.querySelector("#sending");
const list = section.querySelector("ul");
const said = list.dataset;
const waiting = [];
let isBusy = false;

function add(files) {
  section.hidden = false;
  for (const file of files) {
    const item = document.createElement("li");
    const name = Object.assign(document.createElement("span"), { textContent: file.name });
    const figures = Object.assign(document.createElement("span"), { className: "figures", textContent: said.waits, ariaLive: "off" });
    const bar = Object.assign(document.createElement("progress"), { value: 0, max: 1, ariaLabel: file.name });
    item.append(name, figures, bar);
    list.append(item);
    waiting.push({ file, item, figures, bar, isAlone: files.length === 1 && !isBusy });
  }
  if (!isBusy) next();
}

async function next() {
  const one = waiting.shift();
  isBusy = Boolean(one);
  if (!one) return document.body.dispatchEvent(new CustomEvent("hub:refresh"));
  const { answer, place, isFine } = await send(one);
  one.item.dataset.state = isFine ? "completed" : "failed";
  one.figures.textContent = isFine ? said.sent : "";
  one.item.firstChild.innerHTML = answer;
  if (place && one.isAlone && !waiting.length) {
    isBusy = false;
    return location.assign(place);
  }
  document.body.dispatchEvent(new CustomEvent("hub:refresh"));
  next();
}

function send({ file, figures, bar }) {
  const data = new FormData(form);
  data.delete("file");
  data.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action || location.href);
  request.setRequestHeader("HX-Request", "true");
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = loaded / total;
    figures.textContent = `${Math.round((100 * loaded) / total)} %`;
  };
  return new Promise((resolve) => {
    request.onload = () => {
      const place = request.getResponseHeader("HX-Location");
      const said = request.status === 200 ? request.responseText : told(file, request.status);
      resolve({ answer: said, place, isFine: Boolean(place) });
    };
    request.onerror = () => resolve({ answer: told(file, 0), place: null, isFine: false });
    request.send(data);
  });
}

function told(file, status) {
  const why = { 0: said.lost, 401: said.signedOut, 413: said.tooLarge }[status] ?? `${said.answered} ${status}`;
  return Object.assign(document.createElement("p"), { className: "wrong", textContent: `${file.name}: ${why}` }).outerHTML;
}

// What still waits is known to this page alone.
window.addEventListener("beforeunload", (event) => {
  if (isBusy) event.preventDefault();
});

form.addEventListener("submit", (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  add([...input.files]);
  input.value = "";
});

document.body.classList.add("can-drop");
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("is-over", kind === "dragover" || kind === "dragenter");
    if (kind === "drop" && event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });
}
