/** A function that runs `act` soon after it is called, however often that is, and never twice at a time.
 *
 * The first call is answered after 50 ms; further ones no more often than every `spacing` milliseconds.
 * While the page is hidden nothing runs; it catches up when it is looked at again.
 */
export function paced(act, spacing = 250) {
  let isDue = false, isBusy = false, timer, last = 0;

  async function run() {
    timer = undefined;
    if (document.hidden || isBusy) return;
    isDue = false;
    isBusy = true;
    last = Date.now();
    try {
      await act();
    } finally {
      isBusy = false;
      if (isDue) plan();
    }
  }

  function plan() {
    isDue = true;
    timer ??= setTimeout(run, Math.max(50, last + spacing - Date.now()));
  }

  document.addEventListener("visibilitychange", () => isDue && plan());
  return plan;
}
