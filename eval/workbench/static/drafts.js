// Runs once, with the content in the page, as the body of a function together with the other files. Gradio gives
// `element`, `trigger` and `watch`. What has been typed and not yet saved outlives a reload, by the address and the place of its form, or by the name that the form
// gives in data-keep.

const draftName = (form) =>
  `shirube-workbench ${form.dataset.keep ?? `${view()?.dataset.at} ${[...element.querySelectorAll("form")].indexOf(form)}`}`;

const view = () => element.querySelector(".view");

const keepDraft = (form) => {
  const typed = [...new FormData(form)];
  keepIn("sessionStorage", draftName(form), JSON.stringify([form.dataset.draft, typed]));
};

// Only into the form as it was then: a case that somebody has saved since is not silently typed over.
const restoreDraft = (form) => {
  const [version, typed] = JSON.parse(keptIn("sessionStorage", draftName(form)) || "[null, []]");
  if (version !== form.dataset.draft) return;
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit") continue;
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
};

element.addEventListener("input", ({ target }) => target.form?.matches("[data-draft]") && keepDraft(target.form));
