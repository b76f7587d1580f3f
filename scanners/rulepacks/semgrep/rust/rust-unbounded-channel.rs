use tokio::sync::mpsc;

fn queues() {
    // ruleid: rust-unbounded-channel
    let (_tx, _rx) = mpsc::unbounded_channel::<u8>();

    // ruleid: rust-unbounded-channel
    let (_tx, _rx) = async_channel::unbounded::<u8>();

    // ok: rust-unbounded-channel
    let (_tx, _rx) = mpsc::channel::<u8>(64);
}
fn sync() {
    // ok: rust-unbounded-channel
    let (_tx, _rx) = std::sync::mpsc::sync_channel::<u8>(1);
}
