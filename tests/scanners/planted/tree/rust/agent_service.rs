use async_trait::async_trait;

#[async_trait]
impl agent_ttrpc::AgentService for AgentService {
    async fn exec_process(&self, ctx: &TtrpcContext, req: ExecProcessRequest) -> ttrpc::Result<Empty> {
        is_allowed(&req).await?;
        self.do_exec_process(req).await.map_err(internal)?;
        Ok(Empty::new())
    }

    async fn write_file(&self, ctx: &TtrpcContext, req: WriteFileRequest) -> ttrpc::Result<Empty> {
        self.do_write_file(req).await.map_err(internal)?;
        Ok(Empty::new())
    }
}
