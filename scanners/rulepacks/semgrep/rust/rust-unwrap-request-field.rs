async fn create(req: CreateRequest) -> Result<()> {
    // ruleid: rust-unwrap-request-field
    let spec = req.spec.unwrap();
    // ruleid: rust-unwrap-request-field
    let user = req.process.user.as_ref().expect("user");
    // ok: rust-unwrap-request-field
    let root = req.root.ok_or_else(|| anyhow!("no root"))?;
    // ok: rust-unwrap-request-field
    let name = req.name.unwrap_or_default();
    run(spec, user, root, name).await
}
