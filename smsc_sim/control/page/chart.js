// The chart: rates over time as lines, drawn as SVG; a crosshair by pointer or arrow keys.

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 52, RIGHT = 14, TOP = 10, BOTTOM = 26;

// The samples' `names` that are drawn, in the order of the colours 1 to 4.
export const SERIES = [
  { name: "submits_accepted", title: "accepted" },
  { name: "receipts_sent", title: "receipts" },
  { name: "mo_sent", title: "from handsets" },
  { name: "submits_refused", title: "refused" },
];

export function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function short(value) {
  if (value >= 10000) return `${(value / 1000).toFixed(value >= 100000 ? 0 : 1)}k`;
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

// A rise of 1, 2 or 5 times a power of ten, so that about four lines of the grid fit.
function step(most) {
  const rough = Math.max(most, 1) / 4, power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(1, [1, 2, 5, 10].find((times) => times * power >= rough) * power);
}

export class RateChart {
  constructor(place, legend) {
    this.place = place;
    this.points = []; // [{t (ms), values: [per second …]}]
    this.last = null;
    this.minutes = 1;
    this.hidden = new Set();
    this.at = null; // the index under the crosshair
    this.svg = shape("svg", { role: "img", tabindex: "0" });
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    place.append(this.svg, this.tip);
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.leave());
    this.svg.addEventListener("blur", () => this.leave());
    this.svg.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(place);
    this.makeLegend(legend);
  }

  makeLegend(legend) {
    SERIES.forEach((series, index) => {
      const key = document.createElement("span"), button = document.createElement("button");
      key.className = `key k${index + 1}`;
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(key, series.title);
      button.addEventListener("click", () => {
        const gone = this.hidden.has(index);
        gone ? this.hidden.delete(index) : this.hidden.add(index);
        button.setAttribute("aria-pressed", String(gone));
        this.draw();
      });
      legend.append(button);
    });
  }

  // `rates` as GET /api/state gives them: sums since the start, [t in µs, value …].
  add(rates) {
    const columns = SERIES.map((series) => rates.names.indexOf(series.name) + 1);
    for (const sample of rates.samples) {
      const now = { t: sample[0] / 1000, sums: columns.map((column) => sample[column]) };
      const before = this.last;
      if (before && now.t > before.t) {
        const seconds = (now.t - before.t) / 1000;
        this.points.push({ t: now.t, values: now.sums.map((sum, i) => Math.max(0, (sum - before.sums[i]) / seconds)) });
        if (this.at !== null && this.points.length > 900) this.at -= 1;
      }
      // The beginning of a run: lines start at nothing, not at their first rate.
      if (!before && now.sums.every((sum) => sum === 0)) this.points.push({ t: now.t, values: now.sums });
      this.last = now;
    }
    this.points = this.points.slice(-900);
    this.draw();
  }

  // The mean of the newest `count` points of a series.
  now(index, count = 3) {
    const recent = this.points.slice(-count);
    return recent.length ? recent.reduce((sum, point) => sum + point.values[index], 0) / recent.length : 0;
  }

  draw() {
    const width = this.place.clientWidth, height = this.place.clientHeight;
    if (!width) return;
    this.width = width;
    this.end = this.points.length ? this.points[this.points.length - 1].t : Date.now();
    this.start = this.end - this.minutes * 60000;
    this.shown = this.points.filter((point) => point.t >= this.start);
    const lines = SERIES.map((_, index) => index).filter((index) => !this.hidden.has(index));
    const most = Math.max(1, ...this.shown.map((point) => Math.max(0, ...lines.map((index) => point.values[index]))));
    const rise = step(most), top = Math.ceil(most / rise) * rise;
    this.x = (t) => LEFT + ((t - this.start) / (this.end - this.start)) * (width - LEFT - RIGHT);
    this.y = (value) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
    const parts = [];
    for (let value = 0; value <= top; value += rise) {
      const y = this.y(value);
      parts.push(shape("line", { class: value ? "grid" : "grid base", x1: LEFT, x2: width - RIGHT, y1: y, y2: y }));
      parts.push(shape("text", { x: LEFT - 10, y: y + 4, "text-anchor": "end" }, short(value)));
    }
    parts.push(...this.times(width, height));
    for (const index of [...lines].reverse()) parts.push(...this.line(index));
    this.svg.replaceChildren(...parts);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const told = SERIES.map((series, index) => `${series.title} ${short(this.now(index))} per second`).join(", ");
    this.svg.setAttribute("aria-label", `Messages per second over ${this.minutes === 1 ? "one minute" : `${this.minutes} minutes`}. Now: ${told}.`);
    if (this.at !== null) this.cross();
  }

  times(width, height) {
    const every = this.minutes * 60000 / (width < 560 ? 3 : 5), parts = [];
    for (let t = this.start; t <= this.end + 1; t += every) {
      const seconds = Math.round((this.end - t) / 1000);
      const text = seconds ? `−${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "now";
      const anchor = seconds ? (t === this.start ? "start" : "middle") : "end";
      parts.push(shape("text", { x: this.x(t), y: height - 6, "text-anchor": anchor }, text));
    }
    return parts;
  }

  line(index) {
    if (this.shown.length < 2) return [];
    const corners = this.shown.map((point) => `${this.x(point.t).toFixed(1)},${this.y(point.values[index]).toFixed(1)}`);
    const path = shape("path", { class: `l${index + 1}`, d: `M${corners.join("L")}` });
    if (index) return [path];
    const first = this.x(this.shown[0].t), last = this.x(this.end), base = this.y(0);
    return [shape("path", { class: "a1", d: `M${first},${base}L${corners.join("L")}L${last},${base}Z` }), path];
  }

  point(event) {
    const box = this.svg.getBoundingClientRect(), x = event.clientX - box.left;
    if (!this.shown.length) return;
    let best = 0;
    this.shown.forEach((one, index) => {
      if (Math.abs(this.x(one.t) - x) < Math.abs(this.x(this.shown[best].t) - x)) best = index;
    });
    this.at = this.points.length - this.shown.length + best;
    this.draw();
  }

  key(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (event.key === "Escape") return this.leave();
    if (!move || !this.shown.length) return;
    event.preventDefault();
    const first = this.points.length - this.shown.length;
    this.at = Math.min(this.points.length - 1, Math.max(first, (this.at ?? this.points.length) + move));
    this.draw();
  }

  leave() {
    this.at = null;
    this.tip.hidden = true;
    this.draw();
  }

  cross() {
    const point = this.points[this.at];
    if (!point || point.t < this.start) return this.leave();
    const x = this.x(point.t), shown = SERIES.map((_, index) => index).filter((index) => !this.hidden.has(index));
    this.svg.append(shape("line", { class: "cross", x1: x, x2: x, y1: TOP, y2: this.y(0) }));
    for (const index of shown) this.svg.append(shape("circle", { class: `c${index + 1}`, cx: x, cy: this.y(point.values[index]), r: 4.5 }));
    const head = document.createElement("b");
    head.textContent = new Date(point.t).toLocaleTimeString("en-GB");
    const rows = shown.map((index) => {
      const row = document.createElement("div"), key = document.createElement("span"), value = document.createElement("span");
      key.className = `key k${index + 1}`;
      value.textContent = `${short(point.values[index])}/s`;
      row.append(key, SERIES[index].title, value);
      return row;
    });
    this.tip.replaceChildren(head, ...rows);
    this.tip.hidden = false;
    const wide = this.tip.offsetWidth;
    this.tip.style.left = `${x + 14 + wide > this.width ? x - 14 - wide : x + 14}px`;
  }
}
