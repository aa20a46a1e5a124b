using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Tests.ApiServer.Validation;

/// <summary>Nothing of a pod's spec is silently ignored.</summary>
public sealed class UnsupportedFieldsSpec
{
    private static readonly Dictionary<Type, FieldSupport> Supports = new()
    {
        [typeof(V1PodSpec)] = PodFields.Spec,
        [typeof(V1PodSecurityContext)] = PodFields.PodSecurity,
        [typeof(V1Container)] = PodFields.Container,
        [typeof(V1SecurityContext)] = PodFields.Security,
        [typeof(V1Lifecycle)] = PodFields.Lifecycle,
        [typeof(V1Probe)] = PodFields.Probe,
        [typeof(V1ResourceRequirements)] = PodFields.Resources,
        [typeof(V1EnvVarSource)] = PodFields.VariableSource,
        [typeof(V1VolumeMount)] = PodFields.Mount,
        [typeof(V1Affinity)] = PodFields.Affinity,
        [typeof(V1Volume)] = PodFields.Volume,
        [typeof(V1EmptyDirVolumeSource)] = PodFields.EmptyDir,
        [typeof(V1VolumeProjection)] = PodFields.ProjectedSource,
    };

    public static TheoryData<Type> Models => [.. Supports.Keys];

    [Theory, MemberData(nameof(Models))]
    public void Every_field_of_the_model_is_honoured_warned_of_or_refused_and_only_one_of_these(Type model)
    {
        var support = Supports[model];
        var listed = support.Honoured.Concat(support.Warned.Select(f => f.Name)).Concat(support.Refused.Select(f => f.Name));
        var fields = model.GetProperties().Select(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).OfType<string>();
        Assert.Equal(fields.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"a","image":"b"}]}""")]
    [InlineData("""{"dnsPolicy":"Default","containers":[]}""")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"nameservers":["10.0.0.10"]},"hostAliases":[{"ip":"10.0.0.1","hostnames":["a"]}],"containers":[]}""")]
    [InlineData("""{"dnsPolicy":"ClusterFirst","hostUsers":true,"os":{"name":"linux"},"preemptionPolicy":"Never","priorityClassName":"high","affinity":{"podAntiAffinity":{}},"topologySpreadConstraints":[{"maxSkew":1}],"serviceAccountName":"default","hostPID":false,"hostAliases":[],"containers":[]}""")]
    [InlineData("""{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"},"appArmorProfile":{"type":"Unconfined"},"supplementalGroupsPolicy":"Merge","seLinuxOptions":{}},"containers":[]}""")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"procMount":"Default","allowPrivilegeEscalation":false,"runAsGroup":5}}]}""")]
    [InlineData("""{"containers":[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Gi","ephemeral-storage":"2Gi"},"requests":{"ephemeral-storage":"1Gi"}},"volumeMounts":[{"recursiveReadOnly":"IfPossible"}]}]}""")]
    [InlineData("""{"volumes":[{"name":"v","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}},{"name":"w","emptyDir":{"sizeLimit":"1Mi"}}],"containers":[]}""")]
    public void What_is_honoured_is_not_talked_about(string spec) => Assert.Empty(Warnings(spec).Concat(Refusals(spec).Select(c => c.Field)));

    [Theory]
    [InlineData("""{"hostnameOverride":"x"}""", "spec.hostnameOverride")]
    [InlineData("""{"volumes":[{"name":"v","iscsi":{"targetPortal":"t","iqn":"i","lun":0}}]}""", "spec.volumes[0].iscsi")]
    [InlineData("""{"initContainers":[{"name":"a","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}""", "spec.initContainers[0].resources.limits")]
    [InlineData("""{"containers":[{"name":"a","resources":{"requests":{"hugepages-2Mi":"2Mi"}}}]}""", "spec.containers[0].resources.requests")]
    [InlineData("""{"containers":[{"name":"a","env":[{"name":"A","valueFrom":{"fileKeyRef":{"key":"k"}}}]}]}""", "spec.containers[0].env[0].valueFrom.fileKeyRef")]
    public void What_has_no_effect_is_warned_of(string spec, string field)
    {
        Assert.StartsWith($"{field}: ", Assert.Single(Warnings(spec)), StringComparison.Ordinal);
        Assert.Empty(Refusals(spec));
    }

    [Theory]
    [InlineData("""{"hostUsers":false}""", "spec.hostUsers")]
    [InlineData("""{"os":{"name":"windows"}}""", "spec.os")]
    [InlineData("""{"securityContext":{"supplementalGroupsPolicy":"Strict"}}""", "spec.securityContext.supplementalGroupsPolicy")]
    [InlineData("""{"securityContext":{"seLinuxOptions":{"level":"s0"}}}""", "spec.securityContext.seLinuxOptions")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"Localhost"}}}]}""", "spec.containers[0].securityContext.appArmorProfile")]
    [InlineData("""{"initContainers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}]}""", "spec.initContainers[0].securityContext.procMount")]
    [InlineData("""{"containers":[{"name":"a","volumeMounts":[{"name":"v","recursiveReadOnly":"Enabled"}]}]}""", "spec.containers[0].volumeMounts[0].recursiveReadOnly")]
    public void A_promise_that_would_not_be_kept_is_refused(string spec, string field)
    {
        var cause = Assert.Single(Refusals(spec));
        Assert.Equal((field, "FieldValueForbidden"), (cause.Field, cause.Reason));
    }

    [Fact]
    public void Templates_are_pods_too()
    {
        var deployment = (JsonObject)JsonNode.Parse("""{"spec":{"template":{"spec":{"hostnameOverride":"x"}}}}""")!;
        Assert.StartsWith("spec.template.spec.hostnameOverride: ", Assert.Single(Admitter.Warnings(DeploymentDefinition.Instance, deployment)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("restricted", 1)]
    [InlineData("privileged", 0)]
    public void A_standard_for_pods_that_a_namespace_demands_is_warned_of(string standard, int warnings)
    {
        var ns = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["pod-security.kubernetes.io/enforce"] = standard } } };
        Assert.Equal(warnings, Admitter.Warnings(NamespaceDefinition.Instance, ns).Count());
    }

    private static IEnumerable<string> Warnings(string spec) => UnsupportedFields.Warnings("spec", (JsonObject)JsonNode.Parse(spec)!);

    private static IReadOnlyList<ApiCause> Refusals(string spec)
    {
        var causes = new FieldErrors();
        UnsupportedFields.Refuse(causes, "spec", (JsonObject)JsonNode.Parse(spec)!);
        return causes.All;
    }
}
