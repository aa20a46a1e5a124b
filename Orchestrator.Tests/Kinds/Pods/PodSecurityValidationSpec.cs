using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>What may be said in the security context of a pod.</summary>
public sealed class PodSecurityValidationSpec
{
    [Theory]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"1"},{"name":"net/ipv4/tcp_syncookies","value":"1"}]}}""", "")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"foo-","value":"1"},{"name":"bar..","value":"1"},{"name":"A","value":"1"},{"value":"1"}]}}""", "0 1 2 3")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"net.a","value":"1"},{"name":"net/a","value":"1"}]}}""", "1")]
    [InlineData("""{"hostNetwork":true,"securityContext":{"sysctls":[{"name":"kernel.sem","value":"1"},{"name":"net.a","value":"1"}]}}""", "1")]
    [InlineData("""{"hostIPC":true,"securityContext":{"sysctls":[{"name":"kernel.sem","value":"1"},{"name":"net.a","value":"1"}]}}""", "0")]
    public void Parameters_of_the_kernel_have_names_and_are_of_namespaces_of_the_pod(string spec, string wrong) =>
        Assert.Equal(wrong.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => $"spec.securityContext.sysctls[{i}].name"), Causes(spec));

    [Fact]
    public void Processes_are_shared_with_the_pod_or_with_the_host() => Assert.Equal(["spec.shareProcessNamespace"], Causes("""{"hostPID":true,"shareProcessNamespace":true}"""));

    private static IEnumerable<string> Causes(string spec)
    {
        var causes = new FieldErrors();
        PodSecurityValidation.Check(causes, "spec", (JsonObject)JsonNode.Parse(spec)!);
        return causes.All.Select(c => c.Field);
    }
}
