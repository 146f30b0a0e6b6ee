// The desk's comforts: times in the reader's zone, a live preview, one click is one deed. Every page works without it.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// -- times ---------------------------------------------------------------------------------------------------------
// "Tomorrow" is a date and not 24 hours: days are counted from midnight to midnight.
const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0) / 1000;
const steps = [["day", 86400], ["hour", 3600], ["minute", 60]];
const language = document.documentElement.lang || undefined;
const apart = (moment) => {
  const seconds = (moment - Date.now()) / 1000;
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  const count = unit === "day" ? midnight(moment) - midnight(Date.now()) : seconds;
  return new Intl.RelativeTimeFormat(language, { numeric: "auto", numberingSystem: "latn" }).format(Math.round(count / size), unit);
};
// The desk writes times in the zone of whoever sits there (their account's); the script only says how far away they are.
const relate = (time) => {
  time.dataset.own ??= time.textContent.trim();
  time.textContent = `${time.dataset.own} (${apart(new Date(time.dateTime))})`;
};
const relateAll = () => all("time[data-relative]").forEach(relate);
relateAll();
setInterval(relateAll, 30000);

// -- live preview: the server renders and sanitises, as it does for customers --------------------------------------------
const offerPreview = (text) => {
  const box = document.querySelector("[data-preview-box]");
  const place = box?.querySelector("[data-preview-html]");
  const token = text.form.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!place || !token) return;
  let timer = 0;
  let turn = 0;
  const show = async () => {
    const mine = ++turn;
    const answer = await fetch(box.dataset.previewBox, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams({ body: text.value }),
    }).catch(() => null);
    if (!answer?.ok || mine !== turn) return;
    place.innerHTML = await answer.text();
    box.hidden = text.value.trim() === "";
  };
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 400); });
};
all("textarea[data-preview]").forEach(offerPreview);

// -- one click is one deed ----------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
