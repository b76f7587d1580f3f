"""Defences of the API and of the metadata service."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

from .jail import DOCS

CONFIG = "src/vmm/src/vmm_config"
MMDS = "src/vmm/src/mmds"

payload_limit = Control(
    "api-payload-limit",
    "The API refuses a body over 51200 bytes",
    provides=["bounded-request-size"],
    description="Unless --http-api-max-payload-size says otherwise",
    claims=[
        present("src/vmm/src/lib.rs", r"pub const HTTP_MAX_PAYLOAD_SIZE: usize = 51200;"),
        present(
            "src/firecracker/src/api_server/mod.rs", r"server\.set_payload_max_size\(api_payload_limit\);"
        ),
        present("src/firecracker/src/main.rs", r"\.default_value\(&http_max_payload_size_str\)"),
    ],
)
typed_requests = Control(
    "api-typed-requests",
    "Bodies are parsed into types that refuse unknown keys",
    provides=["type-safe-parser", "input-validation"],
    description="Paths on the host that a request names are opened as they are: the jail bounds them, not the API",
    claims=[
        present(f"{CONFIG}/{name}.rs", r"#\[serde\(deny_unknown_fields\)\]")
        for name in ("machine_config", "drive", "net", "vsock", "balloon", "snapshot", "boot_source")
    ],
)
machine_checked = Control(
    "machine-config-checked",
    "Numbers of vCPUs and sizes of memory are checked before they are used",
    provides=["configuration-validation"],
    claims=[
        present(f"{CONFIG}/machine_config.rs", r"pub const MAX_SUPPORTED_VCPUS: u8 = 32;"),
        present(f"{CONFIG}/machine_config.rs", r"Err\(MachineConfigError::InvalidVcpuCount\)"),
        present(f"{CONFIG}/machine_config.rs", r"Err\(MachineConfigError::InvalidMemorySize\)"),
    ],
)
api_states = Control(
    "api-states",
    "What configures the machine is refused after the start",
    provides=["allow-list"],
    claims=[
        present(
            "src/vmm/src/rpc_interface.rs",
            r"(?s)ConfigureBootSource\(_\)\s*\| ConfigureLogger\(_\).{0,500}OperationNotSupportedPostBoot\)",
        )
    ],
)
local_socket = Control(
    "api-local-only",
    "The API listens on a Unix socket and on no network",
    provides=["no-listener-on-network"],
    claims=[
        present("src/firecracker/src/api_server_adapter.rs", r"HttpServer::new\(&bind_path\)"),
        absent("src/firecracker/src/**/*.rs", r"Tcp(Listener|Stream)"),
    ],
)
mmds_limits = Control(
    "mmds-limits",
    "Requests to the metadata service, its connections and its store have limits",
    provides=["bounded-request-size", "bounded-allocation"],
    claims=[
        present("src/vmm/src/dumbo/tcp/endpoint.rs", r"const RCV_BUF_MAX_SIZE: u32 = 2500;"),
        present(f"{MMDS}/ns.rs", r"const DEFAULT_MAX_CONNECTIONS: usize = 30;"),
        present(f"{MMDS}/data_store.rs", r"(?s)\.len\(\) > self\.data_store_limit \{\s*return Err\("),
    ],
    references=[f"{DOCS}/mmds/mmds-design.md"],
)
mmds_session = Control(
    "mmds-session-token",
    "Version 2 of the metadata service answers a holder of a fresh token only, and gives none to a forwarded request",
    provides=["input-validation"],
    description="Stands against a proxy in the guest that is made to fetch metadata. Every process of the guest can get "
    "a token, so it says nothing about which one asks",
    claims=[
        present(f"{MMDS}/token.rs", r"const TOKEN_LENGTH_LIMIT: usize = 70;"),
        present(
            f"{MMDS}/mod.rs", r"if !mmds\.is_valid_token\(token\) \{|match mmds\.is_valid_token\(token\) \{"
        ),
        present(f"{MMDS}/mod.rs", r"(?i)x_forwarded_for|forwarded_for"),
    ],
    references=[f"{DOCS}/mmds/mmds-user-guide.md"],
)
