// The documents: the list, and a new one that is looked at before it goes live. All of it is fetched as HTML that the
// server has escaped, or as a problem with a text for people.

const STAGED = "documents/staged";
const fileInput = () => document.getElementById("file");
const preview = () => document.getElementById("preview");
const tellOfFile = (text) => (document.getElementById("file-told").textContent = text);

const fetched = async (address, options) => {
  const answer = await fetch(address, options).catch(() => null);
  if (!answer) throw new Error("つながりません。通信を確かめ、少し待ってから、もう一度お試しください。");
  if (answer.ok) return answer;
  throw new Error((await answer.json().catch(() => ({}))).detail ?? "エラーが起きました。もう一度お試しください。");
};

const listDocuments = async () => {
  try {
    document.getElementById("shelf").innerHTML = await (await fetched("documents")).text();
  } catch (error) {
    tellOfFile(error.message);
  }
};

const openDocuments = () => {
  document.getElementById("shelf-title").focus();
  listDocuments();
};

const takeBack = async () => {
  const key = document.getElementById("publish")?.dataset.key;
  preview().replaceChildren();
  fileInput().value = "";
  if (key) await fetched(`${STAGED}/${key}`, { method: "DELETE" }).catch((error) => tellOfFile(error.message));
};

const handIn = async (file) => {
  await takeBack();
  tellOfFile("");
  if (file.size > Number(fileInput().dataset.largest) * 1e6) {
    return tellOfFile(`このファイルは大きすぎます。${fileInput().dataset.largest}MB までのファイルに分けてください。`);
  }
  tell(`「${file.name}」を読んでいます…`);
  const body = new FormData();
  body.append("file", file);
  try {
    preview().innerHTML = await (await fetched(STAGED, { method: "POST", body })).text();
    tell("読み取りました。内容を確かめてください。");
    document.getElementById("preview-title").focus();
  } catch (error) {
    tell("");
    tellOfFile(error.message);
  }
};

// The text begins with the name of what is wrong: the browser says it beside that field, which it brings into sight.
const tellBeside = (form, text) => {
  const named = (label) => text.startsWith(label) || label.startsWith(text.split("は")[0]);
  const field = [...form.querySelectorAll(".field label")].find((label) => named(label.textContent))?.control;
  if (!field) return document.getElementById("file-told").scrollIntoView({ block: "center" });
  field.setCustomValidity(text);
  field.reportValidity();
};

const publish = async (form) => {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  tellOfFile("");
  tell("公開しています。文書の数によっては、数分かかります…");
  try {
    const done = await (await fetched(`${STAGED}/${form.dataset.key}`, { method: "POST", body: new FormData(form) })).json();
    preview().replaceChildren();
    fileInput().value = "";
    tell(`公開しました（${done.documents}文書、${done.passages}箇所）。次の質問から、この文書も使って答えます。`);
    await listDocuments();
    document.getElementById("shelf-title").focus();
  } catch (error) {
    tell("");
    tellOfFile(error.message);
    button.disabled = false;
    tellBeside(form, error.message);
  }
};

// Withdrawn documents answer nothing from the next question on; they stay in the list, with the reason.
const changeStanding = async (form, options, told) => {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  tellOfFile("");
  try {
    await fetched(`documents/withdrawn/${encodeURIComponent(form.dataset.id)}`, options);
    tell(told);
    await listDocuments();
    document.getElementById("shelf-title").focus();
  } catch (error) {
    button.disabled = false;
    tellOfFile(error.message);
  }
};

document.addEventListener("change", (event) => event.target === fileInput() && event.target.files[0] && handIn(event.target.files[0]));
document.addEventListener("input", (event) => {
  for (const field of event.target.closest?.("#publish")?.elements ?? []) field.setCustomValidity("");
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form.withdraw, form.restore")) {
    event.preventDefault();
    const withdrawn = event.target.matches("form.withdraw");
    const options = withdrawn ? { method: "PUT", body: new FormData(event.target) } : { method: "DELETE" };
    return changeStanding(event.target, options, withdrawn ? "取り下げました。次の質問から使いません。" : "戻しました。次の質問から使います。");
  }
  // A field of it is called id, and hides the id of the form.
  if (!event.target.matches("#publish")) return;
  event.preventDefault();
  publish(event.target);
});

// A file that misses the place for it would be opened by the browser instead of the page.
const dropPlace = () => document.getElementById("drop");
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const within = dropPlace().contains(event.target);
    dropPlace().classList.toggle("over", within && (kind === "dragenter" || kind === "dragover"));
    if (kind === "drop" && within && event.dataTransfer.files[0]) handIn(event.dataTransfer.files[0]);
  });
}
