// Runs before anything else is there: the page looks as the reader left it from its first paint.

const first = document.getElementById("first");
document.documentElement.dataset.size = keptIn("localStorage", "shirube-size") || "1";
document.body.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);

// A conversation that comes back, or a page that speaks otherwise, is for the server to tell.
const speech = keptIn("localStorage", "shirube-speech") || "ja";
if (speech !== "ja" || keptIn("sessionStorage", "shirube-conversation")) first.querySelector(".welcome").style.visibility = "hidden";

const slow = setTimeout(() => (first.querySelector(".unready[hidden]").hidden = false), 20000);
first.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-ask]");
  if (pressed) first.dataset.ask = pressed.dataset.ask;
});

const box = first.querySelector("textarea");
let converting = false;
box.addEventListener("compositionstart", () => (converting = true));
box.addEventListener("compositionend", () => (converting = false));

// Hands over to what Gradio has built, with what was written or pressed by then; a 変換 is not broken off.
window.takeOver = (write, ask) => {
  if (converting) {
    box.addEventListener("compositionend", () => setTimeout(() => window.takeOver(write, ask)), { once: true });
    return;
  }
  const hasFocus = document.activeElement === box;
  clearTimeout(slow);
  first.remove();
  if (box.value) write(box.value);
  if (hasFocus) document.querySelector("#question textarea").focus();
  if (first.dataset.ask) ask(first.dataset.ask);
};
