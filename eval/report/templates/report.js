// The filter of the failing cases; without it all of them are shown.
"use strict";
const filter = document.querySelector("form.filter");
const cases = [...document.querySelectorAll("article[data-set]")];
const show = () => {
  const wanted = [...new FormData(filter)].filter(([, value]) => value);
  for (const one of cases) one.hidden = wanted.some(([name, value]) => one.dataset[name] !== value);
  filter.querySelector("output span").textContent = cases.filter((one) => !one.hidden).length;
};
filter?.removeAttribute("hidden");
filter?.addEventListener("change", show);
