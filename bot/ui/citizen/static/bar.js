// Runs once, with the bar in the page: in which words the page speaks, how large, and the way to begin anew.

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if (pressed.dataset.speech && pressed.getAttribute("aria-pressed") !== "true") {
    keep("speech", pressed.dataset.speech);
    trigger("select", { speech: pressed.dataset.speech });
  } else if (pressed.dataset.size) {
    keep("size", pressed.dataset.size);
    resize();
  } else if (pressed.hasAttribute("data-again")) {
    trigger("clear");
  }
});

// The server does not know how large the reader reads.
const resize = () => {
  const size = kept("size") || "1";
  document.documentElement.dataset.size = size;
  for (const step of element.querySelectorAll("[data-size]")) step.setAttribute("aria-pressed", String(step.dataset.size === size));
};

const follow = () => {
  const { speech, conversation } = document.getElementById("said").dataset;
  document.documentElement.lang = speech === "en" ? "en" : "ja";
  keep("conversation", conversation);
  resize();
};

resize();
watch("value", follow);
