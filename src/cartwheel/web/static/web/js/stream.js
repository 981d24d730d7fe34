/* Turns the server's stream into events of this page: "hub:task" for what happened to a task, and
 * "hub:refresh" when everything should be read again, because something was missed or there is no stream.
 */
const POLL_MS = 5000;
const status = document.querySelector("[data-stream-status]");
let seen = Number(document.body.dataset.event);
let source, timer, wasCut = false;

const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));
const refresh = () => document.hidden || tell("hub:refresh");

function show(isLive) {
  status.dataset.streamStatus = isLive ? "on" : "off";
  const { live, liveTitle, looks, looksTitle } = status.dataset;
  status.textContent = isLive ? live : looks;
  status.title = isLive ? liveTitle : looksTitle;
  if (isLive) stopLooking();
  else timer ??= setInterval(refresh, POLL_MS);
}

function stopLooking() {
  clearInterval(timer);
  timer = undefined;
}

document.addEventListener("htmx:sseOpen", (event) => {
  source = event.detail.source;
  show(true);
  if (wasCut) refresh();
  wasCut = false;
});
document.addEventListener("htmx:sseError", () => {
  wasCut = true;
  show(false);
});
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  event.preventDefault(); // there is nothing to swap in: the message only says what to read again
  const { type, data, lastEventId } = event.detail;
  const number = Number(lastEventId);
  if (type === "task") tell("hub:task", JSON.parse(data));
  else if (number > seen) refresh();
  seen = Math.max(seen, number);
});

// Browsers allow few connections to a server; a page that nobody looks at gives its one back.
document.addEventListener("visibilitychange", () => {
  source?.close();
  stopLooking();
  if (document.hidden) return;
  const stream = document.querySelector("#stream");
  const fresh = stream.cloneNode(true);
  stream.replaceWith(fresh);
  window.htmx.process(fresh);
  show(false);
});

show(false);
