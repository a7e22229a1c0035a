// The link to the other language leads to where the reader is: places have the same names in all editions.
document.addEventListener("DOMContentLoaded", () => {
  const here = () => {
    if (location.hash.includes("?")) return location.hash; // an explorer with its setting
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
