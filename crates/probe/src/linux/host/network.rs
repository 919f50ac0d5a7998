//! `/proc/net/dev`: bytes of each interface (proc_pid_net(5)).

use super::put;
use crate::linux::text::{fields, number};
use ira_model::InterfaceCounters;

/// Reads every interface but loopback, in the order of the file. Column 1 is bytes received,
/// column 9 bytes sent. A line that is not of this form, like the two of the head, is passed over.
pub(crate) fn parse(bytes: &[u8], interfaces: &mut Vec<InterfaceCounters>) {
    let mut count = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        // A name may hold a colon (`eth0:1`); numbers do not.
        let Some(colon) = line.iter().rposition(|byte| *byte == b':') else { continue };
        let name = line.get(..colon).unwrap_or_default().trim_ascii();
        let mut values = fields(line.get(colon + 1..).unwrap_or_default()).map(number);
        let (Some(Some(received)), Some(Some(sent))) = (values.next(), values.nth(7)) else {
            continue;
        };
        if name == b"lo" || name.is_empty() {
            continue;
        }
        put(
            interfaces,
            count,
            name,
            |place| &mut place.name,
            |name| InterfaceCounters { name, ..Default::default() },
            |place| (place.received_bytes, place.sent_bytes) = (received, sent),
        );
        count += 1;
    }
    interfaces.truncate(count);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n";

    fn names(text: &str, interfaces: &mut Vec<InterfaceCounters>) -> Vec<(String, u64, u64)> {
        parse(format!("{HEAD}{text}").as_bytes(), interfaces);
        interfaces.iter().map(|i| (i.name.clone(), i.received_bytes, i.sent_bytes)).collect()
    }

    #[test]
    fn interfaces_come_and_go() {
        let mut list = Vec::new();
        let lo = "    lo: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n";
        let eth = "  eth0:123 1 0 0 0 0 0 0 456 1 0 0 0 0 0 0\n";
        let tun = "tun0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n";
        let both = names(&format!("{lo}{eth}{tun}"), &mut list);
        assert_eq!(both, [("eth0".into(), 123, 456), ("tun0".into(), 7, 8)], "without loopback");
        let one = names(&format!("{tun}{lo}"), &mut list);
        assert_eq!(one, [("tun0".into(), 7, 8)], "the one that went is gone");
        assert!(names(lo, &mut list).is_empty(), "loopback alone is none");
    }
}
