// Real or fake? Pictures one at a time, the reader's answers beside the truth and, where it is told, beside D's.
// mount(element, spec) builds it. In spec:
//   sheet      all pictures in one PNG, as base64, `columns` a row, each `width` by `height`
//   real       {from, count}: which places of the sheet are real
//   makers     [{name, from, count, at, d}]: who made the others. d: {real, fake}, D's logits, or null; at: its step
//   questions  pictures a round, half of them real; feedback: whether the truth is told after each
//   curve      [{step, accuracy, log_score}] of D, or null; title, thing ("digit"); seed: for chance, or null

function mount(element, spec) {
  const ANSWERS = [["sure fake", 0.05], ["rather fake", 0.3], ["rather real", 0.7], ["sure real", 0.95]];
  const KEYS = { 1: 0, 2: 1, 3: 2, 4: 3, f: 1, F: 0, r: 2, R: 3 };
  const random = chance(spec.seed), sheet = new Image(), played = [];
  let maker = null, asked = [], answers = [], feedback = spec.feedback;
  const body = make("div"), said = make("p", { class: "muted said", role: "status" });
  const root = make("div", { class: "gan votes", tabindex: -1, role: "application", "aria-label": spec.title }, make("style", {}, LOOK + LOOK_OF_VOTES), body, said);
  element.replaceChildren(root);
  root.addEventListener("keydown", pressed);
  sheet.onload = welcome;
  sheet.src = `data:image/png;base64,${spec.sheet}`;

  const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));
  const logSigmoid = (logit) => Math.min(0, logit) - Math.log1p(Math.exp(-Math.abs(logit)));

  function picture(place, side, words) {
    const canvas = make("canvas", { width: spec.width, height: spec.height, role: "img", "aria-label": words });
    canvas.style.width = `${side}px`;
    const [x, y] = [(place % spec.columns) * spec.width, Math.floor(place / spec.columns) * spec.height];
    canvas.getContext("2d").drawImage(sheet, x, y, spec.width, spec.height, 0, 0, spec.width, spec.height);
    return canvas;
  }

  const show = (stage, ...inside) => { root.dataset.stage = stage; body.replaceChildren(...inside); };

  // The start ----------------------------------------------------------------------------------------------------
  function choices() {
    const buttons = spec.makers.map((one) => make("button", { type: "button", onclick: () => begin(one) }, one.name));
    return make("div", { class: "row", role: "group", "aria-label": "begin a round" }, ...buttons);
  }

  function welcome() {
    const d = spec.makers.some((one) => one.d);
    show("start", make("h2", {}, spec.title),
      make("p", {}, `${spec.questions} ${spec.thing}s, one at a time: half of them are real, half were made by G. Say what you take each for, and how sure you are.${d ? " D answers about the same ones." : ""}`),
      make("p", { class: "muted" }, "Keys: ", make("kbd", {}, "1"), " sure fake, ", make("kbd", {}, "2"), " or ", make("kbd", {}, "←"), " or ", make("kbd", {}, "f"), " rather fake, ", make("kbd", {}, "3"), " or ", make("kbd", {}, "→"), " or ", make("kbd", {}, "r"), " rather real, ", make("kbd", {}, "4"), " sure real. With Shift, arrows and letters mean sure."),
      choices(), switched());
    said.textContent = spec.makers.length > 1 ? "Choose whom you meet." : "";
  }

  function switched() {
    const box = make("input", { type: "checkbox", onchange: () => { feedback = box.checked; } });
    box.checked = feedback;
    return make("label", { class: "muted" }, box, " tell me after each one whether I was right");
  }

  // A round ------------------------------------------------------------------------------------------------------
  function begin(one) {
    const half = Math.min(spec.questions >> 1, spec.real.count, one.count);
    const some = (from, count, real) => shuffled(Array(count).keys(), random).slice(0, half).map((i) => (
      { place: from + i, real, logit: one.d ? one.d[real ? "real" : "fake"][i] : null }));
    [maker, answers] = [one, []];
    asked = shuffled([...some(spec.real.from, spec.real.count, true), ...some(one.from, one.count, false)], random);
    ask();
  }

  function ask() {
    const number = answers.length + 1, before = answers.at(-1);
    const buttons = ANSWERS.map(([words], i) => make("button", { type: "button", onclick: () => answer(i) }, make("kbd", {}, String(i + 1)), ` ${words}`));
    const told = feedback && before ? [make("div", { class: "before" }, picture(before.place, 64, "the one before"), make("div", {}, verdict(before)))] : [];
    show("ask", make("p", {}, `${maker.name}: ${spec.thing} ${number} of ${asked.length}`),
      make("div", { class: "sides" }, picture(asked[number - 1].place, 224, `${spec.thing} ${number} of ${asked.length}`), ...told),
      make("div", { class: "row", role: "group", "aria-label": "your answer" }, ...buttons), switched());
    said.textContent = feedback && before ? verdict(before) : "";
    said.hidden = told.length > 0;
    root.focus({ preventScroll: true });
  }

  const verdict = (one) => `The one before was ${one.real ? "real" : "fake"}; ${one.p > 0.5 === one.real ? "you were right." : "you were wrong."}`;

  function pressed(event) {
    if (root.dataset.stage !== "ask" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    let choice = KEYS[event.key];
    if (event.key === "ArrowLeft") choice = event.shiftKey ? 0 : 1;
    if (event.key === "ArrowRight") choice = event.shiftKey ? 3 : 2;
    if (choice === undefined) return;
    event.preventDefault();
    answer(choice);
  }

  function answer(choice) {
    answers.push({ ...asked[answers.length], said: ANSWERS[choice][0], p: ANSWERS[choice][1] });
    if (answers.length < asked.length) ask(); else end();
  }

  // The end ------------------------------------------------------------------------------------------------------
  // Wilson's interval for a share: the shares from which k of n is less than 1.96 standard deviations away.
  function wilson(k, n, z = 1.959963984540054) {
    const middle = (k + (z * z) / 2) / (n + z * z), reach = (z / (n + z * z)) * Math.sqrt((k * (n - k)) / n + (z * z) / 4);
    return [middle - reach, middle + reach];
  }

  function score(right, logs) {
    const n = logs.length;
    return { right, n, accuracy: right / n, interval: wilson(right, n), log_score: logs.reduce((a, b) => a + b, 0) / n };
  }

  function end() {
    const you = score(answers.filter((one) => one.p > 0.5 === one.real).length, answers.map((one) => Math.log(one.real ? one.p : 1 - one.p)));
    const d = maker.d ? score(answers.filter((one) => one.logit > 0 === one.real).length, answers.map((one) => logSigmoid(one.real ? one.logit : -one.logit))) : null;
    played.push({ step: maker.at, you, d });
    root.dataset.result = JSON.stringify({ maker: maker.name, answers, you, d });
    const line = (name, s) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, `${s.right} of ${s.n}`), make("td", {}, written(s.log_score)), make("td", {}, `${Math.round(100 * s.interval[0])} to ${Math.round(100 * s.interval[1])} %`));
    const head = ["", "right", "log score", "95 % interval of the share right"].map((words) => make("th", { scope: "col" }, words));
    show("end", make("h2", {}, summary(you, d)),
      make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, line("you", you), ...(d ? [line("D", d)] : []))),
      make("p", { class: "muted" }, "The log score is the mean logarithm of the probability given to the truth: 0 is perfect, −0.69 is what always saying one half gets, and being sure and wrong costs most."),
      ...(spec.curve ? [make("div", { class: "sides" }, curve("accuracy", "share right", 0.4, 1, 0.5), curve("log_score", "log score", -1.5, 0, -Math.LN2))] : []),
      make("div", { class: "all" }, ...answers.map(small)),
      make("p", { class: "muted" }, `Framed: where you were wrong. Below each: the probability of being real that you${d ? " and D" : ""} gave it.`),
      make("p", {}, "Once more?"), choices(), make("div", { class: "row" }, make("button", { type: "button", onclick: save }, "Save the votes (CSV)")));
    said.hidden = false;
    said.textContent = "";
    root.focus({ preventScroll: true });
  }

  function summary(you, d) {
    if (!d) return `You were right about ${you.right} of ${you.n}.`;
    const than = you.log_score > d.log_score ? "better than" : you.log_score < d.log_score ? "worse than" : "the same as";
    return `You were right about ${you.right} of ${you.n}, D about ${d.right}; your log score is ${than} D's.`;
  }

  function small(one, number) {
    const right = one.p > 0.5 === one.real, truth = one.real ? "real" : "fake";
    const words = `${spec.thing} ${number + 1}: ${truth}; you gave it ${one.p}${one.logit === null ? "" : `, D ${sigmoid(one.logit).toFixed(2)}`}`;
    const lines = [`${truth}${right ? "" : " ✗"}`, `you ${one.p.toFixed(2)}`, ...(one.logit === null ? [] : [`D ${sigmoid(one.logit).toFixed(2)}`])];
    return make("div", { class: right ? "one" : "one wrong" }, picture(one.place, 56, words), ...lines.map((text) => make("span", {}, text)));
  }

  // D over its training, and the rounds that were played on it.
  function curve(what, name, low, high, even) {
    const [left, top, width, height] = [44, 8, 270, 150], last = spec.curve.at(-1).step;
    const x = (step) => left + (width * step) / last, y = (value) => top + (height * (high - Math.max(low, Math.min(high, value)))) / (high - low);
    const path = spec.curve.map((point) => `${x(point.step)},${y(point[what])}`).join(" ");
    const text = (words, at, to, anchor = "middle") => drawn("text", { x: at, y: to, "text-anchor": anchor, fill: "#222" }, words);
    const marks = played.flatMap(({ step, you, d }) => [
      drawn("circle", { cx: x(step), cy: y(d[what]), r: 5, fill: "none", stroke: "#0072b2", "stroke-width": 2 }),
      drawn("rect", { class: "mark", x: x(step) - 5, y: y(you[what]) - 5, width: 10, height: 10, fill: "#d55e00" })]);
    const ticks = [low, even, high].map((value) => text(written(value, value % 1 ? 2 : 1), left - 6, y(value) + 4, "end"));
    const told = `D's ${name} over its training, from ${written(spec.curve[0][what])} at step ${spec.curve[0].step} to ${written(spec.curve.at(-1)[what])} at step ${last}; your rounds: ${played.map((one) => `${written(one.you[what])} at step ${one.step}`).join(", ")}.`;
    return drawn("svg", { viewBox: "0 0 330 212", width: 330, role: "img", "aria-label": told },
      drawn("line", { x1: left, x2: left + width, y1: y(even), y2: y(even), stroke: "#999", "stroke-dasharray": "2 3" }),
      drawn("path", { d: `M${left},${top}V${top + height}H${left + width}`, fill: "none", stroke: "#222" }),
      drawn("polyline", { points: path, fill: "none", stroke: "#0072b2", "stroke-width": 2, "stroke-dasharray": "6 3" }),
      ...marks, ...ticks, text("0", left, 174), text(last.toLocaleString("en"), left + width, 174), text("training step", left + width / 2, 174),
      text(name, left + 6, top + 10, "start"),
      drawn("rect", { x: left, y: 190, width: 10, height: 10, fill: "#d55e00" }), text("you", left + 15, 199, "start"),
      drawn("circle", { cx: left + 60, cy: 195, r: 5, fill: "none", stroke: "#0072b2", "stroke-width": 2 }), text("D on the same", left + 70, 199, "start"),
      drawn("line", { x1: left + 168, x2: left + 190, y1: 195, y2: 195, stroke: "#0072b2", "stroke-width": 2, "stroke-dasharray": "6 3" }), text("D on 1,000", left + 195, 199, "start"));
  }

  function save() {
    const rows = answers.map((one, i) => [i + 1, one.place, one.real ? "real" : "fake", one.said, one.p, one.logit === null ? "" : sigmoid(one.logit).toPrecision(6)].join(","));
    const text = ["number,picture,truth,answer,probability_real,d_probability_real", ...rows].join("\n") + "\n";
    make("a", { href: `data:text/csv,${encodeURIComponent(text)}`, download: "votes.csv" }).click();
  }
}

const LOOK_OF_VOTES = `
.votes .before { display: flex; flex-direction: column; gap: 6px; max-width: 200px; }
.votes .all { display: flex; flex-wrap: wrap; gap: 6px; margin: 8px 0; }
.votes .one { border: 3px solid transparent; padding: 2px; font-size: 12px; line-height: 1.25; }
.votes .one span { display: block; }
.votes .wrong { border-color: #d55e00; }
`;
