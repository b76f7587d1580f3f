fn clients(root: reqwest::Certificate) {
    // ruleid: rust-tls-verification-off
    let _ = reqwest::Client::builder().danger_accept_invalid_certs(true).build();

    // ok: rust-tls-verification-off
    let _ = reqwest::Client::builder().danger_accept_invalid_certs(false).build();

    // ok: rust-tls-verification-off
    let _ = reqwest::Client::builder().add_root_certificate(root).build();
}
fn hosts(builder: ClientBuilder) -> ClientBuilder {
    // ruleid: rust-tls-verification-off
    builder.danger_accept_invalid_hostnames(true)
}
