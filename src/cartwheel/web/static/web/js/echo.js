/* Tells in the head of the page, which covers nothing, what was done last on it, while its notice is out of view. */
const echo = document.querySelector("#echo");
let newest; // the id of that notice, until it has been in view

function tell() {
  const words = document.getElementById(newest)?.querySelectorAll(".state, .words") ?? [];
  echo.replaceChildren(...[...words].map((each) => each.cloneNode(true)));
}
const seen = ([{ isIntersecting }]) => {
  if (isIntersecting) newest = undefined;
  tell();
};
const watch = new IntersectionObserver(seen, { rootMargin: `-${document.querySelector(".site").offsetHeight}px 0px 0px` });

/** Tell of the first of the notices in there, which is new. */
export function tellInHead(region) {
  newest = region.querySelector(".notice")?.id;
  watch.unobserve(region);
  watch.observe(region); // which tells where it is now
}

/** Tell it again, if it is told: the notice may say something else now. */
export function renewHead() {
  if (echo.hasChildNodes()) tell();
}
