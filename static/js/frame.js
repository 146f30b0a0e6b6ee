// The widget in a frame: what the frame's address asks for is what the element is told.
const asked = new URLSearchParams(location.search);
const shown = document.querySelector("makegood-status");
for (const name of ["mode", "components", "theme"]) if (asked.has(name)) shown.setAttribute(name, asked.get(name));
if (asked.has("theme")) document.documentElement.dataset.theme = asked.get("theme");
