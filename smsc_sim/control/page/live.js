// The live page: asks the simulator every second and draws what it says; sends what a person does.

import { RateChart } from "./chart.js";
import { by, drawBinds, drawCounters, drawFaults, drawFound, drawTiles, made, span, whole } from "./panels.js";
import { drawPdus, fillCommands } from "./pdus.js";

const EVERY_MS = 1000;
const chart = new RateChart(by("chart"), by("legend"));
let newest = 0, paused = false, lookedUp = "", started = 0, timer = 0;

// The token comes once, by hand or as #token=… of the address, and stays in this tab.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname);
}

async function ask(path, method = "GET", body = undefined) {
  const headers = {}, token = sessionStorage.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401) {
    by("login").hidden = false;
    by("main").hidden = true;
    pill("lost", "token needed");
    throw Object.assign(new Error("The token is missing or wrong."), { needsToken: true });
  }
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || `HTTP ${answer.status}`);
  return answer;
}

let hiding = 0;
function tell(sentence, bad = false) {
  const place = by("told");
  place.textContent = sentence;
  place.className = bad ? "told bad" : "told";
  place.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.hidden = true; }, bad ? 8000 : 4000);
}

async function act(work) {
  try { await work(); } catch (error) { tell(error.message, true); }
}

function pill(kind, text) {
  by("pill").className = `pill ${kind}`;
  if (by("pill-text").textContent !== text) by("pill-text").textContent = text;
}

function draw(state) {
  if (started && state.started !== started) location.reload(); // Another run took the port.
  started = state.started;
  chart.add(state.rates);
  const last = state.rates.samples.at(-1);
  if (last) newest = last[0];
  drawTiles(state, chart);
  drawBinds(state);
  drawFaults(state, flip);
  drawCounters(state);
  const ports = Object.entries(state.ports).map(([name, port]) => (name ? `${name}: ${port}` : String(port)));
  by("where").textContent = `A simulated SMSC on port ${ports.join(", ")}`;
  by("bind-to").textContent = `${location.hostname}:${Object.values(state.ports)[0]}`;
  by("uptime").textContent = span((state.t - state.started) / 1e6);
  by("seed").textContent = String(state.seed);
  by("unfinished").textContent = whole(state.unfinished);
  pill(state.settled ? "live" : "busy", state.settled ? "settled" : "messages on their way");
  if (ports.length > 1 && by("mo-smsc").options.length === 0) {
    by("mo-smsc").append(...Object.keys(state.ports).map((name) => made("option", "", name)));
    by("mo-smsc").parentElement.hidden = false;
  }
  if (by("handset-new").options.length === 0) by("handset-new").append(...state.handset_states.map((name) => made("option", "", name)));
}

async function look() {
  const query = new URLSearchParams({ limit: "60" });
  if (by("filter-command").value) query.set("command", by("filter-command").value);
  if (by("filter-number").value.trim()) query.set("number", by("filter-number").value.trim());
  drawPdus((await (await ask(`api/pdus?${query}`)).json()).pdus, () => pause(true));
}

function pause(wanted) {
  paused = wanted;
  by("pause").setAttribute("aria-pressed", String(paused));
  by("pause").textContent = paused ? "Paused" : "Pause";
}

async function round() {
  clearTimeout(timer);
  try {
    draw(await (await ask(`api/state?after=${newest}`)).json());
    if (!paused) await look();
  } catch (error) {
    if (!error.needsToken) pill("lost", "no answer");
    if (error.needsToken) return;
  }
  timer = setTimeout(round, document.hidden ? EVERY_MS * 5 : EVERY_MS);
}

function flip(fault, on) {
  act(async () => {
    await ask(`api/faults/${encodeURIComponent(fault.name)}`, "PUT", { on, smsc: fault.smsc });
    tell(`${fault.name} is ${on ? "on" : "off"}.`);
    await round();
  });
}

function showHandset(handset) {
  by("handset").hidden = false;
  by("handset-number").textContent = handset.number;
  by("handset-state").textContent = handset.state.replaceAll("_", " ");
  by("handset-by").textContent = handset.set_by_hand ? ", set by hand" : "";
  by("handset-new").value = handset.state;
}

async function lookUp(number) {
  lookedUp = number;
  showHandset(await (await ask(`api/handsets/${encodeURIComponent(number)}`)).json());
  drawFound(await (await ask(`api/messages?limit=20&number=${encodeURIComponent(number)}`)).json());
}

const on = (id, event, work) => by(id).addEventListener(event, (happened) => { happened.preventDefault(); act(() => work(happened)); });

on("login", "submit", async () => {
  sessionStorage.setItem("token", by("token").value);
  await ask("api");
  by("login").hidden = true;
  by("main").hidden = false;
  round();
});
on("mo", "submit", async (event) => {
  const wanted = Object.fromEntries(new FormData(event.target));
  const { segments } = await (await ask("api/mo", "POST", wanted)).json();
  tell(`Sent to ${wanted.system_id}${segments > 1 ? ` in ${segments} segments` : ""}.`);
});
on("number", "submit", (event) => lookUp(new FormData(event.target).get("number").trim()));
on("handset-form", "submit", async () => {
  showHandset(await (await ask(`api/handsets/${encodeURIComponent(lookedUp)}`, "PUT", { state: by("handset-new").value })).json());
  tell(`${lookedUp} is ${by("handset-new").value.replaceAll("_", " ")} from now on.`);
});
on("handset-free", "click", async () => showHandset(await (await ask(`api/handsets/${encodeURIComponent(lookedUp)}`, "DELETE")).json()));
on("filters", "submit", look);
on("filter-command", "change", look);
on("filter-number", "input", look);
on("pause", "click", () => pause(!paused));
on("pcap", "click", async () => {
  const octets = await (await ask("api/capture.pcap")).blob();
  const link = Object.assign(made("a"), { href: URL.createObjectURL(octets), download: "smsc-sim.pcap" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  tell(`${(octets.size / 1048576).toFixed(1)} MiB for Wireshark; with a port other than 2775 choose Decode As … SMPP.`);
});
on("stop", "click", () => by("sure").showModal());
by("sure").addEventListener("close", () => {
  if (by("sure").returnValue === "yes") act(async () => { await ask("api/stop", "POST"); tell("The simulator ends."); });
});
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => act(async () => {
    const answer = await (await ask(`api/${button.dataset.do}`, "POST")).json();
    tell(answer.told || (answer.closed.length ? `Closed: ${answer.closed.join(", ")}` : "Closed; without --out there is no file."));
  }));
}
for (const button of by("ranges").children) {
  button.addEventListener("click", () => {
    for (const other of by("ranges").children) other.setAttribute("aria-pressed", String(other === button));
    chart.minutes = Number(button.dataset.minutes);
    chart.draw();
  });
}

const theme = (name) => { document.documentElement.dataset.theme = name; };
const dark = matchMedia("(prefers-color-scheme: dark)");
theme(localStorage.getItem("theme") || (dark.matches ? "dark" : "light"));
dark.addEventListener("change", () => { if (!localStorage.getItem("theme")) theme(dark.matches ? "dark" : "light"); });
on("theme", "click", () => {
  theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  localStorage.setItem("theme", document.documentElement.dataset.theme);
});
fillCommands();
round();
