using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Network;
using Orchestrator.Node.Network.Cni;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Network.Cni;

/// <summary>The network of a node that CNI plugins make: those of Debian's package, and some that fail.</summary>
public sealed class CniNetworkSpec : PodNetworkContract
{
    private const string Debian = "/usr/lib/cni";
    private readonly int _id = FreePort.Next() % 250;

    private protected override IPNetwork Range => IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"10.59.{_id}.0/28"));

    private string Bridge => string.Create(CultureInfo.InvariantCulture, $"spec-cni{_id}");

    private string Configurations => Path.Combine(Folder.FullName, "net.d");

    private string Programs => Path.Combine(Folder.FullName, "bin");

    // What host-local has given away: a file for each address.
    private IEnumerable<string> Leases => Directory.EnumerateFiles(Path.Combine(Folder.FullName, "leases"), "10.*", SearchOption.AllDirectories).Select(Path.GetFileName).OfType<string>().Order();

    private CniRecords Records => new(Path.Combine(Folder.FullName, "records"));

    public override async Task InitializeAsync()
    {
        Assert.True(Directory.Exists(Debian), "There are no CNI plugins: apt-get install containernetworking-plugins.");
        Directory.CreateDirectory(Configurations);
        Directory.CreateDirectory(Programs);
        Configure();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await New(TimeProvider.System).RemoveAllAsync(CancellationToken.None).WaitAsync(Bound);
        Assert.False(Records.Any);
        Assert.Empty(Leases);
        foreach (var table in new[] { "filter", "nat" })
        {
            Assert.DoesNotContain(string.Create(CultureInfo.InvariantCulture, $"10.59.{_id}."), await HostTool.RunAsync("iptables", ["-w", "-t", table, "-S"], "", CancellationToken.None), StringComparison.Ordinal);
        }

        if (HostInterfaces.Has(Bridge))
        {
            await HostTool.RunAsync("ip", ["link", "del", Bridge], "", CancellationToken.None);
        }

        await base.DisposeAsync();
    }

    [RootFact]
    public async Task Pods_reach_each_other_and_the_gateway_of_the_plugins_is_that_of_names()
    {
        await using var pods = PacketPods.Of((names, folder) => new CniNetwork(names, new CniRecords(folder), Configurations, new CniPrograms([Debian], TimeProvider.System)));
        Assert.NotNull(pods.Network.Fault);
        Assert.Equal(new AddressRange(Range).Gateway, await pods.Network.GatewayAsync(Ends));
        Assert.Null(pods.Network.Fault);
        var (one, other) = (await pods.AddAsync("one"), await pods.AddAsync("other"));
        await pods.ServeAsync(other, "other", 80);
        Assert.Equal("other", await pods.AskAsync(one, other.Address.ToString(), 80));
        Assert.True(Range.Contains(one.Address));
        Assert.True(pods.Network.IsPod(one.Address));
        Assert.False(pods.Network.IsPod(IPAddress.Parse("10.59.255.1")));
        await pods.Network.RemoveAsync("one", Ends);
        await pods.Network.RemoveAsync("other", Ends);
    }

    [RootFact]
    public async Task A_plugin_that_fails_is_quoted_and_leaves_nothing()
    {
        Configure(Script("broken", """[ "$CNI_COMMAND" = ADD ] || exit 0; echo '{ "code": 7, "msg": "no luck" }'; exit 1"""));
        var network = await BeginAsync();
        Assert.Null(network.Fault);
        Assert.Equal("plugin broken: no luck (code 7)", (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("a", Nothing, Ends))).Message);
        Assert.Null(network.Find("a"));
        Assert.Empty(Leases);
        Assert.False(Records.Any);
        Assert.Empty(new NamespaceMaker(Names).Present());
        Configure();
        await network.AddAsync("a", Nothing, Ends);
    }

    [RootFact]
    public async Task What_an_agent_that_was_killed_began_is_taken_back_before_it_is_done_again()
    {
        var configuration = CniFolder.Read(Configurations);
        var chain = await CniChain.OfAsync(configuration, new CniPrograms([Debian], TimeProvider.System), Ends);
        Assert.Equal("1.0.0", chain.Version);

        // Killed before the first plugin, and after the last one: neither is known to be done.
        Directory.CreateDirectory(Path.Combine(Folder.FullName, "records"));
        foreach (var uid in new[] { "before", "after", "left" })
        {
            var record = new CniRecord(configuration, chain.Version, [Debian], new CniAttachment(uid, NetworkNames.PathOf(Names.For(uid)), "IgnoreUnknown=1", []), []);
            Records.Write(uid, record);
            if (uid != "before")
            {
                await NamespaceMaker.MakeEmptyAsync(Names.For(uid), Ends);
                await chain.AddAsync(record.Attachment, last => Records.Write(uid, record with { Last = last }), Ends);
            }
        }

        Assert.Equal(2, Leases.Count());
        var network = await BeginAsync();
        Assert.Null(network.Find("after"));
        await network.KeepAsync(new HashSet<string> { "before", "after" }, Ends);
        var (before, after) = (await network.AddAsync("before", Nothing, Ends), await network.AddAsync("after", Nothing, Ends));
        Assert.Equal(((string[])[before.Address.ToString(), after.Address.ToString()]).Order(), Leases);
        Assert.Equal(2, new NamespaceMaker(Names).Present().Count);
    }

    [RootFact]
    public async Task A_plugin_that_goes_on_when_its_agent_was_killed_is_ended_by_the_next()
    {
        await (await BeginAsync()).AddAsync("a", Nothing, Ends);
        using var ours = Sleep(NetworkNames.PathOf(Names.For("a")));
        using var other = Sleep(NetworkNames.PathOf("else"));
        _ = New();
        await ours.WaitForExitAsync(Ends);
        Assert.False(other.HasExited);
        other.Kill();

        static Process Sleep(string space)
        {
            var start = new ProcessStartInfo("sleep", ["1000"]);
            start.Environment["CNI_NETNS"] = space;
            return Process.Start(start)!;
        }
    }

    [RootFact]
    public async Task A_pod_is_removed_by_the_plugins_that_added_it_whatever_the_configuration_is_by_then()
    {
        var network = await BeginAsync();
        await network.AddAsync("a", Nothing, Ends);
        await network.AddAsync("b", Nothing, Ends);
        await network.AddAsync("c", Nothing, Ends);
        File.Delete(Path.Combine(Configurations, "10-spec.conflist"));
        await network.RemoveAsync("a", Ends);
        Assert.Equal(2, Leases.Count());

        // Nothing is added without a configuration, by this process or the next.
        Assert.Contains("has no network configuration", (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("d", Nothing, Ends))).Message, StringComparison.Ordinal);
        var next = New();
        Assert.NotNull(next.Find("b"));
        await next.KeepAsync(new HashSet<string> { "c" }, Ends);
        Assert.Single(Leases);

        // As an agent for whom the power of the host failed.
        var record = Path.Combine(Folder.FullName, "records", "c.json");
        var lost = await File.ReadAllTextAsync(record);
        await File.WriteAllTextAsync(record, "");
        var last = New();
        await Assert.ThrowsAsync<NetworkException>(() => last.RemoveAsync("c", Ends));
        Configure();
        await last.RemoveAsync("c", Ends);
        Assert.Empty(Leases);

        // Without it plugins may have left something, and to remove what is gone is no fault.
        await File.WriteAllTextAsync(record, lost);
        await New().RemoveAsync("c", Ends);
    }

    [RootFact]
    public async Task What_cannot_be_removed_is_removed_later()
    {
        var obstacle = Path.Combine(Folder.FullName, "obstacle");
        Configure(Script("slow", $"""[ "$CNI_COMMAND" = DEL ] && [ -e {obstacle} ] && exit 1; [ "$CNI_COMMAND" = ADD ] && sed 's/.*"prevResult"://; s/.$//'; exit 0"""));
        var network = await BeginAsync();
        await network.AddAsync("a", Nothing, Ends);
        await network.AddAsync("b", Nothing, Ends);
        await File.WriteAllTextAsync(obstacle, "");
        await Assert.ThrowsAsync<NetworkException>(() => network.RemoveAsync("a", Ends));
        Assert.NotNull(network.Find("a"));
        var next = New();
        await Assert.ThrowsAsync<NetworkException>(() => next.KeepAsync(new HashSet<string>(), Ends));
        File.Delete(obstacle);
        await next.KeepAsync(new HashSet<string>(), Ends);
        Assert.Empty(Leases);
    }

    [RootFact]
    public async Task A_network_that_is_not_as_it_was_made_is_made_anew()
    {
        var network = await BeginAsync();
        var before = await network.AddAsync("a", Nothing, Ends);
        await HostTool.RunAsync("ip", ["-n", Path.GetFileName(before.Namespace), "route", "del", "default"], "", Ends);
        var after = await network.AddAsync("a", Nothing, Ends);
        Assert.Contains("default via", await HostTool.RunAsync("ip", ["-n", Path.GetFileName(after.Namespace), "route", "show", "default"], "", Ends), StringComparison.Ordinal);
        Assert.Single(Leases);
    }

    [RootFact]
    public async Task A_configuration_is_waited_for_and_a_fault_names_its_file()
    {
        var file = Path.Combine(Configurations, "10-spec.conflist");
        File.Delete(file);
        var network = New();
        await FaultAsync($"{Configurations} has no network configuration (*.conf, *.conflist or *.json)");
        await File.WriteAllTextAsync(file, "{}");
        await FaultAsync($"{file}: \"name\" must be letters");
        Configure("""{ "type": "missing" }""");
        await FaultAsync($"{file}: plugin missing is not in {Programs}:{Debian}");
        Configure();
        await network.UseAsync(Range.ToString(), Ends);
        Assert.Null(network.Fault);
        Assert.NotNull(await network.AddAsync("a", Nothing, Ends));

        async Task FaultAsync(string expected)
        {
            var told = await Assert.ThrowsAsync<NetworkException>(() => network.UseAsync(Range.ToString(), Ends));
            Assert.StartsWith(expected, told.Message, StringComparison.Ordinal);
            Assert.Equal(told.Message, network.Fault);
            Assert.Equal(told.Message, (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("a", Nothing, Ends))).Message);
        }
    }

    // Debian's plugins do not know the version yet in which this can be asked.
    [RootFact]
    public async Task A_plugin_is_asked_whether_it_is_ready_and_told_once_what_is_still_used()
    {
        var (told, obstacle) = (Path.Combine(Folder.FullName, "told"), Path.Combine(Folder.FullName, "obstacle"));
        Script("modern", $$"""
            case "$CNI_COMMAND" in
              ADD) echo '{ "ips": [ { "address": "192.0.2.7/24" } ] }' ;;
              GC) cat >> {{told}} ;;
              STATUS) if [ -e {{obstacle}} ]; then echo '{ "code": 50, "msg": "the daemon is away" }'; exit 1; fi ;;
            esac
            """, "1.1.0");
        var file = Path.Combine(Configurations, "10-spec.conflist");
        await File.WriteAllTextAsync(file, """{ "cniVersions": [ "1.0.0", "1.1.0" ], "name": "n", "plugins": [ { "type": "modern" } ] }""");
        await (await BeginAsync()).AddAsync("a", Nothing, Ends);
        Assert.Equal("""{"type":"modern","cniVersion":"1.1.0","name":"n","cni.dev/valid-attachments":[]}""", await File.ReadAllTextAsync(told));
        File.Delete(told);
        var next = await BeginAsync();
        await next.AddAsync("b", Nothing, Ends);
        Assert.Equal("""{"type":"modern","cniVersion":"1.1.0","name":"n","cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}]}""", await File.ReadAllTextAsync(told));
        Assert.Null(await next.GatewayAsync(Ends));

        await File.WriteAllTextAsync(obstacle, "");
        await Assert.ThrowsAsync<NetworkException>(() => next.UseAsync(Range.ToString(), Ends));
        Assert.Equal("plugin modern: the daemon is away (code 50)", next.Fault);
        await Assert.ThrowsAsync<NetworkException>(() => next.AddAsync("c", Nothing, Ends));
        File.Delete(obstacle);
        await next.UseAsync(Range.ToString(), Ends);
        Assert.Null(next.Fault);
    }

    [RootFact]
    public async Task The_range_of_the_node_is_told_to_who_wants_it()
    {
        Configure(ranges: "");
        var network = New();
        Assert.Contains("spec.podCIDR", (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("a", Nothing, Ends))).Message, StringComparison.Ordinal);
        await network.UseAsync(Range.ToString(), Ends);
        Assert.True(Range.Contains((await network.AddAsync("a", Nothing, Ends)).Address));
    }

    [RootFact]
    public async Task A_plugin_that_says_too_much_or_never_ends_is_ended()
    {
        Script("loud", "yes; sleep 1000");
        Script("stuck", "sleep 1000");
        Script("deaf", "exec 0<&-; echo '{ \"supportedVersions\": [] }'");
        var time = new FakeTimeProvider();
        var programs = new CniPrograms([Programs], time);
        Assert.Equal("plugin loud printed more than 1048576 bytes", (await Assert.ThrowsAsync<NetworkException>(() => programs.RunAsync(CniCommand.Add, "loud", [], null, Ends))).Message);
        var stuck = programs.RunAsync(CniCommand.Add, "stuck", [], null, Ends);
        time.Advance(CniCommand.Add.Bound);
        Assert.Equal("plugin stuck did not end ADD within 60 s", (await Assert.ThrowsAsync<NetworkException>(() => stuck)).Message);
        Assert.Contains("supportedVersions", await programs.RunAsync(CniCommand.Version, "deaf", new() { ["long"] = new string('x', 1 << 18) }, null, Ends), StringComparison.Ordinal);
        Assert.StartsWith("plugin none is not in", (await Assert.ThrowsAsync<NetworkException>(() => programs.RunAsync(CniCommand.Add, "none", [], null, Ends))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(Programs, "text"), "no program");
        Assert.StartsWith("plugin text cannot be run", (await Assert.ThrowsAsync<NetworkException>(() => programs.RunAsync(CniCommand.Add, "text", [], null, Ends))).Message, StringComparison.Ordinal);
    }

    private protected override IPodNetwork New() => New(TimeProvider.System);

    private CniNetwork New(TimeProvider time) => new(Names, Records, Configurations, new CniPrograms([Programs, Debian], time));

    // The engine lets no packet pass that it does not know, so the chain has the plugin that lets those of pods pass.
    private void Configure(string further = "", string? ranges = null)
    {
        Directory.CreateDirectory(Path.Combine(Folder.FullName, "leases"));
        File.WriteAllText(Path.Combine(Configurations, "10-spec.conflist"), $$"""
            { "cniVersion": "1.0.0", "name": "{{Bridge}}", "plugins": [
              { "type": "bridge", "bridge": "{{Bridge}}", "isGateway": true, "ipMasq": true, "hairpinMode": true, {{(ranges is null ? "" : """ "capabilities": { "ipRanges": true }, """)}}
                "ipam": { "type": "host-local", "dataDir": "{{Path.Combine(Folder.FullName, "leases")}}", "routes": [ { "dst": "0.0.0.0/0" } ]{{ranges ?? $", \"ranges\": [ [ {{ \"subnet\": \"{Range}\" }} ] ]"}} } },
              { "type": "firewall" },
              { "type": "portmap", "capabilities": { "portMappings": true } }{{(further.Length == 0 ? "" : ", " + further)}} ] }
            """);
    }

    // A plugin that knows the version, and the configuration of it.
    private string Script(string type, string text, string version = "1.0.0")
    {
        var file = Path.Combine(Programs, type);
        File.WriteAllText(file, $$"""
            #!/bin/sh
            [ "$CNI_COMMAND" = VERSION ] && [ {{type}} != deaf ] && { echo '{ "supportedVersions": [ "{{version}}" ] }'; exit 0; }
            {{text}}

            """);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return $$"""{ "type": "{{type}}" }""";
    }
}
