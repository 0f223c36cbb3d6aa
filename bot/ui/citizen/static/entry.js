// The box for the question: nothing that was written is lost, and nothing is sent that was not meant to be.

const box = () => document.querySelector("#question textarea");
const lengthOf = (text) => [...text].length;
const excess = () => lengthOf(box().value) - Number(said("limit"));

const write = (text) => {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
};

// Gradio sends on `keypress`, which has no code of an input method's: Safari ends a 変換 before it tells of the Enter
// that ended it. A key the input method does not take is the writer's own again, even before the timer comes.
const OF_INPUT_METHOD = 229;
let converting = false;
document.addEventListener("compositionstart", () => (converting = true), true);
document.addEventListener("compositionend", () => setTimeout(() => (converting = false)), true);
document.addEventListener("keydown", (event) => event.keyCode !== OF_INPUT_METHOD && (converting = event.isComposing), true);

const holdBack = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};

// What was sent and is not answered yet: it is asked again where the page is loaded anew before that.
let sent = "";

const send = (event) => {
  if (excess() > 0) return holdBack(event);
  if (box().value.trim()) sent = box().value;
  else askToWrite(event);
};

const askToWrite = (event) => {
  holdBack(event);
  box().focus();
  document.getElementById("too-long").textContent = said("empty");
};

const received = () => {
  sent = "";
  keep("sent", element.querySelector("[aria-busy=true] .words")?.textContent);
};

document.addEventListener(
  "keypress",
  (event) => {
    if (event.key !== "Enter" || event.target !== box()) return;
    if (event.isComposing || converting) event.stopImmediatePropagation();
    else if (!event.shiftKey) send(event);
  },
  true,
);
document.addEventListener("click", (event) => event.target.closest?.("#send") && send(event), true);

// From here on the length is shown, so that the end does not come as a surprise.
const SHOWN_FROM = 0.8;
let telling = 0;

const count = () => {
  const length = lengthOf(box().value);
  const limit = Number(said("limit"));
  const counter = document.getElementById("counter");
  counter.hidden = length < limit * SHOWN_FROM;
  counter.textContent = counter.hidden ? "" : said("counter", { length: length.toLocaleString(), limit: limit.toLocaleString() });
  box().setAttribute("aria-invalid", String(length > limit));
  // Told when the writing pauses: a screen reader is not to count along.
  clearTimeout(telling);
  telling = setTimeout(() => {
    document.getElementById("too-long").textContent = excess() > 0 ? said("too_long", { over: excess().toLocaleString() }) : "";
  }, 300);
};

// What has been typed outlives a reload: Gradio reloads the page when the server comes back after a restart.
const beginWriting = () => {
  box().setAttribute("aria-describedby", "counter too-long");
  box().setAttribute("enterkeyhint", "send");
  box().setAttribute("autocomplete", "off");
  document.getElementById("question").addEventListener("input", count);
  addEventListener("pagehide", () => {
    const written = box()?.value ?? "";
    if (sent) keep("sent", sent);
    keep("draft", written === sent ? "" : written);
  });
  if (kept("draft") && !box().value) write(kept("draft"));
  keep("draft", "");
  count();
};
