//! `/proc/PID/io`: bytes fetched from and sent towards storage (proc_pid_io(5)).

use super::text::{Malformed, keyed_number};

/// Counters since the start of the process, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Io {
    pub(crate) read_bytes: u64,
    pub(crate) write_bytes: u64,
}

/// Reads the seven lines for the two that mean storage.
pub(crate) fn parse(bytes: &[u8]) -> Result<Io, Malformed> {
    let value = |item: &'static str, key: &[u8]| {
        keyed_number(bytes, key).ok_or_else(|| Malformed::new(1, item, bytes))
    };
    Ok(Io {
        read_bytes: value("read_bytes", b"read_bytes:")?,
        write_bytes: value("write_bytes", b"write_bytes:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn storage_is_not_taken_for_characters_or_cancelled_writes() {
        let text = b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n\
            cancelled_write_bytes: 7\n";
        assert_eq!(parse(text), Ok(Io { read_bytes: 5, write_bytes: 6 }), "lines five and six");
    }

    #[test]
    fn a_cut_file_names_the_item() {
        let error = parse(b"rchar: 1\nread_bytes: 5\n").unwrap_err();
        assert_eq!(error.item, "write_bytes", "the one that is missing");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
