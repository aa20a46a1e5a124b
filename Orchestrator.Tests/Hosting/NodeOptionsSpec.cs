using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Hosting;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Hosting;

/// <summary>Options of orchestrator-node: validation, printed settings and help.</summary>
public class NodeOptionsSpec
{
    [Theory]
    [InlineData("--node-name=Bad_Name", "node-name: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist")]
    [InlineData("--roles=worker", "seed-nodes: a worker needs --seed-nodes")]
    [InlineData("--data-dir=", "data-dir: it must not be empty")]
    [InlineData("--log-format=xml", "log-format: \"xml\" must be text or json")]
    [InlineData("--log-level=verbose", "log-level: \"verbose\" must be debug, info, warning or error")]
    [InlineData("--journal=Host=h;Password=p;Passwrd=q", "journal: ")]
    [InlineData("--config=/no/such.conf", "--config: there is no file /no/such.conf")]
    public void An_invalid_option_is_refused_by_name(string argument, string error) =>
        Assert.StartsWith(error, NodeCommand.Read([argument], _ => null).Error, StringComparison.Ordinal);

    [Fact]
    public void Pods_are_evicted_by_default_as_by_the_kubelet()
    {
        var eviction = NodeCommand.Read([], _ => null).Options!.Eviction;
        Assert.Equal(
            [
                new EvictionThreshold(EvictionSignal.MemoryAvailable, new EvictionAmount(100L << 20)), new EvictionThreshold(EvictionSignal.NodefsAvailable, new EvictionAmount(0, 10)),
                new EvictionThreshold(EvictionSignal.NodefsInodesFree, new EvictionAmount(0, 5)), new EvictionThreshold(EvictionSignal.ImagefsAvailable, new EvictionAmount(0, 15)),
                new EvictionThreshold(EvictionSignal.ImagefsInodesFree, new EvictionAmount(0, 5)),
            ],
            eviction.Thresholds.ToArray());
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromMinutes(5)), (eviction.MaxPodGrace, eviction.TransitionPeriod));
    }

    [Theory]
    [InlineData("hard.memory.available = lots", "eviction.hard.memory.available: \"lots\" must be a quantity such as 100Mi, a share such as 10%, or empty for none")]
    [InlineData("soft.nodefs.inodesFree = \"101%\"", "eviction.soft.nodefs.inodesFree: \"101%\" must be a quantity")]
    [InlineData("soft.memory.available = 1Gi", "eviction.soft-grace-period.memory.available: ")]
    [InlineData("soft-grace-period.pid.available = 1m", "eviction.soft-grace-period.pid.available: there is no soft threshold of that signal")]
    [InlineData("hard { memory.available = \"\" \n nodefs.available = \"0%\" }", null)]
    [InlineData("soft { memory.available = 1Gi } \n soft-grace-period { memory.available = 90s } \n minimum-reclaim { memory.available = 1Mi }", null)]
    [InlineData("hard.memory.free = 1Gi", "/")]
    public void A_threshold_that_is_none_is_refused_by_name(string text, string? error)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("c.conf"), $"orchestrator.eviction {{ {text} }}");
        var said = NodeCommand.Read(["--config", folder.File("c.conf")], _ => null).Error;
        Assert.True(error is null ? said is null : said?.StartsWith(error, StringComparison.Ordinal) == true, said);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("grace-period = 30s \n grace-period-critical-pods = 10s", "0:20 2000000000:10")]
    [InlineData("grace-period-by-pod-priority = [ { priority = 100, period = 5s }, { priority = -3, period = 1m } ]", "-3:60 100:5")]
    [InlineData("grace-period-critical-pods = 10s", "shutdown.grace-period-critical-pods: 10s is a part of shutdown.grace-period")]
    [InlineData("grace-period = 1s \n grace-period-by-pod-priority = [ { priority = 1, period = 5s } ]", "shutdown.grace-period-by-pod-priority: it stands instead of shutdown.grace-period")]
    [InlineData("grace-period-by-pod-priority = [ 5s ]", "shutdown.grace-period-by-pod-priority: each group is an object such as { priority = 1000, period = 30s }")]
    [InlineData("grace-period-by-pod-priority = [ { priority = 1, period = 5s }, { priority = 1, period = 6s } ]", "shutdown.grace-period-by-pod-priority: a priority is there twice")]
    public void How_pods_end_with_their_machine_is_read_or_refused_by_name(string text, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("c.conf"), $"orchestrator.shutdown {{ {text} \n }}");
        var (options, error) = NodeCommand.Read(["--config", folder.File("c.conf")], _ => null);
        var said = error ?? string.Join(' ', options!.Shutdown.Groups.Select(g => $"{g.Priority}:{g.Period.TotalSeconds:0}"));
        Assert.True(expected.Length == 0 ? said.Length == 0 : said.StartsWith(expected, StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData("", "80 443 True")]
    [InlineData("ingress-http-port = 8080 \n ingress-https-port = 0 \n ingress-access-log = off", "8080 0 False")]
    [InlineData("ingress-http-port = 0 \n ingress-https-port = 0", "none")]
    [InlineData("ingress-http-port = 65536", "ingress-http-port: \"65536\" must be a port from 1 to 65535, or 0 for none")]
    [InlineData("ingress-https-port = 80", "ingress-https-port: \"80\" must be another port than ingress-http-port")]
    [InlineData("ingress-access-log = yes", "ingress-access-log: \"yes\" must be on or off")]
    public void Where_Ingresses_are_served_is_read_or_refused_by_name(string text, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("c.conf"), $"orchestrator {{ {text} \n }}");
        var (options, error) = NodeCommand.Read(["--config", folder.File("c.conf")], _ => null);
        Assert.Equal(expected, error ?? (options!.Ingress is { } ports ? $"{ports.Http} {ports.Https} {ports.LogsRequests}" : "none"));
        Assert.Equal(7080, NodeCommand.Read(["--ingress-http-port", "7080"], _ => null).Options!.Ingress!.Http);
        Assert.Equal(7443, NodeCommand.Read([], name => name == "ORCHESTRATOR_INGRESS_HTTPS_PORT" ? "7443" : null).Options!.Ingress!.Https);
    }

    [Theory]
    [InlineData("node-labels = [\"disk=ssd\", \"example.com/edge\", \"node.kubernetes.io/kind=big\"]", "disk=ssd example.com/edge= node.kubernetes.io/kind=big")]
    [InlineData("register-with-taints = [\"gpu:NoSchedule\", \"team=a:NoExecute\"]", "gpu::NoSchedule team:a:NoExecute")]
    [InlineData("register-schedulable = off", "cordoned")]
    [InlineData("reserved.kube { cpu = 100m, memory = 1Gi }", "cpu:100m memory:1Gi")]
    [InlineData("node-labels = [\"a=b c\"]", "node-labels: \"a=b c\": ")]
    [InlineData("node-labels = [\"node-role.kubernetes.io/control-plane=\"]", "node-labels: \"node-role.kubernetes.io/control-plane\": a node may not give itself this label of Kubernetes")]
    [InlineData("register-with-taints = [\"gpu\"]", "register-with-taints: \"gpu\" must be key=value:effect or key:effect: the effect must be NoSchedule")]
    [InlineData("reserved.system.memory = much", "reserved.system.memory: \"much\" must be a quantity")]
    public void With_what_nodes_are_registered_is_read_or_refused_by_name(string text, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("c.conf"), $"orchestrator {{ {text} \n }}");
        var (options, error) = NodeCommand.Read(["--config", folder.File("c.conf")], _ => null);
        string[] said = options is null ? [] :
        [
            .. options.Registration.Labels.Select(l => $"{l.Key}={l.Value}"), .. options.Registration.Taints.Select(t => $"{t.Key}:{t.Value}:{t.Effect}"),
            .. options.Registration.IsSchedulable ? (string[])[] : ["cordoned"], .. options.Reserved.Kube.Select(a => $"{a.Key}:{a.Value}"),
        ];
        Assert.StartsWith(expected, error ?? string.Join(' ', said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("orchestrator {\n  runtime = simulated\n", "line 1: { is not closed")]
    [InlineData("orchestrator {\n  roles = [control, worker\n}\n", "line 3: } does not close the [ of line 2")]
    [InlineData("orchestrator {\n}\n}\n", "line 3: } has no opening counterpart")]
    [InlineData("a = 1 # {\n// {\nb = \"\"\"\n{ \" {\n\"\"\"\nc = \"open\n", "line 6: unclosed quote")]
    [InlineData("\"\"\"", "line 1: unclosed quote")]
    [InlineData("akka.a = \"{ \\\" [\" // \"\nakka.b = 1// {\nakka { d = [1] }", null)]
    public void A_file_that_is_not_HOCON_is_refused_with_the_line_of_the_error(string text, string? fault)
    {
        Assert.Equal(fault, HoconSyntax.FindError(text));
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var (_, error) = NodeCommand.Read(["--config", path], _ => null);
        File.Delete(path);
        Assert.Equal(fault is null ? null : $"--config: {path} is not valid HOCON: {fault}", error);
    }

    [Theory]
    [InlineData("pod-cidr = \"10.96.0.0/14\"", "pod-cidr is not a setting: settings are in orchestrator { … }, such as orchestrator.pod-cidr")]
    [InlineData("orchestrator { runtime = simulated }\nnonsense = 3", "nonsense is not a setting: settings are in orchestrator { … }, such as orchestrator.pod-cidr")]
    [InlineData("orchestrator.nonsense = 3", "orchestrator.nonsense is not a setting; settings are ")]
    [InlineData("", null)]
    [InlineData("# nothing\n", null)]
    public void What_is_no_setting_is_refused_wherever_it_is(string text, string? fault)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var (_, error) = NodeCommand.Read(["--config", path], _ => null);
        File.Delete(path);
        Assert.StartsWith(fault is null ? "" : $"{path}: {fault}", error ?? "", StringComparison.Ordinal);
        Assert.Equal(fault is null, error is null);
    }

    [Fact]
    public void Settings_are_printed_without_secrets()
    {
        var (options, _) = NodeCommand.Read(["--api-address", "127.0.0.1:7001", "--roles", "control", "--node-name", "n1", "--journal", "Host=h"], _ => null);
        var lines = options!.Print().Split('\n');
        Assert.Contains("api-address=127.0.0.1:7001", lines);
        Assert.Contains("roles=control", lines);
        Assert.Contains("node-name=n1", lines);
        Assert.DoesNotContain(lines, l => l.Contains("Password", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Host=h;Password=p")]
    [InlineData("postgres://me:p@h/orc")]
    public void A_password_is_refused_in_a_flag_and_taken_from_the_environment(string journal)
    {
        var (_, error) = NodeCommand.Read(["--journal", journal], _ => null);
        Assert.StartsWith("journal: a flag must not contain a password", error, StringComparison.Ordinal);
        var (options, none) = NodeCommand.Read([], name => name == "ORCHESTRATOR_JOURNAL" ? journal : null);
        Assert.Equal((null, journal), (none, options!.Journal));
    }

    [Fact]
    public void The_help_explains_every_setting() =>
        Assert.All(NodeOptions.Names, n => Assert.Contains($"\n  {n} = ", NodeCommand.Help, StringComparison.Ordinal));
}
