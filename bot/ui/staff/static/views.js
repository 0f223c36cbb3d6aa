// Two views of one page: looking things up, and the documents.

const viewShown = () => (document.querySelector("section.documents").hidden ? "lookup" : "documents");

const showView = (view) => {
  const changed = view !== viewShown();
  document.querySelector("section.documents").hidden = view !== "documents";
  for (const id of ["asking", "history", "result"]) document.getElementById(id).hidden = view === "documents";
  for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  if (!changed) return;
  if (view === "documents") openDocuments();
  else box().focus();
};
