/** A function that has htmx read a part of the page again, one reading at a time.
 *
 * `part` finds it, `event` is what its hx-trigger waits for. `again` is called when it has to be read once more:
 * because something happened meanwhile, or, some seconds later, because the hub was busy or away.
 */
const AGAIN_MS = 3000;

export function looking(part, event, again) {
  let reading, isDue = false;

  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (target === part()) reading = target;
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { target, successful, xhr } }) => {
    if (target !== reading) return;
    reading = undefined;
    if (!successful && (!xhr.status || xhr.status >= 500)) setTimeout(again, AGAIN_MS);
    else if (isDue) again();
  });

  // htmx would keep a second request for the part until the first is answered, which replaces the part, and forget it.
  return () => {
    isDue = Boolean(reading);
    if (!reading) window.htmx.trigger(part(), event);
  };
}
