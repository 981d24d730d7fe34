/* A click counts also where what was pressed has been read again before it was let go: it is on what stands there now. */
const ONES = "a, button, input, label, summary";
let pressed;

document.addEventListener("pointerdown", ({ target, button }) => { pressed = button === 0 ? target.closest(ONES) : null; });
document.addEventListener("pointerup", (event) => {
  if (!pressed || pressed.isConnected) return; // the browser's own click comes
  const here = document.elementFromPoint(event.clientX, event.clientY)?.closest(ONES);
  if (here?.isEqualNode(pressed)) here.dispatchEvent(new MouseEvent("click", event));
});
