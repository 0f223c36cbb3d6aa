// Shortcuts: what has data-key is pressed by that key, and 1–5 mark the criteria of a scoring form from above.

// The Enter and the space that press what has the focus, and the arrows that move between radio buttons, stay theirs;
// but ← and → turn the pages of a scoring form: from a mark just given they would give another.
const turnsPage = ({ key, target }) => ["ArrowLeft", "ArrowRight"].includes(key) && target.closest?.("[data-marks]");
const taken = (event) =>
  (["Enter", " "].includes(event.key) && event.target.closest?.("a, button, summary, input")) ||
  (event.key.startsWith("Arrow") && event.target.closest?.("input, [tabindex='0']") && !turnsPage(event));

const marked = (criterion) => criterion.querySelector("input:checked");

const mark = (form, number) => {
  const next = [...form.querySelectorAll("[data-mark]")].find((criterion) => !marked(criterion));
  if (!next) return;
  next.querySelector(`input[value="${number}"]`).checked = true;
  keepDraft(form);
  pointAtNext(form);
};

const unmark = (form) => {
  const last = [...form.querySelectorAll("[data-mark]")].filter(marked).at(-1);
  if (last) marked(last).checked = false;
  keepDraft(form);
  pointAtNext(form);
};

const pointAtNext = (form) => {
  const criteria = [...form.querySelectorAll("[data-mark]")];
  const next = criteria.find((criterion) => !marked(criterion));
  for (const criterion of criteria) criterion.classList.toggle("next", criterion === next);
};

document.addEventListener("keydown", (event) => {
  if (resting(event) || event.repeat || taken(event)) return;
  const key = event.key.toLowerCase();
  const form = element.querySelector("form[data-marks]");
  const pressed = element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (form && /^[1-5]$/.test(key)) mark(form, key);
  else if (form && key === "u") unmark(form);
  else if (pressed) pressed.click();
  else return;
  event.preventDefault();
});

element.addEventListener("change", ({ target }) => target.form?.matches("[data-marks]") && pointAtNext(target.form));
