// Copies a text, and tells whether that could be done.

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

const copied = async (text) =>
  (await navigator.clipboard?.writeText(text).then(() => true, () => false)) || copiedByHand(text);
