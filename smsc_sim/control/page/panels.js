// The panels: tiles, tables, switches and what is found of a number. Texts are set as texts, never as HTML.

import { short } from "./chart.js";

export const by = (id) => document.getElementById(id);

export function made(tag, name = "", ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const whole = (value) => Number(value).toLocaleString("en");
export const clock = (t) => {
  const moment = new Date(t / 1000);
  return `${moment.toLocaleTimeString("en-GB")}.${String(Math.floor(t / 1000) % 1000).padStart(3, "0")}`;
};

export function span(seconds) {
  const days = Math.floor(seconds / 86400), rest = Math.floor(seconds % 86400);
  const parts = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return (days ? `${days} d ` : "") + parts.map((part) => String(part).padStart(2, "0")).join(":");
}

const TILES = [
  { key: 1, label: "Accepted", series: 0, note: (c) => `${whole(c.submits_accepted)} since the start` },
  { key: 2, label: "Receipts", series: 1, note: (c) => `${whole(c.receipts_acknowledged)} acknowledged` },
  { key: 3, label: "From handsets", series: 2, note: (c) => `${whole(c.mo_acknowledged)} acknowledged` },
  { key: 4, label: "Refused", series: 3, note: (c) => `${whole(c.submits_refused)} since the start` },
  { label: "Open messages", value: (c) => c.open_messages, note: (c) => `${whole(c.finals)} have ended` },
  { label: "Binds", value: (c, state) => state.binds.filter((bind) => bind.type !== "unbound").length, note: (c) => `${whole(c.binds_refused)} refused` },
];

export function drawTiles(state, chart) {
  const place = by("tiles");
  if (!place.children.length) {
    for (const tile of TILES) {
      const label = made("p", "label", tile.key ? made("span", `key k${tile.key}`) : null, tile.label);
      place.append(made("div", "tile", label, made("p", "value"), made("p", "note")));
    }
  }
  TILES.forEach((tile, index) => {
    const [, value, note] = place.children[index].children;
    if (tile.series === undefined) value.textContent = whole(tile.value(state.counters, state));
    else value.replaceChildren(short(chart.now(tile.series)), made("span", "unit", "/s"));
    note.textContent = tile.note(state.counters);
    note.title = note.textContent;
  });
}

export function drawBinds(state) {
  const rows = state.binds.map((bind) => made("tr", "",
    made("td", "mono", bind.bind),
    made("td", "", bind.system_id || "–"),
    made("td", "", made("span", bind.type === "unbound" ? "tag warn" : "tag main", bind.type)),
    made("td", "mono", bind.peer),
    made("td", "num", whole(bind.pdus_in)),
    made("td", "num", whole(bind.pdus_out)),
    made("td", "num", `${whole(bind.unanswered_in)} / ${whole(bind.unanswered_out)}`)));
  by("binds").tBodies[0].replaceChildren(...rows);
  by("binds").hidden = !rows.length;
  by("binds-empty").hidden = rows.length > 0;
  by("binds-count").textContent = rows.length ? `${rows.length} up` : "";
  const names = [...new Set(state.binds.map((bind) => bind.system_id).filter(Boolean))];
  if (by("accounts").dataset.names !== names.join()) {
    by("accounts").dataset.names = names.join();
    by("accounts").replaceChildren(...names.map((name) => Object.assign(made("option"), { value: name })));
  }
}

// Rows are kept and changed, so that a switch with the focus stays where it is.
export function drawFaults(state, flip) {
  const list = by("faults"), signature = JSON.stringify(state.faults.map((fault) => [fault.smsc, fault.name]));
  if (list.dataset.of !== signature) {
    list.dataset.of = signature;
    list.replaceChildren(...state.faults.map((fault) => {
      const button = made("button");
      button.type = "button";
      button.setAttribute("role", "switch");
      button.setAttribute("aria-label", `Fault ${fault.name}`);
      button.addEventListener("click", () => flip(fault, button.getAttribute("aria-checked") !== "true"));
      return made("li", "", made("div", "name", made("b", "", fault.name), made("span")), made("span", "hits"), button);
    }));
  }
  state.faults.forEach((fault, index) => {
    const [name, hits, button] = list.children[index].children;
    name.lastChild.textContent = [fault.told || fault.kind, fault.smsc].filter(Boolean).join(" · ");
    hits.textContent = fault.hits ? `${whole(fault.hits)} hits` : "";
    button.setAttribute("aria-checked", String(fault.on));
  });
  by("faults-empty").hidden = state.faults.length > 0;
  by("faults-count").textContent = state.faults.length ? `${state.faults.filter((fault) => fault.on).length} of ${state.faults.length} on` : "";
}

export function drawCounters(state) {
  const rows = Object.entries(state.counters).map(([name, value]) =>
    made("tr", "", made("td", "", name.replaceAll("_", " ")), made("td", "num", whole(value))));
  by("counters").tBodies[0].replaceChildren(...rows);
}

const STATE_TAGS = { DELIVERED: "good", ENROUTE: "main", ACCEPTED: "main", UNDELIVERABLE: "bad", EXPIRED: "bad", REJECTED: "bad" };

export function drawFound(found) {
  const messages = found.messages.map((message) => made("article", "message",
    made("header", "", made("span", `tag ${STATE_TAGS[message.state] || "warn"}`, message.state), made("b", "mono", message.smsc_message_id), `${message.source} → ${message.destination}`, message.error_code ? `error ${message.error_code}` : null),
    made("ol", "", ...message.rows.map(witnessLine))));
  const other = found.other.length ? [made("article", "message", made("header", "", made("b", "", "Without a message id")), made("ol", "", ...found.other.map(witnessLine)))] : [];
  const nothing = messages.length + other.length ? [] : [made("p", "empty", "Nothing of this number in the rows that are kept.")];
  by("found").replaceChildren(made("div", "found-scroll", ...nothing, ...messages, ...other));
}

function witnessLine(row) {
  const what = [row.decision.replaceAll("_", " "), row.status && row.status !== "ESME_ROK" ? row.status : "", row.state || "", row.text ? `“${row.text}”` : "", row.detail || ""];
  return made("li", "", made("span", "mono", clock(row.t)), made("b", "", row.command), made("span", "", what.filter(Boolean).join(" · ")));
}
