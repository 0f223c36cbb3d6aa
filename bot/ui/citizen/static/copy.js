// Copying an answer with its sources. A page that is not served over HTTPS has no clipboard of its own.

const copy = async (button) => {
  const done = await copied(button.dataset.copy);
  button.focus();
  say(said(done ? "copied" : "not_copied"));
  const name = button.textContent;
  button.textContent = said(done ? "copied" : "not_copied");
  setTimeout(() => (button.textContent = name), 2500);
};

// For screen readers, once; what is seen changes at the button.
const say = (text) => (document.querySelector("#spoken [role=status]").textContent = text);
