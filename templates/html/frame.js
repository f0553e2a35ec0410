
// The page in a frame tells its host how high it is, and the host tells it whether the ground it stands on is dark.
(() => {
  const root = document.documentElement;
  const tell = () => parent.postMessage({ symdiff: "height", height: Math.ceil(root.getBoundingClientRect().height) }, "*");
  addEventListener("message", (event) => {
    if (event.source !== parent || event.data?.symdiff !== "ground") return;
    root.style.overflow = "hidden";  // somebody sees to the height
    root.style.colorScheme = event.data.dark ? "dark" : "light";
    tell();
  });
  new ResizeObserver(tell).observe(root);
})();
