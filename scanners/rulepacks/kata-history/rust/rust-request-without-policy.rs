#[async_trait]
impl service::Agent for Server {
    // ruleid: rust-request-without-policy
    async fn set_limit(&self, _ctx: &TtrpcContext, req: LimitRequest) -> ttrpc::Result<Empty> {
        self.limit(req.bytes).await?;
        Ok(Empty::new())
    }

    // ruleid: rust-request-without-policy
    async fn late_check(
        &self,
        ctx: &::ttrpc::r#async::TtrpcContext,
        req: service::LimitRequest,
    ) -> ::ttrpc::Result<Empty> {
        trace_rpc_call!(ctx, "late_check", req);
        Ok(Empty::new())
    }

    // ok: rust-request-without-policy
    async fn set_limit_checked(&self, _ctx: &TtrpcContext, req: LimitRequest) -> ttrpc::Result<Empty> {
        is_allowed(&req).await?;
        self.limit(req.bytes).await?;
        Ok(Empty::new())
    }

    // ok: rust-request-without-policy
    async fn read(&self, _ctx: &TtrpcContext, req: ReadRequest) -> ttrpc::Result<Text> {
        let mut text = self.text(&req).await;
        if is_allowed(&req).await.is_err() {
            text.clear();
        }
        Ok(text)
    }

    // ok: rust-request-without-policy
    async fn limit(&self, bytes: u64) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl service::Health for Server {
    // ok: rust-request-without-policy
    async fn check(&self, _ctx: &TtrpcContext, _req: protocols::health::CheckRequest) -> ttrpc::Result<Status> {
        Ok(Status::new())
    }
}
