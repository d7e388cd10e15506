"use strict";
// Names light up what they have in the drawings, under the pointer and under the keyboard alike.
const light = (figure, holder, words) => {
  for (const piece of figure.querySelectorAll(".on")) piece.classList.remove("on");
  figure.classList.toggle("lit", holder !== undefined);
  if (holder !== undefined) {
    for (const piece of figure.querySelectorAll('rect[data-h="' + holder + '"]')) piece.classList.add("on");
  }
  const said = figure.querySelector(".said");
  if (said) said.textContent = words;
};
for (const figure of document.querySelectorAll(".pictures")) {
  const on = (event) => {
    const at = event.target.closest("[data-h]");
    if (!at) return;
    const key = figure.querySelector('button[data-h="' + at.dataset.h + '"]');
    light(figure, at.dataset.h, (key || at).textContent.trim() + (key ? ": " + key.dataset.on : ""));
  };
  const off = () => light(figure, undefined, "");
  figure.addEventListener("pointerover", on);
  figure.addEventListener("focusin", on);
  figure.addEventListener("click", on);
  figure.addEventListener("pointerout", off);
  figure.addEventListener("focusout", off);
}
const copied = document.getElementById("copied");
const put = (text) => {
  const done = () => { copied.textContent = "Copied"; };
  const by_hand = () => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    done();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, by_hand); else by_hand();
};
for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", () => {
    const codes = button.dataset.all ? document.querySelectorAll("ol.commands code") : [button.parentElement.querySelector("code")];
    put(Array.from(codes, (code) => code.textContent).join("\n"));
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = button.dataset.all ? "Copy all" : "Copy"; }, 2000);
  });
}
