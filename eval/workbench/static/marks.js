// Scoring by single keys, of which Gradio has none: 1-5 mark the criteria from above, u takes the last mark back. What
// comes next is pointed at; the arrows that move between radio buttons turn the pages here.
const criteria = (form) => all("[data-mark]", form);
const marked = (criterion) => criterion.querySelector("input:checked");
const pointAtNext = (form) => {
  const next = criteria(form).find((criterion) => !marked(criterion));
  for (const criterion of criteria(form)) criterion.classList.toggle("next", criterion === next);
};
hooks.key = ({ key, target }) => {
  const form = element.querySelector("form[data-marks]");
  if (key.startsWith("Arrow")) return form ? false : target.closest?.("input, [tabindex='0']") ? null : false;
  if (!form || !/^[1-5u]$/i.test(key)) return false;
  const next = criteria(form).find((criterion) => !marked(criterion)), last = criteria(form).filter(marked).at(-1);
  if (key.toLowerCase() === "u") last && (marked(last).checked = false);
  else if (next) next.querySelector(`input[value="${key}"]`).checked = true;
  keepDraft(form);
  pointAtNext(form);
  return true;
};
document.addEventListener("change", ({ target }) => target.form?.matches("[data-marks]") && pointAtNext(target.form));
hooks.drawn = (now) => all("form[data-marks]", now).forEach(pointAtNext);
