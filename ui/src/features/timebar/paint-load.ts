// Paints the time bar: ground, hatched gaps, load with its peaks, the hot part, glyphs of events.
// It is painted once in colour and, in the past, once in grey; the two are cut at the moment shown
// by the style sheet, so that dragging paints nothing.
import type { EventKind } from "../../bindings/EventKind";
import type { Timeline } from "../../bindings/Timeline";
import { area, band, fade, hatch, type Plot, type Surface } from "../../shared/charts/paint";
import { palette } from "../../shared/charts/palette.svelte";
import type { Tick } from "../../shared/charts/ticks";
import { language, t } from "../../shared/i18n";
import { isGrave } from "../events";
import type { Mark } from "./marks";

export const LANE_PX = 16;
export const AXIS_PX = 14;
/** Load above this is drawn hot. */
const HOT = 0.6;
const FONT = '"Inter Variable", sans-serif';

export interface LoadPicture {
  from_ms: number;
  to_ms: number;
  timeline: Timeline | undefined;
  ticks: readonly Tick[];
  marks: readonly Mark[];
  /** Token of the load's colour. */
  color: string;
  /** What comes after the moment shown. */
  after: boolean;
}

export function paintLoad(surface: Surface, picture: LoadPicture): void {
  const { context, width, height } = surface;
  const top = LANE_PX;
  const tall = height - LANE_PX - AXIS_PX;
  const place = (at_ms: number) =>
    ((at_ms - picture.from_ms) / (picture.to_ms - picture.from_ms)) * width;

  context.fillStyle = palette.color("--bg-1");
  context.beginPath();
  context.roundRect(0, top, width, tall, 4);
  context.fill();
  context.save();
  context.beginPath();
  context.roundRect(0, top, width, tall, 4);
  context.clip();
  context.fillStyle = palette.color("--line-1");
  for (const { at_ms } of picture.ticks) context.fillRect(Math.round(place(at_ms)), top, 1, tall);
  gaps(context, picture, place, top, tall, width);
  load(context, picture, place, top, tall, width);
  context.restore();
  context.strokeStyle = palette.color("--line-1");
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(0.5, top + 0.5, width - 1, tall - 1, 4);
  context.stroke();

  context.globalAlpha = picture.after ? 0.4 : 1;
  for (const mark of picture.marks) drawMark(context, mark, top, tall);
  context.globalAlpha = 1;
}

type Place = (at_ms: number) => number;

function gaps(
  context: CanvasRenderingContext2D,
  { timeline }: LoadPicture,
  place: Place,
  top: number,
  tall: number,
  width: number,
) {
  for (const gap of timeline?.gaps ?? []) {
    const from = Math.max(0, place(gap.from_ms));
    const wide = Math.min(width, place(gap.to_ms)) - from;
    if (wide < 1) continue;
    hatch(context, from, top, wide, tall, palette.color("--hatch", 0.45));
    const label = t(gap.reason);
    context.font = `500 10px ${FONT}`;
    const text = context.measureText(label).width;
    if (wide < text + 14) continue;
    context.fillStyle = palette.color("--bg-1");
    context.fillRect(from + wide / 2 - text / 2 - 4, top + tall / 2 - 7, text + 8, 14);
    context.fillStyle = palette.color("--text-3");
    context.textAlign = "center";
    context.fillText(label, from + wide / 2, top + tall / 2 + 3.5);
  }
}

function load(
  context: CanvasRenderingContext2D,
  picture: LoadPicture,
  place: Place,
  top: number,
  tall: number,
  width: number,
) {
  const { timeline } = picture;
  if (!timeline) return;
  // A minute that was recorded in part reaches into the gap before it, where nothing is known.
  const known = (points: Timeline["mean"]) =>
    points.map((value, index) => {
      const at_ms = timeline.from_ms + (index + 0.5) * timeline.step_ms;
      return timeline.gaps.some((gap) => at_ms > gap.from_ms && at_ms < gap.to_ms) ? null : value;
    });
  const mean = timeline.gaps.length > 0 ? known(timeline.mean) : timeline.mean;
  const ground = top + tall;
  const rise = tall - 3;
  const plot: Plot = {
    x: (index) => Math.min(width, place(timeline.from_ms + (index + 0.5) * timeline.step_ms)),
    y: (value) => ground - Math.min(1, value) * rise,
    floor: ground,
  };
  const color = picture.after ? "--text-3" : picture.color;
  context.globalAlpha = picture.after ? 0.5 : 1;
  if (timeline.max.length > 0) band(context, mean, timeline.max, plot, palette.color(color, 0.22));
  area(context, mean, plot, {
    stroke: palette.color(color),
    fill: fade(context, top, ground, palette.color(color, 0.48), palette.color(color, 0.1)),
    width: 1.25,
  });
  context.save();
  context.beginPath();
  context.rect(0, top, width, plot.y(HOT) - top);
  context.clip();
  area(context, mean, plot, {
    stroke: palette.color("--hot"),
    fill: fade(context, top, ground, palette.color("--hot", 0.85), palette.color("--hot", 0.5)),
    width: 1.5,
  });
  context.restore();
  context.globalAlpha = 1;
}

const GLYPH_COLORS: Record<EventKind, string> = {
  started: "--text-2",
  stopped: "--text-3",
  recording_started: "--text-3",
  ordered: "--accent",
  crashed: "--critical",
  out_of_memory: "--critical",
  crash_loop: "--critical",
  given_up: "--critical",
  crash_loop_ended: "--text-2",
  restarted: "--text-2",
  ports_opened: "--text-3",
  ports_closed: "--text-3",
  version_changed: "--notice",
  many: "--text-3",
};

function drawMark(context: CanvasRenderingContext2D, mark: Mark, top: number, tall: number) {
  const color = palette.color(GLYPH_COLORS[mark.kind]);
  const x = Math.round(mark.x - (mark.count > 1 ? 4 : 0)) + 0.5;
  if (mark.kind === "stopped" && mark.count === 1) {
    context.fillStyle = palette.color("--text-3", 0.35);
    context.fillRect(Math.round(mark.x), top, 1, tall);
  }
  glyph(context, mark.kind, x, LANE_PX / 2, color);
  if (mark.count === 1) return;
  context.font = `620 10px ${FONT}`;
  context.textAlign = "left";
  context.fillStyle = palette.color("--text-2");
  context.fillText(mark.count.toLocaleString(language.locale), x + 7, LANE_PX / 2 + 3.5);
}

/** Shape says the kind: triangle for a start, square for a stop, cross for a crash, ring for the rest. */
function glyph(
  context: CanvasRenderingContext2D,
  kind: EventKind,
  x: number,
  y: number,
  color: string,
) {
  context.fillStyle = color;
  context.strokeStyle = color;
  context.beginPath();
  if (isGrave(kind)) {
    context.lineWidth = 2.2;
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
    context.stroke();
  } else if (kind === "version_changed") {
    context.moveTo(x, y - 4.5);
    context.lineTo(x + 4.5, y);
    context.lineTo(x, y + 4.5);
    context.lineTo(x - 4.5, y);
    context.closePath();
    context.fill();
  } else if (kind === "started" || kind === "restarted") {
    context.moveTo(x - 2.8, y - 4);
    context.lineTo(x + 4, y);
    context.lineTo(x - 2.8, y + 4);
    context.closePath();
    context.fill();
  } else if (kind === "stopped") {
    context.fillRect(x - 3, y - 3, 6, 6);
  } else {
    context.lineWidth = 1.5;
    context.arc(x, y, 3, 0, 7);
    context.stroke();
  }
}
