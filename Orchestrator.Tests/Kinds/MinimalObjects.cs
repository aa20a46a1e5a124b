namespace Orchestrator.Tests.Kinds;

/// <summary>The least that an object of each built-in kind says besides its kind and its name.</summary>
internal static class MinimalObjects
{
    private const string PodSpec = """{"containers":[{"name":"c","image":"i"}]}""";
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
    private const string JobTemplate = """{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}""";
    private const string Selector = """{"matchLabels":{"a":"b"}}""";
    private const string Hooks = """{"webhooks":[]}""";

    /// <summary>By resource: the members of the object.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["configmaps"] = """{"data":{"k":"v"}}""",
        ["endpoints"] = """{"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}""",
        ["events"] = """{"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"reason":"Tested","message":"it was","type":"Normal"}""",
        ["limitranges"] = """{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}""",
        ["namespaces"] = "{}",
        ["nodes"] = "{}",
        ["persistentvolumeclaims"] = """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""",
        ["persistentvolumes"] = """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/tmp"}}}""",
        ["pods"] = $$$$"""{"spec":{{{{PodSpec}}}}}""",
        ["podtemplates"] = $$$$"""{"template":{{{{Template}}}}}""",
        ["replicationcontrollers"] = $$$$"""{"spec":{"replicas":0,"selector":{"a":"b"},"template":{{{{Template}}}}}}""",
        ["resourcequotas"] = """{"spec":{"hard":{"pods":"1"}}}""",
        ["secrets"] = """{"stringData":{"k":"v"}}""",
        ["serviceaccounts"] = "{}",
        ["services"] = """{"spec":{"ports":[{"port":80}]}}""",
        ["controllerrevisions.apps"] = """{"revision":1}""",
        ["daemonsets.apps"] = $$$$"""{"spec":{"selector":{{{{Selector}}}},"template":{{{{Template}}}}}}""",
        ["deployments.apps"] = $$$$"""{"spec":{"replicas":0,"selector":{{{{Selector}}}},"template":{{{{Template}}}}}}""",
        ["replicasets.apps"] = $$$$"""{"spec":{"replicas":0,"selector":{{{{Selector}}}},"template":{{{{Template}}}}}}""",
        ["statefulsets.apps"] = $$$$"""{"spec":{"serviceName":"s","selector":{{{{Selector}}}},"template":{{{{Template}}}}}}""",
        ["cronjobs.batch"] = $$$$$$"""{"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{{{{{{JobTemplate}}}}}}}}}}""",
        ["jobs.batch"] = $$$$"""{"spec":{"template":{{{{JobTemplate}}}}}}""",
        ["horizontalpodautoscalers.autoscaling"] = """{"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"maxReplicas":3}}""",
        ["poddisruptionbudgets.policy"] = $$$$"""{"spec":{"minAvailable":1,"selector":{{{{Selector}}}}}}""",
        ["ingressclasses.networking.k8s.io"] = """{"spec":{"controller":"example.com/c"}}""",
        ["ipaddresses.networking.k8s.io"] = """{"metadata":{"name":"2001:db8::7"},"spec":{"parentRef":{"resource":"services","name":"s","namespace":"default"}}}""",
        ["ingresses.networking.k8s.io"] = """{"spec":{"rules":[{"host":"a.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}}""",
        ["networkpolicies.networking.k8s.io"] = """{"spec":{"podSelector":{}}}""",
        ["endpointslices.discovery.k8s.io"] = """{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"port":80}]}""",
        ["clusterrolebindings.rbac.authorization.k8s.io"] = """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"}}""",
        ["clusterroles.rbac.authorization.k8s.io"] = """{"rules":[]}""",
        ["rolebindings.rbac.authorization.k8s.io"] = """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}}""",
        ["roles.rbac.authorization.k8s.io"] = """{"rules":[]}""",
        ["priorityclasses.scheduling.k8s.io"] = """{"value":100}""",
        ["csidrivers.storage.k8s.io"] = """{"spec":{}}""",
        ["csinodes.storage.k8s.io"] = """{"spec":{"drivers":[]}}""",
        ["csistoragecapacities.storage.k8s.io"] = """{"storageClassName":"s"}""",
        ["storageclasses.storage.k8s.io"] = """{"provisioner":"example.com/p"}""",
        ["volumeattachments.storage.k8s.io"] = """{"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"p"}}}""",
        ["leases.coordination.k8s.io"] = """{"spec":{"holderIdentity":"me"}}""",
        ["runtimeclasses.node.k8s.io"] = """{"handler":"runc"}""",
        ["certificatesigningrequests.certificates.k8s.io"] = """{"spec":{"request":"eA==","signerName":"example.com/s","usages":["client auth"]}}""",
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = Hooks,
        ["validatingadmissionpolicies.admissionregistration.k8s.io"] = """{"spec":{"validations":[{"expression":"true"}]}}""",
        ["validatingadmissionpolicybindings.admissionregistration.k8s.io"] = """{"spec":{"policyName":"p"}}""",
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = Hooks,
        ["customresourcedefinitions.apiextensions.k8s.io"] = """{"metadata":{"name":"tests.every-kind.example.com"},"spec":{"group":"every-kind.example.com","scope":"Namespaced","names":{"plural":"tests","kind":"Test"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}""",
        ["flowschemas.flowcontrol.apiserver.k8s.io"] = """{"spec":{"priorityLevelConfiguration":{"name":"p"}}}""",
        ["prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"] = """{"spec":{"type":"Exempt"}}""",
        ["apiservices.apiregistration.k8s.io"] = """{"spec":{"group":"example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":100}}""",
    };
}
