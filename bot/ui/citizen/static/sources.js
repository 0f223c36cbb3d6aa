// Sources: a chip or a mark opens the passage, below the chips or, where there is room, beside the answer.

const beside = matchMedia("(min-width: 70rem)");
// By answer, the source that the reader has opened; null where all were closed.
const opened = new Map();
// Answers whose first source stands open although nobody has asked for it.
const ofItself = new Set();
// What a source was opened from, to go back to.
let openedFrom = null;

const isOpen = (turn, source) => opened.get(turn.dataset.answer) === source.id;

// The server does not know what is open. Beside the answer there is always room for the first source of an answer.
const arrange = () => {
  for (const turn of element.querySelectorAll(".turn[data-answer]")) {
    const sources = [...turn.querySelectorAll(".source")];
    if (beside.matches && sources.some((one) => !one.matches(".near")) && !opened.has(turn.dataset.answer)) {
      opened.set(turn.dataset.answer, sources[0].id);
      ofItself.add(turn.dataset.answer);
    }
    for (const source of sources) {
      source.hidden = !isOpen(turn, source);
      turn.querySelector(`[aria-controls="${source.id}"]`)?.setAttribute("aria-expanded", String(!source.hidden));
    }
  }
};
beside.addEventListener("change", arrange);

const toggle = (chip) => {
  const turn = chip.closest(".turn");
  const source = document.getElementById(chip.getAttribute("aria-controls"));
  // Who presses the chip of what opened by itself wants to read it.
  const wanted = ofItself.delete(turn.dataset.answer) || !isOpen(turn, source);
  opened.set(turn.dataset.answer, wanted ? source.id : null);
  openedFrom = chip;
  arrange();
  if (!source.hidden && isBelow(source.getBoundingClientRect())) (isBelow(source.getBoundingClientRect(), chip.getBoundingClientRect().top) ? source : chip).scrollIntoView();
};

const follow = (mark) => {
  const source = document.getElementById(mark.hash.slice(1));
  opened.set(source.closest(".turn").dataset.answer, source.id);
  openedFrom = mark;
  arrange();
  source.focus({ preventScroll: true });
  if (isBelow(source.getBoundingClientRect())) source.scrollIntoView();
};

const close = (source) => {
  const turn = source.closest(".turn");
  opened.set(turn.dataset.answer, null);
  arrange();
  (openedFrom?.closest(".turn") === turn ? openedFrom : turn.querySelector(`[aria-controls="${source.id}"]`)).focus();
};

// Wherever one is, except in the box; the last answer's source where that is in no answer.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.target.matches("textarea")) return;
  const turn = event.target.closest(".turn") ?? [...element.querySelectorAll(".turn")].at(-1);
  const source = turn?.querySelector(".source:not([hidden])");
  if (source) close(source);
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("a.mark, .chip, [data-close]");
  if (pressed?.matches("a.mark")) {
    event.preventDefault();
    follow(pressed);
  } else if (pressed?.matches(".chip")) toggle(pressed);
  else if (pressed) close(pressed.closest(".source"));
});
