// Scoring by single keys, of which Gradio has none: 1-5 mark the criteria from above, u takes the last mark back. The
// arrows that move between radio buttons turn the pages here.
hooks.key = ({ key, target }) => {
  const form = element.querySelector("form[data-marks]");
  if (key.startsWith("Arrow")) return form ? false : target.closest?.("input, [tabindex='0']") ? null : false;
  if (!form || !/^[1-5u]$/i.test(key)) return false;
  const next = form.querySelector("fieldset:not(:has(:checked))"), last = all("fieldset :checked", form).at(-1);
  if (key.toLowerCase() !== "u") next?.querySelector(`[value="${key}"]`).click();
  else if (last) last.checked = false;
  keepDraft(form);
  return true;
};
