pub struct Ring {
    pub slots: Vec<Option<u64>>,
}

pub struct Used {
    pub id: u32,
}

impl Ring {
    pub fn complete(&mut self, used: &Used) -> Option<u64> {
        self.slots[used.id as usize].take()
    }
}
