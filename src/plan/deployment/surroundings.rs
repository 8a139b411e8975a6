//! What stands around the system in a cluster and is not its own: by which namespaces, labels and ports it is known.

/// The label that Kubernetes gives each namespace: its name.
pub const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

/// The namespace of whoever scrapes metrics and takes traces.
pub const MONITORING: &str = "monitoring";

/// The names of hosts are answered here: namespace, label, port.
pub mod dns {
    /// The namespace.
    pub const NAMESPACE: &str = "kube-system";
    /// The label of its pods, whichever server it is.
    pub const LABEL: (&str, &str) = ("k8s-app", "kube-dns");
    /// The port, by UDP and TCP.
    pub const PORT: u16 = 53;
}

/// The mesh (Istio).
pub mod mesh {
    /// The namespace of its control plane and of its ingress gateway.
    pub const NAMESPACE: &str = "istio-system";
    /// The label of the control plane's pods.
    pub const CONTROL: (&str, &str) = ("app", "istiod");
    /// The ingress gateway: its release, and so its service account.
    pub const INGRESS: &str = "istio-ingressgateway";
    /// What identities in the mesh begin with.
    pub const TRUST_DOMAIN: &str = "cluster.local";
    /// The label that tells versions of a service apart.
    pub const VERSION_LABEL: &str = "version";
    /// The port of the control plane that sidecars ask.
    pub const CONTROL_PORT: u16 = 15012;
    /// The label of the ingress gateway's pods.
    pub const GATEWAY: (&str, &str) = ("istio", "ingressgateway");
    /// The port of a sidecar where its metrics and those of the service are read together.
    pub const METRICS_PORT: u16 = 15020;
}
