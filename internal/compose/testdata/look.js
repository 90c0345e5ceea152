// What a reader sees of the page as it is now, for browser_test.go. Contrast is
// that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
() => {
  const root = document.documentElement;

  const rgba = (text) => {
    const parts = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
    if (!parts) throw new Error(`a colour in a form that this script does not know: ${text}`);
    return [+parts[1], +parts[2], +parts[3], parts[4] === undefined ? 1 : +parts[4]];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };

  // ground is the colour that lies behind an element's text.
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== "none") throw new Error(`a picture lies behind <${e.localName} class="${e.className}">`);
      layers.push(rgba(style.backgroundColor));
      if (layers.at(-1)[3] === 1) return layers.reduceRight((below, top) => over(top, below));
    }
    throw new Error(`nothing opaque lies behind <${element.localName} class="${element.className}">`);
  };

  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };

  const place = (element) => {
    if (element.closest("a")) return "link";
    if (element.closest(".footer")) return "footer";
    if (element.closest(".embargo")) return "embargo";
    if (element.closest(".story")) return "story";
    return "other";
  };

  // worst is, for each place, the text that is hardest to read there.
  const worst = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (text === "" || ["SCRIPT", "STYLE"].includes(element.tagName) || !visible(element)) continue;
    const behind = ground(element);
    const ink = over(rgba(getComputedStyle(element).color), behind);
    const ratio = contrast(ink, behind);
    const at = place(element);
    if (!(at in worst) || ratio < worst[at].ratio) {
      worst[at] = { ratio, text: text.slice(0, 60), ink: `rgb(${ink.slice(0, 3)})`, ground: `rgb(${behind.slice(0, 3)})` };
    }
  }

  const scripts = [...document.scripts].map((s) => s.outerHTML.slice(0, 80));
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || /^\s*javascript:/i.test(value)) scripts.push(`${name}="${value.slice(0, 80)}"`);
    }
  }

  const headline = document.querySelector("h1");
  const box = headline.getBoundingClientRect();
  return {
    lang: root.lang,
    dir: root.dir,
    direction: getComputedStyle(document.body).direction,
    width: root.scrollWidth,
    height: root.scrollHeight,
    headline: { text: headline.innerText, top: box.top + scrollY, bottom: box.bottom + scrollY, visible: visible(headline) },
    paper: luminance(ground(headline)),
    worst,
    scripts,
  };
}
