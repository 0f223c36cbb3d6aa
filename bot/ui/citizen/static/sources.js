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
const unfolded = (source) => {
  source.closest(".turn").dataset.shown = "";
  chipOf(source).ariaExpanded = "true";
  fillIn(source);
};
// Beside an answer there is always room for its first source, although nobody has asked for it: it takes no focus.
const openFirst = () => {
  for (const turn of beside.matches ? talk.querySelectorAll(".turn:not([data-shown])") : []) {
    const first = turn.querySelector(".source:not(.near):first-child");
    if (!first) continue;
    first.open = true;
    first.dataset.unasked = "";
    unfolded(first);
  }
};
const closeIn = (part) => {
  for (const source of part.querySelectorAll(".source[open]")) source.close();
};
beside.addEventListener("change", () => {
  closeIn(talk);
  openFirst();
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("#talk a.mark, .chip");
  if (!pressed) return;
  event.preventDefault();
  const source = byId(pressed.hash?.slice(1) ?? pressed.getAttribute("aria-controls"));
  // Who presses the chip of what opened by itself wants to read it.
  const isRead = pressed.matches(".chip") && source.open && !("unasked" in source.dataset);
  closeIn(source.parentElement);
  if (isRead) return;
  delete source.dataset.unasked;
  pressed.focus(); // what closes gives the focus back; Safari gives none to what is clicked
  source.closedBy = beside.matches ? "none" : "any";
  source[beside.matches ? "show" : "showModal"]();
  source.focus();
  unfolded(source);
});
document.addEventListener("close", ({ target: source }) => {
  if (source.open) return;
  chipOf(source).ariaExpanded = "false";
  if (document.activeElement === document.body) chipOf(source).focus();
}, true);
// What stands over the answer closes with Escape by itself; beside it, from wherever one is but the box.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.target === box) return;
  (event.target.closest(".turn") ?? talk.lastElementChild)?.querySelector(".source[open]:not(:modal)")?.close();
});
