// Boxes drawn on images, by mouse or keyboard. mountBoxes(element, spec, drawn, told): spec has the images as one picture,
// `sheet`, each of `size` pixels square, `columns` in a row, `count` in all; drawn, a list of [image, top, left, bottom, right],
// ends excluded; told(list) hears of every change.

function mountBoxes(element, spec, drawn, told) {
  const scale = spec.scale, side = (spec.size + 2) * scale, rows = Math.ceil(spec.count / spec.columns);
  let boxes = drawn.slice(), start = null, at = { image: 0, row: 0, column: 0 };

  const canvas = document.createElement("canvas"), said = document.createElement("div"), sheet = new Image();
  [canvas.width, canvas.height] = [spec.columns * side, rows * side];
  canvas.tabIndex = 0;
  canvas.style.cssText = "max-width: 100%; cursor: crosshair; touch-action: none; image-rendering: pixelated;";
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${spec.count} images to draw boxes on. Arrows move by a pixel, with Shift by an image. `
    + "Space begins a box, and again ends it. Escape gives it up, Delete removes the last box of the image.");
  said.setAttribute("role", "status");
  said.className = "said";
  const buttons = document.createElement("div");
  for (const [name, act] of [["Undo", () => boxes.pop()], ["Remove all", () => { boxes = []; }]]) {
    const button = document.createElement("button");
    button.textContent = name;
    button.onclick = () => { start = null; act(); changed(); };
    buttons.append(button, " ");
  }
  element.append(canvas, buttons, said);
  sheet.onload = draw;
  sheet.src = spec.sheet;

  // Where on the page a pixel of an image is.
  const x = (image, column) => (image % spec.columns) * side + (column + 1) * scale;
  const y = (image, row) => Math.floor(image / spec.columns) * side + (row + 1) * scale;
  const within = (v) => Math.min(spec.size - 1, Math.max(0, v));

  function place(event, image) {  // the pixel under the pointer; of the image where the box began, if one did
    const frame = canvas.getBoundingClientRect(), shrunk = canvas.width / frame.width;
    const [px, py] = [(event.clientX - frame.left) * shrunk, (event.clientY - frame.top) * shrunk];
    if (image === undefined) image = Math.floor(py / side) * spec.columns + Math.min(spec.columns - 1, Math.floor(px / side));
    if (image < 0 || image >= spec.count) return null;
    const pixel = (p, of) => within(Math.floor((p - of) / scale));
    return { image, row: pixel(py, y(image, 0)), column: pixel(px, x(image, 0)) };
  }

  const between = (a, b) => [a.image, Math.min(a.row, b.row), Math.min(a.column, b.column),
    Math.max(a.row, b.row) + 1, Math.max(a.column, b.column) + 1];

  function changed() { draw(); told(boxes.map((box) => box.slice())); }

  function end() {
    if (start === null) return;
    const box = between(start, at);
    start = null;
    if (box[3] - box[1] < 2 || box[4] - box[2] < 2) return draw("That box is a line: a box has at least two pixels each way.");
    boxes.push(box);
    changed();
  }

  function draw(word) {
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(sheet, 0, 0, canvas.width, canvas.height);
    const outline = ([image, top, left, bottom, right], colour) => {
      pen.strokeStyle = colour;
      pen.lineWidth = Math.max(2, scale / 2);
      pen.strokeRect(x(image, left), y(image, top), (right - left) * scale, (bottom - top) * scale);
    };
    for (const box of boxes) outline(box, "#D55E00");
    if (start !== null) outline(between(start, at), "#56B4E9");
    if (document.activeElement === canvas) outline([at.image, at.row, at.column, at.row + 1, at.column + 1], "#56B4E9");
    said.textContent = typeof word === "string" ? word : `${boxes.length} boxes on ${new Set(boxes.map((box) => box[0])).size} `
      + `images. Image ${at.image + 1} of ${spec.count}, row ${at.row + 1}, column ${at.column + 1}.`;
  }

  canvas.onpointerdown = (event) => {
    const here = place(event);
    if (here === null) return;
    canvas.setPointerCapture(event.pointerId);
    [start, at] = [here, here];
    draw();
  };
  canvas.onpointermove = (event) => {
    if (start === null || !event.buttons) return;
    at = place(event, start.image);
    draw();
  };
  canvas.onpointerup = end;
  canvas.onpointercancel = () => { start = null; draw(); };
  canvas.onfocus = canvas.onblur = () => draw();

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.onkeydown = (event) => {
    const key = event.key, move = MOVES[key];
    if (move && event.shiftKey) {
      const image = at.image + move[0] * spec.columns + move[1];
      if (start === null && image >= 0 && image < spec.count) at = { ...at, image };
    } else if (move) at = { ...at, row: within(at.row + move[0]), column: within(at.column + move[1]) };
    else if (key === " ") { if (start === null) start = at; else { end(); event.preventDefault(); event.stopPropagation(); return; } }
    else if (key === "Escape") start = null;
    else if (key === "Delete" || key === "Backspace") {
      const last = boxes.map((box) => box[0]).lastIndexOf(at.image);
      if (last >= 0) { boxes.splice(last, 1); event.preventDefault(); event.stopPropagation(); return changed(); }
    } else return;  // Tab goes on to the buttons
    event.preventDefault();
    event.stopPropagation();  // or JupyterLab would take the arrows for its own
    draw();
  };

  return { set: (list) => { boxes = list.slice(); start = null; draw(); } };
}
