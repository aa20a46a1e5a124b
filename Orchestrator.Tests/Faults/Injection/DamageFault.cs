using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>A row of the journal becomes unreadable while its host is down. It costs its own object, which nobody else uses; then the row is repaired.</summary>
internal sealed class DamageFault : IFault
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private string _name = "";
    private byte[] _message = [];
    private int _step;

    public string Name => "damage";

    public TimeSpan Longest => TimeSpan.FromSeconds(3);

    public bool Fits(FaultCluster cluster) => cluster.Journal.Length > 0;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        var host = cluster.Hosts[0];
        _name = $"damaged-{++_step}";
        var created = await host.Api.SendAsync(HttpMethod.Post, Maps, new JsonObject { ["metadata"] = new JsonObject { ["name"] = _name } });
        if (!created.IsSuccess)
        {
            throw new InvalidOperationException($"{_name}: {created}");
        }

        await host.TerminateAsync();
        Sql(cluster, command =>
        {
            command.CommandText = "SELECT message FROM journal WHERE persistence_id = @id ORDER BY sequence_number DESC LIMIT 1";
            _message = (byte[])command.ExecuteScalar()!;
        });
        Write(cluster, _message[..(_message.Length / 2)]);
        await cluster.RecoverAsync();
        var read = await host.Api.GetAsync($"{Maps}/{_name}");
        return read.Status == 500 && read.Message.Contains("cannot be read", StringComparison.Ordinal) ? $"the row of {_name}"
            : throw new InvalidOperationException($"{_name} was damaged, and a get says {read}");
    }

    public async Task HealAsync(FaultCluster cluster)
    {
        await cluster.Hosts[0].TerminateAsync();
        Write(cluster, _message);
        await cluster.RecoverAsync();
        if (await cluster.Hosts[0].Api.GetAsync($"{Maps}/{_name}") is { IsSuccess: false } read)
        {
            throw new InvalidOperationException($"{_name} was repaired, and a get says {read}");
        }
    }

    private void Write(FaultCluster cluster, byte[] message) => Sql(cluster, command =>
    {
        command.CommandText = "UPDATE journal SET message = @message WHERE persistence_id = @id";
        command.Parameters.AddWithValue("@message", message);
        command.ExecuteNonQuery();
    });

    private void Sql(FaultCluster cluster, Action<SqliteCommand> run)
    {
        using var journal = new SqliteConnection($"Data Source={cluster.Journal};Pooling=False");
        journal.Open();
        using var command = journal.CreateCommand();
        command.Parameters.AddWithValue("@id", $"configmaps/default/{_name}");
        run(command);
    }
}
