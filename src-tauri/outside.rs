//! What is opened outside of the window: the address of a port, in the system's browser.

use ira_api::wire::ApiError;
use std::net::IpAddr;
use tauri::Url;

/// Opens an address of a port. The window asked the user before.
#[tauri::command]
pub(crate) async fn open_address(address: String) -> Result<(), ApiError> {
    let failed = |message| ApiError { code: None, message };
    let url = port_of_a_machine(&address)
        .ok_or_else(|| failed(format!("{address:?} is not the address of a port")))?;
    open::that_detached(url.as_str())
        .map_err(|error| failed(format!("no browser could be started for {url}: {error}")))
}

/// Only what the window makes of a listening port goes to other programs: HTTP on a numbered host.
fn port_of_a_machine(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_machine = host == "localhost" || bare.parse::<IpAddr>().is_ok();
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && is_machine && is_plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::port_of_a_machine;

    #[test]
    fn only_ports_are_opened() {
        for good in [
            "http://localhost:5173/",
            "https://10.0.0.2:8443/",
            "http://[::1]:80/",
            "http://127.0.0.1/",
        ] {
            assert!(port_of_a_machine(good).is_some(), "{good}");
        }
        for bad in [
            "file:///etc/passwd",
            "http://example.org/",
            "http://a@localhost:1/",
            "http://localhost:1/x",
            "http://localhost:1/?x",
            "javascript:alert(1)",
            "--help",
            "",
        ] {
            assert!(port_of_a_machine(bad).is_none(), "{bad}");
        }
    }
}
