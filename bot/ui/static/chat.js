// Runs once, when the conversation is in the page, as the body of a function. Gradio gives `element`, `trigger` and
// `watch`, and puts what the server sends into the page by changing only what differs from what is there.

const unfolded = new Set();
let turnsShown = 0;
// Where the focus goes when what was pressed has left the page.
let focusNext = null;

const lastAsked = () => [...element.querySelectorAll(".asked")].at(-1);

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-ask], [data-helpful], a.mark");
  if (!pressed) return;
  if (pressed.matches("a.mark")) {
    event.preventDefault();
    const source = document.getElementById(pressed.hash.slice(1));
    source.open = true;
    source.querySelector("summary").focus();
  } else if (pressed.dataset.ask) {
    focusNext = lastAsked;
    trigger("select", { question: pressed.dataset.ask });
  } else {
    rate(pressed.dataset.helpful, "up", [], "");
  }
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  rate(event.target.dataset.unhelpful, "down", form.getAll("reason"), form.get("comment"));
});

const rate = (answer_id, rating, reasons, comment) => {
  focusNext = () => document.getElementById(`thanks-${answer_id}`);
  trigger("like", { answer_id, rating, reasons, comment });
};

// `toggle` does not bubble.
element.addEventListener("toggle", ({ target }) => unfolded[target.open ? "add" : "delete"](target.id), true);

// The Enter that ends a 変換 belongs to the input method. Chromium sends no keypress for it; others may.
document.addEventListener("keypress", (event) => event.isComposing && event.stopImmediatePropagation(), true);

// What has been typed outlives a reload: Gradio reloads the page when the server comes back after a restart.
const DRAFT = "shirube-question";
const box = () => document.querySelector("#question textarea");
const write = (text) => {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
};
addEventListener("pagehide", () => sessionStorage.setItem(DRAFT, box()?.value ?? ""));

const sayUnreached = () => {
  const waiting = element.querySelector(".stage");
  if (waiting) {
    waiting.textContent = "途中で途切れました。";
    if (!box().value) write(waiting.closest(".turn").querySelector(".asked").lastChild.textContent);
  }
  document.getElementById("unreached").textContent = "つながりません。通信を確かめ、少し待ってから、もう一度送ってください。";
};

const begin = () => {
  if (sessionStorage.getItem(DRAFT)) write(sessionStorage.getItem(DRAFT));
  sessionStorage.removeItem(DRAFT);
  new MutationObserver((changes) => changes.some((change) => change.addedNodes.length) && sayUnreached()).observe(
    document.querySelector(".toast-wrap"),
    { childList: true },
  );
};

let begun = false;
watch("value", () => {
  if (!begun) begin();
  begun = true;
  document.getElementById("unreached").textContent = "";
  // The server does not know what the reader has unfolded.
  for (const details of element.querySelectorAll("details[id]")) details.open = unfolded.has(details.id);
  const turns = element.querySelectorAll(".turn");
  // The first question leaves the name of the service in sight.
  if (turns.length > turnsShown) (turns.length === 1 ? document.body : turns[turns.length - 1]).scrollIntoView();
  if (turns.length === 0 && turnsShown > 0) box().focus();
  turnsShown = turns.length;
  if (focusNext?.() && document.activeElement === document.body) {
    focusNext().focus({ preventScroll: true });
    focusNext = null;
  }
});
