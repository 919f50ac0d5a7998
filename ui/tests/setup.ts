// What a browser has and happy-dom has not.
import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/svelte";
import { afterEach } from "vitest";

afterEach(cleanup);

/** A canvas context that accepts everything: tests look at what is said, not at pixels. */
function paintless(canvas: HTMLCanvasElement): unknown {
  const gradient = { addColorStop: () => undefined };
  return new Proxy(
    { canvas, measureText: (text: string) => ({ width: text.length * 6 }) },
    {
      get(target, name) {
        if (name in target) return Reflect.get(target, name);
        return () => gradient;
      },
      set: () => true,
    },
  );
}
HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement) {
  return paintless(this);
} as typeof HTMLCanvasElement.prototype.getContext;

class PathStub {
  addPath() {}
  arc() {}
  closePath() {}
  lineTo() {}
  moveTo() {}
  rect() {}
}
globalThis.Path2D ??= PathStub as unknown as typeof Path2D;

// The window that everything is drawn for.
(window as unknown as { happyDOM: { setViewport(size: object): void } }).happyDOM.setViewport({
  width: 1280,
  height: 800,
});
