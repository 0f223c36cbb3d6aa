// When the server cannot be reached Gradio says so in English, in a box that is hidden: `tell` says it in Japanese.

const whenUnreached = (tell) =>
  new MutationObserver((changes) => changes.some((change) => change.addedNodes.length) && tell()).observe(
    document.querySelector(".toast-wrap"),
    { childList: true },
  );
