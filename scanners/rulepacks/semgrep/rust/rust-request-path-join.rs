fn target(base: &Path, req: &CopyRequest) -> PathBuf {
    // ruleid: rust-request-path-join
    base.join(&req.path)
}

fn text(req: &CopyRequest) -> String {
    // ruleid: rust-request-path-join
    format!("/run/vmm/{}/state", req.sandbox_id)
}

fn checked(base: &Path, req: &CopyRequest) -> Result<PathBuf> {
    // ok: rust-request-path-join
    scoped_join(base, &req.path)
}

fn own(base: &Path, state: &State) -> PathBuf {
    // ok: rust-request-path-join
    base.join(&state.name)
}
