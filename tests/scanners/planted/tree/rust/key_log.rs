use slog::{info, Logger};

pub fn unlock(logger: &Logger, volume: &str, passphrase: &str) {
    info!(logger, "unlock volume"; "volume" => volume, "passphrase" => passphrase);
}
