// What a Track asks of uPlot: only lines, bands and gaps. Everything that follows the pointer is
// drawn over it with elements, because a canvas would have to be painted again for each move.
import uPlot from "uplot";
import { hatch } from "./paint";
import { palette } from "./palette.svelte";
import type { Points } from "./points";

export interface TrackLine {
  label: string;
  /** Token of its colour, such as `--c-cpu`. */
  color: string;
  mean: Points;
  /** Smallest and largest; leave out or empty where each point is one sample. */
  min?: Points;
  max?: Points;
  /** Without an area under it. */
  bare?: boolean;
}

export interface PlotState {
  from_ms: number;
  to_ms: number;
  top: number;
  gaps: readonly { from_ms: number; to_ms: number }[];
}

const hasBand = (line: TrackLine) => (line.max?.length ?? 0) > 0 && (line.min?.length ?? 0) > 0;

/** Changes when uPlot has to be made anew. */
export function shapeOf(lines: readonly TrackLine[]): string {
  return lines.map((line) => `${line.color}${hasBand(line)}${line.bare}`).join();
}

/** Columns in the order of `series` below. */
export function columns(
  lines: readonly TrackLine[],
  start_ms: number,
  step_ms: number,
): uPlot.AlignedData {
  const length = lines[0]?.mean.length ?? 0;
  const times = Array.from({ length }, (_, index) => start_ms + (index + 0.5) * step_ms);
  const values = lines.flatMap((line) =>
    hasBand(line) ? [line.mean, line.max ?? [], line.min ?? []] : [line.mean],
  );
  return [times, ...values] as uPlot.AlignedData;
}

function gradient(self: uPlot, color: string): CanvasGradient {
  const { top, height } = self.bbox;
  const fill = self.ctx.createLinearGradient(0, top, 0, top + height);
  fill.addColorStop(0, palette.color(color, 0.3));
  fill.addColorStop(1, palette.color(color, 0.05));
  return fill;
}

function ground(self: uPlot, state: PlotState) {
  const { left, top, width, height } = self.bbox;
  const context = self.ctx;
  context.fillStyle = palette.color("--c-grid");
  for (const part of [0, 0.5])
    context.fillRect(left, Math.round(top + part * (height - 1)), width, uPlot.pxRatio);
  const place = (at_ms: number) =>
    left + ((at_ms - state.from_ms) / (state.to_ms - state.from_ms)) * width;
  for (const gap of state.gaps) {
    const from = Math.max(left, place(gap.from_ms));
    const to = Math.min(left + width, place(gap.to_ms));
    if (to > from)
      hatch(context, from, top, to - from, height, palette.color("--hatch", 0.3), uPlot.pxRatio);
  }
}

function foot(self: uPlot) {
  const { left, top, width, height } = self.bbox;
  self.ctx.fillStyle = palette.color("--line-3");
  self.ctx.fillRect(left, top + height - uPlot.pxRatio, width, uPlot.pxRatio);
}

export function makePlot(
  place: HTMLElement,
  lines: readonly TrackLine[],
  data: uPlot.AlignedData,
  state: () => PlotState,
): uPlot {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of lines) {
    const points = { show: false };
    series.push({
      stroke: () => palette.color(line.color),
      width: 1.4,
      spanGaps: false,
      points,
      ...(line.bare ? {} : { fill: (self: uPlot) => gradient(self, line.color) }),
    });
    if (!hasBand(line)) continue;
    const high = series.length;
    for (let edge = 0; edge < 2; edge++)
      series.push({ stroke: "transparent", width: 0, spanGaps: false, points });
    bands.push({ series: [high, high + 1], fill: () => palette.color(line.color, 0.24) });
  }
  return new uPlot(
    {
      width: Math.max(1, place.clientWidth),
      height: Math.max(1, place.clientHeight),
      padding: [1, 0, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      axes: [{ show: false }, { show: false }],
      scales: {
        x: { time: false, range: () => [state().from_ms, state().to_ms] },
        y: { range: () => [0, state().top] },
      },
      series,
      bands,
      hooks: { drawClear: [(self) => ground(self, state())], draw: [foot] },
    },
    data,
    place,
  );
}
