fn load(text: &str, raw: &[u8]) -> Result<Spec, Error> {
    // ruleid: rust-unwrap-parsed-input
    let _a: Spec = serde_json::from_str(text).unwrap();

    // ruleid: rust-unwrap-parsed-input
    let _b: Spec = serde_json::from_slice(raw).expect("valid spec");

    // ruleid: rust-unwrap-parsed-input
    let _c = std::str::from_utf8(raw).unwrap();

    // ok: rust-unwrap-parsed-input
    let _d: Spec = serde_json::from_str("{}").unwrap();

    // ok: rust-unwrap-parsed-input
    let spec: Spec = serde_json::from_str(text)?;
    Ok(spec)
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads(text: &str) {
        // ok: rust-unwrap-parsed-input
        let _: Spec = serde_json::from_str(text).unwrap();
    }
}
