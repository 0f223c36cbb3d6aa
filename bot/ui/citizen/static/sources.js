// Sources: a chip or a mark opens the section around the passage, over the answer or, where there is room, beside it.

// Until its section has come, what was quoted stands there, and stays where that does not come.
const fillIn = async (source) => {
  const around = source.querySelector("[data-around]");
  if (!around) return;
  const marked = [...around.querySelectorAll(".passage")].map((one) => one.querySelector("mark")?.textContent ?? "");
  const address = [around.dataset.around, ...marked.map((words) => `said=${encodeURIComponent(words)}`)].join("&");
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || !around.matches("[data-around]")) return;
  around.removeAttribute("data-around");
  around.innerHTML = await answer.text();
  const frame = around.querySelector(".around");
  const [meant] = frame.querySelectorAll("mark, .meant");
  frame.scrollTop = meant.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
};

const chipOf = (source) => source.closest(".turn").querySelector(`[aria-controls="${source.id}"]`);
const openBeside = (source) => {
  source.open = true; // not `show`: that would take the focus from where one writes
  chipOf(source).ariaExpanded = "true";
  fillIn(source);
};
const shut = (source) => {
  if (source.matches(":modal")) source.close();
  source.open = false;
  chipOf(source).ariaExpanded = "false";
};
// Beside an answer there is always room for its first source, although nobody has asked for it.
const openFirst = () => {
  for (const turn of beside.matches ? talk.querySelectorAll(".turn:not([data-shown])") : []) {
    turn.dataset.shown = "";
    const first = turn.querySelector(".source:not(.near):first-child");
    if (!first) continue;
    openBeside(first);
    first.dataset.unasked = "";
  }
};
beside.addEventListener("change", () => {
  for (const source of talk.querySelectorAll(".source[open]")) shut(source);
  openFirst();
});

// What a source was opened from, to go back to.
let openedFrom = null;
const open = (source, from) => {
  for (const other of source.parentElement.querySelectorAll("[open]")) if (other !== source) shut(other);
  openedFrom = from;
  source.closest(".turn").dataset.shown = "";
  delete source.dataset.unasked;
  openBeside(source);
  if (beside.matches) return;
  source.open = false;
  source.showModal();
};
const close = (source) => {
  shut(source);
  (openedFrom?.closest(".turn") === source.closest(".turn") ? openedFrom : chipOf(source)).focus();
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("#talk a.mark, .chip, [data-close], .source:modal");
  if (!pressed) return;
  if (pressed.matches("[data-close]") || event.target.matches(".source:modal")) return close(pressed.closest(".source"));
  if (!pressed.matches("a.mark, .chip")) return;
  event.preventDefault();
  const source = byId(pressed.hash?.slice(1) ?? pressed.getAttribute("aria-controls"));
  // Who presses the chip of what opened by itself wants to read it.
  if (pressed.matches(".chip") && source.open && !("unasked" in source.dataset)) return close(source);
  open(source, pressed);
  if (pressed.matches(".mark")) source.focus({ preventScroll: true });
  const [{ bottom }, { top }] = [source, pressed].map((one) => one.getBoundingClientRect());
  if (beside.matches && isBelow(bottom)) (pressed.matches(".chip") && !isBelow(bottom, top) ? pressed : source).scrollIntoView();
});
// What stands over the answer closes with Escape by itself; beside it, from wherever one is but the box.
document.addEventListener("cancel", (event) => {
  event.preventDefault();
  close(event.target);
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.target === box) return;
  const source = (event.target.closest(".turn") ?? talk.lastElementChild)?.querySelector(".source[open]:not(:modal)");
  if (source) close(source);
});
