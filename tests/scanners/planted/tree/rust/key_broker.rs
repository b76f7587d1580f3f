use reqwest::Client;

pub fn broker(timeout: std::time::Duration, debug: bool) -> reqwest::Result<Client> {
    let mut builder = Client::builder().timeout(timeout);
    if debug {
        builder = builder.danger_accept_invalid_hostnames(true);
    }
    builder.build()
}
