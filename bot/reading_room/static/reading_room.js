// The pages are whole without a script. With one they follow the browser's dark mode and copy an address.

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.body.classList.toggle("dark", dark.matches);
dark.addEventListener("change", follow);
follow();
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.address");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.getElementById("copied").textContent = (await copied(link.href)) ? link.dataset.said : "";
});
