// The drawings of an explorer, and which of them shows what its controls say.

const unpack = async (text) => {
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).json();
};

const picture = (explorer) => {
  const groups = [...explorer.querySelectorAll("svg [data-part]")];
  const first = JSON.parse(explorer.dataset.state);
  let data = null, shown = null;
  const nearest = (nodes, wanted) => typeof wanted === "string" ? nodes.indexOf(wanted)
    : nodes.reduce((best, v, i) => Math.abs(v - wanted) < Math.abs(nodes[best] - wanted) ? i : best, 0);
  // Frames are numbered as an odometer counts: the last control turns fastest.
  const frame = (values) => Object.entries(data.nodes).reduce((n, [name, nodes]) => n * nodes.length + nearest(nodes, values[name]), 0);
  return {
    async load() {
      data = await unpack(explorer.querySelector('script[type="application/x-explorer-frames"]').textContent);
      explorer.dataset.frame = frame(first);
      shown = data.frames[frame(first)].slice();
    },
    draw(values) {
      const wanted = frame(values);
      data.frames[wanted].forEach((part, k) => {
        if (part !== shown[k]) groups[k].innerHTML = data.parts[k][part];
        shown[k] = part;
      });
      explorer.dataset.frame = wanted;
      return Object.entries(data.nodes).some(([name, nodes]) => !nodes.includes(values[name]));
    },
    point: () => null,
    words: () => "",
  };
};
