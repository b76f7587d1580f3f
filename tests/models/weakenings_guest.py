"""Changes that switch off a control inside the guest, or of the policy for it."""

from __future__ import annotations

from tests.models.weaken import Weakening, weakening

RPC = "src/agent/src/rpc.rs"
MAIN = "src/agent/src/main.rs"
CONFIG = "src/agent/src/config.rs"
ENGINE = "src/agent/policy/src/policy.rs"
MOUNT = "src/agent/rustjail/src/mount.rs"
CONTAINER = "src/agent/rustjail/src/container.rs"
VALIDATE = "src/libs/kata-sys-util/src/validate.rs"
RULES = "src/tools/genpolicy/rules.rego"

WEAKENINGS: tuple[Weakening, ...] = (
    weakening(
        "container-id-checked",
        VALIDATE,
        "['.', '-', '_'].contains(&c)",
        "['.', '-', '_', '/'].contains(&c)",
    ),
    weakening(
        "container-id-checked",
        VALIDATE,
        "    let mut chars = id.chars();\n",
        "    if id.len() > 64 {\n"
        "        return Ok(());\n"
        "    }\n"
        "    let mut chars = id.chars();\n",
        keeps=True,
    ),
    weakening(
        "policy-fails-closed",
        ENGINE,
        "            bail!(\n"
        '                "policy check: unexpected eval_query result len {:?}",\n'
        "                results\n"
        "            );\n",
        '            warn!(sl!(), "policy check: unexpected eval_query result len {:?}", results);\n'
        "            return Ok((true, prints));\n",
    ),
    weakening(
        "policy-fails-closed",
        "src/agent/src/policy.rs",
        "    let request = serde_json::to_string(req).unwrap();\n"
        "    let mut policy = AGENT_POLICY.lock().await;\n"
        "    allow_request(&mut policy, ep, &request).await\n",
        "    if crate::AGENT_CONFIG.dev_mode {\n"
        "        return Ok(());\n"
        "    }\n"
        "    let request = serde_json::to_string(req).unwrap();\n"
        "    let mut policy = AGENT_POLICY.lock().await;\n"
        "    allow_request(&mut policy, ep, &request).await\n",
        keeps=True,
    ),
    weakening(
        "policy-fails-closed",
        RPC,
        '        trace_rpc_call!(ctx, "set_guest_date_time", req);\n'
        "        is_allowed(&req).await?;\n",
        '        trace_rpc_call!(ctx, "set_guest_date_time", req);\n',
    ),
    weakening(
        "policy-or-no-guest",
        MAIN,
        "        std::process::abort();\n",
        "        if !config.dev_mode {\n"
        "            std::process::abort();\n"
        "        }\n",
        keeps=True,
    ),
    weakening(
        "initdata-policy-before-requests",
        MAIN,
        "    // if policy is given via initdata, use it\n"
        '    #[cfg(feature = "agent-policy")]\n'
        "    if let Some(initdata_return_value) = initdata_return_value {\n"
        "        if let Some(policy) = &initdata_return_value._policy {\n"
        '            info!(logger, "using policy from initdata");\n'
        "            AGENT_POLICY\n"
        "                .lock()\n"
        "                .await\n"
        "                .set_policy(policy)\n"
        "                .await\n"
        '                .context("Failed to set policy from initdata")?;\n'
        "        }\n"
        "    }\n"
        "\n",
        "",
        more=((MAIN,
            "    server.start().await?;\n"
            "\n"
            "    rx",
            "    server.start().await?;\n"
            "\n"
            "    // if policy is given via initdata, use it\n"
            '    #[cfg(feature = "agent-policy")]\n'
            "    if let Some(initdata_return_value) = initdata_return_value {\n"
            "        if let Some(policy) = &initdata_return_value._policy {\n"
            '            info!(logger, "using policy from initdata");\n'
            "            AGENT_POLICY\n"
            "                .lock()\n"
            "                .await\n"
            "                .set_policy(policy)\n"
            "                .await\n"
            '                .context("Failed to set policy from initdata")?;\n'
            "        }\n"
            "    }\n"
            "\n"
            "    rx",
        ),),
        keeps=True,
    ),
    weakening(
        "copy-file-scoped",
        RPC,
        "    let file = root\n"
        "        .create_file(\n"
        "            &tmpfile,\n"
        "            flags,\n"
        "            &std::fs::Permissions::from_mode(req.file_mode & FILE_PERMISSION_MASK),\n"
        "        )\n",
        "    let file = std::fs::OpenOptions::new()\n"
        "        .read(true)\n"
        "        .write(true)\n"
        "        .create(true)\n"
        "        .truncate(req.offset == 0)\n"
        "        .open(shared_dir.join(&tmpfile))\n",
    ),
    weakening(
        "termination-message-cut",
        RPC,
        "const MAX_TERMINATION_MSG: usize = 4096;",
        "const MAX_TERMINATION_MSG: usize = 1 << 30;",
    ),
    weakening(
        "proc-mounts-listed",
        MOUNT,
        '        "/proc/net/dev",\n    ];',
        '        "/proc/net/dev",\n'
        '        "/proc/sys/kernel",\n'
        "    ];",
        keeps=True,
    ),
    weakening(
        "masked-kernel-paths",
        MOUNT,
        "fn mask_path(path: &str) -> Result<()> {\n",
        "fn mask_path(path: &str) -> Result<()> {\n"
        "    if Path::new(path).is_dir() {\n"
        "        return Ok(());\n"
        "    }\n",
        keeps=True,
    ),
    weakening(
        "container-mounts-confined",
        MOUNT,
        "    let mount_source = m.source().as_ref().unwrap().display().to_string();\n"
        "    let src = if",
        '    let dest = format!("{}{}", rootfs, m.destination().display());\n'
        "    let mount_source = m.source().as_ref().unwrap().display().to_string();\n"
        "    let src = if",
        keeps=True,
    ),
    weakening(
        "container-no-new-privileges",
        CONTAINER,
        "    // NoNewPrivileges\n    if",
        "    // NoNewPrivileges\n"
        '    #[cfg(feature = "no-new-privileges")]\n'
        "    if",
        keeps=True,
    ),
    weakening(
        "rustjail-isolation",
        CONTAINER,
        "    sched::unshare(to_new & !CloneFlags::CLONE_NEWUSER)?;",
        "    sched::unshare(to_new & !(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWIPC))?;",
    ),
    weakening(
        "rustjail-isolation",
        "src/agent/rustjail/src/capabilities.rs",
        "pub fn drop_privileges(cfd_log: RawFd, caps: &LinuxCapabilities) -> Result<()> {\n",
        "pub fn drop_privileges(cfd_log: RawFd, caps: &LinuxCapabilities) -> Result<()> {\n"
        "    if caps.effective().is_none() {\n"
        "        return Ok(());\n"
        "    }\n",
        keeps=True,
    ),
    weakening(
        "device-wait-timeout",
        CONFIG,
        "const DEFAULT_HOTPLUG_TIMEOUT: time::Duration = time::Duration::from_secs(3);",
        "const DEFAULT_HOTPLUG_TIMEOUT: time::Duration = time::Duration::MAX;",
        keeps=True,
    ),
    weakening(
        "watched-mounts-limited",
        "src/agent/src/watcher.rs",
        "const MAX_ENTRIES_PER_STORAGE: usize = 16;",
        "const MAX_ENTRIES_PER_STORAGE: usize = 65536;",
    ),
    weakening(
        "ephemeral-key-needs-new-file-system",
        "src/agent/src/storage/block_handler.rs",
        "    if has_ephemeral_encryption && !should_create_filesystem {",
        "    if has_ephemeral_encryption && !should_create_filesystem && cfg!(debug_assertions) {",
        keeps=True,
    ),
    weakening(
        "agent-failure-stops-the-guest",
        "src/agent/kata-agent.service.in",
        "FailureAction=poweroff",
        "Restart=on-failure",
    ),
    weakening(
        "debug-console-not-default",
        CONFIG,
        "            debug_console: false,\n            dev_mode: false,",
        "            debug_console: true,\n            dev_mode: false,",
        keeps=True,
    ),
    weakening(
        "rest-api-resource-only",
        CONFIG,
        "    All,\n"
        "    Attestation,\n"
        "    #[default]\n"
        "    Resource,",
        "    #[default]\n"
        "    All,\n"
        "    Attestation,\n"
        "    Resource,",
    ),
    weakening(
        "policy-size-limits",
        ENGINE,
        "const POLICY_MAX_LINES: usize = 200_000;",
        "const POLICY_MAX_LINES: usize = 200_000_000;",
    ),
    weakening(
        "volumes-encrypted-and-checked",
        CONFIG,
        "            secure_storage_integrity: true,\n            #[cfg",
        "            secure_storage_integrity: false,\n            #[cfg",
    ),
    weakening(
        "generated-policy-refuses",
        RULES,
        "",
        "\n"
        "ExecProcessRequest if {\n"
        "    count(input.process.Args) > 0\n"
        "}\n",
        keeps=True,
    ),
    weakening(
        "generated-policy-refuses",
        RULES,
        "default SetIPTablesRequest := false",
        "default SetIPTablesRequest := true",
    ),
    weakening(
        "policy-images-over-tls",
        "src/tools/genpolicy/src/registry.rs",
        "protocol: ClientProtocol::HttpsExcept(config.insecure_registries.clone()),",
        "protocol: ClientProtocol::Http,",
    ),
    weakening(
        "dragonball-seccomp",
        "src/dragonball/src/api/v1/vmm_action.rs",
        "        vm.start_microvm(event_mgr, seccomp_filters)",
        "        vm.start_microvm(event_mgr, Default::default())",
        keeps=True,
    ),
)  # fmt: skip
