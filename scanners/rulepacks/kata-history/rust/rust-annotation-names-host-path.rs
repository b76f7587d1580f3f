impl Labels {
    fn apply(&self, config: &mut Config) -> Result<()> {
        for (key, value) in &self.annotations {
            match key.as_str() {
                "example.org/host-mounts" => {
                    for word in value.split(' ') {
                        // ruleid: rust-annotation-names-host-path
                        config.runtime.host_mounts.push(word.to_string());
                    }
                }
                "example.org/socket" => {
                    // ruleid: rust-annotation-names-host-path
                    config.monitor.socket_path = value.to_string();
                }
                "example.org/program" => {
                    config.validate_program(value)?;
                    // ok: rust-annotation-names-host-path
                    config.monitor.program_path = value.to_string();
                }
                "example.org/model" => {
                    // ok: rust-annotation-names-host-path
                    config.runtime.network_model = value.to_string();
                }
                "example.org/bind" => {
                    // ok: rust-annotation-names-host-path
                    warn!("{} is for the operator", key);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
