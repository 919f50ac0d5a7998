//! A file that claims to be a recording, opened and asked as `ira --open` does:
//! `cargo +nightly fuzz run recording -- -rss_limit_mb=1024`, with `.ira` files in `corpus/recording`.
#![no_main]

use ira_store::{HOST_METRICS, Location, Reader, StoreError, open_foreign};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let database = folder.path().join("x.ira");
    if std::fs::write(&database, bytes).is_err() {
        return;
    }
    let Ok(foreign) = open_foreign(&Location { database }) else { return };
    let mut reader = Reader::new(foreign.location.clone());
    let _ = reader.frame_at(i64::MAX);
    let _ = reader.events(0, i64::MAX, None, 1000);
    if let Ok(Some((from, to))) = reader.range() {
        let _ = reader.series(None, &HOST_METRICS, from, to, 600);
        let _ = reader.each_found(from, to, |_, _| ());
        let _ = reader.each_second((from, to), |_| Ok::<(), StoreError>(()));
    }
});
