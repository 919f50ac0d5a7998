//! `/proc/PID/cmdline` and the name of a process (proc_pid_cmdline(5), proc_pid_comm(5)).

/// Length at which the kernel cuts the name of a program, bytes (`TASK_COMM_LEN` less the NUL).
const COMM_BYTES: usize = 15;

/// The arguments, the program's own name first. A process that rewrites its title has one argument
/// with blanks in it, padded with NULs.
pub(crate) fn arguments(bytes: &[u8]) -> Vec<String> {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let Some(text) = bytes.get(..end).filter(|text| !text.is_empty()) else {
        return Vec::new();
    };
    text.split(|byte| *byte == 0).map(|one| String::from_utf8_lossy(one).into_owned()).collect()
}

/// The whole name of a program: where the kernel cut it, the rest is in the arguments, in the first
/// one of a program, in a later one of a script.
pub(crate) fn name(comm: &[u8], arguments: &[String]) -> String {
    if comm.len() >= COMM_BYTES {
        for argument in arguments.iter().take(4) {
            let file = argument.rsplit('/').next().unwrap_or(argument);
            // `a-long-daemon-name: worker` is a title, not a path.
            let word =
                |text: &str| text.split([' ', ':']).next().map(str::to_owned).unwrap_or_default();
            let whole = [word(file), file.to_owned(), word(argument)]
                .into_iter()
                .find(|candidate| candidate.as_bytes().starts_with(comm));
            if let Some(whole) = whole {
                return whole;
            }
        }
    }
    String::from_utf8_lossy(comm).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arguments_are_split_at_nul() {
        let cases: [(&[u8], &[&str]); 6] = [
            (b"sh\0-c\0exec sleep 5\0", &["sh", "-c", "exec sleep 5"]),
            (b"nginx: worker process\0\0\0\0", &["nginx: worker process"]),
            (b"a\0\0b\0", &["a", "", "b"]),
            (b"", &[]),
            (b"\0\0", &[]),
            (b"caf\xe9\0", &["caf\u{fffd}"]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(arguments(bytes), expected, "of {bytes:?}");
        }
    }

    #[test]
    fn a_cut_name_is_recovered() {
        let cases: [(&str, &[&str], &str); 7] = [
            ("systemd-timesyn", &["/lib/systemd/systemd-timesyncd"], "systemd-timesyncd"),
            (
                "unattended-upgr",
                &["/usr/bin/python3", "/usr/bin/unattended-upgrades", "--x"],
                "unattended-upgrades",
            ),
            ("nginx", &["nginx: worker process"], "nginx"),
            ("a-long-daemon-n", &["a-long-daemon-name: worker /x"], "a-long-daemon-name"),
            ("My Application ", &["/opt/x/My Application Long"], "My Application Long"),
            ("exactly-fifteen", &["/bin/other"], "exactly-fifteen"),
            ("sleep", &["/usr/bin/sleepless"], "sleep"),
        ];
        for (comm, arguments, expected) in cases {
            let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
            assert_eq!(name(comm.as_bytes(), &arguments), expected, "of {comm:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(comm: Vec<u8>, command: Vec<u8>) {
            let _ = name(&comm, &arguments(&command));
        }

        #[test]
        fn joined_arguments_split_again(
            list in proptest::collection::vec("[^\0]{0,20}", 0..5), last in "[^\0]{1,20}",
        ) {
            let list: Vec<String> = list.into_iter().chain([last]).collect();
            prop_assert_eq!(arguments(format!("{}\0", list.join("\0")).as_bytes()), list);
        }
    }
}
