/* What drops down closes when one goes elsewhere, or with Esc. */
const dropped = () => [...document.querySelectorAll("details:is(.drop, .hour)[open]")];
document.addEventListener("click", ({ target }) => {
  for (const open of dropped()) if (!open.contains(target)) open.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  const [open] = key === "Escape" ? dropped() : [];
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
