pub struct Process {
    pub args: Vec<String>,
}

pub struct CreateRequest {
    pub process: Option<Process>,
}

pub async fn create(req: CreateRequest) -> Vec<String> {
    let process = req.process.unwrap();
    process.args
}
