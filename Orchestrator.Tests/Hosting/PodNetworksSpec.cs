using Akka.Event;
using Orchestrator.Node.Hosting;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Hosting;

/// <summary>Who makes the network of a node's pods.</summary>
public sealed class PodNetworksSpec
{
    private const string Good = """{ "cniVersion": "1.0.0", "name": "n", "type": "plugin" }""";

    [RootTheory]
    [InlineData("auto", null, "", "RoutedNetwork")]
    [InlineData("auto", Good, "", "CniNetwork")]
    [InlineData("auto", "{}", "", "RoutedNetwork")]
    [InlineData("auto", """{ "cniVersion": "1.0.0", "name": "n", "type": "missing" }""", "", "RoutedNetwork")]
    [InlineData("auto", Good, "pod.json", "RoutedNetwork")]
    [InlineData("auto", null, "cni/pod.json", "CniNetwork")]
    [InlineData("cni", null, "", "CniNetwork")]
    [InlineData("routed", Good, "", "RoutedNetwork")]
    [InlineData("engine", Good, "cni/pod.json", "none")]
    public void The_configuration_of_the_host_is_used_if_it_can_be_and_no_pod_has_another_network(string mode, string? configuration, string record, string expected)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("net.d"));
        Directory.CreateDirectory(folder.File("records/cni"));
        File.WriteAllText(folder.File("plugin"), "");
        File.WriteAllText(folder.File("node.conf"), $$"""orchestrator.pod-network { mode = {{mode}}, cni-conf = "{{folder.File("net.d")}}", cni-bin = "/nonexistent:{{folder.Path}}" }""");
        if (configuration is not null)
        {
            File.WriteAllText(folder.File("net.d/10-n.conf"), configuration);
        }

        if (record.Length > 0)
        {
            File.WriteAllText(folder.File($"records/{record}"), """{ "Address": "10.0.0.1", "Ports": [] }""");
        }

        var (options, error) = NodeCommand.Read(["--config", folder.File("node.conf")], _ => null);
        Assert.Null(error);
        var network = PodNetworks.Choose(options!, "installation", folder.File("records"), TimeProvider.System, NoLogger.Instance);
        using var held = network as IDisposable;
        Assert.Equal(expected, network?.GetType().Name ?? "none");
    }

    [Theory]
    [InlineData("mode = cnii", "pod-network.mode: \"cnii\" must be auto, routed, cni or engine")]
    [InlineData("cni-conf = net.d", "pod-network.cni-conf: \"net.d\" must be the full path of a folder")]
    [InlineData("cni-bin = \"/opt/cni/bin:\"", "pod-network.cni-bin: \"\" must be the full path of a folder")]
    [InlineData("cni-policies = maybe", "pod-network.cni-policies: \"maybe\" must be off or plugins")]
    public void What_is_no_setting_is_refused_by_name(string text, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("node.conf"), $"orchestrator.pod-network {{ {text} }}");
        Assert.Contains(expected, NodeCommand.Read(["--config", folder.File("node.conf")], _ => null).Error, StringComparison.Ordinal);
    }
}
