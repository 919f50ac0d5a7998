// Containers of the invented machine.
import type { ContainerDetail } from "../../bindings/ContainerDetail";
import type { ContainerRow } from "../../bindings/ContainerRow";
import type { Containers } from "../../bindings/Containers";
import type { ContainerUses } from "../../bindings/ContainerUses";
import { CPU_COUNT, NOW_MS } from "./world";

const engine = "/var/run/docker.sock";
const id = (digit: string) => digit.repeat(64);

const container = (
  digit: string,
  name: string,
  more: Partial<ContainerRow> = {},
): ContainerRow => ({
  engine,
  id: id(digit),
  name,
  image: "nginx:1.27",
  state: "running",
  health: null,
  exit_code: null,
  out_of_memory: false,
  restarts: 0,
  created_ms: NOW_MS - 86_400_000,
  started_ms: NOW_MS - 7_200_000,
  finished_ms: null,
  ports: [],
  project: "shop",
  service: name,
  volumes: [],
  networks: ["shop_default"],
  application: `docker:shop/${name}`,
  ...more,
});

export const containersNow = (): Containers => ({
  engines: [{ socket: engine, kind: "docker", version: "27.5.1", left_out: 0, problem: null }],
  containers: [
    container("a", "api", { health: "healthy", restarts: 2, ports: ["0.0.0.0:8080→80/tcp"] }),
    container("b", "db", { image: "postgres:16", health: "unhealthy", volumes: ["shop_data"] }),
    container("c", "job", { state: "exited", exit_code: 137, finished_ms: NOW_MS - 60_000 }),
    container("d", "scratch", { state: "created", project: null, started_ms: null }),
    container("e", "cache", { image: "redis:7", project: null, state: "paused" }),
  ],
  images: [
    {
      engine,
      id: "sha256:1111",
      tags: ["nginx:1.27", "nginx:latest"],
      size_bytes: 192_000_000,
      created_ms: NOW_MS - 864_000_000,
      used_by: ["api", "job", "scratch"],
    },
    {
      engine,
      id: "sha256:2222",
      tags: [],
      size_bytes: 410_000_000,
      created_ms: NOW_MS - 864_000_000,
      used_by: [],
    },
  ],
  volumes: [
    {
      engine,
      name: "shop_data",
      driver: "local",
      place: "/var/lib/docker/volumes/shop_data/_data",
      created_ms: NOW_MS - 864_000_000,
      project: "shop",
      used_by: ["db"],
    },
    {
      engine,
      name: "old_data",
      driver: "local",
      place: "/var/lib/docker/volumes/old_data/_data",
      created_ms: null,
      project: null,
      used_by: [],
    },
  ],
  networks: [
    {
      engine,
      id: "n1",
      name: "bridge",
      driver: "bridge",
      subnets: ["172.17.0.0/16"],
      project: null,
      is_built_in: true,
      used_by: [],
    },
    {
      engine,
      id: "n2",
      name: "shop_default",
      driver: "bridge",
      subnets: ["172.18.0.0/16"],
      project: "shop",
      is_built_in: false,
      used_by: ["api", "db"],
    },
  ],
  problem: null,
});

export const containerUses = (at_ms: number): ContainerUses => ({
  at_ms,
  cpu_count: CPU_COUNT,
  containers: [
    {
      id: id("a"),
      cpu_ratio: 0.4,
      memory_bytes: 104_857_600,
      read_bytes_per_sec: 0,
      write_bytes_per_sec: 4096,
      process_count: 5,
    },
    {
      id: id("b"),
      cpu_ratio: 0.1,
      memory_bytes: 524_288_000,
      read_bytes_per_sec: null,
      write_bytes_per_sec: null,
      process_count: 9,
    },
  ],
});

export const containerDetail = (): ContainerDetail => ({
  command: ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
  user: "",
  folder: "/",
  restart_policy: "unless-stopped",
  is_removed_on_stop: false,
  error: "",
  mounts: ["shop_data → /var/lib/postgresql/data"],
  health_log: "HTTP/1.1 200 OK",
});
