// How the end of an order looks, and in which words it is told.
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import TriangleAlert from "@lucide/svelte/icons/triangle-alert";
import type { OrderEnd } from "../../bindings/OrderEnd";
import { duration } from "../../shared/format";
import { t } from "./i18n";

export const LOOKS = {
  done: { icon: CircleCheck, tone: "good" },
  partly: { icon: TriangleAlert, tone: "warning" },
  failed: { icon: CircleAlert, tone: "critical" },
  under_way: { icon: TriangleAlert, tone: "warning" },
} as const;

const took = (ms: number) => (ms < 1000 ? `${ms} ms` : duration(ms));

export const endText = ({ result, took_ms }: OrderEnd): string =>
  result === "done" ? t("done", { time: took(took_ms) }) : t(result);
