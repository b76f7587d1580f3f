use std::sync::atomic::AtomicU32;

// ruleid: rust-static-mut
static mut COUNT: u32 = 0;

// ok: rust-static-mut
static NEXT: AtomicU32 = AtomicU32::new(0);

// ok: rust-static-mut
static NAME: &str = "agent";
// ruleid: rust-static-mut
pub(crate) static mut LAST: Option<u32> = None;
