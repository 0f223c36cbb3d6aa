// The box for the question. Gradio's sends on the Enter that ends a 変換 in Safari, ignores one while an answer is on its
// way, tells of no limit, and is not there yet while the page loads.

const box = () => document.querySelector("#first textarea") ?? document.querySelector("#question textarea");
const write = (text) => fill(box(), text);
const tell = (text) => (document.getElementById("too-long").textContent = text);

// Gradio sends what stands in its box; what is being written meanwhile stays.
let isPassing = false;
const submit = (question) => {
  const draft = box().value;
  isPassing = true;
  write(question);
  document.getElementById("send").click();
  isPassing = false;
  setTimeout(() => write(draft));
};
const sendTyped = () => {
  const question = box().value;
  box().focus();
  if (!question.trim()) return tell(said("empty"));
  if (waiting()) return (next = sendTyped);
  if (excess() > 0) return;
  write("");
  put(question);
};
const take = (event, isSent = true) => {
  if (isPassing) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isSent) sendTyped();
};
// A key that is the input method's own has this code, also in Safari, which tells of it behind the end of the 変換.
const OF_INPUT_METHOD = 229;
const isEnter = (event) => event.key === "Enter" && !event.shiftKey && event.target === box();
document.addEventListener("keydown", (event) => isEnter(event) && !event.isComposing && event.keyCode !== OF_INPUT_METHOD && take(event), true);
document.addEventListener("keypress", (event) => isEnter(event) && take(event, false), true);
document.addEventListener("click", (event) => event.target.closest?.("#send, #first .send") && take(event), true);

// The length is shown from .8 of the limit on, and told when the writing pauses: a screen reader is not to count along.
const excess = () => [...box().value].length - Number(said("limit"));
let telling = 0;
const count = () => {
  const [limit, over] = [Number(said("limit")), excess()];
  const counter = document.getElementById("counter");
  counter.hidden = over < -0.2 * limit;
  counter.textContent = counter.hidden ? "" : said("counter", { length: (limit + over).toLocaleString(), limit: limit.toLocaleString() });
  box().setAttribute("aria-invalid", String(over > 0));
  clearTimeout(telling);
  telling = setTimeout(() => tell(over > 0 ? said("too_long", { over: over.toLocaleString() }) : ""), 300);
};
document.addEventListener("input", ({ target }) => target === box() && count());
