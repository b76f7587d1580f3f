impl agent::Service for Service {
    async fn exec(&self, ctx: &TtrpcContext, req: ExecRequest) -> Result<Empty> {
        is_allowed(&req).await?;
        self.do_exec(req).await
    }

    // ruleid: rust-rpc-handler-without-check
    async fn write(&self, ctx: &TtrpcContext, req: WriteRequest) -> Result<Empty> {
        self.do_write(req).await
    }

    // ruleid: rust-rpc-handler-without-check
    async fn remove(&self, _ctx: &TtrpcContext, req: RemoveRequest) -> Result<Empty> {
        let path = self.path(&req.name);
        std::fs::remove_file(path)?;
        Ok(Empty::new())
    }

    // ok: rust-rpc-handler-without-check
    async fn copy(&self, ctx: &TtrpcContext, req: CopyRequest) -> Result<Empty> {
        is_allowed(&req).await?;
        self.do_copy(req).await
    }

    // ok: rust-rpc-handler-without-check
    async fn check(&self, ctx: &TtrpcContext, req: CheckRequest) -> Result<Empty> {
        Ok(Empty::new())
    }
}
