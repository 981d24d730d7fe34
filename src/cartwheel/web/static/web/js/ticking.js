/* Tells times anew each second, in the words of cartwheel/web/moments.py, and exact ones in the reader's own zone. */
const MINUTE = 60, HOUR = 3600, DAY = 86400;
const clock = Date.parse(document.body.dataset.clock) - Date.now(); // the server's is the one that counts
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function ago(seconds, moment) {
  if (seconds < 2) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  return days < 30 ? `${days} day${days === 1 ? "" : "s"} ago` : moment.toISOString().slice(0, 10);
}

export function runningFor(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${seconds % MINUTE} s`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`;
  return `${Math.floor(seconds / DAY)} d ${Math.floor((seconds % DAY) / HOUR)} h`;
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
