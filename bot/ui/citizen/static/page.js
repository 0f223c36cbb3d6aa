// What is written and pressed in the page, and how it begins. Gradio's own box is not there yet while the page loads, sends
// on the Enter that ends a 変換 in Safari, and ignores one while an answer is on its way.

const sendTyped = () => {
  const question = box.value, over = [...question].length - said.limit;
  const long = over > 0 ? said.too_long.replace("{over}", over.toLocaleString()) : "";
  box.setCustomValidity(question.trim() ? long : said.empty);
  if (!box.reportValidity()) return;
  if (waiting()) return void (next = sendTyped);
  box.value = "";
  box.focus();
  put(question);
};
box.addEventListener("input", () => box.setCustomValidity(""));
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || isConverting(event)) return;
  event.preventDefault();
  sendTyped();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches(".tools form, [method=dialog]")) return;
  event.preventDefault();
  if (event.target.id === "entry") return sendTyped();
  const vote = new FormData(event.target, event.submitter);
  hand("rate", { ...Object.fromEntries(vote), reasons: vote.getAll("reasons") });
});

const beginAnew = () => {
  for (const one of ["conversation", "sent"]) keep(one, "");
  talk.replaceChildren();
  box.value = "";
  scrollTo(0, 0);
  box.focus({ preventScroll: true });
  hand("clear");
  delete page.dataset.begun; // taking back what was asked, the server would take back what is asked at once, too
};
document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.('button, #talk [href^="#source-"]'), { ask, said: shown, stop, again } = pressed?.dataset ?? {};
  if (stop === "") hand("stop");
  if (again === "") beginAnew();
  if (ask) put(ask, shown), waiting().querySelector(".asked").focus({ preventScroll: true });
  // Where there is room, sources stand beside their answer (citizen.css), and this is a link to one.
  if (!pressed?.hash || matchMedia("(min-width: 70rem)").matches) return;
  event.preventDefault();
  pressed.focus(); // what closes gives the focus back; Safari gives none to what is clicked
  byId(pressed.hash.slice(1)).showModal();
  byId(pressed.hash.slice(1)).focus();
});
// What is unfolded to be filled in does not stand behind the box for the question.
document.addEventListener("toggle", ({ target }) => target.matches(".unhelpful[open]") && target.scrollIntoView({ block: "nearest" }), true);

let unanswered = keep("sent"), waitingOver = 0;
byId("welcome").style.visibility = keep("conversation") ? "hidden" : "";
if (keep("question")) box.value = keep("question");
addEventListener("pagehide", () => keep("question", box.value));
const begin = () => {
  byId("welcome").style.visibility = "";
  page.dataset.begun = "";
  for (const event of later.splice(0)) handNow(...event);
  if (unanswered && !waiting() && unanswered !== [...talk.querySelectorAll(".words")].at(-1)?.textContent) put(unanswered);
  unanswered = "";
};
const readChange = () => {
  const pieces = document.querySelectorAll("#change [data-change] > *");
  if (!pieces.length) return;
  pieces.forEach(merge);
  const told = problem.querySelector(".problem");
  if (told?.matches("[data-kept]")) giveBack();
  clearTimeout(waitingOver);
  if (told?.dataset.wait) waitingOver = setTimeout(() => (told.textContent = told.dataset.over), told.dataset.wait * 1000);
  if (!("begun" in page.dataset)) begin();
};
// Gradio tells of what breaks off when the page is left, too.
onceBuilt(["#handed textarea", "#change", "#do-rate"], () => {
  document.documentElement.lang = page.lang; // Gradio calls a language English that it does not speak
  new MutationObserver(readChange).observe(byId("change"), { childList: true, subtree: true });
  if (keep("conversation") || said.speech) handNow("open", { conversation: keep("conversation"), ...said.speech });
  else begin();
}, () => setTimeout(sayUnreached, 500));
