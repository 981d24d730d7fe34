/* Turns the server's stream into events of this page: "hub:task" for what happened to a task, and
 * "hub:refresh" when everything should be read again, because something was missed or there is no stream.
 */
const LOOK_MS = 5000;
const AGAIN_MS = 3000;
const status = document.querySelector("[data-stream-status]");
let seen = Number(document.body.dataset.event);
let source, opening, looking, wasCut = false;

const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));
const refresh = () => document.hidden || tell("hub:refresh");

function show(isLive) {
  status.dataset.streamStatus = isLive ? "on" : "off";
  const { live, liveTitle, looks, looksTitle } = status.dataset;
  status.textContent = isLive ? live : looks;
  status.title = isLive ? liveTitle : looksTitle;
  if (!isLive) looking ??= setInterval(refresh, LOOK_MS);
  else looking = clearInterval(looking);
}

function open() {
  source = new EventSource("/events/");
  source.onopen = () => {
    show(true);
    if (wasCut) refresh();
    wasCut = false;
  };
  source.onerror = ({ target }) => {
    wasCut = true;
    show(false);
    // The browser comes back to a stream that was cut, but not where the answer was none.
    if (target.readyState === EventSource.CLOSED) opening = setTimeout(open, AGAIN_MS);
  };
  source.addEventListener("ready", ({ lastEventId }) => {
    if (Number(lastEventId) > seen) refresh();
    note(lastEventId);
  });
  source.addEventListener("task", ({ data, lastEventId }) => {
    tell("hub:task", JSON.parse(data));
    note(lastEventId);
  });
}

function note(eventId) {
  seen = Math.max(seen, Number(eventId));
}

function close() {
  source?.close();
  clearTimeout(opening);
}

// Browsers allow few connections to a server: a page that nobody looks at, or has not looked at yet, takes none.
function look() {
  close();
  show(false);
  if (!document.hidden) open();
}

document.addEventListener("visibilitychange", look);
// When all scripts of the page listen: what is told before would be missed.
document.addEventListener("DOMContentLoaded", look);
