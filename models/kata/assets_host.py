"""What the node's tools and the installation protect."""

from __future__ import annotations

from threatmodel.dsl import Data

manager_configuration = Data(
    "manager-configuration",
    name="Configuration of the container manager",
    description="Which shims there are, which annotations of a pod they get, which snapshotter they use",
    integrity="high",
    availability="medium",
    origin=["kata-deploy", "node-admin"],
)
hook_list = Data(
    "hook-list",
    name="Hooks of the OCI specification",
    description="Paths and arguments of programs of the node that the shim starts",
    integrity="high",
    origin=["cri-containerd", "node-admin"],
)
hook_state = Data(
    "hook-state",
    name="State that a hook reads",
    description="Identifier, bundle, process and annotations of the container as JSON",
    confidentiality="low",
    integrity="medium",
    origin=["pod-author"],
)
systemd_units = Data(
    "systemd-units-data",
    name="Units and drop-ins of systemd",
    integrity="high",
    availability="high",
    origin=["kata-deploy", "node-admin"],
)
node_labels = Data(
    "node-labels",
    name="Labels and taints of nodes",
    description="Where pods of Kata may be placed",
    integrity="medium",
    availability="medium",
    origin=["kata-deploy", "node-admin"],
)
chart_values = Data(
    "chart-values",
    name="Chart and its values",
    description="Which shims, images, annotations and custom runtimes are installed",
    integrity="high",
    origin=["node-admin"],
)
installer_images = Data(
    "installer-images",
    name="Images of installer and monitor",
    description="Containers that run as uid 0 with folders of the node",
    integrity="high",
    availability="medium",
    origin=["kata-registry"],
)
installer_health = Data(
    "installer-health", name="Health of installer and driver", availability="low", origin=["kata-deploy"]
)
collector_credentials = Data(
    "collector-credentials",
    name="User and password of the trace collector",
    confidentiality="high",
    secret=True,
    origin=["node-admin"],
)
node_journal = Data(
    "node-journal",
    name="Journal of the node",
    description="Records of shims, monitors and guests, and of everything else on the node",
    confidentiality="medium",
    integrity="medium",
    origin=["agent", "guest-kernel", "shim-rs", "shim-go"],
)
admission_review = Data(
    "admission-review",
    name="Pod under admission, and its change",
    integrity="high",
    origin=["pod-author"],
)
registry_credentials = Data(
    "registry-credentials-data",
    name="Credentials of the author for registries",
    confidentiality="high",
    integrity="medium",
    secret=True,
    origin=["pod-author"],
)
layers_record = Data(
    "layers-record",
    name="Remembered layers",
    description="Digests, verity hashes and users of image layers that a policy is made from",
    integrity="high",
    origin=["genpolicy"],
)
installed_programs = Data(
    "installed-programs-data",
    name="Programs of Kata on the node",
    description="They run as uid 0 of the node",
    integrity="high",
    availability="high",
    origin=["kata-releases"],
)
device_allocations = Data(
    "device-allocations", name="Devices given to pods", integrity="high", origin=["device-plugin"]
)
policy_settings = Data(
    "policy-settings",
    name="Rules and settings of genpolicy",
    description="What each generated policy allows beside the pod's own needs",
    integrity="high",
    origin=["kata-releases", "pod-author"],
)
