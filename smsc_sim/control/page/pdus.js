// The last PDUs: a table of which each row opens to the decoded fields and the octets.

import { by, clock, made } from "./panels.js";

const opened = new Set(); // The rows that are open, by their place in the capture.
const COMMANDS = ["submit_sm", "submit_sm_resp", "deliver_sm", "deliver_sm_resp", "data_sm", "submit_multi", "query_sm", "cancel_sm", "replace_sm", "bind_transceiver", "bind_transmitter", "bind_receiver", "enquire_link", "generic_nack", "unbind"];

export function fillCommands() {
  by("filter-command").append(...COMMANDS.map((name) => made("option", "", name)));
}

// `onOpen` is told when somebody opens a row: what is read must not run away.
export function drawPdus(pdus, onOpen) {
  const all = by("filter-command").value !== "";
  const shown = all ? pdus : pdus.filter((pdu) => !pdu.command.startsWith("enquire_link"));
  const focused = document.activeElement?.dataset?.of;
  const rows = [];
  for (const pdu of shown) {
    const name = `${pdu.at}:${pdu.command_id}:${pdu.sequence_number}`;
    rows.push(row(pdu, name, () => toggle(name, pdus, onOpen)));
    if (opened.has(name)) rows.push(made("tr", "more", Object.assign(made("td", "", inside(pdu)), { colSpan: 8 })));
  }
  by("pdus").tBodies[0].replaceChildren(...rows);
  by("pdus-empty").hidden = rows.length > 0;
  by("pdus").hidden = !rows.length;
  if (focused) by("pdus").querySelector(`button[data-of="${CSS.escape(focused)}"]`)?.focus();
}

function toggle(name, pdus, onOpen) {
  if (opened.has(name)) opened.delete(name);
  else {
    opened.add(name);
    onOpen();
  }
  drawPdus(pdus, onOpen);
}

function row(pdu, name, flip) {
  const button = made("button", "open", pdu.command);
  button.type = "button";
  button.dataset.of = name;
  button.setAttribute("aria-expanded", String(opened.has(name)));
  const incoming = pdu.direction === "in";
  const way = made("td", incoming ? "way-in" : "way-out", made("span", "", incoming ? "→ in" : "← out"));
  const bad = pdu.command_status !== "ESME_ROK" || pdu.error;
  const fields = pdu.fields, to = fields.destination_addr ?? "";
  const path = fields.source_addr || to ? `${fields.source_addr || "–"} → ${to || "–"}` : fields.system_id ?? "";
  const line = made("tr", "row",
    made("td", "", clock(pdu.t)), made("td", "", pdu.bind), way, made("td", "", button),
    made("td", "", bad ? made("span", "tag bad", pdu.error ? "unreadable" : pdu.command_status) : (pdu.command.endsWith("_resp") ? made("span", "tag good", "OK") : "")),
    made("td", "num", String(pdu.sequence_number)), made("td", "", path), made("td", "cut", says(pdu)));
  line.addEventListener("click", () => { if (!getSelection().toString()) flip(); });
  return line;
}

function says(pdu) {
  if (pdu.text?.text !== undefined) return (pdu.text.part ? `${pdu.text.part.part}/${pdu.text.part.total} ` : "") + pdu.text.text;
  return pdu.error || pdu.fields.message_id || "";
}

function inside(pdu) {
  const list = made("dl");
  const add = (name, value) => list.append(made("dt", "", name), made("dd", "", value));
  add("command_id", `${pdu.command_id} ${pdu.command}`);
  add("command_status", pdu.command_status);
  add("sequence_number", String(pdu.sequence_number));
  for (const [name, value] of Object.entries(pdu.fields)) add(name, typeof value === "object" ? JSON.stringify(value) : String(value) || "–");
  for (const tlv of pdu.tlvs) add(tlv.name || `TLV ${tlv.tag}`, tlv.value === undefined ? tlv.hex || "–" : `${tlv.value}  (${tlv.hex})`);
  if (pdu.text) add("alphabet", pdu.text.alphabet);
  if (pdu.error) add("error", pdu.error);
  return made("div", "inside", list, made("pre", "", dump(pdu.hex)));
}

// Sixteen octets a line, with what is printable beside them.
function dump(hex) {
  const octets = hex.match(/../g) ?? [], lines = [];
  for (let at = 0; at < octets.length; at += 16) {
    const part = octets.slice(at, at + 16), numbers = part.map((octet) => parseInt(octet, 16));
    const text = numbers.map((number) => (number > 31 && number < 127 ? String.fromCharCode(number) : "·")).join("");
    const columns = `${part.slice(0, 8).join(" ")}  ${part.slice(8).join(" ")}`;
    lines.push(`${at.toString(16).padStart(4, "0")}  ${columns.padEnd(48)}  ${text}`);
  }
  return lines.join("\n");
}
