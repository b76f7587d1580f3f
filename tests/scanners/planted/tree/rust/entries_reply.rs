pub struct ListRequest {
    pub count: u64,
}

pub struct Entry;

pub fn list(req: ListRequest) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(req.count as usize);
    entries.push(Entry);
    entries
}
