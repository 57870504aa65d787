// What the pages of this folder share: elements, drawings, chance that can be repeated, and the look.

function make(tag, about = {}, ...inside) {
  return dressed(document.createElement(tag), about, inside);
}

function drawn(tag, about = {}, ...inside) {
  return dressed(document.createElementNS("http://www.w3.org/2000/svg", tag), about, inside);
}

function dressed(element, about, inside) {
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside);
  return element;
}

// mulberry32: numbers in [0, 1), the same for the same seed; without a seed, others each time.
function chance(seed) {
  if (seed === null || seed === undefined) return Math.random;
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffled(list, random) {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

// A number as it is written in text, with a minus sign that is as wide as a digit.
const written = (value, digits = 2) => (value < 0 && +value.toFixed(digits) !== 0 ? "−" : "") + Math.abs(value).toFixed(digits);

const LOOK = `
body { margin: 0; background: #fff; color: #222; }
.gan { font: 15px/1.45 system-ui, sans-serif; max-width: 760px; outline: none; padding: 4px; box-sizing: border-box; background: #fff; color: #222; }
.gan h2 { font-size: 18px; margin: 0 0 4px; }
.gan p { margin: 4px 0; }
.gan .row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 8px 0; }
.gan .sides { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: flex-start; }
.gan button { font: inherit; color: #222; background: #f4f4f4; border: 1px solid #888; border-radius: 5px; padding: 5px 10px; cursor: pointer; }
.gan button:hover { background: #e6eef5; }
.gan button[aria-pressed="true"] { background: #0072b2; border-color: #0072b2; color: #fff; }
.gan :focus-visible { outline: 3px solid #d55e00; outline-offset: 1px; }
.gan canvas { image-rendering: pixelated; display: block; }
.gan table { border-collapse: collapse; margin: 8px 0; }
.gan th, .gan td { padding: 2px 12px 2px 0; text-align: left; font-weight: normal; font-variant-numeric: tabular-nums; }
.gan thead th { border-bottom: 1px solid #888; }
.gan kbd { font: inherit; font-size: 13px; border: 1px solid #999; border-radius: 3px; padding: 0 4px; background: #fff; color: #222; }
.gan svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.gan .muted { color: #666; font-size: 14px; }
`;
