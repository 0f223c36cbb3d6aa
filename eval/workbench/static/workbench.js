// What Gradio's components do not do by themselves: addresses of tabs, single keys, and names for screen readers.
const find = (selector) => document.querySelector(selector);
const visible = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());

// j, k and the arrows go to the next and the previous answer, digits mark it from above, others press what they name. Keys
// rest while something is typed, chosen or converted (WCAG 2.2, 2.1.4), and can be turned off.
const PRESSED = { j: "next", ArrowRight: "next", k: "before", ArrowLeft: "before", Enter: "enter", u: "u", a: "a", b: "b", "=": "same" };
const isResting = (event) =>
  event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isConverting(event) ||
  event.target.closest?.("textarea, select, input:not([type=radio]), table, [role=tablist], [role=grid]") ||
  (["Enter", " "].includes(event.key) && event.target.closest?.("a, button, summary")) || kept("localStorage", "shirube-keys-off");
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-on]")) kept("localStorage", "shirube-keys-off", target.checked ? "" : "1");
});
const markNext = (mark) => {
  const open = visible(".marks").find((one) => !one.querySelector(":checked"));
  open?.querySelectorAll("input")[mark - 1]?.click();
  return Boolean(open);
};
addEventListener("keydown", (event) => {
  if (isResting(event)) return;
  const name = PRESSED[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const button = name && visible(`.key-${name}:not(:disabled)`)[0];
  if (/^[1-5]$/.test(event.key) ? !markNext(+event.key) : !button) return;
  event.preventDefault();
  event.stopPropagation();
  button?.click();
}, true);

// Gradio's typography is for any Markdown; our HTML has that of base.css. Some of its names are English in every language.
const NAMES = { "More tabs": "ほかのタブ", "Table actions": "表の操作", "Open cell menu": "列のメニュー", "File upload": "表" };
const tidy = () => {
  for (const [english, name] of Object.entries(NAMES)) {
    for (const one of document.querySelectorAll(`[aria-label="${english}"]`)) one.setAttribute("aria-label", name);
  }
  for (const one of document.querySelectorAll(".prose")) one.classList.remove("prose");
  for (const box of document.querySelectorAll("[data-keys-on]")) box.checked = !kept("localStorage", "shirube-keys-off");
};
const showAddress = () => {
  const address = find("#address [data-opened]")?.dataset.opened;
  if (address) history.replaceState(null, "", address);
};
// A case that the address names is below a long list.
const showCase = () => (find("#case h2") ? find("#case").scrollIntoView() : setTimeout(showCase, 100));
const say = (text) => (find("#unreached").textContent = text);
// Gradio reports a lost connection also when the page is left.
onceBuilt(["#message [data-testid=markdown]", "#address", "#tabs"], () => {
  find("#message [data-testid=markdown]").setAttribute("role", "status");
  find("#message").before(Object.assign(document.createElement("p"), { id: "unreached", role: "alert" }));
  new MutationObserver(tidy).observe(document.body, { childList: true, subtree: true });
  new MutationObserver(showAddress).observe(find("#address"), { childList: true, subtree: true, attributes: true });
  tidy();
  showAddress();
  if (new URLSearchParams(location.search).has("case")) showCase();
}, () => setTimeout(() => say("つながりません。通信を確かめ、少し待ってから、画面を読み直してください。書いた内容は、この画面に残っています。"), 500));
