fn load(annotations: Labels) -> Result<Config> {
    let path = if let Some(wanted) = annotations.get("example.org/config") {
        wanted
    } else {
        String::from("/etc/vmm.toml")
    };
    // ruleid: rust-annotation-names-configuration
    Config::load_from_file(&path)
}

fn load_of_operator(annotations: Labels) -> Result<Config> {
    let path = std::env::var("VMM_CONFIG").unwrap_or_default();
    info!("cpus {:?}", annotations.get("example.org/cpus"));
    // ok: rust-annotation-names-configuration
    Config::load_from_file(&path)
}
