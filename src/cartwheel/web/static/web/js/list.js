/* The list as a whole: it is not read again while rows are ticked, says when it could not be read, and is searched
 * for what was filled in only.
 */
const failed = () => document.querySelector("#tasks [data-failed]");

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "tasks" && event.target.querySelector("input:checked")) event.preventDefault();
});
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(name, ({ target }) => {
    if (target.id === "tasks") failed().hidden = false;
  });
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-again]")) document.body.dispatchEvent(new CustomEvent("hub:refresh"));
});
document.querySelector("#search").addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name); // so that the address says no more than it must
});
