using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Policies;

/// <summary>What looks like neighbor discovery is no way past a policy, though pods find their host by it.</summary>
[Collection(nameof(PolicyWorlds))]
public sealed class NeighborDiscoverySpec(PolicyWorld world)
{
    private const byte NeighborAdvertisement = 136;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Advertisements_to_others_are_dropped_like_anything_else()
    {
        Assert.Equal("free", await SendAsync("free", Bound));
        await world.ChangeAsync(() => world.Fed.CreateAsync("""
            { "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "namespace": "x", "name": "deny", "uid": "deny" }, "spec": { "podSelector": {}, "policyTypes": [ "Egress" ] } }
            """));
        Assert.Null(await SendAsync("secret", Patience));
        await world.ChangeAsync(() => world.Fed.DeleteAsync(NetworkPolicyDefinition.Instance.Key("x", "deny")));
        Assert.Equal("again", await SendAsync("again", Bound));
    }

    // What arrives of an advertisement from x/a to y/a with a text in it; null for nothing.
    private async Task<string?> SendAsync(string text, TimeSpan patience)
    {
        using var from = await OpenAsync("x/a");
        using var to = await OpenAsync("y/a");
        using var bound = new CancellationTokenSource(patience);
        await from.SendToAsync(new byte[] { NeighborAdvertisement, 0, 0, 0, 0, 0, 0, 0 }.Concat(Encoding.ASCII.GetBytes(text)).ToArray(), new IPEndPoint(IPAddress.Parse(world.AddressOf("y/a", AddressFamily.InterNetworkV6)), 0), CancellationToken.None);
        var buffer = new byte[100];
        try
        {
            while (true)
            {
                var length = (await to.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.IPv6Any, 0), bound.Token)).ReceivedBytes;
                if (buffer[0] == NeighborAdvertisement && length == 8 + text.Length && Encoding.ASCII.GetString(buffer, 8, text.Length) is var said && said == text)
                {
                    return said;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Socket> OpenAsync(string pod)
    {
        using var handle = File.OpenHandle(world.NetworkOf(pod).Namespace);
        return await NamespaceThread.RunAsync(handle, () =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            return socket;
        });
    }
}
