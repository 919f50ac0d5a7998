/** Ports of an application in words. */
import type { Port } from "../../bindings/Port";
import { t } from "./i18n";

export interface PortLine {
  key: string;
  /** `tcp 5173`; of the past only the number is known. */
  name: string;
  where: string;
  address: string | null;
  pid: number | null;
}

export function portLines(ports: readonly Port[], numbers: readonly number[]): PortLine[] {
  if (ports.length === 0) {
    return numbers.map((port) => ({
      key: String(port),
      name: String(port),
      where: "",
      address: null,
      pid: null,
    }));
  }
  return [...ports]
    .sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol))
    .map((port) => ({
      key: `${port.protocol} ${port.port} ${port.address} ${port.pid}`,
      name: `${port.protocol} ${port.port}`,
      where: whereOf(port.address),
      address: port.address,
      pid: port.pid,
    }));
}

function whereOf(address: string): string {
  if (address === "0.0.0.0" || address === "::") return t("all_addresses");
  if (address.startsWith("127.") || address === "::1") return t("this_machine");
  return address;
}
