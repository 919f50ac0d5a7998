//! How many lines a second the parser takes, by format: `cargo run --release -p ira-logs --example parse`. With a file as
//! argument, its lines; `--mask` masks them, too.

use std::hint::black_box;
use std::time::Instant;

use ira_logs::parse::{Parser, Settings, mask};
use jiff::tz::TimeZone;

const SAMPLES: [(&str, &str); 14] = [
    ("plain", "[vite] page reload index.html in 12 ms, nothing else to say about it"),
    ("guess", "2026-11-24 15:31:02.118 ERROR no shelf of that name in the shop"),
    (
        "access",
        "10.0.4.37 - - [24/Nov/2026:15:31:02 +0100] \"GET /api/items?page=2 HTTP/1.1\" 200 2210 \"https://shop.test/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
    ),
    (
        "pino",
        "{\"level\":30,\"time\":1795530662118,\"pid\":77,\"hostname\":\"juniper\",\"req\":{\"method\":\"GET\",\"url\":\"/a\"},\"msg\":\"request done\"}",
    ),
    (
        "zap",
        "{\"level\":\"info\",\"ts\":1795530662.118118,\"caller\":\"shop/cart.go:12\",\"msg\":\"took the order\",\"order\":12,\"who\":\"ada\"}",
    ),
    (
        "logfmt",
        "time=2026-11-24T14:31:02Z level=info msg=\"took the order\" order=12 who=ada took=38ms",
    ),
    (
        "syslog",
        "Nov 24 15:31:02 juniper sshd[77]: Accepted publickey for ada from 10.0.4.37 port 4711",
    ),
    (
        "postgresql",
        "2026-11-24 15:31:22.950 CET [77] ada@shop LOG:  duration: 812.118 ms  statement: select * from cart",
    ),
    (
        "java",
        "2026-11-24 15:31:02,118 [main] INFO  com.acme.Shop - took the order 12 of ada in 38 ms",
    ),
    (
        "rust, coloured",
        "\u{1b}[2m2026-11-24T14:31:02.118118Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \u{1b}[2mshop\u{1b}[0m\u{1b}[2m:\u{1b}[0m took the order \u{1b}[3morder\u{1b}[0m\u{1b}[2m=\u{1b}[0m12",
    ),
    ("klog", "I1124 15:31:02.118118      77 server.go:12] took the order 12 of ada in 38 ms"),
    (
        "docker, go",
        "{\"log\":\"2026/11/24 14:31:02 took the order 12 of ada\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-24T14:31:02.118118118Z\"}",
    ),
    (
        "journal",
        "{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"1795530662118118\",\"_PID\":\"77\",\"_SYSTEMD_UNIT\":\"mail-relay.service\",\"PRIORITY\":\"6\",\"SYSLOG_IDENTIFIER\":\"mail-relay\",\"_HOSTNAME\":\"juniper\",\"MESSAGE\":\"Started the relay\"}",
    ),
    ("stack trace", "\tat com.acme.shop.Cart.find(Cart.java:412)"),
];

fn settings() -> Settings {
    Settings { zone: TimeZone::system(), reference_ms: 1_795_531_200_000, boot_ms: Some(0) }
}

fn measure(name: &str, lines: &[&[u8]], masked: bool) {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let mut parser = Parser::new(settings());
        let mut masker = mask::Masker::default();
        let started = Instant::now();
        for line in lines {
            let entry = parser.line(line);
            if masked && let Some(entry) = entry {
                black_box(masker.line(&entry.message));
            }
            black_box(parser.pending());
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    let bytes: usize = lines.iter().map(|l| l.len() + 1).sum();
    #[expect(clippy::print_stdout, reason = "this is its answer")]
    {
        println!(
            "{name:16} {:8.0} lines/ms {:7.0} MB/s",
            lines.len() as f64 / best / 1e3,
            bytes as f64 / best / 1e6
        );
    }
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let masked = arguments.iter().any(|a| a == "--mask");
    if let Some(path) = arguments.iter().find(|a| !a.starts_with("--")) {
        let bytes = std::fs::read(path)?;
        let lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
        measure(path, &lines, masked);
        return Ok(());
    }
    for (name, line) in SAMPLES {
        measure(name, &vec![line.as_bytes(); 200_000], masked);
    }
    // One after another, so that what was learnt never fits.
    let mixed: Vec<&[u8]> =
        SAMPLES.iter().cycle().take(200_000).map(|(_, line)| line.as_bytes()).collect();
    measure("mixed", &mixed, masked);
    Ok(())
}
