impl Task for Service {
    async fn start(&self, ctx: &TtrpcContext, req: StartRequest) -> Result<Empty> {
        // ruleid: rust-panic-in-rpc-handler
        let id = self.find(&req.id).unwrap();
        // ruleid: rust-panic-in-rpc-handler
        if id == 0 { panic!("no id"); }
        Ok(Empty::new())
    }

    async fn stop(&self, ctx: &TtrpcContext, req: StopRequest) -> Result<Empty> {
        // ok: rust-panic-in-rpc-handler
        let id = self.find(&req.id)?;
        // ok: rust-panic-in-rpc-handler
        let name = id.name().unwrap_or("none");
        self.stop_one(id, name).await
    }
}
