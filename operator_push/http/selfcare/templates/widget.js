"use strict";
// Builds the opt-in form in the place of its own <script> element. It loads nothing, keeps nothing, and puts
// what it was told into the page as text alone. Without it, the same address without ".js" is a page of its own.
(() => {
  const told = TOLD;
  const script = document.currentScript;
  const address = new URL(script.src);
  const id = `opt-in-${told.name}-${document.querySelectorAll("form[data-opt-in]").length}`;
  const make = (tag, text, attributes) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const action = `${address.origin}${address.pathname.replace(/\.js$/, "")}?lang=${told.language}`;
  const form = make("form", "", {
    method: "post", action, lang: told.language, "data-opt-in": told.name, "aria-labelledby": `${id}-title`,
  });
  const token = make("input", "", {type: "hidden", name: "token", value: told.token});
  const number = make("input", "", {
    id: `${id}-number`, name: "number", type: "tel", autocomplete: "tel", required: "", maxlength: "30",
    "aria-describedby": `${id}-hint`,
  });
  const button = make("button", told.join_ask, {type: "submit"});
  const status = make("p", "", {role: "status", "aria-live": "polite"});
  form.append(
    make("p", told.title, {id: `${id}-title`}),
    make("p", told.intro, {}),
    token,
    make("label", told.number, {for: `${id}-number`}),
    make("p", told.number_hint, {id: `${id}-hint`}),
    number,
    button,
    status,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const body = new URLSearchParams({token: token.value, number: number.value, script: "1"});
      const answer = await fetch(action, {method: "POST", body, credentials: "omit", mode: "cors"});
      const said = await answer.json();
      token.value = said.token;
      status.textContent = said.told;
      number.setAttribute("aria-invalid", String(!answer.ok));
    } catch {
      status.textContent = told.later;
    }
    button.disabled = false;
  });
  script.after(form);
})();
