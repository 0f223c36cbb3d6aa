// What somebody on the telephone needs that Gradio has not: a file sent to a route that asks who sends it, and the focus
// where the answer stands (but never out of the box that is typed in).
const box = () => document.getElementById("question");
let asked = null;
const refuse = (form, text) => { // the field whose name the text begins with is mended next
  tell("", text);
  const named = ({ textContent: label }) => text.startsWith(label) || label.startsWith(text.split("は")[0]);
  all("label", form).find(named)?.control.focus();
};
const post = async (form) => {
  const file = form.querySelector("[type=file]"), most = file?.dataset.largest;
  if (form.ariaBusy) return;
  if (file?.files[0]?.size > most * 1e6) return tell("", `このファイルは大きすぎます。${most}MB までのファイルに分けてください。`);
  tell(form.dataset.doing ?? "");
  form.ariaBusy = "true";
  const answer = await fetch(form.getAttribute("action"), { method: form.dataset.post, body: new FormData(form) }).catch(() => null);
  const told = { ...form.dataset, ...(await answer?.json().catch(() => null)) };
  form.ariaBusy = null;
  if (!answer?.ok) return refuse(form, told.detail ?? UNREACHED);
  kept("sessionStorage", draftName(form), "");
  saying = told.told ?? "";
  go(told.at);
};
hooks.sends = (form, does, fields) => {
  if ("post" in does) return post(form), true;
  const { question } = Object.fromEntries(fields);
  if (does.do !== "ask" || asked === question) return does.do === "ask";
  tell("");
  box().value = asked = question;
};
hooks.drawn = (now, first) => {
  if (now.dataset.area !== "ask" || now.querySelector("[data-waiting]")) return now.dataset.area === "ask";
  const ready = now.querySelector("[data-start]"), typing = document.activeElement === box() && box().value !== asked;
  if (ready && !first) document.getElementById("ask").reset(), sayDay(document.getElementById("as-of"));
  if (ready || first) box().focus();
  else if (!typing) (document.getElementById("reported") ?? document.getElementById("asked"))?.focus({ preventScroll: true });
  asked = null;
  return true;
};
hooks.lost = () => {
  if (asked === null) return "";
  asked = null;
  if (view()) view().hidden = true;
  return "答えを作れませんでした。もう一度お試しください。";
};
