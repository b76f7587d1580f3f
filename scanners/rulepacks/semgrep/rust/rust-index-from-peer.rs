fn queue(&mut self, cmd: &Command) -> &Queue {
    // ruleid: rust-index-from-peer
    &self.queues[cmd.queue_index as usize]
}

fn slot(&mut self, used: &Used) -> Option<Slot> {
    // ruleid: rust-index-from-peer
    self.slots[used.id() as usize].take()
}

fn checked(&self, cmd: &Command) -> Option<&Queue> {
    // ok: rust-index-from-peer
    self.queues.get(cmd.queue_index as usize)
}

fn own(&self, i: u32) -> &Queue {
    // ok: rust-index-from-peer
    &self.queues[i as usize]
}
