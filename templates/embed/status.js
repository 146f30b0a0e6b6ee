// Shows a Makegood status page on any web site: <makegood-status mode="banner|pill|list">. How: docs/widgets.md.
// It asks the status page and nobody else, sets no cookie, and keeps its style and its errors to itself.
const NAME = "makegood-status";
const HOME = new URL("..", import.meta.url);
const STATES = ["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"];
// What is drawn as a line, then what is filled.
const SHAPES = {
  operational: ["M2 10a8 8 0 1 0 16 0a8 8 0 1 0-16 0M6.2 10.4l2.6 2.6 5-5.6"],
  under_maintenance: ["M17.3 5.2a4.6 4.6 0 0 1-6.2 5.6l-5.9 6a1.9 1.9 0 0 1-2.8-2.7l6.1-5.9A4.6 4.6 0 0 1 14.4 2.4l-2.7 2.9 2.8 2.7z"],
  degraded_performance: ["M10 2.4 18.6 17.2H1.4zM10 7.8v4.2M10 14.6v.1"],
  partial_outage: ["M10 1.6 18.4 10 10 18.4 1.6 10z", "M10 1.6 18.4 10 10 18.4z"],
  major_outage: ["M6.6 1.8h6.8l4.8 4.8v6.8l-4.8 4.8H6.6l-4.8-4.8V6.6zM7 7l6 6M13 7l-6 6"],
  close: ["M4.4 4.4l11.2 11.2M15.6 4.4 4.4 15.6"],
};
const SOON = 24 * 3600e3; // planned work that a banner speaks of
const EVERY = 60; // seconds
const SELDOM = 300;

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { all: initial !important; display: block !important; }
:host([mode="pill"]) { display: inline-block !important; }
:host([hidden]) { display: none !important; }
[hidden], :host(:not([mode="pill"], [mode="list"])) slot { display: none !important; }
.box { {{ tokens|safe }} color-scheme: light dark;
  display: flex; gap: 0.6em; align-items: flex-start; box-sizing: border-box; padding: 0.5em 1em;
  font: 1em/1.5 var(--makegood-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--ink); background: var(--wash); border: 1px solid var(--line); border-inline-start: 0.375em solid var(--state);
  border-radius: 0.375em; overflow-wrap: anywhere; text-align: start; }
:host([theme="light"]) .box { color-scheme: light; }
:host([theme="dark"]) .box { color-scheme: dark; }
.operational { --state: var(--good); --wash: var(--good-wash); }
.under_maintenance { --state: var(--plan); --wash: var(--plan-wash); }
.degraded_performance { --state: var(--warn); --wash: var(--warn-wash); }
.partial_outage { --state: var(--bad); --wash: var(--bad-wash); }
.major_outage { --state: var(--worst); --wash: var(--bad-wash); }
.box > div { flex: 1; min-inline-size: 0; }
p, ul { margin: 0; padding: 0; list-style: none; }
p a, li a, .mark { display: inline-flex; align-items: center; gap: 0.4em; min-block-size: 2.75em; }
.say a { font-weight: 600; }
a { color: inherit; }
li { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1em; padding-block: 0.25em; }
li + li, .say + ul:not(:empty) { border-block-start: 1px solid var(--line); }
li.part { justify-content: space-between; min-block-size: 2.75em; }
.mark { color: var(--state); font-weight: 600; }
svg { inline-size: 1.25em; block-size: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
svg .full { fill: currentColor; }
.say svg { color: var(--state); }
button { all: unset; box-sizing: border-box; cursor: pointer; display: grid; place-items: center; inline-size: 2.75em; block-size: 2.75em; margin-inline-end: -0.5em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 1px; border-radius: 2px; }
:host([mode="pill"]) .box { padding: 0 0.9em 0 0.75em; border: 1px solid var(--edge); border-radius: 1.5em; }
:host([mode="pill"]) a { text-decoration: none; }
:host([mode="pill"]) p:not(.say, :empty) { padding-block-end: 0.5em; }
:host([mode="list"]) .box { background: var(--sheet); }
`);

// -- what is remembered: on this device, or until the page is left where the browser keeps nothing for it -------------
const kept = new Map();
const keep = (key, value) => {
  kept.set(key, value);
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* closed to us, or full */ }
};
const recall = (key) => {
  try { return JSON.parse(localStorage.getItem(key)) ?? kept.get(key); } catch { return kept.get(key); }
};

// -- asking -----------------------------------------------------------------------------------------------------------
const read = async (path, base, credentials = "omit") => {
  const answer = await fetch(new URL(path, base), { cache: "no-cache", credentials, referrerPolicy: "no-referrer", signal: AbortSignal.timeout(10000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.status === 204 ? null : Object.assign(await answer.json(), { from: answer.url });
};

// -- drawing: no markup is ever parsed, so no policy of the page's own can be in the way -------------------------------
const make = (tag, fields = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...inside);
  return made;
};
const icon = (name) => {
  const drawn = (tag, fields) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(fields).forEach(([field, value]) => made.setAttribute(field, value));
    return made;
  };
  const svg = drawn("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
  svg.append(...SHAPES[name].map((d, number) => drawn("path", { d, class: number ? "full" : "" })));
  return svg;
};
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const apart = (moment, language) => {
  const seconds = Math.round((new Date(moment) - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(language).format(Math.round(seconds / size), unit);
};
const link = (href, ...inside) => make("a", { href }, ...inside);

const row = (one, base) => make(
  "li", {}, link(new URL(`incidents/${one.id}`, base), one.name), make("span", {}, `${one.words} · `, make("time", { dateTime: one.starts_at })),
);

// What a page says to those who look at some of its components, or at all of it.
const view = (data, wanted, mode) => {
  const matters = (one) => !wanted.length || one.components.some((id) => wanted.includes(id));
  const isNear = (work) => work.under_way || new Date(work.starts_at) - Date.now() < SOON;
  const works = data.maintenances.filter((work) => matters(work) && isNear(work));
  const things = [...data.incidents.filter(matters), ...works];
  const worst = data.components.map((one) => wanted.includes(one.id) ? STATES.indexOf(one.status) : 0);
  const state = wanted.length ? STATES[Math.max(0, ...worst)] : data.status.state;
  const words = wanted.length ? data.texts.states[state] : data.status.sentence;
  const isAhead = mode === "banner" && state === STATES[0] && works.length === things.length && works.length > 0;
  return isAhead ? { things, state: STATES[1], words: data.texts.ahead } : { things, state, words };
};

class MakegoodStatus extends HTMLElement {
  static observedAttributes = ["page", "components", "mode", "locale", "personal"];
  #at = {}; // the parts of what is shown
  #turn = 0; // rises whenever what is under way no longer counts
  #timer = 0;
  #ticking = 0;
  #failures = 0;
  #base = null; // where the documents of the language stand, once that is known
  #known = null; // what was heard last: {data, names, base, at}
  #isFresh = false; // whether it was heard by this very element
  #mine = { at: 0 };
  #state = "";
  #drawn = "";
  #wake = () => (document.hidden ? clearTimeout(this.#timer) : this.#look());

  constructor() {
    super();
    const said = { say: make("p", { className: "say", role: "status" }), list: make("ul"), mine: make("p"), age: make("p") };
    const close = make("button", { type: "button", onclick: () => this.#dismiss() }, icon("close"));
    const box = make("div", { hidden: true, onkeydown: (press) => { if (press.key === "Escape") this.#dismiss(); } });
    box.append(make("div", {}, ...Object.values(said)), close);
    this.#at = { ...said, close, box, slot: make("slot") };
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(box, this.#at.slot);
  }

  get #mode() { return ["pill", "list"].find((mode) => mode === this.getAttribute("mode")) ?? "banner"; }
  get #wanted() { return (this.getAttribute("components") ?? "").split(/[\s,]+/).filter(Boolean); }
  get #tongue() {
    const asked = this.getAttribute("locale") || this.closest("[lang]")?.lang || document.documentElement.lang;
    return asked.toLowerCase().split("-")[0];
  }
  get #home() {
    const page = this.getAttribute("page") ?? "";
    return new URL(/^[\w-]+$/.test(page) ? `/p/${page}/` : page.replace(/[^/]$/, "$&/"), HOME);
  }
  get #key() { return [NAME, this.#home, this.#tongue, this.#mode, ...this.#wanted].join(" "); }

  // -- when: never while nobody looks, never all at once, seldom while nobody answers ----------------------------------
  connectedCallback() {
    document.addEventListener("visibilitychange", this.#wake);
    this.#ticking = setInterval(() => this.#age(), 20000);
    this.#start();
  }
  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#wake);
    clearInterval(this.#ticking);
    clearTimeout(this.#timer);
    ++this.#turn;
  }
  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && before !== after) this.#start();
  }
  #start() {
    this.#base = this.#known = null;
    this.#mine = { at: 0 };
    this.#failures = 0;
    this.#isFresh = false;
    if (!document.hidden) this.#look();
  }
  async #look() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const heard = await this.#ask().catch(() => null);
    const mine = heard && (await this.#askForMine(heard).catch(() => null));
    if (turn !== this.#turn) return;
    this.#failures = heard ? 0 : this.#failures + 1;
    this.#isFresh ||= Boolean(heard);
    this.#known = heard ?? this.#known ?? recall(this.#key);
    this.#mine = mine ?? this.#mine;
    this.#base = heard?.base;
    if (heard) keep(this.#key, heard);
    const seconds = Math.min((this.#known?.data.ask_again ?? EVERY) * 2 ** this.#failures, SELDOM);
    this.#timer = setTimeout(this.#wake, seconds * (800 + Math.random() * 400));
    this.#draw();
  }

  // -- what ------------------------------------------------------------------------------------------------------------
  async #ask() {
    let data = await read("embed/summary.json", this.#base ?? this.#home);
    const root = data.page.language !== this.#tongue && data.page.languages[this.#tongue];
    if (root) data = await read(`${root}embed/summary.json`, data.from); // elsewhere, if the page has moved
    const base = new URL("..", data.from).href;
    const names = this.#mode === "list" ? await read("embed/components.json", base) : null;
    return { data, names: names?.components ?? [], base, at: Date.now() };
  }
  async #askForMine({ data, base }) {
    const isAsked = this.hasAttribute("personal") && new URL(base).origin === location.origin;
    if (!isAsked || !/(^|; )signed_in=/.test(document.cookie)) return { at: 0 };
    if (Date.now() - this.#mine.at < EVERY * 1000) return null;
    return { ...(await read(`/my/summary.json?language=${data.page.language}`, base, "same-origin")), at: Date.now() };
  }
  #dismiss() {
    if (this.#mode !== "banner") return;
    keep(`${this.#key} dismissed`, this.#state);
    this.#draw();
  }

  // -- how -------------------------------------------------------------------------------------------------------------
  #draw() {
    try {
      if (this.#known) this.#show(this.#known);
    } catch { /* what an older program kept: the next answer mends it */ }
  }
  #show({ data, names, base }) {
    const { box, slot, say, list, mine, close } = this.#at;
    const { things, state, words } = view(data, this.#wanted, this.#mode);
    const isBanner = this.#mode === "banner";
    this.#state = [state, ...things.map((one) => one.id), this.#mine.affected].join(" ").trim();
    const isQuiet = isBanner && (this.#state === STATES[0] || recall(`${this.#key} dismissed`) === this.#state);
    const drawn = JSON.stringify([isQuiet, data, names, this.#mine.sentence, this.#key]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const focused = this.shadowRoot.activeElement?.getAttribute("href");
      const { language: lang, direction: dir } = data.page;
      slot.hidden = true;
      Object.assign(box, { hidden: isQuiet, className: `box ${state}`, lang, dir, ariaLabel: data.texts.label });
      box.role = this.#mode === "pill" ? "group" : "region";
      Object.assign(close, { hidden: !isBanner, ariaLabel: data.texts.dismiss, title: data.texts.dismiss });
      if (isQuiet) say.replaceChildren();
      else if (say.textContent !== words) say.replaceChildren(link(base, icon(state), words));
      list.replaceChildren(...(this.#mode === "pill" ? [] : things.map((one) => row(one, base))), ...this.#parts(data, names));
      mine.replaceChildren(...(this.#mine.sentence ? [link(this.#mine.url, this.#mine.sentence)] : []));
      if (focused) this.shadowRoot.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
    this.#age();
  }
  #parts(data, names) {
    if (this.#mode !== "list") return [];
    const parts = new Map([...names, ...data.components].map((one) => [one.id, one]));
    const ids = this.#wanted.length ? this.#wanted : [...parts.keys()];
    return ids.map((id) => parts.get(id)).filter(Boolean).map((one) => {
      const status = one.status ?? STATES[0];
      return make("li", { className: `part ${status}` }, make("span", {}, one.name), make("span", { className: "mark" }, icon(status), data.texts.states[status]));
    });
  }
  #age() {
    const { age, list } = this.#at;
    if (!this.#known) return;
    const { data, at } = this.#known;
    const say = (place, words, moment) => {
      const text = words.replace("{age}", apart(moment, data.page.language));
      if (place.textContent !== text) place.textContent = text;
    };
    list.querySelectorAll("time").forEach((time) => {
      say(time, new Date(time.dateTime) > Date.now() ? data.texts.begins : data.texts.began, time.dateTime);
    });
    say(age, data.as_of || this.#failures > (this.#isFresh ? 1 : 0) ? data.texts.as_of : "", data.as_of ?? at);
  }
}
if (!customElements.get(NAME)) customElements.define(NAME, MakegoodStatus);
