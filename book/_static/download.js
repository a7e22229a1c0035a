// The download button gives a file. A server sends one; from disk a browser would show its text, so the same text, which
// lies beside it in a script, is put into a file here.
document.addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll(".dropdown-download-buttons a[href]")) {
    const name = decodeURIComponent(link.pathname.split("/").pop());
    link.download = name;
    link.removeAttribute("target");
    if (location.protocol !== "file:") continue;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const script = Object.assign(document.createElement("script"), { src: `${link.href}.js` });
      script.onload = () => {
        const file = URL.createObjectURL(new Blob([globalThis.SOURCE], { type: "application/octet-stream" }));
        Object.assign(document.createElement("a"), { href: file, download: name }).click();
        script.remove();
        setTimeout(() => URL.revokeObjectURL(file), 60000);
      };
      document.head.append(script);
    });
  }
});
