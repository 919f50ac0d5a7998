use super::*;

#[test]
fn small_things_are_read_as_engines_write_them() {
    assert_eq!(needs("db:service_started:false,cache:service_healthy:true"), ["cache", "db"]);
    assert!(needs("").is_empty());
    assert_eq!(moment(Some("0001-01-01T00:00:00Z")), None);
    assert_eq!(moment(Some("2026-11-25T08:25:15.5Z")), Some(1_795_595_115_500));
    assert_eq!(moment(Some("2026-11-25T09:25:15+01:00")), Some(1_795_595_115_000));
    assert_eq!(moment(Some("yesterday")), None);
    let told = |address: Option<&str>, public_port| {
        let address = address.map(str::to_owned);
        port(&Port { address, private_port: 80, public_port, r#type: None })
    };
    assert_eq!(told(Some("0.0.0.0"), Some(8080)), "0.0.0.0:8080→80/tcp");
    assert_eq!(told(Some("::"), Some(8080)), "[::]:8080→80/tcp");
    assert_eq!(told(None, None), "80/tcp");
}

use proptest::prelude::*;

/// JSON with the names that engines use, and anything behind them.
fn answer() -> impl Strategy<Value = serde_json::Value> {
    let names = [
        "Id",
        "Names",
        "Name",
        "Image",
        "ImageID",
        "Created",
        "CreatedAt",
        "Ports",
        "IP",
        "PrivatePort",
        "PublicPort",
        "Type",
        "Labels",
        "com.docker.compose.project",
        "com.docker.compose.depends_on",
        "State",
        "Status",
        "Health",
        "Log",
        "Output",
        "Mounts",
        "Destination",
        "Source",
        "RW",
        "NetworkSettings",
        "Networks",
        "Config",
        "HostConfig",
        "RestartPolicy",
        "Path",
        "Args",
        "RepoTags",
        "Size",
        "Driver",
        "Mountpoint",
        "IPAM",
        "Subnet",
        "Volumes",
        "ExitCode",
        "StartedAt",
        "FinishedAt",
        "ImagesDiskUsage",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,20}Z?".prop_map(Into::into),
        Just("x".repeat(5000).into()),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        let named =
            prop::collection::vec((prop::sample::select(names.to_vec()), inner.clone()), 0..12);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Into::into),
            named.prop_map(|all| {
                all.into_iter().map(|(name, one)| (name.to_owned(), one)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_is_survived_and_what_is_taken_of_it_is_short(json in answer()) {
        fn take<T: serde::de::DeserializeOwned>(json: &serde_json::Value) -> Option<T> {
            serde_json::from_value(json.clone()).ok()
        }
        if let Some(row) = take::<Summary>(&json) {
            let one = container(None, row);
            prop_assert!(one.name.chars().count() <= MOST_TEXT + 1);
            prop_assert!(one.ports.len() <= MOST_ENTRIES && one.volumes.len() <= MOST_ENTRIES);
        }
        let _ = (take(&json).map(detail), take(&json).map(image), take(&json).map(volume));
        let _ = (take(&json).map(network), take::<Usage>(&json), take::<Version>(&json));
    }
}
