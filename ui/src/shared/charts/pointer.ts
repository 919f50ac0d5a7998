// Pointing at a chart: hover, click, brush and double click as parts 0 to 1 of its width.

export interface PointerHandlers {
  onhover: (part: number | null) => void;
  onclick: (part: number) => void;
  /** While brushing; `null` when it ends without a choice. */
  onbrush: (parts: [number, number] | null) => void;
  onbrushed: (parts: [number, number]) => void;
  ondouble: () => void;
}

/** Less than this is a click with an unsteady hand. */
const BRUSH_PX = 5;

/** An attachment: `{@attach pointing(handlers)}`. */
export function pointing(handlers: PointerHandlers) {
  return (element: HTMLElement) => {
    let down_x: number | null = null;
    let brushing = false;

    const part = (x: number) => {
      const { left, width } = element.getBoundingClientRect();
      return Math.min(1, Math.max(0, (x - left) / Math.max(1, width)));
    };
    const between = (x: number): [number, number] => {
      const ends = [part(down_x ?? x), part(x)].sort((one, other) => one - other);
      return [ends[0] ?? 0, ends[1] ?? 0];
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0) return;
      down_x = event.clientX;
      element.setPointerCapture?.(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      handlers.onhover(part(event.clientX));
      if (down_x === null) return;
      brushing ||= Math.abs(event.clientX - down_x) >= BRUSH_PX;
      if (brushing) handlers.onbrush(between(event.clientX));
    };
    const up = (event: PointerEvent) => {
      if (down_x === null) return;
      if (brushing) {
        handlers.onbrush(null);
        handlers.onbrushed(between(event.clientX));
      } else if (event.detail < 2) {
        handlers.onclick(part(event.clientX));
      }
      down_x = null;
      brushing = false;
    };
    const cancel = () => {
      if (brushing) handlers.onbrush(null);
      down_x = null;
      brushing = false;
    };
    const leave = () => {
      if (down_x === null) handlers.onhover(null);
    };
    const double = () => handlers.ondouble();

    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", cancel);
    element.addEventListener("pointerleave", leave);
    element.addEventListener("dblclick", double);
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", cancel);
      element.removeEventListener("pointerleave", leave);
      element.removeEventListener("dblclick", double);
    };
  };
}
