// Sources: a chip or a mark opens the section around the passage, over the answer or, where there is room, beside it.

const beside = matchMedia("(min-width: 70rem)");
// By answer, the source that the reader has opened; null where all were closed.
const opened = new Map();
// Answers whose first source stands open although nobody has asked for it.
const ofItself = new Set();
// What a source was opened from, to go back to.
let openedFrom = null;
// Sections that have come from the server, by where they came from.
const sections = new Map();

const isOpen = (turn, source) => opened.get(turn.dataset.answer) === source.id;

// What was quoted stands there until its section has come, and stays where that does not come.
const fetchSection = async (around) => {
  const said = [...around.querySelectorAll(".passage")].map((one) => one.querySelector("mark")?.textContent ?? "");
  const address = [around.dataset.around, ...said.map((words) => `said=${encodeURIComponent(words)}`)].join("&");
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? answer.text() : "";
};
const fillIn = async (source) => {
  const around = source.querySelector("[data-around]:not([data-filled])");
  if (!around) return;
  around.dataset.filled = "";
  const address = around.dataset.around;
  if (!sections.has(address)) sections.set(address, fetchSection(around));
  const section = await sections.get(address);
  if (!section) return sections.delete(address), around.removeAttribute("data-filled");
  around.innerHTML = section;
  const copy = around.querySelector("[data-copy]");
  copy.dataset.copy = new URL(copy.dataset.copy, location).href;
  const frame = around.querySelector(".around");
  const [meant] = frame.querySelectorAll("mark, .meant");
  frame.scrollTop = meant.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 4;
};

// The server does not know what is open. Beside the answer there is always room for the first source of an answer.
const arrange = () => {
  for (const turn of element.querySelectorAll(".turn[data-answer]")) {
    const sources = [...turn.querySelectorAll(".source")];
    if (beside.matches && sources.some((one) => !one.matches(".near")) && !opened.has(turn.dataset.answer)) {
      opened.set(turn.dataset.answer, sources[0].id);
      ofItself.add(turn.dataset.answer);
    }
    for (const source of sources) {
      const wanted = isOpen(turn, source) && (beside.matches || !ofItself.has(turn.dataset.answer));
      if (source.open && (!wanted || source.matches(":modal") === beside.matches)) source.close();
      // Not `show`: that would take the focus from where one writes.
      if (wanted && !source.open) beside.matches ? (source.open = true) : source.showModal();
      if (wanted) fillIn(source);
      turn.querySelector(`[aria-controls="${source.id}"]`)?.setAttribute("aria-expanded", String(wanted));
    }
  }
};
beside.addEventListener("change", arrange);

// The box for the question stands over the end of the screen.
const isBelow = (one, from = 0) => one.getBoundingClientRect().bottom - from > document.getElementById("dock").getBoundingClientRect().top;

const toggle = (chip) => {
  const turn = chip.closest(".turn");
  const source = document.getElementById(chip.getAttribute("aria-controls"));
  // Who presses the chip of what opened by itself wants to read it.
  const wanted = ofItself.delete(turn.dataset.answer) || !isOpen(turn, source);
  opened.set(turn.dataset.answer, wanted ? source.id : null);
  openedFrom = chip;
  arrange();
  if (beside.matches && source.open && isBelow(source)) (isBelow(source, chip.getBoundingClientRect().top) ? source : chip).scrollIntoView();
};

const follow = (mark) => {
  const source = document.getElementById(mark.hash.slice(1));
  ofItself.delete(source.closest(".turn").dataset.answer);
  opened.set(source.closest(".turn").dataset.answer, source.id);
  openedFrom = mark;
  arrange();
  source.focus({ preventScroll: true });
  if (beside.matches && isBelow(source)) source.scrollIntoView();
};

const close = (source) => {
  const turn = source.closest(".turn");
  opened.set(turn.dataset.answer, null);
  arrange();
  (openedFrom?.closest(".turn") === turn ? openedFrom : turn.querySelector(`[aria-controls="${source.id}"]`)).focus();
};

// What stands over the answer closes with Escape by itself, and with a press beside it.
document.addEventListener("cancel", (event) => {
  event.preventDefault();
  close(event.target);
}, true);

// Wherever one is, except in the box; the last answer's source where that is in no answer.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.target.matches("textarea")) return;
  const turn = event.target.closest(".turn") ?? [...element.querySelectorAll(".turn")].at(-1);
  const source = turn?.querySelector(".source[open]:not(:modal)");
  if (source) close(source);
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("a.mark, .chip, [data-close], .source:modal");
  if (pressed?.matches("a.mark")) {
    event.preventDefault();
    follow(pressed);
  } else if (pressed?.matches(".chip")) toggle(pressed);
  else if (pressed && (pressed.matches("[data-close]") || event.target === pressed)) close(pressed.closest(".source"));
});
