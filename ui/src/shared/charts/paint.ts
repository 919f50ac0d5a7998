// Strokes that several canvases share. Coordinates are CSS pixels.
import type { Points } from "./points";

export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
}

/** Makes the canvas as fine as the screen and clears it; `null` while it has no size. */
export function surface(canvas: HTMLCanvasElement): Surface | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (!context || width === 0 || height === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  const [fine_width, fine_height] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== fine_width || canvas.height !== fine_height) {
    canvas.width = fine_width;
    canvas.height = fine_height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Diagonal lines: nothing is known here. */
export function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
  scale = 1,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = scale;
  context.beginPath();
  const step = 5 * scale;
  // From a fixed origin: the lines must not crawl while the gap moves on by fractions of a pixel.
  for (let start = Math.floor((x - height) / step) * step; start < x + width; start += step) {
    context.moveTo(start, y + height);
    context.lineTo(start + height, y);
  }
  context.stroke();
  context.restore();
}

/** Places of a series on the canvas. */
export interface Plot {
  x: (index: number) => number;
  y: (value: number) => number;
  /** Where an area ends. */
  floor: number;
}

/** Runs of points without a gap, as indices: from, to (inclusive). */
export function runs(points: Points): [number, number][] {
  const found: [number, number][] = [];
  let from = -1;
  for (let index = 0; index <= points.length; index++) {
    const there = index < points.length && points[index] !== null;
    if (there && from < 0) from = index;
    if (!there && from >= 0) {
      found.push([from, index - 1]);
      from = -1;
    }
  }
  return found;
}

function follow(
  context: CanvasRenderingContext2D,
  points: Points,
  plot: Plot,
  from: number,
  to: number,
) {
  for (let index = from; index <= to; index++) {
    const [x, y] = [plot.x(index), plot.y(points[index] ?? 0)];
    if (index === from) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  // A run of one point would be invisible.
  if (from === to) context.lineTo(plot.x(from) + 1, plot.y(points[from] ?? 0));
}

export interface AreaLook {
  stroke: string;
  fill: string | CanvasGradient;
  width: number;
}

/** A line with the area under it; gaps stay empty. */
export function area(
  context: CanvasRenderingContext2D,
  points: Points,
  plot: Plot,
  look: AreaLook,
): void {
  context.lineJoin = "round";
  for (const [from, to] of runs(points)) {
    context.beginPath();
    follow(context, points, plot, from, to);
    context.lineTo(plot.x(to) + (from === to ? 1 : 0), plot.floor);
    context.lineTo(plot.x(from), plot.floor);
    context.closePath();
    context.fillStyle = look.fill;
    context.fill();
    context.beginPath();
    follow(context, points, plot, from, to);
    context.strokeStyle = look.stroke;
    context.lineWidth = look.width;
    context.stroke();
  }
}

/** The ground between a lower and an upper series. */
export function band(
  context: CanvasRenderingContext2D,
  low: Points,
  high: Points,
  plot: Plot,
  color: string,
): void {
  context.fillStyle = color;
  for (const [from, to] of runs(high)) {
    context.beginPath();
    follow(context, high, plot, from, to);
    for (let index = to; index >= from; index--)
      context.lineTo(plot.x(index), plot.y(low[index] ?? 0));
    context.closePath();
    context.fill();
  }
}

/** Top to bottom, from one colour to another. */
export function fade(
  context: CanvasRenderingContext2D,
  top: number,
  bottom: number,
  from: string,
  to: string,
): CanvasGradient {
  const gradient = context.createLinearGradient(0, top, 0, bottom);
  gradient.addColorStop(0, from);
  gradient.addColorStop(1, to);
  return gradient;
}
