/* Times of day, which the server tells in UTC, are told in the reader's own zone; the exact ones stay in the titles. */
const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const told = (options) => new Intl.DateTimeFormat(undefined, options);
const clocks = { second: told({ ...time, second: "2-digit" }), minute: told(time), day: told({ ...time, weekday: "short" }), moment: told({ year: "numeric", month: "short", day: "numeric", ...time, timeZoneName: "short" }) };
const zone = told({ timeZoneName: "short" }).formatToParts().find(({ type }) => type === "timeZoneName").value;

function tell() {
  for (const each of document.querySelectorAll("time[data-clock]")) {
    each.textContent = clocks[each.dataset.clock].format(new Date(each.dateTime));
    delete each.dataset.clock;
  }
  for (const each of document.querySelectorAll("[data-zone]")) {
    each.textContent = each.dataset.zone === "name" ? told().resolvedOptions().timeZone : zone; // a name holds all year
    delete each.dataset.zone;
  }
  for (const each of document.querySelectorAll("title[data-begin]")) {
    each.textContent = each.textContent.replace(/^\S+ UTC/, `${clocks.minute.format(new Date(each.dataset.begin))} ${zone}`);
    delete each.dataset.begin;
  }
}

// What comes later is told before it is seen.
new MutationObserver(tell).observe(document.querySelector("#main"), { childList: true, subtree: true });
tell();
