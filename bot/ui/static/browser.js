// What pages need of the browser, beside Gradio or without it.

// Where nothing may be kept (private windows, a strict policy), the pages work without.
const kept = (store, name, value) => {
  try {
    return value === undefined ? (window[store].getItem(name) ?? "") : window[store].setItem(name, value);
  } catch {
    return "";
  }
};

// Over plain http, as on many an office's own network, browsers offer no clipboard to scripts but this one.
const copiedByHand = (text) => {
  const aside = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "unseen" });
  const before = document.activeElement;
  document.body.append(aside);
  aside.select();
  const done = document.execCommand("copy");
  aside.remove();
  before?.focus();
  return done;
};
// What has `data-copy` copies that, or the whole of the address in `data-address`; a page's `hasCopied` tells of it.
document.addEventListener("click", async (event) => {
  const pressed = event.target.closest?.("[data-copy], [data-address]");
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const text = pressed.dataset.copy ?? new URL(pressed.dataset.address, location).href;
  hasCopied(pressed, (await navigator.clipboard?.writeText(text).then(() => true, () => false)) || copiedByHand(text));
});

// A key that is the input method's own has this code, also in Safari, which tells of it behind the end of the 変換.
const OF_INPUT_METHOD = 229;
const isConverting = (event) => event.isComposing || event.keyCode === OF_INPUT_METHOD;
