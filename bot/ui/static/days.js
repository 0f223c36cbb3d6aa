// Browsers write the day in a field in the browser's language: beside it, it stands in Japanese (templates/day.html).

const sayDay = (field) => {
  const hint = document.getElementById(field.getAttribute("aria-describedby"));
  const [year, month, day] = field.value.split("-").map(Number);
  field.toggleAttribute("data-empty", !day);
  hint.textContent = day ? `${year}年${month}月${day}日` : hint.dataset.unset;
};
document.addEventListener("input", ({ target }) => target.matches?.(".day input") && sayDay(target));
