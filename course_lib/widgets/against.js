// Real or generated? Pictures one at a time, a verdict on each, and the score beside D's.
// mount(element, spec) with spec = { sets: [{ name, real, fake }], size, rounds, feedback, seed, chosen }, where real and fake
// are { sheet, columns, n, d }: a PNG of pictures side by side, how many a row and in all, and D(x) of each or null.

function mount(element, spec) {
  const ANSWERS = [["surely real", 0.95], ["rather real", 0.7], ["rather generated", 0.3], ["surely generated", 0.05]];
  const state = { set: spec.chosen || 0, round: 0, feedback: Boolean(spec.feedback), cards: [], votes: [], results: [] };
  let sheets = [];

  // Pure functions, tested from outside ------------------------------------------------------------------------
  function seeded(number) {  // mulberry32
    return () => {
      number = (number + 0x6d2b79f5) >>> 0;
      let t = Math.imul(number ^ (number >>> 15), number | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  function shuffled(items, random) {
    const all = [...items];
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all;
  }

  function deal(set, round) {  // as many real pictures as generated ones, in an order that seed and round decide
    const random = seeded((spec.seed || 0) + 1000 * set + round), half = spec.rounds / 2;
    const draw = (kind) => shuffled(Array(spec.sets[set][kind].n).keys(), random).slice(0, half);
    return shuffled([...draw("real").map((at) => ({ real: true, at })), ...draw("fake").map((at) => ({ real: false, at }))], random);
  }

  function scored(cards, beliefs) {  // beliefs: the probability given to "real"; one half counts as half right
    const right = cards.map((card, i) => (beliefs[i] === 0.5 ? 0.5 : Number(beliefs[i] > 0.5 === card.real)));
    const log = cards.map((card, i) => Math.log(card.real ? beliefs[i] : 1 - beliefs[i]));
    const sum = (all) => all.reduce((a, b) => a + b, 0);
    return { right: sum(right), n: cards.length, log: sum(log) / cards.length };
  }

  function wilson(right, n, z = 1.96) {  // the 95 % interval of a share
    const share = right / n, middle = share + (z * z) / (2 * n), wide = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
    return [(middle - wide) / (1 + (z * z) / n), (middle + wide) / (1 + (z * z) / n)];
  }

  const belief = (card) => { const of = spec.sets[state.set][card.real ? "real" : "fake"]; return of.d ? of.d[card.at] : null; };

  // Elements ---------------------------------------------------------------------------------------------------
  function make(tag, about = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(about)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  }

  const style = make("style", {}, `
    .against { font: 15px/1.4 system-ui, sans-serif; color: #111; background: #fff; max-width: 640px; }
    .against button { font: inherit; margin: 2px; padding: 6px 10px; border: 1px solid #888; border-radius: 4px; background: #f4f4f4; cursor: pointer; }
    .against button[aria-pressed=true] { background: #0072B2; color: #fff; }
    .against canvas.big { width: 168px; height: 168px; image-rendering: pixelated; border: 1px solid #888; display: block; margin: 8px 0; }
    .against canvas.small { width: 42px; height: 42px; image-rendering: pixelated; }
    .against figure { display: inline-block; margin: 3px; text-align: center; font-size: 12px; }
    .against .wrong { color: #D55E00; font-weight: bold; }
    .against table { border-collapse: collapse; margin: 8px 0; } .against td, .against th { padding: 2px 12px 2px 0; text-align: left; }`);
  const chooser = make("div"), body = make("div"), said = make("p", { role: "status", className: "said" });
  const root = make("div", { className: "against", tabIndex: 0 }, chooser, body, said);
  element.append(style, root);

  function paint(canvas, card) {
    const kind = spec.sets[state.set][card.real ? "real" : "fake"], size = spec.size;
    canvas.width = canvas.height = size;
    const x = (card.at % kind.columns) * size, y = Math.floor(card.at / kind.columns) * size;
    canvas.getContext("2d").drawImage(sheets[state.set][card.real ? "real" : "fake"], x, y, size, size, 0, 0, size, size);
    return canvas;
  }

  function showChooser() {
    chooser.replaceChildren(
      ...(spec.sets.length > 1 ? ["Generated at ", ...spec.sets.map((set, at) =>
        make("button", { textContent: set.name, "aria-pressed": String(at === state.set), onclick: () => begin(at) }))] : []),
      make("label", {}, make("input", { type: "checkbox", checked: state.feedback, onchange: (event) => { state.feedback = event.target.checked; } }), " tell me at once"),
    );
  }

  function begin(set) {
    state.set = set; state.cards = deal(set, state.round++); state.votes = [];
    said.textContent = "";
    showChooser(); ask();
  }

  function ask() {
    const number = state.votes.length, card = state.cards[number];
    const canvas = paint(make("canvas", { className: "big", role: "img", "aria-label": `picture ${number + 1}` }), card);
    body.replaceChildren(
      make("div", { className: "count", textContent: `Picture ${number + 1} of ${state.cards.length}: real or generated?` }), canvas,
      ...ANSWERS.map(([words], at) => make("button", { textContent: `${at + 1} ${words}`, onclick: () => vote(at) })),
    );
    root.dataset.number = number;
  }

  function vote(at) {
    if (state.votes.length >= state.cards.length) return;
    const card = state.cards[state.votes.length], [, probability] = ANSWERS[at];
    state.votes.push(probability);
    said.textContent = state.feedback ? `${probability > 0.5 === card.real ? "Right" : "Wrong"}: it was ${card.real ? "real" : "generated"}.` : "";
    state.votes.length < state.cards.length ? ask() : finish();
  }

  function finish() {
    const yours = scored(state.cards, state.votes), ds = state.cards.map(belief), known = ds.every((d) => d !== null);
    const rows = [["you", yours], ...(known ? [["D", scored(state.cards, ds)]] : []), ["a coin", scored(state.cards, state.cards.map(() => 0.5))]];
    state.results.push({ set: spec.sets[state.set].name, you: yours.right / yours.n });
    const [low, high] = wilson(yours.right, yours.n);
    body.replaceChildren(
      make("table", {}, make("tr", {}, ...["", "right", "mean log of the probability given to the truth"].map((words) => make("th", { textContent: words }))),
        ...rows.map(([name, score]) => make("tr", {}, make("td", { textContent: name }), make("td", { textContent: `${score.right} of ${score.n}` }), make("td", { textContent: score.log.toFixed(2) })))),
      make("p", { className: "interval", textContent: `With ${yours.n} pictures, your share of ${(100 * yours.right / yours.n).toFixed(0)} % may stand for anything from ${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} % (95 %, Wilson).` }),
      ...curve(), make("div", {}, ...state.cards.map((card, i) => {
        const wrong = state.votes[i] > 0.5 !== card.real;
        return make("figure", { className: wrong ? "wrong" : "" }, paint(make("canvas", { className: "small" }), card), make("figcaption", { textContent: card.real ? "real" : "made" }));
      })),
      make("button", { textContent: "Again", onclick: () => begin(state.set) }), make("button", { textContent: "Save votes", onclick: save }),
    );
    said.textContent = `You were right ${yours.right} times of ${yours.n}${known ? `, D ${scored(state.cards, ds).right} times` : ""}.`;
    root.dataset.number = "done";
  }

  function curve() {  // D's share of right answers over the sets, and yours so far
    const shares = spec.sets.map((set) => {
      const all = [...(set.real.d || []).map((d) => d > 0.5), ...(set.fake.d || []).map((d) => d < 0.5)];
      return all.length ? all.filter(Boolean).length / all.length : null;
    });
    if (spec.sets.length < 2 || shares.includes(null)) return [];
    const svg = (tag, about, words = "") => { const made = document.createElementNS("http://www.w3.org/2000/svg", tag); for (const [k, v] of Object.entries(about)) made.setAttribute(k, v); made.textContent = words; return made; };
    const x = (i) => 70 + (i * 260) / (shares.length - 1), y = (share) => 20 + 110 * (1 - share);
    const drawing = svg("svg", { width: 420, height: 175, role: "img", "aria-label": `D is right in ${shares.map((s) => `${(100 * s).toFixed(0)} %`).join(", ")} of the pictures; you in ${state.results.map((r) => `${(100 * r.you).toFixed(0)} % (${r.set})`).join(", ")}.` });
    for (const share of [0, 0.5, 1]) drawing.append(svg("line", { x1: 60, x2: 345, y1: y(share), y2: y(share), stroke: "#ccc" }), svg("text", { x: 52, y: y(share) + 4, "text-anchor": "end", "font-size": 12 }, `${100 * share} %`));
    drawing.append(svg("polyline", { points: shares.map((s, i) => `${x(i)},${y(s)}`).join(" "), fill: "none", stroke: "#0072B2", "stroke-dasharray": "6 4", "stroke-width": 2 }), svg("text", { x: 350, y: y(shares.at(-1)) + 4, fill: "#0072B2", "font-size": 13 }, "D right"));
    spec.sets.forEach((set, i) => drawing.append(svg("text", { x: x(i), y: 152, "text-anchor": "middle", "font-size": 12 }, set.name)));
    for (const result of state.results) drawing.append(svg("circle", { class: "you", cx: x(spec.sets.findIndex((set) => set.name === result.set)), cy: y(result.you), r: 5, fill: "#D55E00" }));
    drawing.append(svg("text", { x: 60, y: 171, fill: "#D55E00", "font-size": 13 }, "dots: you"));
    return [drawing];
  }

  function save() {
    const rows = state.cards.map((card, i) => [spec.sets[state.set].name.replaceAll(",", ""), card.at, card.real ? "real" : "generated", state.votes[i], belief(card) ?? ""].join(","));
    const text = ["set,picture,truth,probability of real,D", ...rows].join("\n") + "\n";
    make("a", { href: `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`, download: "votes.csv" }).click();
  }

  root.addEventListener("keydown", (event) => {
    const at = Number(event.key) - 1;
    if (at >= 0 && at < ANSWERS.length && root.dataset.number !== "done") { vote(at); root.focus(); event.preventDefault(); }
  });

  const load = (source) => new Promise((done) => { const image = new Image(); image.onload = () => done(image); image.src = source; });
  Promise.all(spec.sets.map(async (set) => ({ real: await load(set.real.sheet), fake: await load(set.fake.sheet) }))).then((all) => { sheets = all; begin(state.set); });
  root.parts = { deal, scored, wilson };
}
