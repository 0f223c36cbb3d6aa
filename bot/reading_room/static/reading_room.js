// The pages are whole without a script. With one they tell whether an address was copied.

const hasCopied = (link, done) => {
  document.getElementById("copied").textContent = done ? link.dataset.said : "";
};
