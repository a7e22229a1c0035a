// The link to the other language leads to where the reader is: places have the same names in all editions.
document.addEventListener("DOMContentLoaded", () => {
  const here = () => {
    if (location.hash.includes("?")) return location.hash; // an explorer with its setting
    const led = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const top = led ? led.getBoundingClientRect().top : -1;
    if (top >= 0 && top < innerHeight) return location.hash; // what a link led to, still in view
    const places = [...document.querySelectorAll("article section[id]")];
    return places.findLast((place) => place.getBoundingClientRect().top < innerHeight / 3)?.id ?? "";
  };
  for (const link of document.querySelectorAll("a.nn-language")) {
    const page = link.href;
    link.addEventListener("click", () => {
      const place = scrollY > 0 || location.hash ? here() : "";
      link.href = page + location.search + (place && `#${place.replace(/^#/, "")}`);
    });
  }
});
