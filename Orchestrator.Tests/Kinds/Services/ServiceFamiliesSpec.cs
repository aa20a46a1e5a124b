using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>Which families and addresses a service has, on a cluster with one family and on one with two, as Kubernetes has it.</summary>
public sealed class ServiceFamiliesSpec
{
    private const string Only4 = "10.96.0.0/28";
    private const string Only6 = "fd00:96::/124";
    private const string Both = "10.96.0.0/28,fd00:96::/124";
    private const string Port = """ "ports":[{"port":80}] """;
    private const string By = """ "ports":[{"port":80}],"selector":{"a":"b"} """;

    [Theory]
    [InlineData(Only4, "{" + By + "}", "SingleStack IPv4 4")]
    [InlineData(Only6, "{" + By + "}", "SingleStack IPv6 6")]
    [InlineData(Both, "{" + By + "}", "SingleStack IPv4 4")]
    [InlineData("fd00:96::/124,10.96.0.0/28", "{" + By + "}", "SingleStack IPv6 6")]
    [InlineData(Both, "{\"ipFamilies\":[\"IPv6\"]," + By + "}", "SingleStack IPv6 6")]
    [InlineData(Only4, "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4 4")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4,IPv6 4,6")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "RequireDualStack IPv4,IPv6 4,6")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"RequireDualStack\",\"ipFamilies\":[\"IPv6\"]," + By + "}", "RequireDualStack IPv6,IPv4 6,4")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"RequireDualStack\",\"ipFamilies\":[\"IPv6\",\"IPv4\"],\"type\":\"NodePort\"," + By + "}", "RequireDualStack IPv6,IPv4 6,4")]
    [InlineData(Both, "{\"clusterIP\":\"fd00:96::9\"," + By + "}", "SingleStack IPv6 fd00:96::9")]
    [InlineData(Both, "{\"clusterIP\":\"FD00:96:0::9\"," + By + "}", "SingleStack IPv6 FD00:96:0::9")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"fd00:96::9\",\"clusterIPs\":[\"fd00:96::9\",\"10.96.0.9\"]," + By + "}", "PreferDualStack IPv6,IPv4 fd00:96::9,10.96.0.9")]
    [InlineData(Both, "{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.9\"," + By + "}", "PreferDualStack IPv4,IPv6 10.96.0.9,6")]
    [InlineData(Both, "{\"clusterIP\":\"None\"," + By + "}", "SingleStack IPv4 None")]
    [InlineData(Both, "{\"clusterIP\":\"None\",\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4,IPv6 None")]
    [InlineData(Only4, "{\"clusterIP\":\"None\",\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4 None")]
    [InlineData(Only4, "{\"clusterIP\":\"None\"}", "RequireDualStack IPv4,IPv6 None")]
    [InlineData(Only6, "{\"clusterIP\":\"None\"}", "RequireDualStack IPv6,IPv4 None")]
    [InlineData(Only4, "{\"clusterIP\":\"None\",\"ipFamilies\":[\"IPv6\"]}", "RequireDualStack IPv6,IPv4 None")]
    [InlineData(Only4, "{\"clusterIP\":\"None\",\"ipFamilyPolicy\":\"SingleStack\",\"ipFamilies\":[\"IPv6\"]}", "SingleStack IPv6 None")]
    [InlineData(Both, "{\"type\":\"ExternalName\",\"externalName\":\"a.example\"}", "  ")]
    public void A_new_service_has_what_it_asks_for_and_the_cluster_has(string cidr, string spec, string has) => Assert.Equal(has, Shown(Made(cidr, spec)));

    [Theory]
    [InlineData(Only4, "{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData(Only4, "{\"clusterIP\":\"None\",\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData(Only4, "{\"ipFamilies\":[\"IPv6\"]," + By + "}", "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData(Only6, "{\"ipFamilyPolicy\":\"PreferDualStack\",\"ipFamilies\":[\"IPv6\",\"IPv4\"]," + By + "}", "spec.ipFamilies[1]: Invalid value: \"IPv4\": not configured on this cluster")]
    [InlineData(Only4, "{\"clusterIP\":\"fd00:96::9\",\"clusterIPs\":[\"fd00:96::9\"]," + By + "}", "spec.clusterIPs[0]: Invalid value: [\"fd00:96::9\"]: IPv6 is not configured on this cluster")]
    [InlineData(Both, "{\"ipFamilies\":[\"IPv4\",\"IPv6\"]," + By + "}", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")]
    [InlineData(Both, "{\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\",\"fd00:96::9\"]," + By + "}",
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified")]
    [InlineData(Both, "{\"clusterIP\":\"fd00:97::9\",\"clusterIPs\":[\"fd00:97::9\"]," + By + "}",
        "spec.clusterIPs: Invalid value: [\"fd00:97::9\"]: failed to allocate IP fd00:97::9: the provided IP (fd00:97::9) is not in the valid range. The range of valid IPs is fd00:96::/124")]
    [InlineData(Both, "{\"clusterIP\":\"fd00:96::\"," + By + "}", "spec.clusterIPs: Invalid value: [\"fd00:96::\"]: failed to allocate IP fd00:96::: the provided IP")]
    public void What_the_cluster_does_not_have_is_refused(string cidr, string spec, string why) => Refused(Proposed(cidr, spec, null).Error, why);

    [Theory]
    [InlineData("{" + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4,IPv6 =,6")]
    [InlineData("{" + By + "}", "{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "RequireDualStack IPv4,IPv6 =,6")]
    [InlineData("{\"ipFamilies\":[\"IPv6\"]," + By + "}", "{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "RequireDualStack IPv6,IPv4 =,4")]
    [InlineData("{\"clusterIP\":\"10.96.0.9\"," + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\",\"fd00:96::9\"]," + By + "}", "PreferDualStack IPv4,IPv6 =,fd00:96::9")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{" + By + "}", "RequireDualStack IPv4,IPv6 =,=")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4,IPv6 =,=")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{\"ipFamilyPolicy\":\"SingleStack\"," + By + "}", "SingleStack IPv4 =")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{\"ipFamilyPolicy\":\"SingleStack\",\"ipFamilies\":[\"IPv4\",\"IPv6\"]," + By + "}", "SingleStack IPv4 =")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\",\"ipFamilies\":[\"IPv6\"]," + By + "}", "{\"ipFamilyPolicy\":\"SingleStack\",\"ipFamilies\":[\"IPv6\"]," + By + "}", "SingleStack IPv6 =")]
    [InlineData("{\"clusterIP\":\"10.96.0.9\",\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{\"clusterIP\":\"10.96.0.9\"," + By + "}", "RequireDualStack IPv4,IPv6 =,=")]
    [InlineData("{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\",\"type\":\"NodePort\"," + By + "}", "PreferDualStack IPv4,IPv6 =,=")]
    [InlineData("{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "{\"type\":\"ExternalName\",\"externalName\":\"a.example\"}", "  ")]
    [InlineData("{\"type\":\"ExternalName\",\"externalName\":\"a.example\"}", "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}", "PreferDualStack IPv4,IPv6 4,6")]
    [InlineData("{\"type\":\"ExternalName\",\"externalName\":\"a.example\"}", "{" + By + "}", "SingleStack IPv4 4")]
    [InlineData("{\"clusterIP\":\"None\"," + By + "}", "{\"clusterIP\":\"None\",\"ipFamilies\":[\"IPv6\"]," + By + "}", "SingleStack IPv6 None")]
    [InlineData("{\"clusterIP\":\"None\"}", "{\"clusterIP\":\"None\",\"ipFamilyPolicy\":\"SingleStack\",\"ipFamilies\":[\"IPv4\",\"IPv6\"]}", "SingleStack IPv4 None")]
    public void A_new_version_keeps_what_it_has_and_gets_or_loses_the_second(string old, string spec, string has)
    {
        var stored = Made(Both, old);
        Assert.Equal(has, Shown(Made(Both, spec, stored), [.. ServiceForm.ClusterIPs(Spec(stored)).Where(a => a != "None")]));
    }

    [Theory]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\"," + By + "}", "{\"ipFamilies\":[\"IPv4\"]," + By + "}", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to release the secondary IP family")]
    [InlineData("{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.9\"," + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\"]," + By + "}",
        "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary cluster IP")]
    [InlineData("{\"clusterIP\":\"10.96.0.9\"," + By + "}", "{\"clusterIP\":\"fd00:96::9\"," + By + "}", "spec.clusterIPs[0]: Invalid value: [\"fd00:96::9\"]: may not change once set")]
    [InlineData("{" + By + "}", "{\"ipFamilies\":[\"IPv6\"]," + By + "}", "spec.clusterIPs[0]: Invalid value: ")]
    [InlineData("{" + By + "}", "{\"ipFamilyPolicy\":\"PreferDualStack\",\"ipFamilies\":[\"IPv6\",\"IPv4\"]," + By + "}", "spec.clusterIPs[0]: Invalid value: ")]
    [InlineData("{\"ipFamilyPolicy\":\"RequireDualStack\",\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\",\"fd00:96::9\"]," + By + "}",
        "{\"ipFamilyPolicy\":\"RequireDualStack\",\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\",\"fd00:96::8\"]," + By + "}", "spec.clusterIPs[1]: Invalid value: [\"10.96.0.9\",\"fd00:96::8\"]: may not change once set")]
    public void The_first_stays_and_the_second_goes_with_the_policy_alone(string old, string spec, string why)
    {
        var stored = Made(Both, old);
        var service = Service(spec);
        Refused(Admitter.Update(ServiceDefinition.Instance, service, stored, NoObjects.Instance) ?? Proposed(Both, service, stored).Error, why);
    }

    [Theory]
    [InlineData(Only4, Both, "PreferDualStack IPv4 =")]
    [InlineData(Both, Only4, "PreferDualStack IPv4,IPv6 =,=")]
    public void A_service_that_takes_both_stays_as_it_is_when_the_cluster_changes(string before, string now, string has)
    {
        var stored = Made(before, "{\"ipFamilyPolicy\":\"PreferDualStack\"," + By + "}");
        var again = Proposed(now, stored.ToNode(), stored);
        Assert.Null(again.Error);
        Assert.Empty(again.Patch);
        Assert.Equal(has, Shown(stored, ServiceForm.ClusterIPs(Spec(stored))));
    }

    [Theory]
    [InlineData("""{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],""" + Port + "}", "SingleStack IPv4 10.96.0.9")]
    [InlineData("""{"type":"ClusterIP","ipFamilies":["IPv4"],"ipFamilyPolicy":"PreferDualStack",""" + Port + "}", "PreferDualStack IPv4,IPv6 4,6")]
    public void One_of_an_earlier_version_is_given_what_it_lacks(string spec, string has)
    {
        var stored = KubeObject.From(ServiceDefinition.Instance, Service(spec));
        Assert.Equal(has, Shown(Made(Both, spec, stored)));
    }

    [Fact]
    public void Each_address_is_reserved_under_its_canonical_name()
    {
        var keys = Proposed(Both, "{\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"FD00:96::09\"," + By + "}", null).Reserve;
        Assert.Equal(2, keys.Count);
        var six = keys.Single(k => k.Name == "fd00:96::9");
        Assert.Equal("IPv6", (string?)ServiceReservations.Create(six, ServiceDefinition.Instance.Key("default", "s"))["metadata"]!["labels"]!["ipaddress.kubernetes.io/ip-family"]);
    }

    // Policy, families and addresses; of those that were not asked for only the family, and = for those of before.
    private static string Shown(KubeObject service, IReadOnlyList<string>? before = null)
    {
        var spec = Spec(service);
        var addresses = ServiceForm.Texts(spec, "clusterIPs");
        Assert.Equal(addresses.FirstOrDefault() ?? "", ServiceForm.Text(spec, "clusterIP"));
        return $"{spec["ipFamilyPolicy"]} {string.Join(',', ServiceForm.Texts(spec, "ipFamilies"))} {string.Join(',', addresses.Select(a => before?.Contains(a) == true ? "=" : a.EndsWith('9') || a == "None" ? a : a.Contains(':') ? "6" : "4"))}";
    }

    private static KubeObject Made(string cidr, string spec, KubeObject? stored = null)
    {
        var service = Service(spec);
        var proposal = Proposed(cidr, service, stored);
        Assert.Null(proposal.Error);
        var made = KubeObject.From(ServiceDefinition.Instance, JsonMerge.Apply(service, proposal.Patch));

        // What was given is admitted, and needs nothing more.
        var again = made.ToNode();
        Assert.Null(Admitter.Update(ServiceDefinition.Instance, again, stored ?? made, NoObjects.Instance));
        Assert.Empty(Proposed(cidr, again, made).Patch);
        return made;
    }

    private static AllocationProposal Proposed(string cidr, string spec, KubeObject? stored) => Proposed(cidr, Service(spec), stored);

    private static AllocationProposal Proposed(string cidr, JsonObject service, KubeObject? stored)
    {
        Assert.Null(stored is null ? Admitter.Create(ServiceDefinition.Instance, service, NoObjects.Instance) : Admitter.Update(ServiceDefinition.Instance, service, stored, NoObjects.Instance));
        return ServiceProposal.For(ServiceDefinition.Instance.Key("default", "s"), (JsonObject)service["spec"]!, stored, ServiceRanges.Of(cidr, "30000-30010", IPNetwork.Parse("10.244.0.0/14")),
            NoObjects.Instance, new HashSet<ObjectKey>());
    }

    private static void Refused(ApiError? error, string why)
    {
        Assert.Equal(ApiReason.Invalid, error!.Reason);
        Assert.Contains(error.Causes, c => $"{c.Field}: {c.Message}".StartsWith(why, StringComparison.Ordinal));
    }

    private static JsonObject Spec(KubeObject service) => (JsonObject)service.ToNode()["spec"]!;

    private static JsonObject Service(string spec) => new() { ["metadata"] = new JsonObject { ["name"] = "s", ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) };
}
