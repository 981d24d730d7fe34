/* Says above the notices, where one sees it, that the hub did not answer. */
const region = document.querySelector("#notices");

/** Say that the hub could not be asked, until it is there again. */
export function tellLost() {
  warn("lost");
}

/** Say that nobody knows whether an act was done; until the next one. */
export function tellUnsure() {
  warn("unsure");
}

function warn(what) {
  const id = `notice-${what}`;
  const notice = document.getElementById(id) ?? Object.assign(document.createElement("p"), { id, className: "notice bad" });
  notice.textContent = region.dataset[what];
  region.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}

export function forget(what) {
  document.getElementById(`notice-${what}`)?.remove();
}
