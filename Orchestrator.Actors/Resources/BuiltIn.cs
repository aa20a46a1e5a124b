using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.APIServices;
using Orchestrator.Actors.Kinds.Bindings;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.CSIStorageCapacities;
using Orchestrator.Actors.Kinds.CertificateSigningRequests;
using Orchestrator.Actors.Kinds.ClusterRoleBindings;
using Orchestrator.Actors.Kinds.ClusterRoles;
using Orchestrator.Actors.Kinds.ComponentStatuses;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.ControllerRevisions;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.CustomResourceDefinitions;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Endpoints;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.FlowSchemas;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Leases;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Kinds.LocalSubjectAccessReviews;
using Orchestrator.Actors.Kinds.MutatingWebhookConfigurations;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.NodeMetrics;
using Orchestrator.Actors.Kinds.NodePorts;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.PodMetrics;
using Orchestrator.Actors.Kinds.PodTemplates;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.PriorityClasses;
using Orchestrator.Actors.Kinds.PriorityLevelConfigurations;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.ReplicationControllers;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.RoleBindings;
using Orchestrator.Actors.Kinds.Roles;
using Orchestrator.Actors.Kinds.RuntimeClasses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.SelfSubjectAccessReviews;
using Orchestrator.Actors.Kinds.SelfSubjectReviews;
using Orchestrator.Actors.Kinds.SelfSubjectRulesReviews;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Kinds.SubjectAccessReviews;
using Orchestrator.Actors.Kinds.TokenReviews;
using Orchestrator.Actors.Kinds.ValidatingAdmissionPolicies;
using Orchestrator.Actors.Kinds.ValidatingAdmissionPolicyBindings;
using Orchestrator.Actors.Kinds.ValidatingWebhookConfigurations;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Resources;

/// <summary>The built-in kinds. To add one, add its folder and a line here.</summary>
internal static class BuiltIn
{
    public static readonly ImmutableArray<ResourceDefinition> All =
    [
        BindingDefinition.Instance,
        ComponentStatusDefinition.Instance,
        ConfigMapDefinition.Instance,
        EndpointsDefinition.Instance,
        EventDefinition.Instance,
        LimitRangeDefinition.Instance,
        NamespaceDefinition.Instance,
        NodeDefinition.Instance,
        PersistentVolumeDefinition.Instance,
        PersistentVolumeClaimDefinition.Instance,
        PodDefinition.Instance,
        PodTemplateDefinition.Instance,
        ReplicationControllerDefinition.Instance,
        ResourceQuotaDefinition.Instance,
        SecretDefinition.Instance,
        ServiceDefinition.Instance,
        ServiceAccountDefinition.Instance,
        ControllerRevisionDefinition.Instance,
        DaemonSetDefinition.Instance,
        DeploymentDefinition.Instance,
        ReplicaSetDefinition.Instance,
        StatefulSetDefinition.Instance,
        CronJobDefinition.Instance,
        JobDefinition.Instance,
        HorizontalPodAutoscalerDefinition.Instance,
        PodDisruptionBudgetDefinition.Instance,
        IPAddressDefinition.Instance,
        NodePortDefinition.Instance,
        IngressDefinition.Instance,
        IngressClassDefinition.Instance,
        NetworkPolicyDefinition.Instance,
        EndpointSliceDefinition.Instance,
        ClusterRoleDefinition.Instance,
        ClusterRoleBindingDefinition.Instance,
        RoleDefinition.Instance,
        RoleBindingDefinition.Instance,
        PriorityClassDefinition.Instance,
        CSIDriverDefinition.Instance,
        CSINodeDefinition.Instance,
        CSIStorageCapacityDefinition.Instance,
        StorageClassDefinition.Instance,
        VolumeAttachmentDefinition.Instance,
        LeaseDefinition.Instance,
        RuntimeClassDefinition.Instance,
        CertificateSigningRequestDefinition.Instance,
        MutatingWebhookConfigurationDefinition.Instance,
        ValidatingAdmissionPolicyDefinition.Instance,
        ValidatingAdmissionPolicyBindingDefinition.Instance,
        ValidatingWebhookConfigurationDefinition.Instance,
        CustomResourceDefinitionDefinition.Instance,
        FlowSchemaDefinition.Instance,
        PriorityLevelConfigurationDefinition.Instance,
        APIServiceDefinition.Instance,
        SelfSubjectReviewDefinition.Instance,
        TokenReviewDefinition.Instance,
        SelfSubjectAccessReviewDefinition.Instance,
        SubjectAccessReviewDefinition.Instance,
        LocalSubjectAccessReviewDefinition.Instance,
        SelfSubjectRulesReviewDefinition.Instance,
        NodeMetricsDefinition.Instance,
        PodMetricsDefinition.Instance,
    ];

    /// <summary>Further groups and versions under which built-in kinds are served.</summary>
    public static readonly ImmutableArray<ResourceDefinition> Views = [EventDefinition.EventsV1, HorizontalPodAutoscalerDefinition.V1, SelfSubjectReviewDefinition.V1Beta1];

    /// <summary>The schemas of the model classes.</summary>
    public static readonly ModelSchemas Schemas = new(SchemaFacts.Join(All.Select(k => k.Facts).Prepend(CommonSchema.Facts)));
}
