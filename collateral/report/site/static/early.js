(() => {
  const root = document.documentElement;
  root.classList.add("js");
  // Where the main script cannot run, the page is shown as it is without one.
  addEventListener("error", () => { if (!root.classList.contains("ready")) root.classList.remove("js"); });
  try {
    const theme = localStorage.getItem("threatmodel-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch { /* a browser that keeps nothing for local files: the theme of the system stays */ }
})();
