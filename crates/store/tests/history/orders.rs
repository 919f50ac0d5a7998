//! Orders are kept before they are carried out, with a mark on the lane.

use crate::machine::{Machine, open};
use ira_store::{Before, Location, OrderResult, Reader, StoredEventKind, StoredOrder, export};

#[test]
fn an_order_is_kept_with_its_end_and_its_mark() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[], Before::Tick)).unwrap();
    let order = StoredOrder {
        at_ms: machine.at_ms,
        took_ms: None,
        who: "dev".into(),
        action: "stop".into(),
        target: "shop'; DROP TABLE audit; --".into(),
        application: Some("process:/srv/shop".into()),
        call: "kill(7, SIGTERM)".into(),
        result: OrderResult::UnderWay,
        detail: String::new(),
    };
    let id = writer.begin_order(&order).unwrap();
    let second = StoredOrder { action: "suspend".into(), ..order.clone() };
    writer.begin_order(&second).unwrap();
    writer.end_order(id, 120, OrderResult::Partly, "8: not permitted").unwrap();
    writer.flush().unwrap();
    let mut reader = Reader::new(location.clone());
    let ended = StoredOrder {
        took_ms: Some(120),
        result: OrderResult::Partly,
        detail: "8: not permitted".into(),
        ..order
    };
    assert_eq!(reader.orders(10).unwrap(), [second, ended], "the newest first");
    assert_eq!(reader.orders(1).unwrap().len(), 1, "bounded");
    let to = machine.at_ms + 1;
    let marks = reader.events(0, to, Some("process:/srv/shop"), 10).unwrap();
    let told: Vec<_> = marks.iter().map(|one| (one.kind, one.detail.as_deref())).collect();
    let ordered = StoredEventKind::Ordered;
    assert_eq!(told, [(ordered, Some("stop")), (ordered, Some("suspend"))]);
    // What the user did is his own: an exported span has the marks and not the audit.
    let file = folder.path().join("span.ira");
    export(&location, (0, to), &file, "", |_| ()).unwrap();
    let mut sent = Reader::new(Location { database: file });
    assert_eq!(sent.orders(10).unwrap(), []);
    assert_eq!(sent.events(0, to, Some("process:/srv/shop"), 10).unwrap(), marks);
}
