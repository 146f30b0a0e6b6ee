// Puts a widget together: what is picked is shown live and written down to be copied. Without it the usual ones stand here.
const form = document.querySelector("[data-generator]");
const live = document.querySelector("makegood-status");
const { root, label, copied } = form.dataset;
const place = (name) => document.querySelector(`[data-snippet="${name}"]`);
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const written = (fields) => Object.entries(fields).map(([name, value]) => (value ? ` ${name}="${escaped(value)}"` : "")).join("");
const HEIGHTS = { banner: 200, pill: 80, list: 360 };

const show = () => {
  const fields = new FormData(form);
  const asked = { mode: fields.get("mode"), components: fields.getAll("components").join(" "), theme: fields.get("theme") };
  const locale = fields.get("locale") ?? "";
  const spoken = form.querySelector(`option[value="${locale}"][data-root]`)?.dataset.root ?? root;
  for (const [name, value] of Object.entries({ ...asked, locale })) {
    if (value) live.setAttribute(name, value);
    else live.removeAttribute(name);
  }
  document.querySelector("[data-quiet]").hidden = asked.mode !== "banner";
  const inside = asked.mode === "banner" ? "" : `\n  <a href="${escaped(spoken)}">${escaped(label)}</a>\n`;
  place("element").textContent = `<script type="module" src="${escaped(root)}embed/status.js"></script>
<makegood-status${written({ page: root, ...asked, locale })}>${inside}</makegood-status>`;
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
  const size = { width: "100%", height: String(HEIGHTS[asked.mode]), loading: "lazy" };
  place("frame").textContent = `<iframe${written({ src: `${spoken}embed/frame?${query}`, title: label, ...size })}></iframe>`;
  place("picture").textContent = `<a${written({ href: spoken })}><img${written({ src: `${spoken}embed/banner.svg`, alt: label })}></a>`;
  place("badge").textContent = `[![${label}](${spoken}badge.svg)](${spoken})`;
  const frame = document.querySelector("[data-frame]");
  frame.height = size.height;
  frame.src = `${new URL(spoken).pathname}embed/frame?${query}`;
  document.querySelector("[data-picture]").src = `${new URL(spoken).pathname}embed/banner.svg`;
};

const copy = async (button) => {
  const text = place(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    document.querySelectorAll("[data-copy] + [role=status]").forEach((said) => { said.textContent = ""; });
    button.nextElementSibling.textContent = copied;
  } catch { // not allowed: leave it marked, ready to be copied by hand
    getSelection().selectAllChildren(text);
  }
};
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
