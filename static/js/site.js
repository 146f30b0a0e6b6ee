// Everything here is a comfort: each page works without it. Behaviour hangs on data- attributes, texts come from the page.
const root = document.documentElement;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// -- colours: "auto" follows the system; stored on this device only ------------------------------------------------
const stored = {
  read: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  write: (value) => { try { localStorage.setItem("theme", value); } catch { /* private mode: holds until reload */ } },
};
const showTheme = (theme) => {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
};
showTheme(stored.read());

const offerThemes = (box) => {
  const choice = box.querySelector("select");
  choice.value = root.dataset.theme ?? "auto";
  choice.addEventListener("change", () => { stored.write(choice.value); showTheme(choice.value); });
  box.hidden = false;
};

// -- times: the reader's zone; the page's own wording stays as the title ----------------------------------------------
const shapes = {
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { dateStyle: "short" },
  time: { hour: "2-digit", minute: "2-digit" },
};
// The page's language, as the reader's own country writes it: "en" becomes "en-GB" for those who have that.
const tongue = () => navigator.languages.find((one) => one.split("-")[0] === root.lang.split("-")[0]) ?? (root.lang || undefined);
const inZone = (moment, shape, timeZone = zone) =>
  new Intl.DateTimeFormat(tongue(), { timeZone, numberingSystem: "latn", ...shapes[shape], ...(shape !== "day" && { hourCycle: "h23" }) }).format(moment);
const isToday = (moment) => inZone(moment, "day") === inZone(new Date(), "day");

// "Tomorrow" is a date and not 24 hours: days are counted from midnight to midnight.
const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0) / 1000;
const steps = [["day", 86400], ["hour", 3600], ["minute", 60]];
const apart = (moment) => {
  const seconds = (moment - Date.now()) / 1000;
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  const count = unit === "day" ? midnight(moment) - midnight(Date.now()) : seconds;
  return new Intl.RelativeTimeFormat(tongue(), { numeric: "auto", numberingSystem: "latn" }).format(Math.round(count / size), unit);
};
const localise = (time) => {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.valueOf())) return;
  const own = (time.dataset.own ??= time.textContent.trim());
  const thisYear = moment.getFullYear() === new Date().getFullYear();
  const shape = time.dataset.local === "short" && !thisYear ? "full" : time.dataset.local || "full";
  const here = inZone(moment, shape);
  const same = !root.dataset.zone || here === inZone(moment, shape, root.dataset.zone);
  let text = same ? own : here;
  if (shape === "short" && isToday(moment)) text = inZone(moment, "time");
  if (text !== own) time.title = own;
  const near = Math.abs(moment - Date.now()) < 30 * 86400 * 1000;
  time.textContent = near && "relative" in time.dataset ? `${text} (${apart(moment)})` : text;
};
const localiseAll = (within) => {
  all("time[data-local]", within).forEach(localise);
  all("[data-zone-note]", within).forEach((note) => {
    note.querySelector("[data-zone-name]").textContent = zone.replaceAll("_", " ");
    const now = new Date();
    note.hidden = !root.dataset.zone || inZone(now, "full") === inZone(now, "full", root.dataset.zone);
    all("[data-zone-own]").forEach((own) => { own.hidden = !note.hidden; });
  });
};

// -- live pages: ask again for this very address; the browser's own cache sends If-None-Match --------------------------
const live = { seen: null, failures: 0, timer: 0, said: "" };
const region = (within = document) => within.querySelector("[data-live]");
const say = (text) => { const ear = document.querySelector("[data-say]"); if (ear && text) ear.textContent = text; };
const lost = (away) => all("[data-lost]").forEach((note) => { note.hidden = !away; });
const busy = (place) => !getSelection().isCollapsed && place.contains(getSelection().anchorNode);

const pause = () => {
  const every = Number(region().dataset.live) || 30;
  const slower = Math.min(every * 2 ** live.failures, 300) * (0.8 + Math.random() * 0.4);
  // Something turns at a known moment, an estimate perhaps: look right after it, not all at once.
  const turns = (new Date(region().dataset.until) - Date.now()) / 1000 + 1 + Math.random() * 2;
  return (turns > 1 && turns < slower ? turns : slower) * 1000;
};
const swap = (place, fresh) => {
  const open = new Set(all("details[id][open]", place).map((group) => group.id));
  const shut = new Set(all("details[id]:not([open])", place).map((group) => group.id));
  const focus = place.contains(document.activeElement) && (document.activeElement.id || document.activeElement.getAttribute("href"));
  all("details[id]", fresh).forEach((group) => { group.open = open.has(group.id) || (group.open && !shut.has(group.id)); });
  localiseAll(fresh);
  pages.clear();
  const told = place.querySelector(".one-day:not(.over)") && shown.link.href;
  place.replaceWith(fresh);
  const again = told && all("a.days", fresh).find((link) => link.href === told);
  if (again) showDay(again, shown.day);
  if (focus) all("[id],[href]", fresh).find((one) => one.id === focus || one.getAttribute("href") === focus)?.focus({ preventScroll: true });
};
const take = (text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = region(page);
  if (!fresh) return location.reload();
  const words = fresh.dataset.words ?? "";
  const changed = words !== region().dataset.words;
  document.title = page.title;
  swap(region(), document.adoptNode(fresh));
  if (changed) { say(words); mine(); }
};
const look = async () => {
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-cache", credentials: "same-origin", signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const version = answer.headers.get("etag") ?? "";
    if ((version === "" || version !== live.seen) && !busy(region())) {
      take(await answer.text());
      live.seen = version;
    }
    live.failures = 0;
  } catch {
    live.failures += 1;
  }
  lost(live.failures > 1);
};
const next = () => { clearTimeout(live.timer); live.timer = setTimeout(turn, pause()); };
const turn = async () => {
  if (document.hidden) return;
  await look();
  next();
};

// -- ninety days: the day under the pointer, the finger or the arrow keys, as the component's own page tells it ---------
const pages = new Map();
const daysOf = (link) => {
  if (!pages.has(link.href)) {
    pages.set(link.href, fetch(link.href).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return all("[data-days] tbody tr", new DOMParser().parseFromString(await answer.text(), "text/html")).reverse();
    }));
    pages.get(link.href).catch(() => pages.delete(link.href));
  }
  return pages.get(link.href);
};
const shown = { link: null, day: 0 };
const hideDay = () => {
  shown.link = null;
  all(".one-day, .days .at").forEach((old) => old.remove());
};
// `over`: below the pointer, laid over what follows, so that nothing moves.
const showDay = async (link, day, { aloud = false, over = false } = {}) => {
  const picture = link.querySelector("svg");
  const number = picture.viewBox.baseVal.width;
  const oldest = picture.clientWidth > link.clientWidth ? number * 2 / 3 : 0;
  day = Math.max(oldest, Math.min(number - 1, day));
  if (shown.link === link && shown.day === day && (over || aloud)) return;
  hideDay();
  Object.assign(shown, { link, day });
  const mark = picture.appendChild(document.createElementNS(picture.namespaceURI, "path"));
  mark.setAttribute("class", "at");
  mark.setAttribute("d", `M${day} 12h1`);
  const row = await daysOf(link).then((rows) => rows[day]).catch(() => null);
  if (!row || shown.link !== link || shown.day !== day) return;
  const box = document.createElement("div");
  box.className = over ? "one-day over" : "one-day";
  for (const cell of row.cells) {
    const part = box.appendChild(document.createElement("div"));
    cell.childNodes.forEach((node) => part.append(document.importNode(node, true)));
  }
  all(".one-day").forEach((old) => old.remove());
  link.after(box);
  if (aloud) say(box.innerText);
};
const dayAt = (link, x) => {
  const box = link.querySelector("svg").getBoundingClientRect();
  const share = (x - box.left) / box.width;
  return Math.floor((getComputedStyle(link).direction === "rtl" ? 1 - share : share) * link.querySelector("svg").viewBox.baseVal.width);
};
const offerDays = () => {
  const linkOf = (event) => event.target.closest?.("a.days");
  document.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = linkOf(event);
    if (link && event.target.closest("svg")) showDay(link, dayAt(link, event.clientX), { over: true });
    else if (document.querySelector(".over") && !event.target.closest?.("li:has(.over)")) hideDay();
  });
  document.addEventListener("focusin", (event) => { const link = linkOf(event); if (link?.matches(":focus-visible")) showDay(link, shown.link?.href === link.href ? shown.day : 999); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideDay();
    const link = linkOf(event);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!link || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    showDay(link, (shown.link === link ? shown.day : 90) + (getComputedStyle(link).direction === "rtl" ? -step : step), { aloud: true });
  });
  // A tap on the bars tells of its day; whoever wants the whole page taps the words, or the day again.
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (!link || event.pointerType !== "touch" || !event.target.closest("svg")) return;
    event.preventDefault();
    showDay(link, dayAt(link, event.clientX), { aloud: true });
  });
};

// -- what is one's own: asked for apart, and only where a cookie says that somebody is signed in -----------------------
const mine = async () => {
  const place = document.querySelector("[data-mine]");
  if (!place || !/(^|; )signed_in=/.test(document.cookie)) return;
  try {
    const answer = await fetch(`/my/summary.json?language=${root.lang}`, { credentials: "same-origin", signal: AbortSignal.timeout(10000) });
    const { sentence, url } = answer.status === 200 ? await answer.json() : {};
    if (sentence) Object.assign(place.querySelector("a"), { textContent: sentence, href: url });
    place.hidden = !sentence;
  } catch { /* the page says what everybody may know */ }
};

const start = () => {
  offerDays();
  all("[data-themes]").forEach(offerThemes);
  localiseAll(document);
  setInterval(() => all("time[data-relative]").forEach(localise), 30000);
  all("[data-summary]").forEach((box) => box.focus());
  mine();
  if (!region()) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(live.timer) : turn()));
  next();
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
