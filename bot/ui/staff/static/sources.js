// The passages: one after the other by keyboard, each opened where it stands.

const passages = () => [...element.querySelectorAll(".source > summary")];

const step = (by) => {
  const all = passages();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
};

const follow = (mark) => {
  const source = document.getElementById(mark.hash.slice(1));
  source.open = true;
  source.querySelector("summary").focus();
  source.scrollIntoView({ block: "nearest" });
};
