(function (frame) {  // names without "window." would be those of the frame's element
  // How dark the ground is: the nearest colour behind the frame that one cannot look through.
  function dark() {
    var brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    for (var each = frame.parentElement; each; each = each.parentElement) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = getComputedStyle(each).backgroundColor;
      brush.fillRect(0, 0, 1, 1);
      var colour = brush.getImageData(0, 0, 1, 1).data;
      if (colour[3] > 127) return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] < 128;
    }
    return false;
  }
  function tell() {
    if (!frame.isConnected) return leave();
    frame.contentWindow.postMessage({ symdiff: "ground", dark: dark() }, "*");
  }
  function later() { tell(); setTimeout(tell, 700); }  // a theme may still be loading
  function hear(event) {
    if (!frame.isConnected) return leave();
    if (event.source !== frame.contentWindow || !event.data || event.data.symdiff !== "height") return;
    var height = Number(event.data.height);
    if (height > 0 && height < 1e6) frame.style.height = height + "px";
  }
  function leave() { window.removeEventListener("message", hear); watch.disconnect(); }
  var watch = new MutationObserver(later);
  if (frame.leaveHost) frame.leaveHost();
  frame.leaveHost = leave;
  window.addEventListener("message", hear);
  watch.observe(document.documentElement, { attributes: true });
  watch.observe(document.body, { attributes: true });
  tell();
})(this)
