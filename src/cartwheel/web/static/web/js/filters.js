/* Leaves fields that say nothing out of the address, and closes a panel when one goes elsewhere. */
const form = document.querySelector("#search");

form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll("details.drop[open], details.hour[open]")) if (!open.contains(target)) open.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && document.querySelector("details.drop[open], details.hour[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
