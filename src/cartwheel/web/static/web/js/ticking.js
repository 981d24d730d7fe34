/* Tells times anew each second, in the words of cartwheel/web/moments.py, and exact ones in the reader's own zone. */
const MINUTE = 60, HOUR = 3600, DAY = 86400;
const words = JSON.parse(document.body.dataset.times);
const clock = Date.parse(document.body.dataset.clock) - Date.now(); // the server's is the one that counts
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

const say = (name, values) => words[name].replace(/%\((\w+)\)s/g, (_, each) => values[each]);

export function ago(seconds, moment) {
  if (seconds < 2) return say("now");
  if (seconds < MINUTE) return say("s_ago", { s: seconds });
  if (seconds < HOUR) return say("min_ago", { min: Math.floor(seconds / MINUTE) });
  if (seconds < DAY) return say("h_ago", { h: Math.floor(seconds / HOUR) });
  const d = Math.floor(seconds / DAY);
  return d < 30 ? say("d_ago", { d }) : moment.toISOString().slice(0, 10);
}

export function runningFor(seconds) {
  if (seconds < MINUTE) return say("s", { s: seconds });
  if (seconds < HOUR) return say("min_s", { min: Math.floor(seconds / MINUTE), s: seconds % MINUTE });
  if (seconds < DAY) return say("h_min", { h: Math.floor(seconds / HOUR), min: Math.floor((seconds % HOUR) / MINUTE) });
  return say("d_h", { d: Math.floor(seconds / DAY), h: Math.floor((seconds % DAY) / HOUR) });
}

function tick() {
  if (document.hidden) return;
  const now = Date.now() + clock;
  for (const time of document.querySelectorAll("time[data-ago], time[data-since]")) {
    const moment = new Date(time.dateTime);
    const seconds = Math.max(0, Math.floor((now - moment) / 1000));
    const words = "ago" in time.dataset ? ago(seconds, moment) : runningFor(seconds);
    if (time.textContent !== words) time.textContent = words;
    if ("ago" in time.dataset && !time.dataset.ago) {
      time.dataset.ago = "told";
      time.title = `${local.format(moment)} (${time.title})`;
    }
  }
}

tick();
setInterval(tick, 1000);
