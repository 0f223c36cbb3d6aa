// The filter of the failing cases; without it all of them are shown.
"use strict";
const filter = document.querySelector("form.filter");
if (filter) {
  const cases = [...document.querySelectorAll("article[data-set]")];
  const show = () => {
    let shown = 0;
    for (const one of cases) {
      const fits = ["set", "kind"].every((name) => !filter[name].value || one.dataset[name] === filter[name].value);
      one.hidden = !fits;
      shown += fits;
    }
    filter.querySelector("output span").textContent = shown;
  };
  filter.hidden = false;
  filter.addEventListener("change", show);
  filter.addEventListener("submit", (event) => event.preventDefault());
  show();
}
