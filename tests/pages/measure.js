"use strict";
// Measures every frame of this page once it is loaded: what is too wide, too small, too pale, or in the way of other text.
const faults = [];
const fault = (frame, what, node, more) => {
  const words = node ? (node.textContent || node.tagName).trim().slice(0, 60) : "";
  faults.push(frame.title + ": " + what + (more === undefined ? "" : " " + more) + (words ? ": " + words : ""));
};
const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
const luminance = (colour) => {
  const [r, g, b] = numbers(colour).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const ground = (view, node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = view.getComputedStyle(at).backgroundColor;
    const parts = numbers(colour);
    if (colour !== "transparent" && !(parts.length > 3 && parts[3] === 0)) return colour;
  }
  const sheet = node.ownerDocument.querySelector("svg > .ground");
  return sheet ? view.getComputedStyle(sheet).fill : "rgb(255, 255, 255)";
};
const pieces = (doc) => {
  const walker = doc.createTreeWalker(doc.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, node = text.parentElement;
    if (!text.data.trim() || node.closest("script, style, title, desc, .hidden, option")) continue;
    if (!node.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
    const range = doc.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width > 0.5 && box.height > 0.5) found.push({ box, node });
    }
  }
  return found;
};
const measure = (frame, width, state) => {
  const view = frame.contentWindow, doc = frame.contentDocument;
  const label = { title: frame.title + state };
  const wide = doc.documentElement.scrollWidth;
  if (!doc.querySelector(":root > body")) { /* A drawing by itself scrolls. */ } else if (wide > width) fault(label, "wider than " + width, null, wide);
  const found = pieces(doc);
  if (found.length === 0) fault(label, "without text", null);
  const sheet = doc.documentElement.tagName === "svg" ? doc.documentElement.getBoundingClientRect() : null;
  const right = sheet ? sheet.right : width;
  const seen = new Set();
  for (const { box, node } of found) {
    const own = node.closest(".wide, pre");
    if (!own && (box.left < -0.5 || box.right > right + 0.5)) fault(label, "cut off at the edge", node, box.right);
    const drawing = node.closest("svg");
    if (drawing && drawing !== doc.documentElement) {
      const frame = drawing.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) fault(label, "cut off by its drawing", node);
    }
    if (seen.has(node)) continue;
    seen.add(node);
    const style = view.getComputedStyle(node);
    if (parseFloat(style.fontSize) < 11) fault(label, "smaller than 11 px", node, style.fontSize);
    const ratio = contrast(drawing ? style.fill : style.color, ground(view, node));
    if (!(ratio >= 4.5)) fault(label, "contrast", node, ratio.toFixed(2));
  }
  found.sort((one, other) => one.box.top - other.box.top);
  for (let at = 0; at < found.length; at++) {
    const one = found[at].box;
    for (let next = at + 1; next < found.length && found[next].box.top < one.bottom - 2.5; next++) {
      const other = found[next].box;
      if (one.left < other.right - 1 && other.left < one.right - 1 && found[at].node !== found[next].node) fault(label, "in the way of other text", found[at].node);
    }
  }
  for (const bar of doc.querySelectorAll("main svg rect")) {
    const box = bar.getBoundingClientRect(), around = bar.ownerSVGElement.getBoundingClientRect();
    if (box.width > 0 && (box.right > around.right + 1.5 || box.left < around.left - 1.5)) fault(label, "a bar past its drawing", bar);
  }
};
const frames = Array.from(document.querySelectorAll("iframe"));
const check = async () => {
  for (const frame of frames) {
    const width = Number(frame.width), doc = frame.contentDocument;
    measure(frame, width, "");
    const height = doc.documentElement.scrollHeight;
    if (height > 12000) fault(frame, "higher than 12000", null, height);
    if (window.axeText && doc.head && width === 1280) {
      const script = doc.createElement("script");
      script.textContent = window.axeText;
      doc.head.append(script);
      const result = await frame.contentWindow.axe.run(doc, { resultTypes: ["violations"] });
      for (const one of result.violations) {
        if (one.impact === "serious" || one.impact === "critical") fault(frame, "axe: " + one.id + " (" + one.nodes.length + "), " + one.nodes[0].html.slice(0, 120), null);
      }
    }
    const closed = doc.querySelectorAll("details");
    for (const one of closed) one.open = true;
    if (closed.length > 0) measure(frame, width, ", opened");
    // Every button can be reached, and lights up what it stands for.
    const buttons = Array.from(doc.querySelectorAll("button[data-h]"));
    for (const button of buttons.slice(0, 12).concat(buttons.slice(-3))) {
      const figure = button.closest(".pictures");
      button.focus();
      button.dispatchEvent(new frame.contentWindow.FocusEvent("focusin", { bubbles: true }));
      const lit = figure.querySelectorAll(".piece.on").length;
      const has = figure.querySelectorAll('rect[data-h="' + button.dataset.h + '"]').length;
      if (has === 0 || lit !== has) fault(frame, "lights up " + lit + " of " + has, button);
    }
    // What is there is laid out again and again.
    frame.remove();
  }
  return faults;
};
addEventListener("load", () => check().then(
  (faults) => { document.getElementById("faults").textContent = ["measured " + frames.length].concat(faults).join("\n"); },
  (error) => { document.getElementById("faults").textContent = "failed: " + error.stack; },
));
