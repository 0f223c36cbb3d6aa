// What somebody on the telephone needs that Gradio has not: a file sent to a route that asks who sends it,
// the next passage by a key, and the focus where the answer stands (but never out of the box that is typed in).
const box = () => document.getElementById("question");
let asked = null;
const hasCopied = ({ dataset }, done) => {
  if (done) tell(`${dataset.told}を根拠ごとコピーしました。`);
  else tell("", `コピーできませんでした。${dataset.told}を選んでコピーしてください。`);
};
const refuse = (form, text) => { // beside the field whose name the text begins with
  tell("", text);
  const named = ({ textContent: label }) => text.startsWith(label) || label.startsWith(text.split("は")[0]);
  const field = all("label", form).find(named)?.control;
  field?.setCustomValidity(text);
  field?.reportValidity();
};
const post = async (form) => {
  const file = form.querySelector("[type=file]"), button = form.querySelector("[type=submit]"), most = file?.dataset.largest;
  if (file?.files[0]?.size > most * 1e6) return tell("", `このファイルは大きすぎます。${most}MB までのファイルに分けてください。`);
  tell(form.dataset.doing ?? "");
  if (button) button.disabled = true;
  const answer = await fetch(form.getAttribute("action"), { method: form.dataset.post, body: new FormData(form) }).catch(() => null);
  const told = { ...form.dataset, ...(await answer?.json().catch(() => null)) };
  if (button) button.disabled = false;
  if (!answer?.ok) return refuse(form, told.detail ?? UNREACHED);
  kept("sessionStorage", draftName(form), "");
  saying = told.told ?? "";
  if (told.at === at()) send("select");
  else location.hash = told.at;
};
hooks.sends = (form, does, fields) => {
  if ("post" in does) return post(form), true;
  if (does.do !== "ask") return false;
  const question = String(fields.find(([name]) => name === "question")[1]);
  tell(question.trim() ? "" : "質問を入れてください。");
  if (!question.trim()) box().focus();
  if (!question.trim() || asked === question) return true;
  box().value = asked = question;
};
document.addEventListener("click", (event) => {
  const mark = event.target.closest?.("a.mark");
  if (!mark) return;
  event.preventDefault();
  const source = document.getElementById(mark.hash.slice(1));
  source.open = true;
  source.querySelector("summary").focus();
  source.scrollIntoView({ block: "nearest" });
});
hooks.key = ({ key, target }) => {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key], passages = all(".source > summary", element);
  if (!by || !passages.length || (key.length > 1 && target !== document.body && !element.contains(target))) return false;
  const now = passages.indexOf(document.activeElement), next = now < 0 ? (by > 0 ? 0 : passages.length - 1) : now + by;
  passages[Math.min(Math.max(next, 0), passages.length - 1)].focus();
  return true;
};
hooks.drawn = (now, fresh, first) => {
  if (now.dataset.area !== "ask" || now.querySelector("[data-waiting]")) return now.dataset.area === "ask";
  const ready = now.querySelector("[data-start]"), typing = document.activeElement === box() && box().value !== asked;
  if (ready && !first) document.getElementById("ask").reset(), sayDay(document.getElementById("as-of"));
  if (ready || first) box().focus();
  else if (fresh && !typing) (document.getElementById("reported") ?? document.getElementById("asked"))?.focus({ preventScroll: true });
  asked = null;
  return true;
};
hooks.lost = () => {
  if (asked === null) return "";
  asked = null;
  if (view()) view().hidden = true;
  return "答えを作れませんでした。もう一度お試しください。";
};
