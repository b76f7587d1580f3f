use regex::Regex;

pub fn path_allowed(annotation: &str) -> bool {
    let allowed = Regex::new(r"/usr/bin/virtiofsd").expect("pattern");
    allowed.is_match(annotation)
}
