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
  /** `127.0.0.1:5173`, to be copied. */
  copy: string;
  /** What a browser on this machine would open; `null` where it is not TCP, of a network of its own, or of the past. */
  url: string | null;
}

export function portLines(ports: readonly Port[], numbers: readonly number[]): PortLine[] {
  if (ports.length === 0) {
    return numbers.map((port) => ({
      key: String(port),
      name: String(port),
      where: "",
      address: null,
      pid: null,
      copy: String(port),
      url: null,
    }));
  }
  return [...ports]
    .sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol))
    .map((port) => ({
      key: `${port.protocol} ${port.port} ${port.address} ${port.pid}`,
      name: `${port.protocol} ${port.port}`,
      where: port.private ? t("own_network") : whereOf(port.address),
      address: port.address,
      pid: port.pid,
      copy: hostOf(port),
      url: urlOf(port),
    }));
}

function whereOf(address: string): string {
  if (address === "0.0.0.0" || address === "::") return t("all_addresses");
  if (address.startsWith("127.") || address === "::1") return t("this_machine");
  return address;
}

/** A port on all addresses is reached under this machine's own. */
function hostOf({ address, port }: Port): string {
  const host = address === "0.0.0.0" || address === "::" ? "localhost" : address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const TLS_PORTS = new Set([443, 8443]);

function urlOf(port: Port): string | null {
  if (port.protocol !== "tcp" || port.private) return null;
  const scheme = TLS_PORTS.has(port.port) ? "https" : "http";
  return `${scheme}://${hostOf(port)}/`;
}
